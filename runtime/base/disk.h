/* disk.h: small files, read and written whole. */
#ifndef GW_DISK_H
#define GW_DISK_H

#include "base/str.h"

#include <sys/types.h>

struct gw_arena;

/* Reads a file of at most `most` bytes; `dir` as in openat(2), AT_FDCWD for the working directory.
 * The text is in `arena` with a NUL behind it: a secret is the caller's to wipe. `regular`: what is
 * no file (a pipe, a device) is -EISDIR. 0, -EFBIG, -ENOMEM, or what open or read says. */
int gw_disk_read(int dir, const char *name, size_t most, bool regular, struct gw_arena *arena,
                 struct gw_str *ret);

/* rename(2) within a folder that replaces nothing: -EEXIST where `to` is taken. */
int gw_disk_rename_new(int dir, const char *from, const char *to);

enum gw_disk_write {
    GW_DISK_NEW,     /* -EEXIST where the name is taken */
    GW_DISK_REPLACE, /* takes the place of what has that name */
};

/* Writes a file of the folder `dir` by a rename, so that whoever reads the name sees all of it or
 * what was there before. Its bytes are on the disk when this returns 0. A negative errno: nothing
 * has changed. */
int gw_disk_write(int dir, const char *name, struct gw_str text, mode_t mode,
                  enum gw_disk_write how, struct gw_arena *arena);

#endif
