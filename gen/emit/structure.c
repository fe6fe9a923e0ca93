/* structure.c: the structures of rows and bodies. */
#include "emit/emit.h"

#include "base/ascii.h"

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

void comment_description(const char *description, struct text *to)
{
    while (description && *description) {
        size_t len = strcspn(description, "\n");
        text_printf(to, len ? "\n * " : "\n *");
        text_comment(to, arena_copy(to->arena, description, len));
        description += len + (description[len] != '\0');
    }
}

/* What a line's comment says: "optional", what it is, or both. */
static const char *line_comment(struct arena *arena, const char *held, const char *description)
{
    struct text text = {.arena = arena};
    if (!description)
        return held;
    text_printf(&text, "%s%s", held ? held : "", held ? "; " : "");
    text_comment(&text, description_summary(arena, description));
    return text.items;
}

void emit_row(const struct column *columns, size_t n_columns, struct text *to)
{
    struct lines lines = {.arena = to->arena};
    for (size_t i = 0; i < n_columns; i++) {
        const struct column *column = &columns[i];
        if (column->secret)
            continue;
        add_line(
            &lines,
            arena_printf(to->arena, "    %s%s;", column_type(to->arena, column, column->optional),
                         column->name.text),
            line_comment(to->arena, column->optional ? "optional" : NULL, column->description));
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

/* The type of a value, with what stands before the name. */
static const char *value_type(struct arena *arena, const struct member *member)
{
    if (member->nested)
        return arena_printf(arena, "const struct %s_body *", member->nested->name.text);
    if (member->type == TYPE_JSON)
        return "json_t *";
    bool opt = member_is_single(member) ? member->optional : member->or_null;
    return opt ? type_infos[member->type].c_optional : type_infos[member->type].c_type;
}

/* A list, a map or alternatives. `depth`: in steps of indentation. */
static void add_container(const struct member *member, const char *head, const char *name,
                          const char *comment, unsigned depth, struct lines *lines);

/* Where the union of alternatives has this one. */
static const char *either_member(const struct member *one)
{
    static const char *const names[N_JSON_KINDS] = {[JSON_KIND_TEXT] = "text",
                                                    [JSON_KIND_NUMBER] = "number",
                                                    [JSON_KIND_BOOL] = "boolean",
                                                    [JSON_KIND_LIST] = "list",
                                                    [JSON_KIND_OBJECT] = "map"};
    if (!member_is_single(one))
        return names[member_kind(one)];
    return one->nested ? "body" : one->type == TYPE_TIME ? "time" : names[member_kind(one)];
}

/* Alternatives. */
static void add_either(const struct member *member, const char *head, const char *name,
                       const char *comment, unsigned depth, struct lines *lines)
{
    const char *indent = arena_printf(lines->arena, "%*s", (int)depth * 4, "");
    add_line(lines, arena_printf(lines->arena, "%s%s", indent, head), NULL);
    add_line(lines, arena_printf(lines->arena, "%s    enum gw_kind kind;", indent), NULL);
    add_line(lines, arena_printf(lines->arena, "%s    union {", indent), NULL);
    for (size_t i = 0; i < member->either.n; i++) {
        const struct member *one = &member->either.items[i];
        if (member_is_single(one))
            add_line(lines,
                     arena_printf(lines->arena, "%s        %s%s;", indent,
                                  value_type(lines->arena, one), either_member(one)),
                     NULL);
        else
            add_container(one, "struct {", either_member(one), NULL, depth + 2, lines);
    }
    add_line(lines, arena_printf(lines->arena, "%s        union gw_room gw_room;", indent), NULL);
    add_line(lines, arena_printf(lines->arena, "%s    };", indent), NULL);
    add_line(lines, arena_printf(lines->arena, "%s} %s;", indent, name), comment);
}

/* `const T *items`, where T may be a pointer itself. */
static void add_items(const struct member *member, const char *indent, unsigned depth,
                      struct lines *lines)
{
    if (member->inner) {
        add_container(member->inner, "const struct {", "*items", NULL, depth + 1, lines);
        return;
    }
    if (member->either.n) {
        add_either(member, "const struct {", "*items", NULL, depth + 1, lines);
        return;
    }
    const char *type = value_type(lines->arena, member);
    bool pointer = type[strlen(type) - 1] == '*';
    add_line(lines,
             arena_printf(lines->arena, "%s    %s%s*items;", indent, pointer ? type : "const ",
                          pointer ? "const " : type),
             NULL);
}

/* The names and values of a map. */
static void add_entries(const struct member *member, const char *indent, unsigned depth,
                        struct lines *lines)
{
    add_line(lines, arena_printf(lines->arena, "%s    const struct {", indent), NULL);
    add_line(lines, arena_printf(lines->arena, "%s        const char *name;", indent), NULL);
    if (member->inner)
        add_container(member->inner, "struct {", "value", NULL, depth + 2, lines);
    else if (member->either.n)
        add_either(member, "struct {", "value", NULL, depth + 2, lines);
    else
        add_line(lines,
                 arena_printf(lines->arena, "%s        %svalue;", indent,
                              value_type(lines->arena, member)),
                 NULL);
    add_line(lines, arena_printf(lines->arena, "%s    } *items;", indent), NULL);
}

static void add_list_or_map(const struct member *member, const char *indent, unsigned depth,
                            struct lines *lines)
{
    if (member->map)
        add_entries(member, indent, depth, lines);
    else
        add_items(member, indent, depth, lines);
    add_line(lines, arena_printf(lines->arena, "%s    size_t n;", indent), NULL);
}

static void add_container(const struct member *member, const char *head, const char *name,
                          const char *comment, unsigned depth, struct lines *lines)
{
    const char *indent = arena_printf(lines->arena, "%*s", (int)depth * 4, "");
    add_line(lines, arena_printf(lines->arena, "%s%s", indent, head), NULL);
    add_list_or_map(member, indent, depth, lines);
    add_line(lines, arena_printf(lines->arena, "%s} %s;", indent, name), comment);
}

static void add_member(const struct member *member, struct lines *lines)
{
    bool null = member->null || (member->patched && member->optional);
    const char *held = null ? "or null" : member->optional ? "optional" : NULL;
    const char *comment = line_comment(lines->arena, held, member->description);
    if (member->either.n && member_is_single(member))
        add_either(member, "struct {", member->name.text, comment, 1, lines);
    else if (member_is_single(member))
        add_line(lines,
                 arena_printf(lines->arena, "    %s%s;", value_type(lines->arena, member),
                              member->name.text),
                 comment);
    else
        add_container(member, "struct {", member->name.text, comment, 1, lines);
}

void emit_body_list(const struct body *body, struct text *to)
{
    text_printf(to,
                "struct %s_list {\n"
                "    const struct %s_body *const *items;\n"
                "    size_t n;\n"
                "};\n\n",
                body->name.text, body->name.text);
}

void emit_body(const struct body *body, struct text *to)
{
    struct lines lines = {.arena = to->arena};
    if (body->description) {
        text_printf(to, "/* The body `%s`.", body->name.text);
        comment_description(body->description, to);
        text_printf(to, " */\n");
    }
    text_printf(to, "struct %s_body {\n", body->name.text);
    if (body->patch)
        add_line(&lines, "    uint64_t present;",
                 arena_printf(to->arena, "what is there: %s__... or-ed",
                              ascii_upper_case(to->arena, body->patch->name.text)));
    if (body->is_value && !member_is_single(body_value(body)))
        add_list_or_map(body_value(body), "", 0, &lines);
    else
        for (size_t i = 0; i < body->members.n; i++)
            add_member(&body->members.items[i], &lines);
    if (!body->members.n)
        add_line(&lines, "    char no_members;", NULL);
    write_lines(&lines, to);
    text_printf(to, "};\n\n");
}

/* A list without `by` is a field for each of its items. */
void emit_form(const struct body *body, struct text *to)
{
    struct lines lines = {.arena = to->arena};
    const char *name = body->name.text;
    text_printf(to, "/* A form `%s` as it was sent, with what is wrong at each field. */\n", name);
    text_printf(to, "struct %s_form {\n", name);
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        add_line(&lines,
                 arena_printf(to->arena, "    struct gw_field%s %s;",
                              member->list && !member->by.text ? "_list" : "", member->name.text),
                 member->secret ? "secret: never its text" : NULL);
    }
    write_lines(&lines, to);
    text_printf(to, "};\n\n");
}
