/* fields.c: header fields against a shape.
 *
 * They become the tree that pairs become (pairs.c). What a query may leave open a header may not:
 * an empty value, one that is not UTF-8, and a control character are refused, since a program
 * beside us might read them otherwise. */
#include "input/own.h"

#include "base/arena.h"

#include <errno.h>

#define MAX_ITEMS GW_QUERY_MAX_PAIRS

/* Without the blanks around it (RFC 9110, 5.5: they are no part of it). */
static struct gw_str trim(struct gw_str text)
{
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = (struct gw_str){text.ptr + 1, text.len - 1};
    while (text.len && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* What no declaration allows; NULL: nothing. */
static const char *wrong_form(struct gw_str text)
{
    if (!gw_utf8_valid(text.ptr, text.len, NULL))
        return "is not UTF-8";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return "must not hold a control character";
    }
    return NULL;
}

static void add_text(struct gw_check *check, struct gw_json *list, struct gw_str name,
                     const struct gw_member *member, struct gw_str text)
{
    char *copy = gw_arena_copy(check->arena, text.ptr, text.len);
    if (copy)
        gw_tree_add_value(check, list, name, member->type, (struct gw_str){copy, text.len});
    else
        check->error = -ENOMEM;
}

static void add_single(struct gw_check *check, struct gw_json *tree, const struct gw_pairs *fields,
                       const struct gw_member *member)
{
    struct gw_place place = {NULL, member->name, 0};
    const struct gw_pair *found = gw_pairs_only(check, NULL, fields, member->name);
    if (!found)
        return;
    struct gw_str text = trim(found->value);
    const char *why = text.len ? wrong_form(text) : "must not be empty";
    if (why)
        gw_check_fault(check, &place, why);
    else
        add_text(check, tree, gw_str_from(member->name), member, text);
}

/* Cuts an item off `*rest`, up to a comma that does not stand in quotes (RFC 9110, 5.6.4). False:
 * quotes are not closed. */
static bool cut_item(struct gw_str *rest, struct gw_str *ret)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < rest->len && (quoted || rest->ptr[i] != ','); i++) {
        quoted ^= rest->ptr[i] == '"';
        i += quoted && rest->ptr[i] == '\\' && i + 1 < rest->len;
    }
    *ret = trim((struct gw_str){rest->ptr, i});
    i += i < rest->len;
    *rest = (struct gw_str){rest->ptr + i, rest->len - i};
    return !quoted;
}

/* The items of one line. An empty one is none. */
static const char *add_items(struct gw_check *check, struct gw_json *list,
                             const struct gw_member *member, struct gw_str rest)
{
    const char *why = wrong_form(rest);
    struct gw_str item;
    while (!why && rest.len && !check->error) {
        if (!cut_item(&rest, &item))
            why = "has quotes that are not closed";
        else if (item.len && list->list.n == MAX_ITEMS)
            why = "must hold at most 256 items";
        else if (item.len)
            add_text(check, list, (struct gw_str){NULL, 0}, member, item);
    }
    return why;
}

/* A list that was not sent is empty, or nothing where it is optional, as in a query. */
static void add_list(struct gw_check *check, struct gw_json *tree, const struct gw_pairs *fields,
                     const struct gw_member *member)
{
    struct gw_str name = gw_str_from(member->name);
    struct gw_place place = {NULL, member->name, 0};
    struct gw_json *list = NULL;
    const char *why = NULL;
    if (!(member->flags & GW_MEM_OPTIONAL))
        list = gw_tree_add(check, tree, name);
    for (size_t i = 0; i < fields->n && !why && !check->error; i++) {
        if (!gw_str_equal(fields->items[i].name, name))
            continue;
        if (!list)
            list = gw_tree_add(check, tree, name);
        if (list)
            why = add_items(check, list, member, fields->items[i].value);
    }
    if (list)
        list->kind = GW_JSON_ARRAY;
    if (why)
        gw_check_fault(check, &place, why);
}

/* What was wrong with the form of a field is all that is told of it. */
static void drop_repeated(struct gw_faults *faults, size_t n_first)
{
    size_t n = n_first;
    for (size_t i = n_first; i < faults->n; i++) {
        bool told = false;
        for (size_t j = 0; j < n_first; j++) {
            size_t len = strlen(faults->items[j].pointer);
            told |= !strncmp(faults->items[j].pointer, faults->items[i].pointer, len) &&
                    (!faults->items[i].pointer[len] || faults->items[i].pointer[len] == '/');
        }
        if (!told)
            faults->items[n++] = faults->items[i];
    }
    faults->n = n;
}

int gw_body_fields(const struct gw_pairs *fields, const struct gw_shape *shape,
                   struct gw_arena *arena, struct gw_faults *faults, const void **ret_body)
{
    struct gw_check check = {.arena = arena, .faults = faults};
    struct gw_json tree = {.kind = GW_JSON_OBJECT};
    faults->n = 0;
    for (size_t i = 0; i < shape->n_members && !check.error; i++) {
        if (shape->members[i].flags & GW_MEM_LIST)
            add_list(&check, &tree, fields, &shape->members[i]);
        else
            add_single(&check, &tree, fields, &shape->members[i]);
    }
    size_t n = faults->n;
    int r = gw_tree_check(&check, &tree, shape, ret_body);
    drop_repeated(faults, n);
    return r;
}
