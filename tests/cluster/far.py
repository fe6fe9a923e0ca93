"""far.py: requests that wait for a database far away hold up none that needs no database.

Between the program and its server is a relay, which adds 2 ms to each round trip and then is stopped: what is asked of the
database waits until the relay goes on, which is when the others are answered. So no time is compared, but what comes first."""
import contextlib
import json
import select
import signal
import sys

import fcgi
from delay import RELAY, Local, start_server
from world import World, enter_network

PORT, WORKERS = 3400, 8
COUNTS = [WORKERS - 1, 3 * WORKERS]
OTHERS = [("GET", "/hello", 200), ("GET", "/me", 401), ("GET", "/none", 404), ("DELETE", "/notes", 405)] * 5


class Kept:
    """A connection that is kept, which the program has: one request on it was answered."""

    def __init__(self, program):
        self.peer = fcgi.connect(program.address, 20)
        self.stream = self.peer.makefile("rb")
        assert self.send("GET", "/none").status() == 404

    def send(self, method, target, token=None, body=None):
        body = body and json.dumps(body).encode()
        self.peer.sendall(fcgi.text_of(target, method, token, body=body, keep=1))
        return self

    def status(self):
        return fcgi.read_answer(self.stream)[0]

    def is_answered(self):
        return bool(select.select([self.peer], [], [], 0)[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.close()


@contextlib.contextmanager
def stopped(relay):
    relay.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        relay.send_signal(signal.SIGCONT)


def hold_up_nobody(program, relay, n, status, request):
    """`request` gives the next of those that wait."""
    with contextlib.ExitStack() as ends:
        waiting, kept = ([ends.enter_context(Kept(program)) for _ in range(count)] for count in (n, 1))
        with stopped(relay):
            for one in waiting:
                one.send(*request())
            for method, target, expected in OTHERS:
                assert kept[0].send(method, target).status() == expected, (method, target)
                assert program.request(method, target)[0] == expected, (method, target)  # on a connection of its own
            early = [one.status() for one in waiting if one.is_answered()]
            assert not early, ("answered before the others", early)
        assert [one.status() for one in waiting] == [status] * n


def know(program, status, request):
    """So often that the program knows how long these wait."""
    for _ in range(3):
        with contextlib.ExitStack() as ends:
            for one in [ends.enter_context(Kept(program)).send(*request()) for _ in range(3 * WORKERS)]:
                assert one.status() == status


def main():
    enter_network()
    with World() as world:
        start_server(world)
        relay = world.launch([RELAY, str(PORT), "127.0.0.1", "3306", "1000"], world.databases[0])
        program = Local(world, "native", PORT, GW_WORKERS=str(WORKERS), GW_STORE_TIMEOUT="30s",
                        GW_DATABASE_URL="mysql://program@127.0.0.1:%d/cluster?connect_timeout=30000ms" % PORT)
        world.programs.append(program)
        program.start()
        token, numbers = program.request("POST", "/people", None, {"name": "Ada"})[1]["token"], iter(range(10 ** 6))
        for kind, status, request in (("inserts", 201, lambda: ("POST", "/notes", None, {"word": "new %d" % next(numbers)})),
                                      ("lists", 200, lambda: ("GET", "/notes")), ("rows", 200, lambda: ("GET", "/me", token))):
            know(program, status, request)
            for n in COUNTS:
                hold_up_nobody(program, relay, n, status, request)
                print("%2d %s that wait hold up nobody" % (n, kind), flush=True)
        assert program.stop() == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
