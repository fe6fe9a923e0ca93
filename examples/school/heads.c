/* heads.c: head teachers see all accounts, and switch them off and on. Whoever holds a token of an
 * account that is off is refused from the next request on: `disabled` says `blocks`. */
#include "school.h"

int list_users(struct gw_request *req, const struct teachers_row *me, const struct page_body *query)
{
    unsigned limit = school_page_size(query->limit);
    const struct users_row *rows;
    size_t n;
    (void)me;
    int r = users_list(req, query->after.value, limit + 1, &rows, &n);
    if (r)
        return r;
    size_t shown = n > limit ? limit : n;
    struct gw_writer *w = school_begin_page(req);
    for (size_t i = 0; i < shown; i++)
        users_write_json(w, &rows[i]);
    return school_end_page(req, w, n > limit ? rows[shown - 1].id : 0);
}

int list_teachers(struct gw_request *req, const struct teachers_row *me,
                  const struct page_body *query)
{
    unsigned limit = school_page_size(query->limit);
    const struct teachers_row *rows;
    size_t n;
    (void)me;
    int r = teachers_list(req, query->after.value, limit + 1, &rows, &n);
    if (r)
        return r;
    size_t shown = n > limit ? limit : n;
    struct gw_writer *w = school_begin_page(req);
    for (size_t i = 0; i < shown; i++)
        teachers_write_json(w, &rows[i]);
    return school_end_page(req, w, n > limit ? rows[shown - 1].teacher_id : 0);
}

int switch_user(struct gw_request *req, const struct teachers_row *me, int64_t id,
                const struct account_switch_body *body)
{
    struct users_row changed = {.id = id, .disabled = body->disabled};
    struct users_secrets none = {0};
    const struct users_row *user;
    (void)me;
    int r = users_update(req, &changed, &none, USERS__DISABLED);
    if (!r)
        r = users_find(req, id, &user);
    return r ? r : gw_json(req, 200, users_json(user));
}

int switch_teacher(struct gw_request *req, const struct teachers_row *me, int64_t id,
                   const struct account_switch_body *body)
{
    struct teachers_row changed = {.teacher_id = id, .disabled = body->disabled};
    struct teachers_secrets none = {0};
    const struct teachers_row *teacher;
    /* So somebody is left who can switch it on again. */
    if (id == me->teacher_id && body->disabled)
        return gw_problem(req, 409, "/disabled", "your own account cannot be switched off by you");
    int r = teachers_update(req, &changed, &none, TEACHERS__DISABLED);
    if (!r)
        r = teachers_find(req, id, &teacher);
    return r ? r : gw_json(req, 200, teachers_json(teacher));
}
