#!/usr/bin/env python3
"""Alternatives of a query, made at random: what the compiler says can never come never does, by a reference in Python that tries
texts; and where the texts of an alternative are few, it says so of each that never comes.

usage: reach.py GATEWRIGHT"""
import random
import re
import subprocess
import sys
import tempfile

GATEWRIGHT = sys.argv[1]
TIMES = 1500
SHOWN = 100  # errors of a run
WHOLE = re.compile("0|-?[1-9][0-9]*")
REAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
BOOLS = ["true", "false", "on", "off", "1", "0"]
TEXTS = ["", "a", "ab", "abc", "None", "Any", "x-1", "007", "-0", "+1", "1.0", "1e2", "0.5", "-0.5", "1e400", "99999999999999999999999", "True", "00", "1 ", "\u00e9",
         str(2 ** 63 - 1), str(2 ** 63), str(-2 ** 63), str(-2 ** 63 - 1), str(2 ** 64 - 1), str(2 ** 64), "12345.678901234567890123", "a" * 30, "1" * 30, *BOOLS,
         *map(str, range(-120, 1300, 7)), *map(str, range(-12, 120))]
drawn = random.Random(11)


def number(word):
    low, high = {"int": (-2 ** 63, 2 ** 63 - 1), "uint": (0, 2 ** 64 - 1)}.get(word, (float("-inf"), float("inf")))
    if word == "real":
        said, takes = drawn.choice([("real", lambda value: True), ("real 0..", lambda value: value >= 0), ("real ..9.5", lambda value: value <= 9.5),
                                    ("real above 0", lambda value: value > 0)])
        return said, None, lambda text: bool(REAL.fullmatch(text)) and text != "-0" and abs(float(text)) < float("inf") and takes(float(text))
    kind = drawn.randrange(4)
    if kind == 0:
        those = sorted(drawn.sample(range(0 if word == "uint" else -3, 12), drawn.randint(1, 3)))
        return "%s one of %s" % (word, " ".join(map(str, those))), list(map(str, those)), lambda text: text in map(str, those)
    if kind == 1:
        least = drawn.randint(0 if word == "uint" else -20, 20)
        low, high = least, least + drawn.choice([0, 3, 90, 900, 4000])
    elif kind == 2:
        low = drawn.choice([0, 1, 10])
        high = drawn.choice([high, 10 ** 6])
    said = word if kind == 3 else "%s %d..%s" % (word, low, high if kind == 1 else "")
    return said, [str(one) for one in range(low, high + 1)] if kind == 1 else None, lambda text: bool(WHOLE.fullmatch(text)) and low <= int(text) <= high


def text():
    kind = drawn.randrange(4)
    if kind == 0:
        those = drawn.sample(["None", "1", "0", "true", "7", "on", "12", "-3", "1.0", "off", "false"], drawn.randint(1, 6))
        return "text one of " + " ".join('"%s"' % one for one in those), those, lambda one: one in those
    low, high = drawn.choice([(0, None), (1, None), (0, 20), (1, 3), (2, None), (0, 5), (3, 4), (0, 19)])
    fits = lambda one: len(one) >= low and (high is None or len(one) <= high)
    bounds = "" if (low, high) == (0, None) else " %s..%s" % (low, "" if high is None else high)
    if kind == 1:
        return "text" + bounds, None, fits
    like = drawn.choice([r"\d+", r"-?\d+", r"[1-9]\d{0,5}", r"[\w.+-]+", r"\d{1,3}", r"true|false", r"\w+", r"-?[0-9.]+", "[a-z]+", r"0|[1-9]\d{0,2}", r"[1-9]\d*\.\d\d"])
    bounds = bounds if kind == 3 and like.endswith("+") else ""
    return 'text%s like "%s"' % (bounds, like), None, lambda one: bool(re.fullmatch(like, one, re.A)) and (not bounds or fits(one))


def alternatives():
    made = [number(drawn.choice(["int", "uint", "real"])), ("bool", BOOLS, lambda one: one in BOOLS), text()]
    drawn.shuffle(made)
    return made[:drawn.randint(2, 3)]


def verdicts(cases):
    """{which of them: what is wrong}"""
    with tempfile.NamedTemporaryFile("w", suffix=".def") as file:
        for i, case in enumerate(cases):
            file.write("body b%d { x %s }\nGET /%d ignored h%d(query b%d)\n" % (i, " | ".join(said for said, _, _ in case), i, i, i))
        file.flush()
        done = subprocess.run([GATEWRIGHT, "check", file.name], capture_output=True, text=True, check=False)
    return {(int(line) - 2) // 2: what for line, what in re.findall(r"\.def:(\d+):\d+: error: (.*)", done.stderr)}


cases = [alternatives() for _ in range(TIMES)]
found = {first + i: what for first in range(0, TIMES, SHOWN) for i, what in verdicts(cases[first:first + SHOWN]).items()}
assert 50 < len(found) < TIMES - 50, len(found)
told = {"int": "an int", "uint": "a uint", "real": "a real", "bool": "a bool", "text": "a text"}
few = 0
for i, case in enumerate(cases):
    never = None
    for n, (said, those, takes) in enumerate(case):
        before = [one for _, _, one in case[:n]]
        reached = any(takes(one) and not any(other(one) for other in before) for one in [*TEXTS, *(those or [])])
        if n and those and not reached:
            never, few = said, few + 1
            break
        if i in found and " never %s in" % told[said.split()[0]] in found[i]:
            assert not reached, (case, found[i])
            never = said
            break
    assert (never is not None) == (i in found), ([said for said, _, _ in case], never, found.get(i))
    if never:
        assert " never %s in a query" % told[never.split()[0]] in found[i], (case, found[i])


def wholes():
    """A range of whole numbers, and a text that is one of them or one beside them: what stands behind it never comes if it is one."""
    word, least, most = drawn.choice([("int", -2 ** 63, 2 ** 63 - 1), ("uint", 0, 2 ** 64 - 1)])
    near = [drawn.choice([-1, 1]) * drawn.choice([0, 1, 10 ** drawn.randint(0, 19), drawn.randint(0, 10 ** drawn.randint(1, 20)), most, least]) + drawn.randint(-2, 2)
            for _ in range(2)]
    low, high = sorted(min(max(one, least), most) for one in near)
    one = drawn.choice([low, high, drawn.randint(low, high), 10 ** drawn.randint(0, 19), -10 ** drawn.randint(0, 18)]) + drawn.choice([0, 0, -1, 1, 9, -9])
    range_of = "%s %s..%s" % (word, "" if low == least and drawn.random() < 0.5 else low, "" if high == most and low != least and drawn.random() < 0.5 else high)
    return [(range_of, None, None), ('text like "%s"' % one, None, None)], low <= one <= high


edges = [wholes() for _ in range(600)]
for first in range(0, len(edges), SHOWN):
    said = verdicts([case for case, _ in edges[first:first + SHOWN]])
    for i, (case, never) in enumerate(edges[first:first + SHOWN]):
        assert (i in said) == never and (not never or "is never a text" in said[i]), (case, never, said.get(i))
assert 100 < sum(never for _, never in edges) < 500
print("%d queries, %d with an alternative that never comes, %d of them of few texts" % (len(cases), len(found), few))
