"""Patterns of JSON Schemas (ECMA-262), which are looked for anywhere, as what the language writes behind `like`, which matches
the whole; exactly or not at all."""
import re


class Missing(Exception):
    """What the language has no word for."""


ANY = "[\\d\\D]*"
# ECMA-262, 22.2.2.9: `\s` are its blanks and ends of lines; and what `\S` is.
BLANK = "\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
NOT_BLANK = ("\\x01-\\x08\\x0e-\\x1f!-\\x9f\\u00a1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e"
             "\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\U0010ffff")
SETS = ("\\w", "\\d", "\\s", "\\W", "\\D", "\\S")
OFTEN = re.compile(r"[*+?]\??|\{\d+(?:,\d*)?\}\??")
AROUND = "a pattern that looks around, back or at Unicode"
ANCHORS = "a pattern with anchors inside"
TOKEN = re.compile(r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[pP]\{\w+\}|\\.|\[\^?(?:\\.|[^\]\\])*\]|.", re.S)


def ends_in_map(kind):
    """Of a type of the language: whether what stands behind it would be of a map's values."""
    bare, before = re.sub(r'"(?:\\.|[^"\\])*"', '""', kind), None
    while bare != before:
        bare, before = re.sub(r"\[[^\[\]]*\]", "", bare), bare
    return bare.split(" | ")[-1].startswith("map")


def like(text):
    if re.search(r"\(\?(?!:)|\\[1-9bBkpP]|\\c[A-Za-z]|\\u(?![0-9a-fA-F]{4})|\\u[dD][89a-fA-F]|\[\^?\]|[\x00-\x1f\ud800-\udfff]", text):
        raise Missing(AROUND)
    parts = list(dict.fromkeys(part for one in alternatives(text) for part in without_anchors(one)))
    if not parts:
        raise Missing("a pattern that nothing matches")
    return ' like "%s"' % spelt(ungrouped("|".join(parts)))


def ungrouped(text):
    """Without a group around all of it, which changes nothing."""
    seen, depth = tokens(text), 0
    for i, token in enumerate(seen):
        depth += (token == "(") - (token == ")")
        if not depth and i < len(seen) - 1:
            return text
    return ungrouped("".join(seen[3:-1])) if text.startswith("(?:") and not depth else text


def none_of(words):
    """A pattern of all texts but these."""
    firsts = sorted({word[0] for word in words if word})
    parts = [] if "" in words else [""]
    parts.append("[^%s]%s" % ("".join("\\" + c if c in "^$\\.*+?()[]{}|/-" else c for c in firsts), ANY) if firsts else ANY[:-1] + "+")
    for c in firsts:
        parts.append(("\\" + c if c in "^$\\.*+?()[]{}|/" else c) + none_of([word[1:] for word in words if word[:1] == c])[1:-1])
    return "^(?:%s)$" % "|".join(parts)


def tokens(text):
    return TOKEN.findall(text)


def alternatives(text):
    """What stands between the `|` that are in no group."""
    parts, depth = [""], 0
    for token in tokens(text):
        depth += (token == "(") - (token == ")")
        if token == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def has_anchor(text):
    return any(token in "^$" for token in tokens(text))


def group_with_anchor(text):
    """(before, inside, behind) of the first group that holds an anchor; None: there is none."""
    depth, before, inside, seen = 0, "", "", tokens(text)
    for i, token in enumerate(seen):
        depth += token == "("
        if depth:
            inside += token
        else:
            before += token
        depth -= token == ")" and depth > 0
        if inside and not depth:
            if has_anchor(inside):
                return before, inside[1:-1].removeprefix("?:"), "".join(seen[i + 1:])
            before, inside = before + inside, ""
    return None


def without_anchors(part):
    """The alternatives that match the whole of what `part`, which is none itself, is found in."""
    found = group_with_anchor(part)
    if found:
        before, inside, behind = found
        if OFTEN.match(behind):
            raise Missing(ANCHORS)
        for one in alternatives(inside):
            yield from without_anchors(before + one + behind)
        return
    begins, ends, seen = False, False, tokens(part)
    while seen and seen[0] == "^":
        begins, seen = True, seen[1:]
    while seen and seen[-1] == "$":
        ends, seen = True, seen[:-1]
    inner = "".join(seen)
    for i, token in enumerate(seen):
        if token in "^$":
            # Behind or before a character that must be there it never holds.
            near = seen[i - 1] if token == "^" else "".join(seen[i + 1:])
            if (token == "^" and (i == 0 or near in "*?+})")) or (token == "$" and (near[0] == "(" or re.match(r".(?:[*?]|\{0)", near))):
                raise Missing(ANCHORS)
            return
    yield ("" if begins else ANY) + inner + ("" if ends else ANY)


def class_of(token):
    """A class as the language writes it: `-` and `[` escaped in it, and `\\s` written out."""
    inverted = token.startswith("[^")
    out, i = "", 0
    items = re.findall(r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\.|.", token[1 + inverted:-1], re.S)
    if not inverted and any({low, low.upper()} <= set(items) for low in ("\\s", "\\d", "\\w")):
        return ANY[:-1]
    while i < len(items):
        low = items[i]
        is_range = low not in SETS and items[i + 1:i + 2] == ["-"] and i + 2 < len(items) and items[i + 2] not in SETS
        if is_range:
            out += in_class(low) + "-" + in_class(items[i + 2])
            i += 3
        else:
            out += in_class(low)
            i += 1
    return "[%s%s]" % ("^" if inverted else "", out)


def in_class(item):
    if item in ("\\s", "\\S"):
        return BLANK if item == "\\s" else NOT_BLANK
    if item in ("-", "[", "\\-"):
        return "\\" + item[-1]
    return plain(item)


def plain(item):
    """Without a backslash that escapes nothing."""
    if len(item) == 2 and item[0] == "\\" and item[1] in "/_@#%&~=<>!,:;'\"` ":
        item = item[1]
    return '\\"' if item == '"' else item


def spelt(text):
    """As the language writes it, without `?` behind how often, which changes no whole match."""
    out, i, seen = "", 0, tokens(text)
    while i < len(seen):
        token = seen[i]
        often = OFTEN.match("".join(seen[i:i + 12]))
        if often and (token != "{" or out):
            out += often[0][:-1] if often[0][-1] == "?" and len(often[0]) > 1 else often[0]
            i += len(often[0])
            continue
        if token in ("\\s", "\\S"):
            token = "[%s%s]" % ("^" if token == "\\S" else "", BLANK)
        elif len(token) > 1 and token[0] == "[":
            token = class_of(token)
        else:
            token = "-" if token == "\\-" else plain(token)
        out += token
        i += 1
    return out
