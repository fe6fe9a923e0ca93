"""64 browsers with two tabs each, three processes on one MariaDB, answers that get lost: every session has one line of
descent, no honest client is signed out, and each late copy ends its session. TESTS_FULL=1: 100,000 refreshes, else
3,000. Usage: tabs.py PROGRAM GATEWRIGHT ROUTES."""
import collections
import contextlib
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import fcgi
from program import Program, run_tests
from world import ORIGIN, PROGRAM, Database, claims_of, opened, refresh

CLIENTS, REFRESHES = 64, 100000 if os.environ.get("TESTS_FULL") == "1" else 3000


def sent_and_lost(site, token):
    """The connection breaks once the answer begins: time, which the tests move, must not pass under way."""
    with fcgi.connect(site.address, 30) as peer:
        peer.sendall(fcgi.text_of("/api/auth/refresh", "POST", body=b'{"refresh_token": "%s"}' % token.encode()))
        peer.recv(1)


class Browser:
    """Its tabs have one store of tokens, as cookies and local storage are."""

    def __init__(self, sites, database, number):
        self.sites, self.database, self.number = sites, database, number
        self.all = collections.defaultdict(set)  # of each generation the claims that were told
        self.count = collections.Counter()
        self.take(opened(random.choice(sites), "b%d@example.com" % number))
        self.sid = claims_of(self.token)["sid"]

    def take(self, session):
        claims = claims_of(session["refresh_token"])
        self.all[claims["gen"]].add(tuple(sorted((k, str(v)) for k, v in claims.items())))
        if not hasattr(self, "token") or claims["gen"] >= claims_of(self.token)["gen"]:
            self.token = session["refresh_token"]

    def ask(self, token):
        status, session = refresh(random.choice(self.sites), token)
        assert status == 200, "signed out: %s %s\n%s" % (status, claims_of(token), self.said())
        self.take(session)
        self.count[status] += 1

    def said(self):
        """What the logs have besides good refreshes."""
        lines = [line for site in self.sites for line in open(site.log) if " 200 " not in line]
        return "".join(lines[-20:])

    def once(self, pool):
        """The access token has run out, in the tab or in both, at some time later than 10 s."""
        self.database.pass_time(random.randrange(11, 900), self.sid)
        token, what = self.token, random.random()
        if what < 0.2:
            lost = pool.submit(sent_and_lost, random.choice(self.sites), token)
            if random.random() < 0.5:
                lost.result()
            self.ask(token)
            lost.result()
            self.count["lost"] += 1
        elif what < 0.5:
            both = [pool.submit(self.ask, token) for _ in range(2)]
            [one.result() for one in both]
            self.count["tabs"] += 1
        else:
            self.ask(token)

    def run(self, n):
        with ThreadPoolExecutor(2) as pool:
            while self.count[200] < n:
                self.once(pool)

    def check(self):
        generations = sorted(self.all)
        assert generations == list(range(1, len(generations) + 1)), generations
        for generation, told in self.all.items():
            assert len(told) == 1, (generation, told)
        row, = self.database.run("SELECT generation FROM gw_sessions WHERE sid = '%s'" % self.sid)
        assert int(row[0]) == generations[-1], (row, generations[-1])

    def be_stolen_from(self):
        """Somebody has a copy of a token that was replaced, and uses it late."""
        copy = self.token
        self.database.pass_time(20, self.sid)
        self.ask(copy)
        self.database.pass_time(20, self.sid)
        assert refresh(random.choice(self.sites), copy)[0] == 401
        assert refresh(random.choice(self.sites), self.token)[0] == 401, "the session did not end"
        assert not self.database.run("SELECT sid FROM gw_sessions WHERE sid = '%s'" % self.sid)


def test_no_honest_client_is_signed_out_and_each_copy_ends_its_session():
    with contextlib.ExitStack() as stack:
        sites = [stack.enter_context(Program(PROGRAM, settings={"GW_WORKERS": "4", "GW_ORIGIN": ORIGIN})) for _ in range(3)]
        database = Database(sites[0], clients=8)
        stack.callback(database.end)
        for site in sites:
            site.environment["GW_DATABASE_URL"] = database.url
            stack.enter_context(site.running())
        browsers = [Browser(sites, database, i) for i in range(CLIENTS)]
        begun = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda browser: browser.run(REFRESHES // CLIENTS + 1), browsers))
        counts = sum((browser.count for browser in browsers), collections.Counter())
        print("%d refreshes in %.0f s, %d answers lost, %d with two tabs at once" %
              (counts[200], time.monotonic() - begun, counts["lost"], counts["tabs"]))
        assert counts[200] >= REFRESHES and counts["lost"] and counts["tabs"]
        for browser in browsers:
            browser.check()
        for browser in browsers:
            browser.be_stolen_from()
        logs = "".join(open(site.log).read() for site in sites)
        repeats, reuses = logs.count("session.repeat"), logs.count("session.reuse")
        print("%d repeats, %d copies" % (repeats, reuses))
        assert repeats and reuses == CLIENTS, (repeats, reuses)


if __name__ == "__main__":
    run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
