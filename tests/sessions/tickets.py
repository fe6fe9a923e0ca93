"""Tickets: spent once, with the handler's answer; void when what they vouch for changes; taken for nothing else, here,
by PyJWT and as flask-jwt-router decodes a token."""
import contextlib
import json
import os
import subprocess
import threading
import time

import fcgi
import jwt

from program import SECRET, Program, run_tests
from world import (ORIGIN, PROGRAM, TRANSPORT, Database, call, claims_of, emptied, kept, last_reason, opened, refresh,
                   schema_diff, signed, world)

WHO = "/reset/a@example.com"
TURNS = 4


def ticket(site, path=WHO):
    status, answer = call(site, "POST", path)
    assert status == 201, (status, answer)
    return answer["ticket"]


def spend(site, text, password="new", path="/reset"):
    return call(site, "POST", path, body={"ticket": text, "password": password})


def by_header(site, method, path, text, body=None, scheme="Ticket "):
    return call(site, method, path, body=body, meta=[("HTTP_AUTHORIZATION", scheme + text)])


def refused(site, answer, reason, status=401):
    assert answer[0] == status and last_reason(site).endswith(reason), (answer, last_reason(site))


def passwords(database):
    return [row[0] for row in database.run("SELECT COALESCE(password, '-') FROM users ORDER BY id")]


def spent(database):
    return int(database.run("SELECT COUNT(*) FROM gw_tickets")[0][0])


def test_a_ticket_gives_its_owners_row_and_is_good_once():
    with emptied() as (site, database):
        opened(site, "b@example.com")
        text = ticket(site)
        claims = claims_of(text)
        assert claims["aud"] == "gatewright:ticket" and claims["ticket"] == "reset", claims
        assert claims["own"] == {"entity": "users", "key": 2} and claims["exp"] - claims["iat"] == 1800
        assert not {"table_name", "id", "uid", "sub", "sid"} & set(claims)
        status, head, body = fcgi.request(site.address, "/api/reset", "POST", body=json.dumps(
            {"ticket": text, "password": "new"}).encode())
        assert (status, body) == (200, b"a@example.com"), (status, body)
        assert passwords(database) == ["-", "new"] and spent(database) == 1
        refused(site, spend(site, text, "again"), "ticket.spent")
        assert passwords(database) == ["-", "new"]
        expires, = database.run("SELECT expires FROM gw_tickets")[0]
        assert int(expires) >= claims["exp"] + 86400  # longer than clocks differ


def test_it_comes_in_a_json_body_a_form_or_the_header_and_never_in_the_query():
    with emptied() as (site, database):
        assert by_header(site, "POST", "/reset", ticket(site), {"password": "one"})[0] == 200
        assert by_header(site, "POST", "/reset", ticket(site), {"password": "two"}, "ticket   ")[0] == 200
        form = ("ticket=%s&password=three" % ticket(site)).encode()
        status, _, _ = fcgi.request(site.address, "/api/reset", "PUT", body=form, meta=[
            ("CONTENT_TYPE", "application/x-www-form-urlencoded")])
        assert status == 200 and passwords(database) == ["three"]
        assert by_header(site, "PUT", "/confirm", ticket(site, "/confirm/a@example.com"))[0] == 204
        text = ticket(site)
        for path in ("/reset?ticket=" + text, "/reset?auth=" + text):
            refused(site, call(site, "POST", path, body={"password": "x"}), "auth.none")
        refused(site, by_header(site, "POST", "/reset", text, {"ticket": text, "password": "x"}), "auth.both", 400)
        for scheme in ("Bearer ", "Ticket", "Tickets ", ""):
            refused(site, by_header(site, "POST", "/reset", text, {"password": "x"}, scheme), "auth.none")
        assert spend(site, text, "four")[0] == 200
        assert text not in open(site.log).read().replace("?ticket=" + text, "").replace("?auth=" + text, "")


def test_an_answer_that_refuses_leaves_it_good_and_nothing_written():
    with emptied() as (site, database):
        text = ticket(site)
        for password, status in (("x", 409), ("redirect", 303)):
            assert spend(site, text, password, "/reset/fail")[0] == status
            assert passwords(database) == ["-"] and spent(database) == 0
        assert call(site, "POST", "/reset", body={"ticket": text, "password": ""})[0] == 422
        assert spend(site, text)[0] == 200 and passwords(database) == ["new"]


def test_the_transaction_is_the_answers_and_no_token_is_made_in_it():
    with emptied() as (site, database):
        status, head, body = fcgi.request(site.address, "/api/reset/meddle", "POST", body=json.dumps(
            {"ticket": ticket(site), "password": "new"}).encode())
        assert (status, body) == (200, b"a@example.com"), (status, body)
        assert passwords(database) == ["new"] and spent(database) == 1


@contextlib.contextmanager
def two_programs():
    """On one database."""
    with contextlib.ExitStack() as stack:
        sites = [stack.enter_context(Program(PROGRAM, settings={"GW_WORKERS": "4", "GW_ORIGIN": ORIGIN, **TRANSPORT}))
                 for _ in range(2)]
        database = Database(sites[0])
        stack.callback(database.end)
        for site in sites:
            site.environment["GW_DATABASE_URL"] = database.url
            stack.enter_context(site.running())
        yield sites, database


def at_once(calls):
    answers, start = [None] * len(calls), threading.Barrier(len(calls))

    def one(i):
        start.wait()
        answers[i] = calls[i]()[0]
    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(calls))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return answers


def test_of_those_who_use_it_at_once_exactly_one_wins():
    with two_programs() as (sites, database):
        for turn in range(TURNS):
            text = ticket(sites[0])
            answers = at_once([lambda i=i: spend(sites[i % 2], text, "%d-%d" % (turn, i)) for i in range(6)])
            assert answers.count(200) == 1 and set(answers) <= {200, 401, 503}, answers
            assert passwords(database) == ["%d-%d" % (turn, answers.index(200))] and spent(database) == turn + 1


def test_of_two_tickets_for_one_password_that_are_used_at_once_exactly_one_wins():
    with two_programs() as (sites, database):
        for turn in range(TURNS):
            texts = [ticket(sites[0]) for _ in range(4)]
            answers = at_once([lambda i=i: spend(sites[i % 2], texts[i], "%d-%d" % (turn, i)) for i in range(4)])
            assert answers.count(200) == 1 and set(answers) <= {200, 401, 503}, answers
            assert passwords(database) == ["%d-%d" % (turn, answers.index(200))] and spent(database) == turn + 1
            for text in texts:
                assert spend(sites[0], text)[0] == 401


def test_it_is_void_while_a_column_that_it_vouches_for_has_another_value():
    """Changed back, it is as good as before: what is sealed is the value. A hash with a salt never comes back."""
    with emptied() as (site, database):
        text, confirm = ticket(site), ticket(site, "/confirm/a@example.com")
        for value in ("'other'", "''", "NULL"):
            database.run("UPDATE users SET password = %s" % value)
            if value != "NULL":
                refused(site, spend(site, text), "ticket.void")
        assert spend(site, text)[0] == 200
        database.run("UPDATE users SET password = NULL")
        refused(site, spend(site, text), "ticket.spent")  # but not again
        rows = database.run("SELECT epoch FROM users")  # which the first has moved on: both are of the one before
        refused(site, call(site, "POST", "/confirm", body={"ticket": confirm}), "jwt.revoked")
        confirm = ticket(site, "/confirm/a@example.com")
        database.run("UPDATE users SET email = 'B@example.com'")
        refused(site, call(site, "POST", "/confirm", body={"ticket": confirm}), "ticket.void")
        database.run("UPDATE users SET email = 'a@example.com', confirmed = 1")
        refused(site, call(site, "POST", "/confirm", body={"ticket": confirm}), "ticket.void")
        database.run("UPDATE users SET confirmed = 0, password = 'which it does not vouch for'")
        assert call(site, "POST", "/confirm", body={"ticket": confirm})[0] == 204, rows
        assert database.run("SELECT confirmed FROM users") == [["1"]]


def test_for_something_else_it_is_none():
    with emptied() as (site, database):
        session, confirm = opened(site), ticket(site, "/confirm/a@example.com")
        text = ticket(site)
        refused(site, spend(site, confirm), "ticket.other")
        refused(site, call(site, "POST", "/confirm", body={"ticket": text}), "ticket.other")
        refused(site, call(site, "POST", "/join", body={"ticket": text}), "ticket.other")
        for path in ("/me", "/anybody", "/auth/sessions"):
            assert call(site, "GET", path, text)[0] == 401 and last_reason(site).endswith("jwt.typ")
        assert call(site, "GET", "/linked?auth=" + text)[0] == 401
        refused(site, refresh(site, text), "jwt.typ")
        refused(site, spend(site, session["access_token"]), "jwt.typ")
        refused(site, spend(site, session["refresh_token"]), "jwt.typ")
        refused(site, by_header(site, "POST", "/reset", session["access_token"], {"password": "x"}), "jwt.typ")
        assert spent(database) == 0 and spend(site, text)[0] == 200


def test_a_new_password_ends_all_sessions_and_tokens_of_the_account_and_of_no_other():
    with emptied() as (site, database):
        mine, also, other = opened(site), opened(site), opened(site, "b@example.com")
        second = ticket(site)
        assert spend(site, ticket(site), "refused", "/reset/fail")[0] != 200
        assert call(site, "GET", "/me", mine["access_token"])[0] == 200
        assert call(site, "POST", "/confirm", body={"ticket": ticket(site, "/confirm/a@example.com")})[0] == 204
        assert refresh(site, mine["refresh_token"])[0] == 200  # an address vouches for no session
        assert spend(site, ticket(site))[0] == 200
        assert [refresh(site, s["refresh_token"])[0] for s in (mine, also, other)] == [401, 401, 200]
        assert [call(site, "GET", "/me", s["access_token"])[0] for s in (mine, also, other)] == [401, 401, 200]
        assert len(database.run("SELECT sid FROM gw_sessions")) == 1
        refused(site, spend(site, second), "ticket.void")
        assert call(site, "GET", "/me", opened(site)["access_token"])[0] == 200


def test_an_account_that_is_switched_off_gone_or_revoked_has_none():
    with emptied() as (site, database):
        text, third = ticket(site), ticket(site)
        database.run("UPDATE users SET disabled = 1")
        refused(site, spend(site, text), "jwt.blocked")
        assert call(site, "POST", WHO)[0] == 401
        database.run("UPDATE users SET disabled = 0")
        assert spent(database) == 0
        access = opened(site)["access_token"]
        assert call(site, "POST", "/revoke", access)[0] == 204
        refused(site, spend(site, text), "jwt.revoked")
        database.run("DELETE FROM users")
        refused(site, spend(site, third), "jwt.row")
        assert spent(database) == 0


def test_all_bad_tickets_get_the_same_answer():
    with emptied() as (site, database):
        text = ticket(site)
        good, now = claims_of(text), int(time.time())

        def changed(**claims):
            return signed({k: v for k, v in {**good, **claims}.items() if v is not None}, typ="ticket+jwt")
        head, body, mac = text.split(".")
        other = good["seal"][:-2] + ("AA" if good["seal"][-2:] != "AA" else "BA")
        cases = [
            ("x", "jwt.segments"), (head + "." + body + ".", "jwt.signature"),
            (signed(good, typ="ticket+jwt", secret="another-secret-of-more-than-32-bytes"), "jwt.signature"),
            (signed(good, typ="ticket+jwt", alg="none"), "jwt.alg"), (signed(good, typ="JWT"), "jwt.typ"),
            (signed(good), "jwt.typ"), (signed(good, typ=None), "jwt.typ"),
            (changed(aud=None), "jwt.audience"), (changed(aud="gatewright:refresh"), "jwt.audience"),
            (changed(aud=["gatewright:ticket"]), "jwt.audience"),
            (changed(ticket=None), "ticket.other"), (changed(ticket="confirm"), "ticket.other"),
            (changed(ticket="Reset"), "ticket.other"), (changed(ticket=1), "ticket.other"),
            (changed(jti=None), "jwt.claims"), (changed(jti="x"), "jwt.claims"), (changed(jti=1), "jwt.claims"),
            (changed(jti="x" * 22), "ticket.void"),  # sealed, too
            (changed(seal=None), "jwt.claims"), (changed(seal=""), "jwt.claims"), (changed(seal=other), "ticket.void"),
            (changed(own=None), "jwt.table"), (changed(own={"entity": "guests", "key": 1}), "jwt.table"),
            (changed(own={"entity": "users", "key": "1"}), "jwt.key"),
            (changed(own={"entity": "users", "key": 77}), "jwt.row"),
            (changed(epoch=None), "jwt.epoch"), (changed(epoch=good["epoch"] + 1), "jwt.revoked"),
            (changed(exp=now - 1), "jwt.expired"), (changed(exp=None), "jwt.no_expiry"),
            (changed(nbf=now + 1000), "jwt.not_yet"), (changed(iat=now + 1000), "jwt.issued_ahead"),
        ]
        told = set()
        for case, reason in cases:
            answer = spend(site, case)
            refused(site, answer, reason)
            told.add(json.dumps({k: v for k, v in answer[1].items() if k not in ("instance", "request_id", "id")}))
        assert len(told) == 1, told
        assert spent(database) == 0 and passwords(database) == ["-"]
        _, head, _ = fcgi.request(site.address, "/api/reset", "POST", body=b'{"ticket": "x", "password": "y"}')
        assert 'WWW-Authenticate: Ticket error="invalid_token"' in head, head
        assert spend(site, text)[0] == 200


def test_the_seal_is_of_a_key_of_its_own_and_an_old_one_is_taken():
    keys = ["first-seal-key-of-more-than-32-bytes", "second-seal-key-of-more-than-32-bytes"]
    with emptied() as (site, database):
        text, texts = ticket(site), []
        for settings, status in (({"GW_SEAL_KEY": SECRET}, 200), ({"GW_SEAL_KEY": keys[0]}, None),
                                 ({"GW_SEAL_KEY": keys[1]}, 401),
                                 ({"GW_SEAL_KEY": keys[1], "GW_SEAL_KEY_OLD": keys[0]}, 200)):
            site.stop(10)
            site.environment.pop("GW_SEAL_KEY_OLD", None)
            site.environment.update(settings)
            site.start_program()
            if status is None:
                texts = [ticket(site), ticket(site)]
            else:
                assert spend(site, texts.pop() if texts else text, "p%d" % status)[0] == status, settings
                database.run("UPDATE users SET password = NULL, epoch = %d" %
                             claims_of(texts[-1] if texts else text)["epoch"])
        for bad in ({"GW_SEAL_KEY": "short"}, {"GW_SEAL_KEY_OLD": "short"}):
            done = subprocess.run([PROGRAM, "--check"], env={**site.environment, **bad}, capture_output=True, text=True)
            assert done.returncode == 78, done
        folder = site.folder + "/keys"
        os.mkdir(folder)
        environment = {k: v for k, v in site.environment.items() if k not in ("GW_SECRET_KEY", "GW_SEAL_KEY",
                                                                             "GW_SEAL_KEY_OLD")}
        environment["GW_KEYS_DIR"] = folder
        subprocess.run([PROGRAM, "keys", "new", "ES256"], env=environment, check=True, capture_output=True)
        done = subprocess.run([PROGRAM, "--check"], env=environment, capture_output=True, text=True)
        assert done.returncode == 78 and "GW_SEAL_KEY" in open(site.log).read() + done.stderr, done
        done = subprocess.run([PROGRAM, "--check"], env={**environment, "GW_SEAL_KEY": keys[0]}, capture_output=True,
                              text=True)
        assert done.returncode == 0, done


def test_who_only_asks_whether_a_request_is_admitted_is_told_no():
    with emptied() as (site, database):
        status, _, _ = fcgi.request(site.address, "/api/confirm", "PUT", role=fcgi.AUTHORIZER, meta=[
            ("HTTP_AUTHORIZATION", "Ticket " + ticket(site, "/confirm/a@example.com"))])
        assert status == 403 and spent(database) == 0


def test_the_table_is_the_runtimes_and_is_swept():
    with world() as (site, database):
        assert not schema_diff(site, 0)
        assert ["gw_tickets", "1"] in database.run("SELECT name, version FROM gw_schema")
        now = int(time.time())
        database.run("INSERT INTO gw_tickets VALUES ('old', %d), ('young', %d)" % (now - 1000, now + 1000))
        site.stop(10)
        site.start_program()
        end = time.monotonic() + 30
        while spent(database) != 1:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert database.run("SELECT jti FROM gw_tickets") == [["young"]]


def test_pyjwt_refuses_a_ticket():
    with emptied() as (site, _):
        try:
            jwt.decode(ticket(site), SECRET, algorithms=["HS256"])
            raise AssertionError("PyJWT took it")
        except jwt.InvalidAudienceError:
            pass


def test_as_flask_jwt_router_decodes_it_a_ticket_names_no_account():
    """By its documentation (docs/moving/flask-jwt-router.md): HS256, `table_name`, and the key's claim."""
    with emptied() as (site, _):
        text = ticket(site)

        def decoded(**options):
            claims = jwt.decode(text, SECRET, algorithms="HS256", options=options)
            return claims["table_name"], claims["id"]
        for options, error in (({}, jwt.InvalidTokenError), ({"verify_aud": False}, KeyError)):
            try:
                decoded(**options)
                raise AssertionError("it names an account")
            except error:
                pass


with kept():
    run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
