/* clock.c: the two clocks. time() is not used: it is behind CLOCK_REALTIME for the first
 * milliseconds of a second. */
#include "base/clock.h"

#include <time.h>

uint64_t gw_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int64_t gw_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
