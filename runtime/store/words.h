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

/* Sets the column's `words`, if an ENUM's "enum('a','b')" lists what it may hold; or those of the
 * table's column whose text the CHECK bounds to a list, and *ret_taken. A collation that takes two
 * texts for one lets more in than the list has: then it is not. 0 or -ENOMEM. */
struct gw_arena;
struct gw_live_column;
struct gw_live_table;
int gw_words_of_enum(const char *type, struct gw_live_column *column, struct gw_arena *arena);
int gw_words_of_check(struct gw_str check, struct gw_live_table *table, bool backslashes,
                      struct gw_arena *arena, bool *ret_taken);

/* Takes the text in single quotes that the list begins with, without them, as `word`; one that is
 * longer than any word may be is cut, and is still longer. False: none is there. */
#define GW_WORD_SIZE (255 * 4 + 2)
bool gw_words_take(struct gw_str *io_list, bool backslashes, char word[GW_WORD_SIZE]);

#endif
