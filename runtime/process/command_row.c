/* command_row.c: `PROGRAM row add|set|list TABLE`: the first administrator, and support.
 *
 * Rows go through the typed calls that handlers use, so that keys are made, epochs begin and are
 * kept, and each value is what its column declares. A secret is never on the command line, which
 * other users of the machine can read, and never printed: it is asked for, and a text is kept as
 * the hash of a password unless it is said to be none (--verbatim). An account that gets another
 * secret loses its tokens and sessions. */
#include "process/command.h"

#include "api/ticket.h"
#include "process/alone.h"
#include "process/row.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int wrong(const char *what, const char *why)
{
    fprintf(stderr, "%s %s\n", what, why);
    return 2;
}

static int failed(const char *what, const char *why)
{
    fprintf(stderr, "%s%s\n", what, why);
    return 1;
}

/* ---- What the words say --------------------------------------------------------------------- */

static const struct gw_table *find_table(const struct gw_app *app, const char *name)
{
    for (size_t i = 0; i < app->n_tables; i++) {
        const struct gw_table *table = app->tables[i];
        if (!table->runtime && (!strcmp(table->name, name) || !strcmp(table->sql_name, name)))
            return table;
    }
    return NULL;
}

/* `COLUMN=VALUE`, or the name of a secret. */
static int take_word(struct gw_row_words *words, struct gw_arena *arena, char *word)
{
    char *equals = strchr(word, '=');
    if (equals)
        *equals = '\0';
    int column = gw_row_column(words->table, word);
    if (column < 0)
        return wrong(word, "is no column of that table");
    uint64_t bit = UINT64_C(1) << column;
    if (words->given & bit)
        return wrong(word, "is given twice");
    words->given |= bit;
    if (!(words->table->columns[column].flags & GW_COL_SECRET))
        return equals ? gw_row_read(words, column, equals + 1, arena)
                      : wrong(word, "has no value: COLUMN=VALUE");
    if (!equals)
        return 0;
    explicit_bzero(equals + 1, strlen(equals + 1));
    return wrong(word, "is secret: name it without a value, and it is asked for");
}

static int take_null(struct gw_row_words *words, const char *name)
{
    int column = gw_row_column(words->table, name);
    if (column < 0)
        return wrong(name, "is no column of that table");
    if (!(words->table->columns[column].flags & GW_COL_OPTIONAL))
        return wrong(name, "is not optional");
    words->given |= UINT64_C(1) << column;
    words->nulls |= UINT64_C(1) << column;
    words->values[column] =
        (struct gw_value){.type = words->table->columns[column].type, .null = true};
    return 0;
}

static int take_verbatim(struct gw_row_words *words, const char *name)
{
    int column = gw_row_column(words->table, name);
    if (column < 0 || !(words->table->columns[column].flags & GW_COL_SECRET))
        return wrong(name, "is no secret column of that table");
    words->verbatim |= UINT64_C(1) << column;
    return 0;
}

/* Which of add, set and list take which options, and which have a value behind them. */
static const struct row_option {
    const char *name;
    bool has_value, lists; /* else it is of add and set */
} row_options[] = {
    {"--json", false, true},   {"--after", true, true}, {"--limit", true, true},
    {"--stdin", false, false}, {"--null", true, false}, {"--verbatim", true, false},
};

static const struct row_option *find_option(const char *name, bool lists)
{
    for (size_t i = 0; i < sizeof(row_options) / sizeof(*row_options); i++)
        if (row_options[i].lists == lists && !strcmp(row_options[i].name, name))
            return &row_options[i];
    return NULL;
}

static int take_limit(struct gw_row_words *words, const char *value)
{
    uint64_t limit;
    if (!gw_parse_u64(gw_str_from(value), &limit) || limit < 1 || limit > GW_ROW_LIST_MAX)
        return wrong("--limit", "wants a number from 1 to 1000");
    words->limit = (unsigned)limit;
    return 0;
}

/* An option, and its value behind it. *io_at goes to that. */
static int take_option(struct gw_row_words *words, bool lists, char *const *args, size_t *io_at)
{
    const struct row_option *option = find_option(args[*io_at], lists);
    const char *value = option && option->has_value ? args[*io_at + 1] : NULL;
    if (!option) /* the command line takes no other */
        return wrong(args[*io_at], lists ? "is of row add and row set" : "is of row list");
    if (option->has_value && !value)
        return wrong(option->name, "has no value behind it");
    *io_at += option->has_value;
    if (!strcmp(option->name, "--null"))
        return take_null(words, value);
    if (!strcmp(option->name, "--verbatim"))
        return take_verbatim(words, value);
    if (!strcmp(option->name, "--limit"))
        return take_limit(words, value);
    if (!strcmp(option->name, "--after"))
        words->after = value;
    else
        *(lists ? &words->json : &words->from_stdin) = true;
    return 0;
}

static int take_words(struct gw_row_words *words, bool lists, struct gw_arena *arena,
                      char *const *args)
{
    int r = 0;
    for (size_t i = 0; !r && args[i]; i++)
        r = !strncmp(args[i], "--", 2) ? take_option(words, lists, args, &i)
                                       : take_word(words, arena, args[i]);
    return r;
}

/* ---- add and set ---------------------------------------------------------------------------- */

/* What the columns that were named must have been, and the others. */
static int check_add(const struct gw_row_words *words)
{
    const struct gw_table *table = words->table;
    for (size_t i = 0; i < table->n_columns; i++) {
        bool given = words->given >> i & 1, runtime = (int)i == table->revokes;
        if (given && runtime)
            return wrong(table->columns[i].name, "is the runtime's to set");
        if (!given && !runtime && !gw_row_may_lack(table, i))
            return wrong(table->columns[i].name, table->columns[i].flags & GW_COL_SECRET
                                                     ? "is missing: name it, and it is asked for"
                                                     : "is missing");
    }
    return 0;
}

static int check_set(const struct gw_row_words *words)
{
    const struct gw_table *table = words->table;
    uint64_t keys = gw_table_key_columns(table);
    for (size_t i = 0; i < table->n_columns; i++)
        if (words->given >> i & 1 && ((int)i == table->revokes || keys >> i & 1))
            return wrong(table->columns[i].name, keys >> i & 1 ? "is the key, which is not changed"
                                                               : "is the runtime's to set");
    return words->given ? 0 : wrong(table->name, "row set TABLE KEY COLUMN=VALUE...");
}

/* Asks for the secrets that were named. */
static int ask(struct gw_row_words *words)
{
    uint64_t asked = words->given & ~words->nulls & ~gw_table_open_columns(words->table);
    for (size_t i = 0; i < words->table->n_columns; i++) {
        if (!(asked >> i & 1))
            continue;
        words->secrets[i] = calloc(1, GW_SECRET_SIZE);
        if (!words->secrets[i])
            return 1;
        if (!gw_terminal_secret(words->table->columns[i].name, words->from_stdin,
                                words->secrets[i]))
            return 2;
    }
    return 0;
}

static int tell(const struct gw_row_words *words, int r, int column)
{
    const struct gw_table *table = words->table;
    const char *what = column >= 0 && (size_t)column < table->n_columns
                           ? table->columns[column].name
                           : table->name;
    switch (r) {
    case 0:
        return 0;
    case GW_E_NOT_FOUND:
        return failed(table->name, " has no row with that key");
    case GW_E_DUPLICATE:
        return failed(what, ": another row has that value");
    case GW_E_REFERENCED:
        return failed(table->name, ": a row that it refers to is not there");
    case GW_E_RANGE:
        return failed(table->name, ": a value does not fit the database's column");
    default:
        fprintf(stderr, "the row could not be written: %s\n", strerror(r < 0 ? -r : EINVAL));
        return 1;
    }
}

static int add(struct gw_request *req, void *data)
{
    struct gw_row_words *words = data;
    const void *row;
    int column = -1, r = gw_row_insert(req, words, &row, &column);
    if (!r)
        gw_row_print_key(words->table, row);
    return tell(words, r, column);
}

static int change(struct gw_request *req, void *data)
{
    struct gw_row_words *words = data;
    uint64_t secret = words->given & ~gw_table_open_columns(words->table);
    int r = gw_row_update(req, words);
    if (!r && secret && words->table->entity >= 0)
        r = gw_ticket_end_account(req, words->table, &words->key);
    return r;
}

static int set(struct gw_request *req, void *data)
{
    return tell(data, gw_tx_run(req, change, data), -1);
}

static int list(struct gw_request *req, void *data)
{
    const struct gw_row_words *words = data;
    int r = gw_row_list(req, words);
    if (r)
        fprintf(stderr, "the rows could not be read: %s\n", strerror(r < 0 ? -r : EINVAL));
    return r ? 1 : 0;
}

/* ---- The command ---------------------------------------------------------------------------- */

static int run(struct gw_server *server, struct gw_row_words *words,
               int (*errand)(struct gw_request *req, void *data))
{
    struct gw_worker worker;
    if (gw_worker_open(&worker, server, 0))
        return 1;
    int r =
        gw_errand_run(&worker, &(struct gw_errand){.name = "row", .run = errand, .data = words});
    gw_worker_close(&worker);
    return r < 0 ? 1 : r;
}

static int run_words(struct gw_server *server, struct gw_row_words *words, char *const *args)
{
    bool adds = !strcmp(args[0], "add"), sets = !strcmp(args[0], "set");
    size_t first = sets ? 3 : 2;
    if (sets && (!args[2] || words->table->keys))
        return words->table->keys ? wrong(args[1], "has a key of several columns")
                                  : wrong(args[1], "row set TABLE KEY COLUMN=VALUE...");
    int r = take_words(words, !adds && !sets, &server->arena, args + first);
    if (!r && sets)
        r = gw_row_read_key(words, args[2], &words->key);
    if (!r && !adds && !sets && words->given)
        r = wrong(args[1], "row list TABLE [--limit N] [--after KEY] [--json]");
    if (!r && (adds || sets))
        r = adds ? check_add(words) : check_set(words);
    if (!r && (adds || sets))
        r = ask(words);
    return r ? r : run(server, words, adds ? add : sets ? set : list);
}

int gw_cmd_row(struct gw_server *server, char *const *args)
{
    struct gw_row_words words = {.limit = 100};
    bool known =
        args[0] && (!strcmp(args[0], "add") || !strcmp(args[0], "set") || !strcmp(args[0], "list"));
    if (!known || !args[1])
        return wrong("row", "add|set|list TABLE ...");
    words.table = find_table(server->app, args[1]);
    if (!words.table)
        return wrong(args[1], "is no table");
    int r = run_words(server, &words, args);
    for (size_t i = 0; i < GW_MAX_COLUMNS; i++)
        if (words.secrets[i]) {
            explicit_bzero(words.secrets[i], GW_SECRET_SIZE);
            free(words.secrets[i]);
        }
    return r;
}
