/* tree.h: what routes.def says, as structures. The parser builds them, check_*.c resolves the names
 * and judges, the emitters only read. Every node has a position. */
#ifndef GEN_TREE_H
#define GEN_TREE_H

#include "base/diag.h"
#include "base/map.h"
#include "syntax/description.h"
#include "syntax/name.h"
#include "syntax/statement.h"
#include "syntax/table.h"
#include "syntax/type.h"

/* Of the runtime's interface (its generated.h). */
#define MAX_SEGMENTS 32
#define MAX_PARAMS   16
#define MAX_PARTS    4 /* parameters of one segment */
#define MAX_ENTITIES 64
#define MAX_COLUMNS  62
#define MAX_ROUTES   65534
#define MAX_PATH     8000 /* bytes of a route's path as it is written; web servers take no more */
#define MAX_FRONT    255  /* of `prefix`, and of what `include ... at` puts in front */

/* Ours: more than anybody writes, so that no input makes a pass slow or its recursion deep. */
#define MAX_SET        8  /* columns of a key, unique or index together */
#define MAX_SETS       64 /* of a table */
#define MAX_OUTER      64 /* characters of a name behind `as` */
#define MAX_TABLES     4096
#define MAX_BODIES     4096
#define MAX_MEMBERS    1024 /* of a body; words of a `one of` */
#define MAX_PAIRS      256  /* of a query or form: GW_QUERY_MAX_PAIRS of the runtime */
#define MAX_TAGS       256
#define MAX_ROUTE_TAGS 16
#define MAX_INNER      4 /* lists and maps inside each other */

struct regex;

/* lo..hi; NULL: open. The text is a number. */
struct range {
    const char *low, *high;
    bool above, below; /* the bound itself is none of them */
    struct pos pos;    /* without a source: no range */
};

struct member {
    struct name name;
    const char *description; /* NULL: none */
    enum type type;
    bool optional;       /* its C type is: may be left out, and null, but for what follows */
    bool null, not_null; /* is there, if as null; is not null, if it is there */
    bool secret, unique;
    bool quoted;          /* a number: written as text in JSON */
    bool rest;            /* a map: of the members that no other one names. The last of a body */
    bool list, map;       /* what follows is of what it holds, but for `count` */
    bool or_null;         /* what it holds may be null */
    struct member *inner; /* TYPE_INNER: what it holds is a list or map itself */
    VEC(struct member) either; /* TYPE_EITHER: its alternatives, each of another kind in JSON */
    struct range range, bytes, count;
    struct words one_of;
    VEC(struct name) media;    /* of a file: the types that it may be of */
    struct name like;          /* as it stands between the quotes; text NULL: none */
    const struct regex *regex; /* set by the checks */
    enum default_kind default_kind;
    struct name default_value;
    struct name body; /* TYPE_NESTED */
    struct name as;
    struct name by;    /* between the items of a list in a query or form; text NULL: pairs */
    const char *outer; /* where clients see it; set by the checks */
    struct body *nested;
    bool patched;    /* of a patch: it may be left out. Set by the checks, as is its column */
    unsigned column; /* index */
};

/* `body tags [text]` is a value instead, its one member, which is called `value`. */
struct body {
    struct name name;
    const char *description;
    bool is_value;
    bool open;
    bool broken;
    bool runtime; /* of a handler of the runtime's */
    bool headers_checked;
    struct name patch_of;      /* text NULL: it is no patch */
    const struct table *patch; /* set by the checks */
    VEC(struct member) members;
    unsigned index; /* in tree.bodies */
};

/* `users(role = "admin" | "editor")`: which rows of an entity may call. */
struct role {
    struct name entity, column;
    VEC(struct name) words;
    const struct table *table; /* set by the checks, and what follows */
    int column_index;
    VEC(unsigned) values; /* of the words, as rows have them */
};

/* In the order of precedence. */
enum segment_kind {
    SEGMENT_LITERAL,
    SEGMENT_MIXED,
    SEGMENT_WORDS,
    SEGMENT_LIKE,
    SEGMENT_UUID,
    SEGMENT_DATE,
    SEGMENT_UINT,
    SEGMENT_INT,
    SEGMENT_SLUG,
    SEGMENT_FREE,
    SEGMENT_PATH,
    N_SEGMENT_KINDS,
};

struct segment {
    enum segment_kind kind;
    const char *literal;      /* canonical; SEGMENT_MIXED: what stands before the parameter */
    const char *suffix;       /* SEGMENT_MIXED: what stands behind it */
    enum segment_kind inner;  /* SEGMENT_MIXED: the parameter's own kind */
    struct name param;        /* all kinds but literals */
    const char *const *words; /* SEGMENT_WORDS: canonical, sorted, without duplicates; of a
                               * SEGMENT_MIXED with words: the whole segments */
    size_t n_words;
    struct name like;          /* as it stands between the quotes; text NULL: none. With it
                                * `literal` and `suffix` are there too */
    const struct regex *regex; /* set by path_like_compile() */
    /* SEGMENT_MIXED with several parameters: these, each as if it were a whole segment, and what
     * stands before each of them and behind the last. `param` is then the first's, `literal` and
     * `suffix` are the outer texts. */
    struct segment *parts;
    const char **texts;      /* [n_parts + 1] */
    size_t n_parts;          /* 0: one parameter at most */
    struct cut *const *cuts; /* of parts, between each and the next; set by cut_compile() */
};

/* A date, as `2027-01-31`. */
struct calendar_day {
    struct pos pos;
    int year, month, day;
};

enum access {
    ACCESS_IGNORED,
    ACCESS_WHITELISTED,
    ACCESS_AUTHORIZED,
    ACCESS_ENTITIES,
};

enum body_kind {
    BODY_NONE,
    BODY_JSON,
    BODY_FORM,
    BODY_RAW,
};

struct own_term {
    struct name column;
    struct name param; /* text NULL: me */
    struct pos value_pos;
    int column_index, param_index; /* set by the checks */
};

struct returned {
    int status;
    struct pos pos;
    struct name body;
    bool list; /* of these, and how many */
    struct range count;
    const struct body *shape;
    VEC(struct name) types; /* media types; none: JSON where a body is named, else any */
};

enum method {
    METHOD_GET,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    N_METHODS,
};

extern const char *const method_names[N_METHODS];

#define FAULTS_BEHIND_A_FORM "`faults` are a form's, and stand behind it: (form NAME, faults)"

/* -1 if it is none. */
int method_by_name(const char *name);

/* `rate 5 per minute by ...`: whose requests are counted together. */
enum rate_by {
    RATE_ADDRESS,
    RATE_CALLER,
    RATE_MEMBER,
};

struct rate {
    struct pos pos;
    uint32_t most, seconds;
    enum rate_by by;
    struct pos by_pos;
    struct name member; /* RATE_MEMBER */
    int member_index;   /* set by the checks */
    bool shared;        /* counted in the store, for all processes */
};

/* The kind of the value that a parameter takes. */
enum segment_kind param_kind(const struct segment *segment);

/* How many parameters a segment has, and the i-th of them: the segment itself where it is one. */
size_t segment_params(const struct segment *segment);
const struct segment *segment_param(const struct segment *segment, size_t i);

/* As an OpenAPI template has it: `{a}...{b}`, without `names` `{}...{}`. */
const char *segment_template(struct arena *arena, const struct segment *segment, bool names);

/* Handlers that the runtime has. */
enum runtime_handler {
    RUNTIME_NONE,
    RUNTIME_REFRESH,
    RUNTIME_END_SESSION,
    RUNTIME_SESSIONS,
    RUNTIME_OPENAPI,
    RUNTIME_DOCS,
    N_RUNTIME_HANDLERS,
};

extern const char *const runtime_handler_names[N_RUNTIME_HANDLERS]; /* "@refresh" */

struct route {
    struct pos pos;          /* of the line's first word */
    const char *description; /* NULL: none */
    VEC(struct name) tags;
    struct calendar_day deprecated, sunset; /* `pos` without a source: it is not */
    enum method method;
    struct pos path_pos;
    const char *written;                /* the path as it stands there */
    const char *mount;                  /* of `include ... at`, "" without */
    const char *pattern;                /* the whole path, set by the checks */
    VEC(struct segment) segments;       /* the checks put prefix and mount in front */
    VEC(const struct segment *) params; /* set by the checks */
    enum access access;
    bool guest;
    struct pos access_pos;
    VEC(struct name) entities;
    VEC(struct role) roles; /* of some of them, in their order */
    uint64_t admits;        /* set by the checks */
    const struct table *me; /* where exactly one entity may call */
    struct name handler;
    enum runtime_handler runtime; /* then it is its name */
    struct name session_name;     /* behind it: whose refresh tokens it takes */
    const struct table *session;  /* set by the checks */
    enum body_kind body_kind;
    struct name body_name, query_name, headers_name;
    bool body_list; /* of these, and how many */
    struct range body_count;
    struct pos body_pos;
    struct pos body_optional; /* of the `?`: it may be left out; without a source: it may not */
    struct pos faults_pos;    /* `faults`: the handler is called with those of its form */
    const struct body *body, *query, *headers;
    bool query_token, query_bound;
    struct pos query_token_pos;
    uint64_t limit;
    struct pos limit_pos;
    uint32_t timeout_ms;
    struct pos timeout_pos;
    struct pos accept_pos;
    VEC(struct name) accepts; /* media types of the body; none: those of its kind */
    struct name scope;
    struct name own_name;
    struct pos own_pos;
    const struct table *own;
    VEC(struct own_term) own_terms;
    VEC(struct returned) returns;
    VEC(struct name) problem_names;
    VEC(struct problem *) problems; /* set by the checks */
    struct pos sets_pos;            /* `sets session` */
    struct name otherwise;          /* `else /path`; text NULL: none */
    VEC(struct rate) rates;
    struct pos ticket_pos; /* `ticket NAME` */
    struct name ticket_name;
    const struct ticket *ticket; /* set by the checks */
    int ticket_member;           /* of its body; -1: it comes in the header alone */
    bool broken;
    unsigned index;
    struct route *next;             /* with the same handler, set by the checks */
    const struct lock_line *locked; /* a route of routes.lock, which takes part only in its check */
    struct route *last;             /* of the first route of a handler: the last one */
};

struct tree {
    struct arena *arena;
    struct diags *diags;
    /* Gets a file by its path, as source_read() does, which is used where this is NULL. */
    int (*read)(struct arena *arena, const char *path, const char *label, struct source **ret);
    VEC(struct source *) sources;
    bool full;          /* of sources: no more is included */
    struct name prefix; /* canonical; text "" without one */
    uint64_t expire_seconds;
    struct pos expire_pos, names_camel_pos, slash_pos;
    enum slash slash;
    VEC(struct name) cors;
    VEC(struct name) credentials; /* those of them whose pages may send the cookie */
    struct pos cookie_pos;
    struct name cookie;         /* text NULL: tokens come in no cookie */
    const char *refresh_cookie; /* of sessions; set by the checks, NULL: none has cookies */
    VEC(struct table *) tables; /* after the checks: entities first */
    size_t n_entities;
    VEC(struct body *) bodies;
    VEC(struct sql *) statements;
    VEC(struct route *) routes;
    VEC(struct issuer *) issuers;
    struct descriptions descriptions; /* all that stand in the sources */
    struct api api;
    VEC(struct tag) tags;
    VEC(struct session *) sessions;
    VEC(struct ticket *) tickets;
    VEC(struct job *) jobs;
    VEC(struct problem *) problems;
    VEC(struct cut *) cuts; /* of all routes' segments; set by cut_compile() */
    struct map cuts_of;     /* what tells a segment from others: its own */
    struct map table_names, body_names, sql_names, problem_names,
        handler_names; /* handler: its first route */
};

struct table *tree_table(const struct tree *tree, const char *name);
struct body *tree_body(const struct tree *tree, const char *name);

/* A bit for each entity, as in route.admits. */
uint64_t tree_all_entities(const struct tree *tree);

/* Index or -1. */
int table_column(const struct table *table, const char *name);
int table_sql_column(const struct table *table, const char *sql_name);

/* "an int", "a text"; of a member "a body" too. */
const char *type_phrase(enum type type);

/* Whether the word is a type of members. */
bool is_member_type(const char *word);

/* Of what is no body where one is named. */
#define VALUES_HAVE_NAMES                                                                          \
    "a value has a name here: declare it, as in `body tags [text 1..40] ..100`, and write `tags`"

/* Whether older files may have given the type's name to a body, whose it is then. */
bool type_is_later(enum type type);

/* Whether the member holds one value: neither a list nor a map. */
bool member_is_single(const struct member *member);

/* What the lists and maps hold in the end; a single member itself. */
const struct member *member_leaf(const struct member *member);

/* What the body is instead of an object; NULL: it is an object. */
const struct member *body_value(const struct body *body);

/* The i-th of the bodies that it may hold, in lists, maps and alternatives too; NULL: there are
 * less. */
const struct body *member_body(const struct member *member, size_t i);

/* Whether each of its lists and maps, if it is one, holds something that is not null. */
bool member_must_hold(const struct member *member);

/* What it is in JSON. */
enum json_kind {
    JSON_KIND_ANY,
    JSON_KIND_TEXT,
    JSON_KIND_NUMBER,
    JSON_KIND_BOOL,
    JSON_KIND_LIST,
    JSON_KIND_OBJECT,
    N_JSON_KINDS,
};
enum json_kind member_kind(const struct member *member);

/* What of the member has members of its own, in a query `filter[title]=x`: itself, a body or a map,
 * or one of its alternatives; NULL: nothing has. */
const struct member *member_object(const struct member *member);

/* The member that holds those that no other one names; NULL: there is none. */
const struct member *body_rest(const struct body *body);

/* A member that is a file; NULL: there is none. */
const struct member *body_file(const struct body *body);

/* Whether a member may not be left out. */
bool member_is_required(const struct member *member);

/* A word of a column's `one of` in C, "LESSONS__STATE__DRAFT": letters and digits of ASCII as
 * capitals, one `_` for any other character. */
const char *word_constant(struct arena *arena, const struct words *words, size_t i);

/* What an entity's name stands with among the callers of a route, or NULL. */
const struct role *route_role(const struct route *route, const char *entity);

/* A handler may serve several routes; the first of them stands for all. */
bool is_first_of_handler(const struct tree *tree, const struct route *route);

#endif
