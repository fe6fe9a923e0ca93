/* returns.c: what handlers answer, of all routes in one array. */
#include "emit/emit.h"

/* The media types of all answers, those of each ended by NULL. */
static void emit_return_types(const struct tree *tree, struct text *to)
{
    VEC(struct name) all = {0};
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        for (size_t j = 0; j < route->returns.n; j++) {
            const struct returned *returned = &route->returns.items[j];
            for (size_t k = 0; k < returned->types.n; k++)
                *vec_add(to->arena, &all) = returned->types.items[k];
            if (returned->types.n)
                *vec_add(to->arena, &all) = (struct name){.text = NULL};
        }
    }
    if (!all.n)
        return;
    text_printf(to, "static const char *const gwt_return_types[] = {\n");
    for (size_t i = 0; i < all.n; i++)
        if (all.items[i].text)
            text_printf(to, "    \"%s\",\n", all.items[i].text);
        else
            text_printf(to, "    NULL,\n");
    text_printf(to, "};\n\n");
}

void emit_returns(const struct tree *tree, struct text *to)
{
    size_t n = 0, types = 0;
    emit_return_types(tree, to);
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (route->returns.n && !n)
            text_printf(to, "static const struct gw_return gwt_returns[] = {\n");
        for (size_t j = 0; j < route->returns.n; j++) {
            const struct returned *returned = &route->returns.items[j];
            text_printf(to, "    {.status = %d", returned->status);
            if (returned->shape)
                text_printf(
                    to, ", .shape = &%s",
                    shape_name(to->arena, returned->shape, returned->list, &returned->count));
            if (returned->types.n)
                text_printf(to, ", .types = gwt_return_types + %zu", types);
            types += returned->types.n ? returned->types.n + 1 : 0;
            text_printf(to, "},\n");
        }
        n += route->returns.n;
    }
    if (n)
        text_printf(to, "};\n\n");
}
