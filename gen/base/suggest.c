/* suggest.c: the word that was probably meant. */
#include "base/suggest.h"

#include "base/arena.h"
#include "base/ascii.h"

#include <string.h>

#define MAX_WORD 64

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

/* Edits between two words, where swapping neighbours counts as one and case as none. */
static unsigned edit_distance(const char *a, const char *b)
{
    unsigned rows[3][MAX_WORD + 1];
    size_t n_a = strlen(a), n_b = strlen(b);
    if (n_a > MAX_WORD || n_b > MAX_WORD)
        return MAX_WORD;
    for (size_t j = 0; j <= n_b; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n_a; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= n_b; j++) {
            row[j] = smallest(above[j] + 1, row[j - 1] + 1,
                              above[j - 1] + (ascii_lower(a[i - 1]) != ascii_lower(b[j - 1])));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smallest(row[j], row[j], two_above[j - 2] + 1);
        }
    }
    return rows[n_a % 3][n_b];
}

void suggest(struct suggestion *suggestion, const char *candidate)
{
    unsigned distance = edit_distance(suggestion->wanted, candidate);
    unsigned allowed = (unsigned)strlen(suggestion->wanted) / 3;
    if (distance > (allowed ? allowed : 1) ||
        (suggestion->best && distance >= suggestion->distance))
        return;
    suggestion->best = candidate;
    suggestion->distance = distance;
}

const char *suggestion_text(struct arena *arena, const struct suggestion *suggestion)
{
    return suggestion->best ? arena_printf(arena, "; did you mean `%s`?", suggestion->best) : "";
}
