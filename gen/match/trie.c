/* trie.c: the trie of segments, and the words and classes that its edges speak of.
 *
 * One trie serves all methods: a node has a route for each. Literals are numbered once for the
 * whole trie, so that the scanner need not know where it is. */
#include "match/match.h"

#include "match/path_type.h"

#include <string.h>

#define BIT(kind) (1u << (kind))
#define ANY       (BIT(SEGMENT_FREE) | BIT(SEGMENT_PATH))

const unsigned base_class_masks[N_BASE_CLASSES] = {
    [BASE_UUID_LOWER] = BIT(SEGMENT_UUID) | BIT(SEGMENT_SLUG) | ANY,
    [BASE_UUID_OTHER] = BIT(SEGMENT_UUID) | ANY,
    [BASE_DATE] = BIT(SEGMENT_DATE) | BIT(SEGMENT_SLUG) | ANY,
    [BASE_INT] = BIT(SEGMENT_INT) | BIT(SEGMENT_UINT) | BIT(SEGMENT_SLUG) | ANY,
    [BASE_BIG] = BIT(SEGMENT_UINT) | BIT(SEGMENT_SLUG) | ANY,
    [BASE_NEGATIVE] = BIT(SEGMENT_INT) | ANY,
    [BASE_SLUG] = BIT(SEGMENT_SLUG) | ANY,
    [BASE_OTHER] = ANY,
};

/* Index in matcher->words; n_classes is added when all are known. */
static unsigned word_index(struct matcher *matcher, const char *text)
{
    size_t number = matcher->words.n + 1;
    void *before = map_put(matcher->arena, &matcher->word_numbers, text, (void *)number);
    if (before)
        return (unsigned)(size_t)before - 1;
    *vec_add(matcher->arena, &matcher->words) =
        (struct match_word){.text = text, .mask = path_type_mask(text)};
    return (unsigned)number - 1;
}

/* In matcher->key, until the next one. */
static const char *edge_key(struct matcher *matcher, unsigned parent, const struct segment *segment)
{
    struct text *key = &matcher->key;
    key->arena = matcher->arena;
    key->n = 0;
    text_printf(key, "%u ", parent);
    match_segment_key(key, segment);
    return key->items;
}

static unsigned child(struct matcher *matcher, unsigned parent, const struct segment *segment)
{
    size_t number = matcher->nodes.n;
    const char *key = edge_key(matcher, parent, segment);
    void *before = map_get(&matcher->edges, key);
    if (before)
        return (unsigned)(size_t)before;
    map_put(matcher->arena, &matcher->edges, arena_copy(matcher->arena, key, matcher->key.n),
            (void *)number);
    struct match_node node = {.kind = segment->kind, .segment = segment};
    if (segment->kind == SEGMENT_LIKE || (segment->kind == SEGMENT_MIXED && !segment->n_words))
        node.pattern = match_pattern(matcher, segment);
    if (segment->kind == SEGMENT_LITERAL)
        *vec_add(matcher->arena, &node.words) = word_index(matcher, segment->literal);
    for (size_t i = 0; i < segment->n_words; i++)
        *vec_add(matcher->arena, &node.words) = word_index(matcher, segment->words[i]);
    *vec_add(matcher->arena, &matcher->nodes) = node;
    *vec_add(matcher->arena, &matcher->nodes.items[parent].children) = (unsigned)number;
    matcher->used_types |= BIT(segment->kind);
    return (unsigned)number;
}

static void add_route(struct matcher *matcher, struct route *route)
{
    unsigned node = 0;
    for (size_t i = 0; i < route->segments.n; i++)
        node = child(matcher, node, &route->segments.items[i]);
    unsigned method = route->method + (route->locked ? N_METHODS : 0);
    struct route **slot = &matcher->nodes.items[node].routes[method];
    if (*slot) {
        diag_error(matcher->tree->diags, route->pos, "this route is there twice: %s %s",
                   method_names[route->method], (*slot)->pattern);
        diag_note(matcher->tree->diags, (*slot)->pos, "the first is here");
        return;
    }
    *slot = route;
}

/* Classes that no route tells apart are one. */
static void number_classes(struct matcher *matcher)
{
    for (int i = 0; i < N_BASE_CLASSES; i++)
        matcher->class_of_base[i] = match_class(matcher, base_class_masks[i]);
    for (size_t i = 0; i < matcher->words.n; i++)
        matcher->words.items[i].class = match_class(matcher, matcher->words.items[i].mask);
    for (size_t i = 0; i < matcher->nodes.n; i++) {
        struct match_node *node = &matcher->nodes.items[i];
        for (size_t j = 0; j < node->words.n; j++)
            node->words.items[j] += matcher->n_classes;
    }
}

void match_trie(struct matcher *matcher)
{
    struct tree *tree = matcher->tree;
    *vec_add(matcher->arena, &matcher->nodes) = (struct match_node){.kind = SEGMENT_LITERAL};
    for (size_t i = 0; i < tree->routes.n; i++) {
        if (!tree->routes.items[i]->broken)
            add_route(matcher, tree->routes.items[i]);
    }
    matcher->n_literals = matcher->words.n;
    number_classes(matcher);
}
