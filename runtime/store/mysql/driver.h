/* driver.h: MySQL and MariaDB, by libmariadb, as a store. */
#ifndef GW_STORE_MYSQL_DRIVER_H
#define GW_STORE_MYSQL_DRIVER_H

#include "store/store.h"

extern const struct gw_store_driver gw_store_mysql;

#endif
