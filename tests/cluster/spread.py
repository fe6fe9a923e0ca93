"""spread.py: one, two and three programs on one database: what a request costs the program does not grow with them.

Each has as many clients, so that more programs serve more requests; the database is 10 ms away, so that the machine has
time for all. A request is dearer on a machine that sleeps between two of them than on a busy one, so it is always as
busy: the others of three programs serve the same beside a database of their own, and are not counted. In turns, every
second time in the reversed order, and the median of each: what else the machine does comes to all alike. Where a series
differs, which one of a busy machine may, a longer one decides."""
import json
import os
import statistics
import subprocess
import sys

from delay import LOAD, PLANS, Local, start_relay, start_server
from world import World, enter_network

ALL, CLIENTS, SECONDS, ROUNDS = 3, 16, 2, (7, 21)
MOST = 1.1


def cpu_ns(program):
    """Of all its threads, so far."""
    tasks = "/proc/%d/task" % program.process.pid
    return sum(int(open("%s/%s/schedstat" % (tasks, task)).read().split()[0]) for task in os.listdir(tasks))


class Group:
    """Programs beside one database, 10 ms away."""

    def __init__(self, world, database, several):
        start_server(world, database)
        port = start_relay(world, 10, database)
        self.programs = [Local(world, "native", port, number, database) for number in range(several)]
        world.programs += self.programs
        for program in self.programs:
            program.start()
        self.token = self.programs[0].request("POST", "/people", None, {"name": "Ada"})[1]["token"]

    def load(self, several, kind):
        """Clients of so many of them, for SECONDS."""
        plan = self.programs[0].folder + "/plan"
        with open(plan, "w") as out:
            json.dump([{**PLANS[kind], **({"token": self.token} if kind == "me" else {})}], out)
        return [subprocess.Popen([LOAD, program.address[5:], str(CLIENTS), "0", plan, "0", str(SECONDS)],
                                 stdout=subprocess.PIPE, text=True) for program in self.programs[:several]]

    def cpu_ns(self):
        return sum(map(cpu_ns, self.programs))


def answers(loads, kind):
    """How many there were, when the clients are done."""
    n = 0
    for load in loads:
        found = json.loads(load.communicate()[0])["kinds"][kind]
        assert load.returncode == 0 and not found["wrong"], found
        n += found["n"]
    return n


def cost(group, others, several, kind):
    """(requests, CPU time of the programs for each in microseconds)"""
    before = group.cpu_ns()
    beside = others.load(ALL - several, kind)
    n = answers(group.load(several, kind), kind)
    used = group.cpu_ns() - before
    answers(beside, kind)
    return n, used / n / 1000


def measure(group, others, kind, rounds):
    """{number of programs: (median of the costs, median of the requests a second)}"""
    seen = {n: [] for n in range(1, ALL + 1)}
    for turn in range(rounds):
        for n in sorted(seen, reverse=turn % 2):
            served, us = cost(group, others, n, kind)
            seen[n].append((us, served / SECONDS))
    return {n: tuple(map(statistics.median, zip(*all))) for n, all in seen.items()}


def main():
    enter_network()
    dearer = []
    with World() as world:
        group, others = Group(world, 0, ALL), Group(world, 1, ALL - 1)
        for kind in PLANS:
            for rounds in ROUNDS:
                found = measure(group, others, kind, rounds)
                print("%-7s %s%d rounds" % (kind, "".join("%d: %5.1f us CPU of %5.0f/s    " % (n, *found[n])
                                                          for n in found), rounds), flush=True)
                costs = [us for us, _ in found.values()]
                if max(costs) <= MOST * min(costs):
                    break
            else:
                dearer.append((kind, found))
    assert not dearer, dearer
    return 0


if __name__ == "__main__":
    sys.exit(main())
