/* plain.c: what a CGI request costs at least: a program that says hello, linked with the libraries
 * that a Gatewright program is linked with. It takes the address of one function of each, so that
 * the linker keeps them. */
#include <fcgiapp.h>
#include <jansson.h>
#include <mysql.h>
#include <openssl/evp.h>
#include <crypt.h>
#include <sqlite3.h>
#include <stdio.h>

int main(void)
{
    void *volatile used[] = {(void *)FCGX_Init,      (void *)json_object, (void *)mysql_init,
                             (void *)EVP_MD_CTX_new, (void *)crypt_r,     (void *)sqlite3_open};
    (void)used;
    puts("Content-Type: application/json\r\n\r\n{\"hello\":\"world\"}");
    return 0;
}
