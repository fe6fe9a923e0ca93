#!/usr/bin/python3
"""The program under spawn-fcgi, multiwatch and systemd's socket activation: it starts, answers, reloads,
recycles and stops under each."""
import os
import re
import signal
import socket
import subprocess
import threading
import time

import fcgi
from web import (PROGRAM, Site, adopt_orphans, die_with_parent, is_listening, listener, run_tests,
                 wait_for, waits_for_signals)

adopt_orphans()


def answers(site, n=1):
    for _ in range(n):
        status, _, body = fcgi.request(site.socket)
        assert status == 200 and b"<title>The school" in body, (status, body[:200])


def is_up(site):
    try:
        answers(site)
        return True
    except OSError:
        return False


def children_of(pid):
    return [int(p) for p in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()]


def reloads(site, pids):
    """Each process reads its keys again and follows a log that was moved away."""
    wait_for("all have started", lambda: all(waits_for_signals(p) for p in pids))
    os.rename(site.log, site.log + ".1")
    for pid in pids:
        os.kill(pid, signal.SIGHUP)
    wait_for("the new log is written",
             lambda: os.path.exists(site.log) and
             open(site.log).read().count("SIGHUP: 1 keys read") == len(pids))
    before = open(site.log + ".1").read()
    answers(site, 3)
    assert open(site.log).read().count(" GET / 200 ") == 3
    assert open(site.log + ".1").read() == before, "the old log still grows"


def ends(pid, begun, expected=0):
    """A child of ours ends with the status, and within a second of `begun`."""
    _, status = os.waitpid(pid, 0)
    took = time.monotonic() - begun
    assert os.waitstatus_to_exitcode(status) == expected, (pid, status)
    assert took < 1, "it took %.2f s to end" % took


def stops(pids, number=signal.SIGTERM):
    for pid in pids:
        begun = time.monotonic()
        os.kill(pid, number)
        ends(pid, begun)


def ask_without_loss(site, n, threads=4):
    """`n` requests by several at once: each must be answered."""
    lost = []

    def ask():
        for _ in range(n // threads):
            try:
                answers(site)
            except (OSError, AssertionError) as why:
                lost.append(why)

    askers = [threading.Thread(target=ask) for _ in range(threads)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert not lost, "%d of %d lost: %r" % (len(lost), n, lost[0])


def spawned(site, *options):
    """What spawn-fcgi leaves behind."""
    done = subprocess.run(["spawn-fcgi", "-s", site.socket, "-M", "0666", *options, "--", PROGRAM],
                          env=site.environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done
    return [int(p) for p in re.findall(r"PID: (\d+)", done.stdout)]


def test_spawn_fcgi():
    with Site() as site:
        pids = spawned(site, "-P", site.folder + "/pid")
        assert [int(open(site.folder + "/pid").read())] == pids
        wait_for("it answers", lambda: is_up(site))
        reloads(site, pids)
        stops(pids)


def test_spawn_fcgi_with_several():
    with Site() as site:
        pids = spawned(site, "-F", "2")
        assert len(pids) == 2
        wait_for("it answers", lambda: is_up(site))
        reloads(site, pids)
        stops(pids[:1], signal.SIGUSR1)
        answers(site, 10)  # the other has the socket, which was not shut down
        stops(pids[1:])


def test_spawn_fcgi_with_several_recycles():
    """Nobody starts them again there; but each ends in order, and the others go on."""
    with Site(settings={"GW_MAX_REQUESTS": "25"}) as site:
        pids = spawned(site, "-F", "2")
        wait_for("it answers", lambda: is_up(site))
        ask_without_loss(site, 24, 1)
        for _ in range(60):  # one may take a few more, that were in its hands
            is_up(site)
        for pid in pids:
            ends(pid, time.monotonic() + 9)


def test_spawn_fcgi_without_fork():
    """As daemontools and runit start it: it becomes the program."""
    with Site() as site:
        program = site.launch(["spawn-fcgi", "-n", "-s", site.socket, "--", PROGRAM])
        wait_for("it answers", lambda: is_up(site))
        reloads(site, [program.pid])
        begun = time.monotonic()
        program.terminate()
        assert program.wait(5) == 0 and time.monotonic() - begun < 1


def multiwatched(site, *options):
    program = site.launch(["spawn-fcgi", "-n", "-s", site.socket, "-M", "0666", "--", "/usr/bin/multiwatch",
                           "-f", "2", *options, "--", PROGRAM])
    wait_for("it answers", lambda: is_up(site))
    return program


def test_multiwatch():
    with Site() as site:
        program = multiwatched(site)
        pids = wait_for("both run", lambda: len(p := children_of(program.pid)) == 2 and p)
        reloads(site, pids)
        begun = time.monotonic()
        program.terminate()
        program.wait(10)
        assert time.monotonic() - begun < 2
        wait_for("its children end", lambda: not any(os.path.exists("/proc/%d" % p) for p in pids))


def test_multiwatch_recycles():
    with Site(settings={"GW_MAX_REQUESTS": "20"}) as site:
        program = multiwatched(site, "-r", "1000", "-t", "1")
        first = set(children_of(program.pid))
        ask_without_loss(site, 400)
        # A child that it has only just forked would miss the signal.
        pids = wait_for("both run", lambda: len(p := children_of(program.pid)) == 2 and
                        all(waits_for_signals(i) for i in p) and p)
        assert first.isdisjoint(pids), "nothing was recycled"
        program.terminate()
        program.wait(10)


def test_systemd_socket_activate():
    """systemd's own tool, which starts the program at the first connection and becomes it."""
    with Site(settings={"GW_MAX_REQUESTS": "100"}) as site:
        program = site.launch(["systemd-socket-activate", "-l", site.socket,
                               *("-E" + e for e in site.environment if e != "PATH"), PROGRAM])
        wait_for("it listens", lambda: is_listening(site.socket))
        ask_without_loss(site, 40)
        reloads(site, [program.pid])
        ask_without_loss(site, 56)
        answers(site)  # the 100th
        assert program.wait(5) == 0, "it did not recycle"


def test_systemd_socket_activate_stops():
    with Site() as site:
        program = site.launch(["systemd-socket-activate", "-l", site.socket,
                               *("-E" + e for e in site.environment if e != "PATH"), PROGRAM])
        wait_for("it listens", lambda: is_listening(site.socket))
        answers(site)
        begun = time.monotonic()
        program.terminate()
        assert program.wait(5) == 0 and time.monotonic() - begun < 1


class Manager:
    """What systemd does for a `.socket` and a `Type=notify` service: it keeps the socket, hands it over
    as LISTEN_FDS, hears what the service says of itself, and starts it again when it ended while
    somebody waits."""

    def __init__(self, site, first=None):
        self.site, self.first, self.states, self.n_started = site, first, [], 0
        self.socket = listener(site.socket)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(site.folder + "/notify")
        self.notify.settimeout(0.1)
        self.over = False
        self.program = self._start()
        self.threads = [threading.Thread(target=t) for t in (self._hear, self._watch)]
        for thread in self.threads:
            thread.start()

    def _start(self):
        def hand_over():
            os.dup2(self.first if self.first is not None else self.socket.fileno(), 3)
            die_with_parent()
        self.n_started += 1
        environment = dict(self.site.environment, LISTEN_FDS="1",
                           NOTIFY_SOCKET=self.site.folder + "/notify")
        with open(self.site.folder + "/output", "ab") as out:
            return subprocess.Popen(["sh", "-c", 'LISTEN_PID=$$ exec "$0"', PROGRAM],
                                    env=environment, preexec_fn=hand_over, pass_fds=(3,),
                                    stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def _hear(self):
        while not self.over:
            try:
                self.states.append(self.notify.recv(4096).decode())
            except TimeoutError:
                pass

    def _watch(self):
        while not self.over:
            if self.program.poll() is not None and not self.over:
                assert self.program.returncode == 0, self.program.returncode
                self.program = self._start()
            time.sleep(0.005)

    def stop(self):
        self.over = True
        for thread in self.threads:
            thread.join()
        begun = time.monotonic()
        self.program.terminate()
        status = self.program.wait(10)
        return status, time.monotonic() - begun


def test_systemd():
    with Site() as site:
        manager = Manager(site)
        answers(site)
        wait_for("it says that it is ready", lambda: "READY=1" in manager.states)
        reloads(site, [manager.program.pid])
        wait_for("it says that it is ready again", lambda: manager.states.count("READY=1") == 2)
        said = manager.states[1].split("\n")
        assert said[0] == "RELOADING=1" and said[1].startswith("MONOTONIC_USEC="), said
        status, took = manager.stop()
        assert status == 0 and took < 1, (status, took)
        assert manager.notify.recv(4096).decode().split("\n")[0] == "STOPPING=1"


def test_systemd_recycles():
    for transport in "native", "libfcgi":
        with Site(None, transport, settings={"GW_MAX_REQUESTS": "20"}) as site:
            manager = Manager(site)
            ask_without_loss(site, 400)
            assert manager.n_started > 10, manager.n_started
            manager.stop()


run_tests(globals())
