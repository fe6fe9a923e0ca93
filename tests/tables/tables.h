/* tables.h: the application of routes.def in memory, on either store.
 *
 * TABLE_TEST(name) is one behaviour on both. `within(step)` runs a function with a request, as a
 * handler has it. */
#ifndef TABLES_H
#define TABLES_H

#include "routes.h"

#include "mariadb.h"
#include "site.h"

#include <criterion/criterion.h>

extern struct gw_test *test;

/* One more setting of the programs; NULL: none. */
extern const char *tables_setting;

void open_tables(bool mysql);
void close_tables(void);

/* What the program has logged. */
const char *tables_log(void);

/* Of the database, as GW_DATABASE_URL has it. */
const char *tables_url(void);

/* The status that the step returned, or 200 for 0. */
int within(int (*step)(struct gw_request *req));

/* The same on a route that may take a minute. */
int within_a_minute(int (*step)(struct gw_request *req));

/* What the step returned as a job. */
int as_job(int (*step)(struct gw_request *req));

/* Runs SQL beside the program. */
void run_beside(const char *mysql, const char *sqlite);

/* What a query gives beside the program: the last column of its first row; for free(). */
char *ask_beside(const char *sql);

/* A request, of which `body` and `token` may be NULL. */
int request(const char *method, const char *target, const char *body, const char *token,
            struct gw_test_reply *ret);

#define TABLE_TEST(name)                                                                           \
    static void name(void);                                                                        \
    Test(sqlite, name)                                                                             \
    {                                                                                              \
        open_tables(false);                                                                        \
        name();                                                                                    \
        close_tables();                                                                            \
    }                                                                                              \
    Test(mysql, name)                                                                              \
    {                                                                                              \
        open_tables(true);                                                                         \
        name();                                                                                    \
        close_tables();                                                                            \
    }                                                                                              \
    static void name(void)

#endif
