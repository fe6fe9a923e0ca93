"""Databases that others made: ten schemas in MariaDB and in SQLite, what Django and Flask-SQLAlchemy make, and
what Gatewright makes itself. Everything is declared or listed, what is printed compiles, and the program accepts
the database."""
import os
import re
import sqlite3

from applications import make_by_django, make_by_flask
from declared import Declared, check, count_rows
from translate import translated
from world import (COMPILER, SOURCE, asked, columns_of_server, make_database, make_file, rows_of_file, rows_of_server,
                   server, text, top)

# Those that have no table in common lie in one database: a program for each costs time.
GROUPS = {"sites": ["sakila", "employees", "wordpress", "osticket", "laravel", "gitea", "phpbb"],
          "shops": ["chinook", "northwind", "mattermost"]}


WORD = r'"(?:[^"\\]|\\.)*"'


def sql_of(schema):
    return text("tests/schemas", schema, "schema.sql")


def columns_of_file(url):
    with sqlite3.connect(url[len("sqlite:"):]) as file:
        tables = [name for name, in file.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
                                                 " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")]
        return [(name, row[1]) for name in tables for row in file.execute(f'PRAGMA table_xinfo("{name}")')]


def is_complete(found, live):
    """Everything is declared or listed, once."""
    told = [(t, c) for part in (found.tables, found.left_out) for t in part for c in part[t]]
    assert sorted(told) == sorted(live), set(told) ^ set(live)
    assert sum(found.count()) == len(live)


def compare(cases, unreadable=frozenset()):
    """{name: (url, live columns)}: imports, builds, runs --check of each, and reads all rows but those of tables
    with a row that is none: {name: (what was found, said)}."""
    found = {name: COMPILER.imported(url) for name, (url, _) in cases.items()}
    folders = COMPILER.build_all(top.name, {name: found[name].text for name in found})
    for name, (url, live) in cases.items():
        is_complete(found[name], live)
        read, tables = count_rows(folders[name], url), found[name].tables
        there = (rows_of_file(url, tables) if url.startswith("sqlite:") else
                 rows_of_server(url.split("/")[3].split("?")[0], tables))
        assert {t for t in tables if read[t] != there[t]} == unreadable & set(tables), (read, there)
    return {name: (found[name], check(folders[name], url)) for name, (url, _) in cases.items()}


def hand(schema):
    """What people have declared of it."""
    return Declared(re.sub(r"(?m)^(GET|POST).*\n", "", text("tests/schemas", schema, "routes.def")))


def words(code):
    """Of a declaration what people and the importer must agree in. A text's `max` of SET, the words of ENUM,
    `touched`, defaults, `secret` and `nocase` were not said by hand."""
    code = re.sub(r' default (?:"[^"]*"|\S+)| one of(?: %s)+| (touched|secret|nocase)\b| on delete \w+' % WORD, "",
                  " " + code)
    return set(code.split())


def agrees(schema, table, column, imported):
    """Where they differ it is by what the importer may not guess, or knows better."""
    said, done = words(hand(schema).tables[table][column]), words(imported)
    if said == done or {"references"} <= said ^ done:
        return True
    if "uuid" in said and "text" in done:
        return True  # CHAR(36)
    return not said - done and done - said <= {"max"} | {w for w in done if w.isdigit()}


def assert_enums_are_one_of(database, found):
    """What is an ENUM in the database, and which of them are declared with its words."""
    enums = asked(database, "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS"
                            " WHERE TABLE_SCHEMA = DATABASE() AND DATA_TYPE = 'enum'")
    for table, column, kind in enums:
        listed = re.findall("'([^']*)'", kind)
        said = re.search(r" one of((?: %s)+)" % WORD, found.tables[table][column])
        assert said and re.findall(r'"([^"]*)"', said[1]) == listed, (table, column, kind, found.tables[table][column])
    return len(enums)


# ---- The ten schemas ---------------------------------------------------------------------------------

def test_ten_schemas_of_mariadb_are_declared_or_listed_and_accepted():
    cases = {}
    for group, schemas in GROUPS.items():
        url = make_database(group, *map(sql_of, schemas))
        cases[group] = url, columns_of_server(group)
    result = compare(cases)
    tables = sum(len({t for t, _ in live}) for _, live in cases.values())
    accepted = sum(len(found.tables) for found, _ in result.values())
    declared, listed = map(sum, zip(*(found.count() for found, _ in result.values())))
    print(f"MariaDB: {accepted} of {tables} tables; {declared} columns declared, {listed} listed, 0 missing")
    assert tables >= 108 and accepted >= 0.95 * tables
    enums = sum(assert_enums_are_one_of(group, found) for group, (found, _) in result.items())
    print(f"MariaDB: {enums} columns of ENUM are `one of` its words")
    assert enums >= 6
    assert [t for found, _ in result.values() for t in found.left_tables] == ["phpbb_topics_watch"]
    for group, schemas in GROUPS.items():
        for schema in schemas:
            for table, columns in hand(schema).tables.items():
                for column in columns:
                    assert agrees(schema, table, column, result[group][0].tables[table][column]), (
                        schema, table, column, columns[column], result[group][0].tables[table][column])


# MySQL makes a time of '2024-01-01' and a blob of '', SQLite keeps the text.
TEXTS = frozenset(["Employee", "Employees", "Invoice", "failed_jobs", "ost_config", "ost_department", "ost_file",
                   "ost_file_chunk", "ost_staff", "ost_thread", "ost_thread_entry", "ost_ticket", "ost_user", "users"])


def test_the_same_schemas_in_sqlite_are_declared_or_listed_and_accepted():
    cases = {}
    for group, schemas in GROUPS.items():
        url = make_file(group, [sql for schema in schemas for sql in translated(sql_of(schema))])
        cases["sqlite-" + group] = url, columns_of_file(url)
    result = compare(cases, TEXTS)
    tables = sum(len({t for t, _ in live}) for _, live in cases.values())
    accepted = sum(len(found.tables) for found, _ in result.values())
    declared, listed = map(sum, zip(*(found.count() for found, _ in result.values())))
    print(f"SQLite: {accepted} of {tables} tables; {declared} columns declared, {listed} listed, 0 missing")
    assert tables >= 108 and accepted >= 0.95 * tables
    assert result["sqlite-sites"][0].tables["actor"]["last_update"] == "time default now"


# ---- What other applications make --------------------------------------------------------------------

def test_what_django_and_flask_sqlalchemy_make_is_accepted():
    file = f"{top.name}/applications.db"
    make_by_django(top.name, file)
    make_by_flask("sqlite:///" + file)
    made = make_database("flask")
    make_by_flask(f"mysql+pymysql://root@localhost/flask?unix_socket={server.socket}")
    django = make_database("django")
    make_by_django(top.name, "django@" + server.socket)
    cases = {"both-sqlite": ("sqlite:" + file, columns_of_file("sqlite:" + file)),
             "flask-mariadb": (made, columns_of_server("flask")),
             "django-mariadb": (django, columns_of_server("django"))}
    result = compare(cases)
    for name, unique in (("both-sqlite", "unique"), ("django-mariadb", "unique nocase")):
        users = result[name][0].tables["auth_user"]
        assert users["username"] == "text max 150 " + unique and users["password"] == "text max 128 secret", users
        assert users["is_active"] == "bool" and users["last_login"] == "time optional", users
    for name, (found, _) in result.items():
        assert not found.left_tables, (name, found.left_tables)
        print(name, "tables: %d; columns: %d declared, %d listed" % (len(found.tables), *found.count()))
    for name in ("both-sqlite", "flask-mariadb"):
        posts = result[name][0].tables["post"]
        assert posts["author_id"].startswith("int references user"), posts
        assert posts["price"] == "decimal 10.2 optional" and posts["published"] == "bool", posts


# ---- What Gatewright makes ---------------------------------------------------------------------------

def of_gatewright(path):
    """The declarations of a routes.def, as of tables that exist; with SQL names where it has those of C."""
    blocks = re.findall(r"(?ms)^(?:entity|table) .*?^\}", text(path))
    lines = [re.sub(r" *#.*", "", line) for block in blocks for line in block.splitlines()]
    declared = Declared("\n".join(re.sub(r"^(entity|table) (.*?) \{", r"table \2 existing {", l) for l in lines))
    return by_sql_names(declared)


def by_sql_names(declared):
    tables = {c: sql for sql, c in declared.c_names.items()}
    return {sql: {column: re.sub(r"references (\w+)", lambda m: "references " + tables[m[1]], code)
                  for column, code in columns.items()} for sql, columns in declared.tables.items()}


def on_server(code):
    """What a database does not say is what the program fills in, which column revokes tokens or refuses them, and how JSON has it."""
    code = re.sub(r" touched| default random| blocks| quoted", "", code)
    if not re.search(r"max 255.* secret", code):  # only names such as `password` say that
        code = code.replace(" secret", "")
    return code.replace("revokes", "default 0")


def in_file(code):
    """SQLite has an INTEGER for a time, and texts for what else is none of its own."""
    code = on_server(code)
    if code.endswith("default now"):
        return code
    bounded = " max 255" if re.search(r"key|references", code) else ""
    code = re.sub(r"^time", "int", re.sub(r"^uuid", "text" + bounded, code))
    code = re.sub(r"max \d+ (?=one of)", "", code)
    return re.sub(r'^text default ([-.0-9]+)$', r'text default "\1"', re.sub(r"^(decimal \S+|date|json)", "text", code))


def test_what_gatewright_makes_is_declared_as_it_was():
    paths = ["routes.def", "tests/tables/routes.def"]
    schemas = {kind: [COMPILER.run("schema", os.path.join(SOURCE, path), "--" + kind)[0] for path in paths]
               for kind in ("mysql", "sqlite")}
    made, file = make_database("ours", *schemas["mysql"]), f"{top.name}/ours.db"
    with sqlite3.connect(file) as connection:
        for sql in schemas["sqlite"]:
            connection.executescript(sql)
    result = compare({"ours": (made, columns_of_server("ours")),
                      "ours-sqlite": ("sqlite:" + file, columns_of_file("sqlite:" + file))})
    original = {table: columns for path in paths for table, columns in of_gatewright(path).items()}
    for name, expected in (("ours", on_server), ("ours-sqlite", in_file)):
        found, said = result[name]
        assert not found.left_tables and not found.count()[1]
        declared = by_sql_names(found)
        assert declared.keys() == original.keys()
        for table, columns in original.items():
            for column, code in columns.items():
                printed, wanted = declared[table][column], expected(code)
                assert sorted(printed.split()) == sorted(wanted.split()), (name, table, column, code, printed)
        assert found.sets["members"] == {("key", "org, user_id, level"), ("unique", "role, level"),
                                         ("index", "level, org")}, found.sets["members"]
        assert "warning" not in said, said


# ---- The manual --------------------------------------------------------------------------------------

def test_the_manual_shows_what_is_printed():
    url = make_database("manual", """
        CREATE TABLE users (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY);
        CREATE TABLE posts (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, author_id INT UNSIGNED NOT NULL,
            title VARCHAR(200) NOT NULL, state ENUM('draft','published') NOT NULL DEFAULT 'draft',
            changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, place POINT NOT NULL,
            INDEX (state, changed), FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE)""")
    shown = re.search(r"(?ms)^    table posts existing .*?^    \}$", text("docs/import.md"))[0]
    assert re.sub("(?m)^    ", "", shown) in COMPILER.imported(url).text
