/* migrate.c: leads a database of MariaDB or MySQL to the declared schema, or prints what does.
 *
 * One plan, printed or run. The server keeps each statement for itself, so the plan is made anew at
 * each start, and one that was broken off goes on where it was. A lock of the server's keeps a
 * second one away; while a table is altered, it is locked for writers, and its rows are looked at
 * once more and counted before and after. A long transaction that holds a table is not waited for,
 * since all others would wait behind us. */
#include "store/mysql/change.h"
#include "store/mysql/types.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_NS (UINT64_C(30) * 24 * 3600 * 1000000000) /* that a statement may take */

/* ---- Running it ----------------------------------------------------------------------------- */

/* Whether the server has refused the last statement to this user: it answers, and is not away. */
static bool is_denied(const struct mysql_comparison *c)
{
    unsigned code = c->conn->mysql ? mysql_errno(c->conn->mysql) : 0;
    return code == 1044 || code == 1142 || code == 1143 || code == 1227;
}

static int run(struct mysql_comparison *c, const char *sql)
{
    int r = gw_mysql_text(c->conn, sql, gw_now_ns() + STEP_NS, NULL);
    if (r > 0)
        gw_log_line(c->conn->base.store->options.log, "schema: rows came in that do not fit: %s",
                    sql);
    if (r < 0 && is_denied(c)) {
        gw_log_line(c->conn->base.store->options.log,
                    "schema: the user of the database may not do this: %s; GW_SCHEMA_URL is for one"
                    " who may",
                    sql);
        return -EACCES;
    }
    return r > 0 ? -EIO : r;
}

/* Phase by phase, and within one as they were planned. */
static int by_phase(const void *a, const void *b)
{
    const struct mysql_step *one = a, *other = b;
    return one->phase != other->phase
               ? (int)one->phase - (int)other->phase
               : (one->number > other->number) - (one->number < other->number);
}

/* That nobody else does the same. It ends with the connection. */
static int lock_schema(struct mysql_comparison *c)
{
    char *got = NULL;
    int r =
        gw_mysql_askf(c, 0, &got, "SELECT GET_LOCK(CONCAT('gw_schema ', SHA1(DATABASE())), 10)");
    if (!r && (!got || strcmp(got, "1"))) {
        gw_log_line(c->conn->base.store->options.log,
                    "schema: another process is changing this database's schema; try again when it"
                    " has ended");
        r = -EBUSY;
    }
    free(got);
    return r;
}

static int prepare(struct mysql_comparison *c)
{
    int r = run(c, GW_MYSQL_SESSION);
    if (!r)
        r = run(c, "SET SESSION lock_wait_timeout = 10");
    if (!r && mariadb_connection(c->conn->mysql))
        r = run(c, "SET SESSION max_statement_time = 0");
    return r ? r : lock_schema(c);
}

static bool concerns(const struct mysql_step *step, const char *table)
{
    return !strcasecmp(step->table, table) || (step->other && !strcasecmp(step->other, table));
}

/* Whether a step before this one, from `first` on, has the table locked already. */
static bool is_listed(const struct mysql_step *first, const struct mysql_step *before,
                      const char *table)
{
    for (; first < before; first++)
        if (concerns(first, table))
            return true;
    return false;
}

/* The tables of the steps from `first` to before `end`. */
static int lock_tables(struct mysql_comparison *c, const struct mysql_step *first,
                       const struct mysql_step *end)
{
    const char *before = "LOCK TABLES";
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return -ENOMEM;
    for (const struct mysql_step *step = first; step < end; step++) {
        const char *const tables[] = {step->table, step->other};
        for (int i = 0; i < 2; i++) {
            if (!tables[i] || is_listed(first, step, tables[i]) ||
                (i && !strcasecmp(tables[0], tables[1])))
                continue;
            fprintf(to, "%s `%s` WRITE", before, tables[i]);
            before = ",";
        }
    }
    int r = fclose(to) ? -ENOMEM : run(c, text);
    free(text);
    return r;
}

static int run_step(struct mysql_comparison *c, const struct mysql_step *step)
{
    bool creates = step->phase == MYSQL_CREATE; /* what it refers to may follow */
    int r = creates ? run(c, GW_MYSQL_UNCHECKED) : 0;
    if (!r && step->loose)
        r = run(c, GW_MYSQL_LOOSE);
    if (!r)
        r = run(c, step->sql);
    if (!r && step->loose)
        r = run(c, GW_MYSQL_STRICT);
    if (!r && creates)
        r = run(c, GW_MYSQL_CHECKED);
    return r;
}

static int count_rows(struct mysql_comparison *c, const struct mysql_step *step, char **ret)
{
    return gw_mysql_askf(c, 0, ret, "SELECT COUNT(*) FROM `%s`", step->table);
}

/* What was looked for when the plan was made, once more, now that nobody writes. */
static int check_fit(struct mysql_comparison *c, const struct mysql_step *step)
{
    char *n = NULL;
    if (!step->unfit)
        return 0;
    int r = gw_mysql_askf(c, 0, &n, "SELECT COUNT(*) FROM `%s` WHERE %s", step->table, step->unfit);
    if (!r && (!n || strcmp(n, "0"))) {
        gw_log_line(c->conn->base.store->options.log,
                    "schema: %s rows came in that would lose something, and the table was not"
                    " changed: %s",
                    n ? n : "some", step->sql);
        r = -EIO;
    }
    free(n);
    return r;
}

/* The write lock is held from the first look to the last. */
static int alter_table(struct mysql_comparison *c, const struct mysql_step *step)
{
    char *before = NULL, *after = NULL;
    int r = check_fit(c, step);
    if (!r)
        r = count_rows(c, step, &before);
    if (!r)
        r = run_step(c, step);
    if (!r)
        r = count_rows(c, step, &after);
    if (!r && (!before || !after || strcmp(before, after))) {
        gw_log_line(c->conn->base.store->options.log,
                    "schema: table %s had %s rows, and has %s behind: %s", step->table,
                    before ? before : "no", after ? after : "no", step->sql);
        r = -EIO;
    }
    free(before);
    free(after);
    return r;
}

/* A key and what references it are altered under one lock: the end of what `step` begins. */
static const struct mysql_step *end_of_group(const struct mysql_plan *plan,
                                             const struct mysql_step *step)
{
    return step->phase == MYSQL_UNBIND ? plan->steps + plan->n : step + 1;
}

static int run_plan(struct mysql_comparison *c)
{
    const struct mysql_plan *plan = &c->plan;
    const struct mysql_step *step = plan->steps, *end;
    int r = 0;
    for (; !r && step < plan->steps + plan->n; step = end) {
        bool creates = step->phase == MYSQL_CREATE;
        end = end_of_group(plan, step);
        if (!creates)
            r = lock_tables(c, step, end);
        for (const struct mysql_step *one = step; !r && one < end; one++)
            r = creates ? run_step(c, one) : alter_table(c, one);
        if (!r && !creates)
            r = run(c, "UNLOCK TABLES");
    }
    return r;
}

/* A key that is unbound in a script and then not altered could not be bound again. */
static bool is_script_safe(const struct mysql_comparison *c)
{
    for (size_t i = 0; i < c->plan.n; i++)
        if (c->plan.steps[i].phase == MYSQL_UNBIND)
            return !c->migration->n_refused;
    return true;
}

static void print_comments(const char *text, FILE *to)
{
    for (const char *line = text, *end; *line; line = end + (*end == '\n')) {
        end = strchrnul(line, '\n');
        if (!strncmp(line, "-- ", 3))
            fprintf(to, "%.*s\n", (int)(end - line), line);
    }
    fputs(
        "-- no statement is printed: a key and what references it change together, or not at all\n",
        to);
}

/* Plans into a text, which is printed as a whole or without its statements. */
static int plan(struct mysql_comparison *c, struct gw_arena *arena, struct gw_app *live)
{
    FILE *to = c->migration->to;
    char *text = NULL;
    size_t len;
    int r = -ENOMEM;
    c->migration->to = open_memstream(&text, &len);
    if (c->migration->to) {
        c->differences.data = c->migration->to;
        fprintf(c->migration->to, "%s;\n", GW_MYSQL_SESSION);
        r = gw_mysql_rename(c, c->app, arena, live);
        c->live = live;
        if (!r)
            r = gw_mysql_compare_tables(c, c->app);
        if (!r)
            r = gw_mysql_print_references(c);
        if (fclose(c->migration->to))
            r = r ? r : -ENOMEM;
    }
    c->migration->to = to;
    c->differences.data = to;
    if (text && is_script_safe(c))
        fputs(text, to);
    else if (text)
        print_comments(text, to);
    free(text);
    return r;
}

int gw_mysql_migrate(struct gw_store *store, const struct gw_app *app,
                     struct gw_migration *migration)
{
    struct mysql_comparison c = {
        .host = GW_MYSQL_ANY_HOST,
        .differences = {.report = gw_store_print_difference, .data = migration->to},
        .app = app,
        .migration = migration};
    struct gw_arena arena = {.limit = 0};
    struct gw_app live;
    int r = gw_mysql_connect(&c, store);
    if (!r && migration->apply)
        r = prepare(&c);
    if (!r)
        r = plan(&c, &arena, &live);
    if (!r && migration->apply && !migration->n_refused && c.plan.n) {
        qsort(c.plan.steps, c.plan.n, sizeof(*c.plan.steps), by_phase);
        r = run_plan(&c);
    }
    gw_conn_free(c.conn ? &c.conn->base : NULL);
    gw_arena_free(&arena);
    gw_mysql_free_plan(&c.plan);
    return r && r != -EBUSY ? gw_mysql_outcome(r) : r ? r : c.differences.any;
}
