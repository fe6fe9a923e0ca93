#!/usr/bin/env python3
"""Every identifier that <gatewright.h>, jansson, the C library and the compilers declare, and those that
the libraries export, as a name in routes.def: the compiler refuses it with a message, or takes it, and
then the generated code compiles without a warning, by gcc and clang, before and behind all those headers,
and takes no symbol of a library. For each role: handler, table, entity, statement, body, column, member,
parameter.

usage: identifiers.py GATEWRIGHT RUNTIME [--sample N | --rewrite CHECK]

--sample N     every Nth name alone
--rewrite DIR  adds what the headers of today declare to c_identifiers.c and c_macros.c in DIR
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import textwrap

parser = argparse.ArgumentParser()
parser.add_argument("gatewright", type=os.path.abspath)
parser.add_argument("runtime", type=os.path.abspath)
parser.add_argument("--sample", type=int, default=1)
parser.add_argument("--rewrite")
args = parser.parse_args()
top = tempfile.TemporaryDirectory(prefix="gatewright-identifiers.")

C11 = """assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string threads time uchar wchar wctype""".split()
POSIX = """aio arpa/inet dirent dlfcn fcntl fmtmsg fnmatch ftw glob grp iconv langinfo libgen monetary mqueue
    net/if netdb netinet/in netinet/tcp nl_types poll pthread pwd regex sched search semaphore spawn strings
    sys/ipc sys/mman sys/msg sys/resource sys/select sys/sem sys/shm sys/socket sys/stat sys/statvfs sys/time
    sys/times sys/types sys/uio sys/un sys/utsname sys/wait syslog tar termios unistd utime utmpx
    wordexp""".split()
OURS = ["jansson", "gatewright", "generated"]  # what routes.h includes
FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-O1", "-I" + args.runtime]
STRICT = ["-Wall", "-Wextra", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wno-unused-parameter",
          "-Wno-deprecated", "-Werror", "-fmax-errors=0"]
COMPILERS = {"gcc": [], "clang": ["-ferror-limit=0", "-Wno-unknown-warning-option"]}
LIBRARIES = ["jansson", "libcrypto", "libxcrypt", "sqlite3", "libmariadb", "fcgi"]


def out(*command, **more):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **more).stdout


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    return path


def includes(headers):
    return "".join("#include <%s.h>\n" % header for header in headers)


def exported():
    """The symbols of the shared libraries that a program is linked with."""
    words = out("pkg-config", "--libs", *LIBRARIES).split() + ["-lm", "-lc"]
    names = set()
    for word in words:
        if word.startswith("-l"):
            path = out("gcc", "-print-file-name=lib%s.so" % word[2:]).strip()
            if open(path, "rb").read(4) != b"\x7fELF":  # a linker script names the file
                path = re.search(r"/\S+\.so\.\d+", open(path).read()).group(0)
            for line in out("nm", "-D", "--defined-only", path).splitlines():
                names.add(line.split()[-1].partition("@")[0])
    return names


def collected(libraries):
    source = write(top.name + "/all.c", includes(C11 + POSIX + OURS + ["matcher"]))
    names = set(libraries)
    for compiler in COMPILERS:
        for mode in ("-E", "-dM"):
            text = out(compiler, *FLAGS, "-E", *([mode] if mode == "-dM" else []), "-P", source)
            text = re.sub(r'"(\\.|[^"\\])*"', '""', text)
            names.update(re.findall(r"[A-Za-z_]\w*", text))
    # Built into gcc, declared or not.
    names.update(re.findall(r"[A-Za-z_]\w*", out("gcc", "-std=gnu2x", "-dM", "-E", "-x", "c", "/dev/null")))
    return names


def macros_of(compiler, source):
    """Macros that are no functions."""
    return set(re.findall(r"^#define (\w+)(?: |$)", out(compiler, *FLAGS, "-dM", "-E", source), re.M))


def declared(compiler, names):
    """Those of `names` that mean something already where a function is declared."""
    lines = "".join('#line %d "names"\nint %s(struct gw_nothing *);\n' % (i, name) for i, name in enumerate(names))
    source = write(top.name + "/declared.c", includes(C11 + OURS) + "struct gw_nothing;\n" + lines)
    strict = {"gcc": ["-fmax-errors=0", "-Werror=builtin-declaration-mismatch"],
              "clang": ["-ferror-limit=0", "-Werror=incompatible-library-redeclaration"]}[compiler]
    done = subprocess.run([compiler, *FLAGS, *strict, "-fsyntax-only", source], text=True, stderr=subprocess.PIPE)
    return {names[int(i)] for i in re.findall(r"^names:(\d+):\d+: error", done.stderr, re.M)}


def rewrite(folder, names, libraries):
    """C23's keywords are a list of their own, and names with gw_ are refused as such."""
    keywords = set(re.findall(r'"(\w+)"', re.search(r"keywords\[\] = \{(.*?)\}", open(folder + "/c_names.c").read(),
                                                   re.S).group(1)))
    source = write(top.name + "/ours.c", includes(C11 + OURS))
    macros = {m for compiler in COMPILERS for m in macros_of(compiler, source)}
    plain = sorted(n for n in names if re.fullmatch("[A-Za-z][A-Za-z0-9_]*", n) and n not in macros)
    found = {"c_macros": macros, "c_identifiers": {n for c in COMPILERS for n in declared(c, plain)}}
    # A table's call would take the place of a library's function of that name, declared or not.
    found["c_identifiers"] |= {n for n in libraries if n.endswith(tuple("_" + s for s in SUFFIXES))}
    for array, new in found.items():
        path = "%s/%s.c" % (folder, array)
        text = open(path).read()
        head, begin, rest = text.partition("%s[] = {\n" % array)
        old, end, tail = rest.partition("};\n")
        new = {n for n in new if re.fullmatch("[A-Za-z][A-Za-z0-9_]*", n) and not n.lower().startswith("gw")}
        listed = ", ".join('"%s"' % n for n in sorted(new - keywords | set(re.findall(r'"(\w+)"', old)))) + ","
        write(path, head + begin + textwrap.fill(listed, 100, initial_indent="    ", subsequent_indent="    ")
              + "\n" + end + tail)


SUFFIXES = ["find", "insert", "update", "delete", "list", "json", "write_json", "of", "create_token", "row",
            "column", "body"]


def candidates(names):
    """Names as routes.def has them: those themselves, and those of which a collected name would be made."""
    usable = {n for n in names if re.fullmatch(r"[a-z][a-z0-9_]{0,63}", n)}
    for name in names:
        for suffix in SUFFIXES:
            if name.endswith("_" + suffix):
                usable.add(name[:-len(suffix) - 1])
        if name.startswith("url_"):
            usable.add(name[4:])
    return sorted(n for n in usable if re.fullmatch(r"[a-z][a-z0-9_]{0,63}", n))


def constants(names):
    """A table and a column for every macro or enumerator TABLE_COLUMN."""
    found = set()
    for name in names:
        if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", name):
            parts = name.lower().split("_")
            for i in range(1, len(parts)):
                if parts[i][0].isalpha():
                    found.add((i, "_".join(parts[:i]), "_".join(parts[i:])))
    # One constant parted in two ways never stands in one file.
    return [(table, column) for _, table, column in sorted(found)]


# Role -> what stands once, and lines for the name number i. Names of ours begin with `zz`.
ENTITY = "entity zzusers { id int key auto }\n"
ROLES = {
    "handler": (ENTITY, lambda i, n: "POST /r%d/{id:int} zzusers %s\n" % (i, n)),
    "table": ("", lambda i, n: "table %s { id int key; zzo text max 9 unique; zzr int references %s }\n" % (n, n)),
    "entity": ("", lambda i, n: "entity %s { id int key auto; zzo text max 9 unique }\nGET /r%d %s zzh%d\n"
               % (n, i, n, i)),
    "statement": (ENTITY, lambda i, n: "sql %s(a int) many zzusers: SELECT id FROM zzusers WHERE id = :a\n" % n),
    "statement with columns": (ENTITY, lambda i, n: "sql %s(a int) many { b int }: SELECT id AS b FROM zzusers"
                               " WHERE id = :a\n" % n),
    "body": ("", lambda i, n: "body %s { a int }\nPOST /r%d whitelisted zzh%d(%s)\n" % (n, i, i, n)),
    "column": ("table zzk { id int key }\n", lambda i, n: "table zzt%d { id int key; %s text max 9 unique }\n"
               "table zzs%d { id int key; %s int references zzk }\ntable zzu%d { %s int key }\n" % (i, n, i, n, i, n)),
    "member": ("", lambda i, n: "body zzb%d { %s text }\nbody zzc%d { %s [int] optional }\n"
               "POST /r%d whitelisted zzh%d(query zzb%d)\nPOST /s%d whitelisted zzi%d(zzc%d)\n"
               % (i, n, i, n, i, i, i, i, i, i)),
    "parameter": ("entity zzusers { id int key }\ntable zzt { id int key; o int references zzusers }\n",
                  lambda i, n: "PUT /r%d/{%s:int} zzusers zzh%d own zzt(id = {%s}, o = me)\n"
                  "GET /s%d/{%s} zzusers zzg%d\n" % (i, n, i, n, i, n, i)),
    "statement's parameter": (ENTITY, lambda i, n: "sql zzf%d(%s int) exec: UPDATE zzusers SET id = id WHERE id = :%s\n"
                              % (i, n, n)),
    "statement's column": (ENTITY, lambda i, n: "sql zzf%d(zza int) one { %s int }: SELECT id AS %s FROM zzusers"
                           " WHERE id = :zza\n" % (i, n, n)),
    "constant": ("", None),  # by source_of
}
HOME = "GET / ignored zzhome\n"


def source_of(role, numbered):
    """A routes.def with those names, and for each of its lines the numbers of the names there."""
    head, line = ROLES[role]
    text, owner, table = HOME + head, [()] * (HOME + head).count("\n"), None
    for i, name in numbered:
        added = line(i, name) if line else "    %s int\n" % name[1]
        if not line and name[0] != table:
            text += ("}\n" if table else "") + "table %s { zzid int key\n" % name[0]
            owner += ([()] if table else []) + [{j for j, other in numbered if other[0] == name[0]}]
            table = name[0]
        text += added
        owner += [{i}] * added.count("\n")
    return text + ("}\n" if table else ""), owner


def refused(role, numbered):
    """The numbers of those names that the compiler refuses. At most 100 errors are printed at once."""
    bad = set()
    for at in range(0, len(numbered), 25):
        text, owner = source_of(role, numbered[at:at + 25])
        where = write("%s/%s/check/routes.def" % (top.name, role), text)
        done = subprocess.run([args.gatewright, "check", where], text=True, stderr=subprocess.PIPE)
        assert done.returncode in (0, 1), done
        found = set(re.findall(r"routes\.def:(\d+):\d+: error: ", done.stderr))
        assert bool(found) == bool(done.returncode), done.stderr
        for row in found:
            assert owner[int(row) - 1], done.stderr
            bad |= owner[int(row) - 1]
    return bad


def compiles(role, folder, libraries, headers):
    """What is wrong with generated code: errors, and symbols that a library has."""
    wrong = []
    first = write(folder + "/behind.c", headers + '#include "routes.h"\n')
    last = write(folder + "/before.c", '#include "routes.h"\n' + headers)
    for compiler, more in COMPILERS.items():
        for source in ("routes.c", "entities.c", first, last):
            output = "%s/%s.o" % (folder, os.path.basename(source))
            command = [compiler, *FLAGS, *STRICT, *more, "-O0", "-I" + folder, "-c", os.path.join(folder, source), "-o", output]
            if compiler == "clang":
                command.remove("-fmax-errors=0")
            done = subprocess.run(command, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            if done.returncode:
                wrong.append("%s %s:\n%s" % (compiler, os.path.basename(source), done.stderr))
    for name in ("routes", "entities"):
        if not wrong:
            for line in out("nm", "-g", "--defined-only", "%s/%s.c.o" % (folder, name)).splitlines():
                if line.split()[-1] in libraries:
                    wrong.append("%s takes a library's symbol: %s\n" % (role, line.split()[-1]))
    return wrong


def files(role, numbered):
    """The names in the parts that one file can hold: of entities and columns at most 64, and not the tables `x`
    and `x_write`, whose calls meet."""
    most, part = 60 if role in ("entity", "constant") else 1000, []
    for i, name in numbered:
        meets = role == "constant" and any(name[0].startswith(other[0] + "_") for _, other in part)
        if meets or len(part) == most:
            yield part
            part = []
        part.append((i, name))
    if part:
        yield part


def tried(role, names, libraries, headers):
    numbered = list(enumerate(names))
    bad = refused(role, numbered)
    good = [(i, n) for i, n in numbered if i not in bad]
    wrong = []
    for at, part in enumerate(files(role, good)):
        folder = "%s/%s/%d" % (top.name, role.replace(" ", "-").replace("'", ""), at)
        where = write(folder + "/routes.def", source_of(role, part)[0])
        # No name reaches the matcher: re2c's part is played by a program that writes nothing.
        done = subprocess.run([args.gatewright, "gen", where, "-o", folder, "--re2c", NO_RE2C], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        wrong += [done.stdout] if done.returncode else compiles(role, folder, libraries, headers)
    return role, len(names), len(bad), wrong


NO_RE2C = write(top.name + "/re2c", "#!/bin/sh\ncat >/dev/null\n")
os.chmod(NO_RE2C, 0o755)
headers, libraries = includes(C11), exported()
names = collected(libraries)
if args.rewrite:
    rewrite(args.rewrite, names, libraries)
    sys.exit()
usable = candidates(names)
assert len(usable) > 4000 and {"errno", "unix", "linux", "stdin", "json_dumps", "signal", "major"} <= set(usable)

work = [(role, (constants(names) if role == "constant" else usable)[::args.sample]) for role in ROLES]
failed = False
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for role, n, n_refused, wrong in pool.map(lambda w: tried(*w, libraries, headers), work):
        print("%-22s %5d names, %5d refused, %d faults" % (role, n, n_refused, len(wrong)), flush=True)
        for text in wrong:
            failed = True
            print(text[:int(os.environ.get("IDENTIFIERS_OURS", "3000"))])
sys.exit(failed)
