/* The input as JWK, as JWK Set and as PEM. What is taken has an algorithm that jansson's reading of
 * it allows, and what is written of it holds nothing private and reads as the same number of keys.
 */
#include "token/keys.h"

#include "base/arena.h"
#include "fuzz.h"
#include "gatewright.h"

#include <errno.h>
#include <jansson.h>

static void check_written(const struct gw_keys *keys)
{
    static const char *const private[] = {"d", "p", "q", "dp", "dq", "qi", "k"};
    struct gw_arena arena = {.limit = 0};
    const char *text;
    size_t i, n = 0;
    json_t *one;

    MUST(gw_keys_write_jwks(keys, &arena, &text) == 0);
    json_t *tree = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    MUST(tree);
    json_array_foreach(json_object_get(tree, "keys"), i, one)
    {
        for (size_t k = 0; k < sizeof(private) / sizeof(*private); k++)
            MUST(!json_object_get(one, private[k]));
        MUST(json_object_get(one, "alg") && json_object_get(one, "kty"));
    }
    for (size_t k = 0; k < gw_keys_count(keys); k++)
        n += !gw_key_is_secret(gw_keys_at(keys, k));
    MUST(n == json_array_size(json_object_get(tree, "keys")));
    json_decref(tree);
    gw_arena_free(&arena);
}

static void check_id(const struct gw_key *key, struct gw_str text)
{
    const char *id = gw_key_id(key), *alg;
    json_t *tree = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    const char *kid = json_string_value(json_object_get(tree, "kid"));

    MUST(tree && id && strlen(id) <= GW_KEY_ID_MAX && !strpbrk(id, "/\\\"'<> "));
    MUST(strcmp(id, kid ? kid : "file") == 0);
    alg = json_string_value(json_object_get(tree, "alg"));
    MUST(!alg || strcmp(alg, gw_key_algorithm(key)) == 0);
    json_decref(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str text = {(const char *)data, size};
    struct gw_keys *keys, *set = NULL;
    const char *why = NULL;

    MUST(gw_keys_new(&keys) == 0);
    int r = gw_keys_add_jwk(keys, text, GW_STR("file"), &why);
    MUST(r == 0 || (r == -EINVAL && why));
    MUST(gw_keys_count(keys) == (r == 0));
    if (r == 0)
        check_id(gw_keys_at(keys, 0), text);
    why = NULL;
    r = gw_keys_add_pem(keys, text, GW_STR("pem"), &why);
    MUST(r == 0 || (r == -EINVAL && why));
    check_written(keys);
    gw_keys_free(keys);

    why = NULL;
    r = gw_keys_from_jwks(text, NULL, &set, &why);
    MUST(r == 0 ? set && !gw_keys_active(set) : r == -EINVAL && why);
    if (r == 0)
        check_written(set);
    gw_keys_free(set);
    return 0;
}
