"""Edits in a row under load: every request is answered, each rightly, and nothing is left afterwards. 20 edits;
200 with TESTS_FULL."""
import http.client
import os
import random
import re
import threading
import time

import program
from project import ECHO, FULL, Project

EDITS = 200 if FULL else 20
CLIENTS = 4


class Caller(threading.Thread):
    """Sends what must come back. Nothing is sent twice: what fails is lost."""

    def __init__(self, port, number, stop):
        super().__init__(daemon=True)
        self.port, self.number, self.stop = port, number, stop
        self.answered, self.lost, self.seen = 0, [], set()

    def once(self, connection, n):
        if n % 2:
            text = "%d.%d.%s" % (self.number, n, "x" * random.randrange(1500))
            connection.request("POST", "/api/echo", '{"text":"%s"}' % text, {"Content-Type": "application/json"})
        else:
            text = None
            connection.request("GET", "/")
        answer = connection.getresponse()
        body = answer.read().decode()
        home = re.fullmatch(r"It works(?: (\d+))?\. routes\.def says what can be called\.\n", body)
        if answer.status != 200 or (text is not None and body != text) or (text is None and not home):
            raise ValueError("%d %r" % (answer.status, body[:200]))
        if home:
            self.seen.add(home[1])

    def run(self):
        connection, n = None, 0
        while not self.stop.is_set():
            if not connection or n % 50 == 0:
                if connection:
                    connection.close()
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            n += 1
            try:
                self.once(connection, n)
                self.answered += 1
            except (OSError, ValueError, http.client.HTTPException) as why:
                self.lost.append(repr(why))
                connection = None


def test_edits_in_a_row_lose_no_request():
    project = Project()
    project.replace("routes.def", "GET     /notes ", "POST    /echo            whitelisted  echo(new_note)          returns 200\n"
                    "GET     /notes ")
    project.write("handlers.c", project.read("handlers.c") + ECHO)
    good = project.read("handlers.c")
    stop = threading.Event()
    with project.serving() as session:
        port = session.port
        callers = [Caller(port, i, stop) for i in range(CLIENTS)]
        for caller in callers:
            caller.start()
        for edit in range(1, EDITS + 1):
            start = session.mark_here
            text = good.replace("It works.", "It works %d." % edit)
            if edit % 5 == 4:  # wrong for a moment
                project.write("handlers.c", text.replace("int echo(", "it echo("))
                session.wait("goes on serving", 60, start)
                start = session.mark_here
            project.write("handlers.c", text)
            if edit % 5 == 3:  # the next one comes while this one is built
                time.sleep(random.uniform(0, 0.6))
                continue
            session.wait("serving; built", 60, start)
        program.wait_for("the last edit is served", lambda: all(str(EDITS) in c.seen for c in callers), 60)
        stop.set()
        for caller in callers:
            caller.join(60)
        answered, lost = sum(c.answered for c in callers), sum((c.lost for c in callers), [])
        print("%d edits, %d requests answered, %d lost" % (EDITS, answered, len(lost)), flush=True)
        assert not lost, lost[:5]
        assert answered > 20 * EDITS and len(set().union(*(c.seen for c in callers))) > EDITS / 2
    assert sorted(os.listdir(project.path(".gatewright"))) == [".gitignore", "dev.db", "lock", "secret"]


if __name__ == "__main__":
    program.run_tests(globals())
