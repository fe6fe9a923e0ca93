/* base64.h: base64url without padding, as JOSE writes it (RFC 7515, 2 and appendix C). */
#ifndef GW_BASE64_H
#define GW_BASE64_H

#include "base/str.h"

/* Bytes that `len` characters decode to, and characters that `len` bytes encode to. */
#define GW_BASE64URL_DECODED(len) ((len) / 4 * 3 + ((len) % 4 ? (len) % 4 - 1 : 0))
#define GW_BASE64URL_ENCODED(len) ((len) / 3 * 4 + ((len) % 3 ? (len) % 3 + 1 : 0))

/* Decodes `text` into `out`, which has room for GW_BASE64URL_DECODED(text.len) bytes. False unless
 * it is the one spelling of those bytes: only A-Z a-z 0-9 - and _, no padding, unused bits zero. */
bool gw_base64url_decode(struct gw_str text, unsigned char *out, size_t *ret_len);

/* Encodes into `out`, which has room for GW_BASE64URL_ENCODED(len) characters. No NUL is added.
 * Returns how many were written. */
size_t gw_base64url_encode(const unsigned char *ptr, size_t len, char *out);

/* The padded alphabet with + and / (RFC 4648, 4), for blobs in JSON; out has room for
 * (len + 2) / 3 * 4 characters. No NUL is added. */
size_t gw_base64_encode(const unsigned char *ptr, size_t len, char *out);

#endif
