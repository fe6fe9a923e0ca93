/* work.c: see work.h. HS256 from a precomputed state, one prepared SELECT, JSON by snprintf. */
#include "work.h"

#include <mysql.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct work {
    EVP_MD_CTX *inner, *outer, *scratch;
    MYSQL *mysql;
    MYSQL_STMT *select;
    bool account; /* the school's: id, name, email, password, token_epoch, disabled */
    MYSQL_BIND param, result[6];
    long long id, found_id;
    char texts[3][1021]; /* name, email, password */
    unsigned long lengths[3];
    unsigned long long epoch;
    signed char disabled;
};

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static void prepare_hmac(struct work *work, const char *secret)
{
    unsigned char pad[64];
    size_t len = strlen(secret);
    work->inner = EVP_MD_CTX_new();
    work->outer = EVP_MD_CTX_new();
    work->scratch = EVP_MD_CTX_new();
    if (len > sizeof(pad))
        die("the secret is longer than a block");
    for (size_t i = 0; i < 64; i++)
        pad[i] = (unsigned char)((i < len ? secret[i] : 0) ^ 0x36);
    EVP_DigestInit_ex(work->inner, EVP_sha256(), NULL);
    EVP_DigestUpdate(work->inner, pad, 64);
    for (size_t i = 0; i < 64; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    EVP_DigestInit_ex(work->outer, EVP_sha256(), NULL);
    EVP_DigestUpdate(work->outer, pad, 64);
}

static void hmac(struct work *work, const char *text, size_t len, unsigned char ret[32])
{
    EVP_MD_CTX_copy_ex(work->scratch, work->inner);
    EVP_DigestUpdate(work->scratch, text, len);
    EVP_DigestFinal_ex(work->scratch, ret, NULL);
    EVP_MD_CTX_copy_ex(work->scratch, work->outer);
    EVP_DigestUpdate(work->scratch, ret, 32);
    EVP_DigestFinal_ex(work->scratch, ret, NULL);
}

static void prepare_select(struct work *work)
{
    const char *sql =
        work->account
            ? "SELECT id, name, email, password, token_epoch, disabled FROM users WHERE id = ?"
            : "SELECT id, name FROM users WHERE id = ?";
    work->mysql = mysql_init(NULL);
    if (!mysql_real_connect(work->mysql, NULL, "root", NULL, "bench", 0, getenv("BENCH_SOCKET"), 0))
        die(mysql_error(work->mysql));
    work->select = mysql_stmt_init(work->mysql);
    if (mysql_stmt_prepare(work->select, sql, strlen(sql)))
        die(mysql_stmt_error(work->select));
    work->param = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &work->id};
    work->result[0] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &work->found_id};
    for (int i = 0; i < 3; i++)
        work->result[1 + i] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING,
                                           .buffer = work->texts[i],
                                           .buffer_length = sizeof(work->texts[i]) - 1,
                                           .length = &work->lengths[i]};
    work->result[4] =
        (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &work->epoch, .is_unsigned = 1};
    work->result[5] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_TINY, .buffer = &work->disabled};
    mysql_stmt_bind_param(work->select, &work->param);
    mysql_stmt_bind_result(work->select, work->result);
}

struct work *work_open(void)
{
    struct work *work = calloc(1, sizeof(*work));
    const char *secret = getenv("BENCH_SECRET");
    if (!work || !secret)
        die("BENCH_SECRET is not set");
    const char *row = getenv("BENCH_ROW");
    work->account = row && !strcmp(row, "account");
    prepare_hmac(work, secret);
    prepare_select(work);
    return work;
}

/* ---- base64url --------------------------------------------------------------------------- */

static int digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '-'             ? 62
           : c == '_'             ? 63
                                  : -1;
}

static long decode(const char *in, size_t len, unsigned char *out)
{
    unsigned bits = 0, n_bits = 0;
    long n = 0;
    for (size_t i = 0; i < len; i++) {
        int d = digit(in[i]);
        if (d < 0)
            return -1;
        bits = bits << 6 | (unsigned)d;
        n_bits += 6;
        if (n_bits >= 8)
            out[n++] = (unsigned char)(bits >> (n_bits -= 8));
    }
    return n;
}

static size_t encode(const unsigned char *in, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0, n_bits = 0;
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | in[i];
        for (n_bits += 8; n_bits >= 6;)
            out[n++] = digits[bits >> (n_bits -= 6) & 63];
    }
    if (n_bits)
        out[n++] = digits[bits << (6 - n_bits) & 63];
    return n;
}

/* ---- The three requests ------------------------------------------------------------------ */

static size_t respond(char *out, size_t size, const char *status, const char *body)
{
    return (size_t)snprintf(out, size,
                            "Status: %s\r\nContent-Type: application/json\r\n"
                            "Content-Length: %zu\r\n\r\n%s",
                            status, strlen(body), body);
}

/* The id of a good token, or -1. Claims are found by search: this is a limit, not a library. */
static long long verify(struct work *work, const char *token, size_t len)
{
    unsigned char mac[32], signature[48], claims[1024];
    const char *first = memchr(token, '.', len);
    const char *last = memrchr(token, '.', len);
    if (!first || first == last || (size_t)(last - first) > 1300)
        return -1;
    if (decode(last + 1, (size_t)(token + len - last - 1), signature) != 32)
        return -1;
    hmac(work, token, (size_t)(last - token), mac);
    if (CRYPTO_memcmp(mac, signature, 32))
        return -1;
    long n = decode(first + 1, (size_t)(last - first - 1), claims);
    if (n < 0)
        return -1;
    claims[n] = 0;
    const char *exp = strstr((char *)claims, "\"exp\":"), *id = strstr((char *)claims, "\"id\":");
    if (!exp || !id || !strstr((char *)claims, "\"table_name\":\"users\"") ||
        atoll(exp + 6) <= time(NULL))
        return -1;
    return atoll(id + 5);
}

static size_t answer_me(struct work *work, const char *authorization, size_t len, char *out,
                        size_t size)
{
    char body[4096];
    if (!authorization || len < 7 || memcmp(authorization, "Bearer ", 7))
        return respond(out, size, "401 Unauthorized", "{}");
    work->id = verify(work, authorization + 7, len - 7);
    if (work->id < 0)
        return respond(out, size, "401 Unauthorized", "{}");
    if (mysql_stmt_execute(work->select) || mysql_stmt_store_result(work->select) ||
        mysql_stmt_fetch(work->select))
        return respond(out, size, "503 Service Unavailable", "{}");
    mysql_stmt_free_result(work->select);
    for (int i = 0; i < (work->account ? 3 : 1); i++)
        work->texts[i][work->lengths[i]] = 0;
    if (work->account && (work->epoch != 0 || work->disabled)) /* as a token without `epoch` says */
        return respond(out, size, "401 Unauthorized", "{}");
    if (work->account)
        snprintf(
            body, sizeof(body),
            "{\"table_name\":\"users\",\"data\":{\"id\":%lld,\"name\":\"%s\",\"email\":\"%s\"}}",
            work->found_id, work->texts[0], work->texts[1]);
    else
        snprintf(body, sizeof(body), "{\"id\":%lld,\"name\":\"%s\"}", work->found_id,
                 work->texts[0]);
    return respond(out, size, "200 OK", body);
}

static size_t answer_token(struct work *work, char *out, size_t size)
{
    char text[512], claims[256], body[600];
    unsigned char mac[32];
    static const char header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
    long now = time(NULL);
    int n =
        snprintf(claims, sizeof(claims),
                 "{\"table_name\":\"users\",\"id\":1,\"iat\":%ld,\"exp\":%ld}", now, now + 86400);
    memcpy(text, header, sizeof(header) - 1);
    size_t len = sizeof(header) - 1;
    len += encode((unsigned char *)claims, (size_t)n, text + len);
    hmac(work, text, len, mac);
    text[len++] = '.';
    len += encode(mac, 32, text + len);
    snprintf(body, sizeof(body), "{\"token\":\"%.*s\"}", (int)len, text);
    return respond(out, size, "200 OK", body);
}

size_t work_answer(struct work *work, const char *uri, size_t uri_len, const char *authorization,
                   size_t authorization_len, char *out, size_t size)
{
    if (uri_len == 6 && !memcmp(uri, "/hello", 6))
        return respond(out, size, "200 OK", "{\"hello\":\"world\"}");
    if (uri_len == 10 && !memcmp(uri, "/api/v1/me", 10))
        return answer_me(work, authorization, authorization_len, out, size);
    if (uri_len == 13 && !memcmp(uri, "/api/v1/token", 13))
        return answer_token(work, out, size);
    return respond(out, size, "404 Not Found", "{}");
}
