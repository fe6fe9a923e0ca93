"""What the tests of `gatewright import` share: the compiler, one server, databases and files of SQLite."""
import os
import sqlite3
import subprocess
import sys
import tempfile

from declared import Compiler
from mariadb import MariaDB

COMPILER = Compiler(*sys.argv[1:6])
SOURCE = sys.argv[6]
sys.argv[1:] = sys.argv[7:]

top = tempfile.TemporaryDirectory(prefix="gatewright-import.")
server = MariaDB(top.name, "first", "SELECT 1")


def text(*path):
    with open(os.path.join(SOURCE, *path)) as file:
        return file.read()


def make_database(name, *statements):
    assert server.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4", None)
    for sql in statements:
        done = subprocess.run(server.command(name) + ["--default-character-set=utf8mb4"], input=sql, text=True,
                              capture_output=True)
        assert done.returncode == 0, done.stderr
    return f"mysql://root@/{name}?socket={server.socket}"


def make_file(name, statements):
    path = f"{top.name}/{name}.db"
    with sqlite3.connect(path) as file:
        file.execute("BEGIN")
        for sql in statements:
            try:
                file.execute(sql)
            except sqlite3.Error as why:
                raise AssertionError(sql) from why
    return "sqlite:" + path


def asked(database, sql):
    """The rows of an answer, by MariaDB's own client."""
    done = subprocess.run(server.command(database) + ["--batch", "--skip-column-names", "-e", sql],
                          capture_output=True, text=True, check=True)
    return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


def columns_of_server(database):
    """(table, column)"""
    return asked(database, "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS"
                           " WHERE TABLE_SCHEMA = DATABASE()")


def rows_of_server(database, tables):
    """{table: number of rows}"""
    sql = " UNION ALL ".join(f"SELECT '{table}', COUNT(*) FROM `{table}`" for table in tables)
    return {table: int(n) for table, n in asked(database, sql)}


def rows_of_file(url, tables):
    with sqlite3.connect(url[len("sqlite:"):]) as file:
        return {table: file.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0] for table in tables}
