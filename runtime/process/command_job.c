/* command_job.c: `PROGRAM job`: lists the jobs, or runs one.
 *
 * A job has what a handler has but for a caller, and nobody to answer. One that is under way on the
 * same database is not run a second time. The exit status is for a supervisor: 0 it has done its
 * work; 1 it has not; 2 there is no such job; 75 (EX_TEMPFAIL) it is under way; 78 the
 * configuration cannot work. A signal ends it as it ends any process: what was not committed is
 * rolled back by the database. */
#include "process/command.h"

#include "process/alone.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define EX_UNDER_WAY 75

int gw_cmd_jobs(const struct gw_app *app)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    for (size_t i = 0; i < app->n_jobs; i++) {
        const struct gw_job *job = &app->jobs[i];
        size_t unit = 0;
        while (job->every_seconds % units[unit].seconds)
            unit++;
        uint64_t n = job->every_seconds / units[unit].seconds;
        printf("%s every %" PRIu64 " %s%s", job->name, n, units[unit].name, n == 1 ? "" : "s");
        if (job->timeout_ms)
            printf(" timeout %us", job->timeout_ms / 1000);
        printf("\n");
    }
    return 0;
}

const struct gw_job *gw_job_find(const struct gw_app *app, const char *name)
{
    for (size_t i = 0; i < app->n_jobs; i++)
        if (!strcmp(app->jobs[i].name, name))
            return &app->jobs[i];
    return NULL;
}

static int call(struct gw_request *req, void *job)
{
    return ((const struct gw_job *)job)->call(req);
}

int gw_job_run(struct gw_worker *worker, const struct gw_job *job)
{
    return gw_errand_run(worker, &(struct gw_errand){.name = job->name,
                                                     .where = job->where,
                                                     .timeout_ms = job->timeout_ms,
                                                     .run = call,
                                                     .data = (void *)job});
}

static int run_locked(struct gw_server *server, const struct gw_job *job)
{
    struct gw_worker worker;
    int r = gw_worker_open(&worker, server, 0);
    if (r)
        return r;
    r = gw_job_run(&worker, job);
    gw_worker_close(&worker);
    return r;
}

int gw_cmd_job(struct gw_server *server, const char *name)
{
    const struct gw_job *job = gw_job_find(server->app, name);
    struct gw_store_lock lock = {.fd = -1};
    if (!job) {
        fprintf(stderr, "%s is not a job\n", name);
        return 2;
    }
    int r = server->store ? gw_store_lock(server->store, name, &lock) : 0;
    if (r == -EALREADY) {
        fprintf(stderr, "%s is under way on this database: it is not run a second time\n", name);
        return EX_UNDER_WAY;
    }
    if (!r)
        r = run_locked(server, job);
    gw_store_unlock(&lock);
    if (r < 0)
        fprintf(stderr, "%s failed: %s\n", name, strerror(-r));
    else if (r)
        fprintf(stderr, "%s failed: it returned %d\n", name, r);
    return r ? 1 : 0;
}
