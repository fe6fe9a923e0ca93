"""scenarios.py direct|haproxy [NAME...]: a Galera cluster under three program hosts, and what becomes of it.

Clients send all the time and know every answer. What must hold in each scenario: no wrong answer; what was confirmed
is on every node afterwards; while most nodes are well no 500, and 503 only until the timeouts have passed."""
import signal
import subprocess
import sys
import threading
import time

from galera import SUSPECT_S
from hosts import STATEMENT_S, Clients
from program import wait_for
from world import FULL, NET, World, enter_network, url_of

# How long a node that went silent holds up the others, and a statement of a program's; and a second for a busy
# machine.
SETTLED_S = SUSPECT_S + 0.5 + STATEMENT_S + 1
CALM_S = 5 if FULL else 1


class Scenario:
    def __init__(self, world, cluster):
        self.world, self.cluster = world, cluster
        self.begun = time.monotonic()
        world.restart_programs()  # so that all use the first node
        self.clients = Clients(world.send).add_people(5).start()
        self.events = []  # when something happened to the cluster
        time.sleep(CALM_S)

    def event(self):
        self.events.append(time.monotonic())

    def settle(self):
        """The time after an event in which 503 may be, and some in which it may not."""
        self.event()
        time.sleep(SETTLED_S + CALM_S)

    def finish(self, name, without_majority=None):
        """`without_majority`: (from, until), when nothing could be served."""
        last = max(self.events, default=0)
        wait_for("a write behind the last event", lambda: self.clients.counts(last)["write", 201], SETTLED_S)
        time.sleep(CALM_S)
        self.clients.finish()
        self.cluster.wait_until_whole()
        self.cluster.wait_until_alike()
        self.report(name)
        self.check_answers(without_majority)
        self.check_rows()

    def report(self, name):
        failed = self.clients.failed_between(0)
        begun = self.events[0] if self.events else 0
        counts = self.clients.counts()
        print("%-17s %5d answered, %4d of 503, %d of 500, %d broken; the last %4.1f s behind the first event; "
              "the slowest took %.1f s; %d times the balancer gave a node up; all took %2.0f s" % (
                  name, sum(counts.values()), sum(n for (_, s), n in counts.items() if s == 503),
                  sum(n for (_, s), n in counts.items() if s == 500),
                  sum(n for (_, s), n in counts.items() if s == 0),
                  max((at - begun for at, *_ in failed), default=0), self.clients.slowest(),
                  sum(at > self.begun for at in self.world.gave_up), time.monotonic() - self.begun), flush=True)

    def check_answers(self, without_majority):
        clients = self.clients
        assert not clients.wrong, clients.wrong[:5]
        assert not clients.failed_between(0, statuses=(0,)), "a connection to a program broke"
        assert not clients.failed_between(0, statuses=(500,)), "500"
        events = sorted(self.events + [at for at in self.world.gave_up if at > self.begun])
        allowed = [(at, at + SETTLED_S) for at in events] + ([without_majority] if without_majority else [])
        late = [a for a in clients.failed_between(0)
                if not any(since <= a[0] <= until for since, until in allowed)]
        assert not late, ("503 though most nodes were well", len(late), late[:3], events)
        assert clients.slowest() < STATEMENT_S + 1, clients.slowest()

    def rows(self):
        """What every node holds; None while they differ: what was 503 may still be done, and is on its way."""
        held = [sorted(node.rows("SELECT id, word FROM notes")) for node in self.cluster.nodes]
        return {int(key): word for key, word in held[0]} if held[0] == held[1] == held[2] else None

    def check_rows(self):
        held = wait_for("the same rows on every node", self.rows, 20)
        lost = [item for item in self.clients.acked.items() if held.get(item[0]) != item[1]]
        assert not lost, ("confirmed, and lost", len(lost), lost[:5])
        self.cluster.nodes[0].ask("DELETE FROM notes", "cluster")


def check_names_hosts(scenario, expected, sentences):
    """--check, which looks at the hosts as a start does, ends in time and says what is wrong with which."""
    begun = time.monotonic()
    status, said = scenario.world.programs[0].run("--check")
    took = time.monotonic() - begun
    assert status == expected and all(sentence in said for sentence in sentences), (status, said)
    assert took < 2 * STATEMENT_S + 3, (took, said)


def start_beside_dark(scenario):
    """A program that starts while the first node is dark asks the next. What comes meanwhile waits at its socket, and no
    longer than a statement may take."""
    program = scenario.world.programs[0]
    assert program.stop() == 0, program.said()
    begun = time.monotonic()
    program.start()
    took = time.monotonic() - begun
    print("  started beside a dark node in %.1f s" % took, flush=True)
    assert took < STATEMENT_S + 1, took


# ---- What happens to nodes. The first is the one that is in use ----

def kill(scenario):
    node = scenario.cluster.nodes[0]
    scenario.event()
    node.stop(signal.SIGKILL)
    scenario.settle()
    scenario.event()
    node.start()
    scenario.event()


def stop_and_return(scenario):
    node = scenario.cluster.nodes[0]
    scenario.event()
    node.stop()
    scenario.settle()
    scenario.event()
    node.start()
    scenario.event()


def cut_from_peers(scenario):
    """Programs reach it, its peers do not: it has no quorum, and they have one."""
    node, hosts = scenario.cluster.nodes[0], scenario.world.databases
    node.host.cut_from(*hosts[1:])
    scenario.settle()
    node.host.heal()
    scenario.event()
    scenario.cluster.wait_until_whole()


def dark(scenario):
    node = scenario.cluster.nodes[0]
    node.host.go_dark()
    scenario.settle()
    for program in scenario.world.programs:
        program.process.send_signal(signal.SIGHUP)  # a reload asks no database
    if scenario.world.direct:
        check_names_hosts(scenario, 0, ["%s: cannot be reached" % node.host.address])
    start_beside_dark(scenario)
    node.host.heal()
    scenario.event()
    scenario.cluster.wait_until_whole()


def read_lock(scenario):
    """What a backup may do: nothing is written on that node, and nothing applied."""
    node = scenario.cluster.nodes[0]
    holder = scenario.world.launch(node.client(None) + ["-e", "FLUSH TABLES WITH READ LOCK; SELECT SLEEP(%f)" %
                                                        (SETTLED_S + CALM_S)])
    scenario.event()
    assert holder.wait(60) == 0
    scenario.event()


def joiner(scenario):
    """A node without data is sent all of them by another, which cannot serve meanwhile."""
    node = scenario.cluster.nodes[2]
    scenario.event()
    node.stop()
    node.put_data(scenario.world.folder + "/template")
    scenario.event()
    node.start()
    scenario.event()


def two_lost(scenario):
    """Nothing can be served until they are back; nothing wrong is."""
    since = time.monotonic()
    scenario.event()
    for node in scenario.cluster.nodes[:2]:
        node.stop(signal.SIGKILL)
    time.sleep(SETTLED_S)
    assert not [a for a in scenario.clients.answers if a[0] > since + SETTLED_S and a[2] == 201]
    if scenario.world.direct:
        hosts = [node.host.address for node in scenario.cluster.nodes]
        check_names_hosts(scenario, 78, ["%s cannot be reached" % hosts[0], "%s cannot be reached" % hosts[1],
                                         "%s has no quorum" % hosts[2]])
    for node in scenario.cluster.nodes[:2]:
        node.start(wait=False)
    scenario.cluster.wait_until_whole()
    scenario.event()
    return since, time.monotonic()


def never_bootstrapped(scenario):
    """All nodes were started as if others ran: MariaDB lets nobody in until one of them is made the first."""
    cluster, since = scenario.cluster, time.monotonic()
    scenario.event()
    last = cluster.stop_all()
    for node in cluster.nodes:
        node.start(wait=False)
    alone = time.monotonic()
    time.sleep(SETTLED_S)
    assert not [a for a in scenario.clients.answers if a[0] > alone and a[2] in (200, 201)]
    assert all("primary view is not possible" in node.said() for node in cluster.nodes), cluster.nodes[0].said()
    if scenario.world.direct:
        check_names_hosts(scenario, 78, ["%s cannot be reached" % node.host.address for node in cluster.nodes])
    for node in cluster.nodes:
        node.stop(signal.SIGKILL)
    cluster.begin(last)
    scenario.event()
    return since, time.monotonic()


def rolling_nodes(scenario):
    for node in scenario.cluster.nodes:
        scenario.event()
        node.stop()  # which takes its time
        scenario.event()
        node.start()
        scenario.event()
        time.sleep(CALM_S)
    scenario.cluster.wait_until_whole()


def rolling_programs(scenario):
    for program in scenario.world.programs:
        assert program.stop() == 0, program.said()
        program.start()
        time.sleep(CALM_S)


SCENARIOS = [kill, stop_and_return, cut_from_peers, dark, read_lock, joiner, two_lost, never_bootstrapped,
             rolling_nodes, rolling_programs]


def watch_balancer(world, process):
    """When it gives a node up, which ends all connections to that node; on a busy machine a good one's too."""
    def read():
        for line in process.stdout:
            if " is DOWN" in line:
                world.gave_up.append(time.monotonic())
    threading.Thread(target=read, daemon=True).start()


def start_balancer(world):
    """HAProxy before the databases: one takes all connections, the others stand by."""
    for host, node in zip(world.databases, world.cluster.nodes):
        world.launch(["/usr/bin/python3", __file__.replace("scenarios", "checker"), node.socket, host.address, "9200"],
                     host)
    path = world.folder + "/haproxy.cfg"
    with open(path, "w") as out:
        out.write("global\n    maxconn 1000\ndefaults\n    mode tcp\n    timeout connect 1s\n    timeout client 1h\n"
                  "    timeout server 1h\n    timeout check 1s\nlisten databases\n    bind %s1:3306\n"
                  "    option httpchk\n    default-server inter 500ms fall 2 rise 2 port 9200 "
                  "on-marked-down shutdown-sessions\n" % NET)
        for i, host in enumerate(world.databases):
            out.write("    server node%d %s:3306 check%s\n" % (i, host.address, " backup" if i else ""))
    watch_balancer(world, world.launch(["haproxy", "-db", "-f", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       text=True))
    time.sleep(2)


def main(how, *names):
    enter_network()
    failed = 0
    with World() as world:
        begun = time.monotonic()
        world.cluster = world.start_galera()
        urls = [url_of(world.databases, "wsrep_sync_wait=1")] * 3
        world.direct = how == "direct"
        if not world.direct:
            start_balancer(world)
            urls = ["mysql://program@%s1/cluster?wsrep_sync_wait=1" % NET] * 3
        world.start_programs(urls)
        print("started in %.1f s" % (time.monotonic() - begun), flush=True)
        for run in SCENARIOS:
            if names and run.__name__ not in names:
                continue
            scenario = Scenario(world, world.cluster)
            scenario.finish(run.__name__, run(scenario))
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
