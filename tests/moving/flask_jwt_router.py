#!/usr/bin/python3
"""docs/moving/flask-jwt-router.md as it stands, and then: its Flask application and its program use the same tables in turns.

flask-jwt-router is no package of Debian. The page's application writes and reads tokens in its place, by what the
documentation of flask-jwt-router says of them (HS256; `table_name`, the key, `exp`; `Bearer` or `?auth=`), with PyJWT."""
import datetime
import decimal
import importlib.util
import os
import random
import warnings

import pages
from mariadb import MariaDB
from program import run_tests

PAGE = "flask-jwt-router.md"
LOGIN = {"email": "ann@example.org", "password": "correct horse"}
TITLES = ["", " ", "x", "  both ends  ", "at the end ", "\t\n", "Grüße", "日本語", "e\u0301", "\U0001f600" * 3, "'\"\\%_", "ß" * 200]
TEXTS = [None, *TITLES, "lines\r\nand\nlines", "long " * 2000]
NUMBERS = [None, 0, 1, -1, 2**31, -2**31 - 1, 2**53 + 1, 2**63 - 1, -2**63]
PRICES = [None, "0.00", "0.01", "-0.01", "12.30", "99999999.99", "-99999999.99", "0.10"]
TIMES = [None, "1970-01-01T00:00:00.000000", "1969-12-31T23:59:59.999999", "2026-01-31T12:00:00.000001", "1000-01-01T00:00:00.000000",
         "9999-12-31T23:59:59.999999", "2024-02-29T23:59:59.123456", "2026-03-29T02:30:00.000000"]


def application(folder, database):
    """The page's app.py as a module of its own, in its folder, on a database."""
    warnings.simplefilter("ignore")  # SQLAlchemy's, of decimals on SQLite
    before = os.getcwd()
    os.chdir(folder)
    os.environ["BLOG_DATABASE"] = database
    try:
        spec = importlib.util.spec_from_file_location("app", folder + "/app.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        os.chdir(before)
        del os.environ["BLOG_DATABASE"]
    return module


class Flask:
    def __init__(self, module):
        self.client = module.app.test_client()

    def ask(self, method, target, body=None, token=None):
        answer = self.client.open(target, method=method, json=body,
                                  headers={"Authorization": "Bearer " + token} if token else {})
        return answer.status_code, answer.json


def random_post(random):
    return {"title": random.choice(TITLES), "text": random.choice(TEXTS), "views": random.choice(NUMBERS),
            "price": random.choice(PRICES), "published": random.random() < 0.5, "at": random.choice(TIMES)}


def sent(post):
    return {**post, "at": post["at"] and post["at"] + "Z"}


def values(post):
    """What an answer of either says, as values of Python."""
    at = post["at"] and datetime.datetime.fromisoformat(post["at"].rstrip("Z"))
    return {**post, "at": at, "price": None if post["price"] is None else decimal.Decimal(post["price"])}


def in_turns(flask, site):
    """Each writes with a token of either, and both read what was written. The number of requests is TURNS."""
    sides = [("flask", flask, "/api/v1"), ("gatewright", site, "/api/v2")]
    tokens = []
    for _, side, prefix in sides:
        status, answer = side.ask("POST", prefix + "/login", LOGIN)
        assert status == 200, answer
        tokens.append(answer["token"])
    rng, known, done = random.Random(16), {}, {}
    while sum(done.values()) < pages.TURNS:
        post = random_post(rng)
        name, side, prefix = rng.choice(sides)
        if known and rng.random() < 0.4:
            number, expected = rng.choice(list(known)), 200
            status, answer = side.ask("PUT", "%s/posts/%d" % (prefix, number), sent(post), rng.choice(tokens))
        else:
            expected = 201
            status, answer = side.ask("POST", prefix + "/posts", sent(post), rng.choice(tokens))
            number = answer.get("id")
        assert status == expected, (name, post, status, answer)
        known[number] = {**post, "id": number, "author_id": 1}
        done[name, "writes"] = done.get((name, "writes"), 0) + 1
        # What was just written, and something older: by both.
        for at in {number, rng.choice(list(known))}:
            for name, side, prefix in sides:
                status, answer = side.ask("GET", "%s/posts/%d" % (prefix, at), token=rng.choice(tokens))
                assert status == 200 and values(answer) == values(known[at]), (name, answer, known[at])
                done[name, "reads"] = done.get((name, "reads"), 0) + 1
    assert min(done.values()) > pages.TURNS / 20 and len(done) == 4, done
    print("%d requests: %s" % (sum(done.values()), done), flush=True)


def prices_that_are_none(site):
    """The client's fault, and not the program's."""
    token = site.ask("POST", "/api/v2/login", LOGIN)[1]["token"]
    for price in pages.BAD_PRICES:
        body = {"title": "x", "published": True, "price": price}
        for method, target in ("POST", "/api/v2/posts"), ("PUT", "/api/v2/posts/1"):
            status, answer = site.ask(method, target, body, token)
            assert status == 422, (method, price, status, answer)


def secret_of(folder):
    with open(folder + "/secret") as file:
        return file.read().strip()


def test_the_page_and_then_both_use_the_tables_in_turns():
    with pages.done(PAGE) as folder:
        flask = Flask(application(folder, "sqlite:///" + folder + "/blog.db"))
        with pages.Site(folder + "/blog", "sqlite:" + folder + "/blog.db", secret_of(folder)) as site:
            site.start_program()
            in_turns(flask, site)
            prices_that_are_none(site)
            tokens_that_both_refuse(flask, site, secret_of(folder))
        in_turns_on_mariadb(folder)


def in_turns_on_mariadb(folder):
    server = MariaDB(folder, "blog", "ALTER DATABASE blog CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    try:
        module = application(folder, "mysql+pymysql://root@/blog?charset=utf8mb4&unix_socket=" + server.socket)
        with module.app.app_context():
            module.make_tables()
        pages.build(folder, "blog", server.url, "--entity", "user")
        with pages.Site(folder + "/blog", server.url, secret_of(folder)) as site:
            site.start_program()
            in_turns(Flask(module), site)
            # As the page says: a server's collation finds it whatever the case, and so do both.
            for side, prefix in (Flask(module), "/api/v1"), (site, "/api/v2"):
                assert side.ask("POST", prefix + "/login", {**LOGIN, "email": "Ann@Example.org"})[0] == 200
    finally:
        server.stop()


def tokens_that_both_refuse(flask, site, secret):
    """By PyJWT: of another key, without `exp`, expired, of another table, of an account that is not there."""
    import jwt
    now = datetime.datetime.utcnow()
    good = {"table_name": "user", "id": 1, "exp": now + datetime.timedelta(days=30)}
    for claims, key, status in ((good, secret, 200), (good, "x" + secret, 401),
                                ({**good, "exp": now - datetime.timedelta(seconds=60)}, secret, 401),
                                ({"table_name": "user", "id": 1}, secret, 401),
                                ({**good, "id": 2}, secret, 401), ({**good, "table_name": "post"}, secret, 401)):
        token = jwt.encode(claims, key, algorithm="HS256")
        for side, prefix in (flask, "/api/v1"), (site, "/api/v2"):
            got, answer = side.ask("GET", prefix + "/posts/1", token=token)
            assert got == status, (claims, prefix, got, answer)


run_tests(globals())
