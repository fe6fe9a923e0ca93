/* test_secrets.c: what a row keeps to itself, and how an application has it all the same. */
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD "correct horse"

static struct gw_secret made(struct gw_request *req, const char *text, size_t len)
{
    struct gw_secret secret;

    cr_assert_eq(gw_secret_of(req, text, len, &secret), 0);
    return secret;
}

/* Compares with the text that the secret stands for; NULL: none. */
static void expect_secret(struct gw_request *req, struct gw_secret secret, const char *text,
                          size_t len)
{
    const char *revealed;
    size_t n;

    cr_assert_eq(gw_secret_reveal(req, secret, &revealed, &n), 0);
    cr_assert_eq(!revealed, !text);
    cr_assert_eq(n, len, "%zu bytes of %s", n, text);
    cr_assert(!text || (!memcmp(revealed, text, len) && !revealed[len]), "%s", text);
}

#define EXPECT(secret, text) expect_secret(req, secret, text, sizeof(text) - 1)
#define MADE(text)           made(req, text, sizeof(text) - 1)

static int insert_vault(struct gw_request *req)
{
    struct vaults_row row = {.email = "Ann@example.com"};
    struct vaults_secrets secrets = {
        .api_key = MADE("k-1"),
        .seed = MADE("a\0b"),
        .pin = MADE("-7"),
        .rate = MADE("0.5"),
        .on = MADE("true"),
        .seen = MADE("2026-11-26T08:00:00.250000Z"),
    };

    cr_assert_eq(gw_password_hash(req, PASSWORD, &secrets.password), 0);
    cr_assert_eq(vaults_insert(req, &row, &secrets, NULL), 0);
    cr_assert_eq(row.id, 1);
    cr_assert_gt(row.token_epoch, 0);
    return 0;
}

static int find_vault(struct gw_request *req)
{
    const struct vaults_row *row, *same;
    struct vaults_secrets secrets;
    json_t *json;

    cr_assert_eq(vaults_find_secret(req, 1, &row, &secrets), 0);
    cr_assert_str_eq(row->email, "Ann@example.com");
    EXPECT(secrets.api_key, "k-1");
    EXPECT(secrets.seed, "a\0b");
    EXPECT(secrets.pin, "-7");
    EXPECT(secrets.rate, "0.5");
    EXPECT(secrets.on, "true");
    EXPECT(secrets.seen, "2026-11-26T08:00:00.250000Z");
    cr_assert_eq(vaults_find_by_api_key(req, "k-1", &same), 0);
    cr_assert_eq(same->id, 1);
    cr_assert_eq(vaults_find_by_api_key(req, "K-1", &same), GW_E_NOT_FOUND);
    json = vaults_json(row);
    cr_assert_eq(json_object_size(json), 2);
    json_decref(json);
    /* What no compiler sees: json_pack takes anything. */
    cr_assert_null(json_pack("{s:s}", "password", secrets.password));
    return 0;
}

TABLE_TEST(secrets_of_every_type_stand_beside_the_row)
{
    const char *token;
    struct gw_test_reply reply;
    char *hash;

    cr_assert_eq(within(insert_vault), 200);
    hash = ask_beside("SELECT password FROM vaults");
    cr_assert(!strncmp(hash, "$y$", 3), "%s", hash);
    free(hash);
    cr_assert_eq(within(find_vault), 200);
    cr_assert_eq(gw_test_token(test, "vaults", "1", &token), 0);
    cr_assert_eq(request("GET", "/vault", NULL, token, &reply), 200);
    cr_assert_str_eq(reply.body, "{\"id\":1,\"email\":\"Ann@example.com\"}");
}

static int sign_in(struct gw_request *req)
{
    const struct vaults_row *row;
    struct vaults_secrets secrets;
    int r;

    cr_assert_eq(vaults_find_secret_by_email(req, "aNN@example.com", &row, &secrets), 0);
    cr_assert_eq(gw_password_verify(req, secrets.password, PASSWORD, NULL), 0);
    cr_assert_eq(gw_password_verify(req, secrets.password, "wrong", NULL), GW_E_MISMATCH);
    r = vaults_find_secret_by_email(req, "nobody@example.com", &row, &secrets);
    cr_assert_eq(r, GW_E_NOT_FOUND);
    expect_secret(req, secrets.password, NULL, 0);
    return gw_password_verify(req, secrets.password, PASSWORD, NULL);
}

static int change(struct gw_request *req)
{
    struct vaults_row row = {.id = 1, .email = "bob@example.com"};
    struct vaults_secrets secrets = {.password = MADE("p")};

    cr_assert_eq(vaults_update(req, &row, NULL, VAULTS__EMAIL), 0);
    cr_assert_eq(vaults_update(req, &row, NULL, VAULTS__API_KEY), -EINVAL);
    cr_assert_eq(vaults_update(req, &row, &secrets, VAULTS__PASSWORD | VAULTS__PIN), 0);
    return 0;
}

static int find_changed(struct gw_request *req)
{
    const struct vaults_row *row;
    struct vaults_secrets secrets;

    cr_assert_eq(vaults_find_secret(req, 1, &row, &secrets), 0);
    cr_assert_str_eq(row->email, "bob@example.com");
    EXPECT(secrets.password, "p");
    EXPECT(secrets.api_key, "k-1");
    expect_secret(req, secrets.pin, NULL, 0);
    return 0;
}

TABLE_TEST(an_account_signs_in_and_an_update_writes_the_secrets_that_it_names)
{
    cr_assert_eq(within(insert_vault), 200);
    cr_assert_eq(within(sign_in), 401);
    cr_assert_eq(within(change), 200);
    cr_assert_eq(within(find_changed), 200);
}

/* Each of these is what the column cannot hold, or is no secret of this request. */
static int insert_wrong(struct gw_request *req)
{
    struct vaults_secrets good = {.password = MADE("p")}, secrets = good;
    struct vaults_row row = {.email = "x@example.com"};

    cr_assert_eq(vaults_insert(req, &row, NULL, NULL), -EINVAL);
    secrets.pin = MADE("7 ");
    cr_assert_eq(vaults_insert(req, &row, &secrets, NULL), -EINVAL);
    secrets = good;
    secrets.on = MADE("1");
    cr_assert_eq(vaults_insert(req, &row, &secrets, NULL), -EINVAL);
    secrets = good;
    secrets.api_key = MADE("a\0b");
    cr_assert_eq(vaults_insert(req, &row, &secrets, NULL), -EINVAL);
    secrets = good;
    secrets.api_key = MADE("12345678901234567890123456789012345678901");
    cr_assert_eq(vaults_insert(req, &row, &secrets, NULL), -EINVAL);
    secrets = good;
    secrets.password.number += 100;
    cr_assert_eq(vaults_insert(req, &row, &secrets, NULL), -EINVAL);
    secrets.password.number = 1;
    cr_assert_eq(vaults_insert(req, &row, &secrets, NULL), -EINVAL);
    cr_assert_eq(vaults_insert(req, &row, &good, NULL), 0);
    return 0;
}

static struct gw_secret kept;

static int keep(struct gw_request *req)
{
    kept = MADE("earlier");
    return 0;
}

static int use_kept(struct gw_request *req)
{
    struct vaults_secrets secrets = {.password = kept};
    struct vaults_row row = {.email = "y@example.com"};
    const char *text = "untouched";

    cr_assert_eq(gw_secret_reveal(req, kept, &text, NULL), -EINVAL);
    MADE("one of our own, in its place");
    cr_assert_eq(gw_secret_reveal(req, kept, &text, NULL), -EINVAL);
    cr_assert_str_eq(text, "untouched");
    cr_assert_eq(gw_password_verify(req, kept, "earlier", NULL), -EINVAL);
    cr_assert_eq(vaults_insert(req, &row, &secrets, NULL), -EINVAL);
    return 0;
}

TABLE_TEST(a_secret_that_is_wrong_or_of_another_request_is_refused)
{
    cr_assert_eq(within(insert_wrong), 200);
    cr_assert_eq(within(keep), 200);
    cr_assert_eq(within(use_kept), 200);
}

static int use_doors(struct gw_request *req)
{
    struct doors_secrets secrets = {.code = MADE("c1")};
    const struct doors_row *door;
    const struct vaults_row *vault;
    struct vaults_secrets of_vault;
    const struct door_codes_row *rows;
    const struct door_codes_secrets *codes;
    size_t n;

    cr_assert_eq(doors_insert(req, &(struct doors_insert){.org = "o", .num = 1}, NULL, NULL, NULL),
                 -EINVAL);
    cr_assert_eq(
        doors_insert(req, &(struct doors_insert){.org = "o", .num = 1}, &secrets, &door, NULL), 0);
    cr_assert(!door->open);
    secrets.code = MADE("c2");
    cr_assert_eq(
        doors_insert(req, &(struct doors_insert){.org = "o", .num = 2}, &secrets, NULL, NULL), 0);
    cr_assert_eq(doors_find_secret(req, "o", 2, &door, &secrets), 0);
    EXPECT(secrets.code, "c2");
    cr_assert_eq(doors_find_secret(req, "p", 2, &door, &secrets), GW_E_NOT_FOUND);
    expect_secret(req, secrets.code, NULL, 0);
    cr_assert_eq(door_codes(req, &rows, &codes, &n), 0);
    cr_assert_eq(n, 2);
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(rows[i].num, (int64_t)i + 1);
        expect_secret(req, codes[i].code, i ? "c2" : "c1", 2);
    }
    cr_assert_eq(vault_of(req, "Ann@example.com", &vault, &of_vault), 0);
    cr_assert_eq(vault->id, 1);
    cr_assert_eq(gw_password_verify(req, of_vault.password, PASSWORD, NULL), 0);
    expect_secret(req, of_vault.api_key, NULL, 0); /* the statement does not give it */
    cr_assert_eq(vault_of(req, "nobody", &vault, &of_vault), GW_E_NOT_FOUND);
    expect_secret(req, of_vault.password, NULL, 0);
    return 0;
}

TABLE_TEST(keys_of_several_columns_inserts_with_defaults_and_statements_have_secrets_too)
{
    cr_assert_eq(within(insert_vault), 200);
    cr_assert_eq(within(use_doors), 200);
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
