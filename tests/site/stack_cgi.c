/* stack_cgi.c: see stack_cgi.h. */
#include "stack_cgi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The CGI program behind Apache, whose workers are not root. */
static bool write_apache_cgi(const struct stack *stack, FILE *file)
{
    static const char *const modules[] = {"mpm_event", "authz_core", "alias", "env", "cgid"};
    struct stack_settings settings;
    stack_settings(stack, &settings);
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        fprintf(file, "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", modules[i],
                modules[i]);
    fprintf(file,
            "ServerRoot %s\nServerName localhost\nPidFile %s/apache.pid\nDefaultRuntimeDir %s\n"
            "Mutex file:%s default\nListen 127.0.0.1:%u\nErrorLog %s/apache.log\nLogLevel crit\n"
            "User www-data\nGroup www-data\nScriptSock %s/cgisock\nTraceEnable Off\n"
            "AllowEncodedSlashes NoDecode\nMergeSlashes Off\n"
            "ScriptAlias \"/\" \"%s/program.cgi/\"\n"
            "<Location \"/\">\n    CGIPassAuth On\n    Require all granted\n</Location>\n",
            stack->folder, stack->folder, stack->folder, stack->folder, stack->port, stack->folder,
            stack->folder, stack->folder);
    for (size_t i = 0; i < settings.n; i++) {
        size_t name = strcspn(settings.text[i], "=");
        fprintf(file, "SetEnv %.*s \"%s\"\n", (int)name, settings.text[i],
                settings.text[i] + name + 1);
    }
    return true;
}

bool stack_share_cgi(const struct stack *stack)
{
    char command[512];
    const char *videos = getenv("E2E_VIDEOS");
    snprintf(command, sizeof(command),
             "cp '%s' %s/program.cgi && cp -r '%s' %s/videos && chmod -R a+rwX %s",
             stack->options.program, stack->folder, videos, stack->folder, stack->folder);
    return !system(command);
}

bool stack_write_cgi(const struct stack *stack, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    if (!strcmp(stack->options.server, "apache")) {
        bool written = write_apache_cgi(stack, file);
        return !fclose(file) && written;
    }
    fprintf(file,
            "server.port = %u\nserver.bind = \"127.0.0.1\"\nserver.document-root = \"%s\"\n"
            "server.errorlog = \"%s/lighttpd.log\"\nserver.max-request-size = 8192\n"
            "server.upload-dirs = ( \"%s\" )\n",
            stack->port, stack->folder, stack->folder, stack->folder);
    struct stack_settings settings;
    stack_settings(stack, &settings);
    fprintf(file,
            "server.modules = ( \"mod_alias\", \"mod_setenv\", \"mod_cgi\" )\n"
            "alias.url = ( \"/\" => \"%s/program.cgi/\" )\n"
            "cgi.assign = ( \".cgi\" => \"\" )\nsetenv.add-environment = (\n",
            stack->folder);
    for (size_t i = 0; i < settings.n; i++) {
        size_t name = strcspn(settings.text[i], "=");
        fprintf(file, " \"%.*s\" => \"%s\"%s\n", (int)name, settings.text[i],
                settings.text[i] + name + 1, i + 1 < settings.n ? "," : "");
    }
    fputs(")\n", file);
    return !fclose(file);
}
