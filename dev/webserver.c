/* webserver.c: the web server that is there, in the foreground, with a configuration as `gatewright
 * conf` writes it and /-/dev beside it.
 *
 * nginx runs as one process (master_process off): the others are so anyway, and what is one process
 * dies with us whatever happens. */
#include "own.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_PORT 8080
#define LAST_PORT  8099
#define STARTS_MAX 5
#define UP_SECONDS 15

static const struct {
    const char *name, *program;
    const char *argv[10]; /* "@" stands for the configuration, "%" for the folder's log */
} servers[] = {
    {"nginx",
     "nginx",
     {"nginx", "-c", "@", "-e", "%", "-g", "daemon off; master_process off;", NULL}},
    {"lighttpd", "lighttpd", {"lighttpd", "-D", "-f", "@", NULL}},
    {"caddy", "caddy", {"caddy", "run", "--config", "@", "--adapter", "caddyfile", NULL}},
    {"apache", "apache2", {"apache2", "-DFOREGROUND", "-f", "@", NULL}},
};

#define N_SERVERS (sizeof(servers) / sizeof(servers[0]))

/* Servers lie where a user's PATH often does not lead. */
static bool is_there(const char *program, char path[PATH_MAX])
{
    const char *user = getenv("PATH");
    char *places = NULL, *rest = NULL;
    bool found = false;
    if (asprintf(&places, "%s:/usr/local/sbin:/usr/sbin:/sbin", user ? user : "/usr/bin") < 0)
        return false;
    for (char *place = strtok_r(places, ":", &rest); place && !found;
         place = strtok_r(NULL, ":", &rest)) {
        snprintf(path, PATH_MAX, "%s/%s", place, program);
        found = !access(path, X_OK);
    }
    free(places);
    return found;
}

static size_t index_of(const struct dev *dev)
{
    size_t i = 0;
    while (strcmp(servers[i].name, dev->server_name))
        i++;
    return i;
}

/* ---- The port ------------------------------------------------------------------------------- */

static bool is_free(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool free = fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
                !bind(fd, (struct sockaddr *)&address, sizeof(address)) && !listen(fd, 1);
    if (fd >= 0)
        close(fd);
    return free;
}

static bool choose_port(struct dev *dev)
{
    const char *given = dev->options->port;
    unsigned port = given ? (unsigned)atoi(given) : FIRST_PORT;
    if (given && (strspn(given, "0123456789") != strlen(given) || strlen(given) > 5 || !port ||
                  port > 65535)) {
        fprintf(stderr, "gatewright dev: `%s` is no port: a number from 1 to 65535\n", given);
        return false;
    }
    while (!given && port < LAST_PORT && !is_free(port))
        port++;
    if (!is_free(port)) {
        fprintf(stderr,
                given ? "gatewright dev: port %u cannot be listened on (%s): take another, or "
                        "leave --port out and a free one is found\n"
                      : "gatewright dev: no port up to %u is free (%s): name one with --port\n",
                port, strerror(errno));
        return false;
    }
    snprintf(dev->port, sizeof(dev->port), "%u", port);
    return true;
}

bool webserver_choose(struct dev *dev)
{
    char path[PATH_MAX];
    bool apache = false;
    for (size_t i = 0; i < N_SERVERS && !dev->server_name; i++) {
        apache = !strcmp(servers[i].name, "apache") && is_there(servers[i].program, path);
        if ((apache && geteuid()) || (!apache && is_there(servers[i].program, path)))
            dev->server_name = servers[i].name;
    }
    if (dev->server_name)
        return choose_port(dev);
    fprintf(stderr, apache ? "gatewright dev: of web servers only Apache is here, which does not "
                             "serve as root: run this as a user, or `apt install nginx`\n"
                           : "gatewright dev: there is no web server here: `apt install nginx`, "
                             "or lighttpd, caddy or apache2; its service need not run\n");
    return false;
}

/* ---- The process ---------------------------------------------------------------------------- */

static bool write_configuration(struct dev *dev, const char *path)
{
    char program[PATH_MAX + 16], page[PATH_MAX + 16];
    const struct passwd *user = getpwuid(geteuid());
    snprintf(program, sizeof(program), "%s/app.sock", dev->folder);
    snprintf(page, sizeof(page), "%s/dev.sock", dev->folder);
    struct dev_site site = {.server = dev->server_name,
                            .socket = program,
                            .dev_socket = page,
                            .state = dev->folder,
                            .user = user ? user->pw_name : "nobody",
                            .port = dev->port};
    char *text = dev->options->configuration(&site);
    FILE *file = text ? fopen(path, "we") : NULL;
    bool good = file && fputs(text, file) >= 0;
    if (file && fclose(file))
        good = false;
    free(text);
    return good;
}

static void server_ended(struct dev *dev, struct child *child)
{
    char how[64];
    dev->server = NULL;
    dev->server_up = false;
    if (dev->ending)
        return;
    show(dev, child->text ? child->text : "");
    if (!dev->server_was_up && !dev->options->port)
        choose_port(dev); /* two that begin at once choose the same one */
    if (++dev->server_crashes > STARTS_MAX) {
        say(dev, "%s does not run (%s); press r to try it again", dev->server_name,
            child_end(child, how, sizeof(how)));
        return;
    }
    say(dev, "%s ended by itself (%s); it is started again", dev->server_name,
        child_end(child, how, sizeof(how)));
    dev->server_at = now_ms() + (SECOND / 4 << dev->server_crashes);
}

bool webserver_start(struct dev *dev)
{
    char path[PATH_MAX], file[PATH_MAX + 16], log[PATH_MAX + 16];
    const char *argv[10];
    size_t i = index_of(dev), n = 0;
    snprintf(file, sizeof(file), "%s/server.conf", dev->folder);
    snprintf(log, sizeof(log), "%s/nginx.log", dev->folder);
    if (!write_configuration(dev, file) || !is_there(servers[i].program, path)) {
        fprintf(stderr, "gatewright dev: the configuration of %s cannot be written: %s\n",
                dev->server_name, strerror(errno));
        return false;
    }
    for (; servers[i].argv[n]; n++)
        argv[n] = *servers[i].argv[n] == '@'   ? file
                  : *servers[i].argv[n] == '%' ? log
                  : n                          ? servers[i].argv[n]
                                               : path;
    argv[n] = NULL;
    dev->server_at = now_ms();
    dev->server = child_start(dev, &(struct start){.argv = argv, .ended = server_ended});
    return dev->server;
}

/* The inode of the socket that listens on our port; 0: none does. */
static unsigned long listening_inode(const struct dev *dev)
{
    char line[512];
    unsigned address, port, state;
    unsigned long inode, found = 0;
    FILE *file = fopen("/proc/net/tcp", "re");
    while (file && !found && fgets(line, sizeof(line), file))
        if (sscanf(line, " %*d: %x:%x %*x:%*x %x %*s %*s %*s %*u %*u %lu", &address, &port, &state,
                   &inode) == 4 &&
            state == 10 && port == (unsigned)atoi(dev->port))
            found = inode;
    if (file)
        fclose(file);
    return found;
}

/* Whether it is our server that listens there: another may have taken the port meanwhile. */
static bool listens(const struct dev *dev)
{
    char path[64], target[64], wanted[64];
    unsigned long inode = listening_inode(dev);
    bool found = false;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)dev->server->pid);
    snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
    DIR *dir = inode ? opendir(path) : NULL;
    for (struct dirent *entry; dir && !found && (entry = readdir(dir));) {
        ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
        target[n < 0 ? 0 : n] = 0;
        found = !strcmp(target, wanted);
    }
    if (dir)
        closedir(dir);
    return found;
}

void webserver_timers(struct dev *dev, uint64_t now)
{
    if (!dev->server && now >= dev->server_at && dev->server_crashes <= STARTS_MAX)
        webserver_start(dev);
    if (!dev->server || dev->server_up)
        return;
    dev->server_up = listens(dev);
    dev->server_was_up = dev->server_was_up || dev->server_up;
    if (dev->server_up)
        say(dev,
            "http://127.0.0.1:%s/ behind %s; http://127.0.0.1:%s/-/dev shows routes, requests, "
            "tokens%s",
            dev->port, dev->server_name, dev->port,
            dev->keys ? "; keys: r restart, t tests, l lock, a AddressSanitizer, q quit" : "");
    else if (now > dev->server_at + UP_SECONDS * SECOND && !dev->server->stopping)
        child_stop(dev->server, 2);
}
