/* main.c: the probe as a program. */
#include "probe.h"

int main(int argc, char **argv)
{
    return gw_main(argc, argv, &probe_hooks);
}
