#!/usr/bin/python3
"""Regular expressions in paths, as requests meet them: what goes where says Python's re, of the decoded text."""
import json
import random
import re
import urllib.parse

import fcgi
from web import PROGRAM, Program, run_tests

CODE = re.compile(r"[A-Z]{3}|[é€😀]+|a b?|[^a-zA-Z\x80-\uffff]{5}")
NUMBER = re.compile(r"0|-?[1-9][0-9]*")


def ask(site, encoded):
    status, _, body = fcgi.request(site.address, "/codes/" + encoded)
    return status, json.loads(body)


def expected(text):
    name = "code" if CODE.fullmatch(text) else "number" if NUMBER.fullmatch(text) else "other"
    return name, int(text) if name == "number" else text


def encode_all(text):
    return "".join("%%%02x" % byte for byte in text.encode())


def test_however_a_text_is_encoded_it_goes_where_python_says():
    random.seed(3)
    texts = ["ABC", "ABCD", "abc", "AB", "é", "é€😀", "éa", "a b", "a ", "a", "a  b", "12345", "1 2#?", "-_~.!", "%%%%%", "%41%42", "-12", "0", "A%2FB"]
    for _ in range(400):
        texts.append("".join(random.choice('ABCab09 é€😀-.%?#"{~') for _ in range(random.randint(1, 6))))
    found = {"code": 0, "number": 0, "other": 0}
    with Program(PROGRAM) as site, site.running():
        for text in texts:
            if text in (".", ".."):
                continue
            name, value = expected(text)
            for encoded in encode_all(text), urllib.parse.quote(text, safe=""):
                status, body = ask(site, encoded)
                assert status == 200 and body.get(name) == value, (text, encoded, status, body)
            found[name] += 1
            if "url" in body:
                way = body["url"] and urllib.parse.unquote(body["url"])
                assert way == ("/codes/" + text if name == "code" else None), (text, body)
    assert min(found.values()) >= 5, found


def test_separators_and_control_characters_are_no_part_of_a_parameter():
    with Program(PROGRAM) as site, site.running():
        for encoded in ["1/2/3", "12%2F45", "12%2f45", "12%5C45", "12\\45", "%2F%2F%2F%2F%2F", "AB%00", "1234%0A", "1234%7F", "..%2F12", "1%2", "%FF%FF%FF%FF%FF"]:
            assert ask(site, encoded)[0] in (400, 404), encoded


run_tests(globals())
