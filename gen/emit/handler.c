/* handler.c: prototypes, trampolines and URL builders of handlers.
 *
 * `#line` makes compiler and linker name the route: before the prototype for a handler of the wrong
 * type, in the trampoline's body for one that is missing. The asm label keeps a handler called
 * `poll` from replacing libc's. */
#include "emit/emit.h"

#include <string.h>

/* A name for a parameter of the prototype that no path parameter has. */
static const char *free_name(const struct route *route, struct arena *arena, const char *name)
{
    for (size_t i = 0; i < route->params.n; i++) {
        if (!strcmp(route->params.items[i]->param.text, name))
            return free_name(route, arena, arena_printf(arena, "%s_", name));
    }
    return name;
}

static const char *param_argument(struct arena *arena, const struct segment *segment)
{
    return arena_printf(arena, "%s%s", type_infos[segment_type(segment)].c_type,
                        segment->param.text);
}

/* All routes of the handler, as a comment. */
static void comment_routes(const struct route *first, struct text *to)
{
    text_printf(to, "/* %s ", method_names[first->method]);
    text_comment(to, first->pattern);
    for (const struct route *route = first->next; route; route = route->next) {
        text_printf(to, "\n * %s ", method_names[route->method]);
        text_comment(to, route->pattern);
    }
    if (first->me && first->guest)
        text_printf(to, "\n * `me` is NULL for a guest.");
    if (first->body_optional.source)
        text_printf(to, "\n * `%s` is NULL where the request has no body.",
                    free_name(first, to->arena, "body"));
    if (first->faults_pos.source)
        text_printf(to, "\n * `%s` is NULL where the form has a fault, which `%s` then shows.",
                    free_name(first, to->arena, "body"), free_name(first, to->arena, "form"));
    for (const struct route *route = first; route; route = route->next)
        comment_description(route->description, to);
    text_printf(to, " */\n");
}

void handler_prototype(const struct route *route, struct text *to)
{
    VEC(const char *) args = {0};
    struct arena *arena = to->arena;
    *vec_add(arena, &args) =
        arena_printf(arena, "struct gw_request *%s", free_name(route, arena, "req"));
    if (route->me)
        *vec_add(arena, &args) = arena_printf(arena, "const struct %s_row *%s",
                                              route->me->name.text, free_name(route, arena, "me"));
    for (size_t i = 0; i < route->params.n; i++)
        *vec_add(arena, &args) = param_argument(arena, route->params.items[i]);
    if (route->own)
        *vec_add(arena, &args) =
            arena_printf(arena, "const struct %s_row *%s", route->own->name.text,
                         free_name(route, arena, "owned"));
    if (route->ticket)
        *vec_add(arena, &args) =
            arena_printf(arena, "const struct %s_row *%s", route->ticket->table->name.text,
                         free_name(route, arena, "owner"));
    if (route->query)
        *vec_add(arena, &args) =
            arena_printf(arena, "const struct %s_body *%s", route->query->name.text,
                         free_name(route, arena, "query"));
    if (route->headers)
        *vec_add(arena, &args) =
            arena_printf(arena, "const struct %s_body *%s", route->headers->name.text,
                         free_name(route, arena, "headers"));
    if (route->body)
        *vec_add(arena, &args) =
            arena_printf(arena, "const struct %s_%s *%s", route->body->name.text,
                         route->body_list ? "list" : "body", free_name(route, arena, "body"));
    if (route->faults_pos.source)
        *vec_add(arena, &args) =
            arena_printf(arena, "const struct %s_form *%s", route->body->name.text,
                         free_name(route, arena, "form"));
    comment_routes(route, to);
    text_printf(to, "#line %u ", pos_line(route->pos));
    text_c_string(to, route->pos.source->label);
    text_printf(to, "\n");
    text_call(to, arena_printf(arena, "int %s", route->handler.text), args.items, args.n,
              arena_printf(arena, " __asm__(\"gwh_%s\");", route->handler.text));
    text_printf(to, "\n");
}

/* A parameter's name in the trampoline, which must not hide the handler. */
static const char *trampoline_name(const struct route *route, struct arena *arena, const char *name)
{
    bool taken = !strcmp(route->handler.text, name);
    return taken ? arena_printf(arena, "%s_", name) : name;
}

static void trampoline_head(const struct route *route, const char *storage, const char *tail,
                            struct text *to)
{
    struct arena *arena = to->arena;
    const char *const args[] = {
        arena_printf(arena, "struct gw_request *%s", trampoline_name(route, arena, "req")),
        arena_printf(arena, "const struct gw_args *%s", trampoline_name(route, arena, "args"))};
    text_call(to, arena_printf(arena, "%sint gwt_call_%s", storage, route->handler.text), args, 2,
              tail);
}

void handler_trampoline_prototype(const struct route *route, struct text *to)
{
    trampoline_head(route, "", ";", to);
}

/* `file` is the part that it is in; NULL for routes.c, which alone calls it. */
void handler_trampoline(const struct route *route, const char *file, struct text *to)
{
    VEC(const char *) args = {0};
    struct arena *arena = to->arena;
    const char *req = trampoline_name(route, arena, "req");
    const char *from = trampoline_name(route, arena, "args");
    *vec_add(arena, &args) = req;
    if (route->me)
        *vec_add(arena, &args) = arena_printf(arena, "%s->me", from);
    for (size_t i = 0; i < route->params.n; i++)
        *vec_add(arena, &args) =
            arena_printf(arena, "%s->params[%zu].%s", from, i,
                         type_infos[segment_type(route->params.items[i])].value_member);
    if (route->own)
        *vec_add(arena, &args) = arena_printf(arena, "%s->owned", from);
    if (route->ticket)
        *vec_add(arena, &args) = arena_printf(arena, "%s->owner", from);
    if (route->query)
        *vec_add(arena, &args) = arena_printf(arena, "%s->query", from);
    if (route->headers)
        *vec_add(arena, &args) = arena_printf(arena, "%s->headers", from);
    if (route->body)
        *vec_add(arena, &args) = arena_printf(arena, "%s->body", from);
    if (route->faults_pos.source)
        *vec_add(arena, &args) = arena_printf(arena, "%s->form", from);
    if (file)
        handler_trampoline_prototype(route, to);
    trampoline_head(route, file ? "" : "static ", "", to);
    text_printf(to, "{\n");
    if (args.n == 1)
        text_printf(to, "    (void)%s;\n", from);
    text_printf(to, "#line %u ", pos_line(route->pos));
    text_c_string(to, route->pos.source->label);
    text_printf(to, "\n");
    text_call(to, arena_printf(arena, "    return %s", route->handler.text), args.items, args.n,
              ";");
    text_line_back(to, file ? file : "routes.c");
    text_printf(to, "}\n\n");
}

static void url_head(const struct route *route, const char *tail, struct text *to)
{
    VEC(const char *) args = {0};
    struct arena *arena = to->arena;
    *vec_add(arena, &args) =
        arena_printf(arena, "struct gw_request *%s", free_name(route, arena, "req"));
    for (size_t i = 0; i < route->params.n; i++)
        *vec_add(arena, &args) = param_argument(arena, route->params.items[i]);
    text_call(to, arena_printf(arena, "const char *url_%s", route->handler.text), args.items,
              args.n, tail);
}

void url_prototype(const struct route *route, struct text *to)
{
    url_head(route, ";", to);
}

void url_function(const struct route *route, struct text *to)
{
    const char *values = free_name(route, to->arena, "values");
    url_head(route, "", to);
    text_printf(to, "{\n");
    if (route->params.n)
        text_printf(to, "    const union gw_param_value %s[] = {\n", values);
    for (size_t i = 0; i < route->params.n; i++) {
        const struct segment *segment = route->params.items[i];
        text_printf(to, "        {.%s = %s},\n", type_infos[segment_type(segment)].value_member,
                    segment->param.text);
    }
    if (route->params.n)
        text_printf(to, "    };\n");
    text_printf(to, "    return gw_url_build(%s, %u, %s);\n}\n\n",
                free_name(route, to->arena, "req"), (unsigned)route->index,
                route->params.n ? values : "NULL");
}
