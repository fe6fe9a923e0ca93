/* memory.c: see memory.h. The dispatcher is handed the exchanges directly, so
 * there is nothing to wait for. */
#include "transport/memory.h"

#include <errno.h>
#include <stdlib.h>

static ssize_t read_body(struct gw_exchange *exchange, void *buffer, size_t size)
{
    struct gw_memory_exchange *memory = (struct gw_memory_exchange *)exchange;
    size_t n = memory->body_len - memory->body_at;
    n = n < size ? n : size;
    if (memory->read_most && n > memory->read_most)
        n = memory->read_most;
    if (n)
        memcpy(buffer, memory->body + memory->body_at, n);
    memory->body_at += n;
    return (ssize_t)n;
}

static int write_out(struct gw_exchange *exchange, const void *ptr, size_t len)
{
    struct gw_memory_exchange *memory = (struct gw_memory_exchange *)exchange;
    char *larger = realloc(memory->out, memory->out_len + len + 1);
    if (!larger)
        return -EPIPE;
    memory->out = larger;
    memcpy(memory->out + memory->out_len, ptr, len);
    memory->out_len += len;
    memory->out[memory->out_len] = 0;
    return 0;
}

static void finish(struct gw_exchange *exchange, bool cut)
{
    struct gw_memory_exchange *memory = (struct gw_memory_exchange *)exchange;
    memory->finished = true;
    memory->cut = cut;
}

const struct gw_transport gw_transport_memory = {
    .name = "memory",
    .read = read_body,
    .write = write_out,
    .finish = finish,
};
