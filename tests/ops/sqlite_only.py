#!/usr/bin/python3
"""A program built with -Dmysql=disabled: it has nothing of libmariadb, and serves on SQLite.

libmariadb wants close(), socket() and setsockopt() replaced for the whole process: whoever does not use it
shall not pay for it."""
import os
import subprocess
import sys
import tempfile

import fcgi
from web import ORIGIN, PROGRAM, ROUTES, SECRET, is_listening, run_tests, wait_for

ROOT = os.path.dirname(ROUTES)
REPLACED = {"close", "socket", "setsockopt"}
folder = tempfile.TemporaryDirectory(prefix="gatewright-sqlite.")
BUILD = folder.name + "/build"
LEAN = BUILD + "/examples/school/school"


def output(*command, **more):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **more).stdout


def replaced_by(program):
    lines = output("nm", "-D", "--defined-only", program).splitlines()
    return {line.split()[-1] for line in lines} & REPLACED


def build():
    if not os.path.exists(LEAN):
        output("meson", "setup", "-Dmysql=disabled", "-Dtests=false", "-Doptimization=0", BUILD, ROOT)
        output("ninja", "-j2", "-C", BUILD, "examples/school/school")


def settings(url):
    return {"PATH": os.environ["PATH"], "GW_SECRET_KEY": SECRET, "GW_ORIGIN": ORIGIN, "GW_DATABASE_URL": url,
            "GW_LISTEN": "unix:%s/sock" % folder.name, "GW_LOG": "text:%s/log" % folder.name}


def test_it_replaces_nothing_of_the_c_library():
    build()
    assert replaced_by(PROGRAM) == REPLACED, "the ordinary program does: else this test is blind"
    assert not replaced_by(LEAN), replaced_by(LEAN)


def test_it_is_not_linked_with_libmariadb():
    build()
    assert "libmariadb" in output("ldd", PROGRAM), "the ordinary program is: else this test is blind"
    assert "libmariadb" not in output("ldd", LEAN)
    assert "mysql_" not in output("nm", LEAN)


def test_it_serves_a_request():
    build()
    program = subprocess.Popen([LEAN], env=settings("sqlite:%s/store.db" % folder.name), stdin=subprocess.DEVNULL)
    try:
        path = folder.name + "/sock"
        wait_for("it listens", lambda: is_listening(path))
        assert fcgi.request(path)[0] == 200
        body = b'{"name":"Ada","email":"ada@example.com","password":"a long password"}'
        assert fcgi.request(path, "/api/v1/auth/user", "POST", body=body)[0] == 201
    finally:
        program.terminate()
        assert program.wait(20) == 0


def test_a_url_of_mysql_is_refused_by_a_sentence_that_names_the_option():
    build()
    for url in "mysql://root@127.0.0.1/school", "mariadb://root@127.0.0.1/school":
        done = subprocess.run([LEAN, "--check"], env=settings(url), stdin=subprocess.DEVNULL, text=True,
                              stderr=subprocess.PIPE)
        assert done.returncode, url
        assert "built without" in done.stderr and "option `mysql`" in done.stderr, done.stderr


run_tests(globals())
