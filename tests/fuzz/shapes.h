/* shapes.h: a shape with every type, for the fuzzers of bodies and pairs. */
#ifndef GW_FUZZ_SHAPES_H
#define GW_FUZZ_SHAPES_H

#include "input/body.h"
#include "fuzz.h"

struct inner_body {
    const char *s;
    struct gw_opt_bool b;
};
static const struct gw_member inner_members[] = {
    {.name = "s",
     .type = GW_TYPE_TEXT,
     .flags = GW_MEM_MIN | GW_MEM_MAX | GW_MEM_BYTES_MAX,
     .offset = offsetof(struct inner_body, s),
     .min.i64 = 1,
     .max.i64 = 5,
     .bytes_max = 7},
    {.name = "b",
     .type = GW_TYPE_BOOL,
     .flags = GW_MEM_OPTIONAL,
     .offset = offsetof(struct inner_body, b)},
};
static const struct gw_shape inner = {
    "inner", inner_members, 2, sizeof(struct inner_body), false, false, NULL, NULL, false, NULL};

#ifdef FUZZ_NESTED
/* Values in the place of bodies: `body rows [[int or null] ..3 or null]`, `body word text null`. */
static const struct gw_member row = {.type = GW_TYPE_INT,
                                     .flags = GW_MEM_LIST | GW_MEM_ITEM_NULL | GW_MEM_COUNT_MAX,
                                     .count_max = 3};
static const struct gw_member rows_value = {
    .type = GW_TYPE_INNER, .flags = GW_MEM_LIST | GW_MEM_ITEM_NULL, .inner = &row};
static const struct gw_shape rows = {
    .name = "rows", .size = sizeof(struct gw_list), .value = &rows_value};
static const struct gw_member word_value = {
    .type = GW_TYPE_TEXT, .flags = GW_MEM_OPTIONAL | GW_MEM_PRESENT | GW_MEM_MIN, .min.i64 = 1};
static const struct gw_shape word = {
    .name = "word", .size = sizeof(const char *), .value = &word_value};
#endif

struct outer_body {
    struct gw_either a;
    struct gw_list b, y;
    struct gw_opt_i64 i;
    struct gw_opt_u64 u;
    struct gw_opt_f64 f;
    struct gw_opt_i64 t;
    const char *e, *d, *id, *w;
    struct gw_list l, m;
    const struct inner_body *n;
    json_t *j;
    struct gw_list k;
    const struct gw_list *r;
    const char *const *v;
    struct gw_list x; /* a map */
    struct gw_list z; /* what no member names */
};
#define OUTER(member, kind, more)                                                                  \
    .name = #member, .type = kind, .offset = offsetof(struct outer_body, member),                  \
    .flags = GW_MEM_OPTIONAL | (more)
static const char *const outer_words[] = {"red", "green", NULL};
/* Of pairs the first that takes the text. */
static const struct gw_member of_pairs[] = {
    {.type = GW_TYPE_UINT, .flags = GW_MEM_MAX, .max.u64 = 9},
    {.type = GW_TYPE_BOOL},
    {.type = GW_TYPE_TEXT, .flags = GW_MEM_MAX, .max.i64 = 3},
    {.type = GW_TYPE_NESTED, .nested = &inner},
};
static const struct gw_member alternatives[] = {
    {.type = GW_TYPE_TEXT, .flags = GW_MEM_MAX, .max.i64 = 5},
    {.type = GW_TYPE_UINT},
    {.type = GW_TYPE_BOOL, .flags = GW_MEM_LIST},
    {.type = GW_TYPE_NESTED, .nested = &inner},
};
static const struct gw_member outer_members[] = {
    {OUTER(i, GW_TYPE_INT, GW_MEM_MIN), .min.i64 = -5},
    {OUTER(u, GW_TYPE_UINT, GW_MEM_MAX), .max.u64 = UINT64_MAX - 1},
    {OUTER(f, GW_TYPE_REAL, GW_MEM_MAX), .max.f64 = 1e9},
    {OUTER(t, GW_TYPE_TIME, 0)},
    {OUTER(e, GW_TYPE_EMAIL, 0)},
    {OUTER(d, GW_TYPE_DATE, 0)},
    {OUTER(id, GW_TYPE_UUID, 0)},
    {OUTER(w, GW_TYPE_TEXT, 0), .one_of = outer_words},
    {OUTER(l, GW_TYPE_INT, GW_MEM_LIST | GW_MEM_COUNT_MAX), .count_max = 3, .by = ','},
    {OUTER(n, GW_TYPE_NESTED, 0), .nested = &inner},
    {OUTER(y, GW_TYPE_INT, GW_MEM_MAP | GW_MEM_COUNT_MAX), .count_max = 3},
#ifdef FUZZ_NESTED
    {OUTER(m, GW_TYPE_NESTED, GW_MEM_LIST), .nested = &inner},
    {OUTER(j, GW_TYPE_JSON, 0)},
    {OUTER(k, GW_TYPE_JSON, GW_MEM_LIST)},
    {OUTER(r, GW_TYPE_NESTED, 0), .nested = &rows},
    {OUTER(v, GW_TYPE_NESTED, 0), .nested = &word},
    {OUTER(a, GW_TYPE_EITHER, 0), .either = alternatives, .n_either = 4},
    {OUTER(b, GW_TYPE_EITHER, GW_MEM_LIST | GW_MEM_ITEM_NULL), .either = alternatives,
     .n_either = 4},
    {OUTER(x, GW_TYPE_REAL, GW_MEM_MAP | GW_MEM_ITEM_NULL | GW_MEM_MAX), .max.f64 = 9},
#else
    {OUTER(a, GW_TYPE_EITHER, 0), .either = of_pairs, .n_either = 4},
    {OUTER(b, GW_TYPE_EITHER, GW_MEM_LIST), .either = of_pairs, .n_either = 3},
#endif
};
#ifdef FUZZ_NESTED
static const struct gw_member others = {.type = GW_TYPE_TEXT,
                                        .flags = GW_MEM_MAP | GW_MEM_MAX | GW_MEM_COUNT_MAX,
                                        .offset = offsetof(struct outer_body, z),
                                        .max.i64 = 5,
                                        .count_max = 3};
#define OTHERS &others
#else
#define OTHERS NULL
#endif
static const struct gw_shape outer = {"outer",
                                      outer_members,
                                      sizeof(outer_members) / sizeof(*outer_members),
                                      sizeof(struct outer_body),
                                      false,
                                      false,
                                      NULL,
                                      NULL,
                                      false,
                                      OTHERS};

static inline void check_text(const char *text)
{
    MUST(!text || gw_utf8_valid(text, strlen(text), NULL));
}

static inline void check_faults(const struct gw_faults *faults)
{
    MUST(faults->n >= 1 && faults->n <= GW_BODY_MAX_FAULTS);
    for (size_t i = 0; i < faults->n; i++) {
        const char *pointer = faults->items[i].pointer;

        MUST(pointer[0] == '/' || pointer[0] == '\0');
        check_text(pointer);
        check_text(faults->items[i].detail);
    }
}

static inline void check_alternative(const struct gw_either *either)
{
    const char *const *text = (const void *)&either->room;

#ifdef FUZZ_NESTED
    MUST(either->kind != GW_KIND_BOOL && either->kind <= GW_KIND_OBJECT);
#else
    MUST(either->kind != GW_KIND_LIST && either->kind <= GW_KIND_OBJECT);
    MUST(either->kind != GW_KIND_NUMBER || either->room.i64 <= 9);
#endif
    MUST(either->kind != GW_KIND_TEXT || strlen(*text) <= 20);
    MUST(either->kind != GW_KIND_OBJECT ||
         strlen((*(const struct inner_body *const *)text)->s) >= 1);
}

static inline void check_outer(const struct outer_body *body)
{
    const struct inner_body *const *items = body->m.items;

    MUST(!body->i.set || body->i.value >= -5);
    MUST(!body->u.set || body->u.value < UINT64_MAX);
    MUST(!body->f.set || body->f.value <= 1e9);
    MUST(!body->e || strchr(body->e, '@'));
    MUST(!body->d || strlen(body->d) == 10);
    MUST(!body->id || strlen(body->id) == 36);
    MUST(!body->w || strcmp(body->w, "red") == 0 || strcmp(body->w, "green") == 0);
    MUST(body->l.n <= 3 && (body->l.items || body->l.n == 0));
    for (size_t i = 0; i < body->m.n; i++)
        MUST(items[i] && strlen(items[i]->s) >= 1 && strlen(items[i]->s) <= 7);
    if (body->n)
        MUST(strlen(body->n->s) >= 1 && strlen(body->n->s) <= 7);
    check_alternative(&body->a);
    for (size_t i = 0; i < body->b.n; i++)
        check_alternative((const struct gw_either *)body->b.items + i);
    const struct {
        const char *name, *value;
    } *rest = body->z.items;
    MUST(body->y.n <= 3 && body->z.n <= 3);
    for (size_t i = 0; i < body->z.n; i++)
        MUST(*rest[i].name && strlen(rest[i].value) <= 20 && strcmp(rest[i].name, "id"));
    MUST(!body->v || !*body->v || **body->v);
}

/* Each number of what is a list itself is one, or null. */
static inline void check_values(const struct outer_body *body)
{
    const struct gw_list *lists = body->r ? body->r->items : NULL;
    const struct {
        const char *name;
        struct gw_opt_f64 value;
    } *entries = body->x.items;

    for (size_t i = 0; body->r && i < body->r->n; i++) {
        const struct gw_opt_i64 *numbers = lists[i].items;
        MUST(lists[i].n <= 3 && (numbers || lists[i].n == 0));
        for (size_t j = 0; j < lists[i].n; j++)
            MUST(numbers[j].set || numbers[j].value == 0);
    }
    for (size_t i = 0; i < body->x.n; i++)
        MUST(*entries[i].name &&
             (entries[i].value.set ? entries[i].value.value <= 9 : entries[i].value.value == 0));
}

#endif
