"""spread.py: one, two and three programs on one database: what a request costs the program does not grow with them.

Each has as many clients, so that more programs serve more requests; the database is 10 ms away, so that the machine has
time for all. In turns, and the best of each, until those are alike: what else the machine does makes a request dearer,
never cheaper."""
import json
import os
import subprocess
import sys

from delay import LOAD, PLANS, Local, start_relay, start_server
from world import World, enter_network

CLIENTS, SECONDS, ROUNDS = 16, 2, 15
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


def are_alike(best):
    costs = [us for us, _ in best.values()]
    return max(costs) <= MOST * min(costs)


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
            best, turn = {}, 0
            while turn < ROUNDS and not (turn >= 3 and are_alike(best)):
                for n in (1, 2, 3) if turn % 2 == 0 else (3, 2, 1):
                    served, us = cost(programs[:n], kind, token)
                    if n not in best or us < best[n][0]:
                        best[n] = us, served / SECONDS
                turn += 1
            print("%-7s %s%d rounds" % (kind, "".join("%d: %5.1f us CPU of %5.0f/s    " % (n, *best[n])
                                                      for n in sorted(best)), turn), flush=True)
            if not are_alike(best):
                dearer.append((kind, best))
    assert not dearer, dearer
    return 0


if __name__ == "__main__":
    sys.exit(main())
