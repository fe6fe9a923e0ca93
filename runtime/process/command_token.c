/* command_token.c: `PROGRAM token`: makes a token for trying things out, and explains one.
 *
 * The explanation goes the gate's own way and tells the reason that the log would have; what hangs
 * on the request or on the row (path, route, revocation) it cannot know. It never prints a
 * signature: what it prints may be pasted into a ticket. */
#include "process/command.h"

#include "base/base64.h"
#include "store/column.h"
#include "token/jwt.h"

#include <errno.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- token ENTITY KEY ----------------------------------------------------------------------- */

static const struct gw_table *find_entity(const struct gw_app *app, const char *name)
{
    for (size_t i = 0; i < app->n_entities; i++)
        if (!strcmp(app->tables[i]->name, name) || !strcmp(app->tables[i]->sql_name, name))
            return app->tables[i];
    return NULL;
}

static int create(struct gw_server *server, const struct gw_table *table, json_t *key,
                  const char **ret)
{
    struct gw_worker worker;
    if (gw_worker_open(&worker, server, 0))
        return -ENOMEM;
    int r = gw_worker_create_token(&worker, &server->arena, table->sql_name, key, NULL, ret);
    gw_worker_close(&worker);
    return r;
}

int gw_cmd_token(struct gw_server *server, char *const *args)
{
    const struct gw_table *table = find_entity(server->app, args[0]);
    if (!table) {
        fprintf(stderr, "%s is not an entity\n", args[0]);
        return 2;
    }
    int64_t number = 0;
    bool text = gw_type_is_text(table->columns[table->key].type);
    if (!text && !gw_parse_i64(gw_str_from(args[1]), &number)) {
        fprintf(stderr, "the key of %s is a number\n", args[0]);
        return 2;
    }
    const char *token;
    int r = create(server, table, text ? json_string(args[1]) : json_integer(number), &token);
    if (r == 0)
        printf("%s\n", token);
    else if (r == GW_E_NOT_FOUND)
        fprintf(stderr, "%s has no row with that key\n", args[0]);
    else
        fprintf(stderr, "the token could not be made: %s\n", strerror(r < 0 ? -r : EINVAL));
    return r ? 1 : 0;
}

/* ---- token inspect -------------------------------------------------------------------------- */

/* The token of the argument or of the first line of stdin. */
static const char *read_token(struct gw_arena *arena, const char *argument)
{
    char *line = NULL;
    size_t room = 0;
    if (argument)
        return argument;
    ssize_t n = getline(&line, &room, stdin);
    while (n > 0 && strchr(" \t\r\n", line[n - 1]))
        n--;
    const char *token = n > 0 ? gw_arena_copy(arena, line, (size_t)n) : NULL;
    free(line);
    return token;
}

/* Prints the JSON of a segment, indented, control characters escaped. */
static bool print_segment(const char *title, struct gw_str text)
{
    unsigned char *bytes = malloc(GW_BASE64URL_DECODED(text.len) + 1);
    size_t len;
    json_t *tree = bytes && gw_base64url_decode(text, bytes, &len)
                       ? json_loadb((char *)bytes, len, JSON_REJECT_DUPLICATES, NULL)
                       : NULL;
    char *shown =
        tree ? json_dumps(tree, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_ENCODE_ANY) : NULL;
    printf("%s: %s\n", title, shown ? shown : "cannot be read");
    free(shown);
    json_decref(tree);
    free(bytes);
    return tree;
}

static void print_parts(const char *token)
{
    struct gw_str rest = gw_str_from(token);
    for (int i = 0; i < 2; i++) {
        const char *dot = memchr(rest.ptr, '.', rest.len);
        size_t len = dot ? (size_t)(dot - rest.ptr) : rest.len;
        print_segment(i ? "claims" : "header", (struct gw_str){rest.ptr, len});
        if (!dot)
            return;
        rest = (struct gw_str){dot + 1, rest.len - len - 1};
    }
}

#define YEAR_9999 253402300799.0

static void print_times(const json_t *claims)
{
    static const char *const names[] = {"iat", "nbf", "exp"};
    for (size_t i = 0; i < 3; i++) {
        const json_t *claim = json_object_get(claims, names[i]);
        char text[32];
        if (!claim)
            continue;
        double seconds = json_number_value(claim);
        if (seconds > YEAR_9999) {
            printf("%s is beyond the year 9999\n", names[i]);
            continue;
        }
        gw_format_time((int64_t)seconds * 1000000, text);
        printf("%s is %s\n", names[i], text);
    }
}

/* The verdict under one set of keys. */
static int try_keys(const struct gw_server *server, struct gw_crypto *crypto,
                    const struct gw_keys *keys, const char *issuer, const char *token,
                    json_t **ret_claims, enum gw_reason *ret_reason)
{
    struct gw_jwt_policy policy = {
        .now = gw_jwt_now(),
        .leeway = (int64_t)server->config.leeway,
        .ahead = (int64_t)server->config.ahead,
        .issuer = issuer,
    };
    *ret_reason = GW_REASON_JWT_KID;
    return keys ? gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, ret_claims, ret_reason)
                : GW_E_MISMATCH;
}

static int judge(struct gw_server *server, struct gw_crypto *crypto, const struct gw_trust *trust,
                 const char *token)
{
    const char *whose = "our own keys";
    enum gw_reason reason, other;
    json_t *claims = NULL;
    int r = try_keys(server, crypto, trust->own, server->config.issuer, token, &claims, &reason);
    for (size_t i = 0; r && i < trust->n_issuers; i++) {
        const struct gw_issuer *issuer = &server->app->issuers[i];
        r = try_keys(server, crypto, trust->issuers[i], issuer->url, token, &claims, &other);
        if (r == 0)
            whose = gw_arena_printf(&server->arena, "the keys of issuer %s", issuer->name);
        else if (other != GW_REASON_JWT_KID)
            reason = other;
    }
    if (r) {
        if (r < 0)
            reason = GW_REASON_AUTH_FAILED;
        printf("verdict: refused, %s: %s\n", gw_reason_name(reason), gw_reason_text(reason));
        return 1;
    }
    print_times(claims);
    json_decref(claims);
    printf("verdict: the signature and the times are good, by %s; whether a route admits it hangs "
           "on the route and on the account's row\n",
           whose ? whose : "an issuer");
    return 0;
}

int gw_cmd_inspect(struct gw_server *server, char *const *args)
{
    const char *token = read_token(&server->arena, args[0]);
    struct gw_crypto *crypto;
    if (!token) {
        fprintf(stderr, "token inspect: no token, neither as argument nor on stdin\n");
        return 2;
    }
    if (gw_crypto_new(&crypto))
        return 1;
    struct gw_trust *trust = gw_trust_take(&server->trust);
    print_parts(token);
    int status = judge(server, crypto, trust, token);
    gw_trust_give(trust);
    gw_crypto_free(crypto);
    return status;
}
