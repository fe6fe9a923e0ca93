/* body.c: input against a declared shape, every fault at once.
 *
 * Text becomes a tree (json.c, or the pairs of a query or form), the tree is held against the
 * shape, and what fits is put into the structure that the handler takes. All of it is checked
 * before any of it is used, and a caller hears of all faults in one answer.
 *
 * Checking ends with the last fault that the answer has room for: what a wrong input costs is
 * bounded by that, not by its size.
 *
 * A fault says where (RFC 6901) and what is expected. It never repeats the value, which may be a
 * password, and names at most a member's name of reasonable length.
 *
 * Two kinds of "no": text that cannot be read at all (GW_E_SYNTAX) and text that can be read and is
 * not what was declared (GW_E_INVALID). A number beyond 64 bits is of the second kind. */
#include "input/own.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>

#define NAME_SHOWN_MAX 64 /* bytes of an unknown member's name in a pointer */

/* ---- Lists ---------------------------------------------------------------------------------- */

/* `struct { const char *name; T value; }`, and T itself. */
struct layout {
    size_t entry, value, size;
};

#define LAYOUT(type)                                                                               \
    ((struct layout){sizeof(struct {                                                               \
                         const char *name;                                                         \
                         type value;                                                               \
                     }),                                                                           \
                     offsetof(                                                                     \
                         struct {                                                                  \
                             const char *name;                                                     \
                             type value;                                                           \
                         },                                                                        \
                         value),                                                                   \
                     sizeof(type)})

/* Of what a list or a map holds. */
static struct layout layout_of(const struct gw_member *member)
{
    bool optional = member->flags & GW_MEM_ITEM_NULL;
    switch (member->type) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME:
        return optional ? LAYOUT(struct gw_opt_i64) : LAYOUT(int64_t);
    case GW_TYPE_UINT:
        return optional ? LAYOUT(struct gw_opt_u64) : LAYOUT(uint64_t);
    case GW_TYPE_REAL:
        return optional ? LAYOUT(struct gw_opt_f64) : LAYOUT(double);
    case GW_TYPE_BOOL:
        return optional ? LAYOUT(struct gw_opt_bool) : LAYOUT(bool);
    case GW_TYPE_INNER:
        return LAYOUT(struct gw_list);
    case GW_TYPE_EITHER:
        return LAYOUT(struct gw_either);
    default:
        return LAYOUT(const char *);
    }
}

static bool check_count(struct gw_check *check, const struct gw_place *place,
                        const struct gw_member *member, size_t n)
{
    const uint64_t *min = member->flags & GW_MEM_COUNT_MIN ? &member->count_min : NULL;
    const uint64_t *max = member->flags & GW_MEM_COUNT_MAX ? &member->count_max : NULL;
    if (!(min && n < *min) && !(max && n > *max))
        return true;
    gw_check_fault(check, place, gw_check_range(check, "must hold", min, max, "item", "items"));
    return false;
}

static void check_value(struct gw_check *check, const struct gw_place *place,
                        const struct gw_member *member, const struct gw_json *value, bool optional,
                        void *to);

/* ---- Alternatives -------------------------------------------------------------------------- */

/* What the value is in JSON says which it is: no two are of one kind there. */
static void check_kind(struct gw_check *check, const struct gw_place *place,
                       const struct gw_member *member, const struct gw_json *value,
                       struct gw_either *to)
{
    enum gw_kind kind = gw_either_kind_of(value);
    for (size_t i = 0; i < member->n_either; i++) {
        if (gw_either_kind(&member->either[i]) != kind)
            continue;
        to->kind = kind;
        check_value(check, place, &member->either[i], value, false, &to->room);
        return;
    }
    gw_check_fault(check, place, gw_either_kinds(check, member));
}

/* In a query, form or header all is text: there it is the first that takes it. What is wrong for
 * each is told when none does. */
static void check_text(struct gw_check *check, const struct gw_place *place,
                       const struct gw_member *member, const struct gw_json *value,
                       struct gw_either *to)
{
    const char *all = NULL;
    size_t before = check->faults->n;
    for (size_t i = 0; i < member->n_either && !check->error; i++) {
        const struct gw_member *one = &member->either[i];
        struct gw_json as = *value;
        as.kind = gw_spelt_kind(check, one->type, value->text);
        check_value(check, place, one, &as, false, &to->room);
        if (check->error)
            return;
        if (check->faults->n == before) {
            to->kind = gw_either_kind(one);
            return;
        }
        all = gw_either_detail(check, all, check->faults->items[before].detail);
        check->faults->n = before;
    }
    gw_check_fault(check, place, all);
}

static void check_either(struct gw_check *check, const struct gw_place *place,
                         const struct gw_member *member, const struct gw_json *value,
                         struct gw_either *to)
{
    if (gw_check_is_full(check))
        return;
    if (value->kind == GW_JSON_PAIR)
        check_text(check, place, member, value, to);
    else
        check_kind(check, place, member, value, to);
}

/* What a single member is, or what a list or map holds. */
static void check_one(struct gw_check *check, const struct gw_place *place,
                      const struct gw_member *member, const struct gw_json *value, bool optional,
                      void *to)
{
    if (member->type == GW_TYPE_INNER) {
        check_value(check, place, member->inner, value, false, to);
        return;
    }
    if (member->type == GW_TYPE_EITHER)
        check_either(check, place, member, value, to);
    else if (member->type == GW_TYPE_JSON)
        gw_check_tree(check, place, value, to);
    else if (member->type == GW_TYPE_FILE)
        gw_check_file(check, place, member, value, to);
    else if (member->type == GW_TYPE_NESTED)
        *(const void **)to = gw_check_shape(check, place, member->nested, value);
    else
        gw_check_scalar(check, place, member, value, optional, to);
}

/* What a list or map holds: what may be null stays zero then. */
static void check_held(struct gw_check *check, const struct gw_place *place,
                       const struct gw_member *member, const struct gw_json *value, void *to)
{
    bool optional = member->flags & GW_MEM_ITEM_NULL;
    if (!optional || value->kind != GW_JSON_NULL)
        check_one(check, place, member, value, optional, to);
}

/* ---- Lists that hold nothing twice ---- */

static union gw_scalar scalar_at(enum gw_type type, const void *at)
{
    switch (type) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME:
        return (union gw_scalar){.i64 = *(const int64_t *)at};
    case GW_TYPE_UINT:
        return (union gw_scalar){.u64 = *(const uint64_t *)at};
    case GW_TYPE_REAL:
        return (union gw_scalar){.f64 = *(const double *)at};
    case GW_TYPE_BOOL:
        return (union gw_scalar){.boolean = *(const bool *)at};
    default:
        return (union gw_scalar){.text = *(const char *const *)at};
    }
}

static int order_items(const void *a, const void *b, void *data)
{
    enum gw_type type = *(const enum gw_type *)data;
    union gw_scalar left = scalar_at(type, a), right = scalar_at(type, b);
    return gw_scalar_order(type, &left, &right);
}

static void check_unique(struct gw_check *check, const struct gw_place *place,
                         const struct gw_member *member, const char *items, size_t n)
{
    enum gw_type type = member->type;
    size_t size = layout_of(member).size;
    char *sorted = gw_arena_array(check->arena, n, size);
    if (!sorted) {
        check->error = -ENOMEM;
        return;
    }
    memcpy(sorted, items, n * size);
    qsort_r(sorted, n, size, order_items, &type);
    for (size_t i = 1; i < n; i++) {
        if (order_items(sorted + (i - 1) * size, sorted + i * size, &type))
            continue;
        gw_check_fault(check, place, "must not hold anything twice");
        return;
    }
}

static void check_list(struct gw_check *check, const struct gw_place *place,
                       const struct gw_member *member, const struct gw_json *value,
                       struct gw_list *to)
{
    size_t size = layout_of(member).size, i = 0, before = check->faults->n;
    if (value->kind != GW_JSON_ARRAY) {
        gw_check_fault(check, place, "must be a list");
        return;
    }
    if (!check_count(check, place, member, value->list.n))
        return;
    char *items = gw_arena_array(check->arena, value->list.n, size);
    if (!items) {
        check->error = -ENOMEM;
        return;
    }
    const struct gw_json *one = value->list.first;
    for (; one && !check->error && !gw_check_is_full(check); one = one->next, i++) {
        struct gw_place at = {place, NULL, i};
        check_held(check, &at, member, one, items + i * size);
    }
    if (member->flags & GW_MEM_UNIQUE && !check->error && check->faults->n == before)
        check_unique(check, place, member, items, i);
    *to = (struct gw_list){items, i};
}

/* ---- Maps ----------------------------------------------------------------------------------- */

static bool check_name(struct gw_check *check, const struct gw_place *place,
                       const struct gw_json *entry)
{
    size_t chars = 0;
    gw_utf8_valid(entry->name, entry->name_len, &chars);
    if (chars >= 1 && chars <= GW_BODY_MAX_NAME)
        return true;
    gw_check_fault(check, place, "has a name that is empty or longer than 255 characters");
    return false;
}

static bool is_known(const struct gw_shape *shape, const struct gw_json *member)
{
    for (size_t i = 0; i < shape->n_members; i++)
        if (!strcmp(shape->members[i].name, member->name))
            return true;
    return false;
}

/* Its `n` entries but for what `without`, which may be NULL, has members for. */
static void check_entries(struct gw_check *check, const struct gw_place *place,
                          const struct gw_member *member, const struct gw_json *value,
                          const struct gw_shape *without, size_t n, struct gw_list *to)
{
    struct layout layout = layout_of(member);
    size_t i = 0;
    char *entries = gw_arena_array(check->arena, n, layout.entry);
    if (!entries) {
        check->error = -ENOMEM;
        return;
    }
    const struct gw_json *one = value->list.first;
    for (; one && i < n && !check->error && !gw_check_is_full(check); one = one->next) {
        struct gw_place at = {place, one->name, 0};
        if (without && is_known(without, one))
            continue;
        char *entry = entries + i++ * layout.entry;
        if (!check_name(check, place, one))
            continue;
        *(const char **)(void *)entry = one->name;
        check_held(check, &at, member, one, entry + layout.value);
    }
    *to = (struct gw_list){entries, i};
}

static void check_map(struct gw_check *check, const struct gw_place *place,
                      const struct gw_member *member, const struct gw_json *value,
                      struct gw_list *to)
{
    if (value->kind != GW_JSON_OBJECT)
        gw_check_fault(check, place, "must be an object");
    else if (check_count(check, place, member, value->list.n))
        check_entries(check, place, member, value, NULL, value->list.n, to);
}

/* The `n` members of an object that have no other place. */
static void check_rest(struct gw_check *check, const struct gw_place *place,
                       const struct gw_shape *shape, const struct gw_json *value, size_t n,
                       char *base)
{
    const struct gw_member *rest = shape->rest;
    const uint64_t *min = rest->flags & GW_MEM_COUNT_MIN ? &rest->count_min : NULL;
    const uint64_t *max = rest->flags & GW_MEM_COUNT_MAX ? &rest->count_max : NULL;
    if ((min && n < *min) || (max && n > *max))
        gw_check_fault(
            check, place,
            gw_check_range(check, "must hold", min, max, "other member", "other members"));
    else
        check_entries(check, place, rest, value, shape, n, (void *)(base + rest->offset));
}

static void check_value(struct gw_check *check, const struct gw_place *place,
                        const struct gw_member *member, const struct gw_json *value, bool optional,
                        void *to)
{
    if (member->flags & GW_MEM_LIST)
        check_list(check, place, member, value, to);
    else if (member->flags & GW_MEM_MAP)
        check_map(check, place, member, value, to);
    else
        check_one(check, place, member, value, optional, to);
}

/* ---- Objects -------------------------------------------------------------------------------- */

/* Any JSON, or a body that is any JSON or may be null. */
static bool takes_null(const struct gw_member *member)
{
    if (member->flags & (GW_MEM_LIST | GW_MEM_MAP))
        return false;
    const struct gw_member *value = member->type == GW_TYPE_NESTED ? member->nested->value : NULL;
    return member->type == GW_TYPE_JSON ||
           (value &&
            (value->flags & GW_MEM_OPTIONAL ||
             (value->type == GW_TYPE_JSON && !(value->flags & (GW_MEM_LIST | GW_MEM_MAP)))));
}

static void check_member(struct gw_check *check, const struct gw_place *object,
                         const struct gw_member *member, const struct gw_json *value, char *base)
{
    struct gw_place place = {object, member->name, 0};
    bool optional = member->flags & GW_MEM_OPTIONAL;
    bool null = value && value->kind == GW_JSON_NULL;
    void *to = base + member->offset;
    if (!value && member->flags & GW_MEM_DEFAULT) {
        gw_fill_scalar(member, to);
        return;
    }
    if (null && takes_null(member) && !(member->flags & GW_MEM_NOT_NULL))
        null = false; /* it is a value as others are */
    if (!value || null) {
        if (!optional || member->flags & (null ? GW_MEM_NOT_NULL : GW_MEM_PRESENT))
            gw_check_fault(check, &place, null ? "must not be null" : "is required");
        return;
    }
    check_value(check, &place, member, value, optional, to);
}

static void check_unknown(struct gw_check *check, const struct gw_place *object,
                          const struct gw_shape *shape, const struct gw_json *value)
{
    for (const struct gw_json *m = value->list.first; m; m = m->next) {
        struct gw_place place = {object, m->name, 0};
        if (gw_check_is_full(check))
            return;
        if (is_known(shape, m))
            continue;
        if (m->name_len <= NAME_SHOWN_MAX)
            gw_check_fault(check, &place, "is not a known member");
        else
            gw_check_fault(check, object, "has a member that is not known");
    }
}

/* A body that is no object. What may be null stays zero then. */
static void check_whole(struct gw_check *check, const struct gw_place *place,
                        const struct gw_member *member, const struct gw_json *value, void *to)
{
    bool optional = member->flags & GW_MEM_OPTIONAL;
    if (!optional || value->kind != GW_JSON_NULL)
        check_value(check, place, member, value, optional, to);
}

static void check_object(struct gw_check *check, const struct gw_place *place,
                         const struct gw_shape *shape, const struct gw_json *value, char *base)
{
    size_t n_others = value->list.n;
    for (size_t i = 0; i < shape->n_members && !check->error && !gw_check_is_full(check); i++) {
        const struct gw_json *member = gw_json_member(value, shape->members[i].name);
        n_others -= member != NULL;
        if (shape->patched && !member)
            continue;
        if (shape->patched)
            *(uint64_t *)(void *)base |= UINT64_C(1) << shape->patched[i];
        check_member(check, place, &shape->members[i], member, base);
    }
    if (shape->rest && !check->error && !gw_check_is_full(check))
        check_rest(check, place, shape, value, n_others, base);
    if (!shape->rest && !shape->open && n_others)
        check_unknown(check, place, shape, value);
}

const void *gw_check_shape(struct gw_check *check, const struct gw_place *place,
                           const struct gw_shape *shape, const struct gw_json *value)
{
    size_t before = check->faults->n;
    if (!shape->value && value->kind != GW_JSON_OBJECT) {
        gw_check_fault(check, place, "must be an object");
        return NULL;
    }
    char *base = gw_arena_alloc(check->arena, shape->size);
    if (!base) {
        check->error = -ENOMEM;
        return NULL;
    }
    if (shape->value)
        check_whole(check, place, shape->value, value, base);
    else
        check_object(check, place, shape, value, base);
    return check->error || check->faults->n > before ? NULL : base;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* One fault that says where reading ended, in lines and columns as editors count them (columns in
 * bytes). */
static int syntax_fault(struct gw_check *check, struct gw_str text,
                        const struct gw_json_error *error)
{
    size_t line = 1, start = 0;
    for (size_t i = 0; i < error->offset && i < text.len; i++) {
        if (text.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    gw_check_fault(check, NULL,
                   gw_arena_printf(check->arena, "is not well-formed: %s (line %zu, column %zu)",
                                   error->what, line, error->offset - start + 1));
    return check->error ? check->error : GW_E_SYNTAX;
}

int gw_body_json(struct gw_str text, const struct gw_shape *shape, struct gw_arena *arena,
                 json_t **io_trees, struct gw_faults *faults, const void **ret_body)
{
    struct gw_check check = {.arena = arena, .faults = faults, .trees = io_trees};
    struct gw_json_error error;
    const struct gw_json *tree;
    faults->n = 0;
    int r = gw_json_read(text, GW_BODY_MAX_DEPTH, arena, &tree, &error);
    if (r)
        return r < 0 ? r : syntax_fault(&check, text, &error);
    const void *body = gw_check_shape(&check, NULL, shape, tree);
    if (check.error)
        return check.error;
    if (!body)
        return GW_E_INVALID;
    *ret_body = body;
    return 0;
}
