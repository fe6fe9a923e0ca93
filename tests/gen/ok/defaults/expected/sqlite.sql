CREATE TABLE IF NOT EXISTS "users" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "touched" INTEGER NOT NULL,
  "default" TEXT NOT NULL DEFAULT 'it''s \ ??/ `x`' CHECK (length("default") <= 30),
  "now" TEXT DEFAULT (date('now')),
  "random" TEXT NOT NULL,
  "price" TEXT NOT NULL DEFAULT '-0.5',
  "text" TEXT NOT NULL DEFAULT '',
  "on" INTEGER NOT NULL DEFAULT 0 CHECK ("on" IN (0, 1))
) STRICT;

CREATE TABLE IF NOT EXISTS "things" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "n" INTEGER NOT NULL DEFAULT 0,
  "owner" TEXT NOT NULL,
  FOREIGN KEY ("owner") REFERENCES "users" ("id")
) STRICT;
CREATE INDEX IF NOT EXISTS "things(owner)" ON "things" ("owner");
