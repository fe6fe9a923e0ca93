#!/usr/bin/python3
"""Cookies and limits in a whole program: settings, workers, slow bodies, proxies, what `gatewright tests` prints.

usage: process.py PROGRAM GATEWRIGHT"""
import concurrent.futures
import json
import os
import sqlite3
import subprocess
import sys
import time

import fcgi
from program import SECRET, Program, accepts, free_port, run_tests, token, wait_for

PROGRAM, GATEWRIGHT = sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
ORIGIN = "https://school.test"
COOKIE = "__Host-school"


class Site(Program):
    def __init__(self, settings=None):
        super().__init__(PROGRAM, settings={"GW_ORIGIN": ORIGIN, **(settings or {})})
        schema = subprocess.run([GATEWRIGHT, "schema", "--sqlite", HERE + "/routes.def"], check=True,
                                capture_output=True, text=True).stdout
        self.sql(schema + """
            INSERT INTO users (id, email, role, disabled, epoch) VALUES
                (1, 'ann@school.test', 'reader', 0, 0), (2, 'bob@school.test', 'editor', 0, 0);
            INSERT INTO devices (id) VALUES (1);
            INSERT INTO notes (id, owner, title) VALUES (1, 1, 'hers'), (2, 2, 'his');""")

        os.chmod(self.folder + "/store.db", 0o600)

    def sql(self, text):
        with sqlite3.connect(self.folder + "/store.db", timeout=10) as store:
            store.executescript(text)

    def ask(self, target, method="GET", body=None, **meta):
        status, head, text = fcgi.request(self.address, target, method, body=body, meta=meta, timeout=30)
        return status, head, text.decode()


def cookie(user=1, **how):
    return {"HTTP_COOKIE": f"{COOKIE}={token('users', 'id', user, **how)}"}


# ---- Settings ----

def refused(settings, *words):
    site = Site(settings)
    try:
        for name, value in settings.items():
            if value is None:
                del site.environment[name]
        said = site.run("--check", code=78)
        for word in words:
            assert word in said, said
        done = subprocess.run([PROGRAM], env={**site.environment, "GW_LISTEN": site.address}, capture_output=True,
                              text=True, timeout=30)
        assert done.returncode == 78, done
    finally:
        site.remove()


def test_without_an_origin_it_does_not_start():
    refused({"GW_ORIGIN": None}, "GW_ORIGIN", "cookie")


def test_an_origin_that_no_browser_sends_stops_the_start():
    for text in ("school.test", "http://school.test", "https://school.test/", "https://School.test", "*", "null", "",
                 "https://school.test:443", "https://school.test https://b.test", "https://a.test,", "https://",
                 "https://a.test:0", "https://a.test:99999", "http://localhost.evil.test", "https://a.test?",
                 "https://a@b.test", "http://127.0.0.1:80", "https://a.test,http://b.test"):
        refused({"GW_ORIGIN": text}, "GW_ORIGIN")
    for text in ("https://school.test:8443", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:8080",
                 "https://a.test,https://b.test", "https://[2001:db8::1]", "https://xn--bcher-kva.test"):
        with Site({"GW_ORIGIN": text}) as site:
            assert "good" in site.run("--check"), text


def test_trusted_proxies_that_are_none_stop_the_start():
    for text in "10.0.0.1/8", "proxy", "10.0.0.0/8;::1", "":
        refused({"GW_TRUSTED_PROXIES": text}, "GW_TRUSTED_PROXIES")


def test_several_processes_cannot_count_alone():
    refused({"GW_PROCESSES": "2"}, "GW_PROCESSES", "rate")


def test_cgi_has_no_memory_to_count_in():
    with Site() as site:
        done = subprocess.run([PROGRAM], env={**site.environment, "GATEWAY_INTERFACE": "CGI/1.1",
                                              "REQUEST_METHOD": "GET", "REQUEST_URI": "/"}, capture_output=True, text=True)
        assert done.returncode == 78 and "CGI" in done.stderr, done


# ---- Limits ----

def test_8_workers_serve_exactly_as_many_as_they_may():
    """64 connections at once, several rounds: of each client's requests exactly five are served."""
    with Site({"GW_WORKERS": "8", "GW_TRUSTED_PROXIES": "127.0.0.1"}) as site, site.running():
        for n in range(12):
            client = {"HTTP_X_FORWARDED_FOR": f"192.0.2.{n}"}
            with concurrent.futures.ThreadPoolExecutor(64) as pool:
                found = list(pool.map(lambda _: site.ask("/limited/address", **client)[0], range(96)))
            assert found.count(200) == 5 and found.count(429) == 91, (n, found.count(200), set(found))


def test_a_flood_of_addresses_frees_nobody():
    """30,000 other clients, each in a network of its own: whoever was at the limit stays there."""
    with Site({"GW_WORKERS": "2", "GW_TRUSTED_PROXIES": "127.0.0.1"}) as site, site.running():
        mine = {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}
        assert [site.ask("/limited/address", **mine)[0] for _ in range(7)].count(200) == 5
        with fcgi.connect(site.address) as peer:
            stream = peer.makefile("rb")
            refusals = 0
            for n in range(30000):
                peer.sendall(fcgi.text_of("/limited/address", keep=1,
                                          meta={"HTTP_X_FORWARDED_FOR": f"{n % 200 + 11}.{n // 200 % 250}.1.{n % 250}"}))
                refusals += fcgi.read_answer(stream)[0] == 429
                if n % 5000 == 4999:
                    assert site.ask("/limited/address", **mine)[0] == 429, n
        print("of 30,000 others %d were refused for sharing" % refusals)


def test_behind_haproxy_the_clients_address_counts_and_not_the_one_that_it_claims():
    with Site({"GW_TRUSTED_PROXIES": "127.0.0.9"}) as site:
        site.start_program()
        port, inner = free_port(), free_port()
        with open(site.folder + "/nginx.conf", "w") as out:
            out.write(f"""daemon off; worker_processes 1; pid {site.folder}/nginx.pid; user root; events {{ }}
                http {{ access_log off; client_body_temp_path {site.folder}; fastcgi_temp_path {site.folder};
                proxy_temp_path {site.folder}; uwsgi_temp_path {site.folder}; scgi_temp_path {site.folder};
                server {{ listen 127.0.0.1:{inner}; location / {{ include /etc/nginx/fastcgi_params;
                fastcgi_pass unix:{site.socket}; }} }} }}""")
        with open(site.folder + "/haproxy.cfg", "w") as out:
            out.write(f"""defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend in
    bind 127.0.0.1:{port}
    option forwardfor
    default_backend out
backend out
    source 127.0.0.9
    server one 127.0.0.1:{inner}
""")
        site.launch(["nginx", "-p", site.folder, "-c", site.folder + "/nginx.conf", "-e", site.folder + "/nginx.log"])
        site.launch(["haproxy", "-db", "-f", site.folder + "/haproxy.cfg"])
        wait_for("the servers start", lambda: accepts("tcp:127.0.0.1:%d" % port) and accepts("tcp:127.0.0.1:%d" % inner))

        def ask(address, claims):
            done = subprocess.run(["curl", "-s", "--interface", address, "-H", "X-Forwarded-For: " + claims, "-o", "/dev/null",
                                   "-w", "%{http_code}", f"http://127.0.0.1:{port}/limited/address"], capture_output=True,
                                  text=True)
            return done.stdout
        assert [ask("127.0.0.2", f"192.0.2.{n}") for n in range(9)].count("200") == 5
        assert [ask("127.0.0.3", "127.0.0.2") for _ in range(9)].count("200") == 5


# ---- A body that is long in coming ----

def slowly(site, target, method, body, seconds, meanwhile, meta):
    """The status of a request whose body comes after `seconds`, and before that `meanwhile` is done."""
    meta = {**meta, "HTTP_ORIGIN": ORIGIN, "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json"}
    text = fcgi.text_of(target, method, body=None, meta=meta)
    head = text[:-len(fcgi.record(5, b""))]
    with fcgi.connect(site.address, 30) as peer:
        peer.sendall(head)
        time.sleep(seconds / 2)
        site.sql(meanwhile)
        time.sleep(seconds / 2)
        peer.sendall(fcgi.record(5, body) + fcgi.record(5, b""))
        return fcgi.read_answer(peer.makefile("rb"))[0]


def test_after_a_long_body_account_and_row_are_asked_for_again():
    body, bob = b'{"title":"new"}', cookie(2)
    cases = [("", 204), ("UPDATE users SET disabled = 1 WHERE id = 2", 401), ("DELETE FROM notes WHERE id = 2", 404),
             ("UPDATE notes SET owner = 1 WHERE id = 2", 404), ("UPDATE users SET role = 'reader' WHERE id = 2", 403),
             ("UPDATE users SET epoch = 8 WHERE id = 2", 401)]

    def ask(transport, sql, expected):
        with Site({"GW_TRANSPORT": transport}) as site, site.running():
            status = slowly(site, "/notes/2", "PUT", body, 5.4, sql, bob)
            assert status == expected, (transport, sql, status)
    with concurrent.futures.ThreadPoolExecutor(12) as threads:
        for done in [threads.submit(ask, transport, *case) for transport in ("native", "libfcgi") for case in cases]:
            done.result()


# ---- What `gatewright tests` prints ----

def test_what_the_compiler_expects_is_what_is_answered():
    tests = json.loads(subprocess.run([GATEWRIGHT, "tests", HERE + "/routes.def"], check=True, capture_output=True,
                                      text=True).stdout)
    words = {"a page of another site": 0, "nothing says whose page it is": 0, "a forged log-in": 0,
             "a browser without a token": 0}
    with Site() as site, site.running():
        for request in tests["requests"]:
            where = request.get("where")
            site.sql("UPDATE users SET role = 'editor', disabled = 0")
            if where:
                value = where["value"]
                site.sql("UPDATE users SET %s = %s" % (where["column"], int(value) if isinstance(value, bool) else repr(value)))
            meta = {"HTTP_" + k.upper().replace("-", "_"): v.replace("ORIGIN", ORIGIN)
                    for k, v in request.get("headers", {}).items()}
            name = request["token"]
            if name:
                text = "bad" if name == "bad" else token(tests["entities"][name]["table_name"],
                                                         tests["entities"][name]["key_claim"], 1,
                                                         -3600 if request.get("expired") else 600)
                meta.update({"HTTP_COOKIE": f"{request['cookie']}={text}"} if request.get("cookie") else
                            {"HTTP_AUTHORIZATION": "Bearer " + text})
            body = request.get("body")
            if body is not None:
                meta.update(CONTENT_LENGTH=str(len(body.encode())), CONTENT_TYPE=request.get("content_type", ""))
            status, _, _ = fcgi.request(site.address, request["path"], request["method"],
                                        body=body.encode() if body is not None else None, meta=meta)
            if "expect" in request:
                assert status in request["expect"], (request, status)
            else:
                assert status not in request["expect_not"] or (status == 401 and "sign_in" in request["name"]), (request, status)
            for word in words:
                words[word] += request["name"].endswith(word)
    assert all(words.values()), words


run_tests(globals())
