/* words.c: columns that hold `one of` some words, which C has as an enum. */
#include "check/check.h"

#include "base/utf8.h"

#include <string.h>

/* What else it cannot be, or NULL: the words are compared byte for byte, and few. */
static const char *other_kind(const struct column *column)
{
    return column->key               ? "a key"
           : column->secret          ? "secret"
           : column->references.text ? "what references"
           : column->nocase          ? "`nocase`"
                                     : NULL;
}

/* An earlier word that is the same in C, or NULL. */
static const struct name *same_constant(struct arena *arena, const struct words *words, size_t i)
{
    const char *constant = word_constant(arena, words, i);
    for (size_t j = 0; j < i; j++) {
        if (!strcmp(word_constant(arena, words, j), constant))
            return &words->items[j];
    }
    return NULL;
}

static void check_constant(struct tree *tree, struct words *words, size_t i)
{
    const struct name *same = same_constant(tree->arena, words, i);
    if (!same)
        return;
    words->broken = true;
    diag_error(tree->diags, words->items[i].pos, "\"%s\" and \"%s\" are both `%s` in C", same->text,
               words->items[i].text, word_constant(tree->arena, words, i));
}

const char *words_name(struct arena *arena, const struct table *table, const struct column *column)
{
    return arena_printf(arena, "%s__%s", table->name.text, column->name.text);
}

size_t longest_word(const struct words *words)
{
    size_t longest = 0;
    for (size_t i = 0; i < words->n; i++) {
        size_t n = utf8_characters(words->items[i].text);
        longest = n > longest ? n : longest;
    }
    return longest;
}

void check_words(struct tree *tree, const struct table *table, struct column *column)
{
    struct words *words = &column->one_of;
    const char *other = other_kind(column);
    words->name = words_name(tree->arena, table, column);
    if (column->type != TYPE_TEXT)
        diag_error(tree->diags, words->items[0].pos, "`one of` is for a text: `%s` is %s",
                   column->name.text, type_phrase(column->type));
    else if (other)
        diag_error(tree->diags, words->items[0].pos, "what is `one of` cannot be %s", other);
    for (size_t i = 0; i < words->n; i++) {
        const struct name *word = &words->items[i];
        size_t n = utf8_characters(word->text), most = column->max ? column->max : MAX_WORD;
        if (n > most)
            diag_error(tree->diags, word->pos, "the column holds %zu characters; \"%s\" has %zu",
                       most, word->text, n);
        check_constant(tree, words, i);
    }
    if (!column->max && column->type == TYPE_TEXT)
        column->max = (uint32_t)longest_word(words);
}
