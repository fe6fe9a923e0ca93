/* patch.c: what is generated of `body NAME patch of TABLE`: which columns its members are, and the
 * call that writes what is there. */
#include "emit/call.h"

#include "base/ascii.h"

#include <string.h>

void emit_patched_columns(const struct body *body, struct text *to)
{
    if (!body->patch)
        return;
    uint32_t *columns = arena_alloc(to->arena, (body->members.n + 1) * sizeof(*columns));
    for (size_t i = 0; i < body->members.n; i++)
        columns[i] = body->members.items[i].column;
    text_printf(to,
                "_Static_assert(offsetof(struct %s_body, present) == 0, \"as the runtime writes "
                "it\");\n\n",
                body->name.text);
    emit_array(to, "The columns of its members.",
               arena_printf(to->arena, "gwt_patched_%s", body->name.text), columns,
               body->members.n);
}

/* The member as its column has it in a row. */
static const char *value_of(struct arena *arena, const struct member *member,
                            const struct column *column)
{
    const char *from = arena_printf(arena, "body->%s", member->name.text);
    const char *type = type_infos[column->type].c_type;
    const char *optional = type_infos[column->type].c_optional;
    if (column->one_of.n)
        return arena_printf(arena, "%s_of(%s)", column->one_of.name, from);
    if (!column->optional || member->optional || !strcmp(type, optional))
        return from;
    return arena_printf(arena, "(%.*s){true, %s}", (int)strlen(optional) - 1, optional, from);
}

static void write_patch(const struct table *table, size_t column, struct text *to)
{
    const char *name = table->name.text;
    bool secrets = has_secrets(table->columns.items, table->columns.n);
    text_printf(to, "    struct %s_row changed = *row;\n", name);
    for (size_t i = 0; i < table->patch->members.n; i++) {
        const struct member *member = &table->patch->members.items[i];
        const struct column *of = &table->columns.items[member->column];
        text_printf(to, "    if (body->present & %s__%s)\n        changed.%s = %s;\n",
                    ascii_upper_case(to->arena, name), ascii_upper_case(to->arena, of->name.text),
                    of->name.text, value_of(to->arena, member, of));
    }
    text_printf(to,
                "    if (!body->present)\n"
                "        return 0;\n"
                "    return gw_entity_update%s(req, &gwt_table_%s, &changed, %sbody->present);\n",
                secrets ? "_secret" : "", name, secrets ? "NULL, " : "");
}

void emit_patch_call(const struct table *table, bool wrapper, struct text *to)
{
    struct call call = {
        .head = arena_printf(to->arena, "int %s_patch", table->name.text),
        .args = {arena_printf(to->arena, "const struct %s_row *row", table->name.text),
                 arena_printf(to->arena, "const struct %s_body *body", table->patch->name.text)},
        .n_args = 2,
        .comment = "Writes what is there, or nothing. Otherwise as the update.",
    };
    call_emit(&call, wrapper ? write_patch : NULL, table, 0, to);
}
