/* docs.c: the runtime's own handler `@docs`, as in GET /docs ignored @docs: a page for people who
 * call the program, made by the compiler, with the style and script that are here.
 *
 * Its policy (Content-Security-Policy) admits that script and that style by their hashes and
 * nothing else: neither another script, were one ever to get into the page, nor requests to other
 * places. */
#include "base/text.h"
#include "request/request.h"
#include "request/response.h"

#include <openssl/evp.h>

#include <errno.h>

extern const char docs_css[], docs_js[];

#define HASH_SIZE   32
#define BASE64_SIZE (4 * ((HASH_SIZE + 2) / 3) + 1)

/* As a policy has it (CSP 3, 2.3.1). False: the hash failed. */
static bool hash_of(const char *text, char ret[BASE64_SIZE])
{
    unsigned char hash[HASH_SIZE];
    unsigned len;
    if (!EVP_Digest(text, strlen(text), hash, &len, EVP_sha256(), NULL) || len != HASH_SIZE)
        return false;
    EVP_EncodeBlock((unsigned char *)ret, hash, HASH_SIZE);
    return true;
}

static int set_policy(struct gw_request *req)
{
    char script[BASE64_SIZE], style[BASE64_SIZE];
    if (!hash_of(docs_js, script) || !hash_of(docs_css, style))
        return -EIO;
    const char *policy = gw_printf(
        req,
        "default-src 'none'; script-src 'sha256-%s'; style-src 'sha256-%s'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
        script, style);
    return policy ? gw_set_header(req, "Content-Security-Policy", policy) : -ENOMEM;
}

int gw_handle_docs(struct gw_request *req, const struct gw_args *args)
{
    struct gw_text page = {.arena = req->arena};
    (void)args;
    gw_text_add(&page,
                GW_STR("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, "
                       "initial-scale=1\">\n<style>"));
    gw_text_add(&page, gw_str_from(docs_css));
    gw_text_add(&page, GW_STR("</style>\n"));
    gw_text_add(&page, (struct gw_str){req->app->docs, req->app->docs_len});
    gw_text_add(&page, GW_STR("<script>"));
    gw_text_add(&page, gw_str_from(docs_js));
    gw_text_add(&page, GW_STR("</script>\n</body>\n</html>\n"));
    int r = page.failed ? -ENOMEM : set_policy(req);
    if (!r)
        r = gw_set_header(req, "Referrer-Policy", "no-referrer");
    if (!r)
        r = gw_etag(req, NULL);
    return r ? r : gw_html(req, 200, page.ptr);
}
