"""The web server's own limiter, as `gatewright conf` writes it: the program decides what is within a limit, and of what is
far beyond it nothing reaches the program. Usage: servers.py PROGRAM GATEWRIGHT ROUTES."""
import contextlib
import os
import sqlite3
import subprocess
import sys
import time

from program import Program, accepts, free_port, run_tests, wait_for

PROGRAM, GATEWRIGHT, ROUTES = sys.argv[1:4]
CHECKS = {"nginx": ["nginx", "-t", "-c"], "haproxy": ["haproxy", "-c", "-f"], "lighttpd": ["lighttpd", "-tt", "-f"]}


class Site(Program):
    def __init__(self, server, *options):
        super().__init__(PROGRAM, settings={"GW_WORKERS": "4", "GW_ORIGIN": "https://school.test"})
        schema = subprocess.run([GATEWRIGHT, "schema", "--sqlite", ROUTES], check=True, capture_output=True, text=True)
        self.sql(schema.stdout)
        os.chmod(self.folder + "/store.db", 0o600)
        self.server, self.port, self.conf = server, free_port(), self.folder + "/server.conf"
        with open(self.conf, "wb") as out:
            subprocess.run([GATEWRIGHT, "conf", server, ROUTES, "--socket", self.socket, "--port", str(self.port), "--state",
                            self.folder, "--user", "root", *options], stdout=out, check=True)
        self.text = open(self.conf).read()

    def sql(self, text):
        with contextlib.closing(sqlite3.connect(self.folder + "/store.db", timeout=20)) as db:
            db.executescript(text)

    def check(self):
        done = subprocess.run(CHECKS[self.server] + [self.conf], capture_output=True, text=True)
        assert done.returncode == 0, done

    @contextlib.contextmanager
    def served(self):
        self.start_program()
        self.launch({"nginx": ["nginx", "-p", self.folder, "-c", self.conf, "-e", self.folder + "/nginx.log", "-g", "daemon off;"],
                     "haproxy": ["haproxy", "-db", "-f", self.conf]}[self.server])
        wait_for("the web server starts", lambda: accepts("tcp:127.0.0.1:%d" % self.port))
        yield

    def burst(self, path, n, *options, address="127.0.0.1"):
        """The statuses of n requests, one after the other on one connection."""
        done = subprocess.run(["curl", "-s", "--path-as-is", "--interface", address, *options,
                               "-w", "%{stderr}%{http_code}\\n", "-o", "/dev/null",
                               "http://127.0.0.1:%d%s?n=[1-%d]" % (self.port, path, n)], capture_output=True, text=True)
        return done.stderr.split()

    def reached(self, path):
        """What the program has had of it."""
        return [line for line in open(self.log) if " %s " % path in line] if os.path.exists(self.log) else []


def check_fence(server, most):
    """`most`: how many the server lets through at once."""
    with Site(server) as site:
        site.check()
        with site.served():
            begun = time.monotonic()
            found = site.burst("/fence.html", 200)
            more = 1 + int((time.monotonic() - begun) / 60)  # what has leaked meanwhile
            assert found[:20] == ["200"] * 20 and found[20:] == ["429"] * 180, found
            reached = site.reached("/fence.html")
            assert most <= len(reached) <= most + more, (len(reached), most)
            assert sum("limit.address" in line for line in reached) == len(reached) - 20
            # Another spelling of the path is the same, another method another route, as in the program.
            assert site.burst("/%66ence.html", 3) == ["429"] * 3
            assert site.burst("/fence.html", 1, "-I") == ["429"]
            assert len(site.reached("/fence.html")) <= most + more + 1
            assert site.burst("/fence.html", 20, "-X", "POST") == ["200"] * 20
            # Paths and clients that are others.
            assert site.burst("/fenceXhtml", 60) == ["404"] * 60
            assert site.burst("/FENCE.html", 60) == ["404"] * 60
            assert site.burst("/plain", 200) == ["200"] * 200
            assert site.burst("/fence.html", 25, address="127.0.0.2") == ["200"] * 20 + ["429"] * 5
            # Whose address a client claims is of no account.
            assert site.burst("/fence.html", 25, "-H", "X-Forwarded-For: 127.0.0.3", address="127.0.0.4") == \
                ["200"] * 20 + ["429"] * 5
            # The program counts what the server cannot: by a parameter's route, four limits at once.
            assert site.burst("/name/x", 10) == ["200"] * 7 + ["429"] * 3
            assert site.burst("/four", 25) == ["200"] * 20 + ["429"] * 5


def test_nginx():
    check_fence("nginx", 41)


def test_haproxy():
    check_fence("haproxy", 60)


def test_what_two_windows_admit_passes():
    """At the border of two windows twice the limit may come at once: here the program's counts are taken away."""
    for server in "nginx", "haproxy":
        with Site(server) as site, site.served():
            for _ in range(2):
                assert site.burst("/fence.html", 20) == ["200"] * 20, server
                site.sql("DELETE FROM gw_limits WHERE place <> 'key'")


def test_beneath_a_mount_and_beside_guarded_files():
    with Site("nginx", "--mount", "/app") as site:
        site.check()
        assert '"~^(GET|HEAD):/app/fence\\.html$" $binary_remote_addr;' in site.text, site.text
    with Site("haproxy", "--mount", "/app") as site:
        site.check()
        assert "-m str /app/fence.html }" in site.text
    with Site("nginx", "--guard", "/srv") as site:
        assert "limit_req" not in site.text


def test_where_the_server_has_none_the_file_says_so():
    for server in "lighttpd", "apache", "caddy":
        with Site(server) as site:
            assert "counted by the program alone" in site.text
    with Site("lighttpd") as site:
        site.check()


def test_several_programs_must_share():
    routes = open(ROUTES).read()
    with Site("nginx") as site:
        path = site.folder + "/routes.def"
        command = [GATEWRIGHT, "conf", "nginx", path, "--socket", "tcp:127.0.0.1:1", "--socket", "tcp:127.0.0.1:2"]
        open(path, "w").write(routes)
        assert subprocess.run(command, capture_output=True).returncode == 0
        open(path, "w").write(routes.replace(" shared", "", 1))
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 1 and "say `shared`" in done.stderr, done


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
