#!/usr/bin/env python3
"""Mistakes of people who write routes.def for the first time, with the habits of other frameworks, of SQL and of
other languages: one mistake makes one message, at its place, which says what to write.

beginners.txt has a wrong file behind each `===`, and behind `---` what `check` says of it: line, column and message.

usage: beginners.py GATEWRIGHT [--write]"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, "beginners.txt")
SEVERAL = 8  # files in a language of others may have more than one message


def entries():
    """[(title, file, expected lines)]"""
    parts = re.split(r"(?m)^=== (.*)\n", open(LIST, encoding="utf-8").read())[1:]
    for title, text in zip(parts[::2], parts[1::2]):
        file, _, expected = text.partition("---\n")
        yield title, file, expected.splitlines()


def said_of(gatewright, folder, file):
    with open(os.path.join(folder, "routes.def"), "w", encoding="utf-8") as f:
        f.write(file)
    done = subprocess.run([gatewright, "check"], cwd=folder, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "NO_COLOR": "1"})
    if done.returncode != 1:
        return ["accepted: exit status %d" % done.returncode]
    return [line.removeprefix("routes.def:") for line in done.stderr.splitlines()
            if re.match(r"routes\.def:\d+:\d+: (error|note|warning): ", line)]


def main():
    gatewright = os.path.abspath(sys.argv[1])
    wrong = single = n = 0
    written = []
    with tempfile.TemporaryDirectory() as folder:
        for title, file, expected in entries():
            said = said_of(gatewright, folder, file)
            written.append("=== %s\n%s---\n%s\n" % (title, file, "\n".join(said)))
            n += 1
            single += sum("error:" in line for line in said) == 1
            if said != expected and "--write" not in sys.argv:
                wrong += 1
                print("%s\n%s  expected:\n    %s\n  said:\n    %s" % (title, file, "\n    ".join(expected), "\n    ".join(said)))
    if "--write" in sys.argv:
        open(LIST, "w", encoding="utf-8").write("".join(written))
    print("%d files, %d with one message, %d not as expected" % (n, single, wrong))
    sys.exit(bool(wrong) or n < 200 or n - single > SEVERAL)


main()
