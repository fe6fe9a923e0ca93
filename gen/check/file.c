/* file.c: members that are files. */
#include "check/check.h"

#include "base/ascii.h"

#include <stdlib.h>
#include <string.h>

bool is_media_type(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+";
    size_t n = strspn(text, letters), m = text[n] == '/' ? strspn(text + n + 1, letters) : 0;
    return n && m && n <= 127 && m <= 127 && !text[n + 1 + m];
}

static void check_media(struct tree *tree, struct member *member)
{
    for (size_t i = 0; i < member->media.n; i++) {
        const struct name *type = &member->media.items[i];
        if (!is_media_type(type->text))
            diag_error(tree->diags, type->pos,
                       "a media type is written whole, in lower case and without parameters, as in "
                       "\"image/png\"");
    }
}

void check_file(struct tree *tree, struct member *member)
{
    struct pos pos = member->name.pos;
    if (member->type != TYPE_FILE) {
        if (member->media.n)
            diag_error(tree->diags, member->media.items[0].pos,
                       "media types are a file's, and `file` is a body here");
        return;
    }
    check_media(tree, member);
    if (!member_is_single(member))
        diag_error(tree->diags, pos, "a file stands for itself, not in a list or a map");
    else if (member->secret || member->null)
        diag_error(tree->diags, pos, "a file is not `%s`", member->secret ? "secret" : "null");
}

/* `seen`: by the bodies' indices. */
static const struct member *find_file(const struct body *body, bool *seen)
{
    if (!body || seen[body->index])
        return NULL;
    seen[body->index] = true;
    const struct member *file = body_file(body);
    for (size_t i = 0; !file && i < body->members.n; i++) {
        const struct body *inner;
        for (size_t j = 0; !file && (inner = member_body(&body->members.items[i], j)); j++)
            file = find_file(inner, seen);
    }
    return file;
}

bool check_no_file(struct tree *tree, const struct name *name, const struct body *body)
{
    const struct member *file =
        find_file(body, arena_alloc(tree->arena, (tree->bodies.n + 1) * sizeof(bool)));
    if (!file)
        return true;
    diag_error(tree->diags, name->pos, "a file comes in a form alone: `%s` has `%s`", name->text,
               file->name.text);
    diag_note(tree->diags, file->name.pos, "`%s` is here", file->name.text);
    return false;
}

#define DEFAULT_LIMIT (1ull << 20) /* of the runtime's GW_BODY_LIMIT */

void check_file_sizes(struct tree *tree, const struct route *route)
{
    for (size_t i = 0; route->body && i < route->body->members.n; i++) {
        const struct member *member = &route->body->members.items[i];
        unsigned long long most = member->type == TYPE_FILE && member->range.high
                                      ? strtoull(member->range.high, NULL, 10)
                                      : 0;
        if (route->limit && most > route->limit) {
            diag_error(tree->diags, route->limit_pos,
                       "`%s` may have %llu bytes, and the form no more than %llu",
                       member->name.text, most, (unsigned long long)route->limit);
            diag_note(tree->diags, member->name.pos, "`%s` is here", member->name.text);
        } else if (!route->limit && most > DEFAULT_LIMIT) {
            diag_warning(tree->diags, route->body_pos,
                         "`%s` may have %llu bytes, and the form as many as GW_BODY_LIMIT says, 1M "
                         "by default: say `limit`",
                         member->name.text, most);
        }
    }
}
