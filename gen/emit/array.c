/* array.c: static arrays of numbers and of strings. */
#include "emit/emit.h"

void emit_array(struct text *to, const char *what, const char *name, const uint32_t *items,
                size_t n)
{
    uint32_t most = 0;
    unsigned column = 0;
    for (size_t i = 0; i < n; i++)
        most = items[i] > most ? items[i] : most;
    text_printf(to, "/* %s */\nstatic const %s %s[] = {\n   ", what,
                most < 65536 ? "uint16_t" : "uint32_t", name);
    for (size_t i = 0; i < n; i++) {
        size_t before = to->n;
        text_printf(to, " %u,", items[i]);
        column += (unsigned)(to->n - before);
        if (column > 85 && i + 1 < n) {
            text_printf(to, "\n   ");
            column = 0;
        }
    }
    text_printf(to, "%s\n};\n\n", n ? "" : " 0,");
}

void emit_strings(struct text *to, const char *name, const struct name *items, size_t n)
{
    text_printf(to, "static const char *const %s[] = {\n", name);
    for (size_t i = 0; i < n; i++) {
        text_printf(to, "    ");
        text_c_string(to, items[i].text);
        text_printf(to, ",\n");
    }
    text_printf(to, "    NULL,\n};\n\n");
}
