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

/* " CHECK (state IN ('draft', 'published'))" with the column's name between two of `quote`; ""
 * where the column is not `one of` some words. */
const char *words_check(struct arena *arena, const struct column *column, char quote, bool mysql);

/* " DEFAULT 5", or "". MySQL takes an expression only where the type is `large`. */
const char *mysql_default(struct arena *arena, const struct column *column, bool large);
const char *sqlite_default(struct arena *arena, const struct column *column);

/* What stands behind the table's name in CREATE TABLE, up to the name of the collation, which
 * depends on the server. */
void mysql_table(const struct table *table, struct text *to);

/* The columns of a set in brackets, each between two of `quote`. */
void set_columns(const struct table *table, const struct column_set *set, char quote,
                 struct text *to);

/* " ON DELETE CASCADE"; "" where a row that is referred to cannot be deleted. */
const char *on_delete_words(const struct column *column);

/* Whether an index begins with the column: its own, or that of a set. */
bool is_led(const struct table *table, unsigned column);

/* CREATE INDEX statements of SQLite, a line each, which its CREATE TABLE cannot hold. */
void sqlite_indexes(const struct table *table, struct text *to);

/* One of the four that STRICT tables know and we use. */
const char *sqlite_type(enum type type);

/* What stands behind the table's name in CREATE TABLE. */
void sqlite_table(const struct table *table, struct text *to);

#endif
