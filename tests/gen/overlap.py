#!/usr/bin/env python3
"""What the compiler says about routes that overlap, against brute force.

Random small sets of routes are given to `gatewright check`. Brute force tries every text of up to six
characters of a small alphabet in each segment (and some dates, UUIDs and large numbers, which are longer):
two routes of equal rank that match one path are ambiguous, a route that never is the best is dead. Both
must find the same. Each path that the compiler gives as a witness is run through a compiled matcher, which
must match it with either route.

usage: overlap.py GATEWRIGHT RE2C CC INCLUDE_DIR [--sets N] [--seed N]
"""
import argparse
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from naive import RANKS, Route, segment_matches

LETTERS = "ab10-."
LONGEST = 6
LONG = ["2024-02-29", "2000-10-10", "2023-02-29", "1999-12-31", "0f000000-0000-4000-8000-000000000007",
        "0F000000-0000-4000-8000-00000000000A", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "18446744073709551616"]
LITERALS = ["a", "b", "ab", "a-b", "1", "10", "0", "-1", "a.b", "a1", "1-0", "2024-02-29",
            "9223372036854775808", "0f000000-0000-4000-8000-000000000007"]
BESIDE = [("a", ""), ("", "b"), ("a", "b"), ("-", ""), ("", ".b"), ("a-", ""), ("1", ""), ("", "0"),
          ("", "-1")]
BETWEEN = ["-", "-", ".", "a", "b-", "1"]
INNER = ["free", "free", "int", "uint", "slug", "words", "date", "like"]
# Nothing longer than the texts below tells them apart.
EXPRESSIONS = [r"[ab]{2}", r"a[^a]?b*", r"\d+", r"[ab](-[ab1])*", r"1|10|[ab].", r"[^-]+", r"(a|1\.)+", r"\w{1,3}"]
MAX_PATTERNS = 8  # of a matcher that runs witnesses: as many may fit one text


def domain():
    texts = ["".join(t) for n in range(1, LONGEST + 1) for t in itertools.product(LETTERS, repeat=n)]
    texts += LONG + [before + text + behind for text in LONG for before, behind in BESIDE]
    return [t for t in texts if t not in (".", "..")]  # no canonical path has these


TEXTS = domain()
known = {}


def fits(segment):
    """The texts that the segment takes, as the bits of one number."""
    if segment not in known:
        known[segment] = sum(1 << i for i, text in enumerate(TEXTS) if segment_matches(segment, text))
    return known[segment]


def random_inner(rng):
    inner = rng.choice(INNER)
    return inner, (tuple(rng.sample(LITERALS[:6], 2)) if inner == "words"
                   else rng.choice(EXPRESSIONS) if inner == "like" else None)


def random_short(rng):
    """None whose texts, beside others', are longer than those that are tried."""
    inner = random_inner(rng)
    return random_short(rng) if inner[0] == "date" else inner


def random_mixed(rng, inner):
    before, behind = rng.choice(BESIDE)
    return "mixed", (before, inner, behind)


def random_several(rng, inners=None):
    inners = inners or [random_short(rng) for _ in range(rng.choice([2, 2, 3]))]
    # A digit between numbers is too much for the compiler, as it says.
    between = BETWEEN[:-1] if any("int" in kind for kind, _ in inners) else BETWEEN
    before, behind = rng.choice([("", "")] * 3 + BESIDE)
    return "several", ((before,) + tuple(rng.choice(between) for _ in inners[1:]) + (behind,), tuple(inners))


def random_segment(rng, last):
    kinds = ["literal"] * 3 + ["mixed"] * 4 + ["several"] * 4 + ["words"] * 3 + RANKS[4:10] + ["like"] * 2 + (["path"] if last else [])
    kind = rng.choice(kinds)
    if kind == "literal":
        return kind, rng.choice(LITERALS)
    if kind == "words":
        return kind, tuple(rng.sample(LITERALS, rng.randint(2, 3)))
    if kind == "like":
        return kind, rng.choice(EXPRESSIONS)
    if kind == "mixed":
        return random_mixed(rng, random_inner(rng))
    if kind == "several":
        return random_several(rng)
    return kind, None


def near_segments(rng):
    """A few segments that have much to do with one another, as lists of the same words have."""
    kind = rng.choice(["words", "mixed", "several", "any", "like"])
    if kind == "several":
        inners = [random_short(rng) for _ in range(2)]
        return [random_several(rng), random_several(rng, inners), random_several(rng, inners), random_mixed(rng, inners[0]),
                random_segment(rng, False)]
    if kind == "like":
        return [("like", rng.choice(EXPRESSIONS)), ("like", rng.choice(EXPRESSIONS)), rng.choice(
            [("uint", None), ("int", None), ("slug", None), ("free", None), ("literal", "1"), ("mixed", ("a", ("like", rng.choice(EXPRESSIONS)), ""))])]
    if kind == "any":
        return [random_segment(rng, False) for _ in range(4)]
    if kind == "words":
        some = rng.sample(LITERALS, 4)
        lists = [("words", tuple(sorted(rng.sample(some, rng.randint(2, 3))))) for _ in range(3)]
        return lists + [("literal", word) for word in some[:2]]
    return [("mixed", (before, (rng.choice(INNER[:5]), None), behind))
            for before, behind in rng.sample(BESIDE, 3)] + [random_segment(rng, False)]


def covering(rng, routes):
    """Literals in the place of all words of a list: its route can never match then."""
    route = rng.choice(routes)
    for i, (kind, value) in enumerate(route.segments):
        if kind == "words":
            words = value if rng.random() < 0.7 else value[1:]
            return [Route(route.method, route.segments[:i] + [("literal", word)] + route.segments[i + 1:])
                    for word in words]
    return []


def random_set(rng):
    depth = rng.choice([1, 1, 1, 2, 2, 3])
    near = near_segments(rng)
    routes = []
    for _ in range(rng.randint(2, 6 if depth == 1 else 5)):
        n = max(1, depth - (rng.random() < 0.15))
        routes.append(Route(rng.choice(["GET", "GET", "GET", "PUT"]),
                            [rng.choice(near) if rng.random() < 0.7 else random_segment(rng, i == n - 1)
                             for i in range(n)]))
    return routes + (covering(rng, routes) if rng.random() < 0.4 else [])


def classes(routes, position):
    """One text for each set of segments at this position that some text is taken by."""
    parts = [(1 << len(TEXTS)) - 1]
    for route in routes:
        if position < len(route.segments):
            takes = fits(route.segments[position])
        elif route.segments[-1][0] == "path":
            takes = fits(("path", None))
        else:
            continue
        parts = [p for part in parts for p in (part & takes, part & ~takes) if p]
    return [TEXTS[(part & -part).bit_length() - 1] for part in parts]


def brute_force(routes):
    """Pairs that rank equal on one path, routes that match but never are the best, and those of which no text was tried."""
    depth = max(len(r.segments) for r in routes)
    if any(r.segments[-1][0] == "path" for r in routes):
        depth += 1
    choices = [classes(routes, i) for i in range(depth)]
    pairs, matched, won = set(), set(), set()
    ranks = [r.rank() for r in routes]
    for n in range(1, depth + 1):
        for texts in itertools.product(*choices[:n]):
            path = "/" + "/".join(texts)
            for method in ("GET", "PUT"):
                found = sorted((ranks[i], i) for i, r in enumerate(routes)
                               if r.method == method and r.matches(path))
                matched.update(i for _, i in found)
                if found:
                    won.add(found[0][1])
                for (rank, i), (other, j) in itertools.combinations(found, 2):
                    if rank == other:
                        pairs.add((min(i, j), max(i, j)))
    too_long = {i for i, r in enumerate(routes) if i not in matched and any(kind == "several" for kind, _ in r.segments)}
    return pairs, matched - won, too_long


def is_shown(routes, pair, witnesses):
    """Whether the two are one route written twice, or the compiler has a path for them that is longer than what was tried, and right."""
    one, other = (routes[i] for i in pair)
    if (one.method, one.segments) == (other.method, other.segments):
        return True
    return any({id(a), id(b)} == {id(one), id(other)} and one.method == other.method and one.rank() == other.rank()
               and max(map(len, path.split("/"))) > LONGEST and one.matches(path) and other.matches(path) for a, b, path in witnesses)


def connected(pairs):
    """The pairs that follow, where being ambiguous is passed on."""
    groups = []
    for pair in pairs:
        near = [g for g in groups if g & set(pair)]
        groups = [g for g in groups if g not in near] + [set(pair).union(*near)]
    return {(i, j) for g in groups for i in g for j in g if i < j}


MESSAGE = re.compile(r"routes\.def:(\d+):\d+: error: (.*)\n(?:    .*\n)*"
                     r"routes\.def:(\d+):\d+: note: (.*)\n")


def compiler(args, folder, routes):
    """The same of the compiler, and its witnesses: (route, route, path)."""
    write_def(os.path.join(folder, "routes.def"), [(r.method, r.pattern()) for r in routes])
    run = subprocess.run([args.gatewright, "check"], cwd=folder, stderr=subprocess.PIPE,
                         encoding="utf-8", check=False)
    if run.returncode not in (0, 1):
        sys.exit("gatewright: status %d" % run.returncode)
    pairs, dead, witnesses = set(), set(), []
    found = MESSAGE.findall(run.stderr)
    if len(found) != run.stderr.count("error:") or bool(found) != (run.returncode == 1):
        sys.exit("unexpected messages:\n" + run.stderr)
    for line, message, other, note in found:
        i, j = int(line) - 1, int(other) - 1
        path = re.search(r"(?:match|as) \w+ (/\S*)$", message)
        if "never match" in message and "that path goes here" in note:
            dead.add(i)
        elif "nothing separates" in message or "there twice" in message:
            pairs.add((min(i, j), max(i, j)))
        else:
            sys.exit("unexpected message: " + message)
        if path:
            witnesses.append((routes[i], routes[j], path.group(1)))
    return pairs, dead, witnesses


def write_def(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join("%s %s ignored h%d\n" % (m, p, i) for i, (m, p) in enumerate(lines)))


HARNESS = r"""
#include "generated.h"
#include <stdio.h>
struct witness { const char *path; unsigned route; };
static const struct witness table[] = {
TABLE};
gw_matcher gw_routes_match;
int main(void)
{
    int failures = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct gw_span spans[GW_MAX_SEGMENTS];
        const struct gw_leaf *leaf = gw_routes_match(table[i].path, spans);
        unsigned found = leaf ? leaf->route[GW_GET] : 0;
        if (found == table[i].route)
            continue;
        printf("%s: route %u, not %u\n", table[i].path, found, table[i].route);
        failures++;
    }
    return failures != 0;
}
"""


def patterns_of(route):
    return {s for s in route.segments if s[0] == "several" or (s[0] == "mixed" and s[1][1][0] != "words")}


def matchers(witnesses):
    """Groups of witnesses whose mixed segments one matcher can hold."""
    group, used = [], set()
    for witness in witnesses:
        more = patterns_of(witness[0]) | patterns_of(witness[1])
        if group and len(used | more) > MAX_PATTERNS:
            yield group
            group, used = [], set()
        group.append(witness)
        used |= more
    if group:
        yield group


def run_matcher(args, folder, group):
    """Each route stands alone below a literal of its own: both must match the witness."""
    lines, rows = [], []
    for k, (one, two, path) in enumerate(group):
        for name, route in (("a", one), ("b", two)):
            lines.append(("GET", "/w%d%s%s" % (k, name, route.pattern())))
            rows.append('    {"/w%d%s%s", %d},\n' % (k, name, path, len(lines)))
    write_def(os.path.join(folder, "routes.def"), lines)
    harness = os.path.join(folder, "harness.c")
    with open(harness, "w", encoding="utf-8") as file:
        file.write(HARNESS.replace("TABLE", "".join(rows)))
    source, matcher = os.path.join(folder, "routes.def"), os.path.join(folder, "matcher.c")
    program = os.path.join(folder, "program")
    subprocess.run([args.gatewright, "gen", source, "-o", folder], check=True)
    subprocess.run(args.cc.split() + ["-O0", "-I", args.include, harness, matcher, "-o", program],
                   check=True)
    return subprocess.run([program], check=False).returncode


def main():
    parser = argparse.ArgumentParser()
    for name in ("gatewright", "cc", "include"):
        parser.add_argument(name)
    parser.add_argument("--sets", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.gatewright = os.path.abspath(args.gatewright)
    rng = random.Random(args.seed)
    n_pairs = n_dead = failures = 0
    witnesses = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(args.sets):
            routes = random_set(rng)
            pairs, dead, unmatched = brute_force(routes)
            said_pairs, said_dead, more = compiler(args, folder, routes)
            n_pairs += len(pairs)
            n_dead += len(dead)
            witnesses += more
            # One complaint about a route is enough: an ambiguous one need not be called dead too.
            needed = dead - {i for pair in pairs for i in pair}
            longer = {pair for pair in said_pairs if is_shown(routes, pair, more)}
            if connected(pairs | longer) == connected(said_pairs) and needed <= said_dead <= dead | unmatched:
                continue
            failures += 1
            print("brute force: ambiguous %s dead %s; the compiler: ambiguous %s dead %s" %
                  (sorted(pairs), sorted(dead), sorted(said_pairs), sorted(said_dead)))
            for i, route in enumerate(routes):
                print("  %d %s %s" % (i, route.method, route.pattern()))
        n_matchers = 0
        for group in matchers(witnesses):
            n_matchers += 1
            failures += run_matcher(args, folder, group) != 0
    print("%d sets, %d ambiguous pairs, %d dead routes; %d witnesses in %d matchers; %d failures" %
          (args.sets, n_pairs, n_dead, len(witnesses), n_matchers, failures))
    # A test that never sees the one or the other shows nothing.
    sys.exit(failures != 0 or not n_pairs or not n_dead or not witnesses)


main()
