/* names.c: names that generated C cannot have.
 *
 * What is generated from a name lands in C's ordinary namespace beside the headers' names, so a
 * clash is found here, where it can be explained, and not in the C compiler. */
#include "check/check.h"

#include "base/ascii.h"
#include "check/c_names.h"

#include <string.h>

bool is_reserved_word(const char *name)
{
    static const char *const words[] = {"ignored",     "whitelisted", "authorized", "guest",
                                        "query_token", "limit",       "timeout",    "scope",
                                        "own",         "returns"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (!strcmp(words[i], name))
            return true;
    }
    return false;
}

static bool is_of_runtime(const char *name)
{
    return !strncmp(name, "gw_", 3) || !strncmp(name, "gwt_", 4);
}

/* Names that stand where access words and attributes do, or begin what the runtime declares. */
static void check_word(struct tree *tree, const struct name *name, const char *what)
{
    if (is_reserved_word(name->text))
        diag_error(tree->diags, name->pos, "`%s` is a word of the language and cannot name %s",
                   name->text, what);
    else if (is_of_runtime(name->text))
        diag_error(tree->diags, name->pos,
                   "names with `gw_` and `gwt_` belong to the runtime and to generated code");
}

/* A name that begins names of C: `gw` would make gw_json of it. */
static void check_first_word(struct tree *tree, const struct name *name, const char *what)
{
    check_word(tree, name, what);
    if (is_of_runtime(arena_printf(tree->arena, "%s_", name->text)) && !is_of_runtime(name->text))
        diag_error(
            tree->diags, name->pos,
            "`%s` cannot name %s: names with `%s_`, which are made of it, belong to the runtime",
            name->text, what, name->text);
}

/* A member of a structure or a parameter of a function. */
static void check_member_name(struct tree *tree, const struct name *name, const char *what)
{
    if (is_c_keyword(name->text))
        diag_error(tree->diags, name->pos, "`%s` is a keyword of C and cannot name %s", name->text,
                   what);
    else if (is_c_macro(name->text))
        diag_error(tree->diags, name->pos, "`%s` is a macro in the headers of C and cannot name %s",
                   name->text, what);
}

static void check_param_name(struct tree *tree, const struct name *name)
{
    check_member_name(tree, name, "a parameter");
    size_t len = strlen(name->text);
    if (len > 2 && !strcmp(name->text + len - 2, "_t") && is_c_identifier(name->text))
        diag_error(tree->diags, name->pos, "`%s` is a type of C and cannot name a parameter",
                   name->text);
    if (is_of_runtime(name->text))
        diag_error(tree->diags, name->pos,
                   "names with `gw_` and `gwt_` belong to the runtime and to generated code");
}

/* What a name in generated code comes from. */
struct symbol {
    struct pos pos;
    const char *what;
};

struct symbols {
    struct tree *tree;
    struct map map;
};

static void add_symbol(struct symbols *symbols, const char *name, struct pos pos, const char *what)
{
    struct tree *tree = symbols->tree;
    struct symbol *symbol = arena_alloc(tree->arena, sizeof(*symbol));
    *symbol = (struct symbol){.pos = pos, .what = what};
    const struct symbol *before = map_put(tree->arena, &symbols->map, name, symbol);
    if (before) {
        diag_error(tree->diags, pos, "`%s` is generated twice: as %s and as %s", name, before->what,
                   what);
        diag_note(tree->diags, before->pos, "the other is from here");
    } else if (is_c_macro(name)) {
        diag_error(tree->diags, pos, "`%s`, generated as %s, is a macro in the headers of C", name,
                   what);
    } else if (is_c_identifier(name)) {
        diag_error(tree->diags, pos, "`%s`, generated as %s, is declared in the headers of C", name,
                   what);
    }
}

static bool has_secrets(const struct table *table)
{
    bool has = false;
    for (size_t i = 0; i < table->columns.n; i++)
        has |= table->columns.items[i].secret;
    return has;
}

/* What is made of a column's `one of`. */
static void word_symbols(struct arena *arena, const struct column *column, symbol_taker *take,
                         void *ctx)
{
    const struct words *words = &column->one_of;
    const char *what = arena_printf(arena, "a word of `%s`", column->name.text);
    for (size_t i = 0; i < words->n; i++)
        if (!words->broken)
            take(ctx, word_constant(arena, words, i), words->items[i].pos, what);
    for (int i = 0; i < 2; i++)
        take(ctx, arena_printf(arena, "%s_%s", words->name, i ? "name" : "of"), column->name.pos,
             what);
}

void table_symbols(struct arena *arena, const struct table *table, symbol_taker *take, void *ctx)
{
    static const char *const calls[] = {"find", "insert", "update",     "delete", "list",
                                        "each", "json",   "write_json", "of",     "create_token"};
    const size_t n_calls =
        sizeof(calls) / sizeof(*calls) - (table->entity ? 0 : 2); /* of callers */
    const char *what = arena_printf(arena, "a call of `%s`", table->name.text);
    for (size_t i = 0; i < n_calls; i++)
        if (!table->own_each || strcmp(calls[i], "each"))
            take(ctx, arena_printf(arena, "%s_%s", table->name.text, calls[i]), table->name.pos,
                 what);
    if (table->patch)
        take(ctx, arena_printf(arena, "%s_patch", table->name.text), table->patch->name.pos, what);
    if (table->session)
        take(ctx, arena_printf(arena, "%s_open_session", table->name.text), table->name.pos, what);
    if (has_secrets(table))
        take(ctx, arena_printf(arena, "%s_find_secret", table->name.text), table->name.pos, what);
}

void column_symbols(struct arena *arena, const struct table *table, const struct column *column,
                    symbol_taker *take, void *ctx)
{
    const char *name = table->name.text, *of = column->name.text;
    const char *what = arena_printf(arena, "a call of `%s`", name);
    take(ctx,
         arena_printf(arena, "%s__%s", ascii_upper_case(arena, name), ascii_upper_case(arena, of)),
         column->name.pos, arena_printf(arena, "a constant of `%s`", name));
    if (column->one_of.n)
        word_symbols(arena, column, take, ctx);
    if (column->unique && !column->key)
        take(ctx, arena_printf(arena, "%s_find_by_%s", name, of), column->name.pos, what);
    if (column->unique && !column->key && has_secrets(table))
        take(ctx, arena_printf(arena, "%s_find_secret_by_%s", name, of), column->name.pos, what);
    if (column->references.text && !column->key)
        for (int i = 0; i < (table->own_each ? 1 : 2); i++)
            take(ctx, arena_printf(arena, "%s_%s_by_%s", name, i ? "each" : "list", of),
                 column->name.pos, what);
}

static void take_symbol(void *symbols, const char *name, struct pos pos, const char *what)
{
    add_symbol(symbols, name, pos, what);
}

static void add_table(struct symbols *symbols, const struct table *table)
{
    struct arena *arena = symbols->tree->arena;
    table_symbols(arena, table, take_symbol, symbols);
    for (size_t i = 0; i < table->columns.n; i++) {
        check_member_name(symbols->tree, &table->columns.items[i].name, "a column");
        column_symbols(arena, table, &table->columns.items[i], take_symbol, symbols);
    }
}

static void check_body_names(struct tree *tree, const struct body *body)
{
    static const char *const words[] = {"raw", "form", "query"};
    if (body->runtime)
        return;
    check_word(tree, &body->name, "a body");
    for (int i = 0; i < N_TYPES + 3; i++) {
        const char *word = i < N_TYPES ? type_infos[i].name : words[i - N_TYPES];
        bool taken = i >= N_TYPES || (type_infos[i].member && !type_is_later((enum type)i));
        if (word && taken && !strcmp(word, body->name.text))
            diag_error(tree->diags, body->name.pos,
                       "`%s` is a word of the language and cannot name a body", word);
    }
    for (size_t i = 0; i < body->members.n; i++)
        check_member_name(tree, &body->members.items[i].name, "a member");
}

static void add_handler(struct symbols *symbols, const struct route *route)
{
    struct tree *tree = symbols->tree;
    const char *name = route->handler.text;
    check_word(tree, &route->handler, "a handler");
    if (is_c_keyword(name))
        diag_error(tree->diags, route->handler.pos, "`%s` is a keyword of C", name);
    else if (is_c_identifier(name) || is_c_macro(name))
        diag_error(tree->diags, route->handler.pos,
                   "`%s` is declared in the headers of C or built into the compiler: give the "
                   "handler another name",
                   name);
    else
        add_symbol(symbols, name, route->handler.pos, "a handler");
    add_symbol(symbols, arena_printf(tree->arena, "url_%s", name), route->handler.pos,
               arena_printf(tree->arena, "the URL of `%s`", name));
}

static void add_job(struct symbols *symbols, const struct job *job)
{
    struct tree *tree = symbols->tree;
    const char *name = job->name.text;
    check_word(tree, &job->name, "a job");
    if (is_c_keyword(name))
        diag_error(tree->diags, job->name.pos, "`%s` is a keyword of C", name);
    else
        add_symbol(symbols, name, job->name.pos, "a job");
}

static void add_sql(struct symbols *symbols, const struct sql *sql)
{
    struct tree *tree = symbols->tree;
    const char *name = sql->name.text;
    check_first_word(tree, &sql->name, "a statement");
    if (is_c_keyword(name))
        diag_error(tree->diags, sql->name.pos, "`%s` is a keyword of C", name);
    else
        add_symbol(symbols, name, sql->name.pos, "a statement");
    for (size_t i = 0; i < sql->params.n; i++)
        check_param_name(tree, &sql->params.items[i].name);
    for (size_t i = 0; i < sql->columns.n; i++)
        check_member_name(tree, &sql->columns.items[i].name, "a column");
    if (sql->rows == SQL_MANY && !sql->own_each)
        add_symbol(symbols, arena_printf(tree->arena, "%s_each", name), sql->name.pos,
                   "a call of a statement");
    if (!sql->columns.n)
        return;
    if (tree_table(tree, name))
        diag_error(tree->diags, sql->name.pos, "`%s` is the name of a table", name);
    for (int i = 0; i < 2; i++)
        add_symbol(symbols, arena_printf(tree->arena, "%s_%s", name, i ? "write_json" : "json"),
                   sql->name.pos, "a call of a statement");
}

static void add_ticket(struct symbols *symbols, const struct ticket *ticket)
{
    if (!ticket->is_again) /* which has been said */
        add_symbol(symbols, arena_printf(symbols->tree->arena, "%s_new_ticket", ticket->name.text),
                   ticket->name.pos, "the call of a ticket");
}

/* Files of before these calls may have functions of such a name: they keep it. */
static void keep_own_each(struct tree *tree, const char *own)
{
    const char *each = strstr(own, "_each");
    for (const char *next = each; next; next = strstr(next + 1, "_each"))
        each = next; /* the last one */
    if (!each || (each[5] && strncmp(each + 5, "_by_", 4)))
        return;
    const char *of = arena_copy(tree->arena, own, (size_t)(each - own));
    struct table *table = tree_table(tree, of);
    if (table)
        table->own_each = true;
    for (size_t i = 0; i < tree->statements.n; i++)
        if (!strcmp(tree->statements.items[i]->name.text, of))
            tree->statements.items[i]->own_each = true;
}

static void find_own_each(struct tree *tree)
{
    for (size_t i = 0; i < tree->statements.n; i++)
        keep_own_each(tree, tree->statements.items[i]->name.text);
    for (size_t i = 0; i < tree->routes.n; i++)
        if (tree->routes.items[i]->handler.text)
            keep_own_each(tree, tree->routes.items[i]->handler.text);
}

void check_names(struct tree *tree)
{
    struct symbols symbols = {.tree = tree};
    find_own_each(tree);
    for (size_t i = 0; i < tree->tables.n; i++) {
        check_first_word(tree, &tree->tables.items[i]->name,
                         tree->tables.items[i]->entity ? "an entity" : "a table");
        add_table(&symbols, tree->tables.items[i]);
    }
    for (size_t i = 0; i < tree->statements.n; i++)
        add_sql(&symbols, tree->statements.items[i]);
    for (size_t i = 0; i < tree->jobs.n; i++)
        add_job(&symbols, tree->jobs.items[i]);
    for (size_t i = 0; i < tree->tickets.n; i++)
        add_ticket(&symbols, tree->tickets.items[i]);
    for (size_t i = 0; i < tree->problems.n; i++) {
        const struct name *name = &tree->problems.items[i]->name;
        check_word(tree, name, "a problem");
        add_symbol(&symbols, arena_printf(tree->arena, "problem_%s", name->text), name->pos,
                   "a problem");
    }
    for (size_t i = 0; i < tree->bodies.n; i++)
        check_body_names(tree, tree->bodies.items[i]);
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (is_first_of_handler(tree, route))
            add_handler(&symbols, route);
        for (size_t j = 0; j < route->params.n; j++) {
            if (route->params.items[j]->param.text)
                check_param_name(tree, &route->params.items[j]->param);
        }
    }
}
