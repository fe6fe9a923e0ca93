/* child.h: another program, run to its end. */
#ifndef GW_CHILD_H
#define GW_CHILD_H

#include <stddef.h>
#include <stdint.h>

/* Runs argv[0], an absolute path, without a shell. It gets `input` on its standard input, no other
 * file of ours, and of the environment PATH alone; what it says is dropped. At the deadline
 * (CLOCK_MONOTONIC) it is killed: -ETIMEDOUT. 0 where it ended by itself: *ret_status is its exit
 * status, or 128 and the signal. A negative errno where it could not be run. */
int gw_child_run(char *const *argv, const char *input, size_t len, uint64_t deadline_ns,
                 int *ret_status);

#endif
