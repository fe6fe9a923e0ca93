/* difference.c: differences of schemas, told one by one. */
#include "store/difference.h"

#include <stdarg.h>
#include <stdio.h>

void gw_store_differ(struct gw_differences *differences, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    differences->any = true;
    differences->report(differences->data, line);
}

void gw_store_print_difference(void *data, const char *line)
{
    fprintf(data, "-- %s\n", line);
}
