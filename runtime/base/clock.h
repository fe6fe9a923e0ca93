/* clock.h: time, read in one place. */
#ifndef GW_CLOCK_H
#define GW_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in nanoseconds: for deadlines and durations. */
uint64_t gw_now_ns(void);

/* CLOCK_REALTIME in microseconds since 1970: for whatever leaves the process. */
int64_t gw_now_us(void);

#endif
