CREATE TABLE IF NOT EXISTS "existing" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT
) STRICT;

CREATE TABLE IF NOT EXISTS "marks" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "post_id" INTEGER NOT NULL CHECK ("post_id" >= 0),
  FOREIGN KEY ("post_id") REFERENCES "posts" ("id")
) STRICT;
CREATE INDEX IF NOT EXISTS "marks(post_id)" ON "marks" ("post_id");

CREATE TABLE IF NOT EXISTS "nocase" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "nocase" TEXT COLLATE NOCASE NOT NULL CHECK (length("nocase") <= 9),
  "existing" INTEGER NOT NULL,
  FOREIGN KEY ("existing") REFERENCES "existing" ("id")
) STRICT;
CREATE INDEX IF NOT EXISTS "nocase(existing)" ON "nocase" ("existing");
