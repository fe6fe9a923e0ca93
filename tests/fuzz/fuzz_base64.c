/* What is decoded has one spelling: encoding it gives the input back. */
#include "base/base64.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str text = {(const char *)data, size};
    unsigned char *bytes = malloc(GW_BASE64URL_DECODED(size));
    size_t len;

    if (gw_base64url_decode(text, bytes, &len)) {
        char *back = malloc(GW_BASE64URL_ENCODED(len));
        MUST(len == GW_BASE64URL_DECODED(size));
        size_t n = gw_base64url_encode(bytes, len, back);
        MUST(gw_str_equal(text, (struct gw_str){back, n}));
        free(back);
    }
    free(bytes);
    return 0;
}
