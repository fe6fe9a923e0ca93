#!/usr/bin/python3
"""PATCH: what is absent stays, null is NULL, and a value is written, in both stores. What a row is then says SQLite's
json_patch(), which is RFC 7396, and the database itself."""
import json
import random
import sqlite3
import subprocess

import fcgi
from mariadb import MariaDB
from web import GATEWRIGHT, PROGRAM, ROUTES, Program, run_tests

MERGE = "application/merge-patch+json"
COLUMNS = ["title", "note", "rank", "weight", "done", "state", "mail", "day"]
OUTER = {"isDone": "done"}
VALUES = {"title": ["a", "b" * 40, "\u00e9'\"\\"], "note": ["", "n", None], "rank": [0, 99], "weight": [1.5, -2, None], "isDone": [True, False],
          "state": ["new", "old", None], "mail": ["a@x.example", "B@X.example", None], "day": ["2026-11-27", "2024-02-29", None]}


def merged(row, patch):
    memory = sqlite3.connect(":memory:")
    return json.loads(memory.execute("SELECT json_patch(?, ?)", (json.dumps(row), json.dumps(patch))).fetchone()[0])


class SQLite:
    def __init__(self, site):
        self.path = site.folder + "/store.db"

    def hidden(self):
        with sqlite3.connect(self.path) as db:
            db.execute("UPDATE things SET hidden = 'kept'")
        return lambda: {row[0] for row in sqlite3.connect(self.path).execute("SELECT hidden FROM things")}

    def row(self, key):
        found = sqlite3.connect(self.path).execute("SELECT %s FROM things WHERE id = ?" % ", ".join(COLUMNS), (key,)).fetchone()
        return dict(zip(COLUMNS, found))


class Maria:
    def __init__(self, site):
        schema = subprocess.run([GATEWRIGHT, "schema", "--mysql", ROUTES], check=True, capture_output=True, text=True).stdout
        self.database = MariaDB(site.folder, "inputs", schema)
        site.environment["GW_DATABASE_URL"] = self.database.url

    def hidden(self):
        self.database.run("UPDATE things SET hidden = 'kept'")
        return lambda: set(self.said("SELECT hidden FROM things").split())

    def said(self, sql):
        return subprocess.run(self.database.command() + ["-N", "-r", "--default-character-set=utf8mb4"], input=sql, text=True, capture_output=True, check=True).stdout

    def row(self, key):
        members = ", ".join("'%s', %s" % (c, "CAST(%s AS CHAR)" % c if c == "day" else c) for c in COLUMNS)
        return json.loads(self.said("SELECT JSON_OBJECT(%s) FROM things WHERE id = %d" % (members, key)))


def ask(site, method, target, text="", kind=MERGE):
    body = text.encode()
    status, head, answer = fcgi.request(site.address, target, method, body=body, meta={"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))})
    return status, head, json.loads(answer) if answer else None


def add(site, title="first"):
    status, _, row = ask(site, "POST", "/things", json.dumps({"title": title}), "application/json")
    assert status == 201, row
    return row["id"]


def told(row):
    """What the merge speaks of: NULL is no member, and the time of the change is another matter."""
    return {name: value for name, value in row.items() if value is not None and name not in ("id", "seen")}


def each_store():
    for store in SQLite, Maria:
        with Program(PROGRAM) as site:
            database = store(site)
            try:
                with site.running():
                    yield site, database
            finally:
                if store is Maria:
                    database.database.stop()


def test_a_row_becomes_what_merging_makes_of_it():
    random.seed(4)
    for site, database in each_store():
        key = add(site)
        add(site, "another")
        hidden = database.hidden()
        expected = told(ask(site, "GET", "/things/%d" % key)[2])
        assert expected["note"] == "a note" and expected["day"] == "2024-02-29"
        for _ in range(80):
            patch = {name: random.choice(values) for name, values in VALUES.items() if random.random() < 0.3}
            status, _, row = ask(site, "PATCH", "/things/%d" % key, json.dumps(patch))
            patch = {OUTER.get(name, name): value.lower() if name == "mail" and value else value for name, value in patch.items()}
            expected = merged(expected, patch)
            assert status == 200 and told(row) == expected, (patch, expected, row)
            assert {n: bool(v) if n == "done" else v for n, v in database.row(key).items() if v is not None} == expected, patch
        assert hidden() == {"kept"}
        assert told(ask(site, "GET", "/things/%d" % (key + 1))[2])["title"] == "another"


def test_an_empty_patch_writes_nothing_and_another_touches():
    for site, _ in each_store():
        key = add(site)
        before = ask(site, "GET", "/things/%d" % key)[2]
        assert ask(site, "PATCH", "/things/%d" % key, "{}")[2] == before
        after = ask(site, "PATCH", "/things/%d" % key, '{"rank": 1}')[2]
        assert after["seen"] > before["seen"] and {**after, "seen": 0, "rank": None} == {**before, "seen": 0}, (before, after)


def test_what_cannot_be_written_is_told_and_nothing_is():
    for site, _ in each_store():
        key, other = add(site), add(site, "other")
        way = "/things/%d" % key
        ask(site, "PATCH", "/things/%d" % other, '{"mail": "taken@x.example"}')
        before = ask(site, "GET", way)[2]
        for text, faults in [('{"title": null}', [("/title", "must not be null")]), ('{"rank": null}', [("/rank", "must not be null")]),
                             ('{"note": "n", "title": ""}', [("/title", "must be 1 to 40 characters")]), ('{"id": 7}', [("/id", "is not a known member")]),
                             ('{"hidden": "x", "seen": 1}', [("/hidden", "is not a known member"), ("/seen", "is not a known member")]),
                             ('{"done": true}', [("/done", "is not a known member")]), ('{"state": "gone"}', [("/state", 'must be one of "new", "old"')]),
                             ("[]", [("", "must be an object")]), ("null", [("", "must be an object")])]:
            status, _, body = ask(site, "PATCH", way, text)
            assert status == 422 and [(f["pointer"], f["detail"]) for f in body["errors"]] == faults, (text, body)
        assert ask(site, "PATCH", way, "{")[0] == 400
        assert ask(site, "PATCH", way, '{"title": "x", "mail": "TAKEN@x.example"}')[0] == 409
        assert ask(site, "PATCH", "/things/99999", '{"title": "x"}')[0] == 404
        assert ask(site, "GET", way)[2] == before


def test_the_media_type_is_the_declared_one():
    with Program(PROGRAM) as site, site.running():
        key = add(site)
        for kind, good in [(MERGE, True), ("Application/Merge-Patch+JSON; charset=UTF-8", True), ("application/json", False), ("", False),
                           ("application/json-patch+json", False), (MERGE + "x", False), (MERGE + ";charset=latin1", False)]:
            status, head, _ = ask(site, "PATCH", "/things/%d" % key, "{}", kind)
            assert status == (200 if good else 415), (kind, status)
            assert good or "\r\nAccept-Patch: %s\r\n" % MERGE in head + "\r\n", head
            assert ask(site, "PATCH", "/plain/%d" % key, "{}", kind)[0] == (200 if "json" in kind.lower() and "x" != kind[-1] and "latin" not in kind else 415), kind
        for path, kind in ("/things/1", MERGE), ("/plain/1", "application/json"), ("/headers", None):
            status, head, _ = fcgi.request(site.address, path, "OPTIONS")
            assert status == 204 and ("Accept-Patch: %s" % kind in head if kind else "Accept-Patch" not in head), head


def test_openapi_says_so():
    document = json.loads(subprocess.run([GATEWRIGHT, "openapi", ROUTES], check=True, capture_output=True, text=True).stdout)
    assert list(document["paths"]["/things/{id}"]["patch"]["requestBody"]["content"]) == [MERGE]
    schema = document["components"]["schemas"]["thing_change"]
    assert "required" not in schema and schema["properties"]["note"]["type"] == ["string", "null"], schema
    assert schema["properties"]["title"]["type"] == "string" and "isDone" in schema["properties"]


run_tests(globals())
