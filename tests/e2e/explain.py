#!/usr/bin/env python3
"""`gatewright explain` says of every request of the end-to-end suites what the running program does with it.

The suites run once behind nginx and write down what they ask for. Each different method and target is then
sent to the program by itself, without a token and a body, and explained: the route in the program's log, the
status and `Allow` must be those that are foretold.

usage: explain.py GATEWRIGHT ROUTES PROGRAM [SUITE...]
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from replay import Site


# Beside what the suites ask for.
ODD = [(method, path) for method in ("GET", "DELETE", "HEAD", "OPTIONS", "BREW") for path in (
    "/api/v1/l%65ssons", "/api/v1/lessons/%37", "/api/v1/lessons/007", "/api/v1/lessons/-7",
    "/api/v1/lessons/9223372036854775808", "/api/v1/lessons/", "/api/v1/lessons//7", "/api/v1/./lessons",
    "/api/v1/%2e%2e/lessons", "/api/v1/videos/a%2Fb", "/api/v1/videos/a%5Cb", "/api/v1/videos/%2e%2F",
    "/api/v1/videos/%00", "/api/v1/videos/%zz", "/api/v1/videos/%C3%A9", "/api/v1/videos/%C3", "/%2F", "/API/v1/me",
    "/api/v1", "/api/v1/me/", "/api/v1/videos/a\\b", "/api/v1/videos/a b",
    # Of tests/paths: routes inside each other's {name:path}.
    "/files/a%2Fb", "/files/private%2Fx", "/files/private%5Cx", "/files%2Fprivate/x", "/files/a/private%2Fx",
    "/files/private/x%2Fy", "/files/v1%2Fx", "/files/v1%5Cx%2Fy", "/files/2026-11-26%2Fx", "/files/upload%2Fx",
    "/open/closed%2Fx", "/open/closed%5Cdeeper%2Fx", "/open/a%5Cb", "/two/a/7%2Fx", "/two/a/b%2Fx", "/two/a/b%5Cx",
    "/name/a%2Fb", "/name/a%252Fb", "/files/a%2F..%2Fb",
    # And several parameters in a segment.
    "/parts/refs/a...b", "/parts/refs/a...b...c", "/parts/refs/a%2E.%2eb", "/parts/refs/a....b%2Fc", "/parts/guard/a...b",
    "/parts/guard/a...b...c", "/parts/guard/a..b", "/parts/notes/7.json", "/parts/notes/7.html")]


def recorded(suites, folder):
    """The different (method, target) that the suites send."""
    name = os.path.join(folder, "requests")
    environment = dict(os.environ, E2E_RECORD=name, E2E_STORE="sqlite", E2E_TRANSPORT="native",
                       E2E_SERVER="nginx")
    for suite in suites:
        subprocess.run([suite], env=environment, check=True, stdout=subprocess.DEVNULL)
    if not suites:
        return []
    with open(name, encoding="latin-1") as file:
        pairs = [line.rstrip("\n").split(" ", 1) for line in file]
    # What a query does to a request is no matter of paths.
    return sorted({(method, target.partition("?")[0]) for method, target in pairs})


def foretold(gatewright, routes, method, target):
    """(status or None where it is the handler's, pattern of the route or None, Allow or None)"""
    run = subprocess.run([gatewright, "explain", method, target, routes], stdout=subprocess.PIPE, check=True)
    text = run.stdout.decode("utf-8", "replace")
    match = re.search(r"^This route answers:\n  \S+: \w+ (\S+)  \w+$", text, re.M)
    if match:
        refused = re.search(r"^But .*: (400|404)\.$", text, re.M) or re.search(r"a token of .*; else (401)$", text, re.M)
        return int(refused[1]) if refused else None, match[1], None
    allow = re.search(r"(405|204) with `Allow: ([A-Z, ]+)`", text)
    if allow:
        return int(allow[1]), None, allow[2]
    return int(re.search(r": (\d{3})\.$", text, re.M)[1]), None, None


def main():
    gatewright, routes, program, *suites = (os.path.abspath(a) for a in sys.argv[1:])
    failures = []
    kinds = {}
    with tempfile.TemporaryDirectory() as folder:
        requests = recorded(suites, folder) + ODD
        site = Site(program, folder)
        log = os.path.join(folder, "json")
        site.environment["GW_LOG"] = "json:" + log
        for method, target in requests:
            if not target.startswith("/"):
                continue  # nginx answers these
            open(log, "w", encoding="utf-8").close()
            status, answer = site.send(method, target.encode("latin-1"), None, None, None)
            with open(log, encoding="utf-8") as file:
                entries = [json.loads(line) for line in file]
            route = next((e["route"] for e in entries if e.get("route")), None)
            allow = re.search(r"^allow: *(.*?)\r?$", answer, re.I | re.M)
            want_status, want_route, want_allow = foretold(gatewright, routes, method, target.encode("latin-1"))
            kind = want_status if want_status else "handler"
            kinds[kind] = kinds.get(kind, 0) + 1
            # A refused path has no route in the log, whether one would match or not.
            if (want_status or status) != status or (route or want_route) != want_route or (
                    want_allow and (not allow or allow[1] != want_allow)):
                failures.append("%s %s: foretold %s %s %s, was %s %s %s" % (
                    method, target, want_status, want_route, want_allow, status, route, allow and allow[1]))
    print("\n".join(failures))
    print("%d requests (%s), %d failures" % (
        len(requests), ", ".join("%s: %d" % (k, n) for k, n in sorted(kinds.items(), key=str)), len(failures)))
    sys.exit(bool(failures) or not {401, 404, 405, 400, 204, "handler"} | {501} <= set(kinds))


main()
