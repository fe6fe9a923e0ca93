#include "routes.h"

int show_thing(struct gw_request *req, int64_t id)
{
    return url_show_thing(req, id) ? 0 : -1;
}

int main(void)
{
    return gw_app.routes[0].n_params != 1;
}
