/* http.c: see http.h. */
#include "http.h"

#include "stack.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct text {
    char *ptr;
    size_t len;
};

static size_t append(char *data, size_t size, size_t n, void *user)
{
    struct text *text = user;
    text->ptr = realloc(text->ptr, text->len + size * n + 1);
    memcpy(text->ptr + text->len, data, size * n);
    text->len += size * n;
    text->ptr[text->len] = 0;
    return size * n;
}

static struct curl_slist *headers_of(const struct call *call)
{
    struct curl_slist *list = NULL;
    char line[20000];
    if (call->token) {
        snprintf(line, sizeof(line), "Authorization: Bearer %s", call->token);
        list = curl_slist_append(list, line);
    }
    if (call->body || call->type) {
        snprintf(line, sizeof(line), "Content-Type: %s",
                 call->type ? call->type : "application/json");
        list = curl_slist_append(list, line);
    }
    list = curl_slist_append(list, "Expect:");
    if (!call->body && call->method &&
        (!strcmp(call->method, "POST") || !strcmp(call->method, "PUT")))
        list = curl_slist_append(list, "Content-Length: 0"); /* as browsers do */
    for (size_t i = 0; call->headers && call->headers[i]; i++)
        list = curl_slist_append(list, call->headers[i]);
    return list;
}

/* Where E2E_RECORD names a file, each request's method and target are written to its end:
 * explain.py asks for them again. */
static void record(const char *method, const char *target)
{
    const char *path = getenv("E2E_RECORD");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file)
        return;
    if (!strchr(target, '\n'))
        fprintf(file, "%s %s\n", method, target);
    fclose(file);
}

struct reply http(struct call call)
{
    struct reply reply = {0};
    struct text headers = {calloc(1, 1), 0}, body = {calloc(1, 1), 0};
    struct curl_slist *list = headers_of(&call);
    CURL *curl = curl_easy_init();
    const char *method = call.method ? call.method : call.body ? "POST" : "GET";
    record(method, call.target);
    curl_easy_setopt(curl, CURLOPT_URL, stack_url());
    curl_easy_setopt(curl, CURLOPT_REQUEST_TARGET, call.target);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, append);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    if (call.body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(call.body_len ? call.body_len : strlen(call.body)));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body);
    }
    if (!strcmp(method, "HEAD"))
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
    if (code)
        fprintf(stderr, "%s %s: %s\n", method, call.target, curl_easy_strerror(code));
    curl_easy_cleanup(curl);
    curl_slist_free_all(list);
    reply.headers = headers.ptr;
    reply.body = body.ptr;
    reply.body_len = body.len;
    reply.json = json_loadb(body.ptr, body.len, JSON_DECODE_ANY, NULL);
    return reply;
}

void http_free(struct reply *reply)
{
    free(reply->headers);
    free(reply->body);
    json_decref(reply->json);
    memset(reply, 0, sizeof(*reply));
}

const char *http_header(const struct reply *reply, const char *name)
{
    static char value[4096];
    size_t len = strlen(name);
    for (const char *line = reply->headers; line && *line;) {
        const char *end = strstr(line, "\r\n");
        if (!end)
            return NULL;
        if (!strncasecmp(line, name, len) && line[len] == ':') {
            line += len + 1;
            line += strspn(line, " ");
            snprintf(value, sizeof(value), "%.*s", (int)(end - line), line);
            return value;
        }
        line = end + 2;
    }
    return NULL;
}

json_t *http_member(const struct reply *reply, const char *path)
{
    json_t *at = reply->json;
    char names[256], *rest = names;
    snprintf(names, sizeof(names), "%s", path);
    for (char *name; at && (name = strsep(&rest, "."));)
        at = json_object_get(at, name);
    return at;
}

const char *http_text(const struct reply *reply, const char *path)
{
    return json_string_value(http_member(reply, path));
}
