#!/usr/bin/env python3
"""A program of the ten documents: each operation below a path of its document's name, with a handler that answers 204.

usage: manners_program.py routes OUTPUT             routes.def
       manners_program.py handlers ROUTES_H OUTPUT  handlers.c
"""
import re
import sys

from convert import Converter
from manners import DOCUMENTS

ENTITY = "entity accounts { id int key auto }\n"


def converted():
    return {name: Converter(document, name + "_", answers=False).convert() for name, document in DOCUMENTS.items()}


def routes():
    made = converted()
    text = ENTITY + ("slash either\n" if any(converter.slashed for converter in made.values()) else "")
    for name, converter in made.items():
        for body in converter.schemas.bodies.values():
            text += "\n".join(body) + "\n"
        for line in converter.routes:
            text += re.sub(r"^([A-Z]+) /", r"\1 /%s/" % name, line) + "\n"
    return text


def handlers(header):
    text = '#include "routes.h"\n\n'
    for name, arguments in re.findall(r"^int (\w+)\((struct gw_request \*req.*?)\) __asm__\(\"gwh_", header, re.M | re.S):
        text += "int %s(%s)\n{\n    return gw_empty(req, 204);\n}\n\n" % (name, arguments)
    return text


if __name__ == "__main__":
    with open(sys.argv[-1], "w", encoding="utf-8") as out:
        if sys.argv[1] == "routes":
            out.write(routes())
        else:
            with open(sys.argv[2], encoding="utf-8") as file:
                out.write(handlers(file.read()))
