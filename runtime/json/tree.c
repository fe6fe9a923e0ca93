/* tree.c: trees of json.h as jansson's, which applications see. */
#include "json/json.h"

#include "gatewright.h"

#include <errno.h>

/* The value of a number that is not written as an integer. */
static bool real_value(const struct gw_json *value, double *ret)
{
    bool whole = !memchr(value->text.ptr, '.', value->text.len) &&
                 !memchr(value->text.ptr, 'e', value->text.len) &&
                 !memchr(value->text.ptr, 'E', value->text.len);
    return !whole && gw_json_f64(value, ret);
}

bool gw_json_fits_jansson(const struct gw_json *value)
{
    int64_t integer;
    double real;
    if (value->kind == GW_JSON_NUMBER)
        return gw_json_i64(value, &integer) || real_value(value, &real);
    if (value->kind != GW_JSON_ARRAY && value->kind != GW_JSON_OBJECT)
        return true;
    for (const struct gw_json *item = value->list.first; item; item = item->next)
        if (!gw_json_fits_jansson(item))
            return false;
    return true;
}

static int number_to_jansson(const struct gw_json *value, json_t **ret)
{
    int64_t integer;
    double real;
    if (gw_json_i64(value, &integer))
        *ret = json_integer(integer);
    else if (real_value(value, &real))
        *ret = json_real(real);
    else
        return GW_E_MISMATCH;
    return *ret ? 0 : -ENOMEM;
}

static int list_to_jansson(const struct gw_json *value, json_t **ret)
{
    bool object = value->kind == GW_JSON_OBJECT;
    json_t *list = object ? json_object() : json_array();
    if (!list)
        return -ENOMEM;
    for (const struct gw_json *item = value->list.first; item; item = item->next) {
        json_t *child;
        int r = gw_json_to_jansson(item, &child);
        if (r == 0 && (object ? json_object_set_new_nocheck(list, item->name, child)
                              : json_array_append_new(list, child)))
            r = -ENOMEM; /* the child is consumed all the same */
        if (r) {
            json_decref(list);
            return r;
        }
    }
    *ret = list;
    return 0;
}

int gw_json_to_jansson(const struct gw_json *value, json_t **ret)
{
    json_t *made;
    switch (value->kind) {
    case GW_JSON_NUMBER:
        return number_to_jansson(value, ret);
    case GW_JSON_ARRAY:
    case GW_JSON_OBJECT:
        return list_to_jansson(value, ret);
    case GW_JSON_STRING:
        made = json_stringn_nocheck(value->text.ptr, value->text.len);
        break;
    case GW_JSON_NULL:
        made = json_null();
        break;
    default:
        made = json_boolean(value->kind == GW_JSON_TRUE);
    }
    if (!made)
        return -ENOMEM;
    *ret = made;
    return 0;
}
