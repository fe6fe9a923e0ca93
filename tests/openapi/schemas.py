"""JSON Schemas of OpenAPI documents (3.0, 3.1, parts of 2.0) in the language of routes.def, exactly or not at all.

A schema that the language has no word for raises Missing with the word that it lacks. What is an annotation in JSON Schema
(`format`, `default`, `description`, `readOnly`) asks for nothing: it is taken over where it can be."""
import math
import re

from expressions import Missing, ends_in_map, like, none_of
from written import bounded, can_be_quoted, described, name_of, number, quoted, size, without_bytes

# Numbers as texts, in their one spelling.
QUOTED = {("int64", "^(0|-?[1-9][0-9]*)$"): "int", ("uint64", "^(0|[1-9][0-9]*)$"): "uint",
          ("double", "^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)([.][0-9]+([eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))$"): "real"}
FORMATS = {"date": "date", "date-time": "time", "email": "email", "uuid": "uuid", "uri": "uri", "hostname": "hostname"}
TYPES = "text int uint real bool email uuid date time uri hostname ip json file".split()
MAX_INNER = 4


ANNOTATIONS = {"description", "title", "nullable", "readOnly", "writeOnly", "default", "example", "examples", "deprecated", "xml",
               "externalDocs", "$comment", "discriminator"} # OpenAPI 3.1, 4.8.25: the last changes no outcome of validation
DIFFERENT = "allOf whose parts say different things"
COUNTS = r"(?:^|\n\n)(\d+) to (\d+|any number of) other members$"
LARGER = ("minimum", "minLength", "minItems", "minProperties", "uniqueItems")
SMALLER = ("maximum", "maxLength", "maxItems", "maxProperties")


def is_annotation(key):
    return key in ANNOTATIONS or key.startswith("x-")


def asked(schema):
    """The keywords that ask for something."""
    return {key: value for key, value in schema.items() if not is_annotation(key)}


def is_null(part):
    return part.get("type") == "null" or part.get("enum") == [None]


def is_either(kind):
    return " | " in re.sub(r'"(?:\\.|[^"\\])*"', '""', kind)


def tells_only(schema):
    """It asks for nothing but, perhaps, that null is admitted too."""
    return isinstance(schema, dict) and not asked(schema)


def default_of(schema, kind):
    """None: there is none, or it is an annotation, which no value of the type is."""
    default, word = schema.get("default"), kind.split()[0]
    if word in ("int", "uint", "real") and "quoted" in kind.split() and isinstance(default, str) and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", default):
        return float(default) if word == "real" else int(default)
    fits = {"bool": [bool], "text": [str], "int": [int], "uint": [int], "real": [int, float]}.get(word, [])
    if is_either(kind) or type(default) not in fits or default not in schema.get("enum", [default]):
        return None
    return default if word != "text" or can_be_quoted(default) else None


def without_counts(text):
    return re.sub(COUNTS, "", text) if text else text


class Schemas:
    """`bodies` are the declarations that were needed: name -> lines; `prefix` stands before each name."""

    def __init__(self, document, prefix=""):
        self.document, self.prefix = document, prefix
        self.bodies, self.names, self.simplified = {}, {}, {}

    # ---- References and parts ----

    def at(self, reference):
        if not reference.startswith("#/"):
            raise Missing("a reference into another file")
        found = self.document
        for part in reference[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
            try:
                found = found[int(part)] if isinstance(found, list) else found[part]
            except (KeyError, ValueError, IndexError, TypeError):
                raise Missing("a reference to nothing") from None
        return found

    def resolve(self, schema, depth=0):
        """Without a reference at the top; and of which name it was."""
        name = None
        while isinstance(schema, dict) and "$ref" in schema:
            beside = {k: v for k, v in schema.items() if k not in ("$ref", "description", "title", "nullable", "summary")}
            name = schema["$ref"].split("/")[-1] if not beside else None
            target = self.at(schema["$ref"])
            if not isinstance(target, dict):
                break
            schema = {**target, **beside, **({"nullable": True} if schema.get("nullable") else {})}
            depth += 1
            if depth > 30:
                raise Missing("a reference to itself")
        if schema is True:
            schema = {}
        if not isinstance(schema, dict):
            raise Missing("what is no schema")
        return schema, name

    def merged(self, schema):
        """`allOf` becomes one schema that asks for all of what its parts ask for."""
        parts = [self.simple(part)[0] for part in schema["allOf"]]
        rest = {k: v for k, v in schema.items() if k != "allOf"}
        if rest:
            parts.append(rest)
        whole = {}
        for part in parts:
            self.check_closed(whole, part)
            for key, value in part.items():
                whole[key] = self.both(key, whole[key], value) if key in whole else value
        return whole

    @staticmethod
    def check_closed(whole, part):
        """What one of two closed or typed by `additionalProperties` asks of the other's members is not said."""
        for one, other in (whole, part), (part, whole):
            more = one.get("additionalProperties", True)
            if more not in (True, {}) and set(other.get("properties") or {}) - set(one.get("properties") or {}):
                raise Missing(DIFFERENT)

    def both(self, key, one, other):
        """What a keyword says where two parts have it."""
        if one == other or is_annotation(key):
            return one
        if key == "properties":
            return {**one, **{k: self.inner(one[k], v) if k in one else v for k, v in other.items()}}
        if key == "required" and isinstance(one, list) and isinstance(other, list):
            return [*one, *[v for v in other if v not in one]]
        if key in LARGER or key in SMALLER:
            return (max if key in LARGER else min)(one, other)
        if key == "enum" and [v for v in one if v in other]:
            return [v for v in one if v in other]
        if key == "type" and {str(one), str(other)} == {"integer", "number"}:
            return "integer"
        if key == "items":
            return self.inner(one, other)
        if key == "additionalProperties":
            return other if one in (True, {}) else one if other in (True, {}) else self.inner(one, other)
        raise Missing(DIFFERENT)

    @staticmethod
    def inner(one, other):
        if not isinstance(one, dict) or not isinstance(other, dict):
            raise Missing(DIFFERENT)
        return one if asked(one) == asked(other) else {"allOf": [one, other]}

    def one_of_all(self, word, parts):
        """A schema that says what `parts` of anyOf or oneOf say together; None: there is none."""
        nulls = sum(is_null(part) for part in parts)
        seen = [self.simple(part) for part in parts if not is_null(part)]
        nulls += sum(null for _, _, null in seen)
        null = nulls == 1 if word == "oneOf" else nulls > 0
        if len({self.kind_of(schema) for schema, _, _ in seen}) == 1 or any(self.kind_of(schema) is None for schema, _, _ in seen):
            return self.of_one_kind(word, seen, null)
        return self.of_kinds(word, seen, null)

    def of_kinds(self, word, seen, null):
        """`int | text`: one of each kind in JSON."""
        kinds = {}
        for part in seen:
            kinds.setdefault({"integer": "number"}.get(self.kind_of(part[0]), self.kind_of(part[0])), []).append(part)
        parts = [same[0] if len(same) == 1 else self.of_one_kind(word, same, False) for same in kinds.values()]
        if None in parts:
            return None
        # A value of another kind does not fit it, so that null is all that is left to say.
        return {"$either": [({**schema, "nullable": False}, name) for schema, name, _ in parts]}, None, null

    def of_one_kind(self, word, seen, null):
        schemas = [schema for schema, _, _ in seen]
        plain = [schema for schema in schemas if asked(schema) == {"type": "string"}]
        words = [schema for schema in schemas if "enum" in schema and all(isinstance(w, str) for w in schema["enum"])]
        if word == "oneOf" and len(plain) == 1 and len(words) == 1 and len(schemas) == 2:
            return {"type": "string", "pattern": none_of(words[0]["enum"])}, None, null # the words are two of them
        if all(set(asked(schema)) <= {"type", "enum"} and schema.get("enum") and self.kind_of(schema) == "string" for schema in schemas):
            words = [w for schema in schemas for w in schema["enum"]]
            if word == "anyOf" or len(words) == len(set(words)):
                return {"type": "string", "enum": list(dict.fromkeys(words))}, None, null
        for i, (wide, name, _) in enumerate(seen):
            if word == "anyOf" and all(self.covers(wide, schema) for schema in schemas):
                return wide, name or seen[i][1], null
        return None

    def covers(self, wide, narrow):
        """Whether `wide`, of which only the type is asked, admits all that `narrow` does."""
        more = {k: v for k, v in asked(wide).items() if k != "type" and not (k == "additionalProperties" and v in (True, {}))}
        kinds = wide.get("type"), self.kind_of(narrow)
        return wide is narrow or asked(wide) == asked(narrow) or (
            not more and (kinds[0] is None or kinds[0] == kinds[1] or kinds == ("number", "integer")))

    def simple(self, schema):
        """(schema without references, allOf and alternatives with null; of which name; whether it may be null)"""
        if id(schema) not in self.simplified: # kept with what it is of, so that no other has its id
            try:
                self.simplified[id(schema)] = schema, self.simplify(schema), None
            except Missing as missing:
                self.simplified[id(schema)] = schema, None, missing
        _, found, missing = self.simplified[id(schema)]
        if missing:
            raise Missing(str(missing))
        return found

    def simplify(self, schema):
        schema, name = self.resolve(schema)
        null = schema.get("nullable") is True
        if "allOf" in schema:
            parts = [part for part in schema["allOf"] if not tells_only(part)]
            null |= any(part.get("nullable") is True for part in schema["allOf"])
            alone = len(parts) == 1 and tells_only({k: v for k, v in schema.items() if k != "allOf"})
            inner = self.simple(parts[0]) if alone else (self.merged(schema), name, False)
            schema, name, also = inner
            null |= also or schema.get("nullable") is True
        for word in "oneOf", "anyOf":
            if word not in schema:
                continue
            schema_parts = schema[word]
            others = [part for part in schema_parts if not is_null(part)]
            if len(others) > 1 and tells_only({k: v for k, v in schema.items() if k not in (word, "discriminator")}):
                made = self.one_of_all(word, schema_parts)
                if made:
                    schema, name, also = made
                    null |= also
                    continue
            if len(others) > 1 or set(schema) & {"properties", "type"} - ({"type"} if len(others) == 1 else set()):
                if all(set(part) <= {"required"} for part in others):
                    raise Missing("alternatives of what is needed")
                if [part.get("format") for part in others] == ["ipv4", "ipv6"] and schema.get("type") == "string":
                    return schema, name, null
                raise Missing("alternatives")
            null |= len(others) < len(schema_parts)
            if not others:
                raise Missing("alternatives")
            rest = {k: v for k, v in schema.items() if k in ("description", "default", "writeOnly")}
            schema, name, also = self.simple(others[0])
            schema = {**schema, **rest}
            null |= also
        if isinstance(schema.get("type"), list):
            kinds = [kind for kind in schema["type"] if kind != "null"]
            null |= len(kinds) < len(schema["type"])
            if len(kinds) > 1 and not {"enum", "const"} & set(schema) and {"integer", "number"} - set(kinds):
                return {"$either": [({**schema, "type": kind, "nullable": False}, None) for kind in kinds]}, None, null
            if len(kinds) != 1:
                raise Missing("several types")
            schema = {**schema, "type": kinds[0]}
        for word, said in ("not", "not"), ("if", "if"), ("patternProperties", "patternProperties"), ("dependentRequired", "dependentRequired"):
            if word in schema:
                raise Missing(said)
        return schema, name, null

    # ---- Values ----

    def kind_of(self, schema):
        if "$either" in schema or "oneOf" in schema or ("anyOf" in schema and "type" not in schema):
            raise Missing("alternatives")
        kind = schema.get("type")
        if kind:
            return kind
        if "properties" in schema or "additionalProperties" in schema:
            return "object"
        if "items" in schema:
            return "array"
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        if values and all(isinstance(v, str) for v in values if v is not None):
            return "string"
        if values and all(isinstance(v, int) and not isinstance(v, bool) for v in values):
            return "integer"
        if "pattern" in schema or "minLength" in schema or "maxLength" in schema:
            return "string"
        if values:
            raise Missing("an enum of several kinds")
        return None

    def type_of(self, schema, hint, depth=1):
        """(type with its bounds, whether it may be null)"""
        schema, name, null = self.simple(schema)
        if set(asked(schema)) == {"$either"}:
            return self.either(schema["$either"], hint, depth), null
        kind = self.kind_of(schema)
        if kind is None and "contentMediaType" in schema:
            return "file" + size(schema.get("description", "")), False
        if kind is None:
            return "json", True
        if kind == "string":
            return self.text(schema), null or None in schema.get("enum", [])
        if kind in ("integer", "number"):
            return self.numeric(schema, kind), null
        if kind == "boolean":
            if "enum" in schema and set(schema["enum"]) != {True, False}:
                raise Missing("a boolean that is always the same")
            return "bool", null
        if depth > MAX_INNER:
            raise Missing("lists and maps that deep")
        if kind == "array":
            return self.array(schema, hint, depth), null
        if kind == "object":
            return self.object(schema, name, hint, depth), null
        raise Missing("the type `%s`" % kind)

    def either(self, parts, hint, depth):
        """What is a map takes in what stands behind it, and so stands last."""
        kinds = []
        for schema, name in parts:
            kind = self.kind_of(schema)
            made, null = (self.object(schema, name, hint, depth), False) if kind == "object" else self.type_of(schema, hint, depth)
            if null:
                raise Missing("alternatives")
            kinds.append(made)
        return " | ".join(sorted(kinds, key=lambda kind: kind.startswith("map")))

    def text(self, schema):
        if "const" in schema:
            schema = {**schema, "enum": [schema["const"]]}
        words = [w for w in schema.get("enum", []) if w is not None]
        if any(not isinstance(w, str) for w in words):
            raise Missing("an enum of several kinds")
        number = QUOTED.get((schema.get("format"), schema.get("pattern")))
        if number:
            return number + (" one of " + " ".join(words) if words else "") + " quoted"
        if words:
            return "text one of " + " ".join(quoted(w) for w in dict.fromkeys(words))
        kind = FORMATS.get(schema.get("format"), "text")
        if [part.get("format") for part in schema.get("anyOf", [])] == ["ipv4", "ipv6"]:
            kind = "ip"
        length = bounded(schema.get("minLength") or None, schema.get("maxLength"))
        if kind not in ("text", "email", "uri", "hostname") and (length or "pattern" in schema):
            kind = "text" # the format is an annotation, the length is not
        if kind != "text" and "pattern" in schema:
            kind = "text"
        byte = re.search(r"(?:^|\n)(\d+) to (\d+|any number of) bytes of UTF-8$", schema.get("description", ""))
        if byte:
            length += " bytes " + "..".join("" if n in ("0", "any number of") else n for n in byte.groups())
        return kind + length + (like(schema["pattern"]) if "pattern" in schema else "")

    def numeric(self, schema, kind):
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            if any(isinstance(v, (str, bool)) or v is None for v in values):
                raise Missing("an enum of several kinds")
            return ("int" if kind == "integer" else "real") + " one of " + " ".join(number(v) for v in dict.fromkeys(values))
        if schema.get("multipleOf", 1) != 1 or (kind == "number" and "multipleOf" in schema):
            raise Missing("multipleOf")
        low, above = self.bound(schema, "minimum", "exclusiveMinimum", max)
        high, below = self.bound(schema, "maximum", "exclusiveMaximum", min)
        if kind == "number":
            inside = bounded(None if above else low, None if below else high)
            return "real" + inside + (" above " + number(low) if above else "") + (" below " + number(high) if below else "")
        low = math.floor(low) + 1 if above else low
        high = math.ceil(high) - 1 if below else high
        low, high = (None if low is None else math.ceil(low)), (None if high is None else math.floor(high))
        if low == 0 and (high is None or high >= 2 ** 63):
            return "uint" + bounded(None, None if high in (None, 2 ** 64 - 1) else high)
        low, high = (None if low is not None and low <= -2 ** 63 else low), (None if high is not None and high >= 2 ** 63 - 1 else high)
        return "int" + bounded(low, high)

    @staticmethod
    def bound(schema, word, exclusive, stronger):
        """(the bound, whether it is none of the values itself). `true` is OpenAPI 3.0's, and means the bound beside it."""
        bound, beyond = schema.get(word), schema.get(exclusive)
        if beyond is None or isinstance(beyond, bool):
            return bound, bool(beyond) and bound is not None
        return (bound, False) if bound is not None and bound != beyond and stronger(bound, beyond) == bound else (beyond, True)

    def array(self, schema, hint, depth):
        if isinstance(schema.get("items"), list) or "prefixItems" in schema or "contains" in schema:
            raise Missing("tuples")
        held, null = self.type_of(schema.get("items", {}), hint + "_item", depth + 1)
        held = self.or_null(held, null, hint + "_item")
        unique = " unique" if schema.get("uniqueItems") else ""
        if unique and (held.endswith(" or null") or (null and held != "json")):
            raise Missing("uniqueness of a list with null")
        kind = "[%s]%s%s" % (held, bounded(schema.get("minItems") or None, schema.get("maxItems")), unique)
        return self.declared(kind, hint) if unique and depth > 1 else kind

    def object(self, schema, name, hint, depth):
        properties, more = schema.get("properties") or {}, schema.get("additionalProperties", True)
        if not properties and not schema.get("required"):
            if more is False:
                return self.body(schema, name, hint)
            held, null = self.type_of(more if isinstance(more, dict) else {}, hint + "_value", depth + 1)
            return "map%s %s" % (bounded(schema.get("minProperties") or None, schema.get("maxProperties")), self.or_null(held, null, hint + "_value"))
        return self.body(schema, name, hint)

    def or_null(self, held, null, hint):
        """What a list or a map holds. Behind a map `or null` would be its values', so that is declared by itself."""
        if not null or held == "json":
            return held
        return self.declared(held + " null", hint) if ends_in_map(held) else held + " or null"

    def whole(self, schema, hint):
        """What a whole body or answer is: the name of one, or a list of one. A value is declared."""
        kind, null = self.type_of(schema, hint)
        held = re.fullmatch(r"(\w+)|\[(\w+)\]( \d*\.\.\d*)?", kind)
        if held and not null and self.is_body(held[1] or held[2]):
            return kind
        inside = kind[1:].split("]")[0].split()[0] if " unique" in kind else None
        if inside in ("json", "map") or (inside and self.is_body(inside)):
            raise Missing("uniqueness of a whole body")
        name = self.resolve(schema)[1] or self.simple(schema)[1] or hint
        return self.declared(kind + (" null" if null and kind != "json" else ""), name, self.simple(schema)[0].get("description"))

    def is_body(self, name):
        return name in self.bodies or name in self.names.values()

    def declared(self, kind, name, description=None):
        """The name of a body that is a value."""
        base, above, n = self.prefix + name_of(name), described(description, ""), 1
        own = base
        while self.is_body(own) and self.bodies.get(own) != above + ["body %s %s" % (own, kind)]:
            n += 1
            own = "%s_%d" % (base, n)
        self.bodies[own] = above + ["body %s %s" % (own, kind)]
        return own

    # ---- Bodies ----

    def body(self, schema, name, hint):
        """The name of the declaration."""
        key = name or hint
        if key in self.names:
            return self.names[key]
        own = self.prefix + name_of(key)
        own += "_body" if own in TYPES else ""
        if own in self.bodies or own in self.names.values():
            own = name_of(own, {*self.bodies, *self.names.values()})
        more = schema.get("additionalProperties", True)
        required = schema.get("required") if isinstance(schema.get("required"), list) else []
        rest = isinstance(more, dict) and asked(self.resolve(more)[0])
        count = self.count_of_rest(schema, required, rest)
        properties = {**(schema.get("properties") or {})}
        for needed in required:
            if needed not in properties and schema.get("additionalProperties", True) is False:
                raise Missing("a needed member that may not be there")
            properties.setdefault(needed, more if rest else {}) # without a schema of its own it is any JSON
        is_open = " open" if more is not False and not rest else ""
        self.names[key] = own
        try:
            lines, taken = [], set()
            for outer, inner in properties.items():
                lines += self.member(outer, inner, outer in required, hint if not name else name_of(name), taken)
            lines += self.rest(more, count, hint if not name else name_of(name), taken) if rest else []
        except Missing:
            del self.names[key]
            raise
        self.bodies[own] = described(without_counts(schema.get("description")), "") + ["body %s%s {" % (own, is_open)] + lines + ["}"]
        return own

    @staticmethod
    def count_of_rest(schema, required, rest):
        """How many others there may be: a schema counts them with those that are declared, and our own tells it in a sentence."""
        told = re.search(COUNTS, schema.get("description") or "")
        if told and rest:
            return bounded(*(None if n in ("0", "any number of") else int(n) for n in told.groups()))
        low, high = schema.get("minProperties") or None, schema.get("maxProperties")
        if low is None and high is None:
            return ""
        properties = schema.get("properties") or {}
        if not rest or set(properties) - set(required) or (high is not None and high < len(required)):
            raise Missing("how many members a body has")
        low = None if low is None or low <= len(required) else low - len(required)
        return bounded(low, None if high is None else high - len(required))

    def rest(self, schema, count, hint, taken):
        """Of the members that no line names."""
        kind, null = self.type_of(schema, hint + "_other", 2)
        name = name_of("others", taken)
        text = schema.get("description") if "$ref" not in schema else None
        line = "    %s map%s %s rest" % (name, count, self.or_null(kind, null, hint + "_other"))
        return described(without_bytes(text), "    ") + [line + (" secret" if self.simple(schema)[0].get("writeOnly") else "")]

    def member(self, outer, schema, required, hint, taken):
        if len(outer) > 64:
            raise Missing("a name of more than 64 characters")
        name = name_of(outer, taken)
        taken.add(name)
        kind, null = self.type_of(schema, "%s_%s" % (hint, name))
        seen, _, _ = self.simple(schema)
        text = schema.get("description") if isinstance(schema, dict) else None
        line = "    %s %s" % (name, kind)
        default = default_of(seen, kind)
        if default is not None and not required and not null:
            line += " default " + ("true" if default is True else "false" if default is False
                                   else quoted(default) if isinstance(default, str) else number(default))
        elif kind == "json":
            line += "" if required else " optional"
        elif required:
            line += " null" if null else ""
        else:
            line += " optional" if null else " optional not null"
        if seen.get("writeOnly"):
            line += " secret"
        if name != outer:
            line += " as " + quoted(outer)
        return described(without_bytes(text), "    ") + [line]
