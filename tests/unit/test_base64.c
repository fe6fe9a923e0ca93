#include "base/base64.h"

#include "support.h"

#include <criterion/criterion.h>

static bool decodes(const char *text, const void *expected, size_t len)
{
    struct gw_str s = flush_text(text);
    unsigned char *out = malloc(GW_BASE64URL_DECODED(s.len));
    size_t n = 0;
    bool valid = gw_base64url_decode(s, out, &n);
    bool same = valid && n == len && memcmp(out, expected, len) == 0;

    flush_free(s);
    free(out);
    return same;
}

static bool refused(const char *text)
{
    struct gw_str s = flush_text(text);
    unsigned char *out = malloc(GW_BASE64URL_DECODED(s.len) + 1);
    size_t n;
    bool valid = gw_base64url_decode(s, out, &n);

    flush_free(s);
    free(out);
    return !valid;
}

Test(base64, decodes_rfc4648_vectors)
{
    cr_assert(decodes("", "", 0));
    cr_assert(decodes("Zg", "f", 1));
    cr_assert(decodes("Zm8", "fo", 2));
    cr_assert(decodes("Zm9v", "foo", 3));
    cr_assert(decodes("Zm9vYg", "foob", 4));
    cr_assert(decodes("Zm9vYmE", "fooba", 5));
    cr_assert(decodes("Zm9vYmFy", "foobar", 6));
}

Test(base64, decodes_rfc7515_appendix_c)
{
    cr_assert(decodes("A-z_4ME", "\x03\xec\xff\xe0\xc1", 5));
}

Test(base64, rejects_padding)
{
    cr_assert(refused("Zg=="));
    cr_assert(refused("Zm8="));
    cr_assert(refused("="));
}

Test(base64, rejects_blanks)
{
    cr_assert(refused(" Zm9v"));
    cr_assert(refused("Zm9v\n"));
    cr_assert(refused("Zm\t9v"));
    cr_assert(refused("Zm 9"));
    cr_assert(refused("Z "));
    cr_assert(refused("Zm "));
}

Test(base64, rejects_the_other_alphabet)
{
    cr_assert(refused("A+z_"));
    cr_assert(refused("A/z_"));
    cr_assert(refused("A-z."));
}

Test(base64, rejects_bytes_outside_ascii)
{
    cr_assert(refused("Zm9\xc3"));
    cr_assert(refused("\x80\x80\x80\x80"));
}

Test(base64, rejects_nul)
{
    unsigned char out[4];
    size_t n;

    cr_assert_not(gw_base64url_decode(GW_STR("Zm\0v"), out, &n));
}

Test(base64, rejects_spare_bits)
{
    cr_assert(refused("Zh"));
    cr_assert(refused("Zm9"));
    cr_assert(refused("_____w9"));
}

Test(base64, rejects_a_length_of_4n_plus_1)
{
    cr_assert(refused("A"));
    cr_assert(refused("Zm9vA"));
}

Test(base64, decodes_what_it_encodes)
{
    unsigned char bytes[256];
    char text[400];

    for (int i = 0; i < 256; i++)
        bytes[i] = (unsigned char)(i * 7 + 3);
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        size_t n = gw_base64url_encode(bytes, len, text);

        cr_assert_eq(n, GW_BASE64URL_ENCODED(len));
        text[n] = '\0';
        cr_assert(decodes(text, bytes, len));
    }
}

Test(base64, encodes_blobs_with_padding)
{
    char text[9] = "";

    text[gw_base64_encode((const unsigned char *)"foob", 4, text)] = '\0';
    cr_assert_str_eq(text, "Zm9vYg==");
    text[gw_base64_encode((const unsigned char *)"\xfb\xff", 2, text)] = '\0';
    cr_assert_str_eq(text, "+/8=");
}
