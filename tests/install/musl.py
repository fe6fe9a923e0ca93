#!/usr/bin/python3
"""The runtime and musl.

    musl.py GATEWRIGHT

Every file of the runtime is compiled by musl-gcc without a warning. With TESTS_FULL=1 the libraries that an
SQLite-only program needs are built for musl from Debian's sources, the school is linked with them, statically,
and answers."""
import glob, os, re, shutil, subprocess, sys, tempfile
from suites import run_suites

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
GATEWRIGHT = os.path.abspath(sys.argv[1])
FULL = os.environ.get("TESTS_FULL") == "1"
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wshadow"]
JOBS = str(os.cpu_count())
# Sources of Debian, in the order in which they are built.
LIBRARIES = ["jansson", "openssl", "libxcrypt", "sqlite3"]

top = tempfile.TemporaryDirectory(prefix="gatewright-musl.")


def run(*command, cwd=top.name, **more):
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(command[:8])} ...: {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def sources(*more):
    """The files of the runtime, as its build has them; without the optional ones unless they are named."""
    text = open(os.path.join(ROOT, "runtime/meson.build")).read()
    files = re.findall(r"^  '([a-z_/0-9]+\.c)',$", text, re.M)
    assert len(files) > 90, len(files)
    return [os.path.join(ROOT, "runtime", file) for file in [*files, *more]]


def headers_of_others():
    """Headers of this machine's libraries, in a folder without those of its C library."""
    folder = os.path.join(top.name, "headers")
    for name in ("openssl", "sys"):
        os.makedirs(os.path.join(folder, name))
    for pattern in ("jansson*.h", "sqlite3*.h", "mariadb", "crypt.h", "fcgi*.h"):
        found = glob.glob("/usr/include/" + pattern) + glob.glob("/usr/include/x86_64-linux-gnu/" + pattern)
        assert found, pattern
        for path in found:
            os.symlink(path, os.path.join(folder, os.path.basename(path)))
    for path in glob.glob("/usr/include/openssl/*") + glob.glob("/usr/include/*-linux-gnu/openssl/*"):
        os.symlink(path, os.path.join(folder, "openssl", os.path.basename(path)))
    # libxcrypt's header was made for glibc: it wants three macros of its <sys/cdefs.h>.
    with open(os.path.join(folder, "sys/cdefs.h"), "w") as file:
        file.write("#define __BEGIN_DECLS\n#define __END_DECLS\n#define __THROW\n")
    return folder


def compile_all(files, flags, folder):
    """The objects; JOBS compilers at a time."""
    commands = []
    for file in files:
        target = os.path.join(folder, re.sub(r"\W", "_", os.path.relpath(file, ROOT)) + ".o")
        commands.append((["musl-gcc", "-std=gnu11", "-O2", "-D_GNU_SOURCE", *WARNINGS, "-I" + ROOT + "/runtime", *flags,
                          "-c", file, "-o", target], target))
    with open(os.path.join(top.name, "Makefile"), "w") as file:
        file.write("all: " + " ".join(target for _, target in commands) + "\n")
        for command, target in commands:
            file.write(f"{target}:\n\t" + " ".join("'%s'" % word for word in command) + "\n")
    run("make", "-s", "-j", JOBS)
    return [target for _, target in commands]


def test_the_runtime_compiles():
    headers = headers_of_others()
    text = open(os.path.join(ROOT, "runtime/meson.build")).read()
    optional = re.findall(r"^    '(store/mysql/\w+\.c)',$", text, re.M) + ["transport/libfcgi.c"]
    assert len(optional) > 8, optional
    folder = os.path.join(top.name, "objects")
    os.mkdir(folder)
    compile_all(sources(*optional), ["-I" + headers, "-I" + headers + "/mariadb", "-DGW_HAVE_MYSQL", "-DGW_HAVE_LIBFCGI"],
                folder)


def fetch_sources():
    """Debian's sources of LIBRARIES, unpacked. apt is given a state of its own."""
    state = os.path.join(top.name, "apt")
    for folder in ("lists/partial", "archives/partial", "sources"):
        os.makedirs(os.path.join(state, folder))
    listing = os.path.join(state, "sources.list")
    with open(listing, "w") as file:
        file.write("deb-src http://deb.debian.org/debian bookworm main\n")
    apt = ["apt-get", "-q", "-o", f"Dir::Etc::sourcelist={listing}", "-o", "Dir::Etc::sourceparts=/dev/null",
           "-o", f"Dir::State={state}", "-o", f"Dir::State::lists={state}/lists", "-o", f"Dir::Cache={state}",
           "-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none"]
    run(*apt, "update")
    run(*apt, "source", *LIBRARIES, cwd=os.path.join(state, "sources"))
    found = {}
    for name in LIBRARIES:
        found[name], = glob.glob(os.path.join(state, "sources", name + "-[0-9]*/"))
    return found


def build_libraries(prefix):
    folders = fetch_sources()
    # musl-gcc has no headers of the kernel, which OpenSSL wants.
    kernel = os.path.join(top.name, "kernel")
    os.mkdir(kernel)
    for name in ("linux", "asm-generic"):
        os.symlink("/usr/include/" + name, os.path.join(kernel, name))
    os.symlink(glob.glob("/usr/include/x86_64-linux-gnu/asm")[0], os.path.join(kernel, "asm"))
    env = dict(os.environ, CC="musl-gcc -idirafter " + kernel, CFLAGS="-O1")
    run("./Configure", "linux-x86_64", "no-shared", "no-tests", "no-async", "no-engine", "--prefix=" + prefix,
        "--libdir=lib", cwd=folders["openssl"], env=env)
    run("make", "-s", "-j", JOBS, "build_libs", cwd=folders["openssl"], env=env)
    run("make", "-s", "install_dev", cwd=folders["openssl"], env=env)
    for name, options in (("jansson", []), ("libxcrypt", ["--disable-werror", "--disable-obsolete-api"]), ("sqlite3", ["--disable-tcl", "--disable-readline"])):
        if not os.path.exists(os.path.join(folders[name], "configure")):
            run("autoreconf", "-i", cwd=folders[name])
        run("./configure", "--prefix=" + prefix, "--disable-shared", "--enable-static", *options, cwd=folders[name], env=env)
        run("make", "-s", "-j", JOBS, *(["libsqlite3.la"] if name == "sqlite3" else []), cwd=folders[name], env=env)
        if name == "sqlite3":
            shutil.copy(os.path.join(folders[name], "sqlite3.h"), prefix + "/include")
            shutil.copy(os.path.join(folders[name], ".libs/libsqlite3.a"), prefix + "/lib")
        else:
            run("make", "-s", "install", cwd=folders[name], env=env)


def test_the_school_is_linked_and_answers():
    prefix = os.path.join(top.name, "prefix")
    build_libraries(prefix)
    generated = os.path.join(top.name, "school")
    run(GATEWRIGHT, "gen", os.path.join(ROOT, "routes.def"), "-o", generated)
    page = os.path.join(generated, "page.h")
    run("gcc", os.path.join(ROOT, "gen/embed.c"), "-o", os.path.join(top.name, "embed"))
    school = os.path.join(ROOT, "examples/school")
    scripts = ",".join("%s/page/%s.js" % (school, name) for name in ("answer", "session", "account", "lessons", "heads", "start"))
    with open(page, "w") as file:
        subprocess.run([os.path.join(top.name, "embed")] + ["%s=%s/page/%s" % pair for pair in (
            ("page_head", school, "head.html"), ("page_css", school, "style.css"), ("page_body", school, "body.html"))] +
            ["page_js=" + scripts], stdout=file, check=True)
    files = sources() + glob.glob(school + "/*.c") + glob.glob(generated + "/*.c")
    folder = os.path.join(top.name, "linked")
    os.mkdir(folder)
    objects = compile_all(files, ["-I" + prefix + "/include", "-I" + generated], folder)
    program = os.path.join(top.name, "school.musl")
    run("musl-gcc", "-static", *objects, "-o", program, "-L" + prefix + "/lib", "-lsqlite3", "-ljansson", "-lcrypto",
        "-lcrypt", "-lm")
    assert "statically linked" in run("file", program)
    print(run(program, "--version"))
    run_suites(os.path.dirname(os.path.dirname(GATEWRIGHT)), program)


test_the_runtime_compiles()
if FULL:
    test_the_school_is_linked_and_answers()
