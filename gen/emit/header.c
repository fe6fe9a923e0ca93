/* emit_header.c: routes.h, all that a handler's file needs. */
#include "emit/emit.h"

#include <string.h>

static const char *bit(struct arena *arena, size_t i)
{
    return arena_printf(arena, "1%s << %zu", i < 31 ? "" : "ull", i);
}

/* Lines of a structure. Comments behind neighbouring lines are aligned. */
struct line {
    const char *text;
    const char *comment; /* NULL: none */
};

struct lines {
    struct arena *arena;
    VEC(struct line) list;
};

static void add_line(struct lines *lines, const char *text, const char *comment)
{
    *vec_add(lines->arena, &lines->list) = (struct line){.text = text, .comment = comment};
}

static void write_lines(const struct lines *lines, struct text *to)
{
    size_t width = 0;
    for (size_t i = 0; i < lines->list.n; i++) {
        const struct line *line = &lines->list.items[i];
        bool begins = i == 0 || !line[-1].comment;
        width = begins ? 0 : width;
        for (size_t j = i; begins && j < lines->list.n && lines->list.items[j].comment; j++) {
            size_t len = strlen(lines->list.items[j].text);
            width = len > width ? len : width;
        }
        if (line->comment)
            text_printf(to, "%-*s /* %s */\n", (int)width, line->text, line->comment);
        else
            text_printf(to, "%s\n", line->text);
    }
}

void emit_row(const struct column *columns, size_t n_columns, struct text *to)
{
    struct lines lines = {.arena = to->arena};
    for (size_t i = 0; i < n_columns; i++) {
        const struct column *column = &columns[i];
        const struct type_info *info = &type_infos[column->type];
        add_line(&lines,
                 arena_printf(to->arena, "    %s%s;",
                              column->optional ? info->c_optional : info->c_type,
                              column->name.text),
                 column->secret     ? "secret"
                 : column->optional ? "optional"
                                    : NULL);
    }
    write_lines(&lines, to);
}

static void emit_table(const struct table *table, struct text *to)
{
    const char *name = table->name.text;
    text_printf(to, "/* A row of %s. */\nstruct %s_row {\n", table->sql_name.text, name);
    emit_row(table->columns.items, table->columns.n, to);
    text_printf(to, "};\n\nenum %s_column {\n", name);
    for (size_t i = 0; i < table->columns.n; i++)
        text_printf(to, "    %s_%s = %s,\n", upper_case(to->arena, name),
                    upper_case(to->arena, table->columns.items[i].name.text), bit(to->arena, i));
    text_printf(to, "};\n\n");
    emit_table_prototypes(table, to);
}

static void add_member(const struct member *member, struct lines *lines)
{
    const struct type_info *info = &type_infos[member->type];
    const char *comment = member->optional ? "optional" : NULL;
    const char *type = member->nested ? arena_printf(lines->arena, "const struct %s_body *",
                                                     member->nested->name.text)
                       : member->optional && !member->list ? info->c_optional
                                                           : info->c_type;
    if (!member->list) {
        add_line(lines, arena_printf(lines->arena, "    %s%s;", type, member->name.text), comment);
        return;
    }
    /* `const T *items`, where T may be a pointer itself. */
    bool pointer = type[strlen(type) - 1] == '*';
    add_line(lines, "    struct {", NULL);
    add_line(lines,
             arena_printf(lines->arena, "        %s%s*items;", pointer ? type : "const ",
                          pointer ? "const " : type),
             NULL);
    add_line(lines, "        size_t n;", NULL);
    add_line(lines, arena_printf(lines->arena, "    } %s;", member->name.text), comment);
}

static void emit_body(const struct body *body, struct text *to)
{
    struct lines lines = {.arena = to->arena};
    text_printf(to, "struct %s_body {\n", body->name.text);
    for (size_t i = 0; i < body->members.n; i++)
        add_member(&body->members.items[i], &lines);
    if (!body->members.n)
        add_line(&lines, "    char no_members;", NULL);
    write_lines(&lines, to);
    text_printf(to, "};\n\n");
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
    text_printf(
        to, "\n/* ---- URLs ------------------------------------------------------------"
            "----------------- */\n\n"
            "/* Of the first route of each handler, behind the mount point. NULL when memory is "
            "short or a\n"
            " * value cannot be a segment. */\n");
    for (size_t i = 0; i < tree->routes.n; i++) {
        if (is_first_of_handler(tree, tree->routes.items[i]))
            url_prototype(tree->routes.items[i], to);
    }
}

void emit_header(const struct tree *tree, struct text *to)
{
    emit_banner(tree, "What handlers are written against.", to);
    text_printf(to, "#ifndef ROUTES_H\n#define ROUTES_H\n\n#include \"generated.h\"\n\n");
    if (tree->bodies.n)
        text_printf(to, "/* ---- Bodies and queries "
                        "--------------------------------------------------------------- */\n\n");
    for (size_t i = 0; i < tree->bodies.n; i++)
        emit_body(tree->bodies.items[i], to);
    if (tree->tables.n)
        text_printf(to, "/* ---- Entities and tables "
                        "-------------------------------------------------------------- */\n\n");
    for (size_t i = 0; i < tree->tables.n; i++)
        emit_table(tree->tables.items[i], to);
    emit_sql_prototypes(tree, to);
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
