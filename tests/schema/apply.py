#!/usr/bin/python3
"""`PROGRAM --schema-apply` on both stores: killed at calls that change something, twice at once, refused; and two versions
of a program on one database while it changes.

    apply.py GATEWRIGHT CC RUNTIME LIBRARY LIBRARIES SHIM   (TESTS_FULL=1: 50 migrations, each call; 100,000 requests)"""
import os
import signal
import subprocess
import time

from migrations import Migration
from program import SECRET, run_tests, wait_for
import page
import versions
from world import FULL, SHIM, File, Server, build, on_both, server, top


def apply(program, database, *losses, **more):
    options = [word for loss in losses for word in ("--allow-loss", loss)]
    return subprocess.run([program, "--schema-apply", *options], capture_output=True, text=True, timeout=120,
                          env={"GW_DATABASE_URL": database.url, "GW_SECRET_KEY": SECRET, "PATH": os.environ["PATH"], **more})


def expect(database, done, status, *words):
    assert done.returncode == status, (database.url, done)
    for word in words:
        assert word in done.stdout + done.stderr, (word, done)


def program_of(number):
    """Made once."""
    path = f"{top.name}/migration{number}/program"
    return path if os.path.exists(path) else build(f"migration{number}", Migration(number).after_text())


# ---- Killed -----------------------------------------------------------------------------------------

def expect_rows(database, migration):
    for table, rows in migration.after().items():
        live = database.rows(table)
        assert live == [{name: row[name] for name in live[0]} for row in rows] and set(live[0]) == set(rows[0]), (
            table, live[:2], rows[:2])


def expect_between(database, migration, before, after):
    """On SQLite all or nothing; on a server every row, each value of it the one before or after."""
    if database.store == "sqlite":
        assert database.whole() in (before, after)
        return
    for table in migration.rows:
        live = database.rows(table)
        assert len(live) == len(migration.rows[table]), table
        for n, row in enumerate(live):
            assert migration.allows(table, n, row), (table, row, migration.rows[table][n])


def expect_survives(database, program, migration, stride, first):
    before = database.whole()
    expect(database, apply(program, database, *migration.losses), 0, "the schema is the declared one")
    expect_rows(database, migration)
    after, n, cuts = database.whole(), first, 0
    while True:
        database.reset()
        # A server has what was sent: before and behind each statement.
        when, call = ("CUT_BEFORE", n) if database.store == "sqlite" else (("CUT_BEFORE", "CUT_AFTER")[n % 2], (n + 1) // 2)
        done = apply(program, database, *migration.losses, LD_PRELOAD=SHIM, **{when: str(call)})
        if done.returncode == 0:
            assert cuts > 1
            return cuts
        assert done.returncode == -signal.SIGKILL, done
        database.settle()
        expect_between(database, migration, before, after)
        expect(database, apply(program, database, *migration.losses), 0)
        expect_rows(database, migration)
        assert database.whole() == after, (when, n)
        n, cuts = n + stride, cuts + 1


def test_a_migration_that_is_killed_leaves_every_row_and_goes_on():
    for number in range(50) if FULL else (1,):
        migration = Migration(number)
        program = program_of(number)

        def killed(kind):
            stride = 1 if FULL else {"sqlite": 17, "mysql": 11}[kind.store]
            database = kind(f"killed{number}", migration.before_text(), migration.inserts())
            cuts = expect_survives(database, program, migration, stride, 1 + number % stride)
            print(f"migration {number} on {kind.store}: killed {cuts} times")
        on_both(killed)


# ---- What is not killed -----------------------------------------------------------------------------

def both(name, number=1):
    migration = Migration(number)
    for kind in (File, Server):
        yield kind(name, migration.before_text(), migration.inserts()), migration


def test_two_at_once_leave_one_schema():
    program = program_of(1)
    for database, migration in both("twice"):
        options = [word for loss in migration.losses for word in ("--allow-loss", loss)]
        environment = {"GW_DATABASE_URL": database.url, "GW_SECRET_KEY": SECRET, "PATH": os.environ["PATH"]}
        running = [subprocess.Popen([program, "--schema-apply", *options], env=environment, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True) for _ in range(3)]
        said = [(one.communicate()[0], one.returncode) for one in running]
        assert all(status == 0 for _, status in said), said
        expect_rows(database, migration)


# Of each a table before and after, rows, and what is said.
REFUSED = {
    "a_rename_onto_a_column_that_is_there": (
        "id int key auto; name text max 40; full_name text max 40 optional",
        "id int key auto; full_name text max 40 optional was name", "(name) VALUES ('a')", "and both are there"),
    "a_new_column_that_must_have_a_value": (
        "id int key auto", "id int key auto; name text max 40", "(id) VALUES (1)", "must have a value"),
    "a_narrower_column": (
        "id int key auto; name text max 40", "id int key auto; name text max 3", "(name) VALUES ('abcd')",
        "--allow-loss a_narrower_column.name"),
    "a_column_that_must_be_written": (
        "id int key auto; name text max 40", "id int key auto", "(name) VALUES ('abcd')", "--allow-loss TABLE.COLUMN"),
    "rows_that_are_alike": (
        "id int key auto; name text max 40", "id int key auto; name text max 40 unique", "(name) VALUES ('a'), ('a')",
        "cannot be unique"),
    "another_type": (
        "id int key auto; name text max 40", "id int key auto; name int", "(name) VALUES ('a')", "by hand"),
}
# What could be done stands beside it, and is not done either.
POSSIBLE = "table others { id int key auto; n int%s }\nGET / ignored home\n"


def test_what_would_lose_something_is_refused_with_a_sentence_and_changes_nothing():
    old, new = ("".join(f"table {name} {{ {case[at]} }}\n" for name, case in REFUSED.items()) for at in (0, 1))
    inserts = "".join(f"INSERT INTO {name} {case[2]};\n" for name, case in REFUSED.items())
    program = build("refused", new + POSSIBLE % " optional")
    for kind in (File, Server):
        database = kind("refused", old + POSSIBLE % "", inserts)
        before, done = database.whole(), apply(program, database)
        expect(database, done, 1, "the schema was not changed")
        for name, case in REFUSED.items():
            said = [line for line in done.stderr.splitlines() if name in line]
            assert any(line.startswith("refused: ") and case[3] in line for line in said), (name, done.stderr)
        assert database.whole() == before


# Columns that something holds: the table before without its brackets, and what it holds.
HELD = {
    "refers": "boss_id int optional references bosses",
    "alone": "name text max 40 unique",
    "with_others": "a int; b int; unique (a, b)",
    "with_a_reference": "a int references bosses; b int; c int; unique (a, b, c)",
}
DROPPED = {"refers": "boss_id", "alone": "name", "with_others": "b", "with_a_reference": "b"}
LEFT = {"with_others": "a int", "with_a_reference": "a int references bosses; c int"}


def test_a_column_that_a_constraint_holds_is_dropped():
    bosses = "table bosses { id int key auto; n int }\nGET / ignored home\n"
    old = "".join(f"table {name} {{ id int key auto; n int; {columns} }}\n" for name, columns in HELD.items())
    new = "".join(f"table {name} {{ id int key auto; n int; {LEFT.get(name, '')} }}\n" for name in HELD)
    inserts = ("INSERT INTO bosses (n) VALUES (1), (2); INSERT INTO refers (n, boss_id) VALUES (7, 1), (8, NULL);"
               "INSERT INTO alone (n, name) VALUES (7, 'x'), (8, 'y'); INSERT INTO with_others (n, a, b) VALUES (7, 1, 1), (8, 1, 2);"
               "INSERT INTO with_a_reference (n, a, b, c) VALUES (7, 1, 1, 1), (8, 1, 2, 1);")
    program = build("held", new + bosses)
    for kind in (File, Server):
        database = kind("held", old + bosses, inserts)
        expect(database, apply(program, database, *(f"{name}.{column}" for name, column in DROPPED.items())), 0, "declared one")
        for name, column in DROPPED.items():
            rows = database.rows(name)
            assert [row["n"] for row in rows] == [7, 8] and column not in rows[0], (name, rows)
        assert [row["a"] for row in database.rows("with_a_reference")] == [1, 1]
        try:  # a reference of the others holds as before
            database.ask("PRAGMA foreign_keys = ON; INSERT INTO with_a_reference (n, a, c) VALUES (9, 77, 1);"
                         if kind is File else "INSERT INTO with_a_reference (n, a, c) VALUES (9, 77, 1);")
            raise AssertionError("there is no 77")
        except subprocess.CalledProcessError:
            pass


def test_a_column_that_something_else_names_is_kept_with_a_sentence():
    rest = "table others { id int key auto; code_id int optional }\nGET / ignored home\n"
    old = "table codes { id int key auto; n int; code int unique }\n" + rest
    program = build("named", old.replace("; code int unique", ""))
    cases = {"view": ("CREATE VIEW seen AS SELECT code FROM codes;", "view seen"),
             "reference": ("CREATE TABLE referring (x BIGINT, FOREIGN KEY (x) REFERENCES codes (code));",
                           "table referring refers to it"),
             "key": ("", "the primary key has it")}
    for kind in (File, Server):
        for name, (sql, why) in cases.items():
            database = kind(f"named_{name}", old, "INSERT INTO codes (n, code) VALUES (1, 5);" + sql)
            if name == "key":
                database.ask("DROP TABLE codes; CREATE TABLE codes (id BIGINT NOT NULL, n BIGINT NOT NULL, code BIGINT NOT NULL,"
                             " PRIMARY KEY (id, code));")
            before, done = database.whole(), apply(program, database, "codes.code")
            expect(database, done, 1, why)
            assert "refused: column codes.code" in done.stderr and database.whole() == before, done.stderr


def test_names_with_quotes_of_what_is_dropped():
    """Nobody of ours has chosen them: they stand in statements as they are."""
    old = "table odd { id int key auto; n int }\nGET / ignored home\n"
    program = build("odd", old)
    for name in ("it's", "back`tick", "a\\b", "x` INT, DROP COLUMN `n"):
        for kind in (File, Server):
            quoted = '"%s"' % name if kind is File else "`%s`" % name.replace("`", "``")
            database = kind("odd", old, f"ALTER TABLE odd ADD COLUMN {quoted} INT; INSERT INTO odd (n) VALUES (3);")
            expect(database, apply(program, database, "odd." + name), 0, "declared one")
            rows = database.rows("odd")
            assert len(rows) == 1 and rows[0]["n"] == 3 and name not in rows[0], (name, rows)


def test_a_user_who_may_not_lock_tables_is_told_so():
    old = "table locked { id int key auto; name text max 40 }\nGET / ignored home\n"
    program = build("locked", old.replace("max 40", "max 50"))
    database = Server("locked", old, "INSERT INTO locked (name) VALUES ('a');")
    database.ask("CREATE OR REPLACE USER nolock@localhost; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX,"
                 " REFERENCES, TRIGGER, SHOW VIEW ON locked.* TO nolock@localhost;")
    before, done = database.whole(), apply(program, database, GW_DATABASE_URL=database.url.replace("root@", "nolock@"))
    expect(database, done, 78, "may not do this: LOCK TABLES")
    assert "Permission denied" in done.stderr and "Host is down" not in done.stderr, done.stderr
    assert database.whole() == before


def test_what_may_be_cut_lets_nothing_else_be_lost():
    """A row comes in between the plan and its statements, whose other column does not fit."""
    old = "table cut { id int key auto; name text max 40; nick text max 9 optional }\nGET / ignored home\n"
    program = build("cut", old.replace("max 40", "max 5").replace("optional", 'default "z"'))
    for kind in (File, Server):
        database = kind("cut", old, "INSERT INTO cut (name, nick) VALUES ('Bartholomew', 'Bart');")
        done = subprocess.run([program, "--schema-diff", "--allow-loss", "cut.name"], capture_output=True, text=True,
                              env={"GW_DATABASE_URL": database.url, "GW_SECRET_KEY": SECRET, "PATH": os.environ["PATH"]})
        assert done.returncode == 1 and "refused" not in done.stdout, done
        database.ask("INSERT INTO cut (name, nick) VALUES ('Nemo', NULL);")
        shell = ["sqlite3", database.path] if database.store == "sqlite" else server.command(database.name) + ["--force"]
        subprocess.run(shell, input=done.stdout, capture_output=True, text=True)
        rows = database.rows("cut")
        assert [row["nick"] for row in rows] == ["Bart", None], rows
        assert rows[0]["name"] in ("Bartholomew", "Barth") and rows[1]["name"] == "Nemo", rows
        expect(database, apply(program, database, "cut.name"), 1, "hold NULL")


# A table before and after, and a row that comes in while it is waited for: the server itself would round or fill it.
LATE = {
    "rounded": ("id int key auto; price decimal 10.4", "id int key auto; price decimal 10.2", "(price) VALUES (7.1234)"),
    "filled": ("id int key auto; n int", "id int key auto; n int; name text max 9", "(n) VALUES (1)"),
    "another": ("id int key auto; at time", "id int key auto; at date", "(at) VALUES ('2026-01-02 03:04:05')"),
}


def test_a_row_that_comes_in_behind_the_plan_is_neither_rounded_nor_filled():
    """Only on a server: SQLite is locked from before the first look."""
    for name, (old, new, values) in LATE.items():
        program = build("late_" + name, f"table {name} {{ {new} }}\nGET / ignored home\n")
        database = Server("late_" + name, f"table {name} {{ {old} }}\nGET / ignored home\n", "")
        other = subprocess.Popen(server.command(database.name) + ["--unbuffered"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True)
        other.stdin.write(f"BEGIN; INSERT INTO {name} {values}; SELECT 1;\n")
        other.stdin.flush()
        other.stdout.readline()
        applying = subprocess.Popen([program, "--schema-apply"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={
            "GW_DATABASE_URL": database.url, "GW_SECRET_KEY": SECRET, "PATH": os.environ["PATH"]})
        wait_for("it waits for the table", lambda: "waiting for" in database.ask(
            "SELECT LOWER(STATE) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'LOCK TABLES%'", "-N"), 10)
        other.communicate("COMMIT;\n")
        before = database.whole()
        said = applying.communicate()[0]
        assert applying.returncode == 1 and "came in" in said and database.whole() == before, (name, applying.returncode, said)


def test_a_script_unbinds_no_key_that_it_could_not_bind_again():
    old = ("table people {{ id {0} key }}\ntable kids {{ id int key; parent_id {0} references people }}\n"
           "GET / ignored home\n")
    program = build("bound", old.format("uint"))
    database = Server("bound", old.format("int"), "INSERT INTO people VALUES (-1), (2); INSERT INTO kids VALUES (1, 2);")
    before = database.whole()
    environment = {"GW_DATABASE_URL": database.url, "GW_SECRET_KEY": SECRET, "PATH": os.environ["PATH"]}
    done = subprocess.run([program, "--schema-diff"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "-- refused: column people.id: 1 rows" in done.stdout, done
    subprocess.run(server.command("bound") + ["--force"], input=done.stdout, text=True, capture_output=True)
    assert database.whole() == before
    expect(database, apply(program, database), 1, "the schema was not changed")
    database.ask("UPDATE people SET id = 1 WHERE id = -1;")
    done = subprocess.run([program, "--schema-diff"], env=environment, capture_output=True, text=True)
    subprocess.run(server.command("bound"), input=done.stdout, text=True, check=True)
    expect(database, apply(program, database), 0)


def test_what_its_user_may_not_see_is_not_taken_for_absent():
    old = "table seen { id int key auto; name text max 9 }\nGET / ignored home\n"
    program = build("seen", old.replace("name text max 9", "full text max 9 was name"))
    database = Server("seen", old, "INSERT INTO seen (name) VALUES ('Ann');")
    database.ask("CREATE VIEW names AS SELECT name FROM seen;")
    listed = "ALTER, CREATE, INDEX, REFERENCES, DROP, LOCK TABLES, SELECT, INSERT"
    assert server.run(f"CREATE USER changer@localhost; GRANT {listed} ON seen.* TO changer@localhost", None)
    url, before = database.url.replace("root@", "changer@"), database.whole()
    for more, said in [("TRIGGER", "may not see view names"), ("SHOW VIEW", "the view names names it")]:
        expect(database, apply(program, database, GW_SCHEMA_URL=url), 1, "may not see")
        assert server.run(f"GRANT {more} ON seen.* TO changer@localhost", None)
        expect(database, apply(program, database, GW_SCHEMA_URL=url), 1, said)
        assert database.whole() == before
    database.ask("DROP VIEW names;")
    expect(database, apply(program, database, GW_SCHEMA_URL=url), 0)
    assert database.rows("seen") == [{"id": 1, "full": "Ann"}]


def test_check_changes_nothing():
    program = program_of(1)
    environment = {"GW_SECRET_KEY": SECRET, "PATH": os.environ["PATH"]}
    path = top.name + "/nothing.db"
    done = subprocess.run([program, "--check"], env={**environment, "GW_DATABASE_URL": "sqlite:" + path}, capture_output=True)
    assert done.returncode == 0 and not os.path.exists(path), done
    for database, _ in both("checked"):
        before = database.whole()
        done = subprocess.run([program, "--check"], env={**environment, "GW_DATABASE_URL": database.url}, capture_output=True)
        assert done.returncode == 78 and database.whole() == before, done


def test_the_user_of_the_schema_url_alters_what_the_other_may_not():
    _, (database, migration) = both("users")
    program = program_of(1)
    assert server.run("CREATE USER serving@localhost; GRANT SELECT, INSERT, UPDATE, DELETE, SHOW VIEW, TRIGGER ON users.* TO serving@localhost", None)
    serving = database.url.replace("root@", "serving@")
    before = database.whole()
    done = apply(program, database, *migration.losses, GW_DATABASE_URL=serving)
    expect(database, done, 78, "access denied")
    assert database.whole() == before
    expect(database, apply(program, database, *migration.losses, GW_DATABASE_URL=serving, GW_SCHEMA_URL=database.url), 0)
    expect_rows(database, migration)


def test_what_is_in_the_way_is_told_and_may_be_tried_again():
    """Ten seconds each: only in the long run."""
    if not FULL:
        return
    program = program_of(1)
    for database, migration in both("locked"):
        holds = ("BEGIN IMMEDIATE;\n.shell sleep 14\nROLLBACK;" if database.store == "sqlite" else
                 "SELECT GET_LOCK(CONCAT('gw_schema ', SHA1(DATABASE())), 0); SELECT SLEEP(14);")
        command = ["sqlite3", database.path] if database.store == "sqlite" else server.command(database.name)
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        holder.stdin.write(holds)
        holder.stdin.close()
        time.sleep(1)
        before = database.whole()
        expect(database, apply(program, database, *migration.losses), 75, "try again")
        assert database.whole() == before
        holder.wait(30)
        expect(database, apply(program, database, *migration.losses), 0)
        expect_rows(database, migration)


run_tests({name: test for of in (globals(), vars(versions), vars(page)) for name, test in of.items() if name.startswith("test_")})
