"""`row add|set|list`: rows from the command line, whose secrets are asked for on a terminal."""
import json
import os
import pty
import subprocess
import time

import fcgi
from program import die_with_parent, run_tests, token
from world import PROGRAM, World

worlds = {store: World(store, GW_LOG="text:stderr") for store in ("sqlite", "mysql")}
PASSWORD = "correct horse battery"


def row(world, *words, code=0, given=""):
    """A command without a terminal: (stdout, stderr)."""
    done = subprocess.run([PROGRAM, "row", *words], env=world.environment, input=given, text=True, capture_output=True,
                          timeout=30)
    assert done.returncode == code, (words, done)
    assert PASSWORD not in done.stdout + done.stderr
    return done.stdout, done.stderr


def typed(world, *words, lines=(), code=0):
    """The same on a terminal, on which the lines are typed when they are asked for: what it shows."""
    parent, child = pty.openpty()
    process = subprocess.Popen([PROGRAM, "row", *words], env=world.environment, stdin=child, stdout=child, stderr=child,
                               preexec_fn=die_with_parent)
    os.close(child)
    shown = b""
    for line in lines:
        while not shown.endswith(b": "):
            shown += os.read(parent, 1000)
        os.write(parent, line.encode() + b"\n")
        shown += os.read(parent, 1000)
    try:
        while piece := os.read(parent, 1000):
            shown += piece
    except OSError:  # the last one has closed it
        pass
    os.close(parent)
    assert process.wait(30) == code, shown
    assert PASSWORD.encode() not in shown and b"wrong horse" not in shown, shown
    return shown.decode()


def forget(world):
    world.sql("DELETE FROM shifts")
    world.sql("DELETE FROM users")


def test_the_first_one_is_added_with_a_password_from_the_terminal():
    for world in worlds.values():
        forget(world)
        shown = typed(world, "add", "users", "name=Ann", "email=Ann@School.example", "password",
                      lines=(PASSWORD, PASSWORD))
        assert "password: " in shown and "password again: " in shown and "id=" in shown, shown
        name, email, role, stored = world.sql("SELECT name, email, role, password FROM users").replace("\t", "|").split("|")
        assert (name, email.lower(), role) == ("Ann", "ann@school.example", "pupil")
        assert stored.startswith("$y$") and PASSWORD not in stored


def test_the_password_is_the_one_that_handlers_take():
    for world in worlds.values():
        forget(world)
        row(world, "add", "users", "name=Ann", "email=a@b.example", "role=admin", "password", "--stdin",
            given=PASSWORD + "\n")
        with world.running():
            for password, status in ((PASSWORD, 200), ("wrong horse", 401)):
                body = json.dumps({"email": "a@b.example", "password": password}).encode()
                assert world.request("POST", "/sign_in", body=body)[0] == status


def test_two_that_differ_or_are_broken_off_add_nothing():
    world = worlds["sqlite"]
    forget(world)
    words = ("add", "users", "name=Ann", "email=a@b.example", "password")
    assert "not the same" in typed(world, *words, lines=(PASSWORD, "wrong horse"), code=2)
    assert "empty" in typed(world, *words, lines=("", ""), code=2)
    assert "broken off" in typed(world, *words, lines=("abc\x03",), code=2)
    assert "longer than 511" in typed(world, *words, lines=("x" * 512,), code=2)
    assert world.sql("SELECT COUNT(*) FROM users") == "0"


def test_a_terminal_that_is_none_is_a_sentence():
    for world in worlds.values():
        forget(world)
        out, err = row(world, "add", "users", "name=Ann", "email=a@b.example", "password", code=2, given=PASSWORD + "\n")
        assert not out and "is asked for on a terminal" in err and "--stdin" in err, err
        assert world.sql("SELECT COUNT(*) FROM users") == "0"


def test_a_secret_on_the_command_line_is_refused():
    out, err = row(worlds["sqlite"], "add", "users", "name=Ann", "email=a@b.example", "password=" + PASSWORD, code=2)
    assert not out and "password is secret" in err, err


def test_what_is_no_value_is_refused_by_a_sentence():
    world = worlds["sqlite"]
    forget(world)
    good = {"name": "name=Ann", "email": "email=a@b.example"}
    for column, word, why in (
            ("name", "name=" + "x" * 101, "users.name"), ("role", "role=king", "none of its words"),
            ("born", "born=2021-02-30", "users.born"), ("lessons", "lessons=-1", "no value of its type"),
            ("lessons", "lessons=", "no value of its type"), ("seen", "seen=now", "no value of its type"),
            ("on", "on=yes", "no value of its type"), ("nothing", "nothing=1", "no column"), ("name", "name", "has no value"),
            ("epoch", "epoch=3", "runtime's to set"), ("picture", "picture=abc", "bytes"),
            ("name", "name=\udcff", "users.name")):
        words = {**good, column: word}
        err = row(world, "add", "users", *words.values(), "password", "--stdin", given=PASSWORD + "\n", code=2)[1]
        assert why in err, (word, err)
    for words, why in ((("email=a@b.example", "password"), "name is missing"),
                       (("name=A", "email=a@b.example"), "password is missing"),
                       (("name=A", "name=B", "email=a@b.example", "password"), "given twice"),
                       (("name=A", "email=a@b.example", "password", "--null", "name"), "not optional"),
                       (("name=A", "email=a@b.example", "password", "--verbatim", "name"), "no secret column"),
                       (("name=A", "email=a@b.example", "password", "--limit", "5"), "--limit is of row list"),
                       (("name=A", "email=a@b.example", "password", "--json"), "--json is of row list"),
                       (("name=A", "email=a@b.example", "password", "--nul", "born"), "unknown option --nul"),
                       (("name=A", "email=a@b.example", "password", "--null", "--stdin"), "--stdin is no column")):
        err = row(world, "add", "users", *words, "--stdin", given=PASSWORD + "\n", code=2)[1]
        assert why in err, (words, err)
    for words, why in ((("--stdin",), "--stdin is of row add and row set"), (("--null", "born"), "--null is of row add"),
                       (("--limit",), "has no value"), (("--limit", "0"), "wants a number"), (("--all",), "unknown option --all")):
        err = row(world, "list", "users", *words, code=2)[1]
        assert why in err, (words, err)
    for words in (("add",), ("add", "nobody"), ("drop", "users"), (), ("set", "users"), ("list", "users", "name=x"),
                  ("list", "users", "--limit", "0"), ("add", "gw_sessions")):
        assert row(world, *words, code=2)[1], words
    assert world.sql("SELECT COUNT(*) FROM users") == "0"


def test_what_the_database_forbids_is_a_sentence():
    for world in worlds.values():
        forget(world)
        words = ("add", "users", "name=Ann", "email=a@b.example", "password", "--stdin")
        row(world, *words, given=PASSWORD + "\n")
        assert "email: another row" in row(world, *words, given=PASSWORD + "\n", code=1)[1]
        assert "is not there" in row(world, "add", "shifts", "day=2026-01-01", "slot=1", "user_id=99999999", code=1)[1]


def test_keys_that_are_made_are_told():
    for world in worlds.values():
        forget(world)
        out = row(world, "add", "users", "name=A", "email=a@b.example", "password", "--stdin", given=PASSWORD + "\n")[0]
        key = world.sql("SELECT id FROM users")
        assert out == f"id={key}\n", out
        assert row(world, "add", "shifts", "day=2026-01-01", "slot=2", "user_id=" + key)[0] == "day=2026-01-01\nslot=2\n"
        assert row(world, "add", "notes", "title=t", "words=w")[0].startswith("id=")


def test_rows_are_listed_without_secrets():
    for world in worlds.values():
        forget(world)
        for i in range(3):
            row(world, "add", "users", f"name=Ann{i}\x1b[31m", f"email=a{i}@b.example", "seen=2026-01-02T03:04:05Z",
                "password", "--stdin", given=PASSWORD + "\n")
        out = row(world, "list", "users")[0]
        lines = out.splitlines()
        assert len(lines) == 4 and lines[0].split()[:3] == ["id", "name", "email"], out
        assert "password" not in out and "$y$" not in out and "\x1b" not in out and "Ann0\\x1b[31m" in out
        assert "2026-01-02T03:04:05" in out and "NULL" in out
        ids = [int(line.split()[0]) for line in lines[1:]]
        assert row(world, "list", "users", "--limit", "1", "--after", str(ids[1]))[0].splitlines()[1].split()[0] == str(ids[2])
        found = [json.loads(line) for line in row(world, "list", "users", "--json")[0].splitlines()]
        assert [one["id"] for one in found] == ids and "password" not in found[0] and found[0]["name"] == "Ann0\x1b[31m"


def test_a_row_is_changed_and_another_password_ends_its_tokens():
    for world in worlds.values():
        forget(world)
        row(world, "add", "users", "name=Ann", "email=a@b.example", "password", "--stdin", given="wrong horse\n")
        key, epoch = world.sql("SELECT id, epoch FROM users").replace("\t", "|").split("|")
        assert row(world, "set", "users", key, "name=Bea", "born=2001-02-03") == ("", "")
        assert world.sql("SELECT name, born, epoch FROM users").replace("\t", "|") == f"Bea|2001-02-03|{epoch}"
        row(world, "set", "users", key, "--null", "born")
        assert world.sql("SELECT COUNT(*) FROM users WHERE born IS NULL") == "1"
        stored = world.sql("SELECT password FROM users")
        with world.running():
            body = json.dumps({"email": "a@b.example", "password": "wrong horse"}).encode()
            bearer = json.loads(world.request("POST", "/sign_in", body=body)[1])["token"]
            assert world.request("GET", "/me", bearer)[0] == 200
            typed(world, "set", "users", key, "password", lines=(PASSWORD, PASSWORD))
            assert world.request("GET", "/me", bearer)[0] == 401
        assert world.sql("SELECT password FROM users") != stored
        for words, status in (((key, "id=7"), 2), ((key, "epoch=7"), 2), ((key,), 2), (("99999999", "name=x"), 1),
                              (("x", "name=x"), 2)):
            assert row(world, "set", "users", *words, code=status)[1], words


def test_a_secret_that_is_no_password_is_kept_as_it_is():
    for world in worlds.values():
        forget(world)
        row(world, "add", "users", "name=Ann", "email=a@b.example", "password", "api_key", "--verbatim", "api_key", "--stdin",
            given=PASSWORD + "\nkey-1\n")
        assert world.sql("SELECT api_key FROM users") == "key-1"


try:
    run_tests(globals())
finally:
    for one in worlds.values():
        one.end()
        one.remove()
