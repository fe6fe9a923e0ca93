"""docs/schemas.md: its three versions are built, and each command is run, on both stores, with rows."""
import os
import re
import subprocess

from program import SECRET
from world import GATEWRIGHT, RUNTIME, build, on_both, server, top

VERSIONS = ("first", "second", "third")
MAIN = """#include "routes.h"
int me(struct gw_request *req, const struct users_row *me) { (void)me; return gw_json(req, 200, json_object()); }
int main(int argc, char **argv) { return gw_main(argc, argv, NULL); }
"""
INSERTS = ("INSERT INTO users (email, name, grade) VALUES ('ann@example.com', 'Ann', 'A'), ('bob@example.com', 'Bob', 'B');\n"
           "INSERT INTO lessons (author_id, title) VALUES (1, 'Algebra'), (2, 'Botany'), (2, 'Zoology');\n")


def blocks(kind):
    with open(os.path.join(RUNTIME, "../docs/schemas.md")) as file:
        return re.findall(r"(?ms)^```%s\n(.*?)^```$" % kind, file.read())


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o700)


def folder_of(database, programs):
    folder = f"{top.name}/page-{database.store}"
    os.mkdir(folder)
    for version, text in zip(VERSIONS, blocks("routes")):
        write(f"{folder}/{version}.def", text)
        os.symlink(programs[version], f"{folder}/{version}")
    write(folder + "/settings", f"secret_key = {SECRET}\ndatabase_url = {database.url}\n")
    client = f"sqlite3 {database.path}" if database.store == "sqlite" else " ".join(server.command(database.name)) + " -N -e"
    write(folder + "/sql", f'#!/bin/sh\nexec {client} "$1"\n')
    return folder


def run(folder, line):
    """One command, and what it is to say."""
    command, _, wanted = line.partition("# => ")
    done = subprocess.run(["sh", "-euc", command], cwd=folder, capture_output=True, text=True,
                          env={"PATH": os.path.dirname(os.path.abspath(GATEWRIGHT)) + ":" + os.environ["PATH"]})
    assert done.returncode == 0, (line, done)
    assert wanted.strip() in done.stdout + done.stderr, (line, done)


def test_the_page_on_changing_a_schema_leads_from_the_first_version_to_the_third():
    texts = blocks("routes")
    programs = {version: build("page-" + version, text, MAIN) for version, text in zip(VERSIONS, texts)}

    def led(kind):
        database = kind("page", texts[0], INSERTS)
        if database.store == "sqlite":
            os.chmod(database.path, 0o600)
        folder = folder_of(database, programs)
        for block in blocks("sh"):
            for line in block.splitlines():
                run(folder, line)
        users, lessons = database.rows("users"), database.rows("lessons")
        assert users == [{"id": n, "email": f"{name.lower()}@example.com", "full_name": name} for n, name in
                         ((1, "Ann"), (2, "Bob"))], users
        assert [(row["author_id"], row["title"], row["state"]) for row in lessons] == [
            (1, "Algebra", "draft"), (2, "Botany", "draft"), (2, "Zoology", "draft")], lessons
    on_both(led)
