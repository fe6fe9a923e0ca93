#!/usr/bin/python3
"""Reals between bounds, bodies without members and members beside those that are declared: what reaches the handler, and what is said of the rest.

usage: others.py PROGRAM GATEWRIGHT"""
import json
import os
import subprocess
import sys

import fcgi
from program import Program, run_tests

PROGRAM, GATEWRIGHT = sys.argv[1:3]
del sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
RUNNING = {}
FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}


def ask(name, text, meta=None):
    status, _, body = fcgi.request(RUNNING["it"].address, "/" + name, "POST", body=text.encode(), meta=meta or {})
    return status, body.decode()


def refuses(name, text, pointer, sentence):
    status, body = ask(name, text)
    assert status == 422 and {"pointer": pointer, "detail": sentence} in json.loads(body)["errors"], (name, text, status, body)


def document():
    return json.loads(subprocess.run([GATEWRIGHT, "openapi", HERE + "/routes.def"], check=True, capture_output=True).stdout)


def test_a_bound_may_be_none_of_the_values():
    for text, said in ('{"v": 1}', "1 0.5"), ('{"v": 5e-324, "w": 1.4999999999999998}', "4.9406564584124654e-324 1.4999999999999998"), ('{"v": 1e-2, "w": -1}', "0.01 -1"):
        assert ask("shares", text) == (200, said), (text, ask("shares", text))
    for text, pointer, sentence in [
            ('{"v": 0}', "/v", "must be above 0 and at most 1"), ('{"v": -0.0}', "/v", "must be above 0 and at most 1"), ('{"v": 1e-400}', "/v", "must be above 0 and at most 1"),
            ('{"v": 1.0000000000000002}', "/v", "must be above 0 and at most 1"), ('{"v": 1, "w": -1.5}', "/w", "must be above -1.5 and below 1.5"),
            ('{"v": 1, "w": 15e-1}', "/w", "must be above -1.5 and below 1.5"), ('{"v": 1e400}', "/v", "is beyond what a number can hold"), ('{"v": "1"}', "/v", "must be a number")]:
        refuses("shares", text, pointer, sentence)
    refuses("rates", '{"v": 0}', "/v", "must be above 0")
    refuses("depths", '{"v": [1, 10], "w": "a"}', "/v/1", "must be above 0 and below 10")
    refuses("depths", '{"v": [], "w": {"a": 0}}', "/w/a", "must be below 0")


def test_the_document_tells_such_bounds():
    members = document()["components"]["schemas"]["shares"]["properties"]
    assert members["v"] == {"type": "number", "format": "double", "exclusiveMinimum": 0, "maximum": 1}, members["v"]
    assert members["w"] == {"type": "number", "format": "double", "exclusiveMinimum": -1.5, "exclusiveMaximum": 1.5, "default": 0.5}, members["w"]


def test_a_body_may_have_no_members():
    assert ask("empty", "{}")[0] == 204
    refuses("empty", '{"a": 1}', "/a", "is not a known member")
    refuses("empty", "[]", "", "must be an object")
    assert ask("empty/lists", "[{}, {}]") == (200, "[{},{}]")
    refuses("empty/lists", "[{}, {}, {}]", "", "must hold at most 2 items")
    assert ask("empties", '{"v": {}, "w": [{}, {}], "x": {"a": {}}, "y": {}}') == (200, "1 2 1 1")
    assert ask("empties", '{"v": {}, "x": {"a": null}, "y": "b"}') == (200, "1 0 1 0")
    refuses("empties", '{"v": {}, "w": [{"a": 1}]}', "/w/0/a", "is not a known member")


def test_a_query_and_a_form_may_have_none():
    assert ask("empty/forms", "", FORM) == (200, "empty")
    assert ask("empty/forms", "a=1", FORM)[0] == 422
    for text, expected in ("", 200), ("?", 200), ("?a", 422), ("?a=1&b=2", 422):
        status, _, body = fcgi.request(RUNNING["it"].address, "/empty" + text)
        assert status == expected and (status != 200 or body == b"{}"), (text, status, body)


def test_members_that_no_line_names_are_kept():
    assert ask("extras", '{"b": "x", "id": 1, "a": "y", "name": "n"}') == (200, "1 n b=x a=y")
    assert ask("extras", '{"id": 1, "others": "y", "name": null}') == (200, "1 null others=y")
    for text, pointer, sentence in [
            ('{"id": 1, "name": null}', "", "must hold 1 to 2 other members"), ('{"id": 1, "name": null, "a": "a", "b": "b", "c": "c"}', "", "must hold 1 to 2 other members"),
            ('{"id": 1, "name": null, "a": 7}', "/a", "must be a text"), ('{"id": 1, "name": null, "a~/": "abcdef"}', "/a~0~1", "must be 1 to 5 characters"),
            ('{"name": null, "a": "a"}', "/id", "is required"), ('{"id": "x", "name": null, "a": ""}', "/a", "must be 1 to 5 characters"),
            ('{"id": "x", "name": null, "a": ""}', "/id", "must be a whole number"), ('{"id": 1, "name": null, "": "a"}', "", "has a name that is empty or longer than 255 characters")]:
        refuses("extras", text, pointer, sentence)


def test_a_declared_member_is_never_among_the_others():
    assert ask("kept", '{"others": 7}') == (200, "7")
    assert ask("kept", '{"a": {"id": 1, "name": "n", "id2": "x"}, "others": 7, "id": {"id": 2, "name": null, "y": "z"}}') == (200, "7; a: 1 n id2=x; id: 2 null y=z")
    refuses("kept", '{"others": {"id": 1, "name": "n", "a": "b"}}', "/others", "must be a whole number")
    refuses("kept", '{"a": {"id": 1, "name": "n"}}', "/a", "must hold 1 to 2 other members")
    refuses("kept", '{"a": {}, "b": {}, "c": {}}', "", "must hold at most 2 other members")
    status, body = ask("kept", '{"a": {"id": 1, "name": "n", "a": "b"}, "a": 1}')
    assert status == 400, (status, body)


def test_an_answer_is_held_to_them():
    for text, expected in ('{"others": 1}', 200), ('{"a": {"id": 1, "name": null, "x": "y"}}', 200), ('{"a": 1}', 500), ('{"others": "x"}', 500):
        assert ask("kept/back", text)[0] == expected, text


def test_what_gatewright_tests_sends_is_answered_as_it_says():
    requests = json.loads(subprocess.run([GATEWRIGHT, "tests", HERE + "/routes.def"], check=True, capture_output=True).stdout)["requests"]
    sent = [r for r in requests if r["method"] == "POST" and r.get("content_type") == "application/json" and "back" not in r["path"]]
    for request in sent:
        status, body = ask(request["path"][1:], request["body"])
        assert status in request["expect"] if "expect" in request else status not in request["expect_not"], (request, status, body)
    assert len(sent) > 150 and len({r["path"] for r in sent}) > 60, len(sent)


def test_what_is_secret_among_them_is_not_told():
    status, body = ask("leftovers", '{"x": "hunter2hunter2"}')
    assert status == 422 and "hunter2" not in body, body


def test_the_document_tells_of_others():
    schema = document()["components"]["schemas"]["extras"]
    assert schema["additionalProperties"] == {"type": "string", "minLength": 1, "maxLength": 5} and list(schema["properties"]) == ["id", "name"], schema
    assert (schema["minProperties"], schema["maxProperties"], schema["description"]) == (3, 4, "1 to 2 other members"), schema
    page = fcgi.request(RUNNING["it"].address, "/docs")[2].decode()
    assert '<th scope="row">others</th><td>map, 1 to 2 of text, 1 to 5 characters' in page, [line for line in page.split("\n") if ">others<" in line]


with Program(PROGRAM) as RUNNING["it"]:
    RUNNING["it"].start_program()
    run_tests(globals())
