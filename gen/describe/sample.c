/* sample.c: see sample.h. */
#include "describe/sample.h"

#include "describe/explain.h"
#include "describe/fields.h"

#include "match/path_like.h"
#include "match/regex.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TRIES 20

/* The n-th value of a parameter. */
static const char *sample_value(struct arena *arena, const struct segment *segment, unsigned n)
{
    switch (param_kind(segment)) {
    case SEGMENT_UUID:
        return arena_printf(arena, "0f000000-0000-4000-8000-%012x", n + 7);
    case SEGMENT_DATE:
        return arena_printf(arena, "%04u-02-28", 2024 + n);
    case SEGMENT_UINT:
    case SEGMENT_INT:
        return arena_printf(arena, "%u", n + 7);
    case SEGMENT_PATH:
        return arena_printf(arena, "x%u/y", n);
    case SEGMENT_LIKE:
        return path_like_text(arena, segment, n);
    case SEGMENT_WORDS:
        return segment->words[n % segment->n_words];
    default: /* where one with an x can be divided in two ways, perhaps none without */
        return arena_printf(arena, n < MAX_TRIES / 2 ? "x%u" : "%u", n);
    }
}

static const char *sample_segment(struct arena *arena, const struct segment *segment, unsigned n)
{
    if (segment->kind == SEGMENT_LITERAL)
        return segment->literal;
    if (segment->n_words)
        return segment->words[n % segment->n_words];
    const char *text = segment->literal ? segment->literal : "";
    for (size_t i = 0; i < segment_params(segment); i++) {
        const char *value = sample_value(arena, segment_param(segment, i), n);
        text = arena_printf(arena, "%s%s%s", text, i ? segment->texts[i] : "", value ? value : "x");
    }
    return arena_printf(arena, "%s%s", text, segment->suffix ? segment->suffix : "");
}

const char *sample_path(const struct tree *tree, const struct route *route)
{
    for (unsigned n = 0; n < MAX_TRIES; n++) {
        const char *path = "";
        struct request_path parsed;
        for (size_t i = 0; i < route->segments.n; i++)
            path = arena_printf(tree->arena, "%s/%s", path,
                                sample_segment(tree->arena, &route->segments.items[i], n));
        path = *path ? path : "/";
        explain_path(tree->arena, path, &parsed);
        if (explain_winner(tree, (int)route->method, &parsed) == route &&
            !explain_doubt(tree->arena, route, &parsed))
            return path;
    }
    return NULL;
}

/* One that matches, of a length that the range allows. */
static const char *sample_like(struct arena *arena, const struct member *member, unsigned i)
{
    const struct range *range = &member->range;
    size_t low = range->low ? strtoull(range->low, NULL, 10) : 0;
    size_t high = range->high ? strtoull(range->high, NULL, 10) : UINT32_MAX;
    const char *text = regex_text(arena, member->regex, low, high, i);
    return text ? text : regex_text(arena, member->regex, low, high, 0);
}

/* As many characters as the member demands. */
static const char *sample_text(struct arena *arena, const struct member *member, unsigned i)
{
    static const char digits[] = "xyzabcdefghijklmnopqrstuvwXYZABCDEFGHIJKLMNOPQRSTUVW0123456789";
    const char *low = member->range.pos.source && member->range.low ? member->range.low : "1";
    const char *bytes = member->bytes.pos.source && member->bytes.low ? member->bytes.low : "1";
    size_t n = strtoul(low, NULL, 10), n_bytes = strtoul(bytes, NULL, 10);
    n = n_bytes > n ? n_bytes : n;
    n = n > SAMPLE_MAX ? SAMPLE_MAX + 1 : n ? n : 1;
    char *text = arena_alloc(arena, n + 1);
    memset(text, 'x', n);
    for (size_t at = n; at && i; i /= sizeof(digits) - 1)
        text[--at] = digits[i % (sizeof(digits) - 1)];
    return text;
}

/* One of those that the bounds are none of. */
static const char *sample_between(struct arena *arena, const struct range *range, unsigned i)
{
    double low = range->low ? strtod(range->low, NULL) : 0;
    double high = range->high ? strtod(range->high, NULL) : 0;
    double value = range->low && range->high ? low + (high - low) / (i + 2)
                   : range->low              ? low + i + 1
                                             : high - i - 1;
    if (range->low && value <= low)
        value = nextafter(low, INFINITY);
    if (range->high && value >= high)
        value = nextafter(high, -INFINITY);
    return arena_printf(arena, "%.17g", value);
}

static const char *sample_number(struct arena *arena, const struct member *member, unsigned i)
{
    const struct range *range = &member->range;
    const char *first = range->low ? range->low : range->high ? range->high : "1";
    if (range->above || range->below)
        return sample_between(arena, range, i);
    if (!i)
        return first;
    if (member->type == TYPE_REAL)
        return arena_printf(arena, "%.15g",
                            strtod(first, NULL) +
                                (range->low || !range->high ? 1 : -1) * (i / 128.0));
    bool is_unsigned = member->type == TYPE_UINT;
    unsigned long long n =
        is_unsigned ? strtoull(first, NULL, 10) : (unsigned long long)strtoll(first, NULL, 10);
    n = range->low || !range->high ? n + i : n - i;
    return is_unsigned ? arena_printf(arena, "%llu", n) : arena_printf(arena, "%lld", (long long)n);
}

/* The i-th of values that differ, as it stands in a form; in JSON it is quoted if `*ret_quoted`. */
static const char *sample_scalar(struct arena *arena, const struct member *member, unsigned i,
                                 bool *ret_quoted)
{
    *ret_quoted = !member->one_of.numbers;
    for (size_t j = 0; j < member->either.n; j++)
        if (member_is_single(&member->either.items[j]) && !member->either.items[j].nested)
            return sample_scalar(arena, &member->either.items[j], i, ret_quoted);
    if (member->one_of.n)
        return member->one_of.items[i % member->one_of.n].text;
    if (member->regex)
        return sample_like(arena, member, i);
    switch (member->type) {
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_REAL:
        *ret_quoted = false;
        return sample_number(arena, member, i);
    case TYPE_BOOL:
        *ret_quoted = false;
        return i % 2 ? "false" : "true";
    case TYPE_EMAIL:
        return i ? arena_printf(arena, "sample%u@gatewright.example", i)
                 : "sample@gatewright.example";
    case TYPE_UUID:
        return arena_printf(arena, "0f000000-0000-4000-8000-%012x", i + 7);
    case TYPE_DATE:
        return arena_printf(arena, "%04u-02-28", 2024 + i);
    case TYPE_TIME:
        return arena_printf(arena, "%04u-02-28T12:00:00Z", 2024 + i);
    case TYPE_URI:
        return arena_printf(arena, "https://gatewright.example/%s", sample_text(arena, member, i));
    case TYPE_HOSTNAME:
        return arena_printf(arena, "host%u.gatewright.example", i);
    case TYPE_IP:
        return arena_printf(arena, "2001:db8::%x", i + 1);
    case TYPE_FILE:
        return "x";
    default:
        return sample_text(arena, member, i);
    }
}

static void add_member(const struct member *member, struct text *to);

/* The first that holds no body, or need not, so that no sample is without end. */
static void add_either(const struct member *member, struct text *to)
{
    size_t i = 0, n = member->either.n;
    while (i < n && member_body(&member->either.items[i], 0))
        i++;
    for (size_t j = 0; i == n && j < n; j++)
        if (!member_must_hold(&member->either.items[j]))
            i = j;
    add_member(&member->either.items[i == n ? 0 : i], to);
}

static void add_value(const struct member *member, unsigned i, struct text *to)
{
    bool quoted;
    if (member->either.n) {
        add_either(member, to);
        return;
    }
    if (member->type == TYPE_NESTED) {
        sample_body(member->nested, to);
        return;
    }
    if (member->type == TYPE_JSON) {
        text_printf(to, "{}");
        return;
    }
    const char *value = sample_scalar(to->arena, member, i, &quoted);
    if (quoted || member->quoted)
        text_json_string(to, value);
    else
        text_printf(to, "%s", value);
}

/* The i-th of what a list or a map holds. Null instead of a body: no sample is without end. */
static void add_held(const struct member *member, unsigned i, struct text *to)
{
    if (member->or_null && member_body(member, 0))
        text_printf(to, "null");
    else if (member->inner)
        add_member(member->inner, to);
    else
        add_value(member, i, to);
}

/* As little as may be. */
static void add_member(const struct member *member, struct text *to)
{
    unsigned long n = 0;
    if (member_is_single(member)) {
        add_value(member, 0, to);
        return;
    }
    if (member->count.pos.source && member->count.low)
        n = strtoul(member->count.low, NULL, 10);
    text_printf(to, member->list ? "[" : "{");
    for (unsigned i = 0; i < n && to->n <= SAMPLE_MAX; i++) {
        text_printf(to, "%s", i ? ", " : "");
        if (member->map)
            text_printf(to, "\"name%u\": ", i + 1);
        add_held(member, member->unique ? i : 0, to);
    }
    text_printf(to, member->list ? "]" : "}");
}

static bool is_named(const struct body *body, const char *name)
{
    for (size_t i = 0; i < body->members.n; i++)
        if (!body->members.items[i].rest && !strcmp(body->members.items[i].outer, name))
            return true;
    return false;
}

/* As many others as there must be. */
static void add_rest(const struct body *body, bool any, struct text *to)
{
    const struct member *rest = body_rest(body);
    unsigned long n = rest->count.low ? strtoul(rest->count.low, NULL, 10) : 0;
    for (unsigned i = 0, number = 0; i < n && to->n <= SAMPLE_MAX; i++, any = true) {
        const char *name = arena_printf(to->arena, "name%u", ++number);
        while (is_named(body, name))
            name = arena_printf(to->arena, "name%u", ++number);
        text_printf(to, "%s", any ? ", " : "");
        text_json_string(to, name);
        text_printf(to, ": ");
        add_held(rest, 0, to);
    }
}

void sample_body(const struct body *body, struct text *to)
{
    bool any = false;
    const struct member *value = body_value(body);
    if (value && value->null && member_body(value, 0)) {
        text_printf(to, "null");
        return;
    }
    if (value) {
        add_member(value, to);
        return;
    }
    text_printf(to, "{");
    for (size_t i = 0; i < body->members.n && to->n <= SAMPLE_MAX; i++) {
        const struct member *member = &body->members.items[i];
        if (!member_is_required(member) || member->rest)
            continue;
        text_printf(to, "%s", any ? ", " : "");
        text_json_string(to, member->outer);
        text_printf(to, ": ");
        if (member->null)
            text_printf(to, "null");
        else
            add_member(member, to);
        any = true;
    }
    if (body_rest(body))
        add_rest(body, any, to);
    text_printf(to, "}");
}

void sample_list(const struct body *body, const struct range *count, struct text *to)
{
    unsigned long n = count->low ? strtoul(count->low, NULL, 10) : 0;
    text_printf(to, "[");
    for (unsigned i = 0; i < n && to->n <= SAMPLE_MAX; i++) {
        text_printf(to, "%s", i ? ", " : "");
        sample_body(body, to);
    }
    text_printf(to, "]");
}

/* Percent-encoded where it must be. */
static void add_encoded(const char *value, struct text *to)
{
    for (const char *p = value; *p; p++) {
        bool plain = *p > ' ' && *p <= '~' && !strchr("%&+=#", *p);
        text_printf(to, plain ? "%c" : "%%%02X", (unsigned char)*p);
    }
}

/* As few as may be: pairs of their own, or one that holds them all. */
static void add_list(const struct field *field, struct text *to)
{
    const struct member *member = field->member;
    unsigned long n = member->count.low ? strtoul(member->count.low, NULL, 10) : 0;
    bool quoted;
    for (unsigned i = 0; i < n && i < MAX_PAIRS; i++) {
        if (i && member->by.text)
            add_encoded(member->by.text, to);
        else
            text_printf(to, "%s%s=", to->n ? "&" : "", field->name);
        add_encoded(sample_scalar(to->arena, member, member->unique ? i : 0, &quoted), to);
    }
}

void sample_form(const struct body *body, struct text *to)
{
    struct fields fields = fields_of(to->arena, body);
    bool quoted;
    text_add(to, "", 0);
    for (size_t i = 0; i < fields.list.n; i++) {
        const struct field *field = &fields.list.items[i];
        const struct member *member = field->member;
        if (!field->needed)
            continue;
        if (member->list) {
            add_list(field, to);
            continue;
        }
        text_printf(to, "%s%s=", to->n ? "&" : "", field->name);
        if (!member->null)
            add_encoded(sample_scalar(to->arena, member, 0, &quoted), to);
    }
}

void sample_headers(const struct body *body, struct text *to)
{
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        unsigned long n = 1;
        bool quoted;
        if (member->list)
            n = member->count.low ? strtoul(member->count.low, NULL, 10) : 0;
        if (!member_is_required(member) || !n)
            continue;
        struct text value = {.arena = to->arena};
        for (unsigned j = 0; j < n && j < MAX_PAIRS; j++)
            text_printf(&value, "%s%s", j ? ", " : "",
                        sample_scalar(to->arena, member, member->unique ? j : 0, &quoted));
        text_printf(to, "%s", to->n ? ", " : "");
        text_json_string(to, member->outer);
        text_printf(to, ": ");
        text_json_string(to, value.items);
    }
}

static void add_part(const struct field *field, const char *value, struct text *to)
{
    const struct member *member = field->member;
    text_printf(to, "--" SAMPLE_BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"",
                field->name);
    if (member->type == TYPE_FILE)
        text_printf(to, "; filename=\"sample\"\r\nContent-Type: %s",
                    member->media.n ? member->media.items[0].text : "text/plain");
    text_printf(to, "\r\n\r\n%s\r\n", value);
}

/* Parts of their own, or one that holds them all. */
static void add_list_parts(const struct field *field, struct text *to)
{
    const struct member *member = field->member;
    unsigned long n = member->count.low ? strtoul(member->count.low, NULL, 10) : 0;
    struct text all = {.arena = to->arena};
    bool quoted;
    for (unsigned i = 0; i < n && i < MAX_PAIRS; i++) {
        const char *one = sample_scalar(to->arena, member, member->unique ? i : 0, &quoted);
        text_printf(&all, "%s%s", i && member->by.text ? member->by.text : "", one);
        if (!member->by.text)
            add_part(field, one, to);
    }
    if (member->by.text && n)
        add_part(field, all.items, to);
}

void sample_multipart(const struct body *body, struct text *to)
{
    struct fields fields = fields_of(to->arena, body);
    bool quoted;
    for (size_t i = 0; i < fields.list.n; i++) {
        const struct field *field = &fields.list.items[i];
        const struct member *member = field->member;
        if (!field->needed)
            continue;
        if (member->list)
            add_list_parts(field, to);
        else
            add_part(field, member->null ? "" : sample_scalar(to->arena, member, 0, &quoted), to);
    }
    text_printf(to, "--" SAMPLE_BOUNDARY "--\r\n");
}
