/* words.h: `one of` columns, whose values are a few words and in C an enum.
 *
 * The database holds the words. A CHECK there says which, and is compared with what is declared. */
#ifndef GW_STORE_WORDS_H
#define GW_STORE_WORDS_H

#include "base/str.h"
#include "generated.h"

#include <stdio.h>

/* " CHECK (`state` IN ('draft', 'published'))", with `before` and `after` in place of the first
 * words and the bracket. MySQL and MariaDB read backslashes. */
void gw_words_print(FILE *to, const struct gw_column *column, const char *before,
                    const char *after);

/* What a CHECK, "(`state` in ('draft','published'))", says of the column's words. */
enum gw_words_said {
    GW_WORDS_NOTHING, /* it is another CHECK */
    GW_WORDS_OTHERS,
    GW_WORDS_SAME,
};
enum gw_words_said gw_words_said(struct gw_str check, const struct gw_column *column,
                                 bool backslashes);

#endif
