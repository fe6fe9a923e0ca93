"""A program with a route for every combination of callers, and who its callers are. Usage: generate.py FOLDER writes
routes.def and app.c there."""
import itertools
import sys

# Of each entity: its declaration, its column of roles and their words.
ENTITIES = {
    "users": ('id int key auto; role text one of "a" "b" "c"; disabled bool blocks', "role", "abc"),
    "staff": ('id int key auto; level text one of "x" "y" optional; active bool blocks when false', "level", "xy"),
    "devices": ("id int key auto; gone time optional blocks", None, ""),
    "people": ("id int key auto", None, ""),
}
ALL = None  # of the entity's rows, whatever their role


def subsets(words):
    """What a route may say of an entity that it admits."""
    return [ALL] + [frozenset(some) for n in range(1, len(words) + 1) for some in itertools.combinations(words, n)]


def combinations():
    """Each is (whether guests may call, {entity: roles or ALL})."""
    for guest in False, True:
        for choice in itertools.product(*(["none"] + subsets(words) for _, _, words in ENTITIES.values())):
            admits = {name: roles for name, roles in zip(ENTITIES, choice) if roles != "none"}
            if admits:
                yield guest, admits


def access(guest, admits):
    """As routes.def has it."""
    callers = ["guest"] if guest else []
    for name, roles in admits.items():
        words = "" if roles is ALL else "(%s = %s)" % (ENTITIES[name][1], " | ".join('"%s"' % w for w in sorted(roles)))
        callers.append(name + words)
    return "|".join(callers)


def routes(all_of_them, entities=ENTITIES, more=""):
    lines = ["entity %s { %s }" % (name, declaration[0]) for name, declaration in entities.items()]
    return "\n".join(lines + ["GET /r/%d  %s  r%d%s" % (i, access(*one), i, more)
                              for i, one in enumerate(all_of_them)]) + "\n"


HEAD = """/* Made by generate.py: each handler says who calls. */
#include "routes.h"

static int who(struct gw_request *req)
{
    json_t *row = NULL;
    const char *table = gw_me_table(req);
    int r = table ? gw_me_json(req, &row) : 0;
    return r ? r : gw_json(req, 200, json_pack("{s:s?, s:o?}", "table", table, "row", row));
}

"""


def handlers(all_of_them):
    text = HEAD
    for i, (_, admits) in enumerate(all_of_them):
        me = ", const struct %s_row *me" % next(iter(admits)) if len(admits) == 1 else ""
        text += "int r%d(struct gw_request *req%s)\n{\n    return who(req);\n}\n\n" % (i, me)
    return text


if __name__ == "__main__":
    with open(sys.argv[1] + "/routes.def", "w") as out:
        out.write(routes(list(combinations())))
    with open(sys.argv[1] + "/app.c", "w") as out:
        out.write(handlers(list(combinations())))
