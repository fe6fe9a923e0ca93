"""CREATE TABLE of MySQL as SQLite has it, for the schemas of tests/schemas: one statement a line, no text with
a bracket or a comma of its own but in the lists of ENUM and SET."""
import re


def pieces(text):
    """Cut at the commas that stand in no bracket and no quotes."""
    depth, quote, piece = 0, "", ""
    for c in text:
        if quote:
            quote = "" if c == quote else quote
        elif c in "'`":
            quote = c
        elif c in "()":
            depth += 1 if c == "(" else -1
        elif c == "," and depth == 0:
            yield piece.strip()
            piece = ""
            continue
        piece += c
    yield piece.strip()


def column(piece):
    piece = re.sub(r"(?i)\b(ENUM|SET)\s*\(('[^)]*)\)",
                   lambda m: "VARCHAR(%d)" % len(m[2]), piece)
    piece = re.sub(r"(?i)\s+(CHARACTER SET|COLLATE)\s+\w+", "", piece)
    piece = re.sub(r"(?i)\s+ON UPDATE CURRENT_TIMESTAMP(\(\d*\))?", "", piece)
    piece = re.sub(r"(?i)CURRENT_TIMESTAMP\(\d*\)", "CURRENT_TIMESTAMP", piece)
    piece = re.sub(r"(?i)\bBIT\b(?!\()", "BIT(1)", piece)
    piece = re.sub(r"(?i)\((\d+)\)\s+UNSIGNED", " UNSIGNED", piece)
    return re.sub(r"(?i)\bNATIONAL\s+", "", piece)


def names(text):
    return re.findall(r"`([^`]+)`|(\w+)(?:\(\d+\))?", text[1:-1])


def table(statement):
    """The statements of one table; `schema` words of it that SQLite has not are dropped."""
    name, body = re.match(r"(?is)CREATE TABLE\s+(`[^`]+`|\w+)\s*\((.*)\)[^)]*$", statement).groups()
    columns, constraints, indexes, automatic = [], [], [], None
    for piece in pieces(body):
        index = re.match(r"(?i)(?:CONSTRAINT\s+\S+\s+)?(PRIMARY KEY|UNIQUE KEY|UNIQUE INDEX|UNIQUE|FULLTEXT KEY"
                         r"|FOREIGN KEY|SPATIAL KEY|KEY|INDEX)\s*(?:`[^`]+`|\w+)?\s*(\(.*)$", piece)
        if not index:
            if re.search(r"(?i)auto_increment", piece):
                automatic = re.match(r"`[^`]+`|\w+", piece)[0]
                columns.append(f"{automatic} INTEGER PRIMARY KEY AUTOINCREMENT")
            else:
                columns.append(column(piece))
            continue
        kind, rest = index[1].upper(), re.sub(r"\((\d+)\)", "", index[2])
        if kind == "PRIMARY KEY" and automatic:
            continue
        if kind in ("PRIMARY KEY", "FOREIGN KEY"):
            constraints.append(f"{kind} {rest}")
        elif kind.startswith("UNIQUE"):
            constraints.append(f"UNIQUE {rest}")
        elif kind in ("KEY", "INDEX"):
            indexes.append(rest)
    yield f"CREATE TABLE {name} ({', '.join(columns + constraints)})"
    for i, rest in enumerate(indexes):
        yield f"CREATE INDEX `{name.strip('`')} {i}` ON {name} {rest}"


def rows(line):
    """The INSERT statements of a line. Its numbers end at 2^63 - 1."""
    line = re.sub(r"\b1844674407370955161\d\b", "9223372036854775807", line)
    line = re.sub(r"(?i)\bNOW\(\)", "CURRENT_TIMESTAMP", line.replace("\\\\", "\\"))
    line = re.sub(r"b'([01])'", r"\1", line)
    return re.findall(r"(?s)INSERT INTO (?:'(?:[^']|'')*'|[^;'])*", line)


def translated(text):
    for line in text.splitlines():
        if line.upper().startswith("CREATE TABLE"):
            yield from table(line.rstrip("; "))
        elif line.upper().startswith("INSERT"):
            yield from rows(line)
