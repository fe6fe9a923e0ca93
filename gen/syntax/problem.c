/* problem.c: `problem taken 409 "this e-mail address is taken" "/email" type "https://..."`, and
 * the `returns taken` of a route. */
#include "syntax/parse.h"

#include <string.h>

#define MAX_SENTENCE 200

/* RFC 6901, 3. */
static bool is_pointer(const char *text)
{
    for (const char *p = text; *p; p++)
        if (*p == '~' && p[1] != '0' && p[1] != '1')
            return false;
    return *text == '/';
}

static bool parse_pointer(struct parser *parser, struct problem *problem)
{
    if (!parser_string(parser, "a JSON pointer", &problem->pointer))
        return false;
    if (is_pointer(problem->pointer.text))
        return true;
    diag_error(parser->diags, problem->pointer.pos,
               "a JSON pointer (RFC 6901) names the member at fault: \"/email\"");
    return false;
}

/* A URI with its scheme, which is a name: it need lead nowhere (RFC 9457, 3.1.1). */
static bool parse_type(struct parser *parser, struct problem *problem)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
    if (!parser_string(parser, "a URI in quotes", &problem->type))
        return false;
    const char *text = problem->type.text;
    size_t scheme = strspn(text, letters);
    bool good = scheme && text[scheme] == ':' && text[scheme + 1];
    for (const char *p = text; *p; p++)
        good &= *p > ' ' && *p < 0x7f && !strchr("\"<>\\^`{|}", *p);
    if (!good)
        diag_error(parser->diags, problem->type.pos,
                   "the type of a problem is a URI with its scheme: "
                   "\"https://example.com/problems/taken\"");
    return good;
}

static bool keep_problem(struct parser *parser, struct problem *problem)
{
    struct problem *before =
        map_put(parser->arena, &parser->tree->problem_names, problem->name.text, problem);
    if (before) {
        diag_error(parser->diags, problem->name.pos, "problem `%s` is declared twice",
                   problem->name.text);
        diag_note(parser->diags, before->name.pos, "the first is here");
        return false;
    }
    *vec_add(parser->arena, &parser->tree->problems) = problem;
    return true;
}

bool parse_problem(struct parser *parser)
{
    struct problem *problem = arena_alloc(parser->arena, sizeof(*problem));
    uint64_t status;
    if (!parser_name(parser, "the problem's name", &problem->name) ||
        !parser_uint(parser, "a status", 400, 599, &status) ||
        !parser_string(parser, "a sentence in quotes", &problem->sentence))
        return false;
    problem->status = (int)status;
    problem->type.text = arena_printf(parser->arena, "urn:problem-type:%s", problem->name.text);
    if (strlen(problem->sentence.text) > MAX_SENTENCE) {
        diag_error(parser->diags, problem->sentence.pos, "a sentence has at most %d bytes",
                   MAX_SENTENCE);
        return false;
    }
    if (parser_at(parser, TOKEN_STRING) && !parse_pointer(parser, problem))
        return false;
    if (parser_accept_word(parser, "type") && !parse_type(parser, problem))
        return false;
    return keep_problem(parser, problem);
}

bool parse_returned_problem(struct parser *parser, struct route *route)
{
    struct name name;
    if (!parser_name(parser, "a status or the name of a problem", &name))
        return false;
    for (size_t i = 0; i < route->problem_names.n; i++) {
        if (strcmp(route->problem_names.items[i].text, name.text))
            continue;
        diag_error(parser->diags, name.pos, "problem `%s` is given twice", name.text);
        return false;
    }
    *vec_add(parser->arena, &route->problem_names) = name;
    return true;
}
