"""Mails of examples: to a folder, to a program, and none with a line more than was asked for. Python's e-mail package
reads them."""
import email
import email.policy
import errno
import os
import stat
import time

import fcgi
import json

from program import SECRET, run_tests
from world import emptied, kept, world


def send(site, to="ann@school.example", subject="A new password", text="Hello,\n\nhttps://school.example/reset#x\n"):
    status, _, body = fcgi.request(site.address, "/api/mail", "POST", timeout=30, body=json.dumps(
        {"to": to, "subject": subject, "text": text}).encode())
    assert status == (400 if "\0" in to + subject + text else 200), body  # no text of a body has a NUL
    return int(body) if status == 200 else -errno.EINVAL


def read(path):
    with open(path, "rb") as mail:
        return email.message_from_binary_file(mail, policy=email.policy.default)


def test_without_a_place_to_go_none_is_sent():
    with emptied() as (site, _):
        assert send(site) == -errno.ENOTSUP


BAD = [
    {"to": "ann@school.example\nBcc: eve@evil.example"}, {"to": "ann@school.example\r\nX: y"}, {"to": "ann"}, {"to": ""},
    {"to": "ann@school.example, eve@evil.example"}, {"to": "-oQ/tmp@school.example"}, {"to": "ann @school.example"},
    {"to": "a" * 255 + "@b"}, {"to": "ann@school.example\u0000"}, {"subject": ""}, {"subject": "a\nBcc: eve@evil.example"},
    {"subject": "a\r"}, {"subject": "a\u0000"}, {"subject": "a\u007f"}, {"subject": "a\tb"}, {"subject": "x" * 201},
    {"text": ""}, {"text": "a\r\n.\r\n"}, {"text": "a\u0000b"}, {"text": "x" * 999}, {"text": "x\n" * 33000},
]


def test_a_file_for_each_mail():
    with world() as (site, _):
        folder = site.folder + "/mail"
        os.mkdir(folder)
        site.stop(10)
        site.environment["GW_MAIL"] = "file:" + folder
        site.start_program()
        subjects = ["A new password", "Mot de passe oubli\u00e9", "\u00fc" * 90 + "x" * 20, "=?utf-8?B?eA==?=", "x" * 200,
                    "x" + "\U0001f511" * 49]
        for subject in subjects:
            assert send(site, subject=subject, text="Gr\u00fc\u00dfe,\n.\nFrom here\n\tand there") == 0
        names = sorted(os.listdir(folder))
        mails = [read(folder + "/" + name) for name in names]
        assert [mail["Subject"] for mail in mails] == subjects, [mail["Subject"] for mail in mails]
        for name, mail in zip(names, mails):
            assert mail["To"] == "ann@school.example" and not mail["Bcc"] and not mail.defects
            assert mail.get_content() == "Gr\u00fc\u00dfe,\n.\nFrom here\n\tand there\n"
            assert stat.S_IMODE(os.stat(folder + "/" + name).st_mode) == 0o600
            assert all(len(line) <= 78 or b"Subject: x" in line for line in open(folder + "/" + name, "rb"))
        for bad in BAD:
            assert send(site, **bad) == -errno.EINVAL, bad
        assert sorted(os.listdir(folder)) == names
        os.rename(folder, folder + ".away")
        assert send(site) == -errno.ENOENT
        log = open(site.log).read()
        assert "ann@school.example" not in log and "reset#x" not in log


PROGRAM = """#!/bin/sh
cat >"$(dirname "$0")/mail"
printf '%s\\n' "$@" >"$(dirname "$0")/words"
env >"$(dirname "$0")/environment"
ls /proc/self/fd >"$(dirname "$0")/files"
"""


def program(folder, text):
    path = folder + "/sender"
    with open(path, "w") as out:
        out.write(text)
    os.chmod(path, 0o755)
    return path


def test_a_program_gets_the_mail_the_words_and_nothing_else():
    with world() as (site, _):
        path = program(site.folder, PROGRAM)
        site.stop(10)
        site.environment["GW_MAIL"] = "command:%s -i $(id) ;x --" % path
        site.start_program()
        assert send(site, "o'neil@school.example") == 0
        assert open(site.folder + "/words").read().split("\n")[:-1] == ["-i", "$(id)", ";x", "--", "o'neil@school.example"]
        assert read(site.folder + "/mail")["Subject"] == "A new password"
        environment = open(site.folder + "/environment").read()
        assert SECRET not in environment and "GW_" not in environment
        assert set(open(site.folder + "/files").read().split()) <= {"0", "1", "2", "3"}  # 3 is the folder that ls reads
        for bad in BAD:
            assert send(site, **bad) == -errno.EINVAL, bad
        program(site.folder, "#!/bin/sh\nexit 3\n")  # which reads nothing
        assert send(site, text="x\n" * 32000) == -errno.EIO and "ended with status 3" in open(site.log).read()
        os.unlink(path)
        assert send(site) == -errno.EIO


def test_a_program_that_hangs_is_killed_at_the_deadline():
    with world(GW_REQUEST_TIMEOUT="1s") as (site, _):
        path = program(site.folder, "#!/bin/sh\necho $$ >'%s/pid'\nexec sleep 60\n" % site.folder)
        site.stop(10)
        site.environment["GW_MAIL"] = "command:" + path
        site.start_program()
        begun = time.monotonic()
        assert send(site) == -errno.ETIMEDOUT and time.monotonic() - begun < 8
        pid = int(open(site.folder + "/pid").read())
        assert not os.path.exists("/proc/%d" % pid)


def test_another_place_is_refused_at_the_start():
    with emptied() as (site, _):
        import subprocess
        for text in ("", "file:", "file:mail", "command:sendmail", "smtp://localhost", "/tmp"):
            done = subprocess.run([site.program, "--check"], env={**site.environment, "GW_MAIL": text}, capture_output=True)
            assert done.returncode == 78, (text, done)


with kept():
    run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
