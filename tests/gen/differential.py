#!/usr/bin/env python3
"""Compares the generated matcher with a naive one.

Random sets of routes are compiled by gatewright, re2c and the C compiler. Random paths are matched by
that program and by the interpreter below, which shares nothing with the compiler: it tries every route
with Python's own idea of integers, dates and words, and takes the best by the order of precedence.
What the compiler refuses as ambiguous or dead must come with a path that shows it.

usage: differential.py GATEWRIGHT RE2C CC INCLUDE_DIR [--sets N] [--routes N] [--paths N] [--seed N]
       [--wide]       --wide: one large set of routes as applications have them
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from naive import (BESIDE, LIKES, LITERALS, METHODS, RANKS, SPECIAL, Route, asked, best, canonical, is_type)

SEVERAL = 0.3  # of mixed segments: those with several parameters


def random_segment(rng, last):
    kind = rng.choice(RANKS + ["literal"] * 6) if last else rng.choice(RANKS[:-1] + ["literal"] * 6)
    if kind == "literal":
        return kind, rng.choice(LITERALS)
    if kind == "words":
        return kind, tuple(rng.sample(LITERALS, rng.randint(2, 4)))
    if kind == "like":
        return kind, rng.choice(list(LIKES))
    if kind == "mixed" and rng.random() < SEVERAL:
        inners = [random_inner(rng) for _ in range(rng.choice([2, 2, 2, 3]))]
        before, behind = rng.choice([("", ""), ("", ""), *BESIDE])
        between = [rng.choice(["-", ".", "...", ",", "x", "%C3%A9", "2"]) for _ in inners[1:]]
        return "several", ((before, *between, behind), tuple(inners))
    if kind == "mixed":
        before, behind = rng.choice(BESIDE)
        return kind, (before, random_inner(rng), behind)
    return kind, None


def random_inner(rng):
    inner = rng.choice(["free", "free", "int", "uint", "slug", "date", "uuid", "words", "like"])
    return inner, (tuple(rng.sample(LITERALS, 2)) if inner == "words" else rng.choice(list(LIKES)) if inner == "like" else None)


def random_route(rng):
    n = rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4])
    return Route(rng.choice(METHODS[:3]), [random_segment(rng, i == n - 1) for i in range(n)])


def random_like(rng, expression):
    """A text of the expression, or nearly one."""
    text = rng.choice(LIKES[expression])
    if rng.random() < 0.3:
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice("aA7-.é€😀 %\"?/\\{") + text[at + rng.randint(0, 1):]
    return "x" if text in ("", ".", "..") else canonical(text)


def random_text(rng):
    kind = rng.randrange(7)
    if kind == 6:
        return random_like(rng, rng.choice(list(LIKES)))
    if kind < 3:
        return rng.choice(SPECIAL)
    if kind == 3:
        return str(rng.choice([0, 2**63, 2**64, 10**18, 10**19, -2**63]) + rng.randint(-3, 3))
    if kind == 4:
        return "%04d-%02d-%02d" % (rng.randint(0, 9999), rng.randint(0, 13), rng.randint(0, 32))
    text = "".join(rng.choice("ab07-X.") for _ in range(rng.randint(1, 5)))
    return "x" if text in (".", "..") else text  # no canonical path has these


def random_fit(rng, segment):
    kind, value = segment
    if kind == "literal":
        return value
    if kind == "words":
        return rng.choice(value)
    if kind == "like":
        return random_like(rng, value)
    if kind == "mixed":
        return value[0] + random_fit(rng, value[1]) + value[2]
    if kind == "several":
        texts, inners = value
        return texts[0] + "".join(random_fit(rng, inner) + text for inner, text in zip(inners, texts[1:]))
    return rng.choice([t for t in SPECIAL if is_type(kind, t)])


def random_path(rng, routes):
    """Half of them follow a route, so that deep ones are reached."""
    if rng.random() < 0.3:
        n = rng.randint(0, 5)
        return "/" + "/".join(random_text(rng) for _ in range(n))
    texts = []
    for kind, value in rng.choice(routes).segments:
        if rng.random() < 0.15:
            texts.append(random_text(rng))
        else:
            texts.append(random_fit(rng, (kind, value)))
            while kind == "path" and rng.random() < 0.5:
                texts.append(random_text(rng))
    if rng.random() < 0.1:
        texts.append("")
    return "/" + "/".join(texts)


def wide_routes(rng, n):
    """As applications have them: collections, things and what can be done to them."""
    routes, seen = [], set()
    nouns = ["n%d" % i for i in range(n + n // 2)]  # so many that the literals are in groups
    while len(routes) < n:
        segments = [("literal", rng.choice(nouns))]
        for _ in range(rng.randint(0, 2)):
            segments.append((rng.choice(["int", "int", "free", "slug"]), None))
            segments.append(("literal", rng.choice(nouns)))
        if rng.random() < 0.5:
            segments.append((rng.choice(["int", "free"]), None))
        route = Route(rng.choice(METHODS), segments)
        key = (route.method, route.pattern())
        if key not in seen:
            seen.add(key)
            routes.append(route)
    return routes


def write_def(path, routes):
    with open(path, "w", encoding="utf-8") as file:
        for i, route in enumerate(routes):
            file.write("%s %s ignored h%d\n" % (route.method, route.pattern(), i))


def check_refusals(routes, stderr):
    """Verifies each refusal by its witness. Gives the indices of the refused routes."""
    refused = set()
    for first, second in re.findall(r"routes\.def:(\d+):\d+: error: (.*)", stderr):
        index = int(first) - 1
        route = routes[index]
        refused.add(index)
        if "there twice" in second or "too large for one segment" in second:
            continue
        witness = re.search(r"(?:match|as) (\w+) (/\S*)$", second)
        if not witness:
            sys.exit("unexpected message: " + second)
        method, path = witness.groups()
        rivals = [r for i, r in enumerate(routes)
                  if i != index and r.method == method and r.matches(path)]
        if "nothing separates" in second:
            good = any(r.rank() == route.rank() for r in rivals)
        else:
            good = "never match" in second and any(r.rank() < route.rank() for r in rivals)
        if not good or method != route.method or not route.matches(path):
            sys.exit("a false witness for %s: %s" % (route.pattern(), second))
    return refused


def compile_set(args, folder, routes):
    """Removes what is refused until the rest is accepted."""
    source = os.path.join(folder, "routes.def")
    while True:
        write_def(source, routes)
        run = subprocess.run([args.gatewright, "gen", source, "-o", folder], stderr=subprocess.PIPE,
                             encoding="utf-8", check=False)
        if run.returncode == 0:
            return routes
        if run.returncode != 1:
            sys.exit("gatewright: status %d\n%s" % (run.returncode, run.stderr))
        refused = check_refusals(routes, run.stderr)
        routes = [r for i, r in enumerate(routes) if i not in refused]


HARNESS = r"""
#include "generated.h"
#include <stdio.h>
#include <string.h>
struct expected { const char *path; uint16_t route[GW_N_METHODS]; };
static const struct expected table_SET[] = {
TABLE};
gw_matcher match_SET;
int check_SET(void);
int check_SET(void)
{
    static const uint16_t none[GW_N_METHODS];
    for (size_t i = 0; i < sizeof table_SET / sizeof *table_SET; i++) {
        struct gw_span spans[GW_MAX_SEGMENTS];
        const struct expected *e = &table_SET[i];
        const struct gw_leaf *leaf = match_SET(e->path, spans);
        if (memcmp(leaf ? leaf->route : none, e->route, sizeof none) != 0) {
            printf("set SET: %s: expected", e->path);
            for (int m = 0; m < GW_N_METHODS; m++)
                printf(" %u/%u", e->route[m], leaf ? leaf->route[m] : 0u);
            printf(" (expected/found)\n");
            return 1;
        }
        size_t at = 1;
        for (size_t n = 0; leaf && n < GW_MAX_SEGMENTS && e->path[at]; n++) {
            size_t end = at + strcspn(e->path + at, "/");
            if (spans[n].start != at || spans[n].end != end) {
                printf("set SET: %s: wrong span of segment %zu\n", e->path, n);
                return 1;
            }
            at = end + (e->path[end] == '/');
        }
    }
    return 0;
}
"""


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?") + '"'


def build_set(args, rng, folder, number, routes):
    paths = {random_path(rng, routes) for _ in range(args.paths)} | {"/"}
    rows = []
    for path in sorted(paths):
        found = [best(routes, method, path) for method in METHODS]
        rows.append("    {%s, {%s}}," % (c_string(path),
                                         ", ".join(str(0 if f is None else f + 1) for f in found)))
    harness = os.path.join(folder, "harness.c")
    with open(harness, "w", encoding="utf-8") as file:
        file.write(HARNESS.replace("TABLE", "\n".join(rows) + "\n").replace("SET", str(number)))
    matcher = os.path.join(folder, "matcher.c")
    flags = ["-Wall", "-Wextra", "-Werror", "-I", args.include,
             "-Dgw_routes_match=match_%d" % number, "-O1" if args.wide else "-O0"]
    objects = []
    for source in (harness, matcher):
        objects.append(source[:-1] + "o")
        subprocess.run(args.cc.split() + flags + ["-c", source, "-o", objects[-1]], check=True)
    return objects, len(rows)


def ask_pcre():
    """PCRE2, through PHP, says of each expression and text what Python says."""
    pairs = sorted(asked)
    code = "foreach (json_decode(stream_get_contents(STDIN)) as [$e, $t]) echo preg_match(\"\\x01^(?:$e)\\\\z\\x01u\", $t);"
    # \w is of ASCII in ECMA-262, and of Unicode in PHP.
    pairs_ascii = [[e.replace(r"\w", "[0-9A-Za-z_]").replace(r"\W", "[^0-9A-Za-z_]"), t] for e, t in pairs]
    expressions = [[re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", e), t] for e, t in pairs_ascii]
    told = subprocess.run(["php", "-r", code], input=json.dumps(expressions), capture_output=True, text=True, check=True).stdout
    ours = "".join("%d" % (re.fullmatch(e, t, re.ASCII) is not None) for e, t in pairs)
    if told != ours:
        sys.exit("PCRE2 differs: %r" % [p for p, a, b in zip(pairs, told, ours) if a != b][:3])
    return len(pairs)


def main():
    parser = argparse.ArgumentParser()
    for name in ("gatewright", "cc", "include"):
        parser.add_argument(name)
    for name, default in (("sets", 20), ("routes", 30), ("paths", 2000), ("seed", 1)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--wide", action="store_true")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    objects = []
    n_routes = n_pairs = 0
    with tempfile.TemporaryDirectory() as top:
        for number in range(args.sets):
            folder = os.path.join(top, str(number))
            os.mkdir(folder)
            routes = (wide_routes(rng, args.routes) if args.wide
                      else [random_route(rng) for _ in range(args.routes)])
            routes = compile_set(args, folder, routes)
            n_routes += len(routes)
            more, n = build_set(args, rng, folder, number, routes)
            objects += more
            n_pairs += n
        calls = ["check_%d" % i for i in range(args.sets)]
        main_c = os.path.join(top, "main.c")
        with open(main_c, "w", encoding="utf-8") as file:
            file.write("".join("int %s(void);\n" % c for c in calls))
            file.write("int main(void)\n{\n    return %s;\n}\n" %
                       " || ".join("%s()" % c for c in calls))
        program = os.path.join(top, "program")
        subprocess.run(args.cc.split() + [main_c] + objects + ["-o", program], check=True)
        run = subprocess.run([program], check=False)
        print("%d sets, %d routes, %d pairs of set and path, %d of expression and text" %
              (args.sets, n_routes, n_pairs, ask_pcre()))
        sys.exit(run.returncode)


main()
