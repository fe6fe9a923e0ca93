/* path.h: one canonical form for the path that the router, the gate and the handler see
 * (docs/design.md, "Request semantics"). */
#ifndef GW_PATH_H
#define GW_PATH_H

#include "base/reason.h"
#include "generated.h"
#include "base/str.h"

struct gw_arena;

#define GW_PATH_MAX 8192 /* bytes of a path */

/* Canonicalises the path of a request target (origin-form or absolute-form, RFC 9112, 3.2), less
 * its query. 0: *ret_path is NUL-terminated in `arena`, *ret_query what stood behind `?` (ptr NULL:
 * no `?`). GW_E_MISMATCH: refused, *ret_reason is one of GW_REASON_PATH_*. -ENOMEM. */
int gw_path_canonical(struct gw_str target, struct gw_arena *arena, struct gw_str *ret_path,
                      struct gw_str *ret_query, enum gw_reason *ret_reason);

/* Removes the mount point (canonical, no trailing slash; "" for none) on a segment boundary. False:
 * outside. The mount itself becomes "/". */
bool gw_path_unmount(struct gw_str *path, const char *mount);

/* %2F and %5C stay encoded in a canonical path. They are good only inside the matched route's
 * {:path}; anywhere else, and when no route matches, the request is refused. */
bool gw_path_has_encoded_separator(struct gw_str part);

/* Converts the parameters of a matched route, decoding what is percent-encoded. GW_E_MISMATCH with
 * *ret_reason (GW_REASON_PATH_*): an encoded separator outside a {:path}, or a segment of a {:path}
 * that becomes empty, "." or ".." once decoded. GW_E_NOT_FOUND: a parameter does not fit its type
 * after all (a number beyond 64 bits, literal text that cuts an escape in two), or a segment can be
 * divided among its parameters in two ways. -ENOMEM. */
int gw_path_params(const struct gw_route *route, struct gw_str path,
                   const struct gw_span segments[GW_MAX_SEGMENTS], struct gw_arena *arena,
                   union gw_param_value ret[GW_MAX_PARAMS], enum gw_reason *ret_reason);

/* The path that a matched route's parameters, as the handler gets them, stand for: each is encoded
 * again in its place, and what separates in the {:path} is a "/" (with `backslashes`, "\" too, for
 * readers that take it for one). The same as `path` where that has no encoded separator. The gate
 * may only let pass what leads to the same route by this path. -EINVAL: the spans do not fit.
 * -ENOMEM. */
int gw_path_rebuild(const struct gw_route *route, struct gw_str path,
                    const struct gw_span segments[GW_MAX_SEGMENTS],
                    const union gw_param_value params[GW_MAX_PARAMS], bool backslashes,
                    struct gw_arena *arena, const char **ret);

/* Percent-encodes `text` as one segment, or with `slashes` as several (RFC 3986, 3.3). -EINVAL: a
 * segment would be empty, "." or "..". -ENOMEM. */
int gw_path_encode(struct gw_arena *arena, const char *text, bool slashes, const char **ret);

#endif
