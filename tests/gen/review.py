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
LATER = {"tag", "deprecated"}  # an entity may be called so, and has another attribute behind it, or nothing
ATTRIBUTES = {"limit", "timeout", "scope", "own", "returns", "sets", "else", "rate", "ticket", "query_token", "tag", "deprecated"}


class Page(html.parser.HTMLParser):
    """The rows of the table as lists of texts, and the lists above it by their headings."""

    def __init__(self, text):
        super().__init__()
        self.open, self.rows, self.items, self.heading = [], [], {}, ""
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
            self.items.setdefault(self.heading, []).append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "details" in self.open:
            return
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data
        elif "li" in self.open:
            self.items[self.heading][-1] += data
        elif "h2" in self.open:
            self.heading = data


def run(folder, *arguments):
    return subprocess.run([gatewright, "routes", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def asked_instead(folder, route):
    """What stands in the route's own line in place of a token."""
    with open(os.path.join(folder, route["file"]), encoding="utf-8") as file:
        line = file.read().split("\n")[route["line"] - 1]
    # An expression in a path may hold blanks and `#`.
    words = re.sub(r'like "(?:[^"\\]|\\.)*"', "like", line).partition("#")[0].split()
    if route["access"] not in ("ignored", "whitelisted"):
        return None
    handler, behind = words[3], words[4:]  # method, path, access
    if handler in ("@refresh", "@end_session") and behind and (behind[0] not in ATTRIBUTES or set(behind[1:2]) <= ATTRIBUTES and behind[0] in LATER):
        return "with a refresh token"
    # `returns 200 ticket` names a body.
    takes = any(word == "ticket" and not (i and behind[i - 1].isdigit()) for i, word in enumerate(behind))
    return "with a ticket" if takes else None


def expected(access, entity, instead):
    """What a cell says, by the word of access."""
    if instead:
        return instead
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
def first_sentence(text):
    paragraph = text.split("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=[.!?]) +(?![a-z])", paragraph)[0]


for folder in [ROOT, os.path.join(ROOT, "examples", "hello"), os.path.join(ROOT, "tests", "browsers"),
               *sorted(glob.glob(os.path.join(HERE, "ok", "*")))]:
    page, routes = Page(run(folder, "--html")), json.loads(run(folder, "--json"))
    entities = page.rows[0][2:-1]
    if len(page.rows) != len(routes) + 1 or page.rows[0][:2] != ["Route", "nobody"]:
        failed.append((folder, page.rows[0], len(page.rows), len(routes)))
    for row, route in zip(page.rows[1:], routes):
        wanted = ["%s %s%s" % (route["method"], route["path"], first_sentence(route.get("description", "")))] + [
            expected(route["access"], e, asked_instead(folder, route)) for e in [None, *entities]]
        cells += len(row)
        if row[:-1] != wanted:
            failed.append((folder, row, wanted))
    for route in routes:
        name = "%s %s" % (route["method"], route["path"])
        listed = (route["method"] != "GET" and route["access"] in ("ignored", "whitelisted") and
                  not asked_instead(folder, route))
        if listed != (name in page.items.get("Changes something and asks for no token", [])):
            failed.append((folder, name, "in the list of what changes something", not listed))
print("%d cells, %d wrong" % (cells, len(failed)))
for one in failed[:20]:
    print(*one)
sys.exit(bool(failed) or cells < 1000)
