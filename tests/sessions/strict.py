"""Sessions that are `strict`: no access token outlives its session, and that costs no statement."""
import json
import re
import socket
import subprocess
import threading
import time

import fcgi

from program import run_tests, token
from world import GATEWRIGHT, ORIGIN, PROGRAM, ROUTES, STORE, call, claims_of, last_reason, opened, refresh, world


def boss(site, name="b"):
    return opened(site, name, "/bosses/")


def test_an_access_token_ends_with_its_session():
    with world() as (site, database):
        here, there, other = boss(site), boss(site), boss(site, "c")
        for session in (here, there, other):
            assert call(site, "GET", "/boss", session["access_token"])[0] == 200
        sid = claims_of(there["access_token"])["sid"]
        assert call(site, "DELETE", "/boss/" + sid, here["access_token"])[0] == 204
        assert call(site, "GET", "/boss", there["access_token"])[0] == 401
        assert "session.gone" in last_reason(site)
        assert call(site, "GET", "/boss", here["access_token"])[0] == 200
        database.pass_time(31 * 86400, claims_of(here["access_token"])["sid"])
        assert call(site, "GET", "/boss", here["access_token"])[0] == 401
        assert call(site, "GET", "/boss", other["access_token"])[1]["name"] == "c"


def test_a_reuse_ends_access_at_once():
    with world() as (site, database):
        old = boss(site)
        database.pass_time(11, claims_of(old["access_token"])["sid"])
        new = refresh(site, old["refresh_token"], "/auth/bosses")[1]
        database.pass_time(11, claims_of(old["access_token"])["sid"])
        assert call(site, "GET", "/boss", new["access_token"])[0] == 200
        assert refresh(site, old["refresh_token"], "/auth/bosses")[0] == 401
        assert call(site, "GET", "/boss", new["access_token"])[0] == 401


def test_a_token_without_a_session_is_refused_and_none_is_made():
    with world() as (site, _):
        session = boss(site)
        assert call(site, "GET", "/boss", token("bosses", "id", 1))[0] == 401
        assert call(site, "POST", "/boss/token", session["access_token"])[0] == 409
        done = subprocess.run([PROGRAM, "token", "bosses", "1"], env=site.environment, capture_output=True, text=True)
        assert done.returncode == 1 and not done.stdout, done


def ask_together(site, tokens):
    """Requests on one connection each, sent before any is read: they are loaded in batches."""
    peers = [fcgi.connect(site.address, 30) for _ in tokens]
    for peer, text in zip(peers, tokens):
        peer.sendall(fcgi.text_of("/api/boss", "GET", text))
    answers = [fcgi.read_answer(peer.makefile("rb")) for peer in peers]
    for peer in peers:
        peer.close()
    return [(status, body) for status, _, body in answers]


def test_each_of_a_batch_is_judged_by_its_own_session():
    """Several sessions of one account, ended and not, beside other accounts': 90 at once, as many times."""
    with world(GW_WORKERS="2") as (site, database):
        sessions = [(name, boss(site, name)) for name in ("b", "c", "d") for _ in range(30)]
        gone = {claims_of(session["access_token"])["sid"] for _, session in sessions[::3]}
        for sid in gone:
            database.run("DELETE FROM gw_sessions WHERE sid = '%s'" % sid)
        for _ in range(10):
            answers = ask_together(site, [session["access_token"] for _, session in sessions])
            for (name, session), (status, body) in zip(sessions, answers):
                ended = claims_of(session["access_token"])["sid"] in gone
                assert status == (401 if ended else 200), (name, ended, status)
                assert ended or b'"name":"%s"' % name.encode() in body.replace(b" ", b""), (name, body)


def statements(database):
    """What the server has run, but for this."""
    row, = database.run("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")
    return int(row[1])


def test_an_authorised_request_runs_one_statement_with_a_session_and_without():
    if STORE == "sqlite":
        return  # does not count them
    with world(GW_WORKERS="1") as (site, database):
        user, of_strict = opened(site)["access_token"], boss(site)["access_token"]
        plain = call(site, "POST", "/token", user)[1]["token"]
        guest = call(site, "POST", "/guests/g")[1]["token"]
        for path, text in (("/anybody", guest), ("/me", plain), ("/me", user), ("/boss", of_strict)):
            for how in {"token": text}, {"meta": {"HTTP_COOKIE": "__Host-school=" + text}}:
                assert call(site, "GET", path, **how)[0] == 200  # prepared
                found = []
                while 20 not in found:  # what has expired is swept once a minute, and first at the start
                    before = statements(database)
                    for _ in range(20):
                        assert call(site, "GET", path, **how)[0] == 200
                    found.append(statements(database) - before)
                    assert len(found) < 4 and min(found) >= 20, (path, how, found)


def test_what_the_compiler_expects_holds_with_a_token_of_a_session():
    """`gatewright tests`: what is asked with a token of the strict entity, as the manual tells a runner."""
    tests = json.loads(subprocess.run([GATEWRIGHT, "tests", ROUTES], check=True, capture_output=True, text=True).stdout)
    assert {name for name, entity in tests["entities"].items() if entity.get("strict")} == {"bosses"}
    asked = 0
    with world() as (site, _):
        for request in tests["requests"]:
            if request["token"] != "bosses" or "where" in request:
                continue
            text = (token("bosses", "id", 1, seconds=-60) if request.get("expired") else boss(site)["access_token"])
            meta = {"HTTP_" + name.upper().replace("-", "_"): value.replace("ORIGIN", ORIGIN)
                    for name, value in request.get("headers", {}).items()}
            if request.get("cookie"):
                meta["HTTP_COOKIE"] = request["cookie"] + "=" + text
            body = request.get("body")
            status, _, _ = fcgi.request(site.address, request["path"], request["method"], None if request.get("cookie") else text,
                                        meta={**meta, "CONTENT_TYPE": request.get("content_type", "")},
                                        body=body.encode() if body is not None else None)
            if "expect" in request:
                assert status in request["expect"], (request, status)
            else:
                assert status not in request["expect_not"], (request, status)
            asked += 1
    assert asked > 5, asked


def test_the_list_of_sessions_is_looked_up_by_its_key():
    """One look-up for each session that is asked for, of however many there are."""
    if STORE == "sqlite":
        return
    with world(GW_WORKERS="1") as (site, database):
        of_strict = boss(site)["access_token"]
        now = int(time.time())
        database.run("INSERT INTO gw_sessions SELECT CONCAT('x', seq), 'o', 1, %d, 0, 0, 0, 0, %d, %d, '', ''"
                     " FROM seq_1_to_20000" % (now, now + 9999, now + 9999))
        call(site, "GET", "/boss", of_strict)

        def rows_read():
            return sum(int(row[1]) for row in database.run("SHOW GLOBAL STATUS LIKE 'Handler_read%'"))
        before = rows_read()
        for _ in range(10):
            assert call(site, "GET", "/boss", of_strict)[0] == 200
        assert rows_read() - before < 200, rows_read() - before


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
