/* test_jwt.c: tokens whose header or shape is right or wrong, and the vectors of the RFCs. */
#include "token/jwt.h"

#include "token_checks.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FORTY "0123456789012345678901234567890123456789"

TestSuite(jwt, .init = begin, .fini = finish);

/* ---- RFC vectors ---- */

Test(jwt, accepts_rfc7515_a1)
{
    enum gw_reason reason = GW_REASON_NONE;
    json_t *claims;

    policy.now = 1300819379;
    cr_assert_eq(verify(GW_STR(A1_TOKEN), &claims, &reason), 0, "%s", gw_reason_name(reason));
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
            enum gw_reason reason = GW_REASON_NONE;
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
