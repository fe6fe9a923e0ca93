/* log.h: one line per event, text or JSON, to stderr, a file or syslog.
 *
 * A line is written whole, so threads and processes may share a file; lines of requests that were
 * answered together are written together, by one system call. A JSON line is an object whatever its
 * values hold, and a value of a text line cannot be read as another field. Nothing here ever sees a
 * token: callers pass patterns and reasons, never a query string. */
#ifndef GW_LOG_H
#define GW_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

struct gw_log;

/* `target` as GW_LOG ("text", "json:/path", "quiet:syslog", ...), already checked; quiet is text
 * without a line per request. Without a destination: stderr, or syslog when stderr is /dev/null (as
 * under spawn-fcgi). `program` is the name in syslog. Negative errno: the file cannot be opened. */
int gw_log_open(const char *target, const char *program, struct gw_log **ret);
void gw_log_close(struct gw_log *log); /* NULL is fine */

/* Opens a log file anew, after it was moved away. Lines of other threads go to the old file or to
 * the new one, whole. If it cannot be opened, the old one stays, and says so. */
void gw_log_reopen(struct gw_log *log);

/* Writes the lines of requests that wait: at the end of each batch of requests, and before whatever
 * may take long. Anybody's. */
void gw_log_flush(struct gw_log *log);

/* A message, written at once. A NULL log writes nothing. */
void gw_log_line(struct gw_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gw_log_vline(struct gw_log *log, const char *request_id, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* The text of a second, kept by whoever writes many lines in it. All bytes zero: of none yet. */
struct gw_log_second {
    int64_t at;    /* since 1970 */
    char text[20]; /* "YYYY-MM-DDTHH:MM:SS" */
};

/* What is told of a request. Strings may be NULL, and so may `second`. */
struct gw_log_request {
    struct gw_log_second *second; /* the caller's, of one thread */
    const char *id, *method, *pattern;
    int status;
    uint64_t bytes, microseconds;
    const char *entity, *key; /* the caller: table and key as text */
    const char *reason;       /* of a refusal */
    bool is_last;             /* none follows at once: it is not kept */
};
/* Kept until gw_log_flush, or the next message. */
void gw_log_request(struct gw_log *log, const struct gw_log_request *entry);

/* Where a slow request's time went, in microseconds. */
struct gw_log_phases {
    uint64_t parse, gate, store, wait, handler, write;
};
void gw_log_slow(struct gw_log *log, const struct gw_log_request *entry,
                 const struct gw_log_phases *phases);

/* While a program starts, its lines are for whoever starts it: they go to stderr as plain text,
 * once, and besides to the log where that is elsewhere. */
void gw_log_tell(struct gw_log *log, bool tell);

#endif
