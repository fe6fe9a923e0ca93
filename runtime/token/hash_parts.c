/* hash_parts.c: the parts that hashes are written of, each read in one spelling only. */
#include "token/hash_kinds.h"

#include "base/base64.h"

#include <assert.h>

bool gw_hash_take(struct gw_str *text, char end, struct gw_str *ret)
{
    const char *at = text->len ? memchr(text->ptr, end, text->len) : NULL;
    if (!at)
        return false;
    *ret = (struct gw_str){text->ptr, (size_t)(at - text->ptr)};
    *text = (struct gw_str){at + 1, text->len - ret->len - 1};
    return true;
}

bool gw_hash_take_number(struct gw_str *text, char end, uint64_t least, uint64_t *ret)
{
    struct gw_str number;
    return gw_hash_take(text, end, &number) && gw_parse_u64(number, ret) && *ret >= least;
}

int gw_hash_value64(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 38;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 12;
    return c >= '.' && c <= '9' ? c - '.' : -1;
}

bool gw_hash_is_text64(struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (gw_hash_value64(text.ptr[i]) < 0)
            return false;
    return true;
}

bool gw_hash_keep_salt(struct gw_hash *hash, struct gw_str salt, size_t begin)
{
    if (salt.len <= begin || salt.len > GW_HASH_SALT_MAX)
        return false;
    memcpy(hash->salt, salt.ptr, salt.len);
    hash->salt[salt.len] = '\0';
    hash->salt_len = salt.len;
    hash->salt_begin = begin;
    return true;
}

bool gw_hash_keep_hex(struct gw_hash *hash, struct gw_str hex, size_t size)
{
    assert(size <= GW_HASH_DIGEST_MAX);
    if (hex.len != 2 * size)
        return false;
    for (size_t i = 0; i < hex.len; i++)
        if (gw_hex_digit(hex.ptr[i]) < 0 || (hex.ptr[i] >= 'A' && hex.ptr[i] <= 'F'))
            return false;
    for (size_t i = 0; i < size; i++)
        hash->digest[i] =
            (unsigned char)(gw_hex_digit(hex.ptr[2 * i]) << 4 | gw_hex_digit(hex.ptr[2 * i + 1]));
    hash->digest_len = size;
    return true;
}

/* The alphabets differ in two characters. */
bool gw_hash_base64(struct gw_str text, unsigned char *out, size_t size, size_t *ret_len)
{
    char url[GW_BASE64URL_ENCODED(GW_HASH_DIGEST_MAX)];
    if (text.len > sizeof(url) || GW_BASE64URL_DECODED(text.len) > size)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '-' || c == '_')
            return false;
        url[i] = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    return gw_base64url_decode((struct gw_str){url, text.len}, out, ret_len);
}

bool gw_hash_keep_base64(struct gw_hash *hash, struct gw_str text, size_t size)
{
    size_t len = GW_BASE64URL_ENCODED(size), padded = (size + 2) / 3 * 4;
    assert(size <= GW_HASH_DIGEST_MAX && padded - len <= 2);
    if (text.len != padded || memcmp(text.ptr + len, "==", padded - len))
        return false;
    return gw_hash_base64((struct gw_str){text.ptr, len}, hash->digest, size, &hash->digest_len) &&
           hash->digest_len == size;
}
