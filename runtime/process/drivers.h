/* drivers.h: the stores that this program can use. */
#ifndef GW_DRIVERS_H
#define GW_DRIVERS_H

#include "store/store.h"

/* For gw_store_new. */
extern const struct gw_store_scheme gw_store_schemes[];

#endif
