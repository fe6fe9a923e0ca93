#!/usr/bin/python3
"""Declared problems: what a handler's call answers is RFC 9457's document, and what OpenAPI says."""
import json
import subprocess
import urllib.parse

import fcgi
from web import GATEWRIGHT, PROGRAM, ROUTES, Program, run_tests


def wish(site, text):
    status, head, body = fcgi.request(site.address, "/wishes", "POST", body=json.dumps({"text": text}).encode())
    kind, = [line.partition(":")[2].strip() for line in head.splitlines() if line.lower().startswith("content-type:")]
    return status, kind, json.loads(body)


def test_each_problem_is_its_document():
    with Program(PROGRAM) as site, site.running():
        for name, status, kind, sentence, pointer in [
                ("taken", 409, "urn:problem-type:taken", "this title is taken", "/title"),
                ("gone", 409, "https://example.com/problems/gone", 'it is "gone" \u2013 for ever', None), ("tea", 418, "urn:problem-type:tea", "a teapot", "/a~1b/0")]:
            got, media, body = wish(site, name)
            assert (got, media) == (status, "application/problem+json") and body.pop("instance"), (got, media, body)
            expected = {"type": kind, "title": sentence, "status": status, "detail": sentence}
            if pointer:
                expected["errors"] = [{"pointer": pointer, "detail": sentence}]
            assert body == expected and urllib.parse.urlsplit(body["type"]).scheme, body
        assert wish(site, "anything")[::2] == (201, {"text": "anything"})
        status, _, body = wish(site, "x" * 21)  # those of the runtime have no type of their own
        assert status == 422 and body["type"] == "about:blank", body
        assert wish(site, "undeclared")[0] in (500, 200)  # 500 in debug builds, which know what is declared


def test_openapi_has_their_documents():
    document = json.loads(subprocess.run([GATEWRIGHT, "openapi", ROUTES], check=True, capture_output=True, text=True).stdout)
    answers = document["paths"]["/wishes"]["post"]["responses"]
    with Program(PROGRAM) as site, site.running():
        for status, names in ("409", ["taken", "gone"]), ("418", ["tea"]):
            assert list(answers[status]["content"]) == ["application/problem+json"]
            examples = answers[status]["content"]["application/problem+json"]["examples"]
            assert list(examples) == names
            for name in names:
                body = wish(site, name)[2]
                del body["instance"]
                assert examples[name]["value"] == body, (name, body)
    assert "201" in answers and "2XX" not in answers


run_tests(globals())
