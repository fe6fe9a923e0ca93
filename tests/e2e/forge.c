/* forge.c: see forge.h. */
#include "forge.h"

#include "stack.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t base64url(const unsigned char *in, size_t len, char *out)
{
    int n = EVP_EncodeBlock((unsigned char *)out, in, (int)len);
    while (n && out[n - 1] == '=')
        n--;
    for (int i = 0; i < n; i++)
        out[i] = (char)(out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i]);
    out[n] = 0;
    return (size_t)n;
}

char *forge(const char *header, const char *claims, const char *secret)
{
    char *token = malloc(2 * (strlen(header) + strlen(claims)) + 256);
    size_t n = base64url((const unsigned char *)header, strlen(header), token);
    token[n++] = '.';
    n += base64url((const unsigned char *)claims, strlen(claims), token + n);
    unsigned char mac[32];
    unsigned len = sizeof(mac);
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)token, n, mac, &len);
    token[n++] = '.';
    base64url(mac, len, token + n);
    return token;
}

char *forge_claims(const char *format, ...)
{
    char claims[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(claims, sizeof(claims), format, args);
    va_end(args);
    return forge("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims, stack_secret());
}

long forge_tomorrow(void)
{
    return (long)time(NULL) + 86400;
}
