/* test_jwt_claims.c: the signature and the claims of tokens, and the tokens that are made. */
#include "token/jwt.h"

#include "token_checks.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

TestSuite(jwt, .init = begin, .fini = finish);

/* ---- The signature ---- */

Test(jwt, rejects_a_changed_signature)
{
    char *token = token_of(keys, crypto, GW_STR(H), GW_STR("{\"exp\":" LATER "}"));
    char *signature = strrchr(token, '.') + 1;

    *signature = *signature == 'A' ? 'B' : 'A';
    token_refused(token, "jwt.signature");
    free(token);
}

Test(jwt, rejects_changed_claims)
{
    char *token = token_of(keys, crypto, GW_STR(H), GW_STR("{\"exp\":" LATER "}"));
    char *other = token_of(keys, crypto, GW_STR(H), GW_STR("{\"exp\":1500000002}"));

    memcpy(strrchr(other, '.'), strrchr(token, '.'), strlen(strrchr(token, '.')));
    token_refused(other, "jwt.signature");
    free(token);
    free(other);
}

Test(jwt, rejects_a_cut_signature)
{
    char *token = token_of(keys, crypto, GW_STR(H), GW_STR("{\"exp\":" LATER "}"));

    token[strlen(token) - 3] = '\0';
    token_refused(token, "jwt.signature");
    free(token);
}

Test(jwt, rejects_another_keys_signature)
{
    struct gw_keys *theirs = keys_from_base64(OTHER_KEY);
    char *token = token_of(theirs, crypto, GW_STR(HT), GW_STR("{\"exp\":" LATER "}"));

    token_refused(token, "jwt.signature");
    free(token);
    gw_keys_free(theirs);
}

Test(jwt, says_nothing_of_the_claims_before_the_signature)
{
    struct gw_keys *theirs = keys_from_base64(OTHER_KEY);
    static const char *const claims[] = {"{\"exp\":1}", "not JSON", "{\"exp\":1,\"exp\":1}", ""};

    for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
        char *token = token_of(theirs, crypto, GW_STR(H), gw_str_from(claims[i]));
        token_refused(token, "jwt.signature");
        free(token);
    }
    gw_keys_free(theirs);
}

/* ---- The claims ---- */

Test(jwt, rejects_claims_that_are_no_object)
{
    refused(H, "", "jwt.claims");
    refused(H, "[]", "jwt.claims");
    refused(H, "1", "jwt.claims");
    refused(H, "{\"exp\":" LATER "}{}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"a\":\"\\u0000\"}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"a\":\"\\ud800\"}", "jwt.claims");
}

Test(jwt, rejects_exp_missing)
{
    refused(H, "{}", "jwt.no_expiry");
    refused(H, "{\"EXP\":" LATER "}", "jwt.no_expiry");
}

Test(jwt, rejects_exp_that_is_no_number_of_0_to_2_53)
{
    static const char *const values[] = {"null",
                                         "\"" LATER "\"",
                                         "true",
                                         "-1",
                                         "-0.5",
                                         "[1500000001]",
                                         "{}",
                                         "9007199254740992",
                                         "9.007199254740992e15",
                                         "1e20",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "18446744073709551616",
                                         "1e999",
                                         "-1e999"};
    char claims[100];

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        snprintf(claims, sizeof(claims), "{\"exp\":%s}", values[i]);
        refused(H, claims, "jwt.claims");
    }
    accepted(H, "{\"exp\":9007199254740991}");
}

/* RFC 7519, 2: a NumericDate is a JSON number, and "non-integer values can be represented". */
Test(jwt, takes_dates_with_fractions_and_exponents)
{
    accepted(H, "{\"exp\":1500000001.0}");
    accepted(H, "{\"exp\":1500000001.5}");
    accepted(H, "{\"exp\":1.5e10}");
    accepted(H, "{\"exp\":1.9e9}");
    accepted(H, "{\"exp\":150000000100e-2}");
    accepted(H, "{\"exp\":9.007199254740991e15}");
    refused(H, "{\"exp\":1500000000.0}", "jwt.expired");
    refused(H, "{\"exp\":1.5e9}", "jwt.expired");
    refused(H, "{\"exp\":0.1e-300}", "jwt.expired");
    refused(H, "{\"exp\":-0}", "jwt.expired");
    accepted(H, "{\"exp\":" LATER ",\"nbf\":1.5e9,\"iat\":1500000000.9}");
    refused(H, "{\"exp\":" LATER ",\"nbf\":1500000000.1}", "jwt.not_yet");
    refused(H, "{\"exp\":" LATER ",\"iat\":1500000001.0}", "jwt.issued_ahead");
}

Test(jwt, rejects_exp_of_this_very_second)
{
    refused(H, "{\"exp\":1500000000}", "jwt.expired");
    refused(H, "{\"exp\":0}", "jwt.expired");
    accepted(H, "{\"exp\":1500000001}");
}

Test(jwt, adds_leeway_to_exp)
{
    policy.leeway = 60;
    accepted(H, "{\"exp\":1499999941}");
    refused(H, "{\"exp\":1499999940}", "jwt.expired");
}

/* 2^53-1 is the greatest number of seconds: no leeway takes it, nor now itself, over 2^63. */
Test(jwt, does_not_overflow_by_leeway)
{
    policy.leeway = policy.ahead = 60;
    accepted(H, "{\"exp\":9007199254740991}");
    refused(H, "{\"exp\":9007199254740991,\"nbf\":9007199254740991}", "jwt.not_yet");
    refused(H, "{\"exp\":9007199254740991,\"iat\":9007199254740991}", "jwt.issued_ahead");
    refused(H, "{\"exp\":0}", "jwt.expired");
    policy.now = 9007199254740991 + 59;
    accepted(H, "{\"exp\":9007199254740991}");
    policy.now++;
    refused(H, "{\"exp\":9007199254740991}", "jwt.expired");
}

Test(jwt, rejects_nbf_ahead)
{
    accepted(H, "{\"exp\":" LATER ",\"nbf\":1500000000}");
    refused(H, "{\"exp\":" LATER ",\"nbf\":1500000001}", "jwt.not_yet");
    refused(H, "{\"exp\":" LATER ",\"nbf\":9007199254740991}", "jwt.not_yet");
    refused(H, "{\"exp\":" LATER ",\"nbf\":null}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"nbf\":\"0\"}", "jwt.claims");
    accepted(H, "{\"exp\":" LATER ",\"nbf\":1.5}");
    policy.ahead = 1;
    accepted(H, "{\"exp\":" LATER ",\"nbf\":1500000001}");
    refused(H, "{\"exp\":" LATER ",\"nbf\":1500000002}", "jwt.not_yet");
}

Test(jwt, rejects_iat_ahead)
{
    accepted(H, "{\"exp\":" LATER ",\"iat\":1500000000}");
    refused(H, "{\"exp\":" LATER ",\"iat\":1500000001}", "jwt.issued_ahead");
    refused(H, "{\"exp\":" LATER ",\"iat\":-1}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"iat\":true}", "jwt.claims");
    policy.ahead = 60;
    accepted(H, "{\"exp\":" LATER ",\"iat\":1500000060}");
}

Test(jwt, compares_iss_exactly)
{
    policy.issuer = "https://example.org";
    accepted(H, "{\"exp\":" LATER ",\"iss\":\"https://example.org\"}");
    refused(H, "{\"exp\":" LATER "}", "jwt.issuer");
    refused(H, "{\"exp\":" LATER ",\"iss\":\"https://example.or\"}", "jwt.issuer");
    refused(H, "{\"exp\":" LATER ",\"iss\":\"https://example.org/\"}", "jwt.issuer");
    refused(H, "{\"exp\":" LATER ",\"iss\":\"HTTPS://example.org\"}", "jwt.issuer");
    refused(H, "{\"exp\":" LATER ",\"iss\":\"\"}", "jwt.issuer");
    refused(H, "{\"exp\":" LATER ",\"iss\":[\"https://example.org\"]}", "jwt.claims");
}

Test(jwt, demands_well_formed_iss_and_aud_even_where_none_is_configured)
{
    accepted(H, "{\"exp\":" LATER ",\"iss\":\"a\",\"aud\":[\"b\"]}");
    refused(H, "{\"exp\":" LATER ",\"iss\":1}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"aud\":1}", "jwt.claims");
}

Test(jwt, gives_the_claims_with_their_types)
{
    enum gw_reason reason = GW_REASON_NONE;
    json_t *claims;
    char *token = token_of(keys, crypto, GW_STR(H),
                           GW_STR("{\"exp\":" LATER ",\"id\":7,\"t\":true,\"r\":1.0,\"s\":\"1\"}"));

    cr_assert_eq(verify(gw_str_from(token), &claims, &reason), 0);
    cr_assert(json_is_integer(json_object_get(claims, "id")));
    cr_assert(json_is_true(json_object_get(claims, "t")));
    cr_assert(json_is_real(json_object_get(claims, "r")));
    cr_assert(json_is_string(json_object_get(claims, "s")));
    json_decref(claims);
    free(token);
}

Test(jwt, rejects_numbers_beyond_64_bits_in_any_claim)
{
    refused(H, "{\"exp\":" LATER ",\"id\":9223372036854775808}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"id\":1e999}", "jwt.claims");
}

/* ---- Signing ---- */

Test(jwt, accepts_what_it_signs)
{
    json_t *claims =
        json_pack("{s:s, s:i, s:I}", "table_name", "users", "id", 7, "exp", (json_int_t)NOW + 100);
    enum gw_reason reason = GW_REASON_NONE;
    const char *token;
    json_t *back;

    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
    cr_assert_eq(strncmp(token, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.", 37), 0);
    cr_assert_eq(verify(gw_str_from(token), &back, &reason), 0, "%s", gw_reason_name(reason));
    cr_assert(json_equal(claims, back));
    json_decref(claims);
    json_decref(back);
}

Test(jwt, signs_claims_of_every_length_as_they_are)
{
    char text[1200];

    memset(text, 'a', sizeof(text));
    for (int n = 400; n < (int)sizeof(text); n++) {
        json_t *claims = json_pack("{s:I, s:s#}", "exp", (json_int_t)NOW + 100, "a", text, n),
               *back;
        enum gw_reason reason = GW_REASON_NONE;
        const char *token;

        cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
        cr_assert_eq(verify(gw_str_from(token), &back, &reason), 0, "%d: %s", n,
                     gw_reason_name(reason));
        cr_assert(json_equal(claims, back), "%d", n);
        json_decref(claims);
        json_decref(back);
    }
}

Test(jwt, does_not_sign_what_it_would_not_accept)
{
    json_t *list = json_array(), *large = json_object();
    char text[6200];
    const char *token;

    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    json_object_set_new(large, "a", json_string(text));
    cr_assert_eq(gw_jwt_sign(keys, crypto, list, &arena, &token), -EINVAL);
    cr_assert_eq(gw_jwt_sign(keys, crypto, NULL, &arena, &token), -EINVAL);
    cr_assert_eq(gw_jwt_sign(keys, crypto, large, &arena, &token), -E2BIG);
    json_object_set_new(large, "b", json_string(text));
    cr_assert_eq(gw_jwt_sign(keys, crypto, large, &arena, &token), -E2BIG);
    json_decref(list);
    json_decref(large);
}
