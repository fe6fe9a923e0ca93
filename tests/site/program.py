"""A program on a socket of its own, with what it writes, in a temporary folder.

It listens on a unix socket in that folder or on 127.0.0.1. What a site has started it ends by its process id;
it dies with the test, however that ends. E2E_KEEP=1 leaves the folder behind."""
import base64
import contextlib
import ctypes
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

import fcgi

SECRET = "secret-of-the-tests-in-more-than-32-bytes"
ORIGIN = "https://school.test"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")

_libc = ctypes.CDLL(None)


# ---- Tokens ----

def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(table, claim, key, seconds=86400, secret=SECRET, issued=0):
    """An HS256 token, made without any code of Gatewright (RFC 7515, appendix A.1). It was issued `issued`
    seconds ago, and is good for `seconds` from now."""
    now = int(time.time())
    claims = {"table_name": table, claim: key, "iat": now - issued, "exp": now + seconds}
    text = (encoded(b'{"alg":"HS256","typ":"JWT"}') + "." +
            encoded(json.dumps(claims, separators=(",", ":")).encode()))
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + encoded(mac)


# ---- Processes and sockets ----

def die_with_parent():
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def adopt_orphans():
    """What a process that ends leaves behind (spawn-fcgi does) becomes our child."""
    _libc.prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=10):
    """What the condition gives once that is true; not within `seconds`: AssertionError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("%s: not within %d s" % (what, seconds))


def is_listening(path):
    """Without a connection, which would start what waits for one."""
    return any(f[3] == "00010000" and f[-1] == path
               for f in (line.split() for line in open("/proc/net/unix")))


def accepts(address):
    """Whether something takes connections at an address, as fcgi.connect has it."""
    try:
        fcgi.connect(address, 5).close()
        return True
    except OSError:
        return False


def waits_for_signals(pid):
    """Whether the program has come so far that a signal does not simply kill it."""
    blocked = [l for l in open("/proc/%d/status" % pid) if l.startswith("SigBlk")]
    return int(blocked[0].split()[1], 16) & (1 << (signal.SIGUSR2 - 1))


def listener(path):
    """A socket that outlives the program: what a supervisor keeps."""
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    os.chmod(path, 0o666)
    s.listen(1024)
    return s


# ---- The program ----

class Program:
    """`environment` is the program's: a test may change it before a start, as `before`, what its process does
    before it executes anything. `settings` are further GW_ variables; `tcp`: it listens on TCP."""

    def __init__(self, program, tcp=False, settings=None):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="gatewright-site.")
        os.chmod(self.folder, 0o755)
        self.log, self.output = self.folder + "/program.log", self.folder + "/output"
        self.socket = self.folder + "/program.sock"
        self.address = "tcp:127.0.0.1:%d" % free_port() if tcp else "unix:" + self.socket
        self.processes = []
        self.process = None  # the program's, the last one started
        self.before = die_with_parent
        self.environment = {
            "PATH": PATH, "HOME": self.folder, "GW_SECRET_KEY": SECRET,
            "GW_DATABASE_URL": "sqlite:%s/store.db" % self.folder, "GW_LOG": "text:" + self.log,
            "GW_ORIGIN": ORIGIN,
            **{name: os.environ[name] for name in SANITIZERS if name in os.environ},
            **(settings or {})}

    def launch(self, argv, **options):
        """A process of the site's; what it says goes to the file `output`."""
        with open(self.output, "ab") as out:
            process = subprocess.Popen(argv, stdout=out, stderr=out, preexec_fn=self.before,
                                       **{"env": self.environment, "stdin": subprocess.DEVNULL,
                                          **options})
        self.processes.append(process)
        return process

    def start_program(self):
        """Listening by itself."""
        self.process = self.launch([self.program], env={**self.environment, "GW_LISTEN": self.address})
        wait_for("the program starts", lambda: self.is_ready() or self.ended(), 30)
        if self.ended():
            self.fail("the program ended")
        if self.address.startswith("unix:"):
            os.chmod(self.socket, 0o666)
        return self.process

    def is_ready(self):
        return accepts(self.address)

    def ended(self):
        return self.process.poll() is not None

    @contextlib.contextmanager
    def running(self):
        """Started, and after the block stopped by SIGTERM, which it follows within ten seconds."""
        process = self.start_program()
        try:
            yield process
            assert self.stop(10) == 0
        finally:
            process.kill()
            process.wait()

    def stop(self, seconds=60):
        """Its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def request(self, method, target, bearer=None, body=None):
        """One request on a connection of its own: (status, body). Cut off: ConnectionError."""
        status, _, body = fcgi.request(self.address, target, method, bearer, body=body, timeout=20)
        return status, body

    def run(self, *arguments, code=0, **options):
        """A command of the program's: what it says."""
        done = subprocess.run([self.program, *arguments], env=self.environment, capture_output=True,
                              text=True, timeout=30, **options)
        assert done.returncode == code, (arguments, done)
        return done.stdout + done.stderr

    def said(self):
        return open(self.output, errors="replace").read() if os.path.exists(self.output) else ""

    def fail(self, why):
        raise AssertionError("%s: %s" % (why, self.said()[-4000:]))

    def complaints(self):
        """Whether a sanitizer has spoken of the program."""
        said = self.said()
        return "Sanitizer" in said or "runtime error:" in said

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def remove(self):
        if not os.environ.get("E2E_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.end()
        complaints = self.complaints()
        if complaints:
            print(self.said()[-4000:])
        self.remove()
        assert kind or not complaints, "a sanitizer complained"


# ---- Running tests ----

def run_tests(namespace):
    """Runs every test_* function, or those that are named on the command line; one line for each."""
    names = [n for n in namespace if n.startswith("test_")]
    wanted = [n for n in sys.argv[1:] if n.startswith("test_")]
    failed = 0
    for name in wanted or names:
        begun = time.monotonic()
        try:
            namespace[name]()
            word = "passed"
        except (AssertionError, OSError, SystemExit) as why:
            traceback.print_exc()
            failed, word = failed + 1, "FAILED"
        print("%s %s (%.1f s)" % (word, name, time.monotonic() - begun), flush=True)
    sys.exit(bool(failed))
