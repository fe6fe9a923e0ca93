/* columns.c: a live column as a declared one. */
#include "import/import.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "check/check.h"
#include "syntax/parse.h"

#include <string.h>
#include <strings.h>

#define MAX_DIGITS 65 /* of a decimal, */
#define MAX_SCALE  30 /* and behind its point */
#define MAX_LENGTH (1u << 30)

void import_note(struct import_column *column, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_printf(&column->note, "%s%s", column->note.n ? "; " : "",
                arena_vprintf(column->note.arena, format, args));
    va_end(args);
}

struct import_column *import_column_named(const struct import_table *table, const char *name)
{
    for (size_t i = 0; name && i < table->n_columns; i++) {
        if (!table->columns[i].why && !strcasecmp(table->columns[i].live->name, name))
            return &table->columns[i];
    }
    return NULL;
}

/* N_TYPES: the language has no such type. */
static enum type type_named(const char *word)
{
    int i = 0;
    while (i < N_TYPES && !(type_infos[i].column && !strcmp(type_infos[i].name, word)))
        i++;
    return (enum type)i;
}

static const char *why_not(const struct gw_live_column *live)
{
    if (live->why)
        return live->why;
    if (!live->word)
        return "no type reads it";
    if (!strcmp(live->word, "decimal") &&
        (live->precision < 1 || live->precision > MAX_DIGITS || live->scale > MAX_SCALE ||
         live->scale > live->precision))
        return "a decimal has at most 65 digits, 30 of them behind the point";
    if (utf8_end(live->name, strlen(live->name)) != strlen(live->name) || !is_sql_name(live->name))
        return "its name cannot be written behind `as`";
    return NULL;
}

/* ---- Secrets -------------------------------------------------------------------------------- */

/* Words, between underscores or changes of case, that name what should not be shown. */
static bool is_secret_word(const char *word, size_t len)
{
    static const char *const words[] = {"password", "passwd", "passphrase", "passcode",   "pass",
                                        "pwd",      "secret", "salt",       "token",      "otp",
                                        "totp",     "apikey", "credential", "credentials"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (strlen(words[i]) == len && !strncasecmp(words[i], word, len))
            return true;
    }
    return false;
}

static bool ends_word(const char *at)
{
    bool hump = at[0] >= 'a' && at[0] <= 'z' && at[1] >= 'A' && at[1] <= 'Z';
    return hump || at[1] == '_' || at[1] == '-' || at[1] == ' ' || at[1] == '\0';
}

static bool sounds_secret(const char *name)
{
    const char *begin = name;
    for (const char *at = name; *at; at++) {
        if (!ends_word(at))
            continue;
        if (is_secret_word(begin, (size_t)(at + 1 - begin)))
            return true;
        begin = at + 1 + (at[1] == '_' || at[1] == '-' || at[1] == ' ');
    }
    return false;
}

/* ---- Words ---------------------------------------------------------------------------------- */

/* What may stand between double quotes. */
static bool is_writable(const char *text)
{
    if (utf8_end(text, strlen(text)) != strlen(text))
        return false;
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    }
    return true;
}

/* Why `one of` cannot say them; NULL: it can. */
static const char *words_fault(struct arena *arena, const struct words *words, uint32_t max)
{
    struct map constants = {0};
    if (words->n > MAX_MEMBERS)
        return "they are more than `one of` may have";
    for (size_t i = 0; i < words->n; i++) {
        const char *word = words->items[i].text;
        size_t most = max ? max : MAX_WORD;
        if (!*word || !is_writable(word) || utf8_characters(word) > most)
            return "`one of` cannot have one of them";
        if (map_put(arena, &constants, word_constant(arena, words, i), (void *)word))
            return "two of them are the same in C";
    }
    return NULL;
}

/* "enum('a','b')", or the list of a CHECK. */
static const char *shown_words(struct arena *arena, const struct gw_live_column *live)
{
    return live->note ? import_shown(arena, live->note)
                      : arena_printf(arena, "in (%s)",
                                     import_shown_list(arena, live->words, live->n_words));
}

/* The words that alone a text may be, where the database lists them. */
static void set_words(struct import_column *of)
{
    struct arena *arena = of->note.arena;
    const struct gw_live_column *live = of->live;
    struct words words = {.name = ""};
    if (!live->words)
        return;
    for (size_t i = 0; i < live->n_words; i++)
        *vec_add(arena, &words) = (struct name){.text = live->words[i]};
    const char *why = words_fault(arena, &words, of->column.max);
    if (why)
        import_note(of, "%s: %s", shown_words(arena, live), why);
    else
        of->column.one_of = words;
    if (!why && !of->column.max)
        of->column.max = (uint32_t)longest_word(&words);
}

void import_without_words(struct import_column *of)
{
    if (!of->column.one_of.n)
        return;
    of->column.one_of = (struct words){0};
    import_note(of, "%s", shown_words(of->note.arena, of->live));
}

/* ---- Defaults ------------------------------------------------------------------------------- */

static bool is_number(const char *text)
{
    const char *p = text + (*text == '-');
    size_t whole = strspn(p, "0123456789");
    if (!whole || (p[whole] && p[whole] != '.'))
        return false;
    size_t fraction = p[whole] ? strspn(p + whole + 1, "0123456789") : 1;
    return fraction && !p[whole + (p[whole] ? 1 + fraction : 0)];
}

/* "0", "'0'" and "b'0'", as databases write a bool. */
static enum default_kind bool_default(const char *text)
{
    text += *text == 'b';
    text += *text == '\'';
    if (text[0] && text[1] && text[1] != '\'')
        return DEFAULT_NONE;
    return *text == '1' ? DEFAULT_TRUE : *text == '0' ? DEFAULT_FALSE : DEFAULT_NONE;
}

static enum default_kind default_of(const struct gw_live_column *live, const struct column *column)
{
    const char *text = live->default_text;
    if (live->default_kind == GW_LIVE_DEFAULT_NOW)
        return DEFAULT_NOW;
    if (live->default_kind == GW_LIVE_DEFAULT_OTHER)
        return column->type == TYPE_BOOL && *text == 'b' ? bool_default(text) : DEFAULT_NONE;
    if (column->type == TYPE_BOOL)
        return bool_default(text);
    if (column->type == TYPE_TEXT || column->type == TYPE_DATE)
        return is_writable(text) ? DEFAULT_TEXT : DEFAULT_NONE;
    return is_number(text) ? DEFAULT_NUMBER : DEFAULT_NONE;
}

static void set_default(struct import_column *of)
{
    const struct gw_live_column *live = of->live;
    struct column *column = &of->column;
    if (live->default_kind == GW_LIVE_DEFAULT_NONE)
        return;
    column->default_kind = default_of(live, column);
    column->default_value.text = live->default_text;
    if (column->default_kind && !column->secret && default_fits(column))
        return;
    column->default_kind = DEFAULT_NONE;
    import_note(of, "default %s",
                live->default_text ? import_shown(of->note.arena, live->default_text) : "now");
}

/* ---- The column ----------------------------------------------------------------------------- */

void import_as_number(struct import_column *of)
{
    if (of->column.type != TYPE_BOOL || !of->live->number)
        return;
    of->column.type = type_named(of->live->number);
    of->note.n = 0;
    of->column.default_kind = DEFAULT_NONE;
    set_default(of);
}

static void set_column(struct import_column *of)
{
    const struct gw_live_column *live = of->live;
    struct column *column = &of->column;
    column->type = type_named(live->word);
    column->sql_name.text = live->name;
    column->optional = live->optional;
    column->touched = live->touched;
    if (column->type == TYPE_DECIMAL) {
        column->precision = live->precision;
        column->scale = live->scale;
    }
    if (column->type == TYPE_TEXT || column->type == TYPE_BLOB) {
        column->max = live->max <= MAX_LENGTH ? live->max : 0;
        set_words(of);
        column->secret = !column->one_of.n && sounds_secret(live->name);
    }
    if (live->note && !live->words)
        import_note(of, "%s", import_shown(of->note.arena, live->note));
    set_default(of);
    if (column->type == TYPE_BOOL && !column->default_kind && live->default_kind)
        import_as_number(of); /* whose default is 2 holds more than 0 and 1 */
}

void import_columns(const struct import *import, struct import_table *table)
{
    table->n_columns = table->live->n_columns;
    table->columns = arena_alloc(import->arena, (table->n_columns + 1) * sizeof(*table->columns));
    for (size_t i = 0; i < table->n_columns; i++) {
        struct import_column *column = &table->columns[i];
        column->live = &table->live->columns[i];
        column->note.arena = import->arena;
        column->why = why_not(column->live);
        if (!column->why)
            set_column(column);
    }
}
