#include "store_fixture.h"

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
