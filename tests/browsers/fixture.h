/* fixture.h: the program of these tests in memory, on SQLite: what is tested here asks no store. */
#ifndef GW_BROWSERS_FIXTURE_H
#define GW_BROWSERS_FIXTURE_H

#include "gatewright.h"

#define OURS   "https://school.test"
#define SECRET "an ordinary secret of more than 32 bytes"

extern struct gw_test *test;
extern struct gw_test_reply reply;
extern const char *ann; /* a good token of user 1 */

void begin(void);
void begin_at(const char *mount); /* with GW_MOUNT */
void finish(void);

/* The status of a request; further "Name: value" lines end with NULL. */
int ask(const char *method, const char *target, ...) __attribute__((sentinel));
/* The same with a body of the type ("json", "form"; NULL: none). */
int send(const char *method, const char *target, const char *type, const char *body, ...)
    __attribute__((sentinel));

/* "Cookie: __Host-school=TOKEN", kept until the end of the test. */
const char *cookie(const char *token);
const char *bearer(const char *token);

/* A token of user `id` whose `exp` lies that far ahead. */
const char *token_of(int id, long seconds);
void store_exec(const char *sql);

bool has(const char *header); /* the answer has this line */
bool ends_cookie(void);
const char *last_reason(void); /* of the log */

#endif
