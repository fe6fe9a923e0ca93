/* file.c: whether the file that is open is still the one at the path.
 *
 * A file that is deleted, or that another is renamed over, goes on to exist for whoever has it
 * open: rows would be written into it, confirmed, and gone with the process. Worse, SQLite finds a
 * log by its name: whoever opens the new file while the log of the old one lies beside it gets rows
 * of the old one, or a broken file. So which file it is is looked at before each write and each
 * commit, and every few milliseconds before a read. A file that was replaced is left, with what its
 * log holds written into it (it may have been moved elsewhere), and its log is removed before the
 * new one is opened. One that is deleted is not made anew: requests get 503 until it is back. */
#include "store/sqlite/own.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Which file it is, without its times: whoever asks for those makes Linux (6.13 and later) note a
 * new one at the next write, so that each sync of a log writes an inode. A kernel, a C library or a
 * sandbox may not have statx(). */
static struct sqlite_file file_at(const char *path)
{
    struct stat all;
    if (!path)
        return (struct sqlite_file){0};
#ifdef STATX_INO
    struct statx st;
    if (!statx(AT_FDCWD, path, 0, STATX_INO, &st))
        return (struct sqlite_file){makedev(st.stx_dev_major, st.stx_dev_minor), st.stx_ino};
#endif
    if (stat(path, &all))
        return (struct sqlite_file){0};
    return (struct sqlite_file){all.st_dev, all.st_ino};
}

static bool is_same(struct sqlite_file one, struct sqlite_file other)
{
    return one.device == other.device && one.number == other.number;
}

static bool is_a_file(const struct sqlite_store *store)
{
    return !store->anchor && strncmp(store->path, "file:", 5);
}

/* Once, until a file is open again. */
static void say(struct sqlite_store *store, const char *what)
{
    if (!atomic_exchange(&store->lost, true) && store->base.options.log)
        gw_log_line(store->base.options.log, "store: %s: %s", store->path, what);
}

static void say_removed(struct sqlite_store *store)
{
    say(store, "the file was removed or renamed: nothing is written until there is one again");
}

/* Whether it is the file that others of this process have opened already. */
static bool is_known(struct sqlite_store *store, struct sqlite_file file)
{
    pthread_mutex_lock(&store->lock);
    bool known = is_same(file, store->file);
    pthread_mutex_unlock(&store->lock);
    return known;
}

static int lost_log(struct sqlite_store *store)
{
    say(store, "its log (-wal) was removed while it was in use: nothing is written any more. Stop "
               "the program, which writes what the log held into the file, and start it again");
    return -EHOSTDOWN;
}

int gw_sqlite_look(struct sqlite_conn *conn)
{
    struct sqlite_store *store = (struct sqlite_store *)conn->base.store;
    if (!is_a_file(store))
        return 0;
    struct sqlite_file now = file_at(store->path);
    if (!is_same(now, conn->file) && is_known(store, now))
        return -ESTALE;
    if (!is_same(now, conn->file)) {
        if (now.number)
            say(store, "another file lies there now: the old one is left for it");
        else
            say_removed(store);
        if (atomic_load(&store->base.watched))
            gw_store_suspend(&store->base);
        return -ESTALE;
    }
    if (is_same(file_at(sqlite3_filename_wal(sqlite3_db_filename(conn->db, "main"))), conn->log))
        return 0;
    return lost_log(store);
}

void gw_sqlite_close(struct sqlite_conn *conn)
{
    struct sqlite_store *store = (struct sqlite_store *)conn->base.store;
    gw_cache_clear(&conn->cache);
    sqlite3_close_v2(conn->db); /* rows of it may be open still */
    conn->db = NULL;
    pthread_mutex_lock(&store->lock);
    store->n_open -= is_same(conn->file, store->file);
    pthread_mutex_unlock(&store->lock);
}

void gw_sqlite_leave(struct sqlite_conn *conn)
{
    sqlite3_busy_timeout(conn->db, 0);
    sqlite3_wal_checkpoint_v2(conn->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    gw_sqlite_close(conn);
}

static void remove_same(const char *path, struct sqlite_file file)
{
    if (path && file.number && is_same(file_at(path), file))
        unlink(path);
}

/* Whether the file that was in use lies where it lay: a link may lead elsewhere by now. */
static bool is_in_place(const struct sqlite_store *store)
{
    char *path = strdup(store->log_path);
    if (!path)
        return true;
    path[strlen(path) - strlen("-wal")] = 0;
    bool in_place = is_same(file_at(path), store->file);
    free(path);
    return in_place;
}

int gw_sqlite_make_way(struct sqlite_store *store)
{
    struct sqlite_file now = file_at(store->path);
    if (!store->log_path)
        return 0;
    if (is_same(now, store->file))
        return store->n_open && !is_same(file_at(store->log_path), store->log) ? lost_log(store)
                                                                               : 0;
    if (!now.number) {
        say_removed(store);
        return -EHOSTDOWN;
    }
    if (is_in_place(store))
        return 0;
    remove_same(store->log_path, store->log);
    remove_same(store->index_path, store->index);
    return 0;
}

/* The paths, in copies. */
static bool keep_paths(struct sqlite_store *store, const char *log)
{
    char *log_path = strdup(log), *index_path = strdup(log);
    if (!log_path || !index_path) {
        free(log_path);
        free(index_path);
        return false;
    }
    memcpy(index_path + strlen(index_path) - strlen("-wal"), "-shm", strlen("-shm"));
    free(store->log_path);
    free(store->index_path);
    store->log_path = log_path;
    store->index_path = index_path;
    return true;
}

bool gw_sqlite_note(struct sqlite_store *store, sqlite3 *db)
{
    int moved = 0;
    struct sqlite_file file = file_at(store->path);
    sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved || !file.number ||
        !keep_paths(store, sqlite3_filename_wal(sqlite3_db_filename(db, "main"))))
        return false;
    bool another = !is_same(file, store->file);
    if (another)
        store->n_open = 0;
    /* Whoever opens it first, no statement runs on it before it is compared. */
    if (another && store->file.number && atomic_load(&store->base.watched)) {
        say(store, "another file lies there now: the old one is left for it");
        gw_store_suspend(&store->base);
    }
    store->file = file;
    store->log = file_at(store->log_path);
    store->index = file_at(store->index_path);
    atomic_store(&store->lost, false);
    return true;
}
