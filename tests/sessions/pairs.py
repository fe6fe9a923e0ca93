"""Three programs, each of which writes to a node of a Galera cluster of its own: sessions have one line of descent and
shared limits are exact, as on one server. The browsers are those of tabs.py, the sequences those of model.py.
TESTS_FULL=1: 20,000 refreshes, else 600. Usage: pairs.py PROGRAM GATEWRIGHT ROUTES mysql LIMITS LIMITS_ROUTES."""
import collections
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import fcgi
import hosts
import model
import tabs
from galera import Cluster
from network import Host, enter_network
from program import run_tests
from world import GATEWRIGHT, ORIGIN, ROUTES, Clock, call, claims_of, opened, refresh

LIMITS, LIMITS_ROUTES = sys.argv[5:7]
FULL = os.environ.get("TESTS_FULL") == "1"
CLIENTS, REFRESHES = 24, 20000 if FULL else 600


def schema(routes):
    return subprocess.run([GATEWRIGHT, "schema", "--mysql", routes], check=True, capture_output=True, text=True).stdout


class Nodes(Clock):
    """The cluster as tabs.py and model.py want a database: each statement goes to some node."""

    def __init__(self, cluster):
        self.nodes = cluster.nodes
        self.all, self.order = self.nodes, itertools.count()

    def run(self, sql):
        for attempt in range(50):
            node = self.nodes[next(self.order) % len(self.nodes)]
            done = subprocess.run(node.client(), input="SET wsrep_sync_wait = 7; " + sql, text=True, capture_output=True)
            if done.returncode == 0:
                return [line.split("\t") for line in done.stdout.splitlines()]
            assert "1213" in done.stderr or "1047" in done.stderr, done.stderr
            time.sleep(0.05)
        raise AssertionError("conflicts without an end: " + sql)


class World:
    """Hosts, a cluster, and three programs, each with another node at the front."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gatewright-pairs.")
        os.chmod(self.folder, 0o755)
        self.databases, self.machines, self.programs = ([Host(n) for n in (11, 12, 13)], [Host(n) for n in (21, 22, 23)], [])
        self.cluster = Cluster(self.databases, self.folder, os.environ["CLUSTER_CACHE"], schema(ROUTES))
        self.nodes = Nodes(self.cluster)

    def serve(self, program, database, name, **settings):
        """The runtime's own tables are made as its --schema-diff says."""
        self.stop()
        hosts.PROGRAM = program
        addresses = [host.address for host in self.databases]
        self.programs = [hosts.ProgramHost(machine, "%s/%s-%d" % (self.folder, name, i), "mysql://program@%s/%s?wsrep_sync_wait=1" % (
            ",".join(addresses[i:] + addresses[:i]), database), 9000 + serve_count.n, GW_WORKERS="4", **settings)
            for i, machine in enumerate(self.machines)]
        serve_count.n += 1
        status, said = self.programs[0].run("--schema-diff")
        assert status in (0, 1), said
        if status == 1:
            self.cluster.nodes[0].ask(said, database)
        self.cluster.wait_until_alike()
        for one in self.programs:
            one.start()
        return self.programs

    def stop(self):
        for program in self.programs:
            assert program.stop() in (0, None), program.said()[-3000:]

    def end(self):
        for program in self.programs:
            program.stop(signal.SIGKILL)
        self.cluster.end()
        for host in self.databases + self.machines:
            host.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class serve_count:
    n = 0  # a port of its own for each set of programs


class Browser(tabs.Browser):
    """Where conflicts have no end within a request's time it is 503, which ends nothing: a client asks again."""

    def ask(self, token):
        for _ in range(20):
            status, session = refresh(random.choice(self.sites), token)
            self.count[status] += 1
            if status != 503:
                break
            time.sleep(0.2)
        assert status == 200, "signed out: %s %s\n%s" % (status, claims_of(token), self.said())
        self.take(session)


def test_no_honest_client_is_signed_out_and_each_copy_ends_its_session():
    programs = world.serve(sys.argv[1], "cluster", "sessions", GW_ORIGIN=ORIGIN)
    browsers = [Browser(programs, world.nodes, i) for i in range(CLIENTS)]
    begun = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda browser: browser.run(REFRESHES // CLIENTS + 1), browsers))
    counts = sum((browser.count for browser in browsers), collections.Counter())
    print("%d refreshes in %.0f s, %d of 503, %d answers lost, %d with two tabs at once" %
          (counts[200], time.monotonic() - begun, counts[503], counts["lost"], counts["tabs"]), flush=True)
    assert counts[200] >= REFRESHES and counts["lost"] and counts["tabs"] and counts[503] < counts[200] / 10, counts
    world.cluster.wait_until_alike()
    for browser in browsers:
        browser.check()
    for browser in browsers:
        browser.be_stolen_from()


class Turns:
    """A program that is another one at each request."""

    def __init__(self, programs):
        self.programs, self.n = programs, itertools.count()

    @property
    def address(self):
        return self.programs[next(self.n) % len(self.programs)].address


def test_sequences_go_as_the_model_says_whichever_node_is_asked():
    programs = world.serve(sys.argv[1], "cluster", "model", GW_ORIGIN=ORIGIN)
    claims = claims_of(opened(programs[0], "model@example.com")["refresh_token"])
    sequences = list(itertools.product(model.EVENTS, repeat=4))
    random.Random(18).shuffle(sequences)
    sequences = sequences[:1000 if FULL else 60]
    model.follow(Turns(programs), world.nodes, claims, sequences)
    print("%d sequences" % len(sequences), flush=True)


def test_of_those_who_use_a_ticket_on_three_nodes_at_once_exactly_one_wins():
    programs, count = world.serve(sys.argv[1], "cluster", "tickets", GW_ORIGIN=ORIGIN), collections.Counter()

    def spend(i, text, password):
        return call(programs[i % 3], "POST", "/reset", body={"ticket": text, "password": password})[0]

    def agreed(turn):
        """The password, as each node has it."""
        world.cluster.wait_until_alike()
        found = {world.nodes.run("SELECT password FROM users WHERE email = 'ticket%d@example.com'" % turn)[0][0] for _ in range(3)}
        assert len(found) == 1, found
        return found.pop()
    for turn in range(200 if FULL else 20):
        status, answer = call(programs[turn % 3], "POST", "/reset/ticket%d@example.com" % turn)
        assert status == 201, (status, answer)
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda i: spend(i, answer["ticket"], "%d-%d" % (turn, i)), range(6)))
        count.update(answers)
        # Where nodes are in each other's way all can be told to ask again: then it is still good, once.
        assert answers.count(200) <= 1 and set(answers) <= {200, 401, 503}, answers
        if 200 not in answers:
            assert spend(turn, answer["ticket"], "%d-again" % turn) == 200, answers
        assert [spend(i, answer["ticket"], "late") for i in range(3)] == [401] * 3
        assert agreed(turn) == "%d-%s" % (turn, answers.index(200) if 200 in answers else "again")
    print("%d tickets: %s" % (turn + 1, dict(count)), flush=True)


def test_limits_are_exact_over_three_nodes():
    world.cluster.nodes[0].ask("CREATE DATABASE limits; GRANT ALL ON limits.* TO program@'%'")
    world.cluster.nodes[0].ask(schema(LIMITS_ROUTES), "limits")
    programs = world.serve(LIMITS, "limits", "limits", GW_PROCESSES="3", GW_TRUSTED_PROXIES="10.77.0.1",
                           GW_ORIGIN="https://school.test")
    begun, total = time.monotonic(), collections.Counter()
    for client in range(40 if FULL else 8):
        def ask(i):
            meta = {"HTTP_X_FORWARDED_FOR": "192.0.2.%d" % client, "REMOTE_ADDR": "10.77.0.1"}
            return fcgi.request(programs[i % 3].address, "/address", meta=meta, timeout=30)[0]
        with ThreadPoolExecutor(30) as pool:
            found = collections.Counter(pool.map(ask, range(60)))
        assert found == {200: 7, 429: 53}, (client, found)
        total += found
    print("%d requests in %.1f s" % (sum(total.values()), time.monotonic() - begun), flush=True)


if __name__ == "__main__":
    enter_network()
    world = World()
    try:
        run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
    finally:
        world.end()
