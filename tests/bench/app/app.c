/* app.c: the benchmark's requests on Gatewright. */
#include "routes.h"

int say_hello(struct gw_request *req)
{
    static const char text[] = "{\"hello\":\"world\"}";
    return gw_json_text(req, 200, text, sizeof(text) - 1);
}

int show_me(struct gw_request *req, const struct users_row *me)
{
    struct gw_writer *writer = gw_writer_new(req);
    users_write_json(writer, me);
    return gw_writer_send(req, 200, writer);
}

/* Without a password: what is measured is the token. */
int issue_token(struct gw_request *req)
{
    const struct users_row user = {.id = 1};
    const char *token;
    int r = users_create_token(req, &user, &token);
    if (r)
        return r;
    struct gw_writer *writer = gw_writer_new(req);
    gw_writer_object(writer);
    gw_writer_name(writer, "token");
    gw_writer_text(writer, token);
    gw_writer_end(writer);
    return gw_writer_send(req, 200, writer);
}

int main(int argc, char **argv)
{
    return gw_main(argc, argv, NULL);
}
