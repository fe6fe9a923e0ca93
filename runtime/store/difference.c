/* difference.c: differences of schemas, told one by one. */
#include "store/difference.h"

#include <stdarg.h>
#include <stdio.h>

static void tell(struct gw_differences *differences, const char *before, const char *format,
                 va_list args) __attribute__((format(printf, 3, 0)));

static void tell(struct gw_differences *differences, const char *before, const char *format,
                 va_list args)
{
    char line[512];
    int n = snprintf(line, sizeof(line), "%s", before);
    vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
    differences->report(differences->data, line);
}

void gw_store_differ(struct gw_differences *differences, const char *format, ...)
{
    va_list args;
    differences->any = true;
    va_start(args, format);
    tell(differences, "", format, args);
    va_end(args);
}

void gw_store_warn(struct gw_differences *differences, const char *format, ...)
{
    va_list args;
    differences->any |= differences->exact;
    va_start(args, format);
    tell(differences, differences->exact ? "" : "warning: ", format, args);
    va_end(args);
}

void gw_store_deviate(struct gw_differences *differences, const char *format, ...)
{
    va_list args;
    if (!differences->exact)
        return;
    differences->any = true;
    va_start(args, format);
    tell(differences, "", format, args);
    va_end(args);
}

void gw_store_print_difference(void *data, const char *line)
{
    fprintf(data, "-- %s\n", line);
}
