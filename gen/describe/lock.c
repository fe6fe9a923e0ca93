/* lock.c: routes.lock, the access of every route, and what has opened since it was written.
 *
 * A line is fields with two blanks between: method, path, callers, and then `scope "x"`,
 * `own lessons(author_id = me, id = {1})`, `query_token`, `sets session`, a ticket, and limits.
 * Parameters are numbered, not named: renaming one opens nothing. `authorized` is written out as
 * the entities that it admits, so that a new entity, which may call all those routes, is seen. Of
 * an entity with roles each is a caller of its own: `users(role="admin")`. What an issuer's tokens
 * are good for is one line for each audience, and so are each column that blocks, the sessions of
 * an entity, the cookie, and each origin whose pages may send it. lock_compare.c says what has
 * opened. Behind all that stand tables and statements (lock_schema.c). */
#include "describe/lock.h"

#include "base/order.h"
#include "describe/explain.h"
#include "describe/lock_line.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "# routes.lock: who may call what. Written by `gatewright lock`; commit it.\n"

static const char *joined(struct arena *arena, const char *list, const char *word)
{
    return *list ? arena_printf(arena, "%s|%s", list, word) : word;
}

/* A word in which nothing stands that a line or its callers are parted by. */
static const char *plain_word(struct arena *arena, const char *word)
{
    struct text text = {.arena = arena};
    text_add(&text, "", 0);
    for (const char *p = word; *p; p++)
        text_printf(&text, *p > ' ' && !strchr("%|()\"", *p) ? "%c" : "%%%02X", (unsigned char)*p);
    return text.items;
}

struct callers {
    VEC(const char *) names;
};

static void add_entity(const struct tree *tree, const struct route *route, const char *name,
                       struct callers *callers)
{
    const struct role *role = route_role(route, name);
    if (!role)
        *vec_add(tree->arena, &callers->names) = name;
    for (size_t i = 0; role && i < role->words.n; i++)
        *vec_add(tree->arena, &callers->names) =
            arena_printf(tree->arena, "%s(%s=\"%s\")", name, role->column.text,
                         plain_word(tree->arena, role->words.items[i].text));
}

static const char *callers(const struct tree *tree, const struct route *route)
{
    struct callers all = {0};
    const char *list = route->guest ? "guest" : "";
    if (route->access == ACCESS_IGNORED || route->access == ACCESS_WHITELISTED)
        return "anyone";
    for (size_t i = 0; i < tree->n_entities; i++) {
        if (route->admits >> i & 1)
            add_entity(tree, route, tree->tables.items[i]->name.text, &all);
    }
    qsort(all.names.items, all.names.n, sizeof(*all.names.items), order_texts);
    for (size_t i = 0; i < all.names.n; i++)
        list = joined(tree->arena, list, all.names.items[i]);
    return list;
}

/* The pattern with numbers for the parameters' names. */
static const char *numbered_path(struct arena *arena, const struct route *route)
{
    struct text text = {.arena = arena};
    unsigned n = 0;
    bool quoted = false;
    for (const char *p = route->pattern; *p; p++) {
        if (quoted && *p == ' ') /* two would end the field */
            text_printf(&text, "\\x20");
        else
            text_add(&text, p, 1);
        quoted ^= *p == '"' && (quoted || p[-1] == ' ');
        if (quoted && *p == '\\' && p[1])
            text_add(&text, ++p, 1);
        if (*p != '{' || quoted)
            continue;
        text_printf(&text, "%u", ++n);
        p += strcspn(p, ":}") - 1;
    }
    return text.items;
}

static const char *own_text(struct arena *arena, const struct route *route)
{
    VEC(const char *) terms = {0};
    const char *text = arena_printf(arena, "own %s(", route->own->name.text);
    for (size_t i = 0; i < route->own_terms.n; i++) {
        const struct own_term *term = &route->own_terms.items[i];
        *vec_add(arena, &terms) =
            term->param_index < 0
                ? arena_printf(arena, "%s = me", term->column.text)
                : arena_printf(arena, "%s = {%d}", term->column.text, term->param_index + 1);
    }
    qsort(terms.items, terms.n, sizeof(*terms.items), order_texts);
    for (size_t i = 0; i < terms.n; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", terms.items[i]);
    return arena_printf(arena, "%s)", text);
}

/* "ticket users 1800 seconds voids email password": its own name does not matter. */
static const char *ticket_text(struct arena *arena, const struct ticket *ticket)
{
    VEC(const char *) names = {0};
    const char *text = arena_printf(arena, "ticket %s %llu seconds voids", ticket->table->name.text,
                                    (unsigned long long)ticket->lifetime.seconds);
    for (size_t i = 0; i < ticket->voids.n; i++)
        *vec_add(arena, &names) = ticket->voids.items[i].text;
    if (names.n)
        qsort(names.items, names.n, sizeof(*names.items), order_texts);
    for (size_t i = 0; i < names.n; i++)
        text = arena_printf(arena, "%s %s", text, names.items[i]);
    return text;
}

const char *lock_line_of(const struct tree *tree, const struct route *route)
{
    struct text text = {.arena = tree->arena};
    text_printf(&text, "%s  %s  %s", method_names[route->method], numbered_path(tree->arena, route),
                callers(tree, route));
    if (route->scope.text)
        text_printf(&text, "  scope \"%s\"", route->scope.text);
    if (route->own)
        text_printf(&text, "  %s", own_text(tree->arena, route));
    if (route->query_token)
        text_printf(&text, "  query_token%s", route->query_bound ? " bound" : "");
    if (route->sets_pos.source)
        text_printf(&text, "  sets session");
    if (route->ticket)
        text_printf(&text, "  %s", ticket_text(tree->arena, route->ticket));
    for (size_t i = 0; i < route->rates.n; i++)
        text_printf(&text, "  %s", explain_rate(tree->arena, &route->rates.items[i]));
    return text.items;
}

const char *lock_line_of_issuer(struct arena *arena, const struct issuer *issuer,
                                const struct name *audience)
{
    const char *claim = issuer->claim.text ? issuer->claim.text : issuer->column.text;
    return arena_printf(arena,
                        LOCK_ISSUER "\"%s\"  %s by %s claim \"%s\"  audience \"%s\"  keys \"%s\"",
                        issuer->url.text, issuer->entity.text, issuer->column.text, claim,
                        audience->text, issuer->keys.text);
}

const char *lock_line_of_cookie(struct arena *arena, const struct name *cookie)
{
    return arena_printf(arena, LOCK_COOKIE "\"%s\"", cookie->text);
}

const char *lock_line_of_credentials(struct arena *arena, const struct name *origin)
{
    return arena_printf(arena, LOCK_CREDENTIALS "\"%s\"", origin->text);
}

const char *lock_line_of_blocking(struct arena *arena, const struct table *table,
                                  const struct column *column)
{
    static const char *const when[] = {
        [BLOCKS_TRUE] = "true",
        [BLOCKS_FALSE] = "false",
        [BLOCKS_SET] = "set",
    };
    return arena_printf(arena, LOCK_BLOCKS "%s  %s when %s", table->name.text, column->name.text,
                        when[column->blocks]);
}

const char *lock_line_of_session(struct arena *arena, const struct session *session)
{
    return arena_printf(
        arena, LOCK_SESSION "%s  access %llu  refresh %llu  longest %llu%s", session->entity.text,
        (unsigned long long)session->access.seconds, (unsigned long long)session->refresh.seconds,
        (unsigned long long)session->longest.seconds, session->strict ? "  strict" : "");
}

void lock_write(const struct tree *tree, struct text *to)
{
    VEC(const char *) lines = {0};
    for (size_t i = 0; i < tree->routes.n; i++)
        *vec_add(tree->arena, &lines) = lock_line_of(tree, tree->routes.items[i]);
    for (size_t i = 0; i < tree->issuers.n; i++) {
        const struct issuer *issuer = tree->issuers.items[i];
        for (size_t j = 0; j < issuer->audiences.n; j++)
            *vec_add(tree->arena, &lines) =
                lock_line_of_issuer(tree->arena, issuer, &issuer->audiences.items[j]);
    }
    if (tree->cookie.text)
        *vec_add(tree->arena, &lines) = lock_line_of_cookie(tree->arena, &tree->cookie);
    for (size_t i = 0; i < tree->credentials.n; i++)
        *vec_add(tree->arena, &lines) =
            lock_line_of_credentials(tree->arena, &tree->credentials.items[i]);
    for (size_t i = 0; i < tree->n_entities; i++) {
        const struct table *table = tree->tables.items[i];
        for (size_t j = 0; j < table->columns.n; j++) {
            if (table->columns.items[j].blocks)
                *vec_add(tree->arena, &lines) =
                    lock_line_of_blocking(tree->arena, table, &table->columns.items[j]);
        }
    }
    for (size_t i = 0; i < tree->sessions.n; i++)
        *vec_add(tree->arena, &lines) = lock_line_of_session(tree->arena, tree->sessions.items[i]);
    if (lines.n)
        qsort(lines.items, lines.n, sizeof(*lines.items), order_texts);
    text_printf(to, FIRST_LINE LOCK_FORMAT "%d\n", LOCK_FORMAT_NOW);
    for (size_t i = 0; i < lines.n; i++)
        text_printf(to, "%s\n", lines.items[i]);
    lock_write_schema(tree, to);
}

#define N_FIELDS (8 + LOCK_RATES)

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

bool lock_line_split(struct arena *arena, const char *text, struct lock_line *ret)
{
    const char *fields[N_FIELDS];
    size_t n = 0;
    *ret = (struct lock_line){
        .text = text, .scope = "", .own = "", .query_token = "", .sets = "", .ticket = ""};
    while (*text && n < N_FIELDS) {
        const char *end = strstr(text, "  ");
        size_t len = end ? (size_t)(end - text) : strlen(text);
        fields[n++] = arena_copy(arena, text, len);
        text += len + (end ? 2 : 0);
    }
    if (n < 3 || *text)
        return false;
    ret->method = fields[0];
    ret->path = fields[1];
    ret->route = arena_printf(arena, "%s %s", fields[0], fields[1]);
    ret->callers = fields[2];
    for (size_t i = 3; i < n; i++) {
        if (begins(fields[i], "scope "))
            ret->scope = fields[i];
        else if (begins(fields[i], "own "))
            ret->own = fields[i];
        else if (begins(fields[i], "query_token"))
            ret->query_token = fields[i];
        else if (begins(fields[i], "sets "))
            ret->sets = fields[i];
        else if (begins(fields[i], "ticket "))
            ret->ticket = fields[i];
        else if (begins(fields[i], "rate ") && ret->n_rates < LOCK_RATES)
            ret->rates[ret->n_rates++] = fields[i];
        else
            return false;
    }
    return true;
}

const char *lock_path(struct arena *arena, const char *source, const char *given)
{
    const char *slash = strrchr(source, '/');
    if (given)
        return given;
    return arena_printf(arena, "%.*sroutes.lock", slash ? (int)(slash - source) + 1 : 0, source);
}
