/* test_log_values.c: lines of the log, read back: as JSON by jansson, as text split at blanks. */
#include "base/log.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/gatewright-log.XXXXXX";
static char many_controls[769], many_quotes[5000], many_umlauts[9001];

static const char *const hostile[] = {
    "bob",
    "bob jwt.signature",
    "bob=1 users=2",
    "a\"b\\c\",\"status\":200,\"x\":\"",
    "line\nbreak\r\n2026-11-23T19:53:07Z x GET /me 200 0B 1us users=1",
    "\x01\x1b[2J\x7f",
    "\xe2\x80\xa8 \xe2\x80\xa9 \xc2\x85 \xe2\x80\xae", /* U+2028 2029 0085 202E */
    "\xe3\x80\x80\xc2\xa0\xe2\x80\x83",                /* blanks of Unicode */
    "gr\xc3\xbc\xc3\x9f dich",
    "\xff\xc3\x28\xed\xa0\x80\xf5\x80\x80\x80", /* not UTF-8 */
    "\xc3",
    "{\"a\":[",
    "",
    many_controls,
    many_quotes,
    many_umlauts,
};
#define N_HOSTILE (sizeof(hostile) / sizeof(*hostile))

static void begin(void)
{
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    close(fd);
    memset(many_controls, 1, sizeof(many_controls) - 1);
    memset(many_quotes, '"', sizeof(many_quotes) - 1);
    for (size_t i = 0; i + 1 < sizeof(many_umlauts); i += 2)
        memcpy(many_umlauts + i, "\xc3\xbc", 2);
}

static void finish(void)
{
    unlink(path);
}

TestSuite(log, .init = begin, .fini = finish);

static struct gw_log *open_as(const char *format)
{
    char target[64];
    struct gw_log *log;
    snprintf(target, sizeof(target), "%s:%s", format, path);
    cr_assert_eq(gw_log_open(target, "test", &log), 0);
    return log;
}

/* The lines of the log, without their ends; the number of them. */
static size_t read_lines(char lines[][8192], size_t most)
{
    FILE *file = fopen(path, "r");
    size_t n = 0;
    cr_assert_not_null(file);
    while (n < most && fgets(lines[n], sizeof(lines[n]), file)) {
        size_t len = strlen(lines[n]);
        cr_assert_eq(lines[n][len - 1], '\n');
        lines[n++][len - 1] = 0;
    }
    cr_assert_eq(fgetc(file), EOF);
    fclose(file);
    return n;
}

static struct gw_log_request entry_of(const char *value)
{
    return (struct gw_log_request){
        .id = "0123456789abcdef-00000001",
        .method = value,
        .pattern = "/me/{n:like \"a b\"}",
        .status = 401,
        .bytes = 12,
        .microseconds = 34,
        .entity = "users",
        .key = value,
        .reason = "auth.entity",
    };
}

static char lines[4 * N_HOSTILE][8192];

static const char *text_in(json_t *line, const char *name)
{
    const char *text = json_string_value(json_object_get(line, name));
    cr_assert_not_null(text, "%s", name);
    return text;
}

/* jansson refuses what is not UTF-8, control characters and members that are there twice. */
Test(log, a_json_line_is_an_object_whatever_its_values_hold)
{
    struct gw_log *log = open_as("json");
    static const struct gw_log_phases phases = {1, 2, 3, 4, 5, 6};
    for (size_t i = 0; i < N_HOSTILE; i++) {
        struct gw_log_request entry = entry_of(hostile[i]);
        gw_log_request(log, &entry);
        gw_log_slow(log, &entry, &phases);
        gw_log_line(log, "%s", hostile[i]);
    }
    gw_log_close(log);
    cr_assert_eq(read_lines(lines, 4 * N_HOSTILE), 3 * N_HOSTILE);
    for (size_t i = 0; i < 3 * N_HOSTILE; i++) {
        const char *value = hostile[i / 3];
        json_t *line = json_loads(lines[i], JSON_REJECT_DUPLICATES, NULL);
        cr_assert(json_is_object(line), "%s", lines[i]);
        const char *held = text_in(line, i % 3 == 0 ? "key" : i % 3 == 1 ? "method" : "message");
        if (i / 3 < 9 || i / 3 == 11 || i / 3 == 12)
            cr_assert_str_eq(held, value);
        else if (i / 3 > 12 && i % 3 == 0)
            cr_assert(strncmp(held, value, strlen(held)) == 0, "%s", held);
        if (i % 3 == 0) {
            cr_assert_str_eq(text_in(line, "reason"), "auth.entity");
            cr_assert_eq(json_integer_value(json_object_get(line, "status")), 401);
        }
        json_decref(line);
    }
}

/* time, id, method, route, status, bytes, time taken, caller, reason: nine words, whatever a key
 * holds, and the ninth is ours. */
Test(log, a_value_of_a_text_line_is_one_word)
{
    struct gw_log *log = open_as("text");
    for (size_t i = 0; i < N_HOSTILE; i++) {
        struct gw_log_request entry = entry_of(hostile[i]);
        gw_log_request(log, &entry);
    }
    gw_log_close(log);
    cr_assert_eq(read_lines(lines, 4 * N_HOSTILE), N_HOSTILE);
    for (size_t i = 0; i < N_HOSTILE; i++) {
        char *rest = lines[i], *word, *words[16];
        size_t n = 0;
        while ((word = strsep(&rest, " ")) && n < 16)
            words[n++] = word;
        cr_assert_eq(n, 9, "%zu words: %s", n, hostile[i]);
        cr_assert(strncmp(words[7], "users=", 6) == 0 && !strchr(words[7] + 6, '='));
        cr_assert_str_eq(words[8], "auth.entity");
        for (const char *c = words[7]; *c; c++)
            cr_assert((unsigned char)*c > 0x20 && *c != 0x7f);
        cr_assert_null(strstr(words[7], "\xe2\x80\xa8"));
    }
}

Test(log, a_message_stays_one_line)
{
    struct gw_log *log = open_as("text");
    for (size_t i = 0; i < N_HOSTILE; i++)
        gw_log_line(log, "%s", hostile[i]);
    gw_log_close(log);
    cr_assert_eq(read_lines(lines, 4 * N_HOSTILE), N_HOSTILE);
}
