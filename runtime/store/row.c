/* row.c: see row.h. */
#include "store/row.h"

#include "base/log.h"
#include "store/column.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define KEY_SHOWN 64 /* bytes of a text key in the log */

int gw_row_put(struct gw_row_reader *reader, size_t column, int r, const struct gw_value *value)
{
    const struct gw_column *wanted = &reader->query->table->columns[column];
    if (!r && !value->null)
        r = gw_column_check(wanted, value);
    if (!r)
        r = gw_column_put(wanted, reader->row, value);
    if (r != -EIO)
        return r;
    reader->unread |= UINT64_C(1) << column;
    return 0;
}

/* " with id 7"; empty where the key was not asked for or cannot be read. */
static void key_text(const struct gw_row_reader *reader, char *text, size_t size)
{
    const struct gw_table *table = reader->query->table;
    uint64_t read = reader->query->columns & ~reader->unread;
    const char *name;
    struct gw_value key;
    *text = '\0';
    if (table->key < 0 || !(read >> table->key & 1))
        return;
    name = gw_column_sql(&table->columns[table->key]);
    key = gw_row_value(table, table->key, reader->row);
    if (key.null)
        return;
    if (key.type == GW_TYPE_INT)
        snprintf(text, size, " with %s %" PRId64, name, key.as.i64);
    else if (key.type == GW_TYPE_UINT)
        snprintf(text, size, " with %s %" PRIu64, name, key.as.u64);
    else if (gw_type_is_text(key.type))
        snprintf(text, size, " with %s %.*s", name, KEY_SHOWN, key.as.text);
}

static void tell(const struct gw_row_reader *reader)
{
    const struct gw_table *table = reader->query->table;
    char key[KEY_SHOWN + 80];
    key_text(reader, key, sizeof(key));
    for (size_t i = 0; i < table->n_columns; i++)
        if (reader->unread >> i & 1)
            gw_log_line(reader->store->options.log,
                        "store: %s: the row%s cannot be read: %s is not of its declared type",
                        table->sql_name, key, gw_column_sql(&table->columns[i]));
}

int gw_row_end(const struct gw_row_reader *reader, struct gw_arena *arena, struct gw_result *ret)
{
    const struct gw_query *query = reader->query;
    if (reader->unread) {
        if (reader->store->options.log)
            tell(reader);
        if (!query->by_row)
            return -EIO;
        if (!ret->unreadable)
            ret->unreadable = gw_arena_array(arena, query->max_rows, sizeof(*ret->unreadable));
        if (!ret->unreadable)
            return -ENOMEM;
        ret->unreadable[ret->n] = true;
    }
    ret->n++;
    return 0;
}
