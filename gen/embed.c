/* embed.c: writes text files as C strings: embed [--extern] NAME=FILE[,FILE...]... */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int write_bytes(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    for (int c; (c = getc(file)) != EOF;)
        printf("%d,", (signed char)c);
    fclose(file);
    return 0;
}

/* Several files become one string. */
static int embed(const char *storage, const char *name, char *paths)
{
    printf("%sconst char %s[] = {", storage, name);
    for (char *path = strtok(paths, ","); path; path = strtok(NULL, ","))
        if (write_bytes(path))
            return 1;
    printf("0};\n");
    return 0;
}

int main(int argc, char **argv)
{
    bool shared = argc > 1 && !strcmp(argv[1], "--extern");
    for (int i = 1 + shared; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            return 2;
        *equals = 0;
        if (embed(shared ? "" : "static ", argv[i], equals + 1))
            return 1;
    }
    return 0;
}
