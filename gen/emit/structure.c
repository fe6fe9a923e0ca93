/* structure.c: the structures of rows and bodies. */
#include "emit/emit.h"

#include <string.h>

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
        if (column->secret)
            continue;
        add_line(&lines,
                 arena_printf(to->arena, "    %s%s;",
                              column_type(to->arena, column, column->optional), column->name.text),
                 column->optional ? "optional" : NULL);
    }
    if (!lines.list.n)
        add_line(&lines, "    char no_members;", NULL);
    write_lines(&lines, to);
}

bool has_secrets(const struct column *columns, size_t n_columns)
{
    for (size_t i = 0; i < n_columns; i++) {
        if (columns[i].secret)
            return true;
    }
    return false;
}

void emit_secrets(const char *name, const struct column *columns, size_t n_columns, struct text *to)
{
    struct lines lines = {.arena = to->arena};
    text_printf(to, "struct %s_secrets {\n", name);
    for (size_t i = 0; i < n_columns; i++) {
        if (columns[i].secret)
            add_line(&lines,
                     arena_printf(to->arena, "    struct gw_secret %s;", columns[i].name.text),
                     columns[i].optional ? "optional" : NULL);
    }
    write_lines(&lines, to);
    text_printf(to, "};\n\n");
}

static void add_member(const struct member *member, struct lines *lines)
{
    const struct type_info *info = &type_infos[member->type];
    const char *comment = member->null ? "or null" : member->optional ? "optional" : NULL;
    const char *type = member->nested ? arena_printf(lines->arena, "const struct %s_body *",
                                                     member->nested->name.text)
                       : member->type == TYPE_JSON         ? "json_t *"
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

void emit_body(const struct body *body, struct text *to)
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
