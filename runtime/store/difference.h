/* difference.h: what the live schema has otherwise than the declared one. */
#ifndef GW_DIFFERENCE_H
#define GW_DIFFERENCE_H

#include <stdbool.h>

/* Differences of schemas, each as one line for `report`. There are three kinds:
 *
 *  - differ: the program cannot work with it;
 *  - warn: it works, but somebody should know ("warning: ...");
 *  - deviate: it works, and the declared schema would have it otherwise.
 *
 * Whoever looks for the way to the declared schema (`exact`) takes all three as differences. */
struct gw_differences {
    void (*report)(void *data, const char *line);
    void *data;
    bool any;
    bool exact;
};
void gw_store_differ(struct gw_differences *differences, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void gw_store_warn(struct gw_differences *differences, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void gw_store_deviate(struct gw_differences *differences, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A `report` that writes a comment to the FILE that `data` is. */
void gw_store_print_difference(void *data, const char *line);

/* Why a column is not renamed: its former name, the table, and the name again. */
#define GW_STORE_BOTH_THERE                                                                        \
    "was %s, and both are there; bring the values together by hand, and let --allow-loss %s.%s"    \
    " drop the former"

#endif
