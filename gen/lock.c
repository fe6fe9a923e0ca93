/* lock.c: routes.lock, the access of every route, and what has opened since it was written.
 *
 * A line is fields with two blanks between: method, path, callers, and then `scope "x"`,
 * `own lessons(author_id = me, id = {1})`, `query_token`. Parameters are numbered, not named:
 * renaming one opens nothing. `authorized` is written out as the entities that it admits, so that a
 * new entity, which may call all those routes, is seen. */
#include "lock.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "# routes.lock: who may call what. Written by `gatewright lock`; commit it.\n"

static const char *joined(struct arena *arena, const char *list, const char *word)
{
    return *list ? arena_printf(arena, "%s|%s", list, word) : word;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *callers(const struct tree *tree, const struct route *route)
{
    VEC(const char *) names = {0};
    const char *list = route->guest ? "guest" : "";
    if (route->access == ACCESS_IGNORED || route->access == ACCESS_WHITELISTED)
        return "anyone";
    for (size_t i = 0; i < tree->n_entities; i++) {
        if (route->admits >> i & 1)
            *vec_add(tree->arena, &names) = tree->tables.items[i]->name.text;
    }
    qsort(names.items, names.n, sizeof *names.items, compare_words);
    for (size_t i = 0; i < names.n; i++)
        list = joined(tree->arena, list, names.items[i]);
    return list;
}

/* The pattern with numbers for the parameters' names. */
static const char *numbered_path(struct arena *arena, const struct route *route)
{
    struct text text = {.arena = arena};
    unsigned n = 0;
    for (const char *p = route->pattern; *p; p++) {
        text_add(&text, p, 1);
        if (*p != '{')
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
    qsort(terms.items, terms.n, sizeof *terms.items, compare_words);
    for (size_t i = 0; i < terms.n; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", terms.items[i]);
    return arena_printf(arena, "%s)", text);
}

static const char *line_of(const struct tree *tree, const struct route *route)
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
    return text.items;
}

void lock_write(const struct tree *tree, struct text *to)
{
    VEC(const char *) lines = {0};
    for (size_t i = 0; i < tree->routes.n; i++)
        *vec_add(tree->arena, &lines) = line_of(tree, tree->routes.items[i]);
    qsort(lines.items, lines.n, sizeof *lines.items, compare_words);
    text_printf(to, FIRST_LINE);
    for (size_t i = 0; i < lines.n; i++)
        text_printf(to, "%s\n", lines.items[i]);
}

#define N_FIELDS 6

struct lock_line {
    const char *route, *callers, *scope, *own, *query_token;
    const char *text;
    struct pos pos;
};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool split_line(struct arena *arena, const char *text, struct lock_line *ret)
{
    const char *fields[N_FIELDS];
    size_t n = 0;
    *ret = (struct lock_line){.text = text, .scope = "", .own = "", .query_token = ""};
    while (*text && n < N_FIELDS) {
        const char *end = strstr(text, "  ");
        size_t len = end ? (size_t)(end - text) : strlen(text);
        fields[n++] = arena_copy(arena, text, len);
        text += len + (end ? 2 : 0);
    }
    if (n < 3 || *text)
        return false;
    ret->route = arena_printf(arena, "%s %s", fields[0], fields[1]);
    ret->callers = fields[2];
    for (size_t i = 3; i < n; i++) {
        if (begins(fields[i], "scope "))
            ret->scope = fields[i];
        else if (begins(fields[i], "own "))
            ret->own = fields[i];
        else if (begins(fields[i], "query_token"))
            ret->query_token = fields[i];
        else
            return false;
    }
    return true;
}

static bool has_caller(const char *list, const char *caller, size_t len)
{
    for (; *list; list += strcspn(list, "|"), list += *list == '|') {
        if (strcspn(list, "|") == len && strncmp(list, caller, len) == 0)
            return true;
    }
    return false;
}

/* The callers of `list` that are not in `before`, joined. */
static const char *added_callers(struct arena *arena, const char *list, const char *before)
{
    const char *added = "";
    if (strcmp(before, "anyone") == 0)
        return "";
    for (; *list; list += strcspn(list, "|"), list += *list == '|') {
        size_t len = strcspn(list, "|");
        if (!has_caller(before, list, len))
            added = joined(arena, added, arena_copy(arena, list, len));
    }
    return added;
}

static void compare_known(struct tree *tree, const struct route *route, const struct lock_line *now,
                          const struct lock_line *before)
{
    struct diags *diags = tree->diags;
    size_t n = diags->n_errors;
    const char *added = added_callers(tree->arena, now->callers, before->callers);
    if (*added)
        diag_error(diags, route->access_pos, "opened since the lock: %s may call this route now",
                   added);
    if (*before->scope && strcmp(before->scope, now->scope) != 0)
        diag_error(diags, route->pos, "opened since the lock: this route demanded %s",
                   before->scope);
    if (*before->own && strcmp(before->own, now->own) != 0)
        diag_error(diags, route->pos, "opened since the lock: this route demanded %s", before->own);
    if (*now->query_token &&
        (!*before->query_token || (strstr(before->query_token, "bound") && !route->query_bound)))
        diag_error(diags, route->query_token_pos,
                   "opened since the lock: the token may come in the query now");
    if (diags->n_errors > n)
        diag_note(diags, before->pos, "the lock has it here");
}

static void compare_new(struct tree *tree, const struct route *route, const struct lock_line *now)
{
    if (strcmp(now->callers, "anyone") == 0 || route->guest)
        diag_error(tree->diags, route->access_pos,
                   "a new route that needs no token: it is not in the lock");
    else if (route->query_token)
        diag_error(tree->diags, route->query_token_pos,
                   "a new route that takes the token from the query: it is not in the lock");
}

/* Lines of the lock by method and path. False: reported. */
static bool read_lock(struct tree *tree, const struct source *lock, struct map *known)
{
    for (size_t i = 0; i < lock->n_lines; i++) {
        const char *text = lock->ptr + lock->lines[i];
        size_t len = strcspn(text, "\r\n");
        struct pos pos = {.source = lock, .offset = lock->lines[i], .len = (uint32_t)len};
        struct lock_line *line = arena_alloc(tree->arena, sizeof *line);
        if (!len || *text == '#')
            continue;
        if (!split_line(tree->arena, arena_copy(tree->arena, text, len), line)) {
            diag_error(tree->diags, pos, "this is no line of a lock; run `gatewright lock`");
            return false;
        }
        line->pos = pos;
        map_put(tree->arena, known, line->route, line);
    }
    return true;
}

bool lock_compare(struct tree *tree, const struct source *lock)
{
    struct map known = {0};
    if (!read_lock(tree, lock, &known))
        return false;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        struct lock_line now;
        if (!split_line(tree->arena, line_of(tree, route), &now))
            continue;
        const struct lock_line *before = map_get(&known, now.route);
        if (before)
            compare_known(tree, route, &now, before);
        else
            compare_new(tree, route, &now);
    }
    return !tree->diags->n_errors;
}

const char *lock_path(struct arena *arena, const char *source, const char *given)
{
    const char *slash = strrchr(source, '/');
    if (given)
        return given;
    return arena_printf(arena, "%.*sroutes.lock", slash ? (int)(slash - source) + 1 : 0, source);
}
