/* check.h: what routes.def may not say although it can be read. */
#ifndef GEN_CHECK_H
#define GEN_CHECK_H

#include "syntax/tree.h"

/* Resolves the names of the tree and reports all that is wrong with it. */
void check_tree(struct tree *tree);

/* The parts, in this order. */
void declare_runtime_handlers(struct tree *tree);
void check_outer_names(struct tree *tree);
void check_tables(struct tree *tree);
void check_quoted_column(struct tree *tree, const struct column *column);
void check_sets(struct tree *tree, struct table *table); /* behind the keys of single columns */
void check_words(struct tree *tree, const struct table *table, struct column *column);
void check_default(struct tree *tree, struct table *table, const struct column *column);
void check_bodies(struct tree *tree);
/* file.c: a member that is a file, and that it comes in a form alone: reported at `name`, which
 * names the body where it comes otherwise. */
void check_file(struct tree *tree, struct member *member);
bool check_no_file(struct tree *tree, const struct name *name, const struct body *body);

/* That a form may be as large as its files. */
void check_file_sizes(struct tree *tree, const struct route *route);

/* body.c: that a body, which `name` names, can be JSON; NULL: there is none. */
void check_json_body(struct tree *tree, const struct name *name, const struct body *body);
void check_returns(struct tree *tree, struct route *route);
/* Behind its type and bounds, before which there were so many errors. */
void check_values(struct tree *tree, struct member *member, size_t before);
void check_routes(struct tree *tree);
void check_problems(struct tree *tree);
void check_patches(struct tree *tree);   /* behind routes and bodies */
void check_any_route(struct tree *tree); /* the last */
void check_roles(struct tree *tree, struct route *route);
void check_own(struct tree *tree, struct route *route);
void check_accept(struct tree *tree, const struct route *route);
void check_headers(struct tree *tree, struct route *route);
void check_rates(struct tree *tree, struct route *route);
void check_browsers(struct tree *tree);
void check_issuers(struct tree *tree);
void check_sessions(struct tree *tree);
void name_session_cookies(struct tree *tree);
void check_session_cookie(struct tree *tree, struct session *session);
void check_tickets(struct tree *tree);
void check_jobs(struct tree *tree);
void check_handlers(struct tree *tree);
void check_names(struct tree *tree);
void check_lengths(struct tree *tree);
void check_sql(struct tree *tree);
void check_descriptions(struct tree *tree);

/* Reports an unknown name, with what it may have meant. `what` is "an entity" and the like. */
void unknown_table(struct tree *tree, const struct name *name, bool entities_only,
                   const char *what);
void unknown_column(struct tree *tree, const struct name *name, const struct table *table);

/* Numbers of characters and items, which are counted in 32 bits at run time. */
void check_count(struct tree *tree, const struct range *range);

/* pairs.c: queries, forms and headers are of texts, and flat but for `filter[title]=x`: `what` it
 * is. */
enum pairs { PAIRS_QUERY, PAIRS_FORM, PAIRS_HEADERS };
void check_pairs(struct tree *tree, const struct name *name, const struct body *body,
                 enum pairs what);

/* reach.c: of alternatives in a query, form or set of headers, `what`, the first that takes a text
 * is the one that came. False: one of them can never come, which was told. */
bool check_reached(struct tree *tree, const struct name *name, const struct member *member,
                   const char *what);

/* Whether the text may be the value of a text or a number: its type and bounds. */
bool member_takes(const struct member *member, const char *text);

/* Of a form that is shown again: each member is a field, or a list of these. */
void check_fields_alone(struct tree *tree, const struct route *route);

/* Resolves the name of a body; NULL: reported. */
const struct body *check_body_name(struct tree *tree, const struct name *name);

bool is_number_type(enum type type); /* int, uint, real */

/* accept.c: whether a media type is JSON (RFC 6839, 3.1). */
bool is_json_type(const char *type);

/* file.c: RFC 6838, 4.2: "image/png", in lower case and without parameters. */
bool is_media_type(const char *text);

/* Whether a number, as it is written, is one of that type. */
bool member_number_fits(const char *text, enum type type);

/* Access words and attributes. */
bool is_reserved_word(const char *name);

/* Each name in C's ordinary namespace that is generated for the table itself, and for a column:
 * what it is stands behind it. */
typedef void symbol_taker(void *ctx, const char *name, struct pos pos, const char *what);
void table_symbols(struct arena *arena, const struct table *table, symbol_taker *take, void *ctx);
void column_symbols(struct arena *arena, const struct table *table, const struct column *column,
                    symbol_taker *take, void *ctx);

/* What is generated for a column's `one of` is called so; the characters of its longest word, and
 * how many one may have: MariaDB's ENUM has no longer ones. */
const char *words_name(struct arena *arena, const struct table *table, const struct column *column);
size_t longest_word(const struct words *words);
#define MAX_WORD 255

/* Claims that have a meaning of their own. */
bool is_reserved_claim(const char *name);

/* Whether the column's default is one of its type. */
bool default_fits(const struct column *column);

/* The bytes of an index that a column may take; the most that one holds, and of a text that is key
 * or unique by itself the most characters. */
unsigned indexed_bytes(const struct column *column);
#define MAX_INDEXED_BYTES 3072 /* InnoDB's */
#define MAX_INDEXED       768  /* characters, of four bytes each */

#endif
