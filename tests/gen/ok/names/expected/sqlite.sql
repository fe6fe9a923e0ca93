CREATE TABLE IF NOT EXISTS "Order Details" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "AS $x" TEXT CHECK (length("AS $x") <= 9),
  "größe" INTEGER NOT NULL,
  "default" INTEGER NOT NULL CHECK ("default" IN (0, 1)),
  "a__b" INTEGER,
  "c_" INTEGER,
  "uuid" TEXT UNIQUE
) STRICT;

CREATE TABLE IF NOT EXISTS "as" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "user_id" TEXT NOT NULL,
  "long" TEXT NOT NULL CHECK (length("long") <= 5),
  FOREIGN KEY ("user_id") REFERENCES "Order Details" ("id")
) STRICT;
CREATE INDEX IF NOT EXISTS "as(user_id)" ON "as" ("user_id");
