/* sequences.c: random sequences of FastCGI records, ABORT_REQUEST among them, each on a connection
 * of its own that is then closed for writing: the program has to close it.
 *
 *     sequences SOCKET NUMBER [SEED]
 *
 * Each sequence is sent in up to three pieces. Fails when a connection stays open for 20 s, or
 * none can be had. Prints how many sequences were sent, and answers (STDOUT) and ends (END_REQUEST)
 * that came. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define THREADS 8
#define MOST    8

struct text {
    unsigned char bytes[8192];
    size_t len;
};

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static _Atomic uint64_t left, sent, answers, ends;
static uint64_t seed;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ---- Records ----------------------------------------------------------------------------- */

static void record(struct text *text, unsigned type, unsigned id, const void *content, size_t len,
                   unsigned padding)
{
    const unsigned char header[] = {1,
                                    (unsigned char)type,
                                    0,
                                    (unsigned char)id,
                                    (unsigned char)(len >> 8),
                                    (unsigned char)len,
                                    (unsigned char)padding,
                                    0};
    memcpy(text->bytes + text->len, header, 8);
    memcpy(text->bytes + text->len + 8, content, len);
    memset(text->bytes + text->len + 8 + len, 0xee, padding);
    text->len += 8 + len + padding;
}

static void begin(struct text *text, unsigned id, unsigned role, unsigned keep)
{
    record(text, 1, id,
           (unsigned char[]){0, (unsigned char)role, (unsigned char)keep, 0, 0, 0, 0, 0}, 8, 0);
}

static size_t pair(char *at, const char *name, const char *value)
{
    size_t n = strlen(name), v = strlen(value);
    at[0] = (char)n;
    at[1] = (char)v;
    memcpy(at + 2, name, n);
    memcpy(at + 2 + n, value, v);
    return 2 + n + v;
}

/* `length`: NULL for none, "" for a body of unknown length. */
static void params(struct text *text, const char *method, const char *uri, const char *length)
{
    char content[256];
    size_t n = pair(content, "REQUEST_METHOD", method);
    n += pair(content + n, "REQUEST_URI", uri);
    if (length)
        n += pair(content + n, *length ? "CONTENT_LENGTH" : "HTTP_TRANSFER_ENCODING",
                  *length ? length : "chunked");
    record(text, 4, 1, content, n, 3);
}

/* Each of what may be said, with a good request as the likeliest. */
static void add(struct text *text, unsigned which)
{
    static const unsigned char names[] = "\x0e\0FCGI_MAX_CONNS";
    unsigned char many[16 * 12];
    switch (which) {
    case 0:
    case 1:
        begin(text, 1, 1, 1);
        return;
    case 2:
        begin(text, 1, 1, 0);
        return;
    case 3:
        begin(text, 1, 2, 1);
        return;
    case 4:
        begin(text, 1, 3, 1);
        return;
    case 5:
        begin(text, 2, 1, 1);
        return;
    case 6:
        params(text, "GET", "/fast", NULL);
        return;
    case 7:
        params(text, "POST", "/p/upload", "3");
        return;
    case 8:
        params(text, "POST", "/p/upload", "");
        return;
    case 9:
    case 10:
        record(text, 4, 1, "", 0, 1);
        return;
    case 11:
        record(text, 5, 1, "abc", 3, 5);
        return;
    case 12:
    case 13:
        record(text, 5, 1, "", 0, 0);
        return;
    case 14:
    case 15:
        record(text, 2, 1, "", 0, 0);
        return;
    case 16:
        for (size_t i = 0; i < sizeof(many); i += 16)
            memcpy(many + i, names, 16);
        record(text, 9, 0, many, sizeof(many), 0);
        return;
    case 17:
        record(text, 77, 0, "x", 1, 1);
        return;
    case 18:
        record(text, 5, 2, "y", 1, 0);
        return;
    default: /* a whole request, aborted in its body */
        begin(text, 1, 1, 1);
        params(text, "POST", "/p/upload", "3");
        record(text, 4, 1, "", 0, 0);
        record(text, 5, 1, "ab", 2, 0);
        record(text, 2, 1, "", 0, 0);
        record(text, 5, 1, "c", 1, 0);
    }
}

/* ---- Connections ------------------------------------------------------------------------- */

static bool send_all(int fd, const unsigned char *ptr, size_t len)
{
    while (len) {
        ssize_t n = send(fd, ptr, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false; /* it is closed already: what was said was no good */
        ptr += n;
        len -= (size_t)n;
    }
    return true;
}

static void count_records(const struct text *got)
{
    for (size_t at = 0; at + 8 <= got->len;) {
        const unsigned char *one = got->bytes + at;
        atomic_fetch_add(&answers, one[1] == 6 && one[5]);
        atomic_fetch_add(&ends, one[1] == 3);
        at += 8 + (one[4] * 256u + one[5]) + one[6];
    }
}

static void read_to_the_end(int fd, uint64_t number)
{
    struct text got = {.len = 0};
    for (;;) {
        struct pollfd event = {.fd = fd, .events = POLLIN};
        if (poll(&event, 1, 20000) <= 0) {
            fprintf(stderr, "sequences: number %llu is still open after 20 s\n",
                    (unsigned long long)number);
            exit(1);
        }
        ssize_t n = recv(fd, got.bytes + got.len, sizeof(got.bytes) - got.len, 0);
        if (n <= 0)
            break;
        got.len += (size_t)n;
    }
    count_records(&got);
}

static int open_connection(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    while (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)))
        if (errno != EAGAIN && errno != EINTR) {
            perror("sequences: connect");
            exit(1);
        }
    return fd;
}

static void send_one(uint64_t number, uint64_t *state)
{
    struct text text = {.len = 0};
    size_t n = 1 + next_random(state) % MOST;
    while (n--)
        add(&text, (unsigned)(next_random(state) % 20));
    int fd = open_connection();
    bool open = fd >= 0;
    for (size_t at = 0, piece; open && at < text.len; at += piece) {
        piece = next_random(state) % 2 ? text.len - at : 1 + next_random(state) % (text.len - at);
        open = send_all(fd, text.bytes + at, piece);
    }
    shutdown(fd, SHUT_WR);
    read_to_the_end(fd, number);
    close(fd);
}

static void *run(void *data)
{
    uint64_t state = seed * 2654435761u + (uint64_t)(uintptr_t)data * 40503 + 1;
    for (;;) {
        uint64_t number = atomic_fetch_sub(&left, 1);
        if (!number || number > UINT64_MAX / 2)
            return NULL;
        send_one(number, &state);
        atomic_fetch_add(&sent, 1);
    }
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    if (argc < 3 || strlen(argv[1]) >= sizeof(address.sun_path)) {
        fprintf(stderr, "usage: sequences SOCKET NUMBER [SEED]\n");
        return 2;
    }
    strcpy(address.sun_path, argv[1]);
    left = strtoull(argv[2], NULL, 10);
    seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, run, (void *)(i + 1)))
            return 1;
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%llu %llu %llu\n", (unsigned long long)sent, (unsigned long long)answers,
           (unsigned long long)ends);
    return 0;
}
