/* auth.c: by which plugins the password may be told to a server.
 *
 * caching_sha2_password sends the password itself, encrypted for a key that the server gives, so
 * that whoever stands in the server's place reads it. It is taken over TLS, over a unix socket, and
 * where the key is known (`server_key`). libmariadb asks the server for a key where it cannot read
 * the file: so it gets the path of a copy in memory, which nobody can take away. */
#include "store/mysql/own.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KEY_MAX   16384
#define KEY_BITS  2048
#define PATH_SIZE sizeof(((struct mysql_store *)NULL)->server_key_copy)

/* What libmariadb reads too: "BEGIN PUBLIC KEY". */
static bool is_rsa_key(const char *pem, size_t len)
{
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    bool is = key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= KEY_BITS;
    EVP_PKEY_free(key);
    BIO_free(bio);
    return is;
}

/* Into memory that is never written again. */
static int keep(struct mysql_store *store, const char *pem, size_t len)
{
    int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    int fd = memfd_create("server_key", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    store->server_key_fd = fd;
    if (write(fd, pem, len) != (ssize_t)len || fcntl(fd, F_ADD_SEALS, seals))
        return -EIO;
    snprintf(store->server_key_copy, PATH_SIZE, "/proc/self/fd/%d", fd);
    return access(store->server_key_copy, R_OK) ? -errno : 0;
}

int gw_mysql_read_server_key(struct mysql_store *store, struct gw_arena *arena,
                             const char **ret_why)
{
    char pem[KEY_MAX];
    FILE *file = fopen(store->server_key, "re");
    if (!file) {
        *ret_why =
            gw_arena_printf(arena, "names a server_key that cannot be read: %s", strerror(errno));
        return *ret_why ? -EINVAL : -ENOMEM;
    }
    size_t len = fread(pem, 1, sizeof(pem), file);
    bool all = feof(file) && !ferror(file);
    fclose(file);
    if (!all || !is_rsa_key(pem, len)) {
        *ret_why = "names a server_key that is no public RSA key of 2048 bits or more in PEM form";
        return -EINVAL;
    }
    int r = keep(store, pem, len);
    if (r)
        *ret_why = "has a server_key that cannot be kept: is /proc mounted?";
    return r ? -EINVAL : 0;
}

const char *gw_mysql_plugins(const struct mysql_store *store)
{
    /* Never mysql_clear_password: a false server must not be told the password. */
    return store->tls || store->socket || store->server_key
               ? "mysql_native_password,client_ed25519,auth_gssapi_client,caching_sha2_password"
               : "mysql_native_password,client_ed25519,auth_gssapi_client";
}

bool gw_mysql_key_is_there(const struct mysql_store *store)
{
    return !store->server_key || access(store->server_key_copy, R_OK) == 0;
}
