/* What is taken for a bearer token (RFC 6750, 2.1): the scheme in any case (RFC 9110, 11.1), one
 * blanks, and the rest as it stands, which the verifier then takes or refuses. */
#include "token/bearer.h"

#include <criterion/criterion.h>

static void reads(const char *value, const char *expected)
{
    struct gw_str token = {NULL, 0};

    cr_assert_eq(gw_bearer_read(gw_str_from(value), &token), GW_REASON_NONE, "%s", value);
    cr_assert(gw_str_equal(token, gw_str_from(expected)), "%s: %.*s", value, (int)token.len,
              token.ptr);
}

static void refuses(const char *value, const char *expected)
{
    struct gw_str token = {NULL, 0};
    enum gw_reason reason = gw_bearer_read(gw_str_from(value), &token);

    cr_assert_neq(reason, GW_REASON_NONE, "%s", value);
    cr_assert_str_eq(gw_reason_name(reason), expected, "%s", value);
    cr_assert_null(token.ptr, "%s", value);
}

Test(bearer, is_in_any_case)
{
    reads("Bearer a.b.c", "a.b.c");
    reads("bearer a.b.c", "a.b.c");
    reads("BEARER a.b.c", "a.b.c");
    reads("bEaReR a.b.c", "a.b.c");
}

/* RFC 6750, 2.1: "Bearer" 1*SP b64token. */
Test(bearer, several_blanks_may_stand_before_the_token)
{
    reads("Bearer  a.b.c", "a.b.c");
    reads("bearer     a.b.c", "a.b.c");
}

/* They are no base64url: the verifier refuses the token. */
Test(bearer, other_blanks_belong_to_the_token)
{
    reads("Bearer a.b.c ", "a.b.c ");
    reads("Bearer \ta.b.c", "\ta.b.c");
    reads("Bearer  \ta.b.c", "\ta.b.c");
}

Test(bearer, another_scheme_is_none)
{
    refuses("Basic YTpi", "auth.scheme");
    refuses("Digest x", "auth.scheme");
    refuses("FooBearer a.b.c", "auth.scheme");
    refuses("Bearera.b.c", "auth.scheme");
    refuses("Bearer\ta.b.c", "auth.scheme");
    refuses(" Bearer a.b.c", "auth.scheme");
    refuses("a.b.c", "auth.scheme");
}

Test(bearer, an_empty_token_is_none)
{
    refuses("", "auth.scheme");
    refuses("Bearer", "jwt.scheme");
    refuses("Bearer ", "jwt.scheme");
    refuses("Bearer   ", "jwt.scheme");
}

Test(bearer, a_comma_is_more_than_one_credential)
{
    refuses("Bearer a.b.c, Bearer d.e.f", "auth.comma");
    refuses("Bearer a.b.c,", "auth.comma");
    refuses(",", "auth.comma");
}
