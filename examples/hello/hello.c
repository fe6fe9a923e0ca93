/* hello.c: the smallest Gatewright program. */
#include "routes.h"

int greet(struct gw_request *req)
{
    return gw_text(req, 200, "Hello, whoever you are.\n");
}

/* The gate has verified the token and loaded the row: `me` is never NULL here. */
int greet_person(struct gw_request *req, const struct people_row *me)
{
    return gw_text(req, 200, gw_printf(req, "Hello, %s.\n", me->name));
}

int main(int argc, char **argv)
{
    return gw_main(argc, argv, NULL);
}
