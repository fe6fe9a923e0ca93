/* upgrade_values.c: values of a column that two programs have. What the old one writes and the new
 * schema refuses is a fault; what the new one writes and the old one cannot read is a warning, for
 * it need not do so before the old one has ended. */
#include "describe/upgrade.h"

#include "emit/store.h"

#include <string.h>
#include <strings.h>

struct pair {
    struct tree *tree;
    const struct table *table;
    const struct column *now, *before;
    struct upgrade_faults *faults;
};

static const char *column_of(const struct pair *pair)
{
    return arena_printf(pair->faults->arena, "%s.%s", pair->table->name.text, pair->now->name.text);
}

static void fault(const struct pair *pair, const char *text)
{
    *vec_add(pair->faults->arena, &pair->faults->list) = (struct upgrade_fault){
        .pos = pair->now->name.pos, .other = pair->before->name.pos, .text = text};
}

static void warn(const struct pair *pair, const char *text)
{
    diag_warning(pair->tree->diags, pair->now->name.pos, "%s", text);
    diag_note(pair->tree->diags, pair->before->name.pos, "the old program has it here");
}

static void compare_type(const struct pair *pair)
{
    const struct column *now = pair->now, *before = pair->before;
    struct arena *arena = pair->faults->arena;
    if (now->type != before->type)
        fault(pair,
              arena_printf(arena, "`%s` is %s in the old program, and %s in the new schema",
                           column_of(pair), type_phrase(before->type), type_phrase(now->type)));
    else if (now->type == TYPE_DECIMAL &&
             (now->precision - now->scale < before->precision - before->scale ||
              now->scale < before->scale))
        fault(pair,
              arena_printf(arena, "the old program may write more digits into `%s` than %u.%u",
                           column_of(pair), now->precision, now->scale));
    else if (now->max && (!before->max || now->max < before->max) && !now->one_of.n)
        fault(pair, arena_printf(arena, "the old program may write more into `%s` than `max %u`",
                                 column_of(pair), (unsigned)now->max));
}

static void compare_null(const struct pair *pair)
{
    struct arena *arena = pair->faults->arena;
    if (pair->before->optional && !pair->now->optional)
        fault(pair,
              arena_printf(arena,
                           "the old program may write NULL into `%s`, which must have a value "
                           "in the new schema",
                           column_of(pair)));
    else if (!pair->before->optional && pair->now->optional)
        warn(pair,
             arena_printf(arena,
                          "the old program cannot read NULL in `%s`: write none before it has "
                          "ended",
                          column_of(pair)));
}

static bool has_word(const struct column *column, const char *word)
{
    for (size_t i = 0; i < column->one_of.n; i++) {
        if (!strcmp(column->one_of.items[i].text, word))
            return true;
    }
    return false;
}

/* Without `one of` a text may be anything. */
static void compare_words(const struct pair *pair)
{
    const struct column *now = pair->now, *before = pair->before;
    struct arena *arena = pair->faults->arena;
    if (now->one_of.n && !before->one_of.n)
        fault(pair,
              arena_printf(arena, "the old program may write any text into `%s`", column_of(pair)));
    for (size_t i = 0; i < before->one_of.n && now->one_of.n; i++) {
        const char *word = before->one_of.items[i].text;
        if (!has_word(now, word))
            fault(pair, arena_printf(arena,
                                     "the old program may write \"%s\" into `%s`, which is none of "
                                     "the new words",
                                     word, column_of(pair)));
    }
    if (before->one_of.n && !now->one_of.n)
        warn(pair, arena_printf(arena, "the old program reads its own words alone in `%s`",
                                column_of(pair)));
    for (size_t i = 0; i < now->one_of.n && before->one_of.n; i++) {
        const char *word = now->one_of.items[i].text;
        if (!has_word(before, word))
            warn(pair,
                 arena_printf(arena,
                              "the old program cannot read the new word \"%s\" in `%s`: write "
                              "it once that has ended",
                              word, column_of(pair)));
    }
}

static void compare_unique(const struct pair *pair)
{
    if (pair->now->unique && !pair->before->unique)
        warn(pair, arena_printf(pair->faults->arena,
                                "the old program does not expect `%s` to be unique: what stands in "
                                "another row is GW_E_DUPLICATE there",
                                column_of(pair)));
}

static void compare_table(struct tree *tree, const struct table *now, const struct table *before,
                          struct upgrade_faults *to)
{
    for (size_t i = 0; i < now->columns.n; i++) {
        for (size_t j = 0; j < before->columns.n; j++) {
            const struct pair pair = {.tree = tree,
                                      .table = now,
                                      .now = &now->columns.items[i],
                                      .before = &before->columns.items[j],
                                      .faults = to};
            if (strcasecmp(pair.now->sql_name.text, pair.before->sql_name.text))
                continue;
            compare_type(&pair);
            compare_null(&pair);
            compare_words(&pair);
            compare_unique(&pair);
        }
    }
}

void upgrade_compare_values(struct tree *tree, const struct tree *old, struct upgrade_faults *to)
{
    for (size_t i = 0; i < tree->tables.n; i++) {
        for (size_t j = 0; j < old->tables.n; j++) {
            const struct table *now = tree->tables.items[i], *before = old->tables.items[j];
            if (!strcasecmp(now->sql_name.text, before->sql_name.text))
                compare_table(tree, now, before, to);
        }
    }
}
