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

int delete_lesson(struct gw_request *req, const struct teachers_row *me, int64_t id,
                  const struct lessons_row *lesson)
{
    int r = lessons_delete(req, id);
    return r ? r : gw_empty(req, 204);
}
