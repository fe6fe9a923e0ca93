/* c_names.h: names that C has already. */
#ifndef GEN_NAMES_H
#define GEN_NAMES_H

#include <stdbool.h>
#include <stddef.h>

extern const char *const c_identifiers[]; /* functions, types and variables of common headers */
extern const size_t n_c_identifiers;
extern const char *const c_macros[]; /* object-like macros */
extern const size_t n_c_macros;

bool is_c_keyword(const char *name);
bool is_c_identifier(const char *name);
bool is_c_macro(const char *name);

#endif
