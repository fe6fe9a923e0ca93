#!/usr/bin/python3
"""The commands of docs/tokens.md, as they stand and in their order, with the school: what they leave behind is read here and not by it.
Those that ask an identity provider on the network are left out.

    page.py SCHOOL GATEWRIGHT ROUTES"""
import base64
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from program import ORIGIN, PATH, SECRET

SCHOOL, GATEWRIGHT, ROUTES = map(os.path.abspath, sys.argv[1:4])
PAGE = os.path.join(os.path.dirname(ROUTES), "docs", "tokens.md")
folder = tempfile.mkdtemp(prefix="gatewright-tokens.")
os.mkdir(folder + "/keys", 0o700)
ENVIRONMENT = {"PATH": os.path.dirname(GATEWRIGHT) + ":" + PATH, "GW_SECRET_KEY": SECRET, "GW_KEYS_DIR": folder + "/keys",
               "GW_ORIGIN": ORIGIN, "GW_DATABASE_URL": "sqlite:%s/db" % folder}


def run(line, **words):
    """A line of the page, with what its capitals stand for."""
    for word, value in {"PROGRAM": SCHOOL, **words}.items():
        line = re.sub(r"\b%s\b" % word, value, line)
    done = subprocess.run(line, shell=True, env=ENVIRONMENT, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def keys():
    """{id: its JWK}"""
    names = [name for name in os.listdir(folder + "/keys") if name.endswith(".jwk")]
    return {name[:-4]: json.load(open(os.path.join(folder, "keys", name))) for name in names}


def header(token):
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def main():
    shutil.copy(ROUTES, folder)
    lines = [line.strip() for line in re.findall(r"(?m)^    ((?:PROGRAM|gatewright) [^#\n]*)", open(PAGE).read())]
    lines = [line for line in lines if " keys fetch" not in line]
    assert lines == ["PROGRAM keys new ES256", "PROGRAM keys list", "PROGRAM keys rotate ID", "PROGRAM keys retire ID",
                     "PROGRAM token users 1", "PROGRAM token inspect TOKEN", "gatewright tests routes.def"], lines
    new, listed, rotate, retire, made, inspect, tests = lines

    assert run(new)[0] == 0
    (first, key), = keys().items()
    assert key["kty"] == "EC" and key["crv"] == "P-256" and "d" in key, key.keys()
    assert run(new)[0] == 0
    second, = set(keys()) - {first}
    status, said = run(listed)
    assert status == 0 and re.search(r"%s +ES256 +active" % first, said) and re.search(r"%s +ES256 +verifies" % second, said), said

    assert run("PROGRAM --schema-apply")[0] == 0
    with sqlite3.connect(folder + "/db") as store:
        store.execute("INSERT INTO users (id, name, email, password, token_epoch) VALUES (1, 'Ann', 'ann@example.com', 'x', 0)")
    before = run(made)[1].strip()
    assert header(before)["kid"] == first, before
    assert run(rotate, ID=second)[0] == 0
    status, behind = run(made)
    assert status == 0 and header(behind.strip())["kid"] == second, behind
    assert run(inspect, TOKEN=before)[0] == 0
    assert run(retire, ID=first)[0] == 0 and first not in {name for name in keys() if "retired" not in name}, keys().keys()
    status, said = run(inspect, TOKEN=before)
    assert status != 0 and "jwt.kid" in said and before.rsplit(".", 1)[1] not in said, said
    status, said = run(inspect, TOKEN=behind.strip())
    assert status == 0 and '"table_name"' in said and behind.strip().rsplit(".", 1)[1] not in said, said

    status, said = run(tests)
    assert status == 0 and len(json.loads(said)["requests"]) > 20, said[:200]
    print("%d commands of docs/tokens.md" % len(lines))


try:
    main()
finally:
    shutil.rmtree(folder)
