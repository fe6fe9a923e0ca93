"""What a session is: opened, refreshed, listed, ended."""
import contextlib
import sqlite3
import subprocess
import time

from program import Program, run_tests, token
from world import (ORIGIN, PROGRAM, STORE, Database, call, claims_of, last_reason, opened, owner_of, refresh, schema_diff,
                   signed, world)


def is_good(site, access):
    return call(site, "GET", "/me", access)[0]


def test_a_session_is_refreshed_and_its_access_tokens_are_good():
    with world() as (site, database):
        session = opened(site)
        assert session["token_type"] == "Bearer" and session["expires_in"] == 900, session
        assert session["refresh_expires_in"] == 30 * 86400
        access, first = claims_of(session["access_token"]), claims_of(session["refresh_token"])
        assert access["exp"] - access["iat"] == 900 and access["sid"] == first["sid"]
        assert first["gen"] == 1 and first["aud"] == "gatewright:refresh"
        assert "table_name" not in first and "id" not in first and first["own"] == {"entity": "users", "key": 1}
        assert is_good(site, session["access_token"]) == 200
        database.pass_time(11, first["sid"])
        status, second = refresh(site, session["refresh_token"])
        assert status == 200 and claims_of(second["refresh_token"])["gen"] == 2, (status, second)
        assert is_good(site, second["access_token"]) == 200


def test_the_answer_is_not_stored_by_caches():
    with world() as (site, _):
        import fcgi
        body = b'{"refresh_token": "%s"}' % opened(site)["refresh_token"].encode()
        _, head, _ = fcgi.request(site.address, "/api/auth/refresh", "POST", body=body)
        assert "no-store" in head, head


def test_a_lost_answer_is_given_again_with_the_same_claims():
    with world() as (site, database):
        old = opened(site)["refresh_token"]
        database.pass_time(11, claims_of(old)["sid"])
        answers = [refresh(site, old) for _ in range(5)]
        assert [status for status, _ in answers] == [200] * 4 + [401], answers
        told = [claims_of(answer["refresh_token"]) for status, answer in answers if status == 200]
        assert all(claims == told[0] for claims in told), told
        assert "session.reuse" in last_reason(site), last_reason(site)
        log = open(site.log).read()
        assert log.count("session.repeat") == 3, log


def test_a_copy_that_is_used_late_ends_the_session():
    with world() as (site, database):
        old = opened(site)["refresh_token"]
        database.pass_time(11, claims_of(old)["sid"])
        new = refresh(site, old)[1]
        database.pass_time(11, claims_of(old)["sid"])
        assert refresh(site, old)[0] == 401 and "session.reuse" in last_reason(site)
        assert refresh(site, new["refresh_token"])[0] == 401 and "session.gone" in last_reason(site)
        assert is_good(site, new["access_token"]) == 200  # it runs out


def test_grace_ends_when_the_new_token_is_used():
    with world() as (site, database):
        old = opened(site)["refresh_token"]
        database.pass_time(11, claims_of(old)["sid"])
        new = refresh(site, old)[1]["refresh_token"]
        assert refresh(site, new)[0] == 200
        assert refresh(site, old)[0] == 401 and "session.reuse" in last_reason(site)


def test_a_session_ends_when_it_is_not_used_and_when_it_is_too_old():
    with world() as (site, database):
        first = opened(site)["refresh_token"]
        database.pass_time(31 * 86400, claims_of(first)["sid"])
        assert refresh(site, first)[0] == 401
        token_now, sid = opened(site)["refresh_token"], None
        for _ in range(8):
            sid = claims_of(token_now)["sid"]
            database.pass_time(25 * 86400, sid)
            status, answer = refresh(site, token_now)
            if status != 200:
                break
            token_now = answer["refresh_token"]
            row, = database.run("SELECT expires - ends FROM gw_sessions WHERE sid = '%s'" % sid)
            assert int(row[0]) <= 0, row
        assert status == 401, "older than 180 days"


def test_a_refresh_token_that_the_row_does_not_know_yet_is_asked_for_again():
    with world() as (site, database):
        claims = claims_of(opened(site)["refresh_token"])
        claims["gen"] = 2
        assert refresh(site, signed(claims))[0] == 503 and "session.ahead" in last_reason(site)
        assert database.run("SELECT generation FROM gw_sessions") == [["1"]]


def test_the_list_says_which_is_this_one_and_another_is_ended_by_its_id():
    with world() as (site, _):
        here = opened(site, meta={"HTTP_USER_AGENT": "Browser \u00e9/1".encode().decode("latin-1"),
                                  "REMOTE_ADDR": "192.0.2.7"}.items())
        there, other = opened(site), opened(site, "b@example.com")
        status, listed = call(site, "GET", "/auth/sessions", here["access_token"])
        assert status == 200 and len(listed["sessions"]) == 2, listed
        mine, = [s for s in listed["sessions"] if s["current"]]
        assert (mine["agent"], mine["address"]) == ("Browser \u00e9/1", "192.0.2.7"), mine
        assert mine["id"] == claims_of(here["access_token"])["sid"]
        path = "/auth/sessions/" + claims_of(there["access_token"])["sid"]
        assert call(site, "DELETE", path, other["access_token"])[0] == 404
        assert call(site, "DELETE", path, here["access_token"])[0] == 204
        assert call(site, "DELETE", path, here["access_token"])[0] == 404
        assert refresh(site, there["refresh_token"])[0] == 401
        assert refresh(site, here["refresh_token"])[0] == 200


def test_a_session_ends_by_its_access_token_and_by_its_refresh_token():
    with world() as (site, _):
        first, second = opened(site), opened(site)
        assert call(site, "DELETE", "/auth/session", first["access_token"])[0] == 204
        assert refresh(site, first["refresh_token"])[0] == 401
        for _ in range(2):
            assert call(site, "POST", "/auth/end", body={"refresh_token": second["refresh_token"]})[0] == 204
        assert refresh(site, second["refresh_token"])[0] == 401
        assert call(site, "POST", "/auth/end", body={"refresh_token": second["access_token"]})[0] == 401


def test_an_account_ends_all_of_its_sessions_and_of_no_other():
    for path, access in (("/everywhere", 200), ("/revoke", 401)):
        with world() as (site, database):
            mine, also, other = opened(site), opened(site), opened(site, "b@example.com")
            assert call(site, "POST", path, mine["access_token"])[0] == 204
            assert [refresh(site, s["refresh_token"])[0] for s in (mine, also, other)] == [401, 401, 200]
            assert is_good(site, also["access_token"]) == access
            assert len(database.run("SELECT sid FROM gw_sessions")) == 1


def test_revoked_tokens_refresh_nothing_whatever_the_table_holds():
    with world() as (site, database):
        session = opened(site)
        rows = database.run("SELECT epoch FROM users")
        database.run("UPDATE users SET epoch = epoch + 1")
        assert refresh(site, session["refresh_token"])[0] == 401 and "jwt.revoked" in last_reason(site), rows


def test_an_account_that_is_switched_off_or_gone_refreshes_nothing():
    with world() as (site, database):
        session = opened(site)
        database.run("UPDATE users SET disabled = 1")
        assert refresh(site, session["refresh_token"])[0] == 401 and "jwt.blocked" in last_reason(site)
        assert call(site, "POST", "/users/a@example.com")[0] == 401
        database.run("UPDATE users SET disabled = 0")
        assert refresh(site, session["refresh_token"])[0] == 200
        database.run("DELETE FROM users")
        assert refresh(site, session["refresh_token"])[0] == 401 and "jwt.row" in last_reason(site)


def test_an_account_has_fifty_sessions_and_the_least_used_goes():
    with world() as (site, database):
        sessions = []
        for i in range(53):
            sessions.append(opened(site))
            database.run("UPDATE gw_sessions SET used = used - 1")
        assert database.run("SELECT COUNT(*) FROM gw_sessions") == [["50"]]
        assert [refresh(site, s["refresh_token"])[0] for s in sessions] == [401] * 3 + [200] * 50


def test_access_tokens_live_no_longer_and_are_not_renewed():
    with world(GW_EXPIRE_DAYS="30") as (site, _):
        session = opened(site)
        status, made = call(site, "POST", "/token", session["access_token"])
        claims = claims_of(made["token"])
        assert status == 201 and claims["exp"] - claims["iat"] == 900 and "sid" not in claims
        assert call(site, "POST", "/renew", session["access_token"])[0] == 409
        assert call(site, "DELETE", "/auth/session", made["token"])[0] == 404  # it is of none
        status, made = call(site, "POST", "/guests/g")
        claims = claims_of(made["token"])
        assert claims["exp"] - claims["iat"] == 30 * 86400  # an entity without sessions


def test_no_session_is_opened_within_a_transaction():
    with world() as (site, database):
        access = opened(site)["access_token"]
        assert call(site, "POST", "/within", access)[0] == 409
        assert database.run("SELECT COUNT(*) FROM gw_sessions") == [["1"]]


def test_a_link_is_good_on_its_path_and_says_its_session():
    with world() as (site, _):
        session = opened(site)
        link = call(site, "POST", "/link", session["access_token"])[1]["token"]
        assert claims_of(link)["sid"] == claims_of(session["access_token"])["sid"]
        assert call(site, "GET", "/linked?auth=" + link)[0] == 200
        assert call(site, "GET", "/me", link)[0] == 401


def test_a_key_that_is_text_has_sessions_too():
    with world() as (site, database):
        name = "k\u00f6nig%20_"
        session = opened(site, "k%C3%B6nig%2520_", "/staff/")
        claims = claims_of(session["refresh_token"])
        assert claims["own"] == {"entity": "staff", "key": name}, claims
        assert database.run("SELECT owner FROM gw_sessions") == [[owner_of("staff", "k\u00f6nig%20_")]]
        assert refresh(site, session["refresh_token"], "/desk/refresh")[0] == 200
        assert call(site, "GET", "/auth/sessions", session["access_token"])[0] == 200


def test_tables_of_the_runtime_are_declared_once_on_both_stores():
    with world() as (site, database):
        opened(site)
        said = schema_diff(site, 0)
        assert not said, said
        assert database.run("SELECT name, version FROM gw_schema ORDER BY name") == [
            ["gw_schema", "1"], ["gw_sessions", "1"], ["gw_tickets", "1"]]


def test_a_table_of_another_runtime_stops_the_start():
    with world() as (site, database):
        database.run("UPDATE gw_schema SET version = 2 WHERE name = 'gw_sessions'")
        done = subprocess.run([PROGRAM, "--check"], env=site.environment, capture_output=True, text=True)
        log = open(site.log).read()
        assert done.returncode == 78 and "gw_sessions: is of version 2" in log, (done, log)


def test_a_missing_table_stops_the_start_and_names_the_statement():
    if STORE == "sqlite":
        return  # it is made
    with world() as (site, database):
        database.run("DROP TABLE gw_sessions")
        done = subprocess.run([PROGRAM, "--check"], env=site.environment, capture_output=True, text=True)
        assert done.returncode == 78 and "--schema-diff" in open(site.log).read()
        assert "CREATE TABLE `gw_sessions`" in schema_diff(site)


def test_what_has_expired_is_swept_in_pieces():
    with Program(PROGRAM, settings={"GW_ORIGIN": ORIGIN}) as site:
        database = Database(site)
        try:
            with site.running():
                pass
            now = int(time.time())
            row = "('%022d', 'o', 1, 0, 0, 0, 0, 0, %d, %d, '', '')"
            database.run("INSERT INTO gw_sessions VALUES " +
                         ",".join(row % (i, now - 1000, now) for i in range(2500)))
            database.run("INSERT INTO gw_sessions VALUES " +
                         ",".join(row % (i + 5000, now + 1000, now + 1000) for i in range(7)))
            with site.running():
                end = time.monotonic() + 30
                while database.run("SELECT COUNT(*) FROM gw_sessions") != [["7"]]:
                    assert time.monotonic() < end, database.run("SELECT COUNT(*) FROM gw_sessions")
                    time.sleep(0.1)
        finally:
            database.end()


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
