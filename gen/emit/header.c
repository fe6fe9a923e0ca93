/* header.c: routes.h, all that a handler's file needs. */
#include "emit/emit.h"

#include "base/ascii.h"

#include <string.h>

static const char *bit(struct arena *arena, size_t i)
{
    return arena_printf(arena, "1%s << %zu", i < 31 ? "" : "ull", i);
}

static void emit_table(const struct table *table, struct text *to)
{
    const char *name = table->name.text;
    for (size_t i = 0; i < table->columns.n; i++) {
        if (table->columns.items[i].one_of.n)
            emit_words_head(&table->columns.items[i], to);
    }
    text_printf(to, "/* A row of %s.", table->sql_name.text);
    comment_description(table->description, to);
    text_printf(to, " */\nstruct %s_row {\n", name);
    emit_row(table->columns.items, table->columns.n, to);
    text_printf(to, "};\n\n");
    if (has_secrets(table->columns.items, table->columns.n)) {
        text_printf(to, "/* What is secret of it. */\n");
        emit_secrets(name, table->columns.items, table->columns.n, to);
    }
    text_printf(to, "enum %s_column {\n", name);
    for (size_t i = 0; i < table->columns.n; i++)
        text_printf(to, "    %s__%s = %s,\n", ascii_upper_case(to->arena, name),
                    ascii_upper_case(to->arena, table->columns.items[i].name.text),
                    bit(to->arena, i));
    text_printf(to, "};\n\n");
    if (table->fills)
        emit_insert_structure(table, to);
    emit_table_prototypes(table, to);
}

static void emit_prototypes(const struct tree *tree, struct text *to)
{
    text_printf(to, "/* ---- Handlers, which the application defines "
                    "-------------------------------------------- */\n\n");
    for (size_t i = 0; i < tree->routes.n; i++) {
        if (is_first_of_handler(tree, tree->routes.items[i]))
            handler_prototype(tree->routes.items[i], to);
    }
    if (tree->routes.n)
        text_line_back(to, "routes.h");
    emit_job_prototypes(tree, to);
    text_printf(
        to, "\n/* ---- URLs ------------------------------------------------------------"
            "----------------- */\n\n"
            "/* Of the first route of each handler, behind the mount point. NULL when memory is "
            "short or,\n"
            " * logged, the router would refuse it or give it to another route. */\n");
    for (size_t i = 0; i < tree->routes.n; i++) {
        if (is_first_of_handler(tree, tree->routes.items[i]))
            url_prototype(tree->routes.items[i], to);
    }
}

static bool is_taken_as_list(const struct tree *tree, const struct body *body)
{
    for (size_t i = 0; i < tree->routes.n; i++)
        if (tree->routes.items[i]->body_list && tree->routes.items[i]->body == body)
            return true;
    return false;
}

void emit_header(const struct tree *tree, struct text *to)
{
    emit_banner(tree, "What handlers are written against.", to);
    text_printf(to, "#ifndef ROUTES_H\n#define ROUTES_H\n\n#include \"generated.h\"\n\n");
    emit_contract(to);
    if (tree->bodies.n)
        text_printf(to, "/* ---- Bodies and queries "
                        "--------------------------------------------------------------- */\n\n");
    for (size_t i = 0; i < tree->bodies.n; i++)
        emit_body(tree->bodies.items[i], to);
    for (size_t i = 0; i < tree->bodies.n; i++)
        if (is_taken_as_list(tree, tree->bodies.items[i]))
            emit_body_list(tree->bodies.items[i], to);
    emit_form_structures(tree, to);
    if (tree->tables.n)
        text_printf(to, "/* ---- Entities and tables "
                        "-------------------------------------------------------------- */\n\n");
    for (size_t i = 0; i < tree->tables.n; i++)
        emit_table(tree->tables.items[i], to);
    emit_sql_prototypes(tree, to);
    emit_ticket_prototypes(tree, to);
    emit_problem_prototypes(tree, to);
    emit_prototypes(tree, to);
    text_printf(to, "\n/* ---- For the generated files alone "
                    "---------------------------------------------------- */\n\n");
    for (size_t i = 0; i < tree->tables.n; i++)
        text_printf(to, "extern const struct gw_table gwt_table_%s;\n",
                    tree->tables.items[i]->name.text);
    for (size_t i = 0; i < tree->statements.n; i++)
        text_printf(to, "extern const struct gw_statement gwt_sql_%s;\n",
                    tree->statements.items[i]->name.text);
    text_printf(to, "extern gw_matcher gw_routes_match;\n\n#endif\n");
}
