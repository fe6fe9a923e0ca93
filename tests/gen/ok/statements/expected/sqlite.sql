CREATE TABLE IF NOT EXISTS "app_users" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "email" TEXT NOT NULL UNIQUE CHECK (length("email") <= 100),
  "password" TEXT NOT NULL CHECK (length("password") <= 50),
  "born" TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS "notes" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "title" TEXT NOT NULL CHECK (length("title") <= 50),
  "user_id" INTEGER NOT NULL,
  "doc" TEXT,
  FOREIGN KEY ("user_id") REFERENCES "app_users" ("id")
) STRICT;
CREATE INDEX IF NOT EXISTS "notes(user_id)" ON "notes" ("user_id");
