"""The program on one of the stores, tokens of the tests' own making, and time that passes.
Usage of each test: NAME.py PROGRAM GATEWRIGHT ROUTES [sqlite|mysql]."""
import atexit
import base64
import contextlib
import hashlib
import hmac
import json
import os
import queue
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import fcgi
from mariadb import MariaDB
from program import Program, SECRET, encoded

TRANSPORT = {"GW_TRANSPORT": os.environ["TESTS_TRANSPORT"]} if "TESTS_TRANSPORT" in os.environ else {}
ORIGIN = "https://school.test"
PROGRAM, GATEWRIGHT, ROUTES = sys.argv[1:4]
STORE = sys.argv[4] if len(sys.argv) > 4 else "mysql"


def claims_of(token):
    text = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def signed(claims, secret=SECRET, **header):
    """HS256 (RFC 7515), by no code of Gatewright."""
    parts = [{"alg": "HS256", "typ": "refresh+jwt", **header}, claims]
    text = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    return text + "." + encoded(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())


def owner_of(entity, key):
    return encoded(hashlib.sha256(entity.encode() + b"\0" + str(key).encode()).digest())


_server = []  # one for all databases of a test


def server():
    if not _server:
        folder = tempfile.mkdtemp(prefix="gatewright-sessions.")
        _server.append(MariaDB(folder, "nothing", ""))
        atexit.register(stop_server, folder)
    return _server[0]


def stop_server(folder):
    _server[0].stop()
    shutil.rmtree(folder, ignore_errors=True)


class Client:
    """A `mariadb` client that stays, so that a statement costs no process."""

    def __init__(self, database):
        self.process = subprocess.Popen(server().command(database) + ["-NB", "--unbuffered"], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, sql):
        self.process.stdin.write(sql + ";\nSELECT 'end of the rows';\n")
        self.process.stdin.flush()
        return [line.rstrip("\n").split("\t")
                for line in iter(self.process.stdout.readline, "end of the rows\n")]

    def end(self):
        self.process.stdin.close()
        self.process.wait(10)


class Clock:
    """What a database with `run` does to the times in it."""

    def pass_time(self, seconds, sid):
        """For one session. What has a time in it is as it would be so much later."""
        times = ", ".join("%s = %s - %d" % (name, name, seconds)
                          for name in ("replaced", "created", "used", "expires", "ends"))
        self.run("UPDATE gw_sessions SET %s WHERE sid = '%s'" % (times, sid))


class Database(Clock):
    """The store of the programs under test, reached beside them."""

    made = 0

    def __init__(self, site, clients=1):
        self.site, self.clients = site, queue.Queue()
        if STORE == "sqlite":
            self.server, self.url = None, site.environment["GW_DATABASE_URL"]
            return
        done = subprocess.run([GATEWRIGHT, "schema", "--mysql", ROUTES], check=True, capture_output=True, text=True)
        self.server = server()
        Database.made += 1
        name = "sessions%d" % Database.made
        assert self.server.run("CREATE DATABASE %s; USE %s; %s" % (name, name, done.stdout), None)
        self.url = site.environment["GW_DATABASE_URL"] = self.server.url.replace("/nothing?", "/%s?" % name)
        assert self.server.run(schema_diff(site), name)
        for _ in range(clients):
            self.clients.put(Client(name))

    def run(self, sql):
        """Rows of texts."""
        if not self.server:
            with contextlib.closing(sqlite3.connect(self.url[len("sqlite:"):], timeout=20)) as db:
                rows = db.execute(sql).fetchall()
                db.commit()
                return [[str(value) for value in row] for row in rows]
        client = self.clients.get()
        try:
            return client.run(sql)
        finally:
            self.clients.put(client)

    def end(self):
        while not self.clients.empty():
            self.clients.get().end()


def schema_diff(site, code=1):
    done = subprocess.run([PROGRAM, "--schema-diff"], env=site.environment, capture_output=True, text=True)
    assert done.returncode == code, done
    return done.stdout


@contextlib.contextmanager
def world(clients=1, **settings):
    """A site that serves, and its database."""
    with Program(PROGRAM) as site:
        site.environment.update({"GW_WORKERS": "4", "GW_ORIGIN": ORIGIN, **TRANSPORT, **settings})
        database = Database(site, clients)
        try:
            with site.running():
                yield site, database
        finally:
            database.end()


_kept = []


@contextlib.contextmanager
def kept():
    """A world for all tests of a program, so that none waits for a start."""
    with world() as pair:
        _kept.append(pair)
        yield


@contextlib.contextmanager
def emptied():
    """That one, without what the tests before have left in it."""
    site, database = _kept[0]
    for table in ("users", "staff", "bosses", "guests", "gw_sessions", "gw_tickets"):
        database.run("DELETE FROM " + table)
        if STORE != "sqlite" and not table.startswith("gw_") and table != "staff":
            database.run("ALTER TABLE %s AUTO_INCREMENT = 1" % table)
    if STORE == "sqlite":
        database.run("DELETE FROM sqlite_sequence")
    yield site, database


def call(site, method, path, token=None, body=None, meta=()):
    """(status, JSON or None)"""
    text = None if body is None else json.dumps(body).encode()
    status, _, answer = fcgi.request(site.address, "/api" + path, method, token, body=text, meta=meta, timeout=30)
    return status, json.loads(answer) if answer[:1] in (b"{", b"[") else None


def opened(site, who="a@example.com", path="/users/", **keywords):
    status, session = call(site, "POST", path + who, **keywords)
    assert status == 201, (status, session)
    return session


def refresh(site, token, path="/auth/refresh"):
    return call(site, "POST", path, body={"refresh_token": token})


def last_reason(site):
    """Of the last request in the log."""
    lines = [l for l in open(site.log).read().splitlines() if " POST " in l or " GET " in l or " DELETE " in l]
    return lines[-1]
