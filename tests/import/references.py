"""Foreign keys that do something else than is declared, or are not there: --schema-diff makes them right."""
import contextlib
import sqlite3
import subprocess

from declared import check, environment
from world import COMPILER, asked, make_database, make_file, server, top

DECLARED = """table parents {
    id  int  key auto
}

table kids {
    id         int   key auto
    parent_id  int   references parents on delete cascade
    other_id   int   optional references parents on delete null
    name       text  max 20
}
"""
ROWS = "INSERT INTO parents (id) VALUES (1), (2), (3); INSERT INTO kids VALUES (1, 1, 2, 'a'), (2, 2, NULL, 'b'), (3, 3, 3, 'c')"

# What stands behind `parent_id INT NOT NULL` and `other_id INT`, and behind all columns.
LIVE = {"none": ("", "", ""),
        "plain": ("", "", ", FOREIGN KEY (parent_id) REFERENCES parents (id), FOREIGN KEY (other_id) REFERENCES parents (id)"),
        "other": ("", "", ", FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE RESTRICT,"
                          " CONSTRAINT c FOREIGN KEY (other_id) REFERENCES parents (id) ON DELETE CASCADE"),
        "elsewhere": ("", "", ", FOREIGN KEY (parent_id) REFERENCES cousins (id) ON DELETE CASCADE"),
        "right": ("", "", ", FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE CASCADE,"
                          " FOREIGN KEY (other_id) REFERENCES parents (id) ON DELETE SET NULL")}
OF_SQLITE = {"in columns": (" REFERENCES parents", " REFERENCES parents (id) ON DELETE NO ACTION", ""),
             "in both": (" REFERENCES parents ON DELETE CASCADE", "", ", FOREIGN KEY (other_id) REFERENCES parents (id)")}


def diff(folder, url):
    done = subprocess.run([folder + "/program", "--schema-diff"], capture_output=True, text=True, timeout=60,
                          env=environment(url))
    assert "refused" not in done.stdout, done.stdout
    return done.stdout


def schema(form, automatic, kind):
    first, second, behind = form
    return [f"CREATE TABLE {name} (id {automatic})" for name in ("parents", "cousins")] + [
        f"CREATE TABLE kids (id {automatic}, parent_id {kind} NOT NULL{first}, other_id {kind}{second}, name VARCHAR(20) NOT NULL"
        f"{behind})", "INSERT INTO cousins VALUES (1), (2), (3)", *ROWS.split("; ")]


def program():
    return COMPILER.build_all(top.name, {"references": DECLARED})["references"]


def expect_right(name, folder, url, change, rows):
    before = rows("kids")
    change(diff(folder, url))
    assert rows("kids") == before, name
    assert "ON DELETE" not in check(folder, url) and "foreign key" not in check(folder, url), name
    assert "foreign key" not in diff(folder, url), diff(folder, url)
    change("PRAGMA foreign_keys = ON; DELETE FROM parents WHERE id = 2" if url.startswith("sqlite") else
           "DELETE FROM parents WHERE id = 2")
    assert rows("kids") == [("1", "1", "NULL", "a"), ("3", "3", "3", "c")], (name, rows("kids"))


def test_foreign_keys_in_a_file_become_what_is_declared():
    folder = program()
    for name, form in {**LIVE, **OF_SQLITE}.items():
        url = make_file("references " + name, schema(form, "INTEGER PRIMARY KEY AUTOINCREMENT", "INTEGER"))
        path = url[len("sqlite:"):]

        def change(script):
            done = subprocess.run(["sqlite3", "-bail", path], input=script, text=True, capture_output=True)
            assert done.returncode == 0, done.stderr

        def rows(table):
            with contextlib.closing(sqlite3.connect(path)) as file:
                return [tuple("NULL" if v is None else str(v) for v in row)
                        for row in file.execute(f"SELECT id, parent_id, other_id, name FROM {table} ORDER BY id")]
        expect_right(name, folder, url, change, rows)


def test_foreign_keys_on_a_server_become_what_is_declared_and_do_on_update_as_before():
    folder = top.name + "/program-references"
    for name, form in LIVE.items():
        form = tuple(part.replace("ON DELETE RESTRICT", "ON DELETE RESTRICT ON UPDATE CASCADE") for part in form)
        database = "references_" + name
        url = make_database(database, ";".join(schema(form, "BIGINT AUTO_INCREMENT PRIMARY KEY", "BIGINT")))

        def change(script):
            assert server.run(script, database), script

        def rows(table):
            return asked(database, f"SELECT id, parent_id, other_id, name FROM {table} ORDER BY id")
        expect_right(name, folder, url, change, rows)
        if name == "other":
            change("UPDATE parents SET id = 9 WHERE id = 1")
            assert rows("kids")[0][1] == "9"
