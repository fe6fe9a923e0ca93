#!/usr/bin/python3
"""A database's host by its name, in a network namespace with a name server of the test's own: one that answers,
stays silent, or gives another address. No request waits for a name for longer than for a host: the C library would wait five seconds and more."""
import contextlib
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from program import die_with_parent
from web import Site, free_port, run_tests, school_database, wait_for

NAME_SERVER, NAME = "127.0.0.99", "db.example"


class NameServer:
    """Answers for NAME (RFC 1035) with `address`, NXDOMAIN where that is "", or not at all where it is None."""

    def __init__(self, address):
        self.address, self.asked, self.over = address, 0, False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((NAME_SERVER, 53))
        self.socket.settimeout(0.1)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while not self.over:
            with contextlib.suppress(TimeoutError):
                query, peer = self.socket.recvfrom(512)
                self.asked += 1
                if self.address is not None:
                    self.socket.sendto(self._answer(query), peer)

    def _answer(self, query):
        end = query.index(b"\0", 12) + 5
        kind, = struct.unpack(">H", query[end - 4:end - 2])
        head = struct.pack(">HHHHH", 0x8180 if self.address else 0x8183, 1,
                           int(kind == 1 and bool(self.address)), 0, 0)
        record = b""
        if kind == 1 and self.address:  # A, for a second
            record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton(self.address)
        return query[:2] + head + query[12:end] + record

    def close(self):
        self.over = True
        self.thread.join()
        self.socket.close()


@contextlib.contextmanager
def named(address):
    """A name server, a database on 127.0.0.1, and a site whose database has the name."""
    with Site(settings={"GW_WORKERS": "4"}) as site:
        server = NameServer(address)
        database = school_database(site, free_port())
        try:
            assert database.run("CREATE USER app@'127.%'; GRANT ALL ON school.* TO app@'127.%'", None)
            site.environment["GW_DATABASE_URL"] = "mysql://app@%s:%d/school" % (NAME, database.port)
            yield site, database, server
        finally:
            if database.process.poll() is None:
                database.stop()
            server.close()


numbers = itertools.count()


def log_in(site):
    """(status, seconds), of an address that nobody has asked with before; 401 is an answer of the database's."""
    begun = time.monotonic()
    status, _ = site.request("POST", "/api/v1/auth/user/login", body=json.dumps(
        {"email": f"a{next(numbers)}@b.c", "password": "correct horse"}).encode())
    return status, time.monotonic() - begun


def test_names_are_looked_up_and_not_for_each_connection():
    with named("127.0.0.1") as (site, database, server):
        with site.running():
            for _ in range(5):
                assert log_in(site)[0] == 401
                database.run("SELECT GROUP_CONCAT(CONCAT('KILL ', ID) SEPARATOR ';') FROM "
                             "information_schema.PROCESSLIST WHERE USER = 'app'", None)
            assert server.asked <= 8, server.asked


def test_a_silent_name_server_costs_nobody_who_knows_the_address():
    with named("127.0.0.1") as (site, database, server):
        with site.running():
            assert log_in(site)[0] == 401
            server.address = None
            database.stop()
            database.start()
            wait_for("the database is used again", lambda: log_in(site)[0] == 401, 3)
            for _ in range(20):
                status, took = log_in(site)
                assert status == 401 and took < 3, (status, took)
            time.sleep(0.2)


def test_a_silent_name_server_at_the_start_is_503_in_time():
    with named(None) as (site, database, server):
        site.start_program()
        begun = time.monotonic()
        results = [log_in(site) for _ in range(8)]
        assert all(status == 503 for status, _ in results), results
        assert max(took for _, took in results) < 3, results
        assert "the name %s cannot be looked up" % NAME in open(site.log).read(), open(site.log).read()
        server.address = "127.0.0.1"
        wait_for("the database is used", lambda: log_in(site)[0] == 401, 15)
        print("answered again after %.1f s" % (time.monotonic() - begun))
        assert site.stop(5) == 0


def test_a_name_that_is_none_is_503_at_once():
    with named("") as (site, database, server):
        site.start_program()
        results = [log_in(site) for _ in range(8)]
        assert all(status == 503 and took < 3 for status, took in results), results
        server.address = "127.0.0.1"
        wait_for("the database is used", lambda: log_in(site)[0] == 401, 5)


def test_a_database_that_moved_is_followed():
    with named("127.0.0.1") as (site, database, server):
        with site.running():
            assert log_in(site)[0] == 401
            database.stop()
            server.address = "127.0.0.7"
            database.bind = "127.0.0.7"
            database.start()
            wait_for("the database is used again", lambda: log_in(site)[0] == 401, 5)


def in_namespaces():
    """This test again, where resolv.conf names our server, and loopback is all there is."""
    with tempfile.TemporaryDirectory(prefix="gatewright-names.") as folder:
        open(folder + "/resolv.conf", "w").write("nameserver %s\n" % NAME_SERVER)
        open(folder + "/nsswitch.conf", "w").write("hosts: files dns\npasswd: files\ngroup: files\n")
        script = ("ip link set lo up && mount --bind {0}/resolv.conf /etc/resolv.conf && "
                  "mount --bind {0}/nsswitch.conf /etc/nsswitch.conf && exec \"$0\" \"$@\"").format(folder)
        sys.exit(subprocess.run(["unshare", "--mount", "--net", "sh", "-c", script, sys.executable, *sys.argv],
                                env={**os.environ, "NAMES_INSIDE": "1"}, preexec_fn=die_with_parent).returncode)


if os.environ.get("NAMES_INSIDE"):
    run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
in_namespaces()
