#include "command.h"
int command_openapi(struct compile *compile)
{
    return 0;
}
