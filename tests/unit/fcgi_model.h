/* fcgi_model.h: what a FastCGI connection has to do, written once more from the specification and
 * the manual, byte by byte and without a table, and not from the runtime's code. */
#ifndef GW_FCGI_MODEL_H
#define GW_FCGI_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#define FCGI_MODEL_TEXT 512

struct fcgi_model {
    /* Inputs. */
    bool parks; /* the route takes a body; otherwise it is answered without it */
    bool kept;  /* the transport keeps connections */

    /* What was told, and sent back. */
    char served[FCGI_MODEL_TEXT]; /* "[...]" for each request, with what the dispatcher saw of it */
    char sent[FCGI_MODEL_TEXT];   /* a letter for each record */
    size_t n_begun;
    bool closed;

    /* The connection. */
    enum { BETWEEN, PARAMETERS, TOGETHER, PARKED, ANSWERED } where;
    unsigned char header[8];
    size_t n_header, n_content, n_padding;
    unsigned char content[600];
    unsigned id;
    bool keeps, authorizes;
    char parameters[256], body[64];
    size_t n_parameters, n_body;
};

/* Bytes that are read at once. */
void fcgi_model_read(struct fcgi_model *model, const unsigned char *bytes, size_t len);

/* The peer is gone, or nothing has come for too long. */
void fcgi_model_end(struct fcgi_model *model, bool late);

#endif
