/* sets.c: the key of a table, what else is unique, and indexes.
 *
 * A table needs a key. Where its primary key cannot be one, or there is none, a unique index
 * without NULL is as good. */
#include "import/import.h"

#include "check/check.h"

#include <stdlib.h>
#include <string.h>

static bool is_bounded(const struct column *column)
{
    return (column->type != TYPE_TEXT && column->type != TYPE_BLOB) || column->max;
}

/* SQLite has texts without a bound in indexes, the language has not. */
#define USUAL 255 /* characters, of which an index holds three times as many */

static void bound(struct import_column *of, size_t n)
{
    if (of->column.type != TYPE_TEXT || of->column.max)
        return;
    of->column.max = n <= MAX_INDEXED / USUAL ? USUAL : (uint32_t)(MAX_INDEXED / n);
    import_note(of, "has no bound here, and is in an index");
}

/* Why it cannot be; NULL: it can. Columns that are left out are why most cannot. */
static const char *set_fault(const struct import *import, const struct import_table *table,
                             const struct gw_live_set *live, struct import_set *ret)
{
    unsigned bytes = 0;
    if (live->why)
        return live->why;
    if (live->n_columns > MAX_SET)
        return "it has more than 8 columns";
    for (size_t i = 0; i < live->n_columns; i++) {
        struct import_column *column = import_column_named(table, live->columns[i]);
        if (!column)
            return arena_printf(import->arena, "column \"%s\" is left out",
                                import_shown(import->arena, live->columns[i]));
        if (column->column.type == TYPE_JSON ||
            (column->column.type == TYPE_BLOB && !column->column.max))
            return arena_printf(import->arena, "%s without a bound cannot be in it",
                                type_infos[column->column.type].name);
        unsigned room = MAX_INDEXED_BYTES / (unsigned)live->n_columns;
        bytes += is_bounded(&column->column) ? indexed_bytes(&column->column) : room;
        *vec_add(import->arena, &ret->columns) = column;
    }
    return bytes > MAX_INDEXED_BYTES ? "its columns may have more than 3072 bytes" : NULL;
}

static const char *key_fault(const struct import_set *set)
{
    for (size_t i = 0; i < set->columns.n; i++) {
        const struct column *column = &set->columns.items[i]->column;
        bool number = column->type == TYPE_INT || column->type == TYPE_UINT ||
                      (column->type == TYPE_BOOL && set->columns.items[i]->live->number);
        bool text = column->type == TYPE_TEXT || column->type == TYPE_UUID;
        bool date = column->type == TYPE_DATE && set->columns.n > 1;
        if (!number && !text && !date)
            return "a key has numbers, texts and uuids";
        if (column->optional)
            return "a key has no NULL";
    }
    return NULL;
}

static const char *unique_fault(const struct import_set *set)
{
    enum type type = set->columns.items[0]->column.type;
    bool can = type != TYPE_BOOL && type != TYPE_REAL && type != TYPE_BLOB && type != TYPE_JSON;
    return set->columns.n > 1 || can ? NULL : "its type cannot be unique";
}

static void leave_out(const struct import *import, struct import_table *table,
                      const struct gw_live_set *live, const char *why)
{
    *vec_add(import->arena, &table->left_out) =
        arena_printf(import->arena, "%s \"%s\" (%s): %s", live->unique ? "unique" : "index",
                     import_shown(import->arena, live->name),
                     import_shown_list(import->arena, live->columns, live->n_columns), why);
}

/* ---- The key -------------------------------------------------------------------------------- */

/* What identifies a row has no default, is not hidden, and is compared by its bytes. */
static void make_key_column(struct import_column *of)
{
    struct column *column = &of->column;
    column->secret = false;
    if (column->default_kind) {
        column->default_kind = DEFAULT_NONE;
        import_note(of, "default %s",
                    of->live->default_text ? import_shown(of->note.arena, of->live->default_text)
                                           : "now");
    }
}

static void make_key(const struct import *import, struct import_table *table,
                     const struct gw_live_set *live, struct import_set *set)
{
    table->key_index = live;
    set->kind = SET_KEY;
    for (size_t i = 0; i < set->columns.n; i++) {
        bound(set->columns.items[i], set->columns.n);
        import_as_number(set->columns.items[i]);
        make_key_column(set->columns.items[i]);
    }
    if (set->columns.n > 1) {
        *vec_add(import->arena, &table->sets) = *set;
        return;
    }
    struct import_column *key = table->key = set->columns.items[0];
    import_without_words(key);
    key->column.key = true;
    key->column.automatic =
        key->live->automatic && (key->column.type == TYPE_INT || key->column.type == TYPE_UINT);
    if (key->column.automatic && key->live->repeats)
        import_note(key, "without AUTOINCREMENT: the key of a deleted row may come again");
}

/* The primary key first, then what has fewest columns. */
static int keys_first(const void *a, const void *b)
{
    const struct gw_live_set *left = *(const struct gw_live_set *const *)a;
    const struct gw_live_set *right = *(const struct gw_live_set *const *)b;
    if (left->key != right->key)
        return left->key ? -1 : 1;
    if (left->n_columns != right->n_columns)
        return left->n_columns < right->n_columns ? -1 : 1;
    return left < right ? -1 : left > right;
}

static void find_key(const struct import *import, struct import_table *table)
{
    const struct gw_live_table *live = table->live;
    const struct gw_live_set **sets =
        arena_alloc(import->arena, (live->n_sets + 1) * sizeof(*sets));
    const char *first = NULL;
    for (size_t i = 0; i < live->n_sets; i++)
        sets[i] = &live->sets[i];
    qsort(sets, live->n_sets, sizeof(*sets), keys_first);
    for (size_t i = 0; i < live->n_sets && !table->key_index; i++) {
        struct import_set set = {.kind = SET_KEY};
        if (!sets[i]->unique)
            continue;
        const char *why = set_fault(import, table, sets[i], &set);
        why = why ? why : key_fault(&set);
        if (!why)
            make_key(import, table, sets[i], &set);
        else if (sets[i]->key)
            first = arena_printf(
                import->arena, "its key (%s) cannot be declared: %s",
                import_shown_list(import->arena, sets[i]->columns, sets[i]->n_columns), why);
    }
    if (!table->key_index)
        table->why = first ? first
                           : "it has no primary key, and no unique index without NULL that could "
                             "be its key";
    else if (!table->key_index->key)
        *vec_add(import->arena, &table->left_out) =
            arena_printf(import->arena, "%s; the key is the unique index \"%s\"",
                         first ? first : "there is no primary key",
                         import_shown(import->arena, table->key_index->name));
}

/* ---- Too many columns ----------------------------------------------------------------------- */

static bool is_in_key(const struct import_table *table, const struct import_column *column)
{
    for (size_t i = 0; table->sets.n && i < table->sets.items[0].columns.n; i++) {
        if (table->sets.items[0].columns.items[i] == column)
            return true;
    }
    return column == table->key;
}

static void cut_columns(struct import_table *table)
{
    size_t n = 0;
    for (size_t i = 0; i < table->n_columns; i++)
        n += !table->columns[i].why;
    for (size_t i = table->n_columns; i-- && n > MAX_COLUMNS;) {
        if (table->columns[i].why || is_in_key(table, &table->columns[i]))
            continue;
        table->columns[i].why = "a table has at most 62 columns";
        n--;
    }
}

/* ---- Uniques and indexes -------------------------------------------------------------------- */

static bool is_same(const struct import_set *a, const struct import_set *b)
{
    return a->kind == b->kind && a->columns.n == b->columns.n &&
           !memcmp(a->columns.items, b->columns.items, a->columns.n * sizeof(*a->columns.items));
}

static bool is_there(const struct import_table *table, const struct import_set *set)
{
    for (size_t i = 0; i < table->sets.n; i++) {
        if (is_same(&table->sets.items[i], set))
            return true;
    }
    return false;
}

/* A name or an address is found as the database finds it; what opens something, by its bytes. */
static void add_unique(struct import_column *of)
{
    struct column *column = &of->column;
    column->unique = true;
    column->nocase =
        column->type == TYPE_TEXT && of->live->ignores_case && !column->secret && !column->one_of.n;
}

static void add_set(const struct import *import, struct import_table *table,
                    const struct gw_live_set *live)
{
    struct import_set set = {.kind = live->unique ? SET_UNIQUE : SET_INDEX};
    const char *why = set_fault(import, table, live, &set);
    if (!why && live->unique)
        why = unique_fault(&set);
    if (!why && table->sets.n == MAX_SETS)
        why = "a table has at most 64";
    if (why) {
        leave_out(import, table, live, why);
        return;
    }
    for (size_t i = 0; i < set.columns.n; i++)
        bound(set.columns.items[i], set.columns.n);
    if (live->unique && set.columns.n == 1)
        add_unique(set.columns.items[0]);
    else if (!is_there(table, &set))
        *vec_add(import->arena, &table->sets) = set;
}

void import_sets(const struct import *import, struct import_table *table)
{
    find_key(import, table);
    if (table->why)
        return;
    cut_columns(table);
    if (table->sets.n)
        table->keys = &table->sets.items[0];
    for (size_t i = 0; i < table->live->n_sets; i++) {
        if (&table->live->sets[i] != table->key_index)
            add_set(import, table, &table->live->sets[i]);
    }
    table->keys = table->key ? NULL : &table->sets.items[0]; /* the list may have moved */
}
