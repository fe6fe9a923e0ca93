/* torture.h: every allocation made to fail in turn (after curl's torture tests).
 *
 * A scenario runs again and again; in the nth run the nth allocation fails, be it ours, jansson's
 * or OpenSSL's, until a run needs fewer than n. Each run must end in an orderly way: an errno, the
 * right answer, and nothing else. Leaks are found by the sanitizer's build. */
#ifndef GW_TEST_TORTURE_H
#define GW_TEST_TORTURE_H

#include <stdbool.h>
#include <stddef.h>

extern long countdown; /* allocations until one fails; negative: none does */
extern bool failed;
extern unsigned crypto_calls; /* of OpenSSL, by the runtime */
extern size_t compared;       /* bytes, by CRYPTO_memcmp */

void torture_begin(void); /* before each test */

/* Runs `scenario` with every `step`th of its allocations failing. */
void torture_some(void (*scenario)(void *data), void *data, long step);

/* With each of them. */
void torture(void (*scenario)(void *data), void *data);

#endif
