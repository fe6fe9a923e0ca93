/* store_live.h: a table with one column besides its key, declared in one type and live in another.
 */
#ifndef GW_TEST_STORE_LIVE_H
#define GW_TEST_STORE_LIVE_H

#include "store_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define T_2024 (INT64_C(1735689599) * SECOND) /* 2024-12-31 23:59:59, by date -u +%s */

/* One column besides the key, declared in one type, live in another. */
struct one_row {
    int64_t id;
    union {
        int64_t i64;
        uint64_t u64;
        double f64;
        bool boolean;
        const char *text;
        struct gw_bytes blob;
    } v;
};

struct live {
    const struct gw_column columns[2];
    const struct gw_definition definitions[2];
    struct gw_table table;
    const struct gw_table *tables[1];
    struct gw_app app;
};

/* `type` as SQL has it, in a table `one` of its own; the fixture's requests use it from then on. */
static struct live *make(struct fixture *f, struct gw_column column, const char *type)
{
    struct live *live = gw_arena_alloc(&f->arena, sizeof(*live));
    struct live is = {
        .columns = {{.name = "id", .type = GW_TYPE_INT, .flags = GW_COL_KEY}, column},
        .definitions = {{"BIGINT", " NOT NULL", "INTEGER"}, {"?", "", "?"}},
        .app = {.source = "routes.def", .prefix = "", .n_tables = 1},
    };
    memcpy(live, &is, sizeof(is));
    live->table = (struct gw_table){.name = "one",
                                    .sql_name = "one",
                                    .columns = live->columns,
                                    .n_columns = 2,
                                    .row_size = sizeof(struct one_row),
                                    .revokes = -1,
                                    .entity = -1,
                                    .existing = true,
                                    .definitions = live->definitions};
    live->tables[0] = &live->table;
    live->app.tables = live->tables;
    fixture_exec(f, "DROP TABLE IF EXISTS one");
    fixture_exec(f,
                 gw_arena_printf(&f->arena, "CREATE TABLE one (id %s PRIMARY KEY, v %s NOT NULL)",
                                 f->mysql ? "BIGINT NOT NULL" : "INTEGER", type));
    fixture_reopen(f, f->url, NULL);
    gw_sql_free(f->sql);
    cr_assert_eq(gw_sql_new(&live->app, f->store->driver->seconds, &f->sql), 0);
    fixture_log_clear();
    return live;
}

static struct gw_column column_of(enum gw_type type)
{
    return (struct gw_column){.name = "v",
                              .type = type,
                              .precision = 10,
                              .scale = 2,
                              .offset = offsetof(struct one_row, v)};
}

static void collect(void *data, const char *line)
{
    strcat(strcat(data, line), "\n");
}

static bool accepted(struct fixture *f, const struct live *live, const char *what)
{
    char lines[1024] = "";
    int r = gw_store_compare(f->store, &live->app, collect, lines);

    cr_assert(r == 0 || r == 1, "%s: %d: %s", what, r, fixture_log());
    cr_assert(r == 1 || !*lines, "%s: %s", what, lines);
    return r == 0;
}

static int find(struct fixture *f, const struct live *live, struct one_row *ret)
{
    struct gw_value key = i64_value(1);
    const void *row;
    int r = gw_entity_find(&f->req, &live->table, 0, &key, &row);

    if (!r)
        *ret = *(const struct one_row *)row;
    return r;
}

static bool same(enum gw_type type, const struct one_row *a, const struct one_row *b)
{
    switch (type) {
    case GW_TYPE_REAL:
        return a->v.f64 == b->v.f64;
    case GW_TYPE_BOOL:
        return a->v.boolean == b->v.boolean;
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_TIME:
        return a->v.i64 == b->v.i64;
    case GW_TYPE_BLOB:
        return a->v.blob.len == b->v.blob.len &&
               !memcmp(a->v.blob.ptr, b->v.blob.ptr, a->v.blob.len);
    default:
        return !strcmp(a->v.text, b->v.text);
    }
}

/* What goes in comes out, or is refused and leaves what was there. */
static void expect_kept(struct fixture *f, const struct live *live, struct one_row row, int wanted,
                        const char *what)
{
    enum gw_type type = live->columns[1].type;
    struct one_row got = {0};
    int r;

    row.id = 1;
    fixture_exec(f, "DELETE FROM one");
    r = gw_entity_insert(&f->req, &live->table, &row, NULL);
    cr_assert_eq(r, wanted, "%s: insert: %d, not %d: %s", what, r, wanted, fixture_log());
    r = find(f, live, &got);
    cr_assert_eq(r, wanted ? GW_E_NOT_FOUND : 0, "%s: find: %d: %s", what, r, fixture_log());
    if (wanted)
        return;
    cr_assert(same(type, &got, &row), "%s: another value came back", what);
    r = gw_entity_update(&f->req, &live->table, &row, 2);
    cr_assert_eq(r, 0, "%s: update: %d", what, r);
}

/* What another program wrote, as SQL. */
static int read_of(struct fixture *f, const struct live *live, const char *sql, struct one_row *ret)
{
    fixture_exec(f, "DELETE FROM one");
    fixture_exec(f, gw_arena_printf(&f->arena, "%sINSERT INTO one VALUES (1, %s)",
                                    f->mysql ? "SET NAMES utf8mb4; SET sql_mode = '',"
                                               " time_zone = '+00:00'; "
                                             : "",
                                    sql));
    return find(f, live, ret);
}

#endif
