/* map.c: open addressing over FNV-1a. Keys are never removed. */
#include "base/map.h"

#include "base/arena.h"

#include <stdint.h>
#include <string.h>

struct map_slot {
    const char *key;
    void *value;
    uint64_t hash;
};

static uint64_t hash_text(const char *key)
{
    uint64_t hash = 14695981039346656037u;
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 1099511628211u;
    return hash;
}

static struct map_slot *find(struct map_slot *slots, size_t cap, const char *key, uint64_t hash)
{
    size_t i = hash & (cap - 1);
    while (slots[i].key && (slots[i].hash != hash || strcmp(slots[i].key, key)))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

void *map_get(const struct map *map, const char *key)
{
    return map->cap ? find(map->slots, map->cap, key, hash_text(key))->value : NULL;
}

static void grow(struct arena *arena, struct map *map)
{
    size_t cap = map->cap ? map->cap * 2 : 64;
    struct map_slot *slots = arena_alloc(arena, cap * sizeof(*slots));
    for (size_t i = 0; i < map->cap; i++) {
        if (map->slots[i].key)
            *find(slots, cap, map->slots[i].key, map->slots[i].hash) = map->slots[i];
    }
    map->slots = slots;
    map->cap = cap;
}

void *map_put(struct arena *arena, struct map *map, const char *key, void *value)
{
    if (map->n * 2 >= map->cap)
        grow(arena, map);
    uint64_t hash = hash_text(key);
    struct map_slot *slot = find(map->slots, map->cap, key, hash);
    if (slot->key)
        return slot->value;
    *slot = (struct map_slot){.key = key, .value = value, .hash = hash};
    map->n++;
    return NULL;
}
