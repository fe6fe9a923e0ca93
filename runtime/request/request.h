/* request.h: the context that a request's stages share.
 *
 * One structure per request in flight; each stage fills in its own part and reads only what earlier
 * stages put there. It lives in the request's arena. */
#ifndef GW_REQUEST_H
#define GW_REQUEST_H

#include "base/arena.h"
#include "base/reason.h"
#include "input/body.h"
#include "store/entity.h"
#include "generated.h"
#include "request/response.h"
#include "base/spool.h"
#include "request/exchange.h"
#include "request/secret.h"

struct gw_worker;
struct gw_upload_place;
struct marked;

/* What is asked of the program. The roles but the first only want to know whether the request is
 * admitted; the web server, or somebody behind it, answers it then. */
enum gw_role {
    GW_ROLE_RESPONDER,
    GW_ROLE_AUTHORIZER,   /* FastCGI 1.0, 6.3 */
    GW_ROLE_AUTH_REQUEST, /* nginx's ngx_http_auth_request_module, told by GATEWRIGHT_ROLE */
    GW_ROLE_PING,  /* the same: does the program answer? (PROGRAM ping, a balancer's check) */
    GW_ROLE_READY, /* the same: would it serve? */
};

#define GW_REQUEST_MEMORY ((size_t)64 << 20) /* bytes that one may hold, beside its body */

#define GW_REQUEST_ID_SIZE   40 /* with the NUL; a longer one of the web server is not taken */
#define GW_REQUEST_ID_PREFIX 17 /* "0123456789abcdef-", of the worker */

/* What a request's time is spent on, for the slow log. */
enum gw_phase {
    GW_PHASE_PARSE,   /* parameters, path, route, body, query */
    GW_PHASE_GATE,    /* the token */
    GW_PHASE_STORE,   /* the caller's row, the owned row, the handler's statements */
    GW_PHASE_WAIT,    /* for the body, for a worker, for others of the batch */
    GW_PHASE_HANDLER, /* without its statements */
    GW_PHASE_WRITE,   /* until the transport has taken the answer */
    GW_N_PHASES,
};

/* The verified caller. */
struct gw_caller {
    const struct gw_table *table; /* NULL: no token */
    struct gw_value key;
    uint64_t epoch;
    bool revoking;         /* the epoch was advanced within a transaction that is still open */
    uint64_t epoch_before; /* which it goes back to with the transaction */
    const struct gw_issuer *issuer; /* NULL: the token is our own */
    const struct gw_json *claims;   /* NULL: no verified token */
    json_t *claims_tree;            /* gw_request_claims has made it; released at the end */
    void *row;
};

/* What the web server said (incoming.c takes it from the exchange); ptr NULL: it said nothing. */
struct gw_incoming {
    struct gw_str method, uri, script, info, query;
    struct gw_str content_type, content_length, sent_length, transfer_encoding;
    struct gw_str authorization, redirected;
    struct gw_str remote_address, https;
    struct gw_str request_id, unique_id, role;
    struct gw_str target; /* uri, or script + info + query: as GW_PATH says */
    bool has_authorization;
};

/* A cookie that requests may have. */
struct gw_found_cookie {
    struct gw_str value; /* as it was sent, the last one where there are several */
    size_t n;            /* that have its name */
};

struct gw_request {
    struct gw_worker *worker;
    const struct gw_app *app;
    struct gw_arena *arena;    /* what lasts until the request's end */
    struct gw_arena *returned; /* what a handler may give back before: mark.c; NULL: it has not
                                * begun to */
    struct marked *marks;      /* the newest */
    uint64_t n_marks;          /* so far */
    struct gw_exchange *exchange;
    const struct gw_transport *transport;
    uint64_t started_ns;
    uint64_t statement_ms; /* that a statement of its handler may take, of the route; 0: as all */
    uint64_t deadline_ns;  /* of all waiting, statements too, which the store bounds more tightly */
    char id[GW_REQUEST_ID_SIZE];
    uint64_t marked_ns; /* when the phase under way began; 0: phases are not measured */
    uint64_t phase_ns[GW_N_PHASES];

    enum gw_role role;
    struct gw_incoming in;
    struct gw_str path;         /* canonical, unmounted */
    struct gw_str query_string; /* ptr NULL: none */
    struct gw_pairs query_pairs;
    bool query_parsed;
    const struct gw_leaf *leaf;
    bool head;                    /* the method was HEAD */
    const struct gw_route *route; /* NULL: none matched */
    bool answers_nobody;          /* it came from nowhere, for a job say */
    uint64_t content_length;      /* of a body of unknown length: once it was read */
    bool length_unknown;
    struct gw_str token; /* found, not yet verified */
    bool token_in_query, token_in_cookie;
    /* Our cookies; of a request with other credentials none. */
    struct gw_found_cookie access_cookie, refresh_cookie;
    bool clears_cookie;  /* the access cookie is no good: the answer ends it, unless it sets one */
    bool clears_cookies; /* both are */
    struct gw_caller me;
    const void *owned;
    const void *owner;         /* of the ticket: its row */
    struct gw_value owner_key; /* of that */
    bool spends_ticket; /* in a transaction that is under way, and not the handler's to end */
    const void *query;
    const void *headers;
    const void *body;
    const void *form; /* as it was sent, where its faults are the handler's to show */
    const struct gw_faults *form_faults; /* NULL: none, or they were answered */
    json_t *trees;                       /* of its members that are any JSON; released at the end */
    struct gw_str boundary; /* of a form as multipart/form-data; ptr NULL: it is none */
    struct gw_upload_place *upload_place; /* where its bytes count; NULL: they do not */
    uint64_t upload_bytes;                /* so many */
    struct gw_str raw_body;               /* the body in one piece; ptr NULL: it is not (yet) */
    struct gw_spool
        spool; /* the body, where the transport does not keep it and it is wanted whole */
    bool body_is_spooled;
    uint64_t body_read; /* bytes taken from the transport so far */

    struct gw_secrets secrets;
    bool holds_secret;     /* a password was hashed, or there are secrets: its memory is wiped */
    bool answered;         /* a step has set the response: the later ones are skipped */
    bool needs_row;        /* the token is good, the row is to be loaded */
    bool is_halfway;       /* the next step of the first half asks the store, for it alone */
    unsigned next_step;    /* of the first half */
    bool status_page;      /* it was one of GW_STATUS_PATH's */
    enum gw_reason reason; /* of a refusal, for the log */

    /* From the headers of the response on, nothing is cleared: they are there up to their number,
     * and what follows as far as the route has parameters. */
    struct gw_response response;
    struct gw_span segments[GW_MAX_SEGMENTS];
    union gw_param_value params[GW_MAX_PARAMS];
};

/* What is cleared before each request. */
#define GW_REQUEST_CLEARED offsetof(struct gw_request, response.headers)

/* What the request waited for is here: the time for handler and store (GW_REQUEST_TIMEOUT) begins
 * anew, unless the route has a time for the whole. */
void gw_request_renew_deadline(struct gw_request *req);

/* The phase under way ends here, and the next begins. */
void gw_request_mark(struct gw_request *req, enum gw_phase phase);

/* The same, and nothing where GW_SLOW is not set. */
static inline void gw_request_end_phase(struct gw_request *req, enum gw_phase phase)
{
    if (req->marked_ns)
        gw_request_mark(req, phase);
}

/* Whether it came from nowhere, and has tried to answer: logged. */
bool gw_request_answers_nobody(struct gw_request *req);

/* Memory for what a handler asks for, rows too. Nothing in it is looked at by the runtime later:
 * with gw_release it goes before the request's end. */
static inline struct gw_arena *gw_request_memory(struct gw_request *req)
{
    return req->returned ? req->returned : req->arena;
}

/* How many fields of that name the request has (a variable's name: "HTTP_ORIGIN"), and the value of
 * the last one; *ret_last is left as it is where there is none. */
size_t gw_request_fields(const struct gw_request *req, struct gw_str name, struct gw_str *ret_last);

/* Adds each field of that name ("Idempotency-Key") to `io`, which has room for all; the values are
 * as they came. */
void gw_request_add_fields(struct gw_request *req, const char *name, struct gw_pairs *io);

/* The caller's key as text, in the request's arena; NULL when memory is short. */
const char *gw_request_key(struct gw_request *req);

/* The body, which has arrived and is kept, from `at` on: the number of bytes, 0 at its end; a
 * negative errno. Of forms as multipart/form-data. */
ssize_t gw_request_body_at(const struct gw_request *req, uint64_t at, void *buffer, size_t size);

/* The worker's store connection, opened at first use. NULL when memory is short. */
struct gw_conn *gw_request_conn(struct gw_request *req);

/* The verified claims as a tree for applications, made when it is first asked for; borrowed. NULL
 * when memory is short: the request is then answered with 500 whatever the handler makes of it. */
const json_t *gw_request_claims(struct gw_request *req);
const struct gw_sql *gw_request_sql(struct gw_request *req);

/* api/issue.c: the session that the caller's token is of; NULL: of none. */
const char *gw_request_session(struct gw_request *req);

#endif
