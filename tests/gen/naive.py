"""Routes and paths as plain Python understands them: nothing here is shared with the compiler. A route is
a list of (kind, value) segments; matching tries them one by one, and precedence is a list to compare.
"""
import datetime
import functools
import re
import sys
import urllib.parse

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
RANKS = ["literal", "mixed", "words", "like", "uuid", "date", "uint", "int", "slug", "free", "path"]

LITERALS = ["a", "b", "ab", "a-b", "x", "X", "7", "0", "007", "-7", "-0", "9223372036854775807",
            "9223372036854775808", "18446744073709551615", "18446744073709551616",
            "-9223372036854775808", "2024-02-29", "2023-02-29", "2000-02-29", "1900-02-29",
            "0f000000-0000-4000-8000-000000000007", "0F000000-0000-4000-8000-00000000000A",
            "00000000-0000-4000-8000-000000000000", "%C3%A9", "a.b", "~", "a-", "1-2", "users"]
SPECIAL = LITERALS + ["", "9223372036854775806", "9223372036854775817", "9223372036854775799",
                      "-9223372036854775809", "18446744073709551614", "18446744073709551620",
                      "99999999999999999999", "-99999999999999999999", "00", "-", "--", "-a", "a--b",
                      "0000-01-01", "0001-01-01", "9999-12-31", "2024-13-01", "2024-00-10",
                      "2024-04-31", "2024-04-30", "2024-12-32", "0004-02-29", "0100-02-29",
                      "0400-02-29", "2024-2-29", "%2F", "%5C", "a%20b", "A", "abc", "1a", "1_2",
                      "0g000000-0000-4000-8000-000000000007", "0f000000-0000-4000-8000-00000000007",
                      "0f0000000-0000-4000-8000-000000000007"]

BESIDE = [("a", ""), ("", "b"), ("a", "b"), ("-", ""), ("", ".b"), ("a-", ""), ("", "-1"), ("1", ""),
          ("", "0"), ("2024-", ""), ("", "-01"), (".", ""), ("a", ".b"), ("", "%C3%A9"), ("x", "x")]


# Expressions, each with texts that it takes. "/" and "\\" stand in no segment, whatever an expression says of them.
LIKES = {
    r"[A-Z]{3}": ["ABC", "XYZ"], r"[ab]{2}|1": ["ab", "ba", "1"], r"a[^a]?b*": ["a", "a-", "a7bb"], r"\d+": ["7", "007"],
    r"[a-z]+(-\d)?": ["ab", "x-2", "users"], r".{1,2}": ["a", "é€", "😀", '"{'], r"\w+\.csv": ["a.csv", "é.csv", "_1.csv"],
    r"[^-]+": ["a b", "é", "a?b#c", "%"], r"é|[\u20ac-\uffff]+": ["é", "€", "\uffff"], r"[\x20-/]+": ["$&", "+ ", "-.", "%%"],
    r"(?:-|\.|~)*[()]": ["-)", "~.(", "("], r"[^A]\W?": ["B", "😀", "a-", "z/"], r"😀{2,3}|x": ["😀😀", "x", "😀😀😀"],
    r"(0|[1-9]\d{0,2})(,\d)*": ["0", "10", "123,4", "7,1,2"], r"\d{4}-\d\d-\d\d": ["2024-02-29", "2024-13-99"],
    r"[\d\-a-f]{36}|-7": ["0f000000-0000-4000-8000-000000000007", "-7"],
}
asked = set()  # (expression, text) that were compared


def canonical(text):
    """RFC 3986, 3.3: what is no pchar is percent-encoded."""
    return urllib.parse.quote(text, safe="-._~!$&'()*+,;=:@")


def is_like(expression, text):
    plain = urllib.parse.unquote(text, errors="surrogateescape") # what is cut in a character is none
    if not plain or any("\ud800" <= c <= "\udfff" for c in plain) or "/" in plain or "\\" in plain:
        return False
    asked.add((expression, plain))
    return re.fullmatch(expression, plain, re.ASCII) is not None


def is_type(kind, text):
    if kind == "uuid":
        return re.fullmatch(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", text) is not None
    if kind == "date":
        try:
            return (re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None
                    and datetime.date.fromisoformat(text) is not None)
        except ValueError:
            return False
    if kind in ("int", "uint"):
        if not re.fullmatch(r"0|-?[1-9][0-9]*", text):
            return False
        low, high = (-2**63, 2**63 - 1) if kind == "int" else (0, 2**64 - 1)
        return low <= int(text) <= high
    if kind == "slug":
        return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) is not None
    return text != ""


@functools.lru_cache(None)
def roughly(texts, inners):
    """What nothing passes that can be divided: quicker than to try."""
    kinds = {"int": "-?[0-9]+", "uint": "[0-9]+", "slug": "[a-z0-9-]+", "date": "[0-9-]{10}", "uuid": "[0-9a-fA-F-]{36}"}
    parts = ["(?:%s)" % "|".join(map(re.escape, value)) if kind == "words" else kinds.get(kind, ".+") for kind, value in inners]
    return re.compile(re.escape(texts[0]) + "".join(part + re.escape(text) for part, text in zip(parts, texts[1:])), re.S)


def divisions(texts, inners, text):
    """Whether the text can be divided among several parameters, with `texts` around them: each way is tried."""
    if not text.startswith(texts[0]):
        return False
    text = text[len(texts[0]):]
    if not inners:
        return text == ""
    return any(is_beside(inners[0], text[:end]) and divisions(texts[1:], inners[1:], text[end:]) for end in range(1, len(text) + 1))


def is_beside(inner, text):
    """A free parameter takes whole escapes."""
    return not re.search(r"%(?![0-9A-F][0-9A-F])", text) and segment_matches(inner, text)


def segment_matches(segment, text):
    kind, value = segment
    if kind == "literal":
        return value == text
    if kind == "several":
        texts, inners = value
        return roughly(texts, inners).fullmatch(text) is not None and divisions(texts, inners, text)
    if kind == "mixed":
        before, inner, behind = value
        if (len(text) <= len(before) + len(behind) or not text.startswith(before)
                or not text.endswith(behind)):
            return False
        return is_beside(inner, text[len(before):len(text) - len(behind)])
    if kind == "words":
        return text in value
    if kind == "like":
        return is_like(value, text)
    return is_type(kind, text)


def pattern_of(name, segment):
    kind, value = segment
    if kind == "literal":
        return value
    if kind == "mixed":
        return value[0] + pattern_of(name, value[1]) + value[2]
    if kind == "several":
        texts, inners = value
        return texts[0] + "".join(pattern_of("%s_%d" % (name, i), inner) + text for i, (inner, text) in enumerate(zip(inners, texts[1:])))
    if kind == "words":
        return "{%s:%s}" % (name, "|".join(value))
    if kind == "like":
        return '{%s:like "%s"}' % (name, value.replace('"', '\\"'))
    return "{%s%s}" % (name, "" if kind == "free" else ":" + kind)


def rank_of(segment):
    kind, value = segment
    if kind == "several": # as other mixed ones
        return RANKS.index("mixed"), -len("".join(value[0]))
    return RANKS.index(kind), -len(value[0] + value[2]) if kind == "mixed" else 0


class Route:
    def __init__(self, method, segments):
        self.method, self.segments = method, segments

    def pattern(self):
        return "/" + "/".join(pattern_of("p%d" % i, s) for i, s in enumerate(self.segments))

    def rank(self):
        return [rank_of(segment) for segment in self.segments]

    def matches(self, path):
        texts = path[1:].split("/") if path != "/" else []
        if self.segments and self.segments[-1][0] == "path":
            n = len(self.segments) - 1
            if len(texts) <= n or "" in texts[n:]:
                return False
            texts = texts[:n + 1]
        if len(texts) != len(self.segments):
            return False
        return all(segment_matches(s, t) for s, t in zip(self.segments, texts))


def best(routes, method, path):
    """Index of the route, None without one. Two equals are a fault of the compiler."""
    found = [(r.rank(), i) for i, r in enumerate(routes) if r.method == method and r.matches(path)]
    found.sort()
    if len(found) > 1 and found[0][0] == found[1][0]:
        sys.exit("accepted, but ambiguous for %s: %s %s" %
                 (path, routes[found[0][1]].pattern(), routes[found[1][1]].pattern()))
    return found[0][1] if found else None
