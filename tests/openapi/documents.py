#!/usr/bin/env python3
"""What `gatewright openapi` prints for every accepted case is a valid OpenAPI 3.1 document; a document that
is not is found.

usage: documents.py GATEWRIGHT FOLDER     (FOLDER: where the validator is installed)
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

from validator import HERE, validate

ROOT = os.path.dirname(os.path.dirname(HERE))
gatewright, folder = (os.path.abspath(a) for a in sys.argv[1:3])

with tempfile.TemporaryDirectory() as top:
    documents = []
    for source in [ROOT, os.path.join(ROOT, "examples", "hello")] + sorted(
            glob.glob(os.path.join(ROOT, "tests", "gen", "ok", "*"))):
        name = os.path.join(top, os.path.basename(source) + ".json")
        with open(name, "w", encoding="utf-8") as file:
            subprocess.run([gatewright, "openapi"], cwd=source, stdout=file, check=True)
        documents.append(name)
    good = validate(folder, documents)
    with open(documents[0], encoding="utf-8") as file:
        document = json.load(file)
    for damage in ({"info": {}}, {"paths": {"/a": {"get": {"responses": 7}}}}, {"openapi": "3.1"},
                   {"components": {"schemas": {"a": {"type": "nothing"}}}}):
        bad = os.path.join(top, "bad.json")
        with open(bad, "w", encoding="utf-8") as file:
            json.dump(dict(document, **damage), file)
        if validate(folder, [bad]):
            good = False
            print("the validator lets pass", damage)
    sys.exit(not good or len(documents) < 60)
