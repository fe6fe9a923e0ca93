/* ddl.c: declared tables as statements for MariaDB and MySQL. */
#include "store/mysql/own.h"

#include <stdio.h>

/* As `gatewright schema` writes them: VARCHAR counts against the row's 65535 bytes. */
#define VARCHAR_MAX   4096
#define VARBINARY_MAX 16384

static bool is_indexed(const struct gw_column *column)
{
    return column->flags & (GW_COL_KEY | GW_COL_UNIQUE) || column->references;
}

void gw_mysql_type(const struct gw_column *column, char *text, size_t size)
{
    static const char *const names[] = {
        [GW_TYPE_INT] = "BIGINT",    [GW_TYPE_UINT] = "BIGINT UNSIGNED",
        [GW_TYPE_TEXT] = "LONGTEXT", [GW_TYPE_BOOL] = "BOOLEAN",
        [GW_TYPE_REAL] = "DOUBLE",   [GW_TYPE_TIME] = "DATETIME(6)",
        [GW_TYPE_DATE] = "DATE",     [GW_TYPE_BLOB] = "LONGBLOB",
        [GW_TYPE_JSON] = "JSON",
    };

    if (column->type == GW_TYPE_DECIMAL)
        snprintf(text, size, "DECIMAL(%u,%u)", column->precision, column->scale);
    else if (column->type == GW_TYPE_TEXT && column->max &&
             (column->max <= VARCHAR_MAX || is_indexed(column)))
        snprintf(text, size, "VARCHAR(%u)", column->max);
    else if (column->type == GW_TYPE_BLOB && column->max && column->max <= VARBINARY_MAX)
        snprintf(text, size, "VARBINARY(%u)", column->max);
    else
        snprintf(text, size, "%s", names[column->type]);
}

void gw_mysql_print_column(FILE *to, const struct gw_column *column, const char *collation)
{
    char type[64];

    gw_mysql_type(column, type, sizeof(type));
    fprintf(to, "`%s` %s", column->name, type);
    if (column->type == GW_TYPE_TEXT)
        fprintf(to, " CHARACTER SET utf8mb4 COLLATE %s", collation);
    if (!(column->flags & GW_COL_OPTIONAL))
        fputs(" NOT NULL", to);
    if (column->flags & GW_COL_REVOKES)
        fputs(" DEFAULT 0", to);
    if (column->flags & GW_COL_AUTO)
        fputs(" AUTO_INCREMENT", to);
}

void gw_mysql_print_table(FILE *to, const struct gw_table *table, const char *collation)
{
    fprintf(to, "CREATE TABLE `%s` (\n", table->sql_name);
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct gw_column *column = &table->columns[i];

        fputs("  ", to);
        gw_mysql_print_column(to, column, collation);
        if (column->flags & GW_COL_UNIQUE && !(column->flags & GW_COL_KEY))
            fputs(" UNIQUE", to);
        fputs(",\n", to);
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct gw_table *other = table->columns[i].references;

        if (other)
            fprintf(to, "  FOREIGN KEY (`%s`) REFERENCES `%s` (`%s`),\n", table->columns[i].name,
                    other->sql_name, other->columns[other->key].name);
    }
    fprintf(to, "  PRIMARY KEY (`%s`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=%s;\n",
            table->columns[table->key].name, collation);
}
