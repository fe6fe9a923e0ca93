#!/usr/bin/python3
"""Where browsers go by the Location that gw_redirect lets pass, as Node's URL (the URL Standard) says: by a
path never to another host, by a URL to the host that stands in it. The program is that of tests/paths."""
import itertools
import json
import re
import shutil
import subprocess
from urllib.parse import quote_from_bytes

import fcgi
from web import Site, run_tests

NODE = shutil.which("node") or shutil.which("nodejs")
OURS = "https://app.example"
ODD = [b"/", b"\\", b"\t", b"\n", b"\r", b" ", b":", b"@", b"?", b"#", b".", b"%2F", b"%09", b"\x01", b"\x1f", b"\x7f",
       b"e", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xef\xbc\x8f"]
STARTS = [b"", b"/", b"//", b"http:", b"https:", b"https:/", b"http://", b"https://", b"https://good.example", b"HTTPS://",
          b"javascript:", b"/a", b"/.", b"/..", b"/a?b=", b"https://good.example:", b"https://[::1]"]
SCRIPT = """
const lines = require("fs").readFileSync(0, "utf8").trim().split("\\n").map(JSON.parse);
for (const text of lines) {
    let origin;
    try { origin = new URL(text, process.argv[1] + "/some/page").origin; } catch { origin = "none"; }
    console.log(JSON.stringify(origin));
}
"""


def origins(texts):
    done = subprocess.run([NODE, "-e", SCRIPT, OURS], input="\n".join(json.dumps(t) for t in texts), capture_output=True,
                          text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def candidates():
    found = {b"/\t/evil.example", b"//evil.example", b"/\\evil.example", b"http:evil.example", b"/", b"/home?x=1#y",
             b"https://good.example/x", b"http://good.example:8080", b"https://good.example@evil.example/", b"\t//evil.example",
             b" //evil.example", b"/\n/evil.example", b"https:///evil.example", b"https:evil.example", b"/%09/evil.example"}
    for start in STARTS:
        for n in range(3):
            for odd in itertools.product(ODD, repeat=n):
                found.add(start + b"".join(odd) + b"evil.example")
    return sorted(found)


def apparent_origin(text):
    """As the text reads (RFC 3986, appendix B), without what a browser makes of it."""
    match = re.match(r"^(https?)://([^/?#]*)", text)
    return (match[1] + "://" + match[2]) if match else OURS


def passed(site):
    accepted = []
    with fcgi.connect(site.address) as peer:
        stream = peer.makefile("rb")
        for text in candidates():
            peer.sendall(fcgi.text_of("/redirect?to=" + quote_from_bytes(text), keep=1))
            status, head, _ = fcgi.read_answer(stream)
            assert status in (303, 422, 400), (text, status)
            if status == 303:
                location = re.search("^Location: (.*)\r?$", head, re.M)[1].rstrip("\r").encode("latin-1")
                assert location == text, (location, text)
                accepted.append(text.decode())
    return accepted


def test_a_path_stays_and_a_url_goes_where_it_says():
    with Site() as site:
        site.start_program()
        accepted = passed(site)
    assert len(accepted) > 1000, len(accepted)
    wrong = [(t, o) for t, o in zip(accepted, origins(accepted))
             # A URL that is none takes nobody anywhere; an odd host is shown in its canonical form.
             if o != "none" and o != OURS and (t.startswith("/") or "evil" in o.partition("//")[2] and "evil" not in apparent_origin(t))]
    assert not wrong, (len(wrong), wrong[:10])
    assert all(o == OURS for t, o in zip(accepted, origins(accepted)) if t.startswith("/"))


def test_what_is_meant_passes_and_what_misleads_does_not():
    with Site() as site:
        site.start_program()
        accepted = set(passed(site))
    for text in ("/", "/home?x=1#y", "https://good.example/x", "http://good.example:8080", "/%09/evil.example", "/aevil.example"):
        assert text in accepted, text
    for text in ("/\t/evil.example", "//evil.example", "/\\evil.example", "http:evil.example", "https://good.example@evil.example/",
                 "\t//evil.example", " //evil.example", "/\n/evil.example", "https:///evil.example", "javascript:evil.example",
                 "HTTPS://evil.example", "evil.example", "https://:evil.example"):
        assert text not in accepted, text


run_tests(globals())
