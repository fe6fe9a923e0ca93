#!/usr/bin/python3
"""No token, secret column, password or query string in the log, whatever is sent.

usage: leaks.py [LINES]: the hostile suite again and again, with secrets in every place that a request
has, until so many lines are written (100,000)."""
import json
import sqlite3
import sys
import threading

import fcgi
from hostile import cases
from web import Site, run_tests

LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
PASSWORD, QUERY, COOKIE = "passw0rd-never-logged", "query-never-logged", "cookie-never-logged"
STATUS = "status-token-never-logged"


class Peer:
    """Requests on a kept connection."""

    def __init__(self, site):
        self.site, self.peer = site, None

    def ask(self, *arguments, **keywords):
        if not self.peer:
            self.peer = fcgi.connect(self.site.address, 30)
            self.stream = self.peer.makefile("rb")
        try:
            self.peer.sendall(fcgi.text_of(*arguments, keep=1, **keywords))
            return fcgi.read_answer(self.stream)
        except (OSError, ConnectionError):
            self.peer = None  # the program closes what it does not want to read on

    def close(self):
        if self.peer:
            self.peer.close()


def account(site, kind):
    body = json.dumps({"name": "Ann", "email": kind + "@example.com", "password": PASSWORD}).encode()
    status, _, answer = fcgi.request(site.address, "/api/v1/auth/" + kind, "POST", body=body)
    assert status == 201, (status, answer)
    return json.loads(answer)["token"]


def bodies():
    """Bodies of every kind of fault, each with a password."""
    good = {"name": "Ann", "email": "user@example.com", "password": PASSWORD}
    texts = [json.dumps(good), json.dumps(dict(good, extra=PASSWORD)), json.dumps(dict(good, name=1)),
             json.dumps({"email": "user@example.com", "password": PASSWORD + "!"}),
             json.dumps(good)[:-1], json.dumps(good) + "x", "{}", '{"password":"%s' % PASSWORD,
             json.dumps(dict(good, email=PASSWORD)), '{"password":"%s\\ud800"}' % PASSWORD,
             '{"password":"a","password":"%s"}' % PASSWORD, json.dumps([PASSWORD] * 9),
             json.dumps({PASSWORD: PASSWORD}), json.dumps(dict(good, password=PASSWORD * 40))]
    return [t.encode() for t in texts]


def hostile_round(site, tokens, peer, number):
    """Everything once; passwords now and then, since a hash takes its time."""
    bad = [tokens[0][:-2], tokens[0] + "x", tokens[1].replace(".", "..", 1), "x" + tokens[0]]
    for i, (target, _, _) in enumerate(cases()):
        token = (tokens + bad)[(i + number) % 6]
        text = target.decode("latin-1")
        mark = "&" if "?" in text else "?"
        meta = {"HTTP_COOKIE": "session=" + COOKIE, "HTTP_REFERER": "https://x/?" + QUERY,
                "HTTP_X_REQUEST_ID": QUERY + tokens[0][:40]}
        peer.ask(text + mark + QUERY + "=" + token, token=token if i % 2 else None, meta=meta)
        peer.ask(text + mark + "auth=" + token, meta=meta)
    for target in ("/api/v1/videos/a?auth=" + tokens[0], "/api/v1/videos/a?%61uth=" + tokens[0],
                   "/api/v1/videos/a?auth=" + tokens[0] + "&auth=" + tokens[1],
                   "/-/status?" + QUERY, "/-/metrics?auth=" + STATUS):
        peer.ask(target, token=tokens[0])
        peer.ask(target, token=STATUS)
    for method in (tokens[0][:12], "GET " + QUERY, "", "x" * 300):
        peer.ask("/api/v1/me", method, tokens[0])
    for scheme in "Basic ", "Bearer  ", "bearer ", "Bearer,", "":
        peer.ask("/api/v1/me", meta={"HTTP_AUTHORIZATION": scheme + tokens[0]})
        peer.ask("/api/v1/me", meta={"REDIRECT_HTTP_AUTHORIZATION": scheme + tokens[1]}, token=tokens[0])
    if number % 10 == 0:
        for target in "/api/v1/auth/user", "/api/v1/auth/user/login", "/api/v1/lessons":
            for body in bodies():
                peer.ask(target, "POST", tokens[1], body=body)


def secrets(site, tokens):
    """What must not be found: also parts of tokens, and what the secret columns hold."""
    found = [PASSWORD, QUERY, COOKIE, STATUS]
    for token in tokens:
        found += [part[i:i + 24] for part in token.split(".") for i in range(0, len(part) - 23, 24)]
    with sqlite3.connect(site.folder + "/school.db") as db:
        for table in "users", "teachers":
            found += [row[0] for row in db.execute("SELECT password FROM " + table)]
    db.close()
    # A token's first letters are those of any token with that header, and so is no secret.
    return [text for text in found if len(text) >= 16]


def leaks_nothing(form):
    settings = {"GW_STATUS_PATH": "/-", "GW_STATUS_TOKEN": STATUS, "GW_SLOW": "1ms"}
    with Site(settings=settings) as site:
        site.environment["GW_LOG"] = form + ":" + site.log
        site.start_program()
        tokens = [account(site, "user"), account(site, "teacher")]
        rounds, lock = iter(range(10 ** 9)), threading.Lock()

        def work():
            peer = Peer(site)
            while sum(1 for _ in open(site.log, "rb")) < LINES // 2:
                with lock:
                    number = next(rounds)
                hostile_round(site, tokens, peer, number)
            peer.close()

        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        text = open(site.log, "rb").read()
        n = text.count(b"\n")
        wanted = secrets(site, tokens)
        assert len(wanted) > 10
        for secret in wanted:
            at = text.find(secret.encode())
            assert at < 0, (secret, text[max(0, at - 200):at + 200])
        assert n >= LINES // 2 and b"jwt.signature" in text and b"slow" in text
        print("%s: %d lines" % (form, n))


def test_text():
    leaks_nothing("text")


def test_json():
    leaks_nothing("json")


def test_web_servers_say_nothing_either():
    """With the generated configurations, also while the program is away. lighttpd has no level of its
    error log below which it keeps silent of that: docs/web-servers.md says so, and this shows it."""
    for server in "nginx", "lighttpd", "apache", "caddy":
        with Site(server) as site:
            program = site.start_program()
            site.start_server()
            token = account(site, "user")
            for away in False, True:
                if away:
                    program.terminate()
                    program.wait(10)
                client = site.client()
                for target in ("/api/v1/videos/a?auth=" + token, "/api/v1/me?" + QUERY, "/%00?" + QUERY,
                               "/api/v1//me?" + QUERY):
                    answer = client.request("GET", target, [("Cookie", COOKIE)], token=token)
                    assert answer.status < 500 or away, (server, target, answer.status)
                client.close()
            for name in (server + ".log", "output", "program.log"):
                try:
                    text = open(site.folder + "/" + name).read()
                except FileNotFoundError:
                    continue
                says_so = [l for l in text.splitlines() if " are down." in l]
                if server == "lighttpd" and name == "lighttpd.log":
                    assert says_so and token[40:] in says_so[0], text
                    text = "".join(l for l in text.splitlines() if l not in says_so)
                for secret in (token[40:], QUERY, COOKIE):
                    assert secret not in text, (server, name, text[-2000:])


run_tests(globals())
