/* body_shapes.h: shapes as `gatewright gen` writes them, for the tests of bodies. */
#ifndef GW_TEST_BODY_SHAPES_H
#define GW_TEST_BODY_SHAPES_H

#include "generated.h"

struct account_body {
    const char *name, *email, *password;
};
static const struct gw_member account_members[] = {
    {.name = "name",
     .type = GW_TYPE_TEXT,
     .flags = GW_MEM_MIN | GW_MEM_MAX,
     .offset = offsetof(struct account_body, name),
     .min.i64 = 1,
     .max.i64 = 100},
    {.name = "email", .type = GW_TYPE_EMAIL, .offset = offsetof(struct account_body, email)},
    {.name = "password",
     .type = GW_TYPE_TEXT,
     .flags = GW_MEM_MIN | GW_MEM_MAX | GW_MEM_BYTES_MAX,
     .offset = offsetof(struct account_body, password),
     .min.i64 = 8,
     .max.i64 = 128,
     .bytes_max = 511},
};
static const struct gw_shape account = {
    "account", account_members, 3,   sizeof(struct account_body), false, false, NULL,
    NULL,      false,           NULL};

struct every_body {
    int64_t i;
    uint64_t u;
    double f;
    bool b;
    int64_t t;
    const char *d, *id, *word;
};
#define EVERY(member, kind)                                                                        \
    .name = #member, .type = kind, .offset = offsetof(struct every_body, member)
static const char *const words[] = {"red", "green", NULL};
static const struct gw_member every_members[] = {
    {EVERY(i, GW_TYPE_INT)},   {EVERY(u, GW_TYPE_UINT)},
    {EVERY(f, GW_TYPE_REAL)},  {EVERY(b, GW_TYPE_BOOL)},
    {EVERY(t, GW_TYPE_TIME)},  {EVERY(d, GW_TYPE_DATE)},
    {EVERY(id, GW_TYPE_UUID)}, {EVERY(word, GW_TYPE_TEXT), .one_of = words},
};
static const struct gw_shape every = {
    "every", every_members, 8, sizeof(struct every_body), false, false, NULL, NULL, false, NULL};
#define EVERY_JSON                                                                                 \
    "{\"i\":-9223372036854775808,\"u\":18446744073709551615,\"f\":1.5,\"b\":true,"                 \
    "\"t\":\"1970-01-01T00:00:01Z\",\"d\":\"2024-02-29\","                                         \
    "\"id\":\"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\",\"word\":\"green\"}"

struct optional_body {
    struct gw_opt_i64 i;
    struct gw_opt_u64 u;
    struct gw_opt_f64 f;
    struct gw_opt_bool b;
    struct gw_opt_i64 t;
    const char *s;
    const struct account_body *nested;
    struct gw_list list;
};
#define OPTIONAL(member, kind)                                                                     \
    .name = #member, .type = kind, .offset = offsetof(struct optional_body, member)
static const struct gw_member optional_members[] = {
    {OPTIONAL(i, GW_TYPE_INT), .flags = GW_MEM_OPTIONAL | GW_MEM_MIN, .min.i64 = 0},
    {OPTIONAL(u, GW_TYPE_UINT), .flags = GW_MEM_OPTIONAL | GW_MEM_MAX, .max.u64 = 100},
    {OPTIONAL(f, GW_TYPE_REAL), .flags = GW_MEM_OPTIONAL | GW_MEM_MIN | GW_MEM_MAX, .min.f64 = -0.5,
     .max.f64 = 0.5},
    {OPTIONAL(b, GW_TYPE_BOOL), .flags = GW_MEM_OPTIONAL},
    {OPTIONAL(t, GW_TYPE_TIME), .flags = GW_MEM_OPTIONAL},
    {OPTIONAL(s, GW_TYPE_TEXT), .flags = GW_MEM_OPTIONAL},
    {OPTIONAL(nested, GW_TYPE_NESTED), .flags = GW_MEM_OPTIONAL, .nested = &account},
    {OPTIONAL(list, GW_TYPE_INT), .flags = GW_MEM_OPTIONAL | GW_MEM_LIST},
};
static const struct gw_shape optional = {
    "optional", optional_members, 8, sizeof(struct optional_body), true, false, NULL, NULL, false,
    NULL};

struct lists_body {
    struct gw_list texts, accounts;
};
static const struct gw_member lists_members[] = {
    {.name = "a/b",
     .type = GW_TYPE_TEXT,
     .flags = GW_MEM_LIST | GW_MEM_MIN | GW_MEM_MAX | GW_MEM_COUNT_MIN | GW_MEM_COUNT_MAX,
     .offset = offsetof(struct lists_body, texts),
     .min.i64 = 1,
     .max.i64 = 3,
     .count_min = 1,
     .count_max = 2},
    {.name = "c~d",
     .type = GW_TYPE_NESTED,
     .flags = GW_MEM_LIST,
     .offset = offsetof(struct lists_body, accounts),
     .nested = &account},
};
static const struct gw_shape lists = {
    "lists", lists_members, 2, sizeof(struct lists_body), false, false, NULL, NULL, false, NULL};

#endif
