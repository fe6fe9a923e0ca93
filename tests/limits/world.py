"""The program on one of the stores, which all of it share. Usage of each test: NAME.py PROGRAM GATEWRIGHT ROUTES
sqlite|mysql."""
import atexit
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import fcgi
from mariadb import MariaDB
from program import Program, token

PROGRAM, GATEWRIGHT, ROUTES, STORE = sys.argv[1:5]


class Store:
    """The database of all programs here."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gatewright-limits.")
        schema = subprocess.run([GATEWRIGHT, "schema", "--" + STORE, ROUTES], check=True, capture_output=True,
                                text=True).stdout
        rows = "INSERT INTO users (id, email) VALUES (1, 'ann@school.test'), (2, 'bob@school.test');"
        self.server = None
        if STORE == "mysql":
            os.chmod(self.folder, 0o755)
            self.server = MariaDB(self.folder, "limits", schema + rows)
            self.url = self.server.url
            return
        self.url = "sqlite:" + self.folder + "/store.db"
        with contextlib.closing(self.open()) as db:
            db.executescript(schema + rows)
        os.chmod(self.folder + "/store.db", 0o600)

    def open(self):
        return sqlite3.connect(self.folder + "/store.db", timeout=20)

    def run(self, sql):
        if not self.server:
            with contextlib.closing(self.open()) as db:
                rows = db.execute(sql).fetchall()
                db.commit()
                return [[str(value) for value in row] for row in rows]
        done = subprocess.run(self.server.command() + ["-NB", "-e", sql], check=True, capture_output=True, text=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    @contextlib.contextmanager
    def locked(self, where):
        """Another holds the rows, or the whole file."""
        if not self.server:
            with contextlib.closing(self.open()) as db:
                db.execute("BEGIN IMMEDIATE")
                yield
                db.rollback()
            return
        other = subprocess.Popen(self.server.command() + ["-NB", "--unbuffered"], text=True, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
        other.stdin.write(f"BEGIN; SELECT n FROM gw_limits WHERE {where} FOR UPDATE; SELECT 'held';\n")
        other.stdin.flush()
        while other.stdout.readline() != "held\n":
            pass
        yield
        other.stdin.write("ROLLBACK;\n")
        other.stdin.close()
        other.wait(10)

    def inserts(self):
        """How many statements that insert the server has run."""
        return int(self.run("SHOW GLOBAL STATUS LIKE 'Com_insert'")[0][1])

    def end(self):
        if self.server:
            self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


store = Store()
atexit.register(store.end)


class Site(Program):
    def __init__(self, **settings):
        super().__init__(PROGRAM, settings={"GW_DATABASE_URL": store.url, "GW_PROCESSES": "2", "GW_WORKERS": "8",
                                            "GW_TRUSTED_PROXIES": "127.0.0.1", "GW_ORIGIN": "https://school.test", **settings})
        if store.server and not store.run("SHOW TABLES LIKE 'gw_limits'"):
            done = subprocess.run([PROGRAM, "--schema-diff"], env=self.environment, capture_output=True, text=True)
            assert done.returncode == 1, done
            assert "gw_limits" in done.stdout and "gw_schema" in done.stdout and "gw_sessions" not in done.stdout
            assert store.server.run(done.stdout)

    def ask(self, target, client="192.0.2.1", user=None, body=None):
        meta = {"HTTP_X_FORWARDED_FOR": client}
        if body is not None:
            meta["CONTENT_TYPE"] = "application/json"
        bearer = token("users", "id", user) if user else None
        return fcgi.request(self.address, target, "GET" if body is None else "POST", bearer, meta=meta, timeout=30,
                            body=None if body is None else json.dumps(body).encode())

    def reason(self):
        return open(self.log).read().splitlines()[-1]


@contextlib.contextmanager
def serving(n, **settings):
    with contextlib.ExitStack() as stack:
        sites = [stack.enter_context(Site(**settings)) for _ in range(n)]
        for site in sites:
            stack.enter_context(site.running())
        yield sites
