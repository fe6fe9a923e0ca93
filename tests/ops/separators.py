#!/usr/bin/python3
"""Encoded separators against every kind of narrower route, in every role on every server: the answer
is that for the decoded path, or a refusal. The program is that of tests/paths."""
import base64
import hashlib
import hmac
import json
import os
import sqlite3
import subprocess
import time
from urllib.parse import quote, unquote_to_bytes

import fcgi
from web import SECRET, Site, run_tests

UUID = "0b7a4e0c-6a5e-4b9e-9a51-1f0b8f3f9d11"
# `|` is where a separator is tried. The first two are of one route however they are read.
PLACES = [
    "/files/a|x.txt", "/open/a|b|x.txt",
    "/files/private|x.txt", "/files|private/x.txt", "/files|private|x.txt", "/files/privat%65|x.txt",
    "/files/v1|x.txt", "/files/%761|x.txt", "/files/%s|x.txt" % UUID, "/files/2026-11-26|x.txt",
    "/files/plans|x.txt", "/files/own/1|x.txt", "/files/own|1/x.txt", "/files/own|2|x.txt",
    "/files/scoped|x.txt", "/files/%C3%A9|x.txt", "/files/upload|x.txt",
    "/open/closed|x.txt", "/open/closed|deeper/x.txt", "/open/closed/deeper|x.txt", "/open|closed|x.txt",
    "/open/a/|closed/x.txt", "/two/a/7|x.txt", "/two/a/b|x", "/two/a|7/x.txt", "/name/a|x.txt",
]
SEPARATORS = ["%2F", "%2f", "%5C", "%5c", "%2F%2e%2F", "%2fb%2F%2e%2e%2f", "%252F", "%255C", "%2F%2F", "%2F%5C"]
CALLERS = ("nobody", "user", "reader", "teacher")  # reader: a user whose token has the scope


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token_of(caller):
    if caller == "nobody":
        return None
    now = int(time.time())
    claims = {"table_name": "teachers" if caller == "teacher" else "users", "id": 1, "iat": now, "exp": now + 3600}
    if caller == "reader":
        claims["scope"] = "files"
    signed = encode(b'{"alg":"HS256"}') + b"." + encode(json.dumps(claims).encode())
    mac = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + encode(mac)).decode()


def make_rows(site):
    with sqlite3.connect(site.folder + "/school.db", timeout=10) as db:
        db.executescript("INSERT INTO users VALUES (1, 'u'); INSERT INTO teachers VALUES (1, 't');"
                         "INSERT INTO notes VALUES (1, 1); INSERT INTO users VALUES (2, 'v');"
                         "INSERT INTO notes VALUES (2, 2);")
    db.close()


def targets():
    for place in PLACES:
        for separator in SEPARATORS:
            yield place.replace("|", separator)


def decoded(target, backslashes=False):
    """As whoever gets the parameter reads it: decoded once."""
    text = unquote_to_bytes(target)
    return quote(text.replace(b"\\", b"/") if backslashes else text, safe="/")


def is_double(target):
    return "%25" in target


def start(server, transport="native", tcp=False, conf=(), settings=None):
    site = Site(server, transport, tcp, settings=settings)
    site.conf = list(conf)
    site.start_program()
    make_rows(site)
    return site


# ---- The responder ----

def told(answer):
    """(status, which handler, what it was given)"""
    status, body = answer
    said = json.loads(body) if status == 200 else {}
    return status, said.get("handler"), said.get("given")


def check_responder(ask):
    n_good, n_refused = 0, 0
    for caller in CALLERS:
        token = token_of(caller)
        for target in targets():
            got = told(ask(target, token))
            if got[0] == 400:
                n_refused += 1
                continue
            assert got == told(ask(decoded(target), token)), (caller, target, got)
            if not is_double(target):
                assert got[:2] == told(ask(decoded(target, True), token))[:2], (caller, target, got)
            n_good += got[0] == 200
    assert n_good >= 60 and n_refused >= 500, (n_good, n_refused)
    # And what separates in the open is answered.
    for target, handler in (("/files/a%2Fx.txt", "wide"), ("/files/private/x.txt", "literal"),
                            ("/files/private/a%2Fx.txt", "literal"), ("/files/v1/x.txt", "mixed"),
                            ("/files/%s/x" % UUID, "typed"), ("/files/2026-11-26/x", "dated"),
                            ("/files/private%252Fx.txt", "wide"), ("/two/a/7/x.txt", "two_number")):
        assert told(ask(target, token_of("teacher")))[:2] == (200, handler), target


def behind(server, transport="native"):
    with start(server, transport) as site:
        site.start_server()
        client = site.client()

        def ask(target, token):
            answer = client.request("GET", target, token=token)
            return answer.status, answer.body
        check_responder(ask)
        client.close()


def test_responder():
    with start(None) as site:
        def ask(target, token):
            status, _, body = fcgi.request(site.address, target, token=token)
            return status, body
        check_responder(ask)


def test_responder_nginx():
    behind("nginx")


def test_responder_nginx_libfcgi():
    behind("nginx", "libfcgi")


def test_responder_lighttpd():
    behind("lighttpd")


def test_responder_apache():
    behind("apache")


def test_responder_caddy():
    behind("caddy")


def test_other_methods_tell_what_the_decoded_path_has():
    """405 and OPTIONS name the methods of the path that a handler would see."""
    with start(None) as site:
        for method, target, status in (
                ("OPTIONS", "/files/upload%2Fx", 400), ("DELETE", "/files/upload%2Fx", 400),
                ("OPTIONS", "/files/a%2Fx", 204), ("DELETE", "/files/a%2Fx", 405),
                ("GET", "/files/upload%2Fx", 200), ("POST", "/files/upload/x%2Fy", 200),
                ("HEAD", "/files/private%2Fx", 400), ("HEAD", "/files/a%2Fx", 200)):
            got = fcgi.request(site.address, target, method, token_of("teacher"))
            assert got[0] == status, (method, target, got)


def test_a_mount_point_is_no_way_around():
    with start(None, settings={"GW_MOUNT": "/app"}) as site:
        for target, status in (("/app/open/x", 200), ("/app%2Fopen/x", 400), ("/app%5Copen/x", 400),
                               ("/app/open%2Fx", 400), ("/app/open/closed%2Fx", 400), ("/open/x", 404),
                               ("/app/open/a%2Fx", 200), ("/appx%2Fopen/x", 400)):
            got = fcgi.request(site.address, target)
            assert got[0] == status, (target, got)


# ---- Guards ----

def test_an_authorizer_refuses_them_always():
    with start(None) as site:
        for target in targets():
            if is_double(target):
                continue
            for keywords, status in (({"role": fcgi.AUTHORIZER}, 400), ({"meta": {"GATEWRIGHT_ROLE": "auth_request"}}, 403)):
                got = fcgi.request(site.address, target, token=token_of("teacher"), **keywords)
                assert got[0] == status, (target, got[0])
        assert " path.separator\n" in open(site.log).read()
        assert fcgi.request(site.address, "/files/private/x", token=token_of("teacher"), role=fcgi.AUTHORIZER)[0] == 200


def make_files(folder):
    """A file at each path that a decoded target may mean."""
    for target in list(targets()) + [decoded(t) for t in targets()] + [decoded(t, True) for t in targets()]:
        path = os.path.normpath(folder + "/" + os.fsdecode(unquote_to_bytes(target)))
        if not os.path.isdir(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w").write("secret " + path)
    subprocess.run(["chmod", "-R", "a+rX", folder], check=True)


def guards(server, mount="", tcp=False):
    with start(server, tcp=tcp, settings={"GW_MOUNT": mount} if mount else None) as site:
        make_files(site.folder + "/static" + mount)
        site.conf = ["--guard", site.folder + "/static"] + (["--mount", mount] if mount else [])
        site.start_server()
        client, n_good, n_refused = site.client(), 0, 0
        for caller in CALLERS:
            token = token_of(caller)
            for target in targets():
                got = client.request("GET", mount + target, token=token)
                plain = client.request("GET", mount + decoded(target), token=token)
                if is_double(target):
                    assert got.status == plain.status, (caller, target, got.status)
                    assert got.status != 200 or got.body == plain.body, (caller, target)
                else:
                    assert got.status in (400, 401, 403, 404), (caller, target, got.status)
                    n_refused += 1
                n_good += plain.status == 200
        if mount:
            for target in ("/app%2Ffiles/a/x.txt", "/app%5Cfiles/a/x.txt", "/app/%2e%2e/app/files/a/x.txt"):
                assert client.request("GET", target).status in (400, 401, 403, 404), target
        client.close()
        assert n_good >= 100 and n_refused >= 500, (n_good, n_refused)


def test_guard_nginx():
    guards("nginx")


def test_guard_nginx_mounted():
    guards("nginx", "/app")


def test_guard_lighttpd():
    guards("lighttpd")


def test_guard_lighttpd_mounted():
    guards("lighttpd", "/app")


def test_guard_apache():
    guards("apache", tcp=True)


def test_guard_apache_mounted():
    guards("apache", "/app", tcp=True)


if __name__ == "__main__":
    run_tests(globals())
