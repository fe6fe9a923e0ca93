/* test_described.c: what routes.def tells about a program, as those who call it get it. */
#include "routes.h"

#include "site.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct gw_test *test;
static char folder[SITE_FOLDER_MAX];
static struct gw_test_reply reply;

int show(struct gw_request *req)
{
    return gw_text(req, 200, "shown");
}

int tell(struct gw_request *req, const struct step_body *body)
{
    return gw_text(req, 200, body->how);
}

static void open_mounted(const char *mount)
{
    char log[128], at[128];
    cr_assert(site_folder(folder));
    snprintf(log, sizeof(log), "GW_LOG=text:%s/log", folder);
    snprintf(at, sizeof(at), "GW_MOUNT=%s", mount);
    const char *const settings[] = {log, at, NULL};
    cr_assert_eq(gw_test_open(settings, NULL, &test), 0);
}

static void open_app(void)
{
    open_mounted("/");
}

static void close_app(void)
{
    gw_test_close(test);
    site_remove(folder);
}

TestSuite(described, .fini = close_app);

static void ask(const char *method, const char *path, int status)
{
    struct gw_test_call call = {.method = method, .target = path};
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    cr_assert_eq(reply.status, status, "%s %s: %d", method, path, reply.status);
}

static void expect_deprecated(bool deprecated)
{
    /* date -u -d 2027-01-31 +%s; date -u -d 2028-02-29 +%a */
    cr_expect_eq(!strstr(reply.headers, "Deprecation: @1801353600\r\n"), !deprecated);
    cr_expect_eq(!strstr(reply.headers, "Sunset: Tue, 29 Feb 2028 00:00:00 GMT\r\n"), !deprecated);
    cr_expect_eq(!strstr(reply.headers, "Deprecation"), !deprecated);
}

Test(described, answers_of_a_deprecated_route_say_so_and_when_it_goes, .init = open_app)
{
    ask("GET", "/old", 200);
    expect_deprecated(true);
    ask("HEAD", "/old", 200);
    expect_deprecated(true);
    ask("GET", "/new", 200);
    expect_deprecated(false);
    ask("POST", "/old", 405);
    expect_deprecated(false);
}

static size_t count(const char *part)
{
    size_t n = 0;
    for (const char *at = reply.body; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

Test(described, texts_are_text_in_the_page_and_never_html, .init = open_app)
{
    ask("GET", "/docs", 200);
    cr_expect_eq(count("<script"), 1); /* the page's own */
    cr_expect_eq(count("</title"), 1);
    cr_expect_eq(count("<img"), 0);
    cr_expect_eq(count("<b>"), 0);
    cr_expect_eq(count("</textarea"), 1);
    for (char n = '0'; n <= '7'; n++) {
        char shown[] = "&lt;script&gt;alert(0)&lt;/script&gt;", plain[] = "alert(0)";
        *strchr(shown, '0') = *strchr(plain, '0') = n;
        cr_expect(n == '1' || strstr(reply.body, shown), "%c is not shown", n);
        cr_expect(strstr(reply.body, plain), "%c is not there", n);
    }
}

Test(described, the_page_admits_its_own_script_alone_and_has_a_tag, .init = open_app)
{
    ask("GET", "/docs", 200);
    cr_expect(strstr(reply.headers, "Content-Type: text/html; charset=utf-8\r\n"));
    cr_expect(
        strstr(reply.headers, "Content-Security-Policy: default-src 'none'; script-src 'sha256-"));
    cr_expect(!strstr(reply.headers, "unsafe"));
    cr_expect(strstr(reply.headers, "ETag: \""));
}

Test(described, the_document_names_the_path_that_the_program_is_mounted_at)
{
    open_mounted("/a%22b");
    ask("GET", "/a%22b/openapi.json", 200);
    json_t *document = json_loads(reply.body, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(document);
    json_t *server = json_array_get(json_object_get(document, "servers"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(server, "url")), "/a%22b");
    json_decref(document);
}

Test(described, without_a_mount_the_server_is_the_root, .init = open_app)
{
    ask("GET", "/openapi.json", 200);
    json_t *document = json_loads(reply.body, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(document);
    json_t *server = json_array_get(json_object_get(document, "servers"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(server, "url")), "/");
    json_decref(document);
}
