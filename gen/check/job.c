/* job.c: how often jobs are run. Their names are handlers' names: see names.c. */
#include "check/check.h"

#define SHORTEST 60 /* seconds: what is due more often belongs into a program that stays */

void check_jobs(struct tree *tree)
{
    for (size_t i = 0; i < tree->jobs.n; i++) {
        const struct job *job = tree->jobs.items[i];
        if (job->every.seconds && job->every.seconds < SHORTEST)
            diag_error(tree->diags, job->every.pos, "a job is run every minute at most");
    }
}
