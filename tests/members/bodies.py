"""Values made from JSON Schemas: such as fit, and such as nearly do. Nothing is shared with the program or the compiler."""
import random
import re._parser as sre

CHARACTERS = "abzAZ019-_. /\\\"'\u00e9\u20ac\U0001f600\n\t"


def matching(parsed):
    """A text that a parsed regular expression matches."""
    text = ""
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            text += chr(argument)
        elif name == "NOT_LITERAL":
            text += random.choice([c for c in CHARACTERS if ord(c) != argument])
        elif name == "ANY":
            text += random.choice(CHARACTERS.replace("\n", ""))
        elif name == "IN":
            text += random.choice([c for c in map(chr, range(1, 0x250)) if in_class(c, argument)]
                                  or [c for c in CHARACTERS if in_class(c, argument)])
        elif name == "BRANCH":
            text += matching(random.choice(argument[1]))
        elif name == "SUBPATTERN":
            text += matching(argument[3])
        elif name == "MAX_REPEAT":
            low, high, inner = argument
            text += "".join(matching(inner) for _ in range(random.randint(low, min(high, low + 4))))
        elif name != "AT":
            raise ValueError(name)
    return text


def in_class(c, items):
    negated = str(items[0][0]) == "NEGATE"
    found = False
    for operation, argument in items[negated:]:
        name = str(operation)
        found |= (name == "LITERAL" and ord(c) == argument) or (name == "RANGE" and argument[0] <= ord(c) <= argument[1])
        found |= name == "CATEGORY" and str(argument) == "CATEGORY_DIGIT" and c in "0123456789"
        found |= name == "CATEGORY" and str(argument) == "CATEGORY_WORD" and c.isascii() and (c.isalnum() or c == "_")
    return found != negated


def text_of(schema):
    formats = {"email": ["a@example.com", "A.B@x.example", "a"], "uuid": ["0F000000-0000-4000-8000-000000000007", "0f"],
               "date": ["2024-02-29", "2023-02-29"], "date-time": ["2024-02-29T00:00:00Z", "2024-02-30T00:00:00Z"],
               "uri": ["https://example.com/a?b#c", "/a"], "hostname": ["a.example", "-"]}
    if schema.get("format") in formats:
        return random.choice(formats[schema["format"]])
    if schema.get("pattern"):
        text = matching(sre.parse(schema["pattern"]))
    else:
        low = schema.get("minLength", 0)
        text = "".join(random.choice(CHARACTERS) for _ in range(random.randint(low, min(schema.get("maxLength", low + 9), low + 9))))
    if random.random() < 0.3:
        at = random.randint(0, len(text))
        text = text[:at] + random.choice(CHARACTERS + "\u0301") + text[at + random.randint(0, 1):]
    return text


def number_of(schema, whole):
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    low = schema.get("minimum", schema.get("exclusiveMinimum", (5 if most is None else most) - 5))
    high = low + 10 if most is None else most
    if whole:
        return random.choice([low, high, random.randint(low, min(high, low + 1000)), low - 1, float(random.randint(low, min(high, 1000)))])
    return random.choice([low, high, low + random.random(), high + 0.5])


def anything():
    return random.choice([None, True, False, 0, -1, 1.5, 10 ** 25, "", "a", [], {}, [1], {"v": 1}, [[]], {"": None}])


def value(document, schema, depth=0):
    """A value for the schema; now and then another."""
    if depth > 4 or random.random() < 0.04:
        return anything()
    if "$ref" in schema:
        return value(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], depth + 1)
    if "enum" in schema:
        return random.choice(schema["enum"])
    if "anyOf" in schema and not schema.get("type"):
        return value(document, random.choice(schema["anyOf"]), depth)
    kind = schema.get("type")
    kind = random.choice(kind) if isinstance(kind, list) else kind
    if kind == "object":
        return object_of(document, schema, depth)
    if kind == "array":
        low = schema.get("minItems", 0)
        n = random.randint(max(low - (random.random() < 0.1), 0), min(schema.get("maxItems", low + 4) + (random.random() < 0.1), low + 5))
        return [value(document, schema["items"], depth + 1) for _ in range(n)]
    if kind == "string":
        return text_of(schema)
    if kind in ("integer", "number"):
        return number_of(schema, kind == "integer")
    return {"boolean": random.random() < 0.5, "null": None}.get(kind) if kind else anything()


def object_of(document, schema, depth):
    made = {}
    for name, member in schema.get("properties", {}).items():
        if random.random() < (0.95 if name in schema.get("required", []) else 0.6):
            made[name] = value(document, member, depth + 1)
    more = schema.get("additionalProperties")
    for _ in range(random.randint(0, 3) if isinstance(more, dict) else random.random() < 0.05):
        name = text_of(schema.get("propertyNames", {"maxLength": 5}))
        made[name] = value(document, more, depth + 1) if isinstance(more, dict) else anything()
    return made
