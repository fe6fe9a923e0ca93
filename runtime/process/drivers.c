/* drivers.c: the one place that names the store's drivers. */
#include "process/drivers.h"

#include "store/sqlite/driver.h"

#include <stddef.h>

#ifdef GW_HAVE_MYSQL
#include "store/mysql/driver.h"
#define MYSQL    &gw_store_mysql
#define NO_MYSQL NULL
#else
#define MYSQL NULL
#define NO_MYSQL                                                                                   \
    "names MySQL or MariaDB, and this program was built without them (meson's option `mysql`)"
#endif

const struct gw_store_scheme gw_store_schemes[] = {
    {.prefix = "sqlite:", .driver = &gw_store_sqlite},
    {.prefix = "mysql:", .driver = MYSQL, .why_not = NO_MYSQL},
    {.prefix = "mariadb:", .driver = MYSQL, .why_not = NO_MYSQL},
    {0},
};
