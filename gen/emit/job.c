/* job.c: prototypes and the table of jobs. */
#include "emit/emit.h"

void emit_job_prototypes(const struct tree *tree, struct text *to)
{
    for (size_t i = 0; i < tree->jobs.n; i++) {
        const struct name *name = &tree->jobs.items[i]->name;
        text_printf(to, "/* A job, which has no caller and answers nobody. */\n#line %u ",
                    pos_line(name->pos));
        text_c_string(to, name->pos.source->label);
        text_printf(to, "\nint %s(struct gw_request *req) __asm__(\"gwh_%s\");\n", name->text,
                    name->text);
    }
    if (tree->jobs.n)
        text_line_back(to, "routes.h");
}

void emit_jobs(const struct tree *tree, struct text *to)
{
    for (size_t i = 0; i < tree->jobs.n; i++) {
        const struct job *job = tree->jobs.items[i];
        text_printf(to, "%s    {.name = \"%s\",\n     .where = ",
                    i ? "" : "static const struct gw_job gwt_jobs[] = {\n", job->name.text);
        text_c_string(to, pos_where(to->arena, job->name.pos));
        text_printf(to, ",\n     .every_seconds = %llu,\n", (unsigned long long)job->every.seconds);
        if (job->timeout_ms)
            text_printf(to, "     .timeout_ms = %u,\n", job->timeout_ms);
        text_printf(to, "     .call = %s},\n", job->name.text);
    }
    if (tree->jobs.n)
        text_printf(to, "};\n\n");
}
