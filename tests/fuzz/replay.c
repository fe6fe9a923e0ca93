/* replay.c: runs a fuzzer over the files of a folder, so that what was once found stays found in
 * every ordinary test run. Each input ends flush at the end of a heap block. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(size);
    size_t n = fread(data, 1, size, file);
    fclose(file);
    if (n == size)
        LLVMFuzzerTestOneInput(data, size);
    free(data);
    return n == size ? 0 : 1;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    int n = 0, failures = 0;

    if (!folder) {
        fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return 2;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0); /* libFuzzer's first, too; no corpus holds it */
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        failures += replay(path);
        n++;
    }
    closedir(folder);
    printf("%d inputs\n", n);
    return failures || n == 0;
}
