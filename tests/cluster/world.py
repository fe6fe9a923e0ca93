"""Three databases, three program hosts and their clients, on a network of their own."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from galera import Cluster
from hosts import STATEMENT_S, Clients, ProgramHost
from network import NET, Host, enter_network
from program import die_with_parent, wait_for

FULL = bool(os.environ.get("TESTS_FULL"))
SCHEMA = os.environ["CLUSTER_SCHEMA"]  # a command
CACHE = os.environ["CLUSTER_CACHE"]


def schema():
    return subprocess.run(SCHEMA.split(), check=True, capture_output=True, text=True).stdout


def url_of(hosts, options="", port=None):
    names = ",".join(h.address + (":%d" % port if port else "") for h in hosts)
    return "mysql://program@%s/cluster%s" % (names, "?" + options if options else "")


class World:
    """The hosts. `with World() as world`: whatever was begun in it ends with it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gatewright-cluster.")
        os.chmod(self.folder, 0o755)
        self.databases = [Host(number) for number in (11, 12, 13)]
        self.hosts = [Host(number) for number in (21, 22, 23)]
        self.ends, self.programs = [], []
        self.gave_up = []  # when a balancer before the databases gave one up

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for program in self.programs:
            if kind:
                print("== %s\n%s" % (program.host.address, program.said()[-3000:]))
            program.stop(signal.SIGKILL)
        for end in reversed(self.ends):
            end()
        for host in self.databases + self.hosts:
            host.end()
        if not os.environ.get("E2E_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def start_galera(self):
        cluster = Cluster(self.databases, self.folder, CACHE, schema())
        self.ends.append(cluster.end)
        return cluster

    def start_programs(self, urls, **settings):
        """One on each host, with the URL at its place."""
        for host, url in zip(self.hosts, urls):
            program = ProgramHost(host, "%s/program-%s" % (self.folder, host.address), url, **settings)
            self.programs.append(program)
            program.start()
        return self.programs

    def restart_programs(self):
        for program in self.programs:
            assert program.stop() == 0, program.said()[-3000:]
            program.start()

    def launch(self, argv, host=None, **options):
        """A process of the test's, on a host or beside the clients."""
        out = open(self.folder + "/output", "ab")
        how = {"stdout": out, "stderr": out, "stdin": subprocess.DEVNULL, **options}
        process = host.launch(argv, **how) if host else subprocess.Popen(argv, preexec_fn=die_with_parent, **how)

        def end():
            process.kill()
            process.wait()
        self.ends.append(end)
        return process

    def send(self, number, *request):
        """To the program hosts in turn, as a balancer."""
        return self.programs[number % len(self.programs)].request(*request)
