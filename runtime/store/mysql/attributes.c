/* attributes.c: the attributes of a live column, as SHOW CREATE TABLE writes them: one column a
 * line, in the server's own words, so that MODIFY can repeat what it would drop otherwise. */
#include "store/mysql/change.h"

#include "store/column.h"
#include "store/words.h"

#include <ctype.h>
#include <string.h>

/* The line of the column, from behind its name to its end; ptr NULL: there is none. */
static struct gw_str line_of(const char *create, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = create; line; line = strchr(line, '\n')) {
        const char *end;
        line += *line == '\n';
        line += strspn(line, " ");
        if (*line != '`' || strncasecmp(line + 1, name, len) || line[len + 1] != '`')
            continue;
        end = line + strcspn(line, "\n");
        if (end[-1] == ',')
            end--;
        return (struct gw_str){line + len + 2, (size_t)(end - line) - len - 2};
    }
    return (struct gw_str){NULL, 0};
}

static const char *skip_quoted(const char *at, const char *end)
{
    char close = *at++;
    for (; at < end; at++) {
        if (*at == '\\' && close != '`')
            at++;
        else if (*at == close && (at + 1 == end || at[1] != close))
            return at + 1;
        else if (*at == close)
            at++;
    }
    return end;
}

static const char *skip_brackets(const char *at, const char *end)
{
    int depth = 0;
    while (at < end) {
        if (strchr("'\"`", *at)) {
            at = skip_quoted(at, end);
            continue;
        }
        depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
        at++;
        if (depth == 0)
            break;
    }
    return at;
}

/* A word, something in quotes or brackets, a comment, or one character. */
static struct gw_str next(const char **at, const char *end)
{
    const char *begin = *at + strspn(*at, " "), *p = begin;
    if (begin >= end)
        return (struct gw_str){NULL, 0};
    if (strchr("'\"`", *p))
        p = skip_quoted(p, end);
    else if (*p == '(')
        p = skip_brackets(p, end);
    else if (!strncmp(p, "/*", 2))
        p = strstr(p, "*/") ? strstr(p, "*/") + 2 : end;
    else if (isalnum((unsigned char)*p) || *p == '_')
        while (p < end && (isalnum((unsigned char)*p) || *p == '_'))
            p++;
    else
        p++;
    *at = p;
    return (struct gw_str){begin, (size_t)(p - begin)};
}

enum attribute { NONE, OTHER, DEFAULT, ON_UPDATE, COMMENT, CHECK, INVISIBLE, COMPUTED };

static enum attribute beginning(struct gw_str word)
{
    static const struct {
        const char *word;
        enum attribute attribute;
    } words[] = {
        {"DEFAULT", DEFAULT},    {"ON", ON_UPDATE},        {"COMMENT", COMMENT},
        {"CHECK", CHECK},        {"INVISIBLE", INVISIBLE}, {"/*!80023 INVISIBLE */", INVISIBLE},
        {"GENERATED", COMPUTED}, {"AS", COMPUTED},         {"NOT", OTHER},
        {"COLLATE", OTHER},      {"CHARACTER", OTHER},     {"AUTO_INCREMENT", OTHER},
        {"CONSTRAINT", OTHER},   {"WITHOUT", OTHER},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (gw_str_equal_nocase(word, gw_str_from(words[i].word)))
            return words[i].attribute;
    return NONE;
}

/* The current time, whose digits must be as many as the column's. */
static bool is_now(struct gw_str text)
{
    for (size_t i = 0; i + 17 <= text.len; i++)
        if (!strncasecmp(text.ptr + i, "current_timestamp", 17))
            return true;
    return false;
}

/* Whether what stands behind CHECK is of the column's words. */
static bool says_words(const char *at, const char *end, const struct gw_column *column)
{
    struct gw_str check = next(&at, end);
    return column->one_of && check.ptr && gw_words_said(check, column, true);
}

static void print(FILE *to, enum attribute attribute, struct gw_str text,
                  const struct gw_column *column)
{
    bool null = gw_str_equal_nocase(text, GW_STR("DEFAULT NULL"));
    while (text.len && text.ptr[text.len - 1] == ' ')
        text.len--;
    if (attribute == NONE || attribute == OTHER)
        return;
    if (attribute == CHECK && says_words(text.ptr + strlen("CHECK"), text.ptr + text.len, column))
        return;
    if (attribute == DEFAULT &&
        (null || column->flags & (GW_COL_REVOKES | GW_COL_AUTO | GW_COL_DEFAULT)))
        return; /* what is optional is NULL without it */
    if (column->type == GW_TYPE_TIME && is_now(text) && attribute != COMMENT)
        fprintf(to, " %s CURRENT_TIMESTAMP(6)", attribute == DEFAULT ? "DEFAULT" : "ON UPDATE");
    else
        fprintf(to, " %.*s", (int)text.len, text.ptr);
}

bool gw_mysql_print_attributes(FILE *to, const char *create, const struct gw_column *column)
{
    struct gw_str line = line_of(create, gw_column_sql(column)), word, text = {NULL, 0};
    const char *at = line.ptr, *end = line.ptr ? line.ptr + line.len : NULL;
    enum attribute open = NONE, begun;
    bool other_check = false;
    if (!line.ptr)
        return false;
    while ((word = next(&at, end)).ptr) {
        begun = beginning(word);
        if (begun == COMPUTED)
            return false;
        if (begun == CHECK)
            other_check = !says_words(at, end, column);
        if (begun != NONE) {
            print(to, open, text, column);
            open = begun;
            text.ptr = word.ptr;
        }
        if (text.ptr)
            text.len = (size_t)(at - text.ptr);
    }
    print(to, open, text, column);
    if (!other_check)
        gw_mysql_print_words(to, column);
    return true;
}
