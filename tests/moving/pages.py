"""The pages of docs/moving, done as they stand: each block that names a file becomes that file, each block of
commands is run, in their order, in a folder of its own.

Where a line ends in `    # => TEXT`, what the command says contains the text. Ports are replaced by free ones.
What the commands have started ends with the page."""
import contextlib
import glob
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

import fcgi
from program import PATH, SECRET, Program, free_port, wait_for

GATEWRIGHT, PKG_CONFIG, SOURCE = map(os.path.abspath, sys.argv[1:4])
sys.argv[1:] = sys.argv[4:]
FULL = bool(os.environ.get("TESTS_FULL"))
TURNS = 10000 if FULL else 500
PORTS = ("8080", "5000", "9000")


def blocks_of(page):
    """[(language, file or "", text)]; whatever looks like a command stands in one of them."""
    with open(os.path.join(SOURCE, "docs", "moving", page)) as file:
        text = file.read()
    found = re.findall(r"(?ms)^```(\w+)(?: (\S+))?\n(.*?)^```$", text)
    assert len(found) * 2 == len(re.findall(r"(?m)^```", text)), "a block is not read"
    assert not re.search(r"(?m)^    \S", re.sub(r"(?ms)^```.*?^```$", "", text)), "an indented block is not run"
    for language, name, _ in found:
        assert (language == "sh") != bool(name), (language, name)
    return found


def script_of(blocks):
    """One script of bash, which writes the files where they come."""
    lines = ["set -eu"]
    for language, name, text in blocks:
        if name:
            folder = os.path.dirname(name)
            lines += ["mkdir -p " + folder] * bool(folder)
            lines += ["cat >%s <<'END_OF_THE_BLOCK'\n%sEND_OF_THE_BLOCK" % (name, text)]
            continue
        for line in text.splitlines():
            command, mark, expected = line.partition("    # => ")
            if not mark:
                lines.append(line)
                continue
            lines.append("got=$( { %s ; } 2>&1) || true" % command)
            lines.append("case $got in *%s*) ;; *) printf '%%s\\n' %s \"$got\"; exit 1 ;; esac" % (
                shlex.quote(expected), shlex.quote("NOT AS EXPECTED: " + line)))
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def done(page):
    """The folder in which the page has been done; what it started is running still."""
    folder = tempfile.mkdtemp(prefix="gatewright-moving.")
    os.chmod(folder, 0o755)
    os.mkdir(folder + "/bin")
    os.symlink(GATEWRIGHT, folder + "/bin/gatewright")
    text = script_of(blocks_of(page))
    for port in PORTS:
        text = text.replace(port, str(free_port()))
    environment = {"PATH": folder + "/bin:" + PATH, "HOME": folder, "PKG_CONFIG_PATH": PKG_CONFIG, "LC_ALL": "C.UTF-8"}
    with open(folder + "/output", "wb") as out:
        shell = subprocess.Popen(["bash", "-c", text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                 stdout=out, stderr=out, start_new_session=True)
    try:
        status = shell.wait(120)
        with open(folder + "/output", errors="replace") as said:
            assert status == 0, "%s: exit %d\n%s" % (page, status, said.read()[-4000:])
        yield folder
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGTERM)
            wait_for("its processes end", lambda: not alive(shell.pid), 20)
        shutil.rmtree(folder, ignore_errors=True)


def alive(group):
    try:
        os.killpg(group, 0)
        return True
    except ProcessLookupError:
        return False


def build(folder, name, url, *options):
    """The page's program for another database: its tables are declared anew, with the options that the page gives."""
    with open(folder + "/tables.def", "w") as file:
        subprocess.run([GATEWRIGHT, "import", url, *options], stdout=file, check=True)
    subprocess.run([GATEWRIGHT, "gen", "routes.def", "-o", "."], cwd=folder, check=True)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "gatewright"], text=True, check=True,
                           stdout=subprocess.PIPE, env={**os.environ, "PKG_CONFIG_PATH": PKG_CONFIG}).stdout.split()
    subprocess.run(["cc", "-o", name, *glob.glob(folder + "/*.c"), *flags],
                   cwd=folder, check=True)


# What a `decimal 10.2` does not hold, or not in this spelling.
BAD_PRICES = ["", "-", "1", "1.", ".50", "1.5", "1.234", "01.50", "+1.50", "1e3", "abc", " 1.50", "1.50 ", "-0.00", "--1.50", "123456789.00", "1,50"]


class Site(Program):
    """A program of a page, on a database."""

    def __init__(self, path, url, secret=SECRET):
        super().__init__(path, settings={"GW_DATABASE_URL": url, "GW_SECRET_KEY": secret})

    def ask(self, method, target, body=None, token=None):
        """(status, JSON)"""
        text = None if body is None else json.dumps(body).encode()
        status, _, answer = fcgi.request(self.address, target, method, token=token, body=text)
        return status, json.loads(answer) if answer else None
