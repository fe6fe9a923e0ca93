/* command.h: what a program does besides serving. Each prints to stdout and stderr, and returns the
 * exit status. */
#ifndef GW_CMD_H
#define GW_CMD_H

#include "process/serve.h"

#define GW_EX_CONFIG 78

/* `args` are the words behind the command's name, ended by NULL. */
int gw_cmd_token(struct gw_server *server, char *const *args);   /* token ENTITY KEY */
int gw_cmd_inspect(struct gw_server *server, char *const *args); /* token inspect [TOKEN] */
int gw_cmd_keys(const struct gw_config *config, const struct gw_app *app, struct gw_arena *arena,
                char *const *args); /* keys list|new|rotate|retire|fetch */
int gw_cmd_schema(struct gw_server *server, const char *const *losses,
                  bool apply);                               /* --schema-diff, --schema-apply */
int gw_cmd_jobs(const struct gw_app *app);                   /* job */
int gw_cmd_job(struct gw_server *server, const char *name);  /* job NAME */
int gw_cmd_row(struct gw_server *server, char *const *args); /* row add|set|list TABLE ... */
int gw_cmd_ping(const char *socket, bool ready);             /* ping SOCKET [--ready] */
int gw_cmd_fetch(const struct gw_config *config, const struct gw_app *app, struct gw_arena *arena,
                 char *const *args); /* keys fetch [ISSUER [URL]] */

/* A job by its name, or NULL; and one run on that worker, whatever else is: what its handler
 * returned, or -EINVAL where that left its transaction open. */
const struct gw_job *gw_job_find(const struct gw_app *app, const char *name);
int gw_job_run(struct gw_worker *worker, const struct gw_job *job);

#endif
