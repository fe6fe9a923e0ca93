/* spool.h: bytes that are written once and read, in fixed memory: what exceeds a bound lies in a
 * file without a name. */
#ifndef GW_SPOOL_H
#define GW_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define GW_SPOOL_MEMORY ((size_t)64 * 1024)

/* All bytes but `folder` zero: empty. */
struct gw_spool {
    const char *folder; /* where the file lies; NULL: /tmp */
    char *ptr;          /* the first GW_SPOOL_MEMORY bytes */
    size_t size;
    uint64_t len, at; /* bytes written, and read of these */
    int file;         /* the others, if has_file */
    bool has_file;
};

/* 0, -ENOMEM, or what opening or writing the file said (-ENOSPC also where it may not grow). */
int gw_spool_write(struct gw_spool *spool, const void *ptr, size_t len);

/* The number of bytes, 0 at the end; a negative errno if the file fails. */
ssize_t gw_spool_read(struct gw_spool *spool, void *buffer, size_t size);

/* The same from `at` on, whatever was read. */
ssize_t gw_spool_read_at(const struct gw_spool *spool, uint64_t at, void *buffer, size_t size);

void gw_spool_reset(struct gw_spool *spool); /* empty again; keeps its memory */
void gw_spool_free(struct gw_spool *spool);

#endif
