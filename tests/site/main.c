/* main.c: the main function of tests that need no more than a MariaDB server. */
#include "mariadb.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static int run_tests(int argc, char **argv)
{
    struct criterion_test_set *tests = criterion_initialize();
    int status = 1;
    if (criterion_handle_args(argc, argv, true))
        status = !criterion_run_all_tests(tests);
    criterion_finalize(tests);
    return status;
}

/* The server's own mode, which no driver may depend on. */
static bool set_mode(const struct mariadb *server)
{
    const char *mode = getenv("TESTS_SQL_MODE");
    char sql[128];
    if (!mode)
        return true;
    snprintf(sql, sizeof(sql), "SET GLOBAL sql_mode = '%s'", mode);
    return mariadb_exec(server, NULL, sql);
}

int site_main(int argc, char **argv, bool mariadb)
{
    struct mariadb server;
    int status = 1;
    if (!mariadb)
        return run_tests(argc, argv);
    if (mariadb_start(&server) && set_mode(&server)) {
        mariadb_publish(&server);
        status = run_tests(argc, argv);
    }
    mariadb_remove(&server);
    return status;
}
