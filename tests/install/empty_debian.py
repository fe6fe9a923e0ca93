"""An empty Debian in a folder: by debootstrap, from the mirrors and with the settings of this system's apt."""
import os
import shutil
import subprocess


def run(*command, status=0, **more):
    """Its output, when it ends with that status."""
    done = subprocess.run(command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)
    assert done.returncode == status, "%s: exit %d\n%s" % (" ".join(command), done.returncode, done.stdout[-3000:])
    return done.stdout


def copy_project(source, to):
    """The files that git knows or does not ignore."""
    listed = run("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=source)
    for name in filter(None, listed.split("\0")):
        if os.path.isfile(source + "/" + name):
            os.makedirs(os.path.dirname("%s/%s" % (to, name)), exist_ok=True)
            shutil.copy2("%s/%s" % (source, name), "%s/%s" % (to, name))


class EmptyDebian:
    """Of the release that this system's apt knows, with apt as it is set here."""

    def __init__(self, root):
        assert os.geteuid() == 0, "an empty Debian is made by root"
        self.root = root
        sources = sorted(set(run("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)",
                                 "Created-By: Packages").splitlines()))
        assert sources, "apt has no lists: apt-get update"
        site, release, _ = min((s.split() for s in sources), key=lambda s: (len(s[1]), s[1]))
        run("debootstrap", "--variant=minbase", release, root, site)
        with open(root + "/etc/apt/sources.list", "w") as f:
            f.writelines("deb %s\n" % source for source in sources)
        with open(root + "/etc/apt/apt.conf.d/99system", "w") as f:
            f.write(run("apt-config", "dump", "Acquire"))
        shutil.copy("/etc/resolv.conf", root + "/etc/resolv.conf")
        self.run("apt-get", "update", "-q")

    def command(self, *command):
        return ("chroot", self.root, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
                "RUNLEVEL=1", "HOME=/root", "LC_ALL=C.UTF-8", *command)

    def run(self, *command, **more):
        return run(*self.command(*command), **more)
