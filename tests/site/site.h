/* site.h: what every site of the tests is made of: a folder, processes, ports, a database of its
 * own.
 *
 * Everything lies in a temporary folder and listens on 127.0.0.1 or on sockets in that folder. A
 * process dies with the one that started it, however that ends. */
#ifndef GW_TEST_SITE_H
#define GW_TEST_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SITE_FOLDER_MAX 64
#define SITE_PATH_MAX   128

/* Makes a folder. False with a message on stderr. */
bool site_folder(char folder[SITE_FOLDER_MAX]);
/* Removes a folder that site_folder made, with all that is in it. Another one stays. */
void site_remove(const char *folder);
/* "FOLDER/NAME". */
void site_path(const char *folder, const char *name, char path[SITE_PATH_MAX]);

/* A port of 127.0.0.1 that is free now; 0 if there is none. */
unsigned site_free_port(void);
bool site_port_answers(unsigned port);

/* Runs a program: its output goes to the file `log` of the folder. `environment` is added to ours:
 * "NAME=value", ended by NULL; may be NULL. Negative if there is no process. */
pid_t site_launch(const char *folder, const char *log, const char *const argv[],
                  const char *const *environment);
/* Ends it with `signal` and waits: its wait status. Nothing where *pid is 0; *pid becomes 0. */
int site_end(pid_t *pid, int signal);

/* What `command` (that of `gatewright schema`; may be NULL) prints, in a static buffer. NULL with a
 * message on stderr. */
const char *site_schema(const char *command);
/* Runs SQL in a SQLite file around the program. False with a message on stderr. */
bool site_sqlite(const char *path, const char *sql);

/* A main function: runs Criterion's tests, whose own options work (`--filter`, `--verbose`). With
 * `mariadb` a server runs meanwhile, with the SQL mode of TESTS_SQL_MODE where that is set; tests
 * find it by mariadb_published. */
int site_main(int argc, char **argv, bool mariadb);

#endif
