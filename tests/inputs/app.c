/* app.c: handlers that answer with what reached them, as JSON. */
#include "routes.h"

#include <string.h>

int show_headers(struct gw_request *req, const struct marks_body *headers)
{
    json_t *tags = headers->tags.items ? json_array() : json_null(), *sizes = json_array();
    for (size_t i = 0; i < headers->tags.n; i++)
        json_array_append_new(tags, json_string(headers->tags.items[i]));
    for (size_t i = 0; i < headers->sizes.n; i++)
        json_array_append_new(sizes, json_integer(headers->sizes.items[i]));
    return gw_json(req, 200,
                   json_pack("{ss ss? sI so so so ss?}", "key", headers->key, "note", headers->note,
                             "depth", (json_int_t)headers->depth, "exact",
                             headers->exact.set ? json_boolean(headers->exact.value) : json_null(),
                             "tags", tags, "sizes", sizes, "mail", headers->mail));
}

int show_code(struct gw_request *req, const char *code)
{
    return gw_json(req, 200, json_pack("{ss ss?}", "code", code, "url", url_show_code(req, code)));
}

int show_number(struct gw_request *req, int64_t number)
{
    return gw_json(req, 200, json_pack("{sI}", "number", (json_int_t)number));
}

/* Where no code is called so, there is no way to one. */
int show_other(struct gw_request *req, const char *other)
{
    return gw_json(req, 200,
                   json_pack("{ss ss?}", "other", other, "url", url_show_code(req, other)));
}

int add_thing(struct gw_request *req, const struct new_thing_body *body)
{
    const struct things_row *row;
    struct things_insert values = {.title = body->title, .note = "a note", .day = "2024-02-29"};
    struct things_secrets secrets = {0};
    int r = things_insert(req, &values, &secrets, &row, NULL);
    return r ? r : gw_json(req, 201, things_json(row));
}

int show_thing(struct gw_request *req, int64_t id)
{
    const struct things_row *row;
    int r = things_find(req, id, &row);
    return r ? r : gw_json(req, 200, things_json(row));
}

/* The row is only its key: what is not there must not be written, whatever else the row holds. */
int change_thing(struct gw_request *req, int64_t id, const struct thing_change_body *body)
{
    const struct things_row row = {.id = id, .title = "not this", .note = "nor this"};
    int r = things_patch(req, &row, body);
    return r ? r : show_thing(req, id);
}

int wish_for(struct gw_request *req, const struct wish_body *body)
{
    if (!strcmp(body->text, "taken"))
        return problem_taken(req);
    if (!strcmp(body->text, "gone"))
        return problem_gone(req);
    if (!strcmp(body->text, "tea"))
        return problem_tea(req);
    return gw_json(req, strcmp(body->text, "undeclared") ? 201 : 200,
                   json_pack("{ss}", "text", body->text));
}

int hurry(struct gw_request *req, const struct wish_body *body)
{
    return gw_text(req, 200, body ? body->text : "no wish at all");
}

int run_errand(struct gw_request *req, const struct errand_body *body)
{
    return gw_text(req, 200, body ? body->text : "no errand at all");
}
