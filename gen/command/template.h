/* template.h: the files of a new project (install/template), which the build makes C strings of. */
#ifndef GEN_TEMPLATE_H
#define GEN_TEMPLATE_H

extern const char template_routes[], template_handlers[], template_main[], template_test[],
    template_gitignore[], template_readme[], template_ci[], template_meson[], template_make[],
    template_cmake[];

#endif
