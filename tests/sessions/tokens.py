"""Refresh tokens that are none, and refresh tokens where others are wanted: here, in PyJWT, and as flask-jwt-router
decodes one."""
import base64
import json
import threading
import time

import fcgi
import jwt

from program import SECRET, encoded, run_tests, token
from world import STORE, call, claims_of, last_reason, opened, owner_of, refresh, signed, world


def refused(site, text, reason, path="/auth/refresh"):
    status, answer = refresh(site, text, path)
    assert status == 401 and reason in last_reason(site), (status, answer, last_reason(site))
    return answer


def test_an_access_token_refreshes_nothing_and_a_refresh_token_admits_nobody():
    with world() as (site, _):
        session = opened(site)
        refused(site, session["access_token"], "jwt.typ")
        for path in ("/me", "/anybody", "/auth/sessions"):
            assert call(site, "GET", path, session["refresh_token"])[0] == 401
            assert "jwt.typ" in last_reason(site), last_reason(site)
        assert call(site, "GET", "/linked?auth=" + session["refresh_token"])[0] == 401


def test_only_access_tokens_types_admit():
    """RFC 9068, 2.1, and RFC 8725, 3.11."""
    with world() as (site, _):
        opened(site)
        now = int(time.time())
        claims = {"table_name": "users", "id": 1, "exp": now + 100}
        for typ, status in (("JWT", 200), ("jwt", 200), ("at+jwt", 200), ("application/at+jwt", 200),
                            ("refresh+jwt", 401), ("Refresh+JWT", 401), ("application/refresh+jwt", 401),
                            ("dpop+jwt", 401), ("", 401), (None, 401), (7, 401), ("JWT ", 401)):
            assert call(site, "GET", "/me", signed(claims, typ=typ))[0] == status, typ
        bare = "%s.%s" % (encoded(b'{"alg":"HS256"}'), encoded(json.dumps(claims).encode()))
        import hashlib
        import hmac
        assert call(site, "GET", "/me", bare + "." + encoded(
            hmac.new(SECRET.encode(), bare.encode(), hashlib.sha256).digest()))[0] == 200


def test_all_bad_refresh_tokens_get_the_same_answer():
    with world() as (site, database):
        session = opened(site)
        good = claims_of(session["refresh_token"])
        now = int(time.time())

        def changed(**claims):
            return signed({k: v for k, v in {**good, **claims}.items() if v is not None})
        head, body, mac = session["refresh_token"].split(".")
        cases = [
            ("x", "jwt.segments"), ("a.b.c", "jwt.base64"), (head + "." + body + ".", "jwt.signature"),
            (head + "." + body + "." + mac[::-1], "jwt."),
            (signed(good, secret="another-secret-of-more-than-32-bytes"), "jwt.signature"),
            (signed(good, alg="none"), "jwt.alg"), (signed(good, typ="JWT"), "jwt.typ"),
            (signed(good, typ="at+jwt"), "jwt.typ"), (signed(good, typ=None), "jwt.typ"),
            (changed(aud=None), "jwt.audience"), (changed(aud="gatewright:url"), "jwt.audience"),
            (changed(aud=["gatewright:refresh"]), "jwt.audience"), (changed(aud="gatewright:refresh "), "jwt.audience"),
            (changed(own=None), "jwt.table"), (changed(own=1), "jwt.table"),
            (changed(own={"entity": "staff", "key": 1}), "jwt.table"),
            (changed(own={"entity": "users"}), "jwt.key"), (changed(own={"entity": "users", "key": "1"}), "jwt.key"),
            (changed(own={"entity": "users", "key": True}), "jwt.key"),
            (changed(own={"entity": "users", "key": 1.5}), "jwt.key"),
            (changed(own={"entity": "users", "key": 77}), "jwt.row"),
            (changed(epoch=None), "jwt.epoch"), (changed(epoch=-1), "jwt.epoch"),
            (changed(epoch=good["epoch"] + 1), "jwt.revoked"),
            (changed(gen=None), "jwt.claims"), (changed(gen="1"), "jwt.claims"), (changed(gen=-1), "jwt.claims"),
            (changed(gen=1.5), "jwt.claims"), (changed(gen=2**64), "jwt.claims"),
            (changed(sid=None), "jwt.claims"), (changed(sid=5), "jwt.claims"), (changed(sid=""), "jwt.claims"),
            (changed(sid="x" * 22), "session.gone"), (changed(sid="x" * 23), "jwt.claims"),
            (changed(exp=now - 1), "jwt.expired"), (changed(exp=None), "jwt.no_expiry"),
            (changed(exp="9"), "jwt.claims"), (changed(nbf=now + 2 * 86400), "jwt.not_yet"),
        ]
        told = set()
        for text, reason in cases:
            answer = refused(site, text, reason)
            told.add(json.dumps({k: v for k, v in answer.items() if k not in ("instance", "request_id", "id")}))
        assert len(told) == 1, told
        assert database.run("SELECT generation, repeats, confirmed FROM gw_sessions") == [["1", "0", "0"]]
        assert refresh(site, session["refresh_token"])[0] == 200


def test_a_body_that_is_none_is_refused_before_the_token_is_looked_at():
    with world() as (site, _):
        for body, status in ((None, 415), ({}, 422), ({"refresh_token": None}, 422), ({"refresh_token": 7}, 422),
                             ({"refresh_token": ""}, 422), ({"refresh_token": "x" * 8193}, 422),
                             ({"refresh_token": "x", "more": 1}, 422), ([], 422)):
            got, answer = call(site, "POST", "/auth/refresh", body=body)
            assert got in (status, 400), (body, got, answer)
        said = open(site.log).read()
        assert "x" * 100 not in said


def test_sessions_of_one_account_are_not_anothers():
    with world() as (site, _):
        mine, other = opened(site), opened(site, "b@example.com")
        stolen = {**claims_of(other["refresh_token"]), "own": claims_of(mine["refresh_token"])["own"],
                  "epoch": claims_of(mine["refresh_token"])["epoch"]}
        refused(site, signed(stolen), "session.gone")
        assert call(site, "POST", "/auth/end", body={"refresh_token": signed(stolen)})[0] == 204  # ends nothing
        assert refresh(site, other["refresh_token"])[0] == 200


def test_a_token_of_one_entity_is_refused_on_anothers_route():
    with world() as (site, _):
        refused(site, opened(site)["refresh_token"], "jwt.table", "/desk/refresh")
        refused(site, opened(site, "ann", "/staff/")["refresh_token"], "jwt.table")


def test_an_issuer_that_is_configured_is_demanded_of_refresh_tokens_too():
    with world(GW_ISSUER="https://school.example", GW_AUDIENCE="school") as (site, _):
        session = opened(site)
        claims = claims_of(session["refresh_token"])
        assert claims["iss"] == "https://school.example" and claims["aud"] == "gatewright:refresh"
        assert refresh(site, session["refresh_token"])[0] == 200
        refused(site, signed({**claims, "iss": "https://other.example"}), "jwt.issuer")


def test_a_type_for_access_tokens_is_not_that_of_refresh_tokens():
    import subprocess
    from world import PROGRAM
    with world(GW_TOKEN_TYPE="at+jwt") as (site, _):
        session = opened(site)
        assert call(site, "GET", "/me", session["access_token"])[0] == 200
        assert call(site, "GET", "/me", session["refresh_token"])[0] == 401
        assert refresh(site, session["refresh_token"])[0] == 200
        for typ in ("refresh+jwt", "application/Refresh+JWT"):
            done = subprocess.run([PROGRAM, "--check"], env={**site.environment, "GW_TOKEN_TYPE": typ},
                                  capture_output=True, text=True)
            assert done.returncode == 78, done


def test_two_hosts_at_once_give_one_line_of_descent():
    with world() as (site, database):
        old = opened(site)["refresh_token"]
        database.pass_time(11, claims_of(old)["sid"])
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(refresh(site, old))) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert [status for status, _ in answers] == [200] * 4, answers
        assert len({json.dumps(claims_of(a["refresh_token"]), sort_keys=True) for _, a in answers}) == 1


def test_a_host_that_read_the_row_before_others_replaced_it_writes_nothing():
    """The row is locked between the read and the write of a refresh, and two generations older then."""
    if STORE == "sqlite":  # where nothing comes between the two
        return
    with world() as (site, database):
        old = opened(site)["refresh_token"]
        sid = claims_of(old)["sid"]
        database.pass_time(11, sid)
        database.run("START TRANSACTION; UPDATE gw_sessions SET generation = 3, replaced = replaced + 11 WHERE sid = '%s'" % sid)
        answers = []
        thread = threading.Thread(target=lambda: answers.append(refresh(site, old)))
        thread.start()
        time.sleep(0.5)  # it has read by now, and waits for the lock
        assert not answers
        database.run("COMMIT")
        thread.join()
        assert answers[0][0] == 401, answers
        assert database.run("SELECT generation FROM gw_sessions WHERE sid = '%s'" % sid) == []


def test_pyjwt_refuses_a_refresh_token():
    with world() as (site, _):
        session = opened(site)
        assert jwt.decode(session["access_token"], SECRET, algorithms=["HS256"])["table_name"] == "users"
        try:
            jwt.decode(session["refresh_token"], SECRET, algorithms=["HS256"])
            raise AssertionError("PyJWT took it")
        except jwt.InvalidAudienceError:
            pass


def test_as_flask_jwt_router_decodes_it_a_refresh_token_names_no_account():
    """By its documentation (docs/moving/flask-jwt-router.md): HS256, `table_name`, and the key's claim. Even without a
    look at `aud`, there is neither."""
    with world() as (site, _):
        session = opened(site)

        def decoded(text, **options):
            claims = jwt.decode(text, SECRET, algorithms="HS256", options=options)
            return claims["table_name"], claims["id"]
        assert decoded(session["access_token"]) == ("users", 1)
        for options, error in (({}, jwt.InvalidTokenError), ({"verify_aud": False}, KeyError)):
            try:
                decoded(session["refresh_token"], **options)
                raise AssertionError("it names an account")
            except error:
                pass


def test_a_token_of_flask_jwt_router_is_good_as_before():
    with world() as (site, _):
        opened(site)
        text = jwt.encode({"id": 1, "table_name": "users", "exp": int(time.time()) + 100, "iat": int(time.time())}, SECRET,
                          algorithm="HS256")
        assert call(site, "GET", "/me", text)[0] == 200


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
