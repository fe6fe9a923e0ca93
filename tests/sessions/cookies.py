"""Sessions in cookies: where browsers send them, what they are good for, and that programs without any go on as
before. Paths are checked in curl's jar, over TLS.

A jar as of RFC 6265 holds what is set here; curl's, which is not ours, decides about paths."""
import json
import re
import subprocess

import fcgi
import tls

from program import run_tests
from world import ORIGIN, call, claims_of, emptied, kept, last_reason, opened, refresh, world

ACCESS, REFRESH = "__Host-school", "__Secure-school-refresh"
OURS = {"HTTP_ORIGIN": ORIGIN}


def cookies_of(head):
    """{(name, path): (value, attributes)} that an answer sets; none twice."""
    found = {}
    for line in re.findall("(?im)^Set-Cookie: (.*?)\r?$", head):
        first, *rest = line.split("; ")
        name, value = first.split("=", 1)
        attributes = dict((part.split("=", 1) + [""])[:2] for part in rest)
        assert (name, attributes["Path"]) not in found, head
        found[name, attributes.pop("Path")] = value, attributes
    return found


def send(site, method, path, jar=None, meta=OURS, body=None, token=None):
    """(status, what is set, body). A jar is {name: value}."""
    more = dict(meta)
    if jar:
        more["HTTP_COOKIE"] = "; ".join("%s=%s" % pair for pair in jar.items())
    status, head, answer = fcgi.request(site.address, "/api" + path, method, token, meta=more.items(),
                                        body=None if body is None else json.dumps(body).encode(), timeout=30)
    return status, cookies_of(head), answer


def signed_in(site, path="/sign-in/a@example.com"):
    """The jar of a browser."""
    status, put, answer = send(site, "POST", path)
    assert status == 201, (status, answer)
    return {name: value for (name, _), (value, _) in put.items() if value}


ENDED = {(ACCESS, "/"), (REFRESH, "/api/auth"), (REFRESH, "/api/desk")}


def ends_all(put):
    return set(put) == ENDED and all(value == "" and more["Max-Age"] == "0" for value, more in put.values())


def test_signing_in_sets_both_cookies_with_their_attributes():
    with emptied() as (site, _):
        status, put, answer = send(site, "POST", "/sign-in/a@example.com")
        assert status == 201
        session = json.loads(answer)
        assert put[ACCESS, "/"] == (session["access_token"], {
            "Max-Age": "900", "SameSite": "Lax", "HttpOnly": "", "Secure": ""}), put
        assert put[REFRESH, "/api/auth"] == (session["refresh_token"], {
            "Max-Age": str(30 * 86400), "SameSite": "Strict", "HttpOnly": "", "Secure": ""}), put
        # Whoever was signed in as another entity's row is so no more.
        assert put[REFRESH, "/api/desk"][0] == "" and set(put) == ENDED, put
        status, _, answer = send(site, "GET", "/me", {ACCESS: session["access_token"]}, meta={})
        assert status == 200 and json.loads(answer)["email"] == "a@example.com"


def test_only_a_route_that_sets_sessions_sets_cookies():
    with emptied() as (site, _):
        status, put, answer = send(site, "POST", "/users/a@example.com")
        assert status == 201 and not put and json.loads(answer)["refresh_token"], put
        status, put, _ = send(site, "POST", "/sign-in/a@example.com", meta={"HTTP_ORIGIN": "https://evil.test"})
        assert status == 403 and not put
        status, put, _ = send(site, "POST", "/sign-in/a@example.com", meta={})
        assert status == 403 and not put
        assert send(site, "POST", "/sign-in/not/a@example.com")[:2] == (500, {})
        status, put, _ = send(site, "POST", "/sign-in/boss/b")  # whose sessions have none
        assert status == 201 and not put


def test_the_mount_stands_before_the_path():
    with world(GW_MOUNT="/school") as (site, _):
        status, head, _ = fcgi.request(site.address, "/school/api/sign-in/a@example.com", "POST", meta=OURS.items())
        assert status == 201 and (REFRESH, "/school/api/auth") in cookies_of(head), head


def test_a_refresh_by_cookie_sets_both_and_tells_no_token():
    with emptied() as (site, database):
        jar = signed_in(site)
        sid = claims_of(jar[REFRESH])["sid"]
        database.pass_time(11, sid)
        status, put, answer = send(site, "POST", "/auth/refresh", {REFRESH: jar[REFRESH]})
        assert status == 200 and json.loads(answer) == {"expires_in": 900, "refresh_expires_in": 30 * 86400}, answer
        access, new = put[ACCESS, "/"][0], put[REFRESH, "/api/auth"][0]
        assert claims_of(new)["gen"] == 2 and claims_of(access)["sid"] == sid
        assert call(site, "GET", "/me", access)[0] == 200
        # A form without a script: a media type, and nothing in it.
        status, put, _ = send(site, "POST", "/auth/refresh", {REFRESH: new}, meta={
            **OURS, "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": "0"})
        assert status == 200 and put[REFRESH, "/api/auth"][0]


def test_a_refresh_by_body_sets_no_cookie_and_tells_the_tokens():
    """Else a page of another site could sign its victim in to the attacker's account."""
    with emptied() as (site, _):
        mine, other = signed_in(site), opened(site, "b@example.com")
        for jar, meta in ((None, {}), (None, OURS), (mine, OURS), ({REFRESH: "junk"}, OURS)):
            status, put, answer = send(site, "POST", "/auth/refresh", jar, meta, {"refresh_token": other["refresh_token"]})
            assert status == 200 and not put, (jar, put)
            assert claims_of(json.loads(answer)["refresh_token"])["own"]["key"] == claims_of(
                other["refresh_token"])["own"]["key"]


def test_a_page_of_another_site_refreshes_and_ends_nothing():
    with emptied() as (site, database):
        jar = signed_in(site)
        before = database.run("SELECT * FROM gw_sessions")
        for meta in ({}, {"HTTP_ORIGIN": "https://evil.test"}, {"HTTP_ORIGIN": "null"},
                     {"HTTP_ORIGIN": "https://sub.school.test"}, {"HTTP_ORIGIN": ORIGIN + ":8443"},
                     {"HTTP_ORIGIN": "http://school.test"}, {"HTTP_SEC_FETCH_SITE": "same-site"},
                     {"HTTP_SEC_FETCH_SITE": "cross-site"},
                     {"HTTP_ORIGIN": "https://evil.test", "HTTP_SEC_FETCH_SITE": "same-origin"}):
            for path in ("/auth/refresh", "/auth/end"):
                for cookies in (jar, {REFRESH: jar[REFRESH]}):
                    assert send(site, "POST", path, cookies, meta)[:2] == (403, {}), (path, meta)
                    assert "csrf" in last_reason(site)
        assert database.run("SELECT * FROM gw_sessions") == before
        assert send(site, "POST", "/auth/refresh", {REFRESH: jar[REFRESH]},
                    {"HTTP_SEC_FETCH_SITE": "same-origin"})[0] == 200


def test_two_values_are_a_bad_token_and_all_cookies_end():
    with emptied() as (site, database):
        jar = signed_in(site)
        both = {"HTTP_COOKIE": "%s=%s; %s=%s" % (REFRESH, jar[REFRESH], REFRESH, jar[REFRESH]), **OURS}
        for path in ("/auth/refresh", "/auth/end"):
            status, put, _ = send(site, "POST", path, meta=both)
            assert status == 401 and ends_all(put) and "auth.cookies" in last_reason(site), (status, put)
        both = {"HTTP_COOKIE": "%s=%s; %s=x" % (ACCESS, jar[ACCESS], ACCESS)}
        status, put, _ = send(site, "GET", "/me", meta=both)
        assert status == 401 and ends_all(put), put
        status, put, answer = send(site, "GET", "/page", meta=both)
        assert status == 200 and answer == b"guest" and ends_all(put), put
        assert database.run("SELECT COUNT(*), MAX(generation) FROM gw_sessions") == [["1", "1"]]


def test_a_bad_refresh_cookie_is_401_and_all_cookies_end():
    with emptied() as (site, database):
        jar = signed_in(site)
        for value, reason in (("junk", "jwt.segments"), ("", "jwt.segments"), (jar[ACCESS], "jwt.typ"),
                              (signed_in(site, "/sign-in/staff/ann")[REFRESH], "jwt.table")):
            status, put, _ = send(site, "POST", "/auth/refresh", {REFRESH: value})
            assert status == 401 and ends_all(put) and reason in last_reason(site), (reason, last_reason(site))
        # Of the other names it is none, and as an access cookie nothing.
        for name in ("__Host-school-refresh", "__Secure-school", "__secure-school-refresh", "school-refresh"):
            assert send(site, "POST", "/auth/refresh", {name: jar[REFRESH]})[0] == 415, name
        assert send(site, "GET", "/me", {ACCESS: jar[REFRESH]}, meta={})[0] == 401
        database.run("DELETE FROM gw_sessions")
        status, put, _ = send(site, "POST", "/auth/refresh", jar)
        assert status == 401 and ends_all(put) and "session.gone" in last_reason(site)


def test_what_is_asked_for_again_ends_no_cookie():
    with emptied() as (site, database):
        jar = signed_in(site)
        database.run("UPDATE gw_sessions SET generation = 0")  # as a node that lags has it
        status, put, _ = send(site, "POST", "/auth/refresh", jar)
        assert status == 503 and not put, (status, put)


def test_beside_a_header_they_are_not_looked_at():
    with emptied() as (site, _):
        jar, other = signed_in(site), opened(site, "b@example.com")
        assert send(site, "POST", "/auth/refresh", jar, token=other["access_token"])[0] == 415
        status, put, _ = send(site, "POST", "/auth/refresh", jar, {}, {"refresh_token": other["refresh_token"]},
                              other["access_token"])
        assert status == 200 and not put


def test_ending_ends_both_cookies():
    with emptied() as (site, _):
        jar = signed_in(site)
        for _ in range(2):
            status, put, _ = send(site, "POST", "/auth/end", {REFRESH: jar[REFRESH]})
            assert status == 204 and ends_all(put), put
        assert refresh(site, jar[REFRESH])[0] == 401
        jar = signed_in(site)
        status, put, _ = send(site, "DELETE", "/auth/session", {ACCESS: jar[ACCESS]})
        assert status == 204 and ends_all(put), put
        jar = signed_in(site)
        status, put, _ = send(site, "POST", "/sign-out", {ACCESS: jar[ACCESS]})
        assert status == 204 and ends_all(put), put
        # Another one of hers, or by a header: this browser stays signed in.
        here, there, third = signed_in(site), signed_in(site), signed_in(site)
        path = "/auth/sessions/" + claims_of(there[ACCESS])["sid"]
        assert send(site, "DELETE", path, {ACCESS: here[ACCESS]})[:2] == (204, {})
        assert send(site, "DELETE", "/auth/session", token=third[ACCESS])[:2] == (204, {})
        path = "/auth/sessions/" + claims_of(here[ACCESS])["sid"]
        status, put, _ = send(site, "DELETE", path, {ACCESS: here[ACCESS]})
        assert status == 204 and ends_all(put)


def test_a_bad_access_cookie_leaves_the_refresh_cookie_alone():
    with emptied() as (site, _):
        jar = signed_in(site)
        status, put, answer = send(site, "GET", "/page", {ACCESS: "junk", REFRESH: jar[REFRESH]})
        assert status == 200 and answer == b"guest" and set(put) == {(ACCESS, "/")}, put


def test_no_handler_sees_them_or_sets_them():
    with emptied() as (site, _):
        jar = signed_in(site)
        _, _, answer = send(site, "GET", "/cookies", {**jar, "own": "mine"})
        assert answer == b"- - - mine", answer
        status, put, _ = send(site, "POST", "/cookies")
        assert status == 500 and not put


def test_a_program_without_cookies_goes_on_as_before():
    """No Origin, no Sec-Fetch-Site."""
    with emptied() as (site, database):
        session = opened(site)
        database.pass_time(11, claims_of(session["refresh_token"])["sid"])
        status, new = refresh(site, session["refresh_token"])
        assert status == 200 and set(new) == set(session), new
        assert call(site, "POST", "/auth/end", body={"refresh_token": new["refresh_token"]})[0] == 204


def test_the_start_is_refused_where_no_origin_is_named():
    with emptied() as (site, _):
        environment = {k: v for k, v in site.environment.items() if k != "GW_ORIGIN"}
        done = subprocess.run([site.program, "--check"], env=environment, capture_output=True, text=True)
        assert done.returncode == 78, done
        done = subprocess.run([site.program, "--check"], env={**site.environment, "GW_MOUNT": "/a;b"},
                              capture_output=True, text=True)
        assert done.returncode == 78, done


# ---- A jar of another program's ----

class Curl:
    """A browser's jar, as curl keeps one (public suffixes, prefixes, paths, Secure)."""

    def __init__(self, site):
        self.folder, self.port = site.folder, tls.serve(site, ["school.test"])
        self.jar = site.folder + "/jar"

    def send(self, *steps):
        """Of each (method, path): (status, the names of the cookies that were sent). Several have a jar in memory: where
        it reads a file again, curl 7.88 brings back what has ended."""
        words, jar = [], ["-b", ""] if len(steps) > 1 else ["-b", self.jar, "-c", self.jar]
        for method, path in steps:
            words += ["--next"] if words else []
            words += ["-sv", "-o", self.folder + "/answer", "-w", "%{http_code}\\n", "-X", method, "--cacert",
                      self.folder + "/ca.pem", "--connect-to", "school.test:443:127.0.0.1:%d" % self.port, *jar,
                      "-H", "Origin: " + ORIGIN, "-H", "Content-Length: 0", ORIGIN + path]
        done = subprocess.run(["curl", *words], capture_output=True, text=True, timeout=60)
        requests = re.split("(?m)^> (?=GET|POST)", done.stderr)[1:]
        sent = [{pair.split("=")[0] for line in re.findall("(?im)^> cookie: (.*?)\r?$", text)
                 for pair in line.split("; ")} for text in requests]
        answers = list(zip(map(int, done.stdout.split()), sent))
        assert len(answers) == len(steps), done
        return answers if len(steps) > 1 else answers[0]

    def kept(self):
        """{(name, path)}"""
        lines = [l.replace("#HttpOnly_", "").rstrip("\n").split("\t") for l in open(self.jar)]
        return {(l[5], l[2]) for l in lines if len(l) == 7}


def test_in_the_jar_of_curl_the_refresh_cookie_goes_only_where_it_is_taken():
    with world() as (site, database):
        curl = Curl(site)
        said = curl.send(("POST", "/api/sign-in/a@example.com"))
        assert said == (201, set()), said
        assert curl.kept() == {(ACCESS, "/"), (REFRESH, "/api/auth")}, curl.kept()
        for path in ("/api/me", "/api/page", "/api/authx", "/", "/api"):
            assert curl.send(("GET", path))[1] == {ACCESS}, path
        assert curl.send(("GET", "/api/auth/sessions")) == (200, {ACCESS, REFRESH})
        database.run("UPDATE gw_sessions SET replaced = replaced - 11")
        assert curl.send(("POST", "/api/auth/refresh")) == (200, {ACCESS, REFRESH})
        assert database.run("SELECT generation FROM gw_sessions") == [["2"]]
        assert curl.kept() == {(ACCESS, "/"), (REFRESH, "/api/auth")}
        # As another entity's row: the first one's refresh cookie goes.
        assert curl.send(("POST", "/api/sign-in/staff/ann"))[0] == 201
        assert curl.kept() == {(ACCESS, "/"), (REFRESH, "/api/desk")}, curl.kept()


def test_in_the_jar_of_curl_nothing_is_left_of_a_session_that_has_ended():
    with world() as (site, _):
        both, auth = {ACCESS, REFRESH}, [("POST", "/api/auth/refresh"), ("POST", "/api/auth/end")]
        said = Curl(site).send(("POST", "/api/sign-in/a@example.com"), *auth, ("GET", "/api/me"), auth[0])
        assert said == [(201, set()), (200, both), (204, both), (401, set()), (415, set())], said


with kept():
    run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
