/* number.c: the value of a number, however it is written: 1.0, 10e-1 and 1 are one number (RFC
 * 8259, 6, says nothing of the spelling; JSON Schema calls all three integers). By its decimal
 * digits, so that no double comes between. */
#include "json/json.h"

#define DIGITS_MAX 20 /* of uint64 */
#define EXPONENT_MAX                                                                               \
    4000 /* more than the characters of any number: beyond is the same as beyond it */

/* 0.DIGITS times ten to the `point`, without zeros in front or at the end. */
struct decimal {
    char digits[1100];
    size_t n;
    long point;
    bool negative;
};

static size_t take_digits(struct gw_str text, size_t at, struct decimal *ret)
{
    for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++)
        if ((ret->n || text.ptr[at] != '0') && ret->n < sizeof(ret->digits))
            ret->digits[ret->n++] = text.ptr[at];
    return at;
}

static long read_exponent(struct gw_str text, size_t at)
{
    bool negative = at < text.len && text.ptr[at] == '-';
    long value = 0;
    for (at += at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'); at < text.len; at++)
        if (value < EXPONENT_MAX)
            value = value * 10 + (text.ptr[at] - '0');
    return negative ? -value : value;
}

static void read_decimal(struct gw_str text, struct decimal *ret)
{
    ret->n = 0;
    size_t at = ret->negative = text.len && text.ptr[0] == '-';
    at = take_digits(text, at, ret);
    ret->point = (long)ret->n;
    if (at < text.len && text.ptr[at] == '.') {
        size_t start = at + 1, before = ret->n;
        at = take_digits(text, start, ret);
        if (before == 0) /* zeros behind the point were passed over */
            ret->point -= (long)(at - start - ret->n);
    }
    if (at < text.len)
        ret->point += read_exponent(text, at + 1);
    while (ret->n && ret->digits[ret->n - 1] == '0')
        ret->n--;
    if (ret->n == 0)
        ret->point = 0;
}

/* Digits alone, few enough not to overflow: as nearly every number is written. */
static bool read_digits(struct gw_str text, uint64_t *ret)
{
    uint64_t whole = 0;
    if (!text.len || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        whole = whole * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret = whole;
    return true;
}

bool gw_json_split(const struct gw_json *value, bool *ret_negative, uint64_t *ret_whole,
                   bool *ret_rest)
{
    struct decimal decimal;
    uint64_t whole = 0;
    if (value->kind != GW_JSON_NUMBER)
        return false;
    if (read_digits(value->text, ret_whole)) {
        *ret_negative = *ret_rest = false;
        return true;
    }
    read_decimal(value->text, &decimal);
    if (decimal.point > DIGITS_MAX)
        return false;
    for (long i = 0; i < decimal.point; i++) {
        uint64_t digit = (size_t)i < decimal.n ? (uint64_t)(decimal.digits[i] - '0') : 0;
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, digit, &whole))
            return false;
    }
    *ret_negative = decimal.negative && decimal.n;
    *ret_whole = whole;
    *ret_rest = decimal.n && (long)decimal.n > decimal.point;
    return true;
}

bool gw_json_is_whole(const struct gw_json *value)
{
    struct decimal decimal;
    if (value->kind != GW_JSON_NUMBER)
        return false;
    read_decimal(value->text, &decimal);
    return (long)decimal.n <= decimal.point;
}

bool gw_json_whole_u64(const struct gw_json *value, uint64_t *ret)
{
    bool negative, rest;
    return gw_json_split(value, &negative, ret, &rest) && !negative && !rest;
}

bool gw_json_whole_i64(const struct gw_json *value, int64_t *ret)
{
    bool negative, rest;
    uint64_t whole;
    if (!gw_json_split(value, &negative, &whole, &rest) || rest ||
        whole > (uint64_t)INT64_MAX + negative)
        return false;
    *ret = negative ? (int64_t)(0 - whole) : (int64_t)whole;
    return true;
}
