/* main.c: the program. */
#include "gatewright.h"

int main(int argc, char **argv)
{
    return gw_main(argc, argv, NULL);
}
