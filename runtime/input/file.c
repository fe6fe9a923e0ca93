/* file.c: a file of a form against its member: its size and its media type. */
#include "input/own.h"

#include "base/arena.h"
#include "base/text.h"

#include <errno.h>

/* What browsers run, in the name of the site that it comes from. */
static bool is_run(const char *type)
{
    static const char *const types[] = {"text/html",       "text/xml",
                                        "application/xml", "text/javascript",
                                        "text/ecmascript", "application/javascript",
                                        "text/xsl",        "application/x-javascript",
                                        "message/rfc822",  "multipart/related"};
    size_t len = strlen(type);
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (!strcmp(type, types[i]))
            return true;
    return len > 4 && !strcmp(type + len - 4, "+xml"); /* application/xhtml+xml, image/svg+xml */
}

static bool is_let_in(const struct gw_member *member, const char *type)
{
    for (const char *const *one = member->one_of; one && *one; one++)
        if (!strcmp(type, *one))
            return true;
    return !member->one_of && !is_run(type);
}

static const char *type_fault(struct gw_check *check, const struct gw_member *member)
{
    struct gw_text words = {.arena = check->arena};
    if (!member->one_of)
        return "must be of a media type that browsers do not run";
    gw_text_printf(&words, "must be of the type ");
    for (const char *const *one = member->one_of; *one; one++)
        gw_text_printf(&words, "%s%s", one == member->one_of ? "" : one[1] ? ", " : " or ", *one);
    return words.failed ? NULL : words.ptr;
}

static bool has_size(const struct gw_member *member, uint64_t size)
{
    return !(member->flags & GW_MEM_BYTES_MIN && size < member->bytes_min) &&
           !(member->flags & GW_MEM_BYTES_MAX && size > member->bytes_max);
}

void gw_check_file(struct gw_check *check, const struct gw_place *place,
                   const struct gw_member *member, const struct gw_json *value, void *to)
{
    const struct gw_upload *upload = (const void *)value->text.ptr;
    const uint64_t *min = member->flags & GW_MEM_BYTES_MIN ? &member->bytes_min : NULL;
    const uint64_t *max = member->flags & GW_MEM_BYTES_MAX ? &member->bytes_max : NULL;
    if (value->kind != GW_JSON_FILE)
        gw_check_fault(check, place, "must be a file");
    else if (!upload->size)
        gw_check_fault(check, place, "must not be empty");
    else if (!has_size(member, upload->size))
        gw_check_fault(check, place, gw_check_range(check, "must be", min, max, "byte", "bytes"));
    else if (!is_let_in(member, upload->type))
        gw_check_fault(check, place, type_fault(check, member));
    else
        *(const struct gw_upload **)to = upload;
}
