"""From an OpenAPI document to routes.def: the operations as routes, the schemas as bodies; what the language has no word
for is left out, with its reason."""
import re

from expressions import like
from schemas import FORMATS, Missing, Schemas, asked, is_either
from written import bounded, can_be_quoted, described, name_of, quoted

MAX_PARTS = 4 # parameters of a segment
METHODS = ("get", "post", "put", "patch", "delete")
STYLES = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
RUNTIME = {"gw_refresh": "@refresh", "gw_end_session": "@end_session", "gw_sessions": "@sessions",
           "gw_openapi": "@openapi", "gw_docs": "@docs"}
# OpenAPI 3.1, 4.8.12.1: a document's parameters of these names mean nothing.
NO_HEADERS = ("accept", "content-type", "authorization")
KEPT = re.compile("(?i)(proxy|set-cookie|cookie|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|origin|range|"
                  "forwarded|x-real-ip|x-method-override)$|(proxy-|content-|access-control-|sec-fetch-|if-|x-forwarded-|x-http-method)")


class Converter:
    """`routes`: lines; `left_out`: {(METHOD, path): reason}; `prefix` stands before the names of handlers and bodies;
    `answers`: the routes say what they return. `slashed`: some path ends with a slash, so that the file says `slash either`."""

    def __init__(self, document, prefix="", answers=True):
        self.document, self.prefix, self.answers = document, prefix, answers
        self.schemas = Schemas(document, prefix)
        self.routes, self.left_out, self.handlers, self.queries, self.slashed = [], {}, set(), {}, False
        self.entities = [name for name, scheme in document.get("components", {}).get("securitySchemes", {}).items()
                         if scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "bearer"]

    def convert(self):
        for path, item in self.document["paths"].items():
            for method in item: # in the document's order
                if method not in METHODS:
                    continue
                try:
                    self.routes += self.route(path, method, item)
                except Missing as missing:
                    self.left_out[method.upper(), path] = str(missing)
        return self

    def text(self):
        lines = self.head()
        for body in self.schemas.bodies.values():
            lines += body
        return "\n".join(lines + self.routes) + "\n"

    def head(self):
        info, lines = self.document["info"], []
        lines += described(info.get("description"), "")
        url = self.document.get("servers", [{}])[0].get("url", "/")
        license_of = info.get("license", {}).get("name")
        lines.append("api %s version %s%s%s" % (
            quoted(info["title"]), quoted(info["version"]), "" if url == "/" else " server " + quoted(url.rstrip("/")),
            " license " + quoted(license_of) if license_of else ""))
        lines += ["slash either"] if self.slashed else []
        for tag in self.document.get("tags", []):
            lines += described(tag.get("description"), "") + ["tag " + word(tag["name"])]
        return lines

    # ---- Routes ----

    def route(self, path, method, item):
        operation = item[method]
        parameters = [self.schemas.resolve(p)[0] for p in item.get("parameters", []) + operation.get("parameters", [])]
        own = {(p["in"], p["name"]): p for p in parameters}.values()
        handler = self.handler(operation, method, path)
        pattern = self.path(path, [p for p in own if p["in"] == "path"])
        inputs = []
        if any(p["in"] == "cookie" and p.get("required") for p in own):
            raise Missing("cookies as inputs")
        query = [p for p in own if p["in"] == "query"]
        if query:
            inputs.append("query " + self.query(handler, query))
        headers = [p for p in own if p["in"] == "header" and p["name"].lower() not in NO_HEADERS]
        if headers:
            inputs.append("header " + self.headers(handler, headers))
        if "requestBody" in operation and not handler.startswith("@"):
            inputs.append(self.body(handler, self.schemas.resolve(operation["requestBody"])[0]))
        line = "%s %s %s %s" % (method.upper(), pattern, self.access(operation), handler)
        line += "(%s)" % ", ".join(inputs) if inputs else ""
        line += self.attributes(operation, handler)
        return described(operation.get("description") or operation.get("summary"), "") + [line]

    def handler(self, operation, method, path):
        name = operation.get("operationId", "%s %s" % (method, path))
        for own, runtime in RUNTIME.items():
            if name.split(".")[0] == own:
                return runtime
            if name.startswith(own + "_"):
                return "%s %s" % (runtime, name[len(own) + 1:])
        name = self.prefix + name_of(name)
        name = name_of(name, self.handlers)
        self.handlers.add(name)
        return name

    def path(self, path, parameters):
        if path != "/" and path.endswith("/"):
            path, self.slashed = path[:-1], True
        if re.search(r"[#?\s]", re.sub(r"\{[^{}]*\}", "", path)):
            raise Missing("a path with a query or a fragment")
        known = {p["name"]: p for p in parameters}
        segments, taken = [], set()
        for segment in path.split("/")[1:]:
            pieces = re.split(r"\{([^{}]*)\}", segment)
            if "" in pieces[2:-1:2]:
                raise Missing("two parameters of a segment with nothing between them")
            if len(pieces) > 2 * MAX_PARTS + 1:
                raise Missing("more than %d parameters in a segment" % MAX_PARTS)
            for i in range(1, len(pieces), 2):
                name = name_of(pieces[i], taken)
                taken.add(name)
                pieces[i] = "{%s%s}" % (name, self.path_type(known.get(pieces[i], {})))
            segments.append("".join(pieces))
        return "/" + "/".join(segments)

    def path_type(self, parameter):
        schema, _, _ = self.schemas.simple(parameter.get("schema", parameter if "type" in parameter else {}))
        if any(asked(part) == {"type": "string"} for part, _ in schema.get("$either", [])):
            return "" # any text is one of them
        kind = self.schemas.kind_of(schema) or "string"
        if "enum" in schema:
            if not all(isinstance(v, str) and re.fullmatch(r"[A-Za-z0-9._~-]+", v) for v in schema["enum"]):
                raise Missing("words of a path with other characters")
            return ":" + "|".join(dict.fromkeys(schema["enum"]))
        if kind in ("integer", "number"):
            if kind == "number" or set(schema) & {"maximum", "exclusiveMinimum", "exclusiveMaximum"} or schema.get("minimum", 0):
                raise Missing("bounds of a path parameter")
            return ":uint" if schema.get("minimum") == 0 else ":int"
        if kind != "string":
            raise Missing("`%s` in a path" % kind)
        if schema.get("pattern") == "^[a-z0-9]+(-[a-z0-9]+)*$":
            return ":slug"
        if "pattern" in schema and not {"minLength", "maxLength", "format"} & set(schema):
            return ":" + like(schema["pattern"]).strip()
        if "pattern" in schema or schema.get("maxLength") or schema.get("minLength", 1) > 1:
            raise Missing("bounds of a path parameter")
        return {"uuid": ":uuid", "date": ":date"}.get(schema.get("format"), "")

    def access(self, operation):
        security = operation.get("security", self.document.get("security", []))
        names = list(dict.fromkeys(name.split(".")[0] for one in security for name in one))
        names = [name for name in self.entities if name in names]
        if not names:
            return "ignored"
        guest = "guest|" if {} in security else ""
        return guest + ("|".join(names) if guest or names != self.entities else "authorized")

    # ---- Queries, bodies, answers ----

    def headers(self, handler, parameters):
        for parameter in parameters:
            if KEPT.match(parameter["name"]):
                raise Missing("a header that is decided on before a handler runs")
            if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9-]*", parameter["name"]):
                raise Missing("a header with other characters in its name")
        # A header that is there is not empty in any case.
        schemas = [{k: v for k, v in p.get("schema", {}).items() if (k, v) != ("minLength", 1)} for p in parameters]
        return self.query(handler, [{**p, "explode": True, "schema": schema} for p, schema in zip(parameters, schemas)], "_headers")

    def query(self, handler, parameters, end="_query"):
        lines, taken = [], set()
        for parameter in parameters:
            lines += self.query_member(parameter, handler, taken)
        is_open = " open" if any(self.admits_others(parameter) for parameter in parameters) else ""
        key = end + is_open + "\n".join(lines)
        if key not in self.queries:
            self.queries[key] = name_of(handler + end, self.schemas.bodies)
            self.schemas.bodies[self.queries[key]] = ["body %s%s {" % (self.queries[key], is_open)] + lines + ["}"]
        return self.queries[key]

    def admits_others(self, parameter):
        """An object whose members are parameters of their own, of any name."""
        schema = self.schemas.simple(parameter.get("schema", {}))[0]
        return is_exploded(parameter) and "$either" not in schema and self.schemas.kind_of(schema) == "object" and schema.get("additionalProperties", True) is not False

    def exploded(self, parameter, schema, hint, taken):
        """The members of an object as parameters."""
        if not is_exploded(parameter) or schema.get("minProperties") or schema.get("maxProperties"):
            raise Missing("objects in a query")
        needed = schema.get("required") or []
        if (needed and not parameter.get("required")) or set(needed) - set(schema.get("properties") or {}):
            raise Missing("objects in a query of which all or nothing is there")
        more = schema.get("additionalProperties", True)
        if isinstance(more, dict) and self.schemas.type_of(more, hint)[0] not in ("text", "json"):
            raise Missing("objects in a query")
        for outer, inner in (schema.get("properties") or {}).items():
            if self.schemas.kind_of(self.schemas.simple(inner)[0]) in ("object", "array"):
                raise Missing("objects in a query")
            yield from self.query_member({"name": outer, "in": "query", "required": outer in needed, "schema": inner}, hint, taken)

    def deep(self, parameter, schema, kind, hint, taken):
        """`filter[title]=x`"""
        if kind.startswith("map") and kind.endswith(" json"):
            kind = kind[:-4] + "text" # any value of a query is a text
        held = [kind.rsplit(" ", 1)[-1]] if kind.startswith("map") else [
            self.schemas.type_of(inner, hint)[0] for inner in (schema.get("properties") or {}).values()]
        if kind.startswith(("[", "map [", "map map")) or any(
                one.startswith(("json", "map", "[[", "[map", "[json")) or one.strip("[]").split("]")[0] in self.schemas.bodies for one in held):
            raise Missing("objects in a query")
        name = name_of(parameter["name"], taken)
        taken.add(name)
        line = "    %s %s%s" % (name, kind, "" if parameter.get("required") else " optional")
        line += " as " + quoted(parameter["name"]) if name != parameter["name"] else ""
        return described(parameter.get("description"), "    ") + [line]

    def alternatives(self, parameter, schema, hint):
        """Of texts: in an order in which each can come."""
        if "$either" not in schema:
            return self.list_of_alternatives(schema, hint)
        plain, lists, objects = [], [], []
        for part, name in schema["$either"]:
            kind = self.schemas.kind_of(part)
            made = self.schemas.object(part, name, hint, 1) if kind == "object" else self.schemas.type_of(part, hint)[0]
            (objects if kind == "object" else lists if kind == "array" else plain).append(made)
        if lists: # a single one is a list of one
            held = re.fullmatch(r"\[([^\[\]]+)\]( \d*)?(\.\.(\d*))?", lists[0])
            if objects or len(plain) != 1 or not held or held[1] != plain[0] or held[4] == "0":
                raise Missing("alternatives")
            return lists[0] if not held[2] or held[2] == " " else "[%s]%s" % (held[1], bounded(1, held[4] or None))
        if objects and (parameter.get("style") != "deepObject" or not self.is_flat(objects[0])):
            raise Missing("objects in a query")
        return " | ".join(self.reached(plain) + objects)

    @staticmethod
    def reached(plain):
        """In an order in which each can come, without those of which any text is one."""
        texts = [one for one in plain if not re.match(r"(int|uint|real|bool)\b", one)]
        if texts and texts[0] in ("text", "text 1.."):
            return texts
        numbers = [one for one in plain if re.match(r"(int|uint|real)\b", one)]
        return sorted(plain, key=lambda one: (one not in numbers, one in texts))

    def list_of_alternatives(self, schema, hint):
        items = self.schemas.simple(schema.get("items", {}))[0] if self.schemas.kind_of(schema) == "array" else {}
        if any(self.schemas.kind_of(part) in ("object", "array") for part, _ in items.get("$either", [])) or "$either" not in items:
            raise Missing("objects in a query")
        if schema.get("uniqueItems"):
            raise Missing("uniqueness of alternatives")
        held = self.reached([self.schemas.type_of(part, hint)[0] for part, _ in items["$either"]])
        return "[%s]%s" % (" | ".join(held), bounded(schema.get("minItems") or None, schema.get("maxItems")))

    def is_flat(self, kind):
        """Whether an object has single values inside, and lists of them."""
        if kind.startswith("map"):
            return not re.match(r"map( \d*\.\.\d*)? (\[|map|json)", kind) and kind.rsplit(" ", 1)[-1] not in self.schemas.bodies
        lines = [line.split() for line in self.schemas.bodies.get(kind, []) if line.startswith("    ") and not line.startswith("    ##")]
        return not any(re.match(r"map|json|\[\[|\[map|\[json", one) or one.strip("[]") in self.schemas.bodies or "|" in rest
                       for _, one, *rest in lines)

    def query_member(self, parameter, hint, taken):
        if "content" in parameter:
            raise Missing("JSON in a query")
        given = parameter.get("schema", parameter if "type" in parameter else {})
        schema, _, _ = self.schemas.simple(given)
        kind, null = self.schemas.type_of(given, hint)
        del null # a query has none
        style, by = parameter.get("style", "form"), ""
        if is_either(kind):
            kind = self.alternatives(parameter, schema, hint)
        elif style == "deepObject":
            return self.deep(parameter, schema, kind, hint, taken)
        if not is_either(kind) and (schema.get("type") == "object" or kind.startswith("map") or kind in self.schemas.bodies):
            return list(self.exploded(parameter, schema, hint, taken))
        if kind == "json":
            kind = "text"
        if kind.startswith("[[") or kind.startswith("[map"):
            raise Missing("objects in a query")
        if kind.endswith(" or null]"):
            raise Missing("null in a query")
        if kind.startswith("["):
            kind = kind.replace("[json]", "[text]", 1)
            if kind[1:].split("]")[0].split()[0] in self.schemas.bodies:
                raise Missing("objects in a query")
            if not parameter.get("explode", style == "form"):
                by = ' by "%s"' % STYLES[style]
        name = name_of(parameter["name"], taken)
        taken.add(name)
        if len(parameter["name"]) > 64:
            raise Missing("a name of more than 64 characters")
        line = "    %s %s%s" % (name, kind, by)
        default = schema.get("default") if kind.split()[0] in ("int", "uint", "text", "real", "bool") else None
        if isinstance(default, str) and not can_be_quoted(default):
            default = None # an annotation
        if not parameter.get("required"):
            line += " optional" if default is None else " default " + (
                "true" if default is True else "false" if default is False else quoted(default)
                if isinstance(default, str) else "%s" % default)
        if name != parameter["name"]:
            line += " as " + quoted(parameter["name"])
        return described(parameter.get("description"), "    ") + [line]

    def body(self, handler, request):
        content = request.get("content", {})
        json = next((m for m in content if m.split(";")[0] == "application/json"), None)
        form = "application/x-www-form-urlencoded"
        if json:
            return left_out(request, self.top(content[json].get("schema", {}), handler + "_body"))
        patch = next((m for m in content if m.split(";")[0] == "application/merge-patch+json"), None)
        if patch and len(content) == 1:
            return left_out(request, self.top(content[patch].get("schema", {}), handler + "_body"))
        if form in content:
            return "form " + left_out(request, self.form(content[form].get("schema", {}), handler + "_body"))
        if list(content) == ["*/*"] or list(content) == ["application/octet-stream"]:
            return "raw"
        if list(content) == ["multipart/form-data"] and request.get("required"):
            return "form " + self.parts(content["multipart/form-data"], handler)
        if any(m.startswith("multipart/") for m in content):
            raise Missing("multipart forms")
        raise Missing("bodies of other media types")

    def parts(self, form, handler):
        """Whose files have no type; which media types they may be of, the encoding says (OpenAPI 3.1, 4.8.14.2)."""
        schema, _, _ = self.schemas.simple(form.get("schema", {}))
        if "binary" in [p.get("format") for p in schema.get("properties", {}).values() if isinstance(p, dict)]:
            raise Missing("multipart forms")
        kind = self.top(form.get("schema", {}), handler + "_body")
        for member, encoding in form.get("encoding", {}).items():
            types = "".join(" " + quoted(one) for one in encoding.get("contentType", "").split(", "))
            self.schemas.bodies[kind] = [re.sub(r"^(\s+%s file)\b" % re.escape(member), lambda m: m[1] + types, line)
                                         for line in self.schemas.bodies[kind]]
        return kind

    def top(self, schema, hint):
        """What a whole body or answer is: a body, or a list of one."""
        return self.schemas.whole(schema, hint)

    def form(self, schema, hint):
        kind = self.top(schema, hint)
        if kind.startswith("[") or self.schemas.bodies.get(kind, ["}"])[-1] != "}":
            raise Missing("a form that is no object")
        return kind

    def attributes(self, operation, handler):
        text = "".join(" tag " + word(tag) for tag in operation.get("tags", []))
        if list(operation.get("requestBody", {}).get("content", {})) == ["application/merge-patch+json"]:
            text += ' accept "application/merge-patch+json"'
        if operation.get("deprecated"):
            text += " deprecated 2026-01-01" # a document does not say since when
        responses = operation.get("responses", {})
        before = list(responses)
        before = before[:before.index("400")] if "400" in before else before
        for status in before if self.answers and not handler.startswith("@") else []:
            if re.fullmatch(r"\d{3}", status) and status != "303":
                text += self.answer(int(status), self.schemas.resolve(responses[status])[0], handler)
        return text

    def answer(self, status, response, handler):
        if status in (204, 205, 304):
            return " returns %d" % status
        try:
            return "".join(" returns %d%s" % (status, said) for said in self.contents(response, status, "%s_%d" % (handler, status)))
        except Missing:
            return " returns %d" % status # exact answers are counted by measure.py

    def contents(self, response, status, hint):
        """What stands behind `returns STATUS`, as often as it is needed: a body with its media types, or types alone."""
        bodies, types = {}, []
        content = response.get("content", {})
        for kind, media in content.items():
            kind = kind.split(";")[0].strip().lower()
            if kind == "application/problem+json" and status >= 400:
                continue
            if kind == "*/*":
                return [""]
            if not re.fullmatch(r"[a-z0-9!#$&^_.+-]+/([a-z0-9!#$&^_.+-]+|\*)", kind) or kind == "application/problem+json":
                raise Missing("a media type that is none")
            schema = media.get("schema") if is_json(kind) else None
            if schema:
                names = bodies.setdefault(self.top(schema, hint), [])
                names += [] if kind in names else [kind]
            elif kind not in types:
                types.append(kind)
        types = [kind for kind in types if kind.endswith("/*") or kind.split("/")[0] + "/*" not in types]
        said = [" " + body + ("" if names == ["application/json"] else "".join(" " + quoted(name) for name in names)) for body, names in bodies.items()]
        return said + (["".join(" " + quoted(kind) for kind in types)] if types else []) or [""]

    def exact_answer(self, response, status=200):
        """Raises Missing where the answer is not said exactly."""
        for kind, media in response.get("content", {}).items():
            if not is_json(kind.split(";")[0].strip().lower()) and media.get("schema"):
                seen = self.schemas.simple(media["schema"])[0]
                if seen.get("type", "string") not in ("string", "file"):
                    raise Missing("what an answer holds that is not JSON")
        self.contents(response, status, "answer")


def left_out(request, kind):
    """The body with its `?`, where a request need have none."""
    return kind if request.get("required") else re.sub(r"^(\[?\w+\]?)", r"\1?", kind)


def is_json(kind):
    return kind == "application/json" or re.fullmatch(r"application/.+\+json", kind) is not None


def is_exploded(parameter):
    return parameter.get("in") == "query" and parameter.get("style", "form") == "form" and parameter.get("explode", True)


def word(name):
    return name if re.fullmatch("[a-z][a-z0-9_]{0,63}", name) else quoted(name)
