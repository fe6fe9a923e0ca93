/* schema.c: `gatewright schema --mysql` and `--sqlite`: CREATE TABLE statements. */
#include "command/command.h"

#include "base/output.h"
#include "emit/emit.h"

int check_schema_options(const struct options *options)
{
    if (options->mysql == options->sqlite)
        return usage_error("schema needs either --mysql or --sqlite", "");
    return 0;
}

int command_schema(struct compile *compile)
{
    struct text text = {.arena = compile->arena};
    text_add(&text, "", 0);
    emit_schema(compile->tree, compile->options->mysql, false, &text);
    return output_print(&text);
}
