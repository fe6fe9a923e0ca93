"""The school's teachers in a browser, as the program sees them: cookies, devices, a forgotten password, heads who switch
accounts off, limits. And its API as it was. Usage: teachers.py sqlite|mysql, with E2E_PROGRAM; GW_TRANSPORT by
TESTS_TRANSPORT."""
import base64
import contextlib
import email
import email.policy
import glob
import itertools
import json
import os
import re
import sqlite3
import sys

import fcgi
from web import ORIGIN, Site, run_tests, school_database

STORE = sys.argv[1]
ACCESS, REFRESH = "__Host-school", "__Secure-school-refresh"
OURS, PASSWORD = {"HTTP_ORIGIN": ORIGIN}, "correct horse"
count = itertools.count(1)


class School(Site):
    def __init__(self):
        super().__init__(transport=os.environ.get("TESTS_TRANSPORT", "native"))
        self.mails = self.folder + "/mail"
        os.mkdir(self.mails)
        self.environment["GW_MAIL"] = "file:" + self.mails
        self.database = None
        if STORE == "mysql":
            self.database = school_database(self)
            self.environment["GW_DATABASE_URL"] = self.database.url

    def sql(self, text):
        if self.database:
            assert self.database.run(text)
            return
        with contextlib.closing(sqlite3.connect(self.folder + "/school.db", timeout=10)) as db:
            db.executescript(text)

    def ask(self, method, path, body=None, token=None, jar=None, meta=OURS):
        """(status, answer, head); what the answer sets or ends in the jar is done."""
        more = dict(meta)
        if jar:
            more["HTTP_COOKIE"] = "; ".join("%s=%s" % pair for pair in jar.items())
        status, head, text = fcgi.request(self.address, "/api/v1" + path, method, token, meta=more.items(), timeout=30,
                                          body=None if body is None else json.dumps(body).encode())
        for name, value in re.findall(r"(?im)^Set-Cookie: ([^=]+)=([^;]*);", head):
            if jar is not None:
                jar.pop(name, None)
                jar.update({name: value} if value else {})
        return status, json.loads(text) if text[:1] in (b"{", b"[") else text, head

    def account(self, kind="teacher", name="Ann"):
        """(e-mail, token of the API) of a new one."""
        address = "%s.%d@example.com" % (kind, next(count))
        status, answer, _ = self.ask("POST", "/auth/" + kind, {"name": name, "email": address, "password": PASSWORD})
        assert status == 201 and set(answer) == {"message", "token"}, answer
        return address, answer["token"]

    def signed_in(self, address, password=PASSWORD):
        """A browser's jar."""
        jar = {}
        status, answer, _ = self.ask("POST", "/auth/teacher/sign-in", {"email": address, "password": password}, jar=jar)
        assert status == 200 and set(jar) == {ACCESS, REFRESH}, (status, answer, jar)
        return jar

    def head(self):
        """The jar of a head teacher, and the account's number."""
        address, _ = self.account(name="Head")
        self.sql("UPDATE teachers SET role = 'head' WHERE email = '%s'" % address)
        jar = self.signed_in(address)
        return jar, self.ask("GET", "/auth/teacher/account", jar=jar)[1]["teacher_id"]

    def ticket(self, address):
        """Out of the mail that comes for who has forgotten the password; None: there is none."""
        before = set(glob.glob(self.mails + "/*"))
        status, answer, _ = self.ask("POST", "/auth/teacher/forgotten", {"email": address})
        assert (status, answer) == (202, b""), (status, answer)
        new = set(glob.glob(self.mails + "/*")) - before
        if not new:
            return None
        (path,) = new
        with open(path, "rb") as file:
            mail = email.message_from_binary_file(file, policy=email.policy.default)
        assert mail["To"] == address
        return re.search("(?m)^%s/#reset=(\\S+)$" % re.escape(ORIGIN), mail.get_content())[1]

    def reset(self, ticket, password):
        return self.ask("POST", "/auth/teacher/reset", {"ticket": ticket, "password": password})[0]


def status_of(token, path="/me"):
    return site.ask("GET", path, token=token, meta={})[0]


# ---- The API as it was ----

def test_answers_of_the_api_have_the_members_that_they_had():
    for kind, key in ("user", "id"), ("teacher", "teacher_id"):
        address, token = site.account(kind)
        _, me, _ = site.ask("GET", "/me", token=token)
        assert set(me["data"]) == {key, "name", "email"} and me["table_name"] == kind + "s", me
        _, answer, _ = site.ask("POST", "/auth/%s/login" % kind, {"email": address, "password": PASSWORD}, meta={})
        assert set(answer) == {"data", "token"} and answer["data"] == me["data"], answer


def test_a_users_token_lives_as_it_did_and_a_teachers_for_minutes():
    for kind, seconds in ("user", 30 * 86400), ("teacher", 900):
        claims = claims_of(site.account(kind)[1])
        assert claims["exp"] - claims["iat"] == seconds and claims["table_name"] == kind + "s", claims


def claims_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==="))


# ---- Signed in by cookie ----

def test_signing_in_gives_cookies_and_shows_no_token():
    address, _ = site.account()
    jar = {}
    status, answer, _ = site.ask("POST", "/auth/teacher/sign-in", {"email": address, "password": PASSWORD}, jar=jar)
    assert status == 200 and set(answer) == {"data", "expires_in"} and answer["expires_in"] == 900, answer
    assert answer["data"] == {**answer["data"], "name": "Ann", "email": address, "role": "teacher", "disabled": False}
    assert not any(value in json.dumps(answer) for value in jar.values())
    assert site.ask("GET", "/me", jar=jar)[1]["data"]["email"] == address
    wrong = {"email": address, "password": "wrong"}
    assert site.ask("POST", "/auth/teacher/sign-in", wrong)[0] == 401


def test_pages_of_other_sites_sign_nobody_in_or_out():
    address, _ = site.account()
    jar = site.signed_in(address)
    for meta in {"HTTP_ORIGIN": "https://evil.test"}, {"HTTP_SEC_FETCH_SITE": "same-site"}, {"HTTP_ORIGIN": "null"}:
        for path, body in (("sign-in", {"email": address, "password": PASSWORD}), ("refresh", None), ("end", None),
                           ("everywhere", None)):
            assert site.ask("POST", "/auth/teacher/" + path, body, jar=dict(jar), meta=meta)[0] == 403, (path, meta)
    assert site.ask("GET", "/me", jar=jar)[0] == 200 and site.ask("POST", "/auth/teacher/refresh", jar=jar)[0] == 200


def test_without_the_access_cookie_the_refresh_cookie_brings_another():
    jar = site.signed_in(site.account()[0])
    del jar[ACCESS]  # as browsers do it after 15 minutes
    assert site.ask("GET", "/me", jar=jar)[0] == 401
    assert site.ask("POST", "/auth/teacher/refresh", jar=jar)[0] == 200
    assert site.ask("GET", "/me", jar=jar)[0] == 200


def test_one_device_is_ended_by_another_and_the_rest_stay():
    address, _ = site.account()
    here, there, third = (site.signed_in(address) for _ in range(3))
    listed = site.ask("GET", "/auth/teacher/sessions", jar=here)[1]["sessions"]
    assert len(listed) == 3 and [s["current"] for s in listed].count(True) == 1, listed
    other = next(s for s in site.ask("GET", "/auth/teacher/sessions", jar=there)[1]["sessions"] if s["current"])
    assert site.ask("DELETE", "/auth/teacher/sessions/" + other["id"], jar=here)[0] == 204
    assert [site.ask("POST", "/auth/teacher/refresh", jar=jar)[0] for jar in (there, here, third)] == [401, 200, 200]


def test_signing_out_everywhere_ends_each_token_and_session_at_once():
    address, token = site.account()
    here, there = site.signed_in(address), site.signed_in(address)
    assert site.ask("POST", "/auth/teacher/everywhere", jar=here)[0] == 204 and not here
    assert site.ask("GET", "/me", jar=there)[0] == 401 and status_of(token) == 401
    assert site.ask("POST", "/auth/teacher/refresh", jar=there)[0] == 401
    assert site.ask("GET", "/me", jar=site.signed_in(address))[0] == 200


# ---- A forgotten password ----

def test_a_forgotten_password_is_replaced_by_the_link_once_and_all_devices_are_out():
    address, token = site.account()
    jar = site.signed_in(address)
    ticket = site.ticket(address)
    assert site.reset(ticket, "short") == 422 and site.reset("x" + ticket, "battery staple") == 401
    assert site.reset(ticket, "battery staple") == 204
    assert site.reset(ticket, "something else") == 401
    assert status_of(token) == 401 and site.ask("POST", "/auth/teacher/refresh", jar=jar)[0] == 401
    old = {"email": address, "password": PASSWORD}
    assert site.ask("POST", "/auth/teacher/sign-in", old)[0] == 401
    site.signed_in(address, "battery staple")


def test_an_older_link_is_worth_nothing_after_a_new_password():
    address, _ = site.account()
    first, second = site.ticket(address), site.ticket(address)
    assert site.reset(second, "battery staple") == 204 and site.reset(first, "an older link") == 401
    site.signed_in(address, "battery staple")


def test_who_has_no_account_or_a_switched_off_one_gets_the_same_answer_and_no_mail():
    address, _ = site.account()
    site.sql("UPDATE teachers SET disabled = 1 WHERE email = '%s'" % address)
    assert site.ticket(address) is None and site.ticket("nobody@example.com") is None
    assert site.ticket(site.account("user")[0]) is None


# ---- Heads ----

def test_only_a_head_sees_the_accounts_and_only_the_database_makes_one():
    address, token = site.account()
    for path in "/accounts/users", "/accounts/teachers":
        assert [status_of(token, path), status_of(site.account("user")[1], path), status_of(None, path)] == [403, 403, 401]
        assert site.ask("GET", path, jar=site.signed_in(address))[0] == 403
    jar, number = site.head()
    _, listed, _ = site.ask("GET", "/accounts/teachers?limit=100", jar=jar)
    assert [t["role"] for t in listed["data"] if t["teacher_id"] == number] == ["head"], listed
    assert "password" not in json.dumps(listed) and "epoch" not in json.dumps(listed)


def test_an_account_that_a_head_switches_off_is_out_until_it_is_on_again():
    jar, _ = site.head()
    for kind, key in ("user", "id"), ("teacher", "teacher_id"):
        address, token = site.account(kind)
        path = "/accounts/%ss/%d" % (kind, site.ask("GET", "/me", token=token)[1]["data"][key])
        status, answer, _ = site.ask("PUT", path, {"disabled": True}, jar=jar)
        assert status == 200 and answer["disabled"] is True and answer["email"] == address, answer
        assert status_of(token) == 401 and "jwt.blocked" in open(site.log).read()
        entry = {"email": address, "password": PASSWORD}
        assert site.ask("POST", "/auth/%s/login" % kind, entry)[0] == 401
        assert site.ask("PUT", path, {"disabled": False}, jar=jar)[1]["disabled"] is False
        assert status_of(token) == 200 and site.ask("POST", "/auth/%s/login" % kind, entry)[0] == 200


def test_a_switched_off_teachers_browser_renews_nothing():
    jar, _ = site.head()
    address, _ = site.account()
    browser = site.signed_in(address)
    number = site.ask("GET", "/auth/teacher/account", jar=browser)[1]["teacher_id"]
    assert site.ask("PUT", "/accounts/teachers/%d" % number, {"disabled": True}, jar=jar)[0] == 200
    assert site.ask("GET", "/me", jar=dict(browser))[0] == 401
    assert site.ask("POST", "/auth/teacher/refresh", jar=dict(browser))[0] == 401
    assert site.ask("POST", "/auth/teacher/sign-in", {"email": address, "password": PASSWORD})[0] == 401


def test_a_head_cannot_switch_off_the_own_account_and_finds_none_that_is_not_there():
    jar, number = site.head()
    status, answer, _ = site.ask("PUT", "/accounts/teachers/%d" % number, {"disabled": True}, jar=jar)
    assert status == 409 and answer["errors"][0]["pointer"] == "/disabled", answer
    assert site.ask("GET", "/me", jar=jar)[0] == 200
    for kind in "users", "teachers":
        assert site.ask("PUT", "/accounts/%s/999999" % kind, {"disabled": True}, jar=jar)[0] == 404
    assert site.ask("PUT", "/accounts/teachers/%d" % number, {"disabled": True}, jar=jar,
                    meta={"HTTP_ORIGIN": "https://evil.test"})[0] == 403


# ---- Limits ----

def test_passwords_are_guessed_20_times_a_minute_and_others_sign_in_meanwhile():
    address, _ = site.account()
    wrong = {"email": address, "password": "wrong"}
    found = [site.ask("POST", "/auth/teacher/sign-in", wrong)[0] for _ in range(21)]
    if 429 not in found:  # a minute has ended among them
        found = [site.ask("POST", "/auth/teacher/sign-in", wrong)[0] for _ in range(21)]
    assert found.count(429) >= 1 and set(found) == {401, 429}, found
    status, _, head = site.ask("POST", "/auth/teacher/sign-in", wrong)
    assert status == 429 and re.search(r"Retry-After: \d+", head), head
    site.signed_in(site.account()[0])


def test_mails_are_sent_5_times_an_hour():
    address, _ = site.account()
    found = [site.ask("POST", "/auth/teacher/forgotten", {"email": address})[0] for _ in range(11)]
    assert 5 <= found.count(202) <= 10 and found[-1] == 429, found  # ten where an hour ends among them


# ---- Videos ----

def test_a_link_to_a_video_is_good_for_that_video_alone():
    _, token = site.account("user")
    status, answer, _ = site.ask("GET", "/videos/welcome.webm/link", token=token)
    path, _, query = answer["url"].partition("?")
    assert status == 200 and path == "/api/v1/videos/welcome.webm", answer
    assert site.ask("GET", answer["url"][len("/api/v1"):], meta={})[0] == 200
    for other in "/videos/other.webm?", "/me?", "/lessons?":
        assert site.ask("GET", other + query, meta={})[0] == 401, other
    assert site.ask("GET", "/me", token=query[len("auth="):], meta={})[0] == 401


def test_it_ends_without_a_complaint_of_a_sanitizer():
    assert site.stop(20) == 0 and not site.complaints(), site.said()


if __name__ == "__main__":
    with School() as site:
        site.start_program()
        run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
        if site.database:
            site.database.stop()
