"""How names, texts, numbers and descriptions are written in routes.def."""
import re

from expressions import Missing

KEYWORDS = """abstract auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true
false asm typeof linux unix errno stdin stdout stderr assert or and not xor bitand bitor compl complex imaginary
noreturn alignas alignof thread_local static_assert nan infinity optional null key unique index map""".split()


def name_of(text, taken=()):
    """A name of the language for one of others': `first_name` for `firstName`; numbered where it is taken."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text))
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:48]
    if not re.match("[a-z]", name):
        name = ("x_" + name).rstrip("_")
    if name in KEYWORDS:
        name += "_value"
    n, base = 1, name
    while name in taken:
        n += 1
        name = "%s_%d" % (base, n)
    return name


def can_be_quoted(text):
    return text and not re.search(r"[\x00-\x1f\x7f]", text)


def quoted(text):
    if not can_be_quoted(text):
        raise Missing("a text that is empty or has control characters")
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def number(value):
    return "%d" % value if value == int(value) else repr(value)


def bounded(low, high):
    """`1..5`, or nothing."""
    if low is None and high is None:
        return ""
    return " %s..%s" % ("" if low is None else number(low), "" if high is None else number(high))


def size(text):
    """Of a file, as its description tells it."""
    found = re.search(r"(?:^|\n)1 to (\d+) bytes$", text)
    if not found:
        return ""
    most = int(found[1])
    return " ..%dM" % (most >> 20) if most % (1 << 20) == 0 else " ..%d" % most


def without_bytes(text):
    return re.sub(r"(\n\n|^)\d+ to (\d+|any number of) bytes( of UTF-8)?$", "", text) if text else text


def described(text, indent):
    """The lines `## ...`; none for a text that those could not hold."""
    if not text or not isinstance(text, str) or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return []
    return [indent + ("## " + line).rstrip() for line in text.strip().split("\n")]
