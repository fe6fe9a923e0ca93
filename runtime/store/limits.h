/* limits.h: what a live column can hold, where that is less than its declared type says.
 *
 * A table may have been made by another application: a DATETIME without parts of a second, an
 * INTEGER of 32 bits, an ENUM. A database cuts, rounds or pads what does not fit, often without an
 * error in any mode; so it is looked at before a write. The limits of a table are read once for
 * each store and kept. */
#ifndef GW_STORE_LIMITS_H
#define GW_STORE_LIMITS_H

#include "generated.h"

struct gw_arena;
struct gw_conn;

/* How a value goes to the column. */
enum gw_form {
    GW_FORM_OWN,   /* as columns that we made have it */
    GW_FORM_BYTES, /* a UUID as its 16 bytes */
    GW_FORM_TEXT,  /* a time as "2026-01-31 12:00:00.000000" */
};

struct gw_limits {
    enum gw_form form;
    bool integers; /* `low` to `high` */
    int64_t low;
    uint64_t high;
    bool decimals; /* `whole` digits before the point, `fraction` behind it */
    bool times;    /* `fraction` digits of a second */
    uint8_t whole, fraction;
    uint32_t chars;    /* of a text; 0: no bound */
    uint64_t bytes;    /* of a text in UTF-8 or of a blob; 0: no bound */
    bool padded;       /* shorter blobs would be filled up */
    bool stripped;     /* blanks at a text's end would be lost */
    bool converts;     /* a text that looks like a number would become one */
    bool floats;       /* 32 bits */
    bool loose;        /* compares otherwise than byte for byte */
    bool set;          /* `words` may stand together, in their order, with commas */
    const char *words; /* what a text must be: "('a','b''s')"; NULL: anything */
};

struct gw_table_limits {
    const struct gw_table *table;
    struct gw_table_limits *next;
    struct gw_limits columns[GW_MAX_COLUMNS];
};

/* Whether the value, which is of its declared type, is kept by the live column as it is; *value
 * becomes what has to be sent. 0; -ERANGE with *ret_why (static, without the value); -ENOMEM. */
int gw_limits_apply(const struct gw_limits *limits, struct gw_value *value, struct gw_arena *arena,
                    const char **ret_why);

/* The time with the parts of a second that the column keeps. */
int64_t gw_limits_time(const struct gw_limits *limits, int64_t microseconds);

/* A UUID of 16 bytes as text. */
#define GW_UUID_TEXT sizeof("00000000-0000-0000-0000-000000000000")
void gw_uuid_text(const unsigned char bytes[16], char text[GW_UUID_TEXT]);

/* A time as `GW_FORM_TEXT` has it, and back: -EINVAL where it is none. */
#define GW_TIME_TEXT sizeof("2026-01-31 12:00:00.000000")
void gw_time_text(int64_t microseconds, char text[GW_TIME_TEXT]);
int gw_time_from_text(const char *text, int64_t *ret);

#endif
