/* log.h: lines in the log. */
#ifndef GW_LOG_H
#define GW_LOG_H

struct gw_log;

/* One line, without its newline. Never a token, a secret or a value of a column. */
void gw_log_line(struct gw_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
