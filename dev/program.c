/* program.c: the programs that serve.
 *
 * The listening socket is ours and outlives them: the new one begins to accept on it beside the old
 * one, says READY=1 as it would to systemd, and only then the old one gets SIGTERM and finishes
 * what it holds. Connections to the web server are not kept, so none is cut. */
#include "own.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- What it says --------------------------------------------------------------------------- */

static void keep_line(struct dev *dev, const char *line)
{
    char **place = &dev->log[dev->log_n % LOG_LINES];
    free(*place);
    *place = strdup(line);
    dev->log_n++;
}

/* The text of a log line's member "message"; NULL: a request's line. The line is changed. */
static char *message_of(char *line)
{
    static const char name[] = "\"message\":\"";
    char *at = strstr(line, name), *to;
    if (!at)
        return NULL;
    at = to = at + sizeof(name) - 1;
    char *text = at;
    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        *to++ = *at;
    }
    *to = 0;
    return text;
}

static void program_line(struct dev *dev, struct child *child, char *line)
{
    size_t len = strlen(dev->said);
    if (*line != '{') {
        show(dev, line);
        if (child == dev->next.child)
            snprintf(dev->said + len, sizeof(dev->said) - len, "%s\n", line);
        return;
    }
    keep_line(dev, line);
    const char *message = message_of(line);
    if (message && strcmp(message, "slow"))
        show(dev, message);
}

/* ---- Starting ------------------------------------------------------------------------------- */

bool program_settings(struct dev *dev)
{
    static const char *const fixed[] = {"GW_LOG=json:stderr", /* for /-/dev */
                                        /* Of another start, or of another web server. */
                                        "GW_LISTEN", "GW_SENDFILE", "GW_MOUNT", "GATEWAY_INTERFACE",
                                        "LISTEN_PID", "LISTEN_FDS"};
    const char **to = dev->settings;
    char *database, *notify, *origin;
    if (asprintf(&database, "GW_DATABASE_URL=%s", dev->database) < 0 ||
        asprintf(&notify, "NOTIFY_SOCKET=%s/notify", dev->folder) < 0)
        return false;
    if (asprintf(&origin, "GW_ORIGIN=http://127.0.0.1:%s,http://localhost:%s", dev->port,
                 dev->port) < 0)
        return false;
    *to++ = database;
    *to++ = notify;
    if (!getenv("GW_ORIGIN"))
        *to++ = origin;
    memcpy(to, fixed, sizeof(fixed));
    to += sizeof(fixed) / sizeof(fixed[0]);
    if (!getenv("GW_SLOW"))
        *to++ = "GW_SLOW=1ms";
    if (!getenv("GW_SECRET_KEY") && !getenv("GW_SECRET_KEY_FILE") && !getenv("GW_KEYS_DIR"))
        *to++ = "GW_SECRET_KEY_FILE=" PROJECT_FOLDER "/secret";
    *to = NULL;
    return true;
}

static void program_ended(struct dev *dev, struct child *child);

bool program_start(struct dev *dev, const char *path)
{
    const char *const argv[] = {path, NULL};
    program_drop_next(dev);
    dev->restart_at = 0;
    dev->said[0] = 0;
    snprintf(dev->next.path, sizeof(dev->next.path), "%s", path);
    dev->next.since = now_ms();
    dev->next.child = child_start(dev, &(struct start){.argv = argv,
                                                       .settings = dev->settings,
                                                       .in = dev->listener,
                                                       .seconds = CHECK_SECONDS,
                                                       .line = program_line,
                                                       .ended = program_ended});
    return dev->next.child;
}

void program_drop_next(struct dev *dev)
{
    struct child *child = dev->next.child;
    dev->next.child = NULL;
    if (child && !child->gone)
        child_stop(child, 2);
}

void program_take_over(struct dev *dev)
{
    struct program old = dev->current;
    dev->current = dev->next;
    dev->next = (struct program){0};
    dev->current.child->deadline = 0;
    dev->served++;
    if (old.child)
        child_stop(old.child, LEAVE_SECONDS);
    if (*old.path && strcmp(old.path, dev->current.path))
        copy_remove(old.path);
}

static void post(struct dev *dev, enum event event)
{
    dev->event = event;
    dev->posted = true;
}

static void set_error(struct dev *dev, const char *text)
{
    free(dev->error);
    dev->error = strdup(text);
}

static void ready(struct dev *dev)
{
    if (dev->state == STARTING) {
        post(dev, EVENT_DONE);
        return;
    }
    program_take_over(dev);
    say(dev, "started again");
    dev->generation++;
    dev->changed = true;
}

/* sd_notify(3): the kernel says who wrote it. */
void program_notified(struct dev *dev, void *data, short events)
{
    char text[256];
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;
    struct iovec vector = {text, sizeof(text) - 1};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control)};
    ssize_t n = recvmsg(dev->notify, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    struct ucred who;
    if (!header || header->cmsg_type != SCM_CREDENTIALS)
        return;
    memcpy(&who, CMSG_DATA(header), sizeof(who));
    text[n] = 0;
    if (dev->next.child && who.pid == dev->next.child->pid && !strncmp(text, "READY=1", 7))
        ready(dev);
}

/* ---- Ends ----------------------------------------------------------------------------------- */

static void set_crash(struct dev *dev, const char *how)
{
    char text[sizeof(dev->said) + 256];
    snprintf(text, sizeof(text),
             "%sthe program ended by itself %d times: %s. It is not started again until a file is "
             "saved or r is pressed.\n",
             dev->said, CRASHES_MAX + 1, how);
    set_error(dev, text);
    post(dev, EVENT_CRASHED);
}

/* Started again after 0.2, 0.4, ... s, a bounded number of times. */
static void crashed(struct dev *dev, struct child *child)
{
    char how[64];
    bool pending = dev->state != SERVING && dev->state != FAILED && dev->state != BUILDING;
    child_end(child, how, sizeof(how));
    if (now_ms() - dev->current.since > CRASH_FORGOTTEN * SECOND)
        dev->crashes = 0;
    if (dev->crashes++ < CRASHES_MAX) {
        uint64_t wait = SECOND / 10 << dev->crashes;
        say(dev, "the program ended by itself (%s); it is started again in %.1f s", how,
            (double)wait / SECOND);
        dev->restart_at = now_ms() + wait;
    } else if (!pending) {
        set_crash(dev, how);
    }
}

static void program_ended(struct dev *dev, struct child *child)
{
    char how[64], text[sizeof(dev->said) + 128];
    if (dev->ending)
        return;
    if (child == dev->current.child) {
        dev->current.child = NULL;
        crashed(dev, child);
    } else if (child == dev->next.child) {
        dev->next.child = NULL;
        if (dev->state != STARTING) { /* it was started again */
            crashed(dev, child);
            return;
        }
        child_end(child, how, sizeof(how));
        snprintf(text, sizeof(text), "%sthe program did not start: %s\n", dev->said, how);
        set_error(dev, text);
        post(dev, EVENT_FAILED);
    } else if (!child_succeeded(child)) {
        say(dev, "the old program: %s", child_end(child, how, sizeof(how)));
    }
}

void program_timers(struct dev *dev, uint64_t now)
{
    char path[PATH_MAX];
    if (!dev->restart_at || dev->restart_at > now || dev->next.child)
        return;
    dev->restart_at = 0;
    snprintf(path, sizeof(path), "%s", dev->current.path);
    if (!program_start(dev, path))
        say(dev, "the program cannot be started: %s", strerror(errno));
}

bool program_is_expected(const struct dev *dev)
{
    return dev->current.child || dev->next.child || dev->restart_at;
}
