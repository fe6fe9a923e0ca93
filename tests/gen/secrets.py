#!/usr/bin/python3
"""What an application must not do with a secret does not compile, with gcc and clang and none of their options; the
same with a column that is not secret does: secrets.py GATEWRIGHT RUNTIME"""
import os, subprocess, sys, tempfile

ROUTES = """entity users { id int key auto; email text max 100 unique; password text max 100 secret; key text max 9 optional secret }
table notes { id int key auto; text text max 9; hidden text max 9 secret; by int references users }
GET /me users me
GET /notes/{id:int} users note own notes(id = {id}, by = me)
sql all() many users: SELECT * FROM users
sql some() one { name text; pin text secret }: SELECT email AS name, password AS pin FROM users
"""
FRAME = """#include "routes.h"
#include <stdio.h>
#include <string.h>
int try(struct gw_request *req, const struct users_row *me, const struct notes_row *note, struct gw_writer *w,
        struct users_secrets *secrets, const struct some_row *row, const struct some_secrets *pins);
int try(struct gw_request *req, const struct users_row *me, const struct notes_row *note, struct gw_writer *w,
        struct users_secrets *secrets, const struct some_row *row, const struct some_secrets *pins)
{
    char buffer[9];
    %s;
    return req && me && note && w && secrets && row && pins && buffer;
}
"""
# With a secret, and with a text.
PAIRS = [(bad, bad.replace("secrets->password", "me->email")) for bad in [
    'printf("%s", secrets->password)',
    'fprintf(stderr, "%s", secrets->password)',
    'snprintf(buffer, sizeof(buffer), "%s", secrets->password)',
    'gw_log(req, "%s", secrets->password)',
    'gw_printf(req, "%s", secrets->password)',
    'gw_text(req, 200, secrets->password)',
    'gw_html(req, 200, secrets->password)',
    'gw_problem(req, 400, NULL, secrets->password)',
    'gw_set_header(req, "X", secrets->password)',
    'gw_redirect(req, 303, secrets->password)',
    'gw_writer_text(w, secrets->password)',
    'gw_json(req, 200, json_string(secrets->password))',
    'strcmp(secrets->password, "x")',
    'memcmp(secrets->password, "x", 1)',
    'strlen(secrets->password)',
    'const char *text = secrets->password; gw_text(req, 200, text)',
]] + [
    # The address of one is no text, nor is it bytes that say anything.
    ('printf("%s", &secrets->password)', 'printf("%s", me->email)'),
    ('strcmp(&secrets->password, "x")', 'strcmp(me->email, "x")'),
    ('gw_text(req, 200, &secrets->password)', 'gw_text(req, 200, me->email)'),
    # No row has one: of the gate, of `own`, of a statement.
    ("gw_text(req, 200, me->password)", "gw_text(req, 200, me->email)"),
    ("gw_text(req, 200, note->hidden)", "gw_text(req, 200, note->text)"),
    ("gw_text(req, 200, row->pin)", "gw_text(req, 200, row->name)"),
    ('struct users_row new = {.password = "x"}; (void)new', 'struct users_row new = {.email = "x"}; (void)new'),
    ('printf("%s", pins->pin)', 'printf("%s", row->name)'),
    # What wants a secret takes no text, and no other table's secrets.
    ('gw_password_verify(req, me->email, "x", NULL)', 'gw_password_verify(req, secrets->password, "x", NULL)'),
    ('gw_password_hash(req, "x", &me->email)', 'gw_password_hash(req, "x", &secrets->password)'),
    ("users_insert(req, &(struct users_row){.id = 1}, pins, NULL)",
     "users_insert(req, &(struct users_row){.id = 1}, secrets, NULL)"),
]


# What a compiler warns of remains a warning: such a program is built.
CUT_OFF = 'snprintf(buffer, sizeof(buffer), "%s, cut off", me->email)'


def compiles(compiler, folder, text, *options):
    done = subprocess.run([compiler, "-std=gnu11", "-I", folder, "-I", sys.argv[2], *(options or ["-fsyntax-only"]), "-x",
                           "c", "-"],
                          input=FRAME % text, text=True, capture_output=True)
    return done.returncode == 0, done.stderr


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "routes.def")
    with open(path, "w") as to:
        to.write(ROUTES)
    subprocess.run([sys.argv[1], "gen", path, "-o", folder], check=True)
    wrong = []
    for compiler in "gcc", "clang":
        good, said = compiles(compiler, folder, ";\n    ".join("{ %s; }" % control for _, control in PAIRS))
        wrong += [] if good else [f"{compiler}: {said}"]
        good, said = compiles(compiler, folder, CUT_OFF, "-O2", "-Wall", "-S", "-o", "/dev/null")
        wrong += [] if good else [f"{compiler}: {said}"]
        for bad, _ in PAIRS:
            good, said = compiles(compiler, folder, bad)
            if good or "error: " not in said:
                wrong.append(f"{compiler} takes: {bad}\n{said}")
    sys.exit("\n".join(wrong) or 0)
