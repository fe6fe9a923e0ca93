/* test_store_sha2.c: a false server that asks for caching_sha2_password, the plugin that tells the
 * server the password itself. What it learns is compared with the password. */
#include "store_fixture.h"

#include "process/drivers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSWORD "the database's password"
#define SCRAMBLE "abcdefghijklmnopqrst"

struct rogue {
    pid_t pid;
    unsigned port;
    int learned; /* what it found out: "asked", and the password */
    char key[64];
};

/* A packet of the protocol: three bytes of length, its number, the bytes. */
static void say(int peer, unsigned char number, const void *bytes, size_t len)
{
    unsigned char header[4] = {(unsigned char)len, (unsigned char)(len >> 8), 0, number};
    (void)!write(peer, header, sizeof(header));
    (void)!write(peer, bytes, len);
}

static ssize_t hear(int peer, unsigned char *bytes)
{
    unsigned char header[4];
    if (recv(peer, header, 4, MSG_WAITALL) != 4)
        return -1;
    return recv(peer, bytes, header[0] + 256u * header[1], MSG_WAITALL);
}

static size_t decrypted(EVP_PKEY *key, const unsigned char *sent, size_t len, unsigned char *ret)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    size_t size = 512;
    EVP_PKEY_decrypt_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
    if (EVP_PKEY_decrypt(context, ret, &size, sent, len) != 1)
        return 0;
    for (size_t i = 0; i < size; i++)
        ret[i] ^= (unsigned char)SCRAMBLE[i % (sizeof(SCRAMBLE) - 1)];
    return size;
}

/* One client: the greeting, full authentication, the key if it is asked for, the password. */
static void deceive(int peer, EVP_PKEY *key, int learned)
{
    static const char greeting[] = "\n8.0.30\0\1\0\0\0abcdefgh\0\xff\xf7\x2d\2\0\xff\xc1\x15"
                                   "\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0caching_sha2_password";
    unsigned char heard[4096], text[512];
    char pem[2048] = "\1";
    ssize_t len;
    say(peer, 0, greeting, sizeof(greeting));
    if (hear(peer, heard) < 0)
        return;
    say(peer, 2, "\1\4", 2);
    len = hear(peer, heard);
    if (len == 1 && heard[0] == 2) {
        BIO *bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(bio, key);
        int size = BIO_read(bio, pem + 1, sizeof(pem) - 1);
        (void)!write(learned, "asked\n", 6);
        say(peer, 4, pem, (size_t)size + 1);
        len = hear(peer, heard);
    }
    if (len > 1)
        (void)!write(learned, text, decrypted(key, heard, (size_t)len, text));
}

static struct rogue rogue_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0), ends[2];
    EVP_PKEY *key = EVP_RSA_gen(2048);
    struct rogue rogue = {.key = "/tmp/gatewright-sha2.XXXXXX"};
    int file = mkstemp(rogue.key);
    FILE *to = fdopen(file, "w");

    PEM_write_PUBKEY(to, key);
    fclose(to);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(listen(fd, 8), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    cr_assert_eq(pipe(ends), 0);
    rogue.port = ntohs(address.sin_port);
    rogue.learned = ends[0];
    rogue.pid = fork();
    if (rogue.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            int peer = accept(fd, NULL, NULL);
            deceive(peer, key, ends[1]);
            close(peer);
        }
    }
    close(ends[1]);
    close(fd);
    EVP_PKEY_free(key);
    return rogue;
}

/* What it learned of a client that connects with these options. */
static const char *learned_by(struct rogue *rogue, const char *options, int *ret_result)
{
    static char text[1024];
    struct pollfd fd = {.fd = rogue->learned, .events = POLLIN};
    char url[256];
    ssize_t len = 0, n;

    snprintf(url, sizeof(url), "mysql://u:the%%20database's%%20password@127.0.0.1:%u/db%s",
             rogue->port, options);
    *ret_result = fixture_compare(url);
    while (poll(&fd, 1, 300) > 0 &&
           (n = read(fd.fd, text + len, sizeof(text) - 1 - (size_t)len)) > 0)
        len += n;
    text[len] = '\0';
    return text;
}

static void rogue_stop(struct rogue *rogue)
{
    kill(rogue->pid, SIGKILL);
    waitpid(rogue->pid, NULL, 0);
    close(rogue->learned);
    unlink(rogue->key);
}

Test(sha2, a_false_server_is_told_nothing_by_who_does_not_know_its_key)
{
    struct rogue rogue = rogue_start();
    int r;

    cr_assert_str_eq(learned_by(&rogue, "", &r), "");
    cr_assert_eq(r, -EACCES, "%d %s", r,
                 fixture_log()); /* a person has to look: it stops the start */
    cr_assert(strstr(fixture_log(), "caching_sha2_password is used only over TLS"), "%s",
              fixture_log());
    cr_assert_not(strstr(fixture_log(), PASSWORD));
    rogue_stop(&rogue);
}

Test(sha2, a_server_whose_key_is_known_is_told_the_password_and_not_asked_for_the_key)
{
    struct rogue rogue = rogue_start();
    char options[128];
    int r;

    snprintf(options, sizeof(options), "?server_key=%s", rogue.key);
    cr_assert_str_eq(learned_by(&rogue, options, &r), PASSWORD, "%s", fixture_log());
    rogue_stop(&rogue);
}

Test(sha2, a_server_with_another_key_than_the_known_one_learns_nothing)
{
    struct rogue rogue = rogue_start(), other = rogue_start();
    char options[128];
    int r;

    snprintf(options, sizeof(options), "?server_key=%s", other.key);
    cr_assert_str_eq(learned_by(&rogue, options, &r), "");
    rogue_stop(&rogue);
    rogue_stop(&other);
}

Test(sha2, a_key_whose_file_goes_away_is_still_the_only_one)
{
    struct rogue rogue = rogue_start(), other = rogue_start();
    struct gw_store *store;
    struct gw_conn *conn;
    struct pollfd fd = {.fd = rogue.learned, .events = POLLIN};
    char url[256];

    snprintf(url, sizeof(url), "mysql://u:secret@127.0.0.1:%u/db?server_key=%s", rogue.port,
             other.key);
    store = fixture_store(url, NULL);
    unlink(other.key);
    cr_assert_eq(gw_conn_new(store, &conn), 0);
    cr_assert(gw_conn_begin(conn, 0) < 0);
    cr_assert_eq(poll(&fd, 1, 300), 0); /* it was not even asked */
    gw_conn_free(conn);
    gw_store_free(store);
    rogue_stop(&rogue);
    rogue_stop(&other);
}

static void expect_refused(const char *options, const char *why)
{
    struct gw_arena arena = {0};
    struct gw_store *store = NULL;
    const char *said = "";
    char url[256];

    snprintf(url, sizeof(url), "mysql://u:p@127.0.0.1/db%s", options);
    cr_assert_eq(gw_store_new(gw_store_schemes, url, NULL, &arena, &store, &said), -EINVAL, "%s",
                 options);
    cr_assert(strstr(said, why), "%s: %s", options, said);
    gw_arena_free(&arena);
}

Test(sha2, a_server_key_that_is_none_is_refused)
{
    struct rogue rogue = rogue_start();
    char options[128];

    expect_refused("?server_key=/nonexistent", "cannot be read: No such file");
    expect_refused("?server_key=/dev/zero", "is no public RSA key");
    expect_refused("?server_key=/dev/null", "is no public RSA key");
    expect_refused("?server_key=/", "server_key");
    snprintf(options, sizeof(options), "?tls=verify&server_key=%s", rogue.key);
    expect_refused(options, "beside tls or a socket");
    rogue_stop(&rogue);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
