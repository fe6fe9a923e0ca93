#!/usr/bin/python3
"""What `meson install` puts, used by others: projects that `gatewright init` makes, built by meson, make
and cmake from nothing but the installed files, and the repository as a meson subproject.

    installed.py SOURCE"""
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import urllib.request

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE + "/../dev", HERE + "/../site"]
from program import accepts, wait_for
from session import Session
from tutorial import walk

SOURCE = os.path.realpath(sys.argv[1])
top = tempfile.TemporaryDirectory(prefix="gatewright-installed.")
PREFIX = top.name + "/prefix"
ENV = dict(os.environ, PATH=PREFIX + "/bin:" + os.environ["PATH"], CMAKE_PREFIX_PATH=PREFIX)
BUILT = {"--meson": "meson", "--make": "make", "--cmake": "cmake"}


def run(*command, cwd=top.name, status=0, **more):
    """Its output, when it ends with that status."""
    done = subprocess.run(command, cwd=cwd, env=ENV, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    assert done.returncode == status, "%s: exit %d\n%s" % (" ".join(command), done.returncode, done.stdout[-3000:])
    return done.stdout


def files(folder):
    return sorted(os.path.relpath(os.path.join(where, name), folder)
                  for where, _, names in os.walk(folder) for name in names)


def install():
    run("meson", "setup", "-Dtests=false", "-Doptimization=0", "--prefix", PREFIX, "--libdir", "lib",
        top.name + "/build", SOURCE)
    run("meson", "install", "-C", top.name + "/build")
    ENV["PKG_CONFIG_PATH"] = PREFIX + "/lib/pkgconfig"


def get(path, target):
    """GET by a FastCGI request that is written out here (FastCGI 1.0, 3.3 and 5)."""
    def record(kind, content):
        return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content

    def pair(name, value):
        return bytes([len(name), len(value)]) + name.encode() + value.encode()

    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(path)
    parameters = b"".join(pair(*p) for p in (("REQUEST_METHOD", "GET"), ("REQUEST_URI", target),
                                             ("SERVER_PROTOCOL", "HTTP/1.1")))
    client.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, parameters) + record(4, b"") + record(5, b""))
    answer = b""
    while piece := client.recv(65536):
        answer += piece
    return answer


def serves(program):
    path = top.name + "/sock"
    settings = {"GW_SECRET_KEY": "x" * 40, "GW_DATABASE_URL": "sqlite:%s/store.db" % top.name,
                "GW_LISTEN": "unix:" + path, "GW_LOG": "quiet", "PATH": ENV["PATH"]}
    process = subprocess.Popen([program], env=settings, stdin=subprocess.DEVNULL)
    try:
        # Its socket is there a moment before anybody listens.
        wait_for("the program listens", lambda: accepts("unix:" + path) or process.poll() is not None, 20)
        assert b"It works" in get(path, "/")
        assert b"Status: 401" in get(path, "/api/notes")
    finally:
        process.terminate()
        process.wait(20)


def test_what_is_installed():
    installed = files(PREFIX)
    pages = [f for f in installed if f.startswith("share/man/man3/gw_")]
    assert len(pages) == 14
    assert [f for f in installed if f not in pages] == [
        "bin/gatewright", "include/gatewright/calls.h", "include/gatewright/forms.h", "include/gatewright/gatewright.h",
        "include/gatewright/generated.h",
        "include/gatewright/matcher.h", "include/gatewright/shapes.h", "lib/cmake/gatewright/gatewrightConfig.cmake",
        "lib/cmake/gatewright/gatewrightConfigVersion.cmake", "lib/libgatewright.a",
        "lib/pkgconfig/gatewright.pc", "share/bash-completion/completions/gatewright",
        "share/fish/vendor_completions.d/gatewright.fish", "share/man/man1/gatewright.1",
        "share/man/man5/routes.def.5", "share/man/man7/gatewright.7", "share/vim/vimfiles/ftdetect/routes.vim",
        "share/vim/vimfiles/ftplugin/routes.vim", "share/vim/vimfiles/syntax/routes.vim",
        "share/zsh/site-functions/_gatewright"], installed


def test_pkg_config_names_the_compiler():
    assert run("pkg-config", "--variable=gatewright", "gatewright").strip() == PREFIX + "/bin/gatewright"


def test_a_new_project_builds_passes_its_tests_and_serves():
    for option, name in BUILT.items():
        said = run("gatewright", "init", name, option)
        assert "%s is there, built and tested" % name in said, said
        serves("%s/%s/build/%s" % (top.name, name, name))


def test_dev_serves_a_project_of_each_build():
    for name in BUILT.values():
        folder, scratch = "%s/%s" % (top.name, name), "%s/%s.run" % (top.name, name)
        os.mkdir(scratch)
        with Session(PREFIX + "/bin/gatewright", folder, scratch, env=ENV) as session:
            session.wait("serving; built", 60)
            start = session.mark_here
            text = open(folder + "/handlers.c").read()
            open(folder + "/handlers.c", "w").write(text.replace("It works", "It works anew"))
            session.wait("serving; built", 60, start)
            with urllib.request.urlopen("http://127.0.0.1:%d/" % session.port) as answer:
                assert b"It works anew" in answer.read()
            session.quit()


def test_a_new_project_is_formatted_and_locked():
    run("gatewright", "init", "locked", "--make")
    folder = top.name + "/locked"
    run("gatewright", "fmt", "--check", cwd=folder)
    run("gatewright", "check", "--lock", "-Werror", cwd=folder)
    text = open(folder + "/routes.def").read()
    open(folder + "/routes.def", "w").write(text.replace("users        list_notes", "guest|users  list_notes"))
    assert "opened" in run("gatewright", "check", "--lock", cwd=folder, status=1)


def test_a_change_of_routes_is_built_again():
    for option, build in (("--make", ["make"]), ("--meson", ["meson", "compile", "-C", "build"]),
                          ("--cmake", ["cmake", "--build", "build"])):
        folder = "%s/%s" % (top.name, BUILT[option])
        text = open(folder + "/routes.def").read()
        open(folder + "/routes.def", "w").write(text.replace("list_notes", "all_notes"))
        said = run(*build, cwd=folder, status=2 if option != "--meson" else 1)
        assert "all_notes" in said, said
        open(folder + "/routes.def", "w").write(text)
        run(*build, cwd=folder)


def test_what_the_readme_shows_is_what_one_sees():
    first = open(SOURCE + "/README.md").read().partition("## A handler")[0]
    shown = re.findall(r"^    \$ (gatewright .*)\n((?:    [^$\n].*\n)+)", first, re.M)
    assert [command.split()[1] for command, _ in shown] == ["routes", "explain"]
    for command, answer in shown:
        said = run(*command.split(), cwd=top.name + "/meson")
        assert said == re.sub("^    ", "", answer, flags=re.M), said


def test_the_tutorial_as_it_is_typed():
    where = top.name + "/tutorial"
    os.mkdir(where)
    commands, pieces = walk(SOURCE, where, PREFIX + "/bin/gatewright", ENV)
    assert commands >= 32 and pieces >= 9, (commands, pieces)


def test_init_leaves_what_is_there_alone():
    folder = top.name + "/mine"
    os.mkdir(folder)
    open(folder + "/precious", "w").write("mine")
    assert "not an empty folder" in run("gatewright", "init", "mine", status=1)
    assert files(folder) == ["precious"]
    open(top.name + "/afile", "w").close()
    run("gatewright", "init", "afile", status=1)


def test_init_refuses_what_is_no_name():
    before = set(os.listdir(top.name))
    for name in ("", ".", "..", "a/b", "/tmp/x", "Notes", "1st", "-x", "a b", "test", "all", "a" * 65, "né"):
        run("gatewright", "init", name, status=2)
    run("gatewright", "init", status=2)
    run("gatewright", "init", "one", "two", status=2)
    run("gatewright", "init", "one", "--make", "--cmake", status=2)
    assert set(os.listdir(top.name)) == before


def test_a_first_build_that_fails_is_said_and_the_files_stay():
    folder = top.name + "/poor"
    without = dict(ENV, PKG_CONFIG_PATH="/nowhere", PKG_CONFIG_LIBDIR="/nowhere")
    done = subprocess.run(["gatewright", "init", "poor", "--make"], cwd=top.name, env=without, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 1 and "this failed in poor" in done.stdout, done.stdout
    assert "handlers.c" in files(folder)


def test_as_a_subproject_it_installs_nothing_of_ours():
    folder = top.name + "/parent"
    shutil.copytree(top.name + "/meson", folder, ignore=shutil.ignore_patterns("build"))
    os.mkdir(folder + "/subprojects")
    os.symlink(SOURCE, folder + "/subprojects/gatewright")
    text = open(folder + "/meson.build").read()
    open(folder + "/meson.build", "w").write(text.replace("project('meson'", "project('parent'"))
    run("meson", "setup", "--wrap-mode=forcefallback", "-Doptimization=0", "--prefix", "/usr", "build", cwd=folder)
    run("meson", "compile", "-C", "build", cwd=folder)
    run("meson", "test", "-C", "build", "--suite", "parent", cwd=folder)
    run("meson", "install", "-C", "build", "--destdir", folder + "/root", cwd=folder)
    assert files(folder + "/root") == ["usr/bin/meson"], files(folder + "/root")
    targets = run("ninja", "-C", "build", "-t", "targets", "all", cwd=folder)
    assert "school" not in targets and "test_path" not in targets


install()
for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
        print(name[5:].replace("_", " "), flush=True)
