/* text.c: text that is being built.
 *
 * Emitters write whole lines with text_printf; there is no template language. The number of lines
 * is counted so that a generated file can say `#line` about itself. */
#include "base/text.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LINE_WIDTH 100

static void reserve(struct text *text, size_t more)
{
    if (text->cap - text->n > more)
        return;
    size_t cap = text->cap ? text->cap * 2 : 256;
    while (cap - text->n <= more)
        cap *= 2;
    char *items = arena_alloc(text->arena, cap);
    if (text->n)
        memcpy(items, text->items, text->n);
    text->items = items;
    text->cap = cap;
}

void text_add(struct text *text, const char *ptr, size_t len)
{
    reserve(text, len);
    memcpy(text->items + text->n, ptr, len);
    text->n += len;
    text->items[text->n] = '\0';
    for (size_t i = 0; i < len; i++)
        text->n_lines += ptr[i] == '\n';
}

void text_printf(struct text *text, const char *format, ...)
{
    char small[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if ((size_t)len < sizeof(small)) {
        text_add(text, small, (size_t)len);
    } else {
        char *large = arena_alloc(text->arena, (size_t)len + 1);
        vsnprintf(large, (size_t)len + 1, format, again);
        text_add(text, large, (size_t)len);
    }
    va_end(again);
}

void text_c_string(struct text *text, const char *value)
{
    if (!value) {
        text_add(text, "NULL", 4);
        return;
    }
    text_add(text, "\"", 1);
    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;
        /* Octal, because a hexadecimal escape has no end; `?` because of trigraphs. */
        if (c == '\n')
            text_printf(text, "\\n");
        else if (c < 0x20 || c >= 0x7f || c == '?')
            text_printf(text, "\\%03o", c);
        else if (c == '"' || c == '\\')
            text_printf(text, "\\%c", c);
        else
            text_add(text, value, 1);
    }
    text_add(text, "\"", 1);
}

void text_json_string(struct text *text, const char *value)
{
    text_add(text, "\"", 1);
    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;
        if (c < 0x20 || c == 0x7f)
            text_printf(text, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            text_printf(text, "\\%c", c);
        else
            text_add(text, value, 1);
    }
    text_add(text, "\"", 1);
}

void text_comment(struct text *text, const char *value)
{
    for (; *value; value++) {
        text_add(text, value, 1);
        bool trigraph = !strncmp(value, "?\?/", 3); /* a backslash */
        if (trigraph || !strncmp(value, "*/", 2) || !strncmp(value, "/*", 2))
            text_add(text, " ", 1);
    }
}

void text_line_back(struct text *text, const char *name)
{
    text_printf(text, "#line %u \"%s\"\n", text->n_lines + 2, name);
}

/* The blank before an item that is `len` long, or a new line with that indentation. */
static void separate(struct text *text, size_t *column, size_t len, size_t indent)
{
    if (*column + 1 + len > LINE_WIDTH) {
        text_printf(text, "\n%*s", (int)indent, "");
        *column = indent;
    } else {
        text_add(text, " ", 1);
        ++*column;
    }
}

void text_call(struct text *text, const char *head, const char *const *args, size_t n_args,
               const char *tail)
{
    size_t indent = strlen(head) + 1, column = indent;
    text_printf(text, "%s(", head);
    for (size_t i = 0; i < n_args; i++) {
        size_t len = strlen(args[i]) + (i + 1 < n_args ? 1 : strlen(tail) + 1);
        if (i)
            separate(text, &column, len, indent);
        text_printf(text, "%s%s", args[i], i + 1 < n_args ? "," : "");
        column += len;
    }
    text_printf(text, ")%s\n", tail);
}

void text_flags(struct text *text, const char *head, const char *const *names, size_t n_names)
{
    size_t column = strlen(head), n = 0, left = 0;
    for (size_t i = 0; i < n_names; i++)
        left += names[i] != NULL;
    for (size_t i = 0; i < n_names; i++) {
        if (!names[i])
            continue;
        bool last = --left == 0;
        size_t len = strlen(names[i]) + (last ? 1 : 2);
        if (n++)
            separate(text, &column, len, strlen(head));
        else
            text_add(text, head, strlen(head));
        text_printf(text, "%s%s", names[i], last ? ",\n" : " |");
        column += len;
    }
}
