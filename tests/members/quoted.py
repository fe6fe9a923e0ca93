#!/usr/bin/python3
"""Numbers that JSON has as texts: their one spelling, their bounds, and what reaches the handler.

usage: quoted.py PROGRAM GATEWRIGHT"""
import json
import os
import re
import subprocess
import sys

import fcgi
from program import Program, run_tests

PROGRAM, GATEWRIGHT = sys.argv[1:3]
del sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
RUNNING = {}
TEXTS = ["0", "-0", "7", "-7", "+7", "07", "7.0", "7e0", "7E0", " 7", "7 ", "7\n", "", "-", "0x7", "seven", "7,5", "1_000", "\u0667", "NaN", "Infinity", "null", "true",
         "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
         "18446744073709551616", "1" * 400, "[7]", "\"7\"", ".5", "5.", "1e400", "-1.5e-3", "0.1", "00.1", "1e", "1e+05"]


def ask(name, text):
    status, _, body = fcgi.request(RUNNING["it"].address, "/" + name, "POST", body=text.encode())
    return status, body.decode()


def refuses(name, text, pointer, sentence):
    status, body = ask(name, text)
    assert status == 422 and {"pointer": pointer, "detail": sentence} in json.loads(body)["errors"], (name, text, status, body)


def test_a_whole_number_has_one_spelling():
    for text in TEXTS:
        good = re.fullmatch("0|-?[1-9][0-9]*", text) and -2 ** 63 <= int(text) < 2 ** 63
        status, said = ask("figures", json.dumps({"v": text, "x": [], "y": {}}))
        assert (status, said) == (200, text + " none 0 2") if good else status == 422, (text, status, said)
        good = re.fullmatch("0|[1-9][0-9]*", text) and int(text) < 2 ** 64
        status, said = ask("figures", json.dumps({"v": "1", "w": text, "x": [], "y": {}}))
        assert (status, said) == (200, "1 " + text + " 2") if good else status == 422, (text, status, said)


def test_a_real_is_one_as_json_spells_it():
    for text in TEXTS:
        good = re.fullmatch("-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?", text) and text != "-0" and abs(float(text)) != float("inf")
        status, said = ask("figures", json.dumps({"v": "1", "x": [text], "y": {}}))
        assert status == (200 if good else 422), (text, status, said)
        if good:
            assert float(said.split()[3]) == float(text), (text, said)


def test_a_number_without_quotes_is_refused():
    sentence = "must be a whole number, written as a text"
    refuses("figures", '{"v": 7, "x": [], "y": {}}', "/v", sentence)
    refuses("figures", '{"v": null, "x": [], "y": {}}', "/v", "must not be null")
    refuses("figures", '{"v": true, "x": [], "y": {}}', "/v", sentence)
    refuses("figures", '{"v": "a", "x": [], "y": {}}', "/v", sentence)
    refuses("figures", '{"v": "1", "x": [1.5], "y": {}}', "/x/0", "must be a number, written as a text")
    refuses("figures", '{"v": "1", "x": [], "y": {"a": 1}}', "/y/a", sentence)


def test_lists_maps_and_defaults_hold_them():
    assert ask("figures", '{"v": "1", "w": null, "x": ["1", "2.5"], "y": {"a": "-3", "b": "4"}, "z": "1"}') == (200, "1 none 0 1 2.5 a=-3 b=4 1")
    assert ask("dials", "{}") == (200, "3 0")


def test_their_bounds_are_those_of_the_numbers():
    refuses("figures", '{"v": "1", "x": [], "y": {}, "z": "3"}', "/z", "must be one of 1, 2")
    refuses("dials", '{"v": "6"}', "/v", "must be 1 to 5")
    refuses("dials", '{"v": "5", "w": "0"}', "/w", "must be above 0")
    assert ask("dials", '{"v": "5", "w": "1e-3"}') == (200, "5 0.001")


def test_the_document_says_that_they_are_texts():
    done = subprocess.run([GATEWRIGHT, "openapi", HERE + "/routes.def"], check=True, capture_output=True)
    schemas = json.loads(done.stdout)["components"]["schemas"]
    figures, dials = schemas["figures"]["properties"], schemas["dials"]["properties"]
    assert figures["v"] == {"type": "string", "format": "int64", "pattern": "^(0|-?[1-9][0-9]*)$"}, figures["v"]
    assert figures["w"] == {"type": ["string", "null"], "format": "uint64", "pattern": "^(0|[1-9][0-9]*)$"}, figures["w"]
    assert figures["z"]["enum"] == ["1", "2"] and figures["z"]["default"] == "2", figures["z"]
    assert dials["v"]["description"] == "A number from 1 to 5" and dials["w"]["description"] == "A number above 0", dials


with Program(PROGRAM) as RUNNING["it"]:
    RUNNING["it"].start_program()
    run_tests(globals())
