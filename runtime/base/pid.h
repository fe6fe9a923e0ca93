/* pid.h: which process this is. */
#ifndef GW_PID_H
#define GW_PID_H

#include <sys/types.h>

/* getpid() without a system call, for what is asked with each statement: whether this is still the
 * process that has opened a connection, or a child of it. */
pid_t gw_pid(void);

#endif
