/* machine.c: what is done when: from a saved file to a program that serves.
 *
 * `transitions` is all of it. A job (a build, a check) is a child; when it ends, the event says
 * how. Whatever happens here, the program that served before goes on until the new one has said
 * that it is ready. */
#include "own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define QUIET   (SECOND / 8) /* without another file, and building begins */
#define PATIENT SECOND       /* but it begins after that time whatever comes */

static void changed(struct dev *dev)
{
    dev->generation++;
    dev->changed = true;
}

static void set_error(struct dev *dev, const char *text)
{
    free(dev->error);
    dev->error = text ? strdup(text) : NULL;
}

static void told(struct dev *dev, const char *text)
{
    set_error(dev, text);
    show(dev, text);
}

static void fail_with(struct dev *dev, const char *text)
{
    told(dev, text);
    dev->state = FAILED;
    if (dev->current.child)
        say(dev, "not taken over: what was there before goes on serving");
    else
        say(dev, "nothing serves: save a file when it is mended, or press r");
    changed(dev);
}

/* ---- Jobs ----------------------------------------------------------------------------------- */

static void begin_build(struct dev *dev);

/* True: the job was called off, and its end begins something else. */
static bool called_off(struct dev *dev)
{
    dev->job = NULL;
    if (!dev->again)
        return false;
    dev->again = false;
    dev->state = BUILDING;
    begin_build(dev);
    return true;
}

static void report(struct dev *dev, struct child *child, const char *what)
{
    char buffer[64], *text = NULL;
    if (asprintf(&text, "%s%s%s: %s\n", child->text ? child->text : "",
                 child->text && child->len && child->text[child->len - 1] != '\n' ? "\n" : "", what,
                 child_end(child, buffer, sizeof(buffer))) < 0)
        text = NULL;
    set_error(dev, text ? text : what);
    free(text);
}

static void job_ended(struct dev *dev, struct child *child)
{
    const char *what = child->data;
    if (called_off(dev))
        return;
    if (child_succeeded(child)) {
        machine_event(dev, EVENT_DONE);
        return;
    }
    report(dev, child, what);
    machine_event(dev, EVENT_FAILED);
}

static void start_job(struct dev *dev, struct start start, const char *what)
{
    start.data = (void *)what;
    dev->job = child_start(dev, &start);
    if (dev->job)
        return;
    set_error(dev, strerror(errno));
    machine_event(dev, EVENT_FAILED);
}

/* ---- Building ------------------------------------------------------------------------------- */

static void build_ended(struct dev *dev, struct child *child)
{
    clock_gettime(CLOCK_REALTIME_COARSE, &dev->build_to);
    if (called_off(dev))
        return;
    if (child->text)
        build_filter(child->text);
    if (child_succeeded(child)) {
        if (child->text && strstr(child->text, "warning:"))
            show(dev, child->text);
        machine_event(dev, EVENT_DONE);
        return;
    }
    bool missing = child->text && stub_find(dev, child->text);
    set_error(dev, child->text && *child->text ? child->text : "the build failed and said nothing");
    machine_event(dev, missing ? EVENT_MISSING : EVENT_FAILED);
}

static void begin_build(struct dev *dev)
{
    static const char *const settings[] = {"LC_ALL=C.UTF-8", "NINJA_STATUS=[%f/%t] ", NULL};
    const char *command = build_command(dev);
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    watch_touch(dev);
    build_mark(dev);
    clock_gettime(CLOCK_REALTIME_COARSE, &dev->build_from);
    dev->begun = now_ms();
    set_error(dev, NULL);
    changed(dev);
    start_job(dev, (struct start){.argv = argv, .settings = settings, .ended = build_ended},
              "the build");
}

static void build_anew(struct dev *dev)
{
    program_drop_next(dev);
    if (!dev->job) {
        begin_build(dev);
        return;
    }
    dev->again = true;
    child_stop_group(dev->job, 2);
}

static void after_build(struct dev *dev)
{
    dev->asan_was = dev->asan;
    build_mark(dev);
    if (!build_find_program(dev)) {
        machine_event(dev, EVENT_FAILED);
        return;
    }
    if (!dev->forced && dev->current.child && files_equal(dev->built, dev->current.path)) {
        machine_event(dev, EVENT_SAME);
        return;
    }
    int r = build_copy_program(dev);
    if (r) {
        char text[2 * PATH_MAX + 128];
        snprintf(text, sizeof(text), "%s cannot be copied to %s: %s\n", dev->built, dev->folder,
                 strerror(-r));
        set_error(dev, text);
        machine_event(dev, EVENT_FAILED);
        return;
    }
    machine_event(dev, EVENT_COPIED);
}

static void nothing_new(struct dev *dev)
{
    say(dev, "built in %.1f s: nothing changed", (double)(now_ms() - dev->begun) / SECOND);
    changed(dev);
}

/* ---- The schema ----------------------------------------------------------------------------- */

static void compared(struct dev *dev, struct child *child)
{
    if (called_off(dev))
        return;
    bool differs = WIFEXITED(child->status) && WEXITSTATUS(child->status) == 1 && child->len;
    if (differs && !child->timed_out) {
        dev->difference = strdup(child->text);
        machine_event(dev, EVENT_DIFFERS);
    } else if (child_succeeded(child)) {
        machine_event(dev, EVENT_DONE);
    } else {
        report(dev, child, "--schema-diff");
        machine_event(dev, EVENT_FAILED);
    }
}

static void compare_schema(struct dev *dev)
{
    free(dev->difference);
    dev->difference = NULL;
    const char *const argv[] = {dev->copy, "--schema-diff", NULL};
    start_job(
        dev,
        (struct start){
            .argv = argv, .settings = dev->settings, .seconds = CHECK_SECONDS, .ended = compared},
        "--schema-diff");
}

static void ask_apply(struct dev *dev)
{
    say(dev, "the schema of the throwaway database differs: apply this? [y/N] (s shows the SQL)");
}

void machine_show_difference(struct dev *dev)
{
    if (!dev->difference)
        return;
    show(dev, dev->difference);
    if (dev->state == ASKING_SCHEMA)
        ask_apply(dev);
}

/* What differs; without keys, and where it cannot be said so shortly, the statements. */
static void tell_difference(struct dev *dev)
{
    char *summary = dev->keys ? schema_summary(dev->difference) : NULL;
    told(dev, summary ? summary : dev->difference);
    free(summary);
}

/* Why it is not asked about; NULL: it is. */
static const char *why_not(const struct dev *dev)
{
    if (!dev->own_database)
        return "The database of GW_DATABASE_URL has another schema than the new program (what "
               "leads there: PROGRAM --schema-diff). It is yours: change it, and press r.\n";
    if (strstr(dev->difference, "-- refused:"))
        return "What is marked `refused` does not fit the rows of " PROJECT_FOLDER
               "/dev.db. Change routes.def or the rows, or remove the file, and press r.\n";
    return dev->keys ? NULL
                     : "The schema differs, and there is no terminal to ask on: nothing was "
                       "changed.\n";
}

/* Asked about is the throwaway database only, and only what fits the rows that are there. */
static void ask_schema(struct dev *dev)
{
    if (!dev->difference) {
        fail_with(dev, "out of memory\n");
        return;
    }
    if (schema_is_new(dev)) {
        machine_event(dev, EVENT_YES);
        return;
    }
    tell_difference(dev);
    const char *why = why_not(dev);
    if (!why) {
        ask_apply(dev);
    } else {
        fail_with(dev, why);
        if (dev->keys)
            say(dev, "s shows the SQL");
    }
    changed(dev);
}

static void refuse_schema(struct dev *dev)
{
    fail_with(dev, "The schema differs, and was left as it is: the new program does not fit it.\n");
}

static void apply_schema(struct dev *dev)
{
    changed(dev);
    start_job(dev, (struct start){.run = schema_apply, .seconds = 60, .ended = job_ended},
              "the change of the schema");
}

/* ---- From the check to serving -------------------------------------------------------------- */

static void check_program(struct dev *dev)
{
    const char *const argv[] = {dev->copy, "--check", NULL};
    start_job(
        dev,
        (struct start){
            .argv = argv, .settings = dev->settings, .seconds = CHECK_SECONDS, .ended = job_ended},
        "--check");
}

static void start_program(struct dev *dev)
{
    if (program_start(dev, dev->copy))
        return;
    set_error(dev, strerror(errno));
    machine_event(dev, EVENT_FAILED);
}

static void serve(struct dev *dev)
{
    program_take_over(dev);
    dev->forced = false;
    dev->crashes = 0;
    say(dev, "serving; built and started in %.1f s", (double)(now_ms() - dev->begun) / SECOND);
    set_error(dev, NULL);
    changed(dev);
}

static void fail(struct dev *dev)
{
    char *text = dev->error;
    dev->error = NULL;
    fail_with(dev, text ? text : "out of memory\n");
    free(text);
}

/* ---- Missing handlers ----------------------------------------------------------------------- */

static void refuse_stub(struct dev *dev)
{
    fail_with(dev, dev->missing);
}

static void ask_stub(struct dev *dev)
{
    char *text = NULL;
    if (!dev->keys) {
        refuse_stub(dev);
        return;
    }
    if (asprintf(&text, "%s\nThis can be written into %s:\n%s", dev->missing, dev->stub_file,
                 dev->stub) < 0) {
        refuse_stub(dev); /* nothing is written that was not shown */
        return;
    }
    told(dev, text);
    free(text);
    say(dev, "a handler is missing: write this into %s? [y/N]", dev->stub_file);
    changed(dev);
}

static void write_stub(struct dev *dev)
{
    if (stub_write(dev)) {
        say(dev, "written into %s", dev->stub_file);
        machine_ask_build(dev, false);
        return;
    }
    set_error(dev, "The stub could not be written.\n");
    fail(dev);
}

/* ---- The table ------------------------------------------------------------------------------ */

static const struct transition {
    enum state from;
    enum event event;
    enum state to;
    void (*act)(struct dev *dev);
} transitions[] = {
    {BUILDING, EVENT_DONE, BUILDING, after_build},
    {BUILDING, EVENT_COPIED, COMPARING, compare_schema},
    {BUILDING, EVENT_SAME, SERVING, nothing_new},
    {BUILDING, EVENT_MISSING, ASKING_STUB, ask_stub},
    {BUILDING, EVENT_FAILED, FAILED, fail},
    {ASKING_STUB, EVENT_YES, ASKING_STUB, write_stub},
    {ASKING_STUB, EVENT_NO, FAILED, refuse_stub},
    {COMPARING, EVENT_DONE, CHECKING, check_program},
    {COMPARING, EVENT_DIFFERS, ASKING_SCHEMA, ask_schema},
    {COMPARING, EVENT_FAILED, FAILED, fail},
    {ASKING_SCHEMA, EVENT_YES, APPLYING, apply_schema},
    {ASKING_SCHEMA, EVENT_NO, FAILED, refuse_schema},
    {APPLYING, EVENT_DONE, CHECKING, check_program},
    {APPLYING, EVENT_FAILED, FAILED, fail},
    {CHECKING, EVENT_DONE, STARTING, start_program},
    {CHECKING, EVENT_FAILED, FAILED, fail},
    {STARTING, EVENT_DONE, SERVING, serve},
    {STARTING, EVENT_FAILED, FAILED, fail},
    {SERVING, EVENT_CRASHED, FAILED, fail},
    {FAILED, EVENT_CRASHED, FAILED, fail},
};

void machine_event(struct dev *dev, enum event event)
{
    if (dev->ending)
        return;
    if (event == EVENT_BUILD) { /* in every state */
        dev->state = BUILDING;
        build_anew(dev);
        return;
    }
    for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++) {
        const struct transition *t = &transitions[i];
        if (t->from == dev->state && t->event == event) {
            dev->state = t->to;
            t->act(dev);
            return;
        }
    }
}

void machine_take_posted(struct dev *dev)
{
    if (dev->posted) {
        dev->posted = false;
        machine_event(dev, dev->event);
    }
}

bool machine_asks(const struct dev *dev)
{
    return dev->state == ASKING_SCHEMA || dev->state == ASKING_STUB;
}

const char *machine_state_name(const struct dev *dev)
{
    static const char *const names[N_STATES] = {
        [SERVING] = "serving",
        [BUILDING] = "building",
        [COMPARING] = "checking",
        [CHECKING] = "checking",
        [APPLYING] = "changing the schema",
        [STARTING] = "starting",
        [ASKING_SCHEMA] = "asking",
        [ASKING_STUB] = "asking",
        [FAILED] = "failed",
    };
    return names[dev->state];
}

void machine_ask_build(struct dev *dev, bool forced)
{
    uint64_t now = now_ms();
    if (!dev->build_at)
        dev->build_last = now + PATIENT;
    dev->build_at = now + QUIET;
    if (dev->build_at > dev->build_last)
        dev->build_at = dev->build_last;
    dev->forced = dev->forced || forced;
    if (forced)
        dev->crashes = dev->server_crashes = 0;
}

void machine_timers(struct dev *dev, uint64_t now)
{
    if (!dev->build_at || dev->build_at > now)
        return;
    dev->build_at = 0;
    machine_event(dev, EVENT_BUILD);
}
