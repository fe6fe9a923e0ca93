"""`gatewright dev` as a person has it: in a terminal of its own (a pty), in a project's folder."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from program import wait_for


def descendants(pid):
    """Of a process: {pid: command line}, itself left out; also those that became another's child are found, by
    the temporary folder in their arguments or environment, with `traces`."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                parents[int(name)] = int(open("/proc/%s/stat" % name).read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                pass
    found = set()
    while new := {p for p, parent in parents.items() if (parent == pid or parent in found) and p not in found}:
        found |= new
    return {p: command_line(p) for p in found}


def command_line(pid):
    try:
        return open("/proc/%d/cmdline" % pid, errors="replace").read().replace("\0", " ").strip()
    except OSError:
        return ""


def traces(mark):
    """Living processes whose environment has the mark: all that a session began, whoever their parent is."""
    found = {}
    for name in os.listdir("/proc"):
        try:
            if not name.isdigit() or mark.encode() not in open("/proc/%s/environ" % name, "rb").read():
                continue
            if open("/proc/%s/stat" % name).read().rsplit(")", 1)[1].split()[0] != "Z":
                found[int(name)] = command_line(int(name))
        except OSError:
            pass
    return found


class Session:
    """One `gatewright dev`. Its temporary folder is made in `scratch`, so that a test sees what is left there."""

    number = 0

    def __init__(self, gatewright, folder, scratch, *arguments, env=None, tty=True, command=False):
        """`command`: the arguments are a whole command line, which ends in that of gatewright."""
        Session.number += 1
        self.scratch, self.said, self.tty = scratch, "", tty
        self.mark = "DEV_TEST_MARK=%d.%d" % (os.getpid(), Session.number)
        name, value = self.mark.split("=")
        settings = {**os.environ, "XDG_RUNTIME_DIR": scratch, "NO_COLOR": "1", name: value, **(env or {})}
        for unwanted in [k for k in settings if k.startswith("GW_") and k not in (env or {})]:
            del settings[unwanted]
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.before = termios.tcgetattr(slave)

        def own_terminal():
            os.setsid()
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup; a person's shell does not
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([gatewright, *([] if command else ["dev"]), *arguments], cwd=folder, env=settings,
                                        stdin=slave if tty else subprocess.DEVNULL, stdout=slave, stderr=slave,
                                        preexec_fn=own_terminal, close_fds=True)
        self.slave = slave

    def read(self, seconds=0.05):
        """What is said until nothing comes for that time."""
        while self.master is not None and select.select([self.master], [], [], seconds)[0]:
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                break
            if not piece:
                break
            self.said += piece.decode(errors="replace").replace("\r\n", "\n")
        return self.said

    def wait(self, pattern, seconds=30, start=0):
        """Until what is said behind `start` matches; the match."""
        end = time.monotonic() + seconds
        while True:
            self.read()
            match = re.compile(pattern).search(self.said, start)
            if match:
                return match
            assert time.monotonic() < end, "not said within %d s: %s\n%s" % (seconds, pattern, self.said[start:][-3000:])
            assert self.process.poll() is None or self.read(0.2) is None or re.search(pattern, self.said[start:]), \
                "it ended: %s" % self.said[-3000:]

    @property
    def mark_here(self):
        self.read()
        return len(self.said)

    def press(self, keys):
        os.write(self.master, keys.encode())

    @property
    def port(self):
        return int(self.wait(r"http://127\.0\.0\.1:(\d+)/ behind")[1])

    def inner(self):
        """The process that does everything: the only child of the one that was started."""
        return wait_for("the inner process", lambda: [
            int(p) for p in os.listdir("/proc") if p.isdigit() and parent(int(p)) == self.process.pid])[0]

    def hang_up(self):
        """The terminal is closed."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = None

    def ended(self, seconds=20):
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, "it has not ended: %s %s" % (self.said[-2000:], traces(self.mark))
            self.read(0.02) if self.master is not None else time.sleep(0.02)
        if self.master is not None:
            self.read()
        return self.process.returncode

    def assert_nothing_left(self, seconds=10):
        wait_for("no process is left: %s" % traces(self.mark), lambda: not traces(self.mark), seconds)
        wait_for("no file is left: %s" % self.left(), lambda: not self.left(), seconds)

    def left(self):
        """What lies in the temporary folder (ccache has one of its own there)."""
        return [name for name in os.listdir(self.scratch) if name.startswith("gatewright")]

    def quit(self):
        self.press("q")
        assert self.ended() == 0, self.said[-2000:]
        self.assert_nothing_left()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                for pid in list(descendants(self.process.pid)) + [self.process.pid]:
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()
        if self.master is not None:
            self.read()
        for fd in (self.master, self.slave):
            if fd is not None:
                os.close(fd)
        assert kind or not re.search("Sanitizer:|runtime error:", self.said), self.said[-4000:]


def parent(pid):
    try:
        return int(open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError):
        return 0
