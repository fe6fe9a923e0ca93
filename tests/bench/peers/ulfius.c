/* ulfius.c: the benchmark's requests on ulfius and rhonabwy, with a connection to the database for
 * each of its threads. The argument is the port. */
#include <jansson.h>
#include <mysql.h>
#include <pthread.h>
#include <rhonabwy.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ulfius.h>
#include <unistd.h>

struct db {
    MYSQL *mysql;
    MYSQL_STMT *select;
    MYSQL_BIND param, result[2];
    long long key, id;
    char name[401];
    unsigned long name_len;
};
static __thread struct db *db;

static struct db *get_db(void)
{
    static const char sql[] = "SELECT id, name FROM users WHERE id = ?";
    if (db)
        return db;
    db = calloc(1, sizeof(*db));
    db->mysql = mysql_init(NULL);
    if (!mysql_real_connect(db->mysql, NULL, "root", NULL, "bench", 0, getenv("BENCH_SOCKET"), 0))
        exit(1);
    db->select = mysql_stmt_init(db->mysql);
    if (mysql_stmt_prepare(db->select, sql, sizeof(sql) - 1))
        exit(1);
    db->param = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &db->key};
    db->result[0] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &db->id};
    db->result[1] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING,
                                 .buffer = db->name,
                                 .buffer_length = sizeof(db->name) - 1,
                                 .length = &db->name_len};
    mysql_stmt_bind_param(db->select, &db->param);
    mysql_stmt_bind_result(db->select, db->result);
    return db;
}

static int answer(struct _u_response *response, unsigned status, json_t *body)
{
    ulfius_set_json_body_response(response, status, body);
    json_decref(body);
    return U_CALLBACK_CONTINUE;
}

static int hello(const struct _u_request *request, struct _u_response *response, void *data)
{
    return answer(response, 200, json_pack("{s:s}", "hello", "world"));
}

static int token(const struct _u_request *request, struct _u_response *response, void *data)
{
    const char *secret = data;
    jwt_t *jwt;
    time_t now = time(NULL);
    r_jwt_init(&jwt);
    r_jwt_set_sign_alg(jwt, R_JWA_ALG_HS256);
    r_jwt_add_sign_key_symmetric(jwt, (const unsigned char *)secret, strlen(secret));
    r_jwt_set_claim_str_value(jwt, "table_name", "users");
    r_jwt_set_claim_int_value(jwt, "id", 1);
    r_jwt_set_claim_int_value(jwt, "iat", now);
    r_jwt_set_claim_int_value(jwt, "exp", now + 86400);
    char *text = r_jwt_serialize_signed(jwt, NULL, 0);
    answer(response, 200, json_pack("{s:s}", "token", text));
    r_free(text);
    r_jwt_free(jwt);
    return U_CALLBACK_CONTINUE;
}

static int me(const struct _u_request *request, struct _u_response *response, void *data)
{
    const char *secret = data;
    const char *header = u_map_get_case(request->map_header, "Authorization");
    bool good = header && !strncmp(header, "Bearer ", 7);
    long long id = 0;
    jwt_t *jwt;
    r_jwt_init(&jwt);
    good = good && r_jwt_parse(jwt, header + 7, 0) == RHN_OK;
    good = good && r_jwt_get_sign_alg(jwt) == R_JWA_ALG_HS256;
    good = good && r_jwt_add_sign_key_symmetric(jwt, (const unsigned char *)secret,
                                                strlen(secret)) == RHN_OK;
    good = good && r_jwt_verify_signature(jwt, NULL, 0) == RHN_OK;
    good = good &&
           r_jwt_validate_claims(jwt, R_JWT_CLAIM_EXP, R_JWT_CLAIM_NOW, R_JWT_CLAIM_NOP) == RHN_OK;
    if (good)
        id = r_jwt_get_claim_int_value(jwt, "id");
    r_jwt_free(jwt);
    if (!good)
        return answer(response, 401, json_object());
    struct db *at = get_db();
    at->key = id;
    if (mysql_stmt_execute(at->select) || mysql_stmt_store_result(at->select) ||
        mysql_stmt_fetch(at->select))
        return answer(response, 401, json_object());
    mysql_stmt_free_result(at->select);
    return answer(
        response, 200,
        json_pack("{s:I, s:s%}", "id", (json_int_t)at->id, "name", at->name, (size_t)at->name_len));
}

int main(int argc, char **argv)
{
    struct _u_instance instance;
    char *secret = getenv("BENCH_SECRET");
    mysql_library_init(0, NULL, NULL);
    if (argc != 2 || ulfius_init_instance(&instance, (unsigned)atoi(argv[1]), NULL, NULL) != U_OK)
        return 1;
    ulfius_add_endpoint_by_val(&instance, "GET", "/hello", NULL, 0, hello, secret);
    ulfius_add_endpoint_by_val(&instance, "GET", "/api/v1/token", NULL, 0, token, secret);
    ulfius_add_endpoint_by_val(&instance, "GET", "/api/v1/me", NULL, 0, me, secret);
    if (ulfius_start_framework(&instance) != U_OK)
        return 1;
    for (;;)
        sleep(3600);
}
