#!/usr/bin/python3
"""docs/handlers.md: its program is built from what stands there, and its tests pass; a debugger finds its handlers.

    handlers.py SOURCE GATEWRIGHT"""
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import tempfile

SOURCE, GATEWRIGHT = map(os.path.abspath, sys.argv[1:3])
PAGE = open(SOURCE + "/docs/handlers.md").read()
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-std=gnu11", "-g"]


def run(*command, **more):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    assert done.returncode == 0, "%s: %d\n%s" % (" ".join(command), done.returncode, done.stdout[-3000:])
    return done.stdout


def main():
    routes = re.search(r"(?ms)^```\n(.*?)^```$", PAGE)[1]
    code = re.findall(r"(?ms)^```c\n(.*?)^```$", PAGE)
    flags = shlex.split(run("pkg-config", "--cflags", "--libs", "gatewright"))
    with tempfile.TemporaryDirectory(prefix="gatewright-handlers.") as folder:
        for name, text in (("routes.def", routes), ("handlers.c", "\n".join(code[:-1])), ("test.c", code[-1])):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        run(GATEWRIGHT, "check", "-Werror", cwd=folder)
        run(GATEWRIGHT, "gen", "routes.def", "-o", ".", cwd=folder)
        run("cc", *WARNINGS, "-I.", "-o", "tests", "handlers.c", "test.c", "routes.c", "entities.c", "matcher.c",
            *flags, cwd=folder)
        database = sqlite3.connect(os.path.join(folder, "test.db"))
        database.executescript(run(GATEWRIGHT, "schema", "--sqlite", cwd=folder))
        database.execute("INSERT INTO users VALUES (1, 'ann@example.com', 'x', 0)")
        database.commit()
        database.close()
        os.chmod(os.path.join(folder, "test.db"), 0o600)
        os.mkdir(os.path.join(folder, "lists"))
        assert run("./tests", cwd=folder).strip() == "all good"
        lists = [os.path.join(folder, "lists", name) for name in os.listdir(os.path.join(folder, "lists"))]
        assert [open(path).read() for path in lists] == ["Ann,1\n"] * 2, lists
        symbols = run("nm", "tests", cwd=folder)
        for handler in re.findall(r"(?m)^int (\w+)\(struct gw_request \*req", "\n".join(code[:-1])):
            assert re.search(r" T gwh_%s$" % handler, symbols, re.M), handler
            assert re.search(r" [tT] gwt_call_%s$" % handler, symbols, re.M), handler
        database = sqlite3.connect(os.path.join(folder, "test.db"))
        assert database.execute("SELECT user_id, name, value FROM settings").fetchall() == [(1, "theme", "x")]
        database.close()
        print("passed the program of docs/handlers.md")


main()
