/* work.h: what the benchmark's requests ask for, written by hand without Gatewright: the limits to
 * measure against. One `struct work` per thread or process. */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <stddef.h>

struct work;
struct work *
work_open(void); /* exits with a message on failure; settings: BENCH_SECRET, BENCH_SOCKET, and
                  * BENCH_ROW=account for the school's accounts instead of rows of two columns */

/* Answers a request: the whole CGI response in `out`. Returns its length. `authorization` NULL:
 * none. */
size_t work_answer(struct work *work, const char *uri, size_t uri_len, const char *authorization,
                   size_t authorization_len, char *out, size_t size);

#endif
