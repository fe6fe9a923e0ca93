#!/usr/bin/python3
"""Counts the instructions (callgrind) of a list by a reference, of a table of 200,000 rows in SQLite: at most three times those
of the query that is written by hand and goes by an index.

    list_cost.py TOOL SCHEMA..."""
import contextlib
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

MOST = 3
MEMBERS, EACH = 20000, 10

TOOL, SCHEMA = sys.argv[1], sys.argv[2:]


def fill(path):
    id_of = "'00000000-0000-4000-8000-' || printf('%012d', i)"
    count = "WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {} - 1)"
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.executescript(subprocess.run(SCHEMA, capture_output=True, text=True, check=True).stdout)
        file.execute(f"INSERT INTO app_users (id, \"First Name\", \"default\") {count.format(MEMBERS)} SELECT {id_of}, 'x', 0 FROM s")
        file.execute(f"INSERT INTO notes (member_id) {count.format(MEMBERS * EACH)} "
                     f"SELECT '00000000-0000-4000-8000-' || printf('%012d', i % {MEMBERS}) FROM s")
        file.commit()


def count(what, n, path):
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", TOOL, what, str(n), path],
                              capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


with tempfile.TemporaryDirectory(prefix="gatewright-list.") as folder:
    os.umask(0o077)
    fill(folder + "/app.db")
    # Of one call: what starting the program costs is in both runs.
    listed, hand = ((count(what, 600, folder + "/app.db") - count(what, 100, folder + "/app.db")) / 500
                    for what in ("list", "hand"))
print(f"a list of {EACH} of {MEMBERS * EACH} rows: {listed:.0f} instructions, by hand {hand:.0f}, ratio {listed / hand:.2f}")
if listed > MOST * hand:
    sys.exit("a list by a reference costs too much")
