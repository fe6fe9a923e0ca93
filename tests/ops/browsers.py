#!/usr/bin/python3
"""Sessions and cookies through each web server, transport and kind of socket, and as CGI: what is set arrives, several
fields of one name stay several, and forged requests stay out. The program is that of tests/sessions."""
import json
import sys

from matrix import sites
from web import Site

ORIGIN = "https://school.test"
PAGE = [("Origin", ORIGIN)]
ACCESS, REFRESH = "__Host-school", "__Secure-school-refresh"


def cookies_of(answer):
    """{(name, path): value} of all fields."""
    found = {}
    for name, value in answer.headers:
        if name.lower() == "set-cookie":
            first, *rest = value.split("; ")
            path = next(part[5:] for part in rest if part.startswith("Path="))
            cookie, _, text = first.partition("=")
            assert "Secure" in rest and "HttpOnly" in rest and "," not in first, value
            found[cookie, path] = text
    return found


def check(client):
    def ask(method, path, headers=(), **keywords):
        return client.request(method, "/api" + path, headers, **keywords)

    answer = ask("POST", "/sign-in/a@example.com", PAGE)
    put = cookies_of(answer)
    session = json.loads(answer.body)
    assert answer.status == 201, answer.status
    assert put == {(ACCESS, "/"): session["access_token"], (REFRESH, "/api/auth"): session["refresh_token"],
                   (REFRESH, "/api/desk"): ""}, put
    jar = ("Cookie", "theme=dark; %s=%s; %s=%s" % (ACCESS, session["access_token"], REFRESH, session["refresh_token"]))

    answer = ask("GET", "/me", [jar])
    assert answer.status == 200 and json.loads(answer.body)["email"] == "a@example.com", answer.body
    assert "cookie" in answer.header("vary").lower() and "no-store" in answer.header("cache-control")
    assert ask("GET", "/page", [("Cookie", ACCESS + "=junk")]).body == b"guest"
    assert ask("GET", "/me", [("Cookie", ACCESS + "=junk")]).status == 401
    # Neither cookie is for handlers; others are.
    seen = ask("GET", "/cookies", [(jar[0], jar[1] + "; own=1")]).body.decode()
    assert session["access_token"] not in seen and session["refresh_token"] not in seen and seen.endswith(" 1"), seen

    # Forged, and from nowhere: refused, by cookie and where one is set.
    for headers in [("Origin", "https://evil.test")], [("Origin", "null")], [], [("Sec-Fetch-Site", "same-site")], \
            [("Origin", "https://evil.test"), ("Sec-Fetch-Site", "same-origin")]:
        assert ask("POST", "/renew", [jar, *headers]).status == 403, headers
        answer = ask("POST", "/sign-in/a@example.com", headers)
        assert answer.status == 403 and not cookies_of(answer), headers
        assert ask("POST", "/auth/refresh", [jar, *headers]).status == 403, headers

    # The pair is renewed: at once it is the same generation.
    answer = ask("POST", "/auth/refresh", [jar, *PAGE])
    assert answer.status == 200, answer.status
    put = cookies_of(answer)
    assert put[REFRESH, "/api/auth"] and put[ACCESS, "/"], put
    # By the body it goes on as before, without cookies.
    body = json.dumps({"refresh_token": session["refresh_token"]}).encode()
    answer = ask("POST", "/auth/refresh", [("Content-Type", "application/json")], body=body)
    assert answer.status == 200 and not cookies_of(answer) and "refresh_token" in json.loads(answer.body)
    listed = json.loads(ask("GET", "/auth/sessions", [jar]).body)["sessions"]
    assert [one["current"] for one in listed] == [True] and listed[0]["address"] == "127.0.0.1", listed

    # The end: the cookies are ended, and the refresh token is good no more.
    answer = ask("POST", "/auth/end", [jar, *PAGE])
    assert answer.status == 204 and cookies_of(answer).get((REFRESH, "/api/auth")) == "", answer.headers
    assert ask("POST", "/auth/refresh", [("Content-Type", "application/json")], body=body).status == 401


def main():
    only = sys.argv[1:]  # servers
    n = 0
    for server, transport, tcp in sites():
        if only and server not in only:
            continue
        where = "%s, %s, %s" % (server, transport, "TCP" if tcp else "unix")
        with Site(server, transport, tcp, settings={"GW_ORIGIN": ORIGIN}) as site:
            site.start()
            client = site.client()
            try:
                check(client)
            except (AssertionError, KeyError, ValueError) as why:
                raise AssertionError("%s: %r" % (where, why)) from why
            client.close()
        print(where, flush=True)
        n += 1
    assert n == (18 if not only else n) and n


main()
