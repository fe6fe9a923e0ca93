#!/usr/bin/python3
"""The server matrix: hostile paths on every server, transport and kind of socket, and as CGI.

Everywhere the program must give the answer that hostile.py says, or the web server itself makes a
difference. Those are listed in docs/differences.md, between two marks; this compares, and with --write
brings the page up to date."""
import os
import re
import sys

import fcgi
from hostile import cases
from web import ROUTES, Site, VIDEOS, wait_for

MANUAL = os.path.join(os.path.dirname(ROUTES), "docs", "differences.md")
# TIME ID METHOD ROUTE STATUS BYTES MICROSECONDS ...
LINE = re.compile(r"\S+ \S+ \S+ .+ \d{3} \d+B \d+us\b")
BEGIN, END = "<!-- differences: begin -->\n", "<!-- differences: end -->\n"
METHODS = [("FOO", 501), ("get", 501), ("PROPFIND", 501), ("TRACE", 405), ("CONNECT", 405), ("DELETE", 405),
           ("OPTIONS", 204), ("HEAD", 401)]


def sites():
    for server in "nginx", "lighttpd", "apache", "caddy":
        for transport in "native", "libfcgi":
            for tcp in False, True:
                yield server, transport, tcp
    for server in "lighttpd", "apache":
        yield server, "cgi", False


def shown(target):
    """A target as it can stand in a table."""
    text = target.decode("latin-1")
    text = re.sub(r"(.)\1{60,}", lambda m: m[1] + "... (%d)" % len(m[0]), text)
    text = "".join(c if " " < c < "\x7f" else "\\x%02x" % ord(c) for c in text)
    return text.replace("|", "\\|")


def request_line(method, target):
    return method.encode() + b" " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def what_came(client, method, target, ids):
    """("ours" or "server", status, body). `ids` gets the request's id, where the program has answered."""
    try:
        answer = client.raw(request_line(method, target), method == "HEAD")
    except (ConnectionError, OSError):
        client.close()
        return "server", 0, b""
    assert answer.header("x-evil") is None, target
    if not answer.header("x-request-id"):
        return "server", answer.status, answer.body
    ids.append(answer.header("x-request-id"))
    return "ours", answer.status, answer.body


def check_lines(where, log, ids, n_hidden):
    """Each answer of the program has one line in its log, and there is no line without a request. The
    answers that a server put its own page in place of (at most `n_hidden`) have theirs too."""
    logged = [line.split()[1] for line in open(log) if LINE.match(line)]
    missing, more = set(ids) - set(logged), len(logged) - len(ids)
    good = len(set(ids)) == len(ids) and len(set(logged)) == len(logged) and not missing and 0 <= more <= n_hidden
    if not good:
        print("%s: %d answers, %d lines, %d of them without one: %s" %
              (where, len(ids), len(logged), len(missing), sorted(missing)[:3]))
    return not good


def good(came, status, page):
    who, got, body = came
    return who == "ours" and got == status and (page is None or page in body)


def differences_of(site, all_cases, ids):
    """What is not as it should be: {(method, target): answer}."""
    client, differences = site.client(), {}
    for target, status, page in all_cases:
        came = what_came(client, "GET", target, ids)
        if not good(came, status, page):
            differences["GET " + shown(target), status] = came
    for method, status in METHODS:
        client.close()
        came = what_came(client, method, b"/api/v1/me", ids)
        if not good(came, status, None):
            differences[method + " /api/v1/me", status] = came
    client.close()
    return {key: ("%d, of the program" % got if who == "ours"
                  else "%d, the server's own page" % got if got else "it closes the connection")
            for key, (who, got, _) in differences.items()}


def check_directly(all_cases):
    """The program by itself, without a web server, has no difference at all."""
    n, ids = 0, []
    with Site() as site:
        site.start_program()
        for target, status, page in all_cases:
            got, head, body = fcgi.request(site.address, target.decode("latin-1"))
            if got != status or (page and page not in body):
                print("asked directly, %s: %d, not %d" % (shown(target), got, status))
                n += 1
            ids.append(re.search(r"(?im)^x-request-id: (\S+)", head)[1])
        n += check_lines("asked directly", site.log, ids, 0)
    return n


def is_safe(key, answer):
    """A server's own answer must not be one that a guarded path could have given."""
    _, status = key
    if answer.startswith("it closes"):
        return True
    # Of the program: it was asked for another path than the client's.
    return int(answer.split(",")[0]) in (400, 401, 404, 405, 501)


# What is odd about a request, for people who read the table; the first that fits.
ODDITIES = [
    ("a control character", r"%(0|1)[0-9a-fA-F]|%7[fF]|\\x(0|1)[0-9a-f]|\\x7f"),
    ("`.` or `..` as a segment", r"/(\.|%2[eE]){1,2}([/?#;]|$)"),
    ("a `%` without two digits", r"%(?![0-9a-fA-F]{2})"),
    ("a separator, encoded", r"%2[fF]|%5[cC]|\\(?!x)"),
    ("a `#`", r"#"),
    ("a location of the server's own", r"^GET /gatewright-files/"),
    ("a byte that is not ASCII", r"%[89a-fA-F][0-9a-fA-F]|\\x[89a-f]"),
]


def oddity_of(request):
    if not request.startswith("GET /"):
        return "the method"
    for what, pattern in ODDITIES:
        if re.search(pattern, request):
            return what
    return "something else"


def table_of(found):
    """A table for each server: what the program would say, what comes, and the requests, by what is odd about them."""
    text = ""
    for name, differences in found.items():
        kinds = {}
        for (request, status), answer in differences.items():
            kinds.setdefault((status, answer, oddity_of(request)), []).append(request)
        text += "\n## %s\n\n| odd is | the program would say | what comes | requests |\n|---|---|---|---|\n" % name
        for (status, answer, odd), requests in sorted(kinds.items(), key=lambda kind: (kind[0][2], kind[0])):
            text += "| %s | %d | %s | %s |\n" % (
                odd, status, answer, ", ".join("`%s`" % r.removeprefix("GET ") for r in requests))
    return text + "\n"


def main():
    all_cases = cases()
    n_failed = check_directly(all_cases)
    found = {}
    for server, transport, tcp in sites():
        name = server + (" (CGI)" if transport == "cgi" else "")
        where = "%s, %s, %s" % (server, transport, "TCP" if tcp else "unix")
        with Site(server, transport, tcp) as site:
            ids = []
            open(site.log, "w").close()
            os.chmod(site.log, 0o666)  # under CGI it is the web server's user who writes
            site.start()
            differences = differences_of(site, all_cases, ids)
            n_failed += check_lines(where, site.log, ids, len(all_cases) + len(METHODS) - len(ids))
        for key, answer in differences.items():
            if not is_safe(key, answer):
                n_failed += 1
                print("%s: %s: %s, not %d" % (where, key[0], answer, key[1]))
        if found.setdefault(name, differences) != differences:
            n_failed += 1
            print("%s differs from the same server elsewhere:" % where,
                  dict(differences.items() ^ found[name].items()))
        print("%s: %d requests, %d differences" % (where, len(all_cases) + len(METHODS), len(differences)),
              flush=True)
    assert len(all_cases) >= 200
    manual = open(MANUAL).read()
    head, _, rest = manual.partition(BEGIN)
    table, _, tail = rest.partition(END)
    if "--write" in sys.argv:
        open(MANUAL, "w").write(head + BEGIN + table_of(found) + END + tail)
    elif table != table_of(found):
        n_failed += 1
        print("the table in docs/differences.md is another; `matrix.py --write` writes this one:\n"
              + table_of(found))
    sys.exit(n_failed != 0)


if __name__ == "__main__":
    main()
