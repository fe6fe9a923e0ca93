"""Every caller at every route that names guests, entities and roles in some combination, 64 requests at once, beside a
naive evaluator of who may. Usage: admission.py PROGRAM GATEWRIGHT sqlite|mysql."""
import json
import os
import random
import sqlite3
import subprocess
import sys
import time

import fcgi
import generate
from mariadb import MariaDB
from program import Program, run_tests, token

PROGRAM, GATEWRIGHT, STORE = sys.argv[1:4]
ROUTES = list(generate.combinations())
AT_ONCE = 64

# The rows of each entity, by their key. A time is in microseconds since 1970 on SQLite.
ROWS = {
    "users": {1 + 2 * i + off: {"role": role, "disabled": bool(off)} for i, role in enumerate("abc") for off in (0, 1)},
    "staff": {1 + 2 * i + on: {"level": level, "active": bool(on)} for i, level in enumerate(["x", "y", None])
              for on in (0, 1)},
    "devices": {1: {"gone": None}, 2: {"gone": "2026-01-02 03:04:05"}},
    "people": {1: {}},
}
MISSING = 99
CALLERS = [None] + [(name, key) for name, rows in ROWS.items() for key in (*rows, MISSING)]


def may(caller, guest, admits):
    """What the request is answered with, from what the manual says and the rows above."""
    if caller is None:
        return 200 if guest else 401
    name, key = caller
    if name not in admits:
        return 403  # before the row is asked for
    row = ROWS[name].get(key)
    if row is None or row.get("disabled") or row.get("active") is False or row.get("gone"):
        return 401
    if admits[name] is generate.ALL:
        return 200
    role = row["role"] if name == "users" else row["level"]
    return 200 if role in admits[name] else 403


def literal(value):
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "1", False: "0"}[value]
    if value[:2] == "20" and STORE == "sqlite":
        return "1767323045000000"
    return "'%s'" % value


def inserts():
    return "".join("INSERT INTO %s (%s) VALUES (%s);\n" % (name, ", ".join(["id", *row]), ", ".join(
        [str(key)] + [literal(value) for value in row.values()])) for name, rows in ROWS.items() for key, row in rows.items())


class Site(Program):
    def __init__(self):
        super().__init__(PROGRAM, settings={"GW_WORKERS": "1"})
        path = os.path.dirname(os.path.abspath(PROGRAM)) + "/routes.def"
        schema = subprocess.run([GATEWRIGHT, "schema", "--" + STORE, path], check=True, capture_output=True,
                                text=True).stdout
        self.server = None
        if STORE == "mysql":
            self.server = MariaDB(self.folder, "admission", schema + inserts())
            self.environment["GW_DATABASE_URL"] = self.server.url
            return
        with sqlite3.connect(self.folder + "/store.db") as db:
            db.executescript(schema + inserts())
        os.chmod(self.folder + "/store.db", 0o600)

    def selects(self):
        done = subprocess.run(self.server.command() + ["-NBe", "SHOW GLOBAL STATUS LIKE 'Com_select'"], check=True,
                              capture_output=True, text=True)
        return int(done.stdout.split()[1])

    def end(self):
        super().end()
        if self.server:
            self.server.stop()


TOKENS = {caller: caller and token(caller[0], "id", caller[1]) for caller in CALLERS}


def check(caller, route, answer):
    status, _, body = answer
    assert status == may(caller, *ROUTES[route]), (caller, generate.access(*ROUTES[route]), status)
    if status != 200:
        return
    said = json.loads(body)
    assert said["table"] == (caller and caller[0]), (caller, said)
    assert caller is None or said["row"]["id"] == caller[1], (caller, said)
    for name, value in (ROWS[caller[0]][caller[1]] if caller else {}).items():
        assert name == "gone" or said["row"][name] == value, (caller, said)


def test_every_caller_at_every_route():
    asked = [(caller, route) for caller in CALLERS for route in range(len(ROUTES))]
    random.Random(7).shuffle(asked)
    with site.running():
        before = site.selects() if site.server else 0
        peers = [fcgi.connect(site.address, 30) for _ in range(AT_ONCE)]
        streams = [peer.makefile("rb") for peer in peers]
        begun, statuses = time.monotonic(), {200: 0, 401: 0, 403: 0}
        for at in range(0, len(asked), AT_ONCE):
            some = asked[at:at + AT_ONCE]
            for (caller, route), peer in zip(some, peers):
                peer.sendall(fcgi.text_of("/r/%d" % route, token=TOKENS[caller], keep=1))
            for (caller, route), stream in zip(some, streams):
                answer = fcgi.read_answer(stream)
                check(caller, route, answer)
                statuses[answer[0]] += 1
        print("%d requests on %d routes in %.1f s: %s" % (len(asked), len(ROUTES), time.monotonic() - begun, statuses))
        assert all(statuses.values()), statuses
        if site.server:  # who loads a row shares its statement: else nothing was tested of that
            loads = sum(may(caller, *ROUTES[route]) in (200, 401) and caller is not None for caller, route in asked)
            selects = site.selects() - before
            print("%d statements for some %d rows" % (selects, loads))
            assert selects < loads / 2, (selects, loads)
        for peer in peers:
            peer.close()


def test_what_is_written_into_a_row_holds_from_the_next_request_on():
    """Roles and blocks are the row's, not the token's."""
    by_role = ROUTES.index((False, {"users": frozenset("a")}))
    everybody = ROUTES.index((False, {"users": generate.ALL}))
    with site.running():
        def ask(route):
            return fcgi.request(site.address, "/r/%d" % route, token=TOKENS[("users", 1)], timeout=30)[0]

        def write(sql):
            if site.server:
                assert site.server.run(sql)
                return
            with sqlite3.connect(site.folder + "/store.db", timeout=20) as db:
                db.execute(sql)
        for sql, expected in (("UPDATE users SET role = 'b' WHERE id = 1", [403, 200]),
                              ("UPDATE users SET role = 'a' WHERE id = 1", [200, 200]),
                              ("UPDATE users SET disabled = 1 WHERE id = 1", [401, 401]),
                              ("UPDATE users SET disabled = 0 WHERE id = 1", [200, 200])):
            write(sql)
            assert [ask(by_role), ask(everybody)] == expected, sql


site = Site()
try:
    run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
finally:
    site.__exit__(None, None, None)
