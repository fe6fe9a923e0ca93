#!/usr/bin/env python3
"""Regular expressions as `like` takes them, beside Python's re, PCRE2 and the ECMA-262 of Node: whatever is taken, each of
them reads in the same way. Half of the expressions are made by a grammar, half are characters at random.

usage: patterns.py PROGRAM [--pairs N] [--seed N]     (PROGRAM: of patterns.c)"""
import argparse
import ctypes
import itertools
import json
import random
import re
import subprocess
import time
import warnings

PLAIN = "abcxyz059_- é€😀"
SPECIAL = ".*+?()[]{}|^$/\\\""
NODE = """
const cases = JSON.parse(require("fs").readFileSync(0));
console.log(JSON.stringify(cases.map(([pattern, texts]) => {
  let regex;
  try { regex = new RegExp("^(?:" + pattern + ")$", "u"); } catch (error) { return null; }
  return texts.map((text) => regex.test(text));
})));
"""


# ---- Expressions and texts

def escape(c, in_class=False):
    special = "^$\\.*+?()[]{}|/\"" + ("-" if in_class else "")
    if c in special:
        return "\\" + c
    if random.random() < 0.05 and 0 < ord(c) < 0x10000 and not 0xd800 <= ord(c) < 0xe000:
        return "\\u%04x" % ord(c) if ord(c) > 255 or random.random() < 0.5 else "\\x%02X" % ord(c)
    return c


def make_class():
    parts = []
    for _ in range(random.randint(1, 3)):
        kind = random.random()
        if kind < 0.4:
            low, high = sorted(random.choice(PLAIN + "\n~") for _ in range(2))
            parts.append(escape(low, True) + "-" + escape(high, True))
        elif kind < 0.5:
            parts.append(random.choice(["\\d", "\\w", "\\D", "\\W", "\\t", "\\n", "\\f", "\\v", "\\r", "\\x00-\\x1f"]))
        else:
            parts.append(escape(random.choice(PLAIN + SPECIAL), True))
    return "[" + ("^" if random.random() < 0.3 else "") + "".join(parts) + "]"


def make(depth):
    kind = random.random()
    if depth == 0 or kind < 0.35:
        kind = random.random()
        if kind < 0.55:
            return escape(random.choice(PLAIN + SPECIAL))
        return make_class() if kind < 0.8 else random.choice([".", "\\d", "\\w", "\\D", "\\W"])
    if kind < 0.6:
        return "".join(make(depth - 1) for _ in range(random.randint(2, 3)))
    if kind < 0.75:
        return random.choice(["(%s)", "(?:%s)"]) % "|".join(make(depth - 1) for _ in range(random.randint(1, 3)))
    inner = make(depth - 1)
    low = random.randint(0, 3)
    often = random.choice(["?", "*", "+", "{%d}" % max(low, 1), "{%d,}" % low, "{%d,%d}" % (low, low + random.randint(1, 2))])
    return "(?:%s)%s" % (inner, often)


def junk():
    pieces = list(SPECIAL) + list("ab0-,:=!<\u00e9") + ["\\d", "\\w", "{2}", "{1,}", "(?:", "[^", "\\-", "\\u00e9", "\\x41"]
    return "".join(random.choice(pieces) for _ in range(random.randint(1, 7)))


def anchored(pattern):
    kind = random.random()
    return pattern if kind > 0.3 else "^(?:%s)$" % pattern if kind > 0.1 else "^(?:%s)" % pattern


def sample(program, pattern):
    """Texts of the expression's own, altered, and others."""
    texts = [""]
    for low, high in [(0, 3), (1, 2), (3, 8)]:
        text = program.sample(low, high)
        if text is not None:
            texts.append(text)
            at = random.randint(0, len(text))
            texts += [text[:at] + random.choice(PLAIN + SPECIAL + "\n\t") + text[at:], text[:at] + text[at + 1:],
                      text[:at] + random.choice(PLAIN + "\n\u2028\r") + text[at + 1:]]
    for _ in range(4):
        texts.append("".join(random.choice(PLAIN + pattern + "\n") for _ in range(random.randint(1, 5))))
    return [text for text in dict.fromkeys(texts) if "\0" not in text]


# ---- Engines

class Program:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, line
        return answer.rstrip("\n")

    def compile(self, pattern):
        return self.ask("P" + pattern.encode().hex())

    def matches(self, text):
        return self.ask("T" + text.encode().hex()) == "1"

    def sample(self, low, high):
        answer = self.ask("L%d %d" % (low, high))
        return None if answer == "none" else bytes.fromhex(answer).decode()


def plain(pattern):
    """For engines whose `.` and `\\v` are others."""
    pattern = re.sub(r"\\(.)|(\[(?:\\.|[^\]])*\])|(\.)",
                     lambda m: m[0] if not m[3] else r"[^\n\r\u2028\u2029]", pattern, flags=re.S)
    return pattern.replace('\\"', '"')


class Pcre2:
    UTF, ANCHORED, END_ANCHORED, ALT_BSUX, DOLLAR_END = 0x80000, 0x80000000, 0x20000000, 0x2, 0x10

    def __init__(self):
        self.library = ctypes.CDLL("libpcre2-8.so.0")
        for name, result in [("pcre2_compile_8", ctypes.c_void_p), ("pcre2_match_data_create_8", ctypes.c_void_p)]:
            getattr(self.library, name).restype = result

    def verdicts(self, pattern, texts):
        code, at = ctypes.c_int(), ctypes.c_size_t()
        data = pattern.encode()
        regex = self.library.pcre2_compile_8(data, ctypes.c_size_t(len(data)), ctypes.c_uint32(self.UTF | self.ALT_BSUX | self.DOLLAR_END),
                                             ctypes.byref(code), ctypes.byref(at), None)
        if not regex:
            return None
        regex = ctypes.c_void_p(regex)
        match = ctypes.c_void_p(self.library.pcre2_match_data_create_8(ctypes.c_uint32(1), None))
        answers = []
        for text in texts:
            data = text.encode()
            found = self.library.pcre2_match_8(regex, data, ctypes.c_size_t(len(data)), ctypes.c_size_t(0),
                                               ctypes.c_uint32(self.ANCHORED | self.END_ANCHORED), match, None)
            assert found >= -1, (pattern, text, found)
            answers.append(found >= 0)
        self.library.pcre2_match_data_free_8(match)
        self.library.pcre2_code_free_8(regex)
        return answers


def compare(path, n_pairs):
    program, pcre2 = Program(path), Pcre2()
    cases, refused, counts = [], 0, {"pairs": 0, "matches": 0}
    while counts["pairs"] < n_pairs:
        pattern = anchored(make(3)) if len(cases) % 2 else junk()
        verdict = program.compile(pattern)
        if verdict != "ok":
            # The grammar makes only what is understood.
            assert len(cases) % 2 == 0 or "no text" in verdict or "too large" in verdict or "range is empty" in verdict, \
                (pattern, verdict)
            refused += 1
            if len(cases) % 2 == 0 and refused % 50 == 0:
                cases.append((pattern, None, None))  # so that junk, most of which is refused, takes no longer
            continue
        texts = sample(program, pattern)
        answers = [program.matches(text) for text in texts]
        translated = plain(pattern)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            python = [re.fullmatch(translated, text, re.ASCII) is not None for text in texts]
        assert python == answers, ("Python", pattern, translated, list(zip(texts, python, answers)))
        others = pcre2.verdicts(translated.replace("\\v", "\\x0b"), texts)
        assert others == answers, ("PCRE2", pattern, list(zip(texts, others or texts, answers)))
        cases.append((pattern, texts, answers))
        counts["pairs"] += len(texts)
        counts["matches"] += sum(answers)
    cases = [case for case in cases if case[1]]
    asked = json.dumps([(pattern.replace('\\"', '"'), texts) for pattern, texts, _ in cases])
    done = subprocess.run(["node", "-e", NODE], input=asked, capture_output=True, text=True, check=True)
    for (pattern, texts, answers), others in zip(cases, json.loads(done.stdout), strict=True):
        assert others == answers, ("ECMA-262", pattern, list(zip(texts, others or texts, answers)))
    assert counts["matches"] > n_pairs / 10, counts
    print("%d expressions, %d pairs, %d of them match, %d refused" % (len(cases), counts["pairs"], counts["matches"], refused))


def lengths(path, n):
    """Of expressions over two letters: which lengths up to 6 there are, against all texts; samples match."""
    program = Program(path)
    texts = ["".join(t) for k in range(7) for t in itertools.product("ab", repeat=k)]
    global PLAIN, SPECIAL
    before = PLAIN, SPECIAL
    PLAIN, SPECIAL = "ab", ""
    done = 0
    while done < n:
        pattern = make(3)
        if set(pattern) - set("ab()?:|*+{}[],-0123456789") or program.compile(pattern) != "ok":
            continue
        done += 1
        there = {len(text) for text in texts if re.fullmatch(pattern, text)}
        for k in range(7):
            text = program.sample(k, k)
            assert (text is not None) == (k in there), (pattern, k, text)
            assert text is None or (len(text) == k and re.fullmatch(pattern, text)), (pattern, k, text)
        longest = int(program.ask("M"))
        assert (longest if 0 <= longest <= 6 else max(there | {7})) >= max(there, default=0), (pattern, longest)
        assert longest != -1 or program.sample(500, 2000) is not None, pattern
        assert longest == -1 or (program.sample(longest, longest) is not None and program.sample(longest + 1, 4000) is None), pattern
    PLAIN, SPECIAL = before
    print("lengths of %d expressions" % n)


def linear(path):
    """What makes engines that try again take years."""
    program = Program(path)
    for pattern in ["(?:a*)*b", "(?:a|a)*b", "(?:a?){30}a{30}", "(?:.*a){10}"]:
        assert program.compile(pattern) == "ok"
        start = time.monotonic()
        program.matches("a" * 30000)
        assert time.monotonic() - start < 1, pattern


parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--pairs", type=int, default=5000)
parser.add_argument("--seed", type=int, default=1)
arguments = parser.parse_args()
random.seed(arguments.seed)
linear(arguments.program)
lengths(arguments.program, arguments.pairs // 50)
compare(arguments.program, arguments.pairs)
