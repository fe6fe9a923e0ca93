#!/usr/bin/python3
"""Header fields as proxies and browsers send them: repeated, large, through HAProxy, by HTTP/2. Each
web server as `gatewright conf` writes it; the right answers are RFC 9110's and those of a direct
request."""
import json
import subprocess

import fcgi
from web import Client, Site, free_port, run_tests, wait_for

SERVERS = "nginx", "lighttpd", "apache", "caddy"


def seen(body):
    """What the program says that reached it."""
    return dict(line.split(": ", 1) for line in body.decode().splitlines())


def get(client, target, *fields):
    lines = ["GET %s HTTP/1.1" % target, "Host: 127.0.0.1", *fields, "", ""]
    return client.raw("\r\n".join(lines).encode())


def each_server(test):
    for server in SERVERS:
        with Site(server) as site:
            test(server, site.start())


def as_list(text):
    return [item.strip() for item in text.split(",")]


def test_repeated_fields_are_one_list_on_every_server():
    def one(server, site):
        answer = get(site.client(), "/seen", "X-Seen: a", "X-Seen: b, c", "Accept: text/html",
                     "Accept: application/json", "X-Forwarded-For: 192.0.2.1",
                     "X-Forwarded-For: 192.0.2.2", "Cookie: first=1", "Cookie: second=2; third=3")
        assert answer.status == 200, (server, answer.status)
        found = seen(answer.body)
        assert as_list(found["X-Seen"]) == ["a", "b", "c"], (server, found)
        assert as_list(found["Accept"]) == ["text/html", "application/json"], (server, found)
        # Caddy believes no client about others, and puts its own in the place.
        forwarded = ["127.0.0.1"] if server == "caddy" else ["192.0.2.1", "192.0.2.2"]
        assert as_list(found["X-Forwarded-For"])[:2] == forwarded, (server, found)
        # Apache and Caddy join cookies by commas; HTTP/1.1 has one field of them (RFC 6265, 5.4).
        assert server in ("apache", "caddy") or found["second"] == "2", (server, found)
    each_server(one)


def test_fields_that_decide_are_refused_twice_on_every_server():
    def one(server, site):
        for fields in ["Authorization: Bearer a", "Authorization: Bearer b"], \
                      ["Content-Length: 0", "Content-Length: 1"], \
                      ["Host: other.example"]:
            status = get(site.client(), "/me", *fields).status
            assert status == 400, (server, fields, status)
    each_server(one)


def test_response_headers_of_32_kib_pass_on_every_server():
    def one(server, site):
        for n in 3, 8, 16, 31:
            answer = site.client().request("GET", "/large/%d" % n)
            assert answer.status == 200, (server, n, answer.status)
            assert answer.body == b"ten bytes.", (server, n)
            large = [value for name, value in answer.headers if name.startswith("x-large-")]
            assert large == ["h" * 999] * n, (server, n, len(large))
    each_server(one)


def test_the_length_is_told_on_every_server():
    """RFC 9110, 9.3.2: HEAD as GET, with the length that GET would have."""
    def one(server, site):
        for target in "/seen", "/large/3":
            get_answer = site.client().request("GET", target)
            head = site.client().request("HEAD", target)
            assert get_answer.header("content-length") == str(len(get_answer.body)), (
                server, target, get_answer.headers)
            assert head.status == 200, (server, target, head.status)
            assert head.header("content-length") in (None, get_answer.header("content-length")), (
                server, target, head.headers)
    each_server(one)


def test_a_chunked_body_is_read_as_one_of_known_length_on_every_server():
    """RFC 9112, 7.1. Apache and Caddy pass it on without a length, each in its own way."""
    def post(client, body, *fields):
        lines = ["POST /things HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *fields, "", ""]
        return client.raw("\r\n".join(lines).encode() + body)

    for transport in "native", "libfcgi":
        for server in SERVERS:
            with Site(server, transport) as site:
                client = site.start().client()
                body = b'{"name":"a",' + b" " * 3000 + b'"n":7}'
                pieces = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:10], body[10:2000], body[2000:]))
                plain = post(client, body, "Content-Length: %d" % len(body))
                chunked = post(client, pieces + b"0\r\n\r\n", "Transfer-Encoding: chunked")
                assert (plain.status, plain.body) == (200, b"a 7"), (server, plain.status)
                assert (chunked.status, chunked.body) == (plain.status, plain.body), (
                    server, transport, chunked.status, chunked.body[:80])
                long = b"".join(b"10000\r\n%s\r\n" % (b" " * 65536) for _ in range(17))
                refused = post(site.client(), long + b"0\r\n\r\n", "Transfer-Encoding: chunked")
                assert refused.status == 413, (server, transport, refused.status)


HAPROXY = """
global
    stats socket {folder}/haproxy.stats
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
    option forwardfor
frontend all
    bind 127.0.0.1:{port}
    default_backend nginx
backend nginx
    server nginx 127.0.0.1:{nginx}
"""


def test_haproxy_in_front_of_nginx_changes_no_answer():
    """`option forwardfor` adds a field of its own behind the client's."""
    with Site("nginx") as site:
        site.start()
        port = free_port()
        with open(site.folder + "/haproxy.cfg", "w") as file:
            file.write(HAPROXY.format(folder=site.folder, port=port, nginx=site.port))
        site.launch(["haproxy", "-db", "-f", site.folder + "/haproxy.cfg"])
        direct, through = site.client(), Client(port)

        def answers():
            try:
                return get(through, "/seen").status == 200
            except OSError:
                through.close()
                return False
        wait_for("HAProxy answers", answers)
        assert as_list(seen(get(through, "/seen").body)["X-Forwarded-For"]) == ["127.0.0.1"]
        answer = get(through, "/seen", "X-Forwarded-For: 198.51.100.7", "Cookie: first=1",
                     "Cookie: second=2")
        assert answer.status == 200, answer.status
        found = seen(answer.body)
        assert as_list(found["X-Forwarded-For"]) == ["198.51.100.7", "127.0.0.1"], found
        assert found["second"] == "2", found
        for client in direct, through:
            answer = client.request("POST", "/things", [("X-Forwarded-For", "198.51.100.7"),
                                                        ("Content-Type", "application/json")],
                                    json.dumps({"name": "a", "n": 1.0}).encode())
            assert (answer.status, answer.body) == (200, b"a 1"), (answer.status, answer.body)
            token = client.request("POST", "/users").body.decode()
            assert client.request("GET", "/me", token=token).body == b"Ann"
            assert client.request("GET", "/me").status == 401


def curl(port, *arguments):
    done = subprocess.run(["curl", "-s", "--http2-prior-knowledge", "--max-time", "10", "-i",
                           *arguments[1:], "http://127.0.0.1:%d%s" % (port, arguments[0])],
                          capture_output=True, timeout=20, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/2 "), head[:80]
    return int(head.split()[1]), body


def test_http_2_at_nginx_gives_the_same_answers():
    """A browser sends each cookie as a field of its own (RFC 9113, 8.2.3)."""
    with Site("nginx") as site:
        site.start_program()
        path = site.write_configuration()
        text = open(path).read()
        listen = "listen 127.0.0.1:%d;" % site.port
        assert listen in text
        with open(path, "w") as file:
            file.write(text.replace(listen, listen[:-1] + " http2;"))
        site.start_server(path)
        status, body = curl(site.port, "/seen", "-H", "Cookie: first=1", "-H", "Cookie: second=2",
                            "-H", "X-Seen: a", "-H", "X-Seen: b", "-H", "Accept: text/html", "-H",
                            "Accept: application/json")
        assert status == 200, (status, body)
        found = seen(body)
        assert found["second"] == "2" and as_list(found["X-Seen"]) == ["a", "b"], found
        assert as_list(found["Accept"]) == ["text/html", "application/json"], found
        assert curl(site.port, "/large/31")[1] == b"ten bytes."
        assert curl(site.port, "/things", "-d", '{"name":"a"}', "-H",
                    "Content-Type: application/json") == (200, b"a -1")
        assert curl(site.port, "/me")[0] == 401
        direct = fcgi.request(site.socket, "/me")[0]
        assert direct == 401


if __name__ == "__main__":
    run_tests(globals())
