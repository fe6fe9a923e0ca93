/* json.c: reads JSON text into a tree in an arena.
 *
 * jansson is what applications see, but its loader is not what input from outside needs: it stops
 * at a number beyond 64 bits without saying which member it was, it cannot hold a uint above
 * 2^63-1, and when memory is short its lexer drops bytes of a string and goes on, so that what was
 * signed is not what is read. This reader is small because it does less: it keeps numbers as text,
 * for the caller who knows what they should be, and has one way to fail for memory.
 *
 * Refused although the grammar would allow it: a member twice in one object (however its name is
 * spelled), U+0000 (C strings end there), a surrogate without its other half, a byte order mark, a
 * number of over 1,024 characters, what is nested deeper than the caller says.
 *
 * Time is linear in the text, but for duplicates, which cost a sort of an object's names. The
 * recursion is bounded by `max_depth`. */
#include "json/json.h"

#include "base/arena.h"
#include "gatewright.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#define FEW_MEMBERS 8    /* up to here names are compared pair by pair */
#define NUMBER_MAX  1024 /* characters of a number; a double has at most 767 that matter */

struct reader {
    const char *text, *at, *end;
    struct gw_arena *arena;
    struct gw_json_error *error;
    unsigned depth_left;
};

static int read_value(struct reader *r, struct gw_json *value);

static int fail(struct reader *r, enum gw_json_fault fault, const char *what)
{
    *r->error = (struct gw_json_error){fault, what, (size_t)(r->at - r->text)};
    return GW_E_MISMATCH;
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* ---- Scalars -------------------------------------------------------------------------------- */

static int read_word(struct reader *r, struct gw_str word, enum gw_json_kind kind,
                     struct gw_json *value)
{
    if ((size_t)(r->end - r->at) < word.len || memcmp(r->at, word.ptr, word.len))
        return fail(r, GW_JSON_SYNTAX, "a value is expected");
    r->at += word.len;
    value->kind = kind;
    return 0;
}

/* One or more digits. */
static bool skip_digits(struct reader *r)
{
    const char *start = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return r->at > start;
}

static int read_number(struct reader *r, struct gw_json *value)
{
    const char *start = r->at;
    take(r, '-');
    if (!take(r, '0') && !skip_digits(r))
        return fail(r, GW_JSON_SYNTAX, "a digit is expected");
    if (take(r, '.') && !skip_digits(r))
        return fail(r, GW_JSON_SYNTAX, "a digit is expected behind the point");
    if (take(r, 'e') || take(r, 'E')) {
        if (!take(r, '+'))
            take(r, '-');
        if (!skip_digits(r))
            return fail(r, GW_JSON_SYNTAX, "a digit is expected in the exponent");
    }
    if (r->at - start > NUMBER_MAX)
        return fail(r, GW_JSON_SYNTAX, "a number is too long");
    value->kind = GW_JSON_NUMBER;
    value->text = (struct gw_str){start, (size_t)(r->at - start)};
    return 0;
}

/* Four hex digits at r->at; -1 if they are not there. */
static long read_hex4(struct reader *r)
{
    long value = 0;
    if (r->end - r->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = gw_hex_digit(r->at[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    r->at += 4;
    return value;
}

static char *put_utf8(char *out, long c)
{
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3f));
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    }
    return out;
}

/* What follows "\u". */
static int read_unicode(struct reader *r, char **io_out)
{
    long c = read_hex4(r);
    if (c < 0)
        return fail(r, GW_JSON_SYNTAX, "four hex digits are expected behind \\u");
    if (c == 0)
        return fail(r, GW_JSON_SYNTAX, "a text must not hold U+0000");
    if (c >= 0xd800 && c <= 0xdbff) {
        long low = take(r, '\\') && take(r, 'u') ? read_hex4(r) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(r, GW_JSON_SYNTAX, "a surrogate has no other half");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c >= 0xdc00 && c <= 0xdfff) {
        return fail(r, GW_JSON_SYNTAX, "a surrogate has no other half");
    }
    *io_out = put_utf8(*io_out, c);
    return 0;
}

/* What follows a backslash. */
static int read_escape(struct reader *r, char **io_out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found;
    if (take(r, 'u'))
        return read_unicode(r, io_out);
    found = r->at < r->end ? memchr(from, *r->at, sizeof(from) - 1) : NULL;
    if (!found)
        return fail(r, GW_JSON_SYNTAX, "an unknown escape");
    r->at++;
    *(*io_out)++ = to[found - from];
    return 0;
}

/* Finds the closing quote, to know how much room the text needs at most: an escape is never shorter
 * than what it stands for. False if there is none. *ret_plain: the text stands for itself. */
static bool find_quote(const struct reader *r, const char **ret, bool *ret_plain)
{
    *ret_plain = true;
    for (const char *s = r->at; s < r->end; s++) {
        if ((unsigned char)*s > '\\' || ((unsigned char)*s > '"' && *s != '\\'))
            continue;
        if (*s == '"') {
            *ret = s;
            return true;
        }
        *ret_plain &= *s == ' ' || *s == '!';
        if (*s == '\\' && ++s == r->end)
            break;
    }
    return false;
}

static int read_string(struct reader *r, struct gw_str *ret)
{
    const char *quote;
    char *start, *out;
    bool plain;
    r->at++;
    if (!find_quote(r, &quote, &plain))
        return fail(r, GW_JSON_SYNTAX, "a text is not closed");
    start = out = gw_arena_alloc(r->arena, (size_t)(quote - r->at) + 1);
    if (!start)
        return -ENOMEM;
    if (plain) {
        out = mempcpy(start, r->at, (size_t)(quote - r->at));
        r->at = quote;
    }
    while (r->at < quote) {
        unsigned char c = (unsigned char)*r->at;
        if (c < 0x20)
            return fail(r, GW_JSON_SYNTAX, "a control character must be escaped");
        r->at++;
        if (c != '\\') {
            *out++ = (char)c;
            continue;
        }
        int result = read_escape(r, &out);
        if (result)
            return result;
    }
    r->at++;
    *ret = (struct gw_str){start, (size_t)(out - start)};
    return 0;
}

/* ---- Arrays and objects --------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    const struct gw_json *x = *(const struct gw_json *const *)a;
    const struct gw_json *y = *(const struct gw_json *const *)b;
    return strcmp(x->name, y->name);
}

static bool same_name(const struct gw_json *a, const struct gw_json *b)
{
    return a->name_len == b->name_len && !memcmp(a->name, b->name, a->name_len);
}

static bool few_have_duplicates(const struct gw_json *first)
{
    for (const struct gw_json *a = first; a; a = a->next)
        for (const struct gw_json *b = a->next; b; b = b->next)
            if (same_name(a, b))
                return true;
    return false;
}

/* 0, GW_E_MISMATCH, -ENOMEM. */
static int check_duplicates(struct reader *r, const struct gw_json *object)
{
    size_t n = object->list.n, i = 0;
    if (n <= FEW_MEMBERS) {
        if (few_have_duplicates(object->list.first))
            return fail(r, GW_JSON_DUPLICATE, "a member is there twice");
        return 0;
    }
    const struct gw_json **names = gw_arena_array(r->arena, n, sizeof(*names));
    if (!names)
        return -ENOMEM;
    for (const struct gw_json *m = object->list.first; m; m = m->next)
        names[i++] = m;
    qsort(names, n, sizeof(*names), compare_names);
    for (i = 1; i < n; i++)
        if (same_name(names[i - 1], names[i]))
            return fail(r, GW_JSON_DUPLICATE, "a member is there twice");
    return 0;
}

static int read_name(struct reader *r, struct gw_json *member)
{
    struct gw_str name;
    if (r->at == r->end || *r->at != '"')
        return fail(r, GW_JSON_SYNTAX, "a member's name is expected");
    int result = read_string(r, &name);
    if (result)
        return result;
    if (name.len > UINT32_MAX)
        return fail(r, GW_JSON_SYNTAX, "a member's name is too long");
    member->name = name.ptr;
    member->name_len = (uint32_t)name.len;
    skip_blanks(r);
    return take(r, ':') ? 0 : fail(r, GW_JSON_SYNTAX, "a colon is expected");
}

/* The elements or members up to and with the closing bracket. */
static int read_items(struct reader *r, struct gw_json *value, char close)
{
    struct gw_json **link = &value->list.first;
    do {
        struct gw_json *item = gw_arena_alloc(r->arena, sizeof(*item));
        if (!item)
            return -ENOMEM;
        skip_blanks(r);
        int result = value->kind == GW_JSON_OBJECT ? read_name(r, item) : 0;
        if (result == 0)
            result = read_value(r, item);
        if (result)
            return result;
        *link = item;
        link = &item->next;
        value->list.n++;
        skip_blanks(r);
    } while (take(r, ','));
    return take(r, close) ? 0 : fail(r, GW_JSON_SYNTAX, "a comma or closing bracket is expected");
}

static int read_list(struct reader *r, struct gw_json *value, char close)
{
    value->kind = close == '}' ? GW_JSON_OBJECT : GW_JSON_ARRAY;
    if (r->depth_left == 0)
        return fail(r, GW_JSON_DEPTH, "it is nested too deeply");
    r->at++;
    skip_blanks(r);
    if (take(r, close))
        return 0;

    r->depth_left--;
    int result = read_items(r, value, close);
    r->depth_left++;
    if (result == 0 && value->kind == GW_JSON_OBJECT)
        result = check_duplicates(r, value);
    return result;
}

static int read_value(struct reader *r, struct gw_json *value)
{
    skip_blanks(r);
    switch (r->at < r->end ? *r->at : '\0') {
    case '{':
        return read_list(r, value, '}');
    case '[':
        return read_list(r, value, ']');
    case '"':
        value->kind = GW_JSON_STRING;
        return read_string(r, &value->text);
    case 't':
        return read_word(r, GW_STR("true"), GW_JSON_TRUE, value);
    case 'f':
        return read_word(r, GW_STR("false"), GW_JSON_FALSE, value);
    case 'n':
        return read_word(r, GW_STR("null"), GW_JSON_NULL, value);
    case '-':
    case '0' ... '9':
        return read_number(r, value);
    default:
        return fail(r, GW_JSON_SYNTAX, "a value is expected");
    }
}

int gw_json_read(struct gw_str text, unsigned max_depth, struct gw_arena *arena,
                 const struct gw_json **ret, struct gw_json_error *ret_error)
{
    const char *start = text.len ? text.ptr : "";
    struct reader r = {start, start, start + text.len, arena, ret_error, max_depth};
    if (!gw_utf8_valid(r.text, text.len, NULL))
        return fail(&r, GW_JSON_UTF8, "it is not UTF-8");
    if (text.len >= 3 && !memcmp(r.text, "\xef\xbb\xbf", 3))
        return fail(&r, GW_JSON_SYNTAX, "it begins with a byte order mark");
    struct gw_json *value = gw_arena_alloc(arena, sizeof(*value));
    if (!value)
        return -ENOMEM;
    int result = read_value(&r, value);
    if (result)
        return result;
    skip_blanks(&r);
    if (r.at != r.end)
        return fail(&r, GW_JSON_SYNTAX, "something follows the value");
    *ret = value;
    return 0;
}

/* ---- Using the tree ------------------------------------------------------------------------- */

const struct gw_json *gw_json_member(const struct gw_json *object, const char *name)
{
    size_t len = strlen(name);
    if (object->kind != GW_JSON_OBJECT)
        return NULL;
    for (const struct gw_json *m = object->list.first; m; m = m->next)
        if (m->name_len == len && !memcmp(m->name, name, len))
            return m;
    return NULL;
}

bool gw_json_is(const struct gw_json *value, const char *text)
{
    return value && value->kind == GW_JSON_STRING && gw_str_equal(value->text, gw_str_from(text));
}

/* "-0" is an integer in JSON, and gw_parse_i64 does not know it. */
static struct gw_str integer_text(const struct gw_json *value)
{
    return gw_str_equal(value->text, GW_STR("-0")) ? GW_STR("0") : value->text;
}

bool gw_json_i64(const struct gw_json *value, int64_t *ret)
{
    return value->kind == GW_JSON_NUMBER && gw_parse_i64(integer_text(value), ret);
}

bool gw_json_u64(const struct gw_json *value, uint64_t *ret)
{
    return value->kind == GW_JSON_NUMBER && gw_parse_u64(integer_text(value), ret);
}

/* strtod wants a NUL and the locale's decimal point. */
bool gw_json_f64(const struct gw_json *value, double *ret)
{
    char text[NUMBER_MAX + 1];
    if (value->kind != GW_JSON_NUMBER)
        return false;
    memcpy(text, value->text.ptr, value->text.len);
    text[value->text.len] = '\0';
    char *point = strchr(text, '.');
    if (point)
        *point = *localeconv()->decimal_point;
    double number = strtod(text, NULL);
    if (!isfinite(number))
        return false;
    *ret = number;
    return true;
}

int gw_json_check(struct gw_str text, unsigned max_depth)
{
    struct gw_arena scratch = {.limit = 0};
    struct gw_json_error error;
    const struct gw_json *tree;
    int r = gw_json_read(text, max_depth, &scratch, &tree, &error);
    gw_arena_free(&scratch);
    return r;
}
