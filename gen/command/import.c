/* import.c: `gatewright import`: declarations of a database that exists.
 *
 * What is printed has been read and checked here before, as `gatewright check` does it: either it
 * compiles, or nothing is printed. */
#include "command/command.h"

#include "base/output.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "check/check.h"
#include "describe/layout.h"
#include "import/import.h"
#include "syntax/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define URL_VARIABLE "GW_DATABASE_URL"

/* ---- What is asked for ---------------------------------------------------------------------- */

/* Tables of the runtime's own. */
static bool is_of_runtime(const struct gw_live_table *table)
{
    return !strncasecmp(table->name, "gw_", 3);
}

static const struct gw_live_table *table_named(const struct gw_live_schema *schema,
                                               const char *name)
{
    for (size_t i = 0; i < schema->n_tables; i++) {
        if (!strcmp(schema->tables[i].name, name))
            return &schema->tables[i];
    }
    return NULL;
}

/* 1 after a message for each name that no table has. */
static int check_wanted(struct compile *compile, const struct gw_live_schema *schema)
{
    const struct options *options = compile->options;
    int status = 0;
    for (size_t i = 0; i < options->n_more; i++) {
        const char *name = options->more[i].value;
        struct suggestion suggestion = {.wanted = name};
        const struct gw_live_table *table = table_named(schema, name);
        for (size_t j = 0; !table && j < schema->n_tables; j++)
            suggest(&suggestion, schema->tables[j].name);
        if (table && !is_of_runtime(table))
            continue;
        fprintf(stderr, "gatewright: table \"%s\": %s%s\n", import_shown(compile->arena, name),
                table ? "belongs to the runtime, and needs no declaration"
                      : "is not there, or this user may not see it",
                suggestion_text(compile->arena, &suggestion));
        status = 1;
    }
    return status;
}

/* `tables`: it is named behind the URL; else, by --entity. */
static bool is_named(const struct options *options, const char *name, bool tables)
{
    for (size_t i = 0; i < options->n_more; i++) {
        if (!options->more[i].option == tables && !strcmp(options->more[i].value, name))
            return true;
    }
    return false;
}

static bool is_wanted(const struct options *options, const struct gw_live_table *table)
{
    bool all = true;
    for (size_t i = 0; i < options->n_more; i++)
        all &= options->more[i].option != NULL;
    return !is_of_runtime(table) &&
           (all || is_named(options, table->name, true) || is_named(options, table->name, false));
}

/* ---- The passes ----------------------------------------------------------------------------- */

static const char *why_not(struct import *import, const struct import_table *table, size_t n)
{
    const char *name = table->live->name;
    if (table->live->why)
        return table->live->why;
    if (!table->live->n_columns)
        return "this user may see none of its columns";
    if (n == MAX_TABLES)
        return "a program has at most 4096 tables";
    if (!is_sql_name(name) || utf8_end(name, strlen(name)) != strlen(name))
        return "its name cannot be written behind `as`";
    for (size_t i = 0; &import->tables[i] < table; i++) {
        const struct import_table *before = &import->tables[i];
        if (!before->why && !strcasecmp(before->live->name, name))
            return "its name differs only in case from that of another table";
    }
    return NULL;
}

static void add_tables(struct compile *compile, const struct gw_live_schema *schema,
                       struct import *import)
{
    size_t n = 0;
    import->tables = arena_alloc(compile->arena, (schema->n_tables + 1) * sizeof(*import->tables));
    for (size_t i = 0; i < schema->n_tables; i++) {
        if (!is_wanted(compile->options, &schema->tables[i]))
            continue;
        struct import_table *table = &import->tables[import->n_tables++];
        table->live = &schema->tables[i];
        table->table.entity = is_named(compile->options, table->live->name, false);
        table->why = why_not(import, table, n);
        n += !table->why;
        if (!table->why)
            import_columns(import, table);
        if (!table->why)
            import_sets(import, table);
    }
}

/* An account's token names it by one column, and there are bits for 64 entities. */
static int check_entities(struct import *import)
{
    int status = 0;
    size_t n = 0;
    for (size_t i = 0; i < import->n_tables; i++) {
        struct import_table *table = &import->tables[i];
        if (!table->table.entity)
            continue;
        const char *why = table->why            ? table->why
                          : !table->key         ? "its key has several columns"
                          : n++ == MAX_ENTITIES ? "a program has at most 64 entities"
                                                : NULL;
        if (!why)
            continue;
        fprintf(stderr, "gatewright: table \"%s\" cannot be an entity: %s\n",
                import_shown(import->arena, table->live->name), why);
        status = 1;
    }
    return status;
}

/* ---- What is printed ------------------------------------------------------------------------ */

/* The text as a source; NULL after a message. */
static struct source *source_of(struct compile *compile, const struct text *text)
{
    struct source *source;
    if (!source_make(compile->arena, "import", "import", text->items, text->n, &source))
        return source;
    fprintf(stderr, "gatewright: the declarations are more than a file may hold: name the tables "
                    "that are needed behind the URL\n");
    return NULL;
}

/* A file needs a route, which is not ours to declare. */
static bool compiles(struct compile *compile, const struct text *text)
{
    struct text whole = {.arena = compile->arena};
    struct diags diags = {.arena = compile->arena};
    struct tree tree = {.arena = compile->arena, .diags = &diags};
    text_printf(&whole, "%sGET /gatewright-import ignored gatewright_import\n", text->items);
    struct source *source = source_of(compile, &whole);
    if (!source)
        return false;
    parse_source(&tree, source);
    check_tree(&tree);
    if (!diags.n_errors)
        return true;
    diag_print(&diags);
    fprintf(stderr, "gatewright: this schema cannot be imported: a fault of import\n");
    return false;
}

static int print(struct compile *compile, const struct import *import)
{
    struct text plain = {.arena = compile->arena}, aligned = {.arena = compile->arena};
    import_print(import, &plain);
    struct source *source = source_of(compile, &plain);
    if (!source)
        return EXIT_ERRORS;
    layout_write(source, &aligned);
    return compiles(compile, &aligned) ? output_print(&aligned) : EXIT_ERRORS;
}

static int import_schema(struct compile *compile, const struct gw_live_schema *schema)
{
    struct import import = {.arena = compile->arena};
    if (check_wanted(compile, schema))
        return EXIT_ERRORS;
    add_tables(compile, schema, &import);
    if (!import.n_tables) {
        fprintf(stderr, "gatewright: the database has no table that this user may see\n");
        return EXIT_ERRORS;
    }
    for (size_t i = 0; i < import.n_tables; i++) {
        if (!import.tables[i].why)
            import_references(&import, &import.tables[i]);
    }
    if (check_entities(&import))
        return EXIT_ERRORS;
    import_names(&import);
    return print(compile, &import);
}

/* A file in place of a URL. */
static void explain_file(const char *url)
{
    if (access(url, F_OK) == 0)
        fprintf(stderr,
                "gatewright: %s is a file: a database of SQLite is `sqlite:%s`; a dump must be "
                "loaded into a database first\n",
                url, url);
}

int command_import(struct compile *compile)
{
    const char *url = compile->options->words[0];
    bool by_environment = !strcmp(url, "-");
    struct gw_live_schema schema;
    if (by_environment)
        url = getenv(URL_VARIABLE);
    if (!url || !*url) {
        fprintf(stderr, "gatewright: there is no URL%s\n",
                by_environment ? " in " URL_VARIABLE : "");
        return EXIT_ERRORS;
    }
    if (gw_live_schema_read(url, !by_environment, &schema)) {
        if (!by_environment)
            explain_file(url);
        return EXIT_ERRORS;
    }
    int status = import_schema(compile, &schema);
    gw_live_schema_free(&schema);
    return status;
}
