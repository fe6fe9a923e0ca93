/* definition.c: see definition.h. The statement was accepted by SQLite once, so it is not checked:
 * it is cut at commas and at the words that begin a clause (SQLite's documentation, "CREATE
 * TABLE"). */
#include "store/sqlite/definition.h"

#include <ctype.h>
#include <strings.h>

/* ---- Tokens --------------------------------------------------------------------------------- */

struct scanner {
    const char *at, *end;
    struct gw_str token; /* a word, something in quotes, or one character */
};

static const char *skip_comment(const char *at, const char *end)
{
    if (at[0] == '-') {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        return line ? line + 1 : end;
    }
    for (at += 2; at + 1 < end; at++)
        if (at[0] == '*' && at[1] == '/')
            return at + 2;
    return end;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end) {
        bool comment =
            at + 1 < end && ((at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*'));
        if (comment)
            at = skip_comment(at, end);
        else if (isspace((unsigned char)*at))
            at++;
        else
            break;
    }
    return at;
}

static const char *skip_quoted(const char *at, const char *end)
{
    char close = *at == '[' ? ']' : *at;
    for (at++; at < end; at++) {
        if (*at != close)
            continue;
        if (close == ']' || at + 1 == end || at[1] != close)
            return at + 1;
        at++; /* doubled */
    }
    return end;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static bool next(struct scanner *s)
{
    const char *at = skip_blanks(s->at, s->end), *begin = at;
    if (at == s->end)
        return false;
    if (strchr("'\"`[", *at))
        at = skip_quoted(at, s->end);
    else if (is_word(*at))
        while (at < s->end && is_word(*at))
            at++;
    else
        at++;
    s->token = (struct gw_str){begin, (size_t)(at - begin)};
    s->at = at;
    return true;
}

static bool is(struct gw_str token, const char *word)
{
    return token.len == strlen(word) && !strncasecmp(token.ptr, word, token.len);
}

/* From an opening bracket that was just read to behind its closing one. */
static bool skip_brackets(struct scanner *s)
{
    for (int depth = 1; depth > 0;) {
        if (!next(s))
            return false;
        depth += is(s->token, "(") ? 1 : is(s->token, ")") ? -1 : 0;
    }
    return true;
}

static struct gw_str trimmed(const char *begin, const char *end)
{
    while (begin < end && isspace((unsigned char)*begin))
        begin++;
    while (end > begin && isspace((unsigned char)end[-1]))
        end--;
    return (struct gw_str){begin, (size_t)(end - begin)};
}

/* ---- The table ------------------------------------------------------------------------------ */

static bool begins_constraint(struct gw_str token)
{
    return is(token, "CONSTRAINT") || is(token, "PRIMARY") || is(token, "UNIQUE") ||
           is(token, "CHECK") || is(token, "FOREIGN");
}

/* An item from where `s` is; *ret_last: the bracket closes behind it. */
static bool read_item(struct scanner *s, struct sqlite_item *ret, bool *ret_last)
{
    const char *begin = s->at;
    if (!next(s))
        return false;
    ret->name = begins_constraint(s->token) ? (struct gw_str){NULL, 0} : s->token;
    while (next(s) && !is(s->token, ",") && !is(s->token, ")"))
        if (is(s->token, "(") && !skip_brackets(s))
            return false;
    *ret_last = is(s->token, ")");
    ret->text = trimmed(begin, s->token.ptr);
    return *ret_last || is(s->token, ",");
}

bool gw_sqlite_definition(const char *sql, struct sqlite_definition *ret)
{
    struct scanner s = {.at = sql, .end = sql + strlen(sql)};
    bool last = false;
    ret->n = 0;
    ret->without_rowid = false;
    do {
        if (!next(&s) || is(s.token, "VIRTUAL"))
            return false;
    } while (!is(s.token, "("));
    while (!last) {
        if (ret->n == GW_SQLITE_ITEMS_MAX || !read_item(&s, &ret->items[ret->n++], &last))
            return false;
    }
    while (next(&s))
        ret->without_rowid = ret->without_rowid || is(s.token, "WITHOUT");
    return true;
}

/* ---- A column ------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    enum sqlite_clause_kind kind;
} beginnings[] = {
    {"PRIMARY", SQLITE_CLAUSE_KEY},         {"NOT", SQLITE_CLAUSE_NOT_NULL},
    {"NULL", SQLITE_CLAUSE_NULL},           {"UNIQUE", SQLITE_CLAUSE_UNIQUE},
    {"CHECK", SQLITE_CLAUSE_CHECK},         {"DEFAULT", SQLITE_CLAUSE_DEFAULT},
    {"COLLATE", SQLITE_CLAUSE_COLLATE},     {"REFERENCES", SQLITE_CLAUSE_REFERENCES},
    {"GENERATED", SQLITE_CLAUSE_GENERATED}, {"AS", SQLITE_CLAUSE_GENERATED},
};

/* Whether a word that may begin a clause goes on with one: NOT NULL, DEFAULT NULL, SET NULL, SET
 * DEFAULT, ALWAYS AS, NOT DEFERRABLE. */
static bool goes_on(struct gw_str word, struct gw_str before, const struct scanner *s)
{
    struct scanner ahead = *s;
    if (is(before, "SET") || is(before, "DEFAULT"))
        return true;
    if (is(word, "NULL"))
        return is(before, "NOT");
    if (is(word, "AS"))
        return is(before, "ALWAYS");
    return is(word, "NOT") && next(&ahead) && is(ahead.token, "DEFERRABLE");
}

static const enum sqlite_clause_kind *begins_clause(struct gw_str token, struct gw_str before,
                                                    const struct scanner *s)
{
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
        if (is(token, beginnings[i].word))
            return goes_on(token, before, s) ? NULL : &beginnings[i].kind;
    return NULL;
}

bool gw_sqlite_column_parts(const struct sqlite_item *item, struct sqlite_column_parts *ret)
{
    const char *end = item->text.ptr + item->text.len, *begin;
    struct scanner s = {.at = item->name.ptr + item->name.len, .end = end};
    struct gw_str before = {"", 0};
    bool named = false; /* CONSTRAINT has begun the clause */
    struct gw_str *open = &ret->type;
    ret->n = 0;
    begin = s.at;
    while (next(&s)) {
        const enum sqlite_clause_kind *kind = begins_clause(s.token, before, &s);
        bool constraint = is(s.token, "CONSTRAINT");
        if ((kind && !named) || constraint) {
            *open = trimmed(begin, s.token.ptr);
            if (ret->n == GW_SQLITE_CLAUSES_MAX)
                return false;
            begin = s.token.ptr;
            open = &ret->clauses[ret->n++].text;
        }
        if (kind)
            ret->clauses[ret->n - 1].kind = *kind;
        named = constraint || (named && !kind);
        before = s.token;
        if (is(s.token, "(") && !skip_brackets(&s))
            return false;
    }
    *open = trimmed(begin, end);
    return true;
}

/* ---- Questions ------------------------------------------------------------------------------ */

static bool same_name(struct gw_str written, const char *name)
{
    bool quoted = written.len >= 2 && strchr("\"`[", written.ptr[0]);

    if (quoted)
        written = (struct gw_str){written.ptr + 1, written.len - 2};
    return written.len == strlen(name) && !strncasecmp(written.ptr, name, written.len);
}

bool gw_sqlite_item_is(const struct sqlite_item *item, const char *name)
{
    return item->name.ptr && same_name(item->name, name);
}

/* The bracket behind the word, or false. */
static bool find_word(struct scanner *s, const char *word)
{
    while (next(s)) {
        if (is(s->token, word))
            return true;
        if (is(s->token, "(") && !skip_brackets(s))
            return false;
    }
    return false;
}

bool gw_sqlite_item_is_key(const struct sqlite_item *item)
{
    struct scanner s = {.at = item->text.ptr, .end = item->text.ptr + item->text.len};
    return !item->name.ptr && find_word(&s, "PRIMARY");
}

bool gw_sqlite_item_is_key_of(const struct sqlite_item *item, const char *name)
{
    struct scanner s = {.at = item->text.ptr, .end = item->text.ptr + item->text.len};
    return !item->name.ptr && find_word(&s, "PRIMARY") && next(&s) && next(&s) &&
           is(s.token, "(") && next(&s) && same_name(s.token, name) && next(&s) && is(s.token, ")");
}

bool gw_sqlite_item_is_reference_of(const struct sqlite_item *item, const char *name)
{
    struct scanner s = {.at = item->text.ptr, .end = item->text.ptr + item->text.len};
    return !item->name.ptr && find_word(&s, "FOREIGN") && next(&s) && next(&s) &&
           is(s.token, "(") && next(&s) && same_name(s.token, name) && next(&s) && is(s.token, ")");
}

/* Behind an open bracket: whether the name stands before that is closed, anywhere in it. */
static bool stands_in_brackets(struct scanner *s, const char *name)
{
    for (int depth = 1; depth && next(s);) {
        if (same_name(s->token, name))
            return true;
        depth += is(s->token, "(") - is(s->token, ")");
    }
    return false;
}

bool gw_sqlite_item_holds(const struct sqlite_item *item, const char *name)
{
    struct scanner s = {.at = item->text.ptr, .end = item->text.ptr + item->text.len}, key = s;
    if (item->name.ptr)
        return false;
    if (find_word(&s, "UNIQUE"))
        return next(&s) && is(s.token, "(") && stands_in_brackets(&s, name);
    return find_word(&key, "FOREIGN") && next(&key) && next(&key) && is(key.token, "(") &&
           stands_in_brackets(&key, name);
}

bool gw_sqlite_item_checks(const struct sqlite_item *item, const char *name)
{
    struct scanner s = {.at = item->text.ptr, .end = item->text.ptr + item->text.len};
    return !item->name.ptr && find_word(&s, "CHECK") && next(&s) && is(s.token, "(") &&
           stands_in_brackets(&s, name);
}

struct gw_str gw_sqlite_check_expression(const struct sqlite_clause *clause)
{
    const char *end = clause->text.ptr + clause->text.len, *begin;
    struct scanner s = {.at = clause->text.ptr, .end = end};
    if (!find_word(&s, "CHECK") || !next(&s) || !is(s.token, "("))
        return (struct gw_str){NULL, 0};
    begin = s.token.ptr;
    if (!skip_brackets(&s))
        return (struct gw_str){NULL, 0};
    return (struct gw_str){begin, (size_t)(s.at - begin)};
}
