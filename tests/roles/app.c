/* app.c: routes that only answer, and two that make a token for a row. */
#include "routes.h"

int for_users(struct gw_request *req, const struct users_row *me)
{
    return gw_text(req, 200, me ? "a user" : "?");
}

int for_staff(struct gw_request *req, const struct staff_row *me)
{
    return gw_text(req, 200, me ? "staff" : "?");
}

int for_both(struct gw_request *req)
{
    return gw_text(req, 200, users_of(req) ? "a user" : staff_of(req) ? "staff" : "?");
}

int for_users_or_guests(struct gw_request *req, const struct users_row *me)
{
    return gw_text(req, 200, me ? "a user" : "a guest");
}

int for_staff_or_guests(struct gw_request *req, const struct staff_row *me)
{
    return gw_text(req, 200, me ? "staff" : "a guest");
}

int for_both_or_guests(struct gw_request *req)
{
    return gw_text(req, 200, users_of(req) ? "a user" : staff_of(req) ? "staff" : "a guest");
}

/* Both ways to a token must say the same. */
static int answer(struct gw_request *req, int r, const char *token, const char *table, int64_t id)
{
    const char *other;
    int s = gw_create_token(req, table, json_integer(id), NULL, &other);
    if (r != s)
        return gw_problem(req, 500, NULL, "the two ways to a token differ");
    return r ? r : gw_text(req, 200, token);
}

int token_of_users(struct gw_request *req, int64_t id)
{
    const struct users_row *row;
    const char *token = NULL;
    int r = users_find(req, id, &row);
    r = r ? r : users_create_token(req, row, &token);
    return answer(req, r, token, "users", id);
}

int token_of_staff(struct gw_request *req, int64_t id)
{
    const struct staff_row *row;
    const char *token = NULL;
    int r = staff_find(req, id, &row);
    r = r ? r : staff_create_token(req, row, &token);
    return answer(req, r, token, "staff", id);
}

int main(int argc, char **argv)
{
    return gw_main(argc, argv, NULL);
}
