#!/usr/bin/python3
"""Files in forms, in a whole program: what reaches a handler, what is refused, what is left behind.

usage: uploads.py PROGRAM      (TESTS_FULL=1: a file of 1 GiB)"""
import contextlib
import hashlib
import json
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

import fcgi
from program import Program, run_tests, wait_for

PROGRAM = sys.argv[1]
BOUNDARY = b"----WebKitFormBoundary7MA4YWxkTrZu0gW"
MULTIPART = "multipart/form-data; boundary=" + BOUNDARY.decode()
TRANSPORTS = ("native", "libfcgi")
SPOOLED = 64 << 10  # what is kept in memory


def png(size=200):
    """A picture with one pixel, as long as wanted (by a chunk of text that readers skip)."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    tail = chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b"")
    return head + chunk(b"teXt", b"k\0" + b"\r\n--x" * (size // 5 + 1))[:max(0, size - len(head) - len(tail) - 4)] + tail \
        if size > 200 else head + tail


PNG = png()
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + bytes(64) + bytes.fromhex("ffd9")
HTML = b"<!doctype html><html><head><title>x</title></head><body><script>alert(1)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def part(name, content, file=None, kind="image/png", more=b""):
    head = b'Content-Disposition: form-data; name="%s"' % (name if isinstance(name, bytes) else name.encode())
    if file is not None:
        head += b'; filename="%s"' % (file if isinstance(file, bytes) else file.encode())
        head += b"\r\nContent-Type: " + kind.encode() if kind else b""
    return b"--" + BOUNDARY + b"\r\n" + head + b"\r\n" + more + b"\r\n" + content + b"\r\n"


END = b"--" + BOUNDARY + b"--\r\n"
TITLE = part("title", b"one")
GOOD = TITLE + part("picture", PNG, "a.png") + END


class Site(Program):
    def __init__(self, transport="native", **settings):
        self.spool = tempfile.mkdtemp(prefix="gatewright-spool.")
        self.kept = tempfile.mkdtemp(prefix="gatewright-kept.")
        super().__init__(PROGRAM, settings={"GW_TRANSPORT": transport, "GW_SPOOL_DIR": self.spool, **settings})
        self.environment["KEEP"] = self.kept

    def post(self, target, body, kind=MULTIPART, **meta):
        return fcgi.request(self.address, target, "POST", body=body, timeout=60,
                            meta={"CONTENT_TYPE": kind, **meta})

    def status(self, body, target="/photos", **meta):
        return self.post(target, body, **meta)[0]

    def json(self, body, target="/photos", status=200, **meta):
        said = self.post(target, body, **meta)
        assert said[0] == status, said
        return json.loads(said[2])

    def faults(self, body, target="/photos"):
        return {error["pointer"]: error["detail"] for error in self.json(body, target, 422)["errors"]}

    def why(self, body, target="/photos"):
        """The sentence of a 400."""
        said = self.json(body, target, 400)
        return said["errors"][0]["detail"]

    def open_files(self):
        """Those without a name that the program has in its folder of spools."""
        found = 0
        for name in os.listdir("/proc/%d/fd" % self.process.pid):
            with contextlib.suppress(OSError):
                found += os.readlink("/proc/%d/fd/%s" % (self.process.pid, name)).startswith(self.spool)
        return found

    def expect_nothing_left(self):
        wait_for("the files are gone", lambda: not self.open_files())
        assert os.listdir(self.spool) == [], os.listdir(self.spool)

    def remove(self):
        shutil.rmtree(self.spool)
        shutil.rmtree(self.kept)
        super().remove()

    def last_reason(self):
        with open(self.log) as log:
            return log.read().split("\n")[-2].split()[-1]


@contextlib.contextmanager
def site(transport="native", **settings):
    with Site(transport, **settings) as one, one.running():
        yield one


def sha(data):
    return hashlib.sha256(data).hexdigest()


# ---- What reaches a handler ----

def test_texts_and_files_reach_the_handler_as_they_were_sent():
    for transport in TRANSPORTS:
        with site(transport) as on:
            big = png(99 * 1024)
            note = os.urandom(150 * 1024)
            said = on.json(TITLE + part("tags", b"x") + part("picture", big, "a b.png") + part("tags", "ü".encode()) +
                           part("a note", note, "n", "application/x-unheard-of") + END)
            assert said["title"] == "one" and said["tags"] == ["x", "ü"], said
            assert said["picture"] == ["a b.png", "image/png", len(big), sha(big)], said
            assert said["a note"][2:] == [len(note), sha(note)] and said["page"] is None, said
            assert on.json(GOOD)["picture"][3] == sha(PNG)
            on.expect_nothing_left()


def test_forms_without_files_come_in_either_way():
    with site() as on:
        parts = part("a", b"x y") + part("b", b"7") + part("c", b"1") + part("c", b"") + part("d%22[é]".encode(), b"z") + END
        pairs = b"a=x+y&b=7&c=1&c=&d%22%5B%C3%A9%5D=z"
        wanted = {"a": "x y", "b": 7, "c": ["1", ""], "d": "z"}
        assert on.json(parts, "/texts") == wanted
        assert on.json(pairs, "/texts", kind="application/x-www-form-urlencoded") == wanted
        assert on.json(part("a", b"") + END, "/texts") == {"a": "", "b": None, "c": [], "d": None}
        assert on.faults(part("b", b"x") + END, "/texts") == {"/a": "is required", "/b": "must be a whole number"}
        status, head, _ = on.post("/texts", b"{}", "application/json")
        assert status == 415 and "application/x-www-form-urlencoded, multipart/form-data" in head, head
        status, head, _ = on.post("/photos", b"title=x", "application/x-www-form-urlencoded")
        assert status == 415 and re.search("(?m)^Accept-Post: multipart/form-data\r?$", head), head


def test_a_field_in_which_no_file_was_chosen_is_one_that_is_not_there():
    with site() as on:
        nothing = part("a note", b"", "", "application/octet-stream")
        assert on.json(TITLE + part("picture", PNG, "a") + nothing + END)["a note"] is None
        assert on.faults(TITLE + part("picture", b"", "", "application/octet-stream") + END) == {"/picture": "is required"}
        assert on.faults(TITLE + part("picture", b"", "a.png") + END) == {"/picture": "must not be empty"}


def test_faults_name_the_field():
    with site() as on:
        assert on.faults(TITLE + part("picture", png(101 * 1024), "a") + END) == {"/picture": "must be at most 102400 bytes"}
        assert on.faults(TITLE + part("picture", b"a.png") + END) == {"/picture": "must be a file"}
        assert on.faults(part("title", b"x", "a.txt") + part("picture", PNG, "a") + END) == {"/title": "must be a text"}
        assert on.faults(part("tags", b"x", "a.txt") + GOOD) == {"/tags/0": "must be a text"}
        assert on.faults(part("picture", PNG, "b") + GOOD) == {"/picture": "must be there only once"}
        assert on.faults(part("other", b"x", "b") + GOOD) == {"/other": "is not a known member"}
        assert on.faults(part("few", b"xy", "b", "text/plain") + GOOD) == {"/few": "must be 3 to 5 bytes"}
        assert on.json(part("few", b"xyz", "b", "text/plain") + GOOD)["few"][1] == "text/plain"


# ---- Media types ----

def lies(on, content, said, field="picture"):
    rest = TITLE if field == "picture" else GOOD[:-len(END)]
    return on.post("/photos", rest + part(field, content, "a", said) + END)


def test_a_type_is_that_of_the_content_whatever_the_sender_says():
    with site() as on:
        for content, said, status in ((PNG, "image/png", 200), (JPEG, "image/jpeg", 200), (JPEG, "image/png", 200),
                                      (PNG, "text/html", 200), (PNG, None, 200), (HTML, "image/png", 422),
                                      (b"GIF89a" + bytes(40), "image/png", 422), (SVG, "image/png", 422),
                                      (b"plain", "image/png", 422), (os.urandom(400), "image/png", 422),
                                      (b"%PDF-1.4\n", "image/png", 422)):
            answer = lies(on, content, said)
            assert answer[0] == status, (content[:20], said, answer)
            if status == 422:
                assert b"must be of the type image/png or image/jpeg" in answer[2], answer
        assert json.loads(lies(on, JPEG, "image/png")[2])["picture"][1] == "image/jpeg"


def test_what_browsers_run_comes_only_where_it_is_named():
    with site() as on:
        run = "must be of a media type that browsers do not run"
        for content, said in ((HTML, "text/html"), (HTML, "text/plain"), (HTML, "image/png"), (SVG, "image/svg+xml"),
                              (SVG, "application/octet-stream"), (b"x,y\n1,2\n", "text/html"), (b"a();", "text/javascript"),
                              (b'<?xml version="1.0"?><a/>', "application/xml"), (b"plain text", "text/xml")):
            body = GOOD[:-len(END)] + part("a note", content, "a", said) + END
            assert on.faults(body) == {"/a note": run}, (content, said, on.post("/photos", body))
        assert json.loads(lies(on, HTML, "text/plain", "page")[2])["page"][1] == "text/html"
        assert json.loads(lies(on, SVG, "text/plain", "page")[2])["page"][1] == "image/svg+xml"
        assert json.loads(lies(on, b"x,y\n", "text/csv", "page")[2])["page"][1] == "text/csv"
        assert lies(on, b"x,y\n", "text/plain", "page")[0] == 422
        assert lies(on, PNG, "a note", "page")[0] == 400, "no media type"
        assert on.post("/anything", part("file", b"\0\1\2", "a", "x/y") + END)[2] == b"application/octet-stream"


def test_without_libmagic_the_senders_word_counts_and_the_log_says_so():
    with Site() as on:
        on.environment["MAGIC"] = "/nonexistent"  # libmagic's own variable: it has no list of types
        with on.running():
            with open(on.log) as log:
                assert "libmagic is not there" in log.read()
            for content, said, status in ((PNG, "image/png", 200), (b"plain", "image/png", 200), (PNG, "text/html", 422),
                                          (PNG, "image/gif", 422), (PNG, "IMAGE/PNG; x=y", 200), (PNG, None, 422)):
                assert lies(on, content, said)[0] == status, (content, said)
            body = GOOD[:-len(END)] + part("a note", b"x", "a", "text/html") + END
            assert on.faults(body) == {"/a note": "must be of a media type that browsers do not run"}


# ---- Names ----

def test_names_are_for_people_and_lead_nowhere():
    with site() as on:
        for sent, shown in (("../../etc/passwd", "passwd"), ("C:\\Users\\a\\b.png", "b.png"), ("/", ""), ("..", ""), (".", ""),
                            ("a/..", ""), ("\\\\host\\share\\x", "x"), ("ü b.png", "ü b.png"), (" x. ", "x"),
                            ("gpj.\u202eexe", "gpj.exe"), ("\u2066a\u2069\u200f", "a"), ("a\u0085b\u009fc", "abc"), ("\ufeffa\u200b", "a"),
                            ("%22a%22", '"a"'), ("%2e%2e%2fa", "%2e%2e%2fa"), ("é" * 200, "é" * 127), ("CON", "CON"), ("a;b=c", "a;b=c")):
            said = on.json(TITLE + part("picture", PNG, sent) + END)["picture"][0]
            assert said == shown, (sent, said)
        for sent in (b"a\0b", b"a\x01b", b"a\x7fb", b"a\xff", b'a\\"; x="'):
            assert on.status(TITLE + part("picture", PNG, sent) + END) == 400, sent


# ---- Bad forms ----

def test_forms_that_are_not_well_formed_are_400_with_the_reason():
    with site() as on:
        line_feeds = GOOD.replace(b"\r\n", b"\n")
        for body, why in (
                (GOOD[:-len(END)], "does not end with its boundary"), (b"", "does not begin"), (b"x", "does not begin"),
                (GOOD[:-4], "has a boundary that its line does not end with"), (b"preamble\r\n" + GOOD, "does not begin"),
                (b"\r\n\r\n" + GOOD, "does not begin"), (GOOD + b"epilogue", "behind its last boundary"),
                (GOOD + b"\r\n", "behind its last boundary"), (line_feeds, "has a boundary that its line"),
                (b"--" + BOUNDARY + b" \r\n" + GOOD[len(BOUNDARY) + 4:], "has a boundary that its line"),
                (TITLE.replace(b"\r\none", b"\none") + END, "header"),
                (part("title", b"one\n--" + BOUNDARY + b"\r\n") + END, "no CRLF"),
                (part("title", b"one--" + BOUNDARY) + END, "no CRLF"),
                (part("title", b"x\0y") + END, "NUL"), (part("title", b"\xff") + END, "UTF-8"),
                (part("title", b"x", more=b"Content-Transfer-Encoding: base64\r\n") + END, "Content-Transfer-Encoding"),
                (part("title", b"x", more=b"Content-Type: multipart/mixed; boundary=q\r\n") + END, "text/plain"),
                (part("title", b"x", more=b"Content-Type: text/plain; charset=utf-16\r\n") + END, "text/plain"),
                (part("title", b"x", more=b"Content-Type: application/json\r\n") + END, "text/plain"),
                (part("title", b"x", more=b"Content-Disposition: form-data; name=\"tags\"\r\n") + END, "twice"),
                (part("title", b"x", more=b" folded\r\n") + END, "malformed"), (part("title", b"x", more=b"a b: c\r\n") + END, "malformed"),
                (part("title", b"x", more=b"a: b\rc\r\n") + END, "control"), (part("title", b"x", more=b"a\xff: b\r\n") + END, "malformed"),
                (part("title", b"x", more=b"A: " + b"a" * 8192 + b"\r\n") + END, "8192"),
                (part("title", b"x", more=b"A: --" + BOUNDARY + b"\r\n") + END, "boundary in a part's header"),
                (GOOD.replace(b"name=\"title\"", b"name=\"title\"; filename*0=\"x\""), "Content-Disposition"),
                (GOOD.replace(b"name=\"title\"", b"name=\"title\"; size=3"), "Content-Disposition"),
                (GOOD.replace(b"form-data; ", b"form-data ; "), "Content-Disposition"),
                (GOOD.replace(b"form-data; ", b"form-data;\t"), "control"),
                (GOOD.replace(b"; name=\"title\"", b""), "Content-Disposition"),
                (GOOD.replace(b"name=\"title\"", b"name=title"), "Content-Disposition"),
                (GOOD.replace(b"name=\"title\"", b"name=\"title\"; name=\"tags\""), "Content-Disposition"),
                (GOOD.replace(b"name=\"title\"", b"name=\"ti\\tle\""), "Content-Disposition"),
                (GOOD.replace(b"name=\"title\"", b"name=\"\""), "Content-Disposition"),
                (GOOD.replace(b"form-data", b"attachment"), "form-data"),
                (GOOD.replace(b"filename=", b"filename*="), "Content-Disposition"),
                (GOOD.replace(b"Content-Disposition", b"Content-Description", 1), "without Content-Disposition"),
                (part("tags", b"x") * 65 + END, "64 parts"), (part("tags", b"x") * 1000 + END, "64 parts")):
            said = on.why(body)
            assert why in said, (said, why, body[:300])
        assert on.last_reason() == "input.syntax"
        assert on.faults(part("tags", b"x") * 64 + END)["/tags"] == "must hold at most 3 items"
        for good in (GOOD, b"\r\n" + GOOD, GOOD[:-2], GOOD.replace(b"filename=", b"filename*=utf-8''b; filename="),
                     GOOD.replace(b"one", b"o" * 40), GOOD.replace(b"Content-Disposition: ", b"CONTENT-disposition:"),
                     part("title", b"x", more=b"Content-Type: text/plain;charset=UTF-8\r\n") + GOOD[len(TITLE):],
                     GOOD.replace(b"image/png\r\n", b"image/png\r\nContent-Length: 3\r\nContent-Transfer-Encoding: binary\r\n")):
            assert on.status(good) == 200, on.post("/photos", good)


def test_a_boundary_that_is_not_possible_is_415():
    with site() as on:
        for boundary in ("", '""', "x" * 71, '"x "', "a b", "é", "x; boundary=y", '"x', "x y", "x<y"):
            assert on.status(GOOD, kind="multipart/form-data; boundary=" + boundary) == 415, boundary
        for kind in ("multipart/form-data", "multipart/mixed; boundary=x", "multipart/form-data; x=y", "multipart/form-data; boundary"):
            assert on.status(GOOD, kind=kind) == 415, kind
        for boundary in ("x", "x" * 70, '"a b(c)"', "x; charset=utf-8"):
            plain = boundary.split(";")[0].strip('"').encode()
            body = GOOD.replace(BOUNDARY, plain)
            assert on.status(body, kind="Multipart/Form-Data; BOUNDARY=" + boundary) == 200, boundary


def test_texts_are_bounded_together():
    with site(GW_BODY_LIMIT="10K") as on:
        assert on.status(part("title", b"x" * 9000) + END) == 422
        assert on.status(part("title", b"x" * 6000) + part("tags", b"y" * 6000) + END) == 413
        assert on.status(TITLE + part("picture", png(90000), "a") + END) == 200, "files are not counted"


# ---- Kept ----

def drop(content, file="a"):
    return part("file", content, file, "application/octet-stream") + END


def test_a_kept_file_is_whole_and_takes_no_others_place():
    for transport in TRANSPORTS:
        with site(transport) as on:
            content = os.urandom(300 * 1024)
            assert on.post("/keep/one", drop(content, "../x"))[::2] == (201, b"x")
            with open(on.kept + "/one", "rb") as file:
                assert file.read() == content
            mask = os.umask(0o022)
            os.umask(mask)
            assert os.stat(on.kept + "/one").st_mode & 0o777 == 0o666 & ~mask
            assert on.status(drop(b"other"), "/keep/one") == 409
            assert on.status(drop(b"small"), "/keep/two") == 201
            os.symlink("/nonexistent", on.kept + "/link")
            assert on.status(drop(b"x"), "/keep/link") == 409
            assert sorted(os.listdir(on.kept)) == ["link", "one", "two"]
            with open(on.kept + "/one", "rb") as file:
                assert file.read() == content
            on.expect_nothing_left()


def test_a_full_disk_is_503_and_leaves_nothing():
    with site() as on:
        limit = 200 << 10
        resource.prlimit(on.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
        assert on.status(drop(os.urandom(limit + SPOOLED + 10000)), "/drop") == 503
        assert on.last_reason() == "body.spool"
        assert on.status(drop(os.urandom(limit + 10000)), "/drop") == 200, "64 KiB are in memory"
        assert on.status(drop(os.urandom(limit + 10000)), "/keep/one") == 503
        assert on.status(drop(os.urandom(limit - 10000)), "/keep/two") == 201
        assert os.listdir(on.kept) == ["two"]
        on.expect_nothing_left()
    with site() as on:
        shutil.rmtree(on.spool)
        assert on.status(drop(os.urandom(100000)), "/drop") == 503
        os.mkdir(on.spool)
        assert on.status(drop(os.urandom(100000)), "/drop") == 200


def test_a_folder_that_is_not_there_stops_the_start():
    with Site(GW_SPOOL_DIR="/nonexistent/x") as on:
        said = on.run("--check", code=78)
        assert "GW_SPOOL_DIR" in said and "/nonexistent/x" in said, said


# ---- Cut off, and many at once ----

def begin(on, target, length, body, **meta):
    """A request whose body has only begun."""
    peer = fcgi.connect(on.address, 60)
    text = fcgi.text_of(target, "POST", body=b"", meta={"CONTENT_TYPE": MULTIPART, "CONTENT_LENGTH": str(length), **meta})
    peer.sendall(text[:-8])  # without the end of its body
    for at in range(0, len(body), 32768):
        peer.sendall(fcgi.record(5, body[at:at + 32768]))
    return peer


def finish(peer, body):
    for at in range(0, len(body), 32768):
        peer.sendall(fcgi.record(5, body[at:at + 32768]))
    peer.sendall(fcgi.record(5, b""))
    with peer:
        return fcgi.read_answer(peer.makefile("rb"))


def test_an_upload_that_is_cut_off_leaves_nothing():
    for transport in TRANSPORTS:
        with site(transport) as on:
            whole = drop(os.urandom(400 * 1024))
            for n in (0, 10, 1000, 200 * 1024, len(whole) - 1):
                peer = begin(on, "/keep/one", len(whole), whole[:n])
                if n > SPOOLED:
                    wait_for("it is being kept", on.open_files)
                peer.close()
            peer = begin(on, "/keep/one", len(whole), whole[:-3])
            with contextlib.suppress(ConnectionError):
                assert finish(peer, b"")[0] == 400, "less than was said"
            on.expect_nothing_left()
            assert os.listdir(on.kept) == []
            assert on.status(whole, "/keep/one") == 201


def test_bytes_under_way_are_bounded_for_each_address_and_for_all():
    with site(GW_UPLOADS="500K", GW_UPLOADS_ADDRESS="300K") as on:
        whole = drop(os.urandom(200 * 1024))
        ask = lambda who: on.status(whole, "/drop", REMOTE_ADDR=who)
        first = begin(on, "/drop", len(whole), whole[:1000], REMOTE_ADDR="10.0.0.1")
        wait_for("it counts", lambda: ask("10.0.0.1") == 429)
        assert on.last_reason() == "body.uploads"
        assert ask("10.0.0.2") == 200
        second = begin(on, "/drop", len(whole), whole[:1000], REMOTE_ADDR="10.0.0.2")
        wait_for("both count", lambda: ask("10.0.0.3") == 503)
        assert on.status(GOOD.replace(b"a.png", b"b"), REMOTE_ADDR="10.0.0.1") == 200, "a small one fits"
        assert on.status(part("a", b"x") + END, "/texts", REMOTE_ADDR="10.0.0.3") == 200, "forms without files do not count"
        assert finish(first, whole[1000:])[0] == 200
        second.close()
        wait_for("both are over", lambda: ask("10.0.0.3") == 200)
        assert on.status(drop(os.urandom(600 * 1024)), "/drop") == 200, "one alone may be larger"
        third = begin(on, "/drop", len(whole), whole[:1000], REMOTE_ADDR="2001:db8::1")
        wait_for("a /64 counts as one", lambda: ask("2001:db8::2") == 429)
        assert ask("2001:db8:0:1::1") == 200
        third.close()


def test_many_at_once_are_not_mixed_up():
    for transport in TRANSPORTS:
        with site(transport) as on:
            failed = []

            def one(number):
                content = bytes([number]) * (70000 + number)
                for _ in range(3):
                    answer = on.post("/drop", drop(content))
                    if answer[::2] != (200, sha(content).encode()):
                        failed.append(answer)
            threads = [threading.Thread(target=one, args=(n,)) for n in range(5)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert not failed, failed[0]
            on.expect_nothing_left()


def test_memory_does_not_grow_with_a_file():
    size = (1 << 30) if os.environ.get("TESTS_FULL") == "1" else (64 << 20)
    for transport in TRANSPORTS:
        with site(transport) as on:
            def most():
                with open("/proc/%d/status" % on.process.pid) as status:
                    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1])
            assert on.status(drop(os.urandom(1 << 20)), "/drop") == 200
            before = most()
            head, tail = drop(b"").split(b"\r\n\r\n", 1)
            head += b"\r\n\r\n"
            piece, digest = os.urandom(1 << 20), hashlib.sha256()
            peer = begin(on, "/drop", len(head) + size + len(tail), head)
            for _ in range(size >> 20):
                digest.update(piece)
                for at in range(0, len(piece), 32768):
                    peer.sendall(fcgi.record(5, piece[at:at + 32768]))
            status, _, said = finish(peer, tail)
            assert (status, said.decode()) == (200, digest.hexdigest()), (status, said)
            print("  %s: %d kB, then %d kB for %d MiB" % (transport, before, most(), size >> 20))
            assert most() < before + 4096, "it takes memory"
            on.expect_nothing_left()


# ---- CGI ----

def test_the_same_by_cgi():
    with Site() as on:
        content = os.urandom(200 * 1024)
        body = TITLE + part("picture", PNG, "../a.png") + part("a note", content, "n", "x/y") + END

        def cgi(target, body, length=None):
            done = subprocess.run([PROGRAM], input=body, capture_output=True, timeout=60, env={
                **on.environment, "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": target,
                "REMOTE_ADDR": "127.0.0.1", "CONTENT_TYPE": MULTIPART, "CONTENT_LENGTH": str(length or len(body))})
            head, _, text = done.stdout.partition(b"\r\n\r\n")
            return int(re.search(rb"Status: (\d+)", head)[1]), text
        status, text = cgi("/photos", body)
        assert status == 200 and json.loads(text)["a note"][3] == sha(content), (status, text)
        assert cgi("/photos", body[:-9])[0] == 400
        assert cgi("/photos", body[:-9], len(body))[0] == 400
        assert cgi("/keep/one", drop(content))[0] == 201 and cgi("/keep/one", drop(content))[0] == 409
        assert os.listdir(on.spool) == [] and os.listdir(on.kept) == ["one"]


run_tests(globals())
