/* tree.c: look-ups in the tree, and the types of the language. */
#include "syntax/tree.h"

#include "base/ascii.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const method_names[N_METHODS] = {
    [METHOD_GET] = "GET",     [METHOD_POST] = "POST",     [METHOD_PUT] = "PUT",
    [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
};

const char *const runtime_handler_names[N_RUNTIME_HANDLERS] = {
    [RUNTIME_REFRESH] = "@refresh",   [RUNTIME_END_SESSION] = "@end_session",
    [RUNTIME_SESSIONS] = "@sessions", [RUNTIME_OPENAPI] = "@openapi",
    [RUNTIME_DOCS] = "@docs",
};

int method_by_name(const char *name)
{
    for (int i = 0; i < N_METHODS; i++) {
        if (!strcmp(method_names[i], name))
            return i;
    }
    return -1;
}

const char *const slash_words[N_SLASHES] = {"exact", "redirect", "either"};

enum segment_kind param_kind(const struct segment *segment)
{
    return segment->kind == SEGMENT_MIXED ? segment->inner : segment->kind;
}

size_t segment_params(const struct segment *segment)
{
    return segment->n_parts ? segment->n_parts : segment->kind != SEGMENT_LITERAL;
}

const struct segment *segment_param(const struct segment *segment, size_t i)
{
    return segment->n_parts ? &segment->parts[i] : segment;
}

const char *segment_template(struct arena *arena, const struct segment *segment, bool names)
{
    struct text text = {.arena = arena};
    text_printf(&text, "%s", segment->literal ? segment->literal : "");
    for (size_t i = 0; i < segment_params(segment); i++)
        text_printf(&text, "%s{%s}", i ? segment->texts[i] : "",
                    names ? segment_param(segment, i)->param.text : "");
    text_printf(&text, "%s", segment->suffix ? segment->suffix : "");
    return text.items;
}

#define TEXT_TYPE "const char *", "const char *", "text"

const struct type_info type_infos[N_TYPES] = {
    [TYPE_INT] = {"int", "GW_TYPE_INT", "int64_t ", "struct gw_opt_i64 ", "i64", true, true, true},
    [TYPE_UINT] = {"uint", "GW_TYPE_UINT", "uint64_t ", "struct gw_opt_u64 ", "u64", true, true,
                   true},
    [TYPE_TEXT] = {"text", "GW_TYPE_TEXT", TEXT_TYPE, true, true, false},
    [TYPE_BOOL] = {"bool", "GW_TYPE_BOOL", "bool ", "struct gw_opt_bool ", "boolean", true, true,
                   false},
    [TYPE_REAL] = {"real", "GW_TYPE_REAL", "double ", "struct gw_opt_f64 ", "f64", true, true,
                   false},
    [TYPE_DECIMAL] = {"decimal", "GW_TYPE_DECIMAL", TEXT_TYPE, true, false, false},
    [TYPE_TIME] = {"time", "GW_TYPE_TIME", "int64_t ", "struct gw_opt_i64 ", "i64", true, true,
                   false},
    [TYPE_DATE] = {"date", "GW_TYPE_DATE", TEXT_TYPE, true, true, true},
    [TYPE_BLOB] = {"blob", "GW_TYPE_BLOB", "struct gw_bytes ", "struct gw_bytes ", "blob", true,
                   false, false},
    [TYPE_JSON] = {"json", "GW_TYPE_JSON", TEXT_TYPE, true, true, false},
    [TYPE_EMAIL] = {"email", "GW_TYPE_EMAIL", TEXT_TYPE, false, true, false},
    [TYPE_UUID] = {"uuid", "GW_TYPE_UUID", TEXT_TYPE, true, true, true},
    [TYPE_URI] = {"uri", "GW_TYPE_URI", TEXT_TYPE, false, true, false},
    [TYPE_HOSTNAME] = {"hostname", "GW_TYPE_HOSTNAME", TEXT_TYPE, false, true, false},
    [TYPE_IP] = {"ip", "GW_TYPE_IP", TEXT_TYPE, false, true, false},
    [TYPE_NESTED] = {NULL, "GW_TYPE_NESTED", NULL, NULL, NULL, false, true, false},
    [TYPE_INNER] = {NULL, "GW_TYPE_INNER", NULL, NULL, NULL, false, true, false},
    [TYPE_SLUG] = {"slug", "GW_TYPE_SLUG", TEXT_TYPE, false, false, true},
    [TYPE_WORD] = {NULL, "GW_TYPE_WORD", TEXT_TYPE, false, false, true},
    [TYPE_FREE] = {NULL, "GW_TYPE_FREE", TEXT_TYPE, false, false, true},
    [TYPE_PATH] = {"path", "GW_TYPE_PATH", TEXT_TYPE, false, false, true},
    [TYPE_FILE] = {"file", "GW_TYPE_FILE", "const struct gw_upload *", "const struct gw_upload *",
                   NULL, false, true, false},
    [TYPE_EITHER] = {NULL, "GW_TYPE_EITHER", NULL, NULL, NULL, false, true, false},
};

struct table *tree_table(const struct tree *tree, const char *name)
{
    return map_get(&tree->table_names, name);
}

struct body *tree_body(const struct tree *tree, const char *name)
{
    return map_get(&tree->body_names, name);
}

uint64_t tree_all_entities(const struct tree *tree)
{
    return tree->n_entities >= MAX_ENTITIES ? UINT64_MAX : (UINT64_C(1) << tree->n_entities) - 1;
}

int table_sql_column(const struct table *table, const char *sql_name)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        if (!strcasecmp(table->columns.items[i].sql_name.text, sql_name))
            return (int)i;
    }
    return -1;
}

int table_column(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        if (!strcmp(table->columns.items[i].name.text, name))
            return (int)i;
    }
    return -1;
}

const char *type_phrase(enum type type)
{
    static const char *const phrases[N_TYPES] = {
        [TYPE_INT] = "an int",     [TYPE_UINT] = "a uint",
        [TYPE_TEXT] = "a text",    [TYPE_BOOL] = "a bool",
        [TYPE_REAL] = "a real",    [TYPE_DECIMAL] = "a decimal",
        [TYPE_TIME] = "a time",    [TYPE_DATE] = "a date",
        [TYPE_BLOB] = "a blob",    [TYPE_JSON] = "a json",
        [TYPE_EMAIL] = "an email", [TYPE_UUID] = "a uuid",
        [TYPE_URI] = "a uri",      [TYPE_HOSTNAME] = "a hostname",
        [TYPE_IP] = "an ip",       [TYPE_NESTED] = "a body",
        [TYPE_SLUG] = "a slug",    [TYPE_WORD] = "a word",
        [TYPE_FREE] = "a segment", [TYPE_PATH] = "a path",
        [TYPE_FILE] = "a file",    [TYPE_EITHER] = "alternatives",
    };
    return phrases[type];
}

const struct role *route_role(const struct route *route, const char *entity)
{
    for (size_t i = 0; i < route->roles.n; i++) {
        if (!strcmp(route->roles.items[i].entity.text, entity))
            return &route->roles.items[i];
    }
    return NULL;
}

bool is_first_of_handler(const struct tree *tree, const struct route *route)
{
    return map_get(&tree->handler_names, route->handler.text) == route;
}

bool is_member_type(const char *word)
{
    for (int i = 0; i < N_TYPES; i++)
        if (type_infos[i].member && type_infos[i].name && !strcmp(type_infos[i].name, word))
            return true;
    return !strcmp(word, "map");
}

bool type_is_later(enum type type)
{
    return type == TYPE_URI || type == TYPE_HOSTNAME || type == TYPE_IP || type == TYPE_JSON ||
           type == TYPE_FILE;
}

const struct member *body_value(const struct body *body)
{
    return body && body->is_value && body->members.n ? &body->members.items[0] : NULL;
}

const struct member *body_file(const struct body *body)
{
    for (size_t i = 0; body && i < body->members.n; i++)
        if (member_leaf(&body->members.items[i])->type == TYPE_FILE)
            return &body->members.items[i];
    return NULL;
}

const struct member *body_rest(const struct body *body)
{
    const struct member *last = body->members.n ? &body->members.items[body->members.n - 1] : NULL;
    return last && last->rest ? last : NULL;
}

bool member_is_single(const struct member *member)
{
    return !member->list && !member->map;
}

const struct member *member_leaf(const struct member *member)
{
    while (member->inner)
        member = member->inner;
    return member;
}

bool member_must_hold(const struct member *member)
{
    for (; member; member = member->inner) {
        bool empty = !member->count.low || strtoull(member->count.low, NULL, 10) == 0;
        if (!member_is_single(member) && (empty || member->or_null))
            return false;
    }
    return true;
}

static const struct body *find_body(const struct member *member, size_t *io_skip)
{
    const struct member *leaf = member_leaf(member);
    const struct body *found = NULL;
    if (leaf->nested && (*io_skip)-- == 0)
        return leaf->nested;
    for (size_t i = 0; i < leaf->either.n && !found; i++)
        found = find_body(&leaf->either.items[i], io_skip);
    return found;
}

const struct body *member_body(const struct member *member, size_t i)
{
    return find_body(member, &i);
}

enum json_kind member_kind(const struct member *member)
{
    if (!member_is_single(member))
        return member->list ? JSON_KIND_LIST : JSON_KIND_OBJECT;
    switch (member->type) {
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_REAL:
        return JSON_KIND_NUMBER;
    case TYPE_BOOL:
        return JSON_KIND_BOOL;
    case TYPE_NESTED:
        return body_value(member->nested) ? JSON_KIND_ANY : JSON_KIND_OBJECT;
    case TYPE_JSON:
    case TYPE_FILE:
    case TYPE_EITHER:
        return JSON_KIND_ANY;
    default:
        return JSON_KIND_TEXT;
    }
}

const struct member *member_object(const struct member *member)
{
    const struct member *found = NULL;
    if (member->list)
        return NULL;
    if (member->map || member->type == TYPE_NESTED)
        return member;
    for (size_t i = 0; i < member->either.n && !found; i++)
        found = member_object(&member->either.items[i]);
    return found;
}

bool member_is_required(const struct member *member)
{
    if (member->rest)
        return member->count.low && strtoull(member->count.low, NULL, 10);
    return member->null || (!member->optional && !member->default_kind && !member->patched);
}

const char *word_constant(struct arena *arena, const struct words *words, size_t i)
{
    struct text text = {.arena = arena};
    text_printf(&text, "%s__", ascii_upper_case(arena, words->name));
    for (const char *p = words->items[i].text; *p; p++) {
        bool plain =
            (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
        if ((*p & 0xc0) != 0x80) /* one `_` for all of its bytes */
            text_printf(&text, "%c", plain ? *p : '_');
    }
    return ascii_upper_case(arena, text.items);
}
