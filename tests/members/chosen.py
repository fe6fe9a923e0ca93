#!/usr/bin/python3
"""Alternatives in queries, forms and headers, where all is text: what reaches the handler, beside a reference in Python, which
takes the first that the text fits.

usage: chosen.py PROGRAM GATEWRIGHT"""
import json
import random
import re
import subprocess
import sys
import urllib.parse

import fcgi
from program import Program, run_tests

PROGRAM, GATEWRIGHT = sys.argv[1:3]
del sys.argv[1:3]
MOST = 2 ** 63 - 1
WHOLE = re.compile("0|-?[1-9][0-9]*")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
BOOLS = {"true": 1, "1": 1, "on": 1, "false": 0, "0": 0, "off": 0}
TEXTS = ["", "0", "1", "2", "3", "-3", "-4", "4", "7", "07", "20", "21", "-0", "+1", "1.0", "1e0", "0x1", " 1", "1 ", "true", "True", "on", "off", "false",
         "None", "none", "Any", "all", "up", "99.5", "99.6", "1e400", "-1e400", "0.1", ".5", "5.", "nan", "inf", "abc", "abcdef", "a.b", "a_b", "x", "-1",
         str(MOST), str(MOST + 1), str(-MOST - 1), str(-MOST - 2), "9" * 40, "\u0661", "1_000", "null", "1,2", "a,b", "1\u00e9", "[", "1\t"]


def whole(low, high):
    def take(text):
        return "n" + text if WHOLE.fullmatch(text) and low <= int(text) <= high else None
    return take


def real(high):
    def take(text):
        if not NUMBER.fullmatch(text) or text == "-0":
            return None
        value = float(text)
        return "n%.17g" % value if abs(value) != float("inf") and value <= high else None
    return take


def truth(text):
    return "b%d" % BOOLS[text] if text in BOOLS else None


def words(*those):
    return lambda text: "t" + text if text in those else None


def like(expression):
    return lambda text: "t" + text if re.fullmatch(expression, text) else None


WHO = [whole(1, MOST), words("None", "Any")]
AMOUNT = [real(99.5), truth, like("[a-z0-9.-]{2,5}")]
IDS = [whole(0, 20), words("all", "7")]
MARKS = [truth, whole(-3, 3)]
MADE = [whole(0, MOST)]
SORT = [whole(-MOST - 1, MOST), words("up")]


def first(alternatives, text):
    return next((said for said in (take(text) for take in alternatives) if said is not None), None)


def is_date(text):
    return text in ("2026-01-31", "2026-02-28")


def reference(pairs):
    """What the handler says; None: it is refused. `pairs`: of names and texts."""
    said, seen = [], {}
    for name, text in pairs:
        seen.setdefault(name, []).append(text)
    inside = {name: texts for name, texts in seen.items() if "[" in name}
    if set(seen) - {"who", "amount", "ids", "marks", "made"} - set(inside):
        return None
    for name, alternatives in ("who", WHO), ("amount", AMOUNT):
        for text in seen.get(name, [])[:1]:
            if text and (len(seen[name]) > 1 or first(alternatives, text) is None):
                return None
            said += ["%s=%s" % (name, first(alternatives, text))] if text else []
    if any(len(seen.get(name, [])) > 1 for name in ("who", "amount", "ids", "made")):
        return None
    items = seen["ids"][0].split(",") if seen.get("ids", [""])[0] else []
    for name, alternatives, texts, most in ("ids", IDS, items, 4), ("marks", MARKS, seen.get("marks", []), 3):
        if len(texts) > most or any(first(alternatives, text) is None for text in texts):
            return None
        said += ["%s=%s" % (name, first(alternatives, text)) for text in texts]
    spans = {name: texts for name, texts in inside.items() if name.startswith("made[")}
    if spans:
        if "made" in seen or set(spans) - {"made[from]", "made[to]"} or any(len(texts) > 1 or (texts[0] and not is_date(texts[0])) for texts in spans.values()):
            return None
        said.append("made=o%s..%s" % (spans.get("made[from]", [""])[0], spans.get("made[to]", [""])[0]))
    elif seen.get("made", [""])[0]:
        if first(MADE, seen["made"][0]) is None:
            return None
        said.append("made=" + first(MADE, seen["made"][0]))
    entries = [(name, texts) for name, texts in inside.items() if not name.startswith("made[")]
    if len(entries) > 2 or any(not re.fullmatch(r"sort\[[a-z]\]", name) or len(texts) > 1 or first(SORT, texts[0]) is None for name, texts in entries):
        return None
    return " ".join(said + ["sort.%s=%s" % (name[5], first(SORT, texts[0])) for name, texts in entries]).strip()


def drawn(random_of):
    names = ["who", "amount", "ids", "marks", "marks", "made", "made[from]", "made[to]", "sort[a]", "sort[b]"]
    if random_of.random() < 0.1:
        names += ["made[x]", "sort[c]", "who[a]", "sort", "other", "made[from][x]"]
    for name in random_of.sample(names, random_of.randint(0, 5)) + random_of.choices(names, k=random_of.random() < 0.1):
        text = random_of.choice(["2026-01-31", "2026-02-28", "", "2026-1-1"]) if name.startswith("made[") and random_of.random() < 0.9 else random_of.choice(TEXTS)
        yield name, ",".join(random_of.choices(["1", "7", "all", "20", "21", "x"], [9, 9, 9, 9, 1, 1], k=random_of.randint(1, 5))) if name == "ids" else text


def test_the_first_alternative_that_takes_a_text_is_the_one_that_came():
    cases = [[(name, text)] for name in ("who", "amount", "ids", "marks", "made", "sort[a]") for text in TEXTS]
    random_of, taken = random.Random(7), 0
    cases += [list(drawn(random_of)) for _ in range(3000)]
    with Program(PROGRAM) as site, site.running():
        for pairs in cases:
            wanted, text = reference(pairs), urllib.parse.urlencode(pairs)
            taken += wanted is not None
            status, _, body = fcgi.request(site.address, "/chosen?" + text)
            assert (status, body.decode().removeprefix(" ") if status == 200 else None) == (422 if wanted is None else 200, wanted), (pairs, status, body, wanted)
            if random_of.random() < 0.2:
                status, _, form = fcgi.request(site.address, "/chosen", "POST", body=text.encode(), meta={"CONTENT_TYPE": "application/x-www-form-urlencoded"})
                assert (status, form if status == 200 else None) == (422 if wanted is None else 200, None if wanted is None else body), (pairs, status, form)
    assert 500 < taken < len(cases) - 500, taken


def test_headers_have_alternatives_too():
    with Program(PROGRAM) as site, site.running():
        for who in TEXTS:
            for ids in ["", "1, all,7", "x", "21"]:
                if set(who) & set("\t") or not who.isascii():
                    continue
                meta = {"HTTP_X_WHO": who, **({"HTTP_X_IDS": ids} if ids else {})}
                said = [first(WHO, who.strip()), *[first(IDS, one.strip()) for one in ids.split(",") if one]]
                status, _, body = fcgi.request(site.address, "/marked", meta=meta)
                assert (status == 200) == (None not in said), (meta, status, body)
                if status == 200:
                    assert body.decode() == " ".join(["who=" + said[0], *["ids=" + one for one in said[1:]]]), (meta, body)


def faults(site, text):
    status, _, body = fcgi.request(site.address, "/chosen?" + text)
    return status, ["%(pointer)s %(detail)s" % fault for fault in json.loads(body)["errors"]] if status == 422 else body.decode().removeprefix(" ")


def test_what_each_alternative_wanted_is_told():
    with Program(PROGRAM) as site, site.running():
        for text, expected in [
                ("who=x", ['/who must be a whole number or be one of "None", "Any"']), ("who=0", ['/who must be at least 1 or be one of "None", "Any"']),
                ("amount=A", ["/amount must be a number or be true or false or match [a-z0-9.-]+"]),
                ("made=x", ["/made must be a whole number or be an object"]), ("made=1&made[from]=2026-01-31", ["/made must not be there both with brackets and without"]),
                ("ids=1,x", ['/ids/1 must be a whole number or be one of "all", "7"']), ("sort[a]=x", ['/sort/a must be a whole number or be one of "up"']),
                ("who=1&who=2", ["/who must be there only once"])]:
            status, said = faults(site, text)
            assert (status, said) == (422, expected), (text, status, said)


def test_a_name_alone_is_true():
    with Program(PROGRAM) as site, site.running():
        assert faults(site, "amount") == (200, "amount=b1")


def test_the_document_says_what_is_taken():
    document = json.loads(subprocess.run([GATEWRIGHT, "openapi", __file__.rsplit("/", 1)[0] + "/routes.def"], check=True, capture_output=True).stdout)
    parameters = {one["name"]: one for one in document["paths"]["/chosen"]["get"]["parameters"]}
    assert [one.get("type", one.get("$ref")) for one in parameters["made"]["schema"]["anyOf"]] == ["integer", "#/components/schemas/span"]
    assert parameters["made"]["style"] == "deepObject" and "style" not in parameters["who"]
    any_of = {one["name"]: one for one in document["paths"]["/marked"]["get"]["parameters"]}["X-Any"]["schema"]["anyOf"]
    assert any_of[1] == {"type": "string", "minLength": 1}, any_of  # a header is not empty
    assert [one["type"] for one in parameters["ids"]["schema"]["items"]["anyOf"]] == ["integer", "string"]


run_tests(globals())
