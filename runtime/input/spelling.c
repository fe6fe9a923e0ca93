/* spelling.c: values as queries, forms and headers spell them. */
#include "input/own.h"

/* A number in JSON's spelling. An integer has one spelling here, as in a path: no "-0" and no
 * "5.0". */
static bool is_number(struct gw_check *check, enum gw_type type, struct gw_str text)
{
    const struct gw_json *value;
    struct gw_json_error error;
    if (text.len == 0 || strchr(" \t\r\n", text.ptr[0]) ||
        strchr(" \t\r\n", text.ptr[text.len - 1]))
        return false;
    for (size_t i = 0; type != GW_TYPE_REAL && i < text.len; i++)
        if (memchr(".eE", text.ptr[i], 3))
            return false;
    int r = gw_json_read(text, 0, check->arena, &value, &error);
    if (r < 0)
        check->error = r;
    return r == 0 && value->kind == GW_JSON_NUMBER && !gw_str_equal(text, GW_STR("-0"));
}

static const char *const yes[] = {"true", "1", "on", NULL};
static const char *const no[] = {"false", "0", "off", NULL};

static bool is_one_of(struct gw_str text, const char *const *words)
{
    for (; *words; words++)
        if (gw_str_equal(text, gw_str_from(*words)))
            return true;
    return false;
}

enum gw_json_kind gw_spelt_kind(struct gw_check *check, enum gw_type type, struct gw_str text)
{
    switch (type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_REAL:
        return is_number(check, type, text) ? GW_JSON_NUMBER : GW_JSON_STRING;
    case GW_TYPE_BOOL:
        return is_one_of(text, yes)  ? GW_JSON_TRUE
               : is_one_of(text, no) ? GW_JSON_FALSE
                                     : GW_JSON_STRING;
    case GW_TYPE_EITHER:
        return GW_JSON_PAIR;
    default:
        return GW_JSON_STRING;
    }
}
