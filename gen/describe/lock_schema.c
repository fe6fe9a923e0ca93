/* lock_schema.c: the tables and statements in routes.lock, as declarations of the language behind
 * `| `, so that a later program can be held against them (upgrade.c). What says how a table is made
 * and read is there, what is for C and JSON is not. */
#include "describe/lock.h"

#include "describe/lock_line.h"

#include "check/check.h"
#include "syntax/parse.h"

#include <stdlib.h>
#include <string.h>

/* ---- Writing -------------------------------------------------------------------------------- */

/* In quotes of the language. */
static void add_string(struct text *to, const char *value)
{
    text_add(to, "\"", 1);
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            text_add(to, "\\", 1);
        text_add(to, value, 1);
    }
    text_add(to, "\"", 1);
}

static void add_default(const struct column *column, struct text *to)
{
    static const char *const words[] = {
        [DEFAULT_NOW] = "now",
        [DEFAULT_RANDOM] = "random",
        [DEFAULT_TRUE] = "true",
        [DEFAULT_FALSE] = "false",
    };
    if (column->default_kind == DEFAULT_NONE)
        return;
    text_printf(to, " default ");
    if (column->default_kind == DEFAULT_TEXT)
        add_string(to, column->default_value.text);
    else if (column->default_kind == DEFAULT_NUMBER)
        text_printf(to, "%s", column->default_value.text);
    else
        text_printf(to, "%s", words[column->default_kind]);
}

static void add_flags(const struct column *column, struct text *to)
{
    const struct {
        bool set;
        const char *word;
    } flags[] = {

        {column->automatic, "auto"},
        {column->unique, "unique"},
        {column->optional, "optional"},
        {column->secret, "secret"},
        {column->revokes, "revokes"},
        {column->nocase, "nocase"},
        {column->touched, "touched"},
        {column->blocks != 0, "blocks"},
        {column->blocks == BLOCKS_FALSE, "when false"},
    };
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        if (flags[i].set)
            text_printf(to, " %s", flags[i].word);
    }
}

static void add_type(const struct column *column, struct text *to)
{
    text_printf(to, "%s %s", column->name.text, type_infos[column->type].name);
    if (column->type == TYPE_DECIMAL)
        text_printf(to, " %u.%u", column->precision, column->scale);
}

static void add_column(const struct column *column, struct text *to)
{
    add_type(column, to);
    if (column->max && !column->one_of.n)
        text_printf(to, " max %u", (unsigned)column->max);
    if (column->key)
        text_printf(to, " key");
    if (column->claim.text) {
        text_printf(to, " claim ");
        add_string(to, column->claim.text);
    }
    add_flags(column, to);
    if (strcmp(column->name.text, column->sql_name.text)) {
        text_printf(to, " as ");
        add_string(to, column->sql_name.text);
    }
    if (column->references.text)
        text_printf(to, " references %s", column->references.text);
    if (column->on_delete)
        text_printf(to, " on delete %s",
                    column->on_delete == ON_DELETE_CASCADE ? "cascade" : "null");
    for (size_t i = 0; i < column->one_of.n; i++) {
        text_printf(to, "%s ", i ? "" : " one of");
        add_string(to, column->one_of.items[i].text);
    }
    add_default(column, to);
}

static void add_set(const struct column_set *set, struct text *to)
{
    static const char *const words[] = {
        [SET_KEY] = "key", [SET_UNIQUE] = "unique", [SET_INDEX] = "index"};
    for (size_t i = 0; i < set->names.n; i++)
        text_printf(to, "%s%s%s", i ? "" : words[set->kind], i ? ", " : " (",
                    set->names.items[i].text);
    text_printf(to, ")");
}

static void add_table(const struct table *table, struct text *to)
{
    text_printf(to, LOCK_DECLARED "%s %s", table->entity ? "entity" : "table", table->name.text);
    if (strcmp(table->name.text, table->sql_name.text)) {
        text_printf(to, " as ");
        add_string(to, table->sql_name.text);
    }
    text_printf(to, "%s {\n", table->existing ? " existing" : "");
    for (size_t i = 0; i < table->columns.n; i++) {
        text_printf(to, LOCK_DECLARED "    ");
        add_column(&table->columns.items[i], to);
        text_printf(to, "\n");
    }
    for (size_t i = 0; i < table->sets.n; i++) {
        text_printf(to, LOCK_DECLARED "    ");
        add_set(&table->sets.items[i], to);
        text_printf(to, "\n");
    }
    text_printf(to, LOCK_DECLARED "}\n");
}

/* A parameter, or a column of a result. */
static void add_value(const struct column *column, struct text *to)
{
    add_type(column, to);
    text_printf(to, "%s%s", column->optional ? " optional" : "", column->secret ? " secret" : "");
}

static void add_statement(const struct sql *sql, struct text *to)
{
    static const char *const stores[] = {
        [SQL_EVERYWHERE] = "", [SQL_MYSQL] = "mysql ", [SQL_SQLITE] = "sqlite "};
    static const char *const rows[] = {[SQL_EXEC] = "exec", [SQL_ONE] = "one", [SQL_MANY] = "many"};
    text_printf(to, LOCK_DECLARED "sql %s%s(", stores[sql->stores], sql->name.text);
    for (size_t i = 0; i < sql->params.n; i++) {
        text_printf(to, "%s", i ? ", " : "");
        add_value(&sql->params.items[i], to);
    }
    text_printf(to, ") %s", rows[sql->rows]);
    if (sql->table_name.text)
        text_printf(to, " %s", sql->table_name.text);
    for (size_t i = 0; i < sql->columns.n; i++) {
        text_printf(to, "%s", i ? "; " : " { ");
        add_value(&sql->columns.items[i], to);
    }
    text_printf(to, "%s: ", sql->columns.n ? " }" : "");
    char quote = '\0';
    for (const char *p = sql->spaced + strspn(sql->spaced, " \t\r\n"); *p; p++) {
        bool blank = !quote && strchr(" \t\r\n", *p);
        quote = !quote && strchr("'`\"", *p) ? *p : quote == *p ? '\0' : quote;
        if (!blank)
            text_add(to, p, 1);
        else if (p[1] && !strchr(" \t\r\n", p[1]))
            text_add(to, " ", 1);
    }
    text_printf(to, "\n");
}

static int by_name(const void *a, const void *b)
{
    const struct table *left = *(struct table *const *)a, *right = *(struct table *const *)b;
    return strcmp(left->name.text, right->name.text);
}

static int by_statement(const void *a, const void *b)
{
    const struct sql *left = *(struct sql *const *)a, *right = *(struct sql *const *)b;
    return strcmp(left->name.text, right->name.text);
}

void lock_write_schema(const struct tree *tree, struct text *to)
{
    VEC(const struct table *) tables = {0};
    VEC(const struct sql *) statements = {0};
    for (size_t i = 0; i < tree->tables.n; i++)
        *vec_add(tree->arena, &tables) = tree->tables.items[i];
    for (size_t i = 0; i < tree->statements.n; i++)
        *vec_add(tree->arena, &statements) = tree->statements.items[i];
    if (tables.n)
        qsort(tables.items, tables.n, sizeof(*tables.items), by_name);
    if (statements.n)
        qsort(statements.items, statements.n, sizeof(*statements.items), by_statement);
    for (size_t i = 0; i < tables.n; i++)
        add_table(tables.items[i], to);
    for (size_t i = 0; i < statements.n; i++) {
        add_statement(statements.items[i], to);
        if (statements.items[i]->other)
            add_statement(statements.items[i]->other, to);
    }
}

/* ---- Reading -------------------------------------------------------------------------------- */

bool lock_read_format(struct diags *diags, const struct source *lock, unsigned *ret)
{
    *ret = 1;
    for (size_t i = 0; i < lock->n_lines; i++) {
        const char *line = lock->ptr + lock->lines[i];
        size_t len = strcspn(line, "\r\n");
        if (strncmp(line, LOCK_FORMAT, strlen(LOCK_FORMAT)))
            continue;
        *ret = (unsigned)strtoul(line + strlen(LOCK_FORMAT), NULL, 10);
        if (*ret >= 1 && *ret <= LOCK_FORMAT_NOW)
            return true;
        diag_error(diags, (struct pos){lock, lock->lines[i], (uint32_t)len},
                   "this lock was written by a newer gatewright: format %u, and this one reads up "
                   "to %d",
                   *ret, LOCK_FORMAT_NOW);
        return false;
    }
    return true;
}

/* The lock's text with blanks for all that is no declaration: each stays where it is. */
static char *declarations(struct arena *arena, const struct source *lock)
{
    char *text = arena_copy(arena, lock->ptr, lock->len);
    for (size_t i = 0; i < lock->n_lines; i++) {
        char *line = text + lock->lines[i];
        bool declared = !strncmp(line, LOCK_DECLARED, strlen(LOCK_DECLARED));
        memset(line, ' ', declared ? strlen(LOCK_DECLARED) : strcspn(line, "\r\n"));
    }
    return text;
}

bool lock_read_schema(struct tree *tree, const struct source *lock)
{
    struct source *source;
    if (source_make(tree->arena, lock->path, lock->label, declarations(tree->arena, lock),
                    lock->len, &source))
        return false;
    parse_source(tree, source);
    check_outer_names(tree);
    check_tables(tree);
    check_sql(tree);
    return !tree->diags->n_errors;
}
