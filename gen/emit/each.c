/* each.c: what calls that give rows one by one share: the function that takes a row, and the step
 * that gives it its type. */
#include "emit/emit.h"

const char *each_argument(struct arena *arena, const char *row)
{
    return arena_printf(arena, "int (*fn)(struct gw_request *, const %s *, void *)", row);
}

void emit_each_step(const char *name, const char *row, struct text *to)
{
    text_printf(to,
                "struct gwt_each_%s {\n"
                "    %s;\n"
                "    void *data;\n"
                "};\n\n"
                "static int gwt_each_%s(struct gw_request *req, const void *row, void *data)\n"
                "{\n"
                "    const struct gwt_each_%s *each = data;\n"
                "    return each->fn(req, row, each->data);\n"
                "}\n\n",
                name, each_argument(to->arena, row), name, name);
}
