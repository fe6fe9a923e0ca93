/* pairs.c: queries and forms: name=value pairs, and pairs against a shape.
 *
 * Pairs become the same tree that JSON becomes, with the help of the shape: "7" is a number where
 * the shape says so. What follows is then one piece of code, with the same bounds and the same
 * faults. */
#include "input/own.h"

#include "base/arena.h"

#include <errno.h>

/* ---- Splitting ------------------------------------------------------------------------------ */

/* Decodes `text` to `*io_out`, adds a NUL and moves on. NULL, or what is wrong. */
static const char *decode(struct gw_str text, char **io_out, struct gw_str *ret)
{
    char *start = *io_out, *out = start;
    for (size_t i = 0; i < text.len; i++) {
        int c = (unsigned char)text.ptr[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            c = gw_unescape(text.ptr + i, text.len - i);
            if (c < 0)
                return "has a percent sign without two hex digits";
            i += 2;
        }
        if (c == 0)
            return "must not hold a NUL";
        *out++ = (char)c;
    }
    *ret = (struct gw_str){start, (size_t)(out - start)};
    *out++ = '\0';
    *io_out = out;
    return gw_utf8_valid(start, ret->len, NULL) ? NULL : "is not UTF-8";
}

/* Cuts what stands before `mark` off `*rest`; all of it, and false, if there is none. */
static bool cut(struct gw_str *rest, char mark, struct gw_str *ret)
{
    const char *found = rest->len ? memchr(rest->ptr, mark, rest->len) : NULL;
    if (!found) {
        *ret = *rest;
        *rest = (struct gw_str){NULL, 0};
        return false;
    }
    size_t len = (size_t)(found - rest->ptr);
    *ret = (struct gw_str){rest->ptr, len};
    *rest = (struct gw_str){found + 1, rest->len - len - 1};
    return true;
}

static size_t count_pairs(struct gw_str text)
{
    struct gw_str piece;
    size_t n = 0;
    while (text.len && n <= GW_QUERY_MAX_PAIRS) {
        cut(&text, '&', &piece);
        n += piece.len > 0;
    }
    return n;
}

int gw_pairs_parse(struct gw_str text, struct gw_arena *arena, struct gw_pairs *ret,
                   const char **ret_why)
{
    size_t n = count_pairs(text), i = 0;
    struct gw_str piece, name;
    if (n > GW_QUERY_MAX_PAIRS) {
        *ret_why = "has more than 256 parameters";
        return GW_E_SYNTAX;
    }
    struct gw_pair *items = gw_arena_array(arena, n, sizeof(*items));
    char *out = gw_arena_alloc(arena, text.len + 2 * n + 1);
    if (!items || !out)
        return -ENOMEM;
    while (text.len) {
        cut(&text, '&', &piece);
        if (piece.len == 0)
            continue;
        items[i].bare = !cut(&piece, '=', &name);
        const char *why = decode(name, &out, &items[i].name);
        if (!why)
            why = decode(piece, &out, &items[i].value);
        if (why) {
            *ret_why = why;
            return GW_E_SYNTAX;
        }
        i++;
    }
    *ret = (struct gw_pairs){items, i};
    return 0;
}

/* ---- Pairs as a tree ------------------------------------------------------------------------ */

struct gw_json *gw_tree_add(struct gw_check *check, struct gw_json *list, struct gw_str name)
{
    struct gw_json *item = gw_arena_alloc(check->arena, sizeof(*item)), **link = &list->list.first;
    if (!item) {
        check->error = -ENOMEM;
        return NULL;
    }
    item->name = name.ptr;
    item->name_len = (uint32_t)name.len;
    while (*link)
        link = &(*link)->next;
    *link = item;
    list->list.n++;
    return item;
}

void gw_tree_add_value(struct gw_check *check, struct gw_json *list, struct gw_str name,
                       enum gw_type type, struct gw_str text)
{
    struct gw_json *item = gw_tree_add(check, list, name);
    if (!item)
        return;
    item->kind = gw_spelt_kind(check, type, text);
    item->text = text;
}

/* The value of a pair as it came. */
static void add_pair(struct gw_check *check, struct gw_json *list, struct gw_str name,
                     enum gw_type type, const struct gw_pair *pair)
{
    if (!pair->file) {
        gw_tree_add_value(check, list, name, type, pair->value);
        return;
    }
    struct gw_json *item = gw_tree_add(check, list, name);
    if (!item)
        return;
    item->kind = GW_JSON_FILE;
    item->text = (struct gw_str){(const char *)pair->file, sizeof(*pair->file)};
}

/* All pairs of the name are the elements of a list; none are an empty one, since a form has no
 * other way to say so, or nothing where it is optional. */
static void add_list(struct gw_check *check, struct gw_json *tree, const struct gw_pairs *pairs,
                     const struct gw_member *member)
{
    struct gw_str name = gw_str_from(member->name);
    struct gw_json *list = NULL;
    for (size_t i = 0; i < pairs->n && check->error == 0; i++) {
        if (!gw_str_equal(pairs->items[i].name, name))
            continue;
        if (!list)
            list = gw_tree_add(check, tree, name);
        if (!list)
            return;
        list->kind = GW_JSON_ARRAY;
        add_pair(check, list, (struct gw_str){NULL, 0}, member->type, &pairs->items[i]);
    }
    if (!list && !(member->flags & GW_MEM_OPTIONAL)) {
        list = gw_tree_add(check, tree, name);
        if (list)
            list->kind = GW_JSON_ARRAY;
    }
}

const struct gw_pair *gw_pairs_only(struct gw_check *check, const struct gw_place *up,
                                    const struct gw_pairs *pairs, const char *of)
{
    struct gw_str name = gw_str_from(of);
    struct gw_place place = {up, of, 0};
    const struct gw_pair *found = NULL;
    for (size_t i = 0; i < pairs->n; i++) {
        if (!gw_str_equal(pairs->items[i].name, name))
            continue;
        if (found) {
            gw_check_fault(check, &place, "must be there only once");
            break;
        }
        found = &pairs->items[i];
    }
    return found;
}

/* The pieces of one value. A comma is no part of any, however it was written. */
static void add_pieces(struct gw_check *check, struct gw_json *list, const struct gw_member *member,
                       struct gw_str text)
{
    char *copy = gw_arena_copy(check->arena, text.ptr, text.len);
    struct gw_str rest = {copy, text.len}, piece;
    bool more = text.len > 0;
    if (!copy) {
        check->error = -ENOMEM;
        return;
    }
    while (more && check->error == 0) {
        more = cut(&rest, member->by, &piece);
        copy[piece.ptr - copy + (ptrdiff_t)piece.len] = '\0';
        gw_tree_add_value(check, list, (struct gw_str){NULL, 0}, member->type, piece);
    }
}

static bool has_too_many(const struct gw_member *member, struct gw_str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == member->by;
    return n > GW_QUERY_MAX_PAIRS;
}

/* `tags=a,b`. Nothing is an empty list. */
static void add_split_list(struct gw_check *check, struct gw_json *tree, const struct gw_place *up,
                           const struct gw_pairs *pairs, const struct gw_member *member)
{
    struct gw_place place = {up, member->name, 0};
    const struct gw_pair *found = gw_pairs_only(check, up, pairs, member->name);
    if (!found && member->flags & GW_MEM_OPTIONAL)
        return;
    if (found && has_too_many(member, found->value)) {
        gw_check_fault(check, &place, "must hold at most 256 items");
        return;
    }
    struct gw_json *list = gw_tree_add(check, tree, gw_str_from(member->name));
    if (!list)
        return;
    list->kind = GW_JSON_ARRAY;
    if (found && found->file)
        add_pair(check, list, (struct gw_str){NULL, 0}, member->type, found);
    else if (found)
        add_pieces(check, list, member, found->value);
}

/* One of its alternatives may be one. */
static bool takes_bool(const struct gw_member *member)
{
    bool found = member->type == GW_TYPE_BOOL;
    for (size_t i = 0; i < member->n_either; i++)
        found |= member->either[i].type == GW_TYPE_BOOL;
    return found;
}

static void add_scalar(struct gw_check *check, struct gw_json *tree, const struct gw_place *up,
                       const struct gw_pairs *pairs, const struct gw_member *member)
{
    struct gw_str name = gw_str_from(member->name);
    const struct gw_pair *found = gw_pairs_only(check, up, pairs, member->name);
    bool empty = found && !found->file && found->value.len == 0;
    if (found && found->bare && takes_bool(member)) /* `?archived` */
        gw_tree_add_value(check, tree, name, GW_TYPE_BOOL, GW_STR("true"));
    else if (empty && member->flags & GW_MEM_PRESENT) {
        struct gw_json *item = gw_tree_add(check, tree, name);
        if (item)
            item->kind = GW_JSON_NULL;
    } else if (found && !(empty && member->flags & (GW_MEM_OPTIONAL | GW_MEM_DEFAULT))) {
        add_pair(check, tree, name, member->type, found);
    }
}

/* ---- Objects: `filter[title]=x` -------------------------------------------------------------- */

static bool is_object(const struct gw_member *member)
{
    return member->type == GW_TYPE_NESTED || member->flags & GW_MEM_MAP;
}

/* The member, or the one of its alternatives that is an object; NULL: there is none. */
static const struct gw_member *object_of(const struct gw_member *member)
{
    if (is_object(member))
        return member;
    for (size_t i = 0; !(member->flags & GW_MEM_LIST) && i < member->n_either; i++)
        if (is_object(&member->either[i]))
            return &member->either[i];
    return NULL;
}

/* What stands between the brackets behind a member's name; empty: nothing does, or brackets. */
static struct gw_str name_inside(const struct gw_member *member, struct gw_str name)
{
    size_t n = strlen(member->name);
    if (name.len < n + 3 || memcmp(name.ptr, member->name, n) || name.ptr[n] != '[')
        return (struct gw_str){NULL, 0};
    struct gw_str inner = {name.ptr + n + 1, name.len - n - 2};
    bool one = inner.ptr[inner.len] == ']' && !memchr(inner.ptr, '[', inner.len) &&
               !memchr(inner.ptr, ']', inner.len);
    return one ? inner : (struct gw_str){NULL, 0};
}

/* The pairs of a member's own members, by the names that these have. */
static struct gw_pairs pairs_inside(struct gw_check *check, const struct gw_pairs *pairs,
                                    const struct gw_member *member)
{
    size_t n = 0;
    for (size_t i = 0; i < pairs->n; i++)
        n += name_inside(member, pairs->items[i].name).len > 0;
    struct gw_pairs inside = {gw_arena_array(check->arena, n, sizeof(*pairs->items)), 0};
    for (size_t i = 0; inside.items && i < pairs->n && !check->error; i++) {
        struct gw_str name = name_inside(member, pairs->items[i].name);
        if (!name.len)
            continue;
        struct gw_pair *pair = &inside.items[inside.n++];
        *pair = pairs->items[i];
        pair->name.ptr = gw_arena_copy(check->arena, name.ptr, name.len);
        pair->name.len = name.len;
        check->error = pair->name.ptr ? 0 : -ENOMEM;
    }
    if (!inside.items)
        check->error = -ENOMEM;
    return inside;
}

/* Each name of a map is there once. */
static void add_entries(struct gw_check *check, struct gw_json *map, const struct gw_place *place,
                        const struct gw_pairs *pairs, const struct gw_member *member)
{
    for (size_t i = 0; i < pairs->n && !check->error && !gw_check_is_full(check); i++) {
        const struct gw_pair *pair = &pairs->items[i];
        struct gw_place at = {place, pair->name.ptr, 0};
        size_t before = 0;
        for (size_t j = 0; j < i; j++)
            before += gw_str_equal(pairs->items[j].name, pair->name);
        if (before == 0)
            add_pair(check, map, pair->name, member->type, pair);
        else if (before == 1)
            gw_check_fault(check, &at, "must be there only once");
    }
}

static void add_members(struct gw_check *check, struct gw_json *tree, const struct gw_place *up,
                        const struct gw_pairs *pairs, const struct gw_shape *shape);

/* What is between the brackets of its pairs. */
static void add_inside(struct gw_check *check, struct gw_json *tree, const struct gw_place *place,
                       const struct gw_pairs *inside, const struct gw_member *object)
{
    struct gw_json *item = gw_tree_add(check, tree, gw_str_from(place->name));
    if (!item)
        return;
    item->kind = GW_JSON_OBJECT;
    if (object->flags & GW_MEM_MAP)
        add_entries(check, item, place, inside, object);
    else
        add_members(check, item, place, inside, object->nested);
}

/* Without a pair of its members it is empty, since there is no other way to say so, or not there
 * where it is optional. A pair of its own name is no object, which is noted later. */
static void add_object(struct gw_check *check, struct gw_json *tree, const struct gw_place *up,
                       const struct gw_pairs *pairs, const struct gw_member *member)
{
    struct gw_place place = {up, member->name, 0};
    const struct gw_pair *own = gw_pairs_only(check, up, pairs, member->name);
    struct gw_pairs inside = pairs_inside(check, pairs, member);
    if (own)
        add_pair(check, tree, gw_str_from(member->name), GW_TYPE_TEXT, own);
    if (!check->error && !own && (inside.n || !(member->flags & GW_MEM_OPTIONAL)))
        add_inside(check, tree, &place, &inside, member);
}

/* `created=7` or `created[from]=7`. */
static void add_either(struct gw_check *check, struct gw_json *tree, const struct gw_place *up,
                       const struct gw_pairs *pairs, const struct gw_member *member)
{
    struct gw_place place = {up, member->name, 0};
    const struct gw_member *object = object_of(member);
    struct gw_pairs inside = {NULL, 0};
    if (object)
        inside = pairs_inside(check, pairs, member);
    if (check->error)
        return;
    if (inside.n)
        add_inside(check, tree, &place, &inside, object);
    else
        add_scalar(check, tree, up, pairs, member);
    if (inside.n && gw_pairs_only(check, up, pairs, member->name))
        gw_check_fault(check, &place, "must not be there both with brackets and without");
}

static bool is_of(const struct gw_member *member, struct gw_str name)
{
    return gw_str_equal(name, gw_str_from(member->name)) ||
           (object_of(member) && name_inside(member, name).len);
}

static void add_unknown(struct gw_check *check, struct gw_json *tree, const struct gw_pairs *pairs,
                        const struct gw_shape *shape)
{
    for (size_t i = 0; i < pairs->n && check->error == 0; i++) {
        bool known = false;
        for (size_t k = 0; k < shape->n_members && !known; k++)
            known = is_of(&shape->members[k], pairs->items[i].name);
        if (!known)
            add_pair(check, tree, pairs->items[i].name, GW_TYPE_TEXT, &pairs->items[i]);
    }
}

static void add_members(struct gw_check *check, struct gw_json *tree, const struct gw_place *up,
                        const struct gw_pairs *pairs, const struct gw_shape *shape)
{
    for (size_t i = 0; i < shape->n_members && check->error == 0; i++) {
        const struct gw_member *member = &shape->members[i];
        if (is_object(member))
            add_object(check, tree, up, pairs, member);
        else if (member->by)
            add_split_list(check, tree, up, pairs, member);
        else if (member->flags & GW_MEM_LIST)
            add_list(check, tree, pairs, member);
        else if (member->type == GW_TYPE_EITHER)
            add_either(check, tree, up, pairs, member);
        else
            add_scalar(check, tree, up, pairs, member);
    }
    add_unknown(check, tree, pairs, shape);
}

int gw_tree_check(struct gw_check *check, const struct gw_json *tree, const struct gw_shape *shape,
                  const void **ret_body)
{
    const void *body = check->error ? NULL : gw_check_shape(check, NULL, shape, tree);
    if (check->error)
        return check->error;
    if (!body || check->faults->n)
        return GW_E_INVALID;
    *ret_body = body;
    return 0;
}

int gw_body_pairs(const struct gw_pairs *pairs, const struct gw_shape *shape,
                  struct gw_arena *arena, struct gw_faults *faults, const void **ret_body)
{
    struct gw_check check = {.arena = arena, .faults = faults};
    struct gw_json tree = {.kind = GW_JSON_OBJECT};
    faults->n = 0;
    add_members(&check, &tree, NULL, pairs, shape);
    return gw_tree_check(&check, &tree, shape, ret_body);
}
