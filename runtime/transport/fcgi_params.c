/* fcgi_params.c: see fcgi_params.h. */
#include "transport/fcgi_params.h"

#include <errno.h>
#include <stdlib.h>

#define SMALLEST 2048

/* A length of the name-value encoding. False at the end of the text. */
static bool take_length(const unsigned char **at, const unsigned char *end, size_t *ret)
{
    if (*at == end)
        return false;
    if (!(**at & 0x80)) {
        *ret = *(*at)++;
        return true;
    }
    if (end - *at < 4)
        return false;
    *ret = (size_t)((*at)[0] & 0x7f) << 24 | (size_t)(*at)[1] << 16 | (size_t)(*at)[2] << 8 |
           (size_t)(*at)[3];
    *at += 4;
    return true;
}

bool gw_fcgi_take_pair(const unsigned char **at, const unsigned char *end, struct gw_meta *ret)
{
    size_t name, value;
    if (!take_length(at, end, &name) || !take_length(at, end, &value))
        return false;
    size_t left = (size_t)(end - *at);
    if (name > left || value > left - name)
        return false;
    ret->name = (struct gw_str){(const char *)*at, name};
    ret->value = (struct gw_str){(const char *)*at + name, value};
    *at += name + value;
    return true;
}

int gw_fcgi_params_add(struct gw_fcgi_params *params, const void *ptr, size_t len)
{
    if (params->overflow || len > GW_FCGI_PARAMS_MAX - params->len) {
        params->overflow = true;
        return 0;
    }
    if (params->size - params->len < len) {
        size_t size = params->size ? params->size : SMALLEST;
        while (size - params->len < len)
            size *= 2;
        char *larger = realloc(params->text, size);
        if (!larger)
            return -ENOMEM;
        params->text = larger;
        params->size = size;
    }
    memcpy(params->text + params->len, ptr, len);
    params->len += len;
    return 0;
}

static int grow_meta(struct gw_fcgi_params *params)
{
    size_t size = params->meta_size ? 2 * params->meta_size : 32;
    struct gw_meta *larger = realloc(params->meta, size * sizeof(*larger));
    if (!larger)
        return -ENOMEM;
    params->meta = larger;
    params->meta_size = size;
    return 0;
}

int gw_fcgi_params_split(struct gw_fcgi_params *params)
{
    params->n_meta = 0;
    if (!params->len)
        return 0;
    const unsigned char *at = (const unsigned char *)params->text, *end = at + params->len;
    while (at != end && !params->overflow) {
        if (params->n_meta == params->meta_size && grow_meta(params))
            return -ENOMEM;
        if (params->n_meta == GW_FCGI_META_MAX ||
            !gw_fcgi_take_pair(&at, end, &params->meta[params->n_meta]))
            params->overflow = true;
        else
            params->n_meta++;
    }
    return 0;
}

void gw_fcgi_params_reset(struct gw_fcgi_params *params)
{
    params->overflow = false;
    params->len = params->n_meta = 0;
}

void gw_fcgi_params_free(struct gw_fcgi_params *params)
{
    free(params->text);
    free(params->meta);
    *params = (struct gw_fcgi_params){0};
}
