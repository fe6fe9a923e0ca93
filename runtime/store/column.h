/* column.h: values, and the members of row structures that they stand for.
 *
 * Everything that depends on how a column's type is laid out in C is here, so that the drivers and
 * the typed calls handle struct gw_value only. */
#ifndef GW_COLUMN_H
#define GW_COLUMN_H

#include "generated.h"

struct gw_arena;

/* The column's name in the database. */
static inline const char *gw_column_sql(const struct gw_column *column)
{
    return column->sql_name ? column->sql_name : column->name;
}

/* How many columns the key has, and which. */
static inline size_t gw_table_key_size(const struct gw_table *table)
{
    return table->keys ? table->keys->n : 1;
}
static inline int gw_table_key(const struct gw_table *table, size_t i)
{
    return table->keys ? table->keys->columns[i] : table->key;
}

/* The type as a store keeps it: what is text in C but not a type of columns (an e-mail address, a
 * slug of a path) is GW_TYPE_TEXT. */
enum gw_type gw_type_stored(enum gw_type type);

/* The value of a column of a row; its text and bytes stay the row's. */
struct gw_value gw_column_get(const struct gw_column *column, const void *row);

/* Puts a value of the column's type into a row. -EIO: NULL where the column is required. */
int gw_column_put(const struct gw_column *column, void *row, const struct gw_value *value);

/* Gives `value` in exactly the column's type, or says why it cannot be there (*ret_why, static,
 * without the value). 0; -EINVAL: of another kind, or NULL where the column is required; -EDOM: of
 * the right kind, but no row can hold it (too long, not a date, not UTF-8); -ERANGE: a uint above
 * `uint_max`, the greatest that the store can hold; -ENOMEM: a UUID in upper case becomes lower
 * case in `arena`. */
int gw_column_convert(const struct gw_column *column, const struct gw_value *value,
                      uint64_t uint_max, struct gw_arena *arena, struct gw_value *ret,
                      const char **ret_why);

/* Whether a fetched value of the column's type is one: a text that says a date, a decimal or JSON
 * that can be given back, a time of the years 0001 to 9999, a finite number. -EIO, -ENOMEM. */
int gw_column_check(const struct gw_column *column, const struct gw_value *value);

/* The same type and the same value, byte for byte. NULL equals nothing. */
bool gw_value_equal(const struct gw_value *a, const struct gw_value *b);

/* The same for whoever looks for `asked` in the column: of a `nocase` one, ASCII letters in either
 * case, and nothing else that a collation may think equal. */
bool gw_column_found(const struct gw_column *column, const struct gw_value *held,
                     const struct gw_value *asked);

/* Whether a key of that type is text. */
static inline bool gw_type_is_text(enum gw_type type)
{
    return type == GW_TYPE_TEXT || type == GW_TYPE_UUID;
}

/* Whether values of that type may have another form in a live column (enum gw_form). */
static inline bool gw_type_has_forms(enum gw_type type)
{
    return type == GW_TYPE_UUID || type == GW_TYPE_TIME;
}

/* A key as text: its own, or its decimal digits, in `buffer`. */
#define GW_KEY_TEXT 24
_Static_assert(GW_KEY_TEXT > sizeof("-9223372036854775808"), "any number fits");
const char *gw_key_text(const struct gw_value *key, char buffer[GW_KEY_TEXT]);

/* Copies a row with its texts and blobs into `arena`. NULL when memory is short. */
void *gw_row_copy(const struct gw_table *table, const void *row, struct gw_arena *arena);

/* What tells that the set, of several columns, is violated. */
int gw_set_violated(const struct gw_table *table, const struct gw_set *set);

/* The set that has exactly these columns and must be unique, or NULL. */
const struct gw_set *gw_table_set_of(const struct gw_table *table, uint64_t columns);
uint64_t gw_set_columns(const struct gw_set *set);
uint64_t gw_table_key_columns(const struct gw_table *table);

/* Its columns as people write them, "a, b". */
#define GW_SET_NAMES (GW_MAX_SET * 260)
void gw_set_names(const struct gw_table *table, const struct gw_set *set, char text[GW_SET_NAMES]);

/* The bytes of a structure that holds all columns, and of one that holds those columns. */
static inline size_t gw_table_whole_size(const struct gw_table *table)
{
    return table->whole_size ? table->whole_size : table->row_size;
}
size_t gw_table_stride(const struct gw_table *table, uint64_t columns);

/* The bits of the columns that are not secret, and of all columns. */
uint64_t gw_table_open_columns(const struct gw_table *table);
uint64_t gw_table_all_columns(const struct gw_table *table);

/* The value of a column of a row. */
struct gw_value gw_row_value(const struct gw_table *table, int column, const void *row);

/* What its `revokes` column holds; 0 without one. */
uint64_t gw_row_epoch(const struct gw_table *table, const void *row);

/* Whether a column of the row says that its account is switched off. */
bool gw_row_is_blocked(const struct gw_table *table, const void *row);

#endif
