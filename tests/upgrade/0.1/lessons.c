/* lessons.c: what teachers write and everybody signed in may read. */
#include "routes.h"

#define PAGE_DEFAULT 20

int list_lessons(struct gw_request *req, const struct page_body *query)
{
    unsigned limit = query->limit.set ? (unsigned)query->limit.value : PAGE_DEFAULT;
    const struct lessons_row *rows;
    size_t n;
    /* One more than asked for tells whether there is a next page. */
    int r = lessons_list(req, query->after.value, limit + 1, &rows, &n);
    if (r)
        return r;
    size_t shown = n > limit ? limit : n;
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_object(w);
    gw_writer_name(w, "data");
    gw_writer_array(w);
    for (size_t i = 0; i < shown; i++)
        lessons_write_json(w, &rows[i]);
    gw_writer_end(w);
    gw_writer_name(w, "next");
    if (n > limit)
        gw_writer_int(w, rows[shown - 1].id);
    else
        gw_writer_null(w);
    gw_writer_end(w);
    return gw_writer_send(req, 200, w);
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
    struct lessons_row lesson = {.title = body->title, .author_id = me->teacher_id};
    int r = lessons_insert(req, &lesson, NULL);
    if (r)
        return r;
    const char *location = url_show_lesson(req, lesson.id);
    if (location)
        r = gw_set_header(req, "Location", location);
    return r ? r : gw_json(req, 201, lessons_json(&lesson));
}

int update_lesson(struct gw_request *req, const struct teachers_row *me, int64_t id,
                  const struct lessons_row *lesson, const struct new_lesson_body *body)
{
    struct lessons_row changed = *lesson;
    changed.title = body->title;
    int r = lessons_update(req, &changed, LESSONS_TITLE);
    return r ? r : gw_json(req, 200, lessons_json(&changed));
}

int delete_lesson(struct gw_request *req, const struct teachers_row *me, int64_t id,
                  const struct lessons_row *lesson)
{
    int r = lessons_delete(req, id);
    return r ? r : gw_empty(req, 204);
}
