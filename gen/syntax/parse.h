/* parse.h: the parser, one file per part of the language. */
#ifndef GEN_PARSE_H
#define GEN_PARSE_H

#include "syntax/lexer.h"
#include "syntax/tree.h"

#define MAX_INCLUDE_DEPTH 16
#define MAX_SOURCES       1000 /* files that are read, one as often as it is included */

struct parser {
    struct tree *tree;
    struct arena *arena;
    struct diags *diags;
    struct lexer lexer;
    struct token token;             /* the next, not yet taken */
    const struct parser *including; /* NULL: the top file */
    struct pos include_pos;
    bool resume;               /* a block was not closed: the token begins a statement */
    struct description *above; /* what is being read; NULL: nothing, or it was taken */
    const char *mount;         /* of `include ... at`, canonical; "" */
};

/* Reads `path` and all that it includes. False: the file could not be read; what was wrong in it is
 * in tree->diags. */
bool parse_file(struct tree *tree, const char *path);

/* The same of what is in memory. */
void parse_source(struct tree *tree, struct source *source);

/* Bodies of the runtime's own handlers, beside those of the file. */
void parse_runtime(struct tree *tree, struct source *source);

/* `15 minutes`, at most 3650 days. */
bool parse_duration(struct parser *parser, uint64_t *ret_seconds);

/* Whether a word behind a route's handler is an attribute. */
bool is_attribute(const struct token *token);

/* The parts. Each returns false when it has reported an error and the rest of the line or block is
 * to be skipped. */
bool parse_entity(struct parser *parser);
bool parse_table(struct parser *parser);
bool parse_body(struct parser *parser);
bool parse_sql(struct parser *parser);
bool parse_issuer(struct parser *parser);
bool parse_session(struct parser *parser);
bool parse_ticket(struct parser *parser);
bool parse_job(struct parser *parser);
bool parse_problem(struct parser *parser);
bool parse_route(struct parser *parser, enum method method, struct pos pos);

/* Where the text of a `sql` statement ends that is at `at`: with its line, but not within
 * parentheses, quotes and comments, nor where a backslash ends the line. */
const char *sql_text_end(const char *at, const char *limit);

/* problem.c: a problem's name behind `returns`. */
bool parse_returned_problem(struct parser *parser, struct route *route);

/* ticket.c: the attribute `ticket NAME`. */
bool parse_takes_ticket(struct parser *parser, struct route *route);

/* browser.c: `cookie "__Host-NAME"` at the top of the file; `cookie "NAME"` of a session, whose
 * name goes to *ret; the attributes `sets session` and `else /path`; the statement `cors`. */
bool parse_cookie(struct parser *parser);
bool parse_session_cookie(struct parser *parser, struct name *ret);
bool parse_sets(struct parser *parser, struct route *route);
bool parse_else(struct parser *parser, struct route *route);
bool parse_cors(struct parser *parser);

/* rate.c: `rate N per UNIT by ...`, behind `rate`. */
bool parse_rate(struct parser *parser, struct route *route);

/* column.c: a column's name and type; its modifiers are left. */
bool parse_typed_name(struct parser *parser, struct column *column);

/* member.c: a member's type, bounds and modifiers, behind its name. */
bool parse_member_value(struct parser *parser, struct member *member);

/* The same of a body that is a value, behind its name. */
bool parse_whole_value(struct parser *parser, struct member *value);

/* member.c: `of "word" ...`, behind `one`. */
bool parse_one_of(struct parser *parser, struct words *words, bool numbers);

/* A name in SQL, in quotes: what both stores take in theirs, and we can write between any. */
bool is_sql_name(const char *text);
bool parse_sql_name(struct parser *parser, struct name *ret);

/* A column's type and modifiers, behind its name. */
bool parse_column_rest(struct parser *parser, struct column *column);

/* path.c: splits a path into segments. `at` is where the text stands in the source. */
bool parse_path_segments(struct parser *parser, struct pos at, const char *text,
                         struct route *route);

/* A path without parameters, as `prefix` and `include ... at` have it. NULL: reported. */
const char *parse_plain_path(struct parser *parser, const struct token *token);

/* The inputs of a handler, at whose `(` it is; newlines are blanks up to `)`. */
bool parse_inputs(struct parser *parser, struct route *route);

/* `lesson`, `[lesson] 1..100`; `[lesson]? 1..100` where there is a place for the `?`, else NULL. */
bool parse_body_or_list(struct parser *parser, const char *what, struct name *ret, bool *ret_list,
                        struct range *ret_count, struct pos *ret_optional);

/* The description of the statement, route, member or column that is being read; NULL: none. Those
 * that nobody takes are reported. */
const char *parser_description(struct parser *parser);

/* api.c: the statements `api` and `tag`; the attributes `tag` and `deprecated`. */
bool parse_api(struct parser *parser);
bool parse_tag(struct parser *parser);
bool parse_tagged(struct parser *parser, struct route *route);
bool parse_deprecated(struct parser *parser, struct route *route);

/* Tokens. */
struct token parser_take(struct parser *parser);
bool parser_at(const struct parser *parser, enum token_kind kind);
bool parser_at_word(const struct parser *parser, const char *word);

/* Takes the token if it is that. */
bool parser_accept(struct parser *parser, enum token_kind kind);
bool parser_accept_word(struct parser *parser, const char *word);

/* Reports what else is there; `what` is what was expected, as words for the reader. */
bool parser_expect(struct parser *parser, enum token_kind kind, const char *what);

/* A `)` for the `(` at `open`. */
bool parser_close(struct parser *parser, struct pos open);
void parser_unexpected(struct parser *parser, const char *what);

/* From the one to the end of the other, which is on the same line. */
struct pos parser_span(struct pos from, struct pos to);

void parser_skip_newlines(struct parser *parser);
void parser_skip_line(struct parser *parser);

/* The rest of a statement that was not understood, with the block that belongs to it. */
void parser_skip_statement(struct parser *parser);

/* The lines behind it that belong to what was begun there and not understood. */
void parser_skip_rest(struct parser *parser, struct pos begun);

/* A name that generated C can use: [a-z][a-z0-9_]*. */
bool parser_name(struct parser *parser, const char *what, struct name *ret);

/* A string, not empty. */
bool parser_string(struct parser *parser, const char *what, struct name *ret);

/* A whole number from `low` to `high`. */
bool parser_uint(struct parser *parser, const char *what, uint64_t low, uint64_t high,
                 uint64_t *ret);

/* A number with a unit: `2M`, `500ms`. */
struct unit {
    const char *suffix;
    uint64_t factor;
};
bool parser_quantity(struct parser *parser, const char *what, const struct unit *units,
                     size_t n_units, uint64_t max, uint64_t *ret);

/* What follows `timeout`. */
bool parser_timeout(struct parser *parser, uint32_t *ret_ms);

/* Whether a block begins here; reported if not. */
bool parser_at_block(struct parser *parser);

/* Takes a number that bounds or is a value. Zeros before it, with which C reads it in another base
 * and JSON not at all, are reported and left out, and so is a sign of 0. */
const char *parser_number(struct parser *parser);

/* `lo..hi`, open on either side. */
bool parser_at_range(const struct parser *parser);
bool parser_range(struct parser *parser, struct range *ret);

/* bounds.c. The same where there is none yet. */
bool parse_first_range(struct parser *parser, struct range *ret);

/* What may stand behind a type, in a list too. Ends at the first word that is none of these. */
bool parse_bounds(struct parser *parser, struct member *member);

/* `{ ... }`, at whose `{` it is: calls `item` for each line or `;` part. */
bool parser_block(struct parser *parser, const char *what,
                  bool (*item)(struct parser *parser, void *ctx), void *ctx);

#endif
