/* call_parts.c: what the typed calls of tables are made of: see call.h. */
#include "emit/call.h"

#include <string.h>

static void write_head(const struct call *call, const char *tail, struct text *to)
{
    const char *args[MAX_SET + 6];
    size_t n = 0;
    if (!call->no_request)
        args[n++] = "struct gw_request *req";
    for (size_t i = 0; i < call->n_args; i++)
        args[n++] = call->args[i];
    text_call(to, call->head, args, n, tail);
}

static void write_prototype(const struct call *call, struct text *to)
{
    if (call->comment)
        text_printf(to, "/* %s */\n", call->comment);
    write_head(call, ";", to);
}

void call_emit(const struct call *call, body_writer *write, const struct table *table,
               size_t column, struct text *to)
{
    if (!write) {
        write_prototype(call, to);
        return;
    }
    write_head(call, "", to);
    text_printf(to, "{\n");
    write(table, column, to);
    text_printf(to, "}\n\n");
}

void call_write_value(const char *name, const struct column *column, const char *from,
                      struct text *to)
{
    text_printf(to, "    const struct gw_value %s = {.type = %s, .as.%s = %s};\n", name,
                type_infos[column->type].enumerator, type_infos[column->type].value_member,
                column_value(to->arena, column, from));
}

void call_write_values(const char *name, const struct table *table, bool from_row, struct text *to)
{
    text_printf(to, "    const struct gw_value %s[] = {\n", name);
    for (size_t i = 0; i < table->keys->columns.n; i++) {
        const struct column *column = &table->columns.items[table->keys->columns.items[i]];
        const struct type_info *info = &type_infos[column->type];
        const char *from = from_row
                               ? arena_printf(to->arena, "after ? after->%s : 0", column->name.text)
                               : arena_printf(to->arena, "wanted_%zu", i);
        text_printf(to, "        {.type = %s, .as.%s = %s},\n", info->enumerator,
                    info->value_member, column_value(to->arena, column, from));
    }
    text_printf(to, "    };\n");
}

const char *call_wanted(struct arena *arena, const struct column *column, bool wrapper)
{
    static const char *const taken[] = {"req", "ret",  "ret_n",  "ret_secrets", "after",   "limit",
                                        "fn",  "data", "size_t", "int64_t",     "uint64_t"};
    const char *name = column->name.text;
    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
        if (!strcmp(taken[i], name))
            name = arena_printf(arena, "%s_", name);
    }
    return call_argument(arena, column, wrapper ? "wanted" : name);
}
