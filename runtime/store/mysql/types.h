/* types.h: live columns of MariaDB and MySQL, as information_schema tells them. */
#ifndef GW_STORE_MYSQL_TYPES_H
#define GW_STORE_MYSQL_TYPES_H

#include "generated.h"
#include "store/limits.h"

#include <mysql.h>

/* What is asked of each column of information_schema.COLUMNS, in this order. */
#define GW_MYSQL_LIVE                                                                              \
    "COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE = 'YES',"                                    \
    " COLUMN_DEFAULT IS NOT NULL OR IS_NULLABLE = 'YES' OR EXTRA <> '',"                           \
    " CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, CHARACTER_SET_NAME, COLLATION_NAME, "      \
    "EXTRA,"                                                                                       \
    " NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION"
enum mysql_live {
    LIVE_NAME,
    LIVE_DATA_TYPE,   /* "varchar" */
    LIVE_COLUMN_TYPE, /* "varchar(20)" */
    LIVE_NULLABLE,
    LIVE_HAS_DEFAULT,
    LIVE_LENGTH, /* characters, or bytes of a binary kind */
    LIVE_BYTES,
    LIVE_CHARSET,
    LIVE_COLLATION,
    LIVE_EXTRA,
    LIVE_DIGITS, /* of a number */
    LIVE_SCALE,
    LIVE_FRACTION, /* digits of a second */
    N_LIVE,
};

extern const char gw_mysql_columns_query[]; /* up to the table's name, which ends with a ' */

/* The row of that column, or NULL. */
MYSQL_ROW gw_mysql_row_named(MYSQL_RES *rows, const char *name);

/* Whether every value of the live column that is one of the declared type can be read as it. */
bool gw_mysql_type_readable(MYSQL_ROW live, const struct gw_column *column);

/* Whether the live type is the one that the declared schema has. */
bool gw_mysql_type_declared(MYSQL_ROW live, const struct gw_column *column);

/* Whether two texts are equal under the collation when they are byte for byte. (utf8mb4_bin pads
 * with blanks.) */
bool gw_mysql_compares_bytes(const char *collation);

/* Whether it finds ASCII letters in either case. (In Turkish `i` is not the small `I`.) */
bool gw_mysql_ignores_case(const char *collation);

/* -ENOMEM */
int gw_mysql_column_limits(MYSQL_ROW live, struct gw_limits *ret);

#endif
