/* school.c: the program: its page, its videos and main. */
#include "page.h"
#include "school.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct school {
    const char *videos, *pictures; /* the folders that they lie in */
    char *origin;
};

static const char *folder(const char *setting, const char *otherwise)
{
    const char *value = getenv(setting);
    return value && *value ? value : otherwise;
}

/* SCHOOL_VIDEOS and SCHOOL_PICTURES may name other folders. Without GW_ORIGIN the program does not
 * serve, since routes.def declares a cookie. */
static int start(struct gw_program *program, void **ret_data)
{
    const char *origins = getenv("GW_ORIGIN");
    struct school *school = calloc(1, sizeof(*school));
    (void)program;
    *ret_data = school;
    if (!school)
        return -ENOMEM;
    school->videos = folder("SCHOOL_VIDEOS", "videos");
    school->pictures = folder("SCHOOL_PICTURES", "pictures");
    school->origin = origins ? strndup(origins, strcspn(origins, ",")) : strdup("");
    return school->origin ? 0 : -ENOMEM;
}

static void stop(void *data)
{
    struct school *school = data;
    if (school)
        free(school->origin);
    free(school);
}

const char *school_origin(struct gw_request *req)
{
    const struct school *school = gw_app_data(req);
    return school->origin;
}

const char *school_pictures(struct gw_request *req)
{
    const struct school *school = gw_app_data(req);
    return school->pictures;
}

/* The page's one script and one style sheet carry a nonce that is new with every answer; nothing
 * else may run or be loaded. */
static const char *content_security_policy(struct gw_request *req, const char *nonce)
{
    return gw_printf(req,
                     "default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; "
                     "connect-src 'self'; media-src 'self'; img-src data: blob:; base-uri 'none'; "
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
    const struct school *school = gw_app_data(req);
    return gw_file(req, school->videos, name, "video/webm");
}

/* A token in a query is in the history and perhaps in a log: this one is good for that video alone.
 */
int link_video(struct gw_request *req, const struct users_row *me, const char *name)
{
    const char *path = url_play_video(req, name), *token;
    (void)me;
    int r = path ? gw_url_token(req, path, 3600, &token) : 500;
    return r ? r
             : gw_json(req, 200,
                       json_pack("{s:s}", "url", gw_printf(req, "%s?auth=%s", path, token)));
}

int main(int argc, char **argv)
{
    static const struct gw_hooks hooks = {.start = start, .stop = stop};
    return gw_main(argc, argv, &hooks);
}
