CREATE TABLE IF NOT EXISTS "users" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "name" TEXT NOT NULL CHECK (length("name") <= 100),
  "email" TEXT COLLATE NOCASE NOT NULL UNIQUE CHECK (length("email") <= 255),
  "password" TEXT NOT NULL CHECK (length("password") <= 255),
  "token_epoch" INTEGER NOT NULL DEFAULT 0 CHECK ("token_epoch" >= 0),
  "disabled" INTEGER NOT NULL DEFAULT 0 CHECK ("disabled" IN (0, 1))
) STRICT;

CREATE TABLE IF NOT EXISTS "teachers" (
  "teacher_id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "name" TEXT NOT NULL CHECK (length("name") <= 100),
  "email" TEXT COLLATE NOCASE NOT NULL UNIQUE CHECK (length("email") <= 255),
  "password" TEXT NOT NULL CHECK (length("password") <= 255),
  "token_epoch" INTEGER NOT NULL DEFAULT 0 CHECK ("token_epoch" >= 0),
  "role" TEXT NOT NULL DEFAULT 'teacher' CHECK ("role" IN ('teacher', 'head')),
  "disabled" INTEGER NOT NULL DEFAULT 0 CHECK ("disabled" IN (0, 1))
) STRICT;

CREATE TABLE IF NOT EXISTS "lessons" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "title" TEXT NOT NULL CHECK (length("title") <= 200),
  "level" TEXT NOT NULL DEFAULT 'beginner' CHECK ("level" IN ('beginner', 'advanced')),
  "author_id" INTEGER NOT NULL,
  "changed" INTEGER,
  UNIQUE ("author_id", "title"),
  FOREIGN KEY ("author_id") REFERENCES "teachers" ("teacher_id")
) STRICT;
