"""Rows in a stream: an export takes little memory, however many rows there are and whoever reads them, and has all of
them. Measured from outside (proc(5)); what comes is held against what the store's own client reads."""
import concurrent.futures
import hashlib
import re
import subprocess
import time

import fcgi
from world import FULL, World

SIZE = 1 << 30 if FULL else 50_000_000
BOUND = 16 << 20
ROW = re.compile(rb'[\[,]\{"id":([0-9]+),"title":"([^"\\]*)","words":"([^"\\]*)"\}')


def fill(world):
    """Rows of very different lengths, of about SIZE bytes: in each 1,000 one of 1 MB, 9 of 60 KB, 990 of 500 B."""
    n = int(SIZE / 2035) + 1
    length = "CASE WHEN {0} % 1000 = 500 THEN 31250 WHEN {0} % 100 = 0 THEN 1875 ELSE 15 END"
    if world.database:
        words = f"REPEAT(MD5(seq), {length.format('seq')})"
        world.sql(f"INSERT INTO notes SELECT seq, CONCAT('title ', seq), {words} FROM seq_1_to_{n}")
    else:
        words = f"replace(hex(zeroblob({length.format('i')})), '00', hex(randomblob(16)))"
        world.sql(f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {n})"
                  f" INSERT INTO notes SELECT i, 'title ' || i, {words} FROM c")
    return n


def stored(world):
    """The sum of what the store's client reads."""
    columns = "CONCAT_WS('|', id, title, words)" if world.database else "id || '|' || title || '|' || words"
    client = subprocess.Popen(world.client(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    client.stdin.write(f"SELECT {columns} FROM notes ORDER BY id;\n".encode())
    client.stdin.close()
    found = hashlib.sha256()
    while piece := client.stdout.read(1 << 20):
        found.update(piece)
    assert client.wait() == 0
    return found.hexdigest()


def records(stream):
    """The output of a request, as it comes."""
    while True:
        header = stream.read(8)
        assert len(header) == 8, "the answer is cut off"
        content = stream.read(int.from_bytes(header[4:6], "big"))
        stream.read(header[6])
        if header[1] == 6:
            yield content
        elif header[1] == 3:
            return


def exported(world, target):
    """The number of rows, their sum, and of bytes that came. The reader takes a pause that is longer than the program has
    for a request."""
    found, rest, n, size, paused, head = hashlib.sha256(), b"", 0, 0, False, None
    with fcgi.connect(world.address, 60) as peer:
        peer.sendall(fcgi.text_of(target))
        for content in records(peer.makefile("rb")):
            if head is None:
                head, _, content = content.partition(b"\r\n\r\n")
                assert b"Status: 200" in head, head
            size += len(content)
            if size > 100_000 and not paused:
                paused = True
                time.sleep(1.5)
            rest += content
            if b"}" not in content:
                continue
            end = 0
            for row in ROW.finditer(rest):
                assert row.start() == end, rest[end:end + 100]
                end = row.end()
                found.update(b"|".join(row.groups()) + b"\n")
                n += 1
            rest = rest[end:]
    assert rest == b"]", rest[:100]
    return n, found.hexdigest(), size


def status(world, name):
    for line in open(f"/proc/{world.process.pid}/status"):
        if line.startswith(name + ":"):
            return int(line.split()[1]) << 10
    raise AssertionError(name)


def measure(world, target, n, sum_stored):
    with open(f"/proc/{world.process.pid}/clear_refs", "w") as file:
        file.write("5")  # VmHWM begins anew
    before, begun = status(world, "VmRSS"), time.monotonic()
    found, sum_exported, size = exported(world, target)
    more = status(world, "VmHWM") - before
    print(f"{'mysql' if world.database else 'sqlite'} {target}: {size / 1e6:,.0f} MB of {found:,} rows in "
          f"{time.monotonic() - begun:.1f} s, {more / (1 << 20):.1f} MiB above idle", flush=True)
    assert found == n and sum_exported == sum_stored and size >= SIZE
    assert more < BOUND, more


def run(store):
    with World(store, GW_REQUEST_TIMEOUT="1s", GW_WORKERS="2") as world:
        n = fill(world)
        world.start_program()
        sum_stored = stored(world)
        for target in ("/list", "/select"):
            measure(world, target, n, sum_stored)
        assert world.stop() == 0


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for done in [pool.submit(run, store) for store in ("sqlite", "mysql")]:
        done.result()
