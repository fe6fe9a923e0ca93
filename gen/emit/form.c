/* form.c: forms as they were sent, which handlers that take `faults` show again. */
#include "emit/emit.h"

static bool is_shown_again(const struct tree *tree, const struct body *body)
{
    for (size_t i = 0; i < tree->routes.n; i++)
        if (tree->routes.items[i]->faults_pos.source && tree->routes.items[i]->body == body)
            return true;
    return false;
}

void emit_form_structures(const struct tree *tree, struct text *to)
{
    for (size_t i = 0; i < tree->bodies.n; i++)
        if (is_shown_again(tree, tree->bodies.items[i]))
            emit_form(tree->bodies.items[i], to);
}

/* The fields in the order of the shape's members. */
static void emit_layout(const struct body *body, struct text *to)
{
    const char *name = body->name.text;
    const char *type = arena_printf(to->arena, "struct %s_form", name);
    text_printf(to, "static const struct gw_form_field gwt_fields_%s[] = {\n", name);
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        const char *const place[] = {type, member->name.text};
        text_call(to, "    {.offset = offsetof", place, 2,
                  member->secret ? ", .secret = true}," : "},");
    }
    text_printf(to,
                "};\n\n"
                "static const struct gw_form_layout gwt_form_%s = {\n"
                "    .fields = gwt_fields_%s,\n"
                "    .size = sizeof(%s),\n"
                "};\n\n",
                name, name, type);
}

void emit_forms(const struct tree *tree, struct text *to)
{
    for (size_t i = 0; i < tree->bodies.n; i++)
        if (is_shown_again(tree, tree->bodies.items[i]))
            emit_layout(tree->bodies.items[i], to);
}
