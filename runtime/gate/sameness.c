/* sameness.c: see sameness.h. */
#include "gate/sameness.h"

#include "base/clock.h"
#include "base/log.h"
#include "gatewright.h"
#include "json/out.h"
#include "request/context.h"
#include "store/column.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

struct sameness {
    char routes[GW_FINGERPRINT_SIZE];   /* who may call what */
    char schema[GW_FINGERPRINT_SIZE];   /* the declared tables */
    char settings[GW_FINGERPRINT_SIZE]; /* of tokens: issuer, audience, type, deny-list, expiry */
    char keys[GW_FINGERPRINT_SIZE];     /* our own; "-": there are none */
    char signs[GW_KEY_ID_MAX + 1];      /* the id of the key that signs; "": it has none */
};

/* ---- Fingerprints --------------------------------------------------------------------------- */

/* A hash of texts and numbers, in their order. */
struct print {
    EVP_MD_CTX *digest;
    bool failed;
};

static struct print begin(void)
{
    struct print print = {.digest = EVP_MD_CTX_new()};
    print.failed = !print.digest || EVP_DigestInit_ex(print.digest, EVP_sha256(), NULL) != 1;
    return print;
}

static void put(struct print *print, const void *bytes, size_t len)
{
    print->failed = print->failed || EVP_DigestUpdate(print->digest, bytes, len) != 1;
}

static void put_number(struct print *print, uint64_t number)
{
    put(print, &number, sizeof(number));
}

static void put_text(struct print *print, const char *text)
{
    put_number(print, text != NULL);
    if (text)
        put(print, text, strlen(text) + 1);
}

static int end(struct print *print, char ret[GW_FINGERPRINT_SIZE])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    bool failed = print->failed || EVP_DigestFinal_ex(print->digest, hash, NULL) != 1;
    EVP_MD_CTX_free(print->digest);
    for (size_t i = 0; !failed && i < GW_FINGERPRINT_SIZE / 2; i++)
        snprintf(ret + 2 * i, 3, "%02x", hash[i]);
    return failed ? -EIO : 0;
}

/* ---- Of what -------------------------------------------------------------------------------- */

static int print_routes(const struct gw_app *app, char ret[GW_FINGERPRINT_SIZE])
{
    struct print print = begin();
    for (size_t i = 0; i < app->n_routes; i++) {
        const struct gw_route *route = &app->routes[i];
        put_number(&print, route->method);
        put_text(&print, route->pattern);
        put_number(&print, route->access);
        put_number(&print, route->admits);
        put_number(&print, route->guest | route->query_token << 1 | route->query_bound << 2);
        put_text(&print, route->scope);
        put_number(&print, route->limit);
        put_number(&print, route->n_roles);
    }
    return end(&print, ret);
}

static void put_column(struct print *print, const struct gw_column *column)
{
    put_text(print, gw_column_sql(column));
    put_number(print, column->type);
    put_number(print, column->flags);
    put_number(print, column->max);
    put_number(print, column->precision << 8 | column->scale);
    put_text(print, column->references ? column->references->sql_name : NULL);
    for (size_t i = 0; column->one_of && column->one_of[i]; i++)
        put_text(print, column->one_of[i]);
}

static int print_schema(const struct gw_app *app, char ret[GW_FINGERPRINT_SIZE])
{
    struct print print = begin();
    for (size_t i = 0; i < app->n_tables; i++) {
        put_text(&print, app->tables[i]->sql_name);
        put_number(&print, app->tables[i]->n_columns);
        for (size_t k = 0; k < app->tables[i]->n_columns; k++)
            put_column(&print, &app->tables[i]->columns[k]);
    }
    return end(&print, ret);
}

static int print_settings(const struct gw_server *server, char ret[GW_FINGERPRINT_SIZE])
{
    const struct gw_config *config = &server->config;
    struct print print = begin();
    put_text(&print, config->issuer);
    put_text(&print, config->audience);
    put_text(&print, config->token_type);
    put_number(&print, config->deny_list);
    put_number(&print, config->leeway);
    put_number(&print, config->ahead);
    put_number(&print, server->expire_seconds);
    return end(&print, ret);
}

static int print_keys(const struct gw_server *server, struct sameness *ret)
{
    struct gw_trust *trust = gw_trust_take(&((struct gw_server *)server)->trust);
    const struct gw_key *active = trust->own ? gw_keys_active(trust->own) : NULL;
    const char *id = active ? gw_key_id(active) : NULL;
    int r = 0;
    snprintf(ret->signs, sizeof(ret->signs), "%s", id ? id : "");
    if (trust->own)
        r = gw_keys_fingerprint(trust->own, ret->keys);
    else
        strcpy(ret->keys, "-");
    gw_trust_give(trust);
    return r;
}

/* 0, -ENOMEM or -EIO. */
static int of(const struct gw_server *server, struct sameness *ret)
{
    int r = print_routes(server->app, ret->routes);
    if (!r)
        r = print_schema(server->app, ret->schema);
    if (!r)
        r = print_settings(server, ret->settings);
    return r ? r : print_keys(server, ret);
}

/* ---- Where it is shown ---------------------------------------------------------------------- */

void gw_sameness_metrics(const struct gw_server *server, struct gw_text *page)
{
    struct sameness is;
    int64_t now = gw_now_us();
    page->failed |= of(server, &is) != 0;
    if (page->failed)
        return;
    gw_text_printf(
        page,
        "# HELP gatewright_program What all programs behind one address have in common.\n"
        "# TYPE gatewright_program info\n"
        "gatewright_program_info{version=\"%s\",contract=\"%d\",routes=\"%s\","
        "schema=\"%s\",settings=\"%s\",keys=\"%s\",signs=\"%s\"} 1\n"
        "# HELP gatewright_clock_seconds The clock of this machine.\n"
        "# TYPE gatewright_clock_seconds gauge\n"
        "# UNIT gatewright_clock_seconds seconds\n"
        "gatewright_clock_seconds %" PRId64 ".%06" PRId64 "\n",
        GW_VERSION, GW_CONTRACT, is.routes, is.schema, is.settings, is.keys, is.signs,
        now / 1000000, now % 1000000);
}

void gw_sameness_text(const struct gw_server *server, struct gw_text *page)
{
    struct sameness is;
    page->failed |= of(server, &is) != 0;
    if (!page->failed)
        gw_text_printf(page,
                       "\nversion    %s\ncontract   %d\nroutes     %s\nschema     %s\n"
                       "settings   %s\nkeys       %s\nsigns      %s\n",
                       GW_VERSION, GW_CONTRACT, is.routes, is.schema, is.settings, is.keys,
                       *is.signs ? is.signs : "-");
}

static void put_member(struct gw_jsonout *out, const char *name, const char *text)
{
    gw_jsonout_name(out, name);
    gw_jsonout_text(out, text);
}

void gw_sameness_json(const struct gw_server *server, struct gw_jsonout *out)
{
    struct sameness is;
    out->text.failed |= of(server, &is) != 0;
    if (out->text.failed)
        return;
    gw_jsonout_name(out, "same");
    gw_jsonout_object(out);
    put_member(out, "version", GW_VERSION);
    gw_jsonout_name(out, "contract");
    gw_jsonout_u64(out, GW_CONTRACT);
    put_member(out, "routes", is.routes);
    put_member(out, "schema", is.schema);
    put_member(out, "settings", is.settings);
    put_member(out, "keys", is.keys);
    put_member(out, "signs", is.signs);
    gw_jsonout_end_object(out);
}

void gw_sameness_log(const struct gw_server *server)
{
    struct sameness is;
    if (!of(server, &is))
        gw_log_line(server->log, "serves with routes %s, schema %s, settings %s, keys %s%s%s",
                    is.routes, is.schema, is.settings, is.keys, *is.signs ? ", signed by " : "",
                    is.signs);
}
