/* rebuild.c: prints the statements that lead a SQLite file to the declared schema.
 *
 * SQLite changes most of a table by making it anew (its documentation, "Making Other Kinds Of Table
 * Schema Changes"): a new table, a copy, DROP of the old one, a new name. A shell goes on behind an
 * error, and some errors end the transaction too, so that what follows runs without one. Therefore:
 *
 *  - The new table is the live statement with only the differing columns replaced, so that what
 *    nobody declared stays. Its indexes and triggers are made again as they were written.
 *  - A row in a temporary table says that the copy equals the table; it is written in the same
 *    transaction as the DROP, and gone if that transaction is.
 *  - A SAVEPOINT stands before the DROP: it begins a transaction if there is none.
 *  - The last statement before COMMIT looks at all of it, and otherwise breaks its own NOT NULL,
 *    which by OR ROLLBACK takes back everything since the transaction began. COMMIT then has
 *    nothing to commit.
 *  - A script that ends too soon commits nothing.
 *
 * What does not fit in the rows that are there is refused, not printed. */
#include "store/sqlite/rebuild.h"
#include "store/sqlite/types.h"

#include "store/column.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- The new statement ---------------------------------------------------------------------- */

static const struct sqlite_item *item_of(const struct sqlite_definition *definition,
                                         const char *name)
{
    for (size_t i = 0; i < definition->n; i++)
        if (gw_sqlite_item_is(&definition->items[i], name))
            return &definition->items[i];
    return NULL;
}

static const struct sqlite_clause *clause_of(const struct sqlite_column_parts *parts,
                                             enum sqlite_clause_kind kind)
{
    for (size_t i = 0; i < parts->n; i++)
        if (parts->clauses[i].kind == kind)
            return &parts->clauses[i];
    return NULL;
}

static bool says_the_same(const struct sqlite_clause *a, const struct sqlite_clause *b)
{
    char *x = gw_sqlite_normalised(a->text.ptr, a->text.len);
    char *y = gw_sqlite_normalised(b->text.ptr, b->text.len);
    bool same = x && y && !strcmp(x, y);
    free(x);
    free(y);
    return same;
}

/* Whether a clause of the live column stays beside what is declared. */
static bool stays(const struct sqlite_clause *clause, const struct gw_column *column,
                  const struct sqlite_column_parts *declared)
{
    bool compared = column->flags & (GW_COL_KEY | GW_COL_UNIQUE) || column->references;
    switch (clause->kind) {
    case SQLITE_CLAUSE_DEFAULT:
    case SQLITE_CLAUSE_UNIQUE:
        return !clause_of(declared, clause->kind) && !clause_of(declared, SQLITE_CLAUSE_KEY);
    case SQLITE_CLAUSE_COLLATE:
        return !compared && !clause_of(declared, clause->kind);
    case SQLITE_CLAUSE_REFERENCES:
        return gw_sqlite_reference_stays(clause->text, column) || !column->references;
    case SQLITE_CLAUSE_CHECK:
        for (size_t i = 0; i < declared->n; i++)
            if (says_the_same(clause, &declared->clauses[i]))
                return false;
        return !gw_sqlite_is_length_check(clause, column) && !gw_sqlite_words_said(clause, column);
    default:
        return false;
    }
}

static void append_differing(sqlite3_str *sql, const struct gw_column *column,
                             const struct sqlite_column_parts *declared,
                             const struct sqlite_column_parts *live)
{
    bool reference = false;
    for (size_t i = 0; i < live->n; i++)
        reference = reference || (live->clauses[i].kind == SQLITE_CLAUSE_REFERENCES &&
                                  gw_sqlite_reference_stays(live->clauses[i].text, column));
    sqlite3_str_appendf(sql, "\"%w\" %.*s", gw_column_sql(column), (int)declared->type.len,
                        declared->type.ptr);
    for (size_t i = 0; i < declared->n; i++)
        if (declared->clauses[i].kind != SQLITE_CLAUSE_REFERENCES || !reference)
            sqlite3_str_appendf(sql, " %.*s", (int)declared->clauses[i].text.len,
                                declared->clauses[i].text.ptr);
    for (size_t i = 0; i < live->n; i++)
        if (stays(&live->clauses[i], column, declared))
            sqlite3_str_appendf(sql, " %.*s", (int)live->clauses[i].text.len,
                                live->clauses[i].text.ptr);
}

/* The type of a column that is not declared, in a STRICT table. What is stored goes on holding
 * whatever it held; what is computed would be another value without its type's affinity. */
static int undeclared_type(struct rebuild *b, const struct sqlite_item *item,
                           const struct sqlite_column_parts *parts, struct gw_str *ret)
{
    bool computed = clause_of(parts, SQLITE_CLAUSE_GENERATED) && parts->type.len;
    bool strict = gw_sqlite_is_strict_type(parts->type);
    int64_t n = 0;
    int r = 0;
    *ret = computed                                        ? parts->type
           : clause_of(parts, SQLITE_CLAUSE_KEY) && strict ? GW_STR("INTEGER")
                                                           : GW_STR("ANY");
    if (computed && strict)
        r = gw_sqlite_count(b, &n,
                            "typeof(%.*s) || '.' NOT IN ('null.', replace(lower('%.*s.'),"
                            " 'int.', 'integer.'))",
                            (int)item->name.len, item->name.ptr, (int)ret->len, ret->ptr);
    if (!r && computed && (n || !strict))
        gw_sqlite_refuse(b, "",
                         "a computed column has no type of STRICT tables; change it by hand");
    return r;
}

static int append_undeclared(sqlite3_str *sql, struct rebuild *b, const struct sqlite_item *item)
{
    struct sqlite_column_parts parts;
    struct gw_str type;
    if (b->c->strict) {
        sqlite3_str_appendf(sql, "%.*s", (int)item->text.len, item->text.ptr);
        return 0;
    }
    if (!gw_sqlite_column_parts(item, &parts))
        return -EINVAL;
    int r = undeclared_type(b, item, &parts, &type);
    sqlite3_str_appendf(sql, "%.*s %.*s", (int)item->name.len, item->name.ptr, (int)type.len,
                        type.ptr);
    for (size_t i = 0; i < parts.n; i++)
        sqlite3_str_appendf(sql, " %.*s", (int)parts.clauses[i].text.len,
                            parts.clauses[i].text.ptr);
    return r;
}

static int column_index(const struct rebuild *b, const struct sqlite_item *item)
{
    for (size_t i = 0; i < b->c->table->n_columns; i++)
        if (gw_sqlite_item_is(item, gw_column_sql(&b->c->table->columns[i])))
            return (int)i;
    return -1;
}

static bool differs(const struct rebuild *b, int column)
{
    return b->c->differing >> column & 1;
}

/* Whether the live column is dropped by not being made anew. */
static bool is_dropped(const struct rebuild *b, const struct sqlite_item *item)
{
    const struct gw_migration *migration = b->c->migration;
    size_t len = strlen(b->c->table->sql_name);
    for (const char *const *loss = migration->losses; item->name.ptr && loss && *loss; loss++)
        if (!sqlite3_strnicmp(*loss, b->c->table->sql_name, (int)len) && (*loss)[len] == '.' &&
            gw_sqlite_item_is(item, *loss + len + 1))
            return gw_sqlite_drops(b->c, *loss + len + 1);
    return false;
}

/* Whether a constraint goes with a column that does. */
static bool goes_with(struct rebuild *b, const struct sqlite_item *item)
{
    size_t len = strlen(b->c->table->sql_name);
    for (const char *const *loss = b->c->migration->losses; loss && *loss; loss++) {
        const char *column = *loss + len + 1;
        if (sqlite3_strnicmp(*loss, b->c->table->sql_name, (int)len) || (*loss)[len] != '.' ||
            !gw_sqlite_drops(b->c, column) || !item_of(&b->live, column))
            continue;
        if (gw_sqlite_item_checks(item, column))
            gw_sqlite_refuse(b, column,
                             "cannot be dropped, for a CHECK of the table names it; change that"
                             " by hand");
        if (gw_sqlite_item_holds(item, column))
            return true;
    }
    return false;
}

static int append_column(sqlite3_str *sql, struct rebuild *b, const struct sqlite_item *item)
{
    struct sqlite_column_parts declared, live;
    int i = column_index(b, item), r;
    if (i < 0)
        return append_undeclared(sql, b, item);
    const struct gw_column *column = &b->c->table->columns[i];
    if (!gw_sqlite_column_parts(item_of(&b->declared, gw_column_sql(column)), &declared) ||
        !gw_sqlite_column_parts(item, &live))
        return -EINVAL;
    if (!differs(b, i)) {
        sqlite3_str_appendf(sql, "%.*s", (int)item->text.len, item->text.ptr);
        return b->c->strict ? 0 : gw_sqlite_check_types(b, column);
    }
    if (clause_of(&live, SQLITE_CLAUSE_GENERATED))
        gw_sqlite_refuse(b, gw_column_sql(column), "is computed; change it by hand");
    r = gw_sqlite_check_rows(b, column, &declared);
    append_differing(sql, column, &declared, &live);
    return r;
}

static int append_missing(sqlite3_str *sql, struct rebuild *b, const struct gw_column *column)
{
    const struct sqlite_item *item = item_of(&b->declared, gw_column_sql(column));
    struct sqlite_column_parts parts;
    bool filled;
    if (!item || !gw_sqlite_column_parts(item, &parts))
        return -EINVAL;
    filled =
        column->flags & (GW_COL_OPTIONAL | GW_COL_AUTO) || clause_of(&parts, SQLITE_CLAUSE_DEFAULT);
    if (b->has_rows && !filled)
        gw_sqlite_refuse(b, gw_column_sql(column),
                         "must have a value, which the rows that are there have not; declare a"
                         " `default`, or `optional`");
    sqlite3_str_appendf(sql, "%.*s", (int)item->text.len, item->text.ptr);
    return 0;
}

/* The primary key is where the live statement has it, unless its column is written anew. */
static void append_constraint(sqlite3_str *sql, struct rebuild *b, const struct sqlite_item *item)
{
    const struct gw_table *table = b->c->table;
    if (gw_sqlite_item_is_key(item) && differs(b, table->key)) {
        if (!gw_sqlite_item_is_key_of(item, gw_column_sql(&table->columns[table->key])))
            gw_sqlite_refuse(b, "", "has another primary key; change it by hand");
        return;
    }
    if (!goes_with(b, item) && !gw_sqlite_replaces_reference(b, item))
        sqlite3_str_appendf(sql, ",\n  %.*s", (int)item->text.len, item->text.ptr);
}

static void check_key(struct rebuild *b, const struct sqlite_item *item)
{
    const struct gw_table *table = b->c->table;
    struct sqlite_column_parts parts;
    if (differs(b, table->key) &&
        !gw_sqlite_item_is(item, gw_column_sql(&table->columns[table->key])) &&
        gw_sqlite_column_parts(item, &parts) && clause_of(&parts, SQLITE_CLAUSE_KEY))
        gw_sqlite_refuse(b, "", "has another primary key; change it by hand");
}

/* What goes into the brackets and behind them. */
static int append_body(sqlite3_str *sql, struct rebuild *b)
{
    const char *comma = "\n  ";
    int r = 0;
    for (size_t i = 0; !r && i < b->live.n; i++) {
        if (!b->live.items[i].name.ptr || is_dropped(b, &b->live.items[i]))
            continue;
        check_key(b, &b->live.items[i]);
        sqlite3_str_appendall(sql, comma);
        r = append_column(sql, b, &b->live.items[i]);
        comma = "\n, ";
    }
    for (size_t i = 0; !r && i < b->c->table->n_columns; i++) {
        if (item_of(&b->live, gw_column_sql(&b->c->table->columns[i])))
            continue;
        sqlite3_str_appendall(sql, comma);
        r = append_missing(sql, b, &b->c->table->columns[i]);
    }
    for (size_t i = 0; i < b->live.n; i++)
        if (!b->live.items[i].name.ptr)
            append_constraint(sql, b, &b->live.items[i]);
    gw_sqlite_append_references(sql, b);
    sqlite3_str_appendf(sql, "\n) STRICT%s", b->live.without_rowid ? ", WITHOUT ROWID" : "");
    return r;
}

/* ---- Printing ------------------------------------------------------------------------------- */

/* What names the rowid that is not the key (full-text indexes keep it); NULL: nothing does. */
static const char *rowid_name(const struct rebuild *b)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    const struct gw_table *table = b->c->table;
    if (b->live.without_rowid || !strcmp(table->definitions[table->key].sqlite_type, "INTEGER"))
        return NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!item_of(&b->live, names[i]) && !item_of(&b->declared, names[i]))
            return names[i];
    return NULL;
}

/* The column whose values are to be cut; NULL: it is none. */
static const struct gw_column *cut_column(const struct rebuild *b, const char *name)
{
    for (size_t i = 0; i < b->c->table->n_columns; i++)
        if (b->cut >> i & 1 && !sqlite3_stricmp(gw_column_sql(&b->c->table->columns[i]), name))
            return &b->c->table->columns[i];
    return NULL;
}

/* The columns that can be copied, "\"a\", \"b\"", and what is copied into them. */
static int copied_columns(const struct rebuild *b, char **ret, char **ret_values)
{
    const char *const name[] = {b->c->table->sql_name, NULL};
    sqlite3_str *list = sqlite3_str_new(b->c->db), *values = sqlite3_str_new(b->c->db);
    const char *rowid = rowid_name(b);
    struct sqlite_cursor rows;
    int r;
    sqlite3_str_appendall(list, rowid ? rowid : "");
    sqlite3_str_appendall(values, rowid ? rowid : "");
    gw_sqlite_ask(&rows, b->c->store, b->c->db,
                  "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", name);
    while (gw_sqlite_next(&rows)) {
        const char *column = (const char *)sqlite3_column_text(rows.stmt, 0);
        if (column && gw_sqlite_drops(b->c, column))
            continue;
        const struct gw_column *cut = column ? cut_column(b, column) : NULL;
        const char *comma = sqlite3_str_length(list) ? ", " : "";
        sqlite3_str_appendf(list, "%s\"%w\"", comma, column);
        if (cut)
            sqlite3_str_appendf(values, "%ssubstr(\"%w\", 1, %u)", comma, column, cut->max);
        else
            sqlite3_str_appendf(values, "%s\"%w\"", comma, column);
    }
    r = gw_sqlite_done(&rows);
    *ret = sqlite3_str_finish(list);
    *ret_values = sqlite3_str_finish(values);
    return r ? r : *ret && *ret_values ? 0 : -ENOMEM;
}

/* Indexes and triggers as they were written; *ret_n counts them. */
static int append_objects(sqlite3_str *sql, const struct rebuild *b, int *ret_n)
{
    const char *const name[] = {b->c->table->sql_name, NULL};
    struct sqlite_cursor rows;
    *ret_n = 0;
    gw_sqlite_ask(&rows, b->c->store, b->c->db,
                  "SELECT sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT"
                  " NULL AND lower(tbl_name) = lower(?) ORDER BY rowid",
                  name);
    for (; gw_sqlite_next(&rows); ++*ret_n)
        sqlite3_str_appendf(sql, "%s;\n", sqlite3_column_text(rows.stmt, 0));
    return gw_sqlite_done(&rows);
}

#define OBJECTS                                                                                    \
    "(SELECT count(*) FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"   \
    " AND lower(tbl_name) = lower(%Q)) = %d"
#define VIOLATIONS "(SELECT count(*) FROM pragma_foreign_key_check(%Q))"

/* The copy, and what says that it is one: as many rows, the same rows, the schema as it was when
 * this was printed, and no key that would be given again. */
static void append_copy(sqlite3_str *sql, const struct rebuild *b, const char *columns,
                        const char *values, int objects)
{
    const char *name = b->c->table->sql_name;
    sqlite3_str_appendf(sql, "INSERT INTO \"new %w\" (%s) SELECT %s FROM \"%w\";\n", name, columns,
                        values, name);
    if (b->c->table->columns[b->c->table->key].flags & GW_COL_AUTO)
        sqlite3_str_appendf(sql,
                            "DELETE FROM sqlite_sequence WHERE name = 'new ' || %Q AND EXISTS"
                            " (SELECT 1 FROM sqlite_sequence WHERE lower(name) = lower(%Q));\n"
                            "INSERT INTO sqlite_sequence SELECT 'new ' || %Q, seq FROM"
                            " sqlite_sequence WHERE lower(name) = lower(%Q);\n",
                            name, name, name, name);
    sqlite3_str_appendf(sql, "SAVEPOINT \"copied %w\";\n", name);
    sqlite3_str_appendf(
        sql,
        "INSERT INTO temp.\"gw seen\" SELECT 'copy of ' || %Q, " VIOLATIONS " WHERE\n"
        "  (SELECT count(*) FROM \"%w\") = (SELECT count(*) FROM \"new %w\")\n"
        "  AND NOT EXISTS (SELECT %s FROM \"%w\" EXCEPT SELECT %s FROM \"new %w\")\n"
        "  AND (SELECT sql FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(%Q)) = "
        "%Q\n"
        "  AND " OBJECTS ";\n",
        name, name, name, name, values, name, columns, name, name, b->c->sql, name, objects);
}

/* The swap, and the judgement on it: first by what cannot fail itself, then on references. */
static void append_swap(sqlite3_str *sql, const struct rebuild *b, const char *remade, int objects)
{
    const char *name = b->c->table->sql_name;
    sqlite3_str_appendf(sql,
                        "SAVEPOINT \"swapped %w\";\n"
                        "DROP TABLE \"%w\";\n"
                        "ALTER TABLE \"new %w\" RENAME TO \"%w\";\n%s",
                        name, name, name, name, remade);
    sqlite3_str_appendf(
        sql,
        "INSERT OR ROLLBACK INTO temp.\"gw seen\" SELECT 'swapped', CASE WHEN\n"
        "  (SELECT foreign_keys FROM pragma_foreign_keys) = 0\n"
        "  AND (SELECT legacy_alter_table FROM pragma_legacy_alter_table) = 1\n"
        "  AND EXISTS (SELECT 1 FROM temp.\"gw seen\" WHERE fact = 'copy of ' || %Q)\n"
        "  AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'new ' || %Q)\n"
        "  AND EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = %Q)\n"
        "  AND " OBJECTS " THEN 1 END;\n"
        "INSERT OR ROLLBACK INTO temp.\"gw seen\" SELECT 'referring', CASE WHEN\n"
        "  (SELECT n FROM temp.\"gw seen\" WHERE fact = 'copy of ' || %Q) >= " VIOLATIONS
        " THEN 1 END;\n",
        name, name, name, name, objects, name, name);
}

static int print_script(struct rebuild *b, const char *body)
{
    sqlite3_str *sql = sqlite3_str_new(b->c->db), *remade = sqlite3_str_new(b->c->db);
    bool whole = b->migration->apply; /* one transaction for all tables */
    char *columns = NULL, *values = NULL, *text;
    int objects, r = copied_columns(b, &columns, &values);
    if (!r)
        r = append_objects(remade, b, &objects);
    text = sqlite3_str_finish(remade);
    if (!r) {
        sqlite3_str_appendf(sql, "%sCREATE TABLE \"new %w\" (%s;\n",
                            whole ? "" : "BEGIN IMMEDIATE;\n", b->c->table->sql_name, body);
        append_copy(sql, b, columns, values, objects);
        append_swap(sql, b, text ? text : "", objects);
        sqlite3_str_appendall(sql, whole ? "" : "COMMIT;\n");
    }
    sqlite3_free(text);
    sqlite3_free(columns);
    sqlite3_free(values);
    text = sqlite3_str_finish(sql);
    if (!r && !text)
        r = -ENOMEM;
    if (!r)
        fputs(text, b->migration->to);
    sqlite3_free(text);
    return r;
}

/* ---- A table -------------------------------------------------------------------------------- */

static int check_name(struct rebuild *b)
{
    char *taken = sqlite3_mprintf("new %s", b->c->table->sql_name);
    int64_t n = 0;
    int r = taken ? gw_sqlite_number(b->c->store, b->c->db,
                                     "SELECT count(*) FROM sqlite_schema WHERE lower(name) ="
                                     " lower(?)",
                                     (const char *[]){taken, NULL}, &n)
                  : -ENOMEM;
    if (!r && n)
        gw_sqlite_refuse(b, "", "\"%s\" is in the way; look what it holds, and drop it", taken);
    sqlite3_free(taken);
    return r;
}

static int rebuild(struct rebuild *b)
{
    sqlite3_str *sql = sqlite3_str_new(b->c->db);
    char *body = NULL;
    int64_t rows;
    int r = gw_sqlite_count(b, &rows, "1");
    b->has_rows = rows > 0;
    if (!r)
        r = check_name(b);
    if (!r && b->c->in_the_way)
        gw_sqlite_refuse(b, "",
                         "a column that is not declared must be written; give it a default, or let"
                         " --allow-loss TABLE.COLUMN drop it");
    if (!r)
        r = append_body(sql, b);
    body = sqlite3_str_finish(sql);
    if (!r && !body)
        r = -ENOMEM;
    if (!r && !b->refused)
        r = print_script(b, body);
    sqlite3_free(body);
    return r;
}

int gw_sqlite_change_table(struct sqlite_comparison *c, struct gw_migration *migration)
{
    struct rebuild *b = calloc(1, sizeof(*b));
    int r = b ? 0 : -ENOMEM;
    if (b) {
        *b = (struct rebuild){.c = c, .migration = migration};
        b->declared_sql = gw_sqlite_create_text("\"", c->table);
        if (!b->declared_sql)
            r = -ENOMEM;
        else if (!gw_sqlite_definition(b->declared_sql, &b->declared))
            r = -EINVAL;
    }
    if (!r && !c->sql)
        fprintf(migration->to, "%s;\n%s", b->declared_sql,
                c->table->sqlite_indexes ? c->table->sqlite_indexes : "");
    else if (!r && !gw_sqlite_definition(c->sql, &b->live))
        gw_sqlite_refuse(b, "",
                         "its CREATE TABLE statement cannot be taken apart; change it by hand");
    else if (!r)
        r = rebuild(b);
    if (b)
        sqlite3_free(b->declared_sql);
    free(b);
    return r;
}
