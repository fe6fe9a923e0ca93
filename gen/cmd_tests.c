#include "command.h"
int command_tests(struct compile *compile)
{
    return 0;
}
