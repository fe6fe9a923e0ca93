/* value.h: values of columns as texts: what JSON would have, without quotes. */
#ifndef GW_API_VALUE_H
#define GW_API_VALUE_H

#include "generated.h"

struct gw_arena;

/* Of NULL nothing; of bytes themselves. -ENOMEM. */
int gw_text_of_value(const struct gw_value *value, struct gw_arena *arena, struct gw_bytes *ret);

/* False: the text is no value of the column's type. What the column says of values of its type is
 * looked at when they are written. A NUL stands behind the text. */
bool gw_value_of_text(const struct gw_column *column, struct gw_bytes bytes, struct gw_arena *arena,
                      struct gw_value *ret);

#endif
