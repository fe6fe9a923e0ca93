#!/usr/bin/python3
"""Builds for another machine, and runs the tests there by qemu-user.

    cross.py ARCHITECTURE BUILD

ARCHITECTURE is Debian's name (arm64, armhf). Its libraries are unpacked from Debian's packages into a folder
(nothing is installed, and dpkg of this machine knows nothing of it). With the cross compiler everything is
built there; the unit tests that need no server run under qemu, by meson's exe_wrapper; the school then runs
under qemu behind nginx, and the end-to-end suite of BUILD, an ordinary build of this machine, is its client."""
import glob, os, shutil, subprocess, sys, tempfile
from suites import run_suites

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
ARCHITECTURE, BUILD = sys.argv[1], os.path.abspath(sys.argv[2])
FULL = os.environ.get("TESTS_FULL") == "1"
TRIPLET, CPU, QEMU, MACHINE = {
    "arm64": ("aarch64-linux-gnu", "aarch64", "qemu-aarch64", "AArch64"),
    "armhf": ("arm-linux-gnueabihf", "arm", "qemu-arm", "ARM")}[ARCHITECTURE]
PACKAGES = ["libc6-dev", "linux-libc-dev", "libjansson-dev", "libssl-dev", "libcrypt-dev", "libargon2-dev", "libsqlite3-dev", "libmariadb-dev",
            "libfcgi-dev", "libcurl4-openssl-dev", "libjwt-dev", "zlib1g-dev"]

top = tempfile.TemporaryDirectory(prefix="gatewright-cross.")


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(command[:6])} ...: {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def fetch(sysroot):
    """What PACKAGES need, unpacked into `sysroot`. apt is given a state of its own."""
    state = os.path.join(top.name, "apt")
    for folder in ("lists/partial", "archives/partial"):
        os.makedirs(os.path.join(state, folder))
    open(os.path.join(state, "status"), "w").close()
    apt = ["apt-get", "-q", "-y", "-o", f"APT::Architecture={ARCHITECTURE}", "-o", f"APT::Architectures={ARCHITECTURE}",
           "-o", f"Dir::State={state}", "-o", f"Dir::State::lists={state}/lists",
           "-o", f"Dir::State::status={state}/status", "-o", f"Dir::Cache={state}",
           "-o", f"Dir::Cache::archives={state}/archives", "-o", "APT::Sandbox::User=root",
           "-o", "Acquire::Languages=none", "-o", "Debug::NoLocking=1"]
    # An index that a mirror is just changing is left out: what is missing then, the next step says.
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run(*apt, "install", "--download-only", "--no-install-recommends", *PACKAGES)
    for package in glob.glob(os.path.join(state, "archives/*.deb")):
        run("dpkg-deb", "-x", package, sysroot)
    # Criterion's headers are the same everywhere; tests/forks.c is in the place of its library.
    shutil.copytree("/usr/include/criterion", os.path.join(sysroot, "usr/include/criterion"))


def mend_links(sysroot):
    """Links that begin at the root of the packages' machine."""
    for folder, folders, files in os.walk(sysroot):
        for name in files + folders:
            path = os.path.join(folder, name)
            if os.path.islink(path) and os.readlink(path).startswith("/"):
                target = sysroot + os.readlink(path)
                os.unlink(path)
                os.symlink(os.path.relpath(target, folder), path)


def cross_file(sysroot):
    path = os.path.join(top.name, "cross.ini")
    with open(path, "w") as file:
        file.write(f"""[binaries]
c = ['{TRIPLET}-gcc', '--sysroot={sysroot}']
ar = '{TRIPLET}-ar'
strip = '{TRIPLET}-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['{QEMU}', '-L', '{sysroot}']
[properties]
sys_root = '{sysroot}'
pkg_config_libdir = '{sysroot}/usr/lib/{TRIPLET}/pkgconfig:{sysroot}/usr/share/pkgconfig'
[host_machine]
system = 'linux'
cpu_family = '{CPU}'
cpu = '{CPU}'
endian = 'little'
""")
    return path


def under_qemu(sysroot, program):
    """A program of the other machine, as a file that can be started here."""
    path = os.path.join(top.name, "emulated")
    with open(path, "w") as file:
        file.write(f'#!/bin/sh\nexec /usr/bin/{QEMU} -L {sysroot} {program} "$@"\n')
    os.chmod(path, 0o755)
    return path


def emulated_unit_tests(build):
    """Of those that need no server. What makes many keys takes minutes under an emulator."""
    slow = [] if FULL else ["unit-algorithms", "unit-algorithms_keys", "unit-algorithms_weak", "unit-password",
                            "unit-password_costs", "unit-jwt"]
    listed = run("meson", "test", "-C", build, "--list", "--suite", "quick")
    names = [line.split(" / ")[-1] for line in listed.splitlines() if " / unit-" in line]
    names = [name for name in names if name not in slow]
    assert len(names) > 10, listed
    print(run("meson", "test", "-C", build, "--timeout-multiplier", "10", "--print-errorlogs", *names)[-900:])


def test_what_is_installed(sysroot):
    """The compiler and the library are the other machine's."""
    folder, build = os.path.join(top.name, "installed"), os.path.join(top.name, "product")
    run("meson", "setup", build, "--cross-file", cross_file(sysroot), "-Dwerror=true", "-Dtests=false", cwd=ROOT)
    run("meson", "install", "-C", build, "--destdir", folder)
    compiler = folder + "/usr/local/bin/gatewright"
    assert MACHINE in run("readelf", "-h", compiler), compiler
    print(run(under_qemu(sysroot, compiler), "check", os.path.join(ROOT, "routes.def")))


def main():
    sysroot, build = os.path.join(top.name, "sysroot"), os.path.join(top.name, "build")
    os.mkdir(sysroot)
    fetch(sysroot)
    mend_links(sysroot)
    run("meson", "setup", build, "--cross-file", cross_file(sysroot), "-Dwerror=true", cwd=ROOT)
    run("ninja", "-C", build, "examples/school/school", "gen/gatewright")
    emulated_unit_tests(build)
    program = under_qemu(sysroot, os.path.join(build, "examples/school/school"))
    print(run(program, "--version"))
    run_suites(BUILD, program)
    if FULL:
        test_what_is_installed(sysroot)


main()
