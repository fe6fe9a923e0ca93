#!/usr/bin/env python3
"""Patterns of public documents as the converter writes them for `like`, beside the ECMA-262 of Node, which looks for them
anywhere: texts that match, the same altered, and others.

usage: expressions_test.py PROGRAM     (PROGRAM: of tests/gen/patterns.c)"""
import json
import random
import subprocess
import sys

from expressions import Missing, like

PATTERNS = r"""
^[a-zA-Z0-9]+$ | [a-z][-a-z0-9]{0,57} | \S+ | ^\S(.*\S)?$ | .*\S.* | [\s\S]* | ^[\S ]{0,255}$ | [^\s]{2} | ^[\u0009\u000A\u000D\u0020-\u00FF]*
[^\x00-\x1f\x22]+ | [\x00-\x7F]+ | ^[^\u0000\u0085\u2028\u2029\r\n]{1,47}$ | (^i-(\w{8}|\w{17})$)|(^mi-\w{17}$) | ^vpc-([a-z0-9]{8}$|[a-z0-9]{17}$)
([$]LATEST|[$]DEFAULT|^[1-9][0-9]*$) | (^true$)|(^false$) | ^(^a|b$)$ | a^b|c | ^^x$ | ^(-|^([A-Za-z]_?)+$)$ | ^a|b$ | a$|^ | [\w-]+ | [a-\d] | [[\]-]
arn:[a-z0-9-\.]{1,63}:[a-z0-9-\.]{0,63}:[^/].{0,1023} | s3://([a-z0-9][a-z0-9-.]{1,61}[a-z0-9])/?((.{1,1024})/)? | ^.+?@.+?\..{2,}?$ | ^\s*$ | \u002F[\u0021-\u007F]*
^[A-Za-zÆØÅæøå]+$ | ^\d{4}-\d\d$ | "[^"]*" | ^(a|b|)$ | x*?y | ^[.\-_]$ | \$\{[a-z]+\} | ^(\/|\d)+$
"""
NODE = """
const cases = JSON.parse(require("fs").readFileSync(0));
console.log(JSON.stringify(cases.map(([pattern, texts]) => {
  let regex;
  try { regex = new RegExp(pattern, "u"); } catch (error) { regex = new RegExp(pattern); }
  return texts.map((text) => regex.test(text));
})));
"""
LEFT_OUT = [r"^(?!aws:).+$", r"(a)\1", r"\bword\b", r"^\p{L}+$", r"(^a){2}", r"[\uD800-\uDFFF]", r"a?^b"]


class Program:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")


def texts_for(program, pattern):
    made = [""]
    for low, high in [(0, 3), (1, 2), (3, 9), (8, 40)]:
        answer = program.ask("L%d %d" % (low, high))
        text = None if answer == "none" else bytes.fromhex(answer).decode()
        for at in [random.randint(0, len(text)) for _ in range(4)] if text is not None else []:
            made += [text, text[:at] + random.choice("abz09-_.:/ \n\u2028\u00a0\ufeff\u0085é$^") + text[at:], text[:at] + text[at + 1:], "\n" + text, text + "x"]
    for _ in range(12):
        made.append("".join(random.choice("aZ0-_./: \n\u2028é\U0001f600" + pattern) for _ in range(random.randint(0, 6))))
    return [text for text in dict.fromkeys(made) if "\0" not in text]


random.seed(1)
compiler, cases, answers = Program(sys.argv[1]), [], []
for one in [part for line in PATTERNS.strip().split("\n") for part in line.split(" | ")]:
    said = compiler.ask("P" + like(one)[len(' like "'):-1].encode().hex())
    assert said == "ok", (one, like(one), said)
    cases.append((one, texts_for(compiler, one)))
    answers.append([compiler.ask("T" + text.encode().hex()) == "1" for text in cases[-1][1]])
done = subprocess.run(["node", "-e", NODE], input=json.dumps(cases), capture_output=True, text=True, check=True)
for (one, texts), ours, others in zip(cases, answers, json.loads(done.stdout), strict=True):
    assert ours == others, (one, like(one), [pair for pair in zip(texts, ours, others) if pair[1] != pair[2]][:3])
for one in LEFT_OUT:
    try:
        sys.exit("%s became%s" % (one, like(one)))
    except Missing:
        pass
matches, n = sum(map(sum, answers)), sum(map(len, answers))
assert n > 1000 and n / 5 < matches < n * 4 / 5, (n, matches)
print("%d patterns, %d texts, %d of them match" % (len(cases), n, matches))
