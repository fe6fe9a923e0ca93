"""spread.py: one, two and three programs on one database: what a request costs the program does not grow with them.

Each has as many clients, so that more programs serve more requests; the database is 10 ms away, so that the machine has
time for all. In turns, every second time in the reversed order, and the median of each: what else the machine does comes
to all alike. Where a series differs, which one of a busy machine may, a longer one decides."""
import json
import os
import statistics
import subprocess
import sys

from delay import LOAD, PLANS, Local, start_relay, start_server
from world import World, enter_network

CLIENTS, SECONDS, ROUNDS = 16, 2, (7, 21)
MOST = 1.1


def cpu_ns(program):
    """That all its threads have used so far."""
    tasks = "/proc/%d/task" % program.process.pid
    return sum(int(open("%s/%s/schedstat" % (tasks, task)).read().split()[0]) for task in os.listdir(tasks))


def cost(programs, kind, token):
    """(requests, CPU time of the programs for each in microseconds)"""
    plan = programs[0].folder + "/plan"
    with open(plan, "w") as out:
        json.dump([{**PLANS[kind], **({"token": token} if kind == "me" else {})}], out)
    before = sum(cpu_ns(program) for program in programs)
    loads = [subprocess.Popen([LOAD, program.address[5:], str(CLIENTS), "0", plan, "0", str(SECONDS)],
                              stdout=subprocess.PIPE, text=True) for program in programs]
    n = 0
    for load in loads:
        found = json.loads(load.communicate()[0])["kinds"][kind]
        assert load.returncode == 0 and not found["wrong"], found
        n += found["n"]
    return n, (sum(cpu_ns(program) for program in programs) - before) / n / 1000


def measure(programs, kind, token, rounds):
    """{number of programs: (median of the costs, median of the requests a second)}"""
    seen = {n: [] for n in (1, 2, 3)}
    for turn in range(rounds):
        for n in sorted(seen, reverse=turn % 2):
            served, us = cost(programs[:n], kind, token)
            seen[n].append((us, served / SECONDS))
    return {n: tuple(map(statistics.median, zip(*all))) for n, all in seen.items()}


def main():
    enter_network()
    dearer = []
    with World() as world:
        start_server(world)
        port = start_relay(world, 10)
        programs = [Local(world, "native", port, number) for number in range(3)]
        world.programs += programs
        for program in programs:
            program.start()
        token = programs[0].request("POST", "/people", None, {"name": "Ada"})[1]["token"]
        for kind in PLANS:
            for rounds in ROUNDS:
                found = measure(programs, kind, token, rounds)
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
