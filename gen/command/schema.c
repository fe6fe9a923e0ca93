/* cmd_schema.c: `gatewright schema --mysql` and `--sqlite`: CREATE TABLE statements. */
#include "command/command.h"
#include "emit/emit.h"

int command_schema(struct compile *compile)
{
    struct text text = {.arena = compile->arena};
    text_add(&text, "", 0);
    emit_schema(compile->tree, compile->options->mysql, &text);
    return command_print(&text);
}
