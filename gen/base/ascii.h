/* ascii.h: letters and digits of ASCII, whatever the locale. */
#ifndef GEN_ASCII_H
#define GEN_ASCII_H

#include <stdbool.h>

struct arena;

bool ascii_is_digit(char c);
bool ascii_is_hex(char c);

/* Of a hexadecimal digit in either case. */
int ascii_hex_value(char c);

/* Other characters stay as they are. */
char ascii_lower(char c);

/* "USERS" for "users". */
const char *ascii_upper_case(struct arena *arena, const char *text);

#endif
