#!/usr/bin/python3
"""The status pages on a socket of their own, by HTTP, and what they say of the store."""
import contextlib
import http.client
import json
import os
import socket
import sqlite3
import subprocess
import time

from prometheus_client.openmetrics.parser import text_string_to_metric_families

import fcgi
from program import token
from web import PROGRAM, Site, free_port, run_tests, school_database, wait_for

TOKEN = "status-token-of-0123456789"


@contextlib.contextmanager
def scraped(**settings):
    with Site(settings=settings) as site:
        site.pages = free_port()
        site.environment["GW_STATUS_LISTEN"] = "tcp:127.0.0.1:%d" % site.pages
        yield site


def get(site, target, method="GET", **headers):
    """(status, headers, body), by Python's own HTTP client."""
    peer = http.client.HTTPConnection("127.0.0.1", site.pages, timeout=10)
    peer.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = peer.getresponse()
    body = answer.read()
    peer.close()
    return answer.status, answer.headers, body


def samples(site):
    """{(name, *labels' values): value}"""
    status, headers, body = get(site, "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    return {(s.name, *s.labels.values()): s.value
            for family in text_string_to_metric_families(body.decode()) for s in family.samples}


def log_in(site):
    return fcgi.request(site.address, "/api/v1/auth/user/login", "POST", None,
                        body=json.dumps({"email": "a@b.c", "password": "correct horse"}).encode())[0]


def get_me(site, bearer):
    return fcgi.request(site.address, "/api/v1/me", token=bearer)[0]


# ---- The socket ----

def test_pages_are_there_and_nothing_else():
    with scraped() as site:
        site.start_program()
        assert get(site, "/ping")[::2] == (200, b"pong\n")
        status, headers, body = get(site, "/status")
        assert status == 200 and b"in flight  0" in body and headers["Cache-Control"] == "no-store"
        assert json.loads(get(site, "/status?json")[2])["workers"] == 8
        status, headers, body = get(site, "/metrics", "HEAD")
        assert status == 200 and int(headers["Content-Length"]) > 500 and not body
        for target in "/", "/api/v1/me", "/ping/", "/-/ping", "/metrics%00", "//ping", "/" + "x" * 100:
            assert get(site, target)[0] == 404, target
        status, headers, _ = get(site, "/ping", "POST")
        assert status == 405 and headers["Allow"] == "GET, HEAD"
        assert fcgi.request(site.socket, "/ping")[0] == 404, "as a route"
        assert site.stop(5) == 0


def test_a_token_is_demanded_where_there_is_one():
    with scraped(GW_STATUS_TOKEN=TOKEN) as site:
        site.start_program()
        assert get(site, "/metrics", Authorization="Bearer " + TOKEN)[0] == 200
        for value in "", "Bearer", "Bearer " + TOKEN[:-1], "Bearer " + TOKEN + "x", "Basic " + TOKEN:
            status, headers, body = get(site, "/metrics", Authorization=value)
            assert status == 401 and headers["WWW-Authenticate"].startswith("Bearer") and not body, value
        assert get(site, "/none")[0] == 401
        assert TOKEN not in open(site.log).read()


def test_a_browser_that_was_led_here_by_another_name_is_refused():
    with scraped() as site:
        site.start_program()
        for host in "localhost", "localhost:%d" % site.pages, "127.0.0.1", "127.0.0.1:80", "[::1]:9100":
            assert get(site, "/ping", Host=host)[0] == 200, host
        for host in "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "127.evil", "x:127.0.0.1":
            assert get(site, "/ping", Host=host)[0] == 403, host


def test_without_a_token_other_machines_are_not_let_in():
    with Site() as site:
        for address in "tcp:0.0.0.0:9100", "tcp:192.0.2.1:9100", "tcp:[::]:9100", "tcp:1270.0.0.1:1":
            done = subprocess.run([PROGRAM, "--check"], env={**site.environment, "GW_STATUS_LISTEN": address},
                                  capture_output=True, text=True, timeout=20)
            assert done.returncode == 78 and "GW_STATUS_LISTEN is no address of this machine alone" in done.stderr
        for address, word in (("unix:/x", "it may hold tcp:"), ("tcp:127.0.0.1", "expected tcp:ADDRESS:PORT")):
            done = subprocess.run([PROGRAM], env={**site.environment, "GW_STATUS_LISTEN": address, "GW_STATUS_TOKEN": TOKEN,
                                                  "GW_LISTEN": site.address}, capture_output=True, text=True, timeout=20)
            assert done.returncode == 78 and word in done.stderr and "GW_STATUS_LISTEN" in done.stderr, done


def test_peers_that_say_nothing_hold_nobody_up_for_long():
    with scraped() as site:
        site.start_program()
        silent = [socket.create_connection(("127.0.0.1", site.pages)) for _ in range(2)]
        begun = time.monotonic()
        assert get(site, "/ping")[0] == 200 and time.monotonic() - begun < 3
        for peer in silent:
            peer.close()
        with socket.create_connection(("127.0.0.1", site.pages)) as peer:  # too long, and never an end
            with contextlib.suppress(OSError):
                peer.sendall(b"GET /ping HTTP/1.1\r\nX: " + b"x" * 20000)
                assert peer.recv(10) == b""
        for junk in b"\r\n\r\n", b"GET\r\n\r\n", b"\0" * 100, b"GET /ping\r\n\r\n", b"GET /ping HTTP/2\r\n\r\n":
            with socket.create_connection(("127.0.0.1", site.pages)) as peer:
                peer.sendall(junk)
                with contextlib.suppress(OSError):
                    assert not peer.recv(100).startswith(b"HTTP/1.1 200"), junk
        assert get(site, "/ping")[0] == 200


def test_pages_are_there_until_the_last_request_is_answered():
    with scraped(GW_WORKERS="2") as site:
        site.start_program()
        with fcgi.connect(site.address) as peer:  # a body that is under way
            text = fcgi.text_of("/api/v1/auth/user/login", "POST", body=b'{"email":"a@b.c","password":"correct horse"}')
            peer.sendall(text[:-20])
            wait_for("it is in flight", lambda: samples(site)[("gatewright_requests_in_flight",)] == 1)
            site.process.terminate()
            wait_for("it stops", lambda: json.loads(get(site, "/status?json")[2])["stopping"])
            peer.sendall(text[-20:])
            assert fcgi.read_answer(peer.makefile("rb"))[0] == 401
        assert site.process.wait(10) == 0


# ---- The store ----

def test_statements_and_connections_are_counted():
    with scraped(GW_WORKERS="1") as site:
        site.start_program()
        nobody = token("users", "id", 1)
        assert get_me(site, nobody) == 401
        before = samples(site)
        for _ in range(5):
            assert get_me(site, nobody) == 401
        after = samples(site)
        assert after[("gatewright_store_statements_total",)] - before[("gatewright_store_statements_total",)] == 5
        assert after[("gatewright_store_connects_total",)] == 1
        assert after[("gatewright_store_wait_seconds_total",)] > before[("gatewright_store_wait_seconds_total",)] > 0
        assert not [key for key in after if key[0].startswith("gatewright_store_host")]
        os.rename(site.folder + "/school.db", site.folder + "/away.db")
        time.sleep(0.05)  # reads look at the file every 10 ms
        assert get_me(site, nobody) == 503
        after = samples(site)
        assert after[("gatewright_store_failures_total", "away")] == 1
        assert after[("gatewright_store_suspended",)] == 1
        assert after[("gatewright_refusals_total", "store.away")] == 1
        line = [l for l in open(site.log) if " 503 " in l]
        assert len(line) == 1 and line[0].rstrip().endswith("store.away"), line


def test_a_lock_that_lasts_has_its_reason():
    with scraped(GW_STORE_TIMEOUT="300ms") as site:
        site.start_program()
        with contextlib.closing(sqlite3.connect(site.folder + "/school.db", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            begun = time.monotonic()
            status = fcgi.request(site.address, "/api/v1/auth/user", "POST", None, body=json.dumps(
                {"name": "a", "email": "a@b.c", "password": "correct horse"}).encode())[0]
            took = time.monotonic() - begun
            assert status == 503 and 0.3 <= took < 1.2, (status, took)
        assert samples(site)[("gatewright_store_failures_total", "busy")] == 1
        assert samples(site)[("gatewright_refusals_total", "store.away")] == 1


def test_hosts_are_shown_as_they_are():
    with scraped(GW_WORKERS="1") as site:
        dead, database = free_port(), school_database(site, free_port())
        try:
            assert database.run("CREATE USER app@'127.%'; GRANT ALL ON school.* TO app@'127.%'", None)
            site.environment["GW_DATABASE_URL"] = "mysql://app@127.0.0.1:%d,127.0.0.1:%d/school" % (dead, database.port)
            first, second = "127.0.0.1:%d" % dead, "127.0.0.1:%d" % database.port
            site.start_program()
            assert log_in(site) == 401
            seen = samples(site)
            assert [seen[("gatewright_store_host_" + what, host)] for host in (first, second)
                    for what in ("in_use", "left", "read_only")] == [0, 1, 0, 1, 0, 0], seen
            assert json.loads(get(site, "/status?json")[2])["store"]["host"] == second
            assert ("mysql " + second).encode() in get(site, "/status")[2]
            database.process.kill()
            database.process.wait()
            assert log_in(site) == 503
            seen = samples(site)
            assert seen[("gatewright_store_host_left", second)] == 1
            assert seen[("gatewright_store_failures_total", "away")] >= 1
        finally:
            if database.process.poll() is None:
                database.stop()


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
