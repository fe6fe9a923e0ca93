#!/usr/bin/env python3
"""What the page of `gatewright routes --html` says, for every accepted case: each cell is what the access word means,
read here from `routes --json`; the page needs nothing beside it.

usage: review.py GATEWRIGHT"""
import glob
import html.parser
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
gatewright = os.path.abspath(sys.argv[1])
VOID = {"meta"}


class Page(html.parser.HTMLParser):
    """The rows of the table as lists of texts, and the lists above it."""

    def __init__(self, text):
        super().__init__()
        self.open, self.rows, self.items, self.cell = [], [], [], None
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        assert tag != "script" and not {"src", "style"} & {name for name, _ in attributes}, tag
        assert all(value.startswith("#") for name, value in attributes if name == "href"), attributes
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "li":
            self.items.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "details" in self.open:
            return
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data
        elif "li" in self.open:
            self.items[-1] += data


def run(folder, *arguments):
    return subprocess.run([gatewright, "routes", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def expected(access, entity):
    """What a cell says, by the word of access."""
    if access in ("ignored", "whitelisted"):
        return "yes"
    if entity is None:
        return "as a guest" if access.startswith("guest|") else "no"
    if access == "authorized":
        return "yes"
    # `users(role = "a" | "b")|devices`: bars inside of brackets are not between callers.
    for caller in re.findall(r'([a-z0-9_]+)((?:\((?:[^"()]|"(?:[^"\\]|\\.)*")*\))?)(?:\||$)', access):
        if caller[0] == entity:
            return "if " + caller[1][1:-1] if caller[1] else "yes"
    return "no"


failed, cells = [], 0
for folder in [ROOT, os.path.join(ROOT, "examples", "hello"), os.path.join(ROOT, "tests", "browsers"),
               *sorted(glob.glob(os.path.join(HERE, "ok", "*")))]:
    page, routes = Page(run(folder, "--html")), json.loads(run(folder, "--json"))
    entities = page.rows[0][2:-1]
    if len(page.rows) != len(routes) + 1 or page.rows[0][:2] != ["Route", "nobody"]:
        failed.append((folder, page.rows[0], len(page.rows), len(routes)))
    for row, route in zip(page.rows[1:], routes):
        wanted = ["%s %s" % (route["method"], route["path"])] + [expected(route["access"], e) for e in [None, *entities]]
        cells += len(row)
        if row[:-1] != wanted:
            failed.append((folder, row, wanted))
    for route in routes:
        name = "%s %s" % (route["method"], route["path"])
        listed = route["method"] != "GET" and route["access"] in ("ignored", "whitelisted")
        if listed and name not in page.items:
            failed.append((folder, name, "is not in the list of what changes something"))
print("%d cells, %d wrong" % (cells, len(failed)))
for one in failed[:20]:
    print(*one)
sys.exit(bool(failed) or cells < 1000)
