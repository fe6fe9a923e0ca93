/* ddl.c: prints how the compiler declares columns (gen/emit/mysql.c), with the collation
 * of the server at hand. */
#include "store/mysql/own.h"

#include "store/column.h"

#include <stdio.h>

void gw_mysql_print_type(FILE *to, const struct gw_table *table, size_t column,
                         const char *collation)
{
    fprintf(to, "`%s` %s", gw_column_sql(&table->columns[column]),
            table->definitions[column].mysql_type);
    if (gw_type_is_text(table->columns[column].type))
        fprintf(to, " CHARACTER SET utf8mb4 COLLATE %s",
                table->columns[column].flags & GW_COL_NOCASE ? "utf8mb4_general_ci" : collation);
}

void gw_mysql_print_column(FILE *to, const struct gw_table *table, size_t column,
                           const char *collation)
{
    gw_mysql_print_type(to, table, column, collation);
    fputs(table->definitions[column].mysql_attributes, to);
}
