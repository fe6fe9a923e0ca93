#!/usr/bin/python3
"""Bodies of one member, each with many values: the program refuses what a validator of JSON Schema refuses, which
reads what `gatewright openapi` prints, and takes all else.

usage: verdicts.py PROGRAM GATEWRIGHT FOLDER     (FOLDER: where the validator is installed)"""
import json
import os
import random
import subprocess
import sys
import urllib.parse

import bodies
import fcgi
from program import Program, run_tests

PROGRAM, GATEWRIGHT, FOLDER = sys.argv[1:4]
del sys.argv[1:4]
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/../openapi")
from validator import install  # noqa: E402

NO_JSON = ("Problem", "paged", "search", "scans", "says", "found", "facets", "span", "chosen", "marked", "kept", "dials")
EACH = 60  # bodies of a generator for each schema

# Values as they are written in JSON.
ANYTHING = ["null", "true", "false", "0", "1", "2", "3", "5", "6", "7", "-1", "0.5", "1.0", "1.5", "-2.25", "3e0", "50e-1",
            "1e300", '""', '"a"', '"red"', '"green"', '"Red"', '"red "', '"1"', '"true"', "[]", "{}", "[1]", '["a"]', "[null]",
            "9007199254740991", '"\\u00e9\\u00e9\\u00e9"', '"abcd"', '"\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00"', '{"v": 1}',
            '[{"v": 1}]', '[{"v": null}, {"v": 5}]', '[{}]', '{"v": null}', '{}', '[{"v": 1}, {"v": 1}, {"v": 1}]']
LISTS = ["[1, 2]", "[1, 1]", "[1, 1.0]", "[2, 1, 2]", "[1, 2, 3, 4]", "[1, 2, 3, 4, 5]", "[0, -0]", "[0.5, 5e-1]", "[0.5, 0.25]",
         '["a", "b"]', '["a", "b", "a"]', '["a", "d"]', "[true]", "[true, false]", "[true, false, true]", '["a", 1]',
         "[1e2, 100]", "[[1], [1]]", "[9007199254740991, 9007199254740990]"]
CONTAINERS = ['{"a": "b"}', '{"a": 1}', '{"a": 1, "b": 9}', '{"a": 1, "b": 2, "c": 3}', '{"": "a"}', '{"%s": "a"}' % ("a" * 255),
              '{"%s": "a"}' % ("a" * 256), '{"%s": "a"}' % ("\\ud83d\\ude00" * 255), "[[1], [2, 3]]", "[[], [1]]", "[[1, 2, 3]]", "[[1], [2], [3], [4]]",
              '{"x": ["a"], "y": []}', '{"x": ["A"]}', '{"x": null}', "[[null]]"]
REALS = ["-0", "-0.0", "5e-324", "-5e-324", "1e-400", "1e400", "-1e400", "1.0000000000000001", "1.0000000000000002", "0.9999999999999999", "-1.5", "1.5",
         "1.4999999999999999999", "1.4999999999999998", "12345678901234567890123", "1E1", "10", "9.999999999999999", "-1e-300", "0.1e1", "[10]", "[0]", "[9.5, 5e-324]",
         "[1, -0.0]"]
OTHERS = ['{"id": 1, "name": "a", "x": "b"}', '{"id": 1, "name": null, "x": "b", "y": "c"}', '{"id": 1, "name": null, "x": "b", "y": "c", "z": "d"}',
          '{"id": 1, "name": null}', '{"id": 1, "x": "b"}', '{"id": 1, "name": null, "x": ""}', '{"id": 1, "name": null, "": "a"}', '{"id": 1, "name": null, "others": "a"}',
          '{"id": 1, "name": null, "%s": "a"}' % ("a" * 255), '{"id": 1, "name": null, "%s": "a"}' % ("a" * 256), '{"id": "1", "name": null, "x": "b"}',
          '{"id": 1, "name": null, "x": 1}', '{"id": 1, "name": "x", "id2": "1"}', '{"id": 1, "name": null, "x": null}',
          '{"v": 1, "x": [1]}', '{"v": [1], "x": [1]}', '{"x": [10]}', '{"x": 1}', '{"w": {"x": [1], "w": {"v": 1, "others": []}}}', '{"w": {"x": [1], "w": {"v": []}}}', '{"v": null}',
          '{"v": true}', '{"x": true}', '{"x": null, "y": 1, "v": "a"}', '{"x": "a"}', '{"others": 1}', '{"x": 1.0, "y": 1.5}']
FIGURES = [json.dumps(text) for text in ("0", "-0", "-7", "+7", "07", "7.0", "7e0", "7E+5", " 7", "7 ", "7\n", "-", "7,5", "\u0667", ".5", "5.", "9007199254740993", "-1.5")]
OBJECTS = ["{}", '{"a": -1}', '{"a": 0}', '{"a": {}}', '{"a": {}, "b": null}', '{"a": {"b": {}}}', "[{}]", "[{}, {}]", "[{}, {}, {}]", '[{"a": 1}]', "[null]"]
URIS = ["https://example.com", "https://example.com/", "http://a", "http:", "http:/", "http://", "http:///x", "mailto:a@b", "urn:x:y",
        "urn:", "a:b", "1a:b", "+a:b", "a+b-c.d:e", "//example.com/a", "/a/b", "a/b", "", "a", "?x", "#x", "http://a/b?c#d", "http://a#b#c",
        "http://a?b?c", "http://a b", "http://a/%41", "http://a/%4", "http://a/%", "http://a/%zz", "http://[::1]/", "http://[::1]:80/",
        "http://[::1", "http://::1/", "http://[1.2.3.4]/", "http://[::ffff:1.2.3.4]/x", "http://u:p@h:80/x", "http://u@p@h/",
        "http://h:80x/", "http://h:/", "http://h:65536/", "http://h/a\\b", "http://h/a\"b", "http://h/<x>", "http://h/{x}", "http://h/a|b",
        "http://h/^", "http://h/`", "http://h/\u00e9", "http://\u00e9/", "javascript:alert(1)", "data:text/plain,x", "file:///etc/x", "x:/a//b",
        "x:a//b", "x:?q", "x:#f", "http://h/[x]", "http://h/?[x]", "http://h/#[x]", "HTTP://EXAMPLE.COM/", "http://-a/", "http://a_b/",
        "http://a/;p=1,2/!$&'()*+", "tel:+1-816-555-1212", "ldap://[2001:db8::7]/c=GB?objectClass?one", "news:comp.x", " http://a", "http://a "]
HOSTS = ["a", "example.com", "EXAMPLE.com", "a-b.c", "-a.b", "a-.b", "a..b", ".a", "", "a_b", "1.2.3.4", "1", "xn--a", "\u00e9.com", "a b",
         "a" * 63, "a" * 64, ".".join(["a" * 49] * 5), ".".join(["a" * 63] * 3 + ["a" * 61]), ".".join(["a" * 63] * 4), "a:b", "a/b", "*", "*.a"]
ADDRESSES = ["1.2.3.4", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.04", "1.2.3.4 ", " 1.2.3.4",
             "0x1.2.3.4", "1", "::", "::1", "1::", "fe80::1", "fe80::1%eth0", "2001:db8::1:2:3:4:5", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7",
             "1:2:3:4:5:6:7:8:9", "1::2::3", ":1", "1:", "::ffff:1.2.3.4", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "::1.2.3", "::1.2.3.256",
             "g::1", "12345::1", "[::1]", "", "::/0", "1.2.3.4/8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8"]

# Where the two differ: this validator's expression for URIs is not RFC 3986, 3, letter by letter. Python's rfc3987, which
# is, says what we say.
OURS = {("uris", json.dumps(text)): verdict for text, verdict in [
    ("http:", True), ("urn:", True), ("x:?q", True), ("x:#f", True),  # a path may be empty
    ("http://::1/", False), ("http://u@p@h/", False), ("http://h:80x/", False)]}


def verdicts(schemas, cases):
    """What the validator says of each (schema, text of a value)."""
    command = install(FOLDER)
    file = FOLDER + "/values-%d.json" % os.getpid()
    with open(file, "w", encoding="utf-8") as out:
        json.dump([[name, text] for name, text in cases], out)
    document = FOLDER + "/document-%d.json" % os.getpid()
    with open(document, "w", encoding="utf-8") as out:
        out.write(schemas)
    try:
        done = subprocess.run(command + ["--values", file, document], check=True, capture_output=True, text=True)
    finally:
        os.unlink(file)
        os.unlink(document)
    return json.loads(done.stdout)


def read_document():
    """What `gatewright openapi` prints; bodies that are lists are among the schemas too, under their paths."""
    done = subprocess.run([GATEWRIGHT, "openapi", HERE + "/routes.def"], check=True, capture_output=True, text=True)
    document = json.loads(done.stdout)
    for path, operations in document["paths"].items():
        content = operations.get("post", {}).get("requestBody", {"content": {}})["content"].get("application/json")
        if content and "$ref" not in content["schema"]:
            document["components"]["schemas"][path[1:]] = content["schema"]
    return json.dumps(document)


def test_what_a_schema_says_is_what_is_taken():
    document = read_document()
    schemas = json.loads(document)["components"]["schemas"]
    names = [name for name in schemas if name not in NO_JSON]
    special = {"uris": URIS, "hosts": HOSTS, "addresses": ADDRESSES}
    more = {**{name: REALS for name in ("rates", "shares", "depths")}, "empty": OBJECTS, "empties": OBJECTS, **{name: OTHERS for name in ("extras", "looses", "leftovers")}}
    cases = []
    for name in names:
        values = ANYTHING + LISTS + CONTAINERS + [json.dumps(text) for text in special.get(name, [])] + more.get(name, [])
        cases += [(name, "{}")] + [(name, '{"v": %s}' % value) for value in values]
        cases += [(name, value) for value in values if "properties" not in schemas[name] or value in OTHERS]
    cases += [("shares", '{"v": 1, "w": %s}' % value) for value in REALS + ANYTHING]
    cases += [("depths", '{"v": [], "w": %s}' % value) for value in REALS + OBJECTS]
    cases += [("empties", '{"v": {}, "%s": %s}' % (member, value)) for member in "wxyz" for value in OBJECTS + ANYTHING]
    cases += [("filled", '{"%s": %s}' % (member, value)) for member in "wxyz" for value in ANYTHING]
    cases += [("places", '{"v": 1, "%s": %s}' % (member, value)) for member in "wxyzabcd" for value in ANYTHING + LISTS + CONTAINERS]
    cases += [("figures", '{"v": "1", "x": [], "y": {}, "%s": %s}' % (member, value)) for member in "wz" for value in ANYTHING + FIGURES]
    cases += [("figures", '{"v": %s, "x": [], "y": {}}' % value) for value in ANYTHING + FIGURES]
    cases += [("figures", '{"v": "1", "x": [%s], "y": {"a": %s}}' % (real, whole)) for real in FIGURES for whole in ('"1"', real)]
    cases += [("nested", '{"w": %s}' % value) for value in ANYTHING]
    cases += [("deeps", '{"v": %s, "w": %s, "x": %s}' % values) for values in zip(CONTAINERS, CONTAINERS[1:], CONTAINERS[2:])]
    differences = []
    with Program(PROGRAM) as site, site.running():
        for (name, text), wanted in zip(cases, verdicts(document, cases), strict=True):
            status, _, body = fcgi.request(site.address, "/" + name, "POST", body=text.encode(),
                                           meta={"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(text.encode()))})
            assert status in (200, 204, 422), (name, text, status, body)
            value = text[6:-1] if text.startswith('{"v": ') else text
            if (name, value) in OURS:
                assert wanted != OURS[name, value], ("the validator agrees by now", name, value)
                wanted = OURS[name, value]
            if wanted != (status < 300):
                differences.append((name, text, "validator: %s" % wanted, status, body[-120:]))
    print("%d values, %d bodies" % (len(cases), len(names)))
    assert not differences, "\n".join(map(str, differences[:40]))


def test_bodies_of_a_generator_are_taken_where_the_schema_takes_them():
    document = read_document()
    parsed = json.loads(document)
    names = [name for name in parsed["components"]["schemas"] if name not in (*NO_JSON, "uris", "hosts", "addresses")]
    cases = []
    for name in names:
        random.seed(name)  # so that one more body changes nothing of others
        cases += [(name, json.dumps(bodies.value(parsed, parsed["components"]["schemas"][name]))) for _ in range(EACH)]
    cases = [case for case in cases if case != ("lists/codes", '[{"v": "AAA"}]')]  # whose answer is a mistake, see below
    wanted = verdicts(document, cases)
    differences = []
    with Program(PROGRAM) as site, site.running():
        for (name, text), verdict in zip(cases, wanted, strict=True):
            status, _, answer = fcgi.request(site.address, "/" + name, "POST", body=text.encode(),
                                             meta={"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(text))})
            assert status in (200, 204, 422), (name, text, status, answer)
            if (b"holds a number that is too large" in answer or b"9223372036854775807" in answer) and str(10 ** 25) in text:
                continue  # neither int64 nor jansson has such a number, and the format int64 does not say so
            if verdict != (status < 300):
                differences.append((name, text, "validator: %s" % verdict, status, answer[-120:]))
    print("%d bodies, %d of them fit" % (len(cases), sum(wanted)))
    assert sum(wanted) > len(cases) / 4 and sum(wanted) < len(cases)
    for name in sorted(set(names) - {"frees", "anything"}):  # which takes everything
        taken = sum(verdict for (one, _), verdict in zip(cases, wanted) if one == name)
        assert EACH > taken > 0, (name, taken)
    assert not differences, "\n".join(map(str, differences[:40]))


def ask(site, name, text, kind="application/json"):
    status, _, body = fcgi.request(site.address, "/" + name, "POST", body=text.encode(),
                                   meta={"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(text.encode()))})
    return status, body.decode()


def test_what_is_left_out_has_its_default():
    with Program(PROGRAM) as site, site.running():
        assert ask(site, "filled", "{}") == (200, "3 draft 1 0.5 2")
        assert ask(site, "filled", '{"v": 5, "w": "", "x": false, "y": -1, "z": 1}') == (200, "5  0 -1 1")
        status, body = ask(site, "filled", '{"v": null, "w": null}')
        assert status == 422 and body.count("must not be null") == 2, body


def test_any_json_reaches_the_handler_as_it_is():
    deep = "[" * 30 + "]" * 30
    with Program(PROGRAM) as site, site.running():
        for text in ["null", "true", "0", "-1.5", '"\\u00e9"', "{}", '{"b":[1,{"a":null}],"a":""}', "9223372036854775807", deep]:
            expected = json.loads(text)
            status, body = ask(site, "frees", '{"v": %s}' % text)
            assert status == 200 and json.loads(body) == expected, (text, status, body)
            status, body = ask(site, "piles", '{"v": [1, %s]}' % text)
            assert status == 200 and json.loads(body) == expected, (text, status, body)
            assert ask(site, "maybes", '{"w": %s}' % text)[1] == ask(site, "frees", '{"v": %s}' % text)[1]
        assert ask(site, "maybes", "{}")[1] == "none" and ask(site, "maybes", '{"v": 1}')[1] == "v"
        assert ask(site, "maybes", '{"v": null}')[0] == 422 and ask(site, "frees", "{}")[0] == 422
        assert ask(site, "frees", '{"v": [[%s]]}' % deep)[0] == 400
        status, body = ask(site, "frees", '{"v": [9223372036854775808]}')
        assert status == 422 and "holds a number that is too large" in body, body
        assert ask(site, "frees", '{"v": [%s]}' % ",".join("1" * 65535))[0] == 200
        status, body = ask(site, "frees", '{"v": [%s]}' % ",".join("1" * 65536))
        assert status == 422 and "holds too many values" in body, body
        half = "[%s]" % ",".join("1" * 40000)
        status, body = ask(site, "piles", '{"v": [%s, %s]}' % (half, half))
        assert status == 422 and '"/v/1"' in body and "holds too many values" in body, body


def test_maps_and_lists_of_lists_reach_the_handler():
    with Program(PROGRAM) as site, site.running():
        assert ask(site, "labels", '{"v": {"b": "1", "a": "22", "\\u00e9": "x"}}') == (200, "b=1;a=22;\u00e9=x;")
        assert ask(site, "labels", '{"v": {}}') == (200, "")
        assert ask(site, "grids", '{"v": [[1], [-2, 3]]}') == (200, "1,;-2,3,;")
        assert ask(site, "tables", '{"v": {"x": ["ab", "c"], "y": []}}') == (200, "x:ab,c,y:")
        assert ask(site, "tables", "{}") == (200, "none")
        assert ask(site, "deeps", '{"v": [{"a": {"v": 1}, "b": {"v": 5}}, {"c": {}}], "w": {"d": {"e": true}, "f": {}}, "x": {"g": 1.5}}') == \
            (200, "a=1;b=5;c=0;d.e=1;g=1.5;")
        for name, text, pointer, sentence in [
                ("labels", '{"v": {"a/b": "123456"}}', "/v/a~1b", "must be 1 to 5 characters"), ("labels", '{"v": ["a"]}', "/v", "must be an object"),
                ("labels", '{"v": {"": "a"}}', "/v", "has a name that is empty or longer than 255 characters"),
                ("labels", '{"v": {"%s": "a"}}' % ("\u00e9" * 256), "/v", "has a name that is empty or longer than 255 characters"),
                ("scores", '{"v": {"a": 1, "b": 2, "c": 3}}', "/v", "must hold at most 2 items"), ("grids", '{"v": [[1], [2, "3"]]}', "/v/1/1", "must be a whole number"),
                ("grids", '{"v": [[1], 2]}', "/v/1", "must be a list"), ("grids", '{"v": [[1], []]}', "/v/1", "must hold 1 to 2 items"),
                ("tables", '{"v": {"x": ["A"]}}', "/v/x/0", "must match [a-z]+"), ("deeps", '{"v": null, "w": {"a": {"b": 1}}, "x": {}}', "/w/a/b", "must be true or false")]:
            status, body = ask(site, name, text)
            assert status == 422, (text, body)
            assert {"pointer": pointer, "detail": sentence} in json.loads(body)["errors"], (text, body)
        assert ask(site, "labels", '{"v": {"%s": "a"}}' % ("\u00e9" * 255))[0] == 200


def test_a_body_and_an_answer_may_be_a_list():
    with Program(PROGRAM) as site, site.running():
        for text in ['[{"v": "ABC"}]', '[{"v": "ABC"}, {"v": "XYZ"}, {"v": "ABC"}]']:
            status, body = ask(site, "lists/codes", text)
            assert status == 200 and json.loads(body) == json.loads(text), body
        assert ask(site, "lists/trees", "[]") == (200, "0")
        assert ask(site, "lists/trees", '[{"v": 1}, {"v": 2, "y": [{"v": 3}]}]') == (200, "2")
        for name, text, pointer, sentence in [("codes", "[]", "", "must hold 1 to 3 items"), ("codes", "{}", "", "must be a list"), ("codes", "null", "", "must be a list"),
                                              ("codes", '[{"v": "ABC"}, {"v": "a"}]', "/1/v", "must match [A-Z]{3}"), ("trees", '[{"v": 1}, []]', "/1", "must be an object")]:
            status, body = ask(site, "lists/" + name, text)
            assert status == 422 and {"pointer": pointer, "detail": sentence} in json.loads(body)["errors"], (text, status, body)
        assert ask(site, "lists/codes", "[")[0] == 400
        assert ask(site, "lists/codes", '[{"v": "AAA"}]')[0] == 500  # an answer of too many, which a debug build sees


def test_bodies_hold_bodies_of_their_own_kind():
    with Program(PROGRAM) as site, site.running():
        assert ask(site, "trees", '{"v": 1, "x": {"v": 2, "y": [{"v": 3, "z": {"a": {"v": 4}}}]}}')[0] == 204
        status, body = ask(site, "trees", '{"v": 1, "x": {"v": 2, "y": [{"v": 3, "z": {"a": {"v": "4"}}}]}}')
        assert status == 422 and '"/x/y/0/z/a/v"' in body, body


def test_a_unique_list_keeps_its_order():
    with Program(PROGRAM) as site, site.running():
        assert ask(site, "sets", '{"v": [3, 1, 2]}') == (200, " 3 1 2")
        status, body = ask(site, "sets", '{"v": [3, 1, 3]}')
        assert status == 422 and '"/v"' in body and "must not hold anything twice" in body, body


def test_queries_and_forms_have_defaults_and_an_empty_null():
    with Program(PROGRAM) as site, site.running():
        for pairs, expected in [({"after": ""}, "1 up 0 -1"), ({"after": "7", "page": "100"}, "100 up 0 7"),
                                ({"after": "", "page": "", "order": "down", "old": "true"}, "1 down 1 -1"), ({}, None),
                                ({"after": "x"}, None), ({"after": "1", "page": "0"}, None), ({"after": "", "order": "left"}, None)]:
            text = urllib.parse.urlencode(pairs)
            status, _, body = fcgi.request(site.address, "/paged?" + text)
            assert (status, body.decode() if status == 200 else None) == (200 if expected else 422, expected), (pairs, body)
            status, body = ask(site, "paged", text, "application/x-www-form-urlencoded")
            assert (status, body if status == 200 else None) == (200 if expected else 422, expected), (pairs, body)


def test_queries_and_forms_hold_lists_and_bools_of_many_spellings():
    with Program(PROGRAM) as site, site.running():
        for text, expected in [
                ("ids=1", " 1 none 0 -1"), ("tags=a&ids=1,2&tags=b", "<a><b> 1 2 none 0 -1"), ("ids=3%2C4", " 3 4 none 0 -1"), ("ids=1&words=", " 1 0 -1"),
                ("ids=1&words=a|b+c|%7C", " 1 [a] [b c] [] [] 0 -1"), ("ids=1&flags=on+off", " 1 none yes no 0 -1"), ("ids=1&old&new=0", " 1 none 1 0"),
                ("ids=1&old=1&new", " 1 none 1 1"), ("ids=1&old=on&new=off", " 1 none 1 0"), ("ids=1&old=&new=", " 1 none 0 -1"),
                ("", "/ids must hold 1 to 3 items"), ("ids=", "/ids must hold 1 to 3 items"), ("ids=1,2,3,4", "/ids must hold 1 to 3 items"),
                ("ids=1,,2", "/ids/1 must be a whole number"), ("ids=1,1", "/ids must not hold anything twice"), ("ids=1&ids=2", "/ids must be there only once"),
                ("ids=1,", "/ids/1 must be a whole number"), ("ids=10", "/ids/0 must be 0 to 9"), ("ids=1&tags=", "/tags/0 must be 1 to 4 characters"),
                ("ids=1&tags=a&tags=b&tags=c&tags=d", "/tags must hold at most 3 items"), ("ids=1&old=yes", "/old must be true or false"),
                ("ids=1&old=True", "/old must be true or false"), ("ids=1&flags=on++", "/flags must hold at most 2 items"),
                ("ids=1&words=" + "|" * 255, " 1" + " []" * 256 + " 0 -1"), ("ids=1&words=" + "|" * 256, "/words must hold at most 256 items")]:
            status, _, body = fcgi.request(site.address, "/search?" + text)
            answers = [(status, body), ask(site, "search", text, "application/x-www-form-urlencoded")]
            for status, body in [(status, body.decode() if isinstance(body, bytes) else body) for status, body in answers]:
                faults = ["%(pointer)s %(detail)s" % fault for fault in json.loads(body)["errors"]] if status == 422 else []
                assert (status == 200 and body == expected) or expected in faults, (text, status, body)


def test_what_comes_decides_between_alternatives():
    with Program(PROGRAM) as site, site.running():
        for name, text, expected in [
                ("eithers", '{"v": 7}', "number 7"), ("eithers", '{"v": "7"}', "text 7"),
                ("mingled", '[1, "a", null]', " 1 a null"), ("mingled", "[]", ""), ("whole", "7", "7"), ("whole", '["a", "b"]', "2"), ("whole", "null", "null"), ("picks", '{"v": "red"}', "red"), ("picks", "{}", "none"),
                ("picks", '{"v": null}', "none"), ("picks", '{"v": {"a": 1, "b": -2}}', "map a=1 b=-2"), ("picks", '{"v": {}}', "map"),
                ("manies", '{"v": "a"}', "a"), ("manies", '{"v": ["a", "bc"], "w": 0.5}', "list a bc; 0.5"), ("manies", '{"v": null, "w": true}', "null; 1"),
                ("mixtures", '{"v": [1, true, {"v": 5}]}', " 1 yes {5}"), ("mixtures", '{"v": [["a", ""], false]}', " [a] [] no"),
                ("mixtures", '{"v": [], "w": {"a": "1970-01-01T00:00:01Z", "b": [1, 2]}, "x": {"v": [2], "x": "0F000000-0000-4000-8000-000000000007"}}',
                 " a:1000000 b:2; 2; 0f000000-0000-4000-8000-000000000007")]:
            assert ask(site, name, text) == (200, expected), (name, text, ask(site, name, text))
        for name, text, pointer, sentence in [
                ("mingled", "[true]", "/0", "must be a number or a text"), ("mingled", '["abcd"]', "/0", "must be at most 3 characters"),
                ("whole", '"7"', "", "must be a number or a list"), ("whole", '["a", 1]', "/1", "must be a text"),
                ("eithers", '{"v": true}', "/v", "must be a number or a text"), ("eithers", '{"v": null}', "/v", "must not be null"), ("eithers", "{}", "/v", "is required"),
                ("eithers", '{"v": 10}', "/v", "must be 1 to 9"), ("eithers", '{"v": 1.5}', "/v", "must be a whole number"), ("eithers", '{"v": "abcd"}', "/v", "must be 1 to 3 characters"),
                ("picks", '{"v": "blue"}', "/v", 'must be one of "red", "green"'), ("picks", '{"v": {"a": "1"}}', "/v/a", "must be a whole number"),
                ("picks", '{"v": 1}', "/v", "must be a text or an object"), ("manies", '{"v": ["a", ""]}', "/v/1", "must be 1 to 4 characters"), ("manies", '{"v": []}', "/v", "must hold 1 to 3 items"),
                ("manies", '{"v": "a", "w": null}', "/w", "must not be null"), ("manies", '{"v": "a", "w": "1"}', "/w", "must be a number or true or false"),
                ("mixtures", '{"v": [1, "a"]}', "/v/1", "must be a number, true or false, an object or a list"), ("mixtures", '{"v": [null]}', "/v/0", "must be a number, true or false, an object or a list"),
                ("mixtures", '{"v": [{"v": 9}]}', "/v/0/v", "must be 1 to 5"), ("mixtures", '{"v": [[1]]}', "/v/0/0", "must be a text"),
                ("mixtures", '{"v": [], "x": {"v": [], "x": {"v": [true, "b"]}}}', "/x/x/v/1", "must be a number, true or false, an object or a list")]:
            status, body = ask(site, name, text)
            assert status == 422 and {"pointer": pointer, "detail": sentence} in json.loads(body)["errors"], (name, text, status, body)


def answers_of(site, path, text):
    """As a query and as a form: the text of a 200, or the faults of a 422."""
    status, _, body = fcgi.request(site.address, path + "?" + text)
    for status, body in [(status, body.decode()), ask(site, path[1:], text, "application/x-www-form-urlencoded")]:
        yield body if status == 200 else ["%(pointer)s %(detail)s" % fault for fault in json.loads(body)["errors"]] if status == 422 else status


def test_queries_and_forms_hold_objects():
    with Program(PROGRAM) as site, site.running():
        for text, expected in [
                ("", "none; ..; none; 1;"), ("filter[title]=x", "x 0 -; ..; none; 1;"), ("filter%5Btitle%5D=x&page=2", "x 0 -; ..; none; 2;"),
                ("filter%5btitle]=x", "x 0 -; ..; none; 1;"), ("filter[level]=1&filter[title]=a+b&filter[level]=9", "a b 0 - 1 9; ..; none; 1;"),
                ("filter[sort.by]=up&filter[old]", "- 1 up; ..; none; 1;"), ("filter[ids]=1,2&filter[title]=", "- 0 - #1 #2; ..; none; 1;"),
                ("range[from]=2024-02-29&page[span][to]=2024-03-01", "none; 2024-02-29..; ..2024-03-01; 1;"),
                ("labels[b]=1&labels[a]=-2&labels[%C3%A9%20]=0", "none; ..; none; 1; b=1 a=-2 \u00e9 =0"),
                ("filter=x", ["/filter must be an object"]), ("filter", ["/filter must be an object"]), ("labels=1", ["/labels must be an object"]),
                ("filter=x&filter[title]=y", ["/filter must be an object"]), ("range=1&range=2", ["/range must be there only once", "/range must be an object"]),
                ("filter[name]=x", ["/filter/name is not a known member"]), ("filter[title]=x&filter[title]=y", ["/filter/title must be there only once"]),
                ("filter[level]=0&filter[level]=x", ["/filter/level/0 must be 1 to 9", "/filter/level/1 must be a whole number"]),
                ("filter[ids]=1&filter[ids]=2", ["/filter/ids must be there only once"]), ("filter[title]=" + "x" * 21, ["/filter/title must be 1 to 20 characters"]),
                ("labels[a]=1&labels[a]=2", ["/labels/a must be there only once"]), ("labels[a]=x&labels[b]=", ["/labels/a must be a whole number", "/labels/b must be a whole number"]),
                ("labels[a]=1&labels[b]=1&labels[c]=1&labels[d]=1", ["/labels must hold at most 3 items"]),
                ("range[from]=x", ["/range/from must be a date such as 2026-01-31"]), ("page[span]=x", ["/page[span] must be an object"]),
                *[(name + "=x", ["/%s is not a known member" % urllib.parse.unquote(name)]) for name in
                  ["filter[]", "filter[", "filter]", "filter[title", "filter[title]x", "filter[title][", "filter[title][]", "filter[title][0]", "filter[[title]]",
                   "filter[title]]", "filter.title", "[title]", "[]", "Filter[title]", "page[from]", "filter%255Btitle%255D"]]]:
            for answer in answers_of(site, "/found", text):
                assert answer == expected, (text, answer, expected)


def test_what_others_make_of_an_object_is_read():
    pairs = {"filter": {"title": "a&b=[c] \u00e9+%", "sort.by": "down"}, "range": {"from": "2024-02-29"}, "page": 7}
    wanted = "a&b=[c] \u00e9+% 0 down; 2024-02-29..; none; 7;"
    node = """const q = new URLSearchParams(); const d = JSON.parse(process.argv[1]);
        for (const [k, v] of Object.entries(d)) { if (typeof v !== "object") q.append(k, v); else for (const [n, w] of Object.entries(v)) q.append(`${k}[${n}]`, w); }
        process.stdout.write(q.toString());"""
    php = "echo http_build_query(json_decode($argv[1], true));"
    texts = [subprocess.run([*command, json.dumps(pairs)], check=True, capture_output=True, text=True).stdout
             for command in (["node", "-e", node], ["php", "-r", php])]
    plain = [("%s[%s]" % (k, n), w) for k, v in pairs.items() if isinstance(v, dict) for n, w in v.items()] + [("page", "7")]
    texts += [urllib.parse.urlencode(plain), urllib.parse.urlencode(plain, safe="[]")]
    with Program(PROGRAM) as site, site.running():
        for text in texts:
            for answer in answers_of(site, "/found", text):
                assert answer == wanted, (text, answer)


def test_as_many_pairs_of_objects_as_a_query_holds():
    with Program(PROGRAM) as site, site.running():
        for n, expected in (256, ["/filter/level must hold at most 3 items"]), (257, 400):
            for answer in answers_of(site, "/found", "&".join(["filter[level]=1"] * n)):
                assert answer == expected, (n, answer)


def test_the_program_answers_with_its_own_document():
    printed = subprocess.run([GATEWRIGHT, "openapi", HERE + "/routes.def"], check=True, capture_output=True).stdout
    assert "/openapi.json" in json.loads(printed)["paths"]
    with Program(PROGRAM) as site, site.running():
        status, head, body = fcgi.request(site.address, "/openapi.json")
        head = head.decode() if isinstance(head, bytes) else head
        fields = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in head.splitlines() if ": " in line}
        assert (status, body, fields["content-type"]) == (200, printed, "application/json"), (status, fields)
        status, _, body = fcgi.request(site.address, "/openapi.json", meta={"HTTP_IF_NONE_MATCH": fields["etag"]})
        assert (status, body) == (304, b""), status
        assert fcgi.request(site.address, "/openapi.json", meta={"HTTP_IF_NONE_MATCH": '"x"'})[0] == 200


def test_what_is_expected_is_said():
    with Program(PROGRAM) as site, site.running():
        for name, value, sentence in [("numbers", "1", "must be one of -1, 0, 7, 9007199254740991"),
                                      ("ratios", "2", "must be one of 0.5, 1, -2.25"), ("uris", '"x"', "must be a URI"),
                                      ("hosts", '"-"', "must be the name of a host"), ("addresses", '"1"', "must be an IP address"),
                                      ("absents", "null", "must not be null"), ("codes", '"ABCD"', "must match [A-Z]{3}")]:
            status, body = ask(site, name, '{"v": %s}' % value)
            assert status == 422 and sentence in body, body
        assert "is required" in ask(site, "nulls", "{}")[1]


run_tests(globals())
