/* regex_numbers.c: whole numbers between two bounds as an expression over their digits. */
#include "match/regex.h"

#include "base/text.h"

#include <stdlib.h>

/* The numbers that have `n` digits (or up to `most`) of any kind behind one from `first` to `last`
 * and what stands before that. */
struct block {
    unsigned first, last, n, most;
    uint64_t size; /* ten to the n-th */
    uint64_t end;
};

/* The largest that begins at `low` and holds nothing beyond `high`. */
static struct block block_at(uint64_t low, uint64_t high)
{
    struct block block = {.size = 1};
    while (block.size <= UINT64_MAX / 10 && low >= block.size * 10 &&
           low % (block.size * 10) == 0 && high - low >= block.size * 10 - 1) {
        block.size *= 10;
        block.n++;
    }
    block.first = block.last = (unsigned)(low / block.size % 10);
    while (block.last < 9 && high - low >= (block.last - block.first + 2) * block.size - 1)
        block.last++;
    block.end = low + (block.last - block.first + 1) * block.size - 1;
    return block;
}

/* With the numbers of more digits, where all of `block`'s length are in it. */
static void add_longer(struct block *block, uint64_t low, uint64_t high)
{
    block->most = block->n;
    while (low == block->size && block->last == 9 && block->end < UINT64_MAX / 10 &&
           high - block->end >= 9 * (block->end + 1)) {
        block->most++;
        block->end = (block->end + 1) * 10 - 1;
    }
}

static void add_numbers(struct text *to, const char *sign, uint64_t low, uint64_t high)
{
    for (bool more = low <= high; more;) {
        struct block block = block_at(low, high);
        add_longer(&block, low, high);
        text_printf(to, "%s%s", to->n ? "|" : "", sign);
        if (low / block.size >= 10)
            text_printf(to, "%llu", (unsigned long long)(low / block.size / 10));
        text_printf(to, "[%u-%u]", block.first, block.last);
        if (block.most)
            text_printf(to, "\\d{%u,%u}", block.n, block.most);
        more = block.end < high;
        low = block.end + 1;
    }
}

const char *regex_numbers(struct arena *arena, const char *low, const char *high)
{
    struct text text = {.arena = arena};
    uint64_t least = strtoull(low + (*low == '-'), NULL, 10);
    uint64_t most = strtoull(high + (*high == '-'), NULL, 10);
    bool below = *low == '-' && least, none = *high == '-' && most;
    if (below)
        add_numbers(&text, "-", none ? most : 1, least);
    if (!none)
        add_numbers(&text, "", below ? 0 : least, most);
    return text.n ? text.items : NULL;
}
