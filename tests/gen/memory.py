#!/usr/bin/env python3
"""Memory grows with the source, not faster: peak resident memory of `gatewright` on sources that were
made to cost as much as possible (without re2c, whose memory is its own), at most 128 MiB and 256 bytes for each byte of the source. And the
limits that are too large for a case: each has its error.

usage: memory.py GATEWRIGHT
"""
import os
import random
import sys
import tempfile

GATEWRIGHT = os.path.abspath(sys.argv[1])
FIXED, PER_BYTE = 128 << 20, 256
rng = random.Random(1)


def lines(n, format):
    return "".join(format.replace("#", str(i)) + "\n" for i in range(n))


def path(n, at, word):
    return "/" + "/".join(word if i == at else "{p%d}" % i for i in range(n))


def doubling(levels):
    files = {"f%d.def" % i: 'include "f%d.def"\n' % (i + 1) * 2 for i in range(1, levels)}
    return dict(files, **{"f%d.def" % levels: "# " + "x" * 1000 + "\n",
                          "routes.def": 'include "f1.def"\ninclude "f1.def"\n'})


ENTITY = "entity u { id int key }\n"
# Name -> source, or files; then an error that must be in the answer, or None for sources that are good.
CASES = {
    "mistakes": (lines(200000, "x"), "199900 more errors"),
    "parentheses": ("(" * 1000000, "expected a statement"),
    "newlines": ("\n" * 1000000, "there are no routes"),
    "open blocks": (lines(100000, "body b {"), "error"),
    "routes": (lines(8000, "GET /r#/{a:int}/x ignored h#"), None),
    "more routes than there may be": (lines(65535, "GET /r# ignored h"), "more than 65534 routes"),
    "more tables than there may be": (ENTITY + lines(4097, "table t# { id int key }"),
                                      "more than 4096 entities and tables"),
    "more bodies than there may be": (lines(4097, "body b# { a int }"), "more than 4096 bodies"),
    "a long prefix": ("prefix /" + "a" * 255 + "\n" + lines(10000, "GET /r# whitelisted h#"),
                      "256 bytes; 255 is the most"),
    "the longest prefix": ("prefix /" + "a" * 254 + "\n" + lines(8000, "GET /r# whitelisted h#"), None),
    "one long line": ("GET /" + "a" * 4000000 + " ignored h\n", "8000 is the most"),
    "a long string": ('cors "' + "a" * 4000000 + '"\n', "is not an origin"),
    "a long name": ("a" * 4000000, "begins neither"),
    "equal routes": (lines(20000, "GET /{a#:int} ignored h#"), "there twice"),
    "crossed routes": ("".join("GET /l%d/x%d ignored h%d\nGET /{a}/c%d ignored g%d\n" % (i, i, i, i, i)
                               for i in range(3000)), "overlap in too many ways"),
    "all subsets": ("".join("GET %s ignored h%d\n" % (path(17, i, "a"), i) for i in range(17)),
                    "overlap in too many ways"),
    "suffixes": ("".join("GET /%s{a}%s ignored h%d\n" % ("a" * i, "b" * i, i) for i in range(1, 255)),
                 "overlap in too many ways"),
    "word lists": ("".join("GET /{a:%s}/{b} ignored h%d\n"
                           % ("|".join("w%d_%d" % (i, j) for i in range(700)), j)
                           for j in range(100)), None),
    "unknown entities": (ENTITY + lines(20000, "GET /r# x# h#"), "is not an entity"),
    "statements": (ENTITY + "GET / u h\n" + lines(8000, "sql s#() many u: SELECT * FROM u WHERE id > #"),
                   None),
    "own terms": (ENTITY + "table t { id int key; a int references u }\nPUT /x u h own t("
                  + "a = me, " * 200000 + "a = me)\n", "error"),
    "files that double": (doubling(15), "more than 1000 files"),
    "files that are large together": ({"routes.def": 'include "a.def"\n' * 400,
                                       "a.def": "# " + "x" * 100000 + "\n"},
                                      "all included files have more than 8 MiB together"),
    "a large file": ("#" * (8 << 20) + "\n", "it has more than 8 MiB"),
    "noise": (bytes(rng.randrange(256) for _ in range(200000)), "error"),
    "noise of tokens": (bytes(rng.choice(b'GET /{}:()|= \nabc"#') for _ in range(300000)), "error"),
}


def run(folder, command):
    """(status, standard error, peak resident bytes)"""
    log = os.open(os.path.join(folder, "log"), os.O_CREAT | os.O_TRUNC | os.O_RDWR)
    null = os.open(os.devnull, os.O_RDWR)
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        os.dup2(null, 1)
        os.dup2(log, 2)
        os.execv(GATEWRIGHT, [GATEWRIGHT, *command])
    _, status, usage = os.wait4(pid, 0)
    os.lseek(log, 0, os.SEEK_SET)
    text = os.read(log, 1 << 20).decode("utf-8", "replace")
    os.close(log)
    os.close(null)
    return status, text, usage.ru_maxrss * 1024


def check(name, files, error):
    if not isinstance(files, dict):
        files = {"routes.def": files}
    with tempfile.TemporaryDirectory() as folder:
        size = 0
        for file, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            size += len(data)
            with open(os.path.join(folder, file), "wb") as out:
                out.write(data)
        bad = []
        commands = [["check"], ["fmt", "--stdout"]]
        if not error:
            commands += [["gen", "routes.def", "-o", "out", "--re2c", "true"], ["routes"], ["openapi"], ["tests"]]
        for command in commands:
            status, text, peak = run(folder, command)
            if peak > FIXED + PER_BYTE * size:
                bad.append("%s takes %d MiB for %d KiB" % (command[0], peak >> 20, size >> 10))
            if os.WIFSIGNALED(status) or os.WEXITSTATUS(status) > 1:
                bad.append("%s: status %d" % (command[0], status))
            if command == ["check"] and (os.WEXITSTATUS(status) != (1 if error else 0)
                                         or (error or "") not in text):
                bad.append("%r is not in: %s" % (error, text[:300]))
        print("%-32s %6d KiB: %4d MiB" % (name, size >> 10, peak >> 20))
    return [name + ": " + b for b in bad]


failures = [b for name, (files, error) in CASES.items() for b in check(name, files, error)]
print("\n".join(failures))
sys.exit(bool(failures))
