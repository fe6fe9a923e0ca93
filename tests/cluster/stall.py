"""stall.py: writes that the database holds up do not hold up reads."""
import statistics
import sys
import threading
import time

from delay import Local, start_server
from program import wait_for
from world import World, enter_network

WRITERS = 40
STALL_S = 4


class Writers:
    """Each sends its next as soon as the last is answered."""

    def __init__(self, program):
        self.program, self.ending, self.statuses = program, threading.Event(), []
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def _run(self, index):
        n = 0
        while not self.ending.is_set():
            n += 1
            self.statuses.append(self.program.request("POST", "/notes", None, {"word": "%d of %d" % (n, index)})[0])

    def finish(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()


def reads(program, seconds):
    """How long each took that was sent one after the other."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        status, body = program.request("GET", "/notes")
        assert status == 200 and len(body) == 20, (status, body)
        times.append(time.monotonic() - begun)
        time.sleep(0.01)
    return times


def lock_table(world, server):
    holder = world.launch(server.client() + ["-e", "LOCK TABLES notes READ; SELECT SLEEP(%d)" % STALL_S])
    wait_for("the lock", lambda: "SLEEP" in server.ask("SHOW PROCESSLIST"))
    return holder


def main():
    enter_network()
    with World() as world:
        server = start_server(world)
        program = Local(world, "native", 3306, GW_WORKERS="8")
        world.programs.append(program)
        program.start()
        holder = lock_table(world, server)
        writers = Writers(program)
        times = reads(program, STALL_S - 1)
        writers.finish()
        holder.wait()
        print("%d reads beside %d writers that wait: the median %.1f ms, the slowest %.1f ms" % (
            len(times), WRITERS, statistics.median(times) * 1000, max(times) * 1000))
        assert max(times) < 0.5, "reads waited behind writes"
    return 0


if __name__ == "__main__":
    sys.exit(main())
