"""Each allocation and system call made to fail in turn where limits, cookies, forged requests and the way to sign in are
decided: nobody is let in, nobody has more than a limit admits, nobody loses a good cookie. TESTS_FULL=1: each call;
otherwise every 5th. Usage: failures.py PROGRAM GATEWRIGHT ROUTES STORE SHIM."""
import os
import random
import sys
import time

import fcgi
from faults import MEMORY, SYSTEM_CALLS, Control
from program import run_tests, token
from world import STORE, Site

SHIM = sys.argv[5]
STRIDE = 1 if os.environ.get("TESTS_FULL") == "1" else 5
FAILED = {0, 500, 503}
GOOD, BAD = ("__Host-limits=" + text for text in (token("users", "id", 1), "junk"))
OURS, EVIL = {"HTTP_ORIGIN": "https://school.test"}, {"HTTP_ORIGIN": "https://evil.test"}
BODY, JSON = b'{"to": "eve@school.test", "n": 1}', {"CONTENT_TYPE": "application/json"}


def ask(site, method, path, cookie=None, **meta):
    """(status, head, body); 0: the connection broke."""
    body = BODY if path == "/letter" else None
    try:
        return fcgi.request(site.address, path, method, body=body, timeout=30,
                            meta={**({"HTTP_COOKIE": cookie} if cookie else {}), **meta})
    except OSError:
        return 0, {}, b""


def expect(answer, status, head=None, body=None):
    assert answer[0] in {status} | FAILED, answer
    if answer[0] == status:
        assert head is None or head in str(answer[1]), answer
        assert body is None or answer[2] == body, answer


def use_up(site):
    """Whoever comes from 127.0.0.1, user 1 and letters to Eve are at their limits from now on."""
    for _ in range(7):
        assert ask(site, "GET", "/address")[0] == 200
        assert ask(site, "POST", "/over", GOOD, **OURS)[0] == 200
        assert ask(site, "POST", "/letter", **JSON)[0] == 200


def new_client(site, faults):
    """It has seven requests. One that could not be counted in the store was counted by the process alone."""
    new_client.made += 1
    proxied = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.%d.%d" % divmod(new_client.made, 250)}
    found = [ask(site, "GET", "/name/x", **proxied)[0] for _ in range(9)]
    assert set(found) <= {200, 429} | FAILED and found.count(200) <= 7 + faults, found
    assert faults or found == [200] * 7 + [429] * 2, found


new_client.made = 0


def visit(site, faults=0):
    new_client(site, faults)
    expect(ask(site, "GET", "/address"), 429)
    expect(ask(site, "POST", "/over", GOOD, **OURS), 429)
    expect(ask(site, "POST", "/letter", **JSON), 429)
    expect(ask(site, "POST", "/change", GOOD, **EVIL), 403)
    expect(ask(site, "POST", "/change", BAD, **OURS), 401)
    expect(ask(site, "GET", "/hello", BAD), 200, "Max-Age=0", b"a guest")
    expect(ask(site, "GET", "/page", BAD, HTTP_SEC_FETCH_DEST="document"), 303, "Location: /in?next=/page")
    for answer in (ask(site, "GET", "/page", GOOD, HTTP_SEC_FETCH_DEST="document"), ask(site, "POST", "/change", GOOD, **OURS),
                   ask(site, "GET", "/hello", GOOD)):
        expect(answer, 200)
        assert "Set-Cookie" not in str(answer[1]), answer


def goes_on(site):
    """Without a fault: at the latest once the store is asked again."""
    end = time.monotonic() + 5
    while (status := ask(site, "GET", "/page", GOOD)[0]) != 200:
        assert status in FAILED, status
        assert time.monotonic() < end, "does not recover: %d\n%s" % (status, open(site.log).read()[-800:])
        time.sleep(0.05)


def through(site, control, kinds, label):
    for _ in range(4):
        visit(site)
    control.set(kinds)
    visit(site)
    most, done = control.get()[0], 0
    control.set(0)
    for at in range(1 + random.randrange(STRIDE), most + 1, STRIDE):
        control.set(kinds, at, at // STRIDE)
        visit(site, 1)
        done += control.get()[1]
        control.set(0)
        goes_on(site)
    print("  %s: %d of %d %s made to fail" % (STORE, done, most, label), flush=True)
    assert done > most / STRIDE / 2


def test_a_fault_lets_nobody_in_and_nobody_beyond_a_limit():
    path = "/tmp/gatewright-limits-faults.%d" % os.getpid()
    control = Control(path)
    try:
        with Site(GW_WORKERS="2", GW_TRUSTED_PROXIES="10.0.0.1", LD_PRELOAD=SHIM, FAULT_CONTROL=path) as site, site.running():
            use_up(site)
            through(site, control, MEMORY, "allocations")
            through(site, control, SYSTEM_CALLS, "system calls")
    finally:
        os.unlink(path)


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
