/* app.c: handlers that say what reached them. */
#include "routes.h"

#include <inttypes.h>
#include <string.h>

int add_user(struct gw_request *req)
{
    struct users_row row = {.name = "Ann"};
    const char *token;
    int r = users_insert(req, &row, NULL);
    if (!r)
        r = users_create_token(req, &row, &token);
    return r ? r : gw_text(req, 200, token);
}

int show_me(struct gw_request *req, const struct users_row *me)
{
    return gw_text(req, 200, me->name);
}

static int say(struct gw_request *req, const struct named_body *body)
{
    return gw_text(req, 200,
                   gw_printf(req, "%s %" PRId64, body->name, body->n.set ? body->n.value : -1));
}

int take_thing(struct gw_request *req, const struct named_body *body)
{
    return say(req, body);
}

int take_form(struct gw_request *req, const struct named_body *form)
{
    return gw_empty(req, form->name ? 204 : 500);
}

int take_other(struct gw_request *req, const struct named_body *body)
{
    return say(req, body);
}

int put_thing(struct gw_request *req, int64_t id, const struct named_body *body)
{
    return say(req, body);
}

int patch_thing(struct gw_request *req, int64_t id, const struct named_body *body)
{
    return say(req, body);
}

int find(struct gw_request *req, const struct search_body *query, const struct named_body *body)
{
    return say(req, body);
}

int paint(struct gw_request *req, const struct colours_body *body)
{
    return gw_empty(req, 204);
}

int show_uuid(struct gw_request *req, const char *u)
{
    return gw_text(req, 200, u);
}

/* `n` header fields of 1,000 bytes, and a body of ten. */
int large_headers(struct gw_request *req, int64_t n)
{
    char value[1000];
    memset(value, 'h', sizeof(value) - 1);
    value[sizeof(value) - 1] = 0;
    for (int64_t i = 0; i < n && i < 100; i++) {
        const char *name = gw_printf(req, "X-Large-%" PRId64, i);
        int r = name ? gw_set_header(req, name, value) : 500;
        if (r)
            return r;
    }
    return gw_text(req, 200, "ten bytes.");
}

int show_fields(struct gw_request *req)
{
    static const char *const names[] = {"X-Forwarded-For", "Accept", "X-Seen", "Cookie"};
    const char *text = "";
    for (size_t i = 0; text && i < sizeof(names) / sizeof(*names); i++) {
        const char *value = gw_header(req, names[i]);
        text = gw_printf(req, "%s%s: %s\n", text, names[i], value ? value : "-");
    }
    const char *cookie = gw_cookie(req, "second");
    text = text ? gw_printf(req, "%ssecond: %s\n", text, cookie ? cookie : "-") : NULL;
    return text ? gw_text(req, 200, text) : 500;
}
