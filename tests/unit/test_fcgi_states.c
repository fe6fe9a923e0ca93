/* test_fcgi_states.c: every sequence of records, cut at every byte, does what a model of the
 * specification does that shares no line with the runtime (fcgi_model.c): the same requests with
 * the same bodies, the same records back, the same end. Nothing turns more often than there are
 * bytes, and each request that begins is told of once.
 *
 * The socket is the function `send` below. */
#include "fcgi_model.h"

#include "transport/fcgi_conn.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- The peer's end ---------------------------------------------------------------------- */

static struct {
    unsigned char bytes[4096];
    size_t len;
    bool full; /* the socket takes nothing */
} peer;

ssize_t __wrap_send(int fd, const void *ptr, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *ptr, size_t len, int flags)
{
    if (peer.full) {
        errno = EAGAIN;
        return -1;
    }
    cr_assert_leq(len, sizeof(peer.bytes) - peer.len);
    memcpy(peer.bytes + peer.len, ptr, len);
    peer.len += len;
    return (ssize_t)len;
}

/* What was sent, a letter for each record, as fcgi_model.h has it. */
static void letters_of(char *text)
{
    size_t at = 0, n = 0;
    while (at + 8 <= peer.len) {
        const unsigned char *record = peer.bytes + at;
        size_t len = record[4] * 256u + record[5];
        char letter = record[1] == 10   ? 'v'
                      : record[1] == 11 ? 'u'
                      : record[1] == 6  ? (len ? 'o' : 'e')
                      : record[1] != 3  ? '?'
                                        : "Em?r"[record[12] & 3];
        text[n++] = letter;
        at += 8 + len + record[6];
    }
    text[n] = 0;
    if (at != peer.len)
        strcat(text, "!");
}

/* ---- A connection, and a dispatcher that either waits for bodies or needs none -------------- */

struct run {
    struct gw_fcgi_rules rules;
    struct gw_fcgi_conn conn;
    char served[FCGI_MODEL_TEXT], sent[FCGI_MODEL_TEXT];
    size_t turns;
    bool parks, closed, stalls;
};

static uint64_t now = 1;

static const char *word_of(int failed)
{
    return failed == -ECONNABORTED ? "a"
           : failed == -EPIPE      ? "p"
           : failed == -ETIMEDOUT  ? "l"
                                   : "x";
}

static void say(struct run *run, const char *what)
{
    strncat(run->served, what, sizeof(run->served) - 1 - strlen(run->served));
}

/* Whether the answer is to be cut. */
static bool tell_body(struct run *run)
{
    char body[64] = "";
    uint64_t len;
    int r = run->parks ? gw_fcgi_exchange_body(&run->conn.exchange, &len) : 0;
    if (r) {
        say(run, "S");
        say(run, word_of(r));
    } else if (run->parks) {
        ssize_t n = gw_fcgi_exchange_read(&run->conn.exchange, body, sizeof(body) - 1);
        cr_assert_eq(n, (ssize_t)len);
        say(run, body);
    }
    return r == -EPIPE || r == -EPROTO;
}

static void serve(struct run *run)
{
    struct gw_exchange *exchange = &run->conn.exchange;
    bool cut = false;
    if (exchange->stage == GW_STAGE_NEW)
        say(run, "[");
    if (exchange->failed) {
        say(run, "F");
        say(run, word_of(exchange->failed));
    } else if (run->parks && exchange->body_waits) {
        exchange->stage = GW_STAGE_GATED;
        exchange->body_limit = 100;
        say(run, "w");
        return;
    } else {
        cut = tell_body(run);
    }
    say(run, "]");
    exchange->stage = GW_STAGE_NEW;
    cr_assert(cut || !gw_fcgi_conn_put(&run->conn, "hello", 5));
    gw_fcgi_conn_complete(&run->conn, cut, false);
}

static void go_on(struct run *run, enum gw_fcgi_want want)
{
    struct gw_fcgi_conn *conn = &run->conn;
    for (;;) {
        run->turns++;
        if (want == GW_FCGI_WANT_SERVE) {
            serve(run);
            want = gw_fcgi_conn_resume(conn, now);
        } else if (want == GW_FCGI_WANT_NOTHING && gw_fcgi_conn_writes(conn)) {
            cr_assert(peer.full);
            peer.full = false;
            want = gw_fcgi_conn_write(conn, now);
        } else {
            break;
        }
    }
    run->closed = want == GW_FCGI_WANT_CLOSE;
    cr_assert(run->closed || gw_fcgi_conn_reads(conn), "it waits for nothing");
    peer.full = run->stalls;
}

static void take(struct run *run, struct fcgi_model *model, const unsigned char *bytes, size_t len)
{
    fcgi_model_read(model, bytes, len);
    if (!run->closed)
        go_on(run, gw_fcgi_conn_take(&run->conn, (const char *)bytes, len, now));
}

/* ---- Sequences --------------------------------------------------------------------------- */

struct symbol {
    const char *name;
    unsigned char bytes[48];
    size_t len;
};

#define RECORD(type, id, len, padding) 1, type, 0, id, 0, len, padding, 0
#define SYMBOL(name, ...)                                                                          \
    {                                                                                              \
        name, {__VA_ARGS__}, sizeof((unsigned char[]){__VA_ARGS__})                                \
    }

static const struct symbol symbols[] = {
    SYMBOL("BEGIN keep", RECORD(1, 1, 8, 0), 0, 1, 1, 0, 0, 0, 0, 0),
    SYMBOL("BEGIN", RECORD(1, 1, 8, 0), 0, 1, 0, 0, 0, 0, 0, 0),
    SYMBOL("BEGIN authorizer", RECORD(1, 1, 8, 0), 0, 2, 1, 0, 0, 0, 0, 0),
    SYMBOL("BEGIN filter", RECORD(1, 1, 8, 0), 0, 3, 1, 0, 0, 0, 0, 0),
    SYMBOL("BEGIN 2", RECORD(1, 2, 8, 0), 0, 1, 1, 0, 0, 0, 0, 0),
    SYMBOL("PARAMS length", RECORD(4, 1, 17, 2), 14, 1, 'C', 'O', 'N', 'T', 'E', 'N', 'T', '_', 'L',
           'E', 'N', 'G', 'T', 'H', '3', 0, 0),
    SYMBOL("PARAMS chunked", RECORD(4, 1, 31, 0), 22, 7, 'H', 'T', 'T', 'P', '_', 'T', 'R', 'A',
           'N', 'S', 'F', 'E', 'R', '_', 'E', 'N', 'C', 'O', 'D', 'I', 'N', 'G', 'c', 'h', 'u', 'n',
           'k', 'e', 'd'),
    SYMBOL("PARAMS end", RECORD(4, 1, 0, 1), 0),
    SYMBOL("STDIN", RECORD(5, 1, 3, 1), 'a', 'b', 'c', 0),
    SYMBOL("STDIN end", RECORD(5, 1, 0, 0)),
    SYMBOL("ABORT", RECORD(2, 1, 0, 0)),
    SYMBOL("GET_VALUES", RECORD(9, 0, 2, 0), 0, 0),
    SYMBOL("unknown", RECORD(77, 0, 1, 1), 'x', 0),
    SYMBOL("STDIN 2", RECORD(5, 2, 1, 0), 'y'),
    SYMBOL("version 2", 2, 5, 0, 1, 0, 0, 0, 0),
};
#define N_SYMBOLS (sizeof(symbols) / sizeof(symbols[0]))
#define MOST      6

struct sequence {
    size_t at[MOST], n;
    unsigned char bytes[MOST * 48];
    size_t len;
};

static uint64_t n_runs;

static const char *name_of(const struct sequence *sequence)
{
    static char text[256];
    text[0] = 0;
    for (size_t i = 0; i < sequence->n; i++) {
        strcat(text, symbols[sequence->at[i]].name);
        strcat(text, ", ");
    }
    return text;
}

enum how { WHOLE, BYTE_BY_BYTE, CUT };

/* True: the model has closed the connection before the end, so that nothing behind it matters. */
static bool try(const struct sequence *sequence, enum how how, size_t cut, unsigned variant)
{
    static struct run run;
    static struct fcgi_model model;
    memset(&run, 0, sizeof(run));
    memset(&model, 0, sizeof(model));
    peer.len = 0;
    run.parks = model.parks = variant & 1;
    run.stalls = peer.full = variant & 4;
    run.rules = (struct gw_fcgi_rules){.progress_bytes = 4096, .progress_ns = 30, .keep = true};
    model.kept = true;
    gw_fcgi_conn_init(&run.conn, -1, &run.rules);
    for (size_t at = 0; at < sequence->len;) {
        size_t n = how == WHOLE ? sequence->len : how == BYTE_BY_BYTE ? 1 : cut;
        n = how == CUT && at ? sequence->len - at : n;
        take(&run, &model, sequence->bytes + at, n);
        at += n;
    }
    bool closed = model.closed, late = variant & 2;
    cr_assert_eq(run.closed, closed, "%s: closed %d", name_of(sequence), run.closed);
    fcgi_model_end(&model, late);
    if (!run.closed)
        go_on(&run, late ? gw_fcgi_conn_late(&run.conn, now) : gw_fcgi_conn_gone(&run.conn, now));
    cr_assert(run.closed, "%s: it is still open", name_of(sequence));
    letters_of(run.sent);
    cr_assert_str_eq(run.served, model.served, "%s (%d, %zu, %u): %s, not %s", name_of(sequence),
                     how, cut, variant, run.served, model.served);
    /* To a peer that does not read, what was on its way is lost when it breaks the protocol. */
    size_t len = run.stalls && closed ? strlen(run.sent) : sizeof(run.sent);
    cr_assert_eq(strncmp(run.sent, model.sent, len), 0, "%s (%d, %zu, %u): %s, not %s",
                 name_of(sequence), how, cut, variant, run.sent, model.sent);
    size_t told = 0;
    for (const char *c = run.served; *c; c++)
        told += *c == ']';
    cr_assert_eq(told, model.n_begun, "%s: %zu begun, %s", name_of(sequence), model.n_begun,
                 run.served);
    cr_assert_leq(run.turns, 4 * (sequence->n + 1) + sequence->len);
    cr_assert_eq(run.rules.spooled, 0);
    gw_fcgi_conn_clear(&run.conn);
    n_runs++;
    return closed;
}

static void all_from(struct sequence *sequence, size_t most, size_t most_cut)
{
    if (sequence->n) {
        bool closed = false;
        for (unsigned variant = 0; variant < 8; variant++) {
            closed = try(sequence, WHOLE, 0, variant);
            try(sequence, BYTE_BY_BYTE, 0, variant);
            for (size_t cut = 1; sequence->n <= most_cut && cut < sequence->len; cut++)
                try(sequence, CUT, cut, variant);
        }
        if (closed && sequence->n > 1)
            return;
    }
    for (size_t i = 0; i < N_SYMBOLS && sequence->n < most; i++) {
        size_t len = sequence->len;
        sequence->at[sequence->n++] = i;
        memcpy(sequence->bytes + len, symbols[i].bytes, symbols[i].len);
        sequence->len += symbols[i].len;
        all_from(sequence, most, most_cut);
        sequence->n--;
        sequence->len = len;
    }
}

/* Up to four records whole and byte by byte (six with TESTS_FULL=1), and up to three (four) cut at
 * each byte: with a dispatcher that waits for bodies and one that needs none, a socket that takes
 * all and one that is full at first, and the peer's end or its silence behind them. */
Test(fcgi_states, all_sequences_of_records_do_what_the_model_does, .timeout = 3600)
{
    struct sequence sequence = {.n = 0};
    bool full = getenv("TESTS_FULL");
    all_from(&sequence, full ? 6 : 4, full ? 4 : 3);
    printf("%llu runs\n", (unsigned long long)n_runs);
}
