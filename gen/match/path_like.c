/* path_like.c: see path_like.h. */
#include "match/path_like.h"

#include "base/ascii.h"
#include "base/text.h"
#include "match/regex_tree.h"
#include "match/regular.h"
#include "syntax/canonical.h"

#include <stdlib.h>
#include <string.h>

/* ---- From sets of characters to expressions over bytes -------------------------------------- */

struct writing {
    struct text *to;
    bool re2c;
    bool any; /* an alternative stands there already */
};

static void begin_alternative(struct writing *writing)
{
    if (writing->any)
        text_printf(writing->to, "|");
    writing->any = true;
}

static void put_percent(struct writing *writing)
{
    text_printf(writing->to, writing->re2c ? "\"%%\"" : "%%");
}

/* Hexadecimal digits from `low` to `high`. */
static void put_digits(struct writing *writing, unsigned low, unsigned high)
{
    static const char digits[] = "0123456789ABCDEF";
    if (low == high) {
        text_printf(writing->to, writing->re2c ? "\"%c\"" : "%c", digits[low]);
        return;
    }
    text_printf(writing->to, "[");
    if (low < 10)
        text_printf(writing->to, "%c-%c", digits[low], digits[high < 10 ? high : 9]);
    if (high >= 10)
        text_printf(writing->to, "%c-%c", digits[low < 10 ? 10 : low], digits[high]);
    text_printf(writing->to, "]");
}

/* The bytes from `low` to `high`, encoded. */
static void put_byte(struct writing *writing, unsigned low, unsigned high)
{
    bool several = low >> 4 != high >> 4, any = false;
    text_printf(writing->to, several ? "(" : "");
    for (unsigned first = low; first <= high;) {
        unsigned last = first | 15;
        /* As many whole sixteens as there are make one piece. */
        if (!(first & 15) && (high & 15) == 15)
            last = high;
        else if (!(first & 15) && high > last)
            last = (high & ~15u) - 1;
        last = last < high ? last : high;
        text_printf(writing->to, any ? "|" : "");
        put_percent(writing);
        put_digits(writing, first >> 4, last >> 4);
        put_digits(writing, first & 15, last & 15);
        any = true;
        first = last + 1;
    }
    text_printf(writing->to, several ? ")" : "");
}

static unsigned utf8_length(uint32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

static unsigned utf8_byte(uint32_t c, unsigned n, unsigned i)
{
    static const unsigned char heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    unsigned bits = c >> 6 * (n - 1 - i);
    return i ? 0x80 | (bits & 0x3f) : n == 1 ? bits : heads[n] | bits;
}

/* Characters of one length whose bytes vary independently of one another. */
static void put_bytes(struct writing *writing, uint32_t first, uint32_t last)
{
    unsigned n = utf8_length(first);
    begin_alternative(writing);
    for (unsigned i = 0; i < n; i++)
        put_byte(writing, utf8_byte(first, n, i), utf8_byte(last, n, i));
}

/* Where a range must be cut so that what is before it can be put; its end if nowhere. */
static uint32_t end_of_piece(uint32_t first, uint32_t last)
{
    static const uint32_t ends[] = {0x7f, 0x7ff, 0xffff};
    for (unsigned i = 0; i < 3; i++)
        if (first <= ends[i] && last > ends[i])
            last = ends[i];
    for (unsigned i = 1; i < utf8_length(first); i++) {
        uint32_t low = (1u << 6 * i) - 1;
        if ((first & ~low) == (last & ~low))
            continue;
        if (first & low)
            last = first | low;
        else if ((last & low) != low)
            last = (last & ~low) - 1;
    }
    return last;
}

static void put_encoded(struct writing *writing, uint32_t first, uint32_t last)
{
    while (first <= last) {
        uint32_t end = end_of_piece(first, last);
        put_bytes(writing, first, end);
        first = end + 1;
    }
}

static bool stands_plainly(uint32_t c)
{
    return c < 0x80 && (ascii_is_digit((char)c) || (c >= 'a' && c <= 'z') ||
                        (c >= 'A' && c <= 'Z') || (c && strchr("-._~!$&'()*+,;=:@", (int)c)));
}

/* Control characters and separators do not. */
static bool stands_encoded(uint32_t c)
{
    return !stands_plainly(c) && c >= 0x20 && c != 0x7f && c != '/' && c != '\\';
}

static bool has(const struct regex_set *set, uint32_t c)
{
    for (size_t i = 0; i < set->n; i++)
        if (c >= set->items[i].first && c <= set->items[i].last)
            return true;
    return false;
}

/* From `first` on, how many characters stand as they are and are in the set; `-` is left out. */
static unsigned run_of_plain(const struct regex_set *set, uint32_t first)
{
    unsigned n = 0;
    while (first + n != '-' && stands_plainly(first + n) && has(set, first + n))
        n++;
    return n;
}

/* One class of those that stand as they are, `-` last. */
static void put_plain(struct writing *writing, const struct regex_set *set)
{
    struct text class = {.arena = writing->to->arena};
    for (uint32_t c = '!'; c < 0x7f; c++) {
        unsigned n = run_of_plain(set, c);
        if (n > 2)
            text_printf(&class, "%c-%c", (char)c, (char)(c + n - 1));
        for (unsigned i = 0; i < n && n <= 2; i++)
            text_printf(&class, "%c", (char)(c + i));
        c += n ? n - 1 : 0;
    }
    if (has(set, '-'))
        text_printf(&class, writing->re2c ? "\\-" : "-");
    if (!class.n)
        return;
    begin_alternative(writing);
    text_printf(writing->to, "[%s]", class.items);
}

static void put_set(struct text *to, const struct regex_set *set, bool re2c)
{
    struct writing writing = {.to = to, .re2c = re2c};
    text_printf(to, "(");
    put_plain(&writing, set);
    for (uint32_t c = 0x20; c < 0x7f; c++)
        if (stands_encoded(c) && has(set, c))
            put_encoded(&writing, c, c);
    for (size_t i = 0; i < set->n; i++)
        if (set->items[i].last >= 0x80)
            put_encoded(&writing, set->items[i].first < 0x80 ? 0x80 : set->items[i].first,
                        set->items[i].last);
    if (!writing.any) /* nothing: no path holds this byte */
        text_printf(to, re2c ? "\"\\x01\"" : "\x01");
    text_printf(to, ")");
}

static void put_count(struct text *to, const struct regex_node *node)
{
    if (!node->min && node->max <= 1)
        text_printf(to, node->max ? "?" : "*");
    else if (node->min == node->max)
        text_printf(to, "{%u}", node->min);
    else if (node->max)
        text_printf(to, "{%u,%u}", node->min, node->max);
    else
        text_printf(to, "{%u,}", node->min);
}

static void put_node(struct text *to, const struct regex_tree *tree, const struct regex_node *node,
                     bool re2c)
{
    if (node->kind == REGEX_SET) {
        put_set(to, &tree->sets[node->set], re2c);
        return;
    }
    text_printf(to, "(");
    if (node->kind == REGEX_NOTHING)
        text_printf(to, re2c ? "\"\"" : "");
    else
        put_node(to, tree, node->left, re2c);
    if (node->kind == REGEX_EITHER)
        text_printf(to, "|");
    if (node->kind == REGEX_EITHER || node->kind == REGEX_BOTH)
        put_node(to, tree, node->right, re2c);
    text_printf(to, ")");
    if (node->kind == REGEX_REPEAT)
        put_count(to, node);
}

static const char *expression(struct arena *arena, const struct segment *segment, bool re2c)
{
    struct text text = {.arena = arena};
    struct regex_tree tree;
    struct regex_error error;
    if (!regex_read(arena, segment->like.text, strlen(segment->like.text), &tree, &error))
        return "";
    put_node(&text, &tree, tree.root, re2c);
    return text.items;
}

const char *path_like_expression(struct arena *arena, const struct segment *segment)
{
    return expression(arena, segment, false);
}

const char *path_like_re2c(struct arena *arena, const struct segment *segment)
{
    return expression(arena, segment, true);
}

const char *path_like_any(struct arena *arena)
{
    static struct regex_range all[] = {{1, 0xd7ff}, {0xe000, 0x10ffff}};
    static const struct regex_set set = {.items = all, .n = 2};
    struct text text = {.arena = arena};
    text_printf(&text, "(%%2F|%%5C|");
    put_set(&text, &set, false);
    text_printf(&text, ")+");
    return text.items;
}

/* ---- Whether it is one for a path ----------------------------------------------------------- */

static void note_text(void *ctx, const char *text, const unsigned *ids, size_t n_ids)
{
    bool *any = ctx;
    *any |= strcmp(text, ".") && strcmp(text, "..");
}

/* NULL: nothing. */
static const char *wrong_in_path(struct arena *arena, const struct segment *segment)
{
    static const struct subset_limits limits = {
        .kept = 50000, .effort = 2000000, .states = PATH_LIKE_MAX_STATES};
    struct languages languages = {.nfa = {.arena = arena, .most = 50000}};
    bool any = false;
    if (segment->regex->accepts[1])
        return "what stands in a path is never empty, and this expression matches nothing, too: "
               "write `+` for `*`, or leave `?` out";
    languages_add(&languages, 0, true, "", path_like_expression(arena, segment), "");
    if (!languages_meet(&languages, &limits, note_text, &any))
        return "this expression is too large for a path: repeat less, or take a parameter without "
               "a type and let the handler decide";
    return any ? NULL : "no path holds what this expression matches";
}

static bool compile_like(struct tree *tree, struct segment *segment)
{
    struct regex_error error;
    struct pos pos = segment->like.pos;
    segment->regex =
        regex_compile(tree->arena, segment->like.text, strlen(segment->like.text), &error);
    if (!segment->regex) {
        pos.offset += (uint32_t)error.at;
        pos.len = error.len ? (uint32_t)error.len : 1;
        diag_error(tree->diags, pos, "%s", error.message);
        return false;
    }
    const char *wrong = wrong_in_path(tree->arena, segment);
    if (wrong)
        diag_error(tree->diags, pos, "%s", wrong);
    return !wrong;
}

static void compile_param(struct tree *tree, struct route *route, struct segment *param)
{
    if (param->like.text && !param->regex && !compile_like(tree, param))
        route->broken = true;
}

void path_like_compile(struct tree *tree, struct route *route)
{
    for (size_t i = 0; i < route->segments.n; i++) {
        struct segment *segment = &route->segments.items[i];
        compile_param(tree, route, segment);
        for (size_t j = 0; j < segment->n_parts; j++)
            compile_param(tree, route, &segment->parts[j]);
    }
}

/* ---- Single texts --------------------------------------------------------------------------- */

bool path_like_matches(const struct segment *segment, const char *text)
{
    char *plain = strdup(text), *to = plain;
    bool fits = plain;
    for (const char *p = text; plain && *p; p++) {
        unsigned c = (unsigned char)*p;
        if (*p == '%') {
            c = (unsigned)(ascii_hex_value(p[1]) * 16 + ascii_hex_value(p[2]));
            p += 2;
            fits &= c != '/' && c != '\\' && c >= 0x20 && c != 0x7f;
        }
        *to++ = (char)c;
    }
    if (plain)
        *to = '\0';
    fits = fits && *plain && regex_matches(segment->regex, plain);
    free(plain);
    return fits;
}

const char *path_like_text(struct arena *arena, const struct segment *segment, unsigned i)
{
    struct text escaped = {.arena = arena};
    const char *text = regex_text(arena, segment->regex, 1, UINT32_MAX, i), *problem;
    if (!text)
        return NULL;
    for (; *text; text++)
        text_printf(&escaped, "%%%02X", (unsigned char)*text);
    return path_canonical_part(arena, escaped.items, escaped.n, &problem);
}
