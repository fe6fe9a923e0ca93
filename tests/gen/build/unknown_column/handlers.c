#include "routes.h"

int show_thing(struct gw_request *req, int64_t id)
{
    return url_show_thing(req, id) ? 0 : -1;
}

int show_me(struct gw_request *req, const struct users_row *me)
{
    return users_update(req, me, USERS__NAMES);
}

int main(void)
{
    return gw_app.routes[0].n_params != 1;
}
