#!/usr/bin/python3
"""Bodies and answers that are values, lists and maps, and null within them: what reaches the handler, where a fault is said
to be, and what a debug build lets out.

usage: whole.py PROGRAM GATEWRIGHT"""
import json
import os
import subprocess
import sys
import urllib.parse

import fcgi
from program import Program, run_tests

PROGRAM, GATEWRIGHT = sys.argv[1:3]
del sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
RUNNING = {}


def ask(name, text):
    status, _, body = fcgi.request(RUNNING["it"].address, "/" + name, "POST", body=text.encode())
    return status, body.decode()


def reaches(name, *pairs):
    for text, said in pairs:
        assert ask(name, text) == (200, said), (name, text, ask(name, text))


def refuses(name, text, pointer, sentence):
    status, body = ask(name, text)
    assert status == 422 and {"pointer": pointer, "detail": sentence} in json.loads(body)["errors"], (name, text, status, body)


def test_a_list_of_values_is_a_body():
    reaches("strings", ('["a"]', "<a>"), ('["abc", "\\u00e9", "z"]', "<abc><é><z>"))
    refuses("strings", "[]", "", "must hold 1 to 3 items")
    refuses("strings", '["a", "b", "a"]', "", "must not hold anything twice")
    refuses("strings", '["a", "abcd"]', "/1", "must be 1 to 3 characters")
    refuses("strings", '["a", 1]', "/1", "must be a text")
    refuses("strings", "{}", "", "must be a list")
    refuses("strings", "null", "", "must be a list")


def test_a_value_is_a_body():
    reaches("digits", ("7", "7"), (" 9\n", "9"), ("5.0", "5"))
    refuses("digits", "10", "", "must be 0 to 9")
    refuses("digits", '"7"', "", "must be a whole number")
    refuses("digits", "null", "", "must be a whole number")
    assert ask("digits", "7 8")[0] == ask("digits", "")[0] == ask("digits", "7,")[0] == 400


def test_a_value_that_may_be_null_is_a_body():
    reaches("switch", ("null", "-"), ("true", "on"), ("false", "off"))
    reaches("choices", ("null", "-"), ('"red"', "red"))
    refuses("choices", '"green"', "", 'must be one of "a", "red"')
    reaches("perhaps", ("null", "-"), ("{}", "unset"), ('{"v": 1}', "set"))
    refuses("perhaps", '{"v": 9}', "/v", "must be 1 to 5")
    refuses("perhaps", "[]", "", "must be an object")


def test_a_value_may_be_left_out_which_is_not_null():
    assert fcgi.request(RUNNING["it"].address, "/choices", "POST")[2] == b"none"
    assert ask("choices", "null")[1] == "-"


def test_any_json_is_a_body_and_an_answer():
    for text in ["null", "true", "0", "-1.5", '"\\u00e9"', "{}", "[]", '{"b":[1,{"a":null}],"a":""}', "[" * 31 + "]" * 31]:
        status, body = ask("anything", text)
        assert status == 200 and json.loads(body) == json.loads(text), (text, status, body)
    assert ask("anything", "[" * 34 + "]" * 34)[0] == ask("anything", "")[0] == ask("anything", "{")[0] == 400
    assert ask("anything", "[%s]" % ",".join("1" * 65535))[0] == 200
    refuses("anything", "[%s]" % ",".join("1" * 65536), "", "holds too many values")


def test_a_map_is_a_body():
    reaches("mixes", ("{}", ""), ('{"b": "x", "a": ""}', "b=x;a=;"), ('{"a": null, "b": "1"}', "a=-;b=1;"))
    refuses("mixes", '{"a": "b", "b/c": "123456"}', "/b~1c", "must be at most 5 characters")
    refuses("mixes", '{"a": "", "b": "", "c": "", "d": ""}', "", "must hold at most 3 items")
    refuses("mixes", '{"": "a"}', "", "has a name that is empty or longer than 255 characters")
    refuses("mixes", "[]", "", "must be an object")


def test_what_a_list_holds_may_be_null():
    reaches("holes", ("[]", ""), ("[null]", "-,"), ("[1, null, 0, null]", "1,-,0,-,"))
    refuses("holes", "[null, 10]", "/1", "must be 0 to 9")
    refuses("holes", "[null, null, null, null, null]", "", "must hold at most 4 items")
    refuses("holes", "null", "", "must be a list")
    reaches("sheets", ("[null]", "-;"), ("[[], null, [1, null]]", ";-;1,-1,;"))
    refuses("sheets", "[null, [1, 2, 3, 4]]", "/1", "must hold at most 3 items")
    refuses("sheets", '[[null, ""]]', "/0/1", "must be a whole number")


def test_such_bodies_stand_in_others():
    reaches("places", ('{"v": 1}', "1 w99 xnone y dnone"),
            ('{"v": 0, "w": ["a"], "x": null, "y": [null, "red"], "z": [1.5, null], "a": {"t": true, "n": null}, "b": [null, {}], "c": {"u": null}, "d": null}',
             "0 w1 xnull y-,red, z1.5 z-1 t=1 n=-1 b- b u=-1 d-"),
            ('{"v": 2, "w": null, "x": {"a": 1}, "d": {}, "z": null}', '2 w99 x{"a":1} y d+'))
    refuses("places", '{"v": null}', "/v", "must not be null")
    refuses("places", '{"v": 10, "w": []}', "/v", "must be 0 to 9")
    refuses("places", '{"v": 1, "w": []}', "/w", "must hold 1 to 3 items")
    refuses("places", '{"v": 1, "b": [null, {"v": 6}]}', "/b/1/v", "must be 1 to 5")
    refuses("places", '{"v": 1, "y": ["x"]}', "/y/0", 'must be one of "a", "red"')


def test_a_list_of_such_bodies_is_a_body_and_an_answer():
    status, body = ask("lists/strings", '[["a"], ["b", "c"]]')
    assert (status, json.loads(body)) == (200, [["a"], ["b", "c"]])
    refuses("lists/strings", '[["a"], []]', "/1", "must hold 1 to 3 items")
    refuses("lists/strings", '[["a"], null]', "/1", "must be a list")


def test_an_answer_is_held_to_its_value():
    for name, text, good in [("strings", '["a"]', True), ("strings", "[]", False), ("strings", "{}", False), ("mixes", '{"a": null}', True), ("mixes", '{"a": 1}', False),
                             ("anything", "null", True), ("anything", "7", True), ("choices", "null", True), ("choices", '"red"', True), ("choices", '"x"', False)]:
        query = urllib.parse.urlencode({"how": "json", "text": text})
        status, _, body = fcgi.request(RUNNING["it"].address, "/answers/%s?%s" % (name, query))
        assert (status, body) == (200, text.encode()) if good else status == 500, (name, text, status, body)


def test_openapi_has_them_by_their_names():
    document = json.loads(subprocess.run([GATEWRIGHT, "openapi", HERE + "/routes.def"], check=True, capture_output=True).stdout)
    schemas = document["components"]["schemas"]
    assert schemas["anything"] == {"description": "Whatever it is."}
    assert schemas["strings"] == {"type": "array", "minItems": 1, "maxItems": 3, "uniqueItems": True, "items": {"type": "string", "minLength": 1, "maxLength": 3}}
    assert schemas["holes"]["items"]["type"] == ["integer", "null"] and schemas["mixes"]["additionalProperties"]["type"] == ["string", "null"]
    assert schemas["perhaps"] == {"anyOf": [{"$ref": "#/components/schemas/absents"}, {"type": "null"}]}
    assert document["paths"]["/strings"]["post"]["requestBody"]["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/strings"}}}


def test_what_gatewright_tests_sends_is_answered_as_it_says():
    requests = json.loads(subprocess.run([GATEWRIGHT, "tests", HERE + "/routes.def"], check=True, capture_output=True).stdout)["requests"]
    names = ("/strings", "/holes", "/mixes", "/anything", "/digits", "/switch", "/choices", "/perhaps", "/sheets", "/series", "/things", "/places", "/lists/strings")
    sent = [r for r in requests if r["path"] in names and r["method"] == "POST"]
    for request in sent:
        body = request.get("body")
        meta = {"CONTENT_TYPE": request["content_type"]} if "content_type" in request else {}
        status, _, _ = fcgi.request(RUNNING["it"].address, request["path"], "POST", meta=meta, body=body.encode() if body is not None else None)
        assert status in request["expect"] if "expect" in request else status not in request["expect_not"], (request, status)
    assert len(sent) > 3 * len(names)


def test_the_page_for_people_says_what_they_are():
    page = fcgi.request(RUNNING["it"].address, "/docs")[2].decode()
    assert "list, at most 4 of null or integer, 0 to 9" in page and "map, at most 3 of null or text, at most 5 characters" in page, \
        [line for line in page.split("\n") if "null or" in line]


with Program(PROGRAM) as RUNNING["it"]:
    RUNNING["it"].start_program()
    run_tests(globals())
