#!/usr/bin/python3
"""Files that a handler hands to the web server: ranges and conditions are the server's."""
import json
import os

from web import VIDEOS, Site, run_tests

FILE = open(os.path.join(VIDEOS, "welcome.webm"), "rb").read()
TARGET = "/api/v1/videos/welcome.webm"


def token_of(site):
    body = json.dumps({"name": "Ann", "email": "ann@example.com", "password": "correct horse"}).encode()
    answer = site.client().request("POST", "/api/v1/auth/user", [("Content-Type", "application/json")], body)
    return json.loads(answer.body)["token"]


def serves_ranges(server):
    with Site(server) as site:
        site.start()
        client, token = site.client(), token_of(site)
        answer = client.request("GET", TARGET, [("Range", "bytes=4-11")], token=token)
        assert answer.status == 206 and answer.body == FILE[4:12], (answer.status, answer.body[:40])
        assert answer.header("content-range") == "bytes 4-11/%d" % len(FILE)
        answer = client.request("GET", TARGET, [("Range", "bytes=-5")], token=token)
        assert answer.status == 206 and answer.body == FILE[-5:]
        answer = client.request("GET", TARGET, [("Range", "bytes=%d-" % (2 * len(FILE)))], token=token)
        assert answer.status == 416, answer.status
        # The gate comes first.
        assert client.request("GET", TARGET, [("Range", "bytes=0-3")]).status == 401
        client.close()


def test_nginx_serves_ranges():
    serves_ranges("nginx")


def test_lighttpd_serves_ranges():
    serves_ranges("lighttpd")


def test_without_a_server_that_can_the_file_comes_whole():
    for server in "apache", "caddy":
        with Site(server) as site:
            site.start()
            answer = site.client().request("GET", TARGET, [("Range", "bytes=4-11")], token=token_of(site))
            if answer.status == 206:  # made by the server itself, from the whole
                assert answer.body == FILE[4:12]
            else:
                assert answer.status == 200 and answer.body == FILE, (server, answer.status)


def test_a_file_never_leaves_its_folder():
    for server in "nginx", "lighttpd":
        with Site(server) as site:
            site.start()
            client, token = site.client(), token_of(site)
            for name in ("..", "%2e%2e", ".hidden", "%2Fetc%2Fpasswd", "none.webm"):
                answer = client.request("GET", "/api/v1/videos/" + name, token=token)
                assert answer.status in (400, 404), (server, name, answer.status)
            assert client.request("GET", "/gatewright-files/welcome.webm", token=token).status == 404
            client.close()


run_tests(globals())
