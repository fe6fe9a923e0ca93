/* docs_shape.c: types, members and bodies on the page of `@docs`. */
#include "describe/docs.h"

#include "describe/html.h"
#include "emit/emit.h"

#include <string.h>

static const char *type_word(enum type type)
{
    static const char *const words[N_TYPES] = {
        [TYPE_INT] = "integer",        [TYPE_UINT] = "integer, 0 or more",
        [TYPE_REAL] = "number",        [TYPE_BOOL] = "true or false",
        [TYPE_TEXT] = "text",          [TYPE_EMAIL] = "e-mail address",
        [TYPE_UUID] = "UUID",          [TYPE_DATE] = "date",
        [TYPE_TIME] = "date and time", [TYPE_URI] = "URI",
        [TYPE_HOSTNAME] = "host name", [TYPE_IP] = "IP address",
        [TYPE_JSON] = "any JSON",      [TYPE_SLUG] = "slug",
        [TYPE_FILE] = "file",
    };
    return words[type] ? words[type] : "text";
}

static void put_range(const struct range *range, const char *unit, struct text *to)
{
    if (!range->pos.source)
        return;
    if (range->above || range->below) {
        if (range->low)
            text_printf(to, ", %s %s", range->above ? "above" : "at least", range->low);
        if (range->high)
            text_printf(to, ", %s %s", range->below ? "below" : "at most", range->high);
        return;
    }
    if (range->low && range->high && !strcmp(range->low, range->high))
        text_printf(to, ", %s%s", range->low, unit);
    else if (range->low && range->high)
        text_printf(to, ", %s to %s%s", range->low, range->high, unit);
    else
        text_printf(to, ", %s %s%s", range->low ? "at least" : "at most",
                    range->low ? range->low : range->high, unit);
}

static void put_words(const struct name *words, size_t n, struct text *to)
{
    for (size_t i = 0; i < n; i++) {
        text_printf(to, i ? " <wbr>| <code>" : ": <code>");
        html_text(to, words[i].text);
        text_printf(to, "</code>");
    }
}

void docs_body_link(const char *name, bool list, const struct range *count, struct text *to)
{
    text_printf(to, "%s<a href=\"#body-%s\">%s</a>", list ? "list of " : "", name, name);
    if (list)
        put_range(count, "", to);
}

static void put_type(const struct member *member, struct text *to);

/* What a single one is. */
static void put_value(const struct member *member, struct text *to)
{
    bool text = member->type == TYPE_TEXT || member->type == TYPE_EMAIL ||
                member->type == TYPE_URI || member->type == TYPE_HOSTNAME;
    for (size_t i = 0; i < member->either.n; i++) {
        text_printf(to, i ? " or " : "");
        put_type(&member->either.items[i], to);
    }
    if (member->either.n)
        return;
    if (member->type == TYPE_NESTED) {
        docs_body_link(member->body.text, false, NULL, to);
        return;
    }
    text_printf(to, "%s", type_word(member->type));
    if (member->quoted)
        text_printf(to, " as text");
    put_range(&member->range, text ? " characters" : member->type == TYPE_FILE ? " bytes" : "", to);
    put_range(&member->bytes, " bytes", to);
    if (member->like.text) {
        text_printf(to, ", like <code>");
        html_text(to, member->like.text);
        text_printf(to, "</code>");
    }
    put_words(member->one_of.items, member->one_of.n, to);
    put_words(member->media.items, member->media.n, to);
}

static void put_type(const struct member *member, struct text *to)
{
    for (; !member_is_single(member); member = member->inner) {
        text_printf(to, member->list ? "list" : "map");
        put_range(&member->count, "", to);
        text_printf(to, member->unique ? ", nothing twice, of " : " of ");
        text_printf(to, member->or_null ? "null or " : "");
        if (!member->inner)
            break;
    }
    put_value(member, to);
}

static void put_more(const struct member *member, struct text *to)
{
    if (member->null || (member->optional && !member->not_null))
        text_printf(to, ", or null");
    if (member->default_kind) {
        text_printf(to, "; without it <code>");
        html_text(to, member->default_value.text);
        text_printf(to, "</code>");
    }
    if (member->by.text)
        text_printf(to, ", with <code>%s</code> between",
                    *member->by.text == ' ' ? "blanks" : member->by.text);
}

void docs_member_row(const struct member *member, const char *place, bool needed, struct text *to)
{
    text_printf(to, "<tr><th scope=\"row\"><code>");
    html_text(to, member->outer);
    text_printf(to, "</code>%s</th>", needed ? " <em>needed</em>" : "");
    if (place)
        text_printf(to, "<td>%s</td>", place);
    text_printf(to, "<td>");
    put_type(member, to);
    struct member shown = *member;
    if (place)
        shown.optional = false; /* a query has no null */
    put_more(&shown, to);
    if (member->description)
        html_description(to, member->description);
    text_printf(to, "</td></tr>\n");
}

/* Members of any other name. */
static void put_rest(const struct member *rest, struct text *to)
{
    text_printf(to, "<tr><th scope=\"row\">others</th><td>");
    put_type(rest, to);
    if (rest->description)
        html_description(to, rest->description);
    text_printf(to, "</td></tr>\n");
}

void docs_members(const struct body *body, const char *caption, struct text *to)
{
    if (body->is_value) {
        text_printf(to, "<p>");
        put_type(body_value(body), to);
        put_more(body_value(body), to);
        text_printf(to, "</p>\n");
        return;
    }
    text_printf(
        to,
        "<div class=\"scroll\"><table><caption>%s</caption>\n"
        "<thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Holds</th></tr></thead>\n"
        "<tbody>\n",
        caption);
    for (size_t i = 0; i < body->members.n; i++) {
        const struct member *member = &body->members.items[i];
        if (!member->rest)
            docs_member_row(member, NULL, member_is_required(member), to);
    }
    if (!body->members.n)
        text_printf(to, "<tr><td colspan=\"2\">It has none.</td></tr>\n");
    if (body_rest(body))
        put_rest(body_rest(body), to);
    if (body->open)
        text_printf(to, "<tr><td colspan=\"2\">Others may be there too.</td></tr>\n");
    text_printf(to, "</tbody></table></div>\n");
}

static void put_param_type(const struct segment *segment, struct text *to)
{
    size_t before = segment->literal ? strlen(segment->literal) : 0;
    size_t behind = segment->suffix ? strlen(segment->suffix) : 0;
    if (param_kind(segment) == SEGMENT_PATH)
        text_printf(to, "the rest of the path");
    else
        text_printf(to, "%s", type_word(segment_type(segment)));
    for (size_t i = 0; i < segment->n_words; i++) {
        const char *word = segment->words[i];
        text_printf(to, i ? " | <code>" : ": <code>");
        html_text(to, arena_printf(to->arena, "%.*s", (int)(strlen(word) - before - behind),
                                   word + before));
        text_printf(to, "</code>");
    }
}

void docs_param_row(const struct segment *segment, struct text *to)
{
    text_printf(to, "<tr><th scope=\"row\"><code>%s</code> <em>needed</em></th><td>path</td><td>",
                segment->param.text);
    put_param_type(segment, to);
    text_printf(to, "</td></tr>\n");
}

const char *docs_path(struct arena *arena, const struct route *route)
{
    const char *text = "";
    for (size_t i = 0; i < route->segments.n; i++) {
        const char *segment = segment_template(arena, &route->segments.items[i], true);
        text = arena_printf(arena, "%s/%s", text, segment);
    }
    return *text ? text : "/";
}
