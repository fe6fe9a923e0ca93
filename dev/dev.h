/* dev.h: `gatewright dev`: builds a project, serves it, and does both again at each save. */
#ifndef GW_DEV_H
#define GW_DEV_H

#include <stdbool.h>

/* What the configuration of a web server is made of. */
struct dev_site {
    const char *server;     /* nginx, lighttpd, apache or caddy */
    const char *socket;     /* the program's */
    const char *dev_socket; /* that of /-/dev */
    const char *state;      /* a folder for the server's own files */
    const char *user;       /* that everything runs as */
    const char *port;
};

/* All borrowed until dev_run returns. */
struct dev_options {
    const char *source;  /* routes.def */
    const char *build;   /* a shell command; NULL: by the build file that is there */
    const char *program; /* what the build makes; NULL: it is looked for */
    const char *port;    /* NULL: a free one */
    bool asan;
    /* The text of a configuration, to be freed; NULL: out of memory. */
    char *(*configuration)(const struct dev_site *site);
};

/* Runs until a key or a signal ends it. Gives the exit status: 0, or 1 after a message. */
int dev_run(const struct dev_options *options);

#endif
