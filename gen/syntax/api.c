/* api.c: what a program tells about itself: `api "School" version "1.0" server "https://..."`,
 * `tag`, `deprecated 2027-01-31 sunset 2027-06-30`. */
#include "syntax/parse.h"

#include <stdlib.h>
#include <string.h>

#define MAX_API_TEXT 255

/* The URL before all paths: http or https, or a path; without a slash at its end. */
static bool is_server(const char *url)
{
    size_t scheme = !strncmp(url, "https://", 8) ? 8 : !strncmp(url, "http://", 7) ? 7 : 0;
    size_t len = strlen(url);
    if (strpbrk(url, " \t\"<>\\^`{}|?#") || url[len - 1] == '/')
        return false;
    return scheme ? url[scheme] && !strchr("/:@", url[scheme]) : *url == '/' && url[1] != '/';
}

static bool parse_part(struct parser *parser, const char *word, struct name *ret)
{
    struct token token = parser_take(parser);
    if (ret->text) {
        diag_error(parser->diags, token.pos, "`%s` is given twice", word);
        return false;
    }
    if (!parser_string(parser, "a text in quotes", ret))
        return false;
    if (strlen(ret->text) > MAX_API_TEXT) {
        diag_error(parser->diags, ret->pos, "more than %d bytes", MAX_API_TEXT);
        return false;
    }
    return true;
}

static bool parse_server(struct parser *parser, struct api *api)
{
    if (!parse_part(parser, "server", &api->server))
        return false;
    if (is_server(api->server.text))
        return true;
    diag_error(parser->diags, api->server.pos,
               "a server is a URL with http or https, or a path, without a slash at the end: "
               "\"https://school.example/api\"");
    return false;
}

bool parse_api(struct parser *parser)
{
    struct api *api = &parser->tree->api;
    api->description = parser_description(parser);
    if (!parser_string(parser, "the name of the API, in quotes", &api->title))
        return false;
    for (;;) {
        bool good = parser_at_word(parser, "version") ? parse_part(parser, "version", &api->version)
                    : parser_at_word(parser, "license")
                        ? parse_part(parser, "license", &api->license)
                    : parser_at_word(parser, "server") ? parse_server(parser, api)
                                                       : false;
        if (good)
            continue;
        if (!parser_at(parser, TOKEN_NAME))
            return parser_at(parser, TOKEN_NEWLINE) || parser_at(parser, TOKEN_END);
        parser_unexpected(parser, "`version`, `server` or `license`");
        return false;
    }
}

/* `lessons`, or "in quotes" what is no name. */
static bool parse_tag_name(struct parser *parser, struct name *ret)
{
    if (!parser_at(parser, TOKEN_STRING))
        return parser_name(parser, "a tag's name", ret);
    if (!parser_string(parser, "a tag's name", ret))
        return false;
    if (strlen(ret->text) <= MAX_API_TEXT)
        return true;
    diag_error(parser->diags, ret->pos, "more than %d bytes", MAX_API_TEXT);
    return false;
}

bool parse_tag(struct parser *parser)
{
    struct tree *tree = parser->tree;
    struct tag tag = {.description = parser_description(parser)};
    if (!parse_tag_name(parser, &tag.name))
        return false;
    for (size_t i = 0; i < tree->tags.n; i++) {
        if (strcmp(tree->tags.items[i].name.text, tag.name.text))
            continue;
        diag_error(parser->diags, tag.name.pos, "tag `%s` is declared twice", tag.name.text);
        diag_note(parser->diags, tree->tags.items[i].name.pos, "the first is here");
        return true;
    }
    if (tree->tags.n == MAX_TAGS) {
        diag_error(parser->diags, tag.name.pos, "more than %d tags", MAX_TAGS);
        return false;
    }
    *vec_add(parser->arena, &tree->tags) = tag;
    return true;
}

bool parse_tagged(struct parser *parser, struct route *route)
{
    struct name tag;
    if (!parse_tag_name(parser, &tag))
        return false;
    for (size_t i = 0; i < route->tags.n; i++) {
        if (strcmp(route->tags.items[i].text, tag.text))
            continue;
        diag_error(parser->diags, tag.pos, "tag `%s` is given twice", tag.text);
        return false;
    }
    if (route->tags.n == MAX_ROUTE_TAGS) {
        diag_error(parser->diags, tag.pos, "more than %d tags", MAX_ROUTE_TAGS);
        return false;
    }
    *vec_add(parser->arena, &route->tags) = tag;
    return true;
}

/* Its days are those of the Gregorian calendar. */
static bool is_day(const struct calendar_day *day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (day->year % 4 == 0 && day->year % 100) || day->year % 400 == 0;
    return day->year >= 1970 && day->month >= 1 && day->month <= 12 && day->day >= 1 &&
           day->day <= lengths[day->month - 1] + (leap && day->month == 2);
}

/* `2027-01-31`: three numbers that touch. */
static bool parse_day(struct parser *parser, struct calendar_day *ret)
{
    int *const parts[] = {&ret->year, &ret->month, &ret->day};
    struct pos pos = parser->token.pos;
    bool good = true;
    ret->pos = pos;
    for (int i = 0; i < 3 && good; i++) {
        struct token token = parser->token;
        const char *digits = token.text + (i > 0);
        good = token.kind == TOKEN_NUMBER && (*token.text == '-') == (i > 0) &&
               token.pos.offset == (i ? ret->pos.offset + ret->pos.len : pos.offset) &&
               strlen(digits) == (i ? 2 : 4) && !strchr(digits, '.');
        if (!good)
            break;
        *parts[i] = atoi(digits);
        ret->pos.len = token.pos.offset + token.pos.len - pos.offset;
        parser_take(parser);
    }
    if (good && is_day(ret))
        return true;
    if (!good && ret->pos.offset == parser->token.pos.offset)
        parser_unexpected(parser, "a day such as 2027-01-31");
    else
        diag_error(parser->diags, ret->pos, "expected a day such as 2027-01-31");
    return false;
}

static long number_of(const struct calendar_day *day)
{
    return (day->year * 100L + day->month) * 100 + day->day;
}

bool parse_deprecated(struct parser *parser, struct route *route)
{
    struct pos word = route->deprecated.pos;
    if (!parse_day(parser, &route->deprecated))
        return false;
    route->deprecated.pos = word;
    if (!parser_accept_word(parser, "sunset"))
        return true;
    if (!parse_day(parser, &route->sunset))
        return false;
    if (number_of(&route->sunset) >= number_of(&route->deprecated))
        return true;
    diag_error(parser->diags, route->sunset.pos,
               "the sunset, when the route goes, is not before it is deprecated");
    return false;
}
