/* store.h: how each store declares what routes.def says. One writer for each: the schema that
 * `gatewright schema` prints and what the runtime makes or compares are both from here. */
#ifndef GEN_STORE_H
#define GEN_STORE_H

#include "base/text.h"
#include "syntax/tree.h"

/* "VARCHAR(100)" */
const char *mysql_type(struct arena *arena, const struct column *column);

/* What follows the type, " NOT NULL AUTO_INCREMENT", without the key's words. */
const char *mysql_attributes(struct arena *arena, const struct column *column);

/* What stands behind the table's name in CREATE TABLE, up to the name of the collation, which
 * depends on the server. */
void mysql_table(const struct table *table, struct text *to);

/* One of the four that STRICT tables know and we use. */
const char *sqlite_type(enum type type);

/* What stands behind the table's name in CREATE TABLE. */
void sqlite_table(const struct table *table, struct text *to);

#endif
