#!/usr/bin/python3
"""The deny-list as a program's: what has expired is swept away beside the requests, not by them.
Usage: deny_list.py PROGRAM GATEWRIGHT ROUTES."""
import contextlib
import json
import sqlite3
import subprocess
import sys
import time

from mariadb import MariaDB
from program import Program, run_tests, wait_for

PROGRAM, GATEWRIGHT, ROUTES = sys.argv[1:4]
OLD, NEW = 60000, 50  # lines of expired tokens and of others
MYSQL_TABLE = """CREATE TABLE gw_denied_tokens (jti VARCHAR(64) NOT NULL PRIMARY KEY, expires BIGINT NOT NULL,
    INDEX (expires)) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;"""


def settings(folder):
    return {"GW_DENY_LIST": "on", "GW_WORKERS": "4", "GW_ISSUERS_DIR": folder}


def log_outs(site, n):
    """Seconds of each."""
    took = []
    for _ in range(n):
        status, body = site.request("POST", "/new/free?email=%d@example.com" % time.monotonic_ns())
        assert status in (200, 201), (status, body)
        token = json.loads(body)["token"]
        begun = time.monotonic()
        assert site.request("POST", "/deny", token)[0] == 204
        took.append(time.monotonic() - begun)
        assert site.request("GET", "/me", token)[0] == 401
    return took


def lines():
    now = int(time.time())
    return ([("old%d" % i, now - 1000 - i) for i in range(OLD)] +
            [("new%d" % i, now + 1000 + i) for i in range(NEW)])


def is_swept(site, count):
    """`count` gives the numbers of old and of other lines."""
    assert count() == (OLD, NEW)
    with site.running():
        denied = 20
        slowest = max(log_outs(site, denied))
        wait_for("the old lines are gone", lambda: count()[0] == 0, 60)
        assert count()[1] == NEW + denied, count()
        assert slowest < 1, slowest
        assert not [l for l in open(site.log) if "store:" in l], open(site.log).read()


def test_sqlite():
    with Program(PROGRAM) as site:
        site.environment.update(settings(site.folder))
        path = site.folder + "/store.db"
        with site.running():
            wait_for("it serves", lambda: log_outs(site, 1))
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("DELETE FROM gw_denied_tokens")
            db.executemany("INSERT INTO gw_denied_tokens VALUES (?, ?)", lines())
            db.commit()
            plan = str(db.execute("EXPLAIN QUERY PLAN DELETE FROM gw_denied_tokens WHERE expires < 9").fetchall())
            assert "USING INDEX" in plan or "USING COVERING INDEX" in plan, plan

        def count():
            with contextlib.closing(sqlite3.connect(path, timeout=20)) as db:
                return db.execute("SELECT COALESCE(SUM(jti LIKE 'old%'), 0), COALESCE(SUM(jti NOT LIKE 'old%'), 0) "
                                  "FROM gw_denied_tokens").fetchone()
        is_swept(site, count)


def test_mariadb():
    with Program(PROGRAM) as site:
        schema = subprocess.run([GATEWRIGHT, "schema", "--mysql", ROUTES], check=True, capture_output=True,
                                text=True).stdout
        database = MariaDB(site.folder, "tokens", schema + MYSQL_TABLE)
        try:
            site.environment.update(settings(site.folder), GW_DATABASE_URL=database.url)
            assert database.run("INSERT INTO gw_denied_tokens VALUES " +
                                ",".join("('%s', %d)" % line for line in lines()))

            def count():
                done = subprocess.run(database.command() + ["-NBe", "SELECT COALESCE(SUM(jti LIKE 'old%'), 0), "
                                      "COALESCE(SUM(jti NOT LIKE 'old%'), 0) FROM gw_denied_tokens"],
                                      capture_output=True, text=True, check=True)
                return tuple(int(n) for n in done.stdout.split())
            is_swept(site, count)
        finally:
            database.stop()


# As it was made before there was a list of the runtime's own tables; the later form had an index on expires.
OLD_TABLES = ("""CREATE TABLE gw_denied_tokens (
  "jti" TEXT NOT NULL PRIMARY KEY CHECK (length("jti") <= 64),
  "expires" INTEGER NOT NULL
) STRICT""", 'CREATE INDEX "gw_denied_tokens by expires" ON "gw_denied_tokens" ("expires")')


def test_who_was_on_the_list_of_an_older_version_stays_on_it():
    for statements in (OLD_TABLES[:1], OLD_TABLES):
        with Program(PROGRAM) as site:
            site.environment.update(settings(site.folder))
            with site.running():
                status, body = site.request("POST", "/new/free?email=old@example.com")
                assert status in (200, 201), (status, body)
                token = json.loads(body)["token"]
                assert site.request("POST", "/deny", token)[0] == 204
            with contextlib.closing(sqlite3.connect(site.folder + "/store.db")) as db:
                rows = db.execute("SELECT jti, expires FROM gw_denied_tokens").fetchall()
                db.execute("DROP TABLE gw_denied_tokens")
                for statement in statements:
                    db.execute(statement)
                db.executemany("INSERT INTO gw_denied_tokens VALUES (?, ?)", rows)
                db.commit()
            with site.running():
                assert site.request("GET", "/me", token)[0] == 401
            with contextlib.closing(sqlite3.connect(site.folder + "/store.db")) as db:
                assert db.execute("SELECT jti, expires FROM gw_denied_tokens").fetchall() == rows


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
