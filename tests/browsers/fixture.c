/* fixture.c: see fixture.h. */
#include "fixture.h"

#include "../e2e/forge.h"
#include "site.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct gw_test *test;
struct gw_test_reply reply;
const char *ann;
static char folder[SITE_FOLDER_MAX], log_file[SITE_PATH_MAX], store[SITE_PATH_MAX];

#define KEPT_MAX 4096
static char *kept[KEPT_MAX];
static size_t n_kept;

static const char *keep(char *text)
{
    cr_assert_lt(n_kept, KEPT_MAX);
    return kept[n_kept++] = text;
}

static const char *joined(const char *before, const char *value)
{
    char *text;
    cr_assert_gt(asprintf(&text, "%s%s", before, value), 0);
    return keep(text);
}

void store_exec(const char *sql)
{
    cr_assert(site_sqlite(store, sql));
}

void begin_at(const char *mount)
{
    cr_assert(site_folder(folder));
    site_path(folder, "log", log_file);
    site_path(folder, "store.db", store);
    const char *const settings[] = {
        joined("GW_LOG=text:", log_file),
        joined("GW_DATABASE_URL=sqlite:", store),
        joined("GW_MOUNT=", mount),
        "GW_ORIGIN=" OURS ",https://second.test:8443",
        "GW_SECRET_KEY=" SECRET,
        "GW_TRUSTED_PROXIES=127.0.0.1,10.0.0.0/8,2001:db8:ff::/48",
        NULL,
    };
    cr_assert_eq(gw_test_open(settings, NULL, &test), 0);
    store_exec("INSERT INTO users (id, email, role, disabled, epoch) VALUES "
               "(1, 'ann@school.test', 'reader', 0, 0), (2, 'bob@school.test', 'editor', 0, 0)");
    store_exec("INSERT INTO devices (id) VALUES (1)");
    store_exec("INSERT INTO notes (id, owner, title) VALUES (1, 1, 'Ann''s'), (2, 2, 'Bob''s')");
    ann = token_of(1, 600);
}

void begin(void)
{
    begin_at("");
}

void finish(void)
{
    gw_test_close(test);
    test = NULL;
    while (n_kept)
        free(kept[--n_kept]);
    site_remove(folder);
}

static int run(const char *method, const char *target, const char *type, const char *body,
               va_list args)
{
    const char *headers[24];
    size_t n = 0;
    struct gw_test_call call = {.method = method, .target = target, .body = body};
    call.content_type = !type                   ? NULL
                        : !strcmp(type, "json") ? "application/json"
                        : !strcmp(type, "form") ? "application/x-www-form-urlencoded"
                                                : type;
    while ((headers[n] = va_arg(args, const char *)))
        n++;
    call.headers = headers;
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    return reply.status;
}

int ask(const char *method, const char *target, ...)
{
    va_list args;
    va_start(args, target);
    int status = run(method, target, NULL, NULL, args);
    va_end(args);
    return status;
}

int send(const char *method, const char *target, const char *type, const char *body, ...)
{
    va_list args;
    va_start(args, body);
    int status = run(method, target, type, body, args);
    va_end(args);
    return status;
}

const char *cookie(const char *token)
{
    return joined("Cookie: __Host-school=", token);
}

const char *bearer(const char *token)
{
    return joined("Authorization: Bearer ", token);
}

const char *token_of(int id, long seconds)
{
    char claims[128];
    snprintf(claims, sizeof(claims), "{\"table_name\":\"users\",\"id\":%d,\"exp\":%ld}", id,
             (long)time(NULL) + seconds);
    return keep(forge("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims, SECRET));
}

bool has(const char *header)
{
    const char *at = strstr(reply.headers, header);
    return at && (at == reply.headers || at[-1] == '\n') &&
           !strncmp(at + strlen(header), "\r\n", 2);
}

bool ends_cookie(void)
{
    return has("Set-Cookie: __Host-school=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly; Secure");
}

const char *last_reason(void)
{
    static char line[1024], reason[64];
    FILE *file = fopen(log_file, "r");
    cr_assert_not_null(file);
    reason[0] = 0;
    while (fgets(line, sizeof(line), file)) {
        const char *word = strrchr(line, ' ');
        if (word)
            snprintf(reason, sizeof(reason), "%.*s", (int)strcspn(word + 1, "\n"), word + 1);
    }
    fclose(file);
    return reason;
}
