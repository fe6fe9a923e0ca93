"""A program under load, without a web server: scenarios.py NAME LOAD PROBE GATEWRIGHT ROUTES
[HELLO PLAIN SEQUENCES].

With TESTS_FULL=1 the numbers are those that take long."""

import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import fcgi
from probe import Probe
from program import SECRET, token

NAME, LOAD, PROBE, GATEWRIGHT, ROUTES = sys.argv[1:6]
FULL = os.environ.get("TESTS_FULL") == "1"


def site(store="sqlite", **settings):
    return Probe(PROBE, GATEWRIGHT, ROUTES, store, **settings)


def load(on, plan, connections, requests=0, idle=0, seconds=0):
    path = on.folder + "/plan"
    json.dump(plan, open(path, "w"))
    done = subprocess.run([LOAD, on.socket, str(connections), str(requests), path, str(idle),
                           str(seconds)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    for name, kind in result["kinds"].items():
        print(f"  {name}: {kind['n']} answers, {kind['status']}, {kind['wrong']} wrong; "
              f"p50 {kind['p50'] / 1000:.2f} ms, p99 {kind['p99'] / 1000:.2f} ms, "
              f"max {kind['max'] / 1000:.1f} ms")
    print(f"  {result['answered'] / result['seconds']:,.0f} answers/s, {result['broken']} broken",
          flush=True)
    return result


def expect_good(result):
    wrong = sum(kind["wrong"] for kind in result["kinds"].values())
    assert not wrong and not result["broken"], (wrong, result["broken"], result["first_wrong"])


def callers(people):
    return [{"kind": "me", "uri": "/p/me", "token": token("people", "id", key), "status": 200,
             "contains": f'"id": {key}, "name": "{name}"'.replace(": ", ":").replace(", ", ",")}
            for key, name in people]


FAST = {"kind": "fast", "uri": "/fast", "status": 200, "contains": "fast"}


def identities():
    """64 identities through coalesced loads: no answer is another's."""
    with site("mariadb") as on:
        plan = callers(on.people(64))
        expect_good(load(on, plan, 64, 10_000_000 if FULL else 200_000))
    with site("sqlite") as on:
        plan = callers(on.people(64))
        expect_good(load(on, plan, 64, 1_000_000 if FULL else 50_000))


def slow_handlers():
    """Each tenth request is to a handler that sleeps 200 ms: the others do not notice."""
    slow = {"kind": "slow", "uri": "/slow", "weight": 1, "status": 200, "contains": "slow"}
    with site() as on:
        seen = []
        for _ in range(3):
            result = load(on, [{**FAST, "weight": 9}, slow], 16, 4000 if FULL else 1500)
            expect_good(result)
            seen.append(result["kinds"]["fast"]["p99"] / 1000)
        assert statistics.median(seen) < 20, seen


def slow_sometimes():
    """One handler that sleeps at every tenth call: its quick calls do not wait for the slow ones."""
    with site(GW_WORKERS="24") as on:
        seen = []
        plan = [{"kind": "tenth", "uri": "/tenth", "status": 200}, FAST]
        for _ in range(3):
            result = load(on, plan, 16, 4000 if FULL else 2000)
            expect_good(result)
            seen.append(result["kinds"]["fast"]["p99"] / 1000)
            tenth = result["kinds"]["tenth"]
            assert tenth["p50"] < 20000 <= 200000 <= tenth["max"], tenth
        assert statistics.median(seen) < 20, seen


def failed_statement():
    """A table that is locked: 503 for those whose row it holds, and nobody else."""
    with site("mariadb") as on:
        people = callers(on.people(16))
        staff = []
        for i in range(16):
            status, out = on.request("POST", "/p/staff", body=b'{"name":"staff"}')
            assert status == 201, out
            key = json.loads(out)["id"]
            staff.append({"kind": "staff", "uri": "/p/staff",
                          "token": token("staff", "staff_id", key)})
        lock = subprocess.Popen(on.database.command(), stdin=subprocess.PIPE, text=True)
        lock.stdin.write("LOCK TABLES staff WRITE; SELECT 1;\n")
        lock.stdin.flush()
        time.sleep(0.3)
        refused = [{**one, "status": 503} for one in staff]
        result = load(on, people + refused + 3 * [FAST], 64, 3000 if FULL else 600)
        lock.kill()
        lock.wait()
        expect_good(result)
        assert min(kind["n"] for kind in result["kinds"].values()) > 10
        time.sleep(1.2)  # after repeated failures requests fail fast for a short while
        expect_good(load(on, people + [{**one, "status": 200} for one in staff] + [FAST], 64, 5000))


def unreadable_rows():
    """Rows that cannot be read: 500 for those whose they are, and nobody else."""
    faults = ["works = 2", "seen = '0000-00-00 00:00:00'", "uses = -1", "label = 'a\\0b'", "epoch = -1"]
    spoil = "SET sql_mode = ''; ALTER TABLE machines MODIFY uses BIGINT NOT NULL, MODIFY epoch BIGINT;"
    stored = {"seen = '0000-00-00 00:00:00'": "seen = 1.5", "label = 'a\\0b'": "label = x'6100ff'"}
    loosen = ("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE machines (id"
              " INTEGER PRIMARY KEY, label, works, seen, uses, epoch)' WHERE name = 'machines'")
    for store in ("mariadb", "sqlite"):
        with site(store) as on:
            plan = []
            for i in range(8 + len(faults)):
                status, out = on.request("POST", "/p/machines", body=b'{"name":"m%d"}' % i)
                assert status == 201, out
                key = json.loads(out)["id"]
                one = {"kind": "good", "uri": "/p/machine", "token": token("machines", "id", key),
                       "status": 200, "contains": f'"label":"m{i}"', "weight": 4}
                plan.append(one if i < 8 else {**one, "kind": faults[i - 8], "status": 500,
                                               "contains": "", "weight": 1})
            if store == "mariadb":
                assert on.database.run(spoil + "".join(
                    f"UPDATE machines SET {fault} WHERE id = {9 + i};"
                    for i, fault in enumerate(faults)))
            else:
                for change in [loosen] + [f"UPDATE machines SET {stored.get(fault, fault)} WHERE id ="
                                          f" {9 + i}" for i, fault in enumerate(faults)]:
                    done = sqlite3.connect(on.folder + "/store.db")
                    done.executescript(change + ";")
                    done.close()
            result = load(on, plan, 64, 20_000 if FULL else 4000)
            expect_good(result)
            assert result["kinds"]["good"]["n"] >= (10_000 if FULL else 2000)
            log = open(on.log).read()
            for i, fault in enumerate(faults):
                line = f"machines: the row with id {9 + i} cannot be read: {fault.split()[0]} is not"
                assert line in log, line


def idle_connections():
    """1,000 connections that are idle or dribble, beside good traffic: none of that is refused."""
    n = 200_000 if FULL else 30_000
    with site("mariadb") as on:
        plan = callers(on.people(64)) + [{**FAST, "weight": 64}]
        alone, beside = [], []
        for _ in range(7 if FULL else 1):
            for idle, seen in ((0, alone), (1000, beside)):
                result = load(on, plan, 32, n, idle)
                expect_good(result)
                seen.append(max(kind["p99"] for kind in result["kinds"].values()))
        print(f"  p99 alone {sorted(alone)} us, beside 1,000 others {sorted(beside)} us: "
              f"{statistics.median(beside) / statistics.median(alone):.3f}")
        if FULL:  # a time: not for every machine at every moment
            assert statistics.median(beside) <= 1.1 * statistics.median(alone)


def mixed(people):
    big = "x" * 200_000
    return callers(people) + [
        {**FAST, "weight": 64},
        {"kind": "stream", "uri": "/stream", "status": 200, "contains": "s" * 64},
        {"kind": "echo", "method": "POST", "uri": "/p/echo", "body": big, "status": 200,
         "contains": big},
        {"kind": "add", "method": "POST", "uri": "/p/people", "body": '{"name":"one more"}',
         "status": 201, "contains": '"id"'},
        {"kind": "bad", "uri": "/p/me", "token": "a.b.c", "status": 401, "weight": 4},
        {"kind": "invalid", "method": "POST", "uri": "/p/people", "body": '{"name":1}',
         "status": 422, "weight": 4},
        {"kind": "missing", "uri": "/p/nothing", "status": 404, "weight": 4},
        {"kind": "slow", "uri": "/slow", "status": 200, "weight": 1}]


def soak():
    """Mixed load: neither memory nor descriptors drift, and nothing unexplained is answered."""
    seconds = 1200 if FULL else 90
    with site("mariadb") as on:
        plan, seen, over = mixed(on.people(64)), [], threading.Event()
        # What a worker needs for as many callers at once as a batch takes it keeps, statements of the
        # store's among it: it is made to meet them all before the first look.
        for _ in range(10):
            expect_good(load(on, plan, 64, 0, seconds=1))

        def watch():
            while not over.wait(0.25):
                seen.append((on.resident_kib(), on.descriptors_but_the_stores()))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            expect_good(load(on, plan, 48, 0, seconds=seconds))
        finally:
            over.set()
            watcher.join()
        quarter = len(seen) // 4
        begun, ended = seen[quarter:2 * quarter], seen[3 * quarter:4 * quarter]
        # The least of many moments: large bodies under way have memory, and files, of their own.
        memory = [min(one[0] for one in part) for part in (begun, ended)]
        descriptors = [min(one[1] for one in part) for part in (begun, ended)]
        print(f"  resident KiB {memory[0]:.0f}, then {memory[1]:.0f}; descriptors {descriptors[0]}, "
              f"then {descriptors[1]}; of each quarter "
              f"{[min(one[0] for one in seen[i * quarter:(i + 1) * quarter]) for i in range(4)]}")
        # In the short run 3 bytes for each request; in the long one a tenth of that.
        assert memory[1] <= (1.01 if FULL else 1.03) * memory[0], "memory drifts"
        assert descriptors[1] <= descriptors[0], "descriptors drift"
        assert on.stop() == 0


def memory():
    """8 workers after 100,000 requests, or a million: under 16 MiB."""
    with site("mariadb", GW_WORKERS="8") as on:
        plan = callers(on.people(64)) + [{**FAST, "weight": 64}]
        expect_good(load(on, plan, 64, 1_000_000 if FULL else 100_000))
        print(f"  {on.resident_kib() / 1024:.1f} MiB")
        assert on.resident_kib() < 16 * 1024


class Kept:
    """A connection that stays, for one request after the other."""

    def __init__(self, on):
        self.peer = fcgi.connect(on.socket, 20)
        self.stream = self.peer.makefile("rb")

    def ask(self, uri, expected):
        self.peer.sendall(fcgi.text_of(uri, keep=1))
        status, _, body = fcgi.read_answer(self.stream)
        assert (status, body) == (200, expected), (status, body)


def loops():
    """One loop has all connections while it keeps up, others help it while it does not: on the same
    connections, whose answers stay right."""
    with site() as on:
        kept = [Kept(on) for _ in range(32)]

        def in_turn():
            for one in kept:
                one.ask("/burn", b"burnt")
                time.sleep(0.009)

        def at_once():
            end = time.monotonic() + 3

            def burn(some):
                while time.monotonic() < end:
                    for one in some:
                        one.ask("/burn", b"burnt")
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(burn, [kept[i::8] for i in range(8)]))

        def second_of(what):
            """The CPU time of the second busiest thread, by that of the busiest."""
            before = on.thread_ticks()
            what()
            spent = sorted(n - before.get(name, 0) for name, n in on.thread_ticks().items())
            return spent[-2] / max(spent[-1], 1)

        for _ in range(5 if FULL else 2):
            busy = second_of(at_once)
            end = time.monotonic() + 10
            while (calm := second_of(lambda: [in_turn() for _ in range(3)])) > 0.1:
                assert time.monotonic() < end, calm
            print(f"  the second loop's part: {busy:.2f} of the first's when busy, {calm:.2f} when "
                  "calm", flush=True)
            assert os.cpu_count() == 1 or busy > 0.1
        assert on.stop() == 0


def few_workers():
    """Two workers, one of them always in a handler that sleeps: the others' requests do not wait."""
    with site(GW_WORKERS="2") as on:
        kept, took, over = [Kept(on) for _ in range(8)], [], threading.Event()

        def sleep():
            one = Kept(on)
            while not over.is_set():
                one.ask("/slow", b"slow")
        with ThreadPoolExecutor(1) as pool:
            sleeper = pool.submit(sleep)
            try:
                for _ in range(100):
                    for one in kept:
                        begun = time.monotonic()
                        one.ask("/fast", b"fast")
                        took.append((time.monotonic() - begun) * 1000)
                    time.sleep(0.02)
            finally:
                over.set()
            sleeper.result()
        print(f"  median {statistics.median(took):.2f} ms, mean {statistics.mean(took):.2f} ms")
        assert statistics.mean(took) < 10, statistics.mean(took)


def crowd():
    """More connections than one loop may have: the next takes the rest, and all are answered."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, most[1]))  # 118 for each loop
    with site() as on:
        kept = [Kept(on) for _ in range(150 if os.cpu_count() > 1 else 100)]
        for _ in range(20):
            for one in kept:
                one.ask("/fast", b"fast")
            time.sleep(0.05)
        assert on.stop() == 0


def large_bodies():
    """Bodies and streams of a MiB, 16 at a time, within the memory that small ones take."""
    text = "".join(f"{i:015x}\n" for i in range(1 << 16))
    with site() as on:
        plan = [{"kind": "upload", "method": "POST", "uri": "/p/upload", "body": text,
                 "status": 200, "contains": text[-100000:]},
                {"kind": "stream", "uri": "/stream", "status": 200}]
        expect_good(load(on, [FAST], 16, 1000))
        before = on.resident_kib()
        expect_good(load(on, plan, 16, 2000 if FULL else 200))
        print(f"  {before} KiB before, {on.resident_kib()} KiB after")
        assert on.resident_kib() < before + 16 * (256 + 64 + 64) + 2048


def overflow():
    """More requests to a handler that sleeps than can wait: 503 at once, and the rest in turn."""
    slow = {"kind": "slow", "uri": "/slow"}
    with site(GW_WORKERS="16") as on:
        result = load(on, [slow], 400, 800)
        status = result["kinds"]["slow"]["status"]
        assert set(status) == {"200", "503"} and not result["broken"], result
        assert load(on, [FAST], 16, 1000)["kinds"]["fast"]["wrong"] == 0


STATUS = "a-token-for-the-status-pages"


def counted(on):
    """(requests answered, requests in flight), the one that asks being among the latter."""
    _, _, body = fcgi.request(on.socket, "/-/metrics", token=STATUS)
    lines = [line.rsplit(" ", 1) for line in body.decode().splitlines() if line[0] != "#"]
    answered = sum(int(n) for name, n in lines if name.startswith("gatewright_requests_total"))
    return answered, next(int(n) for name, n in lines if name == "gatewright_requests_in_flight")


def sequences(transport):
    """Random sequences of records with aborts: each connection ends, each request that began has its
    line in the log, and nothing is left of them: no memory, no descriptor, no work."""
    n = 10_000_000 if FULL else 100_000

    def send(number, seed):
        done = subprocess.run([sys.argv[8], on.socket, str(number), str(seed)], capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stderr + on.said()
        return [int(one) for one in done.stdout.split()]

    with site(GW_TRANSPORT=transport, GW_STATUS_PATH="/-", GW_STATUS_TOKEN=STATUS) as on:
        on.stop()
        on.environment["GW_LOG"] = "text:" + on.log
        on.environment["ASAN_OPTIONS"] = "quarantine_size_mb=4"
        on.start_program()
        send(n // 5, 1)
        before = on.resident_kib(), on.descriptors()
        sent, answers, ends = send(n - n // 5, 2)
        after = on.resident_kib(), on.descriptors()
        ticks = sum(on.thread_ticks().values())
        time.sleep(3)
        spent = sum(on.thread_ticks().values()) - ticks
        answered, in_flight = counted(on)
        print(f"  {sent} sequences, {answers} answers, {ends} ends; KiB and descriptors {before}, "
              f"then {after}; {spent} ticks of CPU time in 3 idle seconds; {in_flight} in flight",
              flush=True)
        assert in_flight == 1, in_flight
        # A sanitizer's own books grow; it finds leaks at the end.
        with open(f"/proc/{on.process.pid}/maps") as maps:
            more = 8192 if "libasan" in maps.read() else 2048
        assert after[1] <= before[1] and after[0] <= before[0] + more, (before, after)
        assert spent <= 3, spent
        assert on.stop() == 0
        with open(on.log) as log:
            lines = sum(1 for line in log if "us" in line and "B " in line)
        assert lines == answered + 1, (lines, answered)
        assert not on.complaints(), on.said()


def sequences_native():
    """Sequences of records for the native transport."""
    sequences("native")


def sequences_libfcgi():
    """Sequences of records for libfcgi."""
    sequences("libfcgi")


def cgi():
    """A plain CGI request beside a C program that is linked with the same libraries."""
    hello, plain = sys.argv[6:8]
    environment = {"PATH": os.environ["PATH"], "GATEWAY_INTERFACE": "CGI/1.1",
                   "REQUEST_METHOD": "GET", "REQUEST_URI": "/", "SCRIPT_NAME": "/",
                   "GW_SECRET_KEY": SECRET,
                   "GW_DATABASE_URL": "sqlite::memory:", "SERVER_PROTOCOL": "HTTP/1.1"}

    def instructions(program):
        log = f"/tmp/gatewright-cgi.{os.getpid()}"
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={log}", program],
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        os.unlink(log)
        assert done.returncode == 0 and "ello" in done.stdout, done
        return int(done.stderr.split("Collected : ")[1].split()[0])

    def seconds(program):
        before = os.times()
        for _ in range(100):
            done = subprocess.run([program], env=environment, stdin=subprocess.DEVNULL,
                                  capture_output=True)
            assert b"ello" in done.stdout, done
        after = os.times()
        return (after.children_user + after.children_system -
                before.children_user - before.children_system) / 100

    mine, theirs = [], []
    for _ in range(3):
        mine.append(seconds(hello))
        theirs.append(seconds(plain))
    ratio = statistics.median(mine) / statistics.median(theirs)
    print(f"  CPU of a request: {statistics.median(mine) * 1e3:.2f} ms, of the plain program "
          f"{statistics.median(theirs) * 1e3:.2f} ms: {ratio:.2f}")
    counted = instructions(hello) / instructions(plain)
    print(f"  instructions: {counted:.2f} times")
    assert counted <= 3
    if FULL:
        assert ratio <= 3


begun = time.monotonic()
print(globals()[NAME].__doc__, flush=True)
globals()[NAME]()
print(f"{NAME}: good, {time.monotonic() - begun:.0f} s")
