/* site.c: see site.h. */
#include "site.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDERS "/tmp/gatewright-"

/* ---- Folders ----------------------------------------------------------------------------- */

bool site_folder(char folder[SITE_FOLDER_MAX])
{
    strcpy(folder, FOLDERS "site.XXXXXX");
    if (mkdtemp(folder))
        return true;
    perror(folder);
    return false;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

void site_remove(const char *folder)
{
    if (!strncmp(folder, FOLDERS, strlen(FOLDERS)))
        nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void site_path(const char *folder, const char *name, char path[SITE_PATH_MAX])
{
    snprintf(path, SITE_PATH_MAX, "%s/%s", folder, name);
}

/* ---- Ports ------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

unsigned site_free_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = !bind(fd, (struct sockaddr *)&address, len) &&
                !getsockname(fd, (struct sockaddr *)&address, &len);
    close(fd);
    return good ? ntohs(address.sin_port) : 0;
}

bool site_port_answers(unsigned port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = !connect(fd, (struct sockaddr *)&address, sizeof(address));
    close(fd);
    return good;
}

/* ---- Processes --------------------------------------------------------------------------- */

pid_t site_launch(const char *folder, const char *log, const char *const argv[],
                  const char *const *environment)
{
    char path[SITE_PATH_MAX];
    pid_t parent = getpid(), pid = fork();
    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    site_path(folder, log, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    for (size_t i = 0; environment && environment[i]; i++)
        putenv((char *)(uintptr_t)environment[i]);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    dprintf(fd, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

int site_end(pid_t *pid, int signal)
{
    int status = 0;
    if (*pid <= 0)
        return 0;
    kill(*pid, signal);
    waitpid(*pid, &status, 0);
    *pid = 0;
    return status;
}

/* ---- Databases --------------------------------------------------------------------------- */

const char *site_schema(const char *command)
{
    static char sql[65536];
    FILE *pipe = command ? popen(command, "r") : NULL;
    size_t len = pipe ? fread(sql, 1, sizeof(sql) - 1, pipe) : 0;
    if (!pipe || pclose(pipe) || !len) {
        fprintf(stderr, "no schema from %s\n", command ? command : "no command");
        return NULL;
    }
    sql[len] = 0;
    return sql;
}

bool site_sqlite(const char *path, const char *sql)
{
    char *why = NULL;
    sqlite3 *file = NULL;
    bool good = sqlite3_open_v2(path, &file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
                    SQLITE_OK &&
                sqlite3_busy_timeout(file, 5000) == SQLITE_OK &&
                sqlite3_exec(file, sql, NULL, NULL, &why) == SQLITE_OK;
    if (!good)
        fprintf(stderr, "%s: %s: %s\n", path, sql, why ? why : sqlite3_errmsg(file));
    sqlite3_free(why);
    sqlite3_close(file);
    return good;
}
