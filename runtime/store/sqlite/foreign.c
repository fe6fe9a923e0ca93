/* foreign.c: foreign keys of a table that is made anew. The live one stays as it was written where
 * it leads to the declared table and does ON DELETE what is declared, if anything is. */
#include "store/sqlite/rebuild.h"

#include "store/column.h"

#include <stdlib.h>
#include <string.h>

static bool leads_right(const char *normal, const struct gw_column *column)
{
    char *wanted =
        column->references ? sqlite3_mprintf("references%s", column->references->sql_name) : NULL;
    char *other = wanted ? gw_sqlite_normalised(wanted, strlen(wanted)) : NULL;
    const char *at = other ? strstr(normal, other) : NULL;
    bool right = at && strchr("(on", at[strlen(other)]);
    free(other);
    sqlite3_free(wanted);
    return right;
}

bool gw_sqlite_reference_stays(struct gw_str text, const struct gw_column *column)
{
    char *normal = gw_sqlite_normalised(text.ptr, text.len);
    const char *action = column->flags & GW_COL_CASCADE    ? "ondeletecascade"
                         : column->flags & GW_COL_SET_NULL ? "ondeletesetnull"
                                                           : "";
    bool stays = normal && leads_right(normal, column) && strstr(normal, action);
    free(normal);
    return stays;
}

/* Of the live table, in the column or behind all. */
static bool has_reference(const struct rebuild *b, const struct gw_column *column)
{
    const char *name = gw_column_sql(column);
    struct sqlite_column_parts parts;
    for (size_t i = 0; i < b->live.n; i++) {
        const struct sqlite_item *item = &b->live.items[i];
        if (gw_sqlite_item_is_reference_of(item, name) &&
            gw_sqlite_reference_stays(item->text, column))
            return true;
        if (!gw_sqlite_item_is(item, name) || !gw_sqlite_column_parts(item, &parts))
            continue;
        for (size_t j = 0; j < parts.n; j++)
            if (parts.clauses[j].kind == SQLITE_CLAUSE_REFERENCES &&
                gw_sqlite_reference_stays(parts.clauses[j].text, column))
                return true;
    }
    return false;
}

/* The column that is written anew and whose foreign key, behind all columns, this is; or NULL. */
static const struct gw_column *column_of(const struct rebuild *b, const struct sqlite_item *item)
{
    for (size_t i = 0; i < b->c->table->n_columns; i++) {
        const struct gw_column *column = &b->c->table->columns[i];
        if (b->c->differing >> i & 1 && column->references &&
            gw_sqlite_item_is_reference_of(item, gw_column_sql(column)))
            return column;
    }
    return NULL;
}

/* What else its author wrote, which the declared one has not. */
static bool says_more(struct gw_str text)
{
    char *normal = gw_sqlite_normalised(text.ptr, text.len);
    bool more = !normal || strstr(normal, "onupdate") || strstr(normal, "deferrable");
    free(normal);
    return more;
}

bool gw_sqlite_replaces_reference(struct rebuild *b, const struct sqlite_item *item)
{
    const struct gw_column *column = column_of(b, item);
    if (!column || gw_sqlite_reference_stays(item->text, column))
        return false;
    if (says_more(item->text))
        gw_sqlite_refuse(b, gw_column_sql(column),
                         "its foreign key says more than is declared; change it by hand");
    return true;
}

void gw_sqlite_append_references(sqlite3_str *sql, const struct rebuild *b)
{
    for (size_t i = 0; i < b->declared.n; i++) {
        const struct sqlite_item *item = &b->declared.items[i];
        const struct gw_column *column = column_of(b, item);
        if (column && !has_reference(b, column))
            sqlite3_str_appendf(sql, ",\n  %.*s", (int)item->text.len, item->text.ptr);
    }
}
