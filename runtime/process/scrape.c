/* scrape.c: see scrape.h. */
#include "process/scrape.h"

#include "base/clock.h"
#include "gate/pages.h"
#include "token/bearer.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX  8192
#define ANSWER_NS 1000000000ULL /* for reading the request, and again for writing the answer */

/* ---- The request ---------------------------------------------------------------------------- */

static bool is_ready(int fd, short events, uint64_t until_ns)
{
    struct pollfd ready = {.fd = fd, .events = events};
    uint64_t now = gw_now_ns();
    return now < until_ns && poll(&ready, 1, (int)((until_ns - now) / 1000000) + 1) > 0;
}

/* Reads up to the empty line, which ends it; a NUL behind. False: it did not come in time, or is
 * too long. */
static bool read_head(int fd, char head[HEAD_MAX + 1])
{
    uint64_t until = gw_now_ns() + ANSWER_NS;
    size_t len = 0;
    while (len < HEAD_MAX && is_ready(fd, POLLIN, until)) {
        ssize_t n = recv(fd, head + len, HEAD_MAX - len, MSG_DONTWAIT);
        if (n <= 0)
            return false;
        len += (size_t)n;
        head[len] = 0;
        if (memchr(head, 0, len))
            return false;
        if (strstr(head, "\r\n\r\n"))
            return true;
    }
    return false;
}

/* The value of a header field that is there once; empty: it is not there; NULL: several times. */
static struct gw_str field(const char *head, const char *name)
{
    struct gw_str found = GW_STR("");
    size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, len) || line[len] != ':')
            continue;
        if (found.len)
            return (struct gw_str){NULL, 0};
        found.ptr = line + len + 1 + strspn(line + len + 1, " \t");
        found.len = strcspn(found.ptr, "\r");
    }
    return found;
}

/* ---- Who may see the pages ------------------------------------------------------------------ */

static bool shows_token(const char *head, const char *wanted)
{
    struct gw_str value = field(head, "Authorization"), shown;
    if (!value.ptr || !value.len || gw_bearer_read(value, &shown))
        return false;
    return shown.len == strlen(wanted) && !CRYPTO_memcmp(shown.ptr, wanted, shown.len);
}

/* A page of somebody else's, in a browser on this machine, asks by a name of its own. */
static bool names_loopback(const char *head)
{
    static const char *const names[] = {"127.", "localhost", "[::1]"};
    struct gw_str host = field(head, "Host");
    size_t len = host.ptr ? host.len : 0;
    while (len && host.ptr[len - 1] >= '0' && host.ptr[len - 1] <= '9')
        len--;
    if (!len || host.ptr[len - 1] != ':')
        len = host.len;
    else
        len--;
    for (size_t i = 0; host.ptr && i < 3; i++) {
        size_t n = strlen(names[i]);
        if (len >= n && !strncasecmp(host.ptr, names[i], n) &&
            (i ? len == n : strspn(host.ptr, "0123456789.") >= len))
            return true;
    }
    return false;
}

/* ---- The answer ----------------------------------------------------------------------------- */

static void write_all(int fd, struct gw_str text)
{
    uint64_t until = gw_now_ns() + ANSWER_NS;
    while (text.len && is_ready(fd, POLLOUT, until)) {
        ssize_t n = send(fd, text.ptr, text.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return;
        text.ptr += n > 0 ? n : 0;
        text.len -= n > 0 ? (size_t)n : 0;
    }
}

/* `text` may be NULL: the status says it all. */
static void answer(int fd, struct gw_arena *arena, const char *status, const char *more,
                   const struct gw_page *page, const struct gw_text *text, bool head_only)
{
    struct gw_text out = {.arena = arena};
    gw_text_printf(&out,
                   "HTTP/1.1 %s\r\n%sContent-Type: %s\r\nContent-Length: %zu\r\n"
                   "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                   "Connection: close\r\n\r\n",
                   status, more, page ? page->type : "text/plain; charset=utf-8",
                   text ? text->len : 0);
    if (text && !head_only)
        gw_text_add(&out, (struct gw_str){text->ptr, text->len});
    if (!out.failed)
        write_all(fd, (struct gw_str){out.ptr, out.len});
}

/* The target is a path of one segment, and perhaps a query. */
static const struct gw_page *page_of(const char *target, size_t len)
{
    char name[32];
    const char *mark = memchr(target, '?', len);
    size_t path = mark ? (size_t)(mark - target) : len;
    if (path < 2 || path > sizeof(name) || target[0] != '/')
        return NULL;
    memcpy(name, target + 1, path - 1);
    name[path - 1] = 0;
    return gw_page_find(name, mark ? (struct gw_str){mark + 1, len - path - 1} : GW_STR(""));
}

static void serve(const struct gw_server *server, int fd, struct gw_arena *arena)
{
    char head[HEAD_MAX + 1];
    const char *token = server->config.status_token;
    if (!read_head(fd, head))
        return;
    size_t method = strcspn(head, " \r"), target;
    const char *at = head + method + (head[method] == ' ');
    target = strcspn(at, " \r");
    bool head_only = method == 4 && !memcmp(head, "HEAD", 4);
    const struct gw_page *page = page_of(at, target);
    struct gw_text text = {.arena = arena};
    if (strncmp(at + target, " HTTP/1.", 8))
        answer(fd, arena, "400 Bad Request", "", NULL, NULL, false);
    else if (token ? !shows_token(head, token) : !names_loopback(head))
        answer(fd, arena, token ? "401 Unauthorized" : "403 Forbidden",
               token ? "WWW-Authenticate: Bearer realm=\"status\"\r\n" : "", NULL, NULL, false);
    else if (!head_only && (method != 3 || memcmp(head, "GET", 3)))
        answer(fd, arena, "405 Method Not Allowed", "Allow: GET, HEAD\r\n", NULL, NULL, false);
    else if (!page)
        answer(fd, arena, "404 Not Found", "", NULL, NULL, false);
    else {
        page->print(server, &text);
        if (text.failed)
            answer(fd, arena, "500 Internal Server Error", "", NULL, NULL, false);
        else
            answer(fd, arena, "200 OK", "", page, &text, head_only);
    }
}

/* ---- The thread ----------------------------------------------------------------------------- */

static void *run(void *data)
{
    struct gw_scrape *scrape = data;
    struct gw_arena arena = {.limit = 0};
    struct pollfd fds[] = {{.fd = scrape->end_fd, .events = POLLIN},
                           {.fd = scrape->listen_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
        if (fds[0].revents)
            break;
        int fd = accept4(scrape->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) { /* it has gone again; or there is no descriptor left, and soon there may be */
            poll(fds, 1, 20);
            continue;
        }
        serve(scrape->server, fd, &arena);
        close(fd);
        gw_arena_reset(&arena);
    }
    gw_arena_free(&arena);
    return NULL;
}

int gw_scrape_begin(struct gw_scrape *scrape, const struct gw_server *server, int listen_fd)
{
    *scrape = (struct gw_scrape){.server = server, .listen_fd = listen_fd, .end_fd = -1};
    if (listen_fd < 0)
        return 0;
    scrape->end_fd = eventfd(0, EFD_CLOEXEC);
    fcntl(listen_fd, F_SETFL, fcntl(listen_fd, F_GETFL) | O_NONBLOCK);
    int r = scrape->end_fd < 0 ? -errno : -pthread_create(&scrape->thread, NULL, run, scrape);
    scrape->running = !r;
    return r;
}

void gw_scrape_end(struct gw_scrape *scrape)
{
    if (scrape->running) {
        eventfd_write(scrape->end_fd, 1);
        pthread_join(scrape->thread, NULL);
    }
    if (scrape->end_fd >= 0)
        close(scrape->end_fd);
    if (scrape->listen_fd >= 0)
        close(scrape->listen_fd);
}
