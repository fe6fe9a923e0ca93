"""Every caller on every route, many at once, beside an evaluator of three lines that knows neither SQL nor C.

usage: roles.py PROGRAM GATEWRIGHT ROUTES STORE"""
import concurrent.futures
import json
import random
import sqlite3
import subprocess
import sys
from itertools import product

from mariadb import MariaDB
from program import Program, run_tests, token
from routes import STAFF, USERS, routes

PROGRAM, GATEWRIGHT, ROUTES, STORE = sys.argv[1:5]
del sys.argv[1:]

# (table, id, role, blocked), as the rows below are written.
ACCOUNTS = [("users", n, role, disabled or left) for n, (role, disabled, left) in
            enumerate(product(USERS + [None], (False, True), (False, True)), 1)]
ACCOUNTS += [("staff", n, level, not active) for n, (level, active) in
             enumerate(product(STAFF + [None], (False, True)), 1)]


def rows():
    def text(word):
        return "'%s'" % word if word else "NULL"
    left = "1700000000000000" if STORE == "sqlite" else "'2023-11-14 22:13:20'"
    for role, disabled, gone in product(USERS + [None], (0, 1), (False, True)):
        yield "INSERT INTO users (role, disabled, `left`) VALUES (%s, %d, %s)" % (text(role), disabled, left if gone else "NULL")
    for level, active in product(STAFF + [None], (0, 1)):
        yield "INSERT INTO staff (level, active) VALUES (%s, %d)" % (text(level), active)


def schema(store):
    return subprocess.run([GATEWRIGHT, "schema", "--" + store, ROUTES], check=True, capture_output=True, text=True).stdout


def site():
    site = Program(PROGRAM, settings={"GW_WORKERS": "4"})
    sql = "".join(row + ";\n" for row in rows())
    if STORE == "mysql":
        server = MariaDB(site.folder, "roles", schema("mysql") + sql)
        site.processes.append(server.process)
        site.environment["GW_DATABASE_URL"] = server.url
    else:
        with sqlite3.connect(site.folder + "/store.db") as db:
            db.executescript(schema("sqlite") + sql)
    return site


def expected(route, account):
    _, guest, users, staff = route
    if account is None:
        return 200 if guest else 401
    table, _, role, blocked = account
    words = users if table == "users" else staff
    if words is None:
        return 403
    return 401 if blocked else 200 if words == () or role in words else 403


def test_each_caller_gets_what_the_route_says():
    asked = [(route, account) for route in routes() for account in ACCOUNTS + [None]]
    random.shuffle(asked)
    with site() as place, place.running(), concurrent.futures.ThreadPoolExecutor(16) as pool:
        def ask(pair):
            route, account = pair
            return place.request("GET", route[0], account and token(account[0], "id", account[1]))
        for pair, (status, body) in zip(asked, pool.map(ask, asked)):
            assert status == expected(*pair), (pair, status, body)
            names = {None: b"a guest", "users": b"a user", "staff": b"staff"}
            assert status != 200 or body == names[pair[1] and pair[1][0]], (pair, body)
        print("%d requests" % len(asked))


def test_no_token_is_made_for_an_account_that_is_blocked():
    with site() as place, place.running():
        for table, n, _, blocked in ACCOUNTS:
            status, body = place.request("POST", "/token/%s/%d" % (table, n))
            assert status == (401 if blocked else 200), (table, n, status, body, open(place.log).read()[-500:])


def test_the_log_says_why_and_the_answer_does_not():
    with site() as place:
        with place.running():
            lost = next(a for a in ACCOUNTS if a[0] == "users" and a[3])
            good = next(a for a in ACCOUNTS if a[0] == "users" and not a[3] and a[2] == "admin")
            route = next(r for r in routes() if r[2] == ("an editor",) and r[3] is None)
            blocked = place.request("GET", route[0], token("users", "id", lost[1]))
            nobody = place.request("GET", route[0], token("users", "id", 9999))
            other = place.request("GET", route[0], token("users", "id", good[1]))
        assert blocked[0] == nobody[0] == 401 and other[0] == 403

        def plain(answer):
            return {k: v for k, v in json.loads(answer[1]).items() if k != "instance"}
        assert plain(blocked) == plain(nobody)
        log = open(place.log).read()
        for reason in "jwt.blocked", "jwt.row", "auth.role":
            assert log.count(reason) == 1, (reason, log)


GOOD = {"users": "role = 'admin', disabled = 0, `left` = NULL", "staff": "level = 'x', active = 1"}


def test_what_the_compiler_prints_as_requests_holds():
    printed = json.loads(subprocess.run([GATEWRIGHT, "tests", ROUTES], check=True, capture_output=True, text=True).stdout)
    columns = {"disabled": set(), "left": set(), "active": set(), "role": set(), "level": set()}
    values = {True: "1", False: "0", "now": "CURRENT_TIMESTAMP" if STORE == "mysql" else "1700000000000000"}
    with site() as place, place.running():
        def change(sql):
            command = (["mariadb", "--no-defaults", "--socket=%s/mysql.sock" % place.folder, "-uroot", "roles"]
                       if STORE == "mysql" else ["sqlite3", place.folder + "/store.db"])
            subprocess.run(command, input=sql, text=True, check=True)
        # One in ten on the server, whose shell takes its time.
        for request in printed["requests"] if STORE == "sqlite" else printed["requests"][::10]:
            name, where = request["token"], request.get("where")
            seconds = -60 if request.get("expired") else 3600
            bearer = token(name, "id", 1, seconds, issued=7200) if name in GOOD else "not.a.token" if name else None
            if name in GOOD:
                change("UPDATE %s SET %s WHERE id = 1;" % (name, GOOD[name]))
            if where:
                value = where["value"]
                text = values[value] if isinstance(value, bool) or value == "now" else "'%s'" % value
                change("UPDATE %s SET `%s` = %s WHERE id = 1;" % (name, where["column"], text))
                columns[where["column"]].add(request["expect"][0] if "expect" in request else 0)
            status, body = place.request(request["method"], request["path"], bearer)
            good = status in request["expect"] if "expect" in request else status not in request["expect_not"]
            assert good or "/token/" in request["path"], (request, status, body)
    if STORE == "sqlite":
        assert columns == {"disabled": {401}, "left": {401}, "active": {401}, "role": {0, 403}, "level": {0, 403}}, columns


run_tests(globals())
