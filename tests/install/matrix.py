#!/usr/bin/python3
"""One application, built in many ways from installed libraries that have more or fewer options.

    matrix.py SOURCE

The matrix is made here: each option of the library turned off, and all; for each the project of `gatewright init`
is built by meson (from pkg-config, and with the repository as a subproject), make and cmake, with two compilers,
in the ways of WAYS; its tests pass, and it is linked with nothing that was turned off. In an ordinary run a few
cells of it, with TESTS_FULL=1 all."""
import itertools, os, shutil, subprocess, sys, tempfile

SOURCE = os.path.realpath(sys.argv[1])
FULL = os.environ.get("TESTS_FULL") == "1"
top = tempfile.TemporaryDirectory(prefix="gatewright-matrix.")
OPTIONS = ["mysql", "libfcgi", "libcurl", "argon2", "magic"]
ARGON2 = "$argon2id$v=19$m=65536,t=4,p=1$YWFhYWFhYWE$YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"
WARNINGS = "-Wall -Wextra -Werror -Wno-unused-parameter"
# Name -> flags of compiler and linker, then what meson and cmake call the same by a word of their own.
WAYS = {
    "O0": ("-O0 -g", "", [], []),
    "O3": ("-O3", "", [], []),
    "lto": ("-O2 -flto", "-flto", [], []),
    "unity": ("-O2", "", ["--unity=on"], ["-DCMAKE_UNITY_BUILD=ON"]),
    "static": ("-O2", "-static", ["-Dprefer_static=true"], []),
    "asan": ("-O1 -g -fsanitize=address,undefined", "-fsanitize=address,undefined", ["-Db_lundef=false"], []),
}
ALL, NONE = tuple(OPTIONS), ()
A_FEW = [(ALL, "meson", "clang", "unity"), (ALL, "make", "gcc", "static"), (ALL, "cmake", "gcc", "lto")]


def cells():
    """(options that are off, build system, compiler, way)"""
    if not FULL:
        return A_FEW
    found = []
    for off in (NONE, *((option,) for option in OPTIONS), ALL):
        for system, compiler, way in itertools.product(("meson", "subproject", "make", "cmake"), ("gcc", "clang"), WAYS):
            # The client of MariaDB has no static form that can be linked; clang's LTO wants a linker of its own.
            # CMake's targets of pkg-config know no static form.
            if (way == "static" and ("mysql" not in off or system == "cmake")) or (way == "lto" and compiler == "clang"):
                continue
            # The library is built again for each of these: two ways of it will do.
            if system == "subproject" and way not in ("O0", "unity"):
                continue
            found.append((off, system, compiler, way))
    return found


def run(*command, cwd=top.name, env=None):
    done = subprocess.run(command, cwd=cwd, env=env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        raise SystemExit("%s: exit %d\n%s" % (" ".join(command), done.returncode, done.stdout[-4000:]))
    return done.stdout


def options_of(off):
    return ["-D%s=disabled" % option for option in off]


def install(off):
    """The environment in which the library without these options is found; built once."""
    prefix = os.path.join(top.name, "prefix-" + "-".join(off))
    env = dict(os.environ, PATH=prefix + "/bin:" + os.environ["PATH"], CMAKE_PREFIX_PATH=prefix,
               PKG_CONFIG_PATH=prefix + "/lib/pkgconfig")
    if not os.path.isdir(prefix):
        build = prefix + ".build"
        run("meson", "setup", "-Dtests=false", "-Doptimization=0", "--prefix", prefix, "--libdir", "lib",
            *options_of(off), build, SOURCE)
        run("meson", "install", "-C", build)
    return env


def project(system, env):
    """A fresh copy of what `gatewright init` makes for that build system."""
    kind = "meson" if system == "subproject" else system
    made = os.path.join(top.name, "made-" + kind)
    if not os.path.isdir(made):
        os.mkdir(made)
        run("gatewright", "init", "notes", "--" + kind, cwd=made, env=env)
        shutil.rmtree(made + "/notes/build", ignore_errors=True)
    folder = os.path.join(top.name, "project")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made + "/notes", folder)
    return folder


def build(folder, off, system, compiler, way, env):
    """The program, built and its tests passed."""
    flags, link, meson, cmake = WAYS[way]
    flags = "%s %s" % (flags, WARNINGS)
    env = dict(env, CC=compiler, ASAN_OPTIONS="detect_leaks=0")
    if system in ("meson", "subproject"):
        more = []
        if system == "subproject":
            os.mkdir(folder + "/subprojects")
            shutil.copytree(SOURCE, folder + "/subprojects/gatewright", symlinks=True,
                            ignore=shutil.ignore_patterns("build-*", ".git", "corpus"))
            more = ["--force-fallback-for=gatewright", *("-Dgatewright:%s=disabled" % option for option in off)]
            flags = flags.replace("-Werror ", "")
        run("meson", "setup", "build", "-Dbuildtype=plain", "-Dc_args=" + flags, "-Dc_link_args=" + link, *meson, *more,
            cwd=folder, env=env)
        run("ninja", "-C", "build", cwd=folder, env=env)
        run("meson", "test", "-C", "build", "--print-errorlogs", cwd=folder, env=env)
    elif system == "make":
        env = dict(env, CFLAGS=flags, LDFLAGS=link, PKG_CONFIG="pkg-config" + (" --static" if way == "static" else ""))
        run("make", "-j2", "all", "test", cwd=folder, env=env)
    else:
        run("cmake", "-B", "build", "-DCMAKE_C_COMPILER=" + compiler, "-DCMAKE_C_FLAGS=" + flags,
            "-DCMAKE_EXE_LINKER_FLAGS=" + link, *cmake, cwd=folder, env=env)
        run("cmake", "--build", "build", "-j2", cwd=folder, env=env)
        run("ctest", "--test-dir", "build", "--output-on-failure", cwd=folder, env=env)
    return folder + "/build/notes"


def check(program, off, way, env):
    """Linked with what is on, and with nothing else; what is off is refused by its name."""
    linked = subprocess.run(["ldd", program], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    assert "libcurl" not in linked, linked
    if way != "static":
        assert ("libmariadb" in linked) == ("mysql" not in off), linked
        assert ("libfcgi" in linked) == ("libfcgi" not in off), linked
        assert ("libargon2" in linked) == ("argon2" not in off), linked
    said = run(program, "--version", env=env)
    assert ("mysql" in said) == ("mysql" not in off) and ("libfcgi" in said) == ("libfcgi" not in off), said
    assert ("argon2" in said) == ("argon2" not in off), said
    settings = {"PATH": os.environ["PATH"], "GW_SECRET_KEY": "x" * 40, "GW_LOG": "text",
                "GW_DATABASE_URL": "mysql://nobody@127.0.0.1:1/none" if "mysql" in off else "sqlite:" + top.name + "/db",
                "GW_TRANSPORT": "libfcgi" if "libfcgi" in off and "mysql" not in off else "native"}
    done = subprocess.run([program, "--check"], env=settings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if "mysql" in off:
        assert done.returncode == 78 and "meson's option `mysql`" in done.stdout, done
    elif "libfcgi" in off:
        assert done.returncode == 78 and "meson's option `libfcgi`" in done.stdout, done
    else:
        assert done.returncode == 0, done
        settings["GW_PASSWORD_DEAREST"] = ARGON2
        done = subprocess.run([program, "--check"], env=settings, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        assert done.returncode == (78 if "argon2" in off else 0), done
        assert ("meson's option `argon2`" in done.stdout) == ("argon2" in off), done


for off, system, compiler, way in cells():
    env = install(off)
    program = build(project(system, env), off, system, compiler, way, env)
    check(program, off, way, env)
    print("without %s: %s, %s, %s" % (", ".join(off) or "nothing", system, compiler, way), flush=True)
