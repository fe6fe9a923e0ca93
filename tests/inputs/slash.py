#!/usr/bin/python3
"""A slash behind the path of a route: another path, a redirect that curl follows with method and body, or the same."""
import os
import subprocess
import urllib.parse

import fcgi
from program import token
from web import GATEWRIGHT, PROGRAM, ROUTES, Program, Site, run_tests

EITHER, EXACT = os.environ["E2E_EITHER"], os.environ["E2E_EXACT"]
HOSTS = ["//evil.example/", "/%2Fevil.example/", "/%2F%2Fevil.example/", "/\\evil.example/", "/%5Cevil.example/", "/.//evil.example/", "/..//evil.example/",
         "///", "//", "/notes//", "/notes/%2F", "/notes%2F", "/notes/./", "/files//evil.example/", "https://evil.example//notes/"]


def location(head):
    found = [line.partition(":")[2].strip() for line in head.splitlines() if line.lower().startswith("location:")]
    return found[0] if found else None


def test_exact_is_another_path():
    with Program(EXACT) as site, site.running():
        assert fcgi.request(site.address, "/headers")[0] == 422 and fcgi.request(site.address, "/headers/")[0] == 404


def test_a_redirect_leads_to_the_path_without_it():
    for mount in "", "/app":
        with Program(PROGRAM, settings={"GW_MOUNT": mount} if mount else {}) as site, site.running():
            for method in "GET", "HEAD", "POST", "PUT", "DELETE":
                status, head, _ = fcgi.request(site.address, mount + "/notes/?a=1&b=%2F", method, body=b"x" if method == "POST" else None)
                assert (status, location(head)) == (308, mount + "/notes?a=1&b=%2F"), (method, status, head)
            for path, to in ("/any/%41%c3%a9/", "/any/A%C3%A9"), ("/notes/7/", "/notes/7"), ("/files/a/b/", "/files/a/b"), ("/notes/?", "/notes?"):
                status, head, _ = fcgi.request(site.address, mount + path)
                assert (status, location(head)) == (308, mount + to), (path, status, head)
            for path in "/other/", "/notes/x/", "/any/", "/files/", "/notes/%2e/":
                assert fcgi.request(site.address, mount + path)[0] in (400, 404), path
            assert fcgi.request(site.address, mount + "/")[0] == 200
            status, head, _ = fcgi.request(site.address, mount + "/notes/", "OPTIONS")
            assert status == 204 and "Allow: GET, HEAD, POST, OPTIONS" in head, head


def test_no_path_is_sent_to_another_host():
    for program in PROGRAM, EITHER:
        with Program(program) as site, site.running():
            for path in HOSTS:
                for query in "", "?//evil.example":
                    status, head, _ = fcgi.request(site.address, path + query)
                    to = location(head)
                    assert status in (400, 404, 200, 308), (path, status)
                    assert not to or urllib.parse.urljoin("http://here.example/", to).startswith("http://here.example/"), (path, to)
                    assert to is None or (to.startswith("/") and to[1:2] not in ("/", "\\")), (path, to)
            for query in "\x80", "a b", "a\\b", "\x01":
                status, head, _ = fcgi.request(site.address, "/notes/?" + query)
                assert status in (200, 404, 400) or location(head) is not None and "\\" not in location(head) and " " not in location(head), (query, status, head)


def test_either_is_the_same_path():
    with Program(EITHER) as site, site.running():
        for path in "/notes", "/notes/":
            status, _, body = fcgi.request(site.address, path)
            assert (status, body) == (200, b"/notes"), (path, body)
            assert fcgi.request(site.address, path, "POST", body=b'{"text": "a"}')[::2] == (201, b"a")
            status, head, _ = fcgi.request(site.address, path, "DELETE")
            assert status == 405 and "Allow: GET, HEAD, POST, OPTIONS" in head
        for path in "/notes/7", "/notes/7/":  # the gate is that of the route
            assert fcgi.request(site.address, path)[0] == 401
            assert fcgi.request(site.address, path, token=token("users", "id", 1))[0] in (401, 503)
        assert fcgi.request(site.address, "/files/a/b/")[2] == b"a/b"
        for path in "/notes//", "/other/", "/any/", "/files/", "/any/%2F":
            assert fcgi.request(site.address, path)[0] in (400, 404), path


def test_curl_follows_it_with_method_and_body():
    with Site("nginx") as site:
        site.start()
        url = "http://127.0.0.1:%d/notes/" % site.port
        done = subprocess.run(["curl", "-sL", "--max-redirs", "1", "-H", "Content-Type: application/json", "-d", '{"text": "as sent"}', "-w", " %{http_code} %{num_redirects} %{url_effective}", url],
                              check=True, capture_output=True, text=True)
        assert done.stdout == "as sent 201 1 " + url[:-1], done.stdout


def test_explain_says_so():
    either = os.path.dirname(ROUTES) + "/../either/routes.def"
    for routes, said in (ROUTES, "308 to the path without the slash at the end; there:"), (either, "The slash at the end is left out."):
        out = subprocess.run([GATEWRIGHT, "explain", "GET", "/notes/7/", routes], check=True, capture_output=True, text=True).stdout
        assert out.startswith(said) and "show_note" in out, out
        out = subprocess.run([GATEWRIGHT, "explain", "GET", "/other/", routes], capture_output=True, text=True).stdout
        assert said not in out, out


run_tests(globals())
