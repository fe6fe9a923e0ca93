#!/usr/bin/python3
"""Files behind nginx, as `gatewright conf nginx` configures it: they go on to the program as they come, and arrive as fast as the
same nginx writes them to disk by itself.

usage: behind.py PROGRAM GATEWRIGHT ROUTES      (TESTS_FULL=1: how fast, with 64 MiB and 1 GiB)"""
import hashlib
import os
import re
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import fcgi
from program import Program, accepts, free_port, run_tests, wait_for

PROGRAM, GATEWRIGHT, ROUTES = sys.argv[1:4]
FULL = os.environ.get("TESTS_FULL") == "1"
LEAST = 0.7  # of the rate of nginx alone
BOUNDARY = "------------------------d74496d66958873e"  # as curl's
HEAD = ('--%s\r\nContent-Disposition: form-data; name="%s"; filename="a"\r\nContent-Type: application/octet-stream\r\n\r\n')
TAIL = ("\r\n--%s--\r\n" % BOUNDARY).encode()


class Site(Program):
    def __init__(self, transport="native", **settings):
        super().__init__(PROGRAM, settings={"GW_TRANSPORT": transport, "GW_UPLOADS": "3G", "GW_UPLOADS_ADDRESS": "3G", **settings})
        self.environment.update({"GW_SPOOL_DIR": self.folder, "KEEP": self.folder})
        self.transport, self.port, self.alone = transport, free_port(), free_port()

    def start(self):
        self.start_program()
        conf = subprocess.run([GATEWRIGHT, "conf", "nginx", ROUTES, "--state", self.folder, "--socket", self.socket, "--port",
                               str(self.port), "--user", "root", "--transport", self.transport], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        os.mkdir(self.folder + "/put")
        at = conf.rindex("}")  # a server of its own, which has no program
        conf = conf[:at] + ("    server {\n        listen 127.0.0.1:%d;\n        root %s/put;\n"
                            "        dav_methods PUT;\n    }\n}\n" % (self.alone, self.folder))
        with open(self.folder + "/nginx.conf", "w", encoding="utf-8") as file:
            file.write(conf)
        self.launch(["nginx", "-p", self.folder, "-c", self.folder + "/nginx.conf", "-e", self.folder + "/nginx.log", "-g",
                     "daemon off;"])
        wait_for("nginx", lambda: accepts("tcp:127.0.0.1:%d" % self.alone))
        return self

    def begin(self, path, size, field="file"):
        """A connection on which a form with a file of so many bytes has begun."""
        peer = socket.create_connection(("127.0.0.1", self.port), 60)
        head = (HEAD % (BOUNDARY, field)).encode()
        peer.sendall(("POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=%s\r\n"
                      "Content-Length: %d\r\n\r\n" % (path, BOUNDARY, len(head) + size + len(TAIL))).encode() + head)
        return peer

    def kept_by_nginx(self):
        """Files, with a name or without, in its folder of bodies."""
        folder = self.folder + "/nginx-body"
        names = os.listdir(folder)
        for pid in [p for p in os.listdir("/proc") if p.isdigit()]:
            try:
                names += [os.readlink("/proc/%s/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%s/fd" % pid)]
            except OSError:
                continue
        return [name for name in names if name.startswith(folder)]

    def kept_by_program(self):
        """How large its file without a name is; 0: there is none."""
        for fd in os.listdir("/proc/%d/fd" % self.process.pid):
            path = "/proc/%d/fd/%s" % (self.process.pid, fd)
            if re.match(re.escape(self.folder) + r"/#\d+ \(deleted\)$", os.readlink(path)):
                return os.stat(path).st_size
        return 0


def answer_of(peer):
    """(status, body)"""
    with peer:
        head, _, body = peer.makefile("rb").read().partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def test_a_file_reaches_the_program_while_it_comes():
    content = os.urandom(1 << 20) * 8
    with Site() as site:
        site.start()
        peer = site.begin("/drop", len(content))
        peer.sendall(content[:6 << 20])
        wait_for("the program has most of it", lambda: site.kept_by_program() > 5 << 20)
        assert not site.kept_by_nginx(), site.kept_by_nginx()
        peer.sendall(content[6 << 20:] + TAIL)
        assert answer_of(peer) == (200, hashlib.sha256(content).hexdigest().encode())


def test_the_program_refuses_before_a_file_is_there():
    with Site() as site:
        site.start()
        size, sent = 256 << 20, 0
        peer = site.begin("/photos", size, "picture")  # which takes 1 MiB
        while sent < size and not select.select([peer], [], [], 0)[0]:
            sent += peer.send(bytes(min(1 << 16, size - sent)))
        assert sent < 64 << 20, sent
        head = peer.recv(65536).decode()
        assert head.startswith("HTTP/1.1 413 ") and "application/problem+json" in head, head
        peer.close()
        assert not site.kept_by_nginx()
        assert site.request("GET", "/docs")[0] == 200


def test_curl_is_told_that_a_file_is_too_large():
    with Site() as site:
        site.start()
        with open(site.folder + "/large", "wb") as file:
            file.truncate(256 << 20)
        said = subprocess.run(["curl", "-sS", "-w", "\n%{http_code} %{size_upload}", "-F", "title=x", "-F", "picture=@%s/large" % site.folder,
                               "http://127.0.0.1:%d/photos" % site.port], capture_output=True, text=True, check=False).stdout
        status, sent = said.split("\n")[-1].split()
        assert status == "413" and int(sent) < 64 << 20 and '"status":413' in said, said


def test_a_file_of_unknown_length_arrives():
    content = os.urandom(300000)
    with Site() as site:
        site.start()
        with open(site.folder + "/a", "wb") as file:
            file.write(content)
        said = subprocess.run(["curl", "-sS", "-H", "Transfer-Encoding: chunked", "-F", "file=@%s/a" % site.folder,
                               "http://127.0.0.1:%d/drop" % site.port], capture_output=True, text=True, check=True).stdout
        assert said == hashlib.sha256(content).hexdigest(), said


def test_who_goes_away_leaves_nothing():
    with Site() as site:
        site.start()
        with site.begin("/drop", 8 << 20) as peer:
            peer.sendall(bytes(4 << 20))
            wait_for("it is on its way", site.kept_by_program)
        wait_for("it is gone", lambda: not site.kept_by_program())
        assert fcgi.request(site.address, "/docs")[0] == 200


def test_a_program_of_libfcgi_gets_them_whole():
    """There each would hold a worker."""
    with Site("libfcgi") as site:
        site.start()
        with site.begin("/drop", 8 << 20) as peer:
            peer.sendall(bytes(4 << 20))
            wait_for("nginx keeps it", site.kept_by_nginx)
            assert not site.kept_by_program()


# ---- How fast ----

def seconds(peer, file, size, after):
    """Until the answer is there."""
    begun = time.monotonic()
    peer.settimeout(None)  # sendfile shall wait
    sent = 0
    while sent < size:
        sent += os.sendfile(peer.fileno(), file, sent, size - sent)
    peer.sendall(after)
    status, body = answer_of(peer)
    assert status in (200, 201, 204), (status, body)
    return time.monotonic() - begun


def by_program(site, file, size):
    return seconds(site.begin("/size", size), file, size, TAIL)


def by_nginx(site, file, size):
    peer = socket.create_connection(("127.0.0.1", site.alone), 60)
    peer.sendall(b"PUT /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size)
    took = seconds(peer, file, size, b"")
    os.unlink(site.folder + "/put/a")
    return took


def ratio(site, file, size, rounds):
    """Rounds of both in turns; the median of their ratios."""
    ratios = []
    for i in range(rounds + 1):
        took = {}
        for one in (by_nginx, by_program) if i % 2 else (by_program, by_nginx):
            took[one] = (size >> 20) / one(site, file, size)
        if i:  # the first one warms up
            ratios.append(took[by_program] / took[by_nginx])
            print("  %s, %d MiB: nginx alone %.0f MiB/s, behind it %.0f MiB/s: %.2f" % (
                site.transport, size >> 20, took[by_nginx], took[by_program], ratios[-1]), flush=True)
    return statistics.median(ratios)


def test_they_arrive_as_fast_as_nginx_writes_them_to_disk_by_itself():
    if not FULL:
        return
    with tempfile.TemporaryFile() as file:
        piece = os.urandom(1 << 20)
        for _ in range(1024):
            file.write(piece)
        file.flush()
        for size, rounds in (64 << 20, 15), (1 << 30, 9):
            with Site() as site:
                found = ratio(site.start(), file.fileno(), size, rounds)
            print("  %d MiB: %.2f of nginx alone" % (size >> 20, found), flush=True)
            assert found >= LEAST, found


run_tests(globals())
