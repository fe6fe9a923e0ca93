/* mariadb.h: a private MariaDB server for tests: own folder, own socket, own port.
 *
 * A test that needs a server and cannot start one fails. The server dies with the process that
 * started it, however that ends. */
#ifndef GW_TEST_MARIADB_H
#define GW_TEST_MARIADB_H

#include "site.h"

#include <stdbool.h>
#include <sys/types.h>

struct mariadb {
    char folder[SITE_FOLDER_MAX]; /* everything it writes */
    char socket[96];
    unsigned port; /* on 127.0.0.1 */
    pid_t pid;     /* 0: not running */
    bool tls;      /* with FOLDER/cert.pem, which is its own authority, for the name localhost */
};

/* Makes a new server and waits until it answers. The user root has no password and may come by
 * socket and by TCP. False with a message on stderr. */
bool mariadb_start(struct mariadb *server);
bool mariadb_start_tls(struct mariadb *server);

/* Starts it again on the same folder and port, after mariadb_kill. */
bool mariadb_restart(struct mariadb *server);
/* The same, without waiting until it answers. */
bool mariadb_spawn(struct mariadb *server);
bool mariadb_wait(const struct mariadb *server);

/* Ends the process with `signal` and waits for it. */
void mariadb_kill(struct mariadb *server, int signal);

/* Stops it where it is (SIGSTOP), and waits until that has reached every thread; SIGCONT lets it go
 * on. By the process that started it. */
void mariadb_freeze(const struct mariadb *server);

/* Ends it and removes its folder. */
void mariadb_remove(struct mariadb *server);

/* Runs statements (several, separated by semicolons) as root. False with a message on stderr. */
bool mariadb_exec(const struct mariadb *server, const char *database, const char *sql);

/* One number from a query: its first row, column `column`; -1 on failure. */
long mariadb_number(const struct mariadb *server, const char *sql, unsigned column);

/* Main process to tests (which run in processes of their own): puts the server into the
 * environment, and takes it from there. */
void mariadb_publish(const struct mariadb *server);
bool mariadb_published(struct mariadb *ret);

#endif
