#!/usr/bin/python3
"""What a request with a cookie costs, in instructions counted by callgrind, beside one with a bearer token: at
most 1.1 times as many. A form's POST, whose page is asked for too, likewise.

usage: cost.py PROGRAM GATEWRIGHT"""
import importlib.machinery
import importlib.util
import os
import sqlite3
import subprocess
import sys
import tempfile

from program import token

PROGRAM, GATEWRIGHT = sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
MOST = 1.1
# What a browser and nginx send beside it.
USUAL = {"HTTP_HOST": "school.test", "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
         "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
         "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9", "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
         "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "school.test", "SERVER_PORT": "443", "HTTPS": "on",
         "SCRIPT_NAME": "/me", "DOCUMENT_ROOT": "/usr/share/nginx/html", "REMOTE_PORT": "40000"}

loader = importlib.machinery.SourceFileLoader("instructions", os.path.join(HERE, "../bench/instructions"))
instructions = importlib.util.module_from_spec(importlib.util.spec_from_loader("instructions", loader))
loader.exec_module(instructions)


def cost(settings, method, meta):
    runs = [instructions.count_run(PROGRAM, settings, "/me", None, n, method=method, meta={**USUAL, **meta})
            for n in (instructions.SHORT, instructions.LONG)]
    return (runs[1] - runs[0]) / (instructions.LONG - instructions.SHORT)


with tempfile.TemporaryDirectory(prefix="gatewright-cost.") as folder:
    settings = {**instructions.settings_of(folder), "GW_ORIGIN": "https://school.test"}
    schema = subprocess.run([GATEWRIGHT, "schema", "--sqlite", HERE + "/routes.def"], check=True, capture_output=True,
                            text=True).stdout
    with sqlite3.connect(folder + "/db") as store:
        store.executescript(schema + "INSERT INTO users (id, email, role, disabled, epoch) VALUES "
                                     "(1, 'ann@school.test', 'reader', 0, 0);")
    text = token("users", "id", 1, secret=settings["GW_SECRET_KEY"])
    bearer = {"HTTP_AUTHORIZATION": "Bearer " + text}
    cookie = {"HTTP_COOKIE": "theme=dark; _ga=GA1.2.1234567890.1234567890; __Host-school=" + text}
    page = {"HTTP_ORIGIN": "https://school.test", "HTTP_SEC_FETCH_SITE": "same-origin"}
    failed = False
    for method, more in ("GET", {}), ("POST", page):
        plain, with_cookie = cost(settings, method, {**bearer, **more}), cost(settings, method, {**cookie, **more})
        print(f"{method}: {plain:.0f} with a bearer token, {with_cookie:.0f} with a cookie: {with_cookie / plain:.3f}")
        failed |= with_cookie > MOST * plain
    sys.exit(failed)
