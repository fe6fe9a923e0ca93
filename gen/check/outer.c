/* outer.c: names outside of C. `as "x"` names a column in SQL, and a member or parameter where
 * clients see it; a row's JSON has the names of C, or camelCase where the top file says `names
 * camel`. */
#include "check/check.h"

#include "base/ascii.h"

#include <string.h>
#include <strings.h>

/* "firstName" for "first_name". */
static const char *camel(struct arena *arena, const char *name)
{
    char *text = arena_alloc(arena, strlen(name) + 1), *to = text;
    for (const char *p = name; *p; p++) {
        bool joins = *p == '_' && to > text && p[1] && p[1] != '_';
        if (joins)
            p++;
        *to++ = joins && *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    }
    *to = '\0';
    return text;
}

static const char *outer(const struct tree *tree, const struct name *name, const struct name *as)
{
    return as && as->text                 ? as->text
           : tree->names_camel_pos.source ? camel(tree->arena, name->text)
                                          : name->text;
}

static void met(struct tree *tree, const struct name *name, const struct name *before,
                const char *where, const char *text)
{
    diag_error(tree->diags, name->pos, "`%s` and `%s` are both `%s` %s", before->text, name->text,
               text, where);
    diag_note(tree->diags, before->pos, "`%s` is here", before->text);
}

static void name_columns(struct tree *tree, struct column *columns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct column *column = &columns[i];
        column->outer = outer(tree, &column->name, NULL);
        for (size_t j = 0; j < i; j++) {
            if (!strcmp(columns[j].outer, column->outer))
                met(tree, &column->name, &columns[j].name, "in JSON", column->outer);
            else if (!strcasecmp(columns[j].sql_name.text, column->sql_name.text))
                met(tree, &column->name, &columns[j].name, "in SQL", column->sql_name.text);
        }
    }
}

static void name_members(struct tree *tree, struct body *body)
{
    for (size_t i = 0; i < body->members.n; i++) {
        struct member *member = &body->members.items[i];
        member->outer = outer(tree, &member->name, &member->as);
        for (size_t j = 0; j < i && !member->rest; j++)
            if (!strcmp(body->members.items[j].outer, member->outer))
                met(tree, &member->name, &body->members.items[j].name, "outside", member->outer);
    }
}

void check_outer_names(struct tree *tree)
{
    for (size_t i = 0; i < tree->tables.n; i++)
        name_columns(tree, tree->tables.items[i]->columns.items, tree->tables.items[i]->columns.n);
    for (size_t i = 0; i < tree->statements.n; i++) {
        struct sql *sql = tree->statements.items[i];
        name_columns(tree, sql->columns.items, sql->columns.n);
        for (size_t j = 0; j < sql->params.n; j++)
            sql->params.items[j].outer = sql->params.items[j].name.text;
    }
    for (size_t i = 0; i < tree->bodies.n; i++)
        name_members(tree, tree->bodies.items[i]);
}
