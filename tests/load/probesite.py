"""A program on a socket of its own, with its store, for tests that put load on it."""

import base64
import glob
import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../ops"))
import fcgi

SECRET = "0123456789abcdef0123456789abcdef"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(table, claim, key, seconds=86400):
    """An HS256 token, made without any code of Gatewright (RFC 7515, appendix A.1)."""
    now = int(time.time())
    claims = {"table_name": table, claim: key, "iat": now, "exp": now + seconds}
    text = (encoded(b'{"alg":"HS256","typ":"JWT"}') + "." +
            encoded(json.dumps(claims, separators=(",", ":")).encode()))
    mac = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + encoded(mac)


def await_(what, test, seconds=30):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


class MariaDB:
    def __init__(self, folder, schema):
        self.socket, data = folder + "/mysql.sock", folder + "/db"
        self.log = open(folder + "/mysql.log", "ab")
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--user=root",
                        "--auth-root-authentication-method=normal", "--skip-test-db"], check=True,
                       stdout=self.log, stderr=self.log)
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={self.socket}",
             "--skip-networking", "--user=root", f"--pid-file={folder}/mysql.pid",
             "--max-connections=300"], stdout=self.log, stderr=self.log,
            env={**os.environ, "TMPDIR": folder})
        await_("mariadbd", lambda: self.run("SELECT 1", None, quiet=True))
        assert self.run("CREATE DATABASE probe", None) and self.run(schema)
        self.url = f"mysql://root@/probe?socket={self.socket}"

    def command(self, database="probe"):
        return (["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot"] +
                ([database] if database else []))

    def run(self, sql, database="probe", quiet=False):
        done = subprocess.run(self.command(database), input=sql, text=True, capture_output=True)
        if done.returncode and not quiet:
            print(done.stderr)
        return done.returncode == 0

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


class Site:
    """The probe. `store` is "sqlite" or "mariadb"; further settings as GW_NAME="value"."""

    def __init__(self, program, gatewright=None, routes=None, store="sqlite", **settings):
        self.folder = tempfile.mkdtemp(prefix="gatewright-load.")
        self.socket, self.log = self.folder + "/socket", self.folder + "/log"
        self.database = None
        url = f"sqlite:{self.folder}/store"
        try:
            if store == "mariadb":
                schema = subprocess.run([gatewright, "schema", "--mysql", routes], check=True,
                                        capture_output=True, text=True).stdout
                self.database = MariaDB(self.folder, schema)
                url = self.database.url
            self.environment = {"PATH": os.environ["PATH"], "GW_SECRET_KEY": SECRET,
                                "GW_DATABASE_URL": url, "GW_LISTEN": "unix:" + self.socket,
                                "GW_LOG": "quiet:" + self.log, **settings}
            for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
                if name in os.environ:
                    self.environment[name] = os.environ[name]
            self.program = program
            self.start()
        except BaseException:
            self.remove()
            raise

    def start(self):
        self.said = open(self.folder + "/said", "ab")
        self.process = subprocess.Popen([self.program], env=self.environment,
                                        stdin=subprocess.DEVNULL, stdout=self.said,
                                        stderr=self.said)
        await_("the program's socket", lambda: self.answers("/p/../") or self.ended())
        assert not self.ended(), open(self.folder + "/said").read()

    def ended(self):
        return self.process.poll() is not None

    def answers(self, uri):
        try:
            return self.request("GET", uri)[0] > 0
        except OSError:
            return False

    def request(self, method, uri, bearer=None, body=None):
        """One request on a connection of its own: (status, body). Cut off: ConnectionError."""
        status, _, body = fcgi.request(self.socket, uri, method, bearer, body=body, timeout=20)
        return status, body

    def people(self, n):
        """Puts n people into the store: a list of (id, name)."""
        found = []
        for i in range(n):
            name = f"person-{i}-of-{n}"
            status, out = self.request("POST", "/p/people", body=json.dumps({"name": name}).encode())
            assert status == 201, out
            found.append((json.loads(out)["id"], name))
        return found

    def resident_kib(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def thread_ticks(self):
        """{thread: ticks of CPU time}"""
        found = {}
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/stat"):
            fields = open(path).read().rsplit(")", 1)[1].split()
            found[path] = int(fields[11]) + int(fields[12])
        return found

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def descriptors_but_the_stores(self):
        """Without the connections to MariaDB, which a worker opens when it first needs one: of the
        unix sockets they alone have no name at this end."""
        with open("/proc/net/unix") as table:
            lines = [line.split() for line in table]
        nameless = {f"socket:[{fields[6]}]" for fields in lines if len(fields) == 7}
        folder = f"/proc/{self.process.pid}/fd"
        n = 0
        for fd in os.listdir(folder):
            try:
                n += os.readlink(f"{folder}/{fd}") not in nameless
            except FileNotFoundError:
                pass
        return n

    def stop(self):
        """Its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.said.close()
        return status

    def remove(self):
        try:
            if hasattr(self, "process") and not self.ended():
                self.process.kill()
                self.process.wait()
            if self.database:
                self.database.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()
