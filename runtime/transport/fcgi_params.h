/* fcgi_params.h: name-value pairs (FastCGI 1.0, 3.4), and the parameters of a request, bounded. */
#ifndef GW_FCGI_PARAMS_H
#define GW_FCGI_PARAMS_H

#include "request/exchange.h"

#define GW_FCGI_PARAMS_MAX (128 * 1024) /* bytes of a request's parameters */
#define GW_FCGI_META_MAX   (GW_META_MAX + 1)

/* All bytes zero: empty. */
struct gw_fcgi_params {
    bool overflow; /* they exceed a bound or are malformed: no request is made of them */
    char *text;
    size_t len, size;
    struct gw_meta *meta; /* into text */
    size_t n_meta, meta_size;
};

/* Takes the next pair from *at. False: what is there is not a whole one. */
bool gw_fcgi_take_pair(const unsigned char **at, const unsigned char *end, struct gw_meta *ret);

/* Keeps more of the stream; what exceeds the bound is dropped and remembered. 0 or -ENOMEM. */
int gw_fcgi_params_add(struct gw_fcgi_params *params, const void *ptr, size_t len);

/* The stream is complete: makes `meta`. 0 or -ENOMEM. */
int gw_fcgi_params_split(struct gw_fcgi_params *params);

void gw_fcgi_params_reset(struct gw_fcgi_params *params); /* empty again; keeps its memory */
void gw_fcgi_params_free(struct gw_fcgi_params *params);

#endif
