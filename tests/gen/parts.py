#!/usr/bin/env python3
"""Routes in parts: a program of many routes is compiled in pieces, each in little memory, and the pieces
are one program: every call that the table names is there, once.

usage: parts.py GATEWRIGHT RUNTIME

With TESTS_FULL=1 as many as 22,000 routes, each piece under 400 MB of the C compiler at -O2 -g."""
import glob, os, subprocess, sys, tempfile

GATEWRIGHT, RUNTIME = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
FULL = os.environ.get("TESTS_FULL") == "1"
RESOURCES, PARTS, OPTIMISE, MOST_KB = (550, 12, "-O2", 400_000) if FULL else (40, 3, "-O0", 400_000)
PIECES = ["comments", "files", "labels", "keys", "hooks", "runs", "jobs"]


def routes(resources):
    """Forty routes for each resource, as APIs have them."""
    for r in range(resources):
        base = "/resource%d" % r
        yield "GET %s ignored list_%d" % (base, r)
        yield "POST %s ignored add_%d" % (base, r)
        for method in ("GET", "PUT", "DELETE"):
            yield "%s %s/{id:int} ignored %s_%d" % (method, base, method.lower(), r)
        for piece in PIECES:
            under = "%s/{id:int}/%s" % (base, piece)
            yield "GET %s ignored list_%s_%d" % (under, piece, r)
            yield "POST %s ignored add_%s_%d" % (under, piece, r)
            for method in ("GET", "PATCH", "DELETE"):
                yield "%s %s/{name:slug} ignored %s_%s_%d" % (method, under, method.lower(), piece, r)


def run(*command):
    """The most memory that it took, in KB."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit("%s: %d\n%s" % (" ".join(command), status, said[-2000:]))
    return usage.ru_maxrss


with tempfile.TemporaryDirectory(prefix="gatewright-parts.") as folder:
    source, out = folder + "/routes.def", folder + "/out"
    written = list(routes(RESOURCES))
    open(source, "w").write("\n".join(written) + "\n")
    run(GATEWRIGHT, "gen", source, "-o", out, "--parts", str(PARTS))
    files = sorted(glob.glob(out + "/*.c"))
    expected = ["entities.c", "matcher.c", "routes.c"] + ["routes_%d.c" % (i + 1) for i in range(PARTS)]
    assert [os.path.basename(f) for f in files] == sorted(expected), files
    most = {}
    for file in files:
        most[file] = run("gcc", OPTIMISE, "-g", "-Wall", "-Wextra", "-Werror",
                         "-Wmissing-prototypes", "-c", "-I", out, "-I", RUNTIME, file, "-o", file + ".o")
    run("ld", "-r", "-o", folder + "/all.o", *[file + ".o" for file in files])
    symbols = subprocess.check_output(["nm", folder + "/all.o"], text=True).split("\n")
    defined = {line.split()[-1] for line in symbols if " T " in line}
    missing = {line.split()[-1] for line in symbols if line.strip().startswith("U ")}
    handlers = {line.split()[-1] for line in written}
    assert {name for name in defined if name.startswith("gwt_call_")} == {"gwt_call_" + h for h in handlers}
    assert {name for name in defined if name.startswith("url_")} == {"url_" + h for h in handlers}
    assert {name for name in missing if name.startswith("gwh_")} == {"gwh_" + h for h in handlers}
    assert not {name for name in missing if name.startswith(("gwt_", "url_"))}
    for file in files:
        print("%-12s %4d MB" % (os.path.basename(file), most[file] // 1000))
    assert max(most.values()) < MOST_KB, most
