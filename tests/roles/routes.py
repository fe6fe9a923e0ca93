"""Prints a routes.def in which entities, their roles and guests are combined in every way."""
from itertools import product

USERS = ["admin", "an editor", "r|w"]
STAFF = ["x", "y"]
# None: not admitted; (): all of them; else who has one of these words.
OF_USERS = [None, (), *[tuple(w for i, w in enumerate(USERS) if n >> i & 1) for n in range(1, 8)]]
OF_STAFF = [None, (), ("x",), ("y",), ("x", "y")]

TABLES = """entity users {
    id        int   key auto
    role      text  one of "admin" "an editor" "r|w" optional
    disabled  bool  blocks
    left      time  optional blocks
}
entity staff {
    id      int   key auto
    level   text  one of "x" "y" optional
    active  bool  blocks when false
}
"""


def caller(name, column, words):
    if words is None:
        return []
    return [name + (words and "(%s = %s)" % (column, " | ".join('"%s"' % word for word in words)) or "")]


def routes():
    """(path, guest, of users, of staff)"""
    for n, (guest, users, staff) in enumerate(product((False, True), OF_USERS, OF_STAFF)):
        if users is not None or staff is not None:
            yield "/%d" % n, guest, users, staff


if __name__ == "__main__":
    print(TABLES)
    for path, guest, users, staff in routes():
        callers = (["guest"] if guest else []) + caller("users", "role", users) + caller("staff", "level", staff)
        handler = "for_users" if staff is None else "for_staff" if users is None else "for_both"
        handler += "_or_guests" if guest else ""
        print("GET %s %s %s" % (path, "|".join(callers), handler))
    for name in "users", "staff":
        print("POST /token/%s/{id:int} ignored token_of_%s" % (name, name))
