"""What takes its time: programs that hang or crash again and again, a build with sanitizers."""
import program
from project import Project, ask, get, served, with_start

LATER_KILLED = "pid_t me = getpid(); if (!fork()) { sleep(1); _exit(kill(me, SIGKILL)); }"


def test_a_program_that_loops_in_its_start_is_ended():
    project = Project()
    with project.serving() as session:
        start = session.mark_here
        project.write("main.c", with_start(project, "for (;;) pause();"))
        session.wait("did not start: it was not done within 10 s", 40, start)
        assert get(session.port)[0] == 200


def test_a_program_that_crashes_again_and_again_is_given_up_and_mended():
    project = Project()
    with project.serving() as session:
        port, start = session.port, session.mark_here
        project.write("main.c", with_start(project, LATER_KILLED))
        session.wait("started again in 0.2 s", start=start)
        session.wait("ended by itself 6 times: signal 9", 60, start)
        assert ask(port, "GET", "/")[0] == 503
        project.write("main.c", project.read("main.c").replace("!fork()", "!me"))
        served(port, "It works")


def test_with_address_sanitizer_on_request():
    project = Project()
    with project.serving("--asan") as session:
        assert b"__asan_init" in open(project.path("build/notes"), "rb").read()
        start = session.mark_here
        session.press("a")
        session.wait("AddressSanitizer is off", start=start)
        session.wait("serving; built", 60, start)
        assert b"__asan_init" not in open(project.path("build/notes"), "rb").read()
        session.quit()
    with project.serving("--asan"):
        pass
    with project.serving():  # what make built with it is built anew
        assert b"__asan_init" not in open(project.path("build/notes"), "rb").read()


if __name__ == "__main__":
    program.run_tests(globals())
