/* driver.h: SQLite, as a store. */
#ifndef GW_STORE_SQLITE_DRIVER_H
#define GW_STORE_SQLITE_DRIVER_H

#include "store/store.h"

extern const struct gw_store_driver gw_store_sqlite;

#endif
