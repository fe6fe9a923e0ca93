/* The gate in memory: an outside issuer's tokens, the deny-list, keys of a folder, scopes, links.
 * Each test opens its own program on its own store. */
#include "fixture.h"
#include "tokens.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

TestSuite(tokens, .init = begin, .fini = finish);

/* ---- Issuers ---- */

/* An identity provider: a key, and its published set as `file`. */
static struct gw_keys *provider(const char *algorithm, const char *id, const char *file)
{
    const char *jwk, *jwks, *why = "";
    struct gw_keys *keys;
    cr_assert_eq(gw_keys_generate(algorithm, id, &arena, &jwk), 0);
    cr_assert_eq(gw_keys_new(&keys), 0);
    cr_assert_eq(gw_keys_add_jwk(keys, gw_str_from(jwk), (struct gw_str){NULL, 0}, &why), 0, "%s",
                 why);
    cr_assert(gw_keys_activate(keys, gw_str_from(id)));
    cr_assert_eq(gw_keys_write_jwks(keys, &arena, &jwks), 0);
    if (file)
        write_text(file, jwks);
    return keys;
}

/* An ID token with those claims, `changes` put over them (consumed). */
static const char *issue(const struct gw_keys *keys, json_t *changes)
{
    json_int_t now = time(NULL);
    json_t *claims =
        json_pack("{s:s, s:s, s:s, s:b, s:s, s:I, s:I}", "iss", "https://accounts.example", "aud",
                  "client-1", "email", "A@Example.com", "email_verified", 1, "sub", "subject-7",
                  "exp", now + 600, "iat", now);
    const char *token, *name;
    json_t *value;
    json_object_foreach(changes, name, value)
    {
        if (json_is_null(value))
            json_object_del(claims, name);
        else
            json_object_set(claims, name, value);
    }
    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
    json_decref(claims);
    json_decref(changes);
    return token;
}

static const char *read_log(void)
{
    static char text[16384];
    FILE *file = fopen(path_of("log"), "r");
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    fclose(file);
    return text;
}

Test(tokens, of_an_issuer_load_the_row_that_they_name)
{
    static const char *const algorithms[] = {"RS256", "ES256", "PS384", "EdDSA"};
    for (size_t i = 0; i < 4; i++) {
        struct gw_keys *google = provider(algorithms[i], "g1", "google.jwks.json");
        open_with(NULL);
        register_user(gw_arena_printf(&arena, "email=b%zu@example.com", i));
        if (i == 0)
            register_user("email=a@example.com");
        const char *token = issue(google, NULL);
        struct gw_test_reply reply = call("GET", "/me", token);
        cr_assert_eq(reply.status, 200, "%s: %s", algorithms[i], last_reason());
        cr_assert_str_eq(member(reply.body, "email"), "a@example.com");
        cr_assert_eq(status_of("/me", token), 200, "the second time it is known");
        gw_test_close(test);
        test = NULL;
        gw_keys_free(google);
    }
}

Test(tokens, of_ours_name_our_audience_exactly_as_text_or_list)
{
    static const char secret[] = "0123456789012345678901234567890123456789";
    static const struct {
        const char *aud, *reason; /* NULL: it is let in */
    } cases[] = {
        {"\"school\"", NULL},
        {"[\"x\",\"school\"]", NULL},
        {"\"schools\"", "jwt.audience"},
        {"\"schoo\"", "jwt.audience"},
        {"[]", "jwt.audience"},
        {"[\"x\"]", "jwt.audience"},
        {NULL, "jwt.audience"},
        {"[\"school\",7]", "jwt.claims"},
        {"{\"school\":1}", "jwt.claims"},
        {"null", "jwt.claims"},
    };
    struct gw_keys *keys;
    json_t *claims;
    enum gw_reason reason;
    const char *why, *token;
    open_with(gw_arena_printf(&arena, "GW_SECRET_KEY=%s", secret), "GW_AUDIENCE=school", NULL);
    cr_assert_eq(gw_keys_from_secret(gw_str_from(secret), &keys, &why), 0);
    token = register_user("email=a@example.com");
    struct gw_jwt_policy policy = {.now = time(NULL) + 1}; /* time() is behind for a moment */
    cr_assert_eq(gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, &claims, &reason), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_object_del(claims, "aud");
        if (cases[i].aud)
            json_object_set_new(claims, "aud", json_loads(cases[i].aud, JSON_DECODE_ANY, NULL));
        cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
        if (cases[i].reason)
            refuses("/me", token, 401, cases[i].reason);
        else
            cr_assert_eq(status_of("/me", token), 200, "%s: %s", cases[i].aud, last_reason());
    }
    json_decref(claims);
    gw_keys_free(keys);
}

Test(tokens, of_an_issuer_are_refused_for_every_wrong_claim)
{
    struct gw_keys *google = provider("ES256", "g1", "google.jwks.json");
    json_int_t now = time(NULL);
    open_with(NULL);
    register_user("email=a@example.com");
    refuses("/me", issue(google, json_pack("{s:s}", "iss", "https://accounts.example/")), 401,
            "jwt.issuer");
    refuses("/me", issue(google, json_pack("{s:s}", "iss", "accounts.example")), 401, "jwt.issuer");
    refuses("/me", issue(google, json_pack("{s:n}", "iss")), 401, "jwt.issuer");
    refuses("/me", issue(google, json_pack("{s:s}", "aud", "client-3")), 401, "jwt.audience");
    refuses("/me", issue(google, json_pack("{s:n}", "aud")), 401, "jwt.audience");
    refuses("/me", issue(google, json_pack("{s:[s,s]}", "aud", "client-3", "client-1")), 401,
            "jwt.audience");
    refuses("/me", issue(google, json_pack("{s:I}", "exp", now - 1)), 401, "jwt.expired");
    refuses("/me", issue(google, json_pack("{s:n}", "exp")), 401, "jwt.no_expiry");
    refuses("/me", issue(google, json_pack("{s:I}", "iat", now + 100)), 401, "jwt.issued_ahead");
    refuses("/me", issue(google, json_pack("{s:b}", "email_verified", 0)), 401, "jwt.email");
    refuses("/me", issue(google, json_pack("{s:n}", "email_verified")), 401, "jwt.email");
    refuses("/me", issue(google, json_pack("{s:s}", "email_verified", "true")), 401, "jwt.email");
    refuses("/me", issue(google, json_pack("{s:n}", "email")), 401, "jwt.key");
    refuses("/me", issue(google, json_pack("{s:[s]}", "email", "a@example.com")), 401, "jwt.key");
    refuses("/me", issue(google, json_pack("{s:s}", "email", "nobody@example.com")), 401,
            "jwt.row");
    refuses("/teach", issue(google, NULL), 403, "auth.entity");
    cr_assert_eq(status_of("/me", issue(google, json_pack("{s:[s,s],s:s}", "aud", "x", "client-2",
                                                          "azp", "client-2"))),
                 200);
    cr_assert_eq(status_of("/us", issue(google, NULL)), 200);
    gw_keys_free(google);
}

Test(tokens, of_an_issuer_are_refused_where_another_key_signed)
{
    struct gw_keys *google = provider("ES256", "g1", "google.jwks.json");
    struct gw_keys *thief = provider("ES256", "g1", NULL), *stranger = provider("ES256", "x", NULL);
    open_with(NULL);
    register_user("email=a@example.com");
    refuses("/me", issue(thief, NULL), 401, "jwt.signature");
    refuses("/me", issue(stranger, NULL), 401, "jwt.kid");
    gw_keys_free(google);
    gw_keys_free(thief);
    gw_keys_free(stranger);
}

/* Both sets have a key of the same id: each token is good under its own issuer alone. */
Test(tokens, of_several_issuers_stand_side_by_side)
{
    struct gw_keys *google = provider("ES256", "k", "google.jwks.json");
    struct gw_keys *staff = provider("ES256", "k", "staff.jwks.json");
    open_with(NULL);
    register_user("email=a@example.com&sub=subject-7");
    const char *url = "https://localhost:28443/staff";
    const char *theirs = issue(staff, json_pack("{s:s, s:s}", "iss", url, "aud", "school"));
    cr_assert_eq(status_of("/me", issue(google, NULL)), 200);
    cr_assert_eq(status_of("/teach", theirs), 200, "%s", last_reason());
    refuses("/me", theirs, 403, "auth.entity");
    refuses("/teach", issue(google, NULL), 403, "auth.entity");
    /* One issuer speaking for the other. */
    refuses("/me", issue(staff, NULL), 401, "jwt.issuer");
    refuses("/teach", issue(google, json_pack("{s:s, s:s}", "iss", url, "aud", "school")), 401,
            "jwt.issuer");
    gw_keys_free(google);
    gw_keys_free(staff);
}

Test(tokens, of_issuers_that_share_their_keys_are_told_apart_by_iss)
{
    struct gw_keys *both = provider("ES256", "k", "google.jwks.json");
    const char *url = "https://localhost:28443/staff", *jwks;
    gw_keys_write_jwks(both, &arena, &jwks);
    write_text("staff.jwks.json", jwks);
    open_with(NULL);
    register_user("email=a@example.com&sub=subject-7");
    const char *theirs = issue(both, json_pack("{s:s, s:s}", "iss", url, "aud", "school"));
    cr_assert_eq(status_of("/me", issue(both, NULL)), 200);
    cr_assert_eq(status_of("/teach", theirs), 200, "%s", last_reason());
    refuses("/me", theirs, 403, "auth.entity");
    gw_keys_free(both);
}
Test(tokens, of_an_issuer_go_on_where_one_key_of_the_set_is_bad)
{
    struct gw_keys *google = provider("ES256", "g1", NULL);
    const char *jwks;
    gw_keys_write_jwks(google, &arena, &jwks);
    write_text("google.jwks.json",
               gw_arena_printf(
                   &arena,
                   "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"kid\":\"w\"},%s",
                   strchr(jwks, '[') + 1));
    open_with(NULL);
    register_user("email=a@example.com");
    cr_assert_eq(status_of("/me", issue(google, NULL)), 200);
    cr_assert_not_null(
        strstr(read_log(), "key 1 (kid \\\"w\\\") is left out: it is an RSA key of fewer"), "%s",
        read_log());
    gw_keys_free(google);
}

Test(tokens, of_an_issuer_whose_keys_are_missing_or_bad_are_refused)
{
    struct gw_keys *google = provider("ES256", "g1", NULL);
    write_text("google.jwks.json", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}");
    open_with(NULL);
    const char *own = register_user("email=a@example.com");
    refuses("/me", issue(google, NULL), 401, "jwt.kid");
    cr_assert_eq(status_of("/me", own), 200);
    gw_keys_free(google);
}

Test(tokens, of_an_issuer_are_exchanged_for_ours_and_outlive_a_revocation)
{
    struct gw_keys *google = provider("ES256", "g1", "google.jwks.json");
    open_with(NULL);
    const char *old = register_user("email=a@example.com");
    struct gw_test_reply reply = call("GET", "/renew", issue(google, NULL));
    cr_assert_eq(reply.status, 200);
    const char *ours = member(reply.body, "token");
    cr_assert_eq(status_of("/me", ours), 200);
    cr_assert_eq(call("POST", "/revoke", ours).status, 204);
    refuses("/me", ours, 401, "jwt.revoked");
    refuses("/me", old, 401, "jwt.revoked");
    reply = call("GET", "/renew", issue(google, NULL));
    cr_assert_eq(reply.status, 200);
    cr_assert_eq(status_of("/me", member(reply.body, "token")), 200);
    gw_keys_free(google);
}

/* ---- The deny-list ---- */

Test(tokens, on_the_deny_list_are_refused_alone)
{
    open_with("GW_DENY_LIST=on", NULL);
    const char *first = register_user("email=a@example.com");
    struct gw_test_reply reply = call("GET", "/renew", first);
    const char *second = member(reply.body, "token");
    cr_assert_eq(call("POST", "/deny", first).status, 204);
    refuses("/me", first, 401, "jwt.denied");
    cr_assert_eq(status_of("/me", second), 200);
    cr_assert_eq(call("POST", "/deny", second).status, 204);
    refuses("/me", second, 401, "jwt.denied");
    refuses("/me", first, 401, "jwt.denied");
}

Test(tokens, cannot_be_denied_without_a_list)
{
    open_with(NULL);
    const char *token = register_user("email=a@example.com");
    cr_assert_eq(call("POST", "/deny", token).status, 409);
    cr_assert_eq(status_of("/me", token), 200);
}

Test(tokens, without_an_id_cannot_be_denied_but_are_good)
{
    open_with(NULL);
    const char *token = register_user("email=a@example.com");
    gw_test_close(test);
    test = NULL;
    const char *secret = "GW_SECRET_KEY=0123456789012345678901234567890123456789";
    open_with("GW_DENY_LIST=on", secret, NULL);
    refuses("/me", token, 401, "jwt.signature");
    gw_test_close(test);
    test = NULL;
    open_with(secret, NULL);
    token = register_user("email=b@example.com");
    gw_test_close(test);
    test = NULL;
    open_with("GW_DENY_LIST=on", secret, NULL);
    cr_assert_eq(status_of("/me", token), 200);
    cr_assert_eq(call("POST", "/deny", token).status, 409);
}

/* ---- Keys in a folder ---- */

static void add_key(const char *algorithm, const char *id)
{
    const char *jwk;
    cr_assert_eq(gw_keys_generate(algorithm, id, &arena, &jwk), 0);
    mkdir(path_of("keys"), 0700);
    write_text(gw_arena_printf(&arena, "keys/%s.jwk", id), jwk);
}

static const char *keys_setting(void)
{
    return gw_arena_printf(&arena, "GW_KEYS_DIR=%s/keys", folder);
}

static const char *header_of(const char *token)
{
    unsigned char *bytes = gw_arena_alloc(&arena, 1024);
    size_t len;
    cr_assert(gw_base64url_decode((struct gw_str){token, strcspn(token, ".")}, bytes, &len));
    return (const char *)bytes;
}

Test(tokens, are_signed_by_the_active_key_and_verified_by_all)
{
    add_key("ES256", "old");
    open_with(keys_setting(), NULL);
    const char *first = register_user("email=a@example.com");
    cr_assert_str_eq(header_of(first), "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"old\"}");
    gw_test_close(test);
    test = NULL;

    add_key("EdDSA", "new");
    write_text("keys/active", "new\n");
    open_with(keys_setting(), NULL);
    const char *second = register_user("email=b@example.com");
    cr_assert_str_eq(header_of(second), "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"new\"}");
    cr_assert_eq(status_of("/me", first), 200);
    cr_assert_eq(status_of("/me", second), 200);
    gw_test_close(test);
    test = NULL;

    cr_assert_eq(rename(path_of("keys/old.jwk"), path_of("keys/old.jwk.retired")), 0);
    open_with(keys_setting(), NULL);
    refuses("/me", first, 401, "jwt.kid");
    cr_assert_eq(status_of("/me", second), 200);
}

Test(tokens, of_the_one_secret_stay_good_beside_a_folder)
{
    const char *secret = "GW_SECRET_KEY=0123456789012345678901234567890123456789";
    open_with(secret, NULL);
    const char *first = register_user("email=a@example.com");
    gw_test_close(test);
    test = NULL;
    add_key("RS256", "new");
    open_with(secret, keys_setting(), NULL);
    const char *second = register_user("email=b@example.com");
    cr_assert_not_null(strstr(header_of(second), "RS256"));
    cr_assert_eq(status_of("/me", first), 200);
    cr_assert_eq(status_of("/me", second), 200);
}

static void stops(const char *why)
{
    const char *settings[] = {store_setting(), keys_setting(),
                              gw_arena_printf(&arena, "GW_ISSUERS_DIR=%s", folder), NULL};
    cr_assert_neq(gw_test_open(settings, NULL, &test), 0, "%s", why);
    test = NULL;
}

Test(tokens, keys_that_are_wrong_stop_the_start)
{
    mkdir(path_of("keys"), 0700);
    stops("no key");
    add_key("ES256", "a");
    add_key("ES256", "b");
    stops("two keys that can sign and none named");
    write_text("keys/active", "c");
    stops("active names no key");
    write_text("keys/active", "../a");
    stops("active is no id");
    write_text("keys/active", "a");
    open_with(keys_setting(), NULL);
    gw_test_close(test);
    test = NULL;
    write_text("keys/README", "hello");
    stops("a file that is no key");
    unlink(path_of("keys/README"));
    write_text("keys/c.pem", "-----BEGIN CERTIFICATE-----\n");
    stops("a certificate");
    unlink(path_of("keys/c.pem"));
    write_text("keys/.hidden", "hello");
    open_with(keys_setting(), NULL);
    gw_test_close(test);
    test = NULL;
    const char *jwk;
    cr_assert_eq(gw_keys_generate("EdDSA", "a", &arena, &jwk), 0);
    write_text("keys/other.jwk", jwk);
    stops("one id twice");
}

Test(tokens, public_keys_are_served_and_secrets_are_not)
{
    add_key("ES256", "a");
    add_key("HS256", "b");
    add_key("EdDSA", "c");
    write_text("keys/active", "a");
    open_with(keys_setting(), NULL);
    struct gw_test_reply reply = call("GET", "/.well-known/jwks.json", NULL);
    cr_assert_eq(reply.status, 200);
    cr_assert_not_null(strstr(reply.headers, "Content-Type: application/jwk-set+json"));
    cr_assert_not_null(strstr(reply.headers, "Cache-Control: public, max-age=300"));
    json_t *tree = json_loads(reply.body, 0, NULL), *one;
    size_t i;
    json_array_foreach(json_object_get(tree, "keys"), i, one)
    {
        cr_assert_null(json_object_get(one, "d"));
        cr_assert_null(json_object_get(one, "k"));
    }
    cr_assert_eq(i, 2);
    json_decref(tree);
}

/* ---- typ, scopes, further claims, links ---- */

Test(tokens, carry_and_must_carry_the_configured_typ)
{
    const char *secret = "GW_SECRET_KEY=0123456789012345678901234567890123456789";
    open_with(secret, NULL);
    const char *plain = register_user("email=a@example.com");
    gw_test_close(test);
    test = NULL;
    open_with(secret, "GW_TOKEN_TYPE=at+jwt", NULL);
    const char *typed = register_user("email=b@example.com");
    cr_assert_str_eq(header_of(typed), "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}");
    cr_assert_eq(status_of("/me", typed), 200);
    refuses("/me", plain, 401, "jwt.typ");
}

Test(tokens, need_the_routes_scope_whole)
{
    static const char *const good[] = {"lessons:write", "a+lessons:write", "lessons:write+b",
                                       "a++lessons:write"};
    static const char *const bad[] = {"",
                                      "lessons:writ",
                                      "lessons:writes",
                                      "Lessons:write",
                                      "lessons:write,b",
                                      "x-lessons:write"};
    open_with(NULL);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(status_of("/scoped", register_user(gw_arena_printf(
                                              &arena, "email=g%zu@x&scope=%s", i, good[i]))),
                     204, "%s", good[i]);
    for (size_t i = 0; i < 6; i++) {
        struct gw_test_reply reply =
            call("GET", "/scoped",
                 register_user(gw_arena_printf(&arena, "email=b%zu@x&scope=%s", i, bad[i])));
        cr_assert_eq(reply.status, 403, "%s", bad[i]);
        cr_assert_not_null(strstr(reply.headers,
                                  "WWW-Authenticate: Bearer error=\"insufficient_scope\", "
                                  "scope=\"lessons:write\"\r\n"));
    }
}

Test(tokens, carry_further_claims_also_when_renewed)
{
    open_with(NULL);
    const char *token = register_user("email=a@example.com");
    struct gw_test_reply reply = call("GET", "/me", token);
    cr_assert_str_eq(member(reply.body, "plan"), "pro");
    reply = call("GET", "/renew", token);
    reply = call("GET", "/me", member(reply.body, "token"));
    cr_assert_str_eq(member(reply.body, "plan"), "pro");
}

Test(tokens, for_a_path_are_good_there_alone)
{
    open_with(NULL);
    const char *token = register_user("email=a@example.com");
    struct gw_test_reply reply = call("GET", "/link/one", token);
    const char *link = member(reply.body, "token");
    cr_assert_eq(status_of(gw_arena_printf(&arena, "/file/one?auth=%s", link), NULL), 200);
    refuses(gw_arena_printf(&arena, "/file/two?auth=%s", link), NULL, 401, "jwt.path");
    refuses("/file/one", link, 401, "jwt.path");
    refuses("/me", link, 401, "jwt.path");
    refuses("/renew", link, 401, "jwt.path");
    refuses(gw_arena_printf(&arena, "/file/one?auth=%s", token), NULL, 401, "jwt.unbound");
}

/* An issuer's token is no link either. */
Test(tokens, of_an_issuer_are_not_taken_where_only_links_are)
{
    struct gw_keys *google = provider("ES256", "g1", "google.jwks.json");
    open_with(NULL);
    register_user("email=a@example.com");
    refuses(gw_arena_printf(&arena, "/file/one?auth=%s",
                            issue(google, json_pack("{s:s}", "path", "/file/one"))),
            NULL, 401, "jwt.unbound");
    gw_keys_free(google);
}
