/* jwt_tool: signs and verifies tokens for the scripts that compare us with other programs.
 *
 *     jwt_tool sign KEY CLAIMS        prints a token
 *     jwt_tool verify KEY TOKEN NOW   prints the claims, or the reason and exits with 1
 *     jwt_tool make ALGORITHM ID      prints a new key as JWK
 *
 * KEY is a secret, or @ and a JWK. */
#include "token/jwt.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

static int sign(const struct gw_keys *keys, struct gw_crypto *crypto, const char *text)
{
    struct gw_arena arena = {.limit = 0};
    json_t *claims = json_loads(text, 0, NULL);
    const char *token;
    int r = gw_jwt_sign(keys, crypto, claims, &arena, &token);

    if (r == 0)
        puts(token);
    json_decref(claims);
    gw_arena_free(&arena);
    return r ? 1 : 0;
}

static int verify(const struct gw_keys *keys, struct gw_crypto *crypto, const char *token,
                  const char *now)
{
    struct gw_jwt_policy policy = {.now = atoll(now)};
    enum gw_reason reason = GW_REASON_NONE;
    json_t *claims;
    int r = gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, &claims, &reason);

    if (r) {
        puts(r < 0 ? "error" : gw_reason_name(reason));
        return 1;
    }
    json_dumpf(claims, stdout, JSON_COMPACT | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(claims);
    return 0;
}

static int make(const char *algorithm, const char *id)
{
    struct gw_arena arena = {.limit = 0};
    const char *jwk;
    int r = gw_keys_generate(algorithm, id, &arena, &jwk);

    if (r == 0)
        puts(jwk);
    gw_arena_free(&arena);
    return r ? 1 : 0;
}

static int read_key(const char *text, struct gw_keys **ret, const char **ret_why)
{
    if (text[0] != '@')
        return gw_keys_from_secret(gw_str_from(text), ret, ret_why);
    if (gw_keys_new(ret) ||
        gw_keys_add_jwk(*ret, gw_str_from(text + 1), (struct gw_str){NULL, 0}, ret_why))
        return -1;
    const char *id = gw_key_id(gw_keys_at(*ret, 0));
    gw_keys_activate(*ret, gw_str_from(id ? id : ""));
    return 0;
}

int main(int argc, char **argv)
{
    struct gw_keys *keys;
    struct gw_crypto *crypto;
    const char *why = "";
    int status = 2;

    if (argc < 4)
        return status;
    if (argv[1][0] == 'm')
        return make(argv[2], argv[3]);
    if (read_key(argv[2], &keys, &why)) {
        puts(why);
        return status;
    }
    if (gw_crypto_new(&crypto) == 0) {
        status = argc == 4 ? sign(keys, crypto, argv[3]) : verify(keys, crypto, argv[3], argv[4]);
        gw_crypto_free(crypto);
    }
    gw_keys_free(keys);
    return status;
}
