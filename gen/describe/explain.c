/* explain.c: which route answers a request, decided by trying every one of them.
 *
 * Shares with the matcher only the tests of single segments and the order of precedence: so it can
 * say of each route where it failed, which an automaton cannot. */
#include "describe/explain.h"

#include "syntax/canonical.h"
#include "match/match.h"
#include "match/path_type.h"

#include <string.h>

/* Length of the part in front of the next encoded separator, or of all. */
static size_t piece_length(const char *text)
{
    size_t n = 0;
    while (text[n] && strncmp(text + n, "%2F", 3) && strncmp(text + n, "%5C", 3))
        n++;
    return n;
}

static bool has_separator(const char *text)
{
    return text[piece_length(text)];
}

/* Whether a part of the segment is empty, `.` or `..` once its separators are decoded. */
static bool has_odd_piece(const char *text)
{
    for (;;) {
        size_t n = piece_length(text);
        if (!n || (n <= 2 && !memcmp(text, "..", n)))
            return true;
        if (!text[n])
            return false;
        text += n + 3;
    }
}

void explain_path(struct arena *arena, const char *path, struct request_path *ret)
{
    size_t len = strcspn(path, "?");
    *ret = (struct request_path){.problem = NULL};
    if (*path != '/') {
        ret->problem = "a path begins with `/`";
        return;
    }
    if (len > 8192)
        ret->problem = "it has more than 8192 bytes";
    for (size_t i = 0; i + 1 < len && !ret->problem;) {
        size_t n = strcspn(path + i + 1, "/?");
        if (!n && i + 1 < len) {
            ret->problem = "a segment is empty";
        } else {
            const char *segment =
                path_canonical_request(arena, path + i + 1, n, &ret->separators, &ret->problem);
            *vec_add(arena, &ret->segments) = segment ? segment : "";
            if (segment && has_separator(segment) && has_odd_piece(segment))
                ret->problem = "a segment is empty, `.` or `..` once it is decoded";
        }
        i += n + 1;
        /* A slash at the end: an empty segment, which no route has. */
        if (i + 1 == len && path[i] == '/')
            *vec_add(arena, &ret->segments) = "";
    }
}

struct attempt explain_attempt(const struct route *route, const struct request_path *path)
{
    struct attempt attempt = {.route = route};
    size_t n = route->segments.n;
    bool open = n && route->segments.items[n - 1].kind == SEGMENT_PATH;
    for (size_t i = 0; i < path->segments.n && i < n; i++) {
        if (!path->segments.items[i][0] ||
            !path_segment_fits(&route->segments.items[i], path->segments.items[i]))
            return attempt;
        attempt.fits++;
    }
    attempt.matches = attempt.fits == n && (open || path->segments.n == n);
    for (size_t i = n; i < path->segments.n && attempt.matches; i++)
        attempt.matches = path->segments.items[i][0];
    return attempt;
}

const struct route *explain_winner(const struct tree *tree, int method,
                                   const struct request_path *path)
{
    const struct route *best = NULL;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        if ((int)route->method != method || !explain_attempt(route, path).matches)
            continue;
        if (!best || match_compare_rank(route, best) < 0)
            best = route;
    }
    return best;
}

/* The path as it is once its separators are decoded. */
static struct request_path decoded(struct arena *arena, const struct request_path *path,
                                   bool backslashes)
{
    struct request_path ret = {.problem = NULL};
    for (size_t i = 0; i < path->segments.n; i++) {
        const char *start = path->segments.items[i], *at = start;
        while (has_separator(at)) {
            at += piece_length(at) + 3;
            if (!backslashes && at[-1] == 'C')
                continue;
            *vec_add(arena, &ret.segments) = arena_copy(arena, start, (size_t)(at - start) - 3);
            start = at;
        }
        *vec_add(arena, &ret.segments) = start;
    }
    return ret;
}

static bool leads_elsewhere(const struct tree *tree, const struct route *route, bool whole,
                            const struct request_path *path, bool backslashes)
{
    struct request_path plain = decoded(tree->arena, path, backslashes);
    for (int i = 0; i < N_METHODS; i++) {
        if ((whole || i == (int)route->method) &&
            explain_winner(tree, i, path) != explain_winner(tree, i, &plain))
            return true;
    }
    return false;
}

const char *explain_separators(const struct tree *tree, const struct route *route, bool whole,
                               const struct request_path *path)
{
    size_t n = route->segments.n;
    bool open = n && route->segments.items[n - 1].kind == SEGMENT_PATH;
    for (size_t i = 0; i < path->segments.n && (!open || i + 1 < n); i++) {
        if (has_separator(path->segments.items[i]))
            return "an encoded separator (%2F, %5C) stands in no {:path}";
    }
    if (leads_elsewhere(tree, route, whole, path, false) ||
        leads_elsewhere(tree, route, whole, path, true))
        return "it goes to another route once its separators (%2F, %5C) are decoded";
    return NULL;
}

const char *explain_callers(const struct tree *tree, const struct route *route)
{
    const char *list = "";
    for (size_t i = 0; i < tree->n_entities; i++) {
        if (route->admits >> i & 1)
            list = arena_printf(tree->arena, "%s%s%s", list, *list ? ", " : "",
                                tree->tables.items[i]->name.text);
    }
    return list;
}

const char *explain_role(struct arena *arena, const struct route *route, const char *entity)
{
    const struct role *role = route_role(route, entity);
    struct text text = {.arena = arena};
    if (!role)
        return "";
    text_printf(&text, "(%s = ", role->column.text);
    for (size_t i = 0; i < role->words.n; i++) {
        text_printf(&text, i ? " | " : "");
        text_json_string(&text, role->words.items[i].text);
    }
    text_printf(&text, ")");
    return text.items;
}

static const char *param_text(struct arena *arena, const struct segment *param)
{
    static const char *const types[N_SEGMENT_KINDS] = {
        [SEGMENT_UUID] = ":uuid", [SEGMENT_DATE] = ":date", [SEGMENT_UINT] = ":uint",
        [SEGMENT_INT] = ":int",   [SEGMENT_SLUG] = ":slug", [SEGMENT_FREE] = "",
        [SEGMENT_PATH] = ":path", [SEGMENT_WORDS] = "",     [SEGMENT_LIKE] = ":like ",
    };
    const char *words = "";
    size_t before = param->literal ? strlen(param->literal) : 0;
    size_t behind = param->suffix ? strlen(param->suffix) : 0;
    for (size_t i = 0; i < param->n_words; i++) {
        const char *word = param->words[i];
        words = arena_printf(arena, "%s%s%.*s", words, i ? "|" : ":",
                             (int)(strlen(word) - before - behind), word + before);
    }
    if (param->like.text)
        words = arena_printf(arena, "\"%s\"", param->like.text);
    return arena_printf(arena, "{%s%s%s}", param->param.text, types[param_kind(param)], words);
}

const char *explain_segment(struct arena *arena, const struct segment *segment)
{
    struct text text = {.arena = arena};
    text_printf(&text, "%s", segment->literal ? segment->literal : "");
    for (size_t i = 0; i < segment_params(segment); i++)
        text_printf(&text, "%s%s", i ? segment->texts[i] : "",
                    param_text(arena, segment_param(segment, i)));
    text_printf(&text, "%s", segment->suffix ? segment->suffix : "");
    return text.items;
}

const char *explain_division(struct arena *arena, const struct segment *segment, const char *text)
{
    struct text list = {.arena = arena};
    size_t ends[MAX_PARTS], from = strlen(segment->literal);
    path_segment_divide(segment, text, ends);
    for (size_t i = 0; i < segment->n_parts; i++) {
        text_printf(&list, "%s{%s} is `%.*s`", i ? ", " : "", segment->parts[i].param.text,
                    (int)(ends[i] - from), text + from);
        from = ends[i] + strlen(segment->texts[i + 1]);
    }
    return list.items;
}

const char *explain_doubt(struct arena *arena, const struct route *route,
                          const struct request_path *path)
{
    size_t ends[MAX_PARTS];
    for (size_t i = 0; i < route->segments.n; i++) {
        const struct segment *segment = &route->segments.items[i];
        const char *text = path->segments.items[i];
        if (segment->n_parts && path_segment_divide(segment, text, ends) > 1)
            return arena_printf(arena, "`%s` can be divided in more ways than one into %s", text,
                                explain_segment(arena, segment));
    }
    return NULL;
}

const char *explain_rate(struct arena *arena, const struct rate *rate)
{
    const char *unit = rate->seconds == 1      ? "second"
                       : rate->seconds == 60   ? "minute"
                       : rate->seconds == 3600 ? "hour"
                                               : "day";
    const char *by = rate->by == RATE_ADDRESS  ? "address"
                     : rate->by == RATE_CALLER ? "caller"
                                               : arena_printf(arena, "body.%s", rate->member.text);
    return arena_printf(arena, "rate %u per %s by %s%s", rate->most, unit, by,
                        rate->shared ? " shared" : "");
}

static void demand_rate(const struct tree *tree, const struct route *route, enum rate_by by,
                        struct text *to)
{
    for (size_t i = 0; i < route->rates.n; i++) {
        if (route->rates.items[i].by == by)
            text_printf(to, "  no more than %s; else 429\n",
                        explain_rate(tree->arena, &route->rates.items[i]) + strlen("rate "));
    }
}

/* What a page of another site may make a browser send. */
static void demand_our_page(const struct tree *tree, const struct route *route, struct text *to)
{
    if (!tree->cookie.text || route->method == METHOD_GET)
        return;
    text_printf(to, "  %s from a page of ours (Origin, Sec-Fetch-Site); else 403\n",
                route->sets_pos.source ? "a request" : "where the cookie is sent, a request");
}

static void demand_token(const struct tree *tree, const struct route *route, struct text *to)
{
    text_printf(to, "  a token of %s", explain_callers(tree, route));
    text_printf(to,
                route->guest ? ", or none at all (a guest); a bad one is 401\n" : "; else 401\n");
    if (route->otherwise.text)
        text_printf(to, "      whoever looks at a page is sent to %s instead: 303\n",
                    route->otherwise.text);
    if (route->query_token)
        text_printf(to, "      in `Authorization: Bearer` or in `?auth=`%s\n",
                    route->query_bound ? ", there only one made for this path" : "");
    else
        text_printf(to, "      in `Authorization: Bearer`\n");
    if (tree->cookie.text)
        text_printf(to, "      or, without these, in the cookie \"%s\"%s\n", tree->cookie.text,
                    route->guest ? ", where a bad one makes a guest" : "");
    if (route->admits != tree_all_entities(tree))
        text_printf(to, "      a token of another entity is 403\n");
    for (size_t i = 0; i < route->roles.n; i++) {
        const char *name = route->roles.items[i].entity.text;
        text_printf(to, "  of %s only those with %s; else 403\n", name,
                    explain_role(tree->arena, route, name));
    }
    if (route->scope.text)
        text_printf(to, "  the scope \"%s\" in the token; else 403\n", route->scope.text);
}

static void demand_body(const struct tree *tree, const struct route *route, struct text *to)
{
    static const char *const types[] = {
        [BODY_JSON] = "application/json",
        [BODY_FORM] = "application/x-www-form-urlencoded or multipart/form-data",
        [BODY_RAW] = NULL,
    };
    const char *type = route->accepts.n ? route->accepts.items[0].text : types[route->body_kind];
    for (size_t i = 1; i < route->accepts.n; i++)
        type = arena_printf(to->arena, "%s or %s", type, route->accepts.items[i].text);
    if (route->body_kind == BODY_RAW && type)
        text_printf(to, "  a body as %s; else 415\n", type);
    else if (route->body_kind == BODY_RAW)
        text_printf(to, "  a body of any kind\n");
    else if (route->body_kind != BODY_NONE)
        text_printf(to, "  a %s `%s` as %s%s; else 415, 400%s\n",
                    route->body_list ? "list of" : "body", route->body->name.text,
                    route->body_kind == BODY_FORM && body_file(route->body) ? "multipart/form-data"
                                                                            : type,
                    route->body_optional.source ? ", or none" : "",
                    route->faults_pos.source ? "; its handler shows what is wrong in it" : ", 422");
    if (route->ticket)
        text_printf(to, "  a ticket `%s`, unspent, in %s`Authorization: Ticket`; else 401\n",
                    route->ticket->name.text,
                    route->ticket_member < 0 ? "" : "the member `ticket` or in ");
    if (route->session && route->session->session->cookie_path)
        text_printf(to, "      or none, and the cookie \"%s\", which has the path %s\n",
                    tree->refresh_cookie, route->session->session->cookie_path);
    if (route->query)
        text_printf(to, "  a query `%s`; else 400, 422\n", route->query->name.text);
    if (route->headers)
        text_printf(to, "  headers `%s`; else 422\n", route->headers->name.text);
}

static void add_own(const struct route *route, struct text *to)
{
    if (!route->own)
        return;
    text_printf(to, "  the row of `%s` where ", route->own->name.text);
    for (size_t i = 0; i < route->own_terms.n; i++) {
        const struct own_term *term = &route->own_terms.items[i];
        text_printf(to, "%s%s = ", i ? " and " : "", term->column.text);
        if (term->param_index < 0)
            text_printf(to, "the caller's key");
        else
            text_printf(to, "{%s}", term->param.text);
    }
    text_printf(to, "; else 404\n");
}

static void add_blocking(const struct tree *tree, const struct route *route, struct text *to)
{
    for (size_t i = 0; i < tree->n_entities; i++) {
        const struct table *table = tree->tables.items[i];
        for (size_t j = 0; j < table->columns.n; j++) {
            const struct column *column = &table->columns.items[j];
            if (route->admits >> i & 1 && column->blocks)
                text_printf(to, "      one of %s whose `%s` is %s is blocked: 401\n",
                            table->name.text, column->name.text,
                            column->blocks == BLOCKS_SET     ? "set"
                            : column->blocks == BLOCKS_FALSE ? "false"
                                                             : "true");
        }
    }
}

void explain_demands(const struct tree *tree, const struct route *route, struct text *to)
{
    bool gated = route->access == ACCESS_AUTHORIZED || route->access == ACCESS_ENTITIES;
    text_printf(to, "It demands, in this order:\n");
    demand_rate(tree, route, RATE_ADDRESS, to);
    demand_our_page(tree, route, to);
    if (route->body_kind == BODY_NONE)
        text_printf(to, "  no body; else 413\n");
    else if (route->limit)
        text_printf(to, "  at most %llu bytes of body; else 413\n",
                    (unsigned long long)route->limit);
    else
        text_printf(to, "  a body within the configured limit; else 413\n");
    if (gated)
        demand_token(tree, route, to);
    else
        text_printf(to, "  no token: `%s`\n",
                    route->access == ACCESS_IGNORED ? "ignored" : "whitelisted");
    demand_rate(tree, route, RATE_CALLER, to);
    text_printf(to, "It loads:\n");
    if (gated)
        text_printf(to, "  the row of the caller, of %s, by its key; else 401\n",
                    explain_callers(tree, route));
    add_blocking(tree, route, to);
    add_own(route, to);
    if (!gated && !route->own)
        text_printf(to, "  nothing\n");
    if (route->body_kind != BODY_NONE || route->query || route->headers || route->ticket)
        text_printf(to, "Then it demands, in this order:\n");
    demand_body(tree, route, to);
    demand_rate(tree, route, RATE_MEMBER, to);
    text_printf(to, route->runtime ? "Then the runtime answers: `%s`.\n" : "Then it calls `%s`.\n",
                route->handler.text);
}
