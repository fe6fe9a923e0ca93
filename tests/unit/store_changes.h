/* store_changes.h: differences between a live table and the declared one (test_store_change.c). */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

/* ---- The live table ---------------------------------------------------------------------- */

enum { ID, EMAIL, NAME, PASSWORD, EPOCH, EXTRA, BOUNDS, TAIL, N_PIECES };

static const char *const declared[N_PIECES] = {
    "id INTEGER PRIMARY KEY AUTOINCREMENT",
    ", email TEXT NOT NULL UNIQUE CHECK (length(email) <= 255)",
    ", name TEXT NOT NULL CHECK (length(name) <= 100)",
    ", password TEXT NOT NULL CHECK (length(password) <= 255)",
    ", token_epoch INTEGER NOT NULL DEFAULT 0 CHECK (token_epoch >= 0)",
    "",
    "",
    " STRICT",
};

/* A difference: another piece of SQLite's CREATE TABLE, an ALTER TABLE of MariaDB, and what is done
 * behind that on both. */
struct difference {
    const char *what;
    int piece;
    const char *sqlite, *mysql;
    const char *after;
};

static const struct difference differences[] = {
    {"narrower", NAME, ", name TEXT NOT NULL CHECK (length(name) <= 50)",
     "MODIFY name VARCHAR(50) NOT NULL", NULL},
    {"wider", NAME, ", name TEXT NOT NULL CHECK (length(name) <= 300)",
     "MODIFY name VARCHAR(300) NOT NULL", NULL},
    {"wider, and used", NAME, ", name TEXT NOT NULL", "MODIFY name LONGTEXT NOT NULL",
     "UPDATE accounts SET name = "
     "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' WHERE id = 7"},
    {"nullable", NAME, ", name TEXT CHECK (length(name) <= 100)", "MODIFY name VARCHAR(100)", NULL},
    {"null", NAME, ", name TEXT /* may be NULL */ CHECK (length(name) <= 100)",
     "MODIFY name VARCHAR(100)", "UPDATE accounts SET name = NULL WHERE id % 100 = 3"},
    {"default, collation, check", NAME,
     ", name TEXT COLLATE NOCASE DEFAULT 'it''s, (a) \"b\"' CONSTRAINT c CHECK (name <> 'x')",
     "MODIFY name VARCHAR(80) DEFAULT 'it''s, (a) `b`' COMMENT 'a, (b) ''c'' \\\\' CHECK (name <>"
     " 'x')",
     NULL},
    {"latin1", NAME, ", name TEXT", "MODIFY name VARCHAR(100) CHARACTER SET latin1 NOT NULL", NULL},
    {"renamed", NAME, ", full_name TEXT NOT NULL", "CHANGE name full_name VARCHAR(100) NOT NULL",
     NULL},
    {"missing, must be there", PASSWORD, "", "DROP COLUMN password", NULL},
    {"without case", EMAIL, ", email TEXT NOT NULL COLLATE NOCASE UNIQUE",
     "MODIFY email VARCHAR(255) COLLATE utf8mb4_general_ci NOT NULL", NULL},
    {"not unique", EMAIL, ", email TEXT NOT NULL CHECK (length(email) <= 255)", "DROP INDEX email",
     NULL},
    {"twice", EMAIL, ", email TEXT NOT NULL CHECK (length(email) <= 255)", "DROP INDEX email",
     "UPDATE accounts SET email = 'e8' WHERE id = 9"},
    {"missing", EPOCH, "", "DROP COLUMN token_epoch", NULL},
    {"another type", EPOCH, ", token_epoch TEXT DEFAULT '0'",
     "MODIFY token_epoch VARCHAR(20) NOT NULL DEFAULT '0'", NULL},
    {"signed", EPOCH, ", token_epoch INT NOT NULL DEFAULT 0",
     "MODIFY token_epoch BIGINT NOT NULL DEFAULT 0", NULL},
    {"negative", EPOCH, ", token_epoch INT", "MODIFY token_epoch BIGINT NOT NULL DEFAULT 0",
     "UPDATE accounts SET token_epoch = -1 WHERE id = 5"},
    {"a key that is given again", ID, "id INTEGER PRIMARY KEY", "MODIFY id BIGINT NOT NULL", NULL},
    {"undeclared column and bound", EXTRA,
     "\n  -- of another program\n  , nick TEXT DEFAULT 'n' -- , (\n",
     "ADD COLUMN nick TEXT DEFAULT 'n' COMMENT 'of another program'",
     "CREATE INDEX by_nick ON accounts (id, email)"},
    {"undeclared column that must be there", EXTRA, ", nick TEXT NOT NULL",
     "ADD COLUMN nick VARCHAR(20) NOT NULL", NULL},
    {"undeclared bound", BOUNDS, ", CONSTRAINT short CHECK (length(email) < 1000)",
     "ADD CONSTRAINT short CHECK (length(email) < 1000)", NULL},
    {"trigger", BOUNDS, ", UNIQUE (id, email)", "ADD UNIQUE INDEX both_of (id, email)",
     "CREATE TRIGGER noted AFTER UPDATE ON accounts FOR EACH ROW INSERT INTO codes VALUES"
     " (NEW.id + 5000, 1)"},
    {"not strict", TAIL, "", "COMMENT = 'kept'", NULL},
};
#define N_DIFFERENCES ((int)(sizeof(differences) / sizeof(differences[0])))

/* MariaDB's and SQLite's triggers are written differently. */

#endif
