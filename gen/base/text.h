/* text.h: text that is being built: an output file, a line, a message. */
#ifndef GEN_TEXT_H
#define GEN_TEXT_H

#include <stddef.h>

struct arena;

struct text {
    struct arena *arena;
    char *items; /* NUL-terminated once something was added */
    size_t n, cap;
    unsigned n_lines; /* newlines so far */
};

void text_add(struct text *text, const char *ptr, size_t len);
void text_printf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));

/* `"..."` as a C string literal; NULL gives NULL. */
void text_c_string(struct text *text, const char *value);

/* The same as JSON (RFC 8259, 7); the value must be UTF-8. */
void text_json_string(struct text *text, const char *value);

/* What may stand inside a C comment: `*` and `/` are kept apart. */
void text_comment(struct text *text, const char *value);

/* `#line` back to the file that is being built. */
void text_line_back(struct text *text, const char *name);

/* `head(arg, arg, ...)tail` and a newline, broken at column 100 as clang-format does. */
void text_call(struct text *text, const char *head, const char *const *args, size_t n_args,
               const char *tail);

/* `head` and the names joined by `|`, broken in the same way. Those that are NULL are left out;
 * nothing without any. */
void text_flags(struct text *text, const char *head, const char *const *names, size_t n_names);

#endif
