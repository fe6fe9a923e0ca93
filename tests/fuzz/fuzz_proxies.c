/* Whose address a request comes from is what a second reader finds, written another way: it reads
 * all fields from the front, one character after the other, and remembers the last entry that is
 * none of our proxies. The input is lines: GW_TRUSTED_PROXIES, REMOTE_ADDR, and each
 * X-Forwarded-For. */
#include "fuzz.h"

#include "config/own.h"
#include "request/client.h"
#include "request/context.h"
#include "request/request.h"

#include <arpa/inet.h>

#define MOST 16 /* fields, and networks */

/* As 128 bits, high bit first. */
struct second_network {
    unsigned char bits[128];
    size_t n;
};

static void spread(const unsigned char bytes[16], unsigned char bits[128])
{
    for (size_t i = 0; i < 128; i++)
        bits[i] = bytes[i / 8] >> (7 - i % 8) & 1;
}

/* The address in [from, to), bare. */
static bool second_address(const char *from, const char *to, unsigned char bits[128])
{
    char text[64] = "", mapped[80];
    unsigned char bytes[16];
    if (to - from < 1 || to - from > 63)
        return false;
    memcpy(text, from, (size_t)(to - from));
    if (!strchr(text, ':')) {
        struct in_addr ipv4;
        if (inet_pton(AF_INET, text, &ipv4) != 1)
            return false;
        snprintf(mapped, sizeof(mapped), "::ffff:%s", inet_ntoa(ipv4));
    } else {
        snprintf(mapped, sizeof(mapped), "%s", text);
    }
    if (inet_pton(AF_INET6, mapped, bytes) != 1)
        return false;
    spread(bytes, bits);
    return true;
}

/* The same with what proxies write around it. */
static bool second_entry(const char *from, const char *to, unsigned char bits[128])
{
    if (to - from > 63)
        return false;
    const char *colon = memchr(from, ':', (size_t)(to - from));
    if (from < to && *from == '[') {
        const char *end = memchr(from, ']', (size_t)(to - from));
        if (!end || (end + 1 < to && end[1] != ':'))
            return false;
        from++;
        to = end;
    } else if (colon && !memchr(colon + 1, ':', (size_t)(to - colon - 1))) {
        to = colon;
    }
    const char *zone = from < to ? memchr(from, '%', (size_t)(to - from)) : NULL;
    return second_address(from, zone ? zone : to, bits);
}

static bool second_is_network(const char *from, const char *to, struct second_network *ret)
{
    const char *slash = from < to ? memchr(from, '/', (size_t)(to - from)) : NULL;
    const char *end = slash ? slash : to;
    bool ipv6 = from < end && memchr(from, ':', (size_t)(end - from));
    unsigned bits = ipv6 ? 128 : 32;
    if (!second_address(from, end, ret->bits))
        return false;
    if (slash) {
        bits = 0;
        if (slash + 1 == to || to - slash > 4 || (slash[1] == '0' && to - slash > 2))
            return false;
        for (const char *c = slash + 1; c < to; c++) {
            if (*c < '0' || *c > '9')
                return false;
            bits = 10 * bits + (unsigned)(*c - '0');
        }
    }
    if (bits > (ipv6 ? 128u : 32u))
        return false;
    ret->n = ipv6 ? bits : 96 + bits;
    return !memchr(ret->bits + ret->n, 1, 128 - ret->n);
}

static bool second_trusts(const struct second_network *networks, size_t n,
                          const unsigned char bits[128])
{
    for (size_t i = 0; i < n; i++)
        if (!memcmp(networks[i].bits, bits, networks[i].n))
            return true;
    return false;
}

/* From the front: an entry that is none of ours makes all before it unbelieved, and what is no
 * address at all leaves the one behind it. */
struct second_reader {
    unsigned char bits[128];
    bool settled; /* by an entry that ends the way back */
};

static void second_read(const char *field, size_t len, const struct second_network *networks,
                        size_t n, struct second_reader *entries, size_t *io_n)
{
    const char *end = field + len, *from = field;
    for (const char *c = field; c <= end; c++) {
        if (c < end && *c != ',')
            continue;
        const char *to = c;
        while (from < to && (*from == ' ' || *from == '\t'))
            from++;
        while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
            to--;
        struct second_reader *entry = &entries[(*io_n)++];
        entry->settled = !second_entry(from, to, entry->bits);
        if (entry->settled)
            entry->bits[0] = 2; /* none */
        else
            entry->settled = !second_trusts(networks, n, entry->bits);
        from = c + 1;
    }
}

static void compare(struct gw_str *lines, size_t n_lines, struct gw_config *config)
{
    struct second_network networks[MOST];
    static struct second_reader entries[5000];
    unsigned char remote[128], found[128];
    size_t n = 0, n_entries = 0;
    const char *from = lines[0].ptr, *end = from + lines[0].len;
    for (const char *c = from; c <= end; c++)
        if (c == end || *c == ',') {
            MUST(second_is_network(from, c, &networks[n++]));
            from = c + 1;
        }
    MUST(n == config->n_proxies);
    struct gw_meta meta[MOST];
    for (size_t i = 2; i < n_lines; i++)
        meta[i - 2] = (struct gw_meta){GW_STR("HTTP_X_FORWARDED_FOR"), lines[i]};
    struct gw_server server = {.config = *config};
    struct gw_worker worker = {.server = &server};
    struct gw_exchange exchange = {.meta = meta, .n_meta = n_lines - 2};
    struct gw_request req = {.worker = &worker, .exchange = &exchange};
    req.in.remote_address = lines[1];
    struct gw_address address = gw_client_find(&req);
    spread(address.bytes, found);
    if (!second_entry(lines[1].ptr, lines[1].ptr + lines[1].len, remote)) {
        MUST(!memchr(found, 1, sizeof(found)));
        return;
    }
    if (second_trusts(networks, n, remote))
        for (size_t i = 2; i < n_lines; i++)
            second_read(lines[i].ptr, lines[i].len, networks, n, entries, &n_entries);
    const unsigned char *expected = remote;
    for (size_t i = n_entries; i > 0; i--) {
        if (entries[i - 1].bits[0] == 2)
            break;
        expected = entries[i - 1].bits;
        if (entries[i - 1].settled)
            break;
    }
    MUST(!memcmp(found, expected, sizeof(found)));
}

static bool second_takes(const char *text)
{
    struct second_network network;
    for (;;) {
        const char *end = strchrnul(text, ',');
        if (!second_is_network(text, end, &network))
            return false;
        if (!*end)
            return true;
        text = end + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_str lines[MOST + 2] = {0};
    struct gw_config config = {0};
    size_t n = 0;
    if (size > 4000 || memchr(data, 0, size)) /* the gate refuses NUL before */
        return 0;
    char *text = malloc(size + 1);
    MUST(text);
    memcpy(text, data, size);
    text[size] = 0;
    for (char *at = text; n < MOST + 2 && at < text + size; n++) {
        char *end = memchr(at, '\n', (size_t)(text + size - at));
        end = end ? end : text + size;
        lines[n] = (struct gw_str){at, (size_t)(end - at)};
        *end = 0;
        at = end + 1;
    }
    size_t commas = 0;
    for (size_t i = 0; i < lines[0].len; i++)
        commas += lines[0].ptr[i] == ',';
    if (n >= 2 && commas < MOST && strlen(lines[0].ptr) == lines[0].len) {
        bool good = gw_proxies_read(lines[0].ptr, &arena, &config);
        MUST(good == second_takes(lines[0].ptr));
        if (good)
            compare(lines, n, &config);
    }
    gw_arena_free(&arena);
    free(text);
    return 0;
}
