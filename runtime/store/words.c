/* words.c: see words.h. */
#include "store/words.h"

#include "store/column.h"

#include <ctype.h>
#include <string.h>

const char *gw_word_name(const char *const *words, unsigned value)
{
    size_t n = 0;
    while (words[n])
        n++;
    return value && value <= n ? words[value - 1] : NULL;
}

unsigned gw_word_of(const char *const *words, const char *text)
{
    for (unsigned i = 0; text && words[i]; i++)
        if (!strcmp(words[i], text))
            return i + 1;
    return 0;
}

void gw_words_print(FILE *to, const struct gw_column *column, const char *before, const char *after)
{
    fputs(before, to);
    for (size_t i = 0; column->one_of[i]; i++) {
        fputs(i ? ", '" : "'", to);
        for (const char *p = column->one_of[i]; *p; p++)
            fprintf(to, "%s%c", *p == '\'' ? "'" : *p == '\\' ? "\\" : "", *p);
        fputc('\'', to);
    }
    fputs(after, to);
}

/* ---- Reading a CHECK ------------------------------------------------------------------------ */

struct reader {
    const char *at, *end;
};

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && isspace((unsigned char)*reader->at))
        reader->at++;
}

/* Whether that comes next, in any case and between blanks. */
static bool take(struct reader *reader, const char *text)
{
    size_t len = strlen(text);
    skip_blanks(reader);
    if ((size_t)(reader->end - reader->at) < len || strncasecmp(reader->at, text, len))
        return false;
    reader->at += len;
    return true;
}

static bool take_name(struct reader *reader, const char *name)
{
    bool quoted = take(reader, "`") || take(reader, "\"") || take(reader, "[");
    if (!take(reader, name))
        return false;
    return !quoted || take(reader, "`") || take(reader, "\"") || take(reader, "]");
}

/* A text in single quotes; whether it is `word` becomes *ret_same. False: none comes next. */
static bool take_text(struct reader *reader, bool backslashes, const char *word, bool *ret_same)
{
    const char *expected = word;
    bool same = true;
    if (take(reader, "_")) /* its character set, as MySQL writes it */
        while (reader->at < reader->end && isalnum((unsigned char)*reader->at))
            reader->at++;
    if (!take(reader, "'"))
        return false;
    for (; reader->at < reader->end; reader->at++) {
        const char *next = reader->at + 1;
        if (*reader->at == '\'' && (next == reader->end || *next != '\''))
            break;
        if (*reader->at == '\'' || (*reader->at == '\\' && backslashes && next < reader->end))
            reader->at++;
        same = same && *expected && *expected == *reader->at;
        expected += same;
    }
    *ret_same = same && !*expected;
    return reader->at++ < reader->end;
}

/* Up to "IN (" or "=", behind which the words are. */
static bool take_head(struct reader *reader, const char *name)
{
    while (take(reader, "("))
        continue;
    return take_name(reader, name) &&
           ((take(reader, "in") && take(reader, "(")) || take(reader, "="));
}

/* How many texts the list has, and whether `word` is one of them; 0: it is not a list of texts. */
static size_t read_list(struct reader reader, bool backslashes, const char *word, bool *ret_found)
{
    bool same;
    size_t n = 0;
    *ret_found = false;
    do {
        if (!take_text(&reader, backslashes, word, &same))
            return 0;
        *ret_found = *ret_found || same;
        n++;
    } while (take(&reader, ","));
    while (take(&reader, ")"))
        continue;
    return reader.at < reader.end ? 0 : n; /* what goes on says more */
}

enum gw_words_said gw_words_said(struct gw_str check, const struct gw_column *column,
                                 bool backslashes)
{
    struct reader reader = {.at = check.ptr, .end = check.ptr + check.len};
    bool all = true, found;
    size_t n = 0, listed = 0;
    if (!take_head(&reader, gw_column_sql(column)))
        return GW_WORDS_NOTHING;
    for (; column->one_of[n]; n++) {
        listed = read_list(reader, backslashes, column->one_of[n], &found);
        all = all && found;
    }
    return !listed ? GW_WORDS_NOTHING : all && listed == n ? GW_WORDS_SAME : GW_WORDS_OTHERS;
}
