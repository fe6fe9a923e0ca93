/* test_reason.c: the table of the reasons. */
#include "base/reason.h"

#include <criterion/criterion.h>
#include <string.h>

Test(reason, every_reason_has_a_name_and_a_text)
{
    for (enum gw_reason reason = GW_REASON_NONE + 1; reason < GW_N_REASONS; reason++) {
        cr_assert_not_null(gw_reason_name(reason), "%u", reason);
        cr_assert_not_null(gw_reason_text(reason), "%s", gw_reason_name(reason));
        cr_expect_gt(strlen(gw_reason_text(reason)), 5, "%s", gw_reason_name(reason));
    }
    cr_expect_null(gw_reason_name(GW_REASON_NONE));
    cr_expect_str_eq(gw_reason_text(GW_REASON_NONE), "");
}

/* A token whose key another set may hold, or whose issuer it may be of; not one that the right key
 * has refused. */
Test(reason, only_a_fault_of_the_key_leaves_other_keys)
{
    static const char *const leaving[] = {"jwt.kid", "jwt.alg", "jwt.typ", "jwt.signature",
                                          "jwt.issuer"};
    for (enum gw_reason reason = GW_REASON_NONE + 1; reason < GW_N_REASONS; reason++) {
        bool expected = false;
        for (size_t i = 0; i < 5; i++)
            expected |= !strcmp(gw_reason_name(reason), leaving[i]);
        cr_expect_eq(gw_reason_leaves_other_keys(reason), expected, "%s", gw_reason_name(reason));
    }
}
