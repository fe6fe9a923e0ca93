"""A MariaDB server of a test's own, in the site's folder."""
import os
import subprocess

from program import die_with_parent, wait_for


DATA = os.path.dirname(os.path.abspath(__file__)) + "/mariadb-data"


class MariaDB:
    """`database` is made in it, with the tables of `schema`; `url` is its GW_DATABASE_URL. `port`: it
    listens on TCP too. `options` are further ones of the server."""

    def __init__(self, folder, database, schema, port=None, options=()):
        self.options = options
        self.database, self.folder, self.port, self.bind = database, folder, port, "127.0.0.1"
        self.socket, data = folder + "/mysql.sock", folder + "/db"
        self.log = open(folder + "/mysql.log", "ab")
        subprocess.run([DATA, os.environ.get("SITE_CACHE", folder), data], check=True, stdout=self.log, stderr=self.log)
        self.start()
        assert self.run(f"CREATE DATABASE {database}", None) and self.run(schema)
        self.url = f"mysql://root@/{database}?socket={self.socket}"

    def start(self):
        """It; and again after stop."""
        network = ([f"--port={self.port}", f"--bind-address={self.bind}"] if self.port
                   else ["--skip-networking"])
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--datadir={self.folder}/db", f"--socket={self.socket}",
             "--user=root", f"--pid-file={self.folder}/mysql.pid", "--max-connections=300", "--innodb-log-file-size=8M",
             *network, *self.options],
            stdout=self.log, stderr=self.log, env={**os.environ, "TMPDIR": self.folder},
            preexec_fn=die_with_parent)
        wait_for("mariadbd", lambda: self.run("SELECT 1", None, quiet=True), 30)

    def command(self, database=""):
        """A client's; `database`: another than that of the site, or None."""
        database = self.database if database == "" else database
        return (["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot"] +
                ([database] if database else []))

    def run(self, sql, database="", quiet=False):
        done = subprocess.run(self.command(database), input=sql, text=True, capture_output=True)
        if done.returncode and not quiet:
            print(done.stderr)
        return done.returncode == 0

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
