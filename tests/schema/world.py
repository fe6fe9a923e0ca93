"""What the tests of changing schemas share: programs made of a declaration, and databases of both stores, read by their
own clients."""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from mariadb import MariaDB

GATEWRIGHT, CC, RUNTIME, LIBRARY, LIBRARIES, SHIM = sys.argv[1:7]
sys.argv[1:] = sys.argv[7:]
FULL = os.environ.get("TESTS_FULL") == "1"
MAIN = """#include "routes.h"
int home(struct gw_request *req) { return gw_json(req, 200, json_object()); }
int main(int argc, char **argv) { return gw_main(argc, argv, NULL); }
"""
top = tempfile.TemporaryDirectory(prefix="gatewright-apply.")
# The server is not killed: that its disk has nothing of a database which is dropped at once may be.
server = MariaDB(top.name, "first", "SELECT 1", options=["--innodb-flush-method=nosync"])


# ---- Programs and databases -------------------------------------------------------------------------

def schema(text, store):
    path = f"{top.name}/old-{store}.def"
    with open(path, "w") as file:
        file.write(text)
    return subprocess.run([GATEWRIGHT, "schema", "--" + store, path], check=True, capture_output=True, text=True).stdout


def build(name, text, main=MAIN):
    folder = f"{top.name}/{name}"
    os.mkdir(folder)
    with open(folder + "/routes.def", "w") as file:
        file.write(text)
    with open(folder + "/main.c", "w") as file:
        file.write(main)
    subprocess.run([GATEWRIGHT, "gen", folder + "/routes.def", "-o", folder], check=True, capture_output=True)
    sources = [f"{folder}/{file}.c" for file in ("main", "routes", "entities", "matcher")]
    subprocess.run([*CC.split(), "-std=gnu11", "-O0", "-w", "-I", RUNTIME, "-I", folder, "-o", folder + "/program", *sources,
                    LIBRARY, *LIBRARIES.split()], check=True)
    return folder + "/program"


def on_both(test):
    """Runs it with both kinds of databases at once: they wait for disks, each for its own."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(test, kind) for kind in (File, Server)]:
            done.result()


class File:
    """A database of SQLite, read by its own client."""
    store = "sqlite"

    def __init__(self, name, text, inserts):
        self.path, self.first = f"{top.name}/{name}.db", f"{top.name}/{name}.first"
        self.url = "sqlite:" + self.path
        with open(self.first, "w"):
            os.chmod(self.first, 0o600)
        self.ask(schema(text, "sqlite") + inserts, self.first)
        self.reset()

    def ask(self, sql, path=None, *options):
        return subprocess.run(["sqlite3", "-bail", *options, path or self.path], input=sql, check=True, capture_output=True,
                              text=True).stdout

    def reset(self):
        for end in ("-wal", "-shm"):
            if os.path.exists(self.path + end):
                os.remove(self.path + end)
        shutil.copy2(self.first, self.path)

    def rows(self, table):
        said = self.ask(f"SELECT * FROM {table} ORDER BY id", None, "-json")
        return json.loads(said) if said else []

    def whole(self):
        return self.ask(".dump")

    def settle(self):
        pass


class Server:
    """One of MariaDB."""
    store = "mysql"

    def __init__(self, name, text, inserts):
        self.name, self.text = name, schema(text, "mysql") + "SET NAMES utf8mb4, sql_mode = 'NO_BACKSLASH_ESCAPES';\n" + inserts
        self.url = f"mysql://root@/{name}?socket={server.socket}"
        self.reset()

    def ask(self, sql, *options):
        return subprocess.run(server.command(None) + ["--default-character-set=utf8mb4", "--batch", *options], check=True,
                              input=f"USE {self.name};\n{sql}", capture_output=True, text=True).stdout

    def reset(self):
        assert server.run(f"DROP DATABASE IF EXISTS {self.name}; CREATE DATABASE {self.name}", None)
        self.ask(self.text)

    def rows(self, table):
        columns = self.ask(f"SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '{self.name}' AND"
                           f" TABLE_NAME = '{table}'", "-N").split()
        pairs = ", ".join(f"'{name}', `{name}`" for name in columns)
        return [json.loads(line) for line in
                self.ask(f"SELECT JSON_OBJECT({pairs}) FROM {table} ORDER BY id", "-N", "--raw").splitlines()]

    def whole(self):
        said = subprocess.run(["mariadb-dump", "--no-defaults", f"--socket={server.socket}", "-uroot", "--skip-comments",
                               self.name], check=True, capture_output=True, text=True).stdout
        return re.sub(r"_ibfk_\d+", "_ibfk_N", said)  # the server numbers foreign keys as they come

    def settle(self):
        """The server goes on with what the dead process had sent."""
        until = time.monotonic() + 20
        while self.ask(f"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '{self.name}' AND ID <>"
                       " CONNECTION_ID()", "-N").strip() != "0":
            assert time.monotonic() < until
            time.sleep(0.01)
