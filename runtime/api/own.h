/* own.h: what the typed calls share: a request's connection, and values on their way. */
#ifndef GW_API_OWN_H
#define GW_API_OWN_H

#include "store/entity_sql.h"
#include "store/store.h"

/* What every call needs. */
struct gw_call {
    struct gw_conn *conn;
    const struct gw_table *table;
    const struct gw_table_sql *sql;
    struct gw_arena *arena;
    uint64_t deadline_ns;
};

int gw_call_start(struct gw_request *req, const struct gw_table *table, struct gw_call *ret);

void gw_call_log(const struct gw_conn *conn, const struct gw_table *table, int column,
                 const char *why);

/* For a lookup: a value that no row can hold is not found; only another kind of value is wrong. */
int gw_call_asked(const struct gw_call *call, int column, const struct gw_value *value,
                  struct gw_value *ret);

/* The value that was asked for as it is sent. */
int gw_call_sent(const struct gw_call *call, int column, const struct gw_value *asked,
                 struct gw_value *ret);

/* The values of a key as they are sent. */
int gw_call_key(const struct gw_call *call, const struct gw_value *key, struct gw_value *ret);

/* For a write: the values of the columns of `row`, in order, each exactly right or refused. */
int gw_call_written(const struct gw_call *call, const void *row, uint64_t columns,
                    struct gw_value *ret, size_t *ret_n);

/* The one row that a statement finds, with those columns. */
int gw_call_find(const struct gw_call *call, const char *text, uint64_t columns,
                 const struct gw_value *sent, size_t n, struct gw_result *ret);

/* list.c: what a list asks for. */
struct gw_listing {
    int by; /* -1: all rows */
    struct gw_value value, after[GW_MAX_SET];
    bool follows; /* `after` holds */
    unsigned limit;
};

/* The statement of at most `limit` of its rows; its text is in call->arena. */
#define GW_LISTING_VALUES (2 * GW_MAX_SET + 2)
int gw_listing_query(const struct gw_call *call, const struct gw_listing *listing, unsigned limit,
                     struct gw_value values[GW_LISTING_VALUES], struct gw_query *ret);

/* Whether a row that the database has found is asked for: its collation may take another value for
 * this one. */
bool gw_listing_holds(const struct gw_call *call, const struct gw_listing *listing,
                      const void *row);

/* statement.c: the query of a statement, whose values come into `ordered`, and the deadline of a
 * step that begins now. */
#define GW_STATEMENT_VALUES 255
int gw_statement_query(struct gw_request *req, struct gw_conn *conn,
                       const struct gw_statement *statement, const struct gw_value *values,
                       struct gw_value ordered[GW_STATEMENT_VALUES], struct gw_query *ret);
uint64_t gw_statement_bound(struct gw_request *req, struct gw_conn *conn,
                            const struct gw_statement *statement);

/* secret.c: takes the secrets out of the rows of a result, wholes with all of the table's columns,
 * into `ret_secrets`, a structure of the table's secrets for each; the rows stand close then. */
int gw_secrets_take(struct gw_request *req, const struct gw_table *table, struct gw_result *result,
                    void *ret_secrets);

/* A whole of `row` and those of `columns` that are secret, as `secrets` (not NULL) has them. */
int gw_secrets_put(struct gw_request *req, const struct gw_table *table, const void *row,
                   const void *secrets, uint64_t columns, void **ret);

/* revoke.c: gives the account the next epoch, *ret_least at least. GW_E_NOT_FOUND. */
int gw_account_revoke(struct gw_request *req, const struct gw_table *table,
                      const struct gw_value *key, uint64_t *ret_least);

/* entity.c: the row by its key, with its secret columns in it: a whole. Its memory is wiped. */
int gw_entity_find_whole(struct gw_request *req, const struct gw_table *table,
                         const struct gw_value *key, const void **ret_whole);

/* issue.c: an access token for a row's key, with its epoch; `sid`: of that session, NULL: of none.
 * Results as of gw_entity_create_token. */
int gw_issue_access(struct gw_request *req, const struct gw_table *table,
                    const struct gw_value *key, uint64_t epoch, const char *sid, const char **ret);

#endif
