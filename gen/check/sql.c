/* sql.c: statements, each prepared by SQLite against the declared schema.
 *
 * SQLite stands for all stores here: a table or column that does not exist, a mistake in the
 * grammar and a result of other columns than declared are found at their place in routes.def. What
 * only MySQL understands (`sql mysql`) is left to the start of the program, which prepares every
 * statement on the live server. */
#include "check/check.h"

#include "base/suggest.h"
#include "emit/emit.h"
#include "emit/store.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#if SQLITE_VERSION_NUMBER < 3038000
#define sqlite3_error_offset(db) (-1)
#endif

static bool begins_with(const char *text, const char *word)
{
    size_t len = strlen(word);
    return !strncasecmp(text, word, len) && (text[len] == '\0' || strchr(" (", text[len]));
}

/* Statements that begin or end a transaction, or change the schema, are not for handlers. */
static void check_verb(struct tree *tree, struct sql *sql)
{
    static const char *const words[] = {"SELECT", "WITH",   "VALUES",  "INSERT",
                                        "UPDATE", "DELETE", "REPLACE", "("};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (begins_with(sql->text, words[i]) || (*sql->text == '(' && *words[i] == '('))
            return;
    }
    struct pos pos = sql->pos;
    pos.offset += (uint32_t)strspn(sql->spaced, " ");
    pos.len = (uint32_t)strcspn(sql->text, " ");
    diag_error(tree->diags, pos,
               "a statement is a SELECT, WITH, VALUES, INSERT, UPDATE, DELETE or REPLACE");
    sql->broken = true;
}

static void resolve_values(struct tree *tree, struct sql *sql)
{
    bool used[64] = {false};
    for (size_t i = 0; i < sql->values.n; i++) {
        struct sql_value *value = &sql->values.items[i];
        struct suggestion suggestion = {.wanted = value->name.text};
        size_t j = 0;
        while (j < sql->params.n && strcmp(sql->params.items[j].name.text, value->name.text))
            suggest(&suggestion, sql->params.items[j++].name.text);
        if (j < sql->params.n) {
            value->param = (unsigned)j;
            used[j] = true;
            continue;
        }
        diag_error(tree->diags, value->name.pos, "`%s` is not a parameter of `%s`%s",
                   value->name.text, sql->name.text, suggestion_text(tree->arena, &suggestion));
        sql->broken = true;
    }
    for (size_t i = 0; i < sql->params.n && !sql->broken; i++) {
        if (!used[i])
            diag_error(tree->diags, sql->params.items[i].name.pos,
                       "the parameter `%s` is not used in the statement",
                       sql->params.items[i].name.text);
    }
}

/* ---- Parameters compared with columns ------------------------------------------------------- */

/* What two types have in common when a store compares them. */
static int family(enum type type)
{
    switch (type) {
    case TYPE_INT:
    case TYPE_UINT:
        return 0;
    case TYPE_REAL:
    case TYPE_DECIMAL:
        return 1;
    default:
        return 2 + (int)type;
    }
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The name that `column = :value` compares with; NULL where something else stands there. */
static const char *compared_name(struct arena *arena, const char *from, const char *colon)
{
    const char *p = colon;
    while (p > from && p[-1] == ' ')
        p--;
    const char *operator= p;
    while (p > from && strchr("=<>!", p[-1]))
        p--;
    if (p == operator)
        return NULL;
    while (p > from && p[-1] == ' ')
        p--;
    if (p > from && p[-1] == '`')
        p--;
    const char *end = p;
    while (p > from && is_name_char(p[-1]))
        p--;
    return end > p ? arena_copy(arena, p, (size_t)(end - p)) : NULL;
}

/* MySQL converts what it compares: `id = '1abc'` is true of 1. Where every column of that name is
 * of another kind than the parameter, it is a mistake. */
static void check_compared(struct tree *tree, const struct sql *sql, const struct sql_value *value)
{
    const char *colon = sql->spaced + (value->name.pos.offset - sql->pos.offset);
    const char *name = compared_name(tree->arena, sql->spaced, colon);
    const struct column *param = &sql->params.items[value->param], *other = NULL;
    for (size_t i = 0; name && i < tree->tables.n; i++) {
        const struct table *table = tree->tables.items[i];
        int at = table_sql_column(table, name);
        if (at < 0)
            continue;
        other = &table->columns.items[at];
        if (family(other->type) == family(param->type))
            return;
    }
    if (!other)
        return;
    diag_error(tree->diags, value->name.pos,
               "`%s` is %s but the column `%s` is %s, and a store would convert one of them",
               param->name.text, type_phrase(param->type), name, type_phrase(other->type));
    diag_note(tree->diags, other->name.pos, "the column is here");
}

/* ---- What comes back ------------------------------------------------------------------------ */

static const struct column *find_column(const struct column *columns, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(columns[i].sql_name.text, name))
            return &columns[i];
    }
    return NULL;
}

/* The declared columns: of the table, or the statement's own. */
static const struct column *declared(const struct sql *sql, size_t *ret_n)
{
    *ret_n = sql->table ? sql->table->columns.n : sql->columns.n;
    return sql->table ? sql->table->columns.items : sql->columns.items;
}

static void check_result(struct tree *tree, struct sql *sql, sqlite3_stmt *stmt, int i)
{
    const char *name = sqlite3_column_name(stmt, i), *type = sqlite3_column_decltype(stmt, i);
    size_t n;
    const struct column *columns = declared(sql, &n), *column = find_column(columns, n, name);
    struct suggestion suggestion = {.wanted = name};
    for (size_t j = 0; j < n; j++)
        suggest(&suggestion, columns[j].sql_name.text);
    if (!column) {
        diag_error(tree->diags, sql->name.pos,
                   "`%s` gives the column `%s`, which is not declared%s", sql->name.text, name,
                   suggestion_text(tree->arena, &suggestion));
    } else if (find_column(sql->results.items, sql->results.n, name)) {
        diag_error(tree->diags, sql->name.pos, "`%s` gives the column `%s` twice", sql->name.text,
                   name);
    } else if (type && strcmp(type, sqlite_type(column->type))) {
        diag_error(tree->diags, sql->name.pos, "`%s` gives `%s` as %s, which is not %s",
                   sql->name.text, name, type, type_phrase(column->type));
        diag_note(tree->diags, column->name.pos, "the column is here");
    } else {
        *vec_add(tree->arena, &sql->results) = *column;
        return;
    }
    sql->broken = true;
}

static void check_results(struct tree *tree, struct sql *sql, sqlite3_stmt *stmt)
{
    int n_results = sqlite3_column_count(stmt);
    size_t n;
    const struct column *columns = declared(sql, &n);
    if ((sql->rows == SQL_EXEC) != (n_results == 0)) {
        diag_error(tree->diags, sql->name.pos, "`%s` gives %s: it is %s", sql->name.text,
                   n_results ? "rows" : "no rows", n_results ? "`one` or `many`" : "`exec`");
        return;
    }
    for (int i = 0; i < n_results; i++)
        check_result(tree, sql, stmt, i);
    for (size_t i = 0; i < n && n_results && !sql->broken; i++) {
        if (find_column(sql->results.items, sql->results.n, columns[i].sql_name.text) ||
            (sql->table && columns[i].secret))
            continue;
        diag_error(tree->diags, sql->name.pos, "`%s` does not give the column `%s`", sql->name.text,
                   columns[i].sql_name.text);
        diag_note(tree->diags, columns[i].name.pos, "it is declared here");
    }
}

/* Where a word stands in the statement; NULL if nowhere. */
static const char *find_word(const struct sql *sql, const char *word)
{
    const char *at = sql->spaced;
    size_t len = strlen(word);
    while (len && (at = strstr(at, word))) {
        if ((at == sql->spaced || !is_name_char(at[-1])) && !is_name_char(at[len]))
            return at;
        at += len;
    }
    return NULL;
}

static struct pos error_pos(const struct sql *sql, int offset, const char *message)
{
    const char *colon = strstr(message, ": "), *at = NULL;
    if (offset >= 0 && (uint32_t)offset < sql->pos.len)
        at = sql->spaced + offset;
    else if (colon)
        at = find_word(sql, colon + 2);
    uint32_t len = 0;
    if (!at)
        return sql->name.pos;
    while (is_name_char(at[len]))
        len++;
    return (struct pos){sql->pos.source, sql->pos.offset + (uint32_t)(at - sql->spaced),
                        len ? len : 1};
}

static void refuse(struct tree *tree, const struct sql *sql, sqlite3 *db)
{
    const char *message = sqlite3_errmsg(db), *name = strrchr(message, ' ');
    struct suggestion suggestion = {.wanted = name ? name + 1 : message};
    bool table = !strncmp(message, "no such table: ", 15);
    bool column = !strncmp(message, "no such column: ", 16);
    for (size_t i = 0; i < tree->tables.n && (table || column); i++) {
        const struct table *candidate = tree->tables.items[i];
        if (table)
            suggest(&suggestion, candidate->sql_name.text);
        for (size_t j = 0; column && j < candidate->columns.n; j++)
            suggest(&suggestion, candidate->columns.items[j].sql_name.text);
    }
    diag_error(tree->diags, error_pos(sql, sqlite3_error_offset(db), message), "%s%s", message,
               suggestion_text(tree->arena, &suggestion));
}

static void prepare(struct tree *tree, struct sql *sql, sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql->spaced, (int)sql->pos.len, &stmt, NULL) != SQLITE_OK) {
        refuse(tree, sql, db);
        return;
    }
    sql->read_only = sql->selects = sqlite3_stmt_readonly(stmt);
    check_results(tree, sql, stmt);
    sqlite3_finalize(stmt);
}

/* Without a look by SQLite: the declared columns in their order. */
static void trust(struct tree *tree, struct sql *sql)
{
    size_t n;
    const struct column *columns = declared(sql, &n);
    sql->selects = begins_with(sql->text, "SELECT") || begins_with(sql->text, "WITH") ||
                   begins_with(sql->text, "VALUES") || *sql->text == '(';
    for (size_t i = 0; i < n; i++)
        *vec_add(tree->arena, &sql->results) = columns[i];
}

static void check_one(struct tree *tree, struct sql *sql, sqlite3 *db)
{
    if (sql->table_name.text) {
        sql->table = tree_table(tree, sql->table_name.text);
        if (!sql->table) {
            unknown_table(tree, &sql->table_name, false, "an entity or table");
            return;
        }
    }
    if (sql->broken)
        return;
    check_verb(tree, sql);
    resolve_values(tree, sql);
    for (size_t i = 0; i < sql->values.n && !sql->broken; i++)
        check_compared(tree, sql, &sql->values.items[i]);
    if (sql->stores == SQL_MYSQL)
        trust(tree, sql);
    else if (db && !sql->broken)
        prepare(tree, sql, db);
}

static bool same_columns(const struct column *a, size_t n_a, const struct column *b, size_t n_b)
{
    bool same = n_a == n_b;
    for (size_t i = 0; same && i < n_a; i++)
        same = !strcmp(a[i].name.text, b[i].name.text) && a[i].type == b[i].type &&
               a[i].optional == b[i].optional && a[i].secret == b[i].secret &&
               a[i].precision == b[i].precision && a[i].scale == b[i].scale &&
               a[i].quoted == b[i].quoted;
    return same;
}

/* Both texts of a name are one call in C, with the parameters and columns of the first. */
static void check_pair(struct tree *tree, const struct sql *sql)
{
    struct sql *other = sql->other;
    if (sql->rows == other->rows && sql->timeout_ms == other->timeout_ms &&
        !strcmp(sql->table_name.text ? sql->table_name.text : "",
                other->table_name.text ? other->table_name.text : "") &&
        same_columns(sql->params.items, sql->params.n, other->params.items, other->params.n) &&
        same_columns(sql->columns.items, sql->columns.n, other->columns.items, other->columns.n)) {
        memcpy(&other->params, &sql->params, sizeof(sql->params));
        memcpy(&other->columns, &sql->columns, sizeof(sql->columns));
        return;
    }
    other->broken = true;
    diag_error(tree->diags, other->name.pos,
               "`%s` takes or gives something else here than for the other store",
               other->name.text);
    diag_note(tree->diags, sql->name.pos, "the other is here");
}

/* Whether the tables are what was meant. */
static bool tables_are_sound(const struct tree *tree)
{
    for (size_t i = 0; i < tree->tables.n; i++) {
        const struct table *table = tree->tables.items[i];
        if (table->broken || table->key < 0)
            return false;
        for (size_t j = 0; j < table->columns.n; j++) {
            if (table->columns.items[j].references.text && !table->columns.items[j].referenced)
                return false;
        }
    }
    return true;
}

void check_sql(struct tree *tree)
{
    struct text schema = {.arena = tree->arena};
    sqlite3 *db = NULL;
    if (!tree->statements.n)
        return;
    if (tables_are_sound(tree)) {
        emit_schema(tree, false, true, &schema);
        int code =
            sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
        if (code == SQLITE_OK && schema.n)
            code = sqlite3_exec(db, schema.items, NULL, NULL, NULL);
        if (code != SQLITE_OK) {
            if (!tree->diags->n_errors)
                diag_error(tree->diags, tree->statements.items[0]->name.pos,
                           "SQLite does not take the declared schema: %s",
                           db ? sqlite3_errmsg(db) : "out of memory");
            sqlite3_close(db);
            db = NULL;
        }
    }
    for (size_t i = 0; i < tree->statements.n; i++) {
        struct sql *sql = tree->statements.items[i];
        for (size_t j = 0; j < sql->columns.n; j++)
            check_quoted_column(tree, &sql->columns.items[j]);
        check_one(tree, sql, db);
        if (sql->other) {
            check_pair(tree, sql);
            check_one(tree, sql->other, db);
        }
    }
    sqlite3_close(db);
}
