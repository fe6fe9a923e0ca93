/* description.c: which comments are descriptions.
 *
 * Files from before there were any have comments that begin with `##`: headings, most of all, with
 * an empty line below or with decoration. So a description stands right above what it describes.
 * What does not is a comment, as ever, unless the file has a line `api` (check/description.c). */
#include "syntax/description.h"

#include "base/arena.h"

#include <string.h>

static size_t trimmed(const char *line, size_t len)
{
    while (len && strchr(" \t\r", line[len - 1]))
        len--;
    return len;
}

/* A letter or a digit, of any alphabet. */
static bool says_something(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char low = (char)(text[i] | 0x20);
        if ((text[i] & 0x80) || (low >= 'a' && low <= 'z') || (text[i] >= '0' && text[i] <= '9'))
            return true;
    }
    return false;
}

bool is_description(const char *line, size_t len)
{
    len = trimmed(line, len);
    if (len < 2 || memcmp(line, "##", 2))
        return false;
    if (len == 2)
        return true;
    return (line[2] == ' ' || line[2] == '\t') && memcmp(line + len - 2, "##", 2) &&
           says_something(line + 3, len - 3);
}

void description_add(struct description *description, const char *line, size_t len)
{
    struct text *text = &description->text;
    len = trimmed(line, len);
    size_t skip = len > 2 ? 3 : 2;
    if (text->n)
        text_add(text, "\n", 1);
    text_add(text, line + skip, len - skip);
}

/* "e.g. this" goes on behind its points. */
static bool ends_sentence(const char *at)
{
    if (!strchr(".!?", *at) || !strchr(" \n", at[1]))
        return false;
    at += 1 + strspn(at + 1, " \n");
    return *at < 'a' || *at > 'z';
}

const char *description_summary(struct arena *arena, const char *text)
{
    struct text summary = {.arena = arena};
    for (const char *at = text; *at; at++) {
        if (!strncmp(at, "\n\n", 2))
            break;
        text_add(&summary, *at == '\n' ? " " : at, 1);
        if (ends_sentence(at))
            break;
    }
    return summary.items ? summary.items : "";
}
