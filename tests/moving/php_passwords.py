#!/usr/bin/python3
"""docs/moving/php.md as it stands, and then: passwords with edge values, hashed by PHP itself, in the page's first program."""
import os
import re
import sqlite3
import subprocess
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it leaves Python with 3.13
    import crypt

import pages
from program import run_tests

PAGE = "php.md"
PASSWORDS = ["x", " ", "both ends ", "Grüße", "日本語", "\U0001f600", "'\"\\$y$", "a" * 72, "ß" * 36, "tab\tand\nline"]


def php(code, *arguments):
    return subprocess.run(["php", "-r", code, "--", *arguments], text=True, check=True, stdout=subprocess.PIPE).stdout


def add_members(path, hashes):
    with sqlite3.connect(path) as db:
        db.executemany("INSERT INTO members (email, name, password, active) VALUES (?, '', ?, 1)", hashes.items())
    db.close()


def stored(path):
    db = sqlite3.connect(path)
    rows = dict(db.execute("SELECT email, password FROM members"))
    db.close()
    return rows


def as_the_page_leaves_them(before, after):
    """Who has signed in since PHP had gone is told from who has not. crypt(3) knows what PHP does not."""
    assert before["ann@example.org"] == after["ann@example.org"] and before["ann@example.org"].startswith("$2y$")
    assert before["Bob@example.org"].startswith("$P$")
    made = after["Bob@example.org"]
    assert made.startswith("$y$") and crypt.crypt("battery staple", made) == made
    (text,) = re.findall(r"'(\$y\$[^']+)'", "".join(block[2] for block in pages.blocks_of(PAGE)))
    assert crypt.crypt("pleaseletmein", text) == text


def log_in(site, email, password):
    return site.ask("POST", "/api/log-in", {"email": email, "password": password})[0]


def test_the_page_and_then_passwords_that_php_has_hashed():
    with pages.done(PAGE) as folder:
        as_the_page_leaves_them(stored(folder + "/before.db"), stored(folder + "/shop.db"))
        path = folder + "/before.db"
        os.chmod(path, 0o600)
        hashes = {"%d@example.org" % i: php("echo password_hash($argv[1], PASSWORD_BCRYPT, ['cost' => 5]);", password)
                  for i, password in enumerate(PASSWORDS)}
        add_members(path, hashes)
        with pages.Site(folder + "/shop", "sqlite:" + path) as site:
            site.start_program()
            for i, password in enumerate(PASSWORDS):
                assert log_in(site, "%d@Example.ORG" % i, password) == 200, password
                assert log_in(site, "%d@example.org" % i, "_" + password[1:]) == 401, password
            # PHP goes by 72 bytes, and so does the program.
            for password in "a" * 80, "a" * 71:
                by_php = php("echo (int)password_verify($argv[1], $argv[2]);", password, hashes["7@example.org"])
                assert (log_in(site, "7@example.org", password) == 200) == (by_php == "1") == (len(password) > 71), password
        # Not a hash was touched, so that all sign in at PHP as before.
        assert {email: text for email, text in stored(path).items() if email in hashes} == hashes


run_tests(globals())
