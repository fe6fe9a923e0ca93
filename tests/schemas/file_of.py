#!/usr/bin/python3
"""A schema of MySQL, with its rows, as a file of SQLite.

    file_of.py SCHEMA.SQL FILE

What MySQL makes of a value as it writes it is done here behind the rows: a time of a date, bytes of a text. UUIDs get the case
in which they are found in SQLite, which compares them by bytes."""
import contextlib
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../import"))
from translate import translated

TIMES = re.compile(r"(?i)DATETIME|TIMESTAMP")
BYTES = re.compile(r"(?i)BLOB|BINARY")

if __name__ == "__main__":
    with contextlib.suppress(FileNotFoundError):
        os.remove(sys.argv[2])
    os.umask(0o077)
    with open(sys.argv[1]) as schema, contextlib.closing(sqlite3.connect(sys.argv[2])) as file:
        for sql in translated(schema.read()):
            file.execute(sql)
        for table, in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall():
            for _, column, kind, *_ in file.execute(f'PRAGMA table_info("{table}")').fetchall():
                if TIMES.search(kind):
                    file.execute(f'UPDATE "{table}" SET "{column}" = "{column}" || \' 00:00:00\' WHERE length("{column}") = 10')
                if kind.lower() == "char(36)":
                    file.execute(f'UPDATE "{table}" SET "{column}" = lower("{column}")')
                if BYTES.search(kind):
                    file.execute(f'UPDATE "{table}" SET "{column}" = CAST("{column}" AS BLOB) WHERE typeof("{column}") = \'text\'')
        file.commit()
