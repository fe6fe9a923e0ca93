"""What `gatewright import` prints, read again without any code of Gatewright, and programs made of it."""
import concurrent.futures
import json
import os
import re
import subprocess

import program

ROUTE = "\nGET  /of-the-test  ignored  of_the_test\n"
# Lists every table, row by row, and answers with the number of rows of each.
MAIN = """#include "routes.h"

static json_int_t count(struct gw_request *req, const struct gw_table *table)
{
    const void *rows;
    size_t n = 0;
    int r = gw_entity_list(req, table, -1, NULL, NULL, 1000, &rows, &n);
    for (size_t i = 0; !r && i < n; i++)
        json_decref(gw_entity_json(table, (const char *)rows + i * table->row_size));
    return r ? r : (json_int_t)n;
}

int of_the_test(struct gw_request *req)
{
    json_t *counts = json_object();
    for (size_t i = 0; i < gw_app.n_tables; i++)
        json_object_set_new(counts, gw_app.tables[i]->sql_name, json_integer(count(req, gw_app.tables[i])));
    return gw_json(req, 200, counts);
}

int main(int argc, char **argv)
{
    return gw_main(argc, argv, NULL);
}
"""
WARNINGS = ["-std=gnu11", "-O0", "-Wall", "-Wextra", "-Werror"]


class Declared:
    """The tables of a text: {name in SQL: {column in SQL: what stands behind its name in C}}, and what is left
    out: {table: {column: reason}}."""

    def __init__(self, text):
        self.text, self.tables, self.left_out = text, {}, {}
        self.sets, self.entities, self.c_names = {}, set(), {}
        self.left_tables, self.notes = {}, {}
        table = None
        for line in text.splitlines():
            self.read(line, table)
            opened = re.match(r'(table|entity) (\w+)(?: as "((?:[^"\\]|\\.)*)")? existing \{$', line)
            undeclared = re.match(r'# left out: table "((?:[^"\\]|\\.)*)": (.*)$', line)
            if opened:
                table = re.sub(r"\\(.)", r"\1", opened[3] or opened[2])
                assert table not in self.tables, table
                self.tables[table], self.left_out[table], self.sets[table] = {}, {}, set()
                self.c_names[table], self.notes[table] = opened[2], []
                if opened[1] == "entity":
                    self.entities.add(table)
            elif undeclared:
                table = undeclared[1]
                self.left_tables[table], self.left_out[table] = undeclared[2], {}
            elif line == "}":
                table = None

    def read(self, line, table):
        column = re.match(r'    ([a-z]\w*)  +(\S.*)$', line)
        left = re.match(r' *#(?: left out:| {4}) column "((?:[^"\\]|\\.)*)" \((.*?)\)(?:: (.*))?$', line)
        columns = re.match(r"    (key|unique|index) *\((.*)\)$", line)
        if columns:
            self.sets[table].add((columns[1], columns[2]))
        elif left:
            self.left_out[table][left[1]] = left[3] or ""
        elif column and table in self.tables:
            code = column[2].split("  #")[0].strip()
            name = re.search(r' as "((?:[^"\\]|\\.)*)"', code)
            code = re.sub(r' as "(?:[^"\\]|\\.)*"', "", code)
            self.tables[table][re.sub(r"\\(.)", r"\1", name[1]) if name else column[1]] = " ".join(code.split())
        elif line.startswith("    # "):
            self.notes[table].append(line[6:])

    def count(self):
        declared = sum(len(columns) for columns in self.tables.values())
        return declared, sum(len(columns) for columns in self.left_out.values())


class Compiler:
    """`runtime`: the folder of the headers; `library`: libgatewright.a; `libraries`: what it needs."""

    def __init__(self, gatewright, cc, runtime, library, libraries):
        self.gatewright, self.cc = gatewright, cc.split()
        self.runtime, self.library, self.libraries = runtime, library, libraries.split()

    def run(self, *arguments, code=0, environment=None, timeout=60):
        """(standard output, standard error) of a command of gatewright."""
        done = subprocess.run([self.gatewright, *arguments], capture_output=True, timeout=timeout,
                              env={**os.environ, **(environment or {})})
        out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
        assert done.returncode == code, (arguments, done.returncode, out[-2000:], err[-2000:])
        return out, err

    def imported(self, url, *more):
        """What is printed, which `fmt` would not change."""
        out, err = self.run("import", url, *more)
        assert err == "", err
        return Declared(out)

    def write(self, folder, text):
        """The files of a program in a folder of its own."""
        os.makedirs(folder)
        with open(folder + "/routes.def", "w") as file:
            file.write(text + ROUTE)
        with open(folder + "/main.c", "w") as file:
            file.write(MAIN)
        self.run("fmt", "--check", folder + "/routes.def")
        self.run("gen", folder + "/routes.def", "-o", folder)

    def start(self, folder, text):
        """Begins to build the program in the folder, which finish() ends."""
        self.write(folder, text)
        sources = [folder + "/" + name for name in ("main.c", "routes.c", "entities.c", "matcher.c")]
        return subprocess.Popen([*self.cc, *WARNINGS, "-I", self.runtime, *sources, self.library,
                                 *self.libraries, "-o", folder + "/program"], stderr=subprocess.PIPE, text=True)

    def build_all(self, top, declarations):
        """{name: text} becomes {name: folder} of programs, two at a time."""
        folders = {name: f"{top}/program-{name}" for name in declarations}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda name: self.finish(self.start(folders[name], declarations[name])), folders))
        return folders

    @staticmethod
    def finish(process):
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said[-4000:]


def environment(url, **more):
    return {"PATH": program.PATH, "GW_SECRET_KEY": program.SECRET, "GW_DATABASE_URL": url, **more,
            **{n: os.environ[n] for n in program.SANITIZERS if n in os.environ}}


def check(folder, url):
    """What `PROGRAM --check` says."""
    done = subprocess.run([folder + "/program", "--check"], capture_output=True, text=True, timeout=60,
                          env=environment(url))
    assert done.returncode == 0, (folder, done.stdout[-2000:], done.stderr[-4000:])
    return done.stdout + done.stderr


def count_rows(folder, url):
    """{table: how many rows the program could read}, by one request as a CGI program has it."""
    done = subprocess.run([folder + "/program"], capture_output=True, timeout=60, env=environment(
        url, GATEWAY_INTERFACE="CGI/1.1", REQUEST_METHOD="GET", SCRIPT_NAME="", PATH_INFO="/of-the-test",
        REQUEST_URI="/of-the-test", SERVER_PROTOCOL="HTTP/1.1", QUERY_STRING=""))
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    assert b"Status: 200 OK" in head.split(b"\r\n"), (folder, done.stdout[-2000:], done.stderr[-2000:])
    return json.loads(body)
