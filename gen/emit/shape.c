/* shape.c: bodies as the runtime sees them. */
#include "emit/emit.h"

#include <stdlib.h>
#include <string.h>

/* The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3, less the brackets). */
#define MAX_EMAIL "254"

static void emit_number(const char *field, const char *suffix, const char *value, enum type type,
                        struct text *to)
{
    text_printf(to, "        .%s%s = ", field, suffix);
    if (type == TYPE_REAL)
        text_printf(to, "%s%s,\n", value, strpbrk(value, ".") ? "" : ".0");
    else if (type == TYPE_UINT)
        text_printf(to, "%llullu,\n", strtoull(value, NULL, 10));
    else if (strtoll(value, NULL, 10) == INT64_MIN)
        text_printf(to, "INT64_MIN,\n"); /* no literal of C has this value */
    else
        text_printf(to, "%lld,\n", strtoll(value, NULL, 10));
}

static void emit_range(const struct range *range, const char *low, const char *high, enum type type,
                       struct text *to)
{
    const char *suffix = strcmp(low, "min")  ? ""
                         : type == TYPE_REAL ? ".f64"
                         : type == TYPE_UINT ? ".u64"
                                             : ".i64";
    if (range->low)
        emit_number(low, suffix, range->low, type, to);
    if (range->high)
        emit_number(high, suffix, range->high, type, to);
}

static void emit_flags(const struct member *member, const struct range *range, struct text *to)
{
    const char *const names[] = {
        member->optional ? "GW_MEM_OPTIONAL" : NULL,
        member->secret ? "GW_MEM_SECRET" : NULL,
        member->list ? "GW_MEM_LIST" : NULL,
        range->low ? "GW_MEM_MIN" : NULL,
        range->high ? "GW_MEM_MAX" : NULL,
        member->bytes.low ? "GW_MEM_BYTES_MIN" : NULL,
        member->bytes.high ? "GW_MEM_BYTES_MAX" : NULL,
        member->count.low ? "GW_MEM_COUNT_MIN" : NULL,
        member->count.high ? "GW_MEM_COUNT_MAX" : NULL,
    };
    text_flags(to, "        .flags = ", names, sizeof(names) / sizeof(*names));
}

static const char *one_of_name(struct arena *arena, const struct body *body,
                               const struct member *member)
{
    return arena_printf(arena, "gwt_one_of_%s__%s", body->name.text, member->name.text);
}

static void emit_member(const struct body *body, const struct member *member, struct text *to)
{
    struct range range = member->range;
    if (member->type == TYPE_EMAIL && !range.high)
        range.high = MAX_EMAIL;
    enum type bound =
        member->type == TYPE_UINT || member->type == TYPE_REAL ? member->type : TYPE_INT;
    text_printf(to, "    {\n        .name = ");
    text_c_string(to, member->outer);
    text_printf(to, ",\n        .type = %s,\n", type_infos[member->type].enumerator);
    emit_flags(member, &range, to);
    const char *const place[] = {
        arena_printf(to->arena, "struct %s_body", body->name.text),
        member->name.text,
    };
    text_call(to, "        .offset = offsetof", place, 2, ",");
    emit_range(&range, "min", "max", bound, to);
    emit_range(&member->bytes, "bytes_min", "bytes_max", TYPE_INT, to);
    emit_range(&member->count, "count_min", "count_max", TYPE_INT, to);
    if (member->one_of.n)
        text_printf(to, "        .one_of = %s,\n", one_of_name(to->arena, body, member));
    if (member->nested)
        text_printf(to, "        .nested = &gwt_shape_%s,\n", member->nested->name.text);
    text_printf(to, "    },\n");
}

static void emit_shape(const struct body *body, struct text *to)
{
    const char *name = body->name.text;
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        if (member->one_of.n)
            emit_strings(to, one_of_name(to->arena, body, member), member->one_of.items,
                         member->one_of.n);
    }
    if (body->members.n)
        text_printf(to, "static const struct gw_member gwt_members_%s[] = {\n", name);
    for (size_t i = 0; i < body->members.n; i++)
        emit_member(body, &body->members.items[i], to);
    if (body->members.n)
        text_printf(to, "};\n\n");
    text_printf(to, "static const struct gw_shape gwt_shape_%s = {\n    .name = \"%s\",\n", name,
                name);
    if (body->members.n)
        text_printf(to, "    .members = gwt_members_%s,\n    .n_members = %zu,\n", name,
                    body->members.n);
    text_printf(to, "    .size = sizeof(struct %s_body),\n%s};\n\n", name,
                body->open ? "    .open = true,\n" : "");
}

static void mark_used(const struct body *body, bool *used)
{
    if (!body || used[body->index])
        return;
    used[body->index] = true;
    for (size_t i = 0; i < body->members.n; i++)
        mark_used(body->members.items[i].nested, used);
}

/* Only those that something points at, which includes all that routes use. By their indices. */
static const bool *find_used(const struct tree *tree)
{
    bool *used = arena_alloc(tree->arena, (tree->bodies.n + 1) * sizeof(*used));
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        mark_used(route->body, used);
        mark_used(route->query, used);
        for (size_t j = 0; j < route->returns.n; j++)
            mark_used(route->returns.items[j].shape, used);
    }
    return used;
}

void emit_shapes(const struct tree *tree, struct text *to)
{
    bool any = false;
    const bool *used = find_used(tree);
    for (size_t i = 0; i < tree->bodies.n; i++) {
        const struct body *body = tree->bodies.items[i];
        for (size_t j = 0; used[i] && j < body->members.n; j++) {
            const struct body *nested = body->members.items[j].nested;
            if (!nested || nested->index < body->index)
                continue;
            text_printf(to, "static const struct gw_shape gwt_shape_%s;\n", nested->name.text);
            any = true;
        }
    }
    if (any)
        text_printf(to, "\n");
    for (size_t i = 0; i < tree->bodies.n; i++) {
        if (used[i])
            emit_shape(tree->bodies.items[i], to);
    }
}
