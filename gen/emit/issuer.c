/* issuer.c: the table of issuers in routes.c. */
#include "emit/emit.h"

static void emit_issuer(const struct issuer *issuer, struct text *to)
{
    text_printf(to, "    {\n        .name = \"%s\",\n        .url = ", issuer->name.text);
    text_c_string(to, issuer->url.text);
    text_printf(to, ",\n        .table = &gwt_table_%s,\n        .column = %d,\n        .claim = ",
                issuer->table->name.text, issuer->column_index);
    text_c_string(to, issuer->claim.text ? issuer->claim.text : issuer->column.text);
    text_printf(to,
                ",\n        .audiences = gwt_audiences_%s,\n        .keys = ", issuer->name.text);
    text_c_string(to, issuer->keys.text);
    text_printf(to, ",\n    },\n");
}

void emit_issuers(const struct tree *tree, struct text *to)
{
    if (!tree->issuers.n)
        return;
    for (size_t i = 0; i < tree->issuers.n; i++) {
        const struct issuer *issuer = tree->issuers.items[i];
        emit_strings(to, arena_printf(to->arena, "gwt_audiences_%s", issuer->name.text),
                     issuer->audiences.items, issuer->audiences.n);
    }
    text_printf(to, "static const struct gw_issuer gwt_issuers[] = {\n");
    for (size_t i = 0; i < tree->issuers.n; i++)
        emit_issuer(tree->issuers.items[i], to);
    text_printf(to, "};\n\n");
}
