/* stack_cgi.h: the program as CGI behind lighttpd or Apache, which `gatewright conf` does not know.
 */
#ifndef GW_E2E_STACK_CGI_H
#define GW_E2E_STACK_CGI_H

#include "stack.h"

#define SETTINGS_MAX 32

/* The program's environment. */
struct stack_settings {
    char text[SETTINGS_MAX][256];
    const char *list[SETTINGS_MAX + 1];
    size_t n;
};
void stack_settings(const struct stack *stack, struct stack_settings *settings);

/* Writes the server's configuration to `path`. */
bool stack_write_cgi(const struct stack *stack, const char *path);

/* Copies all that the CGI program needs to where Apache's user, www-data, can reach it. */
bool stack_share_cgi(const struct stack *stack);

#endif
