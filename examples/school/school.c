/* school.c: the program: its page, its videos and main. */
#include "page.h"
#include "routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Where the videos lie; SCHOOL_VIDEOS may name another directory. */
static int start(struct gw_program *program, void **ret_data)
{
    const char *videos = getenv("SCHOOL_VIDEOS");
    *ret_data = (void *)(videos && *videos ? videos : "videos");
    return 0;
}

/* The page's one script and one style sheet carry a nonce that is new with every answer; nothing
 * else may run or be loaded. */
static const char *content_security_policy(struct gw_request *req, const char *nonce)
{
    return gw_printf(req,
                     "default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; "
                     "connect-src 'self'; media-src 'self'; img-src data:; base-uri 'none'; "
                     "form-action 'none'; frame-ancestors 'none'",
                     nonce, nonce);
}

int home(struct gw_request *req)
{
    unsigned char random[16];
    char nonce[2 * sizeof(random) + 1];
    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        return 500;
    for (size_t i = 0; i < sizeof(random); i++)
        snprintf(nonce + 2 * i, 3, "%02x", random[i]);
    const char *policy = content_security_policy(req, nonce);
    const char *html =
        gw_printf(req, "%s<style nonce=\"%s\">%s</style>%s<script nonce=\"%s\">%s</script>",
                  page_head, nonce, page_css, page_body, nonce, page_js);
    if (!policy || !html)
        return 500;
    int r = gw_set_header(req, "Content-Security-Policy", policy);
    if (!r)
        r = gw_set_header(req, "Referrer-Policy", "no-referrer");
    return r ? r : gw_html(req, 200, html);
}

int play_video(struct gw_request *req, const char *name)
{
    return gw_file(req, gw_app_data(req), name, NULL);
}

int main(int argc, char **argv)
{
    static const struct gw_hooks hooks = {.start = start};
    return gw_main(argc, argv, &hooks);
}
