/* references.c: foreign keys as `references`, behind the keys of all tables.
 *
 * A column references the key of another table, of one column, and is of the key's type. Types are
 * each database's own, so most do; what does not is said. */
#include "import/import.h"

#include <string.h>
#include <strings.h>

static const struct import_table *table_named(const struct import *import, const char *name)
{
    const struct import_table *found = NULL;
    for (size_t i = 0; i < import->n_tables; i++) {
        if (!strcmp(import->tables[i].live->name, name))
            return &import->tables[i];
        if (!strcasecmp(import->tables[i].live->name, name))
            found = &import->tables[i];
    }
    return found;
}

/* A text in SQLite may have no bound: it has that of what it references. */
static void bound(struct import_column *of, const struct column *key)
{
    if (of->column.type != TYPE_TEXT || of->column.max || !key->max)
        return;
    of->column.max = key->max;
    import_note(of, "has no bound here, and references");
}

/* Why it cannot be declared; NULL: it is. */
static const char *reference_fault(const struct gw_live_reference *live,
                                   struct import_column *column, const struct import_table *to)
{
    if (!column)
        return "its column is left out";
    if (!to || to->why)
        return "that table is not declared";
    if (!to->key)
        return "the key of that table has several columns";
    if (live->to_columns[0] && strcasecmp(live->to_columns[0], to->key->live->name))
        return "it leads to another column than the key";
    if (column->column.references.text)
        return "the column references already";
    const struct column *key = &to->key->column;
    if (key->type == TYPE_INT || key->type == TYPE_UINT)
        import_as_number(column);
    if (key->type != column->column.type)
        return "the key has another type";
    bound(column, key);
    if (key->max != column->column.max)
        return "the key has another length";
    return NULL;
}

static void set_action(struct column *column, const struct gw_live_reference *live)
{
    if (!strcasecmp(live->action, "CASCADE"))
        column->on_delete = ON_DELETE_CASCADE;
    else if (!strcasecmp(live->action, "SET NULL") && column->optional)
        column->on_delete = ON_DELETE_NULL;
}

static void add_reference(const struct import *import, struct import_table *table,
                          const struct gw_live_reference *live)
{
    const struct import_table *to = live->to ? table_named(import, live->to) : NULL;
    struct import_column *column = import_column_named(table, live->columns[0]);
    const char *why = !live->to             ? "it leads to another database"
                      : live->n_columns > 1 ? "it has several columns"
                                            : reference_fault(live, column, to);
    if (why) {
        *vec_add(import->arena, &table->left_out) = arena_printf(
            import->arena, "foreign key (%s)%s%s%s: %s",
            import_shown_list(import->arena, live->columns, live->n_columns),
            live->to ? " to \"" : "", live->to ? import_shown(import->arena, live->to) : "",
            live->to ? "\"" : "", why);
        return;
    }
    column->column.references.text = to->live->name; /* its C name is not known yet */
    column->column.referenced = &to->table;
    column->column.nocase = false; /* as the key */
    import_without_words(column);
    set_action(&column->column, live);
}

void import_references(const struct import *import, struct import_table *table)
{
    for (size_t i = 0; i < table->live->n_references; i++) {
        if (table->live->references[i].n_columns)
            add_reference(import, table, &table->live->references[i]);
    }
}
