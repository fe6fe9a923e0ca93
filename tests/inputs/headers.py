#!/usr/bin/python3
"""Headers that a route takes: over FastCGI, both ways, as CGI, and behind web servers. What a list holds says Python's
urllib, what a UUID is its uuid."""
import json
import os
import random
import subprocess
import urllib.request
import uuid

import fcgi
from web import PROGRAM, Site, run_tests

KEY = "0f000000-0000-4000-8000-000000000007"
GOOD = [("Idempotency-Key", KEY), ("X-Sizes", "1")]
VALUES = {"key": KEY, "note": None, "depth": 3, "exact": None, "tags": None, "sizes": [1], "mail": None}


def variable(name):
    return "HTTP_" + name.upper().replace("-", "_")


def over_fastcgi(site, fields):
    """Fields as they stand, a name as often as it is there."""
    pairs = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/headers"), ("QUERY_STRING", "")] + \
        [(variable(name), value) for name, value in fields]
    with fcgi.connect(site.address) as peer:
        peer.sendall(fcgi.record(1, b"\0\1\0\0\0\0\0\0") + fcgi.record(4, b"".join(fcgi.pair(*p) for p in pairs)) +
                     fcgi.record(4, b"") + fcgi.record(5, b""))
        status, _, body = fcgi.read_answer(peer.makefile("rb"))
    return status, json.loads(body)


def as_cgi(site, fields):
    """An environment has each name once."""
    environment = {**site.environment, "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "REQUEST_URI": "/headers",
                   "SERVER_PROTOCOL": "HTTP/1.1", **{variable(name): value.encode("latin-1") for name, value in fields}}
    environment.pop("GW_TRANSPORT", None)
    done = subprocess.run([PROGRAM], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return int(head.split(b"Status: ")[1][:3]), json.loads(body)


def everywhere(fields):
    """The one answer that all ways give."""
    answers = []
    for transport in "native", "libfcgi":
        answers.append(over_fastcgi(RUNNING[transport], fields))
    if len({variable(name) for name, _ in fields}) == len(fields):
        answers.append(as_cgi(RUNNING["native"], fields))
    for answer in answers:
        answer[1].pop("instance", None)
    assert all(answer == answers[0] for answer in answers), (fields, answers)
    return answers[0]


RUNNING = {}


def takes(fields, **values):
    assert everywhere(fields) == (200, {**VALUES, **values}), (fields, everywhere(fields))


def refuses(fields, *faults):
    """`faults`: (pointer, sentence), all that is said."""
    status, body = everywhere(fields)
    assert status == 422, (fields, status, body)
    assert [(f["pointer"], f["detail"]) for f in body["errors"]] == list(faults), (fields, body)


def with_good(*more):
    names = [name.lower() for name, _ in more]
    return [field for field in GOOD if field[0].lower() not in names] + list(more)


def test_values_reach_the_handler():
    takes(GOOD)
    takes([("idempotency-key", KEY.upper()), ("X-SIZES", " 3 ,1\t")], sizes=[3, 1])
    takes(with_good(("X-Note", "  a, b\tc "), ("Depth", "9"), ("Exact", "true"), ("X-Mail", "Ann@Example.com")),
          note="a, b\tc", depth=9, exact=True, mail="ann@example.com")
    takes(with_good(("X-Note", "\u00e9\u20ac".encode().decode("latin-1"))), note="\u00e9\u20ac")
    takes(with_good(("Authorization", "nonsense"), ("X-Other", "\xff")))  # nobody asks for them


def test_what_is_missing_twice_or_empty_is_told():
    required = "is required"
    refuses([], ("/Idempotency-Key", required), ("/X-Sizes", "must hold 1 to 3 items"))
    refuses(GOOD + [("Idempotency-Key", KEY)], ("/Idempotency-Key", "must be there only once"))
    refuses(with_good(("X-Note", "a"), ("X-Note", "")), ("/X-Note", "must be there only once"))
    for blank in "", " ", "\t ":
        refuses(with_good(("Idempotency-Key", blank)), ("/Idempotency-Key", "must not be empty"))
        refuses(with_good(("X-Note", blank), ("Depth", blank)), ("/X-Note", "must not be empty"), ("/depth", "must not be empty"))
        refuses(with_good(("X-Sizes", blank)), ("/X-Sizes", "must hold 1 to 3 items"))
        takes(with_good(("X-Tags", blank)), tags=[])


def test_what_is_no_text_is_told():
    for text in "\xff", "\xc3", "\xed\xa0\x80", "a\xc0\x80":
        refuses(with_good(("X-Note", text)), ("/X-Note", "is not UTF-8"))
        refuses(with_good(("X-Tags", "a," + text)), ("/X-Tags", "is not UTF-8"))
    for text in "a\rb", "a\nb", "a\x01", "\x7f":
        refuses(with_good(("X-Note", text)), ("/X-Note", "must not hold a control character"))


def test_what_is_declared_holds():
    refuses(with_good(("X-Note", "\u00e9".encode().decode("latin-1") * 21)), ("/X-Note", "must be 1 to 20 characters"))
    refuses(with_good(("Depth", "10")), ("/depth", "must be 0 to 9"))
    refuses(with_good(("Depth", "1.0")), ("/depth", "must be a whole number"))
    refuses(with_good(("X-Sizes", "1,2,3,4")), ("/X-Sizes", "must hold 1 to 3 items"))
    refuses(with_good(("X-Sizes", "1"), ("X-Sizes", "2,1")), ("/X-Sizes", "must not hold anything twice"))
    refuses(with_good(("X-Tags", "a,0123456789")), ("/X-Tags/1", "must be 1 to 9 characters"))
    refuses(with_good(("X-Tags", ",".join("a" * 257))), ("/X-Tags", "must hold at most 256 items"))
    refuses(with_good(("X-Tags", 'a,"b,c')), ("/X-Tags", "has quotes that are not closed"))


def test_a_uuid_is_one_where_python_reads_one_of_its_form():
    random.seed(1)
    for _ in range(200):
        text = str(uuid.UUID(int=random.getrandbits(128)))
        if random.random() < 0.7:
            at = random.randrange(36)
            text = text[:at] + random.choice("0aFg-{ ") + text[at + 1:]
        try:
            good = str(uuid.UUID(text)) == text.lower()
        except ValueError:
            good = False
        status, body = over_fastcgi(RUNNING["native"], with_good(("Idempotency-Key", text)))
        assert status == (200 if good else 422), (text, status, body)
        assert not good or body["key"] == text.lower()


def test_lists_hold_what_urllib_finds_in_them():
    random.seed(2)
    taken = 0
    for _ in range(600):
        lines = ["".join(random.choice('ab ,,""\\') for _ in range(random.randrange(12))) for _ in range(random.randint(1, 3))]
        if any("\\" in line.replace('\\"', "").replace("\\\\", "") for line in lines):
            continue  # urllib drops the backslash of a pair, so that what is in quotes is compared without them
        status, body = over_fastcgi(RUNNING["native"], with_good(*[("X-Tags", line) for line in lines]))
        found = [item for line in lines for item in urllib.request.parse_http_list(line) if item]
        if status == 200:
            told = [item.replace('\\"', '"').replace("\\\\", "\\") if '"' in item else item for item in body["tags"]]
            if "\\" in "".join(lines):
                told, found = len(told), len(found)
            assert told == found, (lines, body["tags"], found)
            taken += 1
        else:
            assert status == 422 and (len(found) > 4 or any(len(i) > 9 for i in found) or "not closed" in json.dumps(body)), (lines, body, found)
    assert taken > 100, taken


def test_preflights_allow_what_routes_take():
    status, head, _ = fcgi.request(RUNNING["native"].address, "/headers", "OPTIONS", meta={
        "HTTP_ORIGIN": "https://app.example", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET"})
    allowed, = [line.split(":")[1] for line in head.splitlines() if line.lower().startswith("access-control-allow-headers")]
    names = {name.strip().lower() for name in allowed.split(",")}
    assert status == 204 and {"idempotency-key", "x-note", "depth", "exact", "x-tags", "x-sizes", "x-mail", "authorization"} <= names, allowed


def behind(server, transport):
    with Site(server, transport) as site:
        site.start()
        client = site.client()

        def ask(*fields):
            answer = client.request("GET", "/headers", fields)
            return answer.status, json.loads(answer.body) if answer.body[:1] == b"{" else answer.body
        assert ask(*GOOD, ("X-Tags", "a, b"), ("X-Note", "\u00e9")) == (200, {**VALUES, "tags": ["a", "b"], "note": "\u00e9"})
        assert ask(*GOOD, ("X-Tags", "a"), ("X-Tags", "b,c"))[1]["tags"] == ["a", "b", "c"]
        for fields in [GOOD + [("Idempotency-Key", KEY)], with_good(("Idempotency-Key", "")), GOOD[1:],
                       with_good(("X-Note", "\udcff")), with_good(("X-Note", "x" * 21)), with_good(("X-Note", "a\x01"))]:
            status, body = ask(*fields)
            assert status in (400, 422), (server, transport, fields, status, body)
            assert not isinstance(body, dict) or body["errors"][0]["pointer"] in ("/Idempotency-Key", "/X-Note"), body
        # The key by another spelling: it is none, or (lighttpd) one that came twice.
        for other in "Idempotency_Key", "Idempotency.Key":
            status, body = ask(*GOOD, (other, KEY[::-1]))
            assert status in (200, 400, 422), (server, other, status, body)
            assert status != 200 or body["key"] == KEY, (server, transport, other, body)
        client.close()


def test_behind_nginx():
    behind("nginx", "native")


def test_behind_lighttpd():
    behind("lighttpd", "libfcgi")
    behind("lighttpd", "cgi")


def test_behind_apache():
    behind("apache", "native")
    behind("apache", "cgi")


def test_behind_caddy():
    behind("caddy", "native")


with Site() as RUNNING["native"], Site(transport="libfcgi") as RUNNING["libfcgi"]:
    for running in RUNNING.values():
        running.start_program()
        os.chmod(running.folder, 0o755)
    run_tests(globals())
