#!/usr/bin/env python3
"""Replays what `gatewright tests` prints against a running program.

usage: replay.py GATEWRIGHT ROUTES PROGRAM VALIDATOR

The program runs as CGI, a process for each request, so no web server answers in its place. Tokens come
from its own answers to those who register; expired ones are made here. What it answers is compared with
`gatewright openapi` by a validator from npm, which VALIDATOR is a folder for.
"""
import base64
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

for beside in "openapi", "site":
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", beside))
from program import ORIGIN, SECRET, token
from validator import validate


def make_token(entity, key, lifetime):
    return token(entity["table_name"], entity["key_claim"], key, lifetime, issued=3600)


class Site:
    """The program as CGI: one process for each request, everything by environment and stdin."""

    def __init__(self, program, folder):
        self.program, self.database = program, os.path.join(folder, "site.db")
        self.environment = {"GW_SECRET_KEY": SECRET, "GW_ORIGIN": ORIGIN, "PATH": os.environ["PATH"],
                            "GW_DATABASE_URL": "sqlite:" + self.database,
                            "GW_LOG": "text:" + os.path.join(folder, "log"),
                            "SCHOOL_VIDEOS": os.environ.get("E2E_VIDEOS", folder), "SCHOOL_PICTURES": folder}

    def send(self, method, path, token, content_type, body, cookie=None, headers=None):
        """The status and the whole answer. `cookie`: the name of the one that holds the token."""
        environment = dict(self.environment, GATEWAY_INTERFACE="CGI/1.1", REQUEST_METHOD=method,
                           REQUEST_URI=path, QUERY_STRING=path.partition(b"?" if isinstance(path, bytes) else "?")[2],
                           SERVER_PROTOCOL="HTTP/1.1", REMOTE_ADDR="127.0.0.1",
                           SERVER_NAME="localhost", SERVER_PORT="80")
        for name, value in (headers or {}).items():
            environment["HTTP_" + name.upper().replace("-", "_")] = value.replace("ORIGIN", ORIGIN)
        if token and cookie:
            environment["HTTP_COOKIE"] = cookie + "=" + token
        elif token:
            environment["HTTP_AUTHORIZATION"] = "Bearer " + token
        if content_type:
            environment["CONTENT_TYPE"] = content_type
        if body is not None:
            environment["CONTENT_LENGTH"] = str(len(body.encode()))
        run = subprocess.run([self.program], input=(body or "").encode(), env=environment,
                             stdout=subprocess.PIPE, timeout=60, check=False)
        head = run.stdout.split(b"\r\n\r\n", 1)[0].decode("latin-1")
        status = 200
        for line in head.split("\r\n"):
            if line.lower().startswith("status:"):
                status = int(line.split()[1])
        return status, run.stdout.decode("utf-8", "replace")


class Accounts:
    """New accounts, made by the good requests that answer with a token; each has its own e-mail."""

    def __init__(self, site, tests):
        self.site, self.entities, self.n = site, tests["entities"], 0
        self.requests = [r for r in tests["requests"]
                         if r["name"].endswith(": good") and not r["token"] and r.get("body")]

    def token_of(self, name, where):
        """Of a new account, whose row is as `where` says."""
        for request in self.requests:
            self.n += 1
            body = request["body"].replace("sample@", "sample-%d@" % self.n)
            status, answer = self.site.send(request["method"], request["path"], None,
                                            request["content_type"], body)
            body = answer.split("\r\n\r\n", 1)[-1]
            token = json.loads(body).get("token") if status == 201 else None
            if not token:
                continue
            claims = token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
            if claims["table_name"] == self.entities[name]["table_name"]:
                self.set(claims, self.entities[name], where)
                return token
        sys.exit("no account of %s can be made" % name)


    def set(self, claims, entity, where):
        if not where:
            return
        with contextlib.closing(sqlite3.connect(self.site.database)) as db:
            db.execute("UPDATE %s SET %s = ? WHERE %s = ?" % (entity["table_name"], where["column"], entity["key_claim"]),
                       (where["value"], claims[entity["key_claim"]]))
            db.commit()


def printed(gatewright, *args):
    return json.loads(subprocess.run([gatewright, *args], stdout=subprocess.PIPE, check=True).stdout)


def answer_of(request, pattern, status, answer):
    """As the validator wants it. openapi.json's paths have parameters without their types."""
    head, _, body = answer.partition("\r\n\r\n")
    kind = re.search(r"^content-type: *(.*?)\r?$", head, re.I | re.M)
    return {"method": request["method"], "path": request["path"], "status": status,
            "template": re.sub(r"\{(\w+):[^}]*\}", r"{\1}", pattern), "type": kind[1] if kind else "",
            "body": body}


def check_answers(gatewright, routes, folder, answers, validator):
    names = [os.path.join(folder, name) for name in ("openapi.json", "answers.json")]
    for name, data in zip(names, (printed(gatewright, "openapi", routes), answers)):
        with open(name, "w", encoding="utf-8") as file:
            json.dump(data, file)
    return validate(validator, names[:1], names[1])


def main():
    gatewright, routes, program, validator = sys.argv[1:5]
    tests = printed(gatewright, "tests", routes)
    patterns = {"%s:%d" % (r["file"], r["line"]): r for r in printed(gatewright, "routes", "--json", routes)}
    answers = []
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        site = Site(program, folder)
        accounts = Accounts(site, tests)
        for request in tests["requests"]:
            token = request["token"]
            if token == "bad":
                token = "not.a.token"
            elif token and request.get("expired"):
                token = make_token(tests["entities"][token], 1, -60)
            elif token:
                token = accounts.token_of(token, request.get("where"))
            status, answer = site.send(request["method"], request["path"], token, request.get("content_type"),
                                       request.get("body"), request.get("cookie"), request.get("headers"))
            good = (status in request["expect"] if "expect" in request
                    else status not in request["expect_not"])
            route = patterns[request["route"]]
            if request["method"] == route["method"]:
                answers.append(answer_of(request, route["path"], status, answer))
            if not good:
                failures += 1
                print("%s (%s): %s %s: %d, expected %s\n%s" % (
                    request["name"], request["route"], request["method"], request["path"], status,
                    request.get("expect", "anything but %s" % request.get("expect_not")), answer))
        print("%d requests, %d failures" % (len(tests["requests"]), failures))
        good = check_answers(gatewright, routes, folder, answers, validator)
        # One that is not as declared is found.
        wrong = dict(answers[-1], status=200, type="application/json", body='{"id": "seven"}',
                     method="GET", template="/api/v1/lessons/{id}")
        if check_answers(gatewright, routes, folder, [wrong], validator):
            sys.exit("the validator lets a wrong answer pass")
    sys.exit(failures != 0 or not good)


if __name__ == "__main__":
    main()
