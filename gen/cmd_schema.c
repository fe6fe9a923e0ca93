/* cmd_schema.c: `gatewright schema --mysql` and `--sqlite`: CREATE TABLE statements. */
#include "command.h"
#include "emit.h"

#include <stdio.h>

int command_schema(struct compile *compile)
{
    struct text text = {.arena = compile->arena};
    text_add(&text, "", 0);
    emit_schema(compile->tree, compile->options->mysql, &text);
    if (fwrite(text.items, 1, text.n, stdout) != text.n || fflush(stdout) != 0) {
        perror("gatewright: standard output");
        return 1;
    }
    return 0;
}
