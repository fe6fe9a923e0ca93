/* exposed.h: files with secrets in them that others can read. */
#ifndef GW_EXPOSED_H
#define GW_EXPOSED_H

#include "config/config.h"

struct gw_log;

/* Logs a line for each that anybody on the machine could read, or write; with `log` NULL, says it
 * on stderr. Their number. */
unsigned gw_exposed_files(const struct gw_config *config, struct gw_log *log);

#endif
