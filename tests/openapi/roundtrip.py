#!/usr/bin/env python3
"""routes.def -> OpenAPI -> routes.def: the school's document, converted by a program that shares nothing with the compiler,
is the school's file again, as `fmt` writes it: each body, member, description, tag, path, caller, input and answer.

What no document holds is left out on both sides: tables, statements, jobs, sessions, tickets, limits, `own`, roles (told as a
sentence), `sets session`, `query_token`, what is a patch of which table, the prefix (each path is whole), and so whether a route is `ignored` or `whitelisted`, and
whether all entities are named or `authorized`. The name of a query is the converter's: a document has only its parameters.

usage: roundtrip.py GATEWRIGHT"""
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile

from convert import Converter
from manners import DOCUMENTS

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GATEWRIGHT = os.path.abspath(sys.argv[1])
DROPPED = (r" rate \d+ per \w+ by [\w.]+( shared)?", r" own \w+\([^)]*\)", r" sets session", r" query_token", r" ticket \w+", r" limit \w+")
# A query has the name of the first handler that takes it, and no description of its own.
QUERIES = {"search": "list_lessons_query", "page": "list_users_query"}
with open(ROOT + "/routes.def", encoding="utf-8") as source:
    ORIGINAL = source.read()


def statements(text):
    """[(the lines `##` above, the lines of the statement)] without other comments."""
    above, block, found = [], [], []
    for line in text.split("\n"):
        line = re.sub(r"\s+#[ #].*$|^#(?!#( |$)).*$", "", line) if not re.match(r"\s*##( |$)", line) else line
        if block:
            block.append(line)
        elif line.startswith("##"):
            above.append(line)
            continue
        elif line.strip():
            block = [line]
        if block and all("\n".join(block).count(one) == "\n".join(block).count(other) for one, other in ("{}", "()")):
            found.append((above, block))
            above, block = [], []
    return found


def whole_body(lines):
    """One member on a line."""
    head, inner = "\n".join(lines).strip()[:-1].split("{", 1)
    members = [part.strip() for line in inner.split("\n") for part in ([line] if "##" in line else line.split(";"))]
    if " patch of " in head:
        head, members = head.split(" patch of ")[0], [member + " optional not null" for member in members if member]
    return [head.strip() + " {"] + ["    " + member for member in members if member] + ["}"]


def simple_route(line, prefix):
    method, path, access, rest = line.split(None, 3)
    if access == "teachers(role":
        access, rest = "teachers", rest.split(")", 1)[1].strip()
    path = path if access == "ignored" else prefix + path
    for pattern in DROPPED:
        rest = re.sub(pattern, "", " " + rest).strip()
    access = {"whitelisted": "ignored", "users|teachers": "authorized"}.get(access, access)
    return "%s %s %s %s" % (method, path, access, re.sub(r"query (\w+)", lambda m: "query " + QUERIES.get(m[1], m[1]), rest))


def what_a_document_holds(text):
    """(what stands before, {body: lines}, routes)"""
    prefix = re.search(r"^prefix\s+(\S+)", text, re.M)
    head, bodies, routes = [], {}, []
    for above, lines in statements(text):
        word, name = lines[0].split()[:2]
        if word in ("api", "tag"):
            head += above + lines
        elif word == "body":
            lines[0] = lines[0].replace("body %s {" % name, "body %s {" % QUERIES.get(name, name))
            bodies[QUERIES.get(name, name)] = above * (name not in QUERIES) + whole_body(lines)
        elif word.isupper():
            routes += above + [simple_route(lines[0], prefix[1] if prefix else "")]
    return head, bodies, routes


def formatted(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run([GATEWRIGHT, "check", path], check=True)
    subprocess.run([GATEWRIGHT, "fmt", path], check=True)
    with open(path, encoding="utf-8") as file:
        return file.read()


def document_of(path):
    return json.loads(subprocess.run([GATEWRIGHT, "openapi", path], check=True, stdout=subprocess.PIPE).stdout)


def expanded(document, schema, depth=0):
    """Without references, names and descriptions, and null as a type: what is asked for."""
    if isinstance(schema, list):
        return [expanded(document, part, depth) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        found = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        nested = "properties" in found
        return "and so on" if nested and depth > 2 else expanded(document, found, depth + nested)
    schema = {key: expanded(document, value, depth) for key, value in schema.items() if key != "description"}
    first, *others = schema.get("anyOf", [None])
    if others == [{"type": "null"}]:
        schema = first if first in ({}, "and so on") or "null" in first["type"] else {**first, "type": [first["type"], "null"]}
    return schema


def asked_and_answered(document):
    return {(path, method, part, status): (what.get("required"), {kind: expanded(document, media) for kind, media in what.get("content", {}).items()})
            for path, item in document["paths"].items() for method, operation in item.items()
            for part, all_of_them in (("requestBody", {"": operation.get("requestBody", {})}), ("responses", operation["responses"]))
            for status, what in all_of_them.items()}


def check_documents(path):
    """A document -> routes.def -> the same document, but for names: of bodies that are values, and of what is optional."""
    before = document_of(path)
    back = Converter(before).convert()
    assert not back.left_out, back.left_out
    with tempfile.TemporaryDirectory() as top:
        with open(top + "/routes.def", "w", encoding="utf-8") as file:
            file.write(back.text())
        wanted, got = asked_and_answered(before), asked_and_answered(document_of(top + "/routes.def"))
    for key in {*wanted, *got}:
        assert wanted.get(key) == got.get(key), (key, wanted.get(key), got.get(key))
    return len(wanted)


def check_same_file(name, document):
    """Another's document -> routes.def -> a document -> the same file, but for the order of its statements, for what no
    document holds (`slash`, which operation's path it is of), and for a table, without which nobody could have a token."""
    with tempfile.TemporaryDirectory() as top:
        text = Converter(document).convert().text()
        table = "entity accounts { id int key auto }\n" if " authorized " in text else ""
        first = formatted(top, name + ".def", table + text)
        back = Converter(document_of(os.path.join(top, name + ".def"))).convert()
        assert not back.left_out, (name, back.left_out)
        second = formatted(top, name + ".back.def", table + back.text())
    wanted, got = (sorted("\n".join(above + [" ".join(line.split()) for line in lines])
                          for above, lines in statements(text) if lines[0].split()[0] != "slash") for text in (first, second))
    assert wanted == got and len(wanted) > 4, (name, *difflib.unified_diff(wanted, got, lineterm="", n=0))
    return len(wanted)


document = json.loads(subprocess.run([GATEWRIGHT, "openapi", ROOT + "/routes.def"], check=True, stdout=subprocess.PIPE).stdout)
converter = Converter(document).convert()
assert not converter.left_out, converter.left_out
converted = re.sub(r"\n##\n## Of \w+ only those with [^\n]*", "", converter.text())
kept = [lines for _, lines in statements(ORIGINAL) if lines[0].split()[0] in ("entity", "session")]
prelude = "\n".join("\n".join(lines) for lines in kept) + "\n"
wanted, got = what_a_document_holds(ORIGINAL), what_a_document_holds(converted)
assert set(wanted[1]) == set(got[1]), set(wanted[1]) ^ set(got[1])
with tempfile.TemporaryDirectory() as top:
    texts = [formatted(top, name, prelude + "\n".join(head + sum((bodies[key] for key in sorted(bodies)), []) + routes) + "\n")
             for name, (head, bodies, routes) in (("wanted.def", wanted), ("got.def", got))]
    if texts[0] != texts[1]:
        subprocess.run(["diff", top + "/wanted.def", top + "/got.def"], check=False)
        sys.exit("the file that came back is another one")
routes = json.loads(subprocess.run([GATEWRIGHT, "routes", "--json", ROOT + "/routes.def"], check=True, stdout=subprocess.PIPE).stdout)
assert len(re.findall("^(?:GET|POST|PUT|PATCH|DELETE) ", texts[0], re.M)) == len(routes) and len(got[1]) > 15, texts[0]
compared = sum(check_documents(ROOT + "/tests/gen/ok/%s/routes.def" % name) for name in ("value_bodies", "quoted", "parts_apart"))
assert compared > 100, compared
print("%d requests and answers of other files came back" % compared)
print("%d statements of ten files came back" % sum(check_same_file(*each) for each in DOCUMENTS.items()))
print("%d lines came back" % texts[0].count("\n"))
