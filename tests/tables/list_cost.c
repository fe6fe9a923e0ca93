/* list_cost: lists the notes of members N times, for callgrind to count its instructions.
 *
 *     list_cost list N FILE    by the generated call
 *     list_cost hand N FILE    as somebody writes it by hand who knows SQLite */
#include "tables.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 10

static long calls, found;

/* "00000000-0000-4000-8000-000000000042": a member's. */
static const char *member(long i)
{
    static char id[40];
    snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012ld", i * 7919 % 20000);
    return id;
}

static int list(struct gw_request *req)
{
    for (long i = 0; i < calls; i++) {
        const struct notes_row *rows;
        size_t n;
        int r = notes_list_by_member_id(req, member(i), 0, PAGE, &rows, &n);
        if (r)
            return r;
        for (size_t j = 0; j < n; j++)
            found += !strcmp(rows[j].member_id, member(i));
    }
    return 0;
}

static int list_by_hand(sqlite3 *db)
{
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(db,
                                  "SELECT id, member_id FROM notes WHERE member_id = ? AND id > ?"
                                  " ORDER BY id LIMIT ?",
                                  -1, &stmt, NULL);
    for (long i = 0; code == SQLITE_OK && i < calls; i++) {
        struct notes_row rows[PAGE];
        size_t n = 0;
        sqlite3_bind_text(stmt, 1, member(i), -1, SQLITE_TRANSIENT);
        sqlite3_bind_int64(stmt, 2, 0);
        sqlite3_bind_int64(stmt, 3, PAGE);
        while (n < PAGE && sqlite3_step(stmt) == SQLITE_ROW) {
            rows[n].id = sqlite3_column_int64(stmt, 0);
            rows[n++].member_id = strdup((const char *)sqlite3_column_text(stmt, 1));
        }
        sqlite3_reset(stmt);
        for (size_t j = 0; j < n; j++) {
            found += !strcmp(rows[j].member_id, member(i));
            free((char *)rows[j].member_id);
        }
    }
    sqlite3_finalize(stmt);
    return code;
}

int main(int argc, char **argv)
{
    char setting[4096];
    const char *const settings[] = {setting, "GW_LOG=text:/dev/null", NULL};
    sqlite3 *db = NULL;
    int r;
    if (argc != 4)
        return 2;
    calls = atol(argv[2]);
    if (!strcmp(argv[1], "hand")) {
        r = sqlite3_open(argv[3], &db) || list_by_hand(db);
        sqlite3_close(db);
    } else {
        snprintf(setting, sizeof(setting), "GW_DATABASE_URL=sqlite:%s", argv[3]);
        r = gw_test_open(settings, NULL, &test) || within(list) != 200;
        gw_test_close(test);
    }
    return r || found != PAGE * calls;
}
