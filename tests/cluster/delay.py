"""delay.py: a database behind a network: one that answers 0.5, 2 and 10 ms later.

The same program, with as many workers, by the native transport and by libfcgi, whose threads each wait for their own
statement; and, where Go and its driver of MySQL are installed (golang-go, golang-github-go-sql-driver-mysql-dev), a
program of Go's with a pool of as many connections. In turns, so that what else the machine does falls on all."""
import json
import os
import shutil
import subprocess
import sys

from galera import Server, template_of
from hosts import ProgramHost
from program import wait_for
from world import CACHE, FULL, World, enter_network, schema

RELAY, LOAD = os.environ["CLUSTER_RELAY"], os.environ["CLUSTER_LOAD"]
WORKERS, CONNECTIONS = 64, 64
SECONDS, ROUNDS = (5, 3) if FULL else (1, 2)
ROUND_TRIPS_MS = [0, 0.5, 2, 10] if FULL else [0, 2]
TRANSPORTS = ["native", "libfcgi"]
WORST = 1.3  # times as slow as the others it may be


PLANS = {  # what one request costs of the store: a statement each, of "me" together with others
    "insert": {"kind": "insert", "weight": 1, "method": "POST", "uri": "/people", "body": '{"name": "Ada"}',
               "status": 201, "contains": "token"},
    "list": {"kind": "list", "weight": 1, "method": "GET", "uri": "/notes", "status": 200, "contains": "word"},
    "me": {"kind": "me", "weight": 1, "method": "GET", "uri": "/me", "status": 200, "contains": "Ada"}}


class Local(ProgramHost):
    """On a unix socket, which no network separates from the load. `port`: of what it connects to, beside the database of
    that number; `number`: where there are several."""

    def __init__(self, world, transport, port, number=0, database=0, **settings):
        folder = "%s/%s-%d-%d-%d" % (world.folder, transport, database, port, number)
        super().__init__(world.databases[database], folder, "mysql://program@127.0.0.1:%d/cluster" % port, port=None,
                         **{"GW_TRANSPORT": transport, "GW_WORKERS": str(WORKERS), "GW_LISTEN": "unix:%s/socket" % folder,
                            **settings})
        self.address, self.port = "unix:%s/socket" % folder, port

    def load(self, kind, token=None):
        """(answers a second, their median in ms, CPU time of the program for each in microseconds)"""
        before = self.cpu_seconds()
        with open(self.folder + "/plan", "w") as plan:
            json.dump([{**PLANS[kind], **({"token": token} if token else {})}], plan)
        done = subprocess.run([LOAD, self.address[5:], str(CONNECTIONS), "0", plan.name, "0", str(SECONDS)],
                              check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        n = found["kinds"][kind]["n"]
        assert not found["kinds"][kind]["wrong"], found  # libfcgi ends a connection with its answer
        return n / found["seconds"], found["kinds"][kind]["p50"] / 1000, (self.cpu_seconds() - before) / n * 1e6


class Peer(Local):
    """Go's program (peer.go), which inserts and lists."""

    def __init__(self, world, port):
        super().__init__(world, "go", port)
        self.program = build_peer(world)

    def start(self):
        socket = self.address[5:]
        with open(self.output, "ab") as out:
            self.process = self.host.launch([self.program, socket, "program@tcp(127.0.0.1:%d)/cluster" % self.port, str(WORKERS)],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={"PATH": os.environ["PATH"]})
        wait_for("Go's program starts", lambda: os.path.exists(socket) or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        return self


def build_peer(world):
    """None: Go or its driver is not installed."""
    source, built = os.path.dirname(os.path.abspath(__file__)) + "/peer.go", world.folder + "/peer"
    if not shutil.which("go") or not os.path.isdir("/usr/share/gocode/src/github.com/go-sql-driver/mysql"):
        return None
    if not os.path.exists(built):
        subprocess.run(["go", "build", "-o", built, source], check=True, env={
            **os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": world.folder + "/cache"})
    return built


def start_server(world, database=0):
    server = Server(world.databases[database], "%s/server-%d" % (world.folder, database), template_of(CACHE, world.folder),
                    ["innodb-flush-log-at-trx-commit=2"], address="127.0.0.1").start()
    world.ends.append(server.stop)
    server.ask("CREATE DATABASE cluster; CREATE USER program@'%'; GRANT ALL ON cluster.* TO program@'%'")
    server.ask(schema() + "".join("INSERT INTO notes (word) VALUES ('word %d');" % i for i in range(20)), "cluster")
    return server


def start_relay(world, milliseconds, database=0):
    """The port of a relay that adds a round trip of so long."""
    port = 3306 + int(milliseconds * 10)
    if milliseconds:
        world.launch([RELAY, str(port), "127.0.0.1", "3306", str(int(milliseconds * 500))],
                     world.databases[database])
    return port


def compare(all_programs, kind, token=None):
    """The best of each in turns: {transport: (answers a second, ms, microseconds of CPU)}"""
    best, programs = {}, {name: p for name, p in all_programs.items() if kind != "me" or not isinstance(p, Peer)}
    for turn in range(ROUNDS):
        for transport in list(programs) if turn % 2 == 0 else reversed(programs):
            best[transport] = max(best.get(transport, (0, 0, 0)), programs[transport].load(kind, token))
    return {name: best[name] for name in programs}


def main():
    enter_network()
    slow = []
    with World() as world:
        start_server(world)
        print("%s threads, %s connections, %d cores\n%-8s %-7s %s" % (
            WORKERS, CONNECTIONS, os.cpu_count(), "delay", "", "".join("%-34s" % t for t in TRANSPORTS + ["go"])))
        for delay in ROUND_TRIPS_MS:
            port = start_relay(world, delay)
            programs = {transport: Local(world, transport, port) for transport in TRANSPORTS}
            if build_peer(world):
                programs["go"] = Peer(world, port)
            world.programs += programs.values()
            for program in programs.values():
                program.start()
            person = programs["native"].request("POST", "/people", None, {"name": "Ada"})[1]
            for kind in PLANS:
                best = compare(programs, kind, person["token"] if kind == "me" else None)
                print("%4s ms  %-7s %s" % (delay, kind, "".join("%6.0f/s %6.2f ms %5.0f us CPU      " % b
                                                                for b in best.values())), flush=True)
                slow += [(delay, kind, name) for name, b in best.items() if best["native"][0] * WORST < b[0]]
            for program in programs.values():
                program.stop()
    assert not slow, ("slower than", slow)
    return 0


if __name__ == "__main__":
    sys.exit(main())
