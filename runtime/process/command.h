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
                  bool apply);                   /* --schema-diff, --schema-apply */
int gw_cmd_ping(const char *socket, bool ready); /* ping SOCKET [--ready] */
int gw_cmd_fetch(const struct gw_config *config, const struct gw_app *app, struct gw_arena *arena,
                 char *const *args); /* keys fetch [ISSUER [URL]] */

#endif
