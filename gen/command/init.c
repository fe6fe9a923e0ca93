/* init.c: `gatewright init NAME`: a project that builds, runs and passes its tests.
 *
 * Its files are those of gen/template, with the project's name in them. They go into a folder that
 * is empty or not there yet: nothing of anybody's is written over. Then the lock file is made and
 * the project built and tested, as its owner will do it, before this says that it is done. */
#include "command/command.h"

#include "base/text.h"
#include "template.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_LENGTH 64

enum build_system {
    MESON,
    MAKE,
    CMAKE,
    N_BUILD_SYSTEMS,
};

static const struct {
    const char *file, *text;
    const char *build, *test, *packages; /* commands, and Debian's packages for them */
} build_systems[N_BUILD_SYSTEMS] = {
    [MESON] = {"meson.build", template_meson, "meson setup build && meson compile -C build",
               "meson test -C build", "meson"},
    [MAKE] = {"Makefile", template_make, "make", "make test", "make"},
    [CMAKE] = {"CMakeLists.txt", template_cmake, "cmake -B build && cmake --build build",
               "ctest --test-dir build --output-on-failure", "cmake make"},
};

static const struct {
    const char *path, *text;
} files[] = {
    {"routes.def", template_routes},
    {"handlers.c", template_handlers},
    {"main.c", template_main},
    {"test.c", template_test},
    {".gitignore", template_gitignore},
    {"README.md", template_readme},
    {".github/workflows/ci.yml", template_ci},
};

static enum build_system chosen(const struct options *options)
{
    return options->make ? MAKE : options->cmake ? CMAKE : MESON;
}

/* ---- The name ------------------------------------------------------------------------------- */

/* Also the name of a target, where some words are taken. */
static bool is_good_name(const char *name)
{
    static const char *const taken[] = {"all",         "build",      "clean",    "help", "install",
                                        "lock",        "package",    "requests", "test", "tests",
                                        "application", "edit_cache", "generated"};
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    if (name[len] || !len || len > NAME_MAX_LENGTH || *name < 'a' || *name > 'z')
        return false;
    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
        if (!strcmp(name, taken[i]))
            return false;
    return true;
}

int check_init_options(const struct options *options)
{
    if (options->make + options->cmake + options->meson > 1)
        return usage_error("one of --meson, --make and --cmake", "");
    if (!is_good_name(options->words[0]))
        return usage_error(
            "a project's name begins with a letter, has only a to z, 0 to 9, - and _, "
            "and is no word of a build such as `test`: not ",
            options->words[0]);
    return 0;
}

/* ---- The folder ----------------------------------------------------------------------------- */

static bool is_empty(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return false;
    bool empty = true;
    for (struct dirent *entry; (entry = readdir(dir));)
        empty = empty && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."));
    closedir(dir);
    return empty;
}

static int enter(const char *folder)
{
    if (mkdir(folder, 0777) && errno != EEXIST) {
        fprintf(stderr, "gatewright: cannot make %s: %s\n", folder, strerror(errno));
        return 1;
    }
    if (!is_empty(folder)) {
        fprintf(stderr, "gatewright: %s is there and is not an empty folder; nothing was written\n",
                folder);
        return 1;
    }
    if (chdir(folder)) {
        fprintf(stderr, "gatewright: cannot enter %s: %s\n", folder, strerror(errno));
        return 1;
    }
    return 0;
}

/* ---- The files ------------------------------------------------------------------------------ */

/* "@NAME@" and the like. */
static const char *value_of(const struct options *options, const char *at, size_t *ret_len)
{
    const struct {
        const char *mark, *value;
    } marks[] = {
        {"@NAME@", options->words[0]},
        {"@BUILD@", build_systems[chosen(options)].build},
        {"@TEST@", build_systems[chosen(options)].test},
        {"@PACKAGES@", build_systems[chosen(options)].packages},
    };
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        *ret_len = strlen(marks[i].mark);
        if (!strncmp(at, marks[i].mark, *ret_len))
            return marks[i].value;
    }
    *ret_len = 1;
    return NULL;
}

static int write_file(const struct options *options, const char *path, const char *template)
{
    FILE *file = fopen(path, "wx");
    if (file) {
        size_t len;
        for (; *template; template += len) {
            const char *value = value_of(options, template, &len);
            if (value)
                fputs(value, file);
            else
                fputc(*template, file);
        }
    }
    bool bad = !file || ferror(file);
    if ((file && fclose(file)) || bad) {
        fprintf(stderr, "gatewright: cannot write %s/%s: %s\n", options->words[0], path,
                strerror(errno));
        return 1;
    }
    return 0;
}

static int write_files(const struct options *options)
{
    if (mkdir(".github", 0777) || mkdir(".github/workflows", 0777)) {
        fprintf(stderr, "gatewright: cannot make %s/.github/workflows: %s\n", options->words[0],
                strerror(errno));
        return 1;
    }
    int r = 0;
    for (size_t i = 0; !r && i < sizeof(files) / sizeof(*files); i++)
        r = write_file(options, files[i].path, files[i].text);
    enum build_system system = chosen(options);
    return r ? r : write_file(options, build_systems[system].file, build_systems[system].text);
}

/* ---- The first build ------------------------------------------------------------------------ */

static int run_step(const struct options *options, const char *command)
{
    printf("== %s\n", command);
    fflush(stdout);
    if (system(command) == 0)
        return 0;
    fprintf(
        stderr,
        "gatewright: this failed in %s; its files are all there. Try it again when what it says "
        "is mended\n",
        options->words[0]);
    return 1;
}

int command_init(struct compile *compile)
{
    const struct options *options = compile->options;
    enum build_system system = chosen(options);
    if (enter(options->words[0]) || write_files(options))
        return 1;
    if (run_step(options, "gatewright lock") || run_step(options, build_systems[system].build) ||
        run_step(options, build_systems[system].test))
        return 1;
    printf("\n%s is there, built and tested: cd %s, and begin with routes.def and README.md.\n",
           options->words[0], options->words[0]);
    return 0;
}
