"""Values that a JSON Schema admits, at random: written from the documents alone, without the converter's reading of them."""
import math
import random
import re
import sre_parse
import string
import uuid

LETTERS = string.ascii_letters + string.digits + " äß€𝄞-_."


class Instances:
    def __init__(self, document, seed):
        self.document, self.random = document, random.Random(seed)

    def of(self, schema, depth=0):
        if schema is True or schema == {}:
            return self.random.choice([None, True, 7, -1.5, "x", [1, "2"], {"a": {"b": None}}])
        if "$ref" in schema:
            found = self.document
            for part in schema["$ref"][2:].split("/"):
                found = found[part]
            return self.of(found, depth)
        if "allOf" in schema:
            whole = {}
            for part in schema["allOf"]:
                whole.update(self.of(part, depth))
            return whole
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        for word in "anyOf", "oneOf":
            if word in schema:
                return self.of(self.random.choice(schema[word]), depth)
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = self.random.choice(kind)
        return getattr(self, "a_" + kind)(schema, depth)

    def a_null(self, schema, depth):
        del schema, depth

    def a_boolean(self, schema, depth):
        del schema, depth
        return self.random.random() < 0.5

    def a_integer(self, schema, depth):
        del depth
        low, high = schema.get("minimum", -2 ** 53), schema.get("maximum", 2 ** 53)
        return self.random.choice([low, high, self.random.randint(low, high)])

    def a_number(self, schema, depth):
        del depth
        low = schema.get("minimum", math.nextafter(schema["exclusiveMinimum"], math.inf) if "exclusiveMinimum" in schema else -1e6)
        high = schema.get("maximum", math.nextafter(schema["exclusiveMaximum"], -math.inf) if "exclusiveMaximum" in schema else 1e6)
        return self.random.choice([low, high, self.random.uniform(low, high)])

    def a_string(self, schema, depth):
        del depth
        kind = schema.get("format")
        made = {"date": lambda: "2024-02-%02d" % self.random.randint(1, 29), "uuid": lambda: str(uuid.UUID(int=self.random.getrandbits(128))),
                "date-time": lambda: "2024-02-29T%02d:00:00%s" % (self.random.randint(0, 23), self.random.choice(["Z", "+05:30", ".25Z"])),
                "email": lambda: "a.b%d@example.org" % self.random.randint(0, 99), "uri": lambda: "https://example.org/a?b=c#d",
                "hostname": lambda: "a-%d.example.org" % self.random.randint(0, 99)}.get(kind)
        if made:
            return made()
        low, high = schema.get("minLength", 0), schema.get("maxLength", 12)
        if "pattern" not in schema:
            return "".join(self.random.choice(LETTERS) for _ in range(self.random.choice([low, high, self.random.randint(low, min(high, low + 40))])))
        for _ in range(1000):
            text = self.matching(sre_parse.parse(schema["pattern"]))
            if low <= len(text) <= schema.get("maxLength", 10 ** 6):
                assert re.search(schema["pattern"], text), (schema, text)
                return text
        raise AssertionError(schema)

    def matching(self, parsed):
        return "".join(self.one(word, value) for word, value in parsed)

    def one(self, word, value):
        name = str(word)
        if name in ("AT",):
            return ""
        if name == "LITERAL":
            return chr(value)
        if name == "IN":
            kind, inside = self.random.choice(value)
            if str(kind) == "RANGE":
                return chr(self.random.randint(*inside))
            if str(kind) == "LITERAL":
                return chr(inside)
            return self.random.choice("0123456789" if "DIGIT" in str(inside) else string.ascii_letters + "_")
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, inner = value
            return "".join(self.matching(inner) for _ in range(self.random.randint(low, min(int(high), low + 8))))
        if name == "SUBPATTERN":
            return self.matching(value[-1])
        if name == "BRANCH":
            return self.matching(self.random.choice(value[1]))
        raise AssertionError(name)

    def a_array(self, schema, depth):
        low, high = schema.get("minItems", 0), schema.get("maxItems", 3)
        made = [self.of(schema["items"], depth + 1) for _ in range(self.random.randint(low, max(low, min(high, low + 3))))]
        return [v for i, v in enumerate(made) if v not in made[:i]] if schema.get("uniqueItems") else made

    def a_object(self, schema, depth):
        made = {}
        for name, inner in schema.get("properties", {}).items():
            if name in schema.get("required", []) or self.random.random() < (0.6 if depth < 4 else 0):
                made[name] = self.of(inner, depth + 1)
        more = schema.get("additionalProperties", True)
        if more is not False and ("properties" not in schema or self.random.random() < 0.3):
            for n in range(self.random.randint(0, 2)):
                made["more-%d" % n] = self.of(more if isinstance(more, dict) else True, depth + 1)
        return made
