"""Hosts on a network of the test's own: network namespaces, a bridge, and a firewall in each.

The test's process moves into a namespace of its own, where the bridge is: there its clients and balancers are.
A namespace lives as long as the process that holds it; nothing is left behind, however the test ends."""
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys

from program import die_with_parent

NET = "10.77.0."
_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def command(*words, feed=None):
    done = subprocess.run(words, input=feed, text=True, capture_output=True)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def enter_network():
    """Moves this process into a network that it shares with nobody. Only root may; the others ask sudo, which
    tests/run needs as well."""
    if os.geteuid():
        settings = ["%s=%s" % item for item in os.environ.items()]
        os.execvp("sudo", ["sudo", "-n", "env", *settings, sys.executable, *sys.argv])
    assert _libc.unshare(CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
    command("ip", "link", "set", "lo", "up")
    command("ip", "link", "add", "bridge", "type", "bridge")
    command("ip", "address", "add", NET + "1/24", "dev", "bridge")
    command("ip", "link", "set", "bridge", "up")


class Host:
    """A host `number` with the address 10.77.0.<number>."""

    def __init__(self, number):
        self.address = NET + str(number)
        holder = subprocess.Popen(["sleep", "infinity"], preexec_fn=self._begin)
        self.holder = holder
        inside, outside = "eth0", "host%d" % number
        command("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", str(holder.pid))
        command("ip", "link", "set", outside, "master", "bridge", "up")
        self.command("ip", "link", "set", "lo", "up")
        self.command("ip", "address", "add", self.address + "/24", "dev", inside)
        self.command("ip", "link", "set", inside, "up")
        self.command("nft", "add table inet cut")

    @staticmethod
    def _begin():
        die_with_parent()
        if _libc.unshare(CLONE_NEWNET):
            os._exit(1)

    def command(self, *words):
        return command("nsenter", "--net=/proc/%d/ns/net" % self.holder.pid, *words)

    def launch(self, argv, user=None, **options):
        """A process on this host, which dies with the test. `user`: by name, whose it is."""
        path, who = "/proc/%d/ns/net" % self.holder.pid, pwd.getpwnam(user) if user else None

        def begin():
            with open(path) as namespace:
                if _libc.setns(namespace.fileno(), CLONE_NEWNET):
                    os._exit(1)
            if who:
                os.initgroups(user, who.pw_gid)
                os.setgid(who.pw_gid)
                os.setuid(who.pw_uid)
            die_with_parent()  # at the end: another user would undo it
        return subprocess.Popen(argv, preexec_fn=begin, **options)

    def listener(self, port):
        """A socket that listens here, and outlives a program."""
        with open("/proc/self/ns/net") as ours, open("/proc/%d/ns/net" % self.holder.pid) as theirs:
            assert _libc.setns(theirs.fileno(), CLONE_NEWNET) == 0
            try:
                return socket.create_server((self.address, port), backlog=1024)
            finally:
                assert _libc.setns(ours.fileno(), CLONE_NEWNET) == 0

    # ---- Partitions: what is dropped is dropped in silence ----

    def _drop(self, *matches):
        rules = "".join("add rule inet cut %s %s drop\n" % (chain, match)
                        for match in matches for chain in ("in", "out"))
        self.heal()
        self.command("nft", "add table inet cut\n"
                     "add chain inet cut in { type filter hook input priority 0; }\n"
                     "add chain inet cut out { type filter hook output priority 0; }\n" + rules)

    def go_dark(self):
        """No packet in or out."""
        self._drop("ip saddr %s0/24 ip daddr %s0/24" % (NET, NET))

    def cut_from(self, *hosts):
        """Nothing to or from these hosts; all others go on."""
        ours = "{ %s }" % ", ".join(h.address for h in hosts)
        self._drop("ip saddr " + ours, "ip daddr " + ours)

    def heal(self):
        self.command("nft", "delete table inet cut")
        self.command("nft", "add table inet cut")

    def end(self):
        self.holder.send_signal(signal.SIGKILL)
        self.holder.wait()
