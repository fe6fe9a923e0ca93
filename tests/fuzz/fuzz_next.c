/* fuzz_next.c: what gw_next gives back is what was asked, and a path of our own origin as this
 * file's own reader sees it, which knows what browsers do with an address (URL Standard, 4.4):
 * anything else is given back as nothing. The routes are those of tests/browsers/routes.def. */
#include "gatewright.h"

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_BYTES 3000

static struct gw_test *test;
static char folder[] = "/tmp/gw-next-XXXXXX", database[64];

static void remove_folder(void)
{
    gw_test_close(test);
    unlink(database);
    rmdir(folder);
}

static void start(void)
{
    char setting[100];
    MUST(mkdtemp(folder));
    snprintf(database, sizeof(database), "%s/db", folder);
    snprintf(setting, sizeof(setting), "GW_DATABASE_URL=sqlite:%s", database);
    const char *const settings[] = {setting, "GW_LOG=quiet", "GW_ORIGIN=https://school.test", NULL};
    MUST(gw_test_open(settings, NULL, &test) == 0);
    atexit(remove_folder);
}

/* The byte that stands at *io, an escape decoded once; -1: a bad one. */
static int next_byte(const char **io)
{
    char digits[3] = "";
    if (**io != '%')
        return (unsigned char)*(*io)++;
    memcpy(digits, *io + 1, strnlen(*io + 1, 2));
    if (strspn(digits, "0123456789abcdefABCDEF") != 2)
        return -1;
    *io += 3;
    return (int)strtoul(digits, NULL, 16);
}

/* No browser goes elsewhere by it, and no two readers see two paths. */
static void check(const char *text)
{
    char segment[MAX_BYTES + 1];
    size_t n = 0;
    MUST(*text == '/' && strlen(text) <= 2048);
    for (const char *c = text; *c; c++)
        MUST((unsigned char)*c > 0x20 && (unsigned char)*c < 0x7f && !strchr("\\#\"<>^`{|}", *c));
    const char *at = text + 1, *end = text + strcspn(text, "?");
    while (at <= end) {
        bool raw_end = at == end || *at == '/';
        if (raw_end) {
            segment[n] = 0;
            MUST(strcmp(segment, ".") && strcmp(segment, ".."));
            MUST(n || (at == end && end == text + 1)); /* the root alone has an empty one */
            n = 0;
            at++;
            continue;
        }
        int byte = next_byte(&at);
        MUST(byte >= 0x20 && byte != 0x7f && byte != '/' && byte != '\\');
        segment[n++] = (char)byte;
    }
    for (at = end; *at;) {
        int byte = next_byte(&at);
        MUST(byte >= 0x20 && byte != 0x7f);
    }
    MUST(strncmp(end, "?auth=", 6) && !strstr(end, "&auth=")); /* "??auth=" has another name */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char target[3 * MAX_BYTES + 32], text[MAX_BYTES + 1];
    struct gw_test_call call = {.method = "GET", .target = target};
    struct gw_test_reply reply;
    if (size > MAX_BYTES || memchr(data, 0, size))
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    size_t n = (size_t)snprintf(target, sizeof(target), "/next?next=");
    for (size_t i = 0; i < size; i++)
        n += (size_t)snprintf(target + n, 4, "%%%02X", data[i]);
    if (!test)
        start();
    MUST(gw_test_request(test, &call, &reply) == 0);
    MUST(reply.status == 200 || reply.status == 400);
    if (reply.status == 400 || !strcmp(reply.body, "(none)"))
        return 0;
    MUST(!strcmp(reply.body, text));
    check(text);
    return 0;
}
