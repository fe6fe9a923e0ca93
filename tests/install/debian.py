#!/usr/bin/python3
"""The Debian packages: built by dpkg-buildpackage from what is committed or would be, looked into, and with
--installed read by lintian and installed in an empty Debian, where the packages' own test makes applications.

    debian.py SOURCE [--installed]

The empty Debian comes by debootstrap, from the mirrors and with the settings of this system's apt."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from debian_dev import edits_are_seen

SOURCE = os.path.realpath(sys.argv[1])
INSTALLED = "--installed" in sys.argv[2:]
top = tempfile.TemporaryDirectory(prefix="gatewright-debian.")
VERSION = re.match(r"gatewright \((.*?)\)", open(SOURCE + "/debian/changelog").read()).group(1)
TREE = "%s/gatewright-%s" % (top.name, VERSION)
ROOT = top.name + "/debian"
OURS = ("gatewright", "libgatewright-dev")


def run(*command, cwd=top.name, status=0, **more):
    """Its output, when it ends with that status."""
    done = subprocess.run(command, cwd=cwd, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)
    assert done.returncode == status, "%s: exit %d\n%s" % (" ".join(command), done.returncode, done.stdout[-3000:])
    return done.stdout


def copy():
    """The files that git knows or does not ignore."""
    listed = run("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=SOURCE)
    for name in filter(None, listed.split("\0")):
        if os.path.isfile(SOURCE + "/" + name):
            os.makedirs(os.path.dirname("%s/%s" % (TREE, name)), exist_ok=True)
            shutil.copy2("%s/%s" % (SOURCE, name), "%s/%s" % (TREE, name))


def build():
    """Quickly, unless lintian reads the result."""
    options = "parallel=2" if INSTALLED else "parallel=2 noopt"
    run("dpkg-buildpackage", "-us", "-uc", *([] if INSTALLED else ["-b"]), cwd=TREE,
        env=dict(os.environ, DEB_BUILD_OPTIONS=options, DEB_BUILD_PROFILES=""))


def package(name):
    found = glob.glob("%s/%s_%s_*.deb" % (top.name, name, VERSION))
    assert len(found) == 1, os.listdir(top.name)
    return found[0]


def contents(name):
    paths = (line.split(None, 5)[5] for line in run("dpkg-deb", "-c", package(name)).splitlines())
    return {re.sub(r"/lib/[^/]*-linux-[^/]*/", "/lib/ARCH/", path) for path in paths if not path.endswith("/")}


def test_the_packages_have_the_version_of_the_project():
    assert "version: '%s'" % VERSION in open(SOURCE + "/meson.build").read()


def test_each_file_is_where_debian_wants_it():
    doc = {"./usr/share/doc/%s/" + name for name in ("changelog.gz", "copyright")}
    assert contents("gatewright") == {path % "gatewright" for path in doc} | {
        "./usr/bin/gatewright", "./usr/share/bash-completion/completions/gatewright",
        "./usr/share/fish/vendor_completions.d/gatewright.fish", "./usr/share/zsh/vendor-completions/_gatewright",
        "./usr/share/man/man1/gatewright.1.gz", "./usr/share/man/man5/routes.def.5.gz",
        "./usr/share/man/man7/gatewright.7.gz", "./usr/share/vim/vimfiles/ftdetect/routes.vim",
        "./usr/share/vim/vimfiles/ftplugin/routes.vim", "./usr/share/vim/vimfiles/syntax/routes.vim"}
    library = contents("libgatewright-dev") - {path % "libgatewright-dev" for path in doc}
    library = {path for path in library if not path.startswith("./usr/share/doc/libgatewright-dev/examples/hello/")}
    pages = {path for path in library if path.startswith("./usr/share/man/man3/gw_") and path.endswith(".3.gz")}
    headers = {path for path in library if path.startswith("./usr/include/gatewright/") and path.endswith(".h")}
    assert len(pages) == 11 and "./usr/include/gatewright/gatewright.h" in headers
    assert library - pages - headers == {
        "./usr/lib/ARCH/libgatewright.a", "./usr/lib/ARCH/pkgconfig/gatewright.pc",
        "./usr/lib/ARCH/cmake/gatewright/gatewrightConfig.cmake",
        "./usr/lib/ARCH/cmake/gatewright/gatewrightConfigVersion.cmake"}, library - pages - headers


def test_the_library_s_package_depends_on_what_its_pkg_config_file_names():
    depends = run("dpkg-deb", "-f", package("libgatewright-dev"), "Depends")
    run("dpkg-deb", "-x", package("libgatewright-dev"), top.name + "/unpacked")
    found = glob.glob(top.name + "/unpacked/usr/lib/*/pkgconfig/gatewright.pc")[0]
    needed = " ".join(re.findall(r"^Requires.*?: (.*)", open(found).read(), re.M))
    for name in re.findall(r"[a-z]\w+(?=[ ,]|$)", re.sub(r"[<>=]+ *[\d.]+", "", needed)):
        owner = run("dpkg-query", "-S", "*/pkgconfig/%s.pc" % name).partition(":")[0]
        assert re.search(r"\b%s\b" % re.escape(owner), depends), (name, owner, depends)


def lintian_finds_nothing():
    said = run("lintian", "-I", "--pedantic", "--fail-on", "error,warning", *glob.glob(top.name + "/*.changes"))
    wrong = [line for line in said.splitlines() if re.match("[EWIP]: ", line) and "initial-upload-closes-no-bugs" not in line]
    assert not wrong, said


def within(*command, **more):
    return run("chroot", ROOT, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
               "RUNLEVEL=1", "HOME=/root", "LC_ALL=C.UTF-8", *command, **more)


def empty_debian():
    """Of the release that this system's apt knows, with apt as it is set here."""
    sources = sorted(set(run("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)",
                             "Created-By: Packages").splitlines()))
    assert sources, "apt has no lists: apt-get update"
    site, release, _ = min((s.split() for s in sources), key=lambda s: (len(s[1]), s[1]))
    run("debootstrap", "--variant=minbase", release, ROOT, site)
    with open(ROOT + "/etc/apt/sources.list", "w") as f:
        f.writelines("deb %s\n" % source for source in sources)
    with open(ROOT + "/etc/apt/apt.conf.d/99system", "w") as f:
        f.write(run("apt-config", "dump", "Acquire"))
    shutil.copy("/etc/resolv.conf", ROOT + "/etc/resolv.conf")
    within("apt-get", "update", "-q")


def install(*packages):
    within("apt-get", "install", "-qy", "--no-install-recommends", *packages)


def all_files():
    skipped = tuple(ROOT + path for path in ("/proc", "/sys", "/dev", "/tmp", "/var/cache", "/var/lib/apt", "/var/log",
                                             "/var/lib/dpkg"))
    return {os.path.join(where, name) for where, _, names in os.walk(ROOT) for name in names
            if not where.startswith(skipped)}


def it_works_in_an_empty_debian():
    for name in OURS:
        shutil.copy(package(name), ROOT + "/tmp")
    # What builds and tries applications comes first: the rest is what our packages bring.
    control = open(SOURCE + "/debian/tests/control").read()
    tools = re.search(r"^Depends: (.*)", control, re.M).group(1).split(", ")
    begun = time.monotonic()
    within("apt-get", "install", "-qy", *("/tmp/" + os.path.basename(package(name)) for name in OURS))
    print("        %.1f s to install the two packages and what they bring" % (time.monotonic() - begun))
    begun = time.monotonic()
    within("sh", "-c", "cd /tmp && gatewright init notes --make && make -C notes test")
    edits_are_seen(ROOT, "/tmp/notes")
    took = time.monotonic() - begun
    print("        %.1f s for an application, its tests, and two edits seen in a browser by `gatewright dev`" % took)
    install(*(tool for tool in tools if tool not in OURS))
    begun = time.monotonic()
    shutil.copy(SOURCE + "/debian/tests/application", ROOT + "/tmp/application")
    os.mkdir(ROOT + "/tmp/work")
    said = within("env", "AUTOPKGTEST_TMP=/tmp/work", "sh", "/tmp/application")
    assert "Hello" in said and said.count("is there, built and tested") == 3, said
    print("        %.1f s for the packages' own test: meson, make, cmake, nginx" % (time.monotonic() - begun))


def purged_it_leaves_nothing():
    within("apt-get", "purge", "-qy", *OURS)
    left = {path for path in all_files() if "gatewright" in path[len(ROOT):]}
    assert not left, left
    assert not run("sh", "-c", "chroot %s dpkg-query -W -f '${Package} ${db:Status-Status}\\n' | grep gatewright || :" % ROOT)


steps = [copy, build] + [test for name, test in list(globals().items()) if name.startswith("test_")]
if INSTALLED:
    assert os.geteuid() == 0, "an empty Debian is made by root"
    steps += [lintian_finds_nothing, empty_debian, it_works_in_an_empty_debian, purged_it_leaves_nothing]
for step in steps:
    begun = time.monotonic()
    step()
    print("%6.1f s  %s" % (time.monotonic() - begun, step.__name__.replace("test_", "").replace("_", " ")), flush=True)
