/* hint.c: words of SQL, of ORMs and of other frameworks, and ours for them. */
#include "syntax/hint.h"

#include "base/arena.h"

#include <stddef.h>
#include <strings.h>

static const struct {
    enum hint_place place;
    const char *theirs, *ours;
} words[] = {
    {HINT_TYPE, "integer", "`int`"},
    {HINT_TYPE, "bigint", "`int`"},
    {HINT_TYPE, "smallint", "`int`"},
    {HINT_TYPE, "tinyint", "`int`, or `bool`"},
    {HINT_TYPE, "mediumint", "`int`"},
    {HINT_TYPE, "long", "`int`"},
    {HINT_TYPE, "number", "`int`, `real` or `decimal 10.2`"},
    {HINT_TYPE, "unsigned", "`uint`"},
    {HINT_TYPE, "serial", "`int` with `auto` behind it"},
    {HINT_TYPE, "bigserial", "`int` with `auto` behind it"},
    {HINT_TYPE, "varchar", "`text`, with `max 255` for varchar(255)"},
    {HINT_TYPE, "char", "`text`, with `max 3` for char(3)"},
    {HINT_TYPE, "string", "`text`"},
    {HINT_TYPE, "str", "`text`"},
    {HINT_TYPE, "tinytext", "`text`"},
    {HINT_TYPE, "mediumtext", "`text`"},
    {HINT_TYPE, "longtext", "`text`"},
    {HINT_TYPE, "email", "`text max 255` (`email` is for members of bodies)"},
    {HINT_TYPE, "url", "`text` (`uri` in a body)"},
    {HINT_TYPE, "object", "`json`, or the name of a body"},
    {HINT_TYPE, "any", "`json`"},
    {HINT_TYPE, "datetime", "`time`"},
    {HINT_TYPE, "timestamp", "`time`"},
    {HINT_TYPE, "float", "`real`"},
    {HINT_TYPE, "double", "`real`"},
    {HINT_TYPE, "numeric", "`decimal 10.2`"},
    {HINT_TYPE, "money", "`decimal 10.2`"},
    {HINT_TYPE, "boolean", "`bool`"},
    {HINT_TYPE, "bit", "`bool`"},
    {HINT_TYPE, "enum", "`text one of \"a\" \"b\"`"},
    {HINT_TYPE, "binary", "`blob`"},
    {HINT_TYPE, "varbinary", "`blob`"},
    {HINT_TYPE, "bytea", "`blob`"},
    {HINT_TYPE, "bytes", "`blob`"},
    {HINT_TYPE, "jsonb", "`json`"},
    {HINT_TYPE, "guid", "`uuid`"},
    {HINT_TYPE, "array", "`[text]`, in a body"},
    {HINT_TYPE, "list", "`[text]`, in a body"},

    {HINT_MODIFIER, "not", "nothing: what is not `optional` must have a value"},
    {HINT_MODIFIER, "required", "nothing: what is not `optional` must have a value"},
    {HINT_MODIFIER, "nullable", "`optional`"},
    {HINT_MODIFIER, "or", "`null` in a body; `or null` is of what a list or a map holds"},
    {HINT_MODIFIER, "null", "`optional`"},
    {HINT_MODIFIER, "primary", "`key`"},
    {HINT_MODIFIER, "pk", "`key`"},
    {HINT_MODIFIER, "foreign", "`references`, with the table's name behind it"},
    {HINT_MODIFIER, "fk", "`references`, with the table's name behind it"},
    {HINT_MODIFIER, "auto_increment", "`auto`"},
    {HINT_MODIFIER, "autoincrement", "`auto`"},
    {HINT_MODIFIER, "identity", "`auto`"},
    {HINT_MODIFIER, "unsigned", "the type `uint`"},
    {HINT_MODIFIER, "index", "`index (...)` on a line of its own, with the column's name in it"},
    {HINT_MODIFIER, "check", "`one of`, where it lists words"},
    {HINT_MODIFIER, "enum", "`one of \"a\" \"b\"`"},
    {HINT_MODIFIER, "collate", "`nocase`, or nothing"},
    {HINT_MODIFIER, "min", "a range such as `1..100`, in a body"},
    {HINT_MODIFIER, "length", "`max`"},
    {HINT_MODIFIER, "pattern", "`like`, in a body"},
    {HINT_MODIFIER, "regex", "`like`, in a body"},
    {HINT_MODIFIER, "maxlength", "`max`"},
    {HINT_MODIFIER, "max_length", "`max`"},
    {HINT_MODIFIER, "on_delete", "`on delete`"},

    {HINT_ACCESS, "public", "`whitelisted`"},
    {HINT_ACCESS, "none", "`whitelisted`"},
    {HINT_ACCESS, "anonymous", "`whitelisted`"},
    {HINT_ACCESS, "anyone", "`whitelisted`"},
    {HINT_ACCESS, "everyone", "`whitelisted`"},
    {HINT_ACCESS, "open", "`whitelisted`"},
    {HINT_ACCESS, "all", "`whitelisted`"},
    {HINT_ACCESS, "any", "`authorized`"},
    {HINT_ACCESS, "jwt", "`authorized`"},
    {HINT_ACCESS, "token", "`authorized`"},
    {HINT_ACCESS, "bearer", "`authorized`"},
    {HINT_ACCESS, "auth", "`authorized`"},
    {HINT_ACCESS, "authenticated", "`authorized`"},
    {HINT_ACCESS, "private", "`authorized`"},
    {HINT_ACCESS, "protected", "`authorized`"},
    {HINT_ACCESS, "required", "`authorized`"},

    {HINT_STATEMENT, "model", "`entity` (its rows hold tokens) or `table`"},
    {HINT_STATEMENT, "class", "`entity` (its rows hold tokens) or `table`"},
    {HINT_STATEMENT, "struct", "`entity`, `table` or `body`"},
    {HINT_STATEMENT, "create", "`entity` (its rows hold tokens) or `table`"},
    {HINT_STATEMENT, "schema", "`table` or `body`"},
    {HINT_STATEMENT, "type", "`body`"},
    {HINT_STATEMENT, "route", "the method: GET POST PUT PATCH DELETE"},
    {HINT_STATEMENT, "import", "`include`"},
};

const char *hint_text(struct arena *arena, enum hint_place place,
                      const struct suggestion *suggestion)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (words[i].place == place && !strcasecmp(words[i].theirs, suggestion->wanted))
            return arena_printf(arena, "; write %s", words[i].ours);
    }
    return suggestion_text(arena, suggestion);
}
