#!/usr/bin/python3
"""Static files behind a guard: what the program has not admitted is not served, and what it has is
served as it says. The program is that of tests/paths."""
import os
import subprocess

from separators import make_rows, token_of
from web import Site, run_tests

SERVERS = (("nginx", False), ("lighttpd", False), ("apache", True))


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "w").write(text)


def guarded(server, tcp, mount=""):
    site = Site(server, tcp=tcp, settings={"GW_MOUNT": mount} if mount else None)
    root = site.folder + "/static"
    base = root + mount
    put(site.folder + "/outside/secret", "secret")
    put(base + "/files/a", "a file")
    put(base + "/files/.hidden", "secret")
    put(base + "/files/.git/config", "secret")
    put(base + "/form/a", "secret")
    put(base + "/linked/a", "a linked file")
    put(base + "/open/a", "an open file")
    put(root + "/beside/a", "secret")
    os.symlink(site.folder + "/outside", base + "/files/out")
    os.symlink(site.folder + "/outside/secret", base + "/files/link")
    os.symlink("a", base + "/files/near")
    subprocess.run(["chmod", "-R", "a+rX", site.folder], check=True)
    site.conf = ["--guard", root] + (["--mount", mount] if mount else [])
    site.start_program()
    make_rows(site)
    site.start_server()
    return site


def each(check):
    for server, tcp in SERVERS:
        for mount in "", "/app":
            with guarded(server, tcp, mount) as site:
                client = site.client()
                check(site, client, mount, server)
                client.close()


def test_links_and_dot_files_are_not_served():
    def check(site, client, mount, server):
        token = token_of("teacher")
        assert client.request("GET", mount + "/files/a", token=token).body == b"a file"
        for name in ("out/secret", "link", "near", ".hidden", ".git/config", "%2ehidden", "%2Egit/config"):
            answer = client.request("GET", mount + "/files/" + name, token=token)
            assert answer.status in (403, 404) and b"secret" not in answer.body, (server, name, answer.status)
    each(check)


def test_what_lies_beside_the_mount_is_not_served():
    def check(site, client, mount, server):
        for target in ("/beside/a", "/beside/", "/beside", "/app/../beside/a", "/%62eside/a", "//beside/a"):
            answer = client.request("GET", target, token=token_of("teacher"))
            assert answer.status in (400, 401, 403, 404) and answer.body != b"secret", (server, mount, target)
    each(check)


def test_a_post_is_not_answered_with_a_file():
    def check(site, client, mount, server):
        for method in "POST", "PUT", "PATCH", "DELETE":
            answer = client.request(method, mount + "/form/a", body=b"")
            assert answer.status in (403, 405) and b"secret" not in answer.body, (server, method, answer.status)
    each(check)


def test_a_file_says_who_may_keep_it():
    def check(site, client, mount, server):
        token = token_of("user")
        for target, headers in (("/files/a", {"token": token}), ("/linked/a", {"token": token}),
                                ("/linked/a?auth=" + token, {})):
            for method in "GET", "HEAD":
                answer = client.request(method, mount + target, **headers)
                assert answer.status == 200, (server, target, answer.status)
                assert answer.header("cache-control") == "private, no-store", (server, target)
                assert answer.header("x-content-type-options") == "nosniff", (server, target)
                if "linked" in target:
                    assert answer.header("referrer-policy") == "no-referrer", (server, target)
        assert client.request("GET", mount + "/open/a").body == b"an open file"
        answer = client.request("GET", mount + "/files/a")
        assert answer.status == 401 and answer.header("www-authenticate").startswith("Bearer realm=")
        assert len([n for n, _ in answer.headers if n == "cache-control"]) <= 1, (server, answer.headers)
    each(check)


if __name__ == "__main__":
    run_tests(globals())
