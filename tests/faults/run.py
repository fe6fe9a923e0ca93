"""Every read, write, accept, epoll, open and allocation call made to fail in turn, over whole requests.

run.py PROBE GATEWRIGHT ROUTES SHIM STORE   (TESTS_FULL=1: each call; otherwise every 7th)

A request whose call fails may be answered with 5xx or lose its connection. It may not be let in where
it would not be without the fault, not be answered with something else, and not harm the next one."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import fcgi
from faults import MEMORY, SYSTEM_CALLS, Control
from probe import Probe
from program import SECRET, token, wait_for

PROBE, GATEWRIGHT, ROUTES, SHIM, STORE = sys.argv[1:6]
STRIDE = 1 if os.environ.get("TESTS_FULL") == "1" else 7
FAILED = {0, 500, 503}


def forged(good):
    head, claims, mac = good.split(".")
    return f"{head}.{claims}.{mac[::-1]}"


def scenario(on, key, name):
    """(what, allowed statuses, text of a 200, reply) of each request."""
    good = token("people", "id", key)
    upload = "".join(f"{i:07x}\n" for i in range(12000)).encode()
    calls = [
        ("GET", "/fast", None, None, {200}, b"fast"),
        ("GET", "/p/me", good, None, {200}, name.encode()),
        ("GET", "/p/me", forged(good), None, {401}, None),
        ("GET", "/p/me", None, None, {401}, None),
        ("GET", "/p/staff", good, None, {403}, None),
        ("GET", "/p/me", token("people", "id", 10**9), None, {401}, None),
        ("GET", "/p/me", token("people", "id", key, -5), None, {401}, None),
        ("GET", "/p/guest", None, None, {200}, b"a guest"),
        ("POST", "/p/people", None, b'{"name":"one more"}', {201}, None),
        ("POST", "/p/people", None, b'{"name":5}', {422}, None),
        ("POST", "/p/upload", None, upload, {200}, upload),
        ("GET", "/stream", None, None, {200}, b"s" * (1 << 20)),
    ]
    for method, uri, bearer, body, expected, text in calls:
        try:
            status, out = on.request(method, uri, bearer, body)
        except OSError:
            status, out = 0, b""
        what = f"{method} {uri}: {status}"
        assert status in expected | FAILED, (what, out[:300])
        if status == 200 and text:  # whole: one that is cut off has no END_REQUEST
            assert text in out, (what, len(out), out[:300])


def good_again(on, key, name, when):
    """After a fault: right answers, at the latest once the store is asked again."""
    end = time.monotonic() + 5
    while True:
        try:
            status, out = on.request("GET", "/p/me", token("people", "id", key))
            if status == 200 and name.encode() in out and on.request("GET", "/fast")[0] == 200:
                return
        except OSError:
            status = 0
        assert status in FAILED, (when, status)
        assert time.monotonic() < end, f"does not recover: {when}, {status}"
        time.sleep(0.05)


def warm(on, key, name):
    """Many at once, so that every worker has been through all of it."""
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: [scenario(on, key, name) for _ in range(10)], range(12)))
    time.sleep(0.5)


def while_serving():
    folder = f"/tmp/gatewright-faults.{os.getpid()}"
    control = Control(folder)
    try:
        with Probe(PROBE, GATEWRIGHT, ROUTES, STORE, LD_PRELOAD=SHIM, FAULT_CONTROL=folder,
                  GW_WORKERS="2") as on:
            (key, name), = on.people(1)
            warm(on, key, name)
            live, descriptors = control.get()[2], on.descriptors()
            for kinds, label in ((SYSTEM_CALLS, "system calls"), (MEMORY, "allocations")):
                control.set(kinds)
                scenario(on, key, name)
                most = control.get()[0]
                done = 0
                for at in range(1 + random.randrange(STRIDE), most + 1, STRIDE):
                    control.set(kinds, at, at // STRIDE)
                    scenario(on, key, name)
                    done += control.get()[1]
                    control.set(0)
                    good_again(on, key, name, f"after {label} {at} of {most}")
                    assert not on.ended(), f"it ended at {label} {at}"
                print(f"  {STORE}: {done} of {most} {label} made to fail")
                assert done > most / STRIDE / 2
            warm(on, key, name)
            print(f"  blocks {live}, then {control.get()[2]}; descriptors {descriptors}, then "
                  f"{on.descriptors()}")
            assert control.get()[2] <= live + 100, "memory leaks"
            assert on.descriptors() <= descriptors + 1, "descriptors leak"
            assert on.stop() == 0
    finally:
        os.unlink(folder)


def answers(socket_path):
    try:
        return fcgi.request(socket_path, "/fast", timeout=20)[0] > 0
    except OSError:
        return False


def starts(environment, socket_path, control):
    """Its exit status, or 0 if it serves; then it is stopped."""
    process = subprocess.Popen([PROBE], env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        wait_for("a start or an end", lambda: answers(socket_path) or process.poll() is not None, 30)
        control.set(0, 0, 0)  # how it stops is another matter
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[0]
    finally:
        process.kill()
    return process.returncode, said


def while_starting():
    """A start that fails ends with a sentence and a status, or serves as if nothing had been."""
    folder = tempfile.mkdtemp(prefix="gatewright-start.")
    path, socket_path = folder + "/control", folder + "/socket"
    control = Control(path)
    environment = {"PATH": os.environ["PATH"], "GW_SECRET_KEY": SECRET, "LD_PRELOAD": SHIM,
                   "GW_DATABASE_URL": f"sqlite:{folder}/store", "FAULT_CONTROL": path,
                   "GW_LOG": "text:stderr", "GW_LISTEN": "unix:" + socket_path}
    try:
        for kinds, label, stride in ((SYSTEM_CALLS, "system calls", STRIDE),
                                     (MEMORY, "allocations", 30 * STRIDE)):
            control.set(kinds)
            assert starts(environment, socket_path, control)[0] == 0
            most, seen = control.before, {}
            for at in range(1 + random.randrange(stride), most + 1, stride):
                control.set(kinds, at, at // stride)
                status, said = starts(environment, socket_path, control)
                assert status in (0, 1, 78), (label, at, status, said)
                assert status == 0 or said.strip(), (label, at, status)
                seen[status] = seen.get(status, 0) + 1
            print(f"  start: of {most} {label}, exit statuses {seen}")
    finally:
        shutil.rmtree(folder)


if STORE == "start":
    while_starting()
else:
    while_serving()
print("good")
