/* blocked.c: accounts that are switched off, by columns that say `blocks`. */
#include "store/column.h"

static bool blocks(const struct gw_column *column, const struct gw_value *value)
{
    if (column->type == GW_TYPE_BOOL)
        return value->null || value->as.boolean == !(column->flags & GW_COL_BLOCKS_FALSE);
    return !value->null;
}

uint64_t gw_row_epoch(const struct gw_table *table, const void *row)
{
    return table->revokes < 0 ? 0 : gw_row_value(table, table->revokes, row).as.u64;
}

bool gw_row_is_blocked(const struct gw_table *table, const void *row)
{
    for (uint64_t left = table->blocks; left; left &= left - 1) {
        int i = __builtin_ctzll(left);
        struct gw_value value = gw_row_value(table, i, row);
        if (blocks(&table->columns[i], &value))
            return true;
    }
    return false;
}
