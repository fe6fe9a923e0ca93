/* main.c: the program. */
#include "routes.h"

int main(int argc, char **argv)
{
    return gw_main(argc, argv, NULL);
}
