/* route.c: `METHOD path access handler(...) attributes`. */
#include "syntax/parse.h"

#include "base/suggest.h"

#include <string.h>

/* `scope "x"` and the like, behind the handler. */
struct attribute {
    const char *word;
    bool (*parse)(struct parser *parser, struct route *route); /* what follows the word */
    size_t once; /* where its position is kept in struct route; OFTEN: it is not */
    /* Of words that came later, which bodies may be called too: what stands behind one. */
    const char *follows, *or_any_of;
};

#define OFTEN SIZE_MAX

static const struct attribute *find_attribute(const struct token *token);
static bool at_attribute(const struct parser *parser);

static void no_access(struct parser *parser, struct pos pos)
{
    if (parser_at(parser, TOKEN_BAD))
        return;
    diag_error(parser->diags, pos,
               "who may call? Between path and handler stands `ignored`, `whitelisted`, "
               "`authorized`, or entities as in `users|teachers` or `guest|users`");
}

static bool add_caller(struct parser *parser, struct route *route, struct token token, size_t nth)
{
    if (!strcmp(token.text, "guest")) {
        if (nth) {
            diag_error(parser->diags, token.pos, "`guest` stands in front: guest|users");
            return false;
        }
        route->guest = true;
        return true;
    }
    static const char *const alone[] = {"ignored", "whitelisted", "authorized"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(token.text, alone[i]))
            continue;
        if (nth || parser_at(parser, TOKEN_PIPE)) {
            diag_error(parser->diags, token.pos, "`%s` stands alone", token.text);
            return false;
        }
        route->access = (enum access)i;
        return true;
    }
    for (size_t i = 0; i < route->entities.n; i++) {
        if (!strcmp(route->entities.items[i].text, token.text)) {
            diag_error(parser->diags, token.pos, "`%s` is given twice", token.text);
            return false;
        }
    }
    if (route->entities.n == MAX_ENTITIES) {
        diag_error(parser->diags, token.pos, "more than %d entities", MAX_ENTITIES);
        return false;
    }
    *vec_add(parser->arena, &route->entities) = (struct name){.text = token.text, .pos = token.pos};
    return true;
}

static bool parse_role_words(struct parser *parser, struct role *role)
{
    do {
        struct name word;
        if (!parser_string(parser, "a word in quotes", &word))
            return false;
        for (size_t i = 0; i < role->words.n; i++) {
            if (strcmp(role->words.items[i].text, word.text))
                continue;
            diag_error(parser->diags, word.pos, "\"%s\" is given twice", word.text);
            return false;
        }
        if (role->words.n == MAX_MEMBERS) {
            diag_error(parser->diags, word.pos, "more than %d words", MAX_MEMBERS);
            return false;
        }
        *vec_add(parser->arena, &role->words) = word;
    } while (parser_accept(parser, TOKEN_PIPE));
    return true;
}

/* `(role = "admin" | "editor")` behind an entity. What is no such thing are a handler's inputs: the
 * name before it was the handler, and who may call is not said. */
static bool parse_role(struct parser *parser, struct route *route, const struct token *caller,
                       struct pos first)
{
    struct role role = {.entity = {caller->text, caller->pos}};
    struct token paren = parser_take(parser);
    if (parser_at(parser, TOKEN_NAME))
        role.column = (struct name){parser->token.text, parser->token.pos};
    if (!role.column.text || (parser_take(parser), !parser_accept(parser, TOKEN_EQUALS))) {
        if (route->entities.n)
            no_access(parser, first);
        else
            diag_error(parser->diags, paren.pos, "expected the handler's name, not (");
        return false;
    }
    if (!route->entities.n || route->entities.items[route->entities.n - 1].text != caller->text) {
        diag_error(parser->diags, role.column.pos,
                   "`%s` is no entity: a column's words stand behind one, as in "
                   "users(role = \"admin\")",
                   caller->text);
        return false;
    }
    if (!parse_role_words(parser, &role))
        return false;
    *vec_add(parser->arena, &route->roles) = role;
    return true;
}

/* `last` is what the span of all callers ends with. */
static bool parse_caller(struct parser *parser, struct route *route, size_t nth, struct pos first,
                         struct pos *ret_last)
{
    if (!parser_at(parser, TOKEN_NAME)) {
        parser_unexpected(parser, "an entity's name");
        return false;
    }
    struct token token = parser_take(parser);
    *ret_last = token.pos;
    if (!add_caller(parser, route, token, nth))
        return false;
    if (!parser_at(parser, TOKEN_LPAREN))
        return true;
    if (!parse_role(parser, route, &token, parser_span(first, *ret_last)))
        return false;
    *ret_last = parser->token.pos;
    return parser_expect(parser, TOKEN_RPAREN, "`|` or `)`");
}

/* It is the handler, unless an entity is called so. */
static void one_word(struct parser *parser, const struct route *route)
{
    const char *word = route->entities.items[0].text;
    const struct table *table = tree_table(parser->tree, word);
    if (table && table->entity)
        diag_error(parser->diags, route->access_pos,
                   "the handler's name is missing behind the entity `%s`", word);
    else
        no_access(parser, route->access_pos);
}

static bool parse_access(struct parser *parser, struct route *route)
{
    struct pos first = parser->token.pos, last = first;
    route->access = ACCESS_ENTITIES;
    if (!parser_at(parser, TOKEN_NAME)) {
        no_access(parser, first);
        return false;
    }
    size_t n = 0;
    do {
        if (!parse_caller(parser, route, n++, first, &last))
            return false;
    } while (parser_accept(parser, TOKEN_PIPE));
    route->access_pos = parser_span(first, last);
    if (parser_at(parser, TOKEN_COMMA)) {
        diag_error(parser->diags, parser->token.pos, "callers are joined by `|`: users|teachers");
        return false;
    }
    if (n == 1 && route->entities.n &&
        (parser_at(parser, TOKEN_NEWLINE) || parser_at(parser, TOKEN_END))) {
        one_word(parser, route);
        return false;
    }
    if (route->guest && !route->entities.n) {
        diag_error(parser->diags, route->access_pos,
                   "`guest` needs an entity behind it: guest|users; a route that never takes a "
                   "token is `whitelisted`");
        return false;
    }
    return true;
}

static bool parse_limit(struct parser *parser, struct route *route)
{
    static const struct unit units[] = {{"", 1}, {"K", 1u << 10}, {"M", 1u << 20}, {"G", 1u << 30}};
    return parser_quantity(parser, "a size from 1 to 64G such as `512K` or `2M`", units, 4,
                           64ull << 30, &route->limit);
}

static bool parse_timeout(struct parser *parser, struct route *route)
{
    return parser_timeout(parser, &route->timeout_ms);
}

/* RFC 6749, 3.3: one scope-token. */
static bool parse_scope(struct parser *parser, struct route *route)
{
    if (!parser_string(parser, "a scope in quotes", &route->scope))
        return false;
    for (const char *p = route->scope.text; *p; p++) {
        if (*p <= 0x20 || *p >= 0x7f || *p == '"' || *p == '\\') {
            diag_error(parser->diags, route->scope.pos,
                       "a scope is one word of printable ASCII without quotes and backslashes");
            return false;
        }
    }
    return true;
}

static bool parse_own_term(struct parser *parser, struct route *route)
{
    struct own_term term = {.param_index = -1};
    if (!parser_name(parser, "a column's name", &term.column) ||
        !parser_expect(parser, TOKEN_EQUALS, "`=`"))
        return false;
    term.value_pos = parser->token.pos;
    if (parser_accept(parser, TOKEN_LBRACE)) {
        if (!parser_name(parser, "a parameter's name", &term.param))
            return false;
        term.value_pos = parser_span(term.value_pos, parser->token.pos);
        if (!parser_expect(parser, TOKEN_RBRACE, "`}`"))
            return false;
    } else if (!parser_accept_word(parser, "me")) {
        parser_unexpected(parser, "`{parameter}` or `me`");
        return false;
    }
    if (route->own_terms.n == MAX_COLUMNS) {
        diag_error(parser->diags, term.column.pos, "more than %d columns", MAX_COLUMNS);
        return false;
    }
    *vec_add(parser->arena, &route->own_terms) = term;
    return true;
}

static bool parse_own(struct parser *parser, struct route *route)
{
    if (!parser_name(parser, "the name of a table", &route->own_name))
        return false;
    struct pos open = parser->token.pos;
    if (!parser_expect(parser, TOKEN_LPAREN, "`(`"))
        return false;
    do {
        parser_skip_newlines(parser);
        if (!parse_own_term(parser, route))
            return false;
        parser_skip_newlines(parser);
    } while (parser_accept(parser, TOKEN_COMMA));
    return parser_close(parser, open);
}

/* Another one, behind `n` of them. */
static bool parse_media_type(struct parser *parser, size_t n, struct name *ret)
{
    if (!parser_string(parser, "a media type in quotes", ret))
        return false;
    if (n < MAX_MEMBERS)
        return true;
    diag_error(parser->diags, ret->pos, "more than %d words", MAX_MEMBERS);
    return false;
}

static bool parse_returns(struct parser *parser, struct route *route)
{
    struct returned returned = {.pos = parser->token.pos};
    uint64_t status;
    if (parser_at(parser, TOKEN_NAME))
        return parse_returned_problem(parser, route);
    if (!parser_uint(parser, "a status", 200, 599, &status))
        return false;
    returned.status = (int)status;
    bool body = parser_at(parser, TOKEN_LBRACKET) ||
                (parser_at(parser, TOKEN_NAME) && !at_attribute(parser));
    if (body && !parse_body_or_list(parser, "the name of a body", &returned.body, &returned.list,
                                    &returned.count, NULL))
        return false;
    while (parser_at(parser, TOKEN_STRING)) {
        struct name type;
        if (!parse_media_type(parser, returned.types.n, &type))
            return false;
        *vec_add(parser->arena, &returned.types) = type;
    }
    *vec_add(parser->arena, &route->returns) = returned;
    return true;
}

static bool parse_query_token(struct parser *parser, struct route *route)
{
    route->query_token = true;
    route->query_bound = parser_accept_word(parser, "bound");
    return true;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

/* `accept "application/merge-patch+json"`, one or more. */
static bool parse_accept(struct parser *parser, struct route *route)
{
    do {
        struct name type;
        if (!parse_media_type(parser, route->accepts.n, &type))
            return false;
        *vec_add(parser->arena, &route->accepts) = type;
    } while (parser_at(parser, TOKEN_STRING));
    return true;
}

static const struct attribute attributes[] = {
    {"query_token", parse_query_token, offsetof(struct route, query_token_pos), NULL, NULL},
    {"limit", parse_limit, offsetof(struct route, limit_pos), NULL, NULL},
    {"timeout", parse_timeout, offsetof(struct route, timeout_pos), NULL, NULL},
    {"scope", parse_scope, offsetof(struct route, scope.pos), NULL, NULL},
    {"own", parse_own, offsetof(struct route, own_pos), NULL, NULL},
    {"returns", parse_returns, OFTEN, NULL, NULL},
    {"sets", parse_sets, offsetof(struct route, sets_pos), "session", ""},
    {"else", parse_else, offsetof(struct route, otherwise.pos), "/", ""},
    {"rate", parse_rate, OFTEN, "", "-0123456789"},
    {"ticket", parse_takes_ticket, offsetof(struct route, ticket_pos), "", LETTERS},
    {"tag", parse_tagged, OFTEN, "", LETTERS "\""},
    {"deprecated", parse_deprecated, offsetof(struct route, deprecated.pos), "", "0123456789"},
    {"accept", parse_accept, offsetof(struct route, accept_pos), "\"", ""},
};

#define N_ATTRIBUTES (sizeof(attributes) / sizeof(*attributes))

/* NULL: the token is none. */
static const struct attribute *find_attribute(const struct token *token)
{
    for (size_t i = 0; token->kind == TOKEN_NAME && i < N_ATTRIBUTES; i++) {
        if (!strcmp(attributes[i].word, token->text))
            return &attributes[i];
    }
    return NULL;
}

bool is_attribute(const struct token *token)
{
    return find_attribute(token) != NULL;
}

/* `returns 200 ticket limit 5K`: a body of that name, and an attribute. */
static bool begins_with_attribute(const char *text)
{
    size_t len = strspn(text, LETTERS "_");
    for (size_t i = 0; i < N_ATTRIBUTES; i++)
        if (len && strlen(attributes[i].word) == len && !memcmp(attributes[i].word, text, len))
            return true;
    return false;
}

/* Where the name of a body may stand too, as behind `returns 200`. */
static bool at_attribute(const struct parser *parser)
{
    const struct attribute *attribute = find_attribute(&parser->token);
    const char *behind = parser->lexer.cursor + strspn(parser->lexer.cursor, " \t");
    if (!attribute || !attribute->follows)
        return attribute;
    return *attribute->or_any_of
               ? *behind && strchr(attribute->or_any_of, *behind) && !begins_with_attribute(behind)
               : !strncmp(behind, attribute->follows, strlen(attribute->follows));
}

static void unknown_attribute(struct parser *parser, const struct token *token)
{
    struct suggestion suggestion = {.wanted = token->text};
    for (size_t i = 0; i < N_ATTRIBUTES; i++)
        suggest(&suggestion, attributes[i].word);
    diag_error(parser->diags, token->pos,
               "`%s` is not an attribute (query_token limit timeout scope own returns sets else "
               "rate ticket tag deprecated accept)%s",
               token->text, suggestion_text(parser->arena, &suggestion));
}

static bool parse_attribute(struct parser *parser, struct route *route)
{
    struct token token = parser->token;
    const struct attribute *attribute = find_attribute(&token);
    if (!attribute) {
        unknown_attribute(parser, &token);
        return false;
    }
    parser_take(parser);
    if (attribute->once != OFTEN) {
        struct pos *place = (struct pos *)((char *)route + attribute->once);
        if (place->source) {
            diag_error(parser->diags, token.pos, "`%s` is given twice", token.text);
            return false;
        }
        *place = token.pos;
    }
    return attribute->parse(parser, route);
}

/* `users or admins show`: no handler is called so, with another word behind it. */
static bool is_conjunction(const struct parser *parser, const struct route *route)
{
    return (!strcmp(route->handler.text, "or") || !strcmp(route->handler.text, "and")) &&
           parser_at(parser, TOKEN_NAME) && !find_attribute(&parser->token);
}

/* `@refresh users`, `@sessions` */
static bool parse_runtime_handler(struct parser *parser, struct route *route)
{
    struct token token = parser_take(parser);
    struct suggestion suggestion = {.wanted = token.text};
    route->handler = (struct name){token.text, token.pos};
    for (int i = RUNTIME_NONE + 1; i < N_RUNTIME_HANDLERS; i++) {
        if (!strcmp(token.text, runtime_handler_names[i]))
            route->runtime = (enum runtime_handler)i;
        suggest(&suggestion, runtime_handler_names[i]);
    }
    if (route->runtime == RUNTIME_NONE) {
        diag_error(
            parser->diags, token.pos,
            "the runtime has no handler `%s` (@refresh @end_session @sessions @openapi @docs)%s",
            token.text, suggestion_text(parser->arena, &suggestion));
        return false;
    }
    if (!parser_at(parser, TOKEN_NAME) || at_attribute(parser))
        return true;
    return parser_name(parser, "the name of an entity", &route->session_name);
}

static bool parse_handler(struct parser *parser, struct route *route)
{
    if (parser_at(parser, TOKEN_RUNTIME))
        return parse_runtime_handler(parser, route);
    if (!parser_name(parser, "the handler's name", &route->handler))
        return false;
    if (is_conjunction(parser, route)) {
        diag_error(parser->diags, route->handler.pos, "callers are joined by `|`: users|teachers");
        return false;
    }
    return !parser_at(parser, TOKEN_LPAREN) || parse_inputs(parser, route);
}

static bool parse_columns(struct parser *parser, struct route *route)
{
    struct token path = parser->token;
    if (parser_at(parser, TOKEN_PIPE) || parser_at(parser, TOKEN_COMMA)) {
        diag_error(parser->diags, path.pos,
                   "a line has one method; two lines may name the same handler");
        return false;
    }
    if (!parser_expect(parser, TOKEN_PATH, "a path, which begins with `/`"))
        return false;
    route->path_pos = path.pos;
    route->written = path.text;
    route->broken = !parse_path_segments(parser, path.pos, path.text, route);
    if (route->broken && strchr(path.text, '{') && !strchr(path.text, '}'))
        return false; /* it ended at a blank within the braces */
    if (!parse_access(parser, route) || !parse_handler(parser, route))
        return false;
    while (parser_at(parser, TOKEN_NAME))
        if (!parse_attribute(parser, route))
            return false;
    return true;
}

bool parse_route(struct parser *parser, enum method method, struct pos pos)
{
    struct route *route = arena_alloc(parser->arena, sizeof(*route));
    *route = (struct route){.method = method,
                            .mount = parser->mount,
                            .pos = pos,
                            .description = parser_description(parser)};
    if (!parse_columns(parser, route))
        return false;
    *vec_add(parser->arena, &parser->tree->routes) = route;
    return true;
}
