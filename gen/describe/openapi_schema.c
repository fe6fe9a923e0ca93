/* openapi_schema.c: JSON Schemas of members, bodies and path parameters. */
#include "describe/openapi.h"

#include "match/regex.h"

#include <stdlib.h>
#include <string.h>

#define UINT_MAX_TEXT "18446744073709551615"

static const char *json_type(enum type type)
{
    switch (type) {
    case TYPE_INT:
    case TYPE_UINT:
        return "integer";
    case TYPE_REAL:
        return "number";
    case TYPE_BOOL:
        return "boolean";
    default:
        return "string";
    }
}

static void add_type(struct json *json, enum type type, bool optional)
{
    if (!optional) {
        json_text(json, "type", json_type(type));
        return;
    }
    json_open(json, "type", '[');
    json_text(json, NULL, json_type(type));
    json_text(json, NULL, "null");
    json_close(json, ']');
}

static void add_format(struct json *json, enum type type)
{
    static const char *const formats[N_TYPES] = {
        [TYPE_INT] = "int64",      [TYPE_UINT] = "uint64", [TYPE_REAL] = "double",
        [TYPE_EMAIL] = "email",    [TYPE_UUID] = "uuid",   [TYPE_DATE] = "date",
        [TYPE_TIME] = "date-time", [TYPE_URI] = "uri",     [TYPE_HOSTNAME] = "hostname",
    };
    if (formats[type])
        json_text(json, "format", formats[type]);
}

static bool has_range(const struct range *range)
{
    return range->pos.source;
}

static void add_range(struct json *json, const struct member *member)
{
    bool text = !strcmp(json_type(member->type), "string");
    const char *low = has_range(&member->range) ? member->range.low : NULL;
    const char *high = has_range(&member->range) ? member->range.high : NULL;
    if (member->type == TYPE_UINT && !low)
        low = "0";
    if (member->type == TYPE_UINT && !high)
        high = UINT_MAX_TEXT;
    if (low)
        json_plain(json,
                   text                  ? "minLength"
                   : member->range.above ? "exclusiveMinimum"
                                         : "minimum",
                   low);
    if (high)
        json_plain(json,
                   text                  ? "maxLength"
                   : member->range.below ? "exclusiveMaximum"
                                         : "maximum",
                   high);
}

/* Of a number within a text: it has one spelling, but for reals, where `-0` has none. */
static const char *quoted_pattern(enum type type)
{
    if (type == TYPE_UINT)
        return "^(0|[1-9][0-9]*)$";
    if (type == TYPE_INT)
        return "^(0|-?[1-9][0-9]*)$";
    return "^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)([.][0-9]+([eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))$";
}

static void add_quoted(struct json *json, const struct member *member, bool optional)
{
    add_type(json, TYPE_TEXT, optional);
    add_format(json, member->type);
    json_text(json, "pattern", quoted_pattern(member->type));
}

static void add_words(struct json *json, const struct member *member, bool optional)
{
    if (!member->one_of.n)
        return;
    json_open(json, "enum", '[');
    for (size_t i = 0; i < member->one_of.n; i++)
        if (member->one_of.numbers && !member->quoted)
            json_plain(json, NULL, member->one_of.items[i].text);
        else
            json_text(json, NULL, member->one_of.items[i].text);
    if (optional)
        json_plain(json, NULL, "null");
    json_close(json, ']');
}

static void add_reference(struct json *json, const char *body, bool optional)
{
    const char *path = arena_printf(json->to->arena, "#/components/schemas/%s", body);
    if (!optional) {
        json_text(json, "$ref", path);
        return;
    }
    json_open(json, "anyOf", '[');
    json_open(json, NULL, '{');
    json_text(json, "$ref", path);
    json_close(json, '}');
    json_open(json, NULL, '{');
    json_text(json, "type", "null");
    json_close(json, '}');
    json_close(json, ']');
}

static void add_addresses(struct json *json)
{
    static const char *const formats[] = {"ipv4", "ipv6"};
    json_open(json, "anyOf", '[');
    for (size_t i = 0; i < 2; i++) {
        json_open(json, NULL, '{');
        json_text(json, "format", formats[i]);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void add_not_null(struct json *json)
{
    json_open(json, "not", '{');
    json_text(json, "type", "null");
    json_close(json, '}');
}

/* "from 1 to 5", "above 0" */
static const char *range_words(struct arena *arena, const struct range *range)
{
    struct text text = {.arena = arena};
    if (range->low)
        text_printf(&text, "%s %s", range->above ? "above" : "from", range->low);
    if (range->high)
        text_printf(&text, "%s%s %s", range->low ? " " : "",
                    range->below ? "below"
                    : range->low ? "to"
                                 : "up to",
                    range->high);
    return text.items;
}

/* What it is, and the length of a single one, for which a schema has no word. */
static void add_description(struct json *json, const char *description, const struct member *single)
{
    bool file = single && single->type == TYPE_FILE;
    const struct range *bytes = file ? &single->range : single ? &single->bytes : NULL;
    struct text text = {.arena = json->to->arena};
    if (description)
        text_printf(&text, "%s", description);
    if (bytes && has_range(bytes))
        text_printf(&text, "%s%s to %s bytes%s", description ? "\n\n" : "",
                    bytes->low ? bytes->low
                    : file     ? "1"
                               : "0",
                    bytes->high ? bytes->high : "any number of", file ? "" : " of UTF-8");
    if (single && single->quoted && has_range(&single->range))
        text_printf(&text, "%sA number %s", description ? "\n\n" : "",
                    range_words(json->to->arena, &single->range));
    if (text.n)
        json_text(json, "description", text.items);
}

/* OpenAPI 3.1, 4.8.14.2: what comes as bytes has no type; which media types, the encoding says. */
static void add_file(struct json *json, const struct member *member)
{
    json_text(json, "contentMediaType",
              member->media.n == 1 ? member->media.items[0].text : "application/octet-stream");
}

static void add_element(struct json *json, const struct member *member, bool optional);
static void add_container(struct json *json, const struct member *member, bool optional);

/* Each of another type, so that no value fits two. */
static void add_either(struct json *json, const struct member *member, bool optional)
{
    json_open(json, "anyOf", '[');
    for (size_t i = 0; i < member->either.n; i++) {
        json_open(json, NULL, '{');
        if (member_is_single(&member->either.items[i]))
            add_element(json, &member->either.items[i], false);
        else
            add_container(json, &member->either.items[i], false);
        json_close(json, '}');
    }
    if (optional) {
        json_open(json, NULL, '{');
        json_text(json, "type", "null");
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void add_element(struct json *json, const struct member *member, bool optional)
{
    if (member->type == TYPE_EITHER) {
        add_either(json, member, optional);
        return;
    }
    if (member->type == TYPE_NESTED) {
        add_reference(json, member->body.text, optional);
        return;
    }
    if (member->type == TYPE_JSON) {
        if (member->not_null && member_is_single(member))
            add_not_null(json);
        return;
    }
    if (member->type == TYPE_FILE) {
        add_file(json, member);
        return;
    }
    if (member->quoted) {
        add_quoted(json, member, optional);
    } else {
        add_type(json, member->type, optional);
        add_format(json, member->type);
        add_range(json, member);
    }
    if (member->type == TYPE_IP)
        add_addresses(json);
    if (member->regex)
        json_text(json, "pattern", arena_printf(json->to->arena, "^(?:%s)$", member->regex->text));
    add_words(json, member, optional);
    if (!member_is_single(member))
        add_description(json, NULL, member);
}

static bool can_be_null(const struct member *member)
{
    return member->optional && !member->not_null;
}

static void add_default(struct json *json, const struct member *member)
{
    if (member->default_kind == DEFAULT_TEXT || (member->quoted && member->default_kind))
        json_text(json, "default", member->default_value.text);
    else if (member->default_kind)
        json_plain(json, "default", member->default_value.text);
}

#define MAP_NAME_MAX "255" /* characters: GW_BODY_MAX_NAME of the runtime */

static void add_container_type(struct json *json, const char *type, bool optional)
{
    if (!optional) {
        json_text(json, "type", type);
        return;
    }
    json_open(json, "type", '[');
    json_text(json, NULL, type);
    json_text(json, NULL, "null");
    json_close(json, ']');
}

static void add_count(struct json *json, const struct member *member, const char *least,
                      const char *most)
{
    if (has_range(&member->count) && member->count.low)
        json_plain(json, least, member->count.low);
    if (has_range(&member->count) && member->count.high)
        json_plain(json, most, member->count.high);
}

/* Of a map. */
static void add_names(struct json *json)
{
    json_open(json, "propertyNames", '{');
    json_plain(json, "minLength", "1");
    json_plain(json, "maxLength", MAP_NAME_MAX);
    json_close(json, '}');
}

static void add_held(struct json *json, const struct member *member)
{
    if (member->inner)
        add_container(json, member->inner, member->or_null);
    else
        add_element(json, member, member->or_null);
}

/* A list or a map, with what it holds. */
static void add_container(struct json *json, const struct member *member, bool optional)
{
    add_container_type(json, member->list ? "array" : "object", optional);
    if (member->list) {
        add_count(json, member, "minItems", "maxItems");
        if (member->unique)
            json_plain(json, "uniqueItems", "true");
    } else {
        add_count(json, member, "minProperties", "maxProperties");
        add_names(json);
    }
    json_open(json, member->list ? "items" : "additionalProperties", '{');
    add_held(json, member);
    json_close(json, '}');
}

void openapi_member(struct json *json, const char *name, const struct member *member)
{
    json_open(json, name, '{');
    if (!member_is_single(member))
        add_container(json, member, can_be_null(member));
    else
        add_element(json, member, can_be_null(member));
    add_default(json, member);
    add_description(json, member->description, member_is_single(member) ? member : NULL);
    if (member->secret)
        json_plain(json, "writeOnly", "true");
    json_close(json, '}');
}

/* How many others there may be, for which a schema has no word, is told as a sentence. */
static void add_body_description(struct json *json, const struct body *body)
{
    const struct member *rest = body_rest(body);
    struct text text = {.arena = json->to->arena};
    if (body->description)
        text_printf(&text, "%s", body->description);
    if (rest && has_range(&rest->count))
        text_printf(&text, "%s%s to %s other members", body->description ? "\n\n" : "",
                    rest->count.low ? rest->count.low : "0",
                    rest->count.high ? rest->count.high : "any number of");
    if (text.n)
        json_text(json, "description", text.items);
}

static size_t count_required(const struct body *body)
{
    size_t n = 0;
    for (size_t i = 0; i < body->members.n; i++)
        n += !body->members.items[i].rest && member_is_required(&body->members.items[i]);
    return n;
}

static void add_required(struct json *json, const struct body *body)
{
    if (!count_required(body))
        return;
    json_open(json, "required", '[');
    for (size_t i = 0; i < body->members.n; i++)
        if (!body->members.items[i].rest && member_is_required(&body->members.items[i]))
            json_text(json, NULL, body->members.items[i].outer);
    json_close(json, ']');
}

/* With those that are declared beside it a schema counts all: exact where all of them are
 * required. */
static void add_rest(struct json *json, const struct body *body, const struct member *rest)
{
    unsigned long long n = body->members.n - 1;
    if (rest->count.low)
        json_plain(json, "minProperties",
                   arena_printf(json->to->arena, "%llu",
                                strtoull(rest->count.low, NULL, 10) + count_required(body)));
    if (rest->count.high)
        json_plain(json, "maxProperties",
                   arena_printf(json->to->arena, "%llu", strtoull(rest->count.high, NULL, 10) + n));
    add_names(json);
    json_open(json, "additionalProperties", '{');
    add_held(json, rest);
    if (rest->description)
        json_text(json, "description", rest->description);
    if (rest->secret)
        json_plain(json, "writeOnly", "true");
    json_close(json, '}');
}

void openapi_body(struct json *json, const struct body *body)
{
    if (body->is_value) {
        struct member value = *body_value(body);
        value.description = body->description;
        openapi_member(json, body->name.text, &value);
        return;
    }
    json_open(json, body->name.text, '{');
    json_text(json, "type", "object");
    add_body_description(json, body);
    json_open(json, "properties", '{');
    for (size_t i = 0; i < body->members.n; i++)
        if (!body->members.items[i].rest)
            openapi_member(json, body->members.items[i].outer, &body->members.items[i]);
    json_close(json, '}');
    add_required(json, body);
    if (body_rest(body))
        add_rest(json, body, body_rest(body));
    else if (!body->open)
        json_plain(json, "additionalProperties", "false");
    json_close(json, '}');
}

static void add_path_words(struct json *json, const struct segment *segment)
{
    size_t before = segment->literal ? strlen(segment->literal) : 0;
    size_t behind = segment->suffix ? strlen(segment->suffix) : 0;
    json_open(json, "enum", '[');
    for (size_t i = 0; i < segment->n_words; i++) {
        const char *word = segment->words[i];
        json_text(json, NULL,
                  arena_printf(json->to->arena, "%.*s", (int)(strlen(word) - before - behind),
                               word + before));
    }
    json_close(json, ']');
}

void openapi_param_schema(struct json *json, const struct segment *segment)
{
    enum segment_kind kind = param_kind(segment);
    enum type type = kind == SEGMENT_INT    ? TYPE_INT
                     : kind == SEGMENT_UINT ? TYPE_UINT
                     : kind == SEGMENT_UUID ? TYPE_UUID
                     : kind == SEGMENT_DATE ? TYPE_DATE
                                            : TYPE_TEXT;
    json_open(json, "schema", '{');
    add_type(json, type, false);
    add_format(json, type);
    if (kind == SEGMENT_UINT)
        json_plain(json, "minimum", "0");
    if (kind == SEGMENT_SLUG)
        json_text(json, "pattern", "^[a-z0-9]+(-[a-z0-9]+)*$");
    if (segment->regex)
        json_text(json, "pattern", arena_printf(json->to->arena, "^(?:%s)$", segment->regex->text));
    if (kind == SEGMENT_FREE || kind == SEGMENT_PATH)
        json_plain(json, "minLength", "1");
    if (segment->n_words)
        add_path_words(json, segment);
    json_close(json, '}');
}

void openapi_reference(struct json *json, const char *path)
{
    json_open(json, "schema", '{');
    json_text(json, "$ref", path);
    json_close(json, '}');
}

void openapi_media_type(struct json *json, const char *type, const char *schema)
{
    json_open(json, type, '{');
    if (schema)
        openapi_reference(json, arena_printf(json->to->arena, "#/components/schemas/%s", schema));
    json_close(json, '}');
}

void openapi_json(struct json *json, const char *type, const struct body *body, bool list,
                  const struct range *count)
{
    struct member member = {.type = TYPE_NESTED, .list = true, .count = *count, .body = body->name};
    if (!list) {
        openapi_media_type(json, type, body->name.text);
        return;
    }
    json_open(json, type, '{');
    openapi_member(json, "schema", &member);
    json_close(json, '}');
}
