/* store_fixture.c: see store_fixture.h. */
#include "store_fixture.h"

#include "base/clock.h"
#include "base/log.h"
#include "process/drivers.h"
#include "site.h"

#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define A(member) offsetof(struct accounts_row, member)
#define T(member) offsetof(struct things_row, member)

static const struct gw_column accounts_columns[] = {
    {.name = "id", .type = GW_TYPE_INT, .flags = GW_COL_KEY | GW_COL_AUTO, .offset = A(id)},
    {.name = "email", .type = GW_TYPE_TEXT, .flags = GW_COL_UNIQUE, .max = 255, .offset = A(email)},
    {.name = "name", .type = GW_TYPE_TEXT, .max = 100, .offset = A(name)},
    {.name = "password",
     .type = GW_TYPE_TEXT,
     .flags = GW_COL_SECRET,
     .max = 255,
     .offset = A(password)},
    {.name = "token_epoch",
     .type = GW_TYPE_UINT,
     .flags = GW_COL_REVOKES,
     .offset = A(token_epoch)},
};
#define ACCOUNTS_MYSQL                                                                             \
    "(id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255) NOT NULL UNIQUE,"          \
    " name VARCHAR(100) NOT NULL, password VARCHAR(255) NOT NULL,"                                 \
    " token_epoch BIGINT UNSIGNED NOT NULL DEFAULT 0) DEFAULT CHARACTER SET utf8mb4 COLLATE "
static const struct gw_definition accounts_definitions[] = {
    {"BIGINT", " NOT NULL AUTO_INCREMENT", "INTEGER"},
    {"VARCHAR(255)", " NOT NULL", "TEXT"},
    {"VARCHAR(100)", " NOT NULL", "TEXT"},
    {"VARCHAR(255)", " NOT NULL", "TEXT"},
    {"BIGINT UNSIGNED", " NOT NULL DEFAULT 0", "INTEGER"},
};
const struct gw_table accounts_table = {
    .name = "accounts",
    .sql_name = "accounts",
    .columns = accounts_columns,
    .n_columns = 5,
    .row_size = sizeof(struct accounts_row),
    .key = 0,
    .revokes = 4,
    .entity = 0,
    .key_claim = "id",
    .definitions = accounts_definitions,
    .mysql = ACCOUNTS_MYSQL,
    .sqlite = "(id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,"
              " email TEXT NOT NULL UNIQUE CHECK (length(email) <= 255),"
              " name TEXT NOT NULL CHECK (length(name) <= 100),"
              " password TEXT NOT NULL CHECK (length(password) <= 255),"
              " token_epoch INTEGER NOT NULL DEFAULT 0 CHECK (token_epoch >= 0)) STRICT",
};

static const struct gw_column things_columns[] = {
    {.name = "id", .type = GW_TYPE_INT, .flags = GW_COL_KEY | GW_COL_AUTO, .offset = T(id)},
    {.name = "big", .type = GW_TYPE_UINT, .offset = T(big)},
    {.name = "small", .type = GW_TYPE_TEXT, .max = 10, .offset = T(small)},
    {.name = "large", .type = GW_TYPE_TEXT, .offset = T(large)},
    {.name = "flag", .type = GW_TYPE_BOOL, .offset = T(flag)},
    {.name = "ratio", .type = GW_TYPE_REAL, .offset = T(ratio)},
    {.name = "price", .type = GW_TYPE_DECIMAL, .precision = 10, .scale = 2, .offset = T(price)},
    {.name = "made", .type = GW_TYPE_TIME, .offset = T(made)},
    {.name = "day", .type = GW_TYPE_DATE, .offset = T(day)},
    {.name = "raw", .type = GW_TYPE_BLOB, .max = 100, .offset = T(raw)},
    {.name = "doc", .type = GW_TYPE_JSON, .offset = T(doc)},
    {.name = "o_int", .type = GW_TYPE_INT, .flags = GW_COL_OPTIONAL, .offset = T(o_int)},
    {.name = "o_uint", .type = GW_TYPE_UINT, .flags = GW_COL_OPTIONAL, .offset = T(o_uint)},
    {.name = "o_text", .type = GW_TYPE_TEXT, .flags = GW_COL_OPTIONAL, .offset = T(o_text)},
    {.name = "o_bool", .type = GW_TYPE_BOOL, .flags = GW_COL_OPTIONAL, .offset = T(o_bool)},
    {.name = "o_real", .type = GW_TYPE_REAL, .flags = GW_COL_OPTIONAL, .offset = T(o_real)},
    {.name = "o_decimal",
     .type = GW_TYPE_DECIMAL,
     .flags = GW_COL_OPTIONAL,
     .precision = 10,
     .scale = 2,
     .offset = T(o_decimal)},
    {.name = "o_time", .type = GW_TYPE_TIME, .flags = GW_COL_OPTIONAL, .offset = T(o_time)},
    {.name = "o_date", .type = GW_TYPE_DATE, .flags = GW_COL_OPTIONAL, .offset = T(o_date)},
    {.name = "o_blob", .type = GW_TYPE_BLOB, .flags = GW_COL_OPTIONAL, .offset = T(o_blob)},
    {.name = "o_json", .type = GW_TYPE_JSON, .flags = GW_COL_OPTIONAL, .offset = T(o_json)},
    {.name = "account_id",
     .type = GW_TYPE_INT,
     .flags = GW_COL_OPTIONAL,
     .offset = T(account_id),
     .references = &accounts_table},
};
#define THINGS_MYSQL                                                                               \
    "(id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"                                              \
    " big BIGINT UNSIGNED NOT NULL, small VARCHAR(10) NOT NULL, large LONGTEXT NOT NULL,"          \
    " flag BOOLEAN NOT NULL, ratio DOUBLE NOT NULL, price DECIMAL(10,2) NOT NULL,"                 \
    " made DATETIME(6) NOT NULL, day DATE NOT NULL, raw VARBINARY(100) NOT NULL,"                  \
    " doc JSON NOT NULL, o_int BIGINT, o_uint BIGINT UNSIGNED, o_text LONGTEXT, o_bool BOOLEAN,"   \
    " o_real DOUBLE, o_decimal DECIMAL(10,2), o_time DATETIME(6), o_date DATE, o_blob LONGBLOB,"   \
    " o_json JSON, account_id BIGINT, FOREIGN KEY (account_id) REFERENCES accounts (id))"          \
    " DEFAULT CHARACTER SET utf8mb4 COLLATE "
static const struct gw_definition things_definitions[] = {
    {"BIGINT", " NOT NULL AUTO_INCREMENT", "INTEGER"},
    {"BIGINT UNSIGNED", " NOT NULL", "INTEGER"},
    {"VARCHAR(10)", " NOT NULL", "TEXT"},
    {"LONGTEXT", " NOT NULL", "TEXT"},
    {"TINYINT(1)", " NOT NULL", "INTEGER"},
    {"DOUBLE", " NOT NULL", "REAL"},
    {"DECIMAL(10,2)", " NOT NULL", "TEXT"},
    {"DATETIME(6)", " NOT NULL", "INTEGER"},
    {"DATE", " NOT NULL", "TEXT"},
    {"VARBINARY(100)", " NOT NULL", "BLOB"},
    {"JSON", " NOT NULL", "TEXT"},
    {"BIGINT", "", "INTEGER"},
    {"BIGINT UNSIGNED", "", "INTEGER"},
    {"LONGTEXT", "", "TEXT"},
    {"TINYINT(1)", "", "INTEGER"},
    {"DOUBLE", "", "REAL"},
    {"DECIMAL(10,2)", "", "TEXT"},
    {"DATETIME(6)", "", "INTEGER"},
    {"DATE", "", "TEXT"},
    {"LONGBLOB", "", "BLOB"},
    {"JSON", "", "TEXT"},
    {"BIGINT", "", "INTEGER"},
};
const struct gw_table things_table = {
    .name = "things",
    .sql_name = "the things", /* a name that needs its quotes */
    .columns = things_columns,
    .n_columns = sizeof(things_columns) / sizeof(things_columns[0]),
    .row_size = sizeof(struct things_row),
    .key = 0,
    .revokes = -1,
    .entity = -1,
    .definitions = things_definitions,
    .mysql = THINGS_MYSQL,
    .sqlite =
        "(id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, big INTEGER NOT NULL CHECK (big >= 0),"
        " small TEXT NOT NULL CHECK (length(small) <= 10), large TEXT NOT NULL,"
        " flag INTEGER NOT NULL CHECK (flag IN (0, 1)), ratio REAL NOT NULL, price TEXT NOT NULL,"
        " made INTEGER NOT NULL, day TEXT NOT NULL,"
        " raw BLOB NOT NULL CHECK (length(raw) <= 100), doc TEXT NOT NULL, o_int INTEGER,"
        " o_uint INTEGER CHECK (o_uint >= 0), o_text TEXT, o_bool INTEGER CHECK (o_bool IN (0, 1)),"
        " o_real REAL, o_decimal TEXT, o_time INTEGER, o_date TEXT, o_blob BLOB, o_json TEXT,"
        " account_id INTEGER REFERENCES \"accounts\" (\"id\")) STRICT",
    .sqlite_indexes = "CREATE INDEX IF NOT EXISTS \"the things(account_id)\" ON \"the things\""
                      " (\"account_id\");",
};

static const struct gw_column codes_columns[] = {
    {.name = "code",
     .type = GW_TYPE_TEXT,
     .flags = GW_COL_KEY,
     .max = 20,
     .offset = offsetof(struct codes_row, code)},
    {.name = "worth", .type = GW_TYPE_INT, .offset = offsetof(struct codes_row, worth)},
};
#define CODES_MYSQL                                                                                \
    "(code VARCHAR(20) NOT NULL PRIMARY KEY, worth BIGINT NOT NULL)"                               \
    " DEFAULT CHARACTER SET utf8mb4 COLLATE "
static const struct gw_definition codes_definitions[] = {
    {"VARCHAR(20)", " NOT NULL", "TEXT"},
    {"BIGINT", " NOT NULL", "INTEGER"},
};
const struct gw_table codes_table = {
    .name = "codes",
    .sql_name = "codes",
    .columns = codes_columns,
    .n_columns = 2,
    .row_size = sizeof(struct codes_row),
    .key = 0,
    .revokes = -1,
    .entity = -1,
    .definitions = codes_definitions,
    .mysql = CODES_MYSQL,
    .sqlite = "(code TEXT NOT NULL PRIMARY KEY CHECK (length(code) <= 20), worth INTEGER NOT NULL) "
              "STRICT",
};

static const struct gw_column meters_columns[] = {
    {.name = "serial",
     .type = GW_TYPE_UINT,
     .flags = GW_COL_KEY,
     .offset = offsetof(struct meters_row, serial)},
    {.name = "reading", .type = GW_TYPE_INT, .offset = offsetof(struct meters_row, reading)},
};
#define METERS_MYSQL                                                                               \
    "(serial BIGINT UNSIGNED NOT NULL PRIMARY KEY, reading BIGINT NOT NULL)"                       \
    " DEFAULT CHARACTER SET utf8mb4 COLLATE "
static const struct gw_definition meters_definitions[] = {
    {"BIGINT UNSIGNED", " NOT NULL", "INTEGER"},
    {"BIGINT", " NOT NULL", "INTEGER"},
};
const struct gw_table meters_table = {
    .name = "meters",
    .sql_name = "meters",
    .columns = meters_columns,
    .n_columns = 2,
    .row_size = sizeof(struct meters_row),
    .key = 0,
    .revokes = -1,
    .entity = -1,
    .definitions = meters_definitions,
    .mysql = METERS_MYSQL,
    .sqlite = "(serial INTEGER NOT NULL PRIMARY KEY CHECK (serial >= 0), reading INTEGER NOT NULL) "
              "STRICT",
};

static const struct gw_table *const tables[] = {&accounts_table, &things_table, &codes_table,
                                                &meters_table};
const struct gw_app fixture_app = {
    .source = "routes.def",
    .prefix = "",
    .tables = tables,
    .n_tables = 4,
    .n_entities = 1,
};

#define COLLATION "utf8mb4_nopad_bin;"
const char fixture_mysql_schema[] =
    "CREATE TABLE accounts " ACCOUNTS_MYSQL COLLATION
    "CREATE TABLE `the things` " THINGS_MYSQL COLLATION "CREATE TABLE codes " CODES_MYSQL COLLATION
    "CREATE TABLE meters " METERS_MYSQL COLLATION;

/* ---- The log ----------------------------------------------------------------------------- */

struct gw_log {
    char text[16384];
    size_t len;
};
static struct gw_log recorded;

static void record(struct gw_log *log, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void record(struct gw_log *log, const char *format, va_list args)
{
    size_t room = sizeof(log->text) - log->len;
    int n = vsnprintf(log->text + log->len, room, format, args);

    if (n < 0 || (size_t)n + 2 > room)
        return;
    log->len += (size_t)n;
    log->text[log->len++] = '\n';
    log->text[log->len] = '\0';
}

void gw_log_line(struct gw_log *log, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    record(log, format, args);
    va_end(args);
}

void gw_log(struct gw_request *req, const char *format, ...)
{
    va_list args;

    (void)req;
    va_start(args, format);
    record(&recorded, format, args);
    va_end(args);
}

const char *fixture_log(void)
{
    return recorded.text;
}

void fixture_log_clear(void)
{
    recorded.len = 0;
    recorded.text[0] = '\0';
}

struct gw_log *fixture_log_target(void)
{
    return &recorded;
}

/* ---- Requests ---------------------------------------------------------------------------- */

static struct fixture *current;

struct gw_conn *gw_request_conn(struct gw_request *req)
{
    (void)req;
    return current->conn;
}

const struct gw_sql *gw_request_sql(struct gw_request *req)
{
    (void)req;
    return current->sql;
}

/* ---- Stores ------------------------------------------------------------------------------ */

struct gw_store *fixture_store(const char *url, const struct gw_store_options *options)
{
    struct gw_store_options chosen = options ? *options : (struct gw_store_options){0};
    struct gw_arena arena = {0};
    struct gw_store *store = NULL;
    const char *why = "";

    chosen.log = &recorded;
    cr_assert_eq(gw_store_new(gw_store_schemes, url, &chosen, &arena, &store, &why), 0, "%s: %s",
                 url, why);
    gw_arena_free(&arena);
    return store;
}

static void open_mysql(struct fixture *f, const char *name)
{
    char sql[256];

    if (!f->private_server)
        cr_assert(mariadb_published(&f->server), "no MariaDB server");
    snprintf(f->database, sizeof(f->database), "%s", name);
    snprintf(sql, sizeof(sql), "CREATE OR REPLACE DATABASE `%s` CHARACTER SET utf8mb4", name);
    cr_assert(mariadb_exec(&f->server, NULL, sql));
    cr_assert(mariadb_exec(&f->server, f->database, fixture_mysql_schema));
    snprintf(f->url, sizeof(f->url), "mysql://root@127.0.0.1:%u/%s", f->server.port, f->database);
    f->store = fixture_store(f->url, NULL);
}

static void open_sqlite(struct fixture *f)
{
    cr_assert(site_folder(f->folder));
    snprintf(f->url, sizeof(f->url), "sqlite:%s/test.db", f->folder);
    f->store = fixture_store(f->url, NULL);
    cr_assert_eq(gw_store_create(f->store, &fixture_app), 0);
}

void fixture_use(struct fixture *f)
{
    f->req.arena = &f->arena;
    current = f;
}

static void open_conn(struct fixture *f)
{
    cr_assert_eq(gw_conn_new(f->store, &f->conn), 0);
    cr_assert_eq(gw_sql_new(&fixture_app, f->store->driver->seconds, &f->sql), 0);
    fixture_use(f);
    fixture_log_clear();
}

void fixture_open(struct fixture *f, bool mysql, const char *name)
{
    memset(f, 0, sizeof(*f));
    f->mysql = mysql;
    if (mysql)
        open_mysql(f, name);
    else
        open_sqlite(f);
    open_conn(f);
}

void fixture_open_private(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    f->mysql = f->private_server = true;
    cr_assert(mariadb_start(&f->server));
    open_mysql(f, "school");
    open_conn(f);
}

void fixture_close(struct fixture *f)
{
    gw_sql_free(f->sql);
    gw_conn_free(f->conn);
    gw_store_free(f->store);
    gw_arena_free(&f->arena);
    if (f->private_server) {
        mariadb_remove(&f->server);
    } else if (f->mysql) {
        char sql[128];

        snprintf(sql, sizeof(sql), "DROP DATABASE `%s`", f->database);
        mariadb_exec(&f->server, NULL, sql);
    } else {
        site_remove(f->folder);
    }
}

void fixture_exec(struct fixture *f, const char *sql)
{
    if (f->mysql)
        cr_assert(mariadb_exec(&f->server, f->database, sql));
    else
        cr_assert(site_sqlite(f->url + strlen("sqlite:"), sql));
}

struct accounts_row *fixture_account(struct fixture *f, const char *email)
{
    struct accounts_row *row = gw_arena_alloc(&f->arena, sizeof(*row));

    *row = (struct accounts_row){.email = email, .name = "N", .password = "hash"};
    cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, row, NULL), 0);
    return row;
}

struct things_row fixture_thing(void)
{
    return (struct things_row){
        .small = "s",
        .large = "l",
        .price = "0.00",
        .day = "2026-01-31",
        .raw = {"", 0},
        .doc = "{}",
    };
}

/* ---- Steps that several programs of tests take -------------------------------------------- */

void fixture_compare_loosely(struct fixture *f)
{
    if (f->mysql) {
        fixture_exec(f, "ALTER TABLE accounts MODIFY email VARCHAR(255) NOT NULL"
                        " COLLATE utf8mb4_general_ci");
        fixture_exec(f, "ALTER TABLE codes MODIFY code VARCHAR(20) NOT NULL"
                        " COLLATE utf8mb4_general_ci");
        return;
    }
    fixture_exec(f, "DROP TABLE accounts; DROP TABLE codes;"
                    "CREATE TABLE accounts (id INTEGER PRIMARY KEY AUTOINCREMENT,"
                    " email TEXT NOT NULL COLLATE NOCASE UNIQUE, name TEXT NOT NULL,"
                    " password TEXT NOT NULL, token_epoch INTEGER NOT NULL);"
                    "CREATE TABLE codes (code TEXT COLLATE NOCASE PRIMARY KEY,"
                    " worth INTEGER NOT NULL)");
}

unsigned fixture_elapsed_ms(uint64_t since)
{
    return (unsigned)((gw_now_ns() - since) / 1000000);
}

int fixture_find(struct fixture *f, const char *email)
{
    struct gw_value value = text_value(email);
    const void *row;

    return gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &value, &row);
}

int fixture_insert(struct fixture *f, const char *email)
{
    struct accounts_row row = {.email = email, .name = "N", .password = "h"};

    return gw_entity_insert(&f->req, &accounts_table, &row, NULL);
}

static void ignore(void *data, const char *line)
{
    (void)data;
    (void)line;
}

void fixture_reopen(struct fixture *f, const char *url, const struct gw_store_options *options)
{
    gw_conn_free(f->conn);
    gw_store_free(f->store);
    f->store = fixture_store(url, options);
    cr_assert_eq(gw_conn_new(f->store, &f->conn), 0);
}

int fixture_compare(const char *url)
{
    struct gw_store *store = fixture_store(url, NULL);
    int r = gw_store_compare(store, &fixture_app, ignore, NULL);

    gw_store_free(store);
    return r;
}

bool fixture_kill_connection(struct fixture *f)
{
    long id = mariadb_number(&f->server,
                             "SELECT MAX(ID) FROM information_schema.PROCESSLIST"
                             " WHERE ID <> CONNECTION_ID() AND USER = 'root'",
                             0);
    char sql[64];

    snprintf(sql, sizeof(sql), "KILL %ld", id);
    return mariadb_exec(&f->server, NULL, sql);
}

int fixture_main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
