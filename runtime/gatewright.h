/* gatewright.h: what a Gatewright application may call.
 *
 * The only header that an application includes besides the generated routes.h.
 *
 * Lifetimes. Unless a comment says otherwise, every pointer that a function here hands out lives in
 * the request's arena: it is valid until the response has been sent, and nobody frees it.
 *
 * Results. 0 is success. A negative errno is a failure to be forwarded (`if (r) return r;`). A
 * positive GW_E_* is a condition that the caller may deal with or return from the handler as it is:
 * the dispatcher then answers with the status named beside it. */
#ifndef GATEWRIGHT_H
#define GATEWRIGHT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The version of this header: major.minor.patch. `PROGRAM --version` prints that of the library. */
#define GW_VERSION "0.1.0"

struct gw_request; /* one request; passed to the handler, never kept */
struct gw_program; /* the program while it starts; passed to hooks->start */

/* Conditions. A handler that returns one is answered with the status behind it. */
#define GW_E_NOT_FOUND 1 /* 404: no such row or file */
#define GW_E_DUPLICATE 2 /* 409: a unique column already holds that value */
#define GW_E_MISMATCH  3 /* 401: the password is wrong */
#define GW_E_NO_TOKEN  4 /* 401: the request carries no token */
#define GW_E_REFERENCED                                                                            \
    5 /* 409: a foreign key forbids it: the row that is referred to is not there, or another row   \
         refers to this one */
#define GW_E_RANGE                                                                                 \
    6 /* 422: the live column is narrower than the declared one, or a CHECK of the table forbids   \
         the value */
#define GW_E_TOO_LARGE 7 /* 413: more than the store takes in one statement */
#define GW_E_CONFLICT                                                                              \
    8 /* 503: within a transaction: another one was in the way, and this one is rolled back. It    \
         may be repeated as a whole: gw_tx_run */
#define GW_E_BLOCKED 9 /* 401: the account is switched off (`blocks`): no token is made for it */

/* An optional scalar: `value` means something only if `set`. */
struct gw_opt_i64 {
    bool set;
    int64_t value;
};
struct gw_opt_u64 {
    bool set;
    uint64_t value;
};
struct gw_opt_f64 {
    bool set;
    double value;
};
struct gw_opt_bool {
    bool set;
    bool value;
};

/* A blob. `ptr` is NULL only for SQL NULL. */
struct gw_bytes {
    const void *ptr;
    size_t len;
};

#include "forms.h"

/* ---- The program ---------------------------------------------------------------------------- */

/* What an application may add to the life of the process. Every member may be NULL. */
struct gw_hooks {
    /* Once, after the configuration was read and before any request. `*ret_data` is what
     * gw_app_data() gives afterwards. A non-zero result ends the program with status 78. */
    int (*start)(struct gw_program *program, void **ret_data);
    /* Once for each worker, on that worker, before its first request. */
    int (*worker_start)(void *data, unsigned worker);
    /* Once, after the last request was answered. */
    void (*stop)(void *data);
};

/* Runs the program: reads the configuration, opens the store, serves until SIGTERM or SIGUSR1.
 * `hooks` may be NULL. Returns the process's exit status: 0, 1 for a failure, 2 for wrong usage, 78
 * (EX_CONFIG) for a configuration that cannot work. */
int gw_main(int argc, char **argv, const struct gw_hooks *hooks);

/* The pointer that hooks->start gave; NULL without one. */
void *gw_app_data(struct gw_request *req);

/* Overrides `expire` of routes.def; call it in hooks->start. GW_EXPIRE_DAYS overrides it in turn.
 * `days` is 1 to 3650; anything else is -EINVAL. */
int gw_set_expire_days(struct gw_program *program, unsigned days);

/* ---- Reading the request -------------------------------------------------------------------- */

const char *gw_method(struct gw_request *req);     /* "GET", "HEAD", "POST" ... */
const char *gw_path(struct gw_request *req);       /* canonical, without mount and query */
const char *gw_request_id(struct gw_request *req); /* also in the log and in problem documents */
const char *gw_remote_address(struct gw_request *req); /* REMOTE_ADDR, or "" */

/* The client's, as limits count it: behind a proxy that GW_TRUSTED_PROXIES names, the last address
 * in X-Forwarded-For that is no such proxy's. "" where none is said. */
const char *gw_client_address(struct gw_request *req);
bool gw_is_https(struct gw_request *req); /* what the web server says of the client */

/* A request header by its HTTP name, any case ("Accept-Language"); NULL if absent. Authorization,
 * Proxy-Authorization and Proxy are never handed out. */
const char *gw_header(struct gw_request *req, const char *name);

/* The first value of a query parameter, decoded; NULL if absent. The token parameter `auth` of a
 * `query_token` route is never handed out. */
const char *gw_query(struct gw_request *req, const char *name);

/* The value of a cookie as sent, without surrounding quotes; NULL if absent or sent twice. Where
 * routes.def declares one for tokens, that one and the whole field Cookie are never handed out. */
const char *gw_cookie(struct gw_request *req, const char *name);

/* The body of a `(raw)` route, which has arrived whole before the handler is called: what exceeds
 * 64 KiB waits in a file. gw_raw_read takes it piece by piece, within fixed memory: the number of
 * bytes, 0 at its end; -EINVAL on another route or after gw_raw_body; another negative errno if the
 * file cannot be read. gw_raw_body gives all of it in one piece of the request's memory; `ptr` is
 * NULL when there is none, or after gw_raw_read has begun, but not for an empty body. */
ssize_t gw_raw_read(struct gw_request *req, void *buffer, size_t size);
struct gw_bytes gw_raw_body(struct gw_request *req);

/* The body's media type; "" if none was sent. */
const char *gw_content_type(struct gw_request *req);

/* ---- The caller ----------------------------------------------------------------------------- */

/* The SQL name of the caller's table; NULL for a request without a token. */
const char *gw_me_table(struct gw_request *req);

/* The caller's row without its secret columns, as a new reference that the caller of this function
 * owns. GW_E_NO_TOKEN on a request without a token. */
int gw_me_json(struct gw_request *req, json_t **ret);

/* A claim of the caller's verified token, borrowed; NULL if it has none of that name. */
const json_t *gw_claim(struct gw_request *req, const char *name);

/* ---- Answering ------------------------------------------------------------------------------ */

/* Sets a JSON answer. `body` is consumed in every case; NULL is -EINVAL and logged, so that
 * `return gw_json(req, 200, json_pack(...))` needs no check of its own. */
int gw_json(struct gw_request *req, int status, json_t *body);

/* Text that is JSON already; copied. */
int gw_json_text(struct gw_request *req, int status, const char *text, size_t len);

/* JSON written straight into the answer, without a tree: for rows and lists of them.
 *
 *     struct gw_writer *w = gw_writer_new(req);
 *     gw_writer_object(w);
 *     gw_writer_name(w, "data");
 *     users_write_json(w, me);
 *     gw_writer_end(w);
 *     return gw_writer_send(req, 200, w);
 *
 * None of the calls needs a check: what went wrong (memory, a name where a value is due, text that
 * is not UTF-8, a real that is not finite) is kept, and gw_writer_send gives it. A writer may be
 * NULL. At most 64 levels. */
struct gw_writer;
struct gw_writer *gw_writer_new(struct gw_request *req);
void gw_writer_object(struct gw_writer *writer);
void gw_writer_array(struct gw_writer *writer);
void gw_writer_end(struct gw_writer *writer); /* of the object or array begun last */
void gw_writer_name(struct gw_writer *writer, const char *name);
void gw_writer_text(struct gw_writer *writer, const char *text); /* NULL writes null */
void gw_writer_int(struct gw_writer *writer, int64_t value);
void gw_writer_uint(struct gw_writer *writer, uint64_t value);
void gw_writer_real(struct gw_writer *writer, double value);
void gw_writer_bool(struct gw_writer *writer, bool value);
void gw_writer_null(struct gw_writer *writer);
void gw_writer_time(struct gw_writer *writer, int64_t microseconds);   /* RFC 3339 */
void gw_writer_bytes(struct gw_writer *writer, struct gw_bytes bytes); /* base64; NULL: null */

/* The caller's row as gw_me_json gives it. GW_E_NO_TOKEN on a request without a token. */
int gw_me_write_json(struct gw_request *req, struct gw_writer *writer);

/* Within a streamed answer (gw_begin): sends what has been written, once that is 32 KiB or the
 * whole value, and forgets it, so that a writer of any length takes little memory:
 *
 *     static int write_one(struct gw_request *req, const struct notes_row *row, void *w)
 *     {
 *         notes_write_json(w, row);
 *         return gw_writer_flush(req, w);
 *     }
 *     ...
 *     struct gw_writer *w = gw_writer_new(req);
 *     int r = gw_begin(req, 200, "application/json");
 *     gw_writer_array(w);
 *     if (!r)
 *         r = notes_each(req, write_one, w);
 *     gw_writer_end(w);
 *     return r ? r : gw_writer_send(req, 200, w);
 *
 * 0, or what went wrong with the writer as of gw_writer_send, or what gw_write gives. */
int gw_writer_flush(struct gw_request *req, struct gw_writer *writer);

/* Sets what was written as a JSON answer; within a streamed answer, whose status has been sent,
 * sends the rest of it. -ENOMEM; -EINVAL, logged, if it is not one whole value. */
int gw_writer_send(struct gw_request *req, int status, struct gw_writer *writer);

/* Sets a problem document (RFC 9457). `pointer` (RFC 6901, may be NULL) names the member at fault,
 * `detail` is for people and may be NULL. Both are copied. */
int gw_problem(struct gw_request *req, int status, const char *pointer, const char *detail);

/* Text, HTML and bytes; copied. `gw_empty` answers without a body. */
int gw_text(struct gw_request *req, int status, const char *text);
int gw_html(struct gw_request *req, int status, const char *html);
int gw_bytes(struct gw_request *req, int status, const char *type, const void *ptr, size_t len);
int gw_empty(struct gw_request *req, int status);

/* `status` 301, 302, 303, 307 or 308; `location` an absolute path, or a whole "https://" or
 * "http://" URL without a user. -EINVAL: what browsers would read as another host than it seems to
 * name:
 * "//host", a backslash, a blank, a tab or another control byte anywhere (URL Standard, 4.4). A
 * whole URL is the application's word: do not take one from a client. */
int gw_redirect(struct gw_request *req, int status, const char *location);

/* Sets a response header, replacing one of that name (Set-Cookie is added). The name must be a
 * token and the value free of CR, LF, NUL and other control bytes (RFC 9110, 5.5): otherwise
 * -EINVAL, and the request is answered with 500 whatever follows. */
int gw_set_header(struct gw_request *req, const char *name, const char *value);

/* RFC 6265. Zero-initialised means: session cookie, path "/", HttpOnly, SameSite=Lax, Secure. */
struct gw_cookie_options {
    const char *path;      /* NULL: "/" */
    const char *domain;    /* NULL: none */
    unsigned max_age;      /* seconds; 0: a session cookie */
    const char *same_site; /* NULL: "Lax" */
    bool readable;         /* leaves HttpOnly out */
    bool insecure;         /* leaves Secure out */
};
int gw_set_cookie(struct gw_request *req, const char *name, const char *value,
                  const struct gw_cookie_options *options);

/* Conditional requests (RFC 9110, 13.1.2): the answer carries an entity tag, and a GET or HEAD
 * whose If-None-Match has it already gets 304 without the body. `tag` is what stands between the
 * quotes; NULL: one is made of the body, or of a gw_file's place, size and times, whoever sends it.
 * Only an answer with status 200 is conditional. Where a token is demanded, an answer with a tag
 * says `private, no-cache` instead of `private, no-store`, unless the handler sets Cache-Control. A
 * tag with quotes, blanks or control bytes is -EINVAL, and the request is answered with 500. */
int gw_etag(struct gw_request *req, const char *tag);

/* A streamed answer: begin, write as often as needed, return 0. Headers are set before. After
 * gw_begin an error can only cut the connection. -EPIPE when the client has gone. */
int gw_begin(struct gw_request *req, int status, const char *type);
int gw_write(struct gw_request *req, const void *ptr, size_t len);

/* Serves the file `relative` (as it came from a path parameter) beneath the directory `root`. It is
 * opened with no way to leave `root`; a missing or irregular file is answered with 404. `type` is
 * its media type, or NULL to choose one by the name. GW_SENDFILE says whether the web server
 * sends it; where the program does, `Range` asks for a part (one range; RFC 9110, 14). -EIO,
 * logged: the root cannot be opened, or does not lie in the folder that GW_SENDFILE names. */
int gw_file(struct gw_request *req, const char *root, const char *relative, const char *type);

/* ---- Tokens ------------------------------------------------------------------------------
 *
 * No token is made within a transaction (-EINVAL, logged): a rollback would take back what it was
 * made of, and it would be good again for whoever gets that key or epoch later. Commit first. */

/* Issues a token for the row of `table` (its SQL name) whose key is `key` (consumed). `extra`
 * (consumed, may be NULL) is an object of further claims; a reserved claim in it is -EINVAL. Looks
 * the row up only where the entity says `revokes` or `blocks`: then GW_E_NOT_FOUND, GW_E_BLOCKED.
 * The generated <entity>_create_token does everything from a row. -ENOTSUP where the entity's
 * `session` is `strict`. */
int gw_create_token(struct gw_request *req, const char *table, json_t *key, json_t *extra,
                    const char **ret);

/* A new token for the caller, with its lifetime begun anew. GW_E_NO_TOKEN without one. -ENOTSUP
 * where the entity says `session`: then the session is what is renewed. */
int gw_update_token(struct gw_request *req, const char **ret);

/* A token for the caller that is good only as `?auth=` on the canonical `path`, for `seconds`. */
int gw_url_token(struct gw_request *req, const char *path, unsigned seconds, const char **ret);

/* Puts a token of ours into the cookie that routes.def declares (`cookie "__Host-NAME"`): Secure,
 * HttpOnly, SameSite=Lax, Path=/, and for as long as the token is good. On routes that say `sets
 * session`; elsewhere, and for what is no such token or too long for a cookie: -EINVAL, logged.
 * -ENOMEM, -EIO. */
int gw_set_token_cookie(struct gw_request *req, const char *token);

/* Ends that cookie, and those of sessions: the browser forgets them. A token in one stays good
 * until it expires, a session until it is ended: see gw_deny_token, gw_revoke_tokens,
 * gw_end_sessions. -EINVAL, logged: the route does not say `sets session`. */
int gw_end_cookie(struct gw_request *req);

/* Where a browser that `else` sent here wanted to go, for gw_redirect after the log-in: the query's
 * `next`, if that is the canonical path of a GET route of this program, with GW_MOUNT before it and
 * perhaps a query. NULL: there is none, or it is anything else. */
const char *gw_next(struct gw_request *req);

/* Puts the caller's token, and no other of the account, on the deny-list until it expires.
 * -ENOTSUP without GW_DENY_LIST, or where the token has no `jti` of ours (it was issued before, or
 * by somebody else); GW_E_NO_TOKEN without a caller. */
int gw_deny_token(struct gw_request *req);

/* Makes every earlier token of the caller's account invalid. -ENOTSUP without a `revokes`
 * column, GW_E_NO_TOKEN without a caller. Within a transaction it holds when that commits, and is
 * taken back with it. */
int gw_revoke_tokens(struct gw_request *req);

/* ---- Sessions -------------------------------------------------------------------------------
 *
 * Where an entity says `session`, the generated <entity>_open_session makes one at log-in: a short
 * access token, and a refresh token that the runtime's own handler `@refresh` exchanges for the
 * next pair. `@sessions` lists the caller's, `@end_session` ends one. */
struct gw_session {
    const char *access_token;
    const char *refresh_token;
    uint64_t access_seconds; /* how long each is good from now on */
    uint64_t refresh_seconds;
};

/* The session as @refresh answers with it: {"access_token", "token_type", "expires_in",
 * "refresh_token", "refresh_expires_in"} (RFC 6749, 5.1). A new object; NULL when memory is
 * short. */
json_t *gw_session_json(const struct gw_session *session);

/* Ends all sessions of the caller's account: none of their refresh tokens is good any more, and
 * access tokens that are under way run out. GW_E_NO_TOKEN without a caller, -ENOTSUP where the
 * entity has no sessions. gw_revoke_tokens does this too. */
int gw_end_sessions(struct gw_request *req);

/* ---- Secrets --------------------------------------------------------------------------------
 *
 * What a `secret` column holds, or gw_password_hash has made. It is a number in place of the text,
 * which stays in the request's memory until that is overwritten at the end: printing, logging,
 * comparing or answering it does not compile. All zero: none, which is NULL in the database. It is
 * good for the request that it was made in; another one refuses it (-EINVAL, logged). */
struct gw_secret {
    uint64_t nothing; /* always 0: json_pack, whose arguments no compiler checks, finds NULL */
    uint64_t number;
};

/* A secret to be stored, other than a password's hash: somebody's key, the seed of one-time
 * passwords. `len` bytes at `text`, copied; NULL: none. In a column that is neither text nor bytes
 * it is what JSON would have ("7", "true", "2026-11-26T08:00:00Z"). -ENOMEM. */
int gw_secret_of(struct gw_request *req, const void *text, size_t len, struct gw_secret *ret);

/* Its text with a NUL behind it, *ret_text NULL for none. `ret_len` may be NULL. Whoever reviews a
 * program looks for this name: what has been revealed can be printed, logged and answered. */
int gw_secret_reveal(struct gw_request *req, struct gw_secret secret, const char **ret_text,
                     size_t *ret_len);

/* ---- Passwords ------------------------------------------------------------------------------ */

/* yescrypt (crypt(5)) with a fresh salt. -EBUSY when GW_HASHERS hashes are already being made;
 * -ERANGE for a password over 511 bytes. */
int gw_password_hash(struct gw_request *req, const char *password, struct gw_secret *ret_hash);

/* A state of gw_password_verify: the password is right, and its hash should be replaced by one of
 * gw_password_hash. It is of another kind than that one would be, or was cheaper to make. */
#define GW_STALE 1U

/* 0 or GW_E_MISMATCH. `hash` may be of another program: bcrypt, sha512crypt, PBKDF2, scrypt, Argon2
 * and phpass as the manual lists them ("Passwords"). Without a hash (all zero), with one that is
 * locked ("!...", "*...") or of no kind that is known it does equal work and gives GW_E_MISMATCH,
 * so that time does not tell whether an account exists; what is not known is logged. *ret_state is
 * 0 or GW_STALE where the result is 0, else untouched; `ret_state` may be NULL. -EBUSY and -ERANGE
 * as above. */
int gw_password_verify(struct gw_request *req, struct gw_secret hash, const char *password,
                       unsigned *ret_state);

/* ---- Store ---------------------------------------------------------------------------------- */

/* A transaction on the worker's connection. One that is open when the handler returns is rolled
 * back and the request answered with 500. Nothing is retried inside. */
int gw_tx_begin(struct gw_request *req);
int gw_tx_commit(struct gw_request *req);
int gw_tx_rollback(struct gw_request *req);

/* A transaction that is repeated as a whole, within the request's time, where another one was in
 * its way (GW_E_CONFLICT). `body` runs the statements and answers nothing; it is called once or
 * several times. 0: committed; what `body` returned otherwise, rolled back; or as gw_tx_commit. */
int gw_tx_run(struct gw_request *req, int (*body)(struct gw_request *req, void *data), void *data);

/* ---- Mail -----------------------------------------------------------------------------------
 *
 * For examples and small appliances: whoever sends more has a queue of his own. GW_MAIL says where
 * it goes: `file:/FOLDER` writes a file for each mail, `command:/PROGRAM WORD ...` runs a program
 * without a shell, with the address behind its words and the mail on its standard input, for 10
 * seconds at most, while the handler waits. */

/* Sends `text` to one address: the one that the account's row has, and none that a request names.
 * An address that is none or begins with a hyphen, a subject with a line end or another control
 * byte or above 200 bytes, a text with other control bytes than tab and newline, with a line above
 * 998 bytes or above 64 KiB: -EINVAL, logged. -ENOTSUP: GW_MAIL is not set. -ETIMEDOUT, -EIO,
 * -ENOMEM or another negative errno: it was not sent, as far as is known; logged without the
 * address. */
int gw_mail_send(struct gw_request *req, const char *to, const char *subject, const char *text);

/* ---- Memory and logging --------------------------------------------------------------------- */

/* Zeroed memory that lives until the response has been sent; NULL when there is none. A request may
 * hold 64 MiB beside its body: GW_BODY_LIMIT, or the route's `limit`. */
void *gw_alloc(struct gw_request *req, size_t size);
char *gw_printf(struct gw_request *req, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Gives memory back before the response is sent, for handlers and jobs that go through many rows:
 *
 *     struct gw_mark mark = gw_mark(req);
 *     ... gw_alloc, gw_printf, finds, lists, statements ...
 *     gw_release(req, mark);
 *
 * What these gave between the two, rows and texts, is not there any more behind gw_release;
 * headers, cookies, tokens, secrets, a gw_writer and what was allocated before are. Marks may lie
 * within each other; releasing one releases those that were made behind it. A mark is released
 * once, and within its request: anything else is -EINVAL, logged, and gives nothing back. So is one
 * that could not be made since memory was short. */
struct gw_mark {
    uint64_t number; /* 0: none */
};
struct gw_mark gw_mark(struct gw_request *req);
int gw_release(struct gw_request *req, struct gw_mark mark);

/* A line in the log, with the request's id. Never pass a token or a secret. */
void gw_log(struct gw_request *req, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- Testing handlers ----------------------------------------------------------------------- */

/* A program of tests runs requests in memory: no socket, no web server, the real gate and store. */
struct gw_test;
struct gw_test_call {
    const char *method;         /* "GET" */
    const char *target;         /* path and query as a client would send them */
    const char *token;          /* NULL: no Authorization header */
    const char *content_type;   /* NULL: application/json where there is a body */
    const char *body;           /* NULL: none */
    size_t body_len;            /* 0: up to its NUL */
    const char *const *headers; /* NULL, or "Name: value" lines ended by NULL */
};
struct gw_test_reply {
    int status;
    const char *headers; /* "Name: value\r\n" lines */
    const char *body;    /* NUL-terminated */
    size_t body_len;
};

/* `settings` are "GW_NAME=value" strings ended by NULL; they replace the environment. The secret
 * may be left out: a random one is made. `hooks` may be NULL. -EINVAL with a message on stderr. */
int gw_test_open(const char *const *settings, const struct gw_hooks *hooks, struct gw_test **ret);
void gw_test_close(struct gw_test *test);

/* Runs one request. The reply is valid until the next call on `test`. */
int gw_test_request(struct gw_test *test, const struct gw_test_call *call,
                    struct gw_test_reply *ret);

/* Runs a job of routes.def: what its handler returned. -EINVAL: there is none of that name, or it
 * left its transaction open. */
int gw_test_job(struct gw_test *test, const char *name);

/* A token for a row, as a signed-in caller would hold it (valid until gw_test_close). `key` is the
 * key as decimal or text. */
int gw_test_token(struct gw_test *test, const char *table, const char *key, const char **ret);

/* The same, with the claim `scope`: words parted by blanks. */
int gw_test_scoped_token(struct gw_test *test, const char *table, const char *key,
                         const char *scope, const char **ret);

#endif
