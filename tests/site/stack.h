/* stack.h: a whole site for tests: database, program and web server, each a real one.
 *
 * Everything lies in a temporary folder and listens on 127.0.0.1 or on sockets in that folder. The
 * processes end with the test program, however that ends. */
#ifndef GW_TEST_STACK_H
#define GW_TEST_STACK_H

#include "mariadb.h"
#include "site.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct stack_options {
    const char *server;          /* "nginx", "lighttpd", "apache" or "caddy" */
    const char *transport;       /* "native", "libfcgi" or "cgi" */
    const char *store;           /* "sqlite" or "mariadb" */
    bool tcp;                    /* the program listens on TCP, not on a unix socket */
    const char *program;         /* the executable */
    const char *const *settings; /* further "GW_NAME=value", ended by NULL; may be NULL */
};

struct stack {
    struct stack_options options;
    char folder[SITE_FOLDER_MAX];
    char url[64];            /* "http://127.0.0.1:PORT" */
    char log[SITE_PATH_MAX]; /* the program's log */
    char database_url[160];
    unsigned port, program_port;
    struct mariadb mariadb;
    pid_t program, server;
};

/* Fills in the options from E2E_SERVER, E2E_TRANSPORT, E2E_STORE, E2E_SOCKET and E2E_PROGRAM. */
struct stack_options stack_options_from_environment(void);

/* False with a message on stderr. */
bool stack_start(struct stack *stack, const struct stack_options *options);
/* False if a sanitizer has complained of the program. */
bool stack_stop(struct stack *stack);

/* The program alone. Ends it with `signal`, gives its wait status. */
bool stack_start_program(struct stack *stack);
int stack_end_program(struct stack *stack, int signal);

/* For the tests, which run in processes of their own: the URL and the log of the stack that main
 * started. */
void stack_publish(const struct stack *stack);
const char *stack_url(void);
const char *stack_secret(void);

/* Makes the school's database on a server: its tables and the runtime's own, as the program itself
 * prints them. False with a message on stderr. */
bool stack_make_database(const struct mariadb *server);

/* Runs SQL in the school's database around the program. False with a message on stderr. */
bool stack_exec(const char *sql);

/* Starts the stack of the environment, runs Criterion's tests and stops it. */
int stack_main(int argc, char **argv);

#endif
