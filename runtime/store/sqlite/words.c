/* words.c: the CHECK of a `one of` column. */
#include "store/words.h"

#include "store/column.h"
#include "store/sqlite/live.h"

enum gw_words_said gw_sqlite_words_said(const struct sqlite_clause *clause,
                                        const struct gw_column *column)
{
    struct gw_str check = {NULL, 0};
    if (column->one_of && clause->kind == SQLITE_CLAUSE_CHECK)
        check = gw_sqlite_check_expression(clause);
    return check.ptr ? gw_words_said(check, column, false) : GW_WORDS_NOTHING;
}

void gw_sqlite_compare_words(struct sqlite_comparison *c, const struct gw_column *column)
{
    static const char none[] = "column %s.%s: has no CHECK of its words";
    static const char others[] = "column %s.%s: its CHECK has other words than are declared";
    const char *table = c->table->sql_name, *name = gw_column_sql(column);
    enum gw_words_said said = GW_WORDS_NOTHING;
    struct sqlite_definition definition;
    struct sqlite_column_parts parts;
    if (!gw_sqlite_definition(c->sql, &definition))
        return;
    for (size_t i = 0; i < definition.n; i++) {
        if (!gw_sqlite_item_is(&definition.items[i], name) ||
            !gw_sqlite_column_parts(&definition.items[i], &parts))
            continue;
        for (size_t j = 0; j < parts.n && said == GW_WORDS_NOTHING; j++)
            said = gw_sqlite_words_said(&parts.clauses[j], column);
    }
    if (said == GW_WORDS_OTHERS)
        gw_store_warn(&c->differences, others, table, name);
    else if (said == GW_WORDS_NOTHING)
        gw_store_deviate(&c->differences, none, table, name);
}
