/* fixture.c: see fixture.h. */
#include "fixture.h"

#include "mariadb.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char folder[SITE_FOLDER_MAX];
struct gw_arena arena;
struct gw_crypto *crypto;
struct gw_test *test;
static const char *url; /* of the store */

char *path_of(const char *name)
{
    return gw_arena_printf(&arena, "%s/%s", folder, name);
}

void write_text(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

/* A database of the test's own, on the server that main has started. */
static void make_database(void)
{
    struct mariadb server;
    const char *schema = site_schema(getenv("TESTS_SCHEMA"));
    const char *name = gw_arena_printf(&arena, "tokens_%d", (int)getpid());

    cr_assert_not_null(schema);
    cr_assert(mariadb_published(&server), "no MariaDB server");
    cr_assert(mariadb_exec(&server, NULL, gw_arena_printf(&arena, "CREATE DATABASE %s", name)));
    cr_assert(mariadb_exec(&server, name, schema));
    /* As the manual says. */
    cr_assert(mariadb_exec(
        &server, name,
        "CREATE TABLE gw_denied_tokens ("
        "jti VARCHAR(64) NOT NULL PRIMARY KEY, expires BIGINT NOT NULL, INDEX (expires)) "
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"));
    url = gw_arena_printf(&arena, "mysql://root@/%s?socket=%s", name, server.socket);
}

bool on_mysql(void)
{
    const char *store = getenv("TESTS_STORE");
    return store && !strcmp(store, "mysql");
}

void begin(void)
{
    cr_assert(site_folder(folder));
    cr_assert_eq(gw_crypto_new(&crypto), 0);
    if (on_mysql())
        make_database();
    else
        url = gw_arena_printf(&arena, "sqlite:%s/store.db", folder);
}

void finish(void)
{
    gw_test_close(test);
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
    site_remove(folder);
}

void store_exec(const char *sql)
{
    struct mariadb server;

    if (on_mysql()) {
        const char *name = gw_arena_printf(&arena, "tokens_%d", (int)getpid());
        cr_assert(mariadb_published(&server) && mariadb_exec(&server, name, sql));
        return;
    }
    cr_assert(site_sqlite(path_of("store.db"), sql));
}

const char *store_setting(void)
{
    return gw_arena_printf(&arena, "GW_DATABASE_URL=%s", url);
}

void store_is_at(const char *other)
{
    url = other;
}

/* Opens the program; further settings end with NULL. */
void open_with(const char *first, ...)
{
    const char *settings[16] = {
        store_setting(),
        gw_arena_printf(&arena, "GW_LOG=text:%s/log", folder),
        gw_arena_printf(&arena, "GW_ISSUERS_DIR=%s", folder),
        first,
    };
    va_list args;
    va_start(args, first);
    for (size_t n = 4; first && (settings[n] = va_arg(args, const char *)); n++)
        ;
    va_end(args);
    cr_assert_eq(gw_test_open(settings, NULL, &test), 0);
}

struct gw_test_reply call(const char *method, const char *target, const char *token)
{
    struct gw_test_reply reply;
    struct gw_test_call one = {.method = method, .target = target, .token = token};
    cr_assert_eq(gw_test_request(test, &one, &reply), 0);
    return reply;
}

int status_of(const char *target, const char *token)
{
    return call("GET", target, token).status;
}

/* The log's last reason: the last word of a line that ends in one. */
const char *last_reason(void)
{
    static char line[4096], reason[64];
    FILE *file = fopen(path_of("log"), "r");
    cr_assert_not_null(file);
    reason[0] = 0;
    while (fgets(line, sizeof(line), file)) {
        const char *word = strrchr(line, ' ');
        if (word && (!strncmp(word + 1, "jwt.", 4) || !strncmp(word + 1, "auth.", 5)))
            snprintf(reason, sizeof(reason), "%.*s", (int)strcspn(word + 1, "\n"), word + 1);
    }
    fclose(file);
    return reason;
}

void refuses(const char *target, const char *token, int status, const char *reason)
{
    struct gw_test_reply reply = call("GET", target, token);
    cr_assert_eq(reply.status, status, "%s: %d, not %d", reason, reply.status, status);
    if (status == 401)
        cr_assert_not_null(
            strstr(reply.headers, "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"));
    cr_assert_str_eq(last_reason(), reason);
}

const char *member(const char *body, const char *name)
{
    json_t *tree = json_loads(body, 0, NULL);
    const char *text = json_string_value(json_object_get(tree, name));
    const char *copy = text ? gw_arena_copy(&arena, text, strlen(text)) : NULL;
    json_decref(tree);
    return copy;
}

/* Registers an account; its token. */
const char *register_user(const char *query)
{
    struct gw_test_reply reply = call("POST", gw_arena_printf(&arena, "/new/pro?%s", query), NULL);
    cr_assert_eq(reply.status, 200, "%s", reply.body);
    return member(reply.body, "token");
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, on_mysql());
}
