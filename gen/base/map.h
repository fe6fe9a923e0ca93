/* map.h: a map from strings to pointers. */
#ifndef GEN_MAP_H
#define GEN_MAP_H

#include <stddef.h>

struct arena;

/* Zero-initialised it is empty. */
struct map {
    struct map_slot *slots;
    size_t n, cap;
};

/* NULL if absent. */
void *map_get(const struct map *map, const char *key);

/* Borrows `key`. Gives the value that was there before, or NULL; then the new one is not put. */
void *map_put(struct arena *arena, struct map *map, const char *key, void *value);

#endif
