/* http.h: requests as a client sends them (libcurl), for end-to-end tests. */
#ifndef GW_E2E_HTTP_H
#define GW_E2E_HTTP_H

#include <jansson.h>
#include <stddef.h>

struct call {
    const char *method;         /* NULL: GET, or POST with a body */
    const char *target;         /* sent as it stands, also where it is no good URL */
    const char *token;          /* NULL: no Authorization header */
    const char *body;           /* NULL: none */
    size_t body_len;            /* 0: up to the NUL */
    const char *type;           /* NULL: application/json with a body */
    const char *const *headers; /* "Name: value", ended by NULL; may be NULL */
};

struct reply {
    long status; /* 0: no answer */
    char *headers;
    char *body; /* NUL-terminated */
    size_t body_len;
    json_t *json; /* NULL where the body is not JSON */
};

/* Runs a request against stack_url(). The reply is freed by http_free. */
struct reply http(struct call call);
void http_free(struct reply *reply);

/* The value of a header, in a static buffer; NULL if it is absent. */
const char *http_header(const struct reply *reply, const char *name);

/* A member of the JSON body by a path of names ("data.email"); NULL if it is absent. */
json_t *http_member(const struct reply *reply, const char *path);
const char *http_text(const struct reply *reply, const char *path);

#endif
