/* words.c: see words.h. */
#include "store/words.h"

#include "base/arena.h"
#include "store/column.h"
#include "store/reading.h"

#include <ctype.h>
#include <errno.h>
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
    bool backslashes; /* are read as the server reads them */
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

/* What a server writes with a backslash: "b\\'s", "a\\nb". */
static char unescaped(char c)
{
    static const char written[] = "nr0", meant[] = "\n\r\x1a"; /* no text of ours holds a NUL */
    const char *at = strchr(written, c);
    return at && c ? meant[at - written] : c;
}

bool gw_words_take(struct gw_str *io_list, bool backslashes, char word[GW_WORD_SIZE])
{
    const char *at = io_list->ptr, *end = at + io_list->len;
    size_t n = 0;
    if (at == end || *at != '\'')
        return false;
    for (at++; at < end; at++) {
        bool more = at + 1 < end, escape = *at == '\\' && backslashes && more;
        if (*at == '\'' && !(more && at[1] == '\''))
            break;
        at += escape || *at == '\'';
        if (n + 1 < GW_WORD_SIZE)
            word[n++] = escape ? unescaped(*at) : *at;
    }
    word[n] = '\0';
    if (at == end)
        return false;
    *io_list = (struct gw_str){at + 1, (size_t)(end - at - 1)};
    return true;
}

/* The text that comes next; false: none does. */
static bool take_text(struct reader *reader, char word[GW_WORD_SIZE])
{
    skip_blanks(reader);
    if (take(reader, "_")) /* its character set, as MySQL writes it */
        while (reader->at < reader->end && isalnum((unsigned char)*reader->at))
            reader->at++;
    struct gw_str rest = {reader->at, (size_t)(reader->end - reader->at)};
    if (!gw_words_take(&rest, reader->backslashes, word))
        return false;
    reader->at = rest.ptr;
    return true;
}

/* Up to "IN (" or "=", behind which the words are. */
static bool take_head(struct reader *reader, const char *name)
{
    while (take(reader, "("))
        continue;
    return take_name(reader, name) &&
           ((take(reader, "in") && take(reader, "(")) || take(reader, "="));
}

/* Gives each text of the list to `take_word`, which stops by -ENOMEM. How many there are; 0: it is
 * not a list of texts. */
static int read_list(struct reader reader, int (*take_word)(void *data, const char *word),
                     void *data)
{
    char word[GW_WORD_SIZE];
    int n = 0;
    do {
        if (!take_text(&reader, word))
            return 0;
        if (take_word(data, word))
            return -ENOMEM;
        n++;
    } while (take(&reader, ","));
    while (take(&reader, ")"))
        continue;
    return reader.at < reader.end ? 0 : n; /* what goes on says more */
}

struct comparison {
    const char *const *words;
    size_t n;
    bool others;
};

static int compare_word(void *data, const char *word)
{
    struct comparison *comparison = data;
    comparison->others |= !gw_word_of(comparison->words, word);
    return 0;
}

enum gw_words_said gw_words_said(struct gw_str check, const struct gw_column *column,
                                 bool backslashes)
{
    struct reader reader = {check.ptr, check.ptr + check.len, backslashes};
    struct comparison comparison = {.words = column->one_of};
    if (!take_head(&reader, gw_column_sql(column)))
        return GW_WORDS_NOTHING;
    while (column->one_of[comparison.n])
        comparison.n++;
    int n = read_list(reader, compare_word, &comparison);
    return !n                                               ? GW_WORDS_NOTHING
           : comparison.others || (size_t)n != comparison.n ? GW_WORDS_OTHERS
                                                            : GW_WORDS_SAME;
}

struct collection {
    struct gw_arena *arena;
    const char **words;
    size_t n;
};

static int collect_word(void *data, const char *word)
{
    struct collection *collection = data;
    const char **to = GW_LIVE_ADD(collection->arena, collection->words, collection->n);
    if (to)
        *to = gw_arena_copy(collection->arena, word, strlen(word));
    return to && *to ? 0 : -ENOMEM;
}

static int collect(struct reader reader, struct gw_live_column *column, struct gw_arena *arena)
{
    struct collection collection = {.arena = arena};
    int n = read_list(reader, collect_word, &collection);
    if (n > 0) {
        column->words = collection.words;
        column->n_words = collection.n;
    }
    return n < 0 ? n : 0;
}

int gw_words_of_enum(const char *type, struct gw_live_column *column, struct gw_arena *arena)
{
    struct reader reader = {type, type + strlen(type), true};
    return take(&reader, "enum") && take(&reader, "(") ? collect(reader, column, arena) : 0;
}

int gw_words_of_check(struct gw_str check, struct gw_live_table *table, bool backslashes,
                      struct gw_arena *arena, bool *ret_taken)
{
    *ret_taken = false;
    for (size_t i = 0; i < table->n_columns; i++) {
        struct gw_live_column *column = &table->columns[i];
        struct reader reader = {check.ptr, check.ptr + check.len, backslashes};
        if (column->words || !column->compares_bytes || !column->word ||
            strcmp(column->word, "text") || !take_head(&reader, column->name))
            continue;
        int r = collect(reader, column, arena);
        *ret_taken = column->words;
        return r;
    }
    return 0;
}
