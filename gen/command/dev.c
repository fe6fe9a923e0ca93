/* dev.c: `gatewright dev`: see dev/. */
#include "command/command.h"

#include "describe/conf.h"
#include "dev/dev.h"

#include <string.h>

/* The program itself says what is too large and what takes too long; a connection is kept to no
 * program, so that none is cut when another takes over. */
static char *configuration(const struct dev_site *site)
{
    static const struct {
        const char *name;
        void (*write)(const struct conf *conf, struct text *to);
    } servers[] = {{"nginx", conf_nginx},
                   {"lighttpd", conf_lighttpd},
                   {"apache", conf_apache},
                   {"caddy", conf_caddy}};
    const struct conf_socket socket = {.path = site->socket};
    struct conf conf = {.sockets = &socket,
                        .n_sockets = 1,
                        .socket = site->socket,
                        .dev = site->dev_socket,
                        .port = site->port,
                        .address = "127.0.0.1",
                        .program = "program",
                        .unit = "program",
                        .state = site->state,
                        .user = site->user,
                        .group = site->user,
                        .mount = "",
                        .listen = "a socket of `gatewright dev`",
                        .limit = 1 << 30,
                        .timeout = 3600};
    struct arena arena = {0};
    struct text text = {.arena = &arena};
    for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++)
        if (!strcmp(servers[i].name, site->server))
            servers[i].write(&conf, &text);
    char *copy = text.items ? strdup(text.items) : NULL;
    arena_free(&arena);
    return copy;
}

int command_dev(struct compile *compile)
{
    const struct options *options = compile->options;
    return dev_run(&(struct dev_options){.source = options->source,
                                         .build = options->build,
                                         .program = options->program,
                                         .port = options->port,
                                         .asan = options->asan,
                                         .configuration = configuration});
}
