/* The value of a cookie is what a second reader, written another way, finds in the header: the one
 * value of that name, or none. */
#include "fuzz.h"
#include "gatewright.h"
#include "request/cookie.h"
#include "request/request.h"

#include <string.h>

/* Splits a copy at every semicolon: how many there are, and the last value, as it was sent, in
 * `out`. */
static unsigned second_reader(const char *header, const char *name, char *out)
{
    char *copy = strdup(header), *rest = copy, *part;
    unsigned found = 0;
    MUST(copy);
    while ((part = strsep(&rest, ";"))) {
        part += strspn(part, " ");
        char *equals = strchr(part, '=');
        char *value = equals ? equals + 1 : strchr(part, 0);
        if (equals)
            *equals = 0;
        if (!*part && !equals)
            continue; /* only blanks */
        if (strcmp(part, name))
            continue;
        strcpy(out, value);
        found++;
    }
    free(copy);
    return found;
}

static void without_quotes(char *value)
{
    size_t len = strlen(value);
    if (len < 2 || value[0] != '"' || value[len - 1] != '"')
        return;
    value[len - 1] = 0;
    memmove(value, value + 1, len - 1);
}

/* The gate's cookie is found as it was sent, and no handler sees it. */
static void check_ours(struct gw_request *req, const char *header, char *expected)
{
    static const struct gw_app app = {.cookie = "__Host-s"};
    req->app = &app;
    unsigned n = second_reader(header, app.cookie, expected);
    gw_cookie_find(req);
    MUST(req->access_cookie.n == n);
    MUST(!n || (req->access_cookie.value.len == strlen(expected) &&
                !memcmp(req->access_cookie.value.ptr, expected, req->access_cookie.value.len)));
    MUST(!gw_cookie(req, app.cookie));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "sid", "", "__Host-s"};
    struct gw_arena arena = {.limit = 0};
    char *header = malloc(size + 1), *expected = malloc(size + 1);
    MUST(header && expected);
    expected[0] = 0; /* where nothing is found, nothing is read */
    size_t len = 0;  /* the gate refuses NUL before */
    for (size_t i = 0; i < size; i++)
        if (data[i])
            header[len++] = (char)data[i];
    header[len] = 0;
    struct gw_meta meta = {GW_STR("HTTP_COOKIE"), {header, len}};
    struct gw_exchange exchange = {.meta = &meta, .n_meta = 1};
    struct gw_request req = {.arena = &arena, .exchange = &exchange};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = gw_cookie(&req, names[i]);
        bool there = second_reader(header, names[i], expected) == 1;
        without_quotes(expected);
        MUST((value != NULL) == there);
        MUST(!value || !strcmp(value, expected));
    }
    check_ours(&req, header, expected);
    gw_arena_free(&arena);
    free(header);
    free(expected);
    return 0;
}
