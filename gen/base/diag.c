/* diag.c: errors, warnings and notes.
 *
 * Passes collect messages and go on, so that one run shows everything there is to mend. Messages
 * are printed in the order of the source, in the format of a C compiler, which editors understand:
 *
 *     routes.def:14:5: error: `user` is not an entity; did you mean `users`?
 *         GET /me user show_me
 *                 ^~~~ */
#include "base/diag.h"

#include "base/text.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SHOWN   100   /* errors; the rest is only counted */
#define MAX_KEPT    10000 /* messages: a file of nothing but mistakes costs no more memory */
#define MAX_MESSAGE 1000  /* bytes */
#define LINE_BEFORE 60    /* characters of a long line that are shown before the caret */
#define LINE_AFTER  60

/* A message may quote a word of any length: its middle is left out. */
static void clip(char *message)
{
    size_t len = strlen(message);
    if (len <= MAX_MESSAGE)
        return;
    char *from = message + MAX_MESSAGE / 2, *rest = message + len - MAX_MESSAGE / 2;
    while (utf8_is_continuation(*from))
        from--;
    while (utf8_is_continuation(*rest))
        rest++;
    memcpy(from, "...", 3);
    memmove(from + 3, rest, strlen(rest) + 1);
}

__attribute__((format(printf, 4, 0), nonnull(4))) static void
add(struct diags *diags, enum severity severity, struct pos pos, const char *format, va_list args)
{
    if (severity != DIAG_NOTE)
        diags->dropped = diags->list.n >= MAX_KEPT;
    if (diags->dropped)
        return;
    char *message = arena_vprintf(diags->arena, format, args);
    clip(message);
    size_t order = diags->list.n;
    if (severity == DIAG_NOTE && order)
        order = diags->list.items[order - 1].order;
    *vec_add(diags->arena, &diags->list) =
        (struct diag){.severity = severity, .pos = pos, .message = message, .order = order};
}

void diag_error(struct diags *diags, struct pos pos, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(diags, DIAG_ERROR, pos, format, args);
    va_end(args);
    diags->n_errors++;
}

void diag_warning(struct diags *diags, struct pos pos, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(diags, diags->warnings_are_errors ? DIAG_ERROR : DIAG_WARNING, pos, format, args);
    va_end(args);
    if (diags->warnings_are_errors)
        diags->n_errors++;
    else
        diags->n_warnings++;
}

void diag_note(struct diags *diags, struct pos pos, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(diags, DIAG_NOTE, pos, format, args);
    va_end(args);
}

static int compare_pos(struct pos a, struct pos b)
{
    unsigned order_a = a.source ? a.source->order : 0, order_b = b.source ? b.source->order : 0;
    if (order_a != order_b)
        return order_a < order_b ? -1 : 1;
    return a.offset < b.offset ? -1 : a.offset > b.offset;
}

/* A message with the notes that follow it. */
struct group {
    const struct diag *first;
    size_t n;
};

static int compare_groups(const void *a, const void *b)
{
    const struct group *left = a, *right = b;
    int r = compare_pos(left->first->pos, right->first->pos);
    if (r)
        return r;
    return left->first->order < right->first->order ? -1 : 1;
}

/* The line and the caret. Long lines are cut around the caret; tabs are repeated in the caret's
 * line so that it stays in place however wide they are. */
static void print_line(FILE *to, struct pos pos)
{
    const struct source *source = pos.source;
    const char *line = source->ptr + source->lines[pos_line(pos) - 1];
    const char *at = source->ptr + pos.offset;
    const char *stop = source->ptr + source->len;
    const char *end = memchr(line, '\n', (size_t)(stop - line));
    if (!end)
        end = stop;
    if (end > line && end[-1] == '\r')
        end--;
    if (at > end)
        at = end;
    const char *from = at - line > LINE_BEFORE + LINE_AFTER ? at - LINE_BEFORE : line;
    while (from > line && utf8_is_continuation(*from))
        from--;
    size_t span = pos.len > LINE_AFTER ? LINE_AFTER : pos.len;
    const char *to_end = (size_t)(end - at) > span + 2 * LINE_AFTER ? at + span + LINE_AFTER : end;
    while (to_end < end && utf8_is_continuation(*to_end))
        to_end++;
    fprintf(to, "    %s", from > line ? "..." : "");
    bool utf8 = utf8_end(from, (size_t)(to_end - from)) == (size_t)(to_end - from);
    for (const char *p = from; p < to_end; p++) {
        unsigned char c = (unsigned char)*p;
        fputc((c < 0x20 && c != '\t') || c == 0x7f || (c >= 0x80 && !utf8) ? '?' : c, to);
    }
    fprintf(to, "%s\n    %s", to_end < end ? "..." : "", from > line ? "   " : "");
    for (const char *p = from; p < at; p++) {
        if (!utf8_is_continuation(*p))
            fputc(*p == '\t' ? '\t' : ' ', to);
    }
    fputc('^', to);
    for (const char *p = at + 1; p < at + span && p < to_end; p++) {
        if (!utf8_is_continuation(*p))
            fputc('~', to);
    }
    fputc('\n', to);
}

static void print_one(const struct diag *diag, FILE *to, bool colour)
{
    static const char *const words[] = {"error", "warning", "note"};
    static const char *const colours[] = {"\033[1;31m", "\033[1;35m", "\033[1;36m"};
    if (diag->pos.source)
        fprintf(to, "%s:%u:%u: ", diag->pos.source->path, pos_line(diag->pos),
                pos_column(diag->pos));
    else
        fputs("gatewright: ", to);
    fprintf(to, "%s%s:%s %s\n", colour ? colours[diag->severity] : "", words[diag->severity],
            colour ? "\033[0m" : "", diag->message);
    if (diag->pos.source)
        print_line(to, diag->pos);
}

void diag_print(struct diags *diags)
{
    const char *no_colour = getenv("NO_COLOR");
    bool colour = isatty(STDERR_FILENO) && !(no_colour && *no_colour);
    size_t n_groups = 0, n_errors = 0;
    struct group *groups = arena_alloc(diags->arena, (diags->list.n + 1) * sizeof(*groups));
    for (size_t i = 0; i < diags->list.n; i++) {
        if (diags->list.items[i].severity != DIAG_NOTE)
            groups[n_groups++].first = &diags->list.items[i];
        if (n_groups)
            groups[n_groups - 1].n++;
    }
    qsort(groups, n_groups, sizeof(*groups), compare_groups);
    for (size_t i = 0; i < n_groups; i++) {
        if (groups[i].first->severity == DIAG_ERROR && n_errors++ >= MAX_SHOWN)
            continue;
        for (size_t j = 0; j < groups[i].n; j++)
            print_one(groups[i].first + j, stderr, colour);
    }
    if (diags->n_errors > MAX_SHOWN)
        fprintf(stderr, "gatewright: %zu more errors are not shown\n", diags->n_errors - MAX_SHOWN);
}
