/* lock_session.c: sessions that are there and were not, or that live longer than they did. */
#include "describe/lock_line.h"

#include <stdio.h>
#include <string.h>

/* What a line says: seconds, and whether it ends in `strict`. */
struct terms {
    unsigned long long access, refresh, longest;
    bool strict;
};

/* False: it is not of that entity, or none. */
static bool read_terms(const char *line, const char *entity, struct terms *ret)
{
    const char *at = line + strlen(LOCK_SESSION);
    size_t len = strlen(entity);
    int n = 0;
    if (strncmp(at, entity, len) || strncmp(at + len, "  ", 2))
        return false;
    at += len;
    if (sscanf(at, "  access %llu  refresh %llu  longest %llu%n", &ret->access, &ret->refresh,
               &ret->longest, &n) != 3)
        return false;
    ret->strict = !strcmp(at + n, "  strict");
    return ret->strict || !at[n];
}

static void compare(struct tree *tree, const struct session *session, const struct terms *before,
                    struct pos lock)
{
    const struct {
        const char *word;
        unsigned long long before;
        const struct duration *now;
    } times[] = {
        {"access", before->access, &session->access},
        {"refresh", before->refresh, &session->refresh},
        {"longest", before->longest, &session->longest},
    };
    size_t n = tree->diags->n_errors;
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        if (times[i].now->seconds > times[i].before)
            diag_error(tree->diags, times[i].now->pos,
                       "opened since the lock: `%s` was %llu seconds", times[i].word,
                       times[i].before);
    }
    if (before->strict && !session->strict)
        diag_error(tree->diags, session->entity.pos,
                   "opened since the lock: sessions of `%s` were `strict`", session->entity.text);
    if (tree->diags->n_errors > n)
        diag_note(tree->diags, lock, "the lock has it here");
}

void lock_compare_sessions(struct tree *tree, const struct lock_line *const *lines, size_t n_lines)
{
    for (size_t i = 0; i < tree->sessions.n; i++) {
        const struct session *session = tree->sessions.items[i];
        struct terms before;
        size_t j = 0;
        while (j < n_lines && !read_terms(lines[j]->text, session->entity.text, &before))
            j++;
        if (j < n_lines)
            compare(tree, session, &before, lines[j]->pos);
        else
            diag_error(tree->diags, session->entity.pos,
                       "opened since the lock: `%s` has sessions now, which are renewed",
                       session->entity.text);
    }
}
