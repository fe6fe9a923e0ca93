/* log.c: see log.h. */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

struct gw_log {
    bool json;
    bool syslog;
    int fd;
    char program[64];
};

/* A line under construction; what does not fit is left out. */
struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
};

static void put(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct line *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = sizeof(line->text) - 1 - line->len;
    int n = vsnprintf(line->text + line->len, room, format, args);
    va_end(args);
    if (n > 0)
        line->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void put_char(struct line *line, char c)
{
    if (line->len < sizeof(line->text) - 2)
        line->text[line->len++] = c;
}

/* Untrusted text: control bytes, quotes and backslashes escaped, so that a line stays one line. */
static void put_escaped(struct line *line, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            put(line, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            put(line, "\\u%04x", c);
        else
            put_char(line, (char)c);
    }
}

static void put_time(struct line *line)
{
    struct timespec now;
    struct tm tm;
    char date[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
    put(line, "%s.%06ldZ", date, now.tv_nsec / 1000);
}

static void put_member(struct line *line, const char *name, const char *value)
{
    if (!value)
        return;
    put(line, ",\"%s\":\"", name);
    put_escaped(line, value);
    put(line, "\"");
}

static void begin(const struct gw_log *log, struct line *line)
{
    line->len = 0;
    if (log->json)
        put(line, "{\"time\":\"");
    if (log->json || !log->syslog)
        put_time(line);
    if (log->json)
        put(line, "\"");
    else if (!log->syslog)
        put(line, " ");
}

static void end(const struct gw_log *log, struct line *line, int priority)
{
    if (log->json)
        put(line, "}");
    if (log->syslog) {
        line->text[line->len] = 0;
        syslog(priority, "%s", line->text);
        return;
    }
    line->text[line->len++] = '\n';
    ssize_t ignored = write(log->fd, line->text, line->len);
    (void)ignored; /* there is nowhere to say that the log is gone */
}

/* spawn-fcgi connects stderr to /dev/null. */
static bool stderr_is_null(void)
{
    struct stat err, null;
    return fstat(STDERR_FILENO, &err) ||
           (!stat("/dev/null", &null) && S_ISCHR(err.st_mode) && err.st_rdev == null.st_rdev);
}

int gw_log_open(const char *target, const char *program, struct gw_log **ret)
{
    struct gw_log *log = calloc(1, sizeof(*log));
    if (!log)
        return -ENOMEM;
    const char *where = target[4] == ':' ? target + 5 : "";
    log->json = !strncmp(target, "json", 4);
    log->fd = STDERR_FILENO;
    snprintf(log->program, sizeof(log->program), "%s", program);
    log->syslog = !strcmp(where, "syslog") || (!*where && stderr_is_null());
    if (log->syslog) {
        openlog(log->program, LOG_PID, LOG_DAEMON);
    } else if (*where == '/') {
        log->fd = open(where, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
        if (log->fd < 0) {
            int error = errno;
            free(log);
            return -error;
        }
    }
    *ret = log;
    return 0;
}

void gw_log_close(struct gw_log *log)
{
    if (!log)
        return;
    if (log->syslog)
        closelog();
    else if (log->fd != STDERR_FILENO)
        close(log->fd);
    free(log);
}

void gw_log_vline(struct gw_log *log, const char *request_id, const char *format, va_list args)
{
    if (!log)
        return;
    char message[2048];
    struct line line;
    vsnprintf(message, sizeof(message), format, args);
    begin(log, &line);
    if (log->json) {
        put_member(&line, "id", request_id);
        put_member(&line, "message", message);
    } else {
        put(&line, "%s%s", request_id ? request_id : "", request_id ? " " : "");
        put_escaped(&line, message);
    }
    end(log, &line, LOG_WARNING);
}

void gw_log_line(struct gw_log *log, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gw_log_vline(log, NULL, format, args);
    va_end(args);
}

static void put_json_request(struct line *line, const struct gw_log_request *e)
{
    put_member(line, "id", e->id);
    put_member(line, "method", e->method);
    put_member(line, "route", e->pattern);
    put(line, ",\"status\":%d,\"bytes\":%llu,\"us\":%llu", e->status, (unsigned long long)e->bytes,
        (unsigned long long)e->microseconds);
    put_member(line, "entity", e->entity);
    put_member(line, "key", e->key);
    put_member(line, "reason", e->reason);
}

static void put_text_request(struct line *line, const struct gw_log_request *e)
{
    put(line, "%s ", e->id);
    put_escaped(line, e->method ? e->method : "-");
    put(line, " %s %d %lluB %lluus", e->pattern ? e->pattern : "-", e->status,
        (unsigned long long)e->bytes, (unsigned long long)e->microseconds);
    if (e->entity) {
        put(line, " %s=", e->entity);
        put_escaped(line, e->key ? e->key : "?");
    }
    if (e->reason)
        put(line, " %s", e->reason);
}

void gw_log_request(struct gw_log *log, const struct gw_log_request *entry)
{
    if (!log)
        return;
    struct line line;
    begin(log, &line);
    if (log->json)
        put_json_request(&line, entry);
    else
        put_text_request(&line, entry);
    end(log, &line, LOG_INFO);
}
