/* shape.c: bodies as the runtime sees them. */
#include "emit/emit.h"

#include "base/map.h"

#include <stdlib.h>
#include <string.h>

/* The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3, less the brackets). */
#define MAX_EMAIL "254"

static const char *number_literal(struct arena *arena, const char *value, enum type type)
{
    if (type == TYPE_REAL)
        return arena_printf(arena, "%s%s", value, strpbrk(value, ".") ? "" : ".0");
    if (type == TYPE_UINT)
        return arena_printf(arena, "%llullu", strtoull(value, NULL, 10));
    if (strtoll(value, NULL, 10) == INT64_MIN)
        return "INT64_MIN"; /* no literal of C has this value */
    return arena_printf(arena, "%lld", strtoll(value, NULL, 10));
}

/* The member of union gw_scalar. */
static const char *scalar_member(enum type type)
{
    return type_infos[type].value_member;
}

static void emit_number(const char *field, const char *suffix, const char *value, enum type type,
                        struct text *to)
{
    text_printf(to, "        .%s%s = %s,\n", field, suffix, number_literal(to->arena, value, type));
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

static void emit_flags(const struct member *member, const struct range *range,
                       const struct range *bytes, struct text *to)
{
    const char *const names[] = {
        member->optional ? "GW_MEM_OPTIONAL" : NULL,
        member->list ? "GW_MEM_LIST" : NULL,
        member->map ? "GW_MEM_MAP" : NULL,
        range->low ? "GW_MEM_MIN" : NULL,
        range->high ? "GW_MEM_MAX" : NULL,
        range->above ? "GW_MEM_ABOVE" : NULL,
        range->below ? "GW_MEM_BELOW" : NULL,
        member->quoted ? "GW_MEM_QUOTED" : NULL,
        bytes->low ? "GW_MEM_BYTES_MIN" : NULL,
        bytes->high ? "GW_MEM_BYTES_MAX" : NULL,
        member->count.low ? "GW_MEM_COUNT_MIN" : NULL,
        member->count.high ? "GW_MEM_COUNT_MAX" : NULL,
        member->null ? "GW_MEM_PRESENT" : NULL,
        member->not_null ? "GW_MEM_NOT_NULL" : NULL,
        member->default_kind ? "GW_MEM_DEFAULT" : NULL,
        member->unique ? "GW_MEM_UNIQUE" : NULL,
        member->or_null ? "GW_MEM_ITEM_NULL" : NULL,
    };
    text_flags(to, "        .flags = ", names, sizeof(names) / sizeof(*names));
}

static const char *one_of_name(struct arena *arena, const struct body *body,
                               const struct member *member)
{
    return arena_printf(arena, "gwt_one_of_%s_M_%s", body->name.text, member->name.text);
}

static void emit_one_of(const struct body *body, const struct member *member, struct text *to)
{
    const struct words *values = &member->one_of;
    const char *name = one_of_name(to->arena, body, member);
    if (!values->numbers) {
        emit_strings(to, name, values->items, values->n);
        return;
    }
    text_printf(to, "static const union gw_scalar %s[] = {\n", name);
    for (size_t i = 0; i < values->n; i++)
        text_printf(to, "    {.%s = %s},\n", scalar_member(member->type),
                    number_literal(to->arena, values->items[i].text, member->type));
    text_printf(to, "};\n\n");
}

static const char *pattern_name(struct arena *arena, const struct body *body,
                                const struct member *member)
{
    return arena_printf(arena, "gwt_pattern_%s_M_%s", body->name.text, member->name.text);
}

static void emit_fill(const struct member *member, struct text *to)
{
    const char *value = member->default_value.text;
    text_printf(to, "        .fill.%s = ", scalar_member(member->type));
    if (member->default_kind == DEFAULT_TEXT)
        text_c_string(to, value);
    else if (member->default_kind == DEFAULT_NUMBER)
        text_printf(to, "%s", number_literal(to->arena, value, member->type));
    else
        text_printf(to, "%s", value);
    text_printf(to, ",\n");
}

/* Of what is inside the `depth`-th list or map of a member. */
static const char *inner_name(struct arena *arena, const struct body *body,
                              const struct member *member, unsigned depth)
{
    return arena_printf(arena, "gwt_inner_%s_M_%s_%u", body->name.text, member->name.text, depth);
}

static const char *either_name(struct arena *arena, const struct body *body,
                               const struct member *member)
{
    return arena_printf(arena, "gwt_either_%s_M_%s", body->name.text, member->name.text);
}

static void emit_place(const struct body *body, const struct member *member, struct text *to)
{
    const char *const place[] = {
        arena_printf(to->arena, "struct %s_body", body->name.text),
        member->name.text,
    };
    text_call(to, "        .offset = offsetof", place, 2, ",");
}

/* What a member is, but for its name; within others it has no place of its own. */
static void emit_description(const struct body *body, const struct member *member, unsigned depth,
                             struct text *to)
{
    struct range range = member->type == TYPE_FILE ? (struct range){0} : member->range;
    struct range bytes = member->type == TYPE_FILE ? member->range : member->bytes;
    if (member->type == TYPE_EMAIL && !range.high)
        range.high = MAX_EMAIL;
    enum type bound =
        member->type == TYPE_UINT || member->type == TYPE_REAL ? member->type : TYPE_INT;
    text_printf(to, "        .type = %s,\n", type_infos[member->type].enumerator);
    emit_flags(member, &range, &bytes, to);
    if (member->outer && !body->is_value)
        emit_place(body, member, to);
    emit_range(&range, "min", "max", bound, to);
    emit_range(&bytes, "bytes_min", "bytes_max", TYPE_INT, to);
    emit_range(&member->count, "count_min", "count_max", TYPE_INT, to);
    if (member->default_kind)
        emit_fill(member, to);
    if (member->media.n)
        text_printf(to, "        .one_of = %s,\n", one_of_name(to->arena, body, member));
    if (member->one_of.n)
        text_printf(to, "        .%s = %s,\n", member->one_of.numbers ? "numbers" : "one_of",
                    one_of_name(to->arena, body, member));
    if (member->one_of.n && member->one_of.numbers)
        text_printf(to, "        .n_numbers = %zu,\n", member->one_of.n);
    if (member->regex)
        text_printf(to, "        .pattern = &%s,\n", pattern_name(to->arena, body, member));
    if (member->nested)
        text_printf(to, "        .nested = &gwt_shape_%s,\n", member->nested->name.text);
    if (member->by.text)
        text_printf(to, "        .by = '%s',\n", member->by.text);
    if (member->either.n)
        text_printf(to, "        .either = %s,\n        .n_either = %zu,\n",
                    either_name(to->arena, body, member), member->either.n);
    if (member->inner)
        text_printf(to, "        .inner = &%s,\n", inner_name(to->arena, body, member, depth + 1));
}

static void emit_member(const struct body *body, const struct member *member, struct text *to)
{
    text_printf(to, "    {\n        .name = ");
    text_c_string(to, member->outer);
    text_printf(to, ",\n");
    emit_description(body, member, 0, to);
    text_printf(to, "    },\n");
}

/* The innermost first. */
static void emit_inner(const struct body *body, const struct member *member, unsigned depth,
                       struct text *to)
{
    if (member->inner)
        emit_inner(body, member->inner, depth + 1, to);
    if (!depth)
        return;
    text_printf(to, "static const struct gw_member %s = {\n",
                inner_name(to->arena, body, member, depth));
    emit_description(body, member, depth, to);
    text_printf(to, "};\n\n");
}

/* Whether a secret is in it or in what it may hold. `seen`: by the bodies' indices. */
static bool holds_secret(const struct body *body, bool *seen)
{
    if (!body || seen[body->index])
        return false;
    seen[body->index] = true;
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        const struct body *nested;
        if (member->secret)
            return true;
        for (size_t j = 0; (nested = member_body(member, j)); j++)
            if (holds_secret(nested, seen))
                return true;
    }
    return false;
}

static bool is_secret(const struct tree *tree, const struct body *body)
{
    return holds_secret(body, arena_alloc(tree->arena, tree->bodies.n * sizeof(bool)));
}

/* Members that have a name outside. */
static size_t n_named(const struct body *body)
{
    return body->members.n - (body_rest(body) != NULL);
}

/* All of them, or the value that the body is instead. */
static void emit_members(const struct body *body, struct text *to)
{
    const char *name = body->name.text;
    if (body->is_value) {
        text_printf(to, "static const struct gw_member gwt_value_%s = {\n", name);
        emit_description(body, &body->members.items[0], 0, to);
        text_printf(to, "};\n\n");
        return;
    }
    const struct member *rest = body_rest(body);
    size_t n = n_named(body);
    if (n)
        text_printf(to, "static const struct gw_member gwt_members_%s[] = {\n", name);
    for (size_t i = 0; i < n; i++)
        emit_member(body, &body->members.items[i], to);
    if (n)
        text_printf(to, "};\n\n");
    if (!rest)
        return;
    text_printf(to, "static const struct gw_member gwt_rest_%s = {\n", name);
    emit_description(body, rest, 0, to);
    text_printf(to, "};\n\n");
}

/* What the description of a member points at, the innermost first. */
static void emit_parts(const struct body *body, const struct member *member, struct text *to)
{
    const struct member *leaf = member_leaf(member);
    if (leaf->one_of.n)
        emit_one_of(body, leaf, to);
    if (leaf->media.n)
        emit_strings(to, one_of_name(to->arena, body, leaf), leaf->media.items, leaf->media.n);
    if (leaf->regex)
        emit_pattern(leaf->regex, pattern_name(to->arena, body, leaf), to);
    for (size_t i = 0; i < leaf->either.n; i++)
        emit_parts(body, &leaf->either.items[i], to);
    if (leaf->either.n)
        text_printf(to, "static const struct gw_member %s[] = {\n",
                    either_name(to->arena, body, leaf));
    for (size_t i = 0; i < leaf->either.n; i++) {
        text_printf(to, "    {\n");
        emit_description(body, &leaf->either.items[i], 0, to);
        text_printf(to, "    },\n");
    }
    if (leaf->either.n)
        text_printf(to, "};\n\n");
    emit_inner(body, member, 0, to);
}

static void emit_shape(const struct tree *tree, const struct body *body, struct text *to)
{
    const char *name = body->name.text;
    for (size_t i = 0; i < body->members.n; i++)
        emit_parts(body, &body->members.items[i], to);
    emit_members(body, to);
    emit_patched_columns(body, to);
    text_printf(to, "static const struct gw_shape gwt_shape_%s = {\n    .name = \"%s\",\n", name,
                name);
    if (body->is_value)
        text_printf(to, "    .value = &gwt_value_%s,\n", name);
    else if (n_named(body))
        text_printf(to, "    .members = gwt_members_%s,\n    .n_members = %zu,\n", name,
                    n_named(body));
    if (body_rest(body))
        text_printf(to, "    .rest = &gwt_rest_%s,\n", name);
    if (body->patch)
        text_printf(to, "    .patched = gwt_patched_%s,\n", name);
    text_printf(to, "    .size = sizeof(struct %s_body),\n%s%s%s};\n\n", name,
                body->open ? "    .open = true,\n" : "",
                is_secret(tree, body) ? "    .secret = true,\n" : "",
                body_file(body) ? "    .files = true,\n" : "");
}

/* ---- Lists at the top ---- */

const char *shape_name(struct arena *arena, const struct body *body, bool list,
                       const struct range *count)
{
    if (!list)
        return arena_printf(arena, "gwt_shape_%s", body->name.text);
    return arena_printf(arena, "gwt_list_%s_%s_%s", body->name.text, count->low ? count->low : "",
                        count->high ? count->high : "");
}

/* Once for each body and range. */
static void emit_list_shape(const struct tree *tree, const struct body *body,
                            const struct range *count, struct map *seen, struct text *to)
{
    const char *name = shape_name(to->arena, body, true, count);
    if (map_put(to->arena, seen, name, seen))
        return;
    const struct member member = {.type = TYPE_NESTED,
                                  .list = true,
                                  .count = *count,
                                  .nested = tree_body(tree, body->name.text)};
    text_printf(to, "static const struct gw_member %s_items = {\n", name);
    emit_description(body, &member, 1, to);
    text_printf(to, "};\n\nstatic const struct gw_shape %s = {\n", name);
    text_printf(to,
                "    .name = \"%s\",\n    .value = &%s_items,\n    .size = sizeof(struct "
                "gw_list),\n%s};\n\n",
                body->name.text, name, is_secret(tree, body) ? "    .secret = true,\n" : "");
}

static void emit_list_shapes(const struct tree *tree, struct text *to)
{
    struct map seen = {0};
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (route->body_list)
            emit_list_shape(tree, route->body, &route->body_count, &seen, to);
        for (size_t j = 0; j < route->returns.n; j++) {
            const struct returned *returned = &route->returns.items[j];
            if (returned->list)
                emit_list_shape(tree, returned->shape, &returned->count, &seen, to);
        }
    }
}

static void mark_used(const struct body *body, bool *used)
{
    if (!body || used[body->index])
        return;
    used[body->index] = true;
    for (size_t i = 0; i < body->members.n; i++) {
        const struct body *nested;
        for (size_t j = 0; (nested = member_body(&body->members.items[i], j)); j++)
            mark_used(nested, used);
    }
}

/* Only those that something points at, which includes all that routes use. By their indices. */
static const bool *find_used(const struct tree *tree)
{
    bool *used = arena_alloc(tree->arena, (tree->bodies.n + 1) * sizeof(*used));
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        mark_used(route->body, used);
        mark_used(route->query, used);
        mark_used(route->headers, used);
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
            const struct body *nested;
            for (size_t k = 0; (nested = member_body(&body->members.items[j], k)); k++) {
                if (nested->index < body->index)
                    continue;
                text_printf(to, "static const struct gw_shape gwt_shape_%s;\n", nested->name.text);
                any = true;
            }
        }
    }
    if (any)
        text_printf(to, "\n");
    for (size_t i = 0; i < tree->bodies.n; i++) {
        if (used[i])
            emit_shape(tree, tree->bodies.items[i], to);
    }
    emit_list_shapes(tree, to);
}
