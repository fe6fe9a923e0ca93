/* routes.c: routes.c, the table of routes and the trampolines. */
#include "emit/emit.h"

#include "base/ascii.h"

#include <string.h>
#include <time.h>

/* Parameters and answers of all routes are in one array each: a C compiler takes minutes over tens
 * of thousands of small ones. */
static void emit_param(const struct route *route, unsigned segment_number, size_t part,
                       struct text *to)
{
    const struct segment *segment = &route->segments.items[segment_number];
    const struct segment *param = segment_param(segment, part);
    bool mixed = segment->kind == SEGMENT_MIXED;
    const char *before = !mixed ? "" : part ? segment->texts[part] : segment->literal;
    const char *behind = mixed && part + 1 >= segment->n_parts ? segment->suffix : "";
    text_printf(to, "    {.name = \"%s\", .type = %s, .segment = %s%u", param->param.text,
                type_infos[segment_type(param)].enumerator, segment->n_parts ? "GW_DIVIDED | " : "",
                segment_number);
    if (*before)
        text_printf(to, ", .skip = %zu", strlen(before));
    if (*behind)
        text_printf(to, ", .drop = %zu", strlen(behind));
    if (part)
        text_printf(to, ", .begin = &%s", cut_name(to->arena, segment->cuts[part - 1]));
    if (part + 1 < segment->n_parts)
        text_printf(to, ", .end = &%s", cut_name(to->arena, segment->cuts[part]));
    text_printf(to, "},\n");
}

static void emit_params(const struct tree *tree, struct text *to)
{
    size_t n = 0;
    emit_cuts(tree, to);
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (route->params.n && !n)
            text_printf(to, "static const struct gw_param gwt_params[] = {\n");
        for (unsigned j = 0; j < route->segments.n; j++)
            for (size_t k = 0; k < segment_params(&route->segments.items[j]); k++)
                emit_param(route, j, k, to);
        n += route->params.n;
    }
    if (n)
        text_printf(to, "};\n\n");
}

static void emit_own(const struct route *route, struct text *to)
{
    if (!route->own)
        return;
    text_printf(to, "static const struct gw_own_term gwt_own_terms_%u[] = {\n", route->index);
    for (size_t i = 0; i < route->own_terms.n; i++) {
        const struct own_term *term = &route->own_terms.items[i];
        text_printf(to, "    {.column = %d, .param = %d},\n", term->column_index,
                    term->param_index);
    }
    text_printf(to,
                "};\n\n"
                "static const struct gw_own gwt_own_%u = {\n"
                "    .table = &gwt_table_%s,\n"
                "    .terms = gwt_own_terms_%u,\n"
                "    .n_terms = %zu,\n"
                "};\n\n",
                route->index, route->own->name.text, route->index, route->own_terms.n);
}

/* One line for each word that lets in. */
static size_t emit_route_roles(const struct route *route, struct text *to)
{
    size_t n = 0;
    for (size_t i = 0; i < route->roles.n; i++) {
        const struct role *role = &route->roles.items[i];
        for (size_t j = 0; j < role->values.n; j++)
            text_printf(to, "    {.entity = %u, .column = %d, .word = %u},\n", role->table->index,
                        role->column_index, role->values.items[j]);
        n += role->values.n;
    }
    return n;
}

static void emit_roles(const struct tree *tree, struct text *to)
{
    size_t n = 0;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (route->roles.n && !n)
            text_printf(to, "static const struct gw_route_role gwt_roles[] = {\n");
        n += emit_route_roles(route, to);
    }
    if (n)
        text_printf(to, "};\n\n");
}

static void emit_route_rates(const struct route *route, struct text *to)
{
    static const char *const by[] = {
        [RATE_ADDRESS] = "GW_RATE_ADDRESS",
        [RATE_CALLER] = "GW_RATE_CALLER",
        [RATE_MEMBER] = "GW_RATE_MEMBER",
    };
    for (size_t i = 0; i < route->rates.n; i++) {
        const struct rate *rate = &route->rates.items[i];
        text_printf(to, "    {.most = %u, .seconds = %u, .by = %s", rate->most, rate->seconds,
                    by[rate->by]);
        if (rate->by == RATE_MEMBER)
            text_printf(to, ", .member = %d", rate->member_index);
        if (rate->shared)
            text_printf(to, ", .shared = true");
        text_printf(to, "},\n");
    }
}

static void emit_rates(const struct tree *tree, struct text *to)
{
    size_t n = 0;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (route->rates.n && !n)
            text_printf(to, "static const struct gw_rate gwt_rates[] = {\n");
        emit_route_rates(route, to);
        n += route->rates.n;
    }
    if (n)
        text_printf(to, "};\n\n");
}

static void emit_access(const struct route *route, struct text *to)
{
    static const char *const accesses[] = {
        [ACCESS_IGNORED] = "GW_ACCESS_IGNORED",
        [ACCESS_WHITELISTED] = "GW_ACCESS_WHITELISTED",
        [ACCESS_AUTHORIZED] = "GW_ACCESS_GATED",
        [ACCESS_ENTITIES] = "GW_ACCESS_GATED",
    };
    text_printf(to, "        .access = %s,\n", accesses[route->access]);
    if (route->admits)
        text_printf(to, "        .admits = 0x%llx,\n", (unsigned long long)route->admits);
    if (route->guest)
        text_printf(to, "        .guest = true,\n");
    if (route->query_token)
        text_printf(to, "        .query_token = true,\n");
    if (route->query_bound)
        text_printf(to, "        .query_bound = true,\n");
    if (route->me)
        text_printf(to, "        .passes_me = true,\n");
    if (route->sets_pos.source)
        text_printf(to, "        .sets_session = true,\n");
    if (route->otherwise.text) {
        text_printf(to, "        .otherwise = ");
        text_c_string(to, route->otherwise.text);
        text_printf(to, ",\n");
    }
    if (route->scope.text) {
        text_printf(to, "        .scope = ");
        text_c_string(to, route->scope.text);
        text_printf(to, ",\n");
    }
}

/* How much of the arrays of all routes those before took. */
struct taken {
    size_t params, returns, roles, rates;
};

static size_t count_roles(const struct route *route)
{
    size_t n = 0;
    for (size_t i = 0; i < route->roles.n; i++)
        n += route->roles.items[i].values.n;
    return n;
}

static void emit_inputs(const struct route *route, const struct taken *taken, struct text *to)
{
    static const char *const kinds[] = {
        [BODY_JSON] = "GW_BODY_JSON",
        [BODY_FORM] = "GW_BODY_FORM",
        [BODY_RAW] = "GW_BODY_RAW",
    };
    if (route->accepts.n)
        text_printf(to, "        .accepts = gwt_accepts_%u,\n", route->index);
    if (route->limit)
        text_printf(to, "        .limit = %llu,\n", (unsigned long long)route->limit);
    if (route->timeout_ms)
        text_printf(to, "        .timeout_ms = %u,\n", (unsigned)route->timeout_ms);
    if (route->params.n)
        text_printf(to, "        .params = gwt_params + %zu,\n        .n_params = %zu,\n",
                    taken->params, route->params.n);
    if (route->body_kind != BODY_NONE)
        text_printf(to, "        .body_kind = %s,\n", kinds[route->body_kind]);
    if (route->body)
        text_printf(to, "        .body = &%s,\n",
                    shape_name(to->arena, route->body, route->body_list, &route->body_count));
    if (route->body_optional.source)
        text_printf(to, "        .body_optional = true,\n");
    if (route->faults_pos.source)
        text_printf(to, "        .form = &gwt_form_%s,\n", route->body->name.text);
    if (route->query)
        text_printf(to, "        .query = &gwt_shape_%s,\n", route->query->name.text);
    if (route->headers)
        text_printf(to, "        .headers = &gwt_shape_%s,\n", route->headers->name.text);
    if (route->own)
        text_printf(to, "        .own = &gwt_own_%u,\n", route->index);
    if (route->roles.n)
        text_printf(to, "        .roles = gwt_roles + %zu,\n        .n_roles = %zu,\n",
                    taken->roles, count_roles(route));
    if (route->rates.n)
        text_printf(to, "        .rates = gwt_rates + %zu,\n        .n_rates = %zu,\n",
                    taken->rates, route->rates.n);
    if (route->returns.n)
        text_printf(to, "        .returns = gwt_returns + %zu,\n        .n_returns = %zu,\n",
                    taken->returns, route->returns.n);
}

static time_t begin_of(const struct calendar_day *day)
{
    struct tm tm = {.tm_year = day->year - 1900, .tm_mon = day->month - 1, .tm_mday = day->day};
    return timegm(&tm);
}

/* The values of RFC 9745's header, a date of structured fields, and of RFC 8594's. */
static void emit_deprecated(const struct route *route, struct text *to)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const struct calendar_day *sunset = &route->sunset;
    struct tm tm;
    if (route->deprecated.pos.source)
        text_printf(to, "        .deprecated = \"@%lld\",\n",
                    (long long)begin_of(&route->deprecated));
    if (!sunset->pos.source)
        return;
    time_t time = begin_of(sunset);
    gmtime_r(&time, &tm);
    text_printf(to, "        .sunset = \"%s, %02d %s %d 00:00:00 GMT\",\n", days[tm.tm_wday],
                sunset->day, months[sunset->month - 1], sunset->year);
}

static void emit_route(const struct route *route, struct taken *taken, struct text *to)
{
    text_printf(
        to, "    {\n        .method = GW_%s,\n        .pattern = ", method_names[route->method]);
    text_c_string(to, route->pattern);
    text_printf(to, ",\n        .handler = \"%s\",\n        .where = ", route->handler.text);
    text_c_string(to, pos_where(to->arena, route->pos));
    text_printf(to, ",\n");
    emit_access(route, to);
    emit_deprecated(route, to);
    emit_inputs(route, taken, to);
    taken->params += route->params.n;
    taken->returns += route->returns.n;
    taken->roles += count_roles(route);
    taken->rates += route->rates.n;
    if (route->ticket)
        text_printf(to, "        .ticket = &gwt_tickets[%u],\n        .ticket_member = %d,\n",
                    route->ticket->index, route->ticket_member);
    if (route->session)
        text_printf(to, "        .session = &gwt_table_%s,\n", route->session->name.text);
    if (route->runtime)
        text_printf(to, "        .call = gw_handle_%s,\n    },\n", route->handler.text + 1);
    else
        text_printf(to, "        .call = gwt_call_%s,\n    },\n", route->handler.text);
}

static void emit_accepts(const struct tree *tree, struct text *to)
{
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if (route->accepts.n)
            emit_strings(to, arena_printf(to->arena, "gwt_accepts_%u", route->index),
                         route->accepts.items, route->accepts.n);
    }
}

static void emit_route_table(const struct tree *tree, struct text *to)
{
    struct taken taken = {0};
    emit_params(tree, to);
    emit_returns(tree, to);
    emit_roles(tree, to);
    emit_rates(tree, to);
    for (size_t i = 0; i < tree->routes.n; i++)
        emit_own(tree->routes.items[i], to);
    emit_accepts(tree, to);
    text_printf(to, "static const struct gw_route gwt_routes[] = {\n");
    for (size_t i = 0; i < tree->routes.n; i++)
        emit_route(tree->routes.items[i], &taken, to);
    text_printf(to, "};\n\n");
}

/* A line each, which the comments keep as they are. */
static void emit_statements(const struct tree *tree, struct text *to)
{
    size_t width = 0;
    for (size_t i = 0; i < tree->statements.n; i++) {
        size_t len = strlen(tree->statements.items[i]->name.text);
        width = len > width ? len : width;
    }
    if (tree->statements.n)
        text_printf(to, "static const struct gw_statement *const gwt_statements[] = {\n");
    for (size_t i = 0; i < tree->statements.n; i++) {
        const struct name *name = &tree->statements.items[i]->name;
        text_printf(to, "    &gwt_sql_%s,%*s /* %s */\n", name->text,
                    (int)(width - strlen(name->text)), "", pos_where(to->arena, name->pos));
    }
    if (tree->statements.n)
        text_printf(to, "};\n\n");
}

static void emit_lists(const struct tree *tree, struct text *to)
{
    if (tree->tables.n)
        text_printf(to, "static const struct gw_table *const gwt_tables[] = {\n");
    for (size_t i = 0; i < tree->tables.n; i++)
        text_printf(to, "    &gwt_table_%s,\n", tree->tables.items[i]->name.text);
    if (tree->tables.n)
        text_printf(to, "};\n\n");
    if (tree->cors.n)
        emit_strings(to, "gwt_cors", tree->cors.items, tree->cors.n);
    if (tree->credentials.n)
        emit_strings(to, "gwt_credentials", tree->credentials.items, tree->credentials.n);
}

static void emit_app(const struct tree *tree, const struct served *served, struct text *to)
{
    text_printf(to, "const struct gw_app gw_app = {\n    .source = ");
    text_c_string(to, tree->sources.items[0]->label);
    text_printf(to, ",\n    .prefix = ");
    text_c_string(to, tree->prefix.text);
    text_printf(to, ",\n    .expire_seconds = %llu,\n", (unsigned long long)tree->expire_seconds);
    if (tree->slash)
        text_printf(to, "    .slash = GW_SLASH_%s,\n",
                    ascii_upper_case(to->arena, slash_words[tree->slash]));
    if (tree->tables.n)
        text_printf(to, "    .tables = gwt_tables,\n    .n_tables = %zu,\n    .n_entities = %zu,\n",
                    tree->tables.n, tree->n_entities);
    if (tree->statements.n)
        text_printf(to, "    .statements = gwt_statements,\n    .n_statements = %zu,\n",
                    tree->statements.n);
    text_printf(
        to, "    .routes = gwt_routes,\n    .n_routes = %zu,\n    .match = gw_routes_match,\n%s",
        tree->routes.n, tree->cors.n ? "    .cors = gwt_cors,\n" : "");
    if (tree->credentials.n)
        text_printf(to, "    .credentials = gwt_credentials,\n");
    if (tree->cookie.text)
        text_printf(to, "    .cookie = \"%s\",\n", tree->cookie.text);
    if (tree->refresh_cookie)
        text_printf(to, "    .refresh_cookie = \"%s\",\n", tree->refresh_cookie);
    if (tree->tickets.n)
        text_printf(to, "    .tickets = gwt_tickets,\n    .n_tickets = %zu,\n", tree->tickets.n);
    if (tree->jobs.n)
        text_printf(to, "    .jobs = gwt_jobs,\n    .n_jobs = %zu,\n", tree->jobs.n);
    if (tree->issuers.n)
        text_printf(to, "    .issuers = gwt_issuers,\n    .n_issuers = %zu,\n", tree->issuers.n);
    if (served->openapi)
        text_printf(to,
                    "    .openapi = gwt_openapi,\n    .openapi_len = sizeof(gwt_openapi) - 1,\n");
    if (served->openapi && served->mount_at)
        text_printf(to, "    .openapi_mount = %zu,\n    .openapi_drop = %zu,\n", served->mount_at,
                    served->mount_drop);
    if (served->docs)
        text_printf(to, "    .docs = gwt_docs,\n    .docs_len = sizeof(gwt_docs) - 1,\n");
    text_printf(to, "};\n");
}

static bool has_lists(const struct tree *tree)
{
    for (size_t i = 0; i < tree->bodies.n; i++) {
        const struct body *body = tree->bodies.items[i];
        for (size_t j = 0; j < body->members.n; j++) {
            if (!member_is_single(&body->members.items[j]))
                return true;
        }
    }
    return false;
}

/* What these tables share with the runtime beside names: limits, and the layout of lists. */
static void emit_assertions(const struct tree *tree, struct text *to)
{
    static const struct {
        const char *name;
        int value;
    } limits[] = {
        {"GW_MAX_SEGMENTS", MAX_SEGMENTS},
        {"GW_MAX_PARAMS", MAX_PARAMS},
        {"GW_MAX_ENTITIES", MAX_ENTITIES},
        {"GW_MAX_COLUMNS", MAX_COLUMNS},
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
        text_printf(to, "_Static_assert(%s == %d, \"a limit of the compiler\");\n", limits[i].name,
                    limits[i].value);
    if (has_lists(tree))
        text_printf(
            to, "struct gwt_list {\n"
                "    const void **items;\n"
                "    size_t n;\n"
                "};\n"
                "_Static_assert(offsetof(struct gw_list, items) == offsetof(struct gwt_list, "
                "items) &&\n"
                "                   offsetof(struct gw_list, n) == offsetof(struct gwt_list, n) "
                "&&\n"
                "                   sizeof(struct gw_list) == sizeof(struct gwt_list),\n"
                "               \"the layout of a list\");\n");
    text_printf(to, "\n");
}

/* What has code: the first route of each handler, of those from `begin` to before `end`. */
static void emit_functions(const struct tree *tree, size_t begin, size_t end, const char *file,
                           struct text *to)
{
    for (size_t i = begin; i < end; i++) {
        const struct route *route = tree->routes.items[i];
        if (!is_first_of_handler(tree, route))
            continue;
        url_function(route, to);
        handler_trampoline(route, file, to);
    }
}

void emit_part(const struct tree *tree, size_t part, size_t n_parts, struct text *to)
{
    emit_banner(tree, "The calls of handlers, a part of them.", to);
    text_printf(to, "#include \"routes.h\"\n\n");
    emit_functions(tree, tree->routes.n * part / n_parts, tree->routes.n * (part + 1) / n_parts,
                   arena_printf(to->arena, "routes_%zu.c", part + 1), to);
}

/* A line of source for each of the text's. */
static void emit_long_text(const char *name, const char *text, struct text *to)
{
    text_printf(to, "static const char %s[] =", name);
    while (*text) {
        const char *end = strchrnul(text, '\n');
        size_t len = (size_t)(end - text) + (*end == '\n');
        text_printf(to, "\n    ");
        text_c_string(to, arena_copy(to->arena, text, len));
        text += len;
    }
    text_printf(to, ";\n\n");
}

void emit_routes(const struct tree *tree, size_t n_parts, const struct served *served,
                 struct text *to)
{
    emit_banner(tree, "The table of routes, and the calls of handlers.", to);
    text_printf(to, "#include \"routes.h\"\n\n");
    emit_assertions(tree, to);
    if (!n_parts)
        emit_functions(tree, 0, tree->routes.n, NULL, to);
    for (size_t i = 0; n_parts && i < tree->routes.n; i++)
        if (is_first_of_handler(tree, tree->routes.items[i]))
            handler_trampoline_prototype(tree->routes.items[i], to);
    emit_shapes(tree, to);
    emit_forms(tree, to);
    emit_tickets(tree, to);
    emit_problems(tree, to);
    emit_jobs(tree, to);
    emit_route_table(tree, to);
    emit_lists(tree, to);
    emit_statements(tree, to);
    emit_issuers(tree, to);
    if (served->openapi)
        emit_long_text("gwt_openapi", served->openapi, to);
    if (served->docs)
        emit_long_text("gwt_docs", served->docs, to);
    emit_app(tree, served, to);
}
