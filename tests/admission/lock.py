"""`gatewright check --lock` on every combination of callers: one step wider is told, of each route, and one step
narrower is not. Steps are told apart here, as sets of who may call. Usage: lock.py GATEWRIGHT."""
import os
import re
import subprocess
import sys
import tempfile

import generate
from generate import ALL, ENTITIES

GATEWRIGHT = sys.argv[1]
ROUTES = list(generate.combinations())
SHOWN = 90  # the compiler shows 100 errors at most


def wider(guest, admits):
    """What one step more makes of it."""
    if not guest:
        yield True, admits
    for name, (_, _, words) in ENTITIES.items():
        roles = admits.get(name, frozenset())
        if name not in admits and not words:
            yield guest, {**admits, name: ALL}
        elif roles is not ALL:
            # All words are not all rows: there is NULL, and a word that is declared later.
            for word in set(words) - roles:
                yield guest, {**admits, name: roles | {word}}
            yield guest, {**admits, name: ALL}


def narrower(guest, admits):
    if guest:
        yield False, admits
    for name, roles in admits.items():
        for less in ([frozenset(ENTITIES[name][2])] if ENTITIES[name][2] else []) if roles is ALL else \
                [roles - {word} for word in roles if len(roles) > 1]:
            yield guest, {**admits, name: less}
        if len(admits) > 1:
            yield guest, {other: one for other, one in admits.items() if other != name}


class Folder:
    def __init__(self, locked):
        self.folder = tempfile.TemporaryDirectory(prefix="gatewright-lock.")
        self.path = self.folder.name
        self.write(locked)
        self.gatewright("lock")

    def write(self, text):
        with open(self.path + "/routes.def", "w") as out:
            out.write(text)

    def gatewright(self, *arguments):
        return subprocess.run([GATEWRIGHT, *arguments, self.path + "/routes.def"], capture_output=True, text=True)

    def said(self, text):
        """The exit status, and the lines of which something is told."""
        self.write(text)
        done = self.gatewright("check", "--lock")
        lines = [int(n) for n in re.findall(r"routes\.def:(\d+):\d+: error: opened since the lock", done.stderr)]
        assert done.returncode == bool(lines), done
        assert done.stderr.count("error:") == len(lines), done.stderr
        return lines


def steps(of):
    """(routes, what becomes of them) for files in which each route has taken one of its steps, or None where none is
    left of it; until all are taken."""
    for at in range(0, len(ROUTES), SHOWN):
        routes = ROUTES[at:at + SHOWN]
        left = [list(of(*one)) for one in routes]
        while any(left):
            yield routes, [one.pop() if one else None for one in left]


def told(of):
    """How many steps there are; and whether all of them are told, all of them are not."""
    n, found, folder, locked = 0, set(), None, None
    for routes, step in steps(of):
        if routes != locked:
            folder, locked = Folder(generate.routes(routes)), routes
        lines = folder.said(generate.routes([new or old for new, old in zip(step, routes)]))
        for i, new in enumerate(step):
            is_told = len(ENTITIES) + 1 + i in lines
            assert new or not is_told, generate.access(*routes[i])
            if new:
                found.add(is_told)
                n += 1
    return n, found


def test_each_step_wider_is_told():
    n, found = told(wider)
    print("%d steps wider" % n)
    assert found == {True}


def test_no_step_narrower_is_told():
    n, found = told(narrower)
    print("%d steps narrower" % n)
    assert found == {False}


def test_a_column_that_blocks_no_more_is_told():
    some = ROUTES[:SHOWN]
    locked = Folder(generate.routes(some))
    for number, (name, (declaration, role, words)) in enumerate(ENTITIES.items(), 1):
        if " blocks" not in declaration:
            continue
        for block, other in ((" blocks when false", ""), (" blocks when false", " blocks")) if "when" in declaration else \
                ((" blocks", ""),):
            changed = {**ENTITIES, name: (declaration.replace(block, other), role, words)}
            assert locked.said(generate.routes(some, changed)) == [number], (name, other)
            # The other way round it is one that refuses more, but where what it means was turned.
            opened = Folder(generate.routes(some, changed)).said(generate.routes(some))
            assert opened == ([number] if other else []), (name, other, opened)


def test_limits():
    """A limit that is gone, higher, of another kind or counted by each process for itself is told; another one more is not."""
    few = ROUTES[:3]
    locked = Folder(generate.routes(few, more=" rate 5 per minute by address rate 9 per hour by caller shared"))
    for now, is_told in ((" rate 5 per minute by address rate 9 per hour by caller", True),
                      (" rate 5 per minute by address", True), ("", True),
                      (" rate 6 per minute by address rate 9 per hour by caller shared", True),
                      (" rate 5 per second by address rate 9 per hour by caller shared", True),
                      (" rate 5 per minute by caller rate 9 per hour by caller shared", True),
                      (" rate 5 per minute by address rate 10 per hour by caller shared", True),
                      (" rate 4 per minute by address rate 9 per hour by caller shared", False),
                      (" rate 5 per minute by address shared rate 8 per hour by caller shared", False),
                      (" rate 9 per hour by caller shared rate 5 per minute by address rate 1 per day by address", False)):
        lines = locked.said(generate.routes(few, more=now))
        assert lines == ([len(ENTITIES) + 1 + i for i in range(len(few))] if is_told else []), (now, lines)


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
        print("passed " + name, flush=True)
