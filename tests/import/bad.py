"""What `gatewright import` is given by mistake or in bad faith: no crash, no guess, a message for each."""
import contextlib
import os
import socket
import sqlite3
import subprocess
import time

from declared import Declared, check
from world import COMPILER, columns_of_server, make_database, make_file, server, top


def refused(url, *more, environment=None):
    """The message."""
    out, said = COMPILER.run("import", url, *more, code=1, environment=environment)
    assert out == "", out
    assert said and "Sanitizer" not in said, said
    return said


# ---- What is no database -----------------------------------------------------------------------------

def test_a_dump_is_refused_with_what_to_do():
    path = top.name + "/dump.sql"
    with open(path, "w") as file:
        file.write("CREATE TABLE users (id int);\n" * 100)
    said = refused(path)
    assert "must begin with sqlite:" in said and "a dump must be loaded" in said, said
    assert "file is not a database" in refused("sqlite:" + path)
    assert os.path.getsize(path) == 2900


def test_what_is_not_there_is_refused_and_not_made():
    for path in (top.name + "/not-there.db", top.name + "/no/folder.db"):
        assert path + ": No such file" in refused("sqlite:" + path)
        assert not os.path.exists(path)
    assert "sqlite:" in refused("sqlite:") and "memory" in refused("sqlite::memory:")
    assert refused("sqlite:" + top.name)  # a folder
    empty = top.name + "/empty.db"
    open(empty, "w").close()
    assert "no table" in refused("sqlite:" + empty)
    assert os.path.getsize(empty) == 0


def test_a_database_is_left_as_it_is():
    url = make_file("as-it-is", ["CREATE TABLE a (id INTEGER PRIMARY KEY)"])
    path = url[len("sqlite:"):]
    for mode in ("DELETE", "WAL"):
        with contextlib.closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA journal_mode = " + mode)
        before = open(path, "rb").read(), sorted(os.listdir(top.name))
        COMPILER.imported(url)
        assert (open(path, "rb").read(), sorted(os.listdir(top.name))) == before, mode


def test_urls_that_cannot_be_right_are_refused():
    for url in ("", "postgres://u@h/d", "mysql:u@h/d", "mysql://u@h/", "mysql:///d", "mysql://u@h/d?tls=maybe",
                "\x1b[31m\xff", "sqlite:a.db?mode=rw"):
        refused(url)
    COMPILER.run("import", code=2)
    COMPILER.run("import", "sqlite:a.db", "--entity", code=2)
    assert "no URL in GW_DATABASE_URL" in refused("-", environment={"GW_DATABASE_URL": ""})


# ---- Servers -----------------------------------------------------------------------------------------

def test_a_password_is_taken_from_the_environment_alone_and_never_shown():
    assert server.run("CREATE USER secretive@localhost IDENTIFIED BY 'hunter2';"
                      " CREATE DATABASE secrets; CREATE TABLE secrets.a (id INT PRIMARY KEY);"
                      " GRANT SELECT ON secrets.* TO secretive@localhost", None)
    url = f"mysql://secretive:%s@/secrets?socket={server.socket}"
    for scheme in ("mysql", "mariadb"):
        said = refused(url.replace("mysql", scheme, 1) % "hunter2")
        assert "list of processes" in said and "hunter2" not in said, said
    out, said = COMPILER.run("import", "-", environment={"GW_DATABASE_URL": url % "hunter2"})
    assert "table a existing" in out and said == ""
    said = refused("-", environment={"GW_DATABASE_URL": url % "hunter3"})
    assert "Access denied" in said and "hunter" not in said, said


def test_a_server_that_is_away_or_silent_is_given_up():
    said = refused("mysql://u@127.0.0.1:1/d")
    assert "127.0.0.1" in said, said
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begun = time.monotonic()
        said = refused("mysql://u@127.0.0.1:%d/d" % silent.getsockname()[1])
        assert "does not answer" in said and time.monotonic() - begun < 15, said


def test_a_user_sees_what_he_may_read():
    make_database("rights", "CREATE TABLE mine (id INT PRIMARY KEY, name VARCHAR(9), hidden VARCHAR(9) NOT NULL);"
                            "CREATE TABLE other (id INT PRIMARY KEY)")
    assert server.run("CREATE USER nobody@localhost, half@localhost; GRANT SELECT (id, name), INSERT (hidden) ON"
                      " rights.mine TO half@localhost; GRANT INSERT ON rights.other TO half@localhost", None)
    url = f"mysql://%s@/rights?socket={server.socket}"
    assert "Access denied" in refused(url % "nobody")
    assert "Unknown database" in refused(f"mysql://root@/not_there?socket={server.socket}")
    found = COMPILER.imported(url % "half")
    assert found.tables["mine"].keys() == {"id", "name"}
    assert "may not read it" in found.left_out["mine"]["hidden"] and "inserts fail" in found.left_out["mine"]["hidden"]
    assert "other" in found.left_tables
    assert server.run("CREATE USER blind@localhost; GRANT CREATE ON rights.* TO blind@localhost", None)
    found = COMPILER.imported(url % "blind")
    assert found.left_tables == dict.fromkeys(["mine", "other"], "this user may see none of its columns")


# ---- Tables ------------------------------------------------------------------------------------------

STRANGE = """
CREATE TABLE `int` (`default` INT NOT NULL PRIMARY KEY, `long` INT, `errno` INT, `NULL` INT, `Class` INT, `class_` INT,
    `naïve Ünïcode` INT, `1st` INT, `a-b` INT, `a b` INT, `a.b` INT, `_` INT, `__` INT, `x```  INT, `{` INT, `"` INT,
    `for` INT, `stdin` INT, `gw_x` INT, `int64_t` INT, `a\nb` INT, `# }` INT);
CREATE TABLE `page` (`size` INT PRIMARY KEY, `max` INT);
CREATE TABLE `path` (`max` INT PRIMARY KEY);
CREATE TABLE `a_b` (`c` INT PRIMARY KEY);
CREATE TABLE `a` (`b_c` INT PRIMARY KEY, `id` INT UNIQUE);
CREATE TABLE `Users` (id INT PRIMARY KEY);
CREATE TABLE `users` (id INT PRIMARY KEY);
CREATE TABLE `gw_denied` (id INT PRIMARY KEY);
CREATE TABLE `gateway` (id INT PRIMARY KEY);
CREATE TABLE `gw` (id INT PRIMARY KEY);
CREATE TABLE `limit` (`key` INT, `unique` INT, `index` INT, PRIMARY KEY (`key`, `unique`), INDEX (`index`));
CREATE TABLE `curl_easy` (`setopt` INT PRIMARY KEY);
CREATE TABLE `} GET /x ignored x` (id INT PRIMARY KEY);
CREATE TABLE ```evil"` (id INT PRIMARY KEY COMMENT '}\nGET /x ignored x');
"""


def test_names_of_every_kind_are_declared_by_names_of_c_or_listed():
    url = make_database("strange", STRANGE)
    found = COMPILER.imported(url)
    told = {(t, c) for part in (found.tables, found.left_out) for t in part for c in part[t]}
    live = columns_of_server("strange")
    assert sum(found.count()) == len([t for t, _ in live if t != "gw_denied"])
    assert len(told) == sum(found.count())
    folders = COMPILER.build_all(top.name, {"strange": found.text})
    check(folders["strange"], url)
    assert "GET /x" not in [line.strip() for line in found.text.splitlines()]
    assert len(found.tables["int"]) >= 17 and len(found.left_out["int"]) <= 5
    assert COMPILER.imported(url).text == found.text


KINDS = """
CREATE TABLE kinds (id INT PRIMARY KEY, p POINT NOT NULL, y YEAR NOT NULL, b BIT(17), t TIME, i INET6, v VARBINARY(9),
    d DECIMAL(38,35), up INT AS (id + 1) STORED, low INT AS (id) VIRTUAL, j JSON, u UUID, s SET('a','b'),
    c CHAR(36), n TINYINT(1) DEFAULT 1, m TINYINT(1) NOT NULL DEFAULT 2, e VARCHAR(9) DEFAULT (concat('a','b')), CHECK (id > 0),
    now DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3), later DATETIME DEFAULT (CURRENT_TIMESTAMP + INTERVAL 1 DAY),
    day DATE DEFAULT CURRENT_DATE, zero DATETIME DEFAULT '2000-01-01', changed DATETIME ON UPDATE CURRENT_TIMESTAMP);
CREATE TABLE bool_key (a TINYINT(1), b TINYINT(1) UNSIGNED, c TINYINT(1) NOT NULL, PRIMARY KEY (a, b));
CREATE VIEW seen AS SELECT id FROM kinds;
CREATE VIEW broken AS SELECT id FROM kinds;
CREATE TABLE parts (id INT, y INT, PRIMARY KEY (id, y)) PARTITION BY HASH (y) PARTITIONS 4;
CREATE TABLE no_key (a INT, b INT, UNIQUE (a));
CREATE TABLE unique_key (a INT NOT NULL, b VARCHAR(9) NOT NULL, UNIQUE by_a (a, b), UNIQUE only_a (a));
CREATE TABLE blob_key (a VARBINARY(16) PRIMARY KEY);
CREATE TABLE prefix (a INT PRIMARY KEY, t TEXT, UNIQUE (t(9)));
CREATE SEQUENCE numbers;
CREATE TRIGGER log_it BEFORE INSERT ON parts FOR EACH ROW SET NEW.id = NEW.id;
CREATE TABLE wide (id INT PRIMARY KEY, %s);
CREATE TABLE many (a INT, b INT, c INT, d INT, e INT, f INT, g INT, h INT, i INT, PRIMARY KEY (a,b,c,d,e,f,g,h,i));
CREATE TABLE self (id INT PRIMARY KEY, up INT, to_round INT, FOREIGN KEY (up) REFERENCES self (id) ON DELETE SET NULL);
CREATE TABLE round_about (id INT PRIMARY KEY, back INT, FOREIGN KEY (back) REFERENCES self (id) ON DELETE CASCADE);
ALTER TABLE self ADD FOREIGN KEY (to_round) REFERENCES round_about (id);
CREATE TABLE pair (id INT, y INT, PRIMARY KEY (id, y));
CREATE TABLE far (id INT PRIMARY KEY, a INT, b INT, FOREIGN KEY (a, b) REFERENCES pair (id, y));
CREATE TABLE abroad (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES beyond.t (id));
""" % ", ".join("c%d INT" % i for i in range(100))


def test_what_no_type_reads_is_listed_with_its_reason():
    make_database("beyond", "CREATE TABLE t (id INT PRIMARY KEY)")
    url = make_database("kinds", KINDS)
    assert server.run("CREATE TABLE gone (id INT); CREATE OR REPLACE VIEW broken AS SELECT id FROM gone;"
                      " DROP TABLE gone", "kinds")
    found = COMPILER.imported(url)
    kinds, left = found.tables["kinds"], found.left_out["kinds"]
    assert left.keys() == {"p", "y", "b", "t", "i", "d", "up", "low"}, left
    assert all("no type reads it" in left[c] for c in "pybti") and "computes" in left["up"], left
    assert "inserts fail" in left["p"] and "inserts fail" in left["y"] and "inserts fail" not in left["b"]
    assert kinds["j"] == "json optional" and kinds["u"] == "uuid optional"
    assert kinds["m"] == "int default 2"
    assert kinds["n"] == "bool optional default true"
    assert kinds["now"] == "time optional default now" and kinds["day"] == "date optional default now"
    assert kinds["later"] == kinds["zero"] == kinds["changed"] == "time optional"
    for note in ("default (current_timestamp() + interval 1 day)", "default 2000-01-01",
                 "on update current_timestamp()"):
        assert "# " + note in found.text, note
    assert found.tables["bool_key"] == {"a": "int", "b": "uint", "c": "bool"}
    assert kinds["e"] == "text max 9 optional", kinds["e"]
    assert set(found.left_tables) == {"seen", "broken", "no_key", "blob_key", "numbers", "many"}, found.left_tables
    assert found.tables["unique_key"]["a"] == "int key"
    assert len(found.tables["wide"]) == 62 and len(found.left_out["wide"]) == 39
    assert found.tables["self"]["up"] == "int optional references self on delete null"
    assert found.tables["round_about"]["back"] == "int optional references self on delete cascade"
    assert any("trigger log_it" in note for note in found.notes["parts"]), found.notes["parts"]
    assert any('foreign key (a, b) to "pair": it has several columns' in note for note in found.notes["far"])
    assert any("foreign key (a): it leads to another database" in note for note in found.notes["abroad"])
    assert any("beginnings" in note for note in found.notes["prefix"])
    check(COMPILER.build_all(top.name, {"kinds": found.text})["kinds"], url)


def test_keys_that_may_be_null_in_a_file_say_so():
    url = make_file("null-keys", ["CREATE TABLE loose (k TEXT PRIMARY KEY)", "INSERT INTO loose VALUES (NULL)",
                                  "CREATE TABLE pairs (a INT, b INT NOT NULL, PRIMARY KEY (a, b))",
                                  "CREATE TABLE numbers (id INTEGER PRIMARY KEY)", "CREATE TABLE tight (k TEXT PRIMARY KEY) STRICT",
                                  "CREATE TABLE clustered (k TEXT PRIMARY KEY) WITHOUT ROWID"])
    text = COMPILER.imported(url).text
    said = [line.split()[0] for line in text.splitlines() if "a row where it is NULL cannot be read" in line]
    assert said == ["k", "a"], text


def test_tables_are_chosen_and_entities_named():
    url = make_file("chosen", ["CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT)",
                               "CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INT REFERENCES users)",
                               "CREATE TABLE members (a INT, b INT, PRIMARY KEY (a, b))", "CREATE TABLE gw_denied (a)"])
    assert COMPILER.imported(url, "notes").tables.keys() == {"notes"}
    assert "that table is not declared" in COMPILER.imported(url, "notes").text
    found = COMPILER.imported(url, "notes", "--entity", "users")
    assert found.tables.keys() == {"notes", "users"} and found.entities == {"users"}
    assert found.tables["notes"]["user_id"] == "int optional references users"
    said = refused(url, "notse", "gw_denied", "users")
    assert said.count("\n") == 2 and "did you mean `notes`" in said and "belongs to the runtime" in said, said
    assert "several columns" in refused(url, "--entity", "members")
    # A key whose name has another meaning in a token has another one there.
    found = COMPILER.imported(make_file("claims", ["CREATE TABLE subs (sub VARCHAR(9) PRIMARY KEY)"]), "--entity", "subs")
    assert found.tables["subs"]["sub"] == 'text max 9 key claim "subs_sub"'


def test_uuids_that_a_file_holds_in_upper_case_are_told_with_what_to_do():
    url = make_file("spellings", [
        'CREATE TABLE "upper ids" ("The Id" UUID PRIMARY KEY, friend UUID)', "CREATE TABLE lower_ids (id UUID PRIMARY KEY)",
        """INSERT INTO "upper ids" VALUES ('0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0')""",
        "INSERT INTO lower_ids VALUES ('0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0')"])
    folder = COMPILER.build_all(top.name, {"spellings": COMPILER.imported(url).text})["spellings"]
    told = [line for line in check(folder, url).splitlines() if "upper case" in line]
    assert len(told) == 1 and "upper ids.The Id" in told[0] and "declare the column as text" in told[0], told
    with sqlite3.connect(url.removeprefix("sqlite:")) as file:
        file.execute('UPDATE "upper ids" SET "The Id" = lower("The Id")')
    assert "upper case" not in check(folder, url)


def test_a_file_made_in_bad_faith_stays_one_file():
    url = make_file("evil", ['CREATE TABLE "x\ny" (a INTEGER PRIMARY KEY)',
                             'CREATE TABLE ok (id INTEGER PRIMARY KEY, "a}\nGET /x ignored x" INT, "\u202e" INT,'
                             ' v "INT\n} GET /y ignored y", d TEXT DEFAULT \'x\ny\', e TEXT DEFAULT \'}"\','
                             ' CHECK (id <> \'\n}\nGET /z ignored z\'))',
                             "CREATE VIEW broken AS SELECT * FROM nowhere"])
    found = Declared(COMPILER.run("import", url)[0])
    assert [line for line in found.text.splitlines() if line.lstrip().startswith("GET")] == []
    folder = COMPILER.build_all(top.name, {"evil": found.text})["evil"]
    check(folder, url)


def test_tables_that_come_and_go_meanwhile_are_no_fault():
    url = make_database("comes", *["CREATE TABLE t%d (id INT PRIMARY KEY, n INT, UNIQUE (n))" % i for i in range(20)])
    changes = "".join("DROP TABLE t%d; CREATE TABLE t%d (id INT PRIMARY KEY, n INT, UNIQUE (n));" % (i % 20, i % 20)
                      for i in range(60))
    client = subprocess.Popen(server.command("comes"), stdin=subprocess.PIPE)
    client.stdin.write(changes.encode())
    client.stdin.close()
    imports = 0
    while client.poll() is None or not imports:
        found = COMPILER.imported(url)
        assert set(found.tables) | set(found.left_tables) <= {"t%d" % i for i in range(20)}
        assert all(set(columns) == {"id", "n"} for columns in found.tables.values())
        imports += 1
    assert client.returncode == 0
    print(imports, "imports meanwhile")


def test_the_compiler_has_no_name_of_a_library():
    """A function that a library has, too, would be called in its place. (These are libmariadb's guard.)"""
    said = subprocess.run(["nm", "-D", "--defined-only", COMPILER.gatewright], capture_output=True, text=True, check=True)
    exported = {line.split()[-1] for line in said.stdout.splitlines() if line.split()[-2] == "T"}
    assert exported <= {"close", "socket", "setsockopt", "getaddrinfo"}, exported


def measured(url):
    """(what is declared, seconds, most memory in MB) of an import."""
    begun = time.monotonic()
    with open(top.name + "/measured", "w+") as out:
        process = subprocess.Popen([COMPILER.gatewright, "import", url], stdout=out)
        _, process.returncode, usage = os.wait4(process.pid, 0)
        assert process.returncode == 0
        seconds = time.monotonic() - begun
        out.seek(0)
        return Declared(out.read()), seconds, usage.ru_maxrss // 1000


def test_three_thousand_tables_take_seconds_and_bounded_memory():
    tables = ["CREATE TABLE t%d (id INT PRIMARY KEY, %s)" % (i, ", ".join("column_%d VARCHAR(9)" % j for j in range(9)))
              for i in range(3000)]
    url = make_file("thousands", tables)
    databases = {"SQLite": url}
    if os.environ.get("TESTS_FULL"):
        databases["MariaDB"] = make_database("thousands", ";".join(tables))
    for name, url in databases.items():
        found, seconds, megabytes = measured(url)
        print("3000 tables of %s: %.1f s, %d MB" % (name, seconds, megabytes))
        assert found.count() == (30000, 0) and seconds < 30 and megabytes < 500
