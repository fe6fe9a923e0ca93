#!/usr/bin/python3
"""Three programs over TCP behind nginx and behind HAProxy, as `gatewright conf` writes them: restarted one after the
other under load, one dark, one that hangs; and the probes. TESTS_FULL=1: 100,000 requests for each server."""
import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import fcgi
from client import Client
from program import Program, accepts, free_port, run_tests, token, wait_for
from web import FULL, GATEWRIGHT, PROGRAM, ROUTES, VIDEOS

GETS = 100000 if FULL else 10000
CLIENTS = 8
CONNECT, READ = 2, 40  # seconds, as the configurations have them


class Hosts:
    """Three programs with one store, and a balancer in front."""

    def __init__(self, balancer, **settings):
        self.balancer, self.port = balancer, free_port()
        self.programs = [Program(PROGRAM, tcp=True) for _ in range(3)]
        self.folder = self.programs[0].folder
        for program in self.programs:
            program.environment.update({"SCHOOL_VIDEOS": VIDEOS, "GW_LOG": "text:" + program.log, "GW_WORKERS": "4",
                                        "GW_DATABASE_URL": "sqlite:%s/school.db" % self.folder, **settings})

    def __enter__(self):
        try:
            for program in self.programs:
                program.start_program()
            self.start_balancer()
        except BaseException:
            self.end()
            raise
        return self

    def start_balancer(self):
        conf = self.folder + "/balancer.conf"
        sockets = [word for program in self.programs for word in ("--socket", program.address)]
        with open(conf, "wb") as out:
            subprocess.run([GATEWRIGHT, "conf", self.balancer, ROUTES, *sockets, "--port", str(self.port),
                            "--state", self.folder, "--user", "root"], stdout=out, check=True)
        argv = {"nginx": ["nginx", "-p", self.folder, "-c", conf, "-e", self.folder + "/nginx.log", "-g", "daemon off;"],
                "haproxy": ["haproxy", "-db", "-f", conf]}[self.balancer]
        self.programs[0].launch(argv)
        wait_for("the balancer starts", lambda: accepts("tcp:127.0.0.1:%d" % self.port))

    def client(self, timeout=60):
        return Client(self.port, timeout)

    def served(self):
        """How many requests each program has answered with 200."""
        return [open(program.log).read().count(" 200 ") if os.path.exists(program.log) else 0
                for program in self.programs]

    def end(self):
        for program in reversed(self.programs):
            program.end()
        for program in reversed(self.programs):
            program.remove()

    def __exit__(self, *_):
        self.end()


def ping(address, *arguments):
    return subprocess.run([PROGRAM, "ping", address, *arguments], env={}, capture_output=True, text=True, timeout=20)


def register(hosts, kind="user"):
    answer = hosts.client().request("POST", "/api/v1/auth/" + kind, [("Content-Type", "application/json")], json.dumps(
        {"name": "Ann", "email": "%d@example.com" % time.monotonic_ns(), "password": "correct horse"}).encode())
    assert answer.status == 201, (answer.status, answer.body)
    return json.loads(answer.body)["token"]


class Load:
    """Clients that ask for their own account until they are told to stop."""

    def __init__(self, hosts, bearer):
        self.hosts, self.bearer, self.over = hosts, bearer, False
        self.n, self.lost, self.slowest = [0] * CLIENTS, [], [0] * CLIENTS
        self.threads = [threading.Thread(target=self._ask, args=(i,)) for i in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _ask(self, i):
        client = self.hosts.client()
        while not self.over:
            begun = time.monotonic()
            try:
                answer = client.request("GET", "/api/v1/me", token=self.bearer)
                if answer.status != 200 or b'"name":"Ann"' not in answer.body:
                    self.lost.append((answer.status, answer.body[:200]))
            except OSError as why:
                self.lost.append(repr(why))
                client.close()
            self.slowest[i] = max(self.slowest[i], time.monotonic() - begun)
            self.n[i] += 1
        client.close()

    def total(self):
        return sum(self.n)

    def stop(self):
        self.over = True
        for thread in self.threads:
            thread.join()


# ---- Restarts ----

def restart(program):
    """As the manual says: until it is ready, and a moment more."""
    assert program.stop(20) == 0
    program.start_program()
    wait_for("it is ready", lambda: ping(program.address, "--ready").returncode == 0)
    time.sleep(1.2)


def loses_no_get(balancer):
    with Hosts(balancer) as hosts:
        load = Load(hosts, register(hosts))
        begun, restarts = time.monotonic(), 0
        while load.total() < GETS or restarts < 6:
            restart(hosts.programs[restarts % 3])
            restarts += 1
        load.stop()
        print("%s: %d requests, %d restarts, %d lost, slowest %.2f s, %.0f s" % (
            balancer, load.total(), restarts, len(load.lost), max(load.slowest), time.monotonic() - begun))
        assert not load.lost, load.lost[:5]
        assert min(hosts.served()) > GETS / 20, hosts.served()


def test_nginx_loses_no_get_while_all_are_restarted_in_turn():
    loses_no_get("nginx")


def test_haproxy_loses_no_get_while_all_are_restarted_in_turn():
    loses_no_get("haproxy")


class Posts(Load):
    """Clients that make a lesson each time, and know which were confirmed; `lost`: other answers than 201."""

    def _ask(self, i):
        client, n = self.hosts.client(), 0
        while not self.over:
            n += 1
            title = "%d of %d" % (n, i)
            try:
                status = client.request("POST", "/api/v1/lessons", [("Content-Type", "application/json")],
                                        json.dumps({"title": title}).encode(), self.bearer).status
            except OSError as why:
                status = repr(why)
                client.close()
            (self.made if status == 201 else self.refused).append(title)
            if status != 201:
                self.lost.append(status)
            self.n[i] += 1
        client.close()

    def __init__(self, hosts, bearer):
        self.made, self.refused = [], []
        super().__init__(hosts, bearer)


def posts_are_made_once_or_refused(balancer):
    """A POST that meets a restart may be 502 or 503, and then nothing was made; every other one is made once."""
    with Hosts(balancer) as hosts:
        load = Posts(hosts, register(hosts, "teacher"))
        for program in hosts.programs * (3 if FULL else 1):
            restart(program)
        load.stop()
        with contextlib.closing(sqlite3.connect(hosts.folder + "/school.db")) as db:
            titles = sorted(row[0] for row in db.execute("SELECT title FROM lessons"))
        print("%s: %d POSTs, %d of them refused: %s" % (balancer, load.total(), len(load.lost), sorted(set(load.lost))))
        assert set(load.lost) <= {502, 503}, load.lost[:5]
        assert len(load.lost) < load.total() / 100 + 5, len(load.lost)
        assert titles == sorted(load.made), (len(titles), len(load.made), set(titles) & set(load.refused))


def test_nginx_posts_that_meet_a_restart_are_refused_or_made_once():
    posts_are_made_once_or_refused("nginx")


if FULL:
    def test_haproxy_posts_that_meet_a_restart_are_refused_or_made_once():
        posts_are_made_once_or_refused("haproxy")


# ---- A dark host ----

@contextlib.contextmanager
def dark(address):
    """Whoever connects there hears nothing: the queue of the listening socket is full."""
    where = ("127.0.0.1", int(address.rsplit(":", 1)[1]))
    with socket.socket() as listening, contextlib.ExitStack() as held:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(0)
        for _ in range(8):
            peer = held.enter_context(socket.socket())
            peer.setblocking(False)
            peer.connect_ex(where)
        time.sleep(0.1)
        with socket.socket() as probe:
            probe.settimeout(0.5)
            try:
                probe.connect(where)
                raise AssertionError("it is not dark")
            except TimeoutError:
                pass
        yield


def bears_a_dark_host(balancer):
    with Hosts(balancer) as hosts:
        bearer = register(hosts)
        assert hosts.programs[1].stop(10) == 0
        with dark(hosts.programs[1].address):
            load = Load(hosts, bearer)
            time.sleep(3)
            posts = [hosts.client().request("POST", "/api/v1/logout", token=register(hosts)).status for _ in range(10)]
            load.stop()
        print("%s: %d requests, %d lost, slowest %.2f s" % (balancer, load.total(), len(load.lost), max(load.slowest)))
        assert not load.lost, load.lost[:5]
        assert posts == [204] * 10, posts
        assert max(load.slowest) < CONNECT + 2.5, load.slowest


def test_nginx_asks_others_where_one_is_dark():
    bears_a_dark_host("nginx")


def test_haproxy_asks_others_where_one_is_dark():
    bears_a_dark_host("haproxy")


def bounds_what_a_host_holds_that_goes_dark(balancer):
    """SIGSTOP, with connections open to it: it neither answers nor closes."""
    with Hosts(balancer) as hosts:
        load = Load(hosts, register(hosts))
        time.sleep(1)
        hosts.programs[1].process.send_signal(19)
        try:
            time.sleep(READ + 5)
        finally:
            load.stop()
            hosts.programs[1].process.send_signal(18)
        print("%s: %d requests, %d lost, slowest %.2f s" % (balancer, load.total(), len(load.lost), max(load.slowest)))
        assert {status for status, _ in load.lost} <= {502, 503, 504}, load.lost[:5]
        assert max(load.slowest) < READ + CONNECT + 3, load.slowest


if FULL:  # each takes the read timeout
    def test_nginx_bounds_what_a_host_holds_that_goes_dark():
        bounds_what_a_host_holds_that_goes_dark("nginx")

    def test_haproxy_bounds_what_a_host_holds_that_goes_dark():
        bounds_what_a_host_holds_that_goes_dark("haproxy")


def test_all_dark_is_an_error_in_time():
    for balancer in "nginx", "haproxy":
        with Hosts(balancer) as hosts, contextlib.ExitStack() as stack:
            for program in hosts.programs:
                assert program.stop(10) == 0
                stack.enter_context(dark(program.address))
            begun = time.monotonic()
            status = hosts.client().request("GET", "/").status
            took = time.monotonic() - begun
            assert status in (502, 503, 504) and took < 3 * CONNECT + 3, (balancer, status, took)


# ---- HAProxy ----

def test_haproxy_changes_nothing_of_an_answer():
    with Hosts("haproxy") as hosts:
        client, teacher = hosts.client(), register(hosts, "teacher")
        answer = client.request("POST", "/api/v1/lessons", [("Content-Type", "application/json")], b'{"title":"One"}', teacher)
        assert answer.status == 201 and answer.header("location").startswith("/api/v1/lessons/"), answer.headers
        assert client.request("GET", answer.header("location"), token=teacher).status == 200
        assert client.request("HEAD", "/").status == 200
        assert client.request("GET", "/api/v1/me").status == 401
        answer = client.request("GET", "/none")
        problem = json.loads(answer.body)
        assert answer.status == 404 and problem["instance"] == answer.header("x-request-id")
        assert len(problem["instance"]) == 36, problem
        # A body whose length nobody says.
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (b'{"ti', b'tle":"Tw', b'o"}')) + b"0\r\n\r\n"
        answer = client.raw(b"POST /api/v1/lessons HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + teacher.encode() +
                            b"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        assert answer.status == 201 and json.loads(answer.body)["title"] == "Two", (answer.status, answer.body)
        assert client.request("POST", "/api/v1/lessons", [("Content-Type", "application/json")],
                              b'{"title":"' + b"x" * 2000000 + b'"}', teacher).status == 413


def test_haproxy_leaves_out_a_program_that_hangs():
    with Hosts("haproxy") as hosts:
        bearer = register(hosts)
        hosts.programs[2].process.send_signal(19)  # SIGSTOP
        try:
            time.sleep(5)
            client = hosts.client()
            for _ in range(30):
                begun = time.monotonic()
                assert client.request("GET", "/api/v1/me", token=bearer).status == 200
                assert time.monotonic() - begun < 2
        finally:
            hosts.programs[2].process.send_signal(18)


# ---- Probes ----

def test_ping_tells_whether_a_program_answers():
    for tcp in False, True:
        with Program(PROGRAM, tcp=tcp) as site:
            assert ping(site.address).returncode == 1
            site.start_program()
            done = ping(site.address)
            assert (done.returncode, done.stdout, done.stderr) == (0, "pong\n", ""), done
            assert ping(site.address, "--ready").returncode == 0
            if not tcp:
                assert ping(site.socket).returncode == 0
            site.process.send_signal(19)
            begun = time.monotonic()
            done = ping(site.address)
            assert done.returncode == 1 and "within 2 s" in done.stderr and time.monotonic() - begun < 4, done
            site.process.send_signal(18)
            assert "pong" not in open(site.log).read(), "probes fill no log"


def test_ping_with_libfcgi():
    with Program(PROGRAM, settings={"GW_TRANSPORT": "libfcgi"}) as site:
        site.start_program()
        assert ping(site.address).stdout == "pong\n" and ping(site.address, "--ready").returncode == 0


def test_ready_is_another_thing_than_alive():
    with Program(PROGRAM) as site:
        site.environment["GW_DATABASE_URL"] = "sqlite:%s/later/school.db" % site.folder
        site.start_program()
        assert ping(site.address).returncode == 0
        done = ping(site.address, "--ready")
        assert done.returncode == 1 and "the database is away" in done.stderr, done
        assert " 503 " in open(site.log).read(), "this one is in the log"
        os.mkdir(site.folder + "/later")
        wait_for("it is ready", lambda: ping(site.address, "--ready").returncode == 0, 5)


def test_ping_of_something_else_is_an_error():
    with Program(PROGRAM) as site:
        for address in "/none/of/it", "tcp:127.0.0.1:1", "tcp:127.0.0.1:%d" % free_port():
            done = ping(address)
            assert done.returncode == 1 and done.stderr.startswith(address + ": "), done
        for arguments in (), ("a", "b"), ("a", "--none"):
            assert subprocess.run([PROGRAM, "ping", *arguments], env={}, capture_output=True).returncode == 2, arguments
        assert ping("tcp:nonsense").returncode == 1 and ping("").returncode == 1
        with socket.create_server(("127.0.0.1", 0)) as other:
            def speak():
                peer, _ = other.accept()
                peer.recv(1000)
                peer.sendall(b"HTTP/1.1 200 OK\r\n\r\npong\n" * 10)
                peer.close()
            speaker = threading.Thread(target=speak)
            speaker.start()
            assert ping("tcp:127.0.0.1:%d" % other.getsockname()[1]).returncode == 1
            speaker.join()


def test_a_client_cannot_ask_so():
    """A header that is called as the parameter is one of HTTP_...; and an unknown role is refused."""
    with Program(PROGRAM) as site:
        site.start_program()
        assert fcgi.request(site.address, "/none", meta={"HTTP_GATEWRIGHT_ROLE": "ping"})[0] == 404
        assert fcgi.request(site.address, "/none", meta={"GATEWRIGHT_ROLE": "pong"})[0] == 400


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
