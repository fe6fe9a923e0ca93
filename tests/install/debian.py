#!/usr/bin/python3
"""The Debian packages: built by dpkg-buildpackage from what is committed or would be, looked into, and with
--installed read by lintian and installed in an empty Debian, where the packages' own test (debian/tests) makes
applications under autopkgtest.

    debian.py SOURCE [--installed]
"""
import glob
import os
import re
import shutil
import sys
import tempfile
import time

from debian_dev import edits_are_seen
from empty_debian import EmptyDebian, copy_project, run

SOURCE = os.path.realpath(sys.argv[1])
INSTALLED = "--installed" in sys.argv[2:]
top = tempfile.TemporaryDirectory(prefix="gatewright-debian.")
debian = None  # the empty one, once it is made
VERSION = re.match(r"gatewright \((.*?)\)", open(SOURCE + "/debian/changelog").read()).group(1)
TREE = "%s/gatewright-%s" % (top.name, VERSION)
ROOT = top.name + "/debian"
OURS = ("gatewright", "libgatewright-dev")


def copy():
    copy_project(SOURCE, TREE)


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
    assert len(pages) == 14 and "./usr/include/gatewright/gatewright.h" in headers
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


def empty_debian():
    global debian
    debian = EmptyDebian(ROOT)


def all_files():
    skipped = tuple(ROOT + path for path in ("/proc", "/sys", "/dev", "/tmp", "/var/cache", "/var/lib/apt", "/var/log",
                                             "/var/lib/dpkg"))
    return {os.path.join(where, name) for where, _, names in os.walk(ROOT) for name in names
            if not where.startswith(skipped)}


def it_works_in_an_empty_debian():
    for name in OURS:
        shutil.copy(package(name), ROOT + "/tmp")
    begun = time.monotonic()
    debian.run("apt-get", "install", "-qy", *("/tmp/" + os.path.basename(package(name)) for name in OURS))
    print("        %.1f s to install the two packages and what they bring" % (time.monotonic() - begun))
    begun = time.monotonic()
    debian.run("sh", "-c", "cd /tmp && gatewright init notes --make && make -C notes test")
    edits_are_seen(ROOT, "/tmp/notes")
    took = time.monotonic() - begun
    print("        %.1f s for an application, its tests, and two edits seen in a browser by `gatewright dev`" % took)


def autopkgtest_passes():
    """As Debian's own machines run it: with what debian/tests/control names, installed by it."""
    said = run("autopkgtest", "--apt-upgrade", *map(package, OURS), TREE + "/", "--", "chroot", ROOT)
    assert re.search(r"^application +PASS$", said, re.M), said[-3000:]


def purged_it_leaves_nothing():
    debian.run("apt-get", "purge", "-qy", *OURS)
    left = {path for path in all_files() if "gatewright" in path[len(ROOT):]}
    assert not left, left
    assert not run("sh", "-c", "chroot %s dpkg-query -W -f '${Package} ${db:Status-Status}\\n' | grep gatewright || :" % ROOT)


steps = [copy, build] + [test for name, test in list(globals().items()) if name.startswith("test_")]
if INSTALLED:
    steps += [lintian_finds_nothing, empty_debian, it_works_in_an_empty_debian, autopkgtest_passes,
              purged_it_leaves_nothing]
for step in steps:
    begun = time.monotonic()
    step()
    print("%6.1f s  %s" % (time.monotonic() - begun, step.__name__.replace("test_", "").replace("_", " ")), flush=True)
