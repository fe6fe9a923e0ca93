#!/usr/bin/env python3
"""The school's OpenAPI document in the hands of others: Redocly's recommended rules, swagger-parser and the validator of
openapi.seriousme find nothing in it; openapi-typescript and @hey-api/openapi-ts make clients of it, which compile with
`tsc --strict` and talk to the school that runs.

usage: clients.py FOLDER     (FOLDER: where the packages from npm are installed)
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from validator import HERE, install, validate

sys.path.insert(0, os.path.join(HERE, "..", "site"))
from web import GATEWRIGHT, ROUTES, Site

FOLDER = os.path.abspath(sys.argv[1])
install(FOLDER)
LINT = shutil.copy(os.path.join(HERE, "lint.mjs"), FOLDER)


def run(*command, folder, status=0):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == status, "%s: %s\n%s" % (" ".join(command), done.returncode, done.stdout)
    return done.stdout


def write_document(folder, damage=None):
    name = os.path.join(folder, "school.json")
    text = subprocess.run([GATEWRIGHT, "openapi", ROUTES], check=True, stdout=subprocess.PIPE, text=True).stdout
    document = json.loads(text)
    if damage:
        damage(document)
    with open(name, "w", encoding="utf-8") as file:
        json.dump(document, file)
    return name


def check_document(folder):
    name = write_document(folder)
    assert validate(FOLDER, [name])
    assert "\n0 findings" in "\n" + run("node", LINT, name, folder=FOLDER)


def check_that_the_rules_see(folder):
    """What each is for is found."""
    def damage(document):
        del document["paths"]["/api/v1/me"]["get"]["summary"]
        del document["info"]["license"]
        document["components"]["schemas"]["alone"] = {"type": "object"}
        document["paths"]["/api/v1/login"]["get"]["parameters"] = 7
    said = run("node", LINT, write_document(folder, damage), folder=FOLDER, status=1)
    for word in "operation-summary", "info-license", "no-unused-components", "swagger-parser":
        assert word in said, said


def check_clients(folder, url):
    write_document(folder)
    for name in os.listdir(HERE + "/clients"):
        shutil.copy(os.path.join(HERE, "clients", name), folder)
    with open(folder + "/package.json", "w", encoding="utf-8") as file:
        file.write('{"type": "module"}')
    os.symlink(FOLDER + "/node_modules", folder + "/node_modules")
    tools = folder + "/node_modules/.bin/"
    run(tools + "openapi-typescript", "school.json", "-o", "school.ts", folder=folder)
    run(tools + "openapi-ts", folder=folder)
    run(tools + "tsc", "-p", ".", folder=folder)
    for name in "with_fetch", "with_hey":
        assert ": done" in run("node", "out/%s.js" % name, url, folder=folder)


with Site("nginx", settings={"GW_SENDFILE": "none"}) as site, tempfile.TemporaryDirectory() as top:
    site.environment["SCHOOL_PICTURES"] = site.folder
    check_document(top)
    check_that_the_rules_see(top)
    site.start()
    check_clients(top, "http://127.0.0.1:%d" % site.port)
print("the document, and two clients")
