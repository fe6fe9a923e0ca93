"""However it ends, at each of its steps: no process is left, no temporary file, and the port is free.

The steps are made to last by a build and a program that wait; what they begin has children of its own, in
process groups of their own, as ninja's are."""
import os
import signal
import socket
import time

import program
from program import wait_for
from project import FULL, Project
from session import parent, traces

# Waits at the step that STEP names, with a grandchild in another process group.
WAITING = """#!/bin/sh
wait_here() {
    [ "$STEP" = "$1" ] || return 0
    setsid sleep 1000 &
    touch "$WAITS_AT"
    wait
}
"""
PROGRAM = WAITING + """
case "$1" in
--schema-diff) wait_here comparing; exit 0;;
--check) wait_here checking; exit 0;;
esac
wait_here starting
exec "$REAL"
"""
BUILD = WAITING + "wait_here building\nexec make -s\n"
STEPS = ["building", "comparing", "checking", "starting", "serving", "asking", "waiting"]


def kill_outer(session):
    session.process.kill()


def kill_inner(session):
    os.kill(session.inner(), signal.SIGKILL)


def terminate(session):
    session.process.terminate()


def interrupt(session):
    session.press("\x03")


def hang_up(session):
    session.hang_up()


ENDS = [kill_outer, kill_inner, terminate, interrupt, hang_up]


def prepared():
    project = Project()
    for name, text in (("program.sh", PROGRAM), ("build.sh", BUILD)):
        project.write(name, text)
        os.chmod(project.path(name), 0o755)
    return project


def reach(project, session, step):
    if step in ("building", "comparing", "checking", "starting"):
        wait_for("the step " + step, lambda: os.path.exists(project.path("waits")), 60)
        return
    session.wait("serving; built", 60)
    if step == "asking":
        project.write("routes.def", project.read("routes.def") + "GET /more users more\n")
        session.wait("write this into", 60)
    elif step == "waiting":  # for a program that has crashed
        for _ in range(3):
            start = session.mark_here
            pid = [p for p, line in program_of(session).items()][0]
            os.kill(pid, signal.SIGKILL)
            session.wait("it is started again in", start=start)
            wait_for("another program", lambda: program_of(session) and pid not in program_of(session), 20)
        os.kill([p for p in program_of(session)][0], signal.SIGKILL)


def program_of(session):
    return {p: line for p, line in traces(session.mark).items() if line.endswith("build/notes")}


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def end_at(step, end):
    project = prepared()
    env = {"STEP": step, "WAITS_AT": project.path("waits"), "REAL": project.path("build/notes")}
    with project.session("--build", "./build.sh", "--program", "./program.sh", env=env) as session:
        port = session.port
        reach(project, session, step)
        end(session)
        session.ended()
        session.assert_nothing_left()
        # A client of another test may have been given the number for a moment.
        wait_for("the port is free", lambda: is_free(port), 20)
    left = set(os.listdir(project.path(".gatewright")))
    assert left <= {".gitignore", "dev.db", "dev.db-shm", "dev.db-wal", "dev.db-journal", "lock", "secret"}, left


def test_at_each_step():
    for i, step in enumerate(STEPS):
        for j, end in enumerate(ENDS):
            # Both kills at each step; of the others one in an ordinary run.
            if FULL or j < 2 or j == 2 + i % 3:
                begun = time.monotonic()
                try:
                    end_at(step, end)
                    print("    %s: %s (%.1f s)" % (step, end.__name__, time.monotonic() - begun), flush=True)
                except AssertionError as why:
                    raise AssertionError("%s at %s: %s" % (end.__name__, step, why))


def test_while_it_begins():
    for end in ENDS if FULL else (kill_outer, kill_inner, hang_up):
        for wait in (0.002, 0.01, 0.03, 0.1):
            project = prepared()
            with project.session(env={"STEP": "", "WAITS_AT": "", "REAL": ""}) as session:
                time.sleep(wait)
                if end is not kill_inner:
                    end(session)
                elif not kill_if_there(session):  # there is no inner process yet
                    session.process.terminate()
                session.ended()
                session.assert_nothing_left()


def kill_if_there(session):
    there = [int(name) for name in os.listdir("/proc") if name.isdigit() and parent(int(name)) == session.process.pid]
    for pid in there:
        os.kill(pid, signal.SIGKILL)
    return there


def test_the_guard_and_what_it_guards_killed_at_once():
    """Nobody is left to clean up: processes are gone all the same."""
    project = Project()
    with project.session() as session:
        session.wait("serving; built", 60)
        inner = session.inner()
        os.kill(session.process.pid, signal.SIGSTOP)
        os.kill(inner, signal.SIGKILL)
        session.process.kill()
        session.ended()
        wait_for("no process is left", lambda: not traces(session.mark), 10)


if __name__ == "__main__":
    program.run_tests(globals())
