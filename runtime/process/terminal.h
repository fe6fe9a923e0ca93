/* terminal.h: a secret that is asked for. */
#ifndef GW_TERMINAL_H
#define GW_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#define GW_SECRET_SIZE 512 /* with the NUL: no password that can be hashed is longer */

/* Asks for it twice on the terminal that is the standard input, without an echo, or with
 * `from_stdin` reads one line of whatever that is. False, and said on stderr: there is no terminal,
 * the two differ, it is empty, too long, or was broken off. */
bool gw_terminal_secret(const char *name, bool from_stdin, char ret[GW_SECRET_SIZE]);

#endif
