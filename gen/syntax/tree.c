/* tree.c: look-ups in the tree, and the types of the language. */
#include "syntax/tree.h"

#include <string.h>

const char *const method_names[N_METHODS] = {
    [METHOD_GET] = "GET",     [METHOD_POST] = "POST",     [METHOD_PUT] = "PUT",
    [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
};

enum segment_kind param_kind(const struct segment *segment)
{
    return segment->kind == SEGMENT_MIXED ? segment->inner : segment->kind;
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
    [TYPE_JSON] = {"json", "GW_TYPE_JSON", TEXT_TYPE, true, false, false},
    [TYPE_EMAIL] = {"email", "GW_TYPE_EMAIL", TEXT_TYPE, false, true, false},
    [TYPE_UUID] = {"uuid", "GW_TYPE_UUID", TEXT_TYPE, false, true, true},
    [TYPE_NESTED] = {NULL, "GW_TYPE_NESTED", NULL, NULL, NULL, false, true, false},
    [TYPE_SLUG] = {"slug", "GW_TYPE_SLUG", TEXT_TYPE, false, false, true},
    [TYPE_WORD] = {NULL, "GW_TYPE_WORD", TEXT_TYPE, false, false, true},
    [TYPE_FREE] = {NULL, "GW_TYPE_FREE", TEXT_TYPE, false, false, true},
    [TYPE_PATH] = {"path", "GW_TYPE_PATH", TEXT_TYPE, false, false, true},
};

struct table *tree_table(const struct tree *tree, const char *name)
{
    return map_get(&tree->table_names, name);
}

struct body *tree_body(const struct tree *tree, const char *name)
{
    return map_get(&tree->body_names, name);
}

int table_column(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        if (strcmp(table->columns.items[i].name.text, name) == 0)
            return (int)i;
    }
    return -1;
}

const char *type_phrase(enum type type)
{
    static const char *const phrases[N_TYPES] = {
        [TYPE_INT] = "an int",     [TYPE_UINT] = "a uint",    [TYPE_TEXT] = "a text",
        [TYPE_BOOL] = "a bool",    [TYPE_REAL] = "a real",    [TYPE_DECIMAL] = "a decimal",
        [TYPE_TIME] = "a time",    [TYPE_DATE] = "a date",    [TYPE_BLOB] = "a blob",
        [TYPE_JSON] = "a json",    [TYPE_EMAIL] = "an email", [TYPE_UUID] = "a uuid",
        [TYPE_NESTED] = "a body",  [TYPE_SLUG] = "a slug",    [TYPE_WORD] = "a word",
        [TYPE_FREE] = "a segment", [TYPE_PATH] = "a path",
    };
    return phrases[type];
}

bool is_first_of_handler(const struct tree *tree, const struct route *route)
{
    return map_get(&tree->handler_names, route->handler.text) == route;
}

const char *upper_case(struct arena *arena, const char *text)
{
    char *upper = arena_copy(arena, text, strlen(text));
    for (char *p = upper; *p; p++) {
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    }
    return upper;
}

const char *pos_where(struct arena *arena, struct pos pos)
{
    return arena_printf(arena, "%s:%u", pos.source->label, pos_line(pos));
}

#define MAX_WORD 64

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Edits between two words, where swapping neighbours counts as one and case as none. */
static unsigned edit_distance(const char *a, const char *b)
{
    unsigned rows[3][MAX_WORD + 1];
    size_t n_a = strlen(a), n_b = strlen(b);
    if (n_a > MAX_WORD || n_b > MAX_WORD)
        return MAX_WORD;
    for (size_t j = 0; j <= n_b; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n_a; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= n_b; j++) {
            row[j] = smallest(above[j] + 1, row[j - 1] + 1,
                              above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smallest(row[j], row[j], two_above[j - 2] + 1);
        }
    }
    return rows[n_a % 3][n_b];
}

void suggest(struct suggestion *suggestion, const char *candidate)
{
    unsigned distance = edit_distance(suggestion->wanted, candidate);
    unsigned allowed = (unsigned)strlen(suggestion->wanted) / 3;
    if (distance > (allowed ? allowed : 1) ||
        (suggestion->best && distance >= suggestion->distance))
        return;
    suggestion->best = candidate;
    suggestion->distance = distance;
}

const char *suggestion_text(struct arena *arena, const struct suggestion *suggestion)
{
    return suggestion->best ? arena_printf(arena, "; did you mean `%s`?", suggestion->best) : "";
}
