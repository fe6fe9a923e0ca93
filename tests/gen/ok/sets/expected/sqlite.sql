CREATE TABLE IF NOT EXISTS "users" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "org" TEXT NOT NULL CHECK (length("org") <= 20),
  "name" TEXT NOT NULL CHECK (length("name") <= 50),
  UNIQUE ("org", "name")
) STRICT;

CREATE TABLE IF NOT EXISTS "orgs" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "key" INTEGER NOT NULL,
  "unique" INTEGER,
  "index" TEXT NOT NULL CHECK (length("index") <= 9),
  "on" INTEGER NOT NULL,
  "delete" INTEGER NOT NULL,
  UNIQUE ("unique", "delete")
) STRICT;
CREATE INDEX IF NOT EXISTS "orgs(key,index)" ON "orgs" ("key", "index");
CREATE INDEX IF NOT EXISTS "orgs(on)" ON "orgs" ("on");

CREATE TABLE IF NOT EXISTS "members" (
  "org_id" TEXT NOT NULL,
  "user_id" INTEGER NOT NULL,
  "role" TEXT NOT NULL CHECK (length("role") <= 20),
  "by_id" INTEGER,
  "day" TEXT NOT NULL,
  PRIMARY KEY ("org_id", "user_id", "day"),
  UNIQUE ("role", "user_id"),
  FOREIGN KEY ("org_id") REFERENCES "orgs" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("by_id") REFERENCES "users" ("id") ON DELETE SET NULL
) STRICT;
CREATE INDEX IF NOT EXISTS "members(day)" ON "members" ("day");
CREATE INDEX IF NOT EXISTS "members(user_id)" ON "members" ("user_id");
CREATE INDEX IF NOT EXISTS "members(by_id)" ON "members" ("by_id");

CREATE TABLE IF NOT EXISTS "notes" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  "user_id" INTEGER NOT NULL,
  FOREIGN KEY ("user_id") REFERENCES "users" ("id")
) STRICT;
CREATE INDEX IF NOT EXISTS "notes(user_id)" ON "notes" ("user_id");
