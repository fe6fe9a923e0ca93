#!/usr/bin/python3
"""Forms in parts beside other parsers. What the runtime takes, Werkzeug and Django read in the same way: there is no
body in which one of them sees a field or a file that another does not.

usage: parsers.py PARTS      (PARTS: the program of parts.c; TESTS_FULL=1: many more forms)"""
import io
import json
import os
import random
import struct
import subprocess
import sys

import django.conf
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser as DjangoParser
from werkzeug.formparser import MultiPartParser as WerkzeugParser

from program import run_tests

django.conf.settings.configure(FILE_UPLOAD_MAX_MEMORY_SIZE=1 << 30, DATA_UPLOAD_MAX_MEMORY_SIZE=None,
                               DATA_UPLOAD_MAX_NUMBER_FIELDS=None, DATA_UPLOAD_MAX_NUMBER_FILES=None)
TOOL = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
ROUNDS = 40000 if os.environ.get("TESTS_FULL") == "1" else 2500
SYNTAX = 20  # GW_E_SYNTAX


# ---- The parsers: lists of (name, name of the file or None, content) ----

def ours(body, boundary, most=1 << 20):
    """(result, why, parts as the tool gives them)"""
    TOOL.stdin.write(struct.pack(">II", most, len(boundary)) + boundary + struct.pack(">I", len(body)) + body)
    TOOL.stdin.flush()
    said = json.loads(TOOL.stdout.readline())
    return said["result"], said.get("why"), said["parts"]


def by_werkzeug(body, boundary):
    form, files = WerkzeugParser().parse(io.BytesIO(body), boundary, len(body))
    return [(name, None, text.encode()) for name, texts in form.lists() for text in texts] + \
           [(name, one.filename, one.stream.read()) for name, some in files.lists() for one in some]


def by_django(body, boundary):
    """It has changed the names of files, and takes blanks off those of fields."""
    meta = {"CONTENT_TYPE": 'multipart/form-data; boundary="%s"' % boundary.decode(), "CONTENT_LENGTH": str(len(body))}
    form, files = DjangoParser(meta, io.BytesIO(body), [MemoryFileUploadHandler()], "utf-8").parse()
    return [(name, None, text.encode()) for name, texts in form.lists() for text in texts] + \
           [(name, one.name, one.read()) for name, some in files.lists() for one in some]


# ---- Forms ----

NAMES = ["a", "title", "tags", "a b", "é", "x[1]", "tags"]
FILES = ["a.png", "ü b.txt", "x;y=z.gif", "%41.txt", "a'b", "日本.pdf"]
BOUNDARIES = [b"x", b"----WebKitFormBoundaryAbC123", b"a" * 70, b"0--1", b"=_x.y'(z)", b"-a"]


def content(random_, boundary, binary):
    kinds = [b"", b"plain", b"\r\n", b"--", b"\r\n--", b"--" + boundary[:-1], b"\r\n--" + boundary[:-1], b"\r", b"\n",
             b"\r\n\r\n", bytes(random_.randrange(128) or 1 for _ in range(random_.randrange(60))), b"-" * 40 + b"\r\n",
             "ü€😀".encode(), b"Content-Disposition: form-data; name=\"z\"\r\n\r\n"]
    text = b"".join(random_.choice(kinds) for _ in range(random_.randrange(4)))
    return text + (bytes(random_.randrange(256) for _ in range(40)) if binary and random_.random() < 0.3 else b"")


def good_form(random_):
    """(boundary, body, parts) as browsers write it; no content holds the boundary."""
    boundary = random_.choice(BOUNDARIES)
    parts, body = [], b""
    for _ in range(random_.randrange(5)):
        name, file_name = random_.choice(NAMES), random_.choice([None, None] + FILES)
        text = content(random_, boundary, bool(file_name))
        while b"--" + boundary in text:
            text = content(random_, boundary, bool(file_name))
        head = b'Content-Disposition: form-data; name="%s"' % name.encode()
        if file_name:
            head += b'; filename="%s"\r\nContent-Type: image/png' % file_name.encode()
        body += b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + text + b"\r\n"
        parts.append((name, file_name, text))
    return boundary, body + b"--" + boundary + b"--\r\n", parts


def plain(parts):
    return [(p["name"], p["file"], bytes.fromhex(p["content"])) for p in parts]


def test_good_forms_are_read_as_they_were_written_however_they_come():
    random_ = random.Random(1)
    for _ in range(ROUNDS):
        boundary, body, parts = good_form(random_)
        for most in (1, random_.randrange(1, 50), 1 << 20):
            result, why, found = ours(body, boundary, most)
            assert result == 0, (why, body)
            assert plain(found) == parts, (found, parts, body)


def agree(mine, theirs, who, body):
    """Neither Werkzeug nor Django keeps the order of texts among files, or knows what browsers write for a quote."""
    assert all(name is not None for name, _, _ in theirs), (who, mine, body)
    theirs = [(name.replace("%22", '"'), file and file.replace("%22", '"'), text) for name, file, text in theirs]
    key = lambda part: (part[1] is not None, part[0])
    assert sorted(mine, key=key) == sorted(theirs, key=key), (who, mine, theirs, body)


MUTATIONS = [b"\r\n", b"\n", b"\r", b"--", b" ", b"\t", b"\0", b";", b'"', b"\\", b"%22", b":", b"=", b"-", b"form-data",
             b"\r\n\r\n", b'name="b"', b'filename="c"', b"filename*=utf-8''d", b"Content-Type: text/plain\r\n",
             b"Content-Transfer-Encoding: base64\r\n", b"Content-Disposition: form-data; name=\"e\"\r\n", b"\xff", b"*0", b"_charset_",
             b"Content-Type: multipart/mixed; boundary=q\r\n"]


def mutated(random_, body, boundary):
    for _ in range(random_.randrange(1, 4)):
        at = random_.randrange(len(body) + 1)
        what = random_.randrange(6)
        if what == 0:
            body = body[:at] + random_.choice(MUTATIONS + [b"\r\n--" + boundary, b"\n--" + boundary, boundary]) + body[at:]
        elif what == 1:
            body = body[:at] + body[at + random_.randrange(1, 4):]
        elif what == 2:
            body = body[:at] + bytes([random_.randrange(256)]) + body[at + 1:]
        elif what == 3:
            body = body[:at]
        elif what == 4:
            other = random_.randrange(len(body) + 1)
            body = body[:at] + body[min(at, other):max(at, other)] + body[at:]
        else:
            body = body.replace(random_.choice([b"\r\n", b"--", b'"', b"name"]), random_.choice(MUTATIONS), random_.randrange(1, 3))
    return body


def test_what_is_taken_of_spoilt_forms_others_read_in_the_same_way():
    random_ = random.Random(2)
    taken = refused = 0
    for _ in range(8 * ROUNDS):
        boundary, body, _ = good_form(random_)
        body = mutated(random_, body, boundary)
        result, why, found = ours(body, boundary, random_.choice([1, 7, 1 << 20]))
        if result:
            assert result == SYNTAX and why, (result, body)
            refused += 1
            continue
        taken += 1
        mine = plain(found)
        others = [part for part in mine if part[1] != ""]  # a field in which no file was chosen: they differ
        if len(others) == len(mine):
            agree(mine, by_werkzeug(body, boundary), "werkzeug", body)
            agree([(n.strip(), f and "", c) for n, f, c in mine], [(n, f and "", c) for n, f, c in by_django(body, boundary)],
                  "django", body)
    print("  %d taken, %d refused" % (taken, refused))
    assert taken > ROUNDS / 4 and refused > ROUNDS


run_tests(globals())
