/* help.c: what `--help` says, of the whole and of each command. */
#include "command/command.h"

#include <stdio.h>

const char *const help_all =
    "usage: gatewright COMMAND [FILE] [OPTIONS]     (FILE is routes.def if it is not given)\n"
    "\n"
    "commands:\n"
    "  gen        write routes.h, routes.c, entities.c and matcher.c\n"
    "  check      errors and warnings only; --lock: also fail if something opened\n"
    "  routes     who may call what; --json, --html\n"
    "  explain    which route answers a request, what it demands and loads\n"
    "  lock       write routes.lock: the access of every route\n"
    "  fmt        aligned columns\n"
    "  schema     CREATE TABLE statements; --mysql or --sqlite\n"
    "  openapi    an OpenAPI 3.1 document\n"
    "  conf       the configuration of a web server or of systemd\n"
    "  init       a new project that builds and passes its tests\n"
    "  import     declarations of a database that exists\n"
    "  dev        builds a project, serves it, and does both again whenever a file is saved\n"
    "  tests      requests for every route and the statuses they must get, as JSON\n"
    "\n"
    "options:\n"
    "  -Werror     warnings are errors\n"
    "  --help      this text; behind a command, that command's\n"
    "  --version   the version\n"
    "\n"
    "Exit status: 0; 1 if there are errors; 2 for wrong usage. NO_COLOR turns colours off.\n";

const char *const help_gen =
    "usage: gatewright gen [FILE] -o DIR [OPTIONS] [-Werror]\n"
    "\n"
    "Writes routes.h, routes.c, entities.c and matcher.c into DIR, which is made if it is not\n"
    "there, and routes.re, of which re2c makes matcher.c. Writes nothing if there is an error,\n"
    "touches nothing that did not change.\n"
    "\n"
    "  -o DIR              where to write\n"
    "  --depfile DEPFILE   the files that were read, as make and ninja want them\n"
    "  --re2c PROGRAM      re2c 3.0 or later (default: re2c on PATH)\n"
    "  --parts N           for thousands of routes: the functions of handlers in routes_1.c to\n"
    "                      routes_N.c, so that each is compiled fast and in little memory\n";

const char *const help_check =
    "usage: gatewright check [FILE] [-Werror] [--lock] [--lock-file LOCKFILE]\n"
    "                        [--upgrade-from LOCKFILE [--first schema|program]]\n"
    "\n"
    "Prints errors and warnings.\n"
    "\n"
    "  --lock                 compares with routes.lock beside FILE, and fails if something\n"
    "                         opened: a caller is admitted who was not, a new route is not\n"
    "                         `authorized` or narrower, an `own` or `scope` is gone, a\n"
    "                         `query_token` has come. Run `gatewright lock` to accept it\n"
    "  --lock-file LOCKFILE   another file than routes.lock\n"
    "  --upgrade-from LOCKFILE  whether this program and that of the lock can serve at once: the\n"
    "                         statements of each are prepared on the schema of the other. Prints\n"
    "                         whether the schema or the program is changed first, or fails with\n"
    "                         what is in the way; warns of checks that the old one does not make\n"
    "  --first schema|program  fails unless that may be changed first\n";

const char *const help_routes =
    "usage: gatewright routes [FILE] [--json | --html] [-Werror]\n"
    "\n"
    "Prints method, full path, access, handler and place of every route.\n"
    "\n"
    "  --json   the same as a JSON array of objects\n"
    "  --html   a page for people who review access: each route beside each caller, and what it\n"
    "           demands; it needs no other file\n";

const char *const help_explain =
    "usage: gatewright explain METHOD PATH [FILE] [-Werror]\n"
    "\n"
    "Says which route answers a request and why, what it demands in which order and what it\n"
    "loads; of a path that matches nothing, what was tried and where it failed. No program runs.\n"
    "\n"
    "  gatewright explain GET /api/v1/lessons/7\n";

const char *const help_lock = "usage: gatewright lock [FILE] [--lock-file LOCKFILE] [-Werror]\n"
                              "\n"
                              "Writes routes.lock beside FILE: who may call each route, and the "
                              "tables and statements. Commit\n"
                              "it; `check --lock` and `check --upgrade-from` compare.\n"
                              "\n"
                              "  --lock-file LOCKFILE   another file than routes.lock\n";

const char *const help_fmt =
    "usage: gatewright fmt [FILE] [--check | --stdout]\n"
    "\n"
    "Aligns the columns of FILE and of the files that it includes, in place. Comments are kept.\n"
    "\n"
    "  --check    writes nothing; exit status 1 if a file is not formatted\n"
    "  --stdout   prints FILE formatted instead of writing\n";

const char *const help_schema = "usage: gatewright schema [FILE] --mysql | --sqlite [-Werror]\n"
                                "\n"
                                "Prints CREATE TABLE statements.\n"
                                "\n"
                                "  --mysql    for MySQL and MariaDB\n"
                                "  --sqlite   for SQLite\n";

const char *const help_openapi =
    "usage: gatewright openapi [FILE] [--title TITLE] [--url URL] [-Werror]\n"
    "\n"
    "Prints an OpenAPI 3.1 document as JSON.\n"
    "\n"
    "  --title TITLE   its info.title (default API)\n"
    "  --url URL       the server's URL (default /)\n";

const char *const help_conf =
    "usage: gatewright conf nginx|lighttpd|apache|caddy|haproxy|systemd [FILE] [OPTIONS] "
    "[-Werror]\n"
    "\n"
    "Prints a complete configuration for the program behind that server. The size of a body is\n"
    "bounded by the largest `limit` of the routes.\n"
    "\n"
    "  --socket PATH    the program's FastCGI socket (default /run/gatewright/app.sock), or\n"
    "                   tcp:ADDRESS:PORT; several times, where it runs on several machines\n"
    "                   (nginx, haproxy)\n"
    "  --guard DIR      the site is the static files of DIR, and the program says by its routes "
    "who\n"
    "                   may see which (nginx, lighttpd, apache with tcp:)\n"
    "  --port PORT      where the server listens (default 8080)\n"
    "  --address ADDR   the address it listens on (default 127.0.0.1)\n"
    "  --mount PATH     the API lies below this path (default: everything is the program's);\n"
    "                   the program needs the same GW_MOUNT\n"
    "  --program PATH   the program (systemd; default /usr/local/bin/app)\n"
    "  --state DIR      logs, pid and temporary files of the server (default /var/lib/gatewright)\n"
    "  --files DIR      files that the program hands over to the server with GW_SENDFILE\n"
    "                   (default: none; see the configuration's first lines)\n"
    "  --user NAME      the user that the server's workers or the unit run as (default www-data)\n"
    "  --group NAME     the group that the web server's workers are in, and that may connect to "
    "the\n"
    "                   socket of the unit (systemd; default www-data)\n"
    "  --transport T    the program's GW_TRANSPORT: native (the default) or libfcgi, which keeps "
    "no\n"
    "                   connections\n";

const char *const help_tests =
    "usage: gatewright tests [FILE] [-Werror]\n"
    "\n"
    "Prints requests for every route as JSON: without a token, with a bad one, an expired one and\n"
    "another entity's, with a wrong method, a wrong body and a good one, and the statuses that "
    "the\n"
    "program may answer.\n";

const char *const help_init =
    "usage: gatewright init NAME [--meson | --make | --cmake]\n"
    "\n"
    "Makes the folder NAME with a project: routes.def, its lock file, handlers, a test, a build "
    "file,\n"
    "a README; builds it and runs its tests. The folder may be there if it is empty.\n"
    "\n"
    "  --meson   builds with meson (the default)\n"
    "  --make    builds with make\n"
    "  --cmake   builds with cmake\n";

const char *const help_import =
    "usage: gatewright import URL [TABLE...] [--entity TABLE]\n"
    "\n"
    "Reads the schema of a database that exists and prints a declaration of each of its tables, "
    "or\n"
    "of those that are named: `table NAME existing { ... }`. What cannot be declared is listed in "
    "a\n"
    "comment with the reason. Nothing is changed in the database, and no rows are read.\n"
    "\n"
    "URL is that of GW_DATABASE_URL: sqlite:FILE, mysql://USER@HOST/DATABASE, or - for the URL\n"
    "in GW_DATABASE_URL, which is the place for one with a password.\n"
    "\n"
    "  --entity TABLE   rows of TABLE are accounts: an entity. May be given again\n";

const char *const help_dev =
    "usage: gatewright dev [FILE] [--port PORT] [--build COMMAND] [--program PATH] [--asan]\n"
    "\n"
    "Builds the project of this folder by meson, make or cmake, serves it behind the web server\n"
    "that is there (nginx, lighttpd, caddy or apache2), and builds it anew whenever a file is\n"
    "saved. The old program serves until the new one has passed its --check; no request is lost.\n"
    "Errors are shown here and in the browser. http://127.0.0.1:PORT/-/dev has routes, the last\n"
    "requests, tokens and `explain`. Its database is a throwaway one in .gatewright/, unless\n"
    "GW_DATABASE_URL names one, which is never altered.\n"
    "\n"
    "  --port PORT       where the web server listens (default: the first free one from 8080 on)\n"
    "  --build COMMAND   builds the program, by the shell (default: by the build file)\n"
    "  --program PATH    what the build makes (default: the program that is found in build/)\n"
    "  --asan            with AddressSanitizer and UndefinedBehaviorSanitizer\n"
    "\n"
    "Keys: r restart, t tests, l lock, a AddressSanitizer on and off, q quit.\n";

int usage_error(const char *message, const char *what)
{
    fprintf(stderr, "gatewright: %s%s\nTry `gatewright --help`.\n", message, what);
    return EXIT_USAGE;
}
