/* row.h: a row on its way from a driver into a result.
 *
 * A column that cannot be read is its row's fault, not the statement's: what stands in it is told
 * by table, key and column, never by its value, and whoever asked for other rows gets them. */
#ifndef GW_STORE_ROW_H
#define GW_STORE_ROW_H

#include "store/store.h"

struct gw_row_reader {
    const struct gw_store *store;
    const struct gw_query *query;
    void *row;
    uint64_t unread; /* bits of the columns that could not be read */
};

/* Puts what the driver fetched (`r` 0), or notes that the column cannot be read (`r` -EIO; NULL
 * where the column is required). 0, or any other `r` as it is. */
int gw_row_put(struct gw_row_reader *reader, size_t column, int r, const struct gw_value *value);

/* The row is complete and becomes the next of `ret`, whose `rows` hold it already. -EIO: it cannot
 * be read, and the query does not go by rows; -ENOMEM. */
int gw_row_end(const struct gw_row_reader *reader, struct gw_arena *arena, struct gw_result *ret);

#endif
