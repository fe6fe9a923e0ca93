"""A search that takes three seconds: on a route that says `timeout 10s` it is answered, on one that does not it is 503 by then,
and requests beside it are answered as they are without it."""
import concurrent.futures
import sqlite3
import statistics
import time

import fcgi
from world import World

SECONDS = 3


def counts_in(seconds):
    """How far SQLite itself, by Python's module, counts in that time."""
    database = sqlite3.connect(":memory:")
    n, took = 100_000, 0
    while took < 0.5:
        n *= 2
        begun = time.monotonic()
        database.execute("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?) SELECT COUNT(*) FROM c", (n,)).fetchone()
        took = time.monotonic() - begun
    return int(n * seconds / took)


def quick_one(world):
    begun = time.monotonic()
    status, body = fcgi.request(world.address, "/quick")[::2]
    assert status == 200 and b"first" in body, (status, body)
    return time.monotonic() - begun


def run(store):
    with World(store) as world:
        world.sql("INSERT INTO notes VALUES (1, 'first', 'words')")
        world.start_program()
        n = SECONDS * 1000 if world.database else counts_in(SECONDS)
        for _ in range(20):
            quick_one(world)
        alone = statistics.median(quick_one(world) for _ in range(200))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            begun = time.monotonic()
            long = pool.submit(fcgi.request, world.address, f"/search/{n}")
            hasty = pool.submit(fcgi.request, world.address, f"/hasty/{n}")
            beside = []
            while not long.done():
                beside.append(quick_one(world))
            took = time.monotonic() - begun
            status, body = long.result()[::2]
        assert status == 200 and (b'"found":0' if world.database else b'"found":%d' % n) in body, (status, body)
        assert hasty.result()[0] == 503, hasty.result()
        print(f"{store}: a search of {took:.1f} s; beside it {len(beside)} requests, median {statistics.median(beside) * 1e3:.2f} ms, "
              f"without it {alone * 1e3:.2f} ms", flush=True)
        assert took > 1.5 and len(beside) > 100, (took, len(beside))
        assert statistics.median(beside) < 3 * alone, (statistics.median(beside), alone)
        assert world.stop() == 0


for store in ("sqlite", "mysql"):
    run(store)
