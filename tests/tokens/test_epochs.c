/* Epochs: which tokens of an account are good, when it was revoked, taken back, deleted and made
 * again. Tokens without an epoch, as flask-jwt-router makes them, are signed by OpenSSL here. */
#include "fixture.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECRET "0123456789abcdef0123456789abcdef"

TestSuite(epochs, .init = begin, .fini = finish);

static void open_program(void)
{
    open_with("GW_SECRET_KEY=" SECRET, NULL);
}

/* RFC 4648, 5, without padding. */
static char *encoded(const void *ptr, size_t len)
{
    char *text = gw_arena_alloc(&arena, len * 2 + 8);
    EVP_EncodeBlock((unsigned char *)text, ptr, (int)len);
    for (char *c = text; *c; c++)
        *c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
    text[strcspn(text, "=")] = '\0';
    return text;
}

static const char *token_with(const char *claims)
{
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    char *text = gw_arena_printf(&arena, "%s.%s", encoded(header, strlen(header)),
                                 encoded(claims, strlen(claims)));
    unsigned char mac[32];
    HMAC(EVP_sha256(), SECRET, 32, (unsigned char *)text, strlen(text), mac, NULL);
    return gw_arena_printf(&arena, "%s.%s", text, encoded(mac, sizeof(mac)));
}

/* The three claims of flask-jwt-router, and further ones. */
static const char *flask_token(const char *further)
{
    return token_with(gw_arena_printf(&arena, "{\"table_name\":\"users\",\"id\":1,\"exp\":%ld%s}",
                                      time(NULL) + 600, further));
}

static const char *post(const char *target, const char *token)
{
    struct gw_test_reply reply = call("POST", target, token);
    cr_assert(reply.status == 200 || reply.status == 204, "%s: %d", target, reply.status);
    return reply.status == 200 ? member(reply.body, "token") : NULL;
}

/* ---- A key that is used again ---- */

Test(epochs, a_key_that_is_used_again_does_not_revive_a_token)
{
    open_program();
    const char *old = post("/take/bob", NULL);
    cr_assert_eq(status_of("/handle", old), 200);
    post("/drop", old);
    refuses("/handle", old, 401, "jwt.row");
    const char *new = post("/take/bob", NULL);
    cr_assert_eq(status_of("/handle", new), 200);
    refuses("/handle", old, 401, "jwt.revoked");
}

/* As after a backup was restored, or a fail-over that lost transactions: the row is gone, and the
 * database gives its key to the next account. */
Test(epochs, a_row_that_was_lost_leaves_no_token_that_opens_the_next_one)
{
    open_program();
    const char *lost = register_user("email=ann@example.com");
    cr_assert_eq(status_of("/me", lost), 200);
    store_exec("DELETE FROM users");
    store_exec(on_mysql() ? "ALTER TABLE users AUTO_INCREMENT = 1" : "DELETE FROM sqlite_sequence");
    const char *new = register_user("email=eve@example.com");
    struct gw_test_reply reply = call("GET", "/me", new);
    cr_assert_eq(reply.status, 200);
    cr_assert(strstr(reply.body, "\"id\":1") && strstr(reply.body, "eve@example.com"), "%s",
              reply.body);
    refuses("/me", lost, 401, "jwt.revoked");
}

/* Whoever revokes often collects tokens of many epochs: none may be one of a later row's. */
Test(epochs, tokens_of_many_revocations_are_not_those_of_who_has_the_key_later)
{
    enum { N = 40 };
    const char *old[N];
    open_program();
    old[0] = post("/take/bob", NULL);
    for (int i = 1; i < N; i++)
        old[i] = post("/handle/renew", old[i - 1]);
    cr_assert_eq(status_of("/handle", old[N - 1]), 200);
    post("/drop", old[N - 1]);
    const char *new = post("/take/bob", NULL);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < N; j++)
            refuses("/handle", old[j], 401, "jwt.revoked");
        new = post("/handle/renew", new);
        cr_assert_eq(status_of("/handle", new), 200);
    }
}

/* Another application inserts 0 each time: what is revoked is dated by us. */
Test(epochs, a_key_that_another_application_gives_again_does_not_revive_a_token)
{
    open_program();
    const char *first = post("/take/bob", NULL);
    store_exec("UPDATE handles SET token_epoch = 0");
    refuses("/handle", first, 401, "jwt.revoked");
    const char *none = token_with(gw_arena_printf(
        &arena, "{\"table_name\":\"handles\",\"handle\":\"bob\",\"exp\":%ld}", time(NULL) + 600));
    const char *old = post("/handle/renew", none);
    cr_assert_eq(status_of("/handle", old), 200);
    store_exec("DELETE FROM handles");
    store_exec("INSERT INTO handles (handle, token_epoch) VALUES ('bob', 0)");
    refuses("/handle", old, 401, "jwt.revoked");
    const char *new = post("/handle/renew", none);
    cr_assert_eq(status_of("/handle", new), 200);
    refuses("/handle", old, 401, "jwt.revoked");
}

/* ---- Tokens without an epoch ---- */

Test(epochs, a_token_without_one_is_good_until_the_account_is_revoked)
{
    static const char *const further[] = {"", ",\"epoch\":0"};
    open_program();
    const char *ours = register_user("");
    for (size_t i = 0; i < 2; i++)
        cr_assert_eq(status_of("/me", flask_token(further[i])), 200, "%s", further[i]);
    cr_assert_eq(status_of("/me", ours), 200);
    post("/revoke", flask_token(""));
    refuses("/me", ours, 401, "jwt.revoked");
    for (size_t i = 0; i < 2; i++)
        refuses("/me", flask_token(further[i]), 401, "jwt.revoked");
}

Test(epochs, an_account_that_was_revoked_is_never_as_new_again)
{
    open_program();
    const char *token = register_user("");
    for (int times = 1; times <= 4; times++) {
        token = post("/commit", token); /* the new one */
        cr_assert_eq(status_of("/me", token), 200);
        refuses("/me", flask_token(""), 401, "jwt.revoked");
    }
}

Test(epochs, small_numbers_of_before_are_revocations)
{
    open_program();
    register_user("");
    for (int epoch = 1; epoch <= 4; epoch++) {
        store_exec(gw_arena_printf(&arena, "UPDATE users SET token_epoch = %d", epoch));
        refuses("/me", flask_token(""), 401, "jwt.revoked");
        cr_assert_eq(status_of("/me", flask_token(gw_arena_printf(&arena, ",\"epoch\":%d", epoch))),
                     200);
    }
    store_exec("UPDATE users SET token_epoch = 0");
    cr_assert_eq(status_of("/me", flask_token("")), 200);
}

Test(epochs, a_token_without_one_that_is_older_than_the_row_is_of_another)
{
    open_program();
    register_user("");
    long now = time(NULL);
    refuses("/me", flask_token(gw_arena_printf(&arena, ",\"iat\":%ld", now - 60)), 401,
            "jwt.revoked");
    cr_assert_eq(status_of("/me", flask_token(gw_arena_printf(&arena, ",\"iat\":%ld", now - 3))),
                 200); /* clocks are not alike everywhere */
    cr_assert_eq(status_of("/me", flask_token(gw_arena_printf(&arena, ",\"iat\":%ld", now))), 200);
}

Test(epochs, a_renewed_token_has_its_rows_epoch)
{
    open_program();
    register_user("");
    struct gw_test_reply reply = call("GET", "/renew", flask_token(""));
    const char *renewed = member(reply.body, "token");
    cr_assert_eq(status_of("/me", renewed), 200);
    post("/revoke", renewed);
    refuses("/me", renewed, 401, "jwt.revoked");
}

/* ---- Revoking and transactions ---- */

/* What was taken back is not revoked; nor does the token of then become good with the next epoch.
 */
Test(epochs, a_revocation_that_is_rolled_back_leaves_no_token_for_the_next)
{
    open_program();
    const char *first = register_user("");
    const char *after = post("/back", first);
    cr_assert_eq(status_of("/me", first), 200);
    cr_assert_eq(status_of("/me", after), 200);
    post("/revoke", first);
    refuses("/me", first, 401, "jwt.revoked");
    refuses("/me", after, 401, "jwt.revoked");
}

Test(epochs, a_revocation_in_a_transaction_holds_when_that_commits)
{
    open_program();
    const char *first = register_user("");
    const char *after = post("/commit", first);
    refuses("/me", first, 401, "jwt.revoked");
    cr_assert_eq(status_of("/me", after), 200);
}

/* ---- Tokens of tests ---- */

Test(epochs, a_test_can_have_a_token_with_a_scope)
{
    const char *token;
    open_program();
    register_user("");
    cr_assert_eq(gw_test_token(test, "users", "1", &token), 0);
    cr_assert_eq(status_of("/scoped", token), 403);
    cr_assert_eq(gw_test_scoped_token(test, "users", "1", "lessons:read lessons:write", &token), 0);
    cr_assert_eq(status_of("/scoped", token), 204);
}
