/* own.h: what the parts of `gatewright dev` share.
 *
 * Two processes. The outer one, the guard, starts nothing but the inner one and waits for it: when
 * that is gone, however it went, the guard ends whatever it had begun and removes its folder. The
 * inner one has one thread and one loop: it waits for whatever happens (loop.c), and every callback
 * returns at once. What is done when, and what becomes of it, says the table in machine.c. */
#ifndef GW_DEV_OWN_H
#define GW_DEV_OWN_H

#include "dev.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>
#include <time.h>

#define SECOND ((uint64_t)1000) /* times are milliseconds of CLOCK_MONOTONIC */

#define CHECK_SECONDS   10 /* that a program may take for --check, and to start */
#define LEAVE_SECONDS   45 /* that an old one may take to end: GW_STOP_TIMEOUT is 35 s */
#define ANSWER_SECONDS  20 /* that /-/dev/events waits for something to tell */
#define CRASHES_MAX     5  /* restarts in a row of a program that ends by itself */
#define CRASH_FORGOTTEN 10 /* seconds of life after which earlier ends do not count */
#define TEXT_MAX        ((size_t)256 * 1024) /* bytes kept of what a child says */
#define LINE_MAX_BYTES  ((size_t)8192)
#define LOG_LINES       300 /* of the program's log, for /-/dev */
#define CONNECTIONS_MAX 128
#define PROJECT_FOLDER  ".gatewright"
#define ASAN_MARK       PROJECT_FOLDER "/asan" /* is there: objects of make are so built */

struct dev;
struct connection;
struct request;
struct turn;

uint64_t now_ms(void); /* clock.c */

/* ---- Children (child.c) --------------------------------------------------------------------- */

/* A process that was started. It dies with us; what it begins lies in its process group, or is
 * found among our descendants. */
struct child {
    struct child *next;
    pid_t pid;
    int out;           /* what it says on stdout and stderr; -1: not read */
    char *text;        /* kept, NUL-terminated; NULL: nothing yet */
    size_t len;        /* at most TEXT_MAX: of more, the beginning is kept */
    bool gone;         /* freed when the loop comes round */
    bool timed_out;    /* it was killed because its deadline had come */
    bool stopping;     /* it was told to end */
    bool whole;        /* its process group too: nothing of that outlives it */
    int status;        /* as waitpid gives it, once `ended` is called */
    uint64_t deadline; /* when it is killed, and all that it began; 0: never */
    /* Called with each line, without its newline; NULL: they are kept in `text`. */
    void (*line)(struct dev *dev, struct child *child, char *line);
    void (*ended)(struct dev *dev, struct child *child); /* the last call */
    void *data;                                          /* the callbacks' */
};

struct start {
    const char *const *argv;
    int (*run)(struct dev *dev); /* instead of argv: in the child, which exits with its result */
    const char *const *settings; /* NULL, or "NAME=value" and "NAME" (unset), ended by NULL */
    int in;                      /* its stdin; 0: /dev/null */
    unsigned seconds;            /* until its deadline; 0: none */
    void (*line)(struct dev *dev, struct child *child, char *line);
    void (*ended)(struct dev *dev, struct child *child);
    void *data;
};

/* NULL, with errno, where there is no memory or no process. */
struct child *child_start(struct dev *dev, const struct start *start);
void child_read(struct dev *dev, struct child *child);  /* its `out` is readable */
void child_stop(struct child *child, unsigned seconds); /* SIGTERM; SIGKILL after that time */
/* The same to all of its process group, of which nothing is left when `ended` is called. */
void child_stop_group(struct child *child, unsigned seconds);
void children_reap(struct dev *dev); /* SIGCHLD came */
void children_deadlines(struct dev *dev, uint64_t now);
void children_free_gone(struct dev *dev);

/* How it ended, for people: "exit status 1", "signal 11 (Segmentation fault)". */
const char *child_end(const struct child *child, char *buffer, size_t size);
bool child_succeeded(const struct child *child);

/* Kills all descendants of a process, and waits for those that are ours. */
void descendants_kill(pid_t root);

/* ---- The program (program.c) ---------------------------------------------------------------- */

/* One copy of the built program that runs, or ran and is to be started again. */
struct program {
    struct child *child; /* NULL: it does not run */
    char path[PATH_MAX]; /* "": none */
    uint64_t since;
};

/* ---- Questions ------------------------------------------------------------------------------ */

enum state {
    SERVING, /* what was built last serves */
    BUILDING,
    COMPARING,     /* --schema-diff */
    ASKING_SCHEMA, /* "apply?" */
    APPLYING,
    CHECKING,    /* --check */
    STARTING,    /* until it says READY=1 */
    ASKING_STUB, /* "write it?" */
    FAILED,
    N_STATES,
};

enum event {
    EVENT_BUILD, /* a file was saved, or a key pressed */
    EVENT_DONE,  /* what the state waits for has succeeded */
    EVENT_FAILED,
    EVENT_COPIED,
    EVENT_SAME,    /* what was built is what serves */
    EVENT_DIFFERS, /* the schema */
    EVENT_MISSING, /* a handler */
    EVENT_CRASHED, /* what served has ended once too often */
    EVENT_YES,
    EVENT_NO,
    N_EVENTS,
};

/* ---- All of it ------------------------------------------------------------------------------ */

struct dev {
    const struct dev_options *options;
    char self[PATH_MAX];   /* the gatewright that runs */
    char folder[PATH_MAX]; /* temporary: sockets, copies, the web server's files */
    int signals, notify, watch, listener, page_listener;
    bool ending, ended;
    struct turn *turn; /* the loop's */
    /* Set by whoever has seen it, done by the loop when it comes round. */
    bool end_asked, saved, changed; /* changed: browsers are told */
    bool posted;                    /* the event below */
    enum event event;               /* the last one counts */
    uint64_t end_at;
    int status; /* of the process */

    /* machine.c */
    enum state state;
    struct child *job;   /* what the state waits for; NULL: nothing */
    struct child *task;  /* tests or lock, on the side */
    bool again;          /* begin anew when the job has ended */
    bool forced;         /* start it though nothing changed */
    uint64_t build_at;   /* when the building begins; 0: not asked for */
    uint64_t build_last; /* but no later than this */
    uint64_t begun;
    struct timespec build_from, build_to; /* of the last build, by the clock of files */
    char *error;         /* what is shown while it is FAILED or asks; NULL: nothing */
    uint64_t generation; /* counts what /-/dev/events tells of */
    uint64_t served;     /* counts programs that began to serve */

    /* build.c */
    bool asan, asan_was;  /* asked for; what the objects were made with */
    char built[PATH_MAX]; /* the program that the build makes; "": not known yet */
    char copy[PATH_MAX];  /* of it, in the folder: the one that is checked and started */
    unsigned copies;

    /* program.c */
    struct program current, next;
    unsigned crashes;
    uint64_t restart_at;
    char *log[LOG_LINES];     /* a ring of JSON lines */
    size_t log_n;             /* lines ever */
    char said[4096];          /* what the program that starts said besides its log */
    const char *settings[16]; /* what programs are run with */

    /* schema.c */
    char *database; /* GW_DATABASE_URL */
    bool own_database;
    char *difference; /* SQL that is asked about; NULL: none */

    /* stub.c */
    char *missing; /* what the build said, with a line for each handler that is not written */
    char *stub;    /* C that is asked about */
    char stub_file[PATH_MAX];

    /* webserver.c */
    struct child *server;
    const char *server_name;
    char port[8];
    bool server_up, server_was_up;
    unsigned server_crashes;
    uint64_t server_at;

    /* terminal.c */
    bool keys, colours, was_raw;
    struct termios before;

    struct child *children;
    /* page.c's: answers a request, and one that waits for what changed */
    void (*request)(struct dev *dev, const struct request *request);
    void (*tell)(struct dev *dev, struct connection *connection);
    struct connection *connections;
    unsigned n_connections;
};

/* ---- loop.c --------------------------------------------------------------------------------- */

void loop_run(struct dev *dev);

/* ---- machine.c ------------------------------------------------------------------------------ */

void machine_event(struct dev *dev, enum event event);
void machine_ask_build(struct dev *dev, bool forced); /* soon: more files may be saved */
void machine_timers(struct dev *dev, uint64_t now);
const char *machine_state_name(const struct dev *dev);
bool machine_asks(const struct dev *dev);
void machine_take_posted(struct dev *dev);
void machine_show_difference(struct dev *dev); /* the SQL, and what is asked once more */
void keys_ready(struct dev *dev, void *data, short events); /* keys.c */

/* Files of the project that are generated or kept by others: not ours to look at. */
bool watch_ignores(const char *name, bool folder);
int watch_open(struct dev *dev); /* 0 or a negative errno */
void watch_ready(struct dev *dev, void *data, short events);

/* Files saved while the last build ran get the present time: make compares times, and what it had
 * compiled from the older text would be newer than the file for ever. */
void watch_touch(const struct dev *dev);

/* ---- build.c, stub.c, schema.c -------------------------------------------------------------- */

const char *build_folder(const struct dev *dev);
const char *build_command(const struct dev *dev); /* NULL: there is no build file */
void build_mark(const struct dev *dev);           /* before a build: what its objects will be */
const char *build_tests(const struct dev *dev);   /* NULL: not known */
void build_filter(char *text);                    /* what builders say of themselves is left out */
bool build_find_program(struct dev *dev);         /* fills `built`; false after a message */
int build_copy_program(struct dev *dev);          /* to `copy`; 0 or a negative errno */
bool files_equal(const char *a, const char *b);

bool stub_find(struct dev *dev, const char *output); /* whether handlers are missing */
bool stub_write(struct dev *dev);

bool schema_open(struct dev *dev); /* chooses the database; false after a message */
bool schema_is_new(const struct dev *dev);
char *schema_summary(const char *difference); /* a line for each difference; to be freed */
int schema_apply(struct dev *dev);            /* in a child of its own: its exit status */

/* ---- program.c ------------------------------------------------------------------------------ */

bool program_settings(struct dev *dev); /* makes `settings`; false: out of memory */
/* Starts `path` as `next`, on the socket that others serve meanwhile. False with errno. */
bool program_start(struct dev *dev, const char *path);
void program_take_over(struct dev *dev); /* `next` serves: it becomes `current`, which ends */
void program_notified(struct dev *dev, void *data, short events);
void program_drop_next(struct dev *dev);
void program_timers(struct dev *dev, uint64_t now);
bool program_is_expected(const struct dev *dev); /* one serves, or will in a moment */

/* ---- webserver.c, folder.c, terminal.c ------------------------------------------------------ */

bool webserver_choose(struct dev *dev); /* and the port; false after a message */
bool webserver_start(struct dev *dev);
void webserver_timers(struct dev *dev, uint64_t now);

/* The temporary folder has a name before there is a guard, and is made when there is one. False
 * after a message. */
bool folder_choose(struct dev *dev);
bool folder_make(const struct dev *dev);
bool project_open(struct dev *dev); /* .gatewright, its lock and its secret; the same */
void folder_remove(const char *path);
void copy_remove(const char *path); /* of the program, and the folder that it has to itself */
char *file_read(const char *path, size_t max, size_t *ret_len); /* to be freed; NULL with errno */
int unix_listener(const char *path);                            /* or a negative errno */

void terminal_open(struct dev *dev);
void terminal_raw(struct dev *dev);
void terminal_restore(const struct dev *dev);
void say(struct dev *dev, const char *format, ...) __attribute__((format(printf, 2, 3)));
void show(struct dev *dev, const char *text); /* as it is, with coloured errors */

/* ---- connection.c, page.c ------------------------------------------------------------------- */

/* A request for /-/dev, or for the program while there is none. */
struct request {
    struct connection *connection;
    bool to_program; /* it came to the program's socket */
    const char *method, *path, *host, *origin, *site, *address, *last, *accept; /* "" if absent */
    char *body;                                                                 /* NUL-terminated */
};

void connection_accept(struct dev *dev, void *data, short events);
void connections_poll(struct dev *dev,
                      void (*add)(struct dev *dev, int fd, short events,
                                  void (*ready)(struct dev *dev, void *data, short events),
                                  void *data));
void connections_timers(struct dev *dev, uint64_t now);
void connections_free_gone(struct dev *dev);
void connections_tell(struct dev *dev); /* something changed: those that wait are answered */

/* The whole answer; then the connection ends. `headers` are whole lines or "". */
void connection_answer(struct connection *connection, int status, const char *type,
                       const char *headers, const char *body, size_t len);
/* The answer comes when something changes, or after ANSWER_SECONDS. */
void connection_wait(struct connection *connection);
/* The answer is what a child says, as `type`; or 502 with it where the child fails. */
void connection_answer_by(struct dev *dev, struct connection *connection, const struct start *start,
                          const char *type);

void page_open(struct dev *dev);

extern const char page_html[], page_css[], page_js[], page_live[], page_waiting[];

#endif
