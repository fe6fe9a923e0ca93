"""`gatewright dev`, driven through a terminal: what is saved is served, what is wrong is said."""
import concurrent.futures
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time

import program
from program import wait_for
from project import GATEWRIGHT, Project, ask, form, get, only, served
from session import Session

ACCOUNT = json.dumps({"email": "ann@example.com", "password": "correct horse"})
JSON = {"Content-Type": "application/json"}


# ---- Saving ----

def test_a_saved_handler_and_a_saved_route_are_served():
    project = Project()
    with project.serving() as session:
        port = session.port
        project.replace("handlers.c", "It works", "It works better")
        served(port, "It works better")
        project.replace("routes.def", "GET     /   ", "GET     /hello")
        wait_for("the new route is served", lambda: get(port, "/hello")[0] == 200, 30)
        assert get(port)[0] == 404


def test_what_serves_goes_on_while_a_handler_or_routes_def_is_wrong():
    project = Project()
    with project.serving() as session:
        port, good = session.port, project.read("handlers.c")
        start = session.mark_here
        project.write("handlers.c", good.replace("int home(", "in home("))
        session.wait(r"handlers\.c:\d+:\d+: error: .*\n.*\n +\| +\^", start=start)
        session.wait("goes on serving", start=start)
        assert get(port)[0] == 200
        assert "error" in json.loads(re.search("data: (.*)", get(port, "/-/dev/events")[1])[1])["error"]
        start = session.mark_here
        project.write("handlers.c", good)
        project.replace("routes.def", "users        list_notes ", "usres        list_notes ")
        session.wait(r"routes\.def:\d+:\d+: error: .*\n.*\n.*\^", start=start)
        assert get(port)[0] == 200
        start = session.mark_here
        project.replace("routes.def", "usres", "users")
        session.wait("nothing changed|serving; built", start=start)
        assert json.loads(re.search("data: (.*)", get(port, "/-/dev/events")[1])[1])["error"] is None


# A compiler that leaves its work to a process that outlives it, as gcc's driver does; that takes a second more where
# the text says so.
LATE_COMPILER = """#!/bin/sh
case "$*" in
*" handlers.c"*)
    if grep -q SLOW handlers.c; then
        cp handlers.c "$SCRATCH/old.c" && touch "$SCRATCH/begun"
        (sleep 1; exec /usr/bin/cc $(echo "$*" | sed "s, handlers.c, $SCRATCH/old.c,")) &
        wait
        exit
    fi ;;
esac
exec /usr/bin/cc "$@"
"""


def test_nothing_of_a_build_that_was_called_off_writes_into_the_next_one():
    project = Project()
    project.write("cc", LATE_COMPILER)
    os.chmod(project.path("cc"), 0o755)
    begun, good = project.scratch + "/begun", project.read("handlers.c")
    with project.serving(env={"PATH": project.folder + ":" + os.environ["PATH"], "SCRATCH": project.scratch}) as session:
        port = session.port
        project.write("handlers.c", good.replace("It works", "It is old; SLOW"))
        wait_for("the old text is compiled", lambda: os.path.exists(begun), 30)
        project.write("handlers.c", good.replace("It works", "It is new"))
        served(port, "It is new")
        time.sleep(1.5)
        start = session.mark_here
        project.write("main.c", project.read("main.c") + "\nextern int another;\nint another = 1;\n")
        session.wait("serving; built", start=start)
        assert "It is new" in get(port)[1]


def test_a_request_that_takes_long_is_finished_by_the_old_program():
    project = Project()
    good = project.read("handlers.c")
    project.write("handlers.c", good.replace("    return gw_text(req, 200, \"It", "    while (access(\"go\", F_OK))\n        usleep(10000);\n    return gw_text(req, 200, \"It")
                  .replace('#include "routes.h"', '#include "routes.h"\n#include <unistd.h>'))
    with project.serving() as session, concurrent.futures.ThreadPoolExecutor() as pool:
        port = session.port
        answer = pool.submit(get, port)
        time.sleep(0.3)
        start = session.mark_here
        project.write("handlers.c", good.replace("It works", "It works anew"))
        session.wait("serving; built", start=start)
        assert get(port)[1].startswith("It works anew")
        assert not answer.done()
        project.write("go", "")
        assert answer.result(20) == (200, "It works. routes.def says what can be called.\n")


def test_before_anything_is_built_a_browser_is_told_why():
    project = Project()
    good = project.read("routes.def")
    project.write("routes.def", "GET / nobody\n")
    with project.session() as session:
        port = session.port
        session.wait("nothing serves")
        status, text = ask(port, "GET", "/", headers={"Accept": "text/html"})
        assert status == 503 and "/-/dev/live.js" in text, (status, text)
        assert json.loads(ask(port, "GET", "/")[1])["status"] == 503
        project.write("routes.def", good)
        served(port, "It works")
        session.quit()


def test_editors_temporary_files_and_build_folders_begin_no_build():
    project = Project()
    with project.serving() as session:
        start = session.mark_here
        for name in ("handlers.c~", ".handlers.c.swp", "4913", "#handlers.c#", "build/routes.c.tmp", "notes.db"):
            project.write(name, "x")
        time.sleep(1)
        assert "built" not in session.read()[start:]


def test_a_project_of_meson():
    project = Project("--meson")
    with project.serving() as session:
        project.replace("handlers.c", "It works", "It works by meson")
        served(session.port, "It works by meson")


def test_a_command_of_ones_own_builds():
    project = Project()
    os.rename(project.path("Makefile"), project.path("Own"))
    with project.serving("--build", "make -s -f Own", "--program", "build/notes") as session:
        assert get(session.port)[0] == 200


# ---- Behind each server ----

def test_behind_each_web_server():
    for server in ("lighttpd", "caddy", "apache2"):
        project = Project()
        user = project.given_to("www-data") if server == "apache2" else []  # it does not serve as root
        with Session("unshare", project.folder, project.scratch, *only(server)[1:], *user, GATEWRIGHT, "dev",
                     command=True, env={"HOME": project.folder, "CCACHE_DISABLE": "1"}) as session:
            session.wait("serving; built", 60)
            port = int(session.wait(r":(\d+)/ behind " + server.rstrip("2"))[1])
            assert get(port)[1].startswith("It works") and get(port, "/-/dev")[0] == 200
            assert "data: " in get(port, "/-/dev/events")[1]
            assert get(port, "/-/developers")[0] == 404
            assert ask(port, "POST", "/api/users", ACCOUNT, JSON)[0] == 201
            status, token = form(port, "/-/dev/token", "entity=users&key=1")
            assert status == 200 and token.count(".") == 2, token
            project.replace("handlers.c", "It works", "It works better")
            served(port, "It works better")
            session.quit()


# ---- The schema, stubs ----

def difference_of(project):
    """What leads to the schema of the program that was built, as it prints it itself."""
    url = {"GW_DATABASE_URL": "sqlite:" + project.path(".gatewright/dev.db"), "GW_SECRET_KEY": "x" * 32}
    done = subprocess.run([project.path("build/notes"), "--schema-diff"], env={**os.environ, **url}, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 1, done
    return done.stdout


def test_a_schema_is_changed_after_asking_and_rows_are_kept():
    project = Project()
    with project.serving() as session:
        port, start = session.port, session.mark_here
        token = json.loads(ask(port, "POST", "/api/users", ACCOUNT, JSON)[1])["token"]
        auth = {"Authorization": "Bearer " + token, **JSON}
        assert ask(port, "POST", "/api/notes", '{"text":"Milk"}', auth)[0] == 201
        project.replace("routes.def", "text text; author_id int }", "text text; author_id int; mood text optional }")
        project.replace("routes.def", "    text       text  max 2000\n", "    text       text  max 2000\n    mood       text  max 20 optional\n")
        asked = r"apply this\? \[y/N\] \(s shows the SQL\)\n$"
        session.wait(asked, start=start)
        assert session.said[start:].startswith("  column notes.mood: is missing\n"), session.said[start:]
        assert not re.search("ALTER|CREATE|DROP", session.said[start:]), session.said[start:]
        shown = session.mark_here
        session.press("s")
        session.wait(asked, start=shown)
        assert difference_of(project) in session.said[shown:] and "CREATE TABLE" in session.said[shown:]
        before = ask(port, "GET", "/api/notes", headers=auth)
        assert "Milk" in before[1], before
        session.press("n")
        session.wait("was left as it is", start=start)
        start = session.mark_here
        session.press("r")
        session.wait(r"apply this\? \[y/N\]", start=start)
        session.press("y")
        session.wait("serving; built", start=start)
        assert "Milk" in ask(port, "GET", "/api/notes", headers=auth)[1]


def test_what_does_not_fit_the_rows_is_shown_and_not_applied():
    project = Project()
    with project.serving() as session:
        port, start = session.port, session.mark_here
        ask(port, "POST", "/api/users", ACCOUNT, JSON)
        project.replace("routes.def", "email        text  max 255", "email        text  max 5")
        session.wait("\n  refused: .*email", start=start)
        session.wait("Change routes.def or the rows", start=start)
        assert ask(port, "POST", "/api/sign-in", ACCOUNT, JSON)[0] == 200


def test_a_database_of_the_users_own_is_never_altered():
    project = Project()
    url = {"GW_DATABASE_URL": "sqlite:%s/own.db" % project.scratch}
    with project.session(env=url) as session:
        session.wait("It is yours: change it")
        assert "\n  table notes: is missing\n" in session.said and "CREATE TABLE" not in session.said, session.said
        session.wait("s shows the SQL\n$")
        session.press("s")
        session.wait("CREATE TABLE \"notes\"")
        session.press("y")
        session.press("q")
        session.ended()
    with sqlite3.connect(project.scratch + "/own.db") as own:
        assert own.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)


def test_without_a_terminal_the_statements_are_said_at_once():
    project = Project()
    with project.session(env={"GW_DATABASE_URL": "sqlite:%s/own.db" % project.scratch}, tty=False) as session:
        session.wait("It is yours: change it")
        assert "-- table notes: is missing\nCREATE TABLE \"notes\"" in session.said, session.said
        session.wait("nothing serves")
        assert "s shows" not in session.read(0.5), session.said


def add_route(project, route):
    """The line's number."""
    text = project.read("routes.def") + route + "\n"
    project.write("routes.def", text)
    return text.count("\n")


def test_the_stub_of_a_missing_handler_is_written_after_a_key():
    project = Project()
    before = project.read("handlers.c")
    with project.serving() as session:
        port, start = session.port, session.mark_here
        missing = "routes.def:%d: the handler `add_mood` is not written\n" % add_route(
            project, "POST /moods/{id:int} users add_mood(new_note)")
        session.wait(r"write this into handlers\.c\? \[y/N\]", start=start)
        assert session.said[start:].startswith(missing + "\nThis can be written"), session.said[start:]
        assert project.read("handlers.c") == before
        refused = session.mark_here
        session.press("n")
        session.wait("goes on serving", start=start)
        assert session.said[refused:].startswith(missing), session.said[refused:]
        assert project.read("handlers.c") == before
        start = session.mark_here
        session.press("r")
        session.wait(r"write this into handlers\.c\? \[y/N\]", start=start)
        session.press("y")
        session.wait("serving; built", start=start)
        assert project.read("handlers.c").startswith(before) and "int add_mood(" in project.read("handlers.c")
        ask(port, "POST", "/api/users", ACCOUNT, JSON)
        token = form(port, "/-/dev/token", "entity=users&key=1")[1].strip()
        assert ask(port, "POST", "/api/moods/3", '{"text":"x"}', {"Authorization": "Bearer " + token, **JSON})[0] == 501


def test_missing_handlers_are_a_line_each_however_many_programs_lack_them():
    """The program and its test, whose links run at once; beside something else that is missing."""
    project = Project("--meson")
    with project.serving() as session:
        start = session.mark_here
        project.replace("handlers.c", "int home(struct gw_request *req)\n{\n", "int nowhere(void);\nint home(struct gw_request *req)\n{\n    nowhere();\n")
        first = add_route(project, "POST /moods/{id:int} users add_mood(new_note)")
        second = add_route(project, "GET /moods users moods")
        session.wait(r"write this into handlers\.c\? \[y/N\]", start=start)
        said = session.said[start:]
        assert said.count("undefined reference") == said.count("undefined reference to `nowhere'") == 2, said
        assert "\nroutes.def:%d: the handler `add_mood` is not written\nroutes.def:%d: the handler `moods` is not written\n\n" % (
            first, second) in said, said
        assert said.count("is not written\n") == 2 and not re.search("gwh_(add_mood|moods)", said), said


# ---- /-/dev ----

def test_tokens_are_made_for_our_own_page_only():
    project = Project()
    with project.serving() as session:
        port = session.port
        assert ask(port, "POST", "/api/users", ACCOUNT, JSON)[0] == 201
        body = "entity=users&key=1"
        status, token = form(port, "/-/dev/token", body)
        assert status == 200, token
        assert ask(port, "GET", "/api/notes", headers={"Authorization": "Bearer " + token.strip()})[0] == 200
        host = "127.0.0.1:%d" % port
        for headers in ({"Host": "evil.example"}, {"Host": "evil.example:%d" % port, "Origin": "http://evil.example:%d" % port},
                        {"Host": "127.0.0.1"}, {"Host": "127.0.0.1:1"}, {"Host": host + ".evil.example"},
                        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": None},
                        {"Origin": "https://" + host}, {"Origin": "http://localhost:%d" % port},
                        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
            status, text = form(port, "/-/dev/token", body, **headers)
            assert status == 403 and token not in text, (headers, status, text)
        for path in ("/-/dev", "/-/dev/events", "/-/dev/requests", "/-/dev/routes", "/-/dev/live.js"):
            assert ask(port, "GET", path, headers={"Host": "evil.example:%d" % port})[0] == 403, path
            assert ask(port, "GET", path, headers={"Origin": "http://evil.example"})[0] == 403, path
        assert form(port, "/-/dev/token", "entity=--config&key=x")[0] == 400
        assert form(port, "/-/dev/token", "entity=users&key=77")[0] == 502
        assert form(port, "/-/dev/token", "entity=users&key=" + "1" * 5000)[0] == 413


def test_nobody_else_on_the_network_reaches_it():
    project = Project()
    with project.serving() as session:
        addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        listening = [line.split()[1] for line in open("/proc/net/tcp") if line.split()[3] == "0A"]
        mine = [where for where in listening if int(where.split(":")[1], 16) == session.port]
        assert mine == ["0100007F:%04X" % session.port], (mine, addresses)


def test_routes_requests_with_reasons_and_explain_are_told():
    project = Project()
    with project.serving() as session:
        port = session.port
        get(port, "/api/notes")
        ask(port, "POST", "/api/users", ACCOUNT, JSON)
        assert "list_notes" in [r["handler"] for r in json.loads(get(port, "/-/dev/routes")[1])]
        lines = wait_for("the requests are told", lambda: (
            l := [json.loads(line) for line in get(port, "/-/dev/requests")[1].splitlines()]) and len(l) >= 3 and l)
        refused = [l for l in lines if l.get("status") == 401]
        assert refused and refused[0]["route"] == "/api/notes" and "reason" in refused[0], lines
        assert [l for l in lines if l.get("message") == "slow" and "handler" in l], lines  # a hash takes milliseconds
        status, text = form(port, "/-/dev/explain", "method=GET&path=%2Fapi%2Fnotes")
        assert status == 200 and "list_notes" in text, text


# ---- Keys ----

def test_keys_test_lock_restart_and_quit():
    project = Project()
    with project.serving() as session:
        start = session.mark_here
        session.press("t")
        session.wait("tests: good", 60, start)
        session.press("l")
        session.wait("lock: good", start=start)
        session.press("r")
        session.wait("serving; built", start=start)
        session.press("q")
        assert session.ended() == 0


def test_the_terminal_is_as_it_was_afterwards():
    import termios
    project = Project()
    for how in ("q", "kill"):
        with project.session() as session:
            session.wait("serving; built", 60)
            assert not termios.tcgetattr(session.slave)[3] & termios.ECHO
            if how == "q":
                session.press("q")
            else:
                os.kill(session.inner(), signal.SIGKILL)
            session.ended()
            assert termios.tcgetattr(session.slave) == session.before


if __name__ == "__main__":
    program.run_tests(globals())
