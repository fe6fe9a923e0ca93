/* difference.h: what the live schema has otherwise than the declared one. */
#ifndef GW_DIFFERENCE_H
#define GW_DIFFERENCE_H

#include <stdbool.h>

/* A difference of schemas as one line for `report`. */
struct gw_differences {
    void (*report)(void *data, const char *line);
    void *data;
    bool any;
};
void gw_store_differ(struct gw_differences *differences, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A `report` that writes a comment to the FILE that `data` is. */
void gw_store_print_difference(void *data, const char *line);

#endif
