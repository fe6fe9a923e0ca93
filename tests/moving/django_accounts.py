#!/usr/bin/python3
"""docs/moving/django.md as it stands, and then: Django and its program use `auth_user` and a table of a model in turns."""
import datetime
import decimal
import itertools
import os
import random
import sys

import pages
from mariadb import MariaDB
from program import run_tests, token

PAGE = "django.md"
NAMES = ["", " ", "Ann", " both ends ", "at the end ", "Grüße", "日本語", "e\u0301", "\U0001f600" * 3, "'\"\\%_", "ß" * 150]
TEXTS = [None, *NAMES, "lines\r\nand\nlines", "long " * 2000]
MAIL = ["", "ann@example.org", "Ann@Example.ORG", "mîke@exämple.org", "a" * 242 + "@example.org"]
NUMBERS = [None, 0, 1, -1, 2**31, -2**31 - 1, 2**53 + 1, 2**63 - 1, -2**63]
PRICES = [None, *map(decimal.Decimal, ("0.00", "0.01", "-0.01", "12.30", "99999999.99", "-99999999.99"))]
UTC = datetime.timezone.utc
TIMES = [datetime.datetime(*parts, tzinfo=UTC) for parts in (
    (1970, 1, 1), (1969, 12, 31, 23, 59, 59, 999999), (2026, 1, 31, 12, 0, 0, 1), (1000, 1, 1),
    (9999, 12, 31, 23, 59, 59, 999999), (2024, 2, 29, 23, 59, 59, 123456), (2026, 3, 29, 2, 30))]
USER = ("id", "last_login", "is_superuser", "username", "last_name", "email", "is_staff", "is_active", "date_joined", "first_name")
NOTE = ("id", "owner_id", "title", "text", "views", "price", "published", "at")


def text_of(value):
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat() + "Z"
    return str(value) if isinstance(value, decimal.Decimal) else value


def value_of(name, value):
    """A member of an answer, as Django's model has it."""
    if value is not None and name in ("last_login", "date_joined", "at"):
        return datetime.datetime.fromisoformat(value.rstrip("Z")).replace(tzinfo=UTC)
    return decimal.Decimal(value) if value is not None and name == "price" else value


class Turns:
    """Of one database: `alias` is Django's name of it."""

    def __init__(self, alias, site, secret):
        from django.contrib.auth.models import User
        from notes.models import Note
        self.users, self.notes, self.site, self.secret = User.objects.using(alias), Note.objects.using(alias), site, secret
        self.alias, self.rng, self.done, self.known, self.ids = alias, random.Random(16), {}, {}, []
        self.names = itertools.count()

    def count(self, side, what):
        self.done[side, what] = self.done.get((side, what), 0) + 1

    def ask(self, method, target, body=None, user=1, status=200):
        got, answer = self.site.ask(method, target, body, token("auth_user", "id", user, secret=self.secret))
        assert got == status, (method, target, body, got, answer)
        return answer

    def compare(self, kind, number):
        """Both have the row that is known."""
        model, names = (self.users, USER) if kind == "user" else (self.notes, NOTE)
        row = model.get(pk=number)
        by_django = {name: getattr(row, name) for name in names}
        self.count("django", "reads")
        user = number if kind == "user" else self.known[kind, number]["owner_id"]
        answer = self.ask("GET", "/api/me" if kind == "user" else "/api/notes/%d" % number, user=user)
        self.count("gatewright", "reads")
        known = self.known[kind, number]
        assert by_django == known, (by_django, known)
        assert {name: value_of(name, value) for name, value in answer.items()} == known, (answer, known)

    def user_by_django(self):
        choice = self.rng.choice
        values = {"last_login": choice([None, *TIMES]), "is_superuser": choice([True, False]), "last_name": choice(NAMES),
                  "email": choice(MAIL), "is_staff": choice([True, False]), "date_joined": choice(TIMES),
                  "first_name": choice(NAMES), "is_active": True, "username": "%d%s" % (next(self.names), choice(NAMES)[:100])}
        if len(self.ids) < 10 or self.rng.random() < 0.2:
            number = self.users.create(**values).pk
            self.ids.append(number)
        else:
            number = choice(self.ids)
            row = self.users.get(pk=number)
            for name, value in values.items():
                setattr(row, name, value)
            row.save(using=self.alias)
        self.known["user", number] = {"id": number, **values}
        return "user", number

    def user_by_gatewright(self):
        number = self.rng.choice(self.ids)
        body = {"first_name": self.rng.choice(NAMES), "last_name": self.rng.choice(NAMES), "email": self.rng.choice(MAIL)}
        self.ask("PUT", "/api/me", body, user=number)
        self.known["user", number].update(body)
        return "user", number

    def note(self, side):
        choice = self.rng.choice
        values = {"title": choice(NAMES), "text": choice(TEXTS), "views": choice(NUMBERS), "price": choice(PRICES),
                  "published": choice([True, False]), "at": choice([None, *TIMES])}
        old = [number for kind, number in self.known if kind == "note"]
        number = choice(old) if old and self.rng.random() < 0.5 else None
        owner = self.known["note", number]["owner_id"] if number else choice(self.ids)
        if side == "django" and number:
            assert self.notes.filter(pk=number).update(**values) == 1
        elif side == "django":
            number = self.notes.create(owner_id=owner, **values).pk
        else:
            body = {name: text_of(value) for name, value in values.items()}
            target = "/api/notes/%d" % number if number else "/api/notes"
            number = self.ask("PUT" if number else "POST", target, body, owner, 200 if number else 201)["id"]
        self.known["note", number] = {"id": number, "owner_id": owner, **values}
        return "note", number

    def run(self):
        while sum(self.done.values()) < pages.TURNS:
            side = self.rng.choice(["django", "gatewright"])
            if not self.ids:
                side, written = "django", self.user_by_django()
            elif self.rng.random() < 0.5:
                written = self.note(side)
            else:
                written = self.user_by_django() if side == "django" else self.user_by_gatewright()
            self.count(side, "writes")
            for kind, number in {written, self.rng.choice(list(self.known))}:
                self.compare(kind, number)
        assert len(self.done) == 4 and min(self.done.values()) > pages.TURNS / 20, self.done
        print("%d operations: %s" % (sum(self.done.values()), self.done), flush=True)


def begin_django(folder):
    os.chdir(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    sys.path.insert(0, folder)
    import django
    django.setup()


def secret_of(folder):
    with open(folder + "/secret") as file:
        return file.read().strip()


def nobody_who_is_not_active_gets_in(site, secret):
    from django.contrib.auth.models import User
    login = {"username": "bob", "password": "grüß dich"}
    bob = User.objects.create_user(**login)
    old = token("auth_user", "id", bob.pk, secret=secret)
    assert site.ask("POST", "/api/log-in", login)[0] == 200
    assert site.ask("GET", "/api/me", token=old)[0] == 200
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert site.ask("POST", "/api/log-in", login)[0] == 401
    assert site.ask("GET", "/api/me", token=old)[0] == 403
    bob.delete()
    assert site.ask("GET", "/api/me", token=old)[0] == 401


def the_log_in_that_leaves_hashes_alone(site):
    """Django knows the account's password before and after, and has the time of the log-in as its own."""
    from django.contrib.auth import authenticate
    from django.contrib.auth.models import User
    User.objects.create_user("eve", password="sieben Zwerge ")
    before = User.objects.get(username="eve")
    assert site.ask("POST", "/api/log-in", {"username": "eve", "password": "sieben Zwerge"})[0] == 401
    assert site.ask("POST", "/api/log-in", {"username": "eve", "password": "sieben Zwerge "})[0] == 200
    after = User.objects.get(username="eve")
    assert after.password == before.password and authenticate(username="eve", password="sieben Zwerge ") == after
    now = datetime.datetime.now(UTC)
    assert before.last_login is None and datetime.timedelta(0) <= now - after.last_login < datetime.timedelta(seconds=60)


def test_the_page_and_then_both_use_the_tables_in_turns():
    before = os.getcwd()
    with pages.done(PAGE) as folder:
        try:
            begin_django(folder)
            with pages.Site(folder + "/shop", "sqlite:" + folder + "/shop.db", secret_of(folder)) as site:
                site.start_program()
                the_log_in_that_leaves_hashes_alone(site)
                nobody_who_is_not_active_gets_in(site, secret_of(folder))
                prices_that_are_none(site, secret_of(folder))
                Turns("default", site, secret_of(folder)).run()
            if pages.FULL:  # in the ordinary run it is Flask alone that uses a server
                in_turns_on_mariadb(folder)
        finally:
            os.chdir(before)


def prices_that_are_none(site, secret):
    """The client's fault, and not the program's. Note 1 is the page's, of Ann."""
    for price in pages.BAD_PRICES:
        body = {"title": "x", "published": True, "price": price}
        for method, target in ("POST", "/api/notes"), ("PUT", "/api/notes/1"):
            status, answer = site.ask(method, target, body, token("auth_user", "id", 1, secret=secret))
            assert status == 422, (method, price, status, answer)


def in_turns_on_mariadb(folder):
    from django.core.management import call_command
    from django.db import connections
    server = MariaDB(folder, "shop", "ALTER DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    try:
        connections.databases["server"] = {"ENGINE": "django.db.backends.mysql", "NAME": "shop", "USER": "root", "OPTIONS": {
            "unix_socket": server.socket, "charset": "utf8mb4"}}
        call_command("migrate", database="server", verbosity=0)
        pages.build(folder, "shop", server.url, "auth_user", "notes_note", "--entity", "auth_user")
        with pages.Site(folder + "/shop", server.url, secret_of(folder)) as site:
            site.start_program()
            Turns("server", site, secret_of(folder)).run()
            connections["server"].close()
    finally:
        server.stop()


run_tests(globals())
