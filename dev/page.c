/* page.c: /-/dev, and what is said in the program's place while there is none.
 *
 * It mints tokens. Therefore: a request that did not come from this machine, was meant for another
 * host (a name that an attacker lets point to 127.0.0.1), or was made by another site's page is
 * refused before anything else is looked at; and what is no GET must name our own origin. */
#include "own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN "text/plain; charset=utf-8"
#define JSON  "application/json"

/* Nothing of another site, no inline code, and no other site frames it. */
static const char guarded[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; frame-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Referrer-Policy: no-referrer\r\n";

static void answer(const struct request *request, int status, const char *type, const char *text)
{
    connection_answer(request->connection, status, type, guarded, text, strlen(text));
}

/* ---- Who may ask ---------------------------------------------------------------------------- */

static bool is_our_host(const struct dev *dev, const char *host)
{
    static const char *const names[] = {"127.0.0.1", "localhost"};
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(names[i]);
        if (!strncmp(host, names[i], len) && host[len] == ':' && !strcmp(host + len + 1, dev->port))
            return true;
    }
    return false;
}

/* Why a request is refused; NULL: it may. */
static const char *refusal(const struct dev *dev, const struct request *request)
{
    bool get = !strcmp(request->method, "GET");
    if (strcmp(request->address, "127.0.0.1"))
        return "only this machine may ask";
    if (!is_our_host(dev, request->host))
        return "the request was meant for another host";
    if (*request->origin || !get) {
        if (strncmp(request->origin, "http://", 7) || strcmp(request->origin + 7, request->host))
            return "the request was made by another site";
    }
    if (*request->site && strcmp(request->site, "same-origin") && strcmp(request->site, "none"))
        return "the request was made by another site";
    return NULL;
}

/* ---- What is told --------------------------------------------------------------------------- */

/* A JSON string; control bytes and what is no UTF-8 become U+FFFD by the browser's decoder. */
static void put_json(FILE *to, const char *text)
{
    putc('"', to);
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else if (c < 0x20)
            fprintf(to, "\\u%04x", c);
        else
            putc(c, to);
    }
    putc('"', to);
}

static void put_state(const struct dev *dev, FILE *to)
{
    fprintf(to,
            "{\"state\":\"%s\",\"served\":%llu,\"running\":%s,\"asking\":%s,\"server\":\"%s\","
            "\"throwaway\":%s,\"error\":",
            machine_state_name(dev), (unsigned long long)dev->served,
            dev->current.child ? "true" : "false", machine_asks(dev) ? "true" : "false",
            dev->server_name, dev->own_database ? "true" : "false");
    if (dev->error)
        put_json(to, dev->error);
    else
        fputs("null", to);
    fputs("}", to);
}

/* An event stream (HTML, 9.2) of one event: the browser asks again with its id, and gets the next.
 * So it passes through servers that buffer an answer, and holds no connection for ever. */
static void tell(struct dev *dev, struct connection *connection)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    if (!to)
        return;
    fprintf(to, "retry: 100\nid: %llu\ndata: ", (unsigned long long)dev->generation);
    put_state(dev, to);
    fputs("\n\n", to);
    if (!fclose(to))
        connection_answer(connection, 200, "text/event-stream", guarded, text, len);
    free(text);
}

static void get_events(struct dev *dev, const struct request *request)
{
    char current[32];
    snprintf(current, sizeof(current), "%llu", (unsigned long long)dev->generation);
    if (strcmp(current, request->last))
        tell(dev, request->connection);
    else
        connection_wait(request->connection);
}

static void get_requests(struct dev *dev, const struct request *request)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    if (!to)
        return;
    for (size_t i = dev->log_n > LOG_LINES ? dev->log_n - LOG_LINES : 0; i < dev->log_n; i++)
        if (dev->log[i % LOG_LINES])
            fprintf(to, "%s\n", dev->log[i % LOG_LINES]);
    if (!fclose(to))
        connection_answer(request->connection, 200, PLAIN, guarded, text, len);
    free(text);
}

static void get_routes(struct dev *dev, const struct request *request)
{
    const char *const argv[] = {dev->self, "routes", "--json", dev->options->source, NULL};
    connection_answer_by(dev, request->connection,
                         &(struct start){.argv = argv, .seconds = CHECK_SECONDS}, JSON);
}

/* ---- What is asked for ---------------------------------------------------------------------- */

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void decode(char *text)
{
    char *to = text;
    for (; *text; text++) {
        if (*text == '%' && hex(text[1]) >= 0 && hex(text[2]) >= 0 &&
            (text[1] != '0' || text[2] != '0')) {
            *to++ = (char)(hex(text[1]) << 4 | hex(text[2]));
            text += 2;
        } else {
            *to++ = *text == '+' ? ' ' : *text;
        }
    }
    *to = 0;
}

/* The two fields of a form, in this order; false: it has others. */
static bool read_form(char *body, const char *first, const char *second, char *values[2])
{
    const char *const names[] = {first, second};
    char *rest = body;
    for (int i = 0; i < 2; i++) {
        char *field = strsep(&rest, "&");
        size_t len = strlen(names[i]);
        if (!field || strncmp(field, names[i], len) || field[len] != '=')
            return false;
        values[i] = field + len + 1;
    }
    decode(values[0]);
    decode(values[1]);
    /* They become arguments: none that looks like an option. */
    return !rest && *values[0] && *values[1] && *values[0] != '-' && *values[1] != '-';
}

static void post_token(struct dev *dev, const struct request *request)
{
    char *values[2];
    if (!read_form(request->body, "entity", "key", values)) {
        answer(request, 400, PLAIN, "entity and key are needed");
        return;
    }
    if (!*dev->current.path) {
        answer(request, 503, PLAIN, "no program serves yet");
        return;
    }
    const char *const argv[] = {dev->current.path, "token", values[0], values[1], NULL};
    connection_answer_by(
        dev, request->connection,
        &(struct start){.argv = argv, .settings = dev->settings, .seconds = CHECK_SECONDS}, PLAIN);
}

static void post_explain(struct dev *dev, const struct request *request)
{
    char *values[2];
    if (!read_form(request->body, "method", "path", values)) {
        answer(request, 400, PLAIN, "method and path are needed");
        return;
    }
    const char *const argv[] = {dev->self, "explain", values[0], values[1], dev->options->source,
                                NULL};
    connection_answer_by(dev, request->connection,
                         &(struct start){.argv = argv, .seconds = CHECK_SECONDS}, PLAIN);
}

static void get_page(struct dev *dev, const struct request *request)
{
    answer(request, 200, "text/html; charset=utf-8", page_html);
}

static void get_css(struct dev *dev, const struct request *request)
{
    answer(request, 200, "text/css; charset=utf-8", page_css);
}

static void get_script(struct dev *dev, const struct request *request)
{
    answer(request, 200, "text/javascript; charset=utf-8", page_js);
}

static void get_live(struct dev *dev, const struct request *request)
{
    answer(request, 200, "text/javascript; charset=utf-8", page_live);
}

static const struct {
    const char *method, *path;
    void (*act)(struct dev *dev, const struct request *request);
} pages[] = {
    {"GET", "/-/dev", get_page},          {"GET", "/-/dev/", get_page},
    {"GET", "/-/dev/page.css", get_css},  {"GET", "/-/dev/page.js", get_script},
    {"GET", "/-/dev/live.js", get_live},  {"GET", "/-/dev/events", get_events},
    {"GET", "/-/dev/routes", get_routes}, {"GET", "/-/dev/requests", get_requests},
    {"POST", "/-/dev/token", post_token}, {"POST", "/-/dev/explain", post_explain},
};

/* In the program's place: 503, and in a browser the reason, until a program serves. */
static void answer_for_program(struct dev *dev, const struct request *request)
{
    static const char problem[] =
        "{\"status\":503,\"title\":\"Service Unavailable\",\"detail\":"
        "\"no program serves yet: look at the terminal, or at /-/dev\"}\n";
    if (strstr(request->accept, "text/html"))
        connection_answer(request->connection, 503, "text/html; charset=utf-8",
                          "Retry-After: 1\r\n", page_waiting, strlen(page_waiting));
    else
        connection_answer(request->connection, 503, "application/problem+json",
                          "Retry-After: 1\r\n", problem, strlen(problem));
}

static void handle(struct dev *dev, const struct request *request)
{
    const char *why = request->to_program ? NULL : refusal(dev, request);
    if (request->to_program) {
        answer_for_program(dev, request);
        return;
    }
    if (why) {
        answer(request, 403, PLAIN, why);
        return;
    }
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (!strcmp(pages[i].path, request->path) && !strcmp(pages[i].method, request->method)) {
            pages[i].act(dev, request);
            return;
        }
    }
    answer(request, 404, PLAIN, "there is no such page");
}

void page_open(struct dev *dev)
{
    dev->request = handle;
    dev->tell = tell;
}
