/* cmd_check.c: `gatewright check`: errors and warnings only. */
#include "command.h"

int command_check(struct compile *compile)
{
    return 0;
}
