#!/usr/bin/python3
"""The README, word by word, by somebody who has nothing else: in an empty Debian, the commands as they stand there,
what they print beside what it shows.

    readme.py SOURCE"""
import os
import re
import sys
import tempfile
import time

from empty_debian import EmptyDebian, copy_project, run

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../dev"))
from session import Session

SOURCE = os.path.realpath(sys.argv[1])
README = open(SOURCE + "/README.md").read()
CLONE = "/root/gatewright"
NOTES = "/root/notes"
top = tempfile.TemporaryDirectory(prefix="gatewright-readme.")
scratch = tempfile.TemporaryDirectory(prefix="gatewright-readme-session.")
debian = None

# With /proc, as every system has it; it goes with the last process.
WITHIN = """mount -t proc proc "$1/proc" && exec chroot "$1" env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \\
    LC_ALL=C.UTF-8 XDG_RUNTIME_DIR=/tmp/run sh -c "$2" sh"""


def block(begin):
    """The indented text of the README that begins so."""
    at = re.search(r"^    " + re.escape(begin), README, re.M).start()
    lines = []
    for line in README[at:].split("\n"):
        if line and not line.startswith("    "):
            break
        lines.append(line[4:])
    return "\n".join(lines).strip() + "\n"


def shell(text, folder=CLONE):
    return debian.run("sh", "-ec", "cd %s\n%s" % (folder, text))


def terminal(command):
    return Session("unshare", "/", scratch.name, "-m", "sh", "-c", WITHIN, "sh", debian.root, command, command=True)


def an_empty_debian():
    global debian
    debian = EmptyDebian(top.name + "/debian")
    copy_project(SOURCE, debian.root + CLONE)
    os.makedirs(debian.root + "/tmp/run", mode=0o700)
    with open(debian.root + "/etc/apt/apt.conf.d/99yes", "w") as f:
        f.write('APT::Get::Assume-Yes "true";\n')


def its_packages_are_built_and_installed():
    shell(block("apt-get install build-essential"))


def what_it_shows_of_a_project_is_there():
    with terminal("cd /root && " + block("gatewright init notes")) as session:
        session.wait("serving; built", 120)
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block("$ gatewright routes"), re.M):
            said = shell(command, NOTES)
            assert said == expected, "%s\n%s" % (command, said)
        an_answer_is_as_shown(session.port)
        session.quit()


def an_answer_is_as_shown(port):
    account = '{"email":"a@example.org","password":"long enough"}'
    said = run("curl", "-sf", "-H", "Content-Type: application/json", "-d", account, "http://127.0.0.1:%d/api/users" % port)
    token = re.search(r'"token": *"([^"]*)"', said)[1]
    shown = block("$ curl http://127.0.0.1:8080/api/notes")[2:]
    command, expected = re.fullmatch(r"((?:.*\\\n)*.*\n)(.*)\n", shown).groups()
    said = run("sh", "-c", command.strip().replace(":8080/", ":%d/" % port) + " 2>/dev/null",
               env={**os.environ, "TOKEN": token})
    assert said.strip() == expected, said


def the_handler_is_the_one_that_is_shown():
    assert block("int create_note(") in open(debian.root + NOTES + "/handlers.c").read()


def a_mistake_is_shown_as_there():
    shown = block("routes.def:33:26: error")
    text = open(debian.root + NOTES + "/routes.def").read()
    lines = text.split("\n")
    lines[32] = re.sub(r"\busers( ?)", r"user \1", lines[32], count=1)
    with open(debian.root + NOTES + "/routes.def", "w") as f:
        f.write("\n".join(lines))
    said = debian.run("sh", "-c", "cd %s; gatewright check routes.def" % NOTES, status=1)
    assert said.startswith(shown), said


def the_school_is_served_and_its_lines_work():
    with terminal("cd %s && examples/school/run" % CLONE) as session:
        session.wait("Ctrl-C", 300)
        lines = re.findall(r"^((?:TOKEN=\$\()?curl .*)\n(?:  -> (.*)\n)?", session.said, re.M)
        assert len(lines) == 4, session.said[-3000:]
        said = run("bash", "-c", "\n".join(line for line, _ in lines))
        assert said.splitlines() == [answer for _, answer in lines if answer], said
        session.press("\x03")
        session.ended()


for step in (an_empty_debian, its_packages_are_built_and_installed, what_it_shows_of_a_project_is_there,
             the_handler_is_the_one_that_is_shown, a_mistake_is_shown_as_there, the_school_is_served_and_its_lines_work):
    begun = time.monotonic()
    step()
    print("%6.1f s  %s" % (time.monotonic() - begun, step.__name__.replace("_", " ")), flush=True)
