/* failed.c: a failure of OpenSSL. */
#include "token/own.h"

#include <errno.h>
#include <openssl/err.h>

int gw_keys_openssl_failed(void)
{
    ERR_clear_error();
    return -EIO;
}
