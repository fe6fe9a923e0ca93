"""A cluster of MariaDB servers with Galera, one on each host."""
import os
import shutil
import signal
import subprocess
import time

from network import command
from program import wait_for

USER = "mysql"  # Debian's; the rsync of a state transfer, started by root, would be nobody

PROVIDER = "/usr/lib/galera/libgalera_smm.so"
CLIENT = ["mariadb", "--no-defaults", "-uroot", "--batch", "--skip-column-names"]

# A node that says nothing for so long is left by the others; Galera's own five seconds are longer than a test
# wants to wait.
SUSPECT_S = 2
PROVIDER_OPTIONS = ("gcache.size=16M; evs.keepalive_period=PT0.5S; evs.inactive_check_period=PT0.5S; "
                    "evs.suspect_timeout=PT%dS; evs.inactive_timeout=PT6S; evs.install_timeout=PT6S" % SUSPECT_S)


class Server:
    """A server on a host; its data survive its end. `options`: lines of its configuration; `address`: another than
    the host's."""

    def __init__(self, host, folder, template, options=(), address=None):
        self.host, self.folder = host, folder
        self.socket, self.data = folder + "/mysql.sock", folder + "/db"
        self.process = None
        os.makedirs(folder + "/tmp")
        self.put_data(template)
        with open(folder + "/my.cnf", "w") as out:
            out.write("\n".join([
                "[mysqld]", "datadir=" + self.data, "socket=" + self.socket,
                "pid-file=%s/pid" % folder, "tmpdir=%s/tmp" % folder, "bind-address=" + (address or host.address), "port=3306",
                "skip-name-resolve", "max-connections=300", "innodb-buffer-pool-size=32M",
                "innodb-log-file-size=8M", "binlog-format=ROW", "character-set-server=utf8mb4",
                *options, ""]))

    def put_data(self, template):
        """Its data become a copy of a folder's."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(template, self.data)
        command("chown", "-R", USER + ":", self.folder)

    def start(self, *arguments, wait=True):
        with open(self.folder + "/log", "ab") as log:
            self.process = self.host.launch(
                ["mariadbd", "--defaults-file=%s/my.cnf" % self.folder, *arguments], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, user=USER)
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self, seconds=60):
        wait_for("the server at %s" % self.host.address, lambda: self.is_ready() or self.ended(), seconds)
        assert not self.ended(), self.said()

    def is_ready(self):
        return self.ask("SELECT 1", quiet=True) == "1"

    def ended(self):
        return self.process.poll() is not None

    def said(self):
        return open(self.folder + "/log", errors="replace").read()[-3000:]

    def client(self, database="cluster"):
        return CLIENT + ["--socket=" + self.socket, *([database] if database else [])]

    def ask(self, sql, database=None, quiet=False):
        """What the server says over its own socket, whatever the network is like."""
        done = subprocess.run(self.client(database), input=sql, text=True, capture_output=True, timeout=60)
        assert quiet or done.returncode == 0, (sql[:200], done.stderr)
        return done.stdout.rstrip("\n") if done.returncode == 0 else None

    def rows(self, sql):
        return [line.split("\t") for line in self.ask(sql, "cluster").split("\n") if line]

    def stop(self, how=signal.SIGTERM):
        if self.process and not self.ended():
            self.process.send_signal(how)
            self.process.wait(60)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)


class Node(Server):
    """A node of Galera. `peers`: the addresses of all."""

    def __init__(self, host, folder, template, peers):
        donors = [peer for peer in reversed(peers) if peer != host.address]  # never the first, which is in use
        super().__init__(host, folder, template, [
            "default-storage-engine=InnoDB", "innodb-autoinc-lock-mode=2", "innodb-flush-log-at-trx-commit=2",
            "wsrep-on=ON", "wsrep-provider=" + PROVIDER, "wsrep-cluster-name=tests",
            "wsrep-cluster-address=gcomm://" + ",".join(peers), "wsrep-node-address=" + host.address,
            "wsrep-node-name=" + host.address, "wsrep-sst-method=rsync",
            "wsrep-sst-donor=%s," % ",".join(donors), "wsrep-slave-threads=2",
            'wsrep-provider-options="%s; gmcast.listen_addr=tcp://%s:4567"' % (PROVIDER_OPTIONS, host.address)])

    def is_ready(self):
        said = self.ask("SHOW STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_local_state', "
                        "'wsrep_cluster_status')", quiet=True) or ""
        return dict(line.split("\t") for line in said.split("\n") if line) == {
            "wsrep_ready": "ON", "wsrep_local_state": "4", "wsrep_cluster_status": "Primary"}

    def status(self, name):
        return self.ask("SHOW STATUS LIKE '%s'" % name).partition("\t")[2]


def template_of(cache, folder):
    """A data folder in which nothing was ever written; see mariadb-data."""
    here = os.path.dirname(os.path.abspath(__file__))
    os.makedirs(cache, exist_ok=True)
    subprocess.run([here + "/../site/mariadb-data", cache, folder + "/template"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder + "/template"


class Cluster:
    """`schema` is loaded into the database `cluster`. The nodes begin with the same data, so that no joiner needs
    all of them sent."""

    def __init__(self, hosts, folder, cache, schema):
        template, addresses = template_of(cache, folder), [host.address for host in hosts]
        self.nodes = []
        first = Node(hosts[0], folder + "/seed", template, addresses)
        first.start("--wsrep-new-cluster")
        first.ask("CREATE DATABASE cluster; CREATE USER program@'%'; GRANT ALL ON cluster.* TO program@'%'")
        first.ask(schema, "cluster")
        first.stop()
        for host in hosts:
            self.nodes.append(Node(host, "%s/%s" % (folder, host.address), first.data, addresses))
        self.begin()

    def begin(self, first=0):
        """Starts all, none of which runs, with the data of one."""
        self.nodes[first].start("--wsrep-new-cluster")
        others = [node for node in self.nodes if node is not self.nodes[first]]
        for node in others:
            node.start(wait=False)
        for node in others:
            node.wait_until_ready()
        self.wait_until_whole()

    def stop_all(self):
        """Stops one after the other. The place of the last, which has everything."""
        for node in self.nodes:
            node.stop()
        return len(self.nodes) - 1

    def wait_until_whole(self, seconds=60):
        wait_for("a whole cluster", lambda: all(
            node.process and not node.ended() and node.is_ready() and
            node.status("wsrep_cluster_size") == str(len(self.nodes)) for node in self.nodes), seconds)

    def wait_until_alike(self, seconds=30):
        """All have applied all: what was confirmed anywhere is on every node."""
        wait_for("nodes that have the same", lambda: len(
            {node.status("wsrep_last_committed") for node in self.nodes}) == 1, seconds)

    def end(self):
        for node in self.nodes:
            if node.process and not node.ended():
                node.process.send_signal(signal.SIGCONT)
                node.process.kill()
                node.process.wait()
