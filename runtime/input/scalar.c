/* scalar.c: one value of a body: its type, its bounds, its C representation. */
#include "input/own.h"

#include "base/arena.h"
#include "input/format.h"

#include <errno.h>
#include <stdio.h>

#define EMAIL_MAX       254 /* RFC 5321, 4.5.3.1.3, less the angle brackets */
#define EMAIL_LOCAL_MAX 64

/* Where a value is read: the readers below note a fault themselves and return false. */
struct reading {
    struct gw_check *check;
    const struct gw_place *place;
    const struct gw_member *member;
};

static bool refuse(const struct reading *r, const char *detail)
{
    gw_check_fault(r->check, r->place, detail);
    return false;
}

/* ---- What a fault says ---------------------------------------------------------------------- */

const char *gw_check_range(struct gw_check *check, const char *lead, const uint64_t *min,
                           const uint64_t *max, const char *one, const char *many)
{
    const char *unit = *(max ? max : min) == 1 ? one : many;
    unsigned long long low = min ? *min : 0, high = max ? *max : 0;
    if (min && max && low == high)
        return gw_arena_printf(check->arena, "%s exactly %llu %s", lead, low, unit);
    if (min && max)
        return gw_arena_printf(check->arena, "%s %llu to %llu %s", lead, low, high, unit);
    if (min)
        return gw_arena_printf(check->arena, "%s at least %llu %s", lead, low, unit);
    return gw_arena_printf(check->arena, "%s at most %llu %s", lead, high, unit);
}

static const char *number_range(struct gw_check *check, const char *min, const char *max)
{
    if (min && max)
        return gw_arena_printf(check->arena, "must be %s to %s", min, max);
    if (min)
        return gw_arena_printf(check->arena, "must be at least %s", min);
    return gw_arena_printf(check->arena, "must be at most %s", max);
}

/* ---- Numbers -------------------------------------------------------------------------------- */

/* Which bounds a number is held to, in words; the type's own where none is declared, since only
 * then they matter. */
static const char *integer_range(struct gw_check *check, const struct gw_member *member)
{
    bool is_signed = member->type == GW_TYPE_INT;
    bool has_min = member->flags & GW_MEM_MIN, has_max = member->flags & GW_MEM_MAX;
    char min[24], max[24];
    if (is_signed) {
        snprintf(min, sizeof(min), "%lld", (long long)(has_min ? member->min.i64 : INT64_MIN));
        snprintf(max, sizeof(max), "%lld", (long long)(has_max ? member->max.i64 : INT64_MAX));
    } else {
        snprintf(min, sizeof(min), "%llu", (unsigned long long)(has_min ? member->min.u64 : 0));
        snprintf(max, sizeof(max), "%llu",
                 (unsigned long long)(has_max ? member->max.u64 : UINT64_MAX));
    }
    return number_range(check, has_min || !has_max || !is_signed ? min : NULL,
                        has_max || !has_min ? max : NULL);
}

static bool fits_int(const struct gw_member *member, const struct gw_json *value, int64_t *ret)
{
    return gw_json_whole_i64(value, ret) &&
           !(member->flags & GW_MEM_MIN && *ret < member->min.i64) &&
           !(member->flags & GW_MEM_MAX && *ret > member->max.i64);
}

static bool fits_uint(const struct gw_member *member, const struct gw_json *value, uint64_t *ret)
{
    return gw_json_whole_u64(value, ret) &&
           !(member->flags & GW_MEM_MIN && *ret < member->min.u64) &&
           !(member->flags & GW_MEM_MAX && *ret > member->max.u64);
}

static bool read_integer(const struct reading *r, const struct gw_json *value, union gw_scalar *ret)
{
    bool fits = r->member->type == GW_TYPE_INT ? fits_int(r->member, value, &ret->i64)
                                               : fits_uint(r->member, value, &ret->u64);
    if (fits)
        return true;
    return refuse(r, gw_json_is_whole(value) ? integer_range(r->check, r->member)
                                             : "must be a whole number");
}

/* "must be above 0 and at most 1" */
static const char *real_range(struct gw_check *check, const struct gw_member *member)
{
    bool has_min = member->flags & GW_MEM_MIN, has_max = member->flags & GW_MEM_MAX;
    bool above = member->flags & GW_MEM_ABOVE, below = member->flags & GW_MEM_BELOW;
    char min[32], max[32];
    snprintf(min, sizeof(min), "%.15g", member->min.f64);
    snprintf(max, sizeof(max), "%.15g", member->max.f64);
    if (!above && !below)
        return number_range(check, has_min ? min : NULL, has_max ? max : NULL);
    return gw_arena_printf(check->arena, "must be %s%s%s%s%s",
                           !has_min ? ""
                           : above  ? "above "
                                    : "at least ",
                           has_min ? min : "", has_min && has_max ? " and " : "",
                           !has_max ? ""
                           : below  ? "below "
                                    : "at most ",
                           has_max ? max : "");
}

static bool fits_real(const struct gw_member *member, double value)
{
    unsigned flags = member->flags;
    return !(flags & GW_MEM_MIN && value < member->min.f64) &&
           !(flags & GW_MEM_MAX && value > member->max.f64) &&
           !(flags & GW_MEM_ABOVE && value <= member->min.f64) &&
           !(flags & GW_MEM_BELOW && value >= member->max.f64);
}

static bool read_real(const struct reading *r, const struct gw_json *value, union gw_scalar *ret)
{
    if (value->kind != GW_JSON_NUMBER)
        return refuse(r, "must be a number");
    if (!gw_json_f64(value, &ret->f64))
        return refuse(r, "is beyond what a number can hold");
    return fits_real(r->member, ret->f64) || refuse(r, real_range(r->check, r->member));
}

static bool is_number_of(const struct gw_member *member, const union gw_scalar *value)
{
    for (size_t i = 0; i < member->n_numbers; i++)
        if (gw_scalar_order(member->type, value, &member->numbers[i]) == 0)
            return true;
    return false;
}

static const char *one_of_numbers(struct gw_check *check, const struct gw_member *member)
{
    const char *list = "must be one of";
    for (size_t i = 0; list && i < member->n_numbers; i++) {
        const union gw_scalar *one = &member->numbers[i];
        const char *comma = i ? "," : "";
        if (member->type == GW_TYPE_INT)
            list = gw_arena_printf(check->arena, "%s%s %lld", list, comma, (long long)one->i64);
        else if (member->type == GW_TYPE_UINT)
            list = gw_arena_printf(check->arena, "%s%s %llu", list, comma,
                                   (unsigned long long)one->u64);
        else
            list = gw_arena_printf(check->arena, "%s%s %.15g", list, comma, one->f64);
    }
    return list;
}

/* ---- Texts ---------------------------------------------------------------------------------- */

static bool is_atom(char c)
{
    return gw_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+/=?^_`{|}~-", c));
}

/* Atoms joined by single dots. */
static bool is_local_part(struct gw_str text)
{
    bool dot = true;
    for (size_t i = 0; i < text.len; i++) {
        bool is_dot = text.ptr[i] == '.';
        if (is_dot ? dot : !is_atom(text.ptr[i]))
            return false;
        dot = is_dot;
    }
    return !dot && text.len <= EMAIL_LOCAL_MAX;
}

bool gw_is_email(struct gw_str text)
{
    const char *at = text.len ? memchr(text.ptr, '@', text.len) : NULL;
    if (!at || text.len > EMAIL_MAX)
        return false;
    size_t local = (size_t)(at - text.ptr);
    return is_local_part((struct gw_str){text.ptr, local}) &&
           gw_is_domain((struct gw_str){at + 1, text.len - local - 1});
}

static const char *one_of_words(struct gw_check *check, const char *const *words)
{
    const char *list = NULL;
    for (; *words; words++) {
        list = list ? gw_arena_printf(check->arena, "%s, \"%s\"", list, *words)
                    : gw_arena_printf(check->arena, "must be one of \"%s\"", *words);
        if (!list)
            return NULL;
    }
    return list;
}

static bool is_word_of(const char *const *words, const char *text)
{
    for (; *words; words++)
        if (!strcmp(*words, text))
            return true;
    return false;
}

static bool check_lengths(const struct reading *r, struct gw_str text)
{
    const struct gw_member *member = r->member;
    uint64_t low = (uint64_t)member->min.i64, high = (uint64_t)member->max.i64;
    const uint64_t *min = member->flags & GW_MEM_MIN ? &low : NULL;
    const uint64_t *max = member->flags & GW_MEM_MAX ? &high : NULL;
    const uint64_t *least = member->flags & GW_MEM_BYTES_MIN ? &member->bytes_min : NULL;
    const uint64_t *most = member->flags & GW_MEM_BYTES_MAX ? &member->bytes_max : NULL;
    size_t chars = 0;
    gw_utf8_valid(text.ptr, text.len, &chars);
    if ((min && chars < *min) || (max && chars > *max)) {
        if (min && !max && *min == 1)
            return refuse(r, "must not be empty");
        return refuse(r, gw_check_range(r->check, "must be", min, max, "character", "characters"));
    }
    if ((least && text.len < *least) || (most && text.len > *most))
        return refuse(r, gw_check_range(r->check, "must be", least, most, "byte", "bytes"));
    return true;
}

static const char *lower_copy(struct gw_check *check, struct gw_str text)
{
    char *copy = gw_arena_copy(check->arena, text.ptr, text.len);
    for (char *s = copy; s && *s; s++)
        *s = gw_lower(*s);
    return copy;
}

/* NULL, or what form the text of such a member has. */
static const char *check_form(enum gw_type type, struct gw_str text)
{
    if (type == GW_TYPE_EMAIL && !gw_is_email(text))
        return "must be an e-mail address";
    if (type == GW_TYPE_UUID && !gw_is_uuid(text))
        return "must be a UUID";
    if (type == GW_TYPE_DATE && !gw_is_date(text))
        return "must be a date such as 2026-01-31";
    if (type == GW_TYPE_URI && !gw_is_uri(text))
        return "must be a URI such as https://example.com/";
    if (type == GW_TYPE_HOSTNAME && !gw_is_hostname(text))
        return "must be the name of a host";
    if (type == GW_TYPE_IP && !gw_is_ip(text))
        return "must be an IP address";
    return NULL;
}

static bool read_text(const struct reading *r, const struct gw_json *value, union gw_scalar *ret)
{
    const struct gw_member *member = r->member;
    if (value->kind != GW_JSON_STRING)
        return refuse(r, "must be a text");
    const char *why = check_form(member->type, value->text);
    if (why)
        return refuse(r, why);
    if (member->one_of && !is_word_of(member->one_of, value->text.ptr))
        return refuse(r, one_of_words(r->check, member->one_of));
    if (member->pattern && !gw_pattern_fits(member->pattern, value->text))
        return refuse(r, gw_arena_printf(r->check->arena, "must match %s", member->pattern->text));
    if (!check_lengths(r, value->text))
        return false;
    bool lower = member->type == GW_TYPE_EMAIL || member->type == GW_TYPE_UUID; /* RFC 9562, 4 */
    ret->text = lower ? lower_copy(r->check, value->text) : value->text.ptr;
    if (!ret->text)
        r->check->error = -ENOMEM;
    return ret->text != NULL;
}

static bool read_time(const struct reading *r, const struct gw_json *value, union gw_scalar *ret)
{
    if (value->kind != GW_JSON_STRING || !gw_parse_time(value->text, &ret->i64))
        return refuse(r, "must be a time such as 2026-01-31T12:00:00Z");
    return true;
}

static bool read_bool(const struct reading *r, const struct gw_json *value, union gw_scalar *ret)
{
    if (value->kind != GW_JSON_TRUE && value->kind != GW_JSON_FALSE)
        return refuse(r, "must be true or false");
    ret->boolean = value->kind == GW_JSON_TRUE;
    return true;
}

/* ---- Any scalar ----------------------------------------------------------------------------- */

static bool read_value(const struct reading *r, const struct gw_json *value, union gw_scalar *ret)
{
    switch (r->member->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
        return read_integer(r, value, ret);
    case GW_TYPE_REAL:
        return read_real(r, value, ret);
    case GW_TYPE_BOOL:
        return read_bool(r, value, ret);
    case GW_TYPE_TIME:
        return read_time(r, value, ret);
    case GW_TYPE_TEXT:
    case GW_TYPE_EMAIL:
    case GW_TYPE_UUID:
    case GW_TYPE_DATE:
    case GW_TYPE_URI:
    case GW_TYPE_HOSTNAME:
    case GW_TYPE_IP:
        return read_text(r, value, ret);
    default: /* no body has such a member */
        r->check->error = -EINVAL;
        return false;
    }
}

/* A number within a text, `"7"`: the same values, in their one spelling. */
static bool read_quoted(const struct reading *r, const struct gw_json *value, union gw_scalar *ret)
{
    struct gw_json within = *value;
    within.kind = value->kind == GW_JSON_STRING
                      ? gw_spelt_kind(r->check, r->member->type, value->text)
                      : GW_JSON_NULL;
    if (within.kind == GW_JSON_NUMBER)
        return read_value(r, &within, ret);
    return refuse(r, r->member->type == GW_TYPE_REAL ? "must be a number, written as a text"
                                                     : "must be a whole number, written as a text");
}

static bool read_scalar(const struct reading *r, const struct gw_json *value, union gw_scalar *ret)
{
    bool quoted = r->member->flags & GW_MEM_QUOTED;
    if (!(quoted ? read_quoted(r, value, ret) : read_value(r, value, ret)))
        return false;
    return !r->member->numbers || is_number_of(r->member, ret) ||
           refuse(r, one_of_numbers(r->check, r->member));
}

static void store_scalar(enum gw_type type, bool optional, const union gw_scalar *value, void *to)
{
    switch (type) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME:
        if (optional)
            *(struct gw_opt_i64 *)to = (struct gw_opt_i64){true, value->i64};
        else
            *(int64_t *)to = value->i64;
        break;
    case GW_TYPE_UINT:
        if (optional)
            *(struct gw_opt_u64 *)to = (struct gw_opt_u64){true, value->u64};
        else
            *(uint64_t *)to = value->u64;
        break;
    case GW_TYPE_REAL:
        if (optional)
            *(struct gw_opt_f64 *)to = (struct gw_opt_f64){true, value->f64};
        else
            *(double *)to = value->f64;
        break;
    case GW_TYPE_BOOL:
        if (optional)
            *(struct gw_opt_bool *)to = (struct gw_opt_bool){true, value->boolean};
        else
            *(bool *)to = value->boolean;
        break;
    default:
        *(const char **)to = value->text;
    }
}

void gw_check_scalar(struct gw_check *check, const struct gw_place *place,
                     const struct gw_member *member, const struct gw_json *value, bool optional,
                     void *to)
{
    struct reading reading = {check, place, member};
    union gw_scalar scalar = {.u64 = 0};
    if (read_scalar(&reading, value, &scalar))
        store_scalar(member->type, optional, &scalar, to);
}

void gw_fill_scalar(const struct gw_member *member, void *to)
{
    store_scalar(member->type, false, &member->fill, to);
}

int gw_scalar_order(enum gw_type type, const union gw_scalar *a, const union gw_scalar *b)
{
    switch (type) {
    case GW_TYPE_INT:
    case GW_TYPE_TIME:
        return (a->i64 > b->i64) - (a->i64 < b->i64);
    case GW_TYPE_UINT:
        return (a->u64 > b->u64) - (a->u64 < b->u64);
    case GW_TYPE_REAL:
        return (a->f64 > b->f64) - (a->f64 < b->f64);
    case GW_TYPE_BOOL:
        return a->boolean - b->boolean;
    default:
        return strcmp(a->text, b->text);
    }
}
