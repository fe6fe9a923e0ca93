#!/usr/bin/env python3
"""What fmt, explain, lock, openapi, conf and tests do, over all cases.

usage: commands.py GATEWRIGHT [PART...]     parts: descriptions fmt explain lock output media units files help grammar schema
"""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GATEWRIGHT = os.path.abspath(sys.argv[1])
SERVERS = ("nginx", "lighttpd", "apache", "caddy", "haproxy", "systemd")
failures = []


def run(*args, cwd=None):
    return subprocess.run([GATEWRIGHT, *args], cwd=cwd, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.PIPE, encoding="utf-8", errors="surrogateescape")


def expect(condition, *what):
    if not condition:
        failures.append(" ".join(str(w) for w in what))


def sources():
    """Every routes.def of the cases, accepted or not."""
    for kind in ("ok", "err", "build"):
        for name in sorted(os.listdir(os.path.join(HERE, kind))):
            yield os.path.join(HERE, kind, name)
    yield ROOT
    yield os.path.join(ROOT, "examples", "hello")


def accepted():
    return [f for f in sources() if run("check", cwd=f).returncode == 0]


def comments(path):
    """Good enough for the cases: no string of theirs has a `#`."""
    with open(path, "rb") as file:
        return re.findall(rb"#[^\n]*?(?=[ \t\r]*(?:\n|$))", file.read())


def test_fmt():
    n = 0
    for folder in sources():
        with tempfile.TemporaryDirectory() as top:
            copy = os.path.join(top, "copy")
            shutil.copytree(folder, copy, ignore=lambda d, names: [
                x for x in names if not x.endswith(".def") and x != "sub"])
            source = os.path.join(copy, "routes.def")
            verdict = run("check", cwd=copy)
            before = comments(source)
            first = run("fmt", cwd=copy)
            if first.returncode:
                expect("error:" in first.stderr, folder, "fmt:", first.stderr)
                continue
            n += 1
            with open(source, "rb") as file:
                once = file.read()
            expect(run("fmt", "--check", cwd=copy).returncode == 0, folder, "not idempotent")
            run("fmt", cwd=copy)
            with open(source, "rb") as file:
                expect(file.read() == once, folder, "differs the second time")
            expect(comments(source) == before, folder, "comments are not kept")
            expect(not re.search(rb"(?m)^[^#\n]*(\.\. [0-9]|[0-9][KMG]? \.\.)", once), folder, "a range is torn apart")
            expect(not re.search(rb'(?m)^body [^#\n"{]*(\S\||\|\S)', once), folder, "alternatives of a body are not set apart")
            again = run("check", cwd=copy)
            expect(again.returncode == verdict.returncode, folder, "has another meaning now")
            messages = [sorted(re.findall(r"(?:error|warning): (.*)", v.stderr))
                        for v in (verdict, again)]
            expect(messages[0] == messages[1], folder, "has other messages now")
    expect(n > 20, "fmt took only", n)


def browsers():
    """What opens something for browsers, and what does not."""
    top = 'GET / guest|users home\n'
    cookie = 'cookie "__Host-a"\n' + top
    sets = cookie + "POST /in ignored sign_in sets session\n"
    cors = 'cors "https://a.example" credentials\n' + cookie
    rate = top + "GET /r users r rate 5 per minute by address\n"
    return [
        (top, cookie, 'the token may come in the cookie "__Host-a" now'),
        (cookie, top, None), (cookie, cookie, None),
        (cookie, cookie.replace("-a", "-b"), 'in the cookie "__Host-b" now'),
        (sets, sets.replace(" sets session", ""), "refused what pages of other sites sent"),
        (sets.replace(" sets session", ""), sets, None), (sets, sets, None),
        (cookie, cors, 'pages of "https://a.example" may send the cookie now'),
        (cookie, cors.replace(" credentials", ""), None), (cors, cookie, None), (cors, cors, None),
        (cookie + "GET /p users p\n", cookie + "GET /p users p else /\n", None),
        (rate, rate, None), (rate, rate.replace("5", "4"), None),
        (rate, rate.replace("5", "6"), "this route was limited: rate 5 per minute by address"),
        (rate, rate.replace("minute", "second"), "this route was limited"),
        (rate, rate.replace("address", "caller"), "this route was limited"),
        (rate, rate.replace(" rate 5 per minute by address", ""), "this route was limited"),
        (rate, rate.replace("address", "address rate 9 per day by caller"), None),
        (rate.replace(" rate 5 per minute by address", ""), rate, None),
    ]


def test_lock():
    for folder in accepted():
        with tempfile.TemporaryDirectory() as top:
            lock = os.path.join(top, "lock")
            expect(run("lock", "--lock-file", lock, cwd=folder).returncode == 0, folder, "lock")
            same = run("check", "--lock-file", lock, cwd=folder)
            expect(same.returncode == 0, folder, "is not its own lock:", same.stderr)
    entities = "entity users { id int key auto }\nentity admins { id int key auto }\n"
    table = "table things { id int key; owner int references users }\n"
    base = "GET /a users a\nGET / ignored home\nGET /z admins z\n"
    own = "GET /t/{id:int} users t own things(id = {id}, owner = me)\n"
    cases = [
        (base, base.replace("users", "users|admins"), "admins may call"),
        (base, base.replace("users", "authorized"), "admins may call"),
        (base, base.replace("users", "guest|users"), "guest may call"),
        (base, base.replace("users", "whitelisted"), "anyone may call"),
        (base, base + "GET /new whitelisted new\n", "a new route that needs no token"),
        (base, base + "GET /new guest|users new\n", "a new route that needs no token"),
        (base, base + "GET /new authorized new query_token\n", "takes the token from the query"),
        (base, base + "GET /new authorized new\n", None),
        (base, base.replace("ignored", "users"), None),
        (base, base.replace("users", "users", 1), None),
        (base.replace("a\n", 'a scope "x"\n', 1), base, "demanded scope"),
        (base.replace("a\n", 'a scope "x"\n', 1), base.replace("a\n", 'a scope "y"\n', 1),
         "demanded scope"),
        (base, base.replace("a\n", 'a scope "x"\n', 1), None),
        (base, base.replace("a\n", "a query_token\n", 1), "in the query now"),
        (base.replace("a\n", "a query_token bound\n", 1),
         base.replace("a\n", "a query_token\n", 1), "in the query now"),
        (base.replace("a\n", "a query_token\n", 1),
         base.replace("a\n", "a query_token bound\n", 1), None),
        (base + own, base + own.replace("own things(id = {id}, owner = me)", ""), "demanded own"),
        (base + own, base + own.replace("{id", "{nr"), None),
        (base + own, base + own.replace("id = {id}, owner = me", "owner = me, id = {id}"), None),
    ]
    item, all_items = "GET /items/{id:int} admins one\n", "GET /items/{id} users any\n"
    issuer = ('issuer google "https://accounts.google.com" { entity users by id claim "sub"; '
              'audience "one"; keys "google.json" }\n')
    cases += [
        # A narrow route is gone, and its paths go to a broader one.
        (base + item + all_items, base + all_items, "users may call this route now"),
        (base + item + all_items, base + all_items, "went to another route and comes here now"),
        (base + all_items + item.replace("admins", "users"), base + all_items, None),
        (base + all_items + item.replace("one", 'one scope "x"').replace("admins", "users"),
         base + all_items, 'demanded scope "x"'),
        (base + item, base, None),
        # A route that narrows another takes its paths.
        (base + item, base + item + "GET /items/7 users seven\n",
         "GET /items/7 went to another route"),
        (base + item, base + item + "GET /items/7 admins seven\n", None),
        (base + all_items, base + all_items + item, "admins may call"),
        # Another route was the better one before, too.
        (base + all_items + "GET /items/x users|admins x\n", base + "GET /items/x users|admins x\n",
         None),
        # Issuers.
        (base, base + issuer, "tokens of issuer `google` for \"one\" are good here now"),
        (base + issuer, base, None),
        (base + issuer, base + issuer, None),
        (base + issuer, base + issuer.replace('audience "one"', 'audience "one"; audience "two"'),
         'for "two"'),
        (base + issuer, base + issuer.replace('claim "sub"', 'claim "azp"'), "tokens of issuer"),
        (base + issuer, base + issuer.replace("google.json", "other.json"), "tokens of issuer"),
    ]
    member = ('entity members { id int key auto; role text one of "a" "b" "c|d  e"; level text one of "a" "b"; '
              'off bool blocks; on bool blocks when false; left time optional blocks }\n')
    roles = member + 'GET /m members(role = "a") m\n'

    def role(text):
        return roles.replace('(role = "a")', text)
    ticket = ("ticket reset people 30 minutes voids password, email\nentity people { id int key auto; name text max 9; "
              "email text max 255; password text max 255 secret }\nPOST /reset whitelisted reset ticket reset\n"
              "GET /p people p\n")
    cases += [
        # Roles: each word more, another column and none at all are wider; fewer are not.
        (roles, roles, None),
        (roles, role('(role = "a" | "b")'), 'members(role="b") may call this route now'),
        (role('(role = "a" | "b")'), roles, None),
        (role('(role = "b" | "a")'), role('(role = "a" | "b")'), None),
        (roles, role('(level = "a")'), 'members(level="a") may call'),
        (roles, role(""), "members may call this route now"),
        (role(""), roles, None),
        (role('(role = "c|d  e")'), role('(role = "c|d  e")'), None),
        (role('(role = "c|d  e")'), role('(role = "a")'), 'members(role="a") may call'),
        (roles, role('(role = "a")|users'), "users may call"),
        # The cookie, whose pages may send it, what is held against forged requests, limits.
        *browsers(),
        # A ticket that is not demanded any more, or lives longer, or is void less often.
        (ticket, ticket, None),
        (ticket, ticket.replace(" ticket reset", ""), "ticket people 1800 seconds voids email password"),
        (ticket, ticket.replace("30 minutes", "31 minutes"), "ticket people 1800 seconds"),
        (ticket, ticket.replace("password, email", "password"), "ticket people 1800 seconds"),
        (ticket, ticket.replace("password, email", "email, name, password"), None),
        (ticket, ticket.replace("reset people", "other people").replace("ticket reset", "ticket other"), None),
        (ticket.replace(" ticket reset", ""), ticket, None),
        # What blocks does not any more, or does otherwise.
        (roles, roles.replace("off bool blocks", "off bool"), "off when true"),
        (roles, roles.replace("off bool blocks", "off bool blocks when false"), "off when true"),
        (roles, roles.replace("left time optional blocks", "left time optional"), "left when set"),
        (roles, roles.replace(" blocks when false", ""), "on when false"),
        (roles.replace("off bool blocks", "off bool"), roles, None),
        (roles, "GET /a users a\n", None),
        (roles, "GET /a users a\ntable members { id int key }\n", None),
    ]
    session = ("session users { access 15 minutes; refresh 30 days; longest 180 days; strict }\n"
               "POST /refresh whitelisted @refresh users\n")
    cases += [
        # Sessions that were not there, or that live longer; shorter ones open nothing.
        (session, session, None),
        (session, session.replace("15 m", "14 m").replace("30 d", "29 d").replace("180", "99"), None),
        (session, session.replace("15 m", "16 m"), "`access` was 900 seconds"),
        (session, session.replace("30 d", "31 d"), "`refresh` was 2592000 seconds"),
        (session, session.replace("180", "181"), "`longest` was 15552000 seconds"),
        (session, session.replace("; strict", ""), "sessions of `users` were `strict`"),
        (session.replace("; strict", ""), session, None),
        (session, "GET /a users a\n", None),
        ("GET /a users a\n", session, "`users` has sessions now"),
        ("GET /a users a\n", session, "a new route that needs no token"),
    ]
    for before, after, message in cases:
        with tempfile.TemporaryDirectory() as top:
            path = os.path.join(top, "routes.def")
            for text, command in ((before, ["lock"]), (after, ["check", "--lock"])):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(entities + table + text)
                result = run(*command, cwd=top)
            expect(result.returncode == (1 if message else 0), "lock:", before, after,
                   result.stderr)
            expect(not message or message in result.stderr, "lock:", message, result.stderr)
    with tempfile.TemporaryDirectory() as top:
        with open(os.path.join(top, "routes.def"), "w", encoding="utf-8") as file:
            file.write("GET / ignored home\n")
        result = run("check", "--lock", cwd=top)
        expect(result.returncode == 1 and "gatewright lock" in result.stderr, "without a lock")
        with open(os.path.join(top, "routes.lock"), "w", encoding="utf-8") as file:
            file.write("nonsense\n")
        result = run("check", "--lock", cwd=top)
        expect("routes.lock:1:1: error: this is no line of a lock" in result.stderr,
               result.stderr)


def test_explain():
    cases = [
        ("GET", "/api/v1/lessons/7", ["show_lesson", "`7` fits {id:int}", "users, teachers"]),
        ("HEAD", "/api/v1/lessons/7", ["show_lesson", "HEAD follows"]),
        ("PUT", "/api/v1/lessons/7", ["the caller's key", "new_lesson", "403"]),
        ("GET", "/api/v1/lessons/x", ["404", "`x` does not fit {id:int}"]),
        ("GET", "/api/v1/lessons/", ["404"]),
        ("GET", "/api/v1/l%65ssons", ["list_lessons"]),
        ("POST", "/api/v1/lessons/7", ["405", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"]),
        ("OPTIONS", "/api/v1/me", ["204"]),
        ("GET", "//", ["400"]), ("GET", "/a/../b", ["400"]), ("GET", "/%zz", ["400"]),
        ("GET", "/api/v1/videos/a%2Fb", ["400"]), ("FOO", "/", ["501"]),
        ("GET", "/api/v1/videos/x?auth=1", ["play_video", "?auth="]),
        ("GET", "nonsense", ["400"]),
    ]
    for method, path, words in cases:
        result = run("explain", method, path, cwd=ROOT)
        expect(result.returncode == 0, "explain", method, path)
        for word in words:
            expect(word in result.stdout, "explain", method, path, "lacks", word, result.stdout)
    result = run("explain", "GET", "/report-7.csv", cwd=os.path.join(HERE, "ok", "mixed"))
    expect("goes before {name}.csv" in result.stdout, result.stdout)


def test_output():
    for folder in accepted():
        result = run("openapi", cwd=folder)
        document = json.loads(result.stdout)
        routes = json.loads(run("routes", "--json", cwd=folder).stdout)
        listed = sum(1 for path in document["paths"].values() for name, value in path.items()
                     for _ in (value if name.startswith("x-") else [value]))
        expect(listed == len(routes), folder, "openapi has", listed, "of", len(routes))
        expect(json.loads(run("tests", cwd=folder).stdout)["requests"], folder, "tests")
        for server in SERVERS:
            text = run("conf", server, cwd=folder).stdout
            expect(len(text) > 300 and "(null)" not in text, folder, "conf", server)


def test_routes_that_openapi_cannot_tell_apart():
    """They differ in the type of a parameter: the document has both, and says so."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "routes.def"), "w") as file:
            file.write("GET /a/{id:int} ignored by_id\nGET /a/{name:slug} ignored by_name\nGET /b/{id:int} ignored b\n")
        done = run("openapi", cwd=folder)
        expect("routes.def:2:5: warning: readers of OpenAPI do not see this route" in done.stderr, done.stderr)
        expect(done.stderr.count("warning:") == 1 and "routes.def:1:5: note:" in done.stderr, done.stderr)
        expect(json.loads(done.stdout)["paths"]["/a/{id}"]["x-alternatives-get"], done.stdout)
        done = run("openapi", "-Werror", cwd=folder)
        expect(done.returncode == 1 and "routes.def:2:5: error: readers" in done.stderr and not done.stdout, done.stderr)


def test_media_types():
    """A declared error has the handler's media type and that of gw_problem; other answers have one."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "routes.def"), "w") as file:
            file.write("body thing { id int }\nbody my_error { code text }\n"
                       "GET /a ignored a returns 200 thing returns 409 my_error returns 410 returns 204\n")
        answers = json.loads(run("openapi", cwd=folder).stdout)["paths"]["/a"]["get"]["responses"]
    schema = lambda name: {"schema": {"$ref": "#/components/schemas/" + name}}
    expect(answers["200"]["content"] == {"application/json": schema("thing")}, answers["200"])
    expect(answers["409"]["content"] == {"application/json": schema("my_error"),
                                         "application/problem+json": schema("Problem")}, answers["409"])
    expect(answers["410"] == {"$ref": "#/components/responses/Problem"}, answers["410"])
    expect("content" not in answers["204"], answers["204"])


def test_units():
    """The units of systemd are called as the program is, and the web server's group reaches the socket."""
    text = run("conf", "systemd", "--program", "/opt/bin/school", "--user", "school", "--group", "caddy", cwd=ROOT).stdout
    for words in ("# ---- school.socket ----", "# ---- school.service ----", "SocketUser=school\nS", "SocketGroup=caddy",
                  "SocketMode=0660", "Requires=school.socket", "ExecStart=/opt/bin/school", "/etc/gatewright/school.env"):
        expect(words in text or words == "SocketUser=school\nS" and "SocketUser=school\n" in text, words, text)
    expect("mariadb" not in text and "app.service" not in text and "app.env" not in text, text)
    text = run("conf", "systemd", cwd=ROOT).stdout
    expect("SocketGroup=www-data" in text, text)
    text = run("conf", "systemd", "--socket", "tcp:127.0.0.1:9000", cwd=ROOT).stdout
    expect("ListenStream=127.0.0.1:9000" in text and "SocketGroup" not in text, text)


def test_files_that_nginx_passes_on():
    """The routes that take files have locations of their own, which are before the one of everything and not before what nginx sends."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "routes.def"), "w", encoding="utf-8") as file:
            file.write("body photo { photo file ..1M }\nbody words { a text }\nPOST /a.b/{id:int} ignored one(form photo) limit 2M\n"
                       "PUT /a.b/{id:int} ignored other(form photo) limit 2M\nPOST /t ignored two(form words)\nPOST /j ignored three(words)\n"
                       "POST /r/{p:path} ignored rest(form photo) limit 2M rate 5 per hour by address\nPOST /%C3%A9/more/x-{n:int} ignored x(form photo) limit 2M\n")
        text = run("conf", "nginx", "--mount", "/app", "--files", "/srv", cwd=folder).stdout
        kept = run("conf", "nginx", "--transport", "libfcgi", cwd=folder).stdout
    found = re.findall(r"location ~ (\S+) \{", text)
    expect(len(found) == 3 == text.count("fastcgi_request_buffering off;"), found)
    wanted = {"/app/a.b/7": True, "/app/aXb/7": False, "/app/a.b/7/8": False, "/app/r/x/y": True, "/app/r/": False,
              "/app/\u00e9/more/x-7": True, "/app/t": False, "/app/j": False, "/app": False}
    for path, one in wanted.items():
        expect(any(re.search(pattern, path) for pattern in found) == one, path, found)
    expect("location ^~ /gatewright-files/ {" in text and "request_buffering" not in kept, "locations")


def test_help():
    commands = re.findall(r"^  ([a-z]+) {3,}", run("--help").stdout, re.M)
    expect(len(commands) == 13, "commands", commands)
    for command in commands:
        result = run(command, "--help")
        expect(result.returncode == 0 and result.stdout.startswith("usage: gatewright " + command),
               command, "--help")
        expect(run(command, "--nonsense").returncode == 2, command, "takes any option")
    for args in (["explain"], ["explain", "GET"], ["conf"], ["conf", "iis"], ["fmt", "a", "b"],
                 ["check", "-o", "x"], ["conf", "nginx", "--port"], ["import"],
                 ["import", "sqlite:a", "--entity"], ["import", "sqlite:a", "--mysql"]):
        expect(run(*args).returncode == 2, args)
    for args in (["--port", "x"], ["--mount", "x"], ["--mount", "/x/"], ["--socket", "a b"],
                 ["--user", "x;"], ["--socket", "tcp:9000"], ["--socket", "tcp:127.0.0.1:"],
                 ["--socket", "tcp::9000"], ["--socket", "tcp:127.0.0.1:x"], ["--guard", "a b"]):
        expect(run("conf", "nginx", *args, cwd=ROOT).returncode == 1, args)
    # What stands twice is not half forgotten.
    expect(run("conf", "nginx", "--port", "1", "--port", "2", cwd=ROOT).returncode == 2, "--port twice")
    several = ["--socket", "tcp:192.0.2.1:9000", "--socket", "unix:/run/a.sock", "--socket", "tcp:192.0.2.3:9000"]
    for server in SERVERS:
        result = run("conf", server, *several, cwd=ROOT)
        good = server in ("nginx", "haproxy")
        expect(result.returncode == (0 if good else 1), server, "several sockets", result.returncode)
        for word in ("192.0.2.1:9000", "/run/a.sock", "192.0.2.3:9000"):
            expect((word in result.stdout) == good, server, word)
    # No server is given a guard that it cannot have.
    for server in "caddy", "apache", "haproxy":
        result = run("conf", server, "--guard", "/srv", cwd=ROOT)
        expect(result.returncode == 1 and not result.stdout, server, "--guard")


def test_grammar():
    """The examples of the compiler's page are accepted."""
    with open(os.path.join(ROOT, "gen", "README.md"), encoding="utf-8") as file:
        text = file.read()
    examples = re.findall(r"```routes\n(.*?)```", text, re.S)
    expect(len(examples) >= 15, "gen/README.md has only", len(examples), "examples")
    for example in examples:
        with tempfile.TemporaryDirectory() as top:
            for name in ("routes.def", "admin.def"):
                with open(os.path.join(top, name), "w", encoding="utf-8") as file:
                    file.write(example if name == "routes.def" else "GET /more users more\n")
            result = run("check", "-Werror", cwd=top)
            expect(result.returncode == 0, example, result.stderr)


def test_schema():
    """SQLite takes each schema, and makes every index that is written there."""
    n = 0
    for folder in accepted():
        script = run("schema", "--sqlite", cwd=folder).stdout
        database = sqlite3.connect(":memory:")
        try:
            database.executescript(script)
        except sqlite3.Error as error:
            expect(False, folder, "schema:", error)
        made = database.execute("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        written = len(re.findall(r"^CREATE (?:UNIQUE )?INDEX ", script, re.M))
        expect(made.fetchone()[0] == written, folder, "schema: indexes are missing")
        n += written
        database.close()
    expect(n > 10, "schema: only", n, "indexes")



DESCRIBED = """## Lessons. Of a school: e.g. this one. More.
##
##     indented
api "School" version "2.1" server "https://a.example/b" license "GPL-3.0-or-later"
tag zebra
## About lessons.
tag lessons
## People.
entity users {
    id int key auto
    kind text one of "a" "b"
}
## What is sent.
body lesson {
    ## Its title
    ## on two lines.
    title text bytes ..9
    many [text bytes ..5]
    ## Another.
    inner other optional
}
body other { a int }
body page {
    ## Behind which.
    after int
}
## Shows a <b>"lesson"</b>. Really.
# not this
GET /a users(kind = "a") show(query page) tag lessons tag zebra deprecated 2027-01-31
POST /b ignored other(lesson)
# nor this
"""


def test_descriptions():
    """Where each text is in the document; and fmt leaves them where they are."""
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "routes.def")
        with open(name, "w") as file:
            file.write(DESCRIBED)
        document = json.loads(run("openapi", cwd=folder).stdout)
        run("fmt", cwd=folder)
        with open(name) as file:
            kept = [line.strip() for line in file if line.strip().startswith("#")]
        explained = run("explain", "GET", "/a", cwd=folder).stdout
        listed = json.loads(run("routes", "--json", cwd=folder).stdout)
        titled = json.loads(run("openapi", "--title", "T", "--url", "/x", cwd=folder).stdout)
    expect(kept == [l.strip() for l in DESCRIBED.splitlines() if l.strip().startswith("#")], kept)
    expect(document["info"] == {
        "title": "School", "version": "2.1", "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        "description": "Lessons. Of a school: e.g. this one. More.\n\n    indented"}, document["info"])
    expect(document["servers"] == [{"url": "https://a.example/b"}], document["servers"])
    expect(document["tags"] == [{"name": "zebra"}, {"name": "lessons", "description": "About lessons."}], document["tags"])
    shown = document["paths"]["/a"]["get"]
    expect(shown["summary"] == 'Shows a <b>"lesson"</b>.' and shown["deprecated"] is True, shown)
    expect(shown["description"].startswith('Shows a <b>"lesson"</b>. Really.\n\nOf users only'), shown)
    expect(shown["tags"] == ["lessons", "zebra"], shown)
    expect(shown["parameters"][0]["description"] == "Behind which.", shown)
    other = document["paths"]["/b"]["post"]
    expect(not {"summary", "description", "tags", "deprecated"} & set(other), other)
    schemas = document["components"]["schemas"]
    lesson = schemas["lesson"]
    expect(lesson["description"] == "What is sent." and "description" not in schemas["other"], lesson)
    expect(lesson["properties"]["title"]["description"] == "Its title\non two lines.\n\n0 to 9 bytes of UTF-8", lesson)
    expect(lesson["properties"]["many"]["items"]["description"] == "0 to 5 bytes of UTF-8", lesson)
    expect(lesson["properties"]["inner"]["description"] == "Another.", lesson)
    expect("People." in document["components"]["securitySchemes"]["users"]["description"], "scheme")
    expect("nor this" not in json.dumps(document) and "not this" not in json.dumps(document), "a comment was told")
    expect('    Shows a <b>"lesson"</b>. Really.\n' in explained, explained)
    expect(listed[0]["description"] == 'Shows a <b>"lesson"</b>. Really.' and "description" not in listed[1], listed)
    expect(titled["info"]["title"] == "T" and titled["servers"] == [{"url": "/x"}], titled["servers"])


TESTS = {"descriptions": test_descriptions, "fmt": test_fmt, "lock": test_lock, "explain": test_explain, "output": test_output,
         "media": test_media_types, "alike": test_routes_that_openapi_cannot_tell_apart, "units": test_units, "files": test_files_that_nginx_passes_on,
         "help": test_help, "grammar": test_grammar, "schema": test_schema}
for part in sys.argv[2:] or TESTS:
    TESTS[part]()
for failure in failures:
    print(failure)
print("%d failures" % len(failures))
sys.exit(bool(failures))
