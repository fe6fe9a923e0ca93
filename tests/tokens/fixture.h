/* fixture.h: the program of these tests, in memory, on a store of each test's own: SQLite, or with
 * TESTS_STORE=mysql a database on a MariaDB server that main starts. */
#ifndef GW_TOKENS_FIXTURE_H
#define GW_TOKENS_FIXTURE_H

#include "base/arena.h"
#include "gatewright.h"
#include "site.h"
#include "token/jwt.h"

extern char folder[SITE_FOLDER_MAX];
extern struct gw_arena arena;
extern struct gw_crypto *crypto;
extern struct gw_test *test; /* NULL: the program is not open */

/* Before and after each test. */
void begin(void);
void finish(void);

char *path_of(const char *name); /* in the folder */
void write_text(const char *name, const char *text);

/* "GW_DATABASE_URL=..."; and another URL for it. */
const char *store_setting(void);
void store_is_at(const char *url);

/* Runs SQL in the test's database around the program. */
void store_exec(const char *sql);
bool on_mysql(void);

/* Opens the program; further settings end with NULL. */
void open_with(const char *first, ...);

struct gw_test_reply call(const char *method, const char *target, const char *token);
int status_of(const char *target, const char *token);

/* The last reason in the log; checks the answer and the reason. */
const char *last_reason(void);
void refuses(const char *target, const char *token, int status, const char *reason);

const char *member(const char *body, const char *name); /* of a JSON text */
const char *register_user(const char *query);           /* its token */

#endif
