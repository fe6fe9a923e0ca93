CREATE TABLE IF NOT EXISTS "users" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "role" TEXT NOT NULL DEFAULT '24' CHECK ("role" IN ('admin', 'it''s \ "x"', 'ümlaut-ü', '24')),
  "Mood" TEXT CHECK ("Mood" IN ('good', 'bad'))
) STRICT;

CREATE TABLE IF NOT EXISTS "states" (
  "org" TEXT NOT NULL CHECK (length("org") <= 20),
  "phase" TEXT NOT NULL CHECK ("phase" IN ('a', 'b')),
  "kind" TEXT UNIQUE CHECK ("kind" IN ('A', 'b c')),
  PRIMARY KEY ("org", "phase")
) STRICT;
CREATE INDEX IF NOT EXISTS "states(kind,org)" ON "states" ("kind", "org");
