/* The gate where something fails: a store that is away shows which refusals need no query; rows
 * that are deleted; and each allocation failing in turn. */
#include "fixture.h"

#include "base/base64.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECRET "0123456789012345678901234567890123456789"

TestSuite(gate, .init = begin, .fini = finish);
TestSuite(coercion, .init = begin, .fini = finish);

/* ---- The nth allocation fails (--wrap) ---- */

static long countdown = -1; /* negative: none does */
static bool failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

static bool fails(void)
{
    if (countdown < 0 || countdown-- > 0)
        return false;
    failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return fails() ? NULL : __real_realloc(ptr, size);
}

/* ---- The clock (--wrap) ---- */

static time_t now_is; /* 0: the real one */

int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
    int r = __real_clock_gettime(clock, ret);
    if (now_is && clock == CLOCK_REALTIME)
        ret->tv_sec = now_is;
    return r;
}

/* ---- Tokens of the test's making ---- */

static const char *token_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *token_of(const char *format, ...)
{
    static struct gw_keys *keys;
    char text[4096];
    const char *why, *token;
    va_list args;

    if (!keys)
        cr_assert_eq(gw_keys_from_secret(GW_STR(SECRET), &keys, &why), 0);
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    json_t *claims = json_loads(text, 0, NULL);
    cr_assert_not_null(claims, "%s", text);
    json_object_set_new(claims, "exp", json_integer(time(NULL) + 600));
    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
    json_decref(claims);
    return token;
}

static const char *text_of(size_t n, char c)
{
    char *text = gw_arena_alloc(&arena, n + 1);
    memset(text, c, n);
    return text;
}

/* The file is taken away before the first request: what needs a query is 503. */
static void open_without_store(void)
{
    store_is_at(gw_arena_printf(&arena, "sqlite:%s/away.db", folder));
    open_with("GW_SECRET_KEY=" SECRET, NULL);
    static const char *const files[] = {"away.db", "away.db-wal", "away.db-shm"};
    for (size_t i = 0; i < 3; i++)
        unlink(path_of(files[i]));
    cr_assert_eq(mkdir(path_of("away.db"), 0700), 0);
}

Test(gate, a_good_token_needs_the_store)
{
    open_without_store();
    cr_assert_eq(status_of("/me", token_of("{\"table_name\":\"users\",\"id\":1}")), 503);
    cr_assert_eq(status_of("/codes", token_of("{\"table_name\":\"codes\",\"code\":\"a\"}")), 503);
}

Test(gate, a_key_claim_of_another_type_is_401_without_a_query)
{
    static const char *const keys[] = {"\"1\"",      "1.0", "true",     "null", "[1]",
                                       "{\"id\":1}", "1e0", "\"1abc\"", "-1.5", "\"\"",
                                       "false",      "[]",  "{}"};
    open_without_store();
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        char claims[128];
        snprintf(claims, sizeof(claims), "{\"table_name\":\"users\",\"id\":%s}", keys[i]);
        refuses("/me", token_of("%s", claims), 401, "jwt.key");
    }
    refuses("/me", token_of("{\"table_name\":\"users\"}"), 401, "jwt.key");
    refuses("/me", token_of("{\"table_name\":\"users\",\"teacher_id\":1}"), 401, "jwt.key");
}

Test(gate, a_text_key_that_is_too_long_is_401_without_a_query)
{
    open_without_store();
    cr_assert_eq(status_of("/codes", token_of("{\"table_name\":\"codes\",\"code\":\"%s\"}",
                                              text_of(20, 'a'))),
                 503);
    refuses("/codes", token_of("{\"table_name\":\"codes\",\"code\":\"%s\"}", text_of(21, 'a')), 401,
            "jwt.key");
    refuses("/codes", token_of("{\"table_name\":\"codes\",\"code\":\"%s\"}", text_of(4000, 'a')),
            401, "jwt.key");
    refuses("/codes", token_of("{\"table_name\":\"codes\",\"code\":1}"), 401, "jwt.key");
}

Test(gate, a_table_that_is_no_entity_is_401_without_a_query)
{
    static const char *const tables[] = {
        "lessons",          "Users",    "users ",     "",
        "gw_denied_tokens", "users;--", "mysql.user", "sqlite_master"};
    open_without_store();
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        refuses("/me", token_of("{\"table_name\":\"%s\",\"id\":1}", tables[i]), 401, "jwt.table");
    refuses("/me", token_of("{\"id\":1}"), 401, "jwt.table");
    refuses("/me", token_of("{\"table_name\":[\"users\"],\"id\":1}"), 401, "jwt.table");
    refuses("/me", token_of("{\"table_name\":1,\"id\":1}"), 401, "jwt.table");
}

Test(gate, another_declared_entity_is_403_without_a_query)
{
    open_without_store();
    refuses("/me", token_of("{\"table_name\":\"teachers\",\"teacher_id\":1}"), 403, "auth.entity");
    refuses("/teach", token_of("{\"table_name\":\"users\",\"id\":1}"), 403, "auth.entity");
    cr_assert_eq(status_of("/us", token_of("{\"table_name\":\"teachers\",\"teacher_id\":1}")), 503);
}

Test(gate, an_epoch_of_another_type_is_401_without_a_query)
{
    static const char *const epochs[] = {"\"0\"", "0.0", "true", "null", "-1", "[0]"};
    open_without_store();
    for (size_t i = 0; i < sizeof(epochs) / sizeof(*epochs); i++)
        refuses("/me", token_of("{\"table_name\":\"users\",\"id\":1,\"epoch\":%s}", epochs[i]), 401,
                "jwt.epoch");
}

/* ---- Coercion: what a database would take for equal ---- */

static void expect_code(const char *claim, int status)
{
    cr_assert_eq(status_of("/codes", token_of("{\"table_name\":\"codes\",\"code\":%s}", claim)),
                 status, "%s", claim);
}

static void expect_user(const char *claim, int status)
{
    cr_assert_eq(status_of("/me", token_of("{\"table_name\":\"users\",\"id\":%s}", claim)), status,
                 "%s", claim);
}

/* User 1, the codes `admin` and `1`, and a user -1. */
static void open_with_rows(void)
{
    open_with("GW_SECRET_KEY=" SECRET, NULL);
    register_user("email=a@example.com");
    store_exec("INSERT INTO users (id, email, plan) VALUES (-1, 'minus', 'x')");
    store_exec("INSERT INTO codes VALUES ('admin'), ('1')");
    expect_user("1", 200);
    expect_user("-1", 200);
    expect_code("\"admin\"", 200);
}

/* MariaDB: id = '1abc' holds for 1. */
Test(coercion, a_number_with_letters_behind_it_is_no_number)
{
    open_with_rows();
    expect_user("\"1abc\"", 401);
    expect_user("\"1\"", 401);
    expect_code("\"1abc\"", 401);
}

/* MariaDB: id = '1e0' holds for 1; SQLite: id = 1.0 and id = ' 1 ' do. */
Test(coercion, another_spelling_of_a_number_is_another_claim)
{
    static const char *const spellings[] = {"\"1e0\"", "1.0",     "1e0",     "\" 1 \"", "\"01\"",
                                            "\"+1\"",  "\"1.0\"", "\"0x1\"", "true",    "[1]"};
    open_with_rows();
    for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++)
        expect_user(spellings[i], 401);
}

/* MariaDB: code = 0 holds for every text that does not begin with a digit. */
Test(coercion, zero_is_not_every_text)
{
    open_with_rows();
    expect_code("0", 401);
    expect_code("\"0\"", 401);
    expect_code("\"\"", 401);
    expect_code("false", 401);
    expect_code("1", 401);
    expect_user("0", 401);
}

/* `own` with 17 columns, where a path has at most 16 parameters. */
Test(gate, own_compares_more_columns_than_a_path_has_parameters)
{
    open_with("GW_SECRET_KEY=" SECRET, NULL);
    const char *token = register_user("email=a@example.com");
    cr_assert_eq(status_of("/grid/7", token), 404);
    store_exec("INSERT INTO grids (owner, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13,"
               " n14, n15, n16) VALUES (1, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7)");
    cr_assert_eq(status_of("/grid/7", token), 200);
    store_exec("UPDATE grids SET n16 = 8");
    cr_assert_eq(status_of("/grid/7", token), 404);
}

/* The schema as it must not be, changed under the running program: keys that compare loosely. */
static void compare_loosely(void)
{
    if (on_mysql())
        store_exec("ALTER TABLE codes MODIFY code VARCHAR(20) NOT NULL COLLATE utf8mb4_general_ci");
    else
        store_exec("DROP TABLE codes; CREATE TABLE codes (code TEXT NOT NULL COLLATE NOCASE PRIMARY"
                   " KEY) STRICT; INSERT INTO codes VALUES ('admin'), ('1')");
    expect_code("\"admin\"", 200);
}

Test(coercion, another_case_is_another_text)
{
    open_with_rows();
    expect_code("\"ADMIN\"", 401);
    compare_loosely();
    expect_code("\"ADMIN\"", 401);
    expect_code("\"Admin\"", 401);
    expect_code("\"\u00e1dmin\"", 401);
}

Test(coercion, a_trailing_blank_is_another_text)
{
    open_with_rows();
    expect_code("\"admin \"", 401);
    compare_loosely();
    expect_code("\"admin \"", 401);
    expect_code("\"ADMIN \"", 401);
    expect_code("\" admin\"", 401);
    expect_code("\"admin\\t\"", 401);
}

/* Read as a signed number it is -1, and there is such a row. */
Test(coercion, two_to_the_64th_less_one_is_not_minus_one)
{
    static struct gw_keys *keys;
    const char *why;
    open_with_rows();
    cr_assert_eq(gw_keys_from_secret(GW_STR(SECRET), &keys, &why), 0);
    char *token = gw_arena_alloc(&arena, 1024), *end = token;
    struct gw_str header = GW_STR("{\"alg\":\"HS256\"}");
    const char *claims = gw_arena_printf(
        &arena, "{\"table_name\":\"users\",\"id\":18446744073709551615,\"exp\":%ld}",
        (long)time(NULL) + 600);
    unsigned char mac[GW_SIGNATURE_MAX];
    size_t len;
    end += gw_base64url_encode((const unsigned char *)header.ptr, header.len, end);
    *end++ = '.';
    end += gw_base64url_encode((const unsigned char *)claims, strlen(claims), end);
    struct gw_str text = {token, (size_t)(end - token)};
    cr_assert_eq(gw_key_sign(gw_keys_active(keys), crypto, text, mac, &len), 0);
    *end++ = '.';
    end += gw_base64url_encode(mac, len, end);
    *end = 0;
    refuses("/me", token, 401, "jwt.claims");
    gw_keys_free(keys);
}

/* ---- A clock that is not set ---- */

/* An appliance that booted without the time would take every token for good. */
Test(gate, before_2025_no_token_is_looked_at)
{
    open_with("GW_SECRET_KEY=" SECRET, NULL);
    const char *token = register_user("email=a@example.com");
    cr_assert_eq(status_of("/me", token), 200);
    now_is = 1735689599; /* 2024-12-31T23:59:59Z */
    cr_assert_eq(status_of("/me", token), 503);
    cr_assert_eq(status_of("/me", "nonsense"), 503);
    cr_assert_eq(status_of("/.well-known/jwks.json", NULL), 200, "an ignored route needs no clock");
    now_is = 0;
    cr_assert_eq(status_of("/me", token), 200);
    char line[4096];
    bool told = false;
    FILE *log = fopen(path_of("log"), "r");
    while (fgets(line, sizeof(line), log))
        told |= strstr(line, " clock\n") != NULL;
    fclose(log);
    cr_assert(told, "the log says `clock`");
}

/* exp is compared with the clock of the moment, whatever happened to it in between. */
Test(gate, a_clock_that_steps_is_followed)
{
    open_with("GW_SECRET_KEY=" SECRET, NULL);
    const char *token = register_user("email=a@example.com");
    now_is = time(NULL) + 31 * 86400;
    refuses("/me", token, 401, "jwt.expired");
    now_is = time(NULL) - 86400;
    refuses("/me", token, 401, "jwt.issued_ahead");
    now_is = 0;
    cr_assert_eq(status_of("/me", token), 200);
}

/* time() is behind the clock for the first milliseconds of a second. */
Test(gate, a_token_that_another_program_issued_just_now_is_good)
{
    open_with("GW_SECRET_KEY=" SECRET, NULL);
    register_user("email=a@example.com");
    for (int i = 0; i < 3; i++) {
        struct timespec now, before;
        clock_gettime(CLOCK_REALTIME, &before);
        do
            clock_gettime(CLOCK_REALTIME, &now);
        while (now.tv_sec == before.tv_sec);
        const char *token =
            token_of("{\"table_name\":\"users\",\"id\":1,\"iat\":%ld}", (long)now.tv_sec);
        cr_assert_eq(status_of("/me", token), 200, "%s", last_reason());
    }
}

/* ---- Rows that are gone ---- */

Test(gate, a_deleted_row_is_answered_as_a_bad_signature_is)
{
    open_with("GW_SECRET_KEY=" SECRET, NULL);
    const char *token = register_user("email=gone@example.com");
    cr_assert_eq(status_of("/me", token), 200);
    cr_assert_eq(call("POST", "/leave", token).status, 204);
    refuses("/me", token, 401, "jwt.row");
    struct gw_test_reply gone = call("GET", "/me", token);
    json_t *body = json_loads(gone.body, 0, NULL);
    const char *headers = gw_arena_copy(&arena, gone.headers, strlen(gone.headers));
    char *bad = gw_arena_copy(&arena, token, strlen(token));
    bad[strlen(bad) - 5] = bad[strlen(bad) - 5] == 'A' ? 'B' : 'A';
    struct gw_test_reply forged = call("GET", "/me", bad);
    json_t *other = json_loads(forged.body, 0, NULL);
    cr_assert_str_eq(last_reason(), "jwt.signature");
    json_object_del(body, "instance");
    json_object_del(other, "instance");
    cr_assert(json_equal(body, other), "%s", forged.body);
    cr_assert_eq(strlen(forged.headers), strlen(headers));
    json_decref(body);
    json_decref(other);
}

/* ---- Memory that fails ---- */

/* The same request while each allocation of it fails in turn. `good`: what it is without that. */
static void torture(const char *target, const char *token, int good)
{
    long n = 0;

    cr_assert_eq(status_of(target, token), good);
    do {
        struct gw_test_call one = {.method = "GET", .target = target, .token = token};
        struct gw_test_reply reply;
        failed = false;
        countdown = n++;
        int r = gw_test_request(test, &one, &reply);
        countdown = -1;
        cr_assert(r || reply.status == good ||
                      (failed && (reply.status == 500 || reply.status == 503)) ||
                      (failed && reply.status == 401),
                  "%s: the %ldth fails: %d", target, n, reply.status);
        cr_assert_lt(n, 5000);
    } while (failed);
    cr_assert_gt(n, 1);
    cr_assert_eq(status_of(target, token), good, "and afterwards as ever");
}

Test(gate, lets_nobody_in_when_memory_fails)
{
    open_with("GW_SECRET_KEY=" SECRET, "GW_DENY_LIST=on", "GW_LOG=quiet", NULL);
    const char *token = register_user("email=a@example.com");
    char *bad = gw_arena_copy(&arena, token, strlen(token));
    bad[strlen(bad) - 5] = bad[strlen(bad) - 5] == 'A' ? 'B' : 'A';
    torture("/me", token, 200);
    torture("/renew", token, 200);
    torture("/scoped", token, 403);
    torture("/teach", token, 403);
    torture("/me", bad, 401);
    torture("/me", NULL, 401);
    cr_assert_eq(call("POST", "/deny", token).status, 204);
    torture("/me", token, 401);
}
