/* row.h: rows of any table, from words and as words, by the typed calls. */
#ifndef GW_PROCESS_ROW_H
#define GW_PROCESS_ROW_H

#include "process/terminal.h"
#include "request/context.h"
#include "store/column.h"

#define GW_ROW_LIST_MAX 1000

/* What a command line says of a row. Masks have a bit for each column. */
struct gw_row_words {
    const struct gw_table *table;
    uint64_t given;    /* named */
    uint64_t nulls;    /* of these: to be NULL */
    uint64_t verbatim; /* secrets that are no passwords */
    struct gw_value values[GW_MAX_COLUMNS];
    char *secrets[GW_MAX_COLUMNS]; /* as asked for */
    struct gw_value key;           /* of the row to be changed */
    const char *after;             /* of a list; NULL: from the beginning */
    unsigned limit;
    bool json, from_stdin;
};

/* By its name in JSON or SQL; -1. */
int gw_row_column(const struct gw_table *table, const char *name);

/* The value of a column, as JSON would have it without quotes. 0, or 2 and said on stderr, without
 * the value. */
int gw_row_read(struct gw_row_words *words, int column, const char *text, struct gw_arena *arena);

/* The same for a key of one column. */
int gw_row_read_key(const struct gw_row_words *words, const char *text, struct gw_value *ret);

/* Whether a new row may leave the column out. */
bool gw_row_may_lack(const struct gw_table *table, size_t column);

/* Inserts or updates, with the secrets. *ret_column: of GW_E_DUPLICATE, or -1. */
int gw_row_insert(struct gw_request *req, const struct gw_row_words *words, const void **ret_row,
                  int *ret_column);
int gw_row_update(struct gw_request *req, const struct gw_row_words *words);

/* Prints rows without their secrets: a table, or an object in each line. */
int gw_row_list(struct gw_request *req, const struct gw_row_words *words);

/* "id=7", a line for each column of the key. */
void gw_row_print_key(const struct gw_table *table, const void *row);

#endif
