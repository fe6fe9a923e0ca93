#!/usr/bin/python3
"""The manual of operating: every command in it is run.

A section's commands run in one shell, in a folder of their own that holds the program, its routes and the
commands of the section "The program" before. Ports are replaced by free ones. Where no systemd runs,
`systemctl` is a script that does what the units say with systemd's own systemd-socket-activate."""
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

import fcgi
from web import GATEWRIGHT, PROGRAM, ROUTES, VIDEOS, free_port, is_listening, run_tests, wait_for

ROOT = os.path.dirname(ROUTES)
MANUAL = "\n".join(open(os.path.join(ROOT, "docs", page)).read()
                   for page in ("web-servers.md", "operating.md", "settings.md", "passwords.md", "reasons.md"))

SYSTEMCTL = '''#!/bin/sh
# Plays systemctl with the units in UNITS.
case "$1 $2 $3" in
"daemon-reload  ") systemd-analyze verify "$UNITS"/school.socket "$UNITS"/school.service ;;
"enable --now school.socket")
    listen=$(sed -n 's/^ListenStream=//p' "$UNITS"/school.socket)
    exec=$(sed -n 's/^ExecStart=//p' "$UNITS"/school.service)
    mkdir -p "$UNITS/run"
    systemd-socket-activate -l "$UNITS/run/$(basename "$listen")" -E GW_SECRET_KEY_FILE="$PWD/secret" -E GW_ORIGIN=https://school.test \\
        -E GW_DATABASE_URL="sqlite:$PWD/school.db" "$exec" >"$UNITS/out" 2>&1 & ;;
*) echo "systemctl $* is not played" >&2; exit 1 ;;
esac
'''

COMPILER = '''#!/bin/sh
# The compiler, with a free port in place of its default.
case "$*" in
*--port*) ;;
"conf "*) set -- "$@" --port %s ;;
esac
exec %s "$@"
'''


def sections():
    """[(title, [block of commands])]"""
    found = []
    for part in re.split(r"(?m)^## ", MANUAL)[1:]:
        title, _, text = part.partition("\n")
        found.append((title, re.findall(r"(?ms)^```sh\n(.*?)^```$", text)))
    return found


def as_script(blocks):
    """Each command that has an expectation is compared with it; anything that fails ends the script."""
    lines = ["set -eu"]
    for block in blocks:
        for line in block.splitlines():
            command, mark, expected = line.partition("    # => ")
            if not mark:
                lines.append(line)
                continue
            lines.append("got=$( { %s ; } 2>&1) || true" % command)
            lines.append("case $got in *%s*) ;; *) printf '%%s\\n' %s \"$got\"; exit 1 ;; esac" % (
                shlex.quote(expected), shlex.quote("NOT AS EXPECTED: " + line)))
    return "\n".join(lines) + "\n"


def runs(title, blocks, check=None):
    folder = tempfile.mkdtemp(prefix="gatewright-manual.")
    os.chmod(folder, 0o755)
    os.mkdir(folder + "/bin")
    os.mkdir(folder + "/etc")
    ports = {port: str(free_port()) for port in ("8080", "8081", "8082", "8083", "9000", "9001", "9002", "9100")}
    for name, script in ("systemctl", SYSTEMCTL), ("gatewright", COMPILER % (ports["8080"], GATEWRIGHT)):
        open(folder + "/bin/" + name, "w").write(script)
        os.chmod(folder + "/bin/" + name, 0o755)
    for path in (PROGRAM, ROUTES, os.path.join(ROOT, "routes.lock")):
        shutil.copy(path, folder)
    text = as_script(blocks)
    text = re.sub("|".join(ports), lambda found: ports[found[0]], text)  # at once: a free port may look like another
    text = text.replace("/etc/systemd/system/", folder + "/etc/")
    environment = {"PATH": folder + "/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "HOME": folder, "UNITS": folder + "/etc", "SCHOOL_VIDEOS": VIDEOS}
    with open(folder + "/output", "wb") as out:
        shell = subprocess.Popen(["bash", "-c", text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                 stdout=out, stderr=out, start_new_session=True)
    try:
        status = shell.wait(60)
        said = open(folder + "/output", errors="replace").read()
        assert status == 0, "%s: exit %d\n%s\n%s" % (title, status, said[-3000:], text)
        if check:
            check(folder)
    finally:
        try:
            os.killpg(shell.pid, signal.SIGTERM)
            wait_for("its processes end", lambda: not alive(shell.pid), 20)
        except ProcessLookupError:
            pass
        shutil.rmtree(folder, ignore_errors=True)


def alive(group):
    try:
        os.killpg(group, 0)
        return True
    except ProcessLookupError:
        return False


def the_unit_serves(folder):
    path = folder + "/etc/run/app.sock"
    wait_for("it listens", lambda: is_listening(path))
    assert fcgi.request(path)[0] == 200


def test_commands():
    all_sections = sections()
    title, first = all_sections[0]
    assert title == "The program" and first
    n = 0
    for title, blocks in all_sections:
        if not blocks:
            continue
        before = [] if title == "The program" else first
        runs(title, before + blocks, the_unit_serves if title == "systemd" else None)
        n += sum(len(b.splitlines()) for b in blocks)
        print("%s: runs" % title, flush=True)
    assert n > 50, n


def test_no_other_commands():
    """What looks like a command stands in a block that is run."""
    rest = re.sub(r"(?ms)^```sh\n.*?^```$", "", MANUAL)
    for block in re.findall(r"(?ms)^```(.*?)^```$", rest):
        # What is to be put into files, header_names.py and sent_files.py take from here.
        assert block.startswith(("text\n2026-", "lua\n", "apache\n", "c\n")), block
    rest = re.sub(r"(?ms)^```.*?^```$", "", rest)
    assert not re.search(r"(?m)^    \S", rest), "an indented block is not run"


run_tests(globals())
