#!/usr/bin/env python3
"""`check --upgrade-from`: two programs at once on one database.

usage: upgrades.py GATEWRIGHT"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GATEWRIGHT = os.path.abspath(sys.argv[1])
EITHER, SCHEMA, PROGRAM = "both programs serve at once", "first --schema-apply", "first the new program"
USERS = "entity users { id int key auto; %s }\nGET /me users me\n"
NOTES = USERS % "name text max 40" + "table notes { id int key auto; %s }\n"
ROLES = 'entity users { id int key auto; role text one of "user" "admin"%s }\n'

TICKET = "ticket reset users 30 minutes voids name\n" + USERS % "name text max 40" + "POST /reset whitelisted reset ticket reset\n"

# What changes, the declarations before and after; the order, or what is in the way.
CASES = [
    ("nothing", USERS % "name text max 40", USERS % "name text max 40", EITHER),
    # A column more.
    ("add with default", USERS % "name text max 40", USERS % 'name text max 40; state text max 9 default "new"', SCHEMA),
    ("add optional", USERS % "name text max 40", USERS % "name text max 40; born date optional", SCHEMA),
    ("add without default", USERS % "name text max 40", USERS % "name text max 40; born date",
     ["inserts into `users` without `born`", "the new program reads and writes `users.born`"]),
    ("add a table", USERS % "name text max 40", NOTES % "n int", SCHEMA),
    # A column less: at once, and in two steps.
    ("drop", USERS % "name text max 40; old text max 9", USERS % "name text max 40",
     ["the old program reads and writes `users.old`", "keep it one release", "without `old`"]),
    ("drop, first", USERS % "name text max 40; old text max 9", USERS % 'name text max 40; old text max 9 default ""', EITHER),
    ("drop, then", USERS % 'name text max 40; old text max 9 default ""', USERS % "name text max 40", PROGRAM),
    ("drop a table", NOTES % "n int", USERS % "name text max 40", PROGRAM),
    # Another name: at once, and in steps.
    ("rename", USERS % "name text max 40", USERS % "full_name text max 40 was name",
     ["the old program reads and writes `users.name`", "the new program reads and writes `users.full_name`"]),
    ("rename, first", USERS % "name text max 40", USERS % 'name text max 40 default ""; full_name text max 40 optional', SCHEMA),
    ("rename, then", USERS % 'name text max 40 default ""; full_name text max 40 optional',
     USERS % "full_name text max 40 optional", PROGRAM),
    ("the same name in SQL", USERS % "name text max 40", USERS % 'label text max 40 as "name"', EITHER),
    # Values.
    ("longer", USERS % "name text max 40", USERS % "name text max 80", EITHER),
    ("shorter", USERS % "name text max 40; x int", USERS % "name text max 20; y int optional", ["more into `users.name` than `max 20`"]),
    ("another type", NOTES % "n int; a int", NOTES % "n text max 9; b int optional", ["`notes.n` is an int in the old program, and a text"]),
    ("less digits", NOTES % "n decimal 8.2; a int", NOTES % "n decimal 8.1; b int optional", ["more digits into `notes.n` than 8.1"]),
    ("must be there", NOTES % "n int optional; a int", NOTES % "n int; b int optional", ["may write NULL into `notes.n`"]),
    ("may be NULL", NOTES % "n int", NOTES % "n int optional", "cannot read NULL in `notes.n`"),
    ("unique", NOTES % "n int", NOTES % "n int unique", "does not expect `notes.n` to be unique"),
    ("a new word", NOTES % 'n text one of "a"', NOTES % 'n text one of "a" "b"', 'cannot read the new word "b"'),
    ("a word less", NOTES % 'n text one of "a" "b"; a int', NOTES % 'n text one of "a"; b int optional',
     ['may write "b" into `notes.n`']),
    ("words", NOTES % "n text max 9; a int", NOTES % 'n text one of "a"; b int optional', ["may write any text into `notes.n`"]),
    ("no words", NOTES % 'n text one of "a"', NOTES % "n text max 9", "reads its own words alone in `notes.n`"),
    # Statements, as they stand.
    ("a statement", NOTES % "n int; a int" + "sql all() many { n int }: SELECT n FROM notes WHERE a = 1\n",
     NOTES % "n int; b int", ["the statement `all` of the old program fails on the new schema: no such column: a"]),
    ("a new statement", NOTES % "n int; a int optional", NOTES % "n int; b int optional" +
     "sql all() many { n int }: SELECT n FROM notes WHERE b = 1\n",
     ["the statement `all` of the new program fails on the old schema: no such column: b"]),
    ("all columns", NOTES % "n int" + "sql all() many notes: SELECT * FROM notes\n",
     NOTES % "n int; b int optional" + "sql all() many notes: SELECT * FROM notes\n",
     ["the statement `all` of the old program gives other columns on the new schema"]),
    ("of MySQL", NOTES % "n int" + "sql mysql all() many notes: SELECT id, n FROM notes FOR UPDATE\n", NOTES % "n int",
     "`all` is for MySQL only"),
    # Checks that the old program does not make.
    ("blocks", USERS % "off bool", USERS % "off bool blocks", "`users.off` blocks a row's tokens"),
    ("a role", ROLES % "" + "GET /x users x\n", ROLES % "" + 'GET /x users(role = "admin") x\n', 'this one users(role="admin")'),
    ("a scope", USERS % "n int", (USERS % "n int").replace("me\n", 'me scope "x"\n'), 'make this check: scope "x"'),
    ("own", NOTES % "user_id int references users" + "GET /n/{id:int} users n\n",
     NOTES % "user_id int references users" + "GET /n/{id:int} users n own notes(user_id = me, id = {id})\n",
     "make this check: own notes(id = {1}, user_id = me)"),
    ("a ticket", TICKET.replace(" ticket reset\n", "\n"), TICKET,
     "make this check: ticket users 1800 seconds voids name"),
    ("a limit", USERS % "n int", (USERS % "n int").replace("me\n", "me rate 5 per minute by address\n"), "its limits are others"),
    ("query_token", (USERS % "n int").replace("me\n", "me query_token\n"), USERS % "n int", "it takes the token from the query"),
    ("callers", (USERS % "n int").replace("users me", "guest|users me"), USERS % "n int", "it lets in guest|users, and this one users"),
]
failures = []


def run(*args, cwd=None):
    return subprocess.run([GATEWRIGHT, *args], cwd=cwd, capture_output=True, text=True)


def expect(condition, *what):
    if not condition:
        failures.append(" ".join(str(w) for w in what))


def write(top, name, text):
    with open(os.path.join(top, name), "w") as file:
        file.write(text)


def upgrade(top, before, after, *options):
    write(top, "before.def", before)
    write(top, "routes.def", after)
    locked = run("lock", "before.def", "--lock-file", "before.lock", cwd=top)
    expect(locked.returncode == 0, before, locked.stderr)
    return run("check", "--upgrade-from", "before.lock", *options, cwd=top)


def test_cases(top):
    for what, before, after, wanted in CASES:
        done = upgrade(top, before, after)
        if isinstance(wanted, list):
            expect(done.returncode == 1 and not done.stdout, what, done)
            for sentence in wanted:
                expect("error: " in done.stderr and sentence in done.stderr, what, sentence, done.stderr)
            continue
        expect(done.returncode == 0, what, done)
        expect(wanted in done.stdout or "warning: " in done.stderr and wanted in done.stderr, what, wanted, done)
        strict = upgrade(top, before, after, "-Werror")
        expect(wanted in strict.stdout or strict.returncode == 1, what, "is no error by -Werror")


def test_the_order_that_would_break_is_refused(top):
    for what, before, after, wanted in CASES:
        for order, good in (("schema", (EITHER, SCHEMA)), ("program", (EITHER, PROGRAM))):
            if wanted not in (EITHER, SCHEMA, PROGRAM):
                continue
            done = upgrade(top, before, after, "--first", order)
            expect(done.returncode == (wanted not in good), what, order, done)
            expect(wanted in good or f"the {'old' if order == 'schema' else 'new'} program" in done.stderr, what, order, done)


def test_each_accepted_case_serves_beside_itself(top):
    n = 0
    for name in sorted(os.listdir(os.path.join(HERE, "ok"))):
        folder = os.path.join(HERE, "ok", name)
        lock = os.path.join(top, "itself.lock")
        expect(run("lock", "--lock-file", lock, cwd=folder).returncode == 0, name)
        done = run("check", "--upgrade-from", lock, cwd=folder)
        expect(done.returncode == 0 and done.stdout.startswith(EITHER), name, done.stderr)
        expect("does not make this check" not in done.stderr, name, done.stderr)
        n += 1
    expect(n > 50, n, "cases")


def test_locks_that_say_nothing_are_refused_with_a_sentence(top):
    write(top, "routes.def", USERS % "name text max 40")
    run("lock", cwd=top)
    with open(os.path.join(top, "routes.lock")) as file:
        lock = file.read()
    old = re.sub(r"(?m)^(format  |\| ).*\n", "", lock)
    for text, sentence in ((old, "is of gatewright 0.1"), (lock.replace("format  2", "format  3"), "by a newer gatewright: format 3"),
                           (lock.replace("users", "people").replace("GET  /me", "GET  /other"), "this is another program's lock"),
                           (lock.replace("name text", "name txt"), "of this lock cannot be read")):
        write(top, "other.lock", text)
        done = run("check", "--upgrade-from", "other.lock", cwd=top)
        expect(done.returncode == 1 and sentence in done.stderr, sentence, done)
        same = run("check", "--lock-file", "other.lock", cwd=top)
        expect((same.returncode == 0) == ("format  3" not in text), sentence, same)
    done = run("check", "--upgrade-from", "none.lock", cwd=top)
    expect(done.returncode == 1 and "cannot read none.lock" in done.stderr, done)
    for args in (("--first", "schema"), ("--upgrade-from", "routes.lock", "--first", "both")):
        expect(run("check", *args, cwd=top).returncode == 2, args)


for name, test in list(globals().items()):
    if name.startswith("test_"):
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
print("\n".join(failures))
sys.exit(bool(failures))
