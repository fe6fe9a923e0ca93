/* regex_read.c: from the text of a regular expression to its tree. */
#include "match/regex_tree.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH  50   /* of groups: the reader calls itself */
#define MAX_REPEAT 4095 /* in `{ }` */
#define LAST       0x10ffff

struct reader {
    struct arena *arena;
    const char *text;
    size_t at, len;
    unsigned depth;
    bool either; /* `|` outside of all groups */
    struct regex_tree *tree;
    struct regex_error *error;
    bool failed;
};

/* The first mistake is told; the reader goes on to the end without effect. */
static void fail(struct reader *reader, size_t at, size_t len, const char *message)
{
    if (!reader->failed)
        *reader->error = (struct regex_error){at, len, message};
    reader->failed = true;
    reader->at = reader->len;
}

static bool at_end(const struct reader *reader)
{
    return reader->at >= reader->len;
}

static char peek(const struct reader *reader, size_t ahead)
{
    return reader->at + ahead < reader->len ? reader->text[reader->at + ahead] : '\0';
}

static bool accept(struct reader *reader, const char *what)
{
    size_t n = strlen(what);
    if (reader->len - reader->at < n || memcmp(reader->text + reader->at, what, n))
        return false;
    reader->at += n;
    return true;
}

/* The next character, of a text that is UTF-8. */
static uint32_t take_code_point(struct reader *reader)
{
    unsigned char first = (unsigned char)reader->text[reader->at++];
    unsigned more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t c = more ? first & (0x3fu >> more) : first;
    for (; more && !at_end(reader); more--)
        c = c << 6 | ((unsigned char)reader->text[reader->at++] & 0x3f);
    return c;
}

/* ---- Sets ----------------------------------------------------------------------------------- */

static void add_range(struct reader *reader, struct regex_set *set, uint32_t first, uint32_t last)
{
    *vec_add(reader->arena, set) = (struct regex_range){first, last};
}

static int order_ranges(const void *a, const void *b)
{
    const struct regex_range *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

static void merge(struct regex_set *set)
{
    size_t n = 0;
    if (set->n)
        qsort(set->items, set->n, sizeof(*set->items), order_ranges);
    for (size_t i = 0; i < set->n; i++) {
        struct regex_range range = set->items[i];
        if (n && range.first <= set->items[n - 1].last + 1)
            set->items[n - 1].last =
                range.last > set->items[n - 1].last ? range.last : set->items[n - 1].last;
        else
            set->items[n++] = range;
    }
    set->n = n;
}

/* What a merged set leaves of all code points. */
static struct regex_set inverse(struct reader *reader, const struct regex_set *set)
{
    struct regex_set rest = {0};
    uint32_t from = 0;
    for (size_t i = 0; i < set->n; i++) {
        if (set->items[i].first > from)
            add_range(reader, &rest, from, set->items[i].first - 1);
        from = set->items[i].last + 1;
    }
    if (from <= LAST)
        add_range(reader, &rest, from, LAST);
    return rest;
}

/* Its index. What no text holds is taken out. */
static unsigned keep_set(struct reader *reader, const struct regex_set *set)
{
    struct regex_tree *tree = reader->tree;
    struct regex_set rest = inverse(reader, set);
    add_range(reader, &rest, 0, 0);
    add_range(reader, &rest, 0xd800, 0xdfff);
    merge(&rest);
    struct regex_set possible = inverse(reader, &rest);
    for (size_t i = 0; i < tree->n_sets; i++) {
        const struct regex_set *one = &tree->sets[i];
        if (one->n == possible.n &&
            (!one->n || !memcmp(one->items, possible.items, one->n * sizeof(*one->items))))
            return (unsigned)i;
    }
    tree->sets =
        arena_grow(reader->arena, tree->sets, tree->n_sets, &tree->cap_sets, sizeof(*tree->sets));
    tree->sets[tree->n_sets] = possible;
    return (unsigned)tree->n_sets++;
}

static void add_digits(struct reader *reader, struct regex_set *set)
{
    add_range(reader, set, '0', '9');
}

static void add_word(struct reader *reader, struct regex_set *set)
{
    add_digits(reader, set);
    add_range(reader, set, 'A', 'Z');
    add_range(reader, set, '_', '_');
    add_range(reader, set, 'a', 'z');
}

/* `\d`, `\w` and what is none of them: of ASCII, as in ECMA-262. */
static bool add_escaped_set(struct reader *reader, char c, struct regex_set *set)
{
    struct regex_set plain = {0};
    if (c == 'd' || c == 'D')
        add_digits(reader, &plain);
    else if (c == 'w' || c == 'W')
        add_word(reader, &plain);
    else
        return false;
    if (c == 'D' || c == 'W')
        plain = inverse(reader, &plain);
    for (size_t i = 0; i < plain.n; i++)
        add_range(reader, set, plain.items[i].first, plain.items[i].last);
    return true;
}

/* ---- Characters ----------------------------------------------------------------------------- */

/* So many hexadecimal digits, behind `\x` and `\u`. In a class NUL may be one of others. */
static uint32_t read_hex(struct reader *reader, size_t start, size_t n, bool in_class)
{
    uint32_t c = 0;
    for (size_t i = 0; i < n; i++) {
        const char *digits = "0123456789abcdef", *digit;
        char lower = peek(reader, i);
        lower = (char)(lower >= 'A' && lower <= 'F' ? lower + ('a' - 'A') : lower);
        digit = lower ? strchr(digits, lower) : NULL;
        if (!digit) {
            fail(reader, start, 2,
                 n == 2 ? "`\\x` has two hexadecimal digits behind it"
                        : "`\\u` has four hexadecimal digits behind it");
            return 0;
        }
        c = c << 4 | (uint32_t)(digit - digits);
    }
    reader->at += n;
    if ((c == 0 && !in_class) || (c >= 0xd800 && c <= 0xdfff))
        fail(reader, start, reader->at - start,
             "no text holds this character; one beyond U+FFFF is written as it is");
    return c;
}

static const char *why_not(char c)
{
    if (c == 's' || c == 'S')
        return "`\\s` is another set in each engine: write the blanks that are meant, `[ \\t]`";
    if (c == 'b' || c == 'B')
        return "`\\b` looks around, which is not supported: a text matches as a whole";
    if (c == '0')
        return "no text holds NUL";
    if ((c >= '1' && c <= '9') || c == 'k')
        return "a text that was matched before cannot be demanded again: no regular language is so";
    if (c == 'p' || c == 'P')
        return "classes of Unicode are not supported: they change with its versions";
    return "no such escape: these are \\d \\w \\D \\W \\t \\n \\r \\f \\v \\xHH \\uHHHH and those "
           "of "
           "^$\\.*+?()[]{}|/\" and, in a class, -";
}

/* Behind a backslash; what is a set there is not for this. */
static uint32_t read_escape(struct reader *reader, size_t start, bool in_class)
{
    static const char named[] = "tnrfv", values[] = "\t\n\r\f\v";
    char c = peek(reader, 0);
    const char *name = c ? strchr(named, c) : NULL;
    reader->at++;
    if (name)
        return (unsigned char)values[name - named];
    if (c == 'x' || c == 'u')
        return read_hex(reader, start, c == 'x' ? 2 : 4, in_class);
    if (c && (strchr("^$\\.*+?()[]{}|/\"", c) || (in_class && c == '-')))
        return (unsigned char)c;
    fail(reader, start, 2, why_not(c));
    return 0;
}

/* One character of a class, or a set: then it is added, and `*ret_set`. */
static uint32_t read_class_item(struct reader *reader, struct regex_set *set, bool *ret_set)
{
    size_t start = reader->at;
    *ret_set = false;
    if (peek(reader, 0) == '[') {
        fail(reader, start, 1, "`[` in a class is written `\\[`");
        return 0;
    }
    if (!accept(reader, "\\"))
        return take_code_point(reader);
    if (add_escaped_set(reader, peek(reader, 0), set)) {
        reader->at++;
        *ret_set = true;
        return 0;
    }
    return read_escape(reader, start, true);
}

/* `a`, `a-z`, `\d`. A `-` that is no range stands first or last. */
static void read_class_range(struct reader *reader, struct regex_set *set, bool first)
{
    size_t start = reader->at;
    bool low_set, high_set;
    if (peek(reader, 0) == '-' && !first && peek(reader, 1) != ']') {
        fail(reader, start, 1, "`-` in a class stands first, last, or is written `\\-`");
        return;
    }
    uint32_t low = read_class_item(reader, set, &low_set), high = low;
    if (peek(reader, 0) == '-' && peek(reader, 1) && peek(reader, 1) != ']') {
        reader->at++;
        high = read_class_item(reader, set, &high_set);
        if (low_set || high_set)
            fail(reader, start, reader->at - start, "a set is no end of a range");
        else if (high < low)
            fail(reader, start, reader->at - start, "this range is empty");
    }
    if (!low_set && !reader->failed)
        add_range(reader, set, low, high);
}

static unsigned read_class(struct reader *reader)
{
    struct regex_set set = {0};
    size_t start = reader->at - 1;
    bool inverted = accept(reader, "^");
    if (peek(reader, 0) == ']')
        fail(reader, start, reader->at + 1 - start,
             "this class is empty; `]` in one is written `\\]`");
    for (bool first = true; !at_end(reader) && peek(reader, 0) != ']'; first = false)
        read_class_range(reader, &set, first);
    if (!accept(reader, "]"))
        fail(reader, start, 1, "this class does not end");
    merge(&set);
    if (inverted)
        set = inverse(reader, &set);
    return keep_set(reader, &set);
}

/* ---- The tree ------------------------------------------------------------------------------- */

static const struct regex_node *read_alternatives(struct reader *reader);

static struct regex_node *new_node(struct reader *reader, enum regex_kind kind)
{
    struct regex_node *node = arena_alloc(reader->arena, sizeof(*node));
    node->kind = kind;
    return node;
}

static const struct regex_node *node_of_set(struct reader *reader, unsigned set)
{
    struct regex_node *node = new_node(reader, REGEX_SET);
    node->set = set;
    return node;
}

static const struct regex_node *read_group(struct reader *reader)
{
    size_t start = reader->at - 1;
    if (!accept(reader, "?:") && peek(reader, 0) == '?')
        fail(reader, start, 3,
             "of groups there are ( ) and (?: ): none looks around or has a name");
    if (++reader->depth > MAX_DEPTH)
        fail(reader, start, 1, "more than 50 groups inside each other");
    const struct regex_node *inner = read_alternatives(reader);
    reader->depth--;
    if (!accept(reader, ")"))
        fail(reader, start, 1, "this group does not end");
    return inner;
}

/* Any character but those that end a line in ECMA-262. */
static unsigned set_of_dot(struct reader *reader)
{
    struct regex_set ends = {0};
    add_range(reader, &ends, '\n', '\n');
    add_range(reader, &ends, '\r', '\r');
    add_range(reader, &ends, 0x2028, 0x2029);
    ends = inverse(reader, &ends);
    return keep_set(reader, &ends);
}

static unsigned set_of_escape(struct reader *reader, size_t start)
{
    struct regex_set set = {0};
    if (add_escaped_set(reader, peek(reader, 0), &set)) {
        reader->at++;
    } else {
        uint32_t c = read_escape(reader, start, false);
        add_range(reader, &set, c, c);
    }
    return keep_set(reader, &set);
}

static const struct regex_node *read_atom(struct reader *reader)
{
    size_t start = reader->at;
    char c = peek(reader, 0);
    if (accept(reader, "("))
        return read_group(reader);
    if (accept(reader, "["))
        return node_of_set(reader, read_class(reader));
    if (accept(reader, "."))
        return node_of_set(reader, set_of_dot(reader));
    if (accept(reader, "\\"))
        return node_of_set(reader, set_of_escape(reader, start));
    if (c == '^' || c == '$')
        fail(reader, start, 1,
             "`^` may stand at the very beginning and `$` at the very end, without "
             "`|` outside of a group: a text matches as a whole in any case");
    else if (c == '*' || c == '+' || c == '?')
        fail(reader, start, 1, "nothing stands before it that could be repeated");
    else if (c == '{' || c == '}' || c == ']')
        fail(reader, start, 1, "{ } ] as characters are written \\{ \\} \\]");
    if (reader->failed)
        return new_node(reader, REGEX_NOTHING);
    uint32_t code_point = take_code_point(reader);
    struct regex_set set = {0};
    add_range(reader, &set, code_point, code_point);
    return node_of_set(reader, keep_set(reader, &set));
}

/* At most MAX_REPEAT + 1, which says that it is more. False without a digit. */
static bool read_number(struct reader *reader, unsigned *ret)
{
    size_t start = reader->at;
    *ret = 0;
    for (; peek(reader, 0) >= '0' && peek(reader, 0) <= '9'; reader->at++)
        *ret = *ret > MAX_REPEAT ? *ret : *ret * 10 + (unsigned)(peek(reader, 0) - '0');
    return reader->at > start;
}

/* `{n}`, `{n,}`, `{n,m}`. `max` 0: without an end. */
static void read_braces(struct reader *reader, unsigned *min, unsigned *max)
{
    size_t start = reader->at - 1;
    bool good = read_number(reader, min), open = false;
    *max = *min;
    if (good && accept(reader, ","))
        open = !read_number(reader, max);
    good = good && accept(reader, "}");
    if (!good)
        fail(reader, start, 1, "how often is written {3}, {3,} or {3,5}; `{` as a character `\\{`");
    else if (*min > MAX_REPEAT || *max > MAX_REPEAT)
        fail(reader, start, reader->at - start, "more often than 4095 times");
    else if (!open && *max < *min)
        fail(reader, start, reader->at - start, "the larger number stands behind");
    else if (!open && *max == 0)
        fail(reader, start, reader->at - start, "what stands no time is not written");
}

static const struct regex_node *read_repeated(struct reader *reader)
{
    const struct regex_node *atom = read_atom(reader);
    struct regex_node *node = new_node(reader, REGEX_REPEAT);
    node->left = atom;
    if (accept(reader, "*"))
        node->min = node->max = 0;
    else if (accept(reader, "+"))
        node->min = 1;
    else if (accept(reader, "?"))
        node->max = 1;
    else if (accept(reader, "{"))
        read_braces(reader, &node->min, &node->max);
    else
        return atom;
    if (peek(reader, 0) && strchr("*+?{", peek(reader, 0)))
        fail(reader, reader->at, 1,
             "how often is said twice; whether much or little is taken first "
             "is the same where a text matches as a whole");
    return node;
}

static const struct regex_node *read_sequence(struct reader *reader)
{
    const struct regex_node *all = NULL;
    while (!at_end(reader) && peek(reader, 0) != '|' && peek(reader, 0) != ')') {
        const struct regex_node *one = read_repeated(reader);
        struct regex_node *both = new_node(reader, REGEX_BOTH);
        both->left = all;
        both->right = one;
        all = all ? both : one;
    }
    return all ? all : new_node(reader, REGEX_NOTHING);
}

static const struct regex_node *read_alternatives(struct reader *reader)
{
    const struct regex_node *all = read_sequence(reader);
    while (accept(reader, "|")) {
        struct regex_node *either = new_node(reader, REGEX_EITHER);
        reader->either |= !reader->depth;
        either->left = all;
        either->right = read_sequence(reader);
        all = either;
    }
    return all;
}

/* Whether the last byte is a `$` that nothing escapes. */
static bool ends_in_anchor(const char *text, size_t len)
{
    size_t slashes = 0;
    if (!len || text[len - 1] != '$')
        return false;
    while (slashes + 1 < len && text[len - 2 - slashes] == '\\')
        slashes++;
    return slashes % 2 == 0;
}

bool regex_read(struct arena *arena, const char *text, size_t len, struct regex_tree *ret,
                struct regex_error *ret_error)
{
    struct reader reader = {
        .arena = arena, .text = text, .len = len, .tree = ret, .error = ret_error};
    *ret = (struct regex_tree){.end = len};
    if (len > REGEX_MAX_BYTES) {
        fail(&reader, 0, len, "a regular expression has at most 1000 bytes");
        return false;
    }
    ret->start = len && *text == '^';
    ret->end -= ends_in_anchor(text + ret->start, len - ret->start);
    reader.at = ret->start;
    reader.len = ret->end;
    ret->root = read_alternatives(&reader);
    if (!reader.failed && !at_end(&reader))
        fail(&reader, reader.at, 1, "no group begins before this `)`");
    if (!reader.failed && reader.either && ret->end - ret->start < len)
        fail(&reader, ret->start ? 0 : ret->end, 1,
             "`^` may stand at the very beginning and `$` at the very end, without "
             "`|` outside of a group: a text matches as a whole in any case");
    return !reader.failed;
}
