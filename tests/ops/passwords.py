#!/usr/bin/python3
"""Log-ins: many at once on an idle machine, beside everybody else's requests; and what is left of a
password in the program's memory."""
import json
import os
import re
import secrets
import sqlite3
import subprocess
import threading
import time
import hashlib
import warnings

import fcgi
from web import ROUTES, Site, run_tests

ME = "/api/v1/me"


def paths():
    """As the school's routes.def has them."""
    text = open(ROUTES).read()
    found = [re.search(r"POST\s+(\S+)\s+whitelisted\s+%s" % name, text)[1]
             for name in ("register_user", "login_user")]
    return ["/api/v1" + path for path in found]


REGISTER, SIGN_IN = paths()


def post(site, target, **body):
    return fcgi.request(site.socket, target, "POST", body=json.dumps(body).encode(), timeout=20)


def register(site, email, password):
    status, _, body = post(site, REGISTER, name="Ann", email=email, password=password)
    assert status == 201, (status, body)
    return json.loads(body)["token"]


def register_many(site, n):
    """Accounts with one password between them, so that none is signed in to more often than its limit allows."""
    token = register(site, "ann@example.com", "right password")
    with sqlite3.connect(site.folder + "/school.db") as db:
        for i in range(n):
            db.execute("INSERT INTO users (name, email, password) SELECT name, ?, password FROM users WHERE id = 1",
                       ("ann.%d@example.com" % i,))
    db.close()
    return token


def sign_in_at_once(site, n, results):
    """`n` log-ins that begin at the same moment, each to another account; the statuses are appended to `results`."""
    barrier = threading.Barrier(n)

    def one(i):
        peer = fcgi.connect(site.socket, 20)
        text = fcgi.text_of(SIGN_IN, "POST", body=json.dumps(
            {"email": "ann.%d@example.com" % i, "password": "right password"}).encode())
        barrier.wait()
        peer.sendall(text)
        results.append(fcgi.read_answer(peer.makefile("rb"))[0])
        peer.close()

    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    return threads


def test_twelve_log_ins_at_once_are_all_served():
    with Site() as site:
        site.start_program()
        register_many(site, 12)
        for _ in range(10):
            results = []
            for thread in sign_in_at_once(site, 12, results):
                thread.join()
            assert results == [200] * 12, results


def test_the_first_twelve_of_a_program_too():
    """Nothing is known yet of how long the route takes."""
    with Site() as site:
        program = site.start_program()
        register_many(site, 12)
        program.terminate()
        program.wait()
        site.start_program()
        results = []
        for thread in sign_in_at_once(site, 12, results):
            thread.join()
        assert results == [200] * 12, results


def test_others_are_served_beside_a_flood_of_log_ins():
    with Site() as site:
        site.start_program()
        token = register_many(site, 60)
        results, took = [], []
        threads = sign_in_at_once(site, 60, results)
        while any(thread.is_alive() for thread in threads):
            begun = time.monotonic()
            assert fcgi.request(site.socket, ME, token=token)[0] == 200
            took.append(time.monotonic() - begun)
        assert len(results) == 60 and set(results) <= {200, 503}, results
        took.sort()
        median = took[len(took) // 2]
        print("%d of 60 log-ins served; others' median %.1f ms of %d" % (
            results.count(200), median * 1000, len(took)))
        assert len(took) >= 10 and median < 0.05, took[-5:]


# ---- Hashes that other programs made --------------------------------------------------------------------------------

def hashes_of(password):
    """{kind: hash}, by the programs themselves, as they make them by default; phpass by passlib."""
    warnings.simplefilter("ignore")
    import bcrypt, passlib.hash, werkzeug.security
    from django.conf import settings
    from django.contrib.auth.hashers import make_password
    if not settings.configured:
        settings.configure(PASSWORD_HASHERS=["django.contrib.auth.hashers.%sPasswordHasher" % name for name in (
            "PBKDF2", "Argon2", "BCryptSHA256")])
    php = subprocess.run(["php", "-r", "echo password_hash($argv[1], PASSWORD_BCRYPT), ' ', "
                          "password_hash($argv[1], PASSWORD_ARGON2ID);", "--", password],
                         text=True, stdout=subprocess.PIPE, check=True).stdout.split()
    return {"werkzeug": werkzeug.security.generate_password_hash(password),
            "django": make_password(password), "django_argon2": make_password(password, hasher="argon2"),
            "django_bcrypt": make_password(password, hasher="bcrypt_sha256"), "php_bcrypt": php[0], "php_argon2": php[1],
            "bcrypt": bcrypt.hashpw(password.encode(), bcrypt.gensalt(10)).decode(),
            "phpass": passlib.hash.phpass.using(rounds=13).hash(password)}


def add_account(site, name, stored):
    """A row as another application has left it."""
    with sqlite3.connect(site.folder + "/school.db") as db:
        db.execute("INSERT INTO users (name, email, password) VALUES (?, ?, ?)", (name, name + "@example.com", stored))
    db.close()


def log_in(site, name, password):
    return post(site, SIGN_IN, email=name + "@example.com", password=password)[0]


def test_accounts_of_other_programs_sign_in():
    with Site() as site:
        site.start_program()
        register(site, "ann@example.com", "right password")
        stored = hashes_of("gr\u00fc\u00df dich")
        for name, text in stored.items():
            add_account(site, name, text)
        for name in stored:
            assert log_in(site, name, "gr\u00fc\u00df dich") == 200, name
            assert log_in(site, name, "gr\u00fc\u00df  dich") == 401, name
        assert log_in(site, "nobody", "gr\u00fc\u00df dich") == 401
        log = open(site.log).read()
        assert "password." not in log, log[-2000:]


def test_what_is_no_known_hash_is_named_in_the_log_once_and_without_a_byte_of_it():
    secret = secrets.token_hex(20)
    stored = {"unknown": ("sha1$abcdef$" + secret, "password.unknown"), "plain": (secret, "password.unknown"),
              "cut": ("$6$abcdef$" + secret, "password.unknown"), "locked": ("!" + secret, None), "none": ("", None),
              "beyond": ("$2y$15$" + (secret * 2)[:53], "password.bound"),
              "far": ("pbkdf2:sha1:4000000$abc$" + secret, "password.bound")}
    with Site() as site:
        site.start_program()
        register(site, "ann@example.com", "right password")
        for name, (text, reason) in stored.items():
            add_account(site, name, text)
            before = len(open(site.log).read())
            assert log_in(site, name, secret) == 401, name
            wait = time.monotonic() + 5
            while "401" not in open(site.log).read()[before:] and time.monotonic() < wait:
                time.sleep(0.02)
            said = open(site.log).read()[before:]
            lines = [line for line in said.splitlines() if "password." in line]
            # A line that names the kind, and the request's own with its reason.
            assert len(lines) == (2 if reason else 0), (name, said)
            assert not reason or all(reason in line for line in lines), (name, said)
        log = open(site.log).read()
        assert "(bcrypt)" in log and "(pbkdf2 of werkzeug)" in log and "(sha512crypt)" in log
        for i in range(len(secret) - 8):
            assert secret[i:i + 8] not in log, log[-2000:]


def test_the_example_of_the_dearest_hash_is_checked_at_the_start():
    good = "$2y$12$" + "a" * 21 + "." + "a" * 31
    secret = hashlib.sha1(b"x").hexdigest()
    for example, code in ((good, 0), ("pbkdf2:sha1:9$abc$" + secret, 0), ("$2y$15$" + good[7:], 78), ("!" + good, 78),
                          ("sha1$abc$" + secret, 78), (secret, 78)):
        with Site(settings={"GW_PASSWORD_DEAREST": example}) as site:
            done = subprocess.run([os.environ["E2E_PROGRAM"], "--check"], env=site.environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert done.returncode == code, (example, done)
            assert ("GW_PASSWORD_DEAREST" in done.stdout) == (code != 0), done.stdout
            assert secret not in done.stdout and good[7:] not in done.stdout, done.stdout


def memory_holds(pid, needle):
    """Where in the process's memory the bytes are."""
    found = []
    with open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in open("/proc/%d/maps" % pid):
            area, flags = line.split()[:2]
            if not flags.startswith("rw"):
                continue
            begin, end = (int(part, 16) for part in area.split("-"))
            try:
                memory.seek(begin)
                text = memory.read(end - begin)
            except (OSError, ValueError):
                continue  # [vvar]
            found += [line.split()[-1] + "+%x" % at.start() for at in re.finditer(needle, text)]
    return found


def leaves_nothing(transport):
    with Site(transport=transport) as site:
        pid = site.start_program().pid
        known = secrets.token_hex(16)
        marker = secrets.token_hex(16)
        for body in ({"name": "Ann", "email": "x@example.com", "password": marker},
                     {"name": "", "email": "y@example.com", "password": marker}):
            assert post(site, REGISTER, **body)[0] in (201, 422)
        for password in (marker, marker + "x"):
            assert post(site, SIGN_IN, email="x@example.com", password=password)[0] in (200, 401)
        assert post(site, SIGN_IN, email="nobody@example.com", password=marker)[0] == 401
        large = json.dumps({"email": "x@example.com", "password": marker, "pad": "p" * 200000})
        assert fcgi.request(site.socket, SIGN_IN, "POST", body=large.encode())[0] == 422
        for size in (300, 5000, 40000, 60000, 100000):  # the password at the end, and then less
            large = json.dumps({"pad": "p" * size, "email": "x@example.com", "password": marker})
            assert fcgi.request(site.socket, SIGN_IN, "POST", body=large.encode())[0] == 422
        assert post(site, SIGN_IN, email="x@example.com", password="wrong")[0] == 401
        others = hashes_of(marker)
        for name in ("werkzeug", "django_bcrypt", "php_argon2", "phpass"):
            text = others[name]
            add_account(site, name, text)
            assert log_in(site, name, marker) == 200 and log_in(site, name, marker + "y") == 401, name
        # The search finds what is there: the secret that the program was started with.
        found = memory_holds(pid, known.encode())
        assert not found, found
        assert memory_holds(pid, b"GW_DATABASE_URL") or memory_holds(pid, b"sqlite:")
        return memory_holds(pid, marker.encode())


def test_a_password_is_gone_when_its_request_is():
    left = leaves_nothing("native")
    assert not left, left


def test_a_password_is_gone_with_libfcgi_too():
    left = leaves_nothing("libfcgi")
    assert not left, left


if __name__ == "__main__":
    run_tests(globals())
