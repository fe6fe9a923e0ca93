/* check.c: the checks, in order. Each goes on after an error; what one could not resolve is NULL
 * and the next does not complain about it again. */
#include "check/check.h"

void check_tree(struct tree *tree)
{
    name_session_cookies(tree);
    declare_runtime_handlers(tree);
    check_outer_names(tree);
    check_tables(tree);
    check_bodies(tree);
    check_routes(tree);
    check_patches(tree);
    check_problems(tree);
    check_browsers(tree);
    check_issuers(tree);
    check_sessions(tree);
    check_tickets(tree);
    check_jobs(tree);
    check_handlers(tree);
    check_names(tree);
    check_lengths(tree);
    check_sql(tree);
    check_descriptions(tree);
    check_any_route(tree);
}
