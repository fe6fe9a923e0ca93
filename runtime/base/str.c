/* str.c: the scans that several modules need: UTF-8, numbers, dates, times, UUIDs.
 *
 * All of them take bytes with a length, accept exactly one spelling of what they read, and neither
 * know a locale nor look beyond `len`. strtoll and friends are not used: they skip blanks, take
 * "+1" and "0x1", and need a NUL. */
#include "base/str.h"

#define MICROSECONDS ((int64_t)1000000)
#define DAY_SECONDS  ((int64_t)86400)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool gw_str_equal_nocase(struct gw_str a, struct gw_str b)
{
    if (gw_str_equal(a, b)) /* most often it is written as it is looked for */
        return true;
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (gw_lower(a.ptr[i]) != gw_lower(b.ptr[i]))
            return false;
    return true;
}

bool gw_str_is_token(struct gw_str text)
{
    static const char extra[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < text.len; i++)
        if (!gw_is_alnum(text.ptr[i]) && !memchr(extra, text.ptr[i], sizeof(extra) - 1))
            return false;
    return text.len;
}

/* ---- UTF-8 ---------------------------------------------------------------------------------- */

/* The length of the character that begins at `s`, 0 if it is not well-formed (RFC 3629, 4). The
 * second byte's range is what keeps out overlong forms, surrogates and what is above U+10FFFF. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t len;
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        len = 2;
    else if (s[0] >= 0xe0 && s[0] <= 0xef)
        len = 3;
    else if (s[0] >= 0xf0 && s[0] <= 0xf4)
        len = 4;
    else
        return 0;

    if (s[0] == 0xe0)
        low = 0xa0;
    else if (s[0] == 0xed)
        high = 0x9f;
    else if (s[0] == 0xf0)
        low = 0x90;
    else if (s[0] == 0xf4)
        high = 0x8f;

    if (left < len || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    return len;
}

bool gw_utf8_valid(const char *ptr, size_t len, size_t *ret_chars)
{
    const unsigned char *s = (const unsigned char *)ptr;
    size_t i = 0, chars = 0;
    while (i < len) {
        uint64_t eight;
        if (len - i >= sizeof(eight)) {
            memcpy(&eight, s + i, sizeof(eight));
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof(eight);
                chars += sizeof(eight);
                continue;
            }
        } else if (len >= sizeof(eight)) { /* the last eight, of which some are known */
            memcpy(&eight, s + len - sizeof(eight), sizeof(eight));
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                chars += len - i;
                break;
            }
        }
        size_t n = utf8_length(s + i, len - i);
        if (n == 0)
            return false;
        i += n;
        chars++;
    }
    if (ret_chars)
        *ret_chars = chars;
    return true;
}

/* ---- Numbers -------------------------------------------------------------------------------- */

bool gw_parse_u64(struct gw_str text, uint64_t *ret)
{
    uint64_t value = 0;
    if (text.len == 0 || text.len > 20)
        return false;
    if (text.ptr[0] == '0' && text.len > 1)
        return false;
    /* 19 digits cannot overflow. */
    for (size_t i = 0, n = text.len < 20 ? text.len : 19; i < n; i++) {
        if (!is_digit(text.ptr[i]))
            return false;
        value = value * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    if (text.len == 20 && (!is_digit(text.ptr[19]) || __builtin_mul_overflow(value, 10, &value) ||
                           __builtin_add_overflow(value, (uint64_t)(text.ptr[19] - '0'), &value)))
        return false;
    *ret = value;
    return true;
}

bool gw_parse_i64(struct gw_str text, int64_t *ret)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    uint64_t value;
    if (negative) {
        text.ptr++;
        text.len--;
    }
    if (!gw_parse_u64(text, &value))
        return false;
    if (!negative) {
        if (value > INT64_MAX)
            return false;
        *ret = (int64_t)value;
        return true;
    }
    /* "-0" has a second spelling, "0". */
    if (value == 0 || value > (uint64_t)INT64_MAX + 1)
        return false;
    *ret = (int64_t)(0 - value);
    return true;
}

/* ---- Dates, times, UUIDs -------------------------------------------------------------------- */

/* `n` digits at `ptr`, which the caller knows to be there; -1 if one is none. */
static int digits(const char *ptr, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(ptr[i]))
            return -1;
        value = value * 10 + (ptr[i] - '0');
    }
    return value;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool parse_date(const char *s, int *ret_year, int *ret_month, int *ret_day)
{
    int year = digits(s, 4), month = digits(s + 5, 2), day = digits(s + 8, 2);
    if (s[4] != '-' || s[7] != '-' || year < 1 || month < 1 || month > 12)
        return false;
    if (day < 1 || day > days_in_month(year, month))
        return false;
    *ret_year = year;
    *ret_month = month;
    *ret_day = day;
    return true;
}

bool gw_is_date(struct gw_str text)
{
    int year, month, day;
    return text.len == 10 && parse_date(text.ptr, &year, &month, &day);
}

bool gw_is_uuid(struct gw_str text)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text.ptr[i] != '-' : gw_hex_digit(text.ptr[i]) < 0)
            return false;
    }
    return true;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. Counts years from March, so that the
 * leap day is a year's last day. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* "Z" or "+HH:MM" or "-HH:MM"; -1 if it is neither, else 0 with the offset in seconds. */
static int parse_zone(struct gw_str text, int64_t *ret_offset)
{
    if (text.len == 1 && gw_lower(text.ptr[0]) == 'z') {
        *ret_offset = 0;
        return 0;
    }
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-') || text.ptr[3] != ':')
        return -1;
    int hours = digits(text.ptr + 1, 2), minutes = digits(text.ptr + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return -1;
    *ret_offset = (hours * 60 + minutes) * (text.ptr[0] == '-' ? -60 : 60);
    return 0;
}

/* ".123": one to nine digits, of which six count. Returns how long it is, 0 if it is malformed. */
static size_t parse_fraction(struct gw_str text, int64_t *ret_microseconds)
{
    int64_t value = 0, unit = MICROSECONDS / 10;
    size_t i = 1;
    for (; i < text.len && is_digit(text.ptr[i]); i++, unit /= 10)
        value += (text.ptr[i] - '0') * unit;
    *ret_microseconds = value;
    return i >= 2 && i <= 10 ? i : 0;
}

bool gw_parse_time(struct gw_str text, int64_t *ret)
{
    int year, month, day;
    int64_t fraction = 0, offset;
    const char *s = text.ptr;
    size_t at = 19;
    if (text.len < 20 || !parse_date(s, &year, &month, &day))
        return false;
    int hour = digits(s + 11, 2), minute = digits(s + 14, 2), second = digits(s + 17, 2);
    if (gw_lower(s[10]) != 't' || s[13] != ':' || s[16] != ':')
        return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    if (s[at] == '.') {
        size_t n = parse_fraction((struct gw_str){s + at, text.len - at}, &fraction);
        if (n == 0)
            return false;
        at += n;
    }
    if (parse_zone((struct gw_str){s + at, text.len - at}, &offset) < 0)
        return false;

    int64_t seconds = days_from_civil(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 +
                      second - offset;
    /* An offset can lead out of the years that a time can be written in. */
    if (seconds < days_from_civil(1, 1, 1) * DAY_SECONDS ||
        seconds >= days_from_civil(10000, 1, 1) * DAY_SECONDS)
        return false;
    *ret = seconds * MICROSECONDS + fraction;
    return true;
}

/* Writes `value`, at most 99, with two digits and returns what is behind it. */
static char *put_two(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
    return out + 2;
}

static char *put_four(char *out, unsigned value)
{
    return put_two(put_two(out, value / 100), value % 100);
}

static char *put_six(char *out, unsigned value)
{
    return put_four(put_two(out, value / 10000), value % 10000);
}

/* Years outside 1 to 9999 cannot come from gw_parse_time but can from a store. They are written
 * with a sign and six digits, as ISO 8601 does; the longest such text, with its NUL, is 31
 * bytes. */
static char *put_year(char *out, int64_t year)
{
    if (year >= 0 && year <= 9999)
        return put_four(out, (unsigned)year);
    *out = year < 0 ? '-' : '+';
    return put_six(out + 1, (unsigned)(year < 0 ? -year : year));
}

/* The inverse of days_from_civil. */
static void civil_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;

    *ret_day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *ret_month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2 ? 1 : 0);
}

void gw_format_time(int64_t microseconds, char buffer[32])
{
    int64_t fraction = microseconds % MICROSECONDS, seconds = microseconds / MICROSECONDS;
    int64_t year;
    int month, day;
    char *out;
    if (fraction < 0) {
        fraction += MICROSECONDS;
        seconds--;
    }
    int64_t days = seconds / DAY_SECONDS, rest = seconds % DAY_SECONDS;
    if (rest < 0) {
        rest += DAY_SECONDS;
        days--;
    }
    civil_from_days(days, &year, &month, &day);

    out = put_year(buffer, year);
    *out++ = '-';
    out = put_two(out, (unsigned)month);
    *out++ = '-';
    out = put_two(out, (unsigned)day);
    *out++ = 'T';
    unsigned second = (unsigned)rest;
    out = put_two(out, second / 3600);
    *out++ = ':';
    out = put_two(out, second / 60 % 60);
    *out++ = ':';
    out = put_two(out, second % 60);
    if (fraction) {
        *out++ = '.';
        out = put_six(out, (unsigned)fraction);
    }
    *out++ = 'Z';
    *out = '\0';
}
