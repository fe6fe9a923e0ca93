#include "jwt.h"

#include "arena.h"
#include "base64.h"
#include "gatewright.h"
#include "support.h"
#include "tokens.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NOW       1500000000
#define LATER     "1500000001"
#define OTHER_KEY "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"
#define FORTY     "0123456789012345678901234567890123456789"
#define H         "{\"alg\":\"HS256\"}"
#define HT        "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static struct gw_arena arena;
static struct gw_keys *keys;
static struct gw_crypto *crypto;
static struct gw_jwt_policy policy;

static void begin(void)
{
    keys = keys_from_base64(A1_KEY);
    cr_assert_eq(gw_crypto_new(&crypto), 0);
    policy = (struct gw_jwt_policy){.now = NOW};
}

static void finish(void)
{
    gw_keys_free(keys);
    gw_crypto_free(crypto);
    gw_arena_free(&arena);
}

TestSuite(jwt, .init = begin, .fini = finish);

static int verify(struct gw_str raw, json_t **ret, const char **ret_reason)
{
    struct gw_str token = flush_bytes(raw.ptr, raw.len);
    int r = gw_jwt_verify(keys, crypto, token, &policy, ret, ret_reason);

    flush_free(token);
    return r;
}

static void token_accepted(const char *token)
{
    const char *reason = "";
    json_t *claims = NULL;

    cr_assert_eq(verify(gw_str_from(token), &claims, &reason), 0, "%s: %s", token, reason);
    cr_assert(json_is_object(claims));
    json_decref(claims);
}

static void bytes_refused(struct gw_str token, const char *expected)
{
    const char *reason = "";
    json_t *claims = NULL;

    cr_assert_eq(verify(token, &claims, &reason), GW_E_MISMATCH, "let through: %.200s", token.ptr);
    cr_assert_null(claims);
    cr_assert_str_eq(reason, expected);
}

static void token_refused(const char *token, const char *expected)
{
    bytes_refused(gw_str_from(token), expected);
}

/* Rightly signed tokens of this header and these claims. */
static void accepted(const char *header, const char *claims)
{
    char *token = token_of(keys, crypto, gw_str_from(header), gw_str_from(claims));

    token_accepted(token);
    free(token);
}

static void refused(const char *header, const char *claims, const char *expected)
{
    char *token = token_of(keys, crypto, gw_str_from(header), gw_str_from(claims));

    token_refused(token, expected);
    free(token);
}

/* ---- RFC vectors ---- */

Test(jwt, accepts_rfc7515_a1)
{
    const char *reason = "";
    json_t *claims;

    policy.now = 1300819379;
    cr_assert_eq(verify(GW_STR(A1_TOKEN), &claims, &reason), 0, "%s", reason);
    cr_assert_str_eq(json_string_value(json_object_get(claims, "iss")), "joe");
    cr_assert(json_is_true(json_object_get(claims, "http://example.com/is_root")));
    json_decref(claims);
}

Test(jwt, rejects_rfc7515_a1_when_it_has_expired)
{
    policy.now = 1300819380;
    token_refused(A1_TOKEN, "jwt.expired");
}

Test(jwt, rejects_rfc7519_6_1_unsecured)
{
    policy.now = 1;
    token_refused("eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly"
                  "9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
                  "jwt.alg");
}

Test(jwt, rejects_rfc7515_a2_rs256_under_an_hmac_key)
{
    policy.now = 1;
    token_refused("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"
                  "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB",
                  "jwt.alg");
}

/* ---- The header ---- */

Test(jwt, accepts_headers_in_any_order_and_with_blanks)
{
    accepted(H, "{\"exp\":" LATER "}");
    accepted(HT, "{\"exp\":" LATER "}");
    accepted(" { \"typ\" : \"at+jwt\" , \"alg\":\"HS\\u0032\\u0035\\u0036\" } ",
             "{\"exp\":" LATER "}");
}

Test(jwt, rejects_alg_none_in_any_case)
{
    refused("{\"alg\":\"none\"}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":\"None\"}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":\"NONE\"}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":\"nOnE\"}", "{\"exp\":" LATER "}", "jwt.alg");
}

Test(jwt, rejects_alg_missing_or_not_a_string)
{
    refused("{}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":null}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":256}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":[\"HS256\"]}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":\"\"}", "{\"exp\":" LATER "}", "jwt.alg");
}

Test(jwt, rejects_alg_that_is_not_exactly_the_keys)
{
    refused("{\"alg\":\"hs256\"}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":\"HS512\"}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":\"HS256 \"}", "{\"exp\":" LATER "}", "jwt.alg");
    refused("{\"alg\":\"RS256\"}", "{\"exp\":" LATER "}", "jwt.alg");
}

Test(jwt, rejects_crit)
{
    refused("{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}", "{\"exp\":" LATER "}", "jwt.crit");
    refused("{\"alg\":\"HS256\",\"crit\":[]}", "{\"exp\":" LATER "}", "jwt.crit");
    refused("{\"alg\":\"HS256\",\"crit\":null}", "{\"exp\":" LATER "}", "jwt.crit");
}

Test(jwt, rejects_b64)
{
    refused("{\"alg\":\"HS256\",\"b64\":false}", "{\"exp\":" LATER "}", "jwt.crit");
    refused("{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}", "{\"exp\":" LATER "}",
            "jwt.crit");
}

Test(jwt, rejects_a_kid_that_names_no_key)
{
    refused("{\"alg\":\"HS256\",\"kid\":\"a\"}", "{\"exp\":" LATER "}", "jwt.kid");
}

Test(jwt, rejects_malformed_kids)
{
    static const char *const kids[] = {"\"\"",
                                       "\"../../etc/passwd\"",
                                       "\"x' OR '1'='1\"",
                                       "\"a/b\"",
                                       "\"a b\"",
                                       "null",
                                       "7",
                                       "[\"a\"]",
                                       "\"\xc3\xa9\"",
                                       "\"" FORTY "0123456789012345678901234\""};
    char header[256];

    for (size_t i = 0; i < sizeof(kids) / sizeof(*kids); i++) {
        snprintf(header, sizeof(header), "{\"alg\":\"HS256\",\"kid\":%s}", kids[i]);
        refused(header, "{\"exp\":" LATER "}", "jwt.kid");
    }
    refused("{\"alg\":\"HS256\",\"kid\":\"a\\u0000b\"}", "{\"exp\":" LATER "}", "jwt.header");
}

Test(jwt, uses_no_key_from_the_header)
{
    /* Signed by the key that the header brings along; ours did not sign. */
    struct gw_keys *theirs = keys_from_base64(OTHER_KEY);
    static const char *const headers[] = {
        ("{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\","
         "\"k\":\"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg\"}}"),
        "{\"alg\":\"HS256\",\"jku\":\"http://127.0.0.1:9/keys\"}",
        "{\"alg\":\"HS256\",\"x5u\":\"http://127.0.0.1:9/cert\"}",
        "{\"alg\":\"HS256\",\"x5c\":[\"MIIB\"]}"};

    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        char *token =
            token_of(theirs, crypto, gw_str_from(headers[i]), GW_STR("{\"exp\":" LATER "}"));
        token_refused(token, "jwt.signature");
        free(token);
        accepted(headers[i], "{\"exp\":" LATER "}");
    }
    gw_keys_free(theirs);
}

/* A listener where those URLs point: nobody comes, signed well or not. */
Test(jwt, opens_no_connection_to_the_urls_of_a_header)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    char header[256];

    cr_assert_eq(bind(listener, (struct sockaddr *)&at, len), 0);
    cr_assert_eq(listen(listener, 8), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    static const char *const names[] = {"jku", "x5u"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(header, sizeof(header), "{\"alg\":\"HS256\",\"%s\":\"http://127.0.0.1:%u/keys\"}",
                 names[i], ntohs(at.sin_port));
        accepted(header, "{\"exp\":" LATER "}");
        char *token = token_of(keys, crypto, gw_str_from(header), GW_STR("{\"exp\":" LATER "}"));
        char *signature = strrchr(token, '.') + 1;
        *signature = *signature == 'A' ? 'B' : 'A';
        token_refused(token, "jwt.signature");
        free(token);
    }
    struct pollfd arrived = {.fd = listener, .events = POLLIN};
    cr_assert_eq(poll(&arrived, 1, 50), 0);
    close(listener);
}

Test(jwt, rejects_a_header_that_is_no_object)
{
    refused("", "{\"exp\":" LATER "}", "jwt.header");
    refused("[]", "{\"exp\":" LATER "}", "jwt.header");
    refused("\"HS256\"", "{\"exp\":" LATER "}", "jwt.header");
    refused("{\"alg\":\"HS256\"", "{\"exp\":" LATER "}", "jwt.header");
    refused("{\"alg\":\"HS256\"}x", "{\"exp\":" LATER "}", "jwt.header");
    refused("\xef\xbb\xbf{\"alg\":\"HS256\"}", "{\"exp\":" LATER "}", "jwt.header");
    refused("{\"alg\":\"HS256\",\"x\":\"\xff\"}", "{\"exp\":" LATER "}", "jwt.header");
}

Test(jwt, rejects_duplicate_members_however_spelled)
{
    refused("{\"alg\":\"HS256\",\"alg\":\"HS256\"}", "{\"exp\":" LATER "}", "jwt.duplicate");
    refused("{\"alg\":\"none\",\"\\u0061lg\":\"HS256\"}", "{\"exp\":" LATER "}", "jwt.duplicate");
    refused(H, "{\"exp\":" LATER ",\"exp\":9}", "jwt.duplicate");
    refused(H, "{\"exp\":" LATER ",\"e\\u0078p\":9}", "jwt.duplicate");
    refused(H, "{\"exp\":" LATER ",\"a\":{\"b\":1,\"b\":1}}", "jwt.duplicate");
}

/* ---- Shape ---- */

Test(jwt, rejects_what_has_not_three_segments)
{
    token_refused("", "jwt.segments");
    token_refused("a", "jwt.segments");
    token_refused("a.b", "jwt.segments");
    token_refused("a.b.c.d", "jwt.segments");
    token_refused("a.b.c.d.e", "jwt.segments");
    token_refused(A1_TOKEN ".", "jwt.segments");
    token_refused("." A1_TOKEN, "jwt.segments");
    token_refused("{\"payload\":\"e30\",\"protected\":\"e30\",\"signature\":\"\"}", "jwt.segments");
}

Test(jwt, rejects_empty_segments)
{
    token_refused("..", "jwt.header");
    token_refused("eyJhbGciOiJIUzI1NiJ9..", "jwt.signature");
    token_refused("eyJhbGciOiJIUzI1NiJ9.e30.", "jwt.signature");
}

Test(jwt, rejects_jwe)
{
    /* RFC 7516, A.1: five segments, here shortened. */
    token_refused("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFp."
                  "48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6."
                  "XFBoMYUZodetZdvTiFvSkQ",
                  "jwt.segments");
}

Test(jwt, stops_at_the_third_dot)
{
    char *dots = malloc(8193);

    memset(dots, '.', 8193);
    bytes_refused((struct gw_str){dots, 8192}, "jwt.segments");
    bytes_refused((struct gw_str){dots, 8193}, "jwt.long");
    free(dots);
}

Test(jwt, rejects_tokens_over_8_kib)
{
    char *claims = malloc(8000);
    struct gw_str header = GW_STR(HT);

    /* header 36 + dot + claims + dot + signature 43 = 8192 */
    size_t len = 8192 - 36 - 43 - 2;
    size_t n = len / 4 * 3 + (len % 4 ? len % 4 - 1 : 0);
    memset(claims, ' ', n + 1);
    memcpy(claims, "{\"exp\":" LATER "}", 18);
    char *token = token_of(keys, crypto, header, (struct gw_str){claims, n});
    cr_assert_leq(strlen(token), 8192);
    cr_assert_geq(strlen(token), 8191);
    token_accepted(token);
    free(token);
    token = token_of(keys, crypto, header, (struct gw_str){claims, n + 1});
    cr_assert_gt(strlen(token), 8192);
    token_refused(token, "jwt.long");
    free(token);
    free(claims);
}

Test(jwt, rejects_other_base64)
{
    static const char *const tokens[] = {
        "eyJhbGciOiJIUzI1NiJ9=.e30.AAAA", "eyJhbGciOiJIUzI1NiJ9.e30=.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AA==",  "eyJhbGciOiJIUzI1NiJ9.e3 0.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AA+A",  "eyJhbGciOiJIUzI1NiJ9.e30.AA/A",
        "eyJhbGciOiJIUzI1NiJ9.e31.AAAA",  "eyJhbGciOiJIUzI1NiJ9.e30.A",
        "eyJhbGciOiJIUzI1NiJ9.e30.AB",    " eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA\n"};

    for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
        token_refused(tokens[i], "jwt.base64");
    bytes_refused(GW_STR("eyJhbGciOiJIUzI1NiJ9.e30.AAAA\0"), "jwt.base64");
}

/* The least seconds of processor time that 20 refusals of a token take, of some tries. */
static double seconds_of(const char *token)
{
    double least = 1e9;

    for (int i = 0; i < 15; i++) {
        struct timespec start, end;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
        for (int k = 0; k < 20; k++) {
            const char *reason = "";
            json_t *claims = NULL;
            cr_assert_eq(gw_jwt_verify(keys, crypto, gw_str_from(token), &policy, &claims, &reason),
                         GW_E_MISMATCH);
        }
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        double taken =
            (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
        least = taken < least ? taken : least;
    }
    return least;
}

/* A header of `n` bytes that repeats `part`, a number in place of its %u. */
static char *long_header(size_t n, const char *part)
{
    char header[8192] = "{\"alg\":\"HS256\"";
    size_t len = strlen(header);

    for (unsigned i = 0; len < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        len += (size_t)snprintf(header + len, sizeof(header) - len, part, 1000 + i);
#pragma GCC diagnostic pop
    }
    strcpy(header + len, "}");
    char *token = token_of(keys, crypto, gw_str_from(header), GW_STR("{}"));
    memset(strrchr(token, '.') + 1, 'A', 43);
    return token;
}

/* What anybody can send, without a key, costs no more than its length: eight times the header takes
 * about eight times as long, and not 64 times. */
Test(jwt, is_refused_in_linear_time_whatever_the_header_holds)
{
    static const char *const parts[] = {",\"m%u\":1", ",\"%u\":[[[[[[]]]]]]",
                                        ",\"\\u0061%u\":\"\\u0061\"", ",\"%u\":{\"a\":1,\"b\":2}",
                                        ",\"%u\":[1,2,3,4,5,6,7,8]"};

    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        char *small = long_header(700, parts[i]), *large = long_header(5600, parts[i]);
        double one = seconds_of(small), eight = seconds_of(large);
        cr_assert_lt(eight, one * 24, "%s: %g s and %g s", parts[i], one, eight);
        free(small);
        free(large);
    }
}

Test(jwt, rejects_json_nested_over_8_levels)
{
    accepted(H, "{\"exp\":" LATER ",\"a\":[[[[[[[]]]]]]]}");
    refused(H, "{\"exp\":" LATER ",\"a\":[[[[[[[[]]]]]]]]}", "jwt.depth");
    refused("{\"alg\":\"HS256\",\"a\":[[[[[[[[]]]]]]]]}", "{\"exp\":" LATER "}", "jwt.depth");
}

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

Test(jwt, rejects_exp_that_is_no_integer_of_0_to_2_53)
{
    static const char *const values[] = {"null",
                                         "\"" LATER "\"",
                                         "1500000001.0",
                                         "1.5e10",
                                         "true",
                                         "-1",
                                         "[1500000001]",
                                         "{}",
                                         "9007199254740992",
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
    policy.leeway = 60;
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
    refused(H, "{\"exp\":" LATER ",\"nbf\":1.5}", "jwt.claims");
    policy.leeway = 1;
    accepted(H, "{\"exp\":" LATER ",\"nbf\":1500000001}");
    refused(H, "{\"exp\":" LATER ",\"nbf\":1500000002}", "jwt.not_yet");
}

Test(jwt, rejects_iat_ahead)
{
    accepted(H, "{\"exp\":" LATER ",\"iat\":1500000000}");
    refused(H, "{\"exp\":" LATER ",\"iat\":1500000001}", "jwt.issued_ahead");
    refused(H, "{\"exp\":" LATER ",\"iat\":-1}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"iat\":true}", "jwt.claims");
    policy.leeway = 60;
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

Test(jwt, compares_aud_exactly_as_text_or_list)
{
    policy.audience = "school";
    accepted(H, "{\"exp\":" LATER ",\"aud\":\"school\"}");
    accepted(H, "{\"exp\":" LATER ",\"aud\":[\"x\",\"school\"]}");
    refused(H, "{\"exp\":" LATER "}", "jwt.audience");
    refused(H, "{\"exp\":" LATER ",\"aud\":\"schools\"}", "jwt.audience");
    refused(H, "{\"exp\":" LATER ",\"aud\":\"schoo\"}", "jwt.audience");
    refused(H, "{\"exp\":" LATER ",\"aud\":[]}", "jwt.audience");
    refused(H, "{\"exp\":" LATER ",\"aud\":[\"x\"]}", "jwt.audience");
    refused(H, "{\"exp\":" LATER ",\"aud\":[\"school\",7]}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"aud\":{\"school\":1}}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"aud\":null}", "jwt.claims");
}

Test(jwt, demands_well_formed_iss_and_aud_even_where_none_is_configured)
{
    accepted(H, "{\"exp\":" LATER ",\"iss\":\"a\",\"aud\":[\"b\"]}");
    refused(H, "{\"exp\":" LATER ",\"iss\":1}", "jwt.claims");
    refused(H, "{\"exp\":" LATER ",\"aud\":1}", "jwt.claims");
}

Test(jwt, gives_the_claims_with_their_types)
{
    const char *reason = "";
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
    const char *token, *reason = "";
    json_t *back;

    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
    cr_assert_eq(strncmp(token, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.", 37), 0);
    cr_assert_eq(verify(gw_str_from(token), &back, &reason), 0, "%s", reason);
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
        const char *token, *reason = "";

        cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
        cr_assert_eq(verify(gw_str_from(token), &back, &reason), 0, "%d: %s", n, reason);
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
