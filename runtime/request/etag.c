/* etag.c: entity tags and If-None-Match (RFC 9110, 8.8.3 and 13.1.2).
 *
 * What it refuses to do: conditions on anything but a whole answer of 200 to GET or HEAD. */
#include "request/request.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>

#define ETAG GW_STR("ETag")

/* RFC 9110, 8.8.3: etagc, without what is not ASCII. */
static bool is_tag(const char *tag)
{
    if (!*tag)
        return false;
    for (; *tag; tag++)
        if (*tag <= 0x20 || *tag >= 0x7f || *tag == '"')
            return false;
    return true;
}

int gw_etag(struct gw_request *req, const char *tag)
{
    if (tag && !is_tag(tag)) {
        req->response.broken = true;
        gw_log(req, "an entity tag was refused: it holds quotes, blanks or control bytes");
        return -EINVAL;
    }
    const char *quoted = tag ? gw_arena_printf(req->arena, "\"%s\"", tag) : NULL;
    if (tag && !quoted)
        return -ENOMEM;
    req->response.conditional = true;
    return tag ? gw_set_header(req, "ETag", quoted) : 0;
}

/* The first 128 bits of SHA-256, as hex digits. */
static const char *hash(struct gw_request *req, struct gw_str body)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t len;
    char text[2 * 16 + 1];
    if (!EVP_Q_digest(NULL, "SHA256", NULL, body.ptr ? body.ptr : "", body.len, digest, &len))
        return NULL;
    for (size_t i = 0; i < 16; i++)
        sprintf(text + 2 * i, "%02x", digest[i]);
    return gw_arena_printf(req->arena, "%s", text);
}

/* A file's tag is of the file, also where somebody else sends its bytes. */
static int make_tag(struct gw_request *req)
{
    const struct gw_response *response = &req->response;
    const char *tag = response->file_tag ? response->file_tag : hash(req, response->body);
    return tag ? gw_etag(req, tag) : -ENOMEM;
}

const char *gw_etag_of_file(struct gw_request *req, const struct stat *st)
{
    const char *text = gw_arena_printf(
        req->arena, "%llx.%llx.%llx.%llx.%lx.%llx.%lx", (unsigned long long)st->st_dev,
        (unsigned long long)st->st_ino, (unsigned long long)st->st_size,
        (unsigned long long)st->st_mtim.tv_sec, (unsigned long)st->st_mtim.tv_nsec,
        (unsigned long long)st->st_ctim.tv_sec, (unsigned long)st->st_ctim.tv_nsec);
    return text ? hash(req, gw_str_from(text)) : NULL;
}

/* The opaque part of the next entity tag of a list; weak ones compare alike. */
static bool next_tag(const char **at, struct gw_str *ret)
{
    const char *open = strchr(*at, '"'), *close = open ? strchr(open + 1, '"') : NULL;
    if (!close)
        return false;
    *ret = (struct gw_str){open, (size_t)(close - open + 1)};
    *at = close + 1;
    return true;
}

static bool client_has(struct gw_request *req, struct gw_str tag)
{
    const char *list = gw_header(req, "If-None-Match");
    struct gw_str theirs;
    if (list && !strcmp(list, "*"))
        return true;
    while (list && next_tag(&list, &theirs))
        if (gw_str_equal(theirs, tag))
            return true;
    return false;
}

int gw_response_condition(struct gw_request *req)
{
    struct gw_response *response = &req->response;
    bool reads = req->head || gw_str_equal(req->in.method, GW_STR("GET"));
    if (!response->conditional || response->status != 200 || !reads)
        return 0;
    int r = gw_response_header(response, ETAG) ? 0 : make_tag(req);
    const struct gw_response_header *tag = gw_response_header(response, ETAG);
    if (!r && tag && client_has(req, tag->value))
        response->status = 304;
    return r;
}
