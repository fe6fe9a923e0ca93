/* load.c: many FastCGI connections at once, straight to a program's socket, each answer checked.
 *
 *     load SOCKET CONNECTIONS REQUESTS PLAN [IDLE [SECONDS]]
 *
 * PLAN is a JSON array of requests: {"kind", "weight", "method", "uri", "token", "body", "status",
 * "contains"}. Each connection sends one after the other, chosen by weight. An answer is
 * wrong if it has another status than `status` (any but 503 where it is left out), or lacks the
 * text `contains`. REQUESTS 0: until SECONDS have passed. IDLE more connections do harm meanwhile:
 * half of them say nothing, half dribble a byte at a time.
 *
 * Prints a JSON object: for each kind the number of answers by status, the wrong ones, and times in
 * microseconds; and how many connections broke with a request under way. */
#include <errno.h>
#include <fastcgi.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define OUT_MAX   (2 << 20)
#define TIMES_MAX 2000000 /* microseconds that are told apart */
#define KINDS_MAX 16

struct kind {
    const char *name;
    uint64_t n, wrong, status[600];
    uint32_t *times; /* how many answers took that long */
    uint64_t slowest;
};

struct request {
    struct kind *kind;
    unsigned char *bytes;
    size_t len;
    int status; /* 0: any but 503 */
    const char *contains;
};

struct conn {
    int fd;
    bool idle, dribbles;
    const struct request *request;
    size_t sent;
    uint64_t begun_us;
    unsigned char in[16];
    size_t header_len, content, padding;
    char *out;
    size_t out_len;
};

struct load {
    struct sockaddr_un address;
    int epoll_fd;
    struct kind kinds[KINDS_MAX];
    size_t n_kinds;
    struct request *requests;
    unsigned *weights, weight;
    size_t n_requests;
    struct conn *conns;
    size_t n_conns, n_idle;
    uint64_t to_send, answered, broken, unanswered;
    uint64_t end_us;
    uint64_t seed;
    char *first_wrong;
};

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t next_random(struct load *load)
{
    load->seed ^= load->seed << 13;
    load->seed ^= load->seed >> 7;
    load->seed ^= load->seed << 17;
    return load->seed;
}

/* ---- The plan ---------------------------------------------------------------------------- */

static void put(struct request *request, const void *ptr, size_t len)
{
    request->bytes = realloc(request->bytes, request->len + len + 1);
    if (!request->bytes)
        fail("memory");
    if (len)
        memcpy(request->bytes + request->len, ptr, len);
    request->len += len;
}

static void put_record(struct request *request, unsigned type, const void *ptr, size_t len)
{
    put(request,
        (unsigned char[]){1, (unsigned char)type, 0, 1, (unsigned char)(len >> 8),
                          (unsigned char)len, 0, 0},
        8);
    put(request, ptr, len);
}

static void put_param(struct request *params, const char *name, const char *value)
{
    size_t lengths[] = {strlen(name), strlen(value)};
    for (int i = 0; i < 2; i++) {
        uint32_t n = (uint32_t)lengths[i];
        put(params,
            (unsigned char[]){(unsigned char)(n >> 24 | 0x80), (unsigned char)(n >> 16),
                              (unsigned char)(n >> 8), (unsigned char)n},
            4);
    }
    put(params, name, lengths[0]);
    put(params, value, lengths[1]);
}

static const char *text(const json_t *entry, const char *name, const char *otherwise)
{
    const char *value = json_string_value(json_object_get(entry, name));
    return value ? value : otherwise;
}

static void build(struct request *request, const json_t *entry)
{
    struct request params = {0};
    const char *token = text(entry, "token", NULL), *body = text(entry, "body", "");
    char length[24], *bearer = NULL;
    snprintf(length, sizeof(length), "%zu", strlen(body));
    put_param(&params, "REQUEST_METHOD", text(entry, "method", "GET"));
    put_param(&params, "REQUEST_URI", text(entry, "uri", "/"));
    put_param(&params, "SERVER_PROTOCOL", "HTTP/1.1");
    put_param(&params, "REMOTE_ADDR", "127.0.0.1");
    put_param(&params, "CONTENT_LENGTH", *body ? length : "");
    put_param(&params, "CONTENT_TYPE", *body ? text(entry, "type", "application/json") : "");
    if (token && asprintf(&bearer, "Bearer %s", token) < 0)
        fail("memory");
    if (token)
        put_param(&params, "HTTP_AUTHORIZATION", bearer);
    put_record(request, FCGI_BEGIN_REQUEST, (unsigned char[]){0, 1, FCGI_KEEP_CONN, 0, 0, 0, 0, 0},
               8);
    put_record(request, FCGI_PARAMS, params.bytes, params.len);
    put_record(request, FCGI_PARAMS, NULL, 0);
    for (size_t left = strlen(body), n; left; left -= n, body += n)
        put_record(request, FCGI_STDIN, body, n = left < 32768 ? left : 32768);
    put_record(request, FCGI_STDIN, NULL, 0);
    free(params.bytes);
    free(bearer);
}

static struct kind *find_kind(struct load *load, const char *name)
{
    for (size_t i = 0; i < load->n_kinds; i++)
        if (!strcmp(load->kinds[i].name, name))
            return &load->kinds[i];
    if (load->n_kinds == KINDS_MAX)
        exit(2);
    struct kind *kind = &load->kinds[load->n_kinds++];
    kind->name = name;
    kind->times = calloc(TIMES_MAX, sizeof(*kind->times));
    if (!kind->times)
        fail("memory");
    return kind;
}

static void read_plan(struct load *load, const char *path)
{
    json_error_t error;
    json_t *plan = json_load_file(path, 0, &error), *entry;
    size_t i;
    if (!json_is_array(plan) || !json_array_size(plan)) {
        fprintf(stderr, "load: %s: %s\n", path, error.text);
        exit(2);
    }
    load->n_requests = json_array_size(plan);
    load->requests = calloc(load->n_requests, sizeof(*load->requests));
    load->weights = calloc(load->n_requests, sizeof(*load->weights));
    json_array_foreach(plan, i, entry)
    {
        struct request *request = &load->requests[i];
        json_t *weight = json_object_get(entry, "weight");
        request->kind = find_kind(load, text(entry, "kind", "all"));
        request->status = (int)json_integer_value(json_object_get(entry, "status"));
        request->contains = text(entry, "contains", NULL);
        load->weights[i] = weight ? (unsigned)json_integer_value(weight) : 1;
        load->weight += load->weights[i];
        build(request, entry);
    }
}

static const struct request *choose(struct load *load)
{
    unsigned at = (unsigned)(next_random(load) % load->weight);
    size_t i = 0;
    while (at >= load->weights[i])
        at -= load->weights[i++];
    return &load->requests[i];
}

/* ---- Connections ------------------------------------------------------------------------- */

static void wait_for(struct load *load, struct conn *conn, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = conn};
    if (epoll_ctl(load->epoll_fd, how, conn->fd, &event))
        fail("epoll_ctl");
}

static void send_some(struct load *load, struct conn *conn)
{
    const struct request *request = conn->request;
    while (conn->sent < request->len) {
        ssize_t n = send(conn->fd, request->bytes + conn->sent, request->len - conn->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) {
            wait_for(load, conn, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return;
        }
        if (n < 0)
            return; /* what was answered, or the end, is there to be read */
        conn->sent += (size_t)n;
    }
}

static void begin(struct load *load, struct conn *conn)
{
    bool over = load->end_us ? now_us() >= load->end_us : !load->to_send;
    conn->request = over ? NULL : choose(load);
    conn->sent = conn->out_len = 0;
    if (over)
        return;
    load->to_send -= load->to_send > 0;
    load->unanswered++;
    conn->begun_us = now_us();
    send_some(load, conn);
}

static void open_conn(struct load *load, struct conn *conn)
{
    conn->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Blocking: a full queue of the listener makes us wait, as a web server would. */
    while (conn->fd >= 0 &&
           connect(conn->fd, (struct sockaddr *)&load->address, sizeof(load->address)))
        if (errno != EINTR && errno != EAGAIN)
            fail("connect");
    if (conn->fd < 0)
        fail("socket");
    conn->header_len = conn->content = conn->padding = 0;
    wait_for(load, conn, EPOLL_CTL_ADD, EPOLLIN);
}

static void on_end(struct load *load, struct conn *conn)
{
    close(conn->fd);
    if (!conn->idle && conn->request) {
        load->broken++;
        load->unanswered--;
    }
    open_conn(load, conn);
    if (conn->idle)
        conn->sent = 0;
    else
        begin(load, conn);
}

static void on_answer(struct load *load, struct conn *conn)
{
    const struct request *request = conn->request;
    struct kind *kind = request->kind;
    uint64_t took = now_us() - conn->begun_us;
    conn->out[conn->out_len] = 0;
    const char *field = strstr(conn->out, "Status: "); /* our last field, and others' first */
    bool begins = field && (field == conn->out || field[-1] == '\n');
    int status = begins ? atoi(field + 8) : 0;
    bool good = request->status ? status == request->status : status && status != 503;
    if (good && request->contains)
        good = memmem(conn->out, conn->out_len, request->contains, strlen(request->contains));
    kind->n++;
    kind->wrong += !good;
    if (!good && !load->first_wrong)
        load->first_wrong = strndup(conn->out, 600);
    kind->status[status > 0 && status < 600 ? status : 0]++;
    kind->times[took < TIMES_MAX ? took : TIMES_MAX - 1]++;
    kind->slowest = took > kind->slowest ? took : kind->slowest;
    load->answered++;
    load->unanswered--;
    begin(load, conn);
}

static void keep_out(struct conn *conn, const unsigned char *ptr, size_t len)
{
    size_t room = OUT_MAX - 1 - conn->out_len;
    len = len < room ? len : room;
    memcpy(conn->out + conn->out_len, ptr, len);
    conn->out_len += len;
}

/* Records, cut anywhere. */
static void take(struct load *load, struct conn *conn, const unsigned char *at, size_t len)
{
    while (len) {
        if (conn->header_len < 8) {
            conn->in[conn->header_len++] = *at++;
            len--;
            if (conn->header_len == 8) {
                conn->content = (size_t)conn->in[4] << 8 | conn->in[5];
                conn->padding = conn->in[6];
            }
        } else {
            size_t n = conn->content ? conn->content : conn->padding;
            n = n < len ? n : len;
            if (conn->content && conn->in[1] == FCGI_STDOUT && conn->request)
                keep_out(conn, at, n);
            *(conn->content ? &conn->content : &conn->padding) -= n;
            at += n;
            len -= n;
        }
        if (conn->header_len == 8 && !conn->content && !conn->padding) {
            conn->header_len = 0;
            if (conn->in[1] == FCGI_END_REQUEST && conn->request)
                on_answer(load, conn);
        }
    }
}

static void on_event(struct load *load, struct conn *conn, uint32_t events)
{
    static unsigned char buffer[256 * 1024];
    if (events & EPOLLOUT && conn->request) {
        wait_for(load, conn, EPOLL_CTL_MOD, EPOLLIN);
        send_some(load, conn);
    }
    if (!(events & ~(uint32_t)EPOLLOUT))
        return;
    ssize_t n = recv(conn->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (n > 0)
        take(load, conn, buffer, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        on_end(load, conn);
}

/* A byte of a good request from each that dribbles; they are never done. */
static void dribble(struct load *load)
{
    for (size_t i = load->n_conns; i < load->n_conns + load->n_idle; i++) {
        struct conn *conn = &load->conns[i];
        const struct request *request = &load->requests[0];
        if (conn->dribbles && conn->sent + 1 < request->len &&
            send(conn->fd, request->bytes + conn->sent, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
            conn->sent++;
    }
}

/* ---- The run ----------------------------------------------------------------------------- */

static void run(struct load *load)
{
    struct epoll_event events[128];
    uint64_t dribbled = now_us();
    for (size_t i = load->n_conns; i < load->n_conns + load->n_idle; i++) {
        load->conns[i].idle = true;
        load->conns[i].dribbles = i % 2;
        open_conn(load, &load->conns[i]);
    }
    for (size_t i = 0; i < load->n_conns; i++) {
        if (!(load->conns[i].out = malloc(OUT_MAX)))
            fail("memory");
        open_conn(load, &load->conns[i]);
        begin(load, &load->conns[i]);
    }
    while (load->unanswered) {
        int n = epoll_wait(load->epoll_fd, events, 128, 100);
        for (int i = 0; i < n; i++)
            on_event(load, events[i].data.ptr, events[i].events);
        if (load->n_idle && now_us() - dribbled > 200000) {
            dribbled = now_us();
            dribble(load);
        }
    }
}

static json_int_t percentile(const struct kind *kind, double part)
{
    uint64_t wanted = (uint64_t)((double)kind->n * part), seen = 0;
    for (size_t i = 0; i < TIMES_MAX; i++)
        if ((seen += kind->times[i]) > wanted)
            return (json_int_t)i;
    return (json_int_t)kind->slowest;
}

static void report(const struct load *load, uint64_t took_us)
{
    json_t *kinds = json_object();
    for (size_t i = 0; i < load->n_kinds; i++) {
        const struct kind *kind = &load->kinds[i];
        json_t *by_status = json_object();
        for (int s = 0; s < 600; s++) {
            char number[16];
            snprintf(number, sizeof(number), "%d", s);
            if (kind->status[s])
                json_object_set_new(by_status, number, json_integer((json_int_t)kind->status[s]));
        }
        json_object_set_new(kinds, kind->name,
                            json_pack("{s:I, s:I, s:o, s:I, s:I, s:I}", "n", (json_int_t)kind->n,
                                      "wrong", (json_int_t)kind->wrong, "status", by_status, "p50",
                                      percentile(kind, 0.5), "p99", percentile(kind, 0.99), "max",
                                      (json_int_t)kind->slowest));
    }
    json_t *all =
        json_pack("{s:f, s:I, s:I, s:o, s:s?}", "seconds", (double)took_us / 1e6, "answered",
                  (json_int_t)load->answered, "broken", (json_int_t)load->broken, "kinds", kinds,
                  "first_wrong", load->first_wrong);
    json_dumpf(all, stdout, JSON_INDENT(1));
    puts("");
    json_decref(all);
}

int main(int argc, char **argv)
{
    static struct load load;
    if (argc < 5 || strlen(argv[1]) >= sizeof(load.address.sun_path)) {
        fprintf(stderr, "usage: load SOCKET CONNECTIONS REQUESTS PLAN [IDLE [SECONDS]]\n");
        return 2;
    }
    load.address.sun_family = AF_UNIX;
    strcpy(load.address.sun_path, argv[1]);
    load.n_conns = strtoul(argv[2], NULL, 10);
    load.to_send = strtoull(argv[3], NULL, 10);
    load.n_idle = argc > 5 ? strtoul(argv[5], NULL, 10) : 0;
    load.seed = 88172645463325252ULL ^ (uint64_t)getpid();
    load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    load.conns = calloc(load.n_conns + load.n_idle + 1, sizeof(*load.conns));
    if (load.epoll_fd < 0 || !load.conns)
        fail("start");
    read_plan(&load, argv[4]);
    uint64_t begun = now_us();
    if (!load.to_send)
        load.end_us = begun + (argc > 6 ? strtoull(argv[6], NULL, 10) : 1) * 1000000;
    run(&load);
    report(&load, now_us() - begun);
    return 0;
}
