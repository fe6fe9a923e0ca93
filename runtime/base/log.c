/* log.c: see log.h. */
#include "base/log.h"

#include "base/clock.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define LINE_TAIL      512
#define SECOND_LEN     19
#define KEPT_MAX_BYTES ((size_t)32 * 1024)

struct gw_log {
    bool json;
    bool quiet; /* no line per request */
    bool syslog;
    bool tells; /* the program starts */
    int fd;
    char *path; /* NULL: no file */
    char program[64];
    pthread_mutex_t lock; /* of what follows, and of the order of lines */
    size_t room;          /* of the lines that are written together */
    _Atomic size_t len;   /* read without the lock, to see that nothing waits */
    char kept[KEPT_MAX_BYTES];
};

/* A line under construction. Untrusted values leave LINE_TAIL bytes free, which suffice for what is
 * written around and behind them: names, counts, a reason, closing quotes. So a line is whole
 * however long its values are. */
struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
};

static void put_bytes(struct line *line, const char *bytes, size_t len)
{
    size_t room = sizeof(line->text) - 2 - line->len;
    len = len < room ? len : room;
    memcpy(line->text + line->len, bytes, len);
    line->len += len;
}

static void put_text(struct line *line, const char *text)
{
    put_bytes(line, text, strlen(text));
}

static void put_char(struct line *line, char c)
{
    if (line->len < sizeof(line->text) - 2)
        line->text[line->len++] = c;
}

static void put_number(struct line *line, uint64_t number)
{
    char digits[GW_DIGITS_MAX];
    struct gw_str text = gw_digits(number, digits);
    put_bytes(line, text.ptr, text.len);
}

/* A character of UTF-8 text and its length; U+FFFD for a byte that begins none. */
static uint32_t next_character(const char *text, size_t *ret_len)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const unsigned char *s = (const unsigned char *)text;
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    uint32_t c = s[0] & first_bits[len];
    *ret_len = 1;
    if (strnlen(text, len) < len || !gw_utf8_valid(text, len, NULL))
        return 0xfffd;
    for (size_t i = 1; i < len; i++)
        c = c << 6 | (s[i] & 0x3f);
    *ret_len = len;
    return c;
}

/* What ends a line, moves the cursor or is not seen: C0 and C1 controls (U+0085 is NEL), line and
 * paragraph separators, marks of writing direction, characters without width. */
static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c < 0x2010) ||
           (c >= 0x2028 && c < 0x202f) || (c >= 0x2060 && c < 0x2070) || c == 0xfeff;
}

/* Bytes at the beginning that need no look: printable ASCII, as nearly everything is. */
static size_t plain_run(const char *text)
{
    static const bool plain[256] = {
        ['!'] = true, ['#' ... '<'] = true, ['>' ... '['] = true, [']' ... '~'] = true};
    size_t n = 0;
    while (plain[(unsigned char)text[n]])
        n++;
    return n;
}

/* Untrusted text, so that a line stays one line and a value stays one value: what is no visible
 * character, quotes and backslashes are escaped, as JSON has it. A `word` is a field of the text
 * log, between blanks: there blanks and `=` are escaped too, and it cannot be read as a further
 * field. What does not fit is left out, by whole characters. */
static void put_escaped(struct line *line, const char *text, bool word)
{
    char piece[8];
    for (size_t len; *text; text += len) {
        if ((len = plain_run(text))) {
            size_t room = sizeof(line->text) - LINE_TAIL;
            size_t fits = line->len + len <= room ? len : line->len < room ? room - line->len : 0;
            memcpy(line->text + line->len, text, fits);
            line->len += fits;
            if (fits < len)
                return;
            continue;
        }
        uint32_t c = next_character(text, &len);
        bool separates = c == ' ' || c == '=' || c == 0xa0 || c == 0x1680 || c == 0x202f ||
                         c == 0x205f || c == 0x3000 || (c >= 0x2000 && c < 0x200b);
        size_t n = len;
        if (c == '"' || c == '\\')
            n = (size_t)snprintf(piece, sizeof(piece), "\\%c", (char)c);
        else if (is_invisible(c) || c == 0xfffd || (word && separates))
            n = (size_t)snprintf(piece, sizeof(piece), "\\u%04x", (unsigned)c);
        else
            memcpy(piece, text, len);
        if (line->len + n > sizeof(line->text) - LINE_TAIL)
            return;
        memcpy(line->text + line->len, piece, n);
        line->len += n;
    }
}

/* A second's text is made once, where it is kept. */
static void put_time(struct line *line, struct gw_log_second *second)
{
    char text[32];
    int64_t now = gw_now_us(), at = now / 1000000;
    uint32_t fraction = (uint32_t)(now % 1000000);
    if (second && second->text[0] && second->at == at) {
        memcpy(text, second->text, SECOND_LEN);
    } else {
        gw_format_time(at * 1000000, text);
        if (second) {
            memcpy(second->text, text, SECOND_LEN);
            second->at = at;
        }
    }
    text[SECOND_LEN] = '.';
    for (size_t i = 6; i; i--, fraction /= 10)
        text[SECOND_LEN + i] = (char)('0' + fraction % 10);
    text[SECOND_LEN + 7] = 'Z';
    put_bytes(line, text, SECOND_LEN + 8);
}

static void put_member(struct line *line, const char *name, const char *value)
{
    if (!value)
        return;
    put_text(line, ",\"");
    put_text(line, name);
    put_text(line, "\":\"");
    put_escaped(line, value, false);
    put_char(line, '"');
}

static void put_count(struct line *line, const char *name, uint64_t value)
{
    put_text(line, ",\"");
    put_text(line, name);
    put_text(line, "\":");
    put_number(line, value);
}

static void begin(const struct gw_log *log, struct line *line, struct gw_log_second *second)
{
    line->len = 0;
    if (log->json)
        put_text(line, "{\"time\":\"");
    if (log->json || !log->syslog)
        put_time(line, second);
    if (log->json)
        put_char(line, '"');
    else if (!log->syslog)
        put_char(line, ' ');
}

/* With the lock. */
static void write_kept(struct gw_log *log)
{
    size_t len = atomic_load_explicit(&log->len, memory_order_relaxed);
    ssize_t ignored = len ? write(log->fd, log->kept, len) : 0;
    (void)ignored; /* there is nowhere to say that the log is gone */
    atomic_store(&log->len, 0);
}

/* With the lock. */
static void keep(struct gw_log *log, const struct line *line)
{
    size_t len = atomic_load_explicit(&log->len, memory_order_relaxed);
    if (len + line->len > log->room) {
        write_kept(log);
        len = 0;
    }
    memcpy(log->kept + len, line->text, line->len);
    atomic_store_explicit(&log->len, len + line->len, memory_order_release);
}

/* A line that `waits` is written with what follows; another at once, behind what waits. */
static void end(struct gw_log *log, struct line *line, int priority, bool waits)
{
    if (log->json)
        put_char(line, '}');
    if (log->syslog) {
        line->text[line->len] = 0;
        syslog(priority, "%s", line->text);
        return;
    }
    line->text[line->len++] = '\n';
    pthread_mutex_lock(&log->lock);
    keep(log, line);
    if (!waits)
        write_kept(log);
    pthread_mutex_unlock(&log->lock);
}

void gw_log_flush(struct gw_log *log)
{
    if (!log || !atomic_load(&log->len)) /* a line of ours that has gone was written by then */
        return;
    pthread_mutex_lock(&log->lock);
    write_kept(log);
    pthread_mutex_unlock(&log->lock);
}

/* A pipe that processes share takes so much at once, and mixes what is longer. */
static size_t room_of(int fd)
{
    struct stat file;
    return !fstat(fd, &file) && S_ISREG(file.st_mode) ? KEPT_MAX_BYTES : PIPE_BUF;
}

/* spawn-fcgi connects stderr to /dev/null. */
static bool stderr_is_null(void)
{
    struct stat err, null;
    return fstat(STDERR_FILENO, &err) ||
           (!stat("/dev/null", &null) && S_ISCHR(err.st_mode) && err.st_rdev == null.st_rdev);
}

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

int gw_log_open(const char *target, const char *program, struct gw_log **ret)
{
    struct gw_log *log = calloc(1, sizeof(*log));
    if (!log)
        return -ENOMEM;
    const char *colon = strchr(target, ':'), *where = colon ? colon + 1 : "";
    log->json = !strncmp(target, "json", 4);
    log->quiet = !strncmp(target, "quiet", 5);
    log->fd = STDERR_FILENO;
    snprintf(log->program, sizeof(log->program), "%s", program);
    log->syslog = !strcmp(where, "syslog") || (!*where && stderr_is_null());
    if (log->syslog) {
        openlog(log->program, LOG_PID, LOG_DAEMON);
    } else if (*where == '/') {
        log->path = strdup(where);
        log->fd = log->path ? open_file(where) : -1;
        if (log->fd < 0) {
            int error = log->path ? errno : ENOMEM;
            free(log->path);
            free(log);
            return -error;
        }
    }
    pthread_mutex_init(&log->lock, NULL);
    log->room = room_of(log->fd);
    *ret = log;
    return 0;
}

void gw_log_close(struct gw_log *log)
{
    if (!log)
        return;
    gw_log_flush(log);
    pthread_mutex_destroy(&log->lock);
    if (log->syslog)
        closelog();
    else if (log->fd != STDERR_FILENO)
        close(log->fd);
    free(log->path);
    free(log);
}

void gw_log_reopen(struct gw_log *log)
{
    if (!log || !log->path)
        return;
    gw_log_flush(log);
    int fd = open_file(log->path);
    /* The number stays: other threads are writing to it. */
    if (fd < 0 || dup3(fd, log->fd, O_CLOEXEC) < 0)
        gw_log_line(log, "SIGHUP: the log stays where it was: %s: %s", log->path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

void gw_log_tell(struct gw_log *log, bool tell)
{
    log->tells = tell;
}

void gw_log_vline(struct gw_log *log, const char *request_id, const char *format, va_list args)
{
    if (!log)
        return;
    char message[2048];
    struct line line;
    vsnprintf(message, sizeof(message), format, args);
    if (log->tells)
        fprintf(stderr, "%s: %s\n", log->program, message);
    if (log->tells && !log->syslog && log->fd == STDERR_FILENO)
        return;
    begin(log, &line, NULL);
    if (log->json) {
        put_member(&line, "id", request_id);
        put_member(&line, "message", message);
    } else {
        put_text(&line, request_id ? request_id : "");
        put_text(&line, request_id ? " " : "");
        put_escaped(&line, message, false);
    }
    end(log, &line, LOG_WARNING, false);
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
    put_count(line, "status", (uint64_t)e->status);
    put_count(line, "bytes", e->bytes);
    put_count(line, "us", e->microseconds);
    put_member(line, "entity", e->entity);
    put_member(line, "key", e->key);
    if (!e->reason)
        return;
    put_text(line, ",\"reason\":\""); /* one of ours, in the tail where the key filled the rest */
    put_text(line, e->reason);
    put_char(line, '"');
}

static void put_text_request(struct line *line, const struct gw_log_request *e)
{
    put_text(line, e->id);
    put_char(line, ' ');
    put_escaped(line, e->method && *e->method ? e->method : "-", true);
    put_char(line, ' ');
    put_escaped(line, e->pattern ? e->pattern : "-", true);
    put_char(line, ' ');
    put_number(line, (uint64_t)e->status);
    put_char(line, ' ');
    put_number(line, e->bytes);
    put_text(line, "B ");
    put_number(line, e->microseconds);
    put_text(line, "us");
    if (e->entity) {
        put_char(line, ' ');
        put_text(line, e->entity);
        put_char(line, '=');
        put_escaped(line, e->key ? e->key : "?", true);
    }
    if (e->reason) {
        put_char(line, ' ');
        put_text(line, e->reason);
    }
}

void gw_log_request(struct gw_log *log, const struct gw_log_request *entry)
{
    if (!log || log->quiet)
        return;
    struct line line;
    begin(log, &line, entry->second);
    if (log->json)
        put_json_request(&line, entry);
    else
        put_text_request(&line, entry);
    end(log, &line, LOG_INFO, !entry->is_last);
}

void gw_log_slow(struct gw_log *log, const struct gw_log_request *entry,
                 const struct gw_log_phases *phases)
{
    const struct {
        const char *name;
        uint64_t us;
    } parts[] = {{"us", entry->microseconds}, {"parse", phases->parse},
                 {"gate", phases->gate},      {"store", phases->store},
                 {"wait", phases->wait},      {"handler", phases->handler},
                 {"write", phases->write}};
    struct line line;
    if (!log)
        return;
    begin(log, &line, entry->second);
    if (log->json) {
        put_member(&line, "id", entry->id);
        put_member(&line, "message", "slow");
        put_member(&line, "method", entry->method);
        put_member(&line, "route", entry->pattern);
    } else {
        put_text(&line, entry->id);
        put_text(&line, " slow: ");
        put_escaped(&line, entry->method && *entry->method ? entry->method : "-", true);
        put_char(&line, ' ');
        put_escaped(&line, entry->pattern ? entry->pattern : "-", true);
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (log->json) {
            put_count(&line, parts[i].name, parts[i].us);
            continue;
        }
        put_char(&line, ' ');
        put_text(&line, parts[i].name);
        put_char(&line, '=');
        put_number(&line, parts[i].us);
    }
    end(log, &line, LOG_WARNING, true);
}
