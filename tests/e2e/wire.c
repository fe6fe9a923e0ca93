/* wire.c: see wire.h. Knows the protocol from its specification, not from the runtime's codec. */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

bool wire_start(struct wire_program *program, const char *path, const char *const *settings)
{
    char listen[160], log[160], url[160];
    const char *environment[16] = {listen, log, url,
                                   "GW_SECRET_KEY=end-to-end-secret-of-more-than-32-bytes"};
    if (!site_folder(program->folder))
        return false;
    site_path(program->folder, "sock", program->socket);
    site_path(program->folder, "log", program->log);
    snprintf(listen, sizeof(listen), "GW_LISTEN=unix:%s", program->socket);
    snprintf(log, sizeof(log), "GW_LOG=text:%s", program->log);
    snprintf(url, sizeof(url), "GW_DATABASE_URL=sqlite:%s/db", program->folder);
    for (size_t n = 4; settings && settings[n - 4]; n++) {
        if (n + 1 == sizeof(environment) / sizeof(environment[0]))
            return false;
        environment[n] = settings[n - 4];
    }
    program->pid =
        site_launch(program->folder, "out", (const char *const[]){path, NULL}, environment);
    for (int i = 0; i < 500; i++) {
        int fd = wire_connect(program);
        if (fd >= 0) {
            close(fd);
            return true;
        }
        usleep(10000);
    }
    return false;
}

int wire_stop(struct wire_program *program)
{
    int status = site_end(&program->pid, SIGTERM);
    site_remove(program->folder);
    return status;
}

void wire_record(struct wire *wire, unsigned type, uint16_t id, const void *ptr, size_t len,
                 unsigned padding)
{
    unsigned char header[8] = {1,
                               (unsigned char)type,
                               (unsigned char)(id >> 8),
                               (unsigned char)id,
                               (unsigned char)(len >> 8),
                               (unsigned char)len,
                               (unsigned char)padding,
                               0};
    memcpy(wire->bytes + wire->len, header, 8);
    if (len)
        memcpy(wire->bytes + wire->len + 8, ptr, len);
    memset(wire->bytes + wire->len + 8 + len, 0xee, padding);
    wire->len += 8 + len + padding;
}

void wire_begin(struct wire *wire, uint16_t id, unsigned role, bool keep)
{
    unsigned char body[8] = {(unsigned char)(role >> 8), (unsigned char)role, keep};
    wire_record(wire, 1, id, body, 8, 0);
}

static size_t put_length(unsigned char *at, size_t len)
{
    if (len < 128) {
        at[0] = (unsigned char)len;
        return 1;
    }
    at[0] = (unsigned char)(len >> 24 | 0x80);
    at[1] = (unsigned char)(len >> 16);
    at[2] = (unsigned char)(len >> 8);
    at[3] = (unsigned char)len;
    return 4;
}

void wire_param(struct wire *wire, uint16_t id, const char *name, const char *value)
{
    static unsigned char text[65535];
    size_t name_len = strlen(name), value_len = strlen(value), n = put_length(text, name_len);
    n += put_length(text + n, value_len);
    memcpy(text + n, name, name_len);
    memcpy(text + n + name_len, value, value_len);
    wire_record(wire, 4, id, text, n + name_len + value_len, 3);
}

void wire_request(struct wire *wire, uint16_t id, bool keep, const char *method, const char *uri,
                  const char *body)
{
    char length[24];
    wire_begin(wire, id, 1, keep);
    wire_param(wire, id, "REQUEST_METHOD", method);
    wire_param(wire, id, "REQUEST_URI", uri);
    if (body) {
        snprintf(length, sizeof(length), "%zu", strlen(body));
        wire_param(wire, id, "CONTENT_LENGTH", length);
        wire_param(wire, id, "CONTENT_TYPE", "application/json");
    }
    wire_record(wire, 4, id, NULL, 0, 0);
    if (body)
        wire_record(wire, 5, id, body, strlen(body), 5);
    wire_record(wire, 5, id, NULL, 0, 0);
}

int wire_connect(const struct wire_program *program)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, program->socket);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
        close(fd);
        return -1;
    }
    return fd;
}

bool wire_send(int fd, const void *ptr, size_t len)
{
    while (len) {
        ssize_t n = send(fd, ptr, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        ptr = (const char *)ptr + n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_exactly(int fd, void *ptr, size_t len, int ms, bool *ret_closed)
{
    while (len) {
        struct pollfd event = {.fd = fd, .events = POLLIN};
        if (poll(&event, 1, ms) <= 0)
            return false;
        ssize_t n = recv(fd, ptr, len, 0);
        if (n <= 0) {
            *ret_closed = true;
            return false;
        }
        ptr = (char *)ptr + n;
        len -= (size_t)n;
    }
    return true;
}

void wire_read(int fd, uint16_t id, int ms, struct wire_reply *ret)
{
    unsigned char header[8], content[65535 + 255];
    ret->len = 0;
    ret->ended = ret->closed = false;
    memset(ret->types, 0, sizeof(ret->types));
    while (!ret->ended && read_exactly(fd, header, 8, ms, &ret->closed)) {
        size_t len = (size_t)header[4] << 8 | header[5];
        unsigned of = (unsigned)header[2] << 8 | header[3];
        if (!read_exactly(fd, content, len + header[6], ms, &ret->closed))
            break;
        ret->types[header[1] & 15]++;
        if (header[1] == 6 && of == id && ret->len + len < sizeof(ret->out)) {
            memcpy(ret->out + ret->len, content, len);
            ret->len += len;
        }
        if (header[1] == 3 && of == id) {
            ret->ended = true;
            ret->protocol_status = content[4];
        }
        if (!id)
            break;
    }
    ret->out[ret->len] = 0;
}

int wire_status(const struct wire_reply *reply)
{
    int status = 0;
    const char *field = strstr(reply->out, "Status: ");
    return field && sscanf(field, "Status: %d", &status) == 1 ? status : 0;
}
