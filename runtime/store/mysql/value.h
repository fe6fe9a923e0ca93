/* value.h: values in libmariadb's bindings. */
#ifndef GW_STORE_MYSQL_VALUE_H
#define GW_STORE_MYSQL_VALUE_H

#include "generated.h"

#include <mysql.h>

struct gw_arena;

/* Memory behind one binding, and what libmariadb tells about it. */
struct mysql_cell {
    unsigned long length;
    my_bool null, error;
    bool is_unsigned; /* an integer that was fetched is in u64 */
    bool is_binary;   /* of bytes, not of letters */
    bool is_bit;      /* what was fetched is a byte, in `tiny` */
    union {
        int64_t i64;
        uint64_t u64;
        double f64;
        signed char tiny;
        MYSQL_TIME time;
    } as;
    char *buffer; /* of a text or blob that is fetched; grows as rows need it */
    unsigned long size;
};

/* Binds a value to be sent. `cell` and the value's text must stay until it was. */
void gw_mysql_bind_value(const struct gw_value *value, struct mysql_cell *cell, MYSQL_BIND *bind);

/* The bytes that the value takes in a packet, at most. */
size_t gw_mysql_sent_size(const struct gw_value *value);

/* Binds memory for a column to be fetched. */
int gw_mysql_bind_column(const struct gw_column *column, struct mysql_cell *cell, MYSQL_BIND *bind);

/* Whether what the server sends for the column is of the declared type; integers of any width and
 * sign are, which the values then tell. */
bool gw_mysql_field_fits(const struct gw_column *column, const MYSQL_FIELD *field);

/* Whether the field is bound as it is sent, in its sign and as number or BIT; if not, it is from
 * now on, and the bindings must be given to the statement again. libmariadb reads 2^64-1 as -1
 * without an error, and a BIT as a number of nothing. */
bool gw_mysql_kind_fits(const MYSQL_FIELD *field, struct mysql_cell *cell, MYSQL_BIND *bind);

/* The fetched value; texts and blobs are copied into `arena`. -EIO: not what the column holds. */
int gw_mysql_fetched(const struct gw_column *column, const struct mysql_cell *cell,
                     struct gw_arena *arena, struct gw_value *ret);

#endif
