#!/usr/bin/python3
"""Files with secrets: made for their owner alone, refused by --check where others can read them, and
never on the command line."""
import json
import os
import sqlite3
import subprocess

import fcgi
from web import PROGRAM, Site, run_tests

SECRET = "operating-secret-of-more-than-32-bytes"


def check(site, *arguments, without=(), **settings):
    environment = {**site.environment, **settings}
    for name in without:
        environment.pop(name, None)
    return subprocess.run([PROGRAM, *arguments, "--check"], env=environment, capture_output=True,
                          text=True, timeout=30, umask=0o022)


def write(path, text, mode):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def register(site):
    """So that somebody has the database open."""
    body = {"name": "Ann", "email": "ann@example.com", "password": "right password"}
    status = fcgi.request(site.socket, "/api/v1/auth/user", "POST", body=json.dumps(body).encode())
    assert status[0] == 201, status


def mode_of(path):
    return os.stat(path).st_mode & 0o777


def open_folder(site):
    """One that lets everybody pass, as /etc/school would."""
    folder = site.folder + "/open"
    os.mkdir(folder)
    os.chmod(folder, 0o755)
    return folder


def is_refused(done, *words):
    assert done.returncode == 78, done
    for word in words:
        assert word in done.stderr, (word, done.stderr)
    assert SECRET not in done.stderr + done.stdout


def test_the_database_is_private_from_its_first_byte():
    with Site() as site:
        os.umask(0o022)
        site.start_program()
        register(site)
        for name in "school.db", "school.db-wal", "school.db-shm":
            assert mode_of(site.folder + "/" + name) == 0o600, (name, mode_of(site.folder + "/" + name))


def test_a_database_of_its_own_mode_keeps_it():
    with Site() as site:
        sqlite3.connect(site.folder + "/school.db").close()
        write(site.folder + "/school.db", "", 0o640)
        site.start_program()
        register(site)
        assert mode_of(site.folder + "/school.db") == 0o640
        assert mode_of(site.folder + "/school.db-wal") == 0o640


def test_a_database_that_others_can_read_is_refused_by_check():
    with Site() as site:
        folder = open_folder(site)
        url = "sqlite:%s/s.db" % folder
        assert check(site, GW_DATABASE_URL=url).returncode == 0 and not os.path.exists(folder + "/s.db")
        assert check(site, "--schema-apply", GW_DATABASE_URL=url).returncode == 0
        assert mode_of(folder + "/s.db") == 0o600
        os.chmod(folder + "/s.db", 0o644)
        is_refused(check(site, GW_DATABASE_URL=url), "GW_DATABASE_URL", "s.db can be read", "chmod")
        os.chmod(folder, 0o750)  # nobody else comes as far as the file
        assert check(site, GW_DATABASE_URL=url).returncode == 0


def test_secret_files_that_others_can_read_are_refused_by_check():
    with Site() as site:
        folder = open_folder(site)
        secret = write(folder + "/secret", SECRET, 0o600)
        token = write(folder + "/token", SECRET, 0o640)  # root's, and the group's: usual
        settings = {"GW_SECRET_KEY_FILE": secret, "GW_STATUS_PATH": "/-", "GW_STATUS_TOKEN_FILE": token}
        without = ["GW_SECRET_KEY"]
        assert check(site, without=without, **settings).returncode == 0
        for path, mode, words in (secret, 0o604, ("GW_SECRET_KEY_FILE", "secret can be read")), \
                                 (secret, 0o602, ("GW_SECRET_KEY_FILE", "secret can be written")), \
                                 (token, 0o644, ("GW_STATUS_TOKEN_FILE", "token can be read")):
            os.chmod(path, mode)
            is_refused(check(site, without=without, **settings), *words)
            os.chmod(path, 0o600)


def test_a_config_file_counts_where_it_holds_a_secret():
    with Site() as site:
        folder = open_folder(site)
        file = write(folder + "/settings", "workers = 4\n", 0o644)
        assert check(site, "--config", file).returncode == 0
        write(file, "secret_key = %s\n" % SECRET, 0o644)
        is_refused(check(site, "--config", file, without=["GW_SECRET_KEY"]), "--config", "settings can")
        os.chmod(file, 0o600)
        assert check(site, "--config", file, without=["GW_SECRET_KEY"]).returncode == 0
        write(file, "database_url = mysql://u:%s@127.0.0.1:1/x\n" % SECRET, 0o644)
        done = check(site, "--config", file, without=["GW_DATABASE_URL"])
        assert done.returncode == 78 and SECRET not in done.stderr, done


def test_private_keys_that_others_can_read_are_refused_by_check():
    with Site() as site:
        folder = open_folder(site)
        settings = {"GW_KEYS_DIR": folder, "GW_SEAL_KEY": SECRET}  # the school has tickets
        without = ["GW_SECRET_KEY"]
        environment = {**site.environment, **settings}
        environment.pop("GW_SECRET_KEY")
        subprocess.run([PROGRAM, "keys", "new", "ES256", "k1"], env=environment, check=True,
                       capture_output=True, umask=0)
        assert mode_of(folder + "/k1.jwk") == 0o600
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", folder + "/other"],
                       check=True, capture_output=True)
        public = subprocess.run(["openssl", "pkey", "-in", folder + "/other", "-pubout"], check=True,
                                capture_output=True, text=True).stdout
        os.unlink(folder + "/other")
        write(folder + "/p.pem", public, 0o644)  # public: everybody may
        assert check(site, without=without, **settings).returncode == 0
        os.chmod(folder + "/k1.jwk", 0o644)
        is_refused(check(site, without=without, **settings), "GW_KEYS_DIR", "k1.jwk can be read")


def test_a_start_with_an_exposed_secret_says_so():
    with Site() as site:
        folder = open_folder(site)
        site.environment.pop("GW_SECRET_KEY")
        site.environment["GW_SECRET_KEY_FILE"] = write(folder + "/secret", SECRET, 0o644)
        site.start_program()
        assert "can be read by every user" in open(site.log).read()


def test_a_password_is_no_option():
    with Site() as site:
        for arguments in ["--database-url", "mysql://u:%s@127.0.0.1/x" % SECRET], \
                         ["--database-url=mysql://u:%s@127.0.0.1/x" % SECRET], \
                         ["--database-url", "mariadb://u:%s@127.0.0.1/x" % SECRET]:
            is_refused(check(site, *arguments), "list of processes", "--config")
        done = check(site, "--database-url", "sqlite:%s/other.db" % site.folder,
                     without=["GW_DATABASE_URL"])
        assert done.returncode == 0, done


def test_a_url_that_could_be_read_in_two_ways_is_refused_and_not_repeated():
    with Site() as site:
        for i, password in enumerate(["p@ss/w", "p/ss", "p@ss", "p?ss", "p#ss", "a/b@c", "p@ss/w"]):
            scheme = "mariadb" if i == 6 else "mysql"
            done = check(site, GW_DATABASE_URL="%s://u:%s@127.0.0.1/x" % (scheme, password))
            is_refused(done, "percent-encoded", "%40")
            log = open(site.log).read() if os.path.exists(site.log) else ""
            assert password not in done.stderr + log and "u:p" not in done.stderr + log, (done, log)
            assert '"ss' not in done.stderr + log, (done, log)  # the host that it was not
        # Encoded it means one thing, and the host is asked.
        done = check(site, GW_DATABASE_URL="mysql://u:p%40ss%2Fw@127.0.0.1:1/x")
        assert done.returncode == 78 and "percent" not in done.stderr, done


if __name__ == "__main__":
    run_tests(globals())
