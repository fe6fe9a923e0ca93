/* wire.h: FastCGI as a web server, or an attacker, speaks it: records byte by byte. */
#ifndef GW_E2E_WIRE_H
#define GW_E2E_WIRE_H

#include "site.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A program that listens on a socket of its own, without a web server. */
struct wire_program {
    char folder[SITE_FOLDER_MAX];
    char socket[SITE_PATH_MAX];
    char log[SITE_PATH_MAX];
    pid_t pid;
};
bool wire_start(struct wire_program *program, const char *path, const char *const *settings);
int wire_stop(struct wire_program *program); /* its wait status */

/* Bytes under construction. */
struct wire {
    unsigned char bytes[1 << 20];
    size_t len;
};
void wire_record(struct wire *wire, unsigned type, uint16_t id, const void *ptr, size_t len,
                 unsigned padding);
void wire_begin(struct wire *wire, uint16_t id, unsigned role, bool keep);

/* A name and value of PARAMS, in one record. */
void wire_param(struct wire *wire, uint16_t id, const char *name, const char *value);

/* A whole request: BEGIN, its parameters, STDIN. `body` NULL: none. */
void wire_request(struct wire *wire, uint16_t id, bool keep, const char *method, const char *uri,
                  const char *body);

int wire_connect(const struct wire_program *program);
bool wire_send(int fd, const void *ptr, size_t len);

/* What came back for a request. */
struct wire_reply {
    char out[6 << 20]; /* STDOUT, NUL-terminated */
    size_t len;
    bool ended;  /* END_REQUEST came */
    bool closed; /* the connection was closed */
    unsigned protocol_status;
    unsigned types[16]; /* records of each type */
};

/* Reads until END_REQUEST of `id`, the connection closes, or `ms` have passed. */
void wire_read(int fd, uint16_t id, int ms, struct wire_reply *ret);
int wire_status(const struct wire_reply *reply); /* of its Status line; 0: none */

#endif
