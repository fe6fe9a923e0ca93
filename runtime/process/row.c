/* row.c: see row.h. */
#include "process/row.h"

#include "api/value.h"
#include "store/entity.h"

#include <errno.h>
#include <stdio.h>

int gw_row_column(const struct gw_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (!strcmp(table->columns[i].name, name) ||
            !strcmp(gw_column_sql(&table->columns[i]), name))
            return (int)i;
    return -1;
}

bool gw_row_may_lack(const struct gw_table *table, size_t column)
{
    unsigned flags = table->columns[column].flags;
    return flags &
           (GW_COL_AUTO | GW_COL_OPTIONAL | GW_COL_DEFAULT | GW_COL_RANDOM | GW_COL_TOUCHED);
}

/* ---- From words ------------------------------------------------------------------------------ */

static int refuse(const struct gw_table *table, int column, const char *why)
{
    fprintf(stderr, "%s.%s %s\n", table->name, table->columns[column].name, why);
    return 2;
}

static bool is_word_of(const struct gw_column *column, const char *text)
{
    return !column->one_of || gw_word_of(column->one_of, text);
}

int gw_row_read(struct gw_row_words *words, int column, const char *text, struct gw_arena *arena)
{
    const struct gw_column *wanted = &words->table->columns[column];
    struct gw_value value;
    const char *why;
    if (wanted->type == GW_TYPE_BLOB)
        return refuse(words->table, column, "holds bytes, which no command line does");
    if (!gw_value_of_text(wanted, (struct gw_bytes){text, strlen(text)}, arena, &value))
        return refuse(words->table, column, "is given no value of its type");
    if (!is_word_of(wanted, text))
        return refuse(words->table, column, "is given none of its words");
    int r = gw_column_convert(wanted, &value, UINT64_MAX, arena, &words->values[column], &why);
    return r ? refuse(words->table, column, r == -ENOMEM ? "finds no memory" : why) : 0;
}

int gw_row_read_key(const struct gw_row_words *words, const char *text, struct gw_value *ret)
{
    const struct gw_column *key = &words->table->columns[words->table->key];
    if (gw_value_of_text(key, (struct gw_bytes){text, strlen(text)}, NULL, ret))
        return 0;
    return refuse(words->table, words->table->key, "is the key, and given no value of its type");
}

/* What was asked for, as it is stored: a text as the hash of a password. */
static int keep_secret(struct gw_request *req, const struct gw_row_words *words, size_t i,
                       struct gw_secret *ret)
{
    const char *text = words->secrets[i];
    bool hashed = words->table->columns[i].type == GW_TYPE_TEXT && !(words->verbatim >> i & 1);
    return hashed ? gw_password_hash(req, text, ret) : gw_secret_of(req, text, strlen(text), ret);
}

/* The structure of the table's secrets. */
static int keep_secrets(struct gw_request *req, const struct gw_row_words *words, char **ret)
{
    const struct gw_table *table = words->table;
    int r = 0;
    *ret = NULL;
    if (!table->whole_size)
        return 0;
    char *secrets = gw_arena_alloc(req->arena, table->whole_size - table->secrets);
    if (!secrets)
        return -ENOMEM;
    for (size_t i = 0; !r && i < table->n_columns; i++)
        if (words->secrets[i])
            r = keep_secret(
                req, words, i,
                (struct gw_secret *)(void *)(secrets + table->columns[i].offset - table->secrets));
    *ret = secrets;
    return r;
}

/* A structure whose columns are `columns`, with what was given. */
static void *structure(struct gw_request *req, const struct gw_row_words *words,
                       const struct gw_column *columns)
{
    size_t size = gw_table_whole_size(words->table);
    for (size_t i = 0; i < words->table->n_columns; i++)
        if (columns[i].name && columns[i].offset + sizeof(struct gw_bytes) > size)
            size = columns[i].offset + sizeof(struct gw_bytes);
    void *ret = gw_arena_alloc(req->arena, size);
    for (size_t i = 0; ret && i < words->table->n_columns; i++)
        if (words->given >> i & 1 && columns[i].name &&
            !(words->table->columns[i].flags & GW_COL_SECRET))
            gw_column_put(&columns[i], ret, &words->values[i]);
    return ret;
}

int gw_row_insert(struct gw_request *req, const struct gw_row_words *words, const void **ret_row,
                  int *ret_column)
{
    const struct gw_table *table = words->table;
    void *row = structure(req, words, table->insert ? table->insert : table->columns);
    char *secrets;
    int r = row ? keep_secrets(req, words, &secrets) : -ENOMEM;
    if (r)
        return r;
    if (table->insert)
        return gw_entity_insert_new(req, table, row, secrets, ret_row, ret_column);
    *ret_row = row;
    return secrets ? gw_entity_insert_secret(req, table, row, secrets, ret_column)
                   : gw_entity_insert(req, table, row, ret_column);
}

int gw_row_update(struct gw_request *req, const struct gw_row_words *words)
{
    const struct gw_table *table = words->table;
    void *row = structure(req, words, table->columns);
    char *secrets;
    int r = row ? gw_column_put(&table->columns[table->key], row, &words->key) : -ENOMEM;
    if (!r)
        r = keep_secrets(req, words, &secrets);
    if (r)
        return r;
    return secrets ? gw_entity_update_secret(req, table, row, secrets, words->given)
                   : gw_entity_update(req, table, row, words->given);
}

/* ---- As words -------------------------------------------------------------------------------- */

/* Printed so that no byte of it reaches the terminal as a command. Its width. */
static int print_text(const struct gw_bytes *text, bool print)
{
    const unsigned char *ptr = text->ptr;
    int width = 0;
    for (size_t i = 0; i < text->len; i++) {
        bool plain = ptr[i] >= 0x20 && ptr[i] != 0x7f && ptr[i] != '\\' &&
                     !(ptr[i] == 0xc2 && i + 1 < text->len && ptr[i + 1] < 0xa0);
        if (print && plain)
            putchar(ptr[i]);
        else if (print)
            printf("\\x%02x", ptr[i]);
        width += !plain ? 4 : (ptr[i] & 0xc0) != 0x80;
    }
    return width;
}

static int cell_of(const struct gw_table *table, size_t column, const void *row,
                   struct gw_arena *arena, struct gw_bytes *ret)
{
    struct gw_value value = gw_row_value(table, (int)column, row);
    *ret = (struct gw_bytes){"NULL", 4};
    return value.null ? 0 : gw_text_of_value(&value, arena, ret);
}

void gw_row_print_key(const struct gw_table *table, const void *row)
{
    struct gw_arena arena = {.limit = 0};
    for (size_t i = 0; i < gw_table_key_size(table); i++) {
        size_t column = (size_t)gw_table_key(table, i);
        struct gw_bytes text;
        if (cell_of(table, column, row, &arena, &text))
            break;
        printf("%s=", table->columns[column].name);
        print_text(&text, true);
        printf("\n");
    }
    gw_arena_free(&arena);
}

/* Of the columns that are not secret the widths, with their names. */
static int measure(const struct gw_table *table, const char *rows, size_t n, struct gw_arena *arena,
                   int widths[GW_MAX_COLUMNS])
{
    int r = 0;
    for (size_t i = 0; i < table->n_columns; i++) {
        widths[i] = (int)strlen(table->columns[i].name);
        for (size_t j = 0; !r && j < n && gw_table_open_columns(table) >> i & 1; j++) {
            struct gw_bytes text;
            r = cell_of(table, i, rows + j * table->row_size, arena, &text);
            int width = r ? 0 : print_text(&text, false);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    return r;
}

static void print_padded(const struct gw_bytes *text, int width)
{
    for (int n = print_text(text, true); n < width + 2; n++)
        putchar(' ');
}

/* The names (`row` NULL), or a row. */
static int print_line(const struct gw_table *table, const void *row, struct gw_arena *arena,
                      const int widths[GW_MAX_COLUMNS])
{
    uint64_t open = gw_table_open_columns(table);
    int r = 0;
    for (size_t i = 0; !r && i < table->n_columns; i++) {
        struct gw_bytes text = {table->columns[i].name, strlen(table->columns[i].name)};
        if (!(open >> i & 1))
            continue;
        if (row)
            r = cell_of(table, i, row, arena, &text);
        if (!r)
            print_padded(&text, open >> i >> 1 ? widths[i] : -2);
    }
    printf("\n");
    return r;
}

static int print_json(const struct gw_table *table, const void *row)
{
    json_t *json = gw_entity_json(table, row);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text)
        printf("%s\n", text);
    free(text);
    json_decref(json);
    return text ? 0 : -ENOMEM;
}

int gw_row_list(struct gw_request *req, const struct gw_row_words *words)
{
    const struct gw_table *table = words->table;
    int widths[GW_MAX_COLUMNS], r = 0;
    struct gw_value after;
    const void *found;
    size_t n;
    if (words->after && (table->keys || gw_row_read_key(words, words->after, &after))) {
        fprintf(stderr, "--after wants a key of one column\n");
        return -EINVAL;
    }
    r = gw_entity_list(req, table, -1, NULL, words->after ? &after : NULL, words->limit, &found,
                       &n);
    if (r)
        return r;
    const char *rows = found;
    if (!words->json)
        r = measure(table, rows, n, req->arena, widths);
    if (!r && !words->json)
        r = print_line(table, NULL, req->arena, widths);
    for (size_t i = 0; !r && i < n; i++)
        r = words->json ? print_json(table, rows + i * table->row_size)
                        : print_line(table, rows + i * table->row_size, req->arena, widths);
    return r;
}
