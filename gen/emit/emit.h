/* emit.h: the generated files, each built in memory. */
#ifndef GEN_EMIT_H
#define GEN_EMIT_H

#include "base/text.h"
#include "syntax/tree.h"
#include "match/match.h"

/* GW_CONTRACT of the generated.h that the emitters write for. It changes with what they and the
 * runtime must agree on. */
#define CONTRACT 8

void emit_header(const struct tree *tree, struct text *to);   /* routes.h */
void emit_entities(const struct tree *tree, struct text *to); /* entities.c */

/* The lines of a description inside a comment, behind a newline and ` * ` each; NULL: none. */
void comment_description(const char *description, struct text *to);

/* What the runtime's own handlers answer with. */
struct served {
    const char *openapi;         /* NULL: no route has it */
    size_t mount_at, mount_drop; /* where in it the mount belongs, and instead of how many bytes */
    const char *docs;            /* the same, of the page */
};
/* routes.c. With parts, the functions of handlers are in routes_1.c to routes_N.c instead. */
void emit_routes(const struct tree *tree, size_t n_parts, const struct served *served,
                 struct text *to);
void emit_part(const struct tree *tree, size_t part, size_t n_parts, struct text *to);

void emit_matcher(const struct matcher *matcher, struct text *to); /* routes.re */

/* mixed.c: the part of the matcher for mixed segments. Nothing without them. */
void emit_mixed(const struct matcher *matcher, struct text *to);

/* array.c: a static array of the smallest type that holds its items; `what` is its comment. */
void emit_array(struct text *to, const char *what, const char *name, const uint32_t *items,
                size_t n);

/* cut.c: where segments with several parameters are divided, and the name of such a place. */
const char *cut_name(struct arena *arena, const struct cut *cut);
void emit_cuts(const struct tree *tree, struct text *to);

/* A static array of strings with a NULL behind them. */
void emit_strings(struct text *to, const char *name, const struct name *items, size_t n);

/* `existing`: also the tables that belong to another application. */
void emit_schema(const struct tree *tree, bool mysql, bool existing, struct text *to);

/* issuer.c: the table of issuers. */
void emit_issuers(const struct tree *tree, struct text *to);

/* problem.c */
void emit_problem_prototypes(const struct tree *tree, struct text *to);
void emit_problems(const struct tree *tree, struct text *to);

/* ticket.c */
void emit_ticket_prototypes(const struct tree *tree, struct text *to);
void emit_tickets(const struct tree *tree, struct text *to);

/* shape.c: descriptors of bodies, and the name of one, or of one of a list of so many. */
const char *shape_name(struct arena *arena, const struct body *body, bool list,
                       const struct range *count);
void emit_shapes(const struct tree *tree, struct text *to);

/* returns.c: what handlers answer, in the order of the routes. */
void emit_returns(const struct tree *tree, struct text *to);

/* patch.c: the columns of a patch, which its shape names. */
void emit_patched_columns(const struct body *body, struct text *to);

/* pattern.c: the automaton of a `like`, under that name. */
void emit_pattern(const struct regex *regex, const char *name, struct text *to);

/* call.c: typed calls of tables. Each is written twice, as a prototype and as a wrapper. */
void emit_table_prototypes(const struct table *table, struct text *to);
void emit_table_calls(const struct table *table, struct text *to);

void emit_job_prototypes(const struct tree *tree, struct text *to);
void emit_jobs(const struct tree *tree, struct text *to);

/* The function that takes a row of that type, as a parameter and with its step in C. */
const char *each_argument(struct arena *arena, const char *row);
void emit_each_step(const char *name, const char *row, struct text *to);

/* sql.c: the calls of statements. */
void emit_sql_prototypes(const struct tree *tree, struct text *to);
void emit_sql_calls(const struct tree *tree, struct text *to);

/* column.c: one column of a descriptor; `row` is the structure that it is in, NULL: in none. A
 * secret one is in `whole`, which emit_whole writes: the row and, beside it, the secrets. */
void emit_column(const char *row, const char *whole, const struct column *column, struct text *to);
void emit_whole(const char *whole, const char *row, const char *secrets, struct text *to);
void emit_halves(const char *whole, struct text *to);

/* default.c: what an insert is given, where a table fills columns in, and its descriptors. */
void emit_insert_structure(const struct table *table, struct text *to);
void emit_insert_columns(const struct table *table, struct text *to);

/* words.c: the enum of a column's `one of` and what leads from it to its words and back. */
void emit_words_head(const struct column *column, struct text *to);
void emit_words(const struct column *column, struct text *to);
const char *words_array(struct arena *arena, const struct words *words);

/* The type of a column's value in C, with what stands before the name, and `from`, such a value, as
 * the member of struct gw_value. */
const char *column_type(struct arena *arena, const struct column *column, bool optional);
const char *column_value(struct arena *arena, const struct column *column, const char *from);

/* structure.c: the members of a row's structure and of the one of its secrets; the structure of a
 * body. */
void emit_row(const struct column *columns, size_t n_columns, struct text *to);
void emit_secrets(const char *name, const struct column *columns, size_t n_columns,
                  struct text *to);
bool has_secrets(const struct column *columns, size_t n_columns);
void emit_body(const struct body *body, struct text *to);

/* The structure of lists of a body that handlers take. */
void emit_body_list(const struct body *body, struct text *to);

/* The structure of a form that is shown again. */
void emit_form(const struct body *body, struct text *to);

/* form.c: all of these structures, and their descriptors. */
void emit_form_structures(const struct tree *tree, struct text *to);
void emit_forms(const struct tree *tree, struct text *to);

/* handler.c: what concerns one handler. `handler_*` take its first route. */
void handler_prototype(const struct route *route, struct text *to);
void handler_trampoline(const struct route *route, const char *file, struct text *to);
void handler_trampoline_prototype(const struct route *route, struct text *to);
void url_prototype(const struct route *route, struct text *to);
void url_function(const struct route *route, struct text *to);

enum type segment_type(const struct segment *segment);

/* The comment that a generated file begins with. */
void emit_banner(const struct tree *tree, const char *what, struct text *to);

/* Refuses a runtime whose generated.h has another contract than CONTRACT. */
void emit_contract(struct text *to);

#endif
