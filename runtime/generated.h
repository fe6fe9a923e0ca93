/* generated.h: the contract between the code that `gatewright gen` writes and the runtime.
 *
 * Generated code is tables (tables, routes, shapes of bodies), trampolines and one-line wrappers;
 * everything that is the same for all applications is in the runtime behind this header. The
 * compiler's emitters and the runtime change together. routes.h includes this; an application has
 * no need to look here. */
#ifndef GW_GENERATED_H
#define GW_GENERATED_H

#include "gatewright.h"

/* So that printf and its like do not take a struct gw_secret, with whatever options. */
#pragma GCC diagnostic error "-Wformat"
#ifndef __clang__ /* what it brings along is for an application to take or leave */
#pragma GCC diagnostic warning "-Wformat-truncation"
#pragma GCC diagnostic warning "-Wformat-overflow"
#endif
#pragma GCC diagnostic error "-Wincompatible-pointer-types"

/* Changes whenever code that an older `gatewright gen` wrote does not fit any more; such code does
 * not compile then. The emitters have the same number (gen/emit/emit.h). */
#define GW_CONTRACT 8

#define GW_MAX_SEGMENTS 32 /* segments of a route that the matcher records */
#define GW_MAX_PARAMS   16 /* path parameters of a route */
#define GW_MAX_ENTITIES 64 /* one bit each in gw_route.admits */
#define GW_MAX_COLUMNS  62 /* one bit each in a mask of columns */

/* ---- Types and their C representation ----------------------------------------------------
 *
 *  type                              required            optional
 *  int                               int64_t             struct gw_opt_i64
 *  uint                              uint64_t            struct gw_opt_u64
 *  bool                              bool                struct gw_opt_bool
 *  real                              double              struct gw_opt_f64
 *  time (microseconds since 1970 UTC) int64_t            struct gw_opt_i64
 *  text date decimal json email uuid const char *        const char *, NULL when absent
 *  blob                              struct gw_bytes     struct gw_bytes, ptr NULL when absent
 *  json of a body                    json_t *           json_t *, NULL when absent
 *  another body                      const struct X_body *   the same, NULL when absent
 *  a list of T                       struct { const T *items; size_t n; }  items NULL when absent
 *                                    (layout: struct gw_list)
 *  a map to T                        the same of struct { const char *name; T value; }
 *  T | U                             struct { enum gw_kind kind; union { ... }; }
 *                                    (layout: struct gw_either)      kind 0 when absent
 *  T of a list or map, or null       as an optional one
 *  a body that is a list or a map    struct { const T *items; size_t n; }, of another value
 *                                    struct { T value; }
 *  date is "YYYY-MM-DD"; uuid is 36 characters in lower case; decimal is "-12.30" with the declared
 * scale; json of a column is JSON text; a file is a struct gw_upload, NULL when absent. */
enum gw_type {
    GW_TYPE_INT,
    GW_TYPE_UINT,
    GW_TYPE_TEXT,
    GW_TYPE_BOOL,
    GW_TYPE_REAL,
    GW_TYPE_DECIMAL,
    GW_TYPE_TIME,
    GW_TYPE_DATE,
    GW_TYPE_BLOB,
    GW_TYPE_JSON,
    GW_TYPE_EMAIL,    /* bodies */
    GW_TYPE_UUID,     /* in lower case */
    GW_TYPE_URI,      /* bodies: RFC 3986, with a scheme */
    GW_TYPE_HOSTNAME, /* bodies: RFC 1123, 2.1 */
    GW_TYPE_IP,       /* bodies: an address of IPv4 or IPv6 */
    GW_TYPE_NESTED,   /* bodies */
    GW_TYPE_INNER,    /* bodies: a list or map within one, which `inner` describes */
    GW_TYPE_SLUG,     /* paths */
    GW_TYPE_WORD,     /* paths: one of a list of words */
    GW_TYPE_FREE,     /* paths: one non-empty segment */
    GW_TYPE_PATH,     /* paths: one or more segments to the end */
    GW_TYPE_FILE,     /* bodies: of a form; `one_of` has its media types, the bytes are its size */
    GW_TYPE_EITHER,   /* bodies: one of what `either` describes */
};

/* Which of its alternatives a member holds that has some (`int | text`). */
enum gw_kind {
    GW_KIND_NONE, /* it was left out, or is null */
    GW_KIND_TEXT, /* all that is a text in JSON: a date, a uuid, a time */
    GW_KIND_NUMBER,
    GW_KIND_BOOL,
    GW_KIND_LIST,
    GW_KIND_OBJECT, /* a map or a body */
};

struct gw_list {
    const void *items;
    size_t n;
};

/* In each union of alternatives, so that all are of one layout. */
union gw_room {
    int64_t i64;
    double f64;
    struct gw_list list;
};

struct gw_either {
    enum gw_kind kind;
    union gw_room room;
};

/* ---- Tables and entities -------------------------------------------------------------------- */

enum gw_column_flags {
    GW_COL_KEY = 1 << 0,
    GW_COL_AUTO = 1 << 1,
    GW_COL_UNIQUE = 1 << 2,
    GW_COL_OPTIONAL = 1 << 3,
    GW_COL_SECRET = 1 << 4,
    GW_COL_REVOKES = 1 << 5,
    GW_COL_NOCASE = 1 << 6,        /* a text is found whatever the case of its ASCII letters */
    GW_COL_CASCADE = 1 << 7,       /* goes with the row that it references */
    GW_COL_SET_NULL = 1 << 8,      /* becomes NULL then */
    GW_COL_DEFAULT = 1 << 9,       /* the database fills it in */
    GW_COL_RANDOM = 1 << 10,       /* the runtime does, with 122 or 128 random bits */
    GW_COL_TOUCHED = 1 << 11,      /* the runtime does with the time, at each update too */
    GW_COL_BLOCKS = 1 << 12,       /* true, or a time: no token of the row is good */
    GW_COL_BLOCKS_FALSE = 1 << 13, /* beside it: false does */
    GW_COL_QUOTED = 1 << 14,       /* a whole number: JSON has it as text */
};

struct gw_table;

struct gw_column {
    const char *name; /* in JSON */
    enum gw_type type;
    unsigned flags;
    uint32_t max;             /* characters of a text, bytes of a blob; 0: no bound declared */
    uint8_t precision, scale; /* of a decimal */
    uint32_t offset;          /* in the row structure; of a secret one in the whole (gw_table) */
    const struct gw_table *references;
    const char *sql_name;      /* NULL: the name */
    const char *const *one_of; /* NULL, or the words of a text, ended by NULL: the row has an enum,
                                * 1 for the first word, 0 for NULL */
};

/* Columns together: `key (a, b)`. */
#define GW_MAX_SET 8
enum gw_set_kind { GW_SET_KEY, GW_SET_UNIQUE, GW_SET_INDEX };
struct gw_set {
    enum gw_set_kind kind;
    unsigned char columns[GW_MAX_SET]; /* indices */
    size_t n;
};

/* How the stores declare a column. */
struct gw_definition {
    const char *mysql_type;       /* "VARCHAR(100)" */
    const char *mysql_attributes; /* what follows it, " NOT NULL", without the key's words */
    const char *sqlite_type;
};

/* `full_name text max 100 was name`. */
struct gw_rename {
    unsigned column;
    const char *was; /* its former name in SQL */
};

/* `session users { access 15 minutes; refresh 30 days; longest 180 days }`, in seconds. */
struct gw_session_terms {
    uint64_t access, refresh, longest;
    bool strict;
    const char *cookie_path; /* of its refresh cookie, without the mount; NULL: it has no cookies */
};
struct gw_table {
    const char *name;     /* in C */
    const char *sql_name; /* in SQL and in the claim table_name */
    const struct gw_column *columns;
    size_t n_columns;
    size_t row_size;
    /* Secret columns are in no row. The runtime reads and writes a whole, { row; secrets }, in
     * which their values stand where applications have the secrets. Both 0: there are none. */
    size_t whole_size;
    size_t secrets;            /* the offset of the second half */
    int key;                   /* index of the key column */
    int revokes;               /* index of the revokes column, or -1 */
    uint64_t blocks;           /* a bit for each GW_COL_BLOCKS */
    int entity;                /* bit in gw_route.admits, or -1 for a plain table */
    const char *key_claim;     /* an entity's claim for the key */
    const struct gw_set *sets; /* of several columns each */
    size_t n_sets;
    const struct gw_set *keys; /* a key of several columns, of which `key` is the first; or NULL */
    const struct gw_column *insert; /* the same columns in the structure of an insert, without a
                                     * name where it has none; NULL: a row is inserted */
    bool existing;                  /* another application's: neither made nor altered */
    bool runtime;                   /* the runtime's own (store/runtime_tables.h) */
    const struct gw_session_terms *session; /* of an entity; NULL: it has none */

    /* Of tables, not of what statements give. What stands behind the name in CREATE TABLE; for
     * MySQL up to the name of the collation, which depends on the server. */
    const struct gw_definition *definitions; /* of each column */
    const char *mysql, *sqlite;
    const char *sqlite_indexes; /* CREATE INDEX statements; NULL: none */
    const struct gw_rename *renames;
    size_t n_renames;
};

/* `ticket NAME ENTITY 30 minutes voids COLUMN, ...`: good once, and while the columns hold what
 * they held when it was made. */
struct gw_ticket {
    const char *name;
    const struct gw_table *table;
    uint64_t seconds;
    const unsigned char *columns; /* indices */
    size_t n_columns;
    bool ends_sessions; /* one of them is secret: whoever spends it signs everybody out */
};

/* ---- Statements (`sql` in routes.def) ------------------------------------------------------- */

#define GW_STATEMENT_ROWS 10000 /* that a `many` statement may give */

enum gw_rows { GW_ROWS_NONE, GW_ROWS_ONE, GW_ROWS_MANY };

/* A statement as one kind of store has it. */
struct gw_statement_text {
    const char *where;          /* "routes.def:48" */
    const char *sql;            /* `?` for values */
    const unsigned char *order; /* of each `?` its parameter */
    size_t n_order;
    const struct gw_table *result; /* columns in the order in which they come; NULL: none */
    bool read_only;
};

struct gw_statement {
    const char *name;
    const char *where;
    const struct gw_statement_text *sqlite, *mysql; /* the same one, or NULL: not for that store */
    const struct gw_column *params;                 /* name and type */
    size_t n_params;
    enum gw_rows rows;
    uint32_t timeout_ms; /* 0: as all */
};

#include "shapes.h"

/* ---- Routes --------------------------------------------------------------------------------- */

enum gw_method {
    GW_GET,
    GW_POST,
    GW_PUT,
    GW_PATCH,
    GW_DELETE,
    GW_N_METHODS, /* those that routes may use */
};

enum gw_access {
    GW_ACCESS_IGNORED,
    GW_ACCESS_WHITELISTED,
    GW_ACCESS_GATED, /* `admits` says whose tokens */
};

/* A deterministic automaton over the bytes of a segment. State 0 leads nowhere, 1 is the start. */
struct gw_automaton {
    const uint16_t *classes; /* of each byte */
    const uint16_t *next;    /* [state * n_classes + class] */
    const uint16_t *ends;    /* of each state: whether a text may end there */
    unsigned n_classes;
};

/* A place between two parameters of one segment: what is before it, from the segment's start, is a
 * text of `before`, and what is behind it one of `behind`, which reads from the segment's end. */
struct gw_cut {
    struct gw_automaton before, behind;
};

#define GW_DIVIDED 0x80

/* A path parameter: segment `segment` of the match, less `skip` bytes in front and `drop` behind
 * (the literal text of a mixed segment). GW_TYPE_PATH runs to the end of the path. Where others
 * stand beside it in the segment, GW_DIVIDED is added to the number, and it reaches from `begin` to
 * `end` (NULL: the segment's edge) less those bytes. */
struct gw_param {
    const char *name;
    enum gw_type type;
    uint8_t segment;
    uint16_t skip, drop;
    const struct gw_cut *begin, *end;
};

/* A decoded parameter. Text types are NUL-terminated. */
union gw_param_value {
    int64_t i64;
    uint64_t u64;
    const char *text;
};

/* `own TABLE(column = {param}, column = me)` */
struct gw_own_term {
    int column; /* of the owned table */
    int param;  /* index of a path parameter, or -1: the caller's key */
};
struct gw_own {
    const struct gw_table *table;
    const struct gw_own_term *terms;
    size_t n_terms;
};

/* `ENTITY(column = "word" | "word")`: one for each word. An entity without one needs none. */
struct gw_route_role {
    unsigned char entity; /* its bit */
    unsigned char column; /* a `one of` */
    uint16_t word;        /* as rows have it */
};

/* `rate 5 per minute by ...`: whose requests are counted together. */
enum gw_rate_by {
    GW_RATE_ADDRESS,
    GW_RATE_CALLER,
    GW_RATE_MEMBER, /* of the body: those whose member holds the same */
};

struct gw_rate {
    uint32_t most, seconds; /* so many in that time */
    enum gw_rate_by by;
    int member;  /* index in the body's shape */
    bool shared; /* counted in the store, for all processes */
};

enum gw_body_kind {
    GW_BODY_NONE,
    GW_BODY_JSON,
    GW_BODY_FORM,
    GW_BODY_RAW,
};

/* `returns STATUS body "type" ...`; a status may have several, of media types that differ. */
struct gw_return {
    int status;
    const struct gw_shape *shape; /* NULL: nothing is said of what it holds */
    const char *const *types;     /* media types, or "image/" and a star, ended by NULL; NULL:
                                   * application/json where there is a shape, else any */
};

/* What a trampoline hands to its handler. */
struct gw_args {
    const void *me; /* the row, where exactly one entity may call; NULL for a guest */
    const union gw_param_value *params; /* in the path's order */
    const void *owned;
    const void *owner; /* of the ticket */
    const void *query;
    const void *headers;
    const void *body; /* NULL: the form has a fault, or there is none and need not be */
    const void *form;
};

struct gw_route {
    enum gw_method method;
    const char *pattern; /* the full path as written, for logs: "/api/v1/lessons/{id:int}" */
    const char *handler;
    const char *where; /* "routes.def:48" */
    enum gw_access access;
    uint64_t admits; /* GW_ACCESS_GATED: a bit for each entity */
    bool guest;
    bool query_token;
    bool query_bound;
    bool passes_me;         /* exactly one entity: the handler takes its row */
    bool sets_session;      /* may set and end the cookie; never a GET route */
    const char *otherwise;  /* where browsers without a token are sent; NULL: nowhere */
    const char *scope;      /* NULL: none */
    const char *deprecated; /* the header (RFC 9745); NULL: none */
    const char *sunset;     /* the same (RFC 8594) */
    uint64_t limit;         /* bytes of the body; 0: the configured default */
    uint32_t timeout_ms;    /* 0: the configured default */
    const struct gw_param *params;
    size_t n_params;
    enum gw_body_kind body_kind;
    const char *const
        *accepts; /* media types of the body, ended by NULL; NULL: those of its kind */
    const struct gw_shape *body;
    bool body_optional; /* a request may have none: the handler gets NULL */
    const struct gw_form_layout
        *form; /* its faults are the handler's to show; NULL: they are answered */
    const struct gw_shape *query;
    const struct gw_shape *headers; /* members are called as their fields are */
    const struct gw_own *own;
    const struct gw_ticket *ticket;    /* that it takes; NULL: none */
    int ticket_member;                 /* of the body, which may hold it; -1: none does */
    const struct gw_table *session;    /* whose refresh tokens the runtime's own handler takes */
    const struct gw_route_role *roles; /* whoever has none of its entity's is refused */
    size_t n_roles;
    const struct gw_rate *rates;
    size_t n_rates;
    const struct gw_return *returns;
    size_t n_returns;
    int (*call)(struct gw_request *req, const struct gw_args *args);
};

/* ---- The matcher ---------------------------------------------------------------------------- */

/* Where the matcher stopped: for each method the index of the best route + 1, or 0. */
struct gw_leaf {
    uint16_t route[GW_N_METHODS];
};

/* Byte range of a segment in the matched path. */
struct gw_span {
    uint32_t start, end;
};

/* Matches a canonical path ("/" and then segments; NUL-terminated). Fills the spans of the first
 * GW_MAX_SEGMENTS segments. NULL when no route has the path. */
typedef const struct gw_leaf *gw_matcher(const char *path,
                                         struct gw_span segments[GW_MAX_SEGMENTS]);

/* ---- Issuers -----------------------------------------------------------------------------
 *
 * `issuer NAME "URL" { entity TABLE by COLUMN; audience "..."; keys "FILE" }`: tokens of an outside
 * identity provider, good for the row whose column holds what their claim says. */
struct gw_issuer {
    const char *name;
    const char *url; /* the claim `iss`, exactly */
    const struct gw_table *table;
    int column;                   /* unique, or the key */
    const char *claim;            /* looked up in it */
    const char *const *audiences; /* ended by NULL; `aud` must name one */
    const char *keys;             /* file with the issuer's JWK Set */
};

/* ---- Jobs ------------------------------------------------------------------------------------ */

/* `job clean_up every 1 day timeout 10m`: what `PROGRAM job clean_up` runs. */
struct gw_job {
    const char *name;
    const char *where;
    uint64_t every_seconds; /* how often a supervisor should */
    uint32_t timeout_ms;    /* 0: as long as it takes */
    int (*call)(struct gw_request *req);
};

/* ---- The application ------------------------------------------------------------------------ */

enum gw_slash { GW_SLASH_EXACT, GW_SLASH_REDIRECT, GW_SLASH_EITHER };

struct gw_app {
    const char *source; /* "routes.def" */
    const char *prefix; /* "" or "/api/v1" */
    uint64_t expire_seconds;
    enum gw_slash slash;
    const struct gw_table *const *tables; /* entities first, in the order of their bits */
    size_t n_tables;
    size_t n_entities;
    const struct gw_statement *const *statements;
    size_t n_statements;
    const struct gw_route *routes; /* leaf.route[m] - 1 */
    size_t n_routes;
    gw_matcher *match;
    const char *const *cors;        /* NULL, or origins ended by NULL */
    const char *const *credentials; /* those of them whose pages may send the cookie; or NULL */
    const char *openapi;            /* what `gatewright openapi` prints; NULL: no route has it */
    size_t openapi_len;
    size_t openapi_mount, openapi_drop; /* where in it the mount belongs, if not 0, and instead of
                                         * how many bytes */
    const char *docs;                   /* the page of `@docs`; NULL: no route has it */
    size_t docs_len;
    const char *cookie;         /* the cookie that a token may come in; NULL: none */
    const char *refresh_cookie; /* that refresh tokens may come in; NULL: no session has any */
    const struct gw_ticket *tickets;
    size_t n_tickets;
    const struct gw_issuer *issuers;
    size_t n_issuers;
    const struct gw_job *jobs;
    size_t n_jobs;
};

/* Defined by the generated routes.c. */
extern const struct gw_app gw_app;

#include "calls.h"

#endif
