"""Two versions of a program on one database: a column is added with a default, one gets another name and one goes, in
steps, each in the order that `check --upgrade-from` names. No request of either is answered with 5xx."""
import subprocess
import threading

import fcgi
from program import Program
from world import FULL, GATEWRIGHT, build, on_both, top

REQUESTS = 100000 if FULL else 5000  # on both stores together
CLIENTS = 4
ROUTES = """
GET  /people/{id:int}  ignored  one
POST /people           ignored  add
PUT  /people/{id:int}  ignored  change
GET  /people           ignored  all
"""
FIRST = "table people { id int key auto; name text max 40; old text max 9 }" + ROUTES
SECOND = ('table people { id int key auto; name text max 40 default ""; old text max 9 default "";'
          ' full_name text max 80 optional; state text max 9 default "new" }' + ROUTES)
THIRD = 'table people { id int key auto; full_name text max 80 optional; state text max 9 default "new" }' + ROUTES
LOSSES = ("people.name", "people.old")
# What each version writes; all else is the same.
WRITES = {"first": ('.name = "n", .old = "o"', "PEOPLE__NAME"),
          "second": ('.name = "n", .full_name = "n"', "PEOPLE__FULL_NAME"),
          "third": ('.full_name = "n"', "PEOPLE__FULL_NAME")}
MAIN = """#include "routes.h"
int one(struct gw_request *req, int64_t id)
{
    const struct people_row *row;
    int r = people_find(req, id, &row);
    return r == GW_E_NOT_FOUND ? gw_problem(req, 404, NULL, NULL) : r ? r : gw_json(req, 200, people_json(row));
}
int add(struct gw_request *req)
{
    int64_t id = 0;
    %s
    return r ? r : gw_json(req, 201, json_pack("{s:I}", "id", (json_int_t)id));
}
int change(struct gw_request *req, int64_t id)
{
    const struct people_row *row;
    int r = people_find(req, id, &row);
    if (r == GW_E_NOT_FOUND)
        return gw_problem(req, 404, NULL, NULL);
    struct people_row changed = *row;
    changed.%s = "changed";
    r = people_update(req, &changed, %s);
    return r ? r : gw_json(req, 200, json_object());
}
int all(struct gw_request *req)
{
    const struct people_row *rows;
    size_t n;
    int r = people_list(req, 0, 10, &rows, &n);
    return r ? r : gw_json(req, 200, json_integer((json_int_t)n));
}
int main(int argc, char **argv) { return gw_main(argc, argv, NULL); }
"""
INSERT = """const struct people_row *row;
    const struct people_insert values = {%s};
    int r = people_insert(req, &values, &row, NULL);
    id = r ? 0 : row->id;"""
INSERT_ROW = """struct people_row row = {%s};
    int r = people_insert(req, &row, NULL);
    id = row.id;"""


def version(name, text):
    values, column = WRITES[name]
    insert = (INSERT_ROW if name == "first" else INSERT) % values
    return build(name, text, MAIN % (insert, column.split("__")[1].lower(), column))


class Load:
    """Clients that read and write through whatever programs serve; `added` rows have been confirmed."""

    def __init__(self, total):
        self.lock, self.left, self.done, self.added, self.faults = threading.Lock(), total, 0, 0, []
        self.sites = []
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(CLIENTS)]

    def run(self, number):
        n = number
        while not self.faults:
            with self.lock:
                if not self.left:
                    return
                self.left -= 1
                sites = list(self.sites)
            site = sites[n % len(sites)]
            method, target, body = (("GET", f"/people/{n % 50 + 1}", None), ("POST", "/people", None),
                                    ("PUT", f"/people/{n % 50 + 1}", None), ("GET", "/people", None))[n // 2 % 4]
            try:
                status = fcgi.request(site.address, target, method, body=body, timeout=30)[0]
            except OSError as why:
                status = repr(why)
            with self.lock:
                self.done += 1
                self.added += status == 201
                if status not in (200, 201):
                    self.faults.append((site.program, method, target, status, open(site.log).read()[-500:]))
            n += CLIENTS + 1

    def share(self, part, parts):
        """Waits until that part of all requests is done."""
        wanted = (self.left + self.done) * part // parts
        while self.done < wanted and not self.faults and any(thread.is_alive() for thread in self.threads):
            threading.Event().wait(0.01)
        assert not self.faults, self.faults[0]


def apply(site, *losses):
    options = [word for loss in losses for word in ("--allow-loss", loss)]
    done = subprocess.run([site.program, "--schema-apply", *options], env=site.environment, capture_output=True, text=True)
    assert done.returncode == 0, done
    return done.stdout


def change_under_load(database, programs):
    first, second, third = (Program(path, settings={"GW_DATABASE_URL": database.url}) for path in programs)
    load = Load(REQUESTS // 2)
    with first, second, third:
        first.start_program()
        load.sites = [first]
        for thread in load.threads:
            thread.start()
        load.share(1, 8)
        assert "state" in apply(second)
        load.share(2, 8)
        second.start_program()
        load.sites = [first, second]
        load.share(3, 8)
        load.sites = [second]
        load.share(4, 8)
        assert first.stop() == 0
        third.start_program()
        load.sites = [second, third]
        load.share(6, 8)
        load.sites = [third]
        load.share(7, 8)
        assert second.stop() == 0
        assert "its values are lost" in apply(third, *LOSSES)
        for thread in load.threads:
            thread.join()
        load.share(8, 8)
    return load


def test_versions_serve_side_by_side_while_the_schema_changes():
    programs = [version("first", FIRST), version("second", SECOND), version("third", THIRD)]
    inserts = "INSERT INTO people (name, old) VALUES " + ", ".join("('a', 'b')" for _ in range(50)) + ";"

    def changed(kind):
        database = kind("versions", FIRST, inserts)
        load = change_under_load(database, programs)
        rows = database.rows("people")
        assert len(rows) == 50 + load.added and set(rows[0]) == {"id", "full_name", "state"}, (len(rows), load.added, rows[0])
        print(f"{load.done} requests on {kind.store}, {load.added} rows added")
    on_both(changed)


def test_the_orders_that_would_break_are_refused():
    """Of the same three versions."""
    locks = {}
    for name, text in (("first", FIRST), ("second", SECOND), ("third", THIRD)):
        path = f"{top.name}/{name}.def"
        with open(path, "w") as file:
            file.write(text)
        locks[name] = path[:-4] + ".lock"
        subprocess.run([GATEWRIGHT, "lock", path, "--lock-file", locks[name]], check=True)

    def upgrade(before, after, *options):
        return subprocess.run([GATEWRIGHT, "check", f"{top.name}/{after}.def", "--upgrade-from", locks[before], *options],
                              capture_output=True, text=True)
    assert "first --schema-apply" in upgrade("first", "second").stdout
    assert upgrade("first", "second", "--first", "program").returncode == 1
    assert "first the new program" in upgrade("second", "third").stdout
    assert upgrade("second", "third", "--first", "schema").returncode == 1
    for options in ((), ("--first", "schema"), ("--first", "program")):
        done = upgrade("first", "third", *options)
        assert done.returncode == 1 and "people.name" in done.stderr or "`name`" in done.stderr, done
