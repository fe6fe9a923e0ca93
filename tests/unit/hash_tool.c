/* hash_tool.c: verifies hashes for password_programs.py.
 *
 * A line on stdin is a hash and a password in hex, "-" for an empty one; the answer to it is a
 * line: "fits", "differs", "locked", the reason of a refusal, or "error" and a number. Both stand
 * at the very end of blocks of their own, so that a sanitizer sees who reads on behind them. */
#include "gatewright.h"
#include "token/hash.h"

#include <stdio.h>
#include <stdlib.h>

static char *from_hex(const char *hex, size_t *ret_len)
{
    size_t len = strcmp(hex, "-") ? strlen(hex) / 2 : 0;
    char *text = malloc(len + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(gw_hex_digit(hex[2 * i]) << 4 | gw_hex_digit(hex[2 * i + 1]));
    text[len] = '\0';
    *ret_len = len;
    return text;
}

static void answer(const char *text, size_t len, const char *password)
{
    struct gw_hash hash;
    char *flush = malloc(len ? len : 1);
    memcpy(flush, text, len);
    enum gw_reason reason = gw_hash_read((struct gw_str){flush, len}, &hash);
    free(flush);
    if (reason || !hash.kind) {
        puts(reason ? gw_reason_name(reason) : "locked");
        return;
    }
    int r = gw_hash_fits(&hash, password);
    if (r == 0 || r == GW_E_MISMATCH)
        puts(r ? "differs" : "fits");
    else
        printf("error %d\n", r);
}

int main(void)
{
    static char line[8192], hash_hex[4096], password_hex[4096];
    while (fgets(line, sizeof(line), stdin)) {
        size_t len, password_len;
        if (sscanf(line, "%4095s %4095s", hash_hex, password_hex) != 2)
            return 2;
        char *hash = from_hex(hash_hex, &len);
        char *password = from_hex(password_hex, &password_len);
        answer(hash, len, password);
        free(hash);
        free(password);
    }
    return 0;
}
