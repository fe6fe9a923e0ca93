#!/usr/bin/python3
"""The file that gw_file has opened is the file that is sent: by the program itself and by each server
that can. The program is that of tests/paths."""
import os
import re
import subprocess
import time

from separators import make_rows, token_of
from web import ROUTES, Site, run_tests

MANUAL = os.path.join(os.path.dirname(ROUTES), "..", "..", "docs", "web-servers.md")
# (server, GW_SENDFILE): each way of sending on each server.
WAYS = ((None, "none"), ("nginx", "none"), ("nginx", "x-accel"), ("lighttpd", "none"), ("lighttpd", "x-sendfile"),
        ("apache", "none"), ("apache", "x-sendfile"), ("caddy", "none"))


class Direct:
    """The client of a program without a web server."""

    def __init__(self, site):
        self.site = site

    def request(self, method, target, headers=(), token=None):
        import fcgi
        from client import Answer
        meta = {"HTTP_" + n.upper().replace("-", "_"): v for n, v in headers}
        status, head, body = fcgi.request(self.site.address, target, method, token, meta=meta)
        lines = [l.partition(":") for l in head.split("\r\n")]
        return Answer(status, [(n.lower(), v.strip()) for n, _, v in lines], body)

    def close(self):
        pass


def site_of(server, way):
    site = Site(server)
    files = site.folder + "/files"
    for name in "mapped", "mapped/sub", "beside":
        os.makedirs(files + "/" + name)
    os.chmod(site.folder, 0o755)
    site.files = files
    sendfile = "x-accel:/gatewright-files/=%s/mapped" % files if way == "x-accel" else way
    site.environment.update(GW_SENDFILE=sendfile, PATHS_FILES=files)
    site.conf = ["--files", files + "/mapped"]
    return site


def begin(site, way):
    subprocess.run(["chmod", "-R", "a+rX", site.files], check=True)
    site.start_program()
    make_rows(site)
    if not site.server:
        return Direct(site)
    path = site.write_configuration()
    if (site.server, way) == ("apache", "x-sendfile"):
        with open(path, "a") as conf:
            lines = re.search(r"```apache\n(.*?)```", open(MANUAL).read(), re.S)[1]
            conf.write(lines.replace("/srv/videos", site.files + "/mapped"))
    site.start_server(path)
    return site.client()


def each(prepare, check, ways=WAYS):
    for server, way in ways:
        with site_of(server, way) as site:
            prepare(site.files)
            client = begin(site, way)
            try:
                check(site, client, way)
            except AssertionError as why:
                raise AssertionError(server, way, *why.args) from why
            client.close()


def put(path, text):
    with open(path, "wb") as file:
        file.write(text)


def target_of(which, name, more=""):
    return "/sent/%s?name=%s%s" % (which, name.hex(), more)


def names():
    for byte in range(1, 256):
        if byte != ord("/"):
            yield b"a" + bytes([byte]) + b"b"
            if not bytes([byte]).isalnum():
                yield b"b" + bytes([byte])
                yield bytes([byte]) + b"c" if byte != ord(".") else b"c.."
    for byte in [*range(1, 256, 9), *b"/.\\%\x7f\n"]:
        for form in b"%%%02x", b"a%%%02Xb", b"%%25%02x":
            yield form % byte
    yield from (b"up%2f..%2fsecret", b"%2e%2e%2fsecret", b"%2e%2e", b"a%2f..%2f..%2fbeside%2fsecret", b"%252e%252e%252fsecret",
                b"sub%2fsecret", b"sub%5csecret", b"..%5csecret"[2:], b"a?b", b"a?b=%2f", b"a#b", b"a;b", b"a\\..\\secret", b"a b ",
                b"n" * 255, b"\xc3\xa9" * 100, b"\xff\xfe", b"C:x", b"a:b", b"a\r\nX-Evil: yes", b"<b>", b"a+b", b"a%", b"%zz", b"a%2")


def test_whatever_the_name_it_is_the_file_that_was_opened():
    def prepare(files):
        for name in names():
            put(os.fsencode(files) + b"/mapped/" + name, b"this is " + name.hex().encode())
        for place in "mapped", "mapped/sub", "beside", ".":
            put(files + "/" + place + "/secret", b"secret of " + place.encode())

    def check(site, client, way):
        wrong = []
        for name in sorted(set(names())):
            answer = client.request("GET", target_of("mapped", name))
            if answer.status != 200 or answer.body != b"this is " + name.hex().encode():
                wrong.append((name, answer.status, answer.body[:60]))
            assert answer.header("x-evil") is None
        assert not wrong, (len(wrong), wrong[:5])
    each(prepare, check)


def test_a_folder_beside_or_above_is_not_the_mapped_one():
    def prepare(files):
        for place in "mapped", "mapped/sub", "beside", ".":
            put(files + "/" + place + "/same", b"of " + place.encode())
            put(files + "/" + place + "/mapped.x", b"of " + place.encode())
        os.makedirs(files + "/mapped-not")
        put(files + "/mapped-not/same", b"of mapped-not")
        os.symlink("mapped/sub", files + "/link")

    def check(site, client, way):
        for which, place in (("mapped", "mapped"), ("link", "mapped/sub"), ("beside", "beside"), ("-", "."),
                             ("mapped-not", "mapped-not")):
            answer = client.request("GET", target_of(which, b"same"))
            good = answer.status == 200 and answer.body == b"of " + place.encode()
            inside = place.startswith("mapped") and place != "mapped-not"
            assert good or (not inside and way != "none" and answer.status in (403, 404, 500)), (which, answer.status, answer.body)
            if way == "x-accel" and not inside:
                assert "which GW_SENDFILE names" in open(site.log).read()
    each(prepare, check)


def test_links_and_dot_files_are_not_there():
    def prepare(files):
        put(files + "/beside/secret", b"secret")
        put(files + "/mapped/.hidden", b"secret")
        os.symlink("../beside/secret", files + "/mapped/link")
        os.symlink("../beside", files + "/mapped/out")
        os.mkfifo(files + "/mapped/pipe")

    def check(site, client, way):
        for name in (b"link", b"out/secret", b".hidden", b"pipe", b"sub", b"..", b"../beside/secret", b"none", b"sub/../x",
                     b"/etc/passwd", b"", b"./x", b"sub//x", b"x/"):
            assert client.request("GET", target_of("mapped", name)).status == 404, name
    each(prepare, check)


def test_a_link_put_in_its_place_meanwhile_is_not_followed():
    """Between the program's look and the server's."""
    def prepare(files):
        put(files + "/beside/secret", b"secret")

    def check(site, client, way):
        path, seen = site.files + "/mapped/f", set()
        swapper = subprocess.Popen(["python3", "-c", """
import os, sys
while True:
    open(sys.argv[1] + ".1", "w").write("good"); os.rename(sys.argv[1] + ".1", sys.argv[1])
    os.symlink("../beside/secret", sys.argv[1] + ".2"); os.rename(sys.argv[1] + ".2", sys.argv[1])
""", path])
        try:
            end, n = time.monotonic() + 20, 0
            while n < 1500 or not {200, 404} <= seen and time.monotonic() < end:
                n += 1
                answer = client.request("GET", target_of("mapped", b"f"))
                assert answer.body != b"secret"
                seen |= {answer.status}
        finally:
            swapper.kill()
            swapper.wait()
        assert {200, 404} <= seen, seen
    each(prepare, check, (("nginx", "x-accel"), ("lighttpd", "x-sendfile")))


def test_the_programs_headers_are_on_the_answer():
    def prepare(files):
        put(files + "/mapped/f", b"0123456789")

    def check(site, client, way):
        origin = [("Origin", "https://app.example")]
        token = token_of("user")
        for method in "GET", "HEAD":
            for target, cache in (("/sent/mapped?name=66&tag=1", None), ("/mine/mapped?name=66&auth=" + token, "private, no-store")):
                answer = client.request(method, target, origin)
                assert answer.status == 200, (target, answer.status)
                assert answer.body == (b"0123456789" if method == "GET" else b"")
                # Apache leaves it out where it has passed an answer on.
                assert answer.header("content-length") == "10" or site.server == "apache", answer.headers
                for name, value in (("content-type", "text/x-test"), ("x-content-type-options", "nosniff"), ("vary", "Origin"),
                                    ("access-control-allow-origin", "https://app.example"), ("cache-control", cache),
                                    ("referrer-policy", "no-referrer" if cache else None)):
                    assert answer.header(name) == value, (target, name, answer.headers)
                assert re.fullmatch(r"[\w.@-]{8,40}", answer.header("x-request-id") or ""), answer.headers
                assert "retry" in (answer.header("access-control-expose-headers") or "").lower()
                if not cache or way == "none":  # servers may add one of their own
                    assert (answer.header("etag") is None) == (cache is not None), answer.headers
                for name in "x-accel-redirect", "x-sendfile":
                    assert answer.header(name) is None
    each(prepare, check)


def test_an_entity_tag_is_of_this_file():
    """A file put in the place of another, of the same size and age, has another."""
    def prepare(files):
        for name in "f", "g":
            put(files + "/mapped/" + name, b"old")
            os.utime(files + "/mapped/" + name, (1_700_000_000, 1_700_000_000))

    def check(site, client, way):
        path, target = site.files + "/mapped/f", target_of("mapped", b"f", "&tag=1")
        answer = client.request("GET", target)
        tag = answer.header("etag")
        assert answer.status == 200 and answer.body == b"old" and tag and not tag.startswith("W/")
        assert client.request("GET", target_of("mapped", b"g", "&tag=1")).header("etag") != tag
        same = client.request("GET", target, [("If-None-Match", tag)])
        assert same.status == 304 and same.header("etag") == tag and not same.body, same.headers
        assert client.request("GET", target, [("If-None-Match", '"x", W/' + tag)]).status == 304
        assert client.request("HEAD", target, [("If-None-Match", tag)]).status == 304
        put(path + ".new", b"new")
        os.utime(path + ".new", (1_700_000_000, 1_700_000_000))
        os.chmod(path + ".new", 0o644)
        os.rename(path + ".new", path)
        answer = client.request("GET", target, [("If-None-Match", tag)])
        assert answer.status == 200 and answer.body == b"new" and answer.header("etag") != tag
        answer = client.request("GET", target, [("Range", "bytes=0-0"), ("If-Range", tag)])
        assert answer.status == 200 and answer.body == b"new", (answer.status, answer.body)
    each(prepare, check)


def test_ranges():
    """RFC 9110, 14: the values of its section 14.1.2 for a file of 10,000 bytes."""
    text = bytes(i * 7 % 251 for i in range(10000))

    def prepare(files):
        put(files + "/mapped/f", text)
        put(files + "/mapped/empty", b"")

    def check(site, client, way):
        target, tag_target = target_of("mapped", b"f"), target_of("mapped", b"f", "&tag=1")
        for asked, part, told in (("0-499", text[:500], "0-499"), ("500-999", text[500:1000], "500-999"),
                                  ("-500", text[-500:], "9500-9999"), ("9500-", text[9500:], "9500-9999"),
                                  ("0-0", text[:1], "0-0"), ("-1", text[-1:], "9999-9999"), ("-20000", text, "0-9999"),
                                  ("9999-99999999999999999999", text[-1:], "9999-9999")):
            answer = client.request("GET", target, [("Range", "bytes=" + asked)])
            others = way != "none" and asked in ("-20000", "9999-" + "9" * 20) and answer.status in (200, 416)
            assert answer.status == 206 and answer.body == part or others, (asked, answer.status, len(answer.body))
            if answer.status == 206:
                assert answer.header("content-range") == "bytes %s/10000" % told, (asked, answer.headers)
        for asked in "10000-", "20000-30000":
            answer = client.request("GET", target, [("Range", "bytes=" + asked)])
            assert answer.status == 416, (asked, answer.status)
            if way != "x-sendfile":  # the servers' own pages do not say it
                assert answer.header("content-range") == "bytes */10000", (asked, answer.headers)
        for asked in "bytes=5-4", "bytes=x", "lines=0-1", "bytes=", "bytes=-", "bytes=1", "bytes=1-2-3", "bytes=0x1-2":
            answer = client.request("GET", target, [("Range", asked)])
            assert (answer.status, answer.body) == (200, text) or answer.status == 416 and site.server, (asked, answer.status)
        assert client.request("GET", target_of("mapped", b"empty"), [("Range", "bytes=0-")]).status in (200, 416)
        tag = client.request("GET", tag_target).header("etag")
        for validator, status in ((tag, 206), ('"x"', 200), ("W/" + tag, 200)):
            answer = client.request("GET", tag_target, [("Range", "bytes=0-9"), ("If-Range", validator)])
            assert answer.status == status, (validator, answer.status)
        assert client.request("HEAD", target, [("Range", "bytes=0-9")]).header("content-length") in ("10000", "10", None)
    each(prepare, check)


def test_another_answer_takes_the_files_place():
    def prepare(files):
        put(files + "/mapped/f", b"the file")

    def check(site, client, way):
        answer = client.request("GET", target_of("mapped", b"f", "&instead=1"))
        assert answer.status == 200 and answer.body == b"instead", answer.body
    each(prepare, check)


def test_a_mapped_folder_that_is_not_there_stops_the_start():
    for value in ("x-accel:/x/", "x-accel:/x/=/none/at/all", "x-accel:x/=/tmp", "x-accel:/x=/tmp", "x-accel:/x/=tmp",
                  "x-accel:/x/=/etc/passwd", "x-sendfile:/x", "x-accel"):
        with Site() as site:
            from web import PROGRAM
            done = subprocess.run([PROGRAM, "--check"], env={**site.environment, "GW_SENDFILE": value}, capture_output=True,
                                  text=True, timeout=20)
            assert done.returncode == 78 and 'GW_SENDFILE is "%s"' % value in done.stderr, (value, done)


if __name__ == "__main__":
    run_tests(globals())
