#!/usr/bin/env python3
"""Two builds of the compiler say and write the same, of every source that is here: by compilers that are
not alike, what a program leaves undefined comes out differently.

usage: GW_TEST_OTHER=OTHER alike.py GATEWRIGHT
"""
from concurrent.futures import ThreadPoolExecutor
import glob
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COMPILERS = [os.path.abspath(path) for path in (sys.argv[1], os.environ["GW_TEST_OTHER"])]
COMMANDS = [["gen", "-o", "OUT"], ["check"], ["routes"], ["routes", "--json"], ["routes", "--html"], ["schema", "--mysql"],
            ["schema", "--sqlite"], ["openapi"], ["tests"], ["conf", "nginx"]]


def said(compiler, folder, command, out):
    """Its status, what it says and what it writes."""
    command = [out if word == "OUT" else word for word in command]
    done = subprocess.run([compiler, *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    written = {name: open(os.path.join(out, name), "rb").read() for name in sorted(os.listdir(out))}
    return done.returncode, done.stdout, done.stderr, written


def differences(source):
    """(how many answers are different, statuses) of one source."""
    folder, different, statuses = os.path.dirname(source), 0, set()
    for command in COMMANDS if "/err/" not in source else COMMANDS[:1]:
        with tempfile.TemporaryDirectory(prefix="gatewright-alike.") as top:
            answers = []
            for compiler in COMPILERS:
                out = os.path.join(top, "out")
                os.mkdir(out)
                answers.append(said(compiler, folder, command, out))
                os.rename(out, os.path.join(top, "out%d" % len(answers)))
        statuses.add(answers[0][0])
        if answers[0] != answers[1]:
            different += 1
            print("%s: %s: %s" % (os.path.relpath(folder, HERE), " ".join(command),
                                  [(status, out[-300:], err[-300:]) for status, out, err, _ in answers]))
    return different, statuses


def main():
    sources = sorted(glob.glob(HERE + "/ok/*/routes.def") + glob.glob(HERE + "/err/*/routes.def") +
                     glob.glob(HERE + "/../*/routes.def") + [HERE + "/../../routes.def"])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(differences, sources))
    different = sum(number for number, _ in found)
    assert len(sources) > 400 and {0, 1} <= set.union(*(statuses for _, statuses in found))
    print("%d sources, %d answers are different" % (len(sources), different))
    sys.exit(different != 0)


main()
