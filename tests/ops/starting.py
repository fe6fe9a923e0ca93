#!/usr/bin/python3
"""What a program says, and how it ends, when it cannot start or was not given the time to stop."""
import grp
import os
import pty
import pwd
import signal
import socket
import subprocess
import threading
import time

import fcgi
from web import PROGRAM, Site, is_listening, listener, run_tests, wait_for


def refuses(site, *words, stdin=subprocess.DEVNULL, **settings):
    """It ends with 78, and its one sentence has these words."""
    done = subprocess.run([PROGRAM], env={**site.environment, "GW_LOG": "quiet:stderr", **settings},
                          stdin=stdin, capture_output=True, text=True, timeout=20)
    assert done.returncode == 78, done
    for word in words:
        assert word in done.stderr, (word, done.stderr)


def test_a_terminal_is_no_socket():
    with Site() as site:
        first, second = pty.openpty()
        refuses(site, "is a terminal", "--listen unix:/path", stdin=second)
        os.close(first)
        os.close(second)


def test_a_socket_that_does_not_listen_is_none():
    with Site() as site, socket.socket(socket.AF_UNIX) as idle:
        refuses(site, "is a socket that does not listen", stdin=idle)
        with open("/dev/null") as null:
            refuses(site, "is no socket", "systemd", stdin=null)


def test_a_path_in_use_is_left_alone():
    with Site() as site:
        site.start_program()
        refuses(site, site.socket, "in use", "end that one first", GW_LISTEN="unix:" + site.socket)
        assert fcgi.request(site.socket)[0] == 200


def test_a_port_in_use_is_named():
    with Site(tcp=True) as site:
        site.start_program()
        refuses(site, site.address, "in use", GW_LISTEN=site.address)


def test_a_file_in_the_way_is_left_alone():
    with Site() as site:
        open(site.socket, "w").write("precious")
        refuses(site, "no socket lies there", GW_LISTEN="unix:" + site.socket)
        assert open(site.socket).read() == "precious"


def test_a_folder_that_is_not_there_is_named():
    with Site() as site:
        refuses(site, "make it first", GW_LISTEN="unix:%s/none/sock" % site.folder)


def test_an_old_socket_is_taken_over():
    with Site() as site:
        listener(site.socket).close()
        site.start_program()
        assert fcgi.request(site.socket)[0] == 200


def test_more_than_one_socket_of_systemd_is_refused():
    with Site() as site:
        listeners = [listener("%s/%d" % (site.folder, i)) for i in range(2)]
        done = subprocess.run(["sh", "-c", 'LISTEN_PID=$$ exec "$0"', PROGRAM],
                              env={**site.environment, "LISTEN_FDS": "2"}, capture_output=True,
                              pass_fds=[s.fileno() for s in listeners], text=True, timeout=20)
        assert done.returncode == 78 and "one ListenStream=" in done.stderr, done


def test_a_connection_instead_of_a_socket_is_refused():
    """As a .socket unit with Accept=yes would hand over."""
    with Site() as site, socket.socket(socket.AF_UNIX) as idle:
        done = subprocess.run(["sh", "-c", 'LISTEN_PID=$$ exec "$0"', PROGRAM],
                              env={**site.environment, "LISTEN_FDS": "1"}, capture_output=True,
                              preexec_fn=lambda: os.dup2(idle.fileno(), 3), pass_fds=(3,), text=True,
                              timeout=20)
        assert done.returncode == 78 and "Accept=yes" in done.stderr, done


def test_sockets_meant_for_another_process_are_not_taken():
    with Site() as site, listener(site.socket) as ours:
        refuses(site, "there is no socket", LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")


def test_a_log_that_cannot_be_written_is_named():
    with Site() as site:
        path = site.folder + "/none/log"
        refuses(site, path, "Make its folder", GW_LOG="text:" + path)
        refuses(site, "Is a directory", GW_LOG="json:" + site.folder)


def run(site, *arguments, **settings):
    return subprocess.run([PROGRAM, *arguments], env={**site.environment, **settings}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=20)


def test_a_start_error_is_said_once_and_plainly():
    with Site() as site:
        for log in "text:stderr", "json:stderr", "text:" + site.log:
            for arguments in ((), ("--check",)):
                for settings, words in (
                        ({"GW_LISTEN": "unix:%s/none/sock" % site.folder}, 'GW_LISTEN is "unix:') if not arguments else
                        ({"GW_STATUS_PATH": "/api/v1/videos", "GW_STATUS_TOKEN": "0123456789abcdef"}, 'GW_STATUS_PATH is "/api'),
                        ({"GW_DATABASE_URL": "mysql://x"}, "GW_DATABASE_URL: ")):
                    done = run(site, *arguments, GW_LOG=log, **settings)
                    assert done.returncode == 78, (log, settings, done)
                    assert done.stderr.count(words) == 1 and '\\"' not in done.stderr, (log, settings, done.stderr)


def test_check_speaks_on_the_terminal_whatever_the_log():
    with Site() as site:
        for log in "text:" + site.log, "quiet:stderr", "json:" + site.log:
            done = run(site, "--check", GW_LOG=log, GW_DATABASE_URL="sqlite:%s/none/db" % site.folder)
            assert done.returncode == 78 and "No such file or directory" in done.stderr, (log, done)
            assert "%s/none/db" % site.folder in done.stderr and "Host is down" not in done.stderr, (log, done)
        assert "No such file or directory" in open(site.log).read()


def test_once_it_serves_the_terminal_is_left_alone():
    with Site() as site:
        program = site.start_program()
        said = open(site.folder + "/output").read()
        assert fcgi.request(site.socket, "/a%2Fb")[0] == 400
        program.send_signal(signal.SIGHUP)
        wait_for("it says so", lambda: "SIGHUP" in open(site.log).read())
        assert open(site.folder + "/output").read() == said


def test_the_sockets_owner_group_and_mode_are_settings():
    if os.geteuid():
        return
    with Site(settings={"GW_SOCKET_OWNER": "daemon", "GW_SOCKET_GROUP": "www-data"}) as site:
        os.chmod(site.folder, 0o777)
        for mode in "0600", "0660", "0666":
            path = site.folder + "/given" + mode
            site.launch([PROGRAM], env=dict(site.environment, GW_LISTEN="unix:" + path, GW_SOCKET_MODE=mode))
            wait_for("the program starts", lambda: is_listening(path))
            status = os.stat(path)
            assert (status.st_uid, status.st_gid) == (pwd.getpwnam("daemon").pw_uid, grp.getgrnam("www-data").gr_gid)
            assert status.st_mode & 0o777 == int(mode, 8), oct(status.st_mode)


def test_a_web_server_in_the_sockets_group_reaches_it():
    """nginx's workers as www-data, where the program is root: 502 without the group."""
    if os.geteuid():
        return
    for settings, status in (({"GW_SOCKET_GROUP": "www-data"}, 200), ({}, 502)):
        with Site("nginx", settings=settings) as site:
            os.chmod(site.folder, 0o755)
            site.launch([PROGRAM], env=dict(site.environment, GW_LISTEN=site.address))
            wait_for("the program starts", lambda: is_listening(site.socket))
            site.conf = ["--user", "www-data"]
            site.start_server()
            assert site.client().request("GET", "/").status == status, settings


def test_check_says_who_may_connect():
    with Site() as site:
        here = {"GW_LISTEN": "unix:" + site.socket}
        done = run(site, "--check", **here)
        assert done.returncode == 0 and done.stdout.startswith("the configuration is good\n"), done
        assert "502" in done.stdout and "GW_SOCKET_GROUP" in done.stdout, done
        done = run(site, "--check", GW_SOCKET_GROUP="www-data", **here)
        assert "and the group www-data may connect" in done.stdout, done
        done = run(site, "--check", GW_SOCKET_GROUP="no-such-group", **here)
        assert done.returncode == 78 and 'GW_SOCKET_GROUP is "no-such-group": there is no such group' in done.stderr, done
        refuses(site, "no such user", GW_SOCKET_OWNER="no-such-user", **here)
        refuses(site, "is no unix socket", GW_SOCKET_GROUP="www-data", GW_LISTEN="tcp:127.0.0.1:1")
        refuses(site, "0600, 0660 or 0666", GW_SOCKET_MODE="0777", **here)


def test_recycling_wants_a_socket_that_stays():
    with Site() as site:
        refuses(site, "GW_MAX_REQUESTS and GW_LISTEN", GW_MAX_REQUESTS="9",
                GW_LISTEN="unix:" + site.socket)


def test_a_log_that_cannot_be_opened_again_stays():
    with Site() as site:
        program = site.start_program()
        os.rename(site.log, site.log + ".1")
        os.mkdir(site.log)
        program.send_signal(signal.SIGHUP)
        wait_for("it says so", lambda: "the log stays where it was" in open(site.log + ".1").read())
        assert fcgi.request(site.socket)[0] == 200
        assert " GET / 200 " in open(site.log + ".1").read()


def hanging(site):
    """A request whose body never comes: it is under way for 30 s."""
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(site.socket)
    pairs = {"REQUEST_METHOD": "POST", "REQUEST_URI": "/api/v1/auth/user", "CONTENT_LENGTH": "9",
             "CONTENT_TYPE": "application/json"}
    text = b"".join(fcgi.pair(k, v) for k, v in pairs.items())
    peer.sendall(fcgi.record(1, b"\0\1\0\0\0\0\0\0") + fcgi.record(4, text) + fcgi.record(4, b""))
    time.sleep(0.2)
    return peer


def test_a_second_signal_ends_it():
    """As from a supervisor that has no patience."""
    with Site() as site:
        program = site.start_program()
        peer = hanging(site)
        program.terminate()
        time.sleep(0.5)
        assert program.poll() is None, "it did not wait for the request"
        begun = time.monotonic()
        program.terminate()
        assert program.wait(5) == 1 and time.monotonic() - begun < 1
        log = open(site.log).read()
        assert "a second signal came" in log and "GW_STOP_TIMEOUT (35000 ms)" in log, log
        peer.close()


def test_the_deadline_ends_it():
    with Site(settings={"GW_STOP_TIMEOUT": "1s"}) as site:
        program = site.start_program()
        peer = hanging(site)
        begun = time.monotonic()
        program.terminate()
        assert program.wait(5) == 1
        assert 0.9 < time.monotonic() - begun < 2
        assert "GW_STOP_TIMEOUT (1000 ms) is over" in open(site.log).read()
        peer.close()


run_tests(globals())
