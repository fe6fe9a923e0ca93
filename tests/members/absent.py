#!/usr/bin/python3
"""Bodies that may be left out, over FastCGI both ways and as CGI: a handler gets NULL where a request has none, and what
is sent is checked as ever.

usage: absent.py PROGRAM GATEWRIGHT"""
import json
import os
import subprocess
import sys
import tempfile

import fcgi
from program import Program, run_tests

PROGRAM, GATEWRIGHT = sys.argv[1:3]
del sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=xyz"
NAMES = "jots", "loose", "lists", "forms", "scans"
RUNNING = {}


def as_cgi(site, path, meta, body):
    environment = {**site.environment, "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": path,
                   "SERVER_PROTOCOL": "HTTP/1.1", "QUERY_STRING": "", **meta}
    environment.pop("GW_TRANSPORT", None)
    done = subprocess.run([PROGRAM], env=environment, input=body, capture_output=True, timeout=20, check=False)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    return int(head.split(b"Status: ")[1][:3]), content.decode()


def send(name, body=b"", **meta):
    """The one answer that all ways give; the length is told unless it is given."""
    meta = {"CONTENT_LENGTH": str(len(body)), **meta}
    meta = {key: value for key, value in meta.items() if value is not None}
    answers = [as_cgi(RUNNING["native"], "/absent/" + name, meta, body)]
    for site in RUNNING.values():
        # without the length, which is as the test says
        text = fcgi.text_of("/absent/" + name, "POST", meta=meta)
        text = text[:-8] + (fcgi.record(5, body) if body else b"") + fcgi.record(5, b"")
        with fcgi.connect(site.address) as peer:
            peer.sendall(text)
            status, _, content = fcgi.read_answer(peer.makefile("rb"))
        answers.append((status, content.decode()))
    statuses = [(status, content if status == 200 else "") for status, content in answers]
    assert all(status == statuses[0] for status in statuses), (name, meta, body, answers)
    return answers[0]


def test_without_a_body_the_handler_gets_null():
    for name in NAMES:
        for meta in [{"CONTENT_LENGTH": "0"}, {"CONTENT_LENGTH": None}, {"CONTENT_LENGTH": ""}]:
            assert send(name, **meta) == (200, "none"), (name, meta)


def test_a_body_of_unknown_length_that_has_no_bytes_is_none():
    chunked = {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}
    for name in NAMES:
        for kind in [JSON, FORM, PARTS, "text/plain", "", None]:
            assert send(name, CONTENT_TYPE=kind, **chunked) == (200, "none"), (name, kind)
    for body, kind, expected in (b'{"v": "a"}', JSON, (200, "a")), (b" ", JSON, (400, "")), (b'{"v": "a"}', "text/plain", (415, "")), (b" ", None, (415, "")):
        status, content = send("jots", body, CONTENT_TYPE=kind, **chunked)
        assert (status, content if status == 200 else "") == expected, (body, kind, status, content)


def test_without_a_body_its_type_does_not_matter():
    for name in NAMES:
        for kind in [JSON, FORM, "text/plain", "", "multipart/form-data"]:
            assert send(name, CONTENT_TYPE=kind) == (200, "none"), (name, kind)


def test_a_body_that_is_sent_is_checked_as_ever():
    for name, kind, body, wanted in [
            ("jots", JSON, b'{"v": "a"}', (200, "a")), ("lists", JSON, b'[{"v": "a"}, {"v": "b"}]', (200, "2")),
            ("loose", JSON, b"{}", (200, "nothing")), ("loose", JSON, b'{"v": "x"}', (200, "x")),
            ("forms", FORM, b"v=a+b", (200, "a b")), ("scans", PARTS, b'--xyz\r\nContent-Disposition: form-data; name="v"\r\n\r\nq\r\n--xyz--', (200, "q"))]:
        assert send(name, body, CONTENT_TYPE=kind) == wanted, (name, body)
    for name, kind, body, status in [
            ("jots", "text/plain", b'{"v": "a"}', 415), ("jots", None, b'{"v": "a"}', 415), ("forms", JSON, b"v=a", 415), ("scans", FORM, b"v=a", 415),
            ("jots", JSON, b" ", 400), ("jots", JSON, b"{", 400), ("lists", JSON, b"[", 400), ("forms", FORM, b"v=%zz", 400),
            ("jots", JSON, b"null", 422), ("jots", JSON, b"{}", 422), ("jots", JSON, b'{"v": ""}', 422), ("lists", JSON, b"[]", 422),
            ("loose", JSON, b"null", 422), ("forms", FORM, b"w=1", 422), ("scans", PARTS, b"--xyz--", 422)]:
        assert send(name, body, CONTENT_TYPE=kind)[0] == status, (name, kind, body)


def test_a_length_that_cannot_be_read_is_no_missing_body():
    for length in ["x", "1x", "0x0", "+0"]:
        assert send("jots", CONTENT_LENGTH=length)[0] == 400, (length, send("jots", CONTENT_LENGTH=length))


def test_a_body_that_is_needed_is_needed():
    site = RUNNING["native"]
    assert fcgi.request(site.address, "/jots", "POST")[0] == 415
    assert fcgi.request(site.address, "/jots", "POST", meta={"CONTENT_TYPE": JSON})[0] == 400


def test_openapi_says_which_body_is_needed():
    paths = json.loads(subprocess.run([GATEWRIGHT, "openapi", HERE + "/routes.def"], check=True, capture_output=True).stdout)["paths"]
    for name in NAMES:
        assert paths["/absent/" + name]["post"]["requestBody"]["required"] is False, name
    assert paths["/jots"]["post"]["requestBody"]["required"] is True


def test_explain_says_that_none_is_as_good():
    for path, needs in [("/absent/jots", "a body `jots` as application/json, or none; else 415, 400, 422"), ("/absent/lists", "a list of `jots` as application/json, or none;"),
                        ("/absent/scans", "a body `scans` as multipart/form-data, or none;"), ("/jots", "a body `jots` as application/json; else")]:
        said = subprocess.run([GATEWRIGHT, "explain", "POST", path, HERE + "/routes.def"], check=True, capture_output=True, text=True).stdout
        assert needs in said, said


def test_fmt_writes_them_in_one_way():
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/routes.def", "w", encoding="utf-8") as file:
            file.write('body  note   [ text or  null ] ..3   null\nPOST /a ignored a( note ? ) returns 200 "a/b"   "c/d"\nPOST /b ignored b([ note ] ? 1..9)\n')
        said = subprocess.run([GATEWRIGHT, "fmt", "--stdout", folder + "/routes.def"], check=True, capture_output=True, text=True).stdout
    assert said == 'body note [text or null] ..3 null\nPOST  /a  ignored  a(note?)         returns 200 "a/b" "c/d"\nPOST  /b  ignored  b([note]? 1..9)\n', said


def test_what_gatewright_tests_sends_is_answered_as_it_says():
    requests = json.loads(subprocess.run([GATEWRIGHT, "tests", HERE + "/routes.def"], check=True, capture_output=True).stdout)["requests"]
    sent = [r for r in requests if "/absent/" in r["path"] and r["method"] == "POST"]
    for request in sent:
        body = request.get("body")
        meta = {"CONTENT_TYPE": request["content_type"]} if "content_type" in request else {}
        status, _, _ = fcgi.request(RUNNING["native"].address, request["path"], request["method"], meta=meta, body=body.encode() if body is not None else None)
        assert status in request["expect"] if "expect" in request else status not in request["expect_not"], (request, status)
    assert sum("body" not in request for request in sent) == len(NAMES) and len(sent) > 3 * len(NAMES), sent


with Program(PROGRAM) as RUNNING["native"], Program(PROGRAM, settings={"GW_TRANSPORT": "libfcgi"}) as RUNNING["libfcgi"]:
    for running in RUNNING.values():
        running.start_program()
    run_tests(globals())
