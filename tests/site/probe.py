"""The probe on a socket of its own, with its store, for tests that put load on it or let its calls fail."""
import glob
import json
import os
import subprocess

from mariadb import MariaDB
from program import Program


class Probe(Program):
    """`store` is "sqlite" or "mariadb"; further settings as GW_NAME="value"."""

    def __init__(self, program, gatewright, routes, store="sqlite", **settings):
        super().__init__(program)
        self.environment["GW_LOG"] = "quiet:" + self.log
        self.environment.update(settings)
        self.database = None
        try:
            if store == "mariadb":
                schema = subprocess.run([gatewright, "schema", "--mysql", routes], check=True,
                                        capture_output=True, text=True).stdout
                self.database = MariaDB(self.folder, "probe", schema)
                self.environment["GW_DATABASE_URL"] = self.database.url
            self.start_program()
        except BaseException:
            self.end()
            self.remove()
            raise

    def is_ready(self):
        """It answers: a path that is none, so no handler runs."""
        try:
            return self.request("GET", "/p/../")[0] > 0
        except OSError:
            return False

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

    def end(self):
        """What still runs is not waited for: a test that cares has stopped it."""
        if self.process and not self.ended():
            self.process.kill()
            self.process.wait()
        if self.database:
            self.database.stop()
