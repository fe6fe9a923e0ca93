#!/usr/bin/python3
"""From 0.1 to 0.2, by the page alone: the school's C files of 0.1 become what compiles, and its databases what the
program accepts.

    upgrade.py GATEWRIGHT SCHOOL CC RUNTIME SOURCE"""
import contextlib
import difflib
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

import program
from mariadb import MariaDB
from program import run_tests

GATEWRIGHT, SCHOOL, CC, RUNTIME, SOURCE = sys.argv[1:6]
sys.argv[1:] = sys.argv[6:]
OLD = os.path.join(SOURCE, "tests/upgrade/0.1")


def text(path):
    with open(path) as file:
        return file.read()


PAGE = text(os.path.join(SOURCE, "docs/from-0.1-to-0.2.md"))
PAIRS = re.findall(r"(?m)before:\n\n((?:    .*\n|\n)+)\nand after:\n\n((?:    .*\n|\n)+)",
                   PAGE[:PAGE.index("## Inserts")], re.I)  # what stands there is for new words in routes.def


# ---- C ----------------------------------------------------------------------------------------------

def lines_of(block):
    return [line.strip() for line in block.splitlines() if line.strip()]


def replaced(lines, before, after):
    """The lines with what the page does to those that are as it has them."""
    for tag, i, end, j, last in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        wanted = before[i - 1:i] if tag == "insert" else before[i:end]
        for at in range(len(lines) - len(wanted), -1, -1):
            if tag != "equal" and wanted and lines[at:at + len(wanted)] == wanted:
                lines[at:at + len(wanted)] = (wanted if tag == "insert" else []) + after[j:last]
    return lines


def compile_files(folder, files):
    """What the compiler says of each."""
    said = ""
    for name, lines in files.items():
        with open(f"{folder}/{name}", "w") as file:
            file.write("\n".join(lines) + "\n")
        done = subprocess.run([*CC.split(), "-std=gnu11", "-Wall", "-fsyntax-only", "-I", RUNTIME, "-I", folder + "/gen",
                               f"{folder}/{name}"], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
        said += done.stderr
        assert bool(done.returncode) == ("error:" in done.stderr), done.stderr
    return said


def test_the_files_of_the_old_school_compile_when_they_are_changed_as_the_page_says():
    assert len(PAIRS) == 5
    files = {name: [line.strip() for line in text(f"{OLD}/{name}").splitlines()] for name in ("accounts.c", "lessons.c")}
    with tempfile.TemporaryDirectory(prefix="gatewright-upgrade.") as folder:
        subprocess.run([GATEWRIGHT, "gen", OLD + "/routes.def", "-o", folder + "/gen"], check=True)
        said = compile_files(folder, files)
        for message in ("has no member named 'password'", "too few arguments to function 'users_insert'",
                        "'LESSONS_TITLE' undeclared"):
            assert message in said and message in PAGE, (message, said)
        for name in files:
            for before, after in PAIRS:
                for new in "user", "teacher":  # the page shows users
                    files[name] = replaced(files[name], *(lines_of(block.replace("user", new)) for block in (before, after)))
        said = compile_files(folder, files)
        assert said == "", said


# ---- Databases --------------------------------------------------------------------------------------

ROWS = """INSERT INTO users (name, email, password) VALUES ('Ann', 'Ann@example.com', 'h'), ('Bob', 'bob@example.com', 'h');
INSERT INTO teachers (name, email, password) VALUES ('Tom', 'tom@example.com', 'h'), ('Una', 'una@example.com', 'h');
INSERT INTO lessons (title, author_id) VALUES ('Latin', 1), ('Latin', 2), ('Greek', 1);"""
UNFIT = """INSERT INTO users (name, email, password) VALUES ('ann', 'ann@example.com', 'h');
INSERT INTO lessons (title, author_id) VALUES ('Latin', 1);"""
LOOK = "SELECT id, title, author_id FROM lessons ORDER BY id; SELECT id, name, email, password, token_epoch FROM users ORDER BY id"


class File:
    def __init__(self, folder, sql):
        self.path = folder + "/school.db"
        os.umask(0o077)
        self.url = "sqlite:" + self.path
        assert self.run(sql)

    def run(self, sql):
        """As a person does; false: the shell stopped."""
        return subprocess.run(["sqlite3", "-bail", self.path], input=sql, text=True, capture_output=True).returncode == 0

    def rows(self):
        with contextlib.closing(sqlite3.connect(self.path)) as file:
            return [file.execute(sql).fetchall() for sql in LOOK.split(";")]

    def stop(self):
        pass


class Server(MariaDB):
    def __init__(self, folder, sql):
        super().__init__(folder, "school", sql)

    def rows(self):
        return subprocess.run(self.command() + ["--batch", "-e", LOOK], capture_output=True, text=True, check=True).stdout


def school(url, *arguments):
    done = subprocess.run([SCHOOL, *arguments], capture_output=True, text=True, timeout=60,
                          env={"PATH": program.PATH, "GW_SECRET_KEY": program.SECRET, "GW_ORIGIN": program.ORIGIN, "GW_DATABASE_URL": url,
                               **{n: os.environ[n] for n in program.SANITIZERS if n in os.environ}})
    return done.returncode, done.stdout, done.stderr


def each_database(check):
    for kind, sql in (File, "sqlite.sql"), (Server, "mysql.sql"):
        with tempfile.TemporaryDirectory(prefix="gatewright-upgrade.") as folder:
            database = kind(folder, text(f"{OLD}/{sql}") + ROWS)
            try:
                check(database)
            finally:
                database.stop()


def test_a_database_of_the_old_school_becomes_the_new_one_with_all_rows():
    def check(database):
        code, _, said = school(database.url, "--check")
        assert code, said
        if isinstance(database, File):  # as the page shows it
            for line in re.search(r"with a file of 0\.1\n\n((?:    .*\n)+)", PAGE)[1].splitlines():
                assert line.strip() in said, (line, said)
        before = database.rows()
        _, script, said = school(database.url, "--schema-diff")
        assert "refused" not in script and database.run(script), script + said
        assert database.rows() == before
        code, out, said = school(database.url, "--check")
        assert code == 0 and "warning" not in out + said, out + said
        assert not re.search("^[^-]*(ALTER|CREATE)", school(database.url, "--schema-diff")[1], re.M)
        assert not database.run("INSERT INTO lessons (title, author_id) VALUES ('Latin', 1)")
    each_database(check)


def test_schema_apply_takes_a_database_of_the_old_school_with_all_rows():
    """Its accounts are no heads, and none is switched off."""
    def check(database):
        before = database.rows()
        code, out, said = school(database.url, "--schema-apply")
        assert code == 0 and "column teachers.role: is missing" in out, out + said
        assert database.rows() == before and school(database.url, "--check")[0] == 0
        assert database.run("INSERT INTO lessons (title, author_id) SELECT 'Of both', teacher_id FROM teachers "
                            "WHERE role = 'teacher' AND NOT disabled")
        assert str(database.rows()).count("Of both") == 2, database.rows()
        assert not database.run("UPDATE teachers SET role = 'headmaster'")
        code, out, said = school(database.url, "--schema-apply")
        assert (code, out) == (0, "the schema is the declared one\n"), out + said
    each_database(check)


def test_rows_that_do_not_fit_are_refused_with_their_number_and_stay():
    def check(database):
        assert database.run(UNFIT)
        before = database.rows()
        _, script, _ = school(database.url, "--schema-diff")
        refused = [line for line in script.splitlines() if line.startswith("-- refused:")]
        assert len(refused) == 2, script
        assert "column users.email" in refused[0] and "cannot be unique" in refused[0], refused
        assert "(`author_id`, `title`)" in refused[1].replace("(author_id, title)", "(`author_id`, `title`)"), refused
        assert database.run(script), script  # what could be done
        assert database.rows() == before and school(database.url, "--check")[0]
    each_database(check)


if __name__ == "__main__":
    run_tests(globals())
