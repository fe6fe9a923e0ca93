/* school.h: what the end-to-end tests of the school do again and again. */
#ifndef GW_E2E_SCHOOL_H
#define GW_E2E_SCHOOL_H

#include "http.h"

#define PASSWORD "correct horse"

/* A new account of kind "user" or "teacher"; everything lies in static buffers until the next call
 * for the same kind. */
struct account {
    char email[96];
    char token[1024];
    long id;
};
void school_register(const char *kind, struct account *ret);

/* A new lesson of that teacher; its id. */
long school_add_lesson(const struct account *teacher, const char *title);

/* Checks a problem document: its media type, status and that nothing is in it that should not be.
 */
void school_expect_problem(const struct reply *reply, long status);

#endif
