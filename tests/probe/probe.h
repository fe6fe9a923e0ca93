/* probe.h: the probe's hooks, for its own main and for tests that link its handlers. */
#ifndef PROBE_H
#define PROBE_H

#include <gatewright.h>

extern const struct gw_hooks probe_hooks;

#endif
