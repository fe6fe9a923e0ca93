/* meaning.h: what the author of a column in SQLite meant.
 *
 * A column's type is any words, and SQLite holds nobody to them unless the table is STRICT or has a
 * CHECK. So the words of the type, and the checks that `gatewright schema` writes (a length, no
 * negative numbers, 0 and 1), say what was meant; and types.h, whether it can be read so. */
#ifndef GW_STORE_SQLITE_MEANING_H
#define GW_STORE_SQLITE_MEANING_H

#include "store/schema.h"

/* Sets `word`, or leaves NULL, by the column's `type`. */
void gw_sqlite_read_type(struct gw_live_column *column);

/* `text` is the default as it was written (NULL: none), and is changed in its place. */
void gw_sqlite_read_default(struct gw_live_column *column, char *text);

/* True: the check, "(length(x)<=40)" without blanks and quotes, is part of the column now. */
bool gw_sqlite_take_check(struct gw_live_column *column, const char *check);

#endif
