#!/usr/bin/python3
"""Clients that read or send slowly, on each server: they are served whole, and hold up nobody.

The program is the probe. With TESTS_FULL=1 a download takes six minutes."""
import json
import random
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from web import FULL, Site, run_tests

SERVERS = ["nginx", "lighttpd", "apache", "caddy"]
MIB = 1 << 20
UPLOAD = random.Random(7).randbytes(4_000_000)
SIGN_IN = json.dumps({"name": "nobody's passphrase"}).encode()


class Probe(Site):
    """With a file of its own to send, which no server sends in its place."""

    def __init__(self, server, transport="native", size=0, **settings):
        super().__init__(server, transport, settings={"GW_SENDFILE": "none", **settings})
        self.environment["PROBE_FILES"] = self.folder
        self.content = random.Random(size).randbytes(size)
        with open(self.folder + "/large", "wb") as file:
            file.write(self.content)


def connected(site):
    """A client with small buffers: what it does not read is not read by its kernel either."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    peer.settimeout(120)
    peer.connect(("127.0.0.1", site.port))
    return peer


def head(method, target, length=None):
    lines = ["%s %s HTTP/1.1" % (method, target), "Host: 127.0.0.1", "Connection: close"]
    if length is not None:
        lines.append("Content-Length: %d" % length)
    return "\r\n".join(lines + ["", ""]).encode()


# ---- What is slow arrives ---------------------------------------------------------------------

def head_of(stream):
    """(status, headers)"""
    status = int(stream.readline().split()[1])
    headers = {}
    while (line := stream.readline().strip()):
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers


def read_whole(stream, pause):
    """(status, body) of an answer with a length, in chunks, or to the end of the connection."""
    status, headers = head_of(stream)
    if "content-length" in headers:
        return status, read_exactly(stream, int(headers["content-length"]), pause)
    body = b""
    if headers.get("transfer-encoding") == "chunked":
        while (n := int(stream.readline().split(b";")[0], 16)):
            body += read_exactly(stream, n, pause)
            stream.readline()
        return status, body
    return status, stream.read()


def read_exactly(stream, n, pause):
    body = b""
    while n:
        piece = stream.read(min(n, 65536))
        assert piece, "the answer is cut off, %d bytes are missing" % n
        body, n = body + piece, n - len(piece)
        pause(len(piece))
    return body


def pauser(every, seconds):
    """Sleeps after each `every` bytes."""
    seen = [0]

    def pause(n):
        before, seen[0] = seen[0], seen[0] + n
        if before // every != seen[0] // every:
            time.sleep(seconds)
    return pause


def download(site, every, seconds):
    with connected(site) as peer:
        peer.sendall(head("GET", "/file/large"))
        try:
            status, body = read_whole(peer.makefile("rb"), pauser(every, seconds))
        except AssertionError as why:
            raise AssertionError("%s: %s" % (site.server, why)) from None
    assert status == 200 and body == site.content, (site.server, status, len(body))


def upload(site):
    """100 kB/s."""
    with connected(site) as peer:
        peer.sendall(head("POST", "/p/upload", len(UPLOAD)))
        begun = time.monotonic()
        for at in range(0, len(UPLOAD), 10_000):
            peer.sendall(UPLOAD[at:at + 10_000])
            time.sleep(max(0, begun + (at + 10_000) / 100_000 - time.monotonic()))
        status, body = read_whole(peer.makefile("rb"), lambda n: None)
    assert status == 200 and body == UPLOAD, (site.server, status, body[:200])


def slowly_on_all(transport):
    """Longer than any time that a server or the program has for something that stands still."""
    size, every, seconds = (24 * MIB, MIB, 15) if FULL else (16 * MIB, 4 * MIB, 12)
    sites = []
    try:
        for server in SERVERS:
            sites.append(Probe(server, transport, size).start())
        with ThreadPoolExecutor(2 * len(sites)) as pool:
            running = [pool.submit(download, site, every, seconds) for site in sites]
            running += [pool.submit(upload, site) for site in sites]
            for one in running:
                one.result()
    finally:
        for site in sites:
            site.__exit__(None)


def test_slow_downloads_and_uploads_arrive_whole():
    slowly_on_all("native")


def test_slow_downloads_and_uploads_arrive_whole_through_libfcgi():
    slowly_on_all("libfcgi")


# ---- And holds up nobody ----------------------------------------------------------------------

def sign_in_times(site, n):
    """Seconds, each on a connection of its own."""
    took = []
    for _ in range(n):
        begun, client = time.monotonic(), site.client()
        answer = client.request("POST", "/p/sign_in", [("Content-Type", "application/json")], SIGN_IN)
        took.append(time.monotonic() - begun)
        client.close()
        assert answer.status == 401, (answer.status, answer.body)
    return took


def open_many(site, n, text):
    peers = []
    for _ in range(n):
        peers.append(connected(site))
        peers[-1].sendall(text)
    return peers


def dribble(peers, over):
    while not over.wait(1):
        for peer in peers:
            try:
                peer.send(b"x")
            except OSError:
                pass  # the server has had enough of it


def ticks(site):
    """CPU time of the program and the server."""
    total = 0
    for process in site.processes:
        fields = open("/proc/%d/stat" % process.pid).read().rsplit(")", 1)[1].split()
        total += sum(map(int, fields[11:15]))
    return total


def settle(site):
    """Making so many large answers is work: until it is done."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        before = ticks(site)
        time.sleep(1)
        if ticks(site) - before < 10:
            return
    raise AssertionError("%s: still busy after 60 s" % site.server)


def beside(site, n, text, sends):
    """The median of log-ins beside `n` clients that do not read, or send a byte a second."""
    peers, over = open_many(site, n, text), threading.Event()
    dribbler = threading.Thread(target=dribble, args=(peers if sends else [], over))
    dribbler.start()
    try:
        time.sleep(1)
        settle(site)
        return statistics.median(sign_in_times(site, 30))
    finally:
        over.set()
        dribbler.join()
        for peer in peers:
            peer.close()


def holds_up_nobody(server):
    with Probe(server) as site:
        site.start()
        sign_in_times(site, 5)
        for n, text, sends, what in (
                (12, head("GET", "/big"), False, "never read"),
                (200, head("GET", "/big"), False, "never read"),
                (200, head("POST", "/p/upload", 100_000), True, "send a byte a second")):
            alone = statistics.median(sign_in_times(site, 30))
            took = beside(site, n, text, sends)
            print("  %s: %d that %s: log-ins take %.1f ms, alone %.1f ms: %.2f" %
                  (server, n, what, 1000 * took, 1000 * alone, took / alone), flush=True)
            assert took < 3 * alone, (server, n, what, took, alone)


def test_nginx_slow_clients_hold_up_nobody():
    holds_up_nobody("nginx")


def test_lighttpd_slow_clients_hold_up_nobody():
    holds_up_nobody("lighttpd")


def test_apache_slow_clients_hold_up_nobody():
    holds_up_nobody("apache")


def test_caddy_slow_clients_hold_up_nobody():
    holds_up_nobody("caddy")


run_tests(dict(globals()))
