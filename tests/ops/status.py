#!/usr/bin/python3
"""Status pages, metrics, the slow log and request ids."""
import collections
import json
import os
import random
import re
import signal
import subprocess
import threading
import time

from prometheus_client.openmetrics.parser import text_string_to_metric_families

import fcgi
from web import PROGRAM, SECRET, Site, run_tests, wait_for

TOKEN = "status-token-of-0123456789"
PAGES = {"GW_STATUS_PATH": "/-", "GW_STATUS_TOKEN": TOKEN}


def page(site, name, token=TOKEN, method="GET"):
    return fcgi.request(site.socket, "/-/" + name, method, token)


def metrics(site):
    status, head, body = page(site, "metrics")
    assert status == 200, (status, body)
    assert "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8" in head.lower()
    return {f.name: f for f in text_string_to_metric_families(body.decode())}


def register(site, kind="user", n=[0]):
    """A new account's token, with a client that speaks FastCGI."""
    n[0] += 1
    body = json.dumps({"name": "Ann", "email": "%s%d@example.com" % (kind, n[0]),
                       "password": "correct horse"}).encode()
    client = site.client()
    answer = client.request("POST", "/api/v1/auth/" + kind, [("Content-Type", "application/json")],
                            body)
    client.close()
    assert answer.status == 201, (answer.status, answer.body)
    return json.loads(answer.body)["token"]


# ---- Access ----

def test_a_path_without_a_token_stops_the_start():
    with Site() as site:
        for settings, words in (
                ({"GW_STATUS_PATH": "/-"}, "status pages are never public"),
                ({"GW_STATUS_TOKEN": TOKEN}, "GW_STATUS_PATH is not"),
                ({"GW_STATUS_PATH": "/-", "GW_STATUS_TOKEN": "short"}, "shorter than 16 bytes"),
                ({"GW_STATUS_PATH": "/", "GW_STATUS_TOKEN": TOKEN}, 'GW_STATUS_PATH is "/"'),
                ({"GW_STATUS_PATH": "/a/../b", "GW_STATUS_TOKEN": TOKEN}, "GW_STATUS_PATH is"),
                ({"GW_STATUS_PATH": "/api/v1/videos", "GW_STATUS_TOKEN": TOKEN},
                 "the route /api/v1/videos/{name} of routes.def:"),
                ({**PAGES, "GW_STATUS_TOKEN_FILE": "/dev/null"}, "keep one")):
            done = subprocess.run([PROGRAM, "--check"], env={**site.environment, **settings},
                                  capture_output=True, text=True, timeout=20)
            assert done.returncode == 78 and words in done.stderr, (settings, done)
            assert "short" not in done.stderr.replace("shorter", ""), done


def test_under_cgi_there_is_nothing_to_show():
    with Site() as site:
        done = subprocess.run([PROGRAM], env={**site.environment, **PAGES, "GATEWAY_INTERFACE": "1"},
                              capture_output=True, text=True, timeout=20)
        assert done.returncode == 78 and "CGI" in done.stderr, done


def test_pages_show_themselves_to_nobody_else():
    """Without the token the answer is that of a path which is not there, to the byte."""
    def told(answer):
        status, head, body = answer
        return status, re.sub("(?i)x-request-id: .*", "", head), re.sub(b'"instance":"[^"]*"', b"", body)
    with Site(settings=PAGES) as site:
        site.start_program()
        absent = told(fcgi.request(site.socket, "/none/of/it"))
        assert absent[0] == 404
        for name in ("ping", "status", "metrics", "none"):
            for token in (None, "", TOKEN[:-1], TOKEN + "x", TOKEN.upper()):
                for method in ("GET", "POST"):
                    assert told(page(site, name, token, method)) == absent, (name, token, method)
        assert told(page(site, "none")) == absent
        # Nor by what is refused there: as anywhere else where nothing lies.
        for path in ("a%2Fb", "ping%2F", "%2Fping", "ping/", "a%5Cb", "status%2Fx"):
            for method in ("GET", "OPTIONS", "FOO"):
                assert told(page(site, path, None, method)) == told(
                    fcgi.request(site.socket, "/none/" + path, method)), (path, method)
        assert told(fcgi.request(site.socket, "/-/ping?auth=" + TOKEN)) == absent
        assert told(fcgi.request(site.socket, "/-", token=TOKEN)) == absent
        assert told(fcgi.request(site.socket, "/-x/ping", token=TOKEN)) == absent
        assert " 404 " in open(site.log).read() and "status.token" in open(site.log).read()
        assert TOKEN not in open(site.log).read()


def test_pages_are_not_there_unless_they_are_asked_for():
    with Site() as site:
        site.start_program()
        assert page(site, "ping")[0] == 404


def test_only_get_and_head():
    with Site(settings=PAGES) as site:
        site.start_program()
        status, head, body = page(site, "status", method="POST")
        assert status == 405 and "Allow: GET, HEAD" in head, head
        status, head, body = page(site, "status", method="HEAD")
        assert status == 200 and not body


# ---- Pages ----

def test_ping():
    with Site(settings=PAGES) as site:
        site.start_program()
        status, head, body = page(site, "ping")
        assert status == 200 and body == b"pong\n" and "Cache-Control: no-store" in head, (head, body)


def test_status_as_text_and_json():
    with Site(settings={**PAGES, "GW_WORKERS": "3"}) as site:
        program = site.start_program()
        for target in ("/", "/", "/none", "/api/v1/me"):
            fcgi.request(site.socket, target)
        status, _, body = page(site, "status?json")
        told = json.loads(body)
        assert told["pid"] == program.pid and told["workers"] == 3 and told["transport"] == "native"
        assert told["requests"] == 4 and told["in_flight"] == 1 and told["stopping"] is False
        routes = {(r["method"], r["route"]): r["statuses"] for r in told["routes"]}
        assert routes == {("GET", "/"): {"200": 2}, ("-", "-"): {"404": 1},
                          ("GET", "/api/v1/me"): {"401": 1}}, routes
        assert told["refusals"] == {"auth.none": 1}
        status, _, body = page(site, "status")
        text = body.decode()
        assert re.search(r"^pid +%d$" % program.pid, text, re.M), text
        assert re.search(r"^GET +/ +2 +2 +0 +0 +0 +\d+$", text, re.M), text
        assert re.search(r"^- +/-/\* +1 +1 +0 +0 +0 +\d+$", text, re.M), text
        assert re.search(r"^auth\.none +1$", text, re.M), text


# ---- What all programs behind one address have in common ----

def same(**settings):
    """What a program with these settings shows, on each page and in its log."""
    with Site(settings={**PAGES, **settings}) as site:
        site.start_program()
        told = json.loads(page(site, "status?json")[2])["same"]
        sample, = metrics(site)["gatewright_program"].samples
        assert sample.name == "gatewright_program_info" and sample.value == 1
        assert sample.labels == {name: str(value) for name, value in told.items()}, (sample, told)
        text = page(site, "status")[2].decode()
        assert re.search(r"^keys +%s$" % told["keys"], text, re.M), text
        line, = [line for line in open(site.log) if "serves with" in line]
        for name in ("routes", "schema", "settings", "keys"):
            assert "%s %s" % (name, told[name]) in line, (line, told)
        return told


def test_programs_with_the_same_settings_show_the_same():
    assert same() == same()


def test_another_secret_shows_in_the_keys_and_nowhere_else():
    one, other = same(), same(GW_SECRET_KEY="another" + SECRET)
    assert one["keys"] != other["keys"] and {**one, "keys": 0} == {**other, "keys": 0}
    assert re.fullmatch("[0-9a-f]{16}", one["keys"]), one


def test_other_settings_of_tokens_show():
    one, issuer, denies = same(), same(GW_ISSUER="elsewhere"), same(GW_DENY_LIST="on")
    assert one["settings"] != issuer["settings"] and {**one, "settings": 0} == {**issuer, "settings": 0}
    assert one["schema"] != denies["schema"], "its table of denied tokens is another table"


def test_the_key_that_signs_is_shown_and_a_reload_shows_new_ones():
    with Site(settings=PAGES) as site:
        site.environment.pop("GW_SECRET_KEY")
        site.environment["GW_KEYS_DIR"] = site.folder + "/keys"
        site.environment["GW_SEAL_KEY"] = SECRET  # the school has tickets
        os.mkdir(site.folder + "/keys")

        def keys(*command):
            subprocess.run([PROGRAM, "keys", *command], env=site.environment, check=True, capture_output=True)

        def shown():
            told = json.loads(page(site, "status?json")[2])["same"]
            return told["keys"], told["signs"]
        keys("new", "ES256", "a")
        keys("rotate", "a")
        site.start_program()
        alone, signs = shown()
        assert signs == "a"
        keys("new", "HS256", "b")
        site.process.send_signal(signal.SIGHUP)
        wait_for("the new key is read", lambda: shown()[0] != alone)
        both, signs = shown()
        assert signs == "a"
        keys("rotate", "b")
        site.process.send_signal(signal.SIGHUP)
        wait_for("the other key signs", lambda: shown()[1] == "b")
        assert shown() == (both, "b"), "the keys are the same, another one signs"


def test_the_clock_is_shown():
    with Site(settings=PAGES) as site:
        site.start_program()
        before = time.time()
        sample, = metrics(site)["gatewright_clock_seconds"].samples
        assert before - 0.01 < sample.value < time.time() + 0.01, (before, sample)


def test_workers_are_as_many_as_the_store_is_far():
    for url, workers in (("mysql://u@192.0.2.1/school", 32), ("mysql://u@127.0.0.1:1/school", 8),
                         ("mysql://u@localhost:1,192.0.2.1/school", 32), ("mysql://u@/school?socket=/none", 8), (None, 8)):
        with Site(settings=PAGES) as site:
            site.environment.pop("GW_WORKERS", None)
            if url:
                site.environment["GW_DATABASE_URL"] = url + ("&" if "?" in url else "?") + "connect_timeout=100ms"
            site.start_program()
            assert json.loads(page(site, "status?json")[2])["workers"] == workers, url


# ---- Metrics ----

def mixed_load(site, n):
    """Several clients at once, each with requests of every kind."""
    tokens = [register(site, "user"), register(site, "teacher")]
    kinds = [
        ("GET", "/", None, None), ("HEAD", "/", None, None), ("GET", "/api/v1/me", 0, None),
        ("GET", "/api/v1/me", None, None), ("GET", "/api/v1/lessons?limit=5", 1, None),
        ("GET", "/api/v1/lessons/1", 0, None), ("GET", "/api/v1/none", 0, None),
        ("DELETE", "/api/v1/me", None, None), ("POST", "/api/v1/lessons", 1, b'{"title":"x"}'),
        ("POST", "/api/v1/lessons", 1, b'{"title":1}'), ("POST", "/api/v1/lessons", 0, b"{}"),
        ("GET", "/api/v1/lessons?limit=x", 1, None), ("OPTIONS", "/api/v1/me", None, None),
        ("GET", "/api/v1//me", None, None), ("GET", "/api/v1/login", 1, None),
        ("GET", "/api/v1/videos/none.webm", 0, None),
    ]

    def ask(seed):
        choice, client = random.Random(seed), site.client()
        for _ in range(n // 4):
            method, target, token, body = choice.choice(kinds)
            headers = [("Content-Type", "application/json")] if body else []
            client.request(method, target, headers, body, tokens[token] if token is not None else None)
        client.close()

    askers = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()


def of_the_log(site):
    """What the access log says: (method, route, status) -> microseconds of each request."""
    seen = collections.defaultdict(list)
    for line in open(site.log):
        entry = json.loads(line)
        if "status" in entry:
            route = entry.get("route", "-")
            method = {"HEAD": "GET"}.get(entry["method"], entry["method"]) if route != "-" else "-"
            seen[method, route, str(entry["status"])].append(entry["us"])
    return seen


def counts_equal_the_log(transport):
    with Site("nginx", transport, settings={**PAGES, "GW_LOG": "json:"}) as site:
        site.environment["GW_LOG"] = "json:" + site.log
        site.start()
        mixed_load(site, 2000)
        families = metrics(site)
        wait_for("the log is written", lambda: "/-/*" in open(site.log).read())
        seen = {k: v for k, v in of_the_log(site).items() if k[1] != "/-/*"}
        counted = {(s.labels["method"], s.labels["route"], s.labels["status"]): s.value
                   for s in families["gatewright_requests"].samples}
        assert counted == {k: len(v) for k, v in seen.items()}, (counted, seen.keys())
        assert sum(counted.values()) >= 2000 and len(counted) > 12, counted
        times = collections.defaultdict(list)
        for (method, route, _), us in seen.items():
            times[method, route] += us
        n_compared = 0
        for s in families["gatewright_request_duration_seconds"].samples:
            us = times[s.labels["method"], s.labels["route"]]
            if s.name.endswith("_count") or s.labels.get("le") == "+Inf":
                assert s.value == len(us), s
            elif s.name.endswith("_sum"):
                # The log cuts microseconds off.
                assert sum(us) <= s.value * 1e6 <= sum(us) + len(us), (s, sum(us))
            else:
                bound = float(s.labels["le"]) * 1e6
                assert (sum(u < bound - .5 for u in us) <= s.value
                        <= sum(u < bound + .5 for u in us)), (s, us)
                n_compared += 1
        assert n_compared == 20 * len(times), n_compared
        reasons = collections.Counter(json.loads(l)["reason"] for l in open(site.log) if '"reason"' in l)
        assert {s.labels["reason"]: s.value for s in families["gatewright_refusals"].samples} == reasons
        assert families["gatewright_requests_in_flight"].samples[0].value == 1  # the page itself
        assert families["gatewright_workers"].samples[0].value == 8


def test_metrics_equal_the_log_native():
    counts_equal_the_log("native")


def test_metrics_equal_the_log_libfcgi():
    counts_equal_the_log("libfcgi")


def test_metrics_of_an_idle_process_parse():
    with Site(settings=PAGES) as site:
        site.start_program()
        families = metrics(site)
        assert families["gatewright_requests"].samples == []
        assert metrics(site)["gatewright_requests"].samples[0].labels["route"] == "/-/*"


# ---- The slow log ----

def slow_lines(site):
    return [l for l in open(site.log) if "slow" in l]


def test_slow_requests_are_logged_with_their_phases():
    with Site("nginx", settings={"GW_SLOW": "5ms"}) as site:
        site.start()
        register(site)  # a password hash takes longer than that
        line, = slow_lines(site)
        match = re.search(r" slow: POST /api/v1/auth/user us=(\d+) parse=(\d+) gate=(\d+) store=(\d+) "
                          r"wait=(\d+) handler=(\d+) write=(\d+)$", line)
        assert match, line
        us, parse, gate, store, wait, handler, write = map(int, match.groups())
        total = parse + gate + store + wait + handler + write
        assert us - 1000 <= total <= us, line
        assert handler > us / 2 and store > 0, line
        access, = [l for l in open(site.log) if " POST /api/v1/auth/user 201 " in l]
        assert access.split()[1] == line.split()[1], "another request's id"


def test_slow_requests_as_json():
    with Site("nginx", settings={"GW_SLOW": "5ms"}) as site:
        site.environment["GW_LOG"] = "json:" + site.log
        site.start()
        register(site)
        entry, = [json.loads(l) for l in slow_lines(site)]
        assert entry["message"] == "slow" and entry["route"] == "/api/v1/auth/user", entry
        assert all(isinstance(entry[k], int)
                   for k in ("us", "parse", "gate", "store", "wait", "handler", "write")), entry


def test_quick_requests_are_not_slow():
    with Site(settings={"GW_SLOW": "10s"}) as site:
        site.start_program()
        fcgi.request(site.socket)
        assert " GET / 200 " in open(site.log).read() and not slow_lines(site)


# ---- Request ids ----

def test_the_servers_request_id_is_taken():
    with Site() as site:
        site.start_program()
        for name, value in (("REQUEST_ID", "0123456789abcdef0123456789abcdef"),
                            ("UNIQUE_ID", "Z0@x-abc_DEF.123456789012"),
                            ("REQUEST_ID", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6")):
            status, head, body = fcgi.request(site.socket, "/none", meta={name: value})
            assert "X-Request-Id: " + value in head, head
            assert json.loads(body)["instance"] == value
            assert " %s GET - 404 " % value in open(site.log).read()


def test_ids_that_are_none_are_not_taken():
    with Site() as site:
        site.start_program()
        for name, value in (("REQUEST_ID", "a b c d e f"), ("REQUEST_ID", "x" * 40),
                            ("REQUEST_ID", "short"), ("REQUEST_ID", 'quote"quote'),
                            ("HTTP_X_REQUEST_ID", "0123456789abcdef0123456789abcdef"),
                            ("REQUEST_ID", "line\nline1234")):
            _, head, body = fcgi.request(site.socket, "/none", meta={name: value})
            own = re.search("X-Request-Id: ([0-9a-f]{16}-[0-9a-f]{8})", head)
            assert own and json.loads(body)["instance"] == own[1], head
            assert value not in open(site.log).read()


def test_ids_of_the_generated_configurations():
    for server, form in (("nginx", "[0-9a-f]{32}"), ("apache", "[A-Za-z0-9@_-]{20,32}"),
                         ("caddy", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
                         ("lighttpd", "[0-9a-f]{16}-[0-9a-f]{8}")):
        with Site(server) as site:
            site.start()
            answer = site.client().request("GET", "/", [("X-Request-Id", "client-sent-this-one")])
            value = answer.header("x-request-id")
            assert value and re.fullmatch(form, value), (server, value)
            assert " %s GET / 200 " % value in open(site.log).read(), server


run_tests(globals())
