#!/usr/bin/env python3
"""Pictures of the school's lessons: the same answers whoever sends and whichever web server is before the program; no file is
lost or left when something fails on the way, and what a crash leaves is swept."""
import contextlib
import json
import os
import resource
import sqlite3
import subprocess
import threading
import time
import urllib.request

import urllib3

import fcgi
from program import run_tests
from web import FULL, Site

HEAD = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x02\0\0\0\x90wS\xde"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + os.urandom(200000) + bytes.fromhex("ffd9")
MIB = 1024 * 1024
BOUNDARY = "--x"
API = "/api/v1"


def png(size=1000):
    """What its head says is a picture; the rest is different each time."""
    return HEAD + os.urandom(size - len(HEAD))


class School(Site):
    """With the folders of both kinds of files in one, which is all that the web server reads."""

    def __init__(self, server=None, transport="native", **settings):
        super().__init__(server, transport, settings=settings)
        self.pictures = self.folder + "/files/pictures"
        files = self.folder + "/files"
        for folder in files, self.pictures, files + "/videos":
            os.mkdir(folder, 0o755)
        self.conf = ["--files", files]
        sent = {"nginx": "x-accel:/gatewright-files/=" + files, "lighttpd": "x-sendfile"}
        self.environment.update({"SCHOOL_PICTURES": self.pictures, "SCHOOL_VIDEOS": files + "/videos",
                                 "GW_SENDFILE": sent.get(server, "none")})

    def start(self):
        if self.server:
            super().start()
        else:
            self.start_program()
        self.ann, self.bea = self.teacher("ann"), self.teacher("bea")
        self.lesson = self.add("Latin")
        return self

    def ask(self, method, path, token=None, body=None, **meta):
        """Straight to the program: (status, JSON or text)."""
        status, _, text = fcgi.request(self.address, API + path, method, token, body=body, timeout=30, meta=meta)
        return status, json.loads(text) if text.startswith(b"{") else text

    def teacher(self, name):
        body = {"name": name, "email": name + "@example.com", "password": "correct horse"}
        status, said = self.ask("POST", "/auth/teacher", body=json.dumps(body).encode())
        assert status == 201, said
        return said["token"]

    def add(self, title):
        return self.ask("POST", "/lessons", self.ann, json.dumps({"title": title}).encode())[1]["id"]

    def put(self, content, lesson=None, token=None, file="a.png", field="picture"):
        head = '--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n' % (BOUNDARY, field, file)
        body = head.encode() + content + b"\r\n--" + BOUNDARY.encode() + b"--\r\n"
        return self.ask("PUT", "/lessons/%s/picture" % (lesson or self.lesson), token or self.ann, body,
                        CONTENT_TYPE="multipart/form-data; boundary=" + BOUNDARY)

    def named(self, lesson=None):
        return self.ask("GET", "/lessons/%d" % (lesson or self.lesson), self.ann)[1]["picture"]

    def kept(self):
        """{name: contents}"""
        found = {}
        for name in os.listdir(self.pictures):
            with open(os.path.join(self.pictures, name), "rb") as file:
                found[name] = file.read()
        return found

    def locked(self):
        """A block in which nobody can write to the database."""
        database = sqlite3.connect(self.folder + "/school.db", isolation_level=None, timeout=20)
        database.execute("BEGIN IMMEDIATE")
        return contextlib.closing(database)

    # ---- Through the web server, by other programs ----

    def url(self, path):
        return "http://127.0.0.1:%d%s%s" % (self.port, API, path)

    def by_curl(self, path, content, kind, name):
        with open(self.folder + "/sent", "wb") as file:
            file.write(content)
        said = subprocess.run(["curl", "-s", "-w", "\n%{http_code}", "-X", "PUT", self.url(path), "-H", "Authorization: Bearer " + self.ann,
                               "-F", "picture=@%s/sent;type=%s;filename=\"%s\"" % (self.folder, kind, name)],
                              check=True, capture_output=True).stdout.rpartition(b"\n")
        return int(said[2]), said[0]

    def by_urllib3(self, path, content, kind, name):
        answer = urllib3.PoolManager().request("PUT", self.url(path), fields={"picture": (name, content, kind)},
                                               headers={"Authorization": "Bearer " + self.ann}, retries=False)
        return answer.status, answer.data

    def by_urllib(self, path, content, kind, name):
        body, content_type = urllib3.encode_multipart_formdata({"picture": (name, content, kind)})
        request = urllib.request.Request(self.url(path), body, {"Authorization": "Bearer " + self.ann, "Content-Type": content_type},
                                         method="PUT")
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()


@contextlib.contextmanager
def school(*arguments, **settings):
    with School(*arguments, **settings) as one:
        yield one.start()


def told(said):
    """What is the same in each answer: the faults, or what kind of picture the lesson has."""
    status, text = said
    answer = json.loads(text) if isinstance(text, bytes) else text
    return status, answer.get("errors", []) if status >= 400 else answer["picture"].rpartition(".")[2]


def test_whoever_sends_gets_the_same_answers():
    picture = png()
    for server in "nginx", "lighttpd":
        with school(server) as at:
            mine, foreign, none = "/lessons/%d/picture" % at.lesson, "/lessons/%d/picture" % (at.lesson + 1), "/lessons/x/picture"
            at.ask("POST", "/lessons", at.bea, b'{"title":"hers"}')
            no_type = [{"pointer": "/picture", "detail": "must be of the type image/png or image/jpeg"}]
            large = [{"pointer": "/picture", "detail": "must be at most 2097152 bytes"}]
            for path, content, kind, name, wanted in (
                    (mine, picture, "image/png", "../../a.png", (200, "png")), (mine, JPEG, "image/png", "a.png", (200, "jpg")),
                    (mine, b"no picture at all", "image/png", "a.png", (422, no_type)), (mine, png(2 * MIB + 1), "image/png", "a.png", (422, large)),
                    (mine, png(2 * MIB), "text/html", "a.html", (200, "png")), (foreign, picture, "image/png", "a.png", (404, [])),
                    (none, picture, "image/png", "a.png", (404, []))):
                for by in at.by_curl, at.by_urllib3, at.by_urllib:
                    said = by(path, content, kind, name)
                    assert told(said) == wanted, (server, by, name, said)
            for by in at.by_curl, at.by_urllib3:
                assert by(mine, png(3 * MIB), "image/png", "a.png")[0] == 413, (server, by)
            assert len(at.kept()) == 1 and not os.path.exists(at.folder + "/a.png"), at.kept().keys()


def test_the_web_server_sends_what_was_uploaded():
    for server in "nginx", "lighttpd":
        with school(server) as at:
            for content, kind in (png(70000), "image/png"), (JPEG, "image/jpeg"):
                assert at.put(content)[0] == 200
                answer = urllib3.PoolManager().request("GET", at.url("/pictures/" + at.named()), headers={"Authorization": "Bearer " + at.bea})
                assert answer.status == 200 and answer.data == content, answer
                assert answer.headers["Content-Type"] == kind and answer.headers["X-Content-Type-Options"] == "nosniff", answer.headers
            for path, status in ("/pictures/" + at.named(), 401), ("/pictures/..%2fschool.db", 400), ("/pictures/%2e%2e", 400):
                said = subprocess.run(["curl", "-s", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", at.url(path)], check=True,
                                      capture_output=True).stdout
                assert int(said) == status, (server, path, said)
            assert at.ask("GET", "/pictures/1-0.png", at.bea)[0] == 404


def test_a_form_without_its_file_is_422_and_without_parts_415():
    with school() as at:
        assert at.put(b"", file="")[1]["errors"] == [{"pointer": "/picture", "detail": "is required"}]
        assert {e["pointer"] for e in at.put(png(), field="photo")[1]["errors"]} == {"/picture", "/photo"}
        assert at.ask("PUT", "/lessons/%d/picture" % at.lesson, at.ann, png(), CONTENT_TYPE="image/png")[0] == 415
        assert at.put(png(), token=at.bea)[0] == 404 and at.put(png(), 99)[0] == 404 and not at.kept()


def test_a_row_that_cannot_be_written_keeps_the_old_picture_and_no_other():
    for transport in "native", "libfcgi":
        with school(None, transport, GW_STORE_TIMEOUT="300ms") as at:
            old = png()
            assert at.put(old)[0] == 200
            name = at.named()
            with at.locked():
                assert at.put(png())[0] == 503
                assert at.ask("DELETE", "/lessons/%d/picture" % at.lesson, at.ann)[0] == 503
                assert at.ask("DELETE", "/lessons/%d" % at.lesson, at.ann)[0] == 503
                assert at.kept() == {name: old}, at.kept().keys()
            assert at.named() == name and at.ask("GET", "/pictures/" + name, at.ann) == (200, old)


def test_a_full_disk_keeps_the_old_picture_and_leaves_no_part_of_the_new_one():
    with school() as at:
        old = png()
        assert at.put(old)[0] == 200
        resource.prlimit(at.process.pid, resource.RLIMIT_FSIZE, (MIB, MIB))
        assert at.put(png(MIB + 200))[0] == 503
        assert list(at.kept().values()) == [old] and at.named() in at.kept()


def test_a_lesson_takes_its_picture_along():
    with school() as at:
        assert at.put(png())[0] == 200
        assert at.ask("DELETE", "/lessons/%d" % at.lesson, at.ann)[0] == 204
        assert not at.kept()
        lesson = at.add("Greek")
        assert at.ask("DELETE", "/lessons/%d/picture" % lesson, at.ann)[0] == 204, "there was none"


def sweep(at):
    """As if what lies there had been for two hours."""
    for name in os.listdir(at.pictures):
        os.utime(os.path.join(at.pictures, name), (time.time() - 7200, time.time() - 7200), follow_symlinks=False)
    at.run("job", "sweep_pictures")


def test_several_at_once_leave_one_picture_that_is_there():
    with school() as at:
        sent = [png(100000 + i) for i in range(40 if FULL else 12)]

        def one(part):
            for content in part:
                assert at.put(content)[0] == 200
        threads = [threading.Thread(target=one, args=(sent[i::4],)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert at.kept()[at.named()] in sent
        sweep(at)
        assert list(at.kept()) == [at.named()]


def test_the_job_sweeps_what_no_lesson_has_and_nothing_else():
    with school() as at:
        assert at.put(png())[0] == 200
        mine = at.named()

        def place(name):
            with open(os.path.join(at.pictures, name), "wb") as file:
                file.write(b"x")
        place("%d-0123456789abcdef.png" % at.lesson)
        at.run("job", "sweep_pictures")
        assert len(at.kept()) == 2, "an upload may be under way"
        place("99-0123456789abcdef.jpg")
        others = ["notes.txt", "1-0.png", "01-0123456789abcdef.png", "%d-0123456789abcdef.png.bak" % at.lesson]
        for name in others:
            place(name)
        os.symlink(at.folder + "/school.db", at.pictures + "/98-0123456789abcdef.png")
        sweep(at)
        assert sorted(os.listdir(at.pictures)) == sorted([mine, "98-0123456789abcdef.png", *others]), os.listdir(at.pictures)
        assert os.path.exists(at.folder + "/school.db")
        assert at.ask("GET", "/pictures/98-0123456789abcdef.png", at.ann)[0] == 404, "a link is no picture"


run_tests(globals())
