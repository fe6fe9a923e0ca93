/* One path is one route: a request whose escapes are decoded gets the same answer, or the other was
 * refused with 400. Asked by nobody, by a user and by a teacher, of routes that lie inside each
 * other's {name:path} (tests/paths/routes.def). The decoding here is this file's own. */
#include "gatewright.h"

#include "fuzz.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_MAX_BYTES 2000

static struct gw_test *test;
static const char *tokens[3]; /* the first: none */
static char folder[] = "/tmp/gw-match-XXXXXX", database[64];

static void remove_folder(void)
{
    gw_test_close(test);
    unlink(database);
    rmdir(folder);
}

static void start(void)
{
    char setting[100];
    sqlite3 *db;

    MUST(mkdtemp(folder));
    snprintf(database, sizeof(database), "%s/db", folder);
    snprintf(setting, sizeof(setting), "GW_DATABASE_URL=sqlite:%s", database);
    const char *const settings[] = {setting, "GW_LOG=quiet", NULL};
    MUST(gw_test_open(settings, NULL, &test) == 0);
    MUST(sqlite3_open(database, &db) == SQLITE_OK);
    MUST(sqlite3_exec(db,
                      "INSERT INTO users VALUES (1, 'u'); INSERT INTO teachers VALUES (1, 't');"
                      "INSERT INTO notes VALUES (1, 1)",
                      NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
    MUST(gw_test_token(test, "users", "1", &tokens[1]) == 0);
    MUST(gw_test_token(test, "teachers", "1", &tokens[2]) == 0);
    atexit(remove_folder);
}

/* The answer's status; `given` is what the handler says. */
static int ask(const char *method, const char *target, const char *token, char *given, size_t size)
{
    struct gw_test_call call = {.method = method, .target = target, .token = token};
    struct gw_test_reply reply;

    MUST(gw_test_request(test, &call, &reply) == 0);
    snprintf(given, size, "%s", reply.status == 200 ? reply.body : "");
    return reply.status;
}

/* Decodes each escape once, and writes what may not stand in a path as an escape again. False for a
 * bad escape. */
static bool decode(const char *path, bool backslashes, char *out)
{
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        char digits[3] = "";

        if (c == '%') {
            memcpy(digits, path + 1, strnlen(path + 1, 2));
            if (strspn(digits, "0123456789abcdefABCDEF") != 2)
                return false;
            c = (unsigned char)strtoul(digits, NULL, 16);
            path += 2;
        }
        if (c == '/' || (backslashes && c == '\\'))
            *out++ = '/';
        else
            out += sprintf(out, "%%%02X", c);
    }
    *out = '\0';
    return true;
}

static void compare(const char *method, const char *path, const char *token)
{
    static char one[16 * PATH_MAX_BYTES], other[sizeof(one)], decoded[4 * PATH_MAX_BYTES];
    int status = ask(method, path, token, one, sizeof(one));

    MUST(status != 500);
    if (status == 400)
        return;
    MUST(decode(path, false, decoded));
    MUST(ask(method, decoded, token, other, sizeof(other)) == status);
    MUST(strcmp(one, other) == 0);
    MUST(decode(path, true, decoded));
    MUST(ask(method, decoded, token, other, sizeof(other)) == status);
    MUST(strcspn(one, ",") == strcspn(other, ",") && !strncmp(one, other, strcspn(one, ",")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[PATH_MAX_BYTES + 2] = "/";

    if (size > PATH_MAX_BYTES || memchr(data, 0, size) || memchr(data, '?', size) ||
        memchr(data, '#', size))
        return 0;
    memcpy(path + 1, data, size);
    path[size + 1] = '\0';
    if (!test)
        start();
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        compare("GET", path, tokens[i]);
        compare("POST", path, tokens[i]);
        compare("OPTIONS", path, tokens[i]);
    }
    return 0;
}
