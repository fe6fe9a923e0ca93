"""The program on hosts of their own, and clients that check each of its answers."""
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter

import fcgi
from program import PATH, SANITIZERS, SECRET, wait_for

PROGRAM = os.environ["CLUSTER_PROGRAM"]
STATEMENT_S = 1.5  # that a statement may take, connecting included
PAUSE_S = 0.01     # of a client between two requests: it is not the machine that is tested


class ProgramHost:
    """`url`: of its database. The socket is held outside of the program: what comes while it is started anew waits;
    `port` None: it listens by itself."""

    def __init__(self, host, folder, url, port=9000, **settings):
        self.host, self.folder = host, folder
        os.makedirs(folder, exist_ok=True)
        self.log, self.output = folder + "/log", folder + "/output"
        self.address = "tcp:%s:%s" % (host.address, port)
        self.process = None
        self.listener = host.listener(port) if port else subprocess.DEVNULL
        self.environment = {
            "PATH": PATH, "HOME": folder, "GW_SECRET_KEY": SECRET, "GW_DATABASE_URL": url,
            "GW_LOG": os.environ.get("CLUSTER_LOG", "quiet") + ":" + self.log, **settings,
            **{name: os.environ[name] for name in SANITIZERS if name in os.environ}}

    def start(self):
        with open(self.output, "ab") as out:
            self.process = self.host.launch([PROGRAM], stdin=self.listener, stdout=out, stderr=out,
                                            env=self.environment)
        wait_for("the program starts", lambda: self.is_ready() or self.process.poll() is not None, 30)
        assert self.process.poll() is None, self.said()
        return self

    def is_ready(self):
        try:
            return fcgi.request(self.address, "/none", timeout=5)[0] > 0
        except OSError:
            return False

    def run(self, *arguments):
        """A command of the program's on its host: (status, what it says)."""
        process = self.host.launch([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, env=self.environment)
        said = process.communicate(timeout=60)[0]
        return process.returncode, said

    def said(self):
        return "".join(open(path, errors="replace").read() for path in (self.output, self.log)
                       if os.path.exists(path))

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            return self.process.wait(60)
        return None

    def request(self, method, target, token=None, body=None, timeout=20):
        """(status, what the body says). The connection is not kept."""
        body = None if body is None else json.dumps(body).encode()
        status, _, out = fcgi.request(self.address, target, method, token, body=body, timeout=timeout)
        return status, (json.loads(out) if out[:1] in b"{[" and out else None)

    def cpu_seconds(self):
        fields = open("/proc/%d/stat" % self.process.pid).read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Clients:
    """Threads that put load on program hosts as a balancer's clients do, and know what every answer must be.

    `send(number, method, target, token, body)` gives (status, body) or raises OSError; `number` counts up, so that a
    caller may take the hosts in turn."""

    def __init__(self, send, threads=6):
        self.send = send
        self.acked, self.order = {}, []     # {id: word} of what was confirmed; the same as it came
        self.tried = set()                  # every word that was ever sent
        self.answers = []                   # (when it came, kind, status, seconds)
        self.wrong = []
        self.lock, self.ending = threading.Lock(), threading.Event()
        self.people = []                    # (id, name, token)
        self.threads = [threading.Thread(target=self._run, args=(i,), daemon=True) for i in range(threads)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def finish(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"
        return self

    def _ask(self, number, kind, *request):
        begun = time.monotonic()
        try:
            status, body = self.send(number, *request)
        except (OSError, ValueError) as why:
            status, body = 0, str(why)
        now = time.monotonic()
        with self.lock:
            self.answers.append((now, kind, status, now - begun))
        return status, body

    def _is_wrong(self, kind, status, body, expected):
        with self.lock:
            self.wrong.append((time.monotonic(), kind, status, body, expected))

    def _add_note(self, rng, number):
        word = "%016x" % rng.getrandbits(64)
        with self.lock:
            self.tried.add(word)
        status, body = self._ask(number, "write", "POST", "/notes", None, {"word": word})
        if status == 201 and body.get("word") == word:
            with self.lock:
                if self.acked.setdefault(body["id"], word) != word:
                    self.wrong.append((time.monotonic(), "key given twice", body))
                self.order.append((body["id"], word))
        elif status not in (0, 500, 503):
            self._is_wrong("write", status, body, word)

    def _read_note(self, rng, number):
        with self.lock:
            if not self.order:
                return
            # Mostly what was confirmed just now: there a node that is behind would be seen.
            key, word = rng.choice(self.order[-5:] if rng.random() < 0.7 else self.order)
        status, body = self._ask(number, "read", "GET", "/notes/%d" % key, None, None)
        if status == 200 and body == {"id": key, "word": word} or status in (0, 500, 503):
            return
        self._is_wrong("read", status, body, (key, word))

    def _show_me(self, rng, number):
        key, name, token = rng.choice(self.people)
        status, body = self._ask(number, "me", "GET", "/me", token, None)
        if status == 200 and (body["id"], body["name"]) == (key, name) or status in (0, 500, 503):
            return
        self._is_wrong("me", status, body, (key, name))

    def add_people(self, n):
        for i in range(n):
            name = "person-%d" % i
            status, body = self.send(i, "POST", "/people", None, {"name": name})
            assert status == 201, (status, body)
            self.people.append((body["id"], name, body["token"]))
        return self

    def _run(self, index):
        # Words that no one sent before: what was 503 may still be done, by a server that was held up.
        rng, number = random.Random(os.urandom(16)), index
        while not self.ending.is_set():
            number += 1
            rng.choice((self._add_note, self._read_note, self._show_me))(rng, number)
            time.sleep(PAUSE_S)

    # ---- What is looked at afterwards ----

    def counts(self, since=0.0):
        return Counter((kind, status) for at, kind, status, _ in self.answers if at >= since)

    def failed_between(self, since, until=float("inf"), statuses=(0, 500, 503)):
        return [a for a in self.answers if since <= a[0] < until and a[2] in statuses]

    def slowest(self, since=0.0):
        return max((seconds for at, _, _, seconds in self.answers if at >= since), default=0.0)
