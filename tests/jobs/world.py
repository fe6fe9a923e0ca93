"""What the tests of streams and jobs share: the program of app.c on either store, whose own client reads what stands
there: NAME.py JOBS GATEWRIGHT ROUTES."""
import os
import subprocess
import sys

from mariadb import MariaDB
from program import Program

PROGRAM, GATEWRIGHT, ROUTES = (os.path.realpath(word) for word in sys.argv[1:4])
del sys.argv[1:4]
FULL = os.environ.get("TESTS_FULL") == "1"


class World(Program):
    """`store`: "sqlite" or "mysql"."""

    def __init__(self, store, **settings):
        super().__init__(PROGRAM, settings={"GW_LOG": "quiet:stderr", **settings})
        self.database = None
        if store == "mysql":
            schema = subprocess.run([GATEWRIGHT, "schema", "--mysql", ROUTES], check=True, capture_output=True,
                                    text=True).stdout
            self.database = MariaDB(self.folder, "jobs", schema,
                                    options=["--innodb-flush-method=nosync", "--max-allowed-packet=64M"])
            self.environment["GW_DATABASE_URL"] = self.database.url
        else:
            self.run("--schema-apply")

    def client(self):
        """Of the store: prints rows with `|` between columns, as they come."""
        if self.database:
            return [*self.database.command(), "--batch", "--raw", "--skip-column-names", "--quick"]
        return ["sqlite3", "-batch", "-noheader", "-list", self.folder + "/store.db"]

    def sql(self, text):
        done = subprocess.run(self.client(), input=text, text=True, capture_output=True)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return done.stdout.strip()

    def remove(self):
        if self.database:
            self.database.stop()
        super().remove()
