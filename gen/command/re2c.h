/* re2c.h: the matcher's C by re2c. */
#ifndef GEN_RE2C_H
#define GEN_RE2C_H

#include "base/text.h"

/* Runs `program` (a path, or a name on PATH) over the expressions `from` and adds the C that comes
 * of them to `to`. 0, or 1 after a message: the exit status of a command. */
int re2c_run(const char *program, const struct text *from, struct text *to);

#endif
