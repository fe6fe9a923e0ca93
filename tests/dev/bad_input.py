"""What `gatewright dev` says of what is wrong, and that it goes on or ends as it should."""
import os
import signal
import socket

import program
from project import GATEWRIGHT, Project, get, only, served, with_start
from session import Session, traces


def test_without_a_routes_def_or_a_build_file_it_says_so():
    project = Project()
    os.remove(project.path("Makefile"))
    assert "--build COMMAND" in project.fails()
    os.remove(project.path("routes.def"))
    assert "routes.def cannot be read" in project.fails()
    assert os.listdir(project.scratch) == []
    assert not os.path.exists(project.path(".gatewright"))


def test_without_a_web_server_it_says_what_to_install():
    project = Project()
    with Session("unshare", project.folder, project.scratch, *only(None)[1:], GATEWRIGHT, "dev", command=True) as session:
        assert session.ended() == 1 and "apt install nginx" in session.said, session.said
        session.assert_nothing_left()


def test_a_port_that_is_taken_or_none_is_refused():
    project = Project()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "port %d cannot be listened on" % port in project.fails("--port", str(port))
    for wrong in ("0", "65536", "http", "-1", ""):
        assert "no port" in project.fails("--port", wrong), wrong


def test_two_that_begin_at_once_have_ports_of_their_own():
    projects = [Project(), Project()]
    for i, project in enumerate(projects):
        project.replace("handlers.c", "It works", "It works, %d" % i)
    with projects[0].session() as first, projects[1].session() as second:
        for i, session in enumerate((first, second)):
            session.wait("serving; built", 60)
            served(session.port, "It works, %d" % i)
        first.quit()
        second.quit()


def test_a_second_one_in_the_folder_names_the_first():
    project = Project()
    with project.serving() as session:
        said = project.session()
        with said:
            assert said.ended() == 1
            assert "as process %d" % session.inner() in said.said, said.said
        assert get(session.port)[0] == 200


def test_a_program_that_crashes_at_start_does_not_take_over():
    project = Project()
    with project.serving() as session:
        start = session.mark_here
        project.write("main.c", with_start(project, "abort();"))
        session.wait("did not start: signal 6", start=start)
        assert get(session.port)[0] == 200


def test_a_crash_is_followed_by_a_new_start():
    project = Project()
    with project.serving() as session:
        start = session.mark_here
        program_pid = [p for p, line in traces(session.mark).items() if line.endswith("/notes")][0]
        os.kill(program_pid, signal.SIGKILL)
        assert get(session.port)[0] == 200  # it waits
        session.wait("started again", start=start)


def test_a_full_disk_is_said_and_what_serves_goes_on():
    project = Project()
    script = 'mount -t tmpfs -o size=32m tmpfs "$XDG_RUNTIME_DIR" && exec "$@"'
    with Session("unshare", project.folder, project.scratch, "-m", "sh", "-c", script, "sh", GATEWRIGHT, "dev",
                 command=True) as session:
        session.wait("serving; built", 60)
        start = session.mark_here
        folder = "/proc/%d/root%s" % (session.process.pid, project.scratch)
        with open(folder + "/filler", "wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 65536):
                    pass
            except OSError:
                pass
        project.replace("handlers.c", "It works", "It works better")
        session.wait("cannot be copied to .*: No space left", start=start)
        assert get(session.port)[1].startswith("It works.")
        os.remove(folder + "/filler")
        session.press("r")
        served(session.port, "It works better")
        session.press("q")
        assert session.ended() == 0


def test_without_a_terminal_it_serves_and_asks_nothing():
    project = Project()
    with project.serving(tty=False) as session:
        start = session.mark_here
        project.write("routes.def", project.read("routes.def") + "GET /more users more\n")
        session.wait("goes on serving", start=start)
        assert "int more" not in project.read("handlers.c")


if __name__ == "__main__":
    program.run_tests(globals())
