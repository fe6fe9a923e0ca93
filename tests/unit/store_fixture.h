/* store_fixture.h: what the tests of stores and entities share: declared tables with every type,
 * and a fresh store of either kind with those tables in it.
 *
 * STORE_TEST(name) { ... } is one behaviour, tested on both kinds; `f` is the fixture. */
#ifndef GW_TEST_STORE_FIXTURE_H
#define GW_TEST_STORE_FIXTURE_H

#include "base/arena.h"
#include "store/entity.h"
#include "mariadb.h"
#include "request/request.h"
#include "site.h"
#include "store/store.h"

#include <criterion/criterion.h>

struct accounts_row {
    int64_t id;
    const char *email;
    const char *name;
    const char *password;
    uint64_t token_epoch;
};
enum { ACCOUNTS_ID, ACCOUNTS_EMAIL, ACCOUNTS_NAME, ACCOUNTS_PASSWORD, ACCOUNTS_EPOCH };

/* Every type, required and optional. */
struct things_row {
    int64_t id;
    uint64_t big;
    const char *small, *large;
    bool flag;
    double ratio;
    const char *price;
    int64_t made;
    const char *day;
    struct gw_bytes raw;
    const char *doc;
    struct gw_opt_i64 o_int;
    struct gw_opt_u64 o_uint;
    const char *o_text;
    struct gw_opt_bool o_bool;
    struct gw_opt_f64 o_real;
    const char *o_decimal;
    struct gw_opt_i64 o_time;
    const char *o_date;
    struct gw_bytes o_blob;
    const char *o_json;
    struct gw_opt_i64 account_id;
};
enum {
    THINGS_ID,
    THINGS_BIG,
    THINGS_SMALL,
    THINGS_LARGE,
    THINGS_FLAG,
    THINGS_RATIO,
    THINGS_PRICE,
    THINGS_MADE,
    THINGS_DAY,
    THINGS_RAW,
    THINGS_DOC,
    THINGS_O_INT,
    THINGS_O_UINT,
    THINGS_O_TEXT,
    THINGS_O_BOOL,
    THINGS_O_REAL,
    THINGS_O_DECIMAL,
    THINGS_O_TIME,
    THINGS_O_DATE,
    THINGS_O_BLOB,
    THINGS_O_JSON,
    THINGS_ACCOUNT_ID
};

struct codes_row { /* a text key */
    const char *code;
    int64_t worth;
};
struct meters_row { /* a uint key that the program gives */
    uint64_t serial;
    int64_t reading;
};

extern const struct gw_table accounts_table, things_table, codes_table, meters_table;
extern const struct gw_app fixture_app;
extern const char fixture_mysql_schema[]; /* CREATE TABLE statements */

struct fixture {
    bool mysql;
    char url[256];
    char database[64];            /* of MySQL */
    char folder[SITE_FOLDER_MAX]; /* of SQLite */
    struct mariadb server;        /* of MySQL */
    bool private_server;
    struct gw_store *store;
    struct gw_conn *conn;
    struct gw_sql *sql;
    struct gw_arena arena;
    struct gw_request req;
};

void fixture_open(struct fixture *f, bool mysql, const char *name);
void fixture_close(struct fixture *f);

/* On a MariaDB server of the test's own, which it may stop and kill. */
void fixture_open_private(struct fixture *f);
struct gw_store *fixture_store(const char *url, const struct gw_store_options *options);

/* Makes it the fixture whose connection requests use. */
void fixture_use(struct fixture *f);

/* Runs SQL around the store, as an administrator would. */
void fixture_exec(struct fixture *f, const char *sql);

/* What was logged so far, one line each; and nothing more. */
const char *fixture_log(void);
void fixture_log_clear(void);
struct gw_log *fixture_log_target(void);

struct accounts_row *fixture_account(struct fixture *f, const char *email);
struct things_row fixture_thing(void); /* required members only */

int fixture_find(struct fixture *f, const char *email);   /* an account */
int fixture_insert(struct fixture *f, const char *email); /* an account; may fail */

/* Makes the text columns compare as badly as a store can be told to. */
void fixture_compare_loosely(struct fixture *f);

/* Points the fixture at another URL, or compares the schema there. */
void fixture_reopen(struct fixture *f, const char *url, const struct gw_store_options *options);
int fixture_compare(const char *url);

unsigned fixture_elapsed_ms(uint64_t since);

/* Kills the latest connection of the server; false if it was gone already. */
bool fixture_kill_connection(struct fixture *f);

static inline struct gw_value i64_value(int64_t value)
{
    return (struct gw_value){.type = GW_TYPE_INT, .as.i64 = value};
}
static inline struct gw_value u64_value(uint64_t value)
{
    return (struct gw_value){.type = GW_TYPE_UINT, .as.u64 = value};
}
static inline struct gw_value text_value(const char *value)
{
    return (struct gw_value){.type = GW_TYPE_TEXT, .as.text = value};
}

int fixture_main(int argc, char **argv); /* starts a server for all tests of the program */

#define STORE_TEST(name)                                                                           \
    static void name(struct fixture *f);                                                           \
    Test(sqlite, name)                                                                             \
    {                                                                                              \
        struct fixture fixture;                                                                    \
        fixture_open(&fixture, false, #name);                                                      \
        name(&fixture);                                                                            \
        fixture_close(&fixture);                                                                   \
    }                                                                                              \
    Test(mysql, name)                                                                              \
    {                                                                                              \
        struct fixture fixture;                                                                    \
        fixture_open(&fixture, true, #name);                                                       \
        name(&fixture);                                                                            \
        fixture_close(&fixture);                                                                   \
    }                                                                                              \
    static void name(struct fixture *f)

#endif
