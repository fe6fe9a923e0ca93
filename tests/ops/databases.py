#!/usr/bin/python3
"""The database beneath a running program: one that was away when the program started, and a SQLite file that is
replaced, moved or removed while it is open. What is asked is right or 503; what was confirmed is there."""
import contextlib
import errno
import json
import os
import shutil
import sqlite3
import time

import fcgi
from sandbox import refuse_statx
from web import Site, die_with_parent, run_tests, school_database, wait_for


def ask(site, target="/api/v1/none", method="GET", body=None):
    return fcgi.request(site.address, target, method, None, body=body and json.dumps(body).encode())


def register(site, name):
    """The status of an account's registration."""
    return ask(site, "/api/v1/auth/user", "POST",
               {"name": name, "email": name + "@example.com", "password": "correct horse"})[0]


def log_in(site, name):
    return ask(site, "/api/v1/auth/user/login", "POST",
               {"email": name + "@example.com", "password": "correct horse"})[0]


def log_of(site):
    return open(site.log).read()


def names(path):
    """The accounts in a file, by SQLite's own reading of it."""
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % path, uri=True)) as db:
        return sorted(row[0] for row in db.execute("SELECT name FROM users"))


# ---- Away at the start ----

@contextlib.contextmanager
def late_mariadb(user="root"):
    """A site whose server was prepared, and is stopped."""
    with Site() as site:
        database = school_database(site)
        try:
            site.environment["GW_DATABASE_URL"] = database.url.replace("root@", user + "@")
            yield site, database
        finally:
            if database.process.poll() is None:
                database.stop()


def test_a_database_that_comes_later_is_compared_and_used():
    with late_mariadb() as (site, database):
        database.stop()
        site.start_program()
        status, head, _ = ask(site, "/api/v1/auth/user/login", "POST", {"email": "a@b.c", "password": "x" * 8})
        assert status == 503 and "Retry-After" in head, (status, head)
        database.start()
        begun = time.monotonic()
        wait_for("an account is made", lambda: register(site, "ann") == 201, 3)
        assert time.monotonic() - begun < 1.5, time.monotonic() - begun
        assert log_of(site).count("the database is there, and as the program needs it") == 1
        assert log_in(site, "ann") == 200 and site.stop(5) == 0


def ends_with_78(site, database, word):
    """When the database comes; and until then nobody is answered but with 503."""
    program = site.start_program()
    assert register(site, "bob") == 503
    database.start()
    seen = set()
    end = time.monotonic() + 10
    while program.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            seen.add(register(site, "eve%d" % time.monotonic_ns()))
    assert program.wait(10) == 78, log_of(site)
    assert seen <= {503}, seen
    assert word in log_of(site), log_of(site)


def test_a_database_of_another_schema_that_comes_later_ends_the_program():
    with late_mariadb() as (site, database):
        assert database.run("ALTER TABLE users DROP COLUMN email")
        database.stop()
        ends_with_78(site, database, "column users.email: is missing")


def test_a_database_that_comes_later_and_refuses_the_user_ends_the_program():
    with late_mariadb(user="nobody") as (site, database):
        database.stop()
        ends_with_78(site, database, "the database refused the user")


def test_a_sqlite_file_whose_folder_comes_later_is_made_and_used():
    with Site() as site:
        site.environment["GW_DATABASE_URL"] = "sqlite:%s/later/school.db" % site.folder
        site.start_program()
        for _ in range(20):
            assert register(site, "ann") == 503
        os.mkdir(site.folder + "/later")
        wait_for("an account is made", lambda: register(site, "ann") == 201, 3)
        assert names(site.folder + "/later/school.db") == ["ann"]
        assert log_of(site).count("unable to open") == 1, log_of(site)


# ---- SQLite's file is another ----

def backup(site, to):
    """As the manual says: a whole copy, by SQLite."""
    with contextlib.closing(sqlite3.connect(site.folder + "/school.db")) as db:
        db.execute("VACUUM INTO ?", (to,))


def replaced(site, transport="native"):
    """A program with ann and bob, and a backup with ann alone renamed over its file."""
    path = site.folder + "/school.db"
    site.start_program()
    assert register(site, "ann") == 201
    backup(site, site.folder + "/backup.db")
    for i in range(20):
        assert register(site, "bob%02d" % i) == 201
    os.rename(site.folder + "/backup.db", path)
    return path


def test_a_restored_file_holds_what_was_restored_and_what_came_behind():
    for workers in "1", "8":
        with Site(settings={"GW_WORKERS": workers}) as site:
            path = replaced(site)
            wait_for("an account is made", lambda: register(site, "eve") == 201, 3)
            for _ in range(2 * int(workers)):  # by whichever worker, and whatever file that had open
                assert log_in(site, "ann") == 200 and log_in(site, "bob00") == 401
            assert site.stop(10) == 0
            assert names(path) == ["ann", "eve"], names(path)
            with contextlib.closing(sqlite3.connect(path)) as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert "another file lies there now" in log_of(site)


def test_a_file_of_another_schema_in_its_place_ends_the_program():
    with Site() as site:
        path = site.folder + "/school.db"
        program = site.start_program()
        assert register(site, "ann") == 201
        with contextlib.closing(sqlite3.connect(site.folder + "/other.db")) as db:
            db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY) STRICT")
        os.rename(site.folder + "/other.db", path)
        ends_by_that(site, program)


def ends_by_that(site, program):
    seen, end = set(), time.monotonic() + 20
    with contextlib.suppress(OSError):
        while program.poll() is None and time.monotonic() < end:
            seen.add(register(site, "bob"))
    assert seen <= {503}, seen
    assert program.wait(10) == 78, program.returncode
    assert "column users.name: is missing" in log_of(site), log_of(site)


def test_a_file_of_another_schema_that_no_connection_has_seen_before_ends_the_program():
    """Nothing was asked yet: the first connection opens the new file, and none has the old one open."""
    with Site() as site:
        program = site.start_program()
        with contextlib.closing(sqlite3.connect(site.folder + "/other.db")) as db:
            db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY) STRICT")
        os.rename(site.folder + "/other.db", site.folder + "/school.db")
        ends_by_that(site, program)


def test_a_removed_file_is_503_and_not_made_anew():
    with Site() as site:
        path = site.folder + "/school.db"
        site.start_program()
        assert register(site, "ann") == 201
        os.rename(path, site.folder + "/away.db")
        for i in range(30):
            status, head, _ = ask(site, "/api/v1/auth/user", "POST",
                                  {"name": "b", "email": "b%d@b.c" % i, "password": "correct horse"})
            assert status == 503 and "Retry-After" in head, (status, head)
            time.sleep(0.02)
        assert not os.path.exists(path)
        assert log_of(site).count("the file was removed or renamed") == 1, log_of(site)
        os.rename(site.folder + "/away.db", path)
        wait_for("an account is made", lambda: register(site, "eve") == 201, 3)
        assert log_in(site, "ann") == 200
        assert site.stop(10) == 0 and names(path) == ["ann", "eve"]


def in_a_sandbox(number):
    """A site whose program gets this errno from statx()."""
    site = Site()
    site.before = lambda: (die_with_parent(), refuse_statx(number))
    return site


def test_where_statx_is_refused_rows_are_written_and_a_file_is_followed_all_the_same():
    for number in errno.EPERM, errno.ENOSYS:
        with in_a_sandbox(number) as site:
            path = replaced(site)
            wait_for("an account is made", lambda: register(site, "eve") == 201, 3)
            os.rename(path, site.folder + "/away.db")
            for _ in range(5):
                assert register(site, "bob") == 503
            assert not os.path.exists(path)
            os.rename(site.folder + "/away.db", path)
            wait_for("an account is made", lambda: register(site, "fay") == 201, 3)
            assert site.stop(10) == 0 and names(path) == ["ann", "eve", "fay"], names(path)


def test_a_file_that_was_moved_away_holds_all_that_was_confirmed():
    """Also what its log held, which stays behind at the old place."""
    with Site(settings={"GW_WORKERS": "4"}) as site:
        path, away = site.folder + "/school.db", site.folder + "/away.db"
        site.start_program()
        made = ["ann%02d" % i for i in range(40)]
        for name in made:
            assert register(site, name) == 201
        os.rename(path, away)
        assert register(site, "bob") == 503
        assert names(away) == made
        with contextlib.closing(sqlite3.connect(site.folder + "/other.db")) as db:
            for table in sqlite3.connect(away).execute("SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT LIKE 'sqlite%'"):
                db.execute(table[0])
        os.rename(site.folder + "/other.db", path)
        wait_for("an account is made", lambda: register(site, "eve") == 201, 3)
        assert site.stop(10) == 0 and names(path) == ["eve"] and names(away) == made


def test_a_removed_log_takes_no_confirmed_row_with_it():
    with Site() as site:
        path = site.folder + "/school.db"
        site.start_program()
        for name in "ann", "bob":
            assert register(site, name) == 201
        os.remove(path + "-wal")
        assert register(site, "eve") == 503
        assert site.stop(10) == 0
        assert names(path) == ["ann", "bob"]
        site.start_program()
        assert register(site, "eve") == 201 and names(path) == ["ann", "bob", "eve"]


def test_two_processes_follow_a_replaced_file():
    with Site() as site, Site() as other:
        path = replaced(site)
        other.environment["GW_DATABASE_URL"] = "sqlite:" + path
        shutil.copy(path, site.folder + "/again.db")
        wait_for("an account is made", lambda: register(site, "eve") == 201, 3)
        other.start_program()
        assert register(other, "fay") == 201
        os.rename(site.folder + "/again.db", path)
        for i, one in enumerate((site, other) * 5):
            wait_for("an account is made", lambda: register(one, "gil%d" % i) == 201, 3)
        assert site.stop(10) == 0 and other.stop(10) == 0
        assert names(path) == ["ann"] + ["gil%d" % i for i in range(10)], names(path)


run_tests(dict(globals()))
