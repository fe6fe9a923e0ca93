/* lessons.c: what teachers write and everybody signed in may read. */
#include "school.h"

/* An empty text, which a form sends of a field that nobody filled in, looks for nothing. */
static int find_lessons(struct gw_request *req, const struct search_body *query, unsigned limit,
                        const struct lessons_row **ret, size_t *ret_n)
{
    int64_t after = query->after.value;
    if (query->q && *query->q)
        return search_lessons(req, query->q, query->level, after, limit, ret, ret_n);
    if (query->level)
        return lessons_of_level(req, query->level, after, limit, ret, ret_n);
    return lessons_list(req, after, limit, ret, ret_n);
}

int list_lessons(struct gw_request *req, const struct search_body *query)
{
    unsigned limit = school_page_size(query->limit);
    const struct lessons_row *rows;
    size_t n;
    int r = find_lessons(req, query, limit + 1, &rows, &n);
    if (r)
        return r;
    size_t shown = n > limit ? limit : n;
    struct gw_writer *w = school_begin_page(req);
    for (size_t i = 0; i < shown; i++)
        lessons_write_json(w, &rows[i]);
    return school_end_page(req, w, n > limit ? rows[shown - 1].id : 0);
}

int show_lesson(struct gw_request *req, int64_t id)
{
    const struct lessons_row *lesson;
    int r = lessons_find(req, id, &lesson);
    return r ? r : gw_json(req, 200, lessons_json(lesson));
}

int create_lesson(struct gw_request *req, const struct teachers_row *me,
                  const struct new_lesson_body *body)
{
    /* Without a level it is what the database says: `lessons__level_of(NULL)` is 0. */
    struct lessons_insert values = {
        .title = body->title, .level = lessons__level_of(body->level), .author_id = me->teacher_id};
    const struct lessons_row *lesson;
    int r = lessons_insert(req, &values, &lesson, NULL);
    if (r)
        return r;
    const char *location = url_show_lesson(req, lesson->id);
    if (location)
        r = gw_set_header(req, "Location", location);
    return r ? r : gw_json(req, 201, lessons_json(lesson));
}

int update_lesson(struct gw_request *req, const struct teachers_row *me, int64_t id,
                  const struct lessons_row *lesson, const struct new_lesson_body *body)
{
    struct lessons_row changed = *lesson;
    uint64_t columns = LESSONS__TITLE;
    changed.title = body->title;
    if (body->level) {
        changed.level = lessons__level_of(body->level);
        columns |= LESSONS__LEVEL;
    }
    int r = lessons_update(req, &changed, columns);
    if (!r)
        r = lessons_find(req, id, &lesson); /* with the time that the update set */
    return r ? r : gw_json(req, 200, lessons_json(lesson));
}

int change_lesson(struct gw_request *req, const struct teachers_row *me, int64_t id,
                  const struct lessons_row *lesson, const struct change_lesson_body *body)
{
    int r = lessons_patch(req, lesson, body);
    if (!r)
        r = lessons_find(req, id, &lesson);
    return r ? r : gw_json(req, 200, lessons_json(lesson));
}

int delete_lesson(struct gw_request *req, const struct teachers_row *me, int64_t id,
                  const struct lessons_row *lesson)
{
    int r = lessons_delete(req, id);
    if (!r)
        school_forget_picture(req, lesson);
    return r ? r : gw_empty(req, 204);
}
