/* limits.c: see limits.h. */
#include "store/limits.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/words.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* ---- Words of an ENUM or SET ---------------------------------------------------------------- */

/* The next word of "('a','b''s')", in `word`. */
static bool next_word(struct gw_str *io_list, char word[GW_WORD_SIZE])
{
    if (!io_list->len)
        return false;
    *io_list = (struct gw_str){io_list->ptr + 1, io_list->len - 1}; /* the bracket, or a comma */
    return gw_words_take(io_list, true, word);
}

static bool is_word(const char *words, const char *text)
{
    struct gw_str list = gw_str_from(words);
    char word[GW_WORD_SIZE];
    while (next_word(&list, word))
        if (!strcmp(word, text))
            return true;
    return false;
}

/* "a,c" of "'a','b','c'": each once, in the list's order, as a server gives them back. */
static bool is_set(const char *words, const char *text)
{
    struct gw_str list = gw_str_from(words);
    char word[GW_WORD_SIZE];
    while (*text && next_word(&list, word)) {
        size_t len = strlen(word);
        if (strncmp(text, word, len) || (text[len] && text[len] != ','))
            continue;
        text += len;
        if (*text == ',' && *++text == '\0')
            return false;
    }
    return *text == '\0';
}

/* ---- Values --------------------------------------------------------------------------------- */

static const char *integer_fault(const struct gw_limits *limits, const struct gw_value *value)
{
    bool fits = true;
    if (!limits->integers)
        return NULL;
    if (value->type == GW_TYPE_UINT)
        fits = value->as.u64 <= limits->high;
    else if (value->as.i64 < 0)
        fits = value->as.i64 >= limits->low;
    else
        fits = (uint64_t)value->as.i64 <= limits->high;
    return fits ? NULL : "is outside of the live column's range";
}

static const char *decimal_fault(const struct gw_limits *limits, const char *text)
{
    const char *digits = text + (*text == '-'), *point = strchr(digits, '.');
    size_t whole = point ? (size_t)(point - digits) : strlen(digits), fraction = 0;
    for (size_t i = 1; point && point[i]; i++)
        if (point[i] != '0')
            fraction = i;
    if (whole == 1 && *digits == '0')
        whole = 0;
    return whole > limits->whole || fraction > limits->fraction
               ? "has more digits than the live column"
               : NULL;
}

int64_t gw_limits_time(const struct gw_limits *limits, int64_t microseconds)
{
    int64_t step = 1000000, rest;
    if (!limits->times)
        return microseconds;
    for (unsigned i = 0; i < limits->fraction; i++)
        step /= 10;
    rest = microseconds % step;
    return microseconds - rest - (rest < 0 ? step : 0);
}

static const char *time_fault(const struct gw_limits *limits, int64_t time)
{
    return gw_limits_time(limits, time) == time
               ? NULL
               : "has finer parts of a second than the live column keeps";
}

static const char *text_fault(const struct gw_limits *limits, const char *text)
{
    size_t len = strlen(text), chars;
    if (limits->chars && gw_utf8_valid(text, len, &chars) && chars > limits->chars)
        return "is longer than the live column";
    if (limits->bytes && len > limits->bytes)
        return "is longer than the live column";
    if (limits->stripped && len && text[len - 1] == ' ')
        return "ends with a blank, which the live column would lose";
    if (limits->words && !(limits->set ? is_set : is_word)(limits->words, text))
        return "is no word of the live column's list";
    if (limits->converts && *text && strchr("0123456789-+.", *text))
        return "would become a number in the live column";
    return NULL;
}

static const char *blob_fault(const struct gw_limits *limits, size_t len)
{
    if (limits->bytes && len > limits->bytes)
        return "is longer than the live column";
    if (limits->padded && len < limits->bytes)
        return "is shorter than the live column, which would fill it up";
    return NULL;
}

static const char *fault(const struct gw_limits *limits, const struct gw_value *value)
{
    switch (value->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
        return integer_fault(limits, value);
    case GW_TYPE_DECIMAL:
        return limits->decimals ? decimal_fault(limits, value->as.text) : NULL;
    case GW_TYPE_TIME:
        return limits->times ? time_fault(limits, value->as.i64) : NULL;
    case GW_TYPE_REAL: /* the nearest float is kept */
        return limits->floats && fabs(value->as.f64) > (double)FLT_MAX
                   ? "is outside of the live column's range"
                   : NULL;
    case GW_TYPE_BLOB:
        return blob_fault(limits, value->as.blob.len);
    case GW_TYPE_TEXT:
    case GW_TYPE_JSON:
        return text_fault(limits, value->as.text);
    default:
        return NULL;
    }
}

static int as_bytes(struct gw_value *value, struct gw_arena *arena)
{
    unsigned char *bytes = gw_arena_alloc(arena, 16);
    const char *p = value->as.text;
    if (!bytes)
        return -ENOMEM;
    for (size_t i = 0; i < 16; i++, p += 2) {
        p += *p == '-';
        bytes[i] = (unsigned char)(gw_hex_digit(p[0]) << 4 | gw_hex_digit(p[1]));
    }
    *value = (struct gw_value){.type = GW_TYPE_BLOB, .as.blob = {bytes, 16}};
    return 0;
}

static int as_text(struct gw_value *value, struct gw_arena *arena)
{
    char *text = gw_arena_alloc(arena, GW_TIME_TEXT);
    if (!text)
        return -ENOMEM;
    gw_time_text(value->as.i64, text);
    *value = (struct gw_value){.type = GW_TYPE_TEXT, .as.text = text};
    return 0;
}

int gw_limits_apply(const struct gw_limits *limits, struct gw_value *value, struct gw_arena *arena,
                    const char **ret_why)
{
    if (value->null)
        return 0;
    *ret_why = fault(limits, value);
    if (*ret_why)
        return -ERANGE;
    if (limits->form == GW_FORM_TEXT && value->type == GW_TYPE_TIME)
        return as_text(value, arena);
    if (limits->form == GW_FORM_BYTES && value->type == GW_TYPE_UUID)
        return as_bytes(value, arena);
    return 0;
}

/* ---- UUIDs as bytes ------------------------------------------------------------------------- */

void gw_uuid_text(const unsigned char bytes[16], char text[GW_UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

/* ---- Times as text -------------------------------------------------------------------------- */

void gw_time_text(int64_t microseconds, char text[GW_TIME_TEXT])
{
    char rfc[32];
    gw_format_time(microseconds, rfc);
    memcpy(text, rfc, 19);
    text[10] = ' ';
    memcpy(text + 19, ".000000", 8);
    if (rfc[19] == '.')
        memcpy(text + 19, rfc + 19, 7);
}

int gw_time_from_text(const char *text, int64_t *ret)
{
    char rfc[GW_TIME_TEXT + 1];
    size_t len = strlen(text);
    if (len < 19 || len >= GW_TIME_TEXT || text[10] != ' ')
        return -EINVAL;
    memcpy(rfc, text, len);
    rfc[10] = 'T';
    rfc[len] = 'Z';
    return gw_parse_time((struct gw_str){rfc, len + 1}, ret) ? 0 : -EINVAL;
}
