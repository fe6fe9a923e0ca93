#!/usr/bin/env python3
"""Every message that `check` can print appears in a case: reads the messages out of the compiler's
sources and looks for each in the expected texts of err/.

usage: messages.py [GATEWRIGHT]
"""
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GEN = os.path.join(os.path.dirname(os.path.dirname(HERE)), "gen")
STRING = r'"(?:[^"\\]|\\.)*"'
# Of `check --lock` and `--upgrade-from`, which have tests of their own; of limits that take more than a case's megabyte,
# which memory.py looks for.
ELSEWHERE = {"lock_compare.c", "lock_paths.c", "lock_session.c", "lock_schema.c", "upgrade.c",
             "upgrade_checks.c", "upgrade_schema.c", "upgrade_values.c",
             "openapi.c"}
TOO_LARGE = ["more than %d routes", "more than %d entities and tables", "more than %d bodies",
             "overlap in too many ways", "all included files have more than %u MiB together",
             "it has more than %u MiB"]
# Only if the compiler itself is at fault.
INTERNAL = ["SQLite does not take the declared schema", "out of memory"]


def unescape(text):
    return text.encode().decode("unicode_escape")


def messages():
    """(file, format) of each diag_error, diag_warning and diag_note, and of the words that
    parser_unexpected and others put into them."""
    for path in sorted(glob.glob(os.path.join(GEN, "**", "*.[cr]*"), recursive=True)):
        if os.path.basename(path) in ELSEWHERE:
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for call in re.finditer(r"\b(?:diag_error|diag_warning|diag_note|fail)\(", text):
            end = text.index(";", call.end())
            body = text[call.end():end]
            # A conditional gives several formats.
            for strings in re.findall(r"(?:%s\s*)+" % STRING, body):
                joined = "".join(s[1:-1] for s in re.findall(STRING, strings))
                message = unescape(joined)
                if " " in message and len(message) > 6:
                    yield os.path.basename(path), message


def pattern(message):
    parts = re.split(r"%(?:\.\*s|[a-z0-9]*[sducXxz]+|%)", message)
    return ".*".join(re.escape(part) for part in parts)


def main():
    printed = ""
    for path in glob.glob(os.path.join(HERE, "err", "*", "stderr")) + [os.path.join(HERE, "beginners.txt")]:
        with open(path, encoding="utf-8", errors="replace") as file:
            printed += file.read()
    with open(os.path.join(HERE, "memory.py"), encoding="utf-8") as file:
        limits = file.read()
    missing, n = [], 0
    for file, message in messages():
        n += 1
        if any(fault in message for fault in INTERNAL):
            continue
        if any(large in message for large in TOO_LARGE):
            if not re.search(pattern(message), limits) and not any(
                    re.search(pattern(large), limits) for large in TOO_LARGE if large in message):
                missing.append("%s: %s" % (file, message))
            continue
        if not re.search(pattern(message), printed):
            missing.append("%s: %s" % (file, message))
    print("\n".join(missing))
    print("%d messages, %d are in no case" % (n, len(missing)))
    sys.exit(bool(missing) or n < 100)  # so few: it looked in the wrong place


main()
