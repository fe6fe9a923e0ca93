/* proxies.c: GW_TRUSTED_PROXIES. */
#include "config/own.h"

bool gw_proxies_read(const char *text, struct gw_arena *arena, struct gw_config *config)
{
    size_t n = 1;
    for (const char *c = text; *c; c++)
        n += *c == ',';
    struct gw_network *networks = gw_arena_array(arena, n, sizeof(*networks));
    for (size_t i = 0; networks && i < n; i++) {
        size_t len = strcspn(text, ",");
        if (!gw_network_read((struct gw_str){text, len}, &networks[i]))
            return false;
        text += len + 1;
    }
    config->proxies = networks;
    config->n_proxies = n;
    return networks;
}
