/* wire_probe.h: the probe on a FastCGI socket of its own: started before each test, and asked
 * afterwards whether it is still in order. */
#ifndef GW_E2E_WIRE_PROBE_H
#define GW_E2E_WIRE_PROBE_H

#include "wire.h"

extern struct wire_program program;
extern struct wire wire;
extern struct wire_reply reply;

void wire_probe_start(void);

/* Whatever a test did, the program is alive, answers, and ends in order. */
void wire_probe_stop(void);

/* Sends what is in `wire` on a new connection and reads the answer to request 1. */
int ask(void);

void expect_closed(const char *what);

#endif
