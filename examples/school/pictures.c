/* pictures.c: a picture for a lesson: kept in a folder, named by the lesson's row, sent by the web
 * server.
 *
 * First the new file is there, whole and on the disk; then the row names it; then the old file
 * goes. Whatever fails on the way, the row names a picture that is there. */
#include "school.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SWEPT_AFTER (60 * 60)         /* seconds: no upload takes so long to get its row */
#define NAME        "%lld-%016llx.%s" /* id of the lesson, random, ending */

/* A name that no picture had, so that whoever has kept a picture asks for the new one. The ending
 * tells the type, which is that of the content; of what the sender called it nothing is used. NULL:
 * none could be made. */
static const char *new_name(struct gw_request *req, int64_t id, const char *type)
{
    unsigned long long random;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        return NULL;
    return gw_printf(req, NAME, (long long)id, random, strcmp(type, "image/png") ? "jpg" : "png");
}

static const char *path_of(struct gw_request *req, const char *name)
{
    return gw_printf(req, "%s/%s", school_pictures(req), name);
}

/* Deletes the file of a picture, unless the lesson's row says that it is the lesson's. Where nobody
 * knows, since the database is away, it stays until it is swept. */
static int forget(struct gw_request *req, int64_t id, const char *name)
{
    const struct lessons_row *lesson;
    int r = lessons_find(req, id, &lesson);
    if (r && r != GW_E_NOT_FOUND)
        return r;
    if (!r && lesson->picture && !strcmp(lesson->picture, name))
        return 0;
    const char *path = path_of(req, name);
    if (!path)
        return -ENOMEM;
    if (!unlink(path) || errno == ENOENT)
        return 0;
    r = -errno;
    gw_log(req, "the picture %s could not be deleted: %s", name, strerror(-r));
    return r;
}

/* The row has another picture from then on, or none. Which of the two files goes, the row decides:
 * an update that gave an error may have been written all the same. */
static int change_picture(struct gw_request *req, const struct lessons_row *lesson,
                          const char *name)
{
    struct lessons_row changed = *lesson;
    changed.picture = name;
    int r = lessons_update(req, &changed, LESSONS__PICTURE);
    if (lesson->picture)
        forget(req, lesson->id, lesson->picture);
    if (r && name)
        forget(req, lesson->id, name);
    return r;
}

int set_picture(struct gw_request *req, const struct teachers_row *me, int64_t id,
                const struct lessons_row *lesson, const struct new_picture_body *body)
{
    const char *name = new_name(req, id, body->picture->type);
    const char *path = name ? path_of(req, name) : NULL;
    int r = path ? gw_upload_keep(req, body->picture, path) : -ENOMEM;
    if (!r)
        r = change_picture(req, lesson, name);
    if (!r)
        r = lessons_find(req, id, &lesson);
    return r ? r : gw_json(req, 200, lessons_json(lesson));
}

int delete_picture(struct gw_request *req, const struct teachers_row *me, int64_t id,
                   const struct lessons_row *lesson)
{
    int r = lesson->picture ? change_picture(req, lesson, NULL) : 0;
    return r ? r : gw_empty(req, 204);
}

void school_forget_picture(struct gw_request *req, const struct lessons_row *lesson)
{
    if (lesson->picture)
        forget(req, lesson->id, lesson->picture);
}

int show_picture(struct gw_request *req, const char *name)
{
    return gw_file(req, school_pictures(req), name, NULL);
}

/* ---- The job -------------------------------------------------------------------------------- */

/* The lesson whose picture a file was; 0: the file is none that was made here. */
static int64_t lesson_of(const char *name)
{
    long long id;
    unsigned long long random;
    char ending[4], again[64];
    if (sscanf(name, "%lld-%16llx.%3s", &id, &random, ending) != 3)
        return 0;
    int n = snprintf(again, sizeof(again), NAME, id, random, ending);
    return n > 0 && (size_t)n < sizeof(again) && !strcmp(name, again) ? id : 0;
}

static int sweep(struct gw_request *req, int folder, const char *name)
{
    int64_t id = lesson_of(name);
    struct stat st;
    if (!id || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
        return 0;
    return time(NULL) - st.st_mtime > SWEPT_AFTER ? forget(req, id, name) : 0;
}

int sweep_pictures(struct gw_request *req)
{
    DIR *folder = opendir(school_pictures(req));
    struct dirent *entry;
    int r = folder ? 0 : -errno;
    while (!r && (entry = readdir(folder))) {
        struct gw_mark mark = gw_mark(req);
        r = sweep(req, dirfd(folder), entry->d_name);
        int released = gw_release(req, mark);
        r = r ? r : released;
    }
    if (folder)
        closedir(folder);
    return r;
}
