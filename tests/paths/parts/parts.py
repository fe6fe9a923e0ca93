#!/usr/bin/env python3
"""Segments with several parameters, against Python's `re`.

The rule is written here once more, by other means: a regular expression that takes as little as it can from the left, and one
that takes as much as it can. Where both give the same values these are the handler's, where they differ nobody can say, and the
request is a 404; where neither matches, too. The program runs, and gets requests as a web server sends them.

usage: parts.py PROGRAM GATEWRIGHT [--texts N] [--seed N]
"""
import argparse
import collections
import contextlib
import datetime
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "site"))
import fcgi
from program import Program, token

ANY, INT, SLUG = ".+", "0|-?[1-9][0-9]*", "[a-z0-9]+(?:-[a-z0-9]+)*"
ROUTES_DEF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "routes.def")
# Name: what stands before, between and behind, and the types.
ROUTES = {
    "refs": (["", "...", ""], [ANY] * 2), "pair": (["", "-", ""], [ANY] * 2), "three": (["", ".", "..", ""], [ANY] * 3),
    "four": (["", ",", ",", ",", ""], [ANY] * 4), "numbers": (["", "-", ""], [INT] * 2),
    "big": (["r", "0", ".x"], ["0|[1-9][0-9]*", "[0-9]{1,2}"]), "words": (["", "-", ""], ["a|ab|a-b", "b|b-b|é"]),
    "slugs": (["", "-", ""], [SLUG] * 2), "likes": (["", ".", ""], ["[a-c.é]+", "[^.]{1,3}"]),
    "typed": (["", "_", ""], ["[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", r"\d{4}-\d\d-\d\d"]),
    "accents": (["é", "é", ""], [ANY] * 2),
}
PIECES = ["a", "b", "ab", "c", "a-b", "b-b", "-", "-", ".", ".", "..", "...", ",", ",", "é", "é", "0", "1", "10", "7", "r", ".x", "_", "~", " ", "%", "😀",
          "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "2024-02-29", "2023-02-29",
          "0f000000-0000-4000-8000-000000000007", "0F000000-0000-4000-8000-00000000000A", "+", "*", "2F", "C3", "A9"]


def is_good(name, values):
    """What a regular expression does not say of a type."""
    if name == "numbers":
        return all(-2**63 <= int(v) < 2**63 for v in values)
    if name == "big":
        return int(values[0]) < 2**64
    if name == "typed":
        try:
            datetime.date.fromisoformat(values[1])
        except ValueError:
            return False
    return True


def divisions(name, text):
    """All there are: by every way to cut the text."""
    texts, types = ROUTES[name]
    if not text.startswith(texts[0]):
        return []
    found = [([], len(texts[0]))]
    for kind, behind, last in zip(types, texts[1:], [False] * (len(types) - 1) + [True]):
        found = [(values + [text[at:end]], end + len(behind)) for values, at in found for end in range(at + 1, len(text) + 1)
                 if (text[end:] == behind if last else text.startswith(behind, end)) and re.fullmatch(kind, text[at:end], re.S)]
    return [tuple(values) for values, _ in found if is_good(name, values)]


def by_expressions(name, text):
    """What Python's engine gives: as little from the left, and as much."""
    texts, types = ROUTES[name]
    lazy = "".join(re.escape(t) + "(" + k.replace("+", "+?") + ")" for t, k in zip(texts, types)) + re.escape(texts[-1])
    greedy = "".join(re.escape(t) + "(" + k + ")" for t, k in zip(texts, types)) + re.escape(texts[-1])
    return [m and m.groups() for m in (re.fullmatch(lazy, text, re.S), re.fullmatch(greedy, text, re.S))]


def expected(name, text):
    """The values, or 404; and whether it is in doubt."""
    found = divisions(name, text)
    if ROUTES[name][1] == [ANY] * len(ROUTES[name][1]):
        few, many = by_expressions(name, text)
        assert bool(found) == bool(few) and (few == many) == (len(found) < 2), (name, text, found, few, many)
        assert not found or few in found and many in found
    return found


def spelled(rng, text):
    """The text as somebody may write it in a path: what may stand there plainly is perhaps escaped, and in either case."""
    out = ""
    for byte in text.encode():
        plain = chr(byte) in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@"
        escape = rng.choice(["%%%02X", "%%%02x"]) % byte
        out += chr(byte) if plain and rng.random() < 0.8 or byte >= 0x80 and rng.random() < 0.3 else escape
    return out


def random_text(rng, name):
    texts, types = ROUTES[name]
    if rng.random() < 0.3:
        return "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 6)))
    text = texts[0]
    for kind, behind in zip(types, texts[1:]):
        fitting = [p for p in PIECES if re.fullmatch(kind, p)]
        text += "".join(rng.choice(fitting if rng.random() < 0.9 else PIECES) for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 0] if kind == ANY else [1] * 6 + [2])))
        text += behind * rng.choice([1, 1, 1, 1, 1, 1, 2, 0])
    return text


def ask(site, target, bearer=None):
    status, _, body = fcgi.request(site.address, target, "GET", bearer)
    return status, json.loads(body) if status == 200 else None


def check_random(site, rng, name, seen):
    text = random_text(rng, name)
    if text in ("", ".", ".."):
        return
    found = expected(name, text)
    values = [v.lower() if name == "typed" else v for v in found[0]] if found else []
    target = "/parts/%s/%s" % (name, spelled(rng, text))
    status, answer = ask(site, target)
    want = (200, {"handler": "parts_" + name, "given": "|".join(values)}) if len(found) == 1 else (404, None)
    assert (status, answer) == want, (target, text, found, status, answer)
    seen[name, min(len(found), 2)] += 1


def check_odd(site):
    """What is refused whatever the parameters are."""
    for target, want in (
            ("/parts/pair/a%00-b", 400), ("/parts/pair/a-b%0A", 400), ("/parts/pair/a%2Fx-b", 400), ("/parts/pair/a-%5Cb", 400),
            ("/parts/pair/%C3-b", 400), ("/parts/pair/a-%FF", 400), ("/parts/pair/-", 404), ("/parts/pair/a-", 404), ("/parts/pair/-b", 404),
            ("/parts/pair/", 404), ("/parts/pair/a-b/", 404), ("/parts/accents/%C3%A9x%C3%A9y", 200), ("/parts/accents/%C3%A9x%C3", 400),
            ("/parts/pair/a-b-x%2Fy", 404), ("/parts/pair/a-b-%2F", 400), ("/parts/rest/a-b/x/y", 200), ("/parts/rest/a-b-c/x", 404), ("/parts/rest/a-b/x%2Fy", 200),
            ("/parts/rest/a%2F-b/x", 400), ("/parts/rest/a-b/..%2Fx", 400), ("/parts/pair/..-..", 200)):
        assert ask(site, target)[0] == want, (target, want, ask(site, target))


def check_long(site):
    """As long as a path may be; what is in doubt at both ends is read through."""
    n = 8192 - len("/parts/pair/-")
    status, answer = ask(site, "/parts/pair/" + "a" * (n - 1) + "-b")
    assert status == 200 and answer["given"] == "a" * (n - 1) + "|b"
    assert ask(site, "/parts/pair/" + "-" * n)[0] == 404
    assert ask(site, "/parts/pair/" + "\xff" * (n // 2))[0] == 400
    wide = "é" * (n // 2 - 1)
    status, answer = ask(site, "/parts/pair/" + wide.encode().decode("latin-1") + "-b")
    assert status == 200 and answer["given"] == wide + "|b" # three times as long in its canonical form
    assert ask(site, "/parts/four/" + ",a" * (n // 2 - 1))[0] == 404


def check_guard(site, rng):
    """No way of writing a text that holds what stands between goes around the narrower route."""
    doubted = 0
    for _ in range(400):
        text = "".join(rng.choice(["a", ".", "..", "...", "b", "é"]) for _ in range(rng.randint(1, 7)))
        if text in (".", ".."):
            continue
        target = "/parts/guard/" + spelled(rng, text)
        ways = [i for i in range(1, len(text) - 3) if text[i:i + 3] == "..."]
        status, answer = ask(site, target)
        assert (status == 200) == (not ways), (target, status, answer)
        assert status == 200 or status == (401 if len(ways) == 1 else 404), (target, status)
        doubted += len(ways) > 1
        if len(ways) == 1:
            _, answer = ask(site, target, token("users", "id", 1))
            assert answer["given"] == text[:ways[0]] + "|" + text[ways[0] + 3:]
    assert doubted > 20


def check_methods(site, gatewright):
    """A method for which a text is in doubt is not among those that the path has for others."""
    for text, methods in ("a...b", "GET, HEAD, PUT, OPTIONS"), ("a", "GET, HEAD, PUT, OPTIONS"), ("a...b...c", "PUT, OPTIONS"):
        target = "/parts/guard/" + text
        for method, want in ("OPTIONS", 204), ("DELETE", 405):
            status, head, _ = fcgi.request(site.address, target, method)
            assert (status, re.findall("(?m)^Allow: (.*?)\r?$", head)) == (want, [methods]), (method, text, status, head)
            told = explained(gatewright, method, "guard", text)
            assert "%d with `Allow: %s`" % (want, methods) in told, (method, text, told)
    assert fcgi.request(site.address, "/parts/guard/a...b...c", "PUT")[0] == 200
    assert ask(site, "/parts/guard/a...b...c")[0] == fcgi.request(site.address, "/parts/guard/a...b...c", "HEAD")[0] == 404
    assert all(fcgi.request(site.address, "/parts/pair/a-b-c", method)[0] == 404 for method in ("OPTIONS", "DELETE", "GET"))


def check_own(site):
    mine, other = token("users", "id", 1), token("users", "id", 2)
    assert ask(site, "/parts/notes/7.json", mine) == (200, {"handler": "parts_note", "given": "7|json"})
    assert ask(site, "/parts/notes/%37%2Ejson", mine)[0] == 200
    assert ask(site, "/parts/notes/7.text", other)[0] == 404
    assert ask(site, "/parts/notes/8.json", mine)[0] == 404
    assert ask(site, "/parts/notes/7.json")[0] == 401


def explained(gatewright, method, name, text):
    """What `explain` says where there are no other routes than those of the name."""
    with open(ROUTES_DEF, encoding="utf-8") as file, tempfile.NamedTemporaryFile("w", suffix=".def", encoding="utf-8") as few:
        few.writelines(line for line in file if line.startswith("entity") or "/parts/%s/" % name in line)
        few.flush()
        return subprocess.run([gatewright, "explain", method, "/parts/%s/%s" % (name, text), few.name], capture_output=True, text=True, check=True).stdout


def check_explained(gatewright, rng, name):
    """`explain` divides a text as the handler gets it."""
    found = text = ()
    while len(found) != 1 or text in (".", ".."):
        text = random_text(rng, name)
        found = expected(name, text)
    params = re.findall(r"{([a-z]+)", next(line for line in open(ROUTES_DEF, encoding="utf-8") if "/parts/%s/" % name in line))
    told = explained(gatewright, "GET", name, urllib.parse.quote(text))
    values = [urllib.parse.quote(value, "!$&'()*+,;=:@~") for value in found[0]]
    where = "    where %s\n" % ", ".join("{%s} is `%s`" % pair for pair in zip(params, values, strict=True))
    assert where in told, (text, where, told)


def check_urls(site):
    """What the program makes of values leads back to these, or there is none."""
    uuid = "0F000000-0000-4000-8000-00000000000A"
    for name, of, want in (
            ("refs", "a%20b", "/parts/refs/a%20b...c"), ("refs", "a...b", "none"), ("refs", "a.", "none"), ("pair", ".", "/parts/pair/.-c"), ("pair", "..", "/parts/pair/..-c"), ("pair", "", "none"),
            ("open", ".", "none"), ("open", "a", "/parts/guard/a"), ("slugs", "a", "/parts/slugs/a-c"),
            ("slugs", "a-b", "none"), ("slugs", "A", "none"), ("likes", "a.b", "/parts/likes/a.b.c"), ("likes", "a-", "none"),
            ("numbers", "-5", "/parts/numbers/-5--7"), ("typed", uuid, "/parts/typed/%s_2024-02-29" % uuid)):
        status, _, body = fcgi.request(site.address, "/url/parts_%s?of=%s" % (name, of))
        assert (status, body.decode()) == (200, want), (name, of, body)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("gatewright")
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng, seen = random.Random(args.seed), collections.Counter()
    site = Program(args.program)
    try:
        with site.running():
            with contextlib.closing(sqlite3.connect(site.folder + "/store.db")) as database:
                database.executescript("INSERT INTO users (id, name) VALUES (1, 'a'), (2, 'b'); INSERT INTO notes (id, owner) VALUES (7, 1), (8, 2);")
            for name in ROUTES:
                for _ in range(args.texts):
                    check_random(site, rng, name, seen)
                check_explained(args.gatewright, rng, name)
            check_odd(site)
            check_long(site)
            check_guard(site, rng)
            check_methods(site, args.gatewright)
            check_own(site)
            check_urls(site)
    finally:
        site.end()
    print(dict(seen))
    # Each has texts that are divided and some that do not match; in doubt are those whose types leave it.
    assert all(seen[name, 1] > args.texts // 20 and seen[name, 0] > 0 for name in ROUTES), seen
    assert all(seen[name, 2] > 0 for name in ("refs", "pair", "three", "four", "slugs", "words", "big", "accents")), seen


main()
