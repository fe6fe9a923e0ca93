/* plan.c: the statements that lead to the declared schema of MariaDB or MySQL, as a list and
 * printed. */
#include "store/mysql/change.h"

#include "store/column.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void print_step(FILE *to, const struct mysql_step *step)
{
    if (step->phase == MYSQL_CREATE)
        fprintf(to, "%s;\n", GW_MYSQL_UNCHECKED);
    if (step->loose)
        fprintf(to, "%s;\n", GW_MYSQL_LOOSE);
    fprintf(to, "%s;\n", step->sql);
    if (step->loose)
        fprintf(to, "%s;\n", GW_MYSQL_STRICT);
    if (step->phase == MYSQL_CREATE)
        fprintf(to, "%s;\n", GW_MYSQL_CHECKED);
}

int gw_mysql_step(struct mysql_comparison *c, const struct mysql_step *step, const char *format,
                  ...)
{
    struct mysql_plan *plan = &c->plan;
    struct mysql_step *steps = realloc(plan->steps, (plan->n + 1) * sizeof(*steps));
    va_list args;
    if (!steps) {
        free(step->unfit);
        return -ENOMEM;
    }
    plan->steps = steps;
    steps[plan->n] = *step;
    steps[plan->n].number = plan->n;
    va_start(args, format);
    int len = vasprintf(&steps[plan->n].sql, format, args);
    va_end(args);
    if (len < 0) {
        free(step->unfit);
        return -ENOMEM;
    }
    if (step->phase != MYSQL_REFERENCE)
        print_step(c->migration->to, &steps[plan->n]);
    plan->n++;
    return 0;
}

int gw_mysql_unbind(struct mysql_comparison *c, const struct mysql_step *step, const char *name)
{
    for (size_t i = 0; i < c->plan.n; i++) {
        const struct mysql_step *other = &c->plan.steps[i];
        if (other->phase == MYSQL_UNBIND && other->declared == step->declared &&
            other->column == step->column)
            return 0;
    }
    return gw_mysql_step(c, step, "ALTER TABLE `%s` DROP FOREIGN KEY `%s`", step->table, name);
}

/* The planned making of a foreign key; NULL: there is none. */
static struct mysql_step *reference_of(const struct mysql_plan *plan, const struct mysql_step *step)
{
    for (size_t i = 0; i < plan->n; i++)
        if (plan->steps[i].phase == MYSQL_REFERENCE && plan->steps[i].declared == step->declared &&
            plan->steps[i].column == step->column)
            return &plan->steps[i];
    return NULL;
}

char *gw_mysql_reference_text(const struct gw_table *table, size_t i, const char *on_update,
                              const char *drop)
{
    const struct gw_column *column = &table->columns[i];
    const struct gw_table *other = column->references;
    char *text;
    int len = asprintf(
        &text, "ALTER TABLE `%s` %s%s%sADD FOREIGN KEY (`%s`) REFERENCES `%s` (`%s`)%s%s%s",
        table->sql_name, *drop ? "DROP FOREIGN KEY `" : "", drop, *drop ? "`, " : "",
        gw_column_sql(column), other->sql_name, gw_column_sql(&other->columns[other->key]),
        *on_update ? " ON UPDATE " : "", on_update,
        column->flags & GW_COL_CASCADE    ? " ON DELETE CASCADE"
        : column->flags & GW_COL_SET_NULL ? " ON DELETE SET NULL"
                                          : "");
    return len < 0 ? NULL : text;
}

/* What was unbound is made again, and not dropped twice. */
static int bind_again(struct mysql_comparison *c)
{
    int r = 0;
    for (size_t i = 0; !r && i < c->plan.n; i++) {
        struct mysql_step step = c->plan.steps[i], *there;
        if (step.phase != MYSQL_UNBIND)
            continue;
        char *text = gw_mysql_reference_text(step.declared, step.column, "", "");
        there = reference_of(&c->plan, &step);
        step.phase = MYSQL_REFERENCE;
        if (text && there) {
            free(there->sql);
            there->sql = text;
            continue;
        }
        r = text ? gw_mysql_step(c, &step, "%s", text) : -ENOMEM;
        free(text);
    }
    return r;
}

/* What they lead to may have to be made first. */
int gw_mysql_print_references(struct mysql_comparison *c)
{
    int r = bind_again(c);
    for (size_t i = 0; !r && i < c->plan.n; i++)
        if (c->plan.steps[i].phase == MYSQL_REFERENCE)
            print_step(c->migration->to, &c->plan.steps[i]);
    return r;
}

void gw_mysql_free_plan(struct mysql_plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        free(plan->steps[i].sql);
        free(plan->steps[i].unfit);
    }
    free(plan->steps);
}
