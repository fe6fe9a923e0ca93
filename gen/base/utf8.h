/* utf8.h: UTF-8 (RFC 3629). */
#ifndef GEN_UTF8_H
#define GEN_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Offset of the first byte that is not UTF-8, or `len`. */
size_t utf8_end(const char *ptr, size_t len);

/* Whether the byte is one behind the first of a character. */
bool utf8_is_continuation(char c);

/* Characters of a text that is UTF-8. */
size_t utf8_characters(const char *text);

#endif
