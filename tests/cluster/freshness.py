"""freshness.py: what one node has confirmed holds on the others, with wsrep_sync_wait=1; contended rows keep their sums.

Each program host writes to a node of its own."""
import sys
import threading
import time
from collections import Counter

from world import FULL, World, enter_network, url_of

ROUNDS = 10000 if FULL else 500
THREADS = 4
UPDATES = 1000 if FULL else 150


def in_threads(work):
    """Runs work(index) in each: the counts that they give, added up."""
    counts, errors = Counter(), []

    def run(index):
        try:
            counts.update(work(index))
        except BaseException as why:  # an assertion too: said by the caller
            errors.append(why)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors
    return counts


def one_account(programs, number):
    """Made on one host, shown on the next, its tokens revoked there, shown on the third: what was not right."""
    made, shown, last = (programs[(number + i) % 3] for i in range(3))
    status, person = made.request("POST", "/people", None, {"name": "n%d" % number})
    assert status == 201, (status, person)
    before = shown.request("GET", "/me", person["token"])[0]
    gone = shown.request("POST", "/revoke", person["token"])[0] if before == 200 else None
    after = last.request("GET", "/me", person["token"])[0] if gone == 204 else None
    return {"accounts": 1, "missed": before == 401, "admitted": after == 200,
            "others": [before, gone, after] not in ([200, 204, 401], [401, None, None], [200, 204, 200])}


def accounts(programs, rounds):
    def work(index):
        counts = Counter()
        for i in range(rounds // THREADS):
            counts.update(one_account(programs, i * THREADS + index))
        return counts
    return in_threads(work)


def check_accounts(world):
    found = accounts(world.programs, ROUNDS)
    print("wsrep_sync_wait=1:", dict(found), flush=True)
    assert found["accounts"] == ROUNDS // THREADS * THREADS and not found["others"]
    assert not found["missed"], "an account that was just made was not found"
    assert not found["admitted"], "a revoked token was admitted"


def updates_of(programs, target):
    def work(index):
        counts = Counter()
        for i in range(UPDATES):
            counts[programs[(i + index) % 3].request("POST", target(i + index))[0]] += 1
        return counts
    return in_threads(work)


def check_single_statements(world, cluster):
    """One row, counted up from three nodes at once."""
    found = updates_of(world.programs, lambda i: "/counters/1")
    print("single statements:", dict(found), flush=True)
    assert found == {204: UPDATES * THREADS}
    cluster.wait_until_alike()
    for node in cluster.nodes:
        assert node.ask("SELECT n FROM counters WHERE id = 1", "cluster") == str(UPDATES * THREADS)
    conflicts = sum(int(node.status("wsrep_local_cert_failures")) + int(node.status("wsrep_local_bf_aborts"))
                    for node in cluster.nodes)
    print("of them met by another node's transaction:", conflicts, flush=True)
    assert conflicts > 0, "nothing was contended: this shows nothing"


def check_transactions(world, cluster):
    """From one row to another, read and written back: each keeps the sum, and is done in its time."""
    found = updates_of(world.programs, lambda i: "/moves/%d/%d" % ((2, 3) if i % 2 else (3, 2)))
    print("transactions:", dict(found), flush=True)
    assert found == {204: UPDATES * THREADS}
    cluster.wait_until_alike()
    for node in cluster.nodes:
        assert node.ask("SELECT SUM(n) FROM counters WHERE id IN (2, 3)", "cluster") == "0"


def main():
    enter_network()
    with World() as world:
        cluster = world.start_galera()
        cluster.nodes[0].ask("INSERT INTO counters VALUES (1, 0), (2, 0), (3, 0)", "cluster")
        cluster.wait_until_alike()
        turns = [world.databases[i:] + world.databases[:i] for i in range(3)]
        world.start_programs([url_of(hosts, "wsrep_sync_wait=1") for hosts in turns])
        begun = time.monotonic()
        check_accounts(world)
        check_single_statements(world, cluster)
        check_transactions(world, cluster)
        if FULL:  # what the setting is for
            for program, hosts in zip(world.programs, turns):
                program.environment["GW_DATABASE_URL"] = url_of(hosts, "wsrep_sync_wait=0")
            world.restart_programs()
            print("wsrep_sync_wait=0:", dict(accounts(world.programs, ROUNDS)))
        print("took %.1f s" % (time.monotonic() - begun))
    return 0


if __name__ == "__main__":
    sys.exit(main())
