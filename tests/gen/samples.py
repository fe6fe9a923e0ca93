#!/usr/bin/env python3
"""The bodies that `gatewright tests` sends: they hold what must be there, and no more; where none can be sent there is none.

usage: samples.py GATEWRIGHT"""
import json
import os
import subprocess
import sys
import tempfile

GATEWRIGHT = os.path.abspath(sys.argv[1])


def requests_of(text):
    """{(handler, name): request}"""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "routes.def"), "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([GATEWRIGHT, "tests"], cwd=folder, capture_output=True, check=True, timeout=60)
        subprocess.run([GATEWRIGHT, "gen", "routes.def", "-o", folder], cwd=folder, check=True, timeout=60)
    return {tuple(one["name"].split(": ")): one for one in json.loads(done.stdout)["requests"]}


def good(requests, handler):
    return json.loads(requests[handler, "good"]["body"])


def test_a_sample_holds_as_much_as_must_be_there():
    requests = requests_of("body a { x [int] 300..; y text 5000.. }\nbody d { x [uint 9223372036854775807..] 2.. unique }\n"
                           "POST /a ignored aa(a)\nPOST /d ignored dd(d)\n")
    assert [len(value) for value in good(requests, "aa").values()] == [300, 5000]
    assert good(requests, "dd") == {"x": [9223372036854775807, 9223372036854775808]}, good(requests, "dd")


def test_other_members_must_be_there_where_it_is_said():
    requests = requests_of("body b { k map text rest }\nbody c { k map 2.. text rest }\nPOST /b ignored bb(b)\nPOST /c ignored cc(c)\n")
    assert good(requests, "bb") == {} and ("bb", "a body without its members") not in requests
    assert len(good(requests, "cc")) == 2 and requests["cc", "a body without its members"]["expect"] == [422]


def test_a_body_that_holds_itself_but_need_not_has_a_sample():
    bodies = {"t": "{ kids [t or null] 1.. }", "u": "{ x [u] 1.. | map u }", "v": "{ x [map 2.. v] 1.. | map v }", "w": "[w] 1.. null",
              "y": "{ a [[w] 1.. or null] 2..2 }", "z": "{ a map 1.. z or null rest }"}
    requests = requests_of("".join("body %s %s\n" % each for each in bodies.items()) + "".join("POST /%s ignored h_%s(%s)\n" % (n, n, n) for n in bodies))
    assert [good(requests, "h_" + name) for name in bodies] == [{"kids": [None]}, {"x": {}}, {"x": {}}, None, {"a": [None, None]}, {"name1": None}]


def test_of_a_body_that_none_can_send_there_is_none():
    deep = "".join("body b%d { x b%d; y b%d }\n" % (i, i + 1, i + 1) for i in range(40)) + "body b40 { z int }\n"
    requests = requests_of(deep + "body c [[[[int] 100..] 100..] 100..] 100..\nbody d { x text 20.. }\nPOST /b ignored bb(b0)\nPOST /c ignored cc(c)\n"
                           "POST /d ignored dd(d) limit 1K\nPOST /e ignored ee(d) limit 10\nGET /docs ignored @docs\n")
    assert [name for name, what in requests if what == "good"] == ["dd", "@docs"], list(requests)
    assert requests["bb", "another media type"]["expect"] == [415]


for test in [value for name, value in list(globals().items()) if name.startswith("test_")]:
    test()
    print("passed " + test.__name__)
