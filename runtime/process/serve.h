/* serve.h: the process: how what the workers share is made, how they start and stop. */
#ifndef GW_SERVE_H
#define GW_SERVE_H

#include "request/context.h"

/* Builds what all workers share from its sources. `transport` NULL: as GW_TRANSPORT says. -EINVAL:
 * *ret_why (in server->arena or static) is one line that says what to change. Contacts no store. */
int gw_server_open(struct gw_server *server, const struct gw_app *app,
                   const struct gw_config_sources *sources, const struct gw_transport *transport,
                   const char **ret_why);
void gw_server_close(struct gw_server *server);

/* Compares the store's schema with the declared one, creating SQLite tables that are missing. 0:
 * good; -EHOSTDOWN: away, and the store is suspended; -EINVAL: refused or different, each reason
 * logged. */
int gw_server_check_store(struct gw_server *server);

/* Whether gw_server_check_store would find it good; changes nothing, and suspends nothing. */
int gw_server_try_store(struct gw_server *server);

/* Runs the application's start hook; its hooks hold from here on. `hooks` may be NULL. */
int gw_server_start(struct gw_server *server, const struct gw_hooks *hooks);

int gw_worker_open(struct gw_worker *worker, struct gw_server *server, unsigned number);
void gw_worker_close(struct gw_worker *worker);

/* A token of the account with that key, outside of any request: as gw_create_token, which consumes
 * `key` and `extra`, does it. The token lives in `arena`. */
int gw_worker_create_token(struct gw_worker *worker, struct gw_arena *arena, const char *table,
                           json_t *key, json_t *extra, const char **ret);

/* Runs the workers until SIGTERM or SIGUSR1 (or until a CGI request is answered). `status_fd` is
 * that of gw_listen_status. Returns the exit status. */
int gw_serve(struct gw_server *server, int listen_fd, int status_fd);

/* Tells systemd something ("READY=1") where it wants to know (sd_notify(3)); otherwise nothing
 * happens. */
void gw_notify(const char *state);

/* Begins to stop, as on SIGTERM; any thread may ask for it, more than once. */
void gw_serve_stop(struct gw_server *server);

/* The socket to listen on: GW_LISTEN, the one that systemd hands over, or file descriptor 0.
 * -EINVAL with *ret_why, a sentence that says what to do. */
int gw_listen_open(const struct gw_config *config, struct gw_arena *arena, int *ret_fd,
                   const char **ret_why);

/* The socket of GW_STATUS_LISTEN: *ret_fd is -1 where there is none to be made. -EINVAL with
 * *ret_why, a sentence that says what to do. */
int gw_listen_status(const struct gw_config *config, struct gw_arena *arena, int *ret_fd,
                     const char **ret_why);

/* For --check: *ret_note (NULL: none) says who may connect to a unix socket. -EINVAL with *ret_why:
 * its owner or group is not there. */
int gw_listen_check(const struct gw_config *config, struct gw_arena *arena, const char **ret_note,
                    const char **ret_why);

#endif
