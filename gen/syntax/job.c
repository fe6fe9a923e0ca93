/* job.c: `job NAME every 1 day [timeout 10m]`. */
#include "syntax/parse.h"

static bool parse_every(struct parser *parser, struct job *job)
{
    if (!parser_accept_word(parser, "every")) {
        parser_unexpected(parser, "`every` and how often it is run");
        return false;
    }
    job->every.pos = parser->token.pos;
    return parse_duration(parser, &job->every.seconds);
}

static bool parse_timeout(struct parser *parser, struct job *job)
{
    static const struct unit units[] = {{"s", 1000}, {"m", 60000}, {"h", 3600000}};
    uint64_t ms = 0;
    if (!parser_accept_word(parser, "timeout"))
        return true;
    if (!parser_quantity(parser, "a time up to 24h such as `30s`, `10m` or `2h`", units, 3,
                         86400000, &ms))
        return false;
    job->timeout_ms = (uint32_t)ms;
    return true;
}

bool parse_job(struct parser *parser)
{
    struct job *job = arena_alloc(parser->arena, sizeof(*job));
    *job = (struct job){.timeout_ms = 0};
    if (!parser_name(parser, "the name of a job", &job->name))
        return false;
    *vec_add(parser->arena, &parser->tree->jobs) = job;
    return parse_every(parser, job) && parse_timeout(parser, job);
}
