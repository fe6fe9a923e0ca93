/* jwt.c: JSON Web Tokens in JWS compact form.
 *
 * Verification goes from cheap to dear and from shape to meaning: length, three segments, their
 * base64url, the header, the signature, and only then the claims, so that no byte of the claims is
 * interpreted before the key vouches for it. Each step either says yes or ends the matter; there
 * is no path around the signature, and a failure of memory or of OpenSSL is an error, never a yes.
 *
 * From the header come two things: `kid`, to look a key up, and `alg`, to be compared with that
 * key's algorithm. Keys in the header or behind its URLs (jwk, jku, x5u, x5c) are not looked at;
 * what a header declares critical (crit) or a payload that is not base64url (b64, RFC 7797) is
 * refused, since nothing of the kind is understood here (RFC 8725, 3.1 to 3.10).
 *
 * Refused: JWE and the JSON serialisation (they have no three segments), tokens over 8 KiB, JSON
 * nested over 8 levels, a member that is there twice, base64url in another spelling, tokens that
 * never expire. */
#include "token/jwt.h"

#include "base/arena.h"
#include "base/base64.h"
#include "gatewright.h"
#include "json/json.h"

#include <errno.h>
#include <strings.h>
#include <time.h>

#define MAX_SECONDS (INT64_C(9007199254740991)) /* 2^53-1: every JSON reader agrees up to here */

/* A token taken apart; the decoded parts follow each other in `bytes`. */
struct parts {
    const struct gw_key *key;  /* that the header is known to name; NULL: it must be read */
    struct gw_str signed_text; /* header "." claims, as received */
    struct gw_str header, claims, signature;
    unsigned char bytes[GW_BASE64URL_DECODED(GW_JWT_MAX)];
};

static int refuse(enum gw_reason reason, enum gw_reason *ret_reason)
{
    *ret_reason = reason;
    return GW_E_MISMATCH;
}

/* ---- Taking apart --------------------------------------------------------------------------- */

/* Cuts what stands before the next dot off `*rest`. */
static bool cut_segment(struct gw_str *rest, struct gw_str *ret)
{
    const char *dot = rest->len ? memchr(rest->ptr, '.', rest->len) : NULL;
    if (!dot)
        return false;
    size_t len = (size_t)(dot - rest->ptr);
    *ret = (struct gw_str){rest->ptr, len};
    *rest = (struct gw_str){dot + 1, rest->len - len - 1};
    return true;
}

static bool decode_segment(struct gw_str text, unsigned char **io_bytes, struct gw_str *ret)
{
    size_t len;
    if (!gw_base64url_decode(text, *io_bytes, &len))
        return false;
    *ret = (struct gw_str){(const char *)*io_bytes, len};
    *io_bytes += len;
    return true;
}

/* A header that is one of a key's own needs no decoding. */
static int take_apart(const struct gw_keys *keys, struct gw_str token, struct parts *parts,
                      enum gw_reason *ret_reason)
{
    struct gw_str rest = token, header, claims;
    unsigned char *bytes = parts->bytes;
    if (token.len > GW_JWT_MAX)
        return refuse(GW_REASON_JWT_LONG, ret_reason);
    if (!cut_segment(&rest, &header) || !cut_segment(&rest, &claims) ||
        (rest.len && memchr(rest.ptr, '.', rest.len)))
        return refuse(GW_REASON_JWT_SEGMENTS, ret_reason);
    parts->key = gw_keys_find_header(keys, header);
    if ((!parts->key && !decode_segment(header, &bytes, &parts->header)) ||
        !decode_segment(claims, &bytes, &parts->claims) ||
        !decode_segment(rest, &bytes, &parts->signature))
        return refuse(GW_REASON_JWT_BASE64, ret_reason);
    parts->signed_text = (struct gw_str){token.ptr, header.len + 1 + claims.len};
    return 0;
}

/* An object; `otherwise` is the reason for what is none. */
static int read_object(struct gw_str text, struct gw_arena *arena, enum gw_reason otherwise,
                       const struct gw_json **ret, enum gw_reason *ret_reason)
{
    struct gw_json_error error;
    int r = gw_json_read(text, GW_JWT_MAX_DEPTH, arena, ret, &error);
    if (r < 0)
        return r;
    if (r)
        return refuse(error.fault == GW_JSON_DEPTH       ? GW_REASON_JWT_DEPTH
                      : error.fault == GW_JSON_DUPLICATE ? GW_REASON_JWT_DUPLICATE
                                                         : otherwise,
                      ret_reason);
    return (*ret)->kind == GW_JSON_OBJECT ? 0 : refuse(otherwise, ret_reason);
}

/* ---- The header ----------------------------------------------------------------------------- */

/* A media type, "application/" in front or left out, in any case (RFC 7515, 4.1.9). */
static bool is_type(const struct gw_json *value, const char *type)
{
    static const struct gw_str application = {"application/", 12};
    struct gw_str text, wanted = gw_str_from(type);
    if (!value || value->kind != GW_JSON_STRING)
        return false;
    text = value->text;
    if (wanted.len > application.len && !strncasecmp(type, application.ptr, application.len))
        wanted = gw_str_from(type + application.len);
    if (text.len > application.len && !strncasecmp(text.ptr, application.ptr, application.len))
        text = (struct gw_str){text.ptr + application.len, text.len - application.len};
    return gw_str_equal_nocase(text, wanted);
}

/* Whether the header's `typ` is that of a token that the policy takes. */
static bool has_type(const struct gw_keys *keys, const struct gw_jwt_policy *policy,
                     const struct gw_json *header)
{
    const char *type = policy->type ? policy->type : gw_keys_type(keys);
    const struct gw_json *typ = gw_json_member(header, "typ");
    if (type)
        return is_type(typ, type);
    return !typ || is_type(typ, "JWT") || is_type(typ, "at+jwt");
}

/* The key that the header names, which must agree with the header about the algorithm. */
static int find_key(const struct gw_keys *keys, const struct parts *parts,
                    const struct gw_jwt_policy *policy, struct gw_arena *arena,
                    const struct gw_key **ret, enum gw_reason *ret_reason)
{
    const struct gw_key *key = parts->key;
    const struct gw_json *header;
    if (key) { /* by one of its own headers, which are of access tokens */
        *ret = key;
        return policy->type ? refuse(GW_REASON_JWT_TYP, ret_reason) : 0;
    }
    int r = read_object(parts->header, arena, GW_REASON_JWT_HEADER, &header, ret_reason);
    if (r)
        return r;
    if (gw_json_member(header, "crit") || gw_json_member(header, "b64"))
        return refuse(GW_REASON_JWT_CRIT, ret_reason);
    const struct gw_json *kid = gw_json_member(header, "kid");
    if (kid && (kid->kind != GW_JSON_STRING || !gw_keys_takes_id(keys, kid->text)))
        return refuse(GW_REASON_JWT_KID, ret_reason);
    key = gw_keys_find(keys, kid ? kid->text : (struct gw_str){NULL, 0});
    if (!key)
        return refuse(GW_REASON_JWT_KID, ret_reason);
    if (!gw_json_is(gw_json_member(header, "alg"), gw_key_algorithm(key)))
        return refuse(GW_REASON_JWT_ALG, ret_reason);
    if (!has_type(keys, policy, header))
        return refuse(GW_REASON_JWT_TYP, ret_reason);
    *ret = key;
    return 0;
}

/* ---- The claims ----------------------------------------------------------------------------- */

/* Not time(): it is behind the clock for the first milliseconds of a second, in which a token that
 * was issued just now by another program would lie ahead. */
int64_t gw_jwt_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

/* A NumericDate (RFC 7519, 2): any JSON number from 0 to 2^53-1, so that adding a leeway cannot
 * overflow. Its whole seconds, and whether a part of the next one is behind them. */
static bool is_seconds(const struct gw_json *value, int64_t *ret, bool *ret_more)
{
    bool negative;
    uint64_t whole;
    if (!gw_json_split(value, &negative, &whole, ret_more) || negative || whole > MAX_SECONDS)
        return false;
    *ret = (int64_t)whole;
    return true;
}

static int check_times(const struct gw_json *claims, const struct gw_jwt_policy *policy,
                       enum gw_reason *ret_reason)
{
    const struct gw_json *exp = gw_json_member(claims, "exp");
    const struct gw_json *nbf = gw_json_member(claims, "nbf");
    const struct gw_json *iat = gw_json_member(claims, "iat");
    int64_t at;
    bool more;
    if (!exp)
        return refuse(GW_REASON_JWT_NO_EXPIRY, ret_reason);
    if (!is_seconds(exp, &at, &more))
        return refuse(GW_REASON_JWT_CLAIMS, ret_reason);
    if (policy->now >= at + policy->leeway)
        return refuse(GW_REASON_JWT_EXPIRED, ret_reason);
    if (nbf && !is_seconds(nbf, &at, &more))
        return refuse(GW_REASON_JWT_CLAIMS, ret_reason);
    if (nbf && at + more - policy->ahead > policy->now)
        return refuse(GW_REASON_JWT_NOT_YET, ret_reason);
    if (iat && !is_seconds(iat, &at, &more))
        return refuse(GW_REASON_JWT_CLAIMS, ret_reason);
    if (iat && at - policy->ahead > policy->now)
        return refuse(GW_REASON_JWT_ISSUED_AHEAD, ret_reason);
    return 0;
}

/* `aud` is a text or a list of texts (RFC 7519, 4.1.3). Whom it must name is the caller's
 * matter. */
static bool is_audience(const struct gw_json *aud)
{
    if (aud->kind != GW_JSON_ARRAY)
        return aud->kind == GW_JSON_STRING;
    for (const struct gw_json *one = aud->list.first; one; one = one->next)
        if (one->kind != GW_JSON_STRING)
            return false;
    return true;
}

static int check_claims(const struct gw_json *claims, const struct gw_jwt_policy *policy,
                        enum gw_reason *ret_reason)
{
    const struct gw_json *iss = gw_json_member(claims, "iss");
    const struct gw_json *aud = gw_json_member(claims, "aud");
    int r = check_times(claims, policy, ret_reason);
    if (r)
        return r;
    if (iss && iss->kind != GW_JSON_STRING)
        return refuse(GW_REASON_JWT_CLAIMS, ret_reason);
    if (policy->issuer && !gw_json_is(iss, policy->issuer))
        return refuse(GW_REASON_JWT_ISSUER, ret_reason);
    return aud && !is_audience(aud) ? refuse(GW_REASON_JWT_CLAIMS, ret_reason) : 0;
}

/* ---- Verifying and signing ------------------------------------------------------------------ */

/* The signature, which a public key's token needs once per thread only. */
static int check_signature(const struct gw_key *key, struct gw_crypto *crypto,
                           const struct parts *parts, bool seen, enum gw_reason *ret_reason)
{
    if (seen)
        return 0;
    int r = gw_key_verify(key, crypto, parts->signed_text,
                          (const unsigned char *)parts->signature.ptr, parts->signature.len);
    return r > 0 ? refuse(GW_REASON_JWT_SIGNATURE, ret_reason) : r;
}

/* The claims of a token that the key vouches for, in `arena`. */
static int read_claims(struct gw_str text, const struct gw_jwt_policy *policy,
                       struct gw_arena *arena, const struct gw_json **ret,
                       enum gw_reason *ret_reason)
{
    char *copy = gw_arena_copy(arena, text.ptr, text.len); /* the tree points into it */
    if (!copy)
        return -ENOMEM;
    int r =
        read_object((struct gw_str){copy, text.len}, arena, GW_REASON_JWT_CLAIMS, ret, ret_reason);
    if (r)
        return r;
    r = check_claims(*ret, policy, ret_reason);
    if (r)
        return r;
    return gw_json_fits_jansson(*ret) ? 0 : refuse(GW_REASON_JWT_CLAIMS, ret_reason);
}

int gw_jwt_read(const struct gw_keys *keys, struct gw_crypto *crypto, struct gw_str token,
                const struct gw_jwt_policy *policy, struct gw_arena *arena,
                const struct gw_json **ret_claims, enum gw_reason *ret_reason)
{
    const struct gw_json *claims;
    const struct gw_key *key;
    struct parts parts;
    struct gw_seen seen;
    int64_t exp = 0;
    bool more;
    int r = take_apart(keys, token, &parts, ret_reason);
    if (r)
        return r;
    r = find_key(keys, &parts, policy, arena, &key, ret_reason);
    if (r)
        return r;
    bool public = !gw_key_is_secret(key);
    bool known = public && gw_keys_seen(keys, crypto, token, policy->now, &seen);
    r = check_signature(key, crypto, &parts, known, ret_reason);
    if (r)
        return r;
    r = read_claims(parts.claims, policy, arena, &claims, ret_reason);
    if (r)
        return r;
    if (public && !known) {
        is_seconds(gw_json_member(claims, "exp"), &exp, &more); /* it is: the claims were checked */
        gw_keys_remember(crypto, &seen, exp);
    }
    *ret_claims = claims;
    return 0;
}

int gw_jwt_verify(const struct gw_keys *keys, struct gw_crypto *crypto, struct gw_str token,
                  const struct gw_jwt_policy *policy, json_t **ret_claims,
                  enum gw_reason *ret_reason)
{
    const struct gw_json *claims;
    int r =
        gw_jwt_read(keys, crypto, token, policy, gw_crypto_scratch(crypto), &claims, ret_reason);
    return r ? r : gw_json_to_jansson(claims, ret_claims);
}

/* `claims` as JSON text in `arena`. Writing a tree costs most of what signing it does: most fit at
 * once. */
static int write_claims(const json_t *claims, struct gw_arena *arena, struct gw_str *ret)
{
    size_t size = 512, len;
    for (;;) {
        char *text = gw_arena_alloc(arena, size);
        len = text ? json_dumpb(claims, text, size, JSON_COMPACT) : 0;
        if (len == 0)
            return -ENOMEM;
        if (len > GW_JWT_MAX)
            return -E2BIG;
        *ret = (struct gw_str){text, len};
        if (len <= size)
            return 0;
        size = len;
    }
}

/* `header` is in base64url. */
static int sign(const struct gw_key *key, struct gw_crypto *crypto, struct gw_str header,
                const json_t *claims, struct gw_arena *arena, const char **ret_token)
{
    unsigned char signature[GW_SIGNATURE_MAX];
    struct gw_str text;
    size_t len;
    int r = write_claims(claims, gw_crypto_scratch(crypto), &text);
    if (r)
        return r;
    char *token = gw_arena_alloc(arena, header.len + GW_BASE64URL_ENCODED(text.len) +
                                            GW_BASE64URL_ENCODED(sizeof(signature)) + 3);
    if (!token)
        return -ENOMEM;
    char *out = (char *)mempcpy(token, header.ptr, header.len);
    *out++ = '.';
    out += gw_base64url_encode((const unsigned char *)text.ptr, text.len, out);
    r = gw_key_sign(key, crypto, (struct gw_str){token, (size_t)(out - token)}, signature, &len);
    if (r)
        return r;
    *out++ = '.';
    out += gw_base64url_encode(signature, len, out);
    *out = '\0';
    if (out - token > GW_JWT_MAX)
        return -E2BIG;
    *ret_token = token;
    return 0;
}

int gw_jwt_sign(const struct gw_keys *keys, struct gw_crypto *crypto, const json_t *claims,
                struct gw_arena *arena, const char **ret_token)
{
    const struct gw_key *key = gw_keys_active(keys);
    size_t n_headers;
    if (!json_is_object(claims) || !key)
        return -EINVAL;
    return sign(key, crypto, gw_key_headers(key, &n_headers)[0], claims, arena, ret_token);
}

int gw_jwt_sign_as(const struct gw_keys *keys, struct gw_crypto *crypto, const char *type,
                   const json_t *claims, struct gw_arena *arena, const char **ret_token)
{
    const struct gw_key *key = gw_keys_active(keys);
    struct gw_str header;
    if (!json_is_object(claims) || !key)
        return -EINVAL;
    header.ptr = gw_key_header(key, type, arena, &header.len);
    return header.ptr ? sign(key, crypto, header, claims, arena, ret_token) : -ENOMEM;
}
