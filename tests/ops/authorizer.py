#!/usr/bin/python3
"""The program as a guard: FastCGI's role of an authorizer, and nginx's auth_request."""
import json
import os
import sqlite3
import subprocess

import fcgi
from program import token
from web import GATEWRIGHT, ORIGIN, ROUTES, Site, run_tests

TESTS = json.loads(subprocess.run([GATEWRIGHT, "tests", ROUTES], stdout=subprocess.PIPE,
                                  check=True).stdout)
# What the gate and `own` decide; the rest of the list is about bodies, which a guard never sees.
KINDS = ("no token", "a bad token", "an expired token", "another entity's token", "a wrong method", "good")


def token_for(name, lifetime=3600):
    entity = TESTS["entities"][name]
    return token(entity["table_name"], entity["key_claim"], 1, lifetime, issued=3600)


def token_of(request):
    if request["token"] == "bad":
        return "not.a.token"
    if not request["token"]:
        return None
    return token_for(request["token"], -60 if request.get("expired") else 3600)


def requests():
    return [r for r in TESTS["requests"] if r["name"].partition(": ")[2] in KINDS]


def headers_of(request):
    return {name: value.replace("ORIGIN", ORIGIN) for name, value in request.get("headers", {}).items()}


def restore(site, request=None):
    """A user, a teacher and a lesson of theirs, whatever the handlers have done to them; the account of the request's
    token as its `where` says."""
    with sqlite3.connect(site.folder + "/school.db", timeout=10) as db:
        for table, key in ("users", "id"), ("teachers", "teacher_id"):
            db.execute("INSERT OR REPLACE INTO %s (%s, name, email, password, token_epoch) "
                       "VALUES (1, 'Ann', 'ann@example.com', '*', 0)" % (table, key))
        paths = [r["path"].rpartition("/")[2] for r in requests()]
        for row in {1} | {int(p) for p in paths if p.lstrip("-").isdigit()}:
            db.execute("INSERT OR REPLACE INTO lessons (id, title, author_id) VALUES (?, ?, 1)",
                       (row, "x" if row == 1 else "x %d" % row))
        where = request and request.get("where")
        if where:
            entity = TESTS["entities"][request["token"]]
            db.execute("UPDATE %s SET %s = ? WHERE %s = 1" % (entity["table_name"], where["column"], entity["key_claim"]),
                       (where["value"],))
    db.close()


def make_files(folder):
    """A file at each path of the list, or a folder where others lie beneath it."""
    paths = {r["path"].partition("?")[0] for r in requests()}
    leaves = {p for p in paths if not any(q.startswith(p.rstrip("/") + "/") for q in paths if q != p)}
    for path in paths:
        os.makedirs(os.path.dirname(folder + path) if path in leaves else folder + path, exist_ok=True)
    for path in paths - leaves:
        open(folder + path + "/index.html", "w").write("static: an index")
    for path in leaves:
        open(folder + path, "w").write("static: " + path)
    subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
    return leaves


def start(server, transport="native", tcp=False, settings=None):
    site = Site(server, transport, tcp, settings=settings)
    site.leaves = make_files(site.folder + "/static")
    site.conf = ["--guard", site.folder + "/static"]
    site.start_program()
    if server:
        site.start_server()
    restore(site)
    return site


def is_refused(server, answer):
    """Refused by the program: nginx says so itself, on the others the program's own answer comes
    through."""
    if server != "nginx":
        return b'"instance":' in answer.body
    return answer.status in (401, 403)


def same_verdicts(server, transport="native", tcp=False):
    with start(server, transport, tcp) as site:
        seen, n_files = {}, 0
        for request in requests():
            token, kind = token_of(request), request["name"].partition(": ")[2]
            body = request.get("body")
            client = site.client()
            restore(site, request)
            answer = client.request(request["method"], request["path"], token=token, headers=headers_of(request).items())
            client.close()
            restore(site, request)
            status, head, _ = fcgi.request(site.address, request["path"], request["method"], token,
                                           meta=[("HTTP_" + name.upper(), value) for name, value in headers_of(request).items()],
                                           body=body.encode() if body is not None else None)
            restore(site)
            if server != "nginx" and request["method"] not in ("GET", "HEAD", "OPTIONS"):
                # Its configuration lets no file be the answer to anything else.
                assert answer.status in (403, 405), (request, answer.status)
                continue
            # What a good request gets it has from its handler, also 404 of a file that is not there.
            refused = kind != "good" and "application/problem+json" in head
            assert kind != "good" or status not in (403, 405), (request, status)
            assert is_refused(server, answer) == refused, (request, answer.status, answer.body, status)
            if refused and status == 401:
                assert answer.status == 401, (request, answer.status)
                assert answer.header("www-authenticate").startswith("Bearer"), request
            if refused and server != "nginx":
                assert answer.status == status, (request, answer.status, status)
            path = request["path"].partition("?")[0]
            if not refused and request["method"] == "GET" and path in site.leaves:
                assert answer.status == 200, (request, answer.status, answer.body)
                assert answer.body.decode() == "static: " + path, answer.body
                n_files += 1
            seen[kind] = seen.get(kind, 0) + 1
        assert set(seen) == set(KINDS), seen
        assert sum(seen.values()) >= (40 if server == "nginx" else 20), seen
        assert n_files >= 3, n_files
        log = open(site.log).read()
        assert token_for("users")[:20] not in log


def test_nginx():
    same_verdicts("nginx")


def test_nginx_libfcgi():
    same_verdicts("nginx", "libfcgi")


def test_lighttpd():
    same_verdicts("lighttpd")


def test_lighttpd_libfcgi():
    same_verdicts("lighttpd", "libfcgi")


def test_apache():
    same_verdicts("apache", tcp=True)


def test_apache_libfcgi():
    same_verdicts("apache", "libfcgi", tcp=True)


# ---- The roles themselves ----

def both(check):
    for transport in "native", "libfcgi":
        with start(None, transport) as site:
            check(site)


def test_an_authorizer_names_the_caller():
    def check(site):
        status, head, body = fcgi.request(site.address, "/api/v1/me", role=fcgi.AUTHORIZER,
                                          token=token_for("teachers"))
        assert status == 200 and not body, (status, body)
        assert "Variable-REMOTE_USER: 1\r\n" in head and "Variable-GATEWRIGHT_TABLE: teachers" in head
        status, head, _ = fcgi.request(site.address, "/", role=fcgi.AUTHORIZER)
        assert status == 200 and "Variable-" not in head, head
    both(check)


def test_auth_request_names_the_caller():
    def check(site):
        status, head, _ = fcgi.request(site.address, "/api/v1/me", token=token_for("users"),
                                       meta={"GATEWRIGHT_ROLE": "auth_request"})
        assert status == 200 and "X-Gatewright-Table: users" in head, head
        assert "X-Gatewright-Key: 1" in head
    both(check)


def test_own_is_checked_and_bodies_are_not():
    def check(site):
        for row, status in ((1, 200), (999, 404)):
            got = fcgi.request(site.address, "/api/v1/lessons/%d" % row, "PUT", token_for("teachers"),
                               fcgi.AUTHORIZER)
            assert got[0] == status, (row, got)
        with sqlite3.connect(site.folder + "/school.db") as db:
            assert db.execute("SELECT title FROM lessons WHERE id = 1").fetchone() == ("x",)
        db.close()
    both(check)


def test_no_handler_runs():
    def check(site):
        for method, target in (("POST", "/api/v1/logout"), ("DELETE", "/api/v1/lessons/1")):
            for keywords in ({"role": fcgi.AUTHORIZER}, {"meta": {"GATEWRIGHT_ROLE": "auth_request"}}):
                assert fcgi.request(site.address, target, method, token_for("teachers"),
                                    **keywords)[0] == 200
        with sqlite3.connect(site.folder + "/school.db") as db:
            assert db.execute("SELECT token_epoch FROM teachers").fetchone() == (0,)
            assert db.execute("SELECT id FROM lessons WHERE id = 1").fetchone() == (1,)
        db.close()
    both(check)


def test_under_auth_request_every_refusal_but_401_is_403():
    def check(site):
        meta = {"GATEWRIGHT_ROLE": "auth_request"}
        for method, target, token, status in (
                ("GET", "/api/v1/me", None, 401), ("GET", "/api/v1/me", "bad", 401),
                ("GET", "/api/v1/login", token_for("teachers"), 403), ("GET", "/none", None, 403),
                ("DELETE", "/api/v1/me", None, 403), ("FOO", "/api/v1/me", None, 403),
                ("GET", "/api/v1//me", None, 403), ("OPTIONS", "/api/v1/me", None, 403),
                ("PUT", "/api/v1/lessons/999", token_for("teachers"), 403)):
            got = fcgi.request(site.address, target, method, token, meta=meta)
            assert got[0] == status, (method, target, got)
            assert json.loads(got[2])["status"] == status
        log = open(site.log).read()
        for reason in ("path.route", "method.route", "method.unknown", "path.empty", "method.options",
                       "own"):
            assert " " + reason + "\n" in log, reason
    both(check)


def test_a_store_that_is_away_is_503():
    away = {"GW_DATABASE_URL": "mysql://nobody:x@127.0.0.1:1/school"}
    for keywords in ({"role": fcgi.AUTHORIZER}, {"meta": {"GATEWRIGHT_ROLE": "auth_request"}}):
        with Site(settings=away) as site:
            site.start_program()
            status, head, _ = fcgi.request(site.address, "/api/v1/me", token=token_for("users"),
                                           **keywords)
            assert status == 503 and "Retry-After" in head, (status, head)


def test_roles_that_are_none_are_refused():
    with start(None) as site:
        try:
            fcgi.request(site.address, role=fcgi.FILTER)
            raise AssertionError("a filter was served")
        except ConnectionError:
            pass
        for role in "authorizer", "AUTH_REQUEST", "x":
            assert fcgi.request(site.address, meta={"GATEWRIGHT_ROLE": role})[0] == 400
        assert fcgi.request(site.address, meta={"GATEWRIGHT_ROLE": "auth_request"},
                            role=fcgi.AUTHORIZER)[0] == 400
        # A client's header is no role.
        assert fcgi.request(site.address, "/none",
                            meta={"HTTP_GATEWRIGHT_ROLE": "auth_request"})[0] == 404


def test_a_guard_shows_no_status_page():
    with start(None, settings={"GW_STATUS_PATH": "/-", "GW_STATUS_TOKEN": "0123456789abcdef"}) as site:
        assert fcgi.request(site.address, "/-/ping", token="0123456789abcdef")[0] == 200
        assert fcgi.request(site.address, "/-/ping", token="0123456789abcdef",
                            role=fcgi.AUTHORIZER)[0] == 404


def test_kept_connections_take_turns_of_roles():
    with start(None) as site, fcgi.connect(site.address) as peer:
        stream = peer.makefile("rb")
        for role in (fcgi.AUTHORIZER, fcgi.RESPONDER, fcgi.AUTHORIZER, fcgi.AUTHORIZER, fcgi.RESPONDER):
            peer.sendall(fcgi.text_of(role=role, keep=1))
            status, _, body = fcgi.read_answer(stream)
            assert status == 200 and bool(body) == (role == fcgi.RESPONDER)
        # Some servers send an authorizer an empty STDIN all the same.
        peer.sendall(fcgi.text_of(role=fcgi.AUTHORIZER, keep=1) + fcgi.record(5, b""))
        assert fcgi.read_answer(stream)[0] == 200
        peer.sendall(fcgi.text_of(keep=0))
        assert fcgi.read_answer(stream)[0] == 200


run_tests(globals())
