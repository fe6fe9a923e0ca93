/* format.h: texts of a declared format. */
#ifndef GW_FORMAT_H
#define GW_FORMAT_H

#include "base/str.h"

/* Labels of letters, digits and inner hyphens, joined by dots: what stands behind the @ of an
 * address. */
bool gw_is_domain(struct gw_str text);

/* The same within 253 characters (RFC 1123, 2.1; RFC 1035, 2.3.4). */
bool gw_is_hostname(struct gw_str text);

/* HTML, 4.10.5.1.5, within the lengths of RFC 5321, 4.5.3.1. */
bool gw_is_email(struct gw_str text);

/* A URI with its scheme (RFC 3986, 3), which is no reference: nothing is relative. */
bool gw_is_uri(struct gw_str text);

/* IPv4 in four decimals, or IPv6 (RFC 4291, 2.2) without a zone. */
bool gw_is_ip(struct gw_str text);

/* pattern.c: whether the whole text, which is UTF-8, matches. */
struct gw_pattern;
bool gw_pattern_fits(const struct gw_pattern *pattern, struct gw_str text);

#endif
