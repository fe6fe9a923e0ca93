/* conf_uploads.h: which paths take files. */
#ifndef GEN_CONF_UPLOADS_H
#define GEN_CONF_UPLOADS_H

#include "base/arena.h"
#include "describe/conf.h"
#include "syntax/tree.h"

/* Regular expressions of nginx, each once. */
struct conf_uploads {
    const char **items;
    size_t n, cap;
};

/* None where the program has a worker wait for each body (`keep` is not set). */
void conf_find_uploads(const struct conf *conf, struct conf_uploads *ret);

#endif
