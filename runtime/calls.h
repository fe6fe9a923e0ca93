/* calls.h: what generated wrappers call: a part of generated.h, which includes it last. */
#ifndef GW_CALLS_H
#define GW_CALLS_H

#include "generated.h"

/* A value bound to a statement or compared with a column. Text is NUL-terminated. */
struct gw_value {
    enum gw_type type;
    bool null;
    union {
        int64_t i64; /* int, time */
        uint64_t u64;
        double f64;
        bool boolean;
        const char *text; /* text, decimal, date, json */
        struct gw_bytes blob;
    } as;
};

/* Row by a key or unique column. 0, GW_E_NOT_FOUND or a negative errno:
 * -EHOSTDOWN the store is away, -ETIMEDOUT it did not answer in time, -EBUSY it is full or locked,
 * -EIO anything else, already logged. */
int gw_entity_find(struct gw_request *req, const struct gw_table *table, int column,
                   const struct gw_value *value, const void **ret_row);

/* Row by a key of several columns, whose values are in the key's order. */
int gw_entity_find_key(struct gw_request *req, const struct gw_table *table,
                       const struct gw_value *values, const void **ret_row);

/* The same with the secret columns beside it: `ret_secrets` is the table's structure of secrets,
 * all zero where there is no row. */
int gw_entity_find_secret(struct gw_request *req, const struct gw_table *table, int column,
                          const struct gw_value *value, const void **ret_row, void *ret_secrets);
int gw_entity_find_key_secret(struct gw_request *req, const struct gw_table *table,
                              const struct gw_value *values, const void **ret_row,
                              void *ret_secrets);

/* Inserts `row`, of a table without secret columns, or a whole. An `auto` key is left to the store
 * and put into the row; a `revokes` column that is 0 begins at the time. GW_E_DUPLICATE:
 * *ret_column (may be NULL) tells what is violated, for gw_table_violated, or is -1.
 * GW_E_REFERENCED, GW_E_RANGE, GW_E_TOO_LARGE. */
int gw_entity_insert(struct gw_request *req, const struct gw_table *table, void *row,
                     int *ret_column);

/* The same with `row` and the secrets apart; NULL: none. -EINVAL: one of another request. */
int gw_entity_insert_secret(struct gw_request *req, const struct gw_table *table, void *row,
                            const void *secrets, int *ret_column);

/* Inserts what is set in `values`, a structure of table->insert, and `secrets`. *ret_row is the row
 * as it was read back in the same transaction. Results as of gw_entity_insert. */
int gw_entity_insert_new(struct gw_request *req, const struct gw_table *table, const void *values,
                         const void *secrets, const void **ret_row, int *ret_column);

/* The word that the enumerator of a `one of` column stands for, NULL for none; and back, 0 for
 * none. */
const char *gw_word_name(const char *const *words, unsigned value);
unsigned gw_word_of(const char *const *words, const char *text);

/* The bits of the columns that a duplicate is in: of one, of a set that is declared, or none. */
uint64_t gw_table_violated(const struct gw_table *table, int column);

/* Writes the columns whose bits are set to the row whose key is in `row`. GW_E_NOT_FOUND and what
 * gw_entity_insert gives. A mask that is empty or names the key or a column that is not there:
 * -EINVAL. */
int gw_entity_update(struct gw_request *req, const struct gw_table *table, const void *row,
                     uint64_t columns);

/* The same with the row and the secrets apart; NULL: none. -EINVAL: one of another request. */
int gw_entity_update_secret(struct gw_request *req, const struct gw_table *table, const void *row,
                            const void *secrets, uint64_t columns);

/* `key` has a value for each column of the key. GW_E_NOT_FOUND, GW_E_REFERENCED. */
int gw_entity_delete(struct gw_request *req, const struct gw_table *table,
                     const struct gw_value *key);

/* Rows in the order of the key, those after `after` (a value for each column of the key; NULL: from
 * the beginning), at most `limit` (1 to 1000). `by` >= 0 restricts to rows whose column `by` equals
 * `value`. *ret_rows is an array of structures. */
int gw_entity_list(struct gw_request *req, const struct gw_table *table, int by,
                   const struct gw_value *value, const struct gw_value *after, unsigned limit,
                   const void **ret_rows, size_t *ret_n);

/* All of these rows, each given to `fn` with `data`: until it returns something else than 0, which
 * is returned. A row is there until `fn` has returned; memory is that of a page of rows, and no
 * statement is under way while `fn` runs, which may do what a handler may. Between two pages rows
 * may come and go, as in a list that is asked for page by page. */
int gw_entity_each(struct gw_request *req, const struct gw_table *table, int by,
                   const struct gw_value *value,
                   int (*fn)(struct gw_request *req, const void *row, void *data), void *data);

/* A new JSON object of the row's columns without the secret ones; NULL when memory is short. */
json_t *gw_entity_json(const struct gw_table *table, const void *row);

/* The same, written. */
void gw_entity_write_json(struct gw_writer *writer, const struct gw_table *table, const void *row);

/* Runs a statement with the values of its parameters. GW_E_NOT_FOUND (one), GW_E_DUPLICATE,
 * GW_E_REFERENCED, GW_E_RANGE, GW_E_TOO_LARGE, -EINVAL
 * for a value that is not of its declared type, -ENOTSUP for one of the other store, and
 * what gw_entity_find gives. Of a result with secret columns these are beside it: one structure, or
 * an array; else NULL. */
int gw_statement_one(struct gw_request *req, const struct gw_statement *statement,
                     const struct gw_value *values, const void **ret_row, void *ret_secrets);
int gw_statement_many(struct gw_request *req, const struct gw_statement *statement,
                      const struct gw_value *values, const void **ret_rows,
                      const void **ret_secrets, size_t *ret_n);

/* The same rows as gw_statement_many, however many there are, as of gw_entity_each: as they were
 * when the statement was run. It reads only, and has no secret columns (-EINVAL). */
int gw_statement_each(struct gw_request *req, const struct gw_statement *statement,
                      const struct gw_value *values,
                      int (*fn)(struct gw_request *req, const void *row, void *data), void *data);
int gw_statement_exec(struct gw_request *req, const struct gw_statement *statement,
                      const struct gw_value *values, uint64_t *ret_n);

/* `problem taken 409 "..." "/email"`: its type is a URI (RFC 9457, 3.1.1), its sentence title and
 * detail. */
struct gw_problem_type {
    const char *type;
    int status;
    const char *sentence;
    const char *pointer; /* NULL: none */
};

/* Sets that problem document. -ENOMEM. */
int gw_problem_of(struct gw_request *req, const struct gw_problem_type *problem);

/* A token for the row, with its epoch. */
int gw_entity_create_token(struct gw_request *req, const struct gw_table *table, const void *row,
                           const char **ret);

/* Opens a session. GW_E_BLOCKED, -EINVAL within a transaction, what gw_entity_insert gives. And the
 * runtime's own handlers, the body of which is a refresh token. */
int gw_entity_open_session(struct gw_request *req, const struct gw_table *table, const void *row,
                           struct gw_session *ret);
int gw_handle_refresh(struct gw_request *req, const struct gw_args *args);
int gw_handle_end_session(struct gw_request *req, const struct gw_args *args);
int gw_handle_sessions(struct gw_request *req, const struct gw_args *args);

/* The runtime's own handler that answers with the program's OpenAPI document and its tag. */
int gw_handle_openapi(struct gw_request *req, const struct gw_args *args);

/* The same with the page that lists the routes, and lets one try them. */
int gw_handle_docs(struct gw_request *req, const struct gw_args *args);

/* A ticket for the row's account, as the database has it now. GW_E_BLOCKED, GW_E_NOT_FOUND, -EINVAL
 * within a transaction. */
int gw_entity_new_ticket(struct gw_request *req, const struct gw_ticket *ticket, const void *row,
                         const char **ret);

/* The caller's row if it is of that table, else NULL. */
const void *gw_entity_me(struct gw_request *req, const struct gw_table *table);

/* A URL of the route with that index: mount point + pattern, with the values percent-encoded in the
 * places of its parameters, in their order (RFC 3986, 3.3: slashes of a {:path} value stay). NULL
 * when memory is short, or, logged, where the router would refuse it or give it to another route: a
 * value that is NULL, empty, "." or "..", that does not fit its type, that has a slash, a backslash
 * or a control byte in one segment, or a {:path} that a narrower route has. */
const char *gw_url_build(struct gw_request *req, size_t route, const union gw_param_value *values);

#endif
