/* command_fetch.c: `PROGRAM keys fetch`: brings the key sets of the issuers, over TLS.
 *
 * For a timer or a sidecar, never for a request: a running program reads the file when it changes.
 * Where the keys are, the issuer's discovery document says (OpenID Connect Discovery 1.0, 4), which
 * must name the issuer itself; or the command line does. Certificates and names are verified, only
 * https is spoken, redirects are not followed, and each transfer is bounded in time and bytes. What
 * arrives replaces the file only if it is a good key set.
 *
 * libcurl is loaded by this command alone: a program that serves is not even linked with it.
 * SSL_CERT_FILE names another file of certificate authorities, as for the command curl. */
#include "process/command.h"

#include "base/disk.h"
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int complain(const char *issuer, const char *what, const char *why)
{
    fprintf(stderr, "keys fetch: %s: %s%s%s\n", issuer, what, why ? ": " : "", why ? why : "");
    return 1;
}

#ifdef GW_HAVE_CURL
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>

#define BYTES_MAX   (1024 * 1024)
#define CONNECT_MS  5000L
#define TRANSFER_MS 15000L

/* What is used of libcurl. */
struct curl {
    void *library;
    CURL *(*init)(void);
    CURLcode (*set)(CURL *, CURLoption, ...);
    CURLcode (*perform)(CURL *);
    CURLcode (*info)(CURL *, CURLINFO, ...);
    void (*cleanup)(CURL *);
    const char *(*error)(CURLcode);
};

static bool open_curl(struct curl *curl)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
    for (size_t i = 0; !curl->library && i < 2; i++)
        curl->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!curl->library)
        return false;
    curl->init = (CURL * (*)(void)) dlsym(curl->library, "curl_easy_init");
    curl->set = (CURLcode(*)(CURL *, CURLoption, ...))dlsym(curl->library, "curl_easy_setopt");
    curl->perform = (CURLcode(*)(CURL *))dlsym(curl->library, "curl_easy_perform");
    curl->info = (CURLcode(*)(CURL *, CURLINFO, ...))dlsym(curl->library, "curl_easy_getinfo");
    curl->cleanup = (void (*)(CURL *))dlsym(curl->library, "curl_easy_cleanup");
    curl->error = (const char *(*)(CURLcode))dlsym(curl->library, "curl_easy_strerror");
    return curl->init && curl->set && curl->perform && curl->info && curl->cleanup && curl->error;
}

struct reply {
    char *text;
    size_t len;
};

static size_t take_bytes(char *bytes, size_t size, size_t n, void *data)
{
    struct reply *reply = data;
    size_t len = size * n;
    if (len > BYTES_MAX - reply->len)
        return 0;
    memcpy(reply->text + reply->len, bytes, len);
    reply->len += len;
    return len;
}

static bool set_all(const struct curl *curl, CURL *handle, const char *url, struct reply *reply)
{
    const char *authorities = getenv("SSL_CERT_FILE");
    int bad = curl->set(handle, CURLOPT_URL, url);
    bad |= (int)curl->set(handle, CURLOPT_PROTOCOLS_STR, "https");
    bad |= (int)curl->set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= (int)curl->set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    bad |= (int)curl->set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= (int)curl->set(handle, CURLOPT_FAILONERROR, 1L);
    bad |= (int)curl->set(handle, CURLOPT_NOSIGNAL, 1L);
    bad |= (int)curl->set(handle, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    bad |= (int)curl->set(handle, CURLOPT_TIMEOUT_MS, TRANSFER_MS);
    bad |= (int)curl->set(handle, CURLOPT_USERAGENT, "gatewright");
    bad |= (int)curl->set(handle, CURLOPT_WRITEFUNCTION, take_bytes);
    bad |= (int)curl->set(handle, CURLOPT_WRITEDATA, reply);
    if (authorities && *authorities)
        bad |= (int)curl->set(handle, CURLOPT_CAINFO, authorities);
    return !bad;
}

/* The body of a 200, in `arena`; false with *ret_why. Anything but 200 is no answer: nothing else
 * that a server may say leaves a key set behind. */
static bool get(const struct curl *curl, const char *url, struct gw_arena *arena,
                struct gw_str *ret, const char **ret_why)
{
    struct reply reply = {gw_arena_alloc(arena, BYTES_MAX), 0};
    CURL *handle = reply.text ? curl->init() : NULL;
    *ret_why = "out of memory";
    if (!handle)
        return false;
    CURLcode code = CURLE_FAILED_INIT;
    if (set_all(curl, handle, url, &reply))
        code = curl->perform(handle);
    long status = 0;
    curl->info(handle, CURLINFO_RESPONSE_CODE, &status);
    *ret_why = code ? curl->error(code) : status == 200 ? NULL : "the answer is not a 200";
    curl->cleanup(handle);
    *ret = (struct gw_str){reply.text, reply.len};
    return !*ret_why;
}

/* ---- Where the keys are --------------------------------------------------------------------- */

static bool has_text(const struct gw_json *object, const char *name, const char *value)
{
    const struct gw_json *member = gw_json_member(object, name);
    return member && member->kind == GW_JSON_STRING &&
           gw_str_equal(member->text, gw_str_from(value));
}

/* `jwks_uri` of the discovery document; NULL with *ret_why. */
static const char *read_discovery(const struct gw_issuer *issuer, struct gw_str text,
                                  struct gw_arena *arena, const char **ret_why)
{
    const struct gw_json *document;
    struct gw_json_error error;
    *ret_why = "the discovery document is not a JSON object";
    if (gw_json_read(text, 16, arena, &document, &error) || document->kind != GW_JSON_OBJECT)
        return NULL;
    *ret_why = "the discovery document is of another issuer";
    if (!has_text(document, "issuer", issuer->url))
        return NULL;
    const struct gw_json *uri = gw_json_member(document, "jwks_uri");
    *ret_why = "the discovery document names no https jwks_uri";
    if (!uri || uri->kind != GW_JSON_STRING || strncmp(uri->text.ptr, "https://", 8))
        return NULL;
    return uri->text.ptr;
}

static const char *discover(const struct curl *curl, const struct gw_issuer *issuer,
                            struct gw_arena *arena, const char **ret_why)
{
    size_t len = strlen(issuer->url);
    bool slash = len && issuer->url[len - 1] == '/';
    const char *url = gw_arena_printf(arena, "%s%s.well-known/openid-configuration", issuer->url,
                                      slash ? "" : "/");
    struct gw_str text;
    if (!url || !get(curl, url, arena, &text, ret_why))
        return NULL;
    return read_discovery(issuer, text, arena, ret_why);
}

/* ---- The file ------------------------------------------------------------------------------- */

static bool is_in_file(const char *path, struct gw_str text, struct gw_arena *arena)
{
    struct gw_str there;
    return !gw_disk_read(AT_FDCWD, path, BYTES_MAX, true, arena, &there) &&
           gw_str_equal(there, text);
}

static void complain_of_key(void *issuer, size_t place, struct gw_str id, const char *why)
{
    fprintf(stderr, "keys: %s: key %zu will be left out: it %s\n", (const char *)issuer, place,
            why);
}

static int fetch(const struct curl *curl, const struct gw_config *config,
                 const struct gw_issuer *issuer, const char *url, struct gw_arena *arena)
{
    const char *why = NULL, *path = gw_trust_issuer_path(config, issuer, arena);
    struct gw_keys *keys;
    struct gw_str text;
    if (!url && !(url = discover(curl, issuer, arena, &why)))
        return complain(issuer->name, "its keys could not be found", why);
    if (!get(curl, url, arena, &text, &why))
        return complain(issuer->name, url, why);
    struct gw_keys_report report = {complain_of_key, (void *)issuer->name};
    int r = gw_keys_from_jwks(text, &report, &keys, &why);
    if (r)
        return complain(issuer->name, "what came", why ? why : strerror(-r));
    size_t n = gw_keys_count(keys);
    gw_keys_free(keys);
    if (path && is_in_file(path, text, arena)) {
        printf("%s: %zu keys in %s, as before\n", issuer->name, n, path);
        return 0;
    }
    r = path ? gw_disk_write(AT_FDCWD, path, text, 0644, GW_DISK_REPLACE, arena) : -ENOMEM;
    if (r)
        return complain(issuer->name, path ? path : "", strerror(-r));
    printf("%s: %zu keys in %s\n", issuer->name, n, path);
    return 0;
}

static int fetch_all(const struct gw_config *config, const struct gw_app *app,
                     struct gw_arena *arena, char *const *args)
{
    struct curl curl = {.library = NULL};
    int status = 0;
    if (!open_curl(&curl))
        return complain("libcurl", "libcurl.so.4 cannot be loaded", NULL);
    for (size_t i = 0; i < app->n_issuers; i++)
        if (!args[0] || !strcmp(args[0], app->issuers[i].name))
            status |= fetch(&curl, config, &app->issuers[i], args[0] ? args[1] : NULL, arena);
    return status;
}
#else
static int fetch_all(const struct gw_config *config, const struct gw_app *app,
                     struct gw_arena *arena, char *const *args)
{
    return complain("libcurl", "this program was built without it", NULL);
}
#endif

int gw_cmd_fetch(const struct gw_config *config, const struct gw_app *app, struct gw_arena *arena,
                 char *const *args)
{
    bool found = !args[0];
    for (size_t i = 0; args[0] && i < app->n_issuers; i++)
        found |= !strcmp(args[0], app->issuers[i].name);
    if (!app->n_issuers || !found) {
        complain(args[0] ? args[0] : "routes", "declares no such issuer", NULL);
        return 2;
    }
    return fetch_all(config, app, arena, args);
}
