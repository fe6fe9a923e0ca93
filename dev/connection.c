/* connection.c: requests from the web server by FastCGI (1.0), read with the runtime's own reader.
 *
 * One request a connection. Only the web server that we started can connect: the sockets lie in a
 * folder of mode 0700. */
#include "own.h"

#include "transport/fastcgi.h"
#include "transport/fcgi.h"
#include "transport/fcgi_params.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_MAX     4096
#define IDLE_SECONDS 30 /* for a request to arrive, and an answer to leave */
#define PIECE        32768

struct connection {
    struct connection *next;
    struct dev *dev;
    int fd;
    bool gone, answered, waiting, to_program, too_large;
    struct gw_fcgi reader;
    uint16_t id;
    struct gw_fcgi_params params;
    char body[BODY_MAX + 1];
    size_t body_len;
    char *out;
    size_t out_len, out_at;
    uint64_t deadline;
    struct child *child; /* that makes the answer */
    const char *type;    /* of that answer */
};

void connection_accept(struct dev *dev, void *data, short events)
{
    int listener = data ? dev->listener : dev->page_listener;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct connection *connection = fd < 0 ? NULL : calloc(1, sizeof(*connection));
    if (!connection) {
        if (fd >= 0)
            close(fd);
        return;
    }
    connection->dev = dev;
    connection->fd = fd;
    connection->to_program = data;
    connection->deadline = now_ms() + IDLE_SECONDS * SECOND;
    connection->next = dev->connections;
    dev->connections = connection;
    dev->n_connections++;
}

static void drop(struct connection *connection)
{
    connection->gone = true;
    if (connection->child && !connection->child->gone) {
        connection->child->data = NULL;
        child_stop(connection->child, 1);
    }
    connection->child = NULL;
}

void connections_free_gone(struct dev *dev)
{
    for (struct connection **at = &dev->connections; *at;) {
        struct connection *connection = *at;
        if (!connection->gone) {
            at = &connection->next;
            continue;
        }
        *at = connection->next;
        close(connection->fd);
        gw_fcgi_params_free(&connection->params);
        free(connection->out);
        free(connection);
        dev->n_connections--;
    }
}

/* ---- Answers -------------------------------------------------------------------------------- */

static void flush(struct connection *connection)
{
    while (connection->out_at < connection->out_len) {
        ssize_t n = send(connection->fd, connection->out + connection->out_at,
                         connection->out_len - connection->out_at, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n < 0)
            break;
        connection->out_at += (size_t)n;
    }
    drop(connection);
}

/* As records of the stream STDOUT, its end and the end of the request. */
static bool put_records(struct connection *connection, const char *text, size_t len)
{
    size_t records = len / PIECE + 2, at = 0;
    unsigned char *out = malloc(len + records * 8 + GW_FCGI_END);
    if (!out)
        return false;
    connection->out = (char *)out;
    do {
        size_t n = len - at < PIECE ? len - at : PIECE;
        gw_fcgi_header(out, FCGI_STDOUT, connection->id, n);
        memcpy(out + 8, text + at, n);
        out += 8 + n;
        at += n;
    } while (at < len);
    gw_fcgi_header(out, FCGI_STDOUT, connection->id, 0);
    gw_fcgi_end(out + 8, connection->id, 0);
    connection->out_len = (size_t)(out + 8 + GW_FCGI_END - (unsigned char *)connection->out);
    return true;
}

void connection_answer(struct connection *connection, int status, const char *type,
                       const char *headers, const char *body, size_t len)
{
    char *text = NULL;
    connection->answered = true;
    connection->waiting = false;
    connection->deadline = now_ms() + IDLE_SECONDS * SECOND;
    int n = asprintf(&text,
                     "Status: %d\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s\r\n",
                     status, type, len, headers);
    char *all = n < 0 ? NULL : realloc(text, (size_t)n + len + 1);
    if (all) {
        memcpy(all + n, body, len);
        if (!put_records(connection, all, (size_t)n + len))
            drop(connection);
    } else {
        drop(connection);
    }
    free(all ? all : n < 0 ? NULL : text);
    if (!connection->gone)
        flush(connection);
}

void connection_wait(struct connection *connection)
{
    connection->waiting = true;
    connection->deadline = now_ms() + ANSWER_SECONDS * SECOND;
}

void connections_tell(struct dev *dev)
{
    for (struct connection *at = dev->connections; at; at = at->next)
        if (at->waiting && !at->gone)
            dev->tell(dev, at);
}

static void answer_ended(struct dev *dev, struct child *child)
{
    struct connection *connection = child->data;
    if (!connection || connection->gone)
        return;
    connection->child = NULL;
    connection_answer(connection, child_succeeded(child) ? 200 : 502,
                      child_succeeded(child) ? connection->type : "text/plain; charset=utf-8", "",
                      child->text ? child->text : "", child->len);
}

void connection_answer_by(struct dev *dev, struct connection *connection, const struct start *start,
                          const char *type)
{
    struct start mine = *start;
    mine.ended = answer_ended;
    mine.data = connection;
    connection->type = type;
    connection->deadline = now_ms() + (CHECK_SECONDS + IDLE_SECONDS) * SECOND;
    connection->child = child_start(dev, &mine);
    if (!connection->child)
        connection_answer(connection, 503, "text/plain", "", strerror(errno),
                          strlen(strerror(errno)));
}

/* ---- Requests ------------------------------------------------------------------------------- */

/* A parameter as a C string: "" if it is not there, or holds a NUL byte. */
static const char *parameter(const struct gw_fcgi_params *params, const char *name, char *buffer,
                             size_t size)
{
    buffer[0] = 0;
    for (size_t i = 0; i < params->n_meta; i++) {
        struct gw_str value = params->meta[i].value;
        if (!gw_str_equal(params->meta[i].name, gw_str_from(name)))
            continue;
        if (value.len < size && !memchr(value.ptr, 0, value.len)) {
            memcpy(buffer, value.ptr, value.len);
            buffer[value.len] = 0;
        }
        return buffer;
    }
    return buffer;
}

static void handle(struct connection *connection)
{
    char method[16], path[2048], host[256], origin[256], site[32], address[64], last[32],
        accept[512];
    const struct gw_fcgi_params *params = &connection->params;
    if (gw_fcgi_params_split(&connection->params) || connection->params.overflow) {
        drop(connection);
        return;
    }
    if (connection->too_large) {
        connection_answer(connection, 413, "text/plain", "", "", 0);
        return;
    }
    connection->body[connection->body_len] = 0;
    struct request request = {
        .connection = connection,
        .to_program = connection->to_program,
        .method = parameter(params, "REQUEST_METHOD", method, sizeof(method)),
        .path = parameter(params, "REQUEST_URI", path, sizeof(path)),
        .host = parameter(params, "HTTP_HOST", host, sizeof(host)),
        .origin = parameter(params, "HTTP_ORIGIN", origin, sizeof(origin)),
        .site = parameter(params, "HTTP_SEC_FETCH_SITE", site, sizeof(site)),
        .address = parameter(params, "REMOTE_ADDR", address, sizeof(address)),
        .last = parameter(params, "HTTP_LAST_EVENT_ID", last, sizeof(last)),
        .accept = parameter(params, "HTTP_ACCEPT", accept, sizeof(accept)),
        .body = connection->body,
    };
    path[strcspn(path, "?")] = 0;
    connection->dev->request(connection->dev, &request);
}

static void take_body(struct connection *connection, const struct gw_fcgi_record *record)
{
    if (record->len > BODY_MAX - connection->body_len) {
        connection->too_large = true;
        return;
    }
    memcpy(connection->body + connection->body_len, record->ptr, record->len);
    connection->body_len += record->len;
}

static void take(struct connection *connection, const struct gw_fcgi_record *record)
{
    switch (record->kind) {
    case GW_FCGI_BEGIN:
        if (!connection->id)
            connection->id = connection->reader.id = record->id;
        break;
    case GW_FCGI_PARAMS:
        if (gw_fcgi_params_add(&connection->params, record->ptr, record->len))
            drop(connection);
        break;
    case GW_FCGI_STDIN:
        take_body(connection, record);
        break;
    case GW_FCGI_STDIN_END:
        handle(connection);
        break;
    case GW_FCGI_ABORT:
    case GW_FCGI_BROKEN:
        drop(connection);
        break;
    default:
        break;
    }
}

static void read_request(struct connection *connection)
{
    char bytes[16384];
    struct gw_fcgi_record record;
    ssize_t n = recv(connection->fd, bytes, sizeof(bytes), 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            drop(connection);
        return;
    }
    bool handled = connection->answered || connection->waiting || connection->child;
    for (size_t at = 0; at < (size_t)n && !connection->gone && !handled;) {
        at += gw_fcgi_read(&connection->reader, bytes + at, (size_t)n - at, &record);
        take(connection, &record);
        handled = connection->answered || connection->waiting || connection->child;
    }
}

static void connection_ready(struct dev *dev, void *data, short events)
{
    struct connection *connection = data;
    if (connection->gone)
        return;
    if (events & (POLLIN | POLLHUP | POLLERR))
        read_request(connection);
    if (!connection->gone && connection->answered)
        flush(connection);
}

void connections_poll(struct dev *dev,
                      void (*add)(struct dev *dev, int fd, short events,
                                  void (*ready)(struct dev *dev, void *data, short events),
                                  void *data))
{
    for (struct connection *at = dev->connections; at; at = at->next)
        add(dev, at->fd, at->answered ? POLLIN | POLLOUT : POLLIN, connection_ready, at);
}

void connections_timers(struct dev *dev, uint64_t now)
{
    for (struct connection *at = dev->connections; at; at = at->next) {
        if (at->gone || at->deadline > now)
            continue;
        if (at->waiting)
            dev->tell(dev, at);
        else
            drop(at);
    }
}
