/* wire_probe.h: the probe on a FastCGI socket of its own: started before each test, and asked
 * afterwards whether it is still in order. */
#ifndef GW_E2E_WIRE_PROBE_H
#define GW_E2E_WIRE_PROBE_H

#include "wire.h"

extern struct wire_program program;
extern struct wire wire;
extern struct wire_reply reply;

void wire_probe_start(void);

/* With the transport of E2E_TRANSPORT, status pages, and two settings more, which may be NULL. */
void wire_probe_start_with(const char *more, const char *and_more);
void wire_probe_start_watched(void); /* without them */
extern bool native;                  /* which transport it is */

/* Whatever a test did, the program is alive, answers, and ends in order. */
void wire_probe_stop(void);

/* Sends what is in `wire` on a new connection and reads the answer to request 1. */
int ask(void);

void expect_closed(const char *what);

double now(void); /* seconds */

/* How many lines of the log hold `text`, once there is one or a second has passed. */
int logged(const char *text);

/* Requests in flight, but for the one that asks. Uses `wire` and `reply`. */
long in_flight(void);

/* Puts the head of an upload into `wire`, `length` as Content-Length; NULL: chunked, as Apache says
 * it. */
void begin_upload(bool keep, const char *length);

#endif
