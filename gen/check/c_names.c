/* c_names.c: looks names up that C has already. */
#include "check/c_names.h"

#include <stdlib.h>
#include <string.h>

/* C23's new ones too, so that generated code need not change then. */
static const char *const keywords[] = {
    "alignas",      "alignof",  "auto",          "bool",      "break",
    "case",         "char",     "const",         "constexpr", "continue",
    "default",      "do",       "double",        "else",      "enum",
    "extern",       "false",    "float",         "for",       "goto",
    "if",           "inline",   "int",           "long",      "nullptr",
    "register",     "restrict", "return",        "short",     "signed",
    "sizeof",       "static",   "static_assert", "struct",    "switch",
    "thread_local", "true",     "typedef",       "typeof",    "typeof_unqual",
    "union",        "unsigned", "void",          "volatile",  "while",
    "asm",
};

static int compare(const void *key, const void *item)
{
    return strcmp(key, *(const char *const *)item);
}

bool is_c_keyword(const char *name)
{
    for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
        if (!strcmp(keywords[i], name))
            return true;
    }
    return false;
}

bool is_c_identifier(const char *name)
{
    return bsearch(name, c_identifiers, n_c_identifiers, sizeof(*c_identifiers), compare);
}

bool is_c_macro(const char *name)
{
    return bsearch(name, c_macros, n_c_macros, sizeof(*c_macros), compare);
}
