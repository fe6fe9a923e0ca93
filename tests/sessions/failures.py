"""Each allocation and system call made to fail in turn while a session is refreshed and listed and a ticket is spent: nobody
is let in, nobody is signed out for good, and a ticket is spent exactly where its password was written. TESTS_FULL=1: each call; otherwise every 7th.
Usage: failures.py PROGRAM GATEWRIGHT ROUTES STORE SHIM."""
import os
import random
import sys
import time

from faults import MEMORY, SYSTEM_CALLS, Control
from program import run_tests
from world import STORE, call, claims_of, opened, refresh, signed, world

SHIM = sys.argv[5]
STRIDE = 1 if os.environ.get("TESTS_FULL") == "1" else 7
FAILED = {0, 500, 503}


def attempt(function, *arguments, **keywords):
    """0: the connection broke."""
    try:
        return function(*arguments, **keywords)
    except OSError:
        return 0, None


class Visit:
    def __init__(self, site, database):
        self.site, self.database = site, database
        self.session = opened(site)
        self.sid = claims_of(self.session["refresh_token"])["sid"]
        self.passwords = 0

    def check(self, answer, *expected):
        assert answer[0] in set(expected) | FAILED, answer
        return answer[0] in expected

    def bad(self):
        claims = claims_of(self.session["refresh_token"])
        site = self.site
        for text in (self.session["access_token"], signed({**claims, "own": {"entity": "users", "key": 999}}),
                     signed({**claims, "sid": "x" * 22}), signed(claims, secret="x" * 40)):
            self.check(attempt(refresh, site, text), 401)
        self.check(attempt(call, site, "GET", "/auth/sessions", self.session["refresh_token"]), 401)

    def spent(self):
        """How many tickets were, and the password that stands."""
        return int(self.database.run("SELECT COUNT(*) FROM gw_tickets")[0][0]), self.database.run(
            "SELECT COALESCE(password, '') FROM users WHERE email = 't@example.com'")

    def ticket(self):
        """Another account's: it is spent, and the password is the new one, or neither."""
        answer = attempt(call, self.site, "POST", "/reset/t@example.com")
        if not self.check(answer, 201):
            return
        self.passwords += 1
        password, (before, _) = "p%d" % self.passwords, self.spent()
        body = {"ticket": answer[1]["ticket"], "password": password}
        good = self.check(attempt(call, self.site, "POST", "/reset", body=body), 200)
        now, held = self.spent()
        assert (now == before + 1) == (held == [[password]]) and now - before in (0, 1), (good, before, now, held)
        assert not good or now == before + 1, "it was told to be spent"
        self.check(attempt(call, self.site, "POST", "/reset", body={**body, "ticket": signed(
            {**claims_of(body["ticket"]), "jti": "x" * 22}, typ="ticket+jwt")}), 401)
        self.check(attempt(call, self.site, "POST", "/reset", body=body), *((200, 401) if now == before else (401,)))

    def once(self):
        """What a browser does, with a fault somewhere in it."""
        site, session = self.site, self.session
        if self.check(attempt(refresh, site, session["refresh_token"]), 200):
            pass  # the answer is not kept: it is asked for again, as after one that was lost
        self.bad()
        self.ticket()
        answer = attempt(call, site, "GET", "/auth/sessions", session["access_token"])
        assert not self.check(answer, 200) or [s["id"] for s in answer[1]["sessions"] if s["current"]] == [self.sid]

    def goes_on(self):
        """Without a fault: at the latest once the store is asked again."""
        end = time.monotonic() + 5
        while True:
            status, answer = attempt(refresh, self.site, self.session["refresh_token"])
            if status == 200:
                self.session = answer
                return
            assert status in FAILED, "signed out: %d" % status
            assert time.monotonic() < end, "does not recover: %d\n%s" % (status, open(self.site.log).read()[-800:])
            time.sleep(0.05)


def through(site, database, control, kinds, label):
    visit = Visit(site, database)
    for _ in range(3):
        visit.once()
        visit.goes_on()
    counted = []
    for _ in range(3):  # a worker may open its connection meanwhile, or the sweep run
        database.pass_time(11, visit.sid)
        control.set(kinds)
        visit.once()
        counted.append(control.get()[0])
        control.set(0)
        visit.goes_on()
    most, done = min(counted), 0
    for at in range(1 + random.randrange(STRIDE), most + 1, STRIDE):
        database.pass_time(11, visit.sid)
        control.set(kinds, at, at // STRIDE)
        visit.once()
        done += control.get()[1]
        control.set(0)
        visit.goes_on()
    print("  %s: %d of %d %s made to fail" % (STORE, done, most, label))
    assert done > most / STRIDE / 2


def test_a_fault_lets_nobody_in_and_signs_nobody_out():
    path = "/tmp/gatewright-sessions-faults.%d" % os.getpid()
    control = Control(path)
    try:
        with world(GW_WORKERS="2", LD_PRELOAD=SHIM, FAULT_CONTROL=path) as (site, database):
            through(site, database, control, MEMORY, "allocations")
            through(site, database, control, SYSTEM_CALLS, "system calls")
    finally:
        os.unlink(path)


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
