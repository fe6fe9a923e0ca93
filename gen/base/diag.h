/* diag.h: errors, warnings and notes. */
#ifndef GEN_DIAG_H
#define GEN_DIAG_H

#include "base/arena.h"
#include "base/source.h"

#include <stdbool.h>

enum severity {
    DIAG_ERROR,
    DIAG_WARNING,
    DIAG_NOTE,
};

struct diag {
    enum severity severity;
    struct pos pos;
    const char *message;
    size_t order; /* of the message; notes have that of theirs */
};

struct diags {
    struct arena *arena;
    bool warnings_are_errors;
    size_t n_errors, n_warnings;
    bool dropped; /* the last message was one too many to keep: its notes are dropped too */
    VEC(struct diag) list;
};

void diag_error(struct diags *diags, struct pos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warning(struct diags *diags, struct pos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Belongs to the message before it. */
void diag_note(struct diags *diags, struct pos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints all of them to standard error in the order of the source, in colours on a terminal unless
 * NO_COLOR is set. */
void diag_print(struct diags *diags);

#endif
