/* suggest.h: the word that was probably meant. */
#ifndef GEN_SUGGEST_H
#define GEN_SUGGEST_H

struct arena;

/* What `did you mean` offers: collects candidates, keeps the nearest. */
struct suggestion {
    const char *wanted, *best;
    unsigned distance;
};
void suggest(struct suggestion *suggestion, const char *candidate);

/* "; did you mean `x`?" or "". */
const char *suggestion_text(struct arena *arena, const struct suggestion *suggestion);

#endif
