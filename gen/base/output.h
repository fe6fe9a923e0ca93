/* output.h: files are written last, all or none, and only if they change. */
#ifndef GEN_OUTPUT_H
#define GEN_OUTPUT_H

#include "base/text.h"

struct output {
    const char *name; /* in the folder */
    struct text text;
};

/* Writes the files into `folder`, which is made if it is not there. A file whose content is the
 * same is not touched. 0, or a negative errno with *ret_path the file. */
int output_write(struct arena *arena, const char *folder, const struct output *outputs,
                 size_t n_outputs, const char **ret_path);

/* One file by its path. */
int output_write_file(struct arena *arena, const char *path, const struct text *text);

/* Writes to standard output. 0, or 1 after a message: the exit status of a command. */
int output_print(const struct text *text);

#endif
