/* html.c: see html.h. What others wrote is never HTML here. */
#include "describe/html.h"

#include <stdbool.h>
#include <string.h>

static void put_character(struct text *to, const char *at)
{
    const char *escape = *at == '&'   ? "&amp;"
                         : *at == '<' ? "&lt;"
                         : *at == '>' ? "&gt;"
                         : *at == '"' ? "&quot;"
                                      : NULL;
    if (escape)
        text_printf(to, "%s", escape);
    else
        text_add(to, at, 1);
}

void html_text(struct text *to, const char *value)
{
    for (; *value; value++)
        put_character(to, value);
}

/* Whether the backtick there begins code: another one ends it in the same paragraph. */
static bool begins_code(const char *at)
{
    const char *end = strchr(at + 1, '`'), *paragraph = strstr(at, "\n\n");
    return end && end > at + 1 && (!paragraph || end < paragraph);
}

/* An item of a list, or an indented line. */
static bool keeps_break(const char *line)
{
    return strchr(" -*+", *line) || (*line >= '0' && *line <= '9');
}

void html_description(struct text *to, const char *description)
{
    bool code = false;
    text_printf(to, "<p>");
    for (const char *at = description; *at; at++) {
        if (*at == '`' && (code || begins_code(at))) {
            text_printf(to, code ? "</code>" : "<code>");
            code = !code;
        } else if (!strncmp(at, "\n\n", 2)) {
            text_printf(to, "</p><p>");
            at += strspn(at, "\n") - 1;
        } else if (*at == '\n' && keeps_break(at + 1)) {
            text_printf(to, "<br>");
        } else {
            put_character(to, at);
        }
    }
    text_printf(to, "</p>");
}
