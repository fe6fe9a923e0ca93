#!/usr/bin/python3
"""Ten documents in others' manner: what the language has no word for is left out, and nothing else; requests that an
independent generator makes from the documents reach each handler, and what a document refuses does not.

usage: manners_test.py PROGRAM"""
import json
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "site"))
import contextlib
import sqlite3

import fcgi
from instances import Instances
from manners import DOCUMENTS, LEFT_OUT
from manners_program import converted
from program import Program, token

TIMES = 25
sent = {True: 0, False: 0}
reached = {}  # path -> how many of them reached its handler


def text_of(value):
    return "true" if value is True else "false" if value is False else str(value)


def escaped(value):
    return urllib.parse.quote(text_of(value), safe="")


def pairs_of(parameter, value):
    """As the document's style says (OpenAPI 3.1, 4.8.12.3)."""
    if isinstance(value, dict):
        deep = parameter.get("style") == "deepObject"
        return [("%s[%s]" % (parameter["name"], name) if deep else name, text_of(one)) for name, many in value.items() if name.strip("[]") == name
                for one in (many if isinstance(many, list) else [many])]
    if not isinstance(value, list):
        return [(parameter["name"], text_of(value))]
    if parameter.get("explode", parameter.get("style", "form") == "form"):
        return [(parameter["name"], text_of(one)) for one in value]
    between = {"form": ",", "pipeDelimited": "|", "spaceDelimited": " "}[parameter.get("style", "form")]
    value = [text_of(one).replace(between, "") or "x" for one in value]
    return [(parameter["name"], between.join(value))] if value else []


def ways(template, text):
    """In how many ways the parameters of one segment of a path can be what `text` holds, whatever their types are."""
    before, _, rest = template.partition("{")
    if not rest:
        return text == template
    rest = rest.partition("}")[2]
    return sum(ways(rest, text[end:]) for end in range(len(before) + 1, len(text) + 1)) if text.startswith(before) else 0


def is_doubtful(template, parameters, made):
    """Whether nobody can say which values a segment has. (One of whose parameters are not any text can be divided in one way.)"""
    free = {"{%s}" % p["name"] for p in parameters if p["in"] == "path" and set(p["schema"]) <= {"type", "minLength", "description"}}
    return any(ways(one, urllib.parse.unquote(text)) > 1 for one, text in zip(template.split("/"), made[0].partition("?")[0].split("/"))
               if set(re.findall(r"\{[^{}]*\}", one)) <= free)


def request_of(instances, path, parameters, operation):
    """(target, media type, body, header fields)"""
    query, fields = [], []
    for parameter in parameters:
        value = instances.of(parameter["schema"])
        if parameter["in"] == "path":
            path = path.replace("{%s}" % parameter["name"], escaped(value) if value not in ("", ".", "..") else "x")
        elif parameter["in"] == "query" and (parameter["required"] or instances.random.random() < 0.6):
            query += pairs_of(parameter, value)
        elif parameter["in"] == "header" and (parameter["required"] or instances.random.random() < 0.6):
            # No blanks at its ends, and not empty: what HTTP would change on its way.
            fields.append((parameter["name"], text_of(value).strip() or "x"))
    target = path + ("?" + urllib.parse.urlencode(query) if query else "")
    if "requestBody" not in operation:
        return target, None, None, fields
    (kind, media), = operation["requestBody"]["content"].items()
    if "schema" not in media:
        return target, kind, b"\0\1bytes", fields
    value = instances.of(media["schema"])
    if "form" in kind:
        return target, kind, urllib.parse.urlencode([(k, text_of(v)) for k, v in value.items() if isinstance(v, (str, int, float, bool))]).encode(), fields
    return target, kind, json.dumps(value).encode(), fields


def ask(site, name, method, made, bearer):
    target, kind, body, fields = made
    meta = [("HTTP_" + name.upper().replace("-", "_"), value.encode().decode("latin-1")) for name, value in fields]
    status, _, answer = fcgi.request(site.address, "/" + name + target, method.upper(), bearer, body=body,
                                     meta=meta + ([("CONTENT_TYPE", kind)] if kind else []))
    return status, answer


def spoilt(made):
    """A body that no document admits: another kind of value."""
    return made[0], made[1], b'"a text"' if made[1].endswith("json") else b"a=%zz", made[3]


def check(site, name, document, left):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or (name, method.upper(), path) in left:
                continue
            parameters = item.get("parameters", []) + operation["parameters"]
            bearer = token("accounts", "id", 1) if operation.get("security") else None
            for n in range(TIMES):
                made = request_of(Instances(document, "%s %s %d" % (method, path, n)), path, parameters, operation)
                status, answer = ask(site, name, method, made, bearer)
                doubtful = is_doubtful(path, parameters, made)
                assert status == (404 if doubtful else 204), (name, method, made, status, answer)
                sent[True] += not doubtful
                reached[path] = reached.get(path, 0) + (not doubtful)
            if made[1] and "octet" not in made[1]:
                status, answer = ask(site, name, method, spoilt(made), bearer)
                assert status in (400, 422), (name, method, status, answer)
                sent[False] += 1


left = {(name, *operation): reason for name, converter in converted().items() for operation, reason in converter.left_out.items()}
assert left == LEFT_OUT, {k: (left.get(k), LEFT_OUT.get(k)) for k in {*left, *LEFT_OUT} if left.get(k) != LEFT_OUT.get(k)}
site = Program(sys.argv[1])
try:
    with site.running():
        with contextlib.closing(sqlite3.connect(site.folder + "/store.db")) as database:
            database.execute("INSERT INTO accounts (id) VALUES (1)")
            database.commit()
        for one, its in DOCUMENTS.items():
            check(site, one, its, left)
finally:
    site.end()
assert sent[True] > 600 and sent[False] > 10, sent
for path in ("/repos/{owner}/{repo}/compare/{base}...{head}", "/repos/{owner}/{repo}/pulls/{index}.{diffType}"):
    assert reached[path] > 10, reached
print("%d requests reached their handlers, %d that were spoilt did not; %d operations are left out" % (sent[True], sent[False], len(left)))
