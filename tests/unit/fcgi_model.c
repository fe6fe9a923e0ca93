/* fcgi_model.c: see fcgi_model.h.
 *
 * Served: "F" and why for a request that did not arrive, otherwise "w" for each time that it is
 * parked and then the body, or "S" and why for one that did not arrive. Why: a(borted), p(eer went,
 * or sent less), l(ate), x (against the protocol).
 * Sent: v GET_VALUES_RESULT, u UNKNOWN_TYPE, m and r END_REQUEST with CANT_MPX_CONN and
 * UNKNOWN_ROLE, o STDOUT, e the end of STDOUT, E END_REQUEST. */
#include "fcgi_model.h"

#include <string.h>

static void say(char *text, const char *more)
{
    size_t n = strlen(text);
    while (*more && n < FCGI_MODEL_TEXT - 1)
        text[n++] = *more++;
    text[n] = 0;
}

static void forget(struct fcgi_model *m)
{
    m->where = BETWEEN;
    m->id = 0;
    m->n_parameters = m->n_body = 0;
    memset(m->parameters, 0, sizeof(m->parameters));
    memset(m->body, 0, sizeof(m->body));
}

/* The request is over, as far as it goes. */
static void over(struct fcgi_model *m)
{
    if (m->keeps)
        forget(m);
    else
        m->closed = true;
}

static void answer(struct fcgi_model *m, bool more_to_come)
{
    say(m->sent, "oeE");
    if (more_to_come)
        m->where = ANSWERED;
    else
        over(m);
}

static bool has(const struct fcgi_model *m, const char *what)
{
    return memmem(m->parameters, m->n_parameters, what, strlen(what)) != NULL;
}

static bool any_length(const struct fcgi_model *m)
{
    return has(m, "chunked") && !has(m, "CONTENT_LENGTH");
}

static size_t announced(const struct fcgi_model *m)
{
    return has(m, "CONTENT_LENGTH") ? 3 : 0;
}

/* It did not arrive before anybody was told of it. */
static void lost(struct fcgi_model *m, const char *why)
{
    say(m->served, "[F");
    say(m->served, why);
    say(m->served, "]");
    if (*why == 'a') {
        say(m->sent, "E");
        over(m);
    } else {
        m->closed = true;
    }
}

/* Its body did not. */
static void body_lost(struct fcgi_model *m, const char *why)
{
    say(m->served, m->where == PARKED ? "" : "[");
    if (m->parks) {
        say(m->served, "S");
        say(m->served, why);
    }
    say(m->served, "]");
    if (*why == 'a') {
        say(m->sent, "E");
        over(m);
    } else if (*why == 'l') {
        m->keeps = false;
        answer(m, false);
    } else if (*why == 'x' || m->parks) {
        m->closed = true;
    } else {
        answer(m, false);
    }
}

static void against_protocol(struct fcgi_model *m)
{
    if (m->where == PARAMETERS || m->where == TOGETHER)
        lost(m, "x");
    else if (m->where == PARKED)
        body_lost(m, "x");
    else
        m->closed = true;
}

static void all_is_here(struct fcgi_model *m)
{
    say(m->served, m->where == PARKED ? "" : "[");
    if (m->parks)
        say(m->served, m->body);
    say(m->served, "]");
    answer(m, false);
}

static void bytes_are_used_up(struct fcgi_model *m)
{
    if (m->closed || m->where != TOGETHER)
        return;
    say(m->served, m->parks ? "[w" : "[]");
    if (m->parks)
        m->where = PARKED;
    else
        answer(m, true);
}

/* ---- Records ----------------------------------------------------------------------------- */

static unsigned number_of(const struct fcgi_model *m)
{
    return m->header[2] * 256u + m->header[3];
}

static bool is_ours(const struct fcgi_model *m)
{
    return m->where != BETWEEN && number_of(m) == m->id;
}

static void begins(struct fcgi_model *m)
{
    unsigned role = m->content[0] * 256u + m->content[1];
    if (is_ours(m)) {
        against_protocol(m);
    } else if (m->where != BETWEEN) {
        say(m->sent, "m");
    } else if (role == 1 || role == 2) {
        m->n_begun++;
        m->where = PARAMETERS;
        m->id = number_of(m);
        m->keeps = m->content[2] % 2 && m->kept;
        m->authorizes = role == 2;
    } else {
        m->keeps = m->content[2] % 2 && m->kept;
        say(m->sent, "r");
        over(m);
    }
}

static void aborts(struct fcgi_model *m)
{
    if (!is_ours(m))
        return;
    if (m->where == ANSWERED)
        over(m);
    else if (m->where == PARKED)
        body_lost(m, "a");
    else
        lost(m, "a");
}

static void parameters_end(struct fcgi_model *m)
{
    if (m->where != PARAMETERS) {
        against_protocol(m);
        return;
    }
    m->where = TOGETHER;
    if (m->authorizes)
        all_is_here(m);
}

static void body_ends(struct fcgi_model *m)
{
    if (m->where == PARAMETERS)
        against_protocol(m);
    else if (m->where == ANSWERED)
        over(m);
    else if (!any_length(m) && m->n_body != announced(m))
        body_lost(m, "p");
    else
        all_is_here(m);
}

static void byte_of_body(struct fcgi_model *m, unsigned char byte)
{
    if (m->where == PARAMETERS) {
        against_protocol(m);
    } else if (m->where != ANSWERED) {
        if (!any_length(m) && m->n_body == announced(m)) {
            against_protocol(m);
            return;
        }
        m->body[m->n_body++] = (char)byte;
    }
}

static void record_ends(struct fcgi_model *m, size_t length)
{
    unsigned type = m->header[1];
    if (type == 1)
        begins(m);
    else if (type == 2)
        aborts(m);
    else if (type == 4 && is_ours(m) && !length)
        parameters_end(m);
    else if (type == 5 && is_ours(m) && !length)
        body_ends(m);
    else if (type == 9)
        say(m->sent, "v");
    else if (type != 4 && type != 5 && type != 8)
        say(m->sent, "u");
}

static void byte_of_content(struct fcgi_model *m, unsigned char byte)
{
    unsigned type = m->header[1];
    if (type == 4 && is_ours(m) && m->where != PARAMETERS)
        against_protocol(m);
    else if (type == 4 && is_ours(m))
        m->parameters[m->n_parameters++] = (char)byte;
    else if (type == 5 && is_ours(m))
        byte_of_body(m, byte);
}

static void one_byte(struct fcgi_model *m, unsigned char byte)
{
    if (m->n_header < 8) {
        m->header[m->n_header++] = byte;
        if (m->n_header < 8)
            return;
        if (m->header[0] != 1) {
            against_protocol(m);
            return;
        }
    } else if (m->n_content < m->header[4] * 256u + m->header[5]) {
        m->content[m->n_content++] = byte;
        byte_of_content(m, byte);
        if (m->closed)
            return;
    } else {
        m->n_padding++;
    }
    size_t length = m->header[4] * 256u + m->header[5];
    if (m->n_content == length && m->n_padding == m->header[6]) {
        m->n_header = m->n_content = m->n_padding = 0;
        record_ends(m, length);
    }
}

void fcgi_model_read(struct fcgi_model *m, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len && !m->closed; i++)
        one_byte(m, bytes[i]);
    bytes_are_used_up(m);
}

void fcgi_model_end(struct fcgi_model *m, bool late)
{
    if (m->closed)
        return;
    if (m->where == PARAMETERS)
        lost(m, late ? "l" : "p");
    else if (m->where == PARKED)
        body_lost(m, late ? "l" : "p");
    m->closed = true;
}
