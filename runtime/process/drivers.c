/* drivers.c: the one place that names the store's drivers. */
#include "process/drivers.h"

#include "store/mysql/driver.h"
#include "store/sqlite/driver.h"

const struct gw_store_scheme gw_store_schemes[] = {
    {.prefix = "sqlite:", .driver = &gw_store_sqlite},
    {.prefix = "mysql:", .driver = &gw_store_mysql},
    {.prefix = "mariadb:", .driver = &gw_store_mysql},
    {0},
};
