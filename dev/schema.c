/* schema.c: the database that a program of dev has.
 *
 * GW_DATABASE_URL names one that is the user's: it is never changed. Otherwise it is a throwaway
 * one, .gatewright/dev.db, whose schema is changed when the user has said so. */
#include "own.h"

#include <sqlite3.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATABASE PROJECT_FOLDER "/dev.db"

static int notify_socket(struct dev *dev);

bool schema_open(struct dev *dev)
{
    const char *given = getenv("GW_DATABASE_URL");
    dev->own_database = !given || !*given;
    dev->database = strdup(dev->own_database ? "sqlite:" DATABASE : given);
    dev->notify = notify_socket(dev);
    if (dev->notify >= 0 && dev->database && program_settings(dev))
        return true;
    fprintf(stderr, "gatewright dev: it cannot begin: %s\n", strerror(errno));
    return false;
}

/* Nothing is in it: nobody needs to be asked. */
bool schema_is_new(const struct dev *dev)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    struct stat st;
    bool empty = false;
    if (!dev->own_database)
        return false;
    if (stat(DATABASE, &st))
        return errno == ENOENT;
    if (sqlite3_open_v2(DATABASE, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_schema LIMIT 1", -1, &statement, NULL) ==
            SQLITE_OK)
        empty = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return empty;
}

/* Every change of the script has a comment before it that says what differs. NULL: it has none, or
 * there is no memory. */
char *schema_summary(const char *difference)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    if (!to)
        return NULL;
    for (const char *line = difference, *end; *line; line = end + (*end == '\n')) {
        end = strchrnul(line, '\n');
        if (!strncmp(line, "-- ", 3))
            fprintf(to, "  %.*s\n", (int)(end - line) - 3, line + 3);
    }
    if (!fclose(to) && *text)
        return text;
    free(text);
    return NULL;
}

/* The script of --schema-diff takes care of its own transactions; at the first error the connection
 * is closed, and what was not committed is taken back. */
int schema_apply(struct dev *dev)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    int fd = open(DATABASE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    int r = sqlite3_open(DATABASE, &db);
    if (r == SQLITE_OK)
        r = sqlite3_exec(db, dev->difference, NULL, NULL, &message);
    if (r != SQLITE_OK)
        printf(DATABASE ": %s; it is as it was\n", message ? message
                                                   : db    ? sqlite3_errmsg(db)
                                                           : "out of memory");
    sqlite3_free(message);
    sqlite3_close(db);
    return r != SQLITE_OK;
}

/* ---- Where programs say that they are ready ------------------------------------------------- */

#include <sys/socket.h>
#include <sys/un.h>

static int notify_socket(struct dev *dev)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int on = 1, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", dev->folder);
    if (n < 0 || n >= (int)sizeof(address.sun_path) || fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)))
        return -1;
    return fd;
}
