/* compare.c: what the start and --check say of the hosts: each one's schema, and whether it can
 * serve. */
#include "store/mysql/change.h"
#include "store/mysql/hosts.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)

/* Two machines that are each so near to the database's clock are within the ten seconds that their
 * tokens may lie ahead. */
#define CLOCK_MAX_S 5

struct survey {
    struct mysql_store *store;
    const struct gw_app *app;
    struct gw_differences differences;
    const char *host;          /* that is looked at */
    struct mysql_state writer; /* the first that takes writes */
    const char *writer_name;   /* NULL: none so far */
};

/* A difference of a host that is not the one in use ends nothing. */
static void report_of_host(void *data, const char *line)
{
    static const char warning[] = "warning: ";
    struct survey *survey = data;
    if (!strncmp(line, warning, strlen(warning)))
        line += strlen(warning);
    gw_store_warn(&survey->differences, "host %s: %s", survey->host, line);
}

static void survey_state(struct survey *survey, const struct mysql_state *state)
{
    struct gw_differences *to = &survey->differences;
    if (!state->ready)
        gw_store_warn(to, "host %s: a Galera node that has no quorum, or not all rows yet",
                      survey->host);
    if (state->read_only)
        gw_store_warn(to, "host %s: is read-only", survey->host);
    if (state->galera &&
        (survey->store->sync_wait < 0 ? state->sync_wait == 0 : survey->store->sync_wait == 0))
        gw_store_warn(to,
                      "host %s: a Galera node whose reads may miss what another node has just "
                      "confirmed, a revoked token too: set wsrep_sync_wait=1 in GW_DATABASE_URL",
                      survey->host);
    if (!state->ready || state->read_only)
        return;
    if (survey->writer_name && !gw_mysql_are_alike(state, &survey->writer))
        gw_store_differ(
            to,
            "hosts %s and %s: both take writes, and do not hold the same rows as far as "
            "they can tell: set read_only on the one that is not to be used",
            survey->writer_name, survey->host);
    if (!survey->writer_name) {
        survey->writer = *state;
        survey->writer_name = survey->host;
    }
}

static void survey_clock(struct survey *survey, struct mysql_conn *conn, uint64_t deadline_ns)
{
    int64_t before = gw_now_us();
    MYSQL_RES *rows;
    if (gw_mysql_text(conn, "SELECT UNIX_TIMESTAMP()", deadline_ns, &rows))
        return;
    MYSQL_ROW row = mysql_fetch_row(rows);
    long long there = row && row[0] ? strtoll(row[0], NULL, 10) : before / 1000000;
    mysql_free_result(rows);
    long long ahead = there - (before + gw_now_us()) / 2 / 1000000;
    if (llabs(ahead) > CLOCK_MAX_S)
        gw_store_warn(&survey->differences,
                      "host %s: its clock is %lld s %s this machine's; clocks of all machines have "
                      "to run together (NTP)",
                      survey->host, llabs(ahead), ahead > 0 ? "ahead of" : "behind");
}

/* `used`: its schema has been compared already. */
static int survey_host(struct survey *survey, size_t host, bool used)
{
    uint64_t deadline = gw_now_ns() + survey->store->base.options.connect_timeout_ms * MS;
    struct mysql_state state;
    struct gw_conn *conn;
    int r = gw_conn_new(&survey->store->base, &conn);
    if (r)
        return r;
    survey->host = gw_mysql_label(survey->store, host);
    r = gw_mysql_connect_to((struct mysql_conn *)conn, host, deadline, &state);
    if (!r)
        survey_clock(survey, (struct mysql_conn *)conn, deadline);
    gw_conn_free(conn);
    if (r == -ENOMEM)
        return r;
    if (r && r != GW_E_NOT_FOUND) {
        gw_store_warn(&survey->differences, "host %s: cannot be reached", survey->host);
        return 0;
    }
    survey_state(survey, &state);
    if (used || !state.ready)
        return 0;
    struct mysql_comparison c = {.differences = {.report = report_of_host, .data = survey},
                                 .host = (int)host};
    r = gw_mysql_compare_all(&c, &survey->store->base, survey->app);
    return r < 0 && r != -EHOSTDOWN ? r : 0;
}

/* A host that refuses the user counts as away for requests; here that is told, because only a
 * person can mend it. */
static bool refuses_user(struct mysql_store *store, size_t host)
{
    uint64_t deadline = gw_now_ns() + store->base.options.connect_timeout_ms * MS;
    MYSQL *mysql = NULL;
    int r = gw_mysql_attempt(store, host, NULL, deadline, &mysql);
    if (r == -EACCES)
        r = gw_mysql_attempt(store, host, store->base.options.log, deadline, &mysql);
    if (!r)
        mysql_close(mysql);
    return r == -EACCES;
}

int gw_mysql_compare(struct gw_store *base, const struct gw_app *app,
                     void (*report)(void *data, const char *line), void *data)
{
    struct mysql_comparison c = {.differences = {.report = report, .data = data},
                                 .host = GW_MYSQL_ANY_HOST};
    struct survey survey = {.store = (struct mysql_store *)base,
                            .app = app,
                            .differences = {.report = report, .data = data}};
    int result = gw_mysql_compare_all(&c, base, app);
    for (size_t i = 0; result == -EHOSTDOWN && i < survey.store->n_hosts; i++)
        if (refuses_user(survey.store, i))
            result = -EACCES;
    for (size_t i = 0; result >= 0 && i < survey.store->n_hosts; i++) {
        int r = survey_host(&survey, i, c.host == (int)i);
        if (r)
            return r;
    }
    return result == 0 && survey.differences.any ? 1 : result;
}
