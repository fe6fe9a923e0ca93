/* words.c: `one of` columns. A row has an enum, in which 0 is none of the words, and NULL. */
#include "emit/emit.h"

const char *column_type(struct arena *arena, const struct column *column, bool optional)
{
    const struct type_info *info = &type_infos[column->type];
    if (column->one_of.n)
        return arena_printf(arena, "enum %s ", column->one_of.name);
    return optional ? info->c_optional : info->c_type;
}

const char *column_value(struct arena *arena, const struct column *column, const char *from)
{
    return column->one_of.n ? arena_printf(arena, "%s_name(%s)", column->one_of.name, from) : from;
}

const char *words_array(struct arena *arena, const struct words *words)
{
    return arena_printf(arena, "gwt_one_of_%s", words->name);
}

void emit_words_head(const struct column *column, struct text *to)
{
    const struct words *words = &column->one_of;
    const char *name = words->name;
    text_printf(to, "enum %s {\n", name);
    for (size_t i = 0; i < words->n; i++)
        text_printf(to, "    %s%s,\n", word_constant(to->arena, words, i), i ? "" : " = 1");
    const char *value = arena_printf(to->arena, "enum %s value", name), *text = "const char *text";
    text_printf(to, "};\n/* The word of an enumerator, and back. NULL and 0: none of them. */\n");
    text_call(to, arena_printf(to->arena, "const char *%s_name", name), &value, 1, ";");
    text_call(to, arena_printf(to->arena, "enum %s %s_of", name, name), &text, 1, ";");
    text_printf(to, "\n");
}

void emit_words(const struct column *column, struct text *to)
{
    const struct words *words = &column->one_of;
    const char *name = words->name, *array = words_array(to->arena, words);
    emit_strings(to, array, words->items, words->n);
    text_printf(
        to,
        "_Static_assert(sizeof(enum %s) == sizeof(unsigned), \"as the runtime reads it\");\n\n"
        "const char *%s_name(enum %s value)\n"
        "{\n"
        "    return gw_word_name(%s, value);\n"
        "}\n\n"
        "enum %s %s_of(const char *text)\n"
        "{\n"
        "    return (enum %s)gw_word_of(%s, text);\n"
        "}\n\n",
        name, name, name, array, name, name, name, array);
}
