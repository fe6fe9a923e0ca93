/* url.c: see url.h.
 *
 * In `mysql://u:p@ss/w@host/db` the user's part may end at either `@` and the host's at either
 * `/`. Whoever guesses connects to a host "ss", and tells it, or the log, a part of the password.
 * RFC 3986, 3.2.1 lets none of these stand there as they are: so there is one `@` at most, and it
 * comes before the first `/`, `?` or `#`. */
#include "config/url.h"

#include <string.h>

/* What comes behind the scheme, of a URL of a server. */
static const char *authority_of(const char *url)
{
    static const char *const schemes[] = {"mysql://", "mariadb://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (!strncmp(url, schemes[i], strlen(schemes[i])))
            return url + strlen(schemes[i]);
    return NULL;
}

bool gw_url_has_password(const char *url)
{
    const char *authority = authority_of(url), *at = authority ? strrchr(authority, '@') : NULL;
    return at && memchr(authority, ':', (size_t)(at - authority));
}

const char *gw_url_refuse(const char *url)
{
    const char *authority = authority_of(url), *at = authority ? strchr(authority, '@') : NULL;
    if (!at)
        return NULL;
    if (strchr(at + 1, '@') || strcspn(authority, "/?#") < (size_t)(at - authority))
        return "has a character in the user or the password that is not percent-encoded: write @ "
               "as %40, / as %2F, : as %3A, ? as %3F, # as %23, % as %25";
    return NULL;
}
