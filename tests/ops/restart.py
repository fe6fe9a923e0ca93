#!/usr/bin/python3
"""SIGTERM and a new start, again and again, under load and with the socket kept: no GET is lost.

usage: restart.py SERVER [CYCLES [REQUESTS [TRANSPORT]]]"""
import subprocess
import sys
import threading
import time

from web import PROGRAM, Site, die_with_parent, listener, wait_for, waits_for_signals

CLIENTS = 8


class Load:
    """Clients that ask for the page over kept connections until they are told to stop."""

    def __init__(self, site):
        self.site, self.over = site, False
        self.answered = [0] * CLIENTS
        self.lost = []
        self.threads = [threading.Thread(target=self._ask, args=(i,)) for i in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _ask(self, i):
        client = self.site.client()
        while not self.over:
            try:
                answer = client.request("GET", "/")
                if answer.status != 200 or b"<title>The school" not in answer.body:
                    self.lost.append((time.monotonic(), answer.status, answer.body[:200]))
            except OSError as why:
                self.lost.append((time.monotonic(), repr(why)))
                client.close()
            self.answered[i] += 1
        client.close()

    def n(self):
        return sum(self.answered)

    def stop(self):
        self.over = True
        for thread in self.threads:
            thread.join()


def main():
    server = sys.argv[1]
    cycles = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    least = int(sys.argv[3]) if len(sys.argv) > 3 else 100 * cycles
    transport = sys.argv[4] if len(sys.argv) > 4 else "native"
    with Site(server, transport, settings={"GW_LOG": "quiet:stderr"}) as site:
        kept = listener(site.socket)

        def start():
            with open(site.folder + "/output", "ab") as out:
                return subprocess.Popen([PROGRAM], env=site.environment, stdin=kept, stdout=out,
                                        stderr=out, preexec_fn=die_with_parent)

        program = start()
        site.start_server()
        begun = time.monotonic()
        load = Load(site)
        statuses = set()
        for cycle in range(cycles):
            wanted = least * (cycle + 1) // cycles
            while load.n() < wanted:
                time.sleep(0.002)
            wait_for("it has started", lambda: waits_for_signals(program.pid))
            program.terminate()
            statuses.add(program.wait(20))
            program = start()
        while load.n() < least + CLIENTS:
            time.sleep(0.01)
        load.stop()
        program.terminate()
        statuses.add(program.wait(20))
        print("%s: %d restarts, %d requests, %d lost, %.0f s; exit statuses %s" % (
            server, cycles, load.n(), len(load.lost), time.monotonic() - begun, sorted(statuses)))
        if load.lost:
            print(load.lost[:10])
        sys.exit(bool(load.lost) or statuses != {0})


main()
