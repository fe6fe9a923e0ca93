CREATE TABLE IF NOT EXISTS "app_users" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT CHECK ("id" >= 0),
  "n" TEXT NOT NULL CHECK (length("n") <= 20)
) STRICT;

CREATE TABLE IF NOT EXISTS "devices" (
  "serial" TEXT NOT NULL PRIMARY KEY CHECK (length("serial") <= 40),
  "epoch" INTEGER NOT NULL DEFAULT 0 CHECK ("epoch" >= 0),
  "owner" INTEGER NOT NULL CHECK ("owner" >= 0),
  FOREIGN KEY ("owner") REFERENCES "app_users" ("id")
) STRICT;
CREATE INDEX IF NOT EXISTS "devices(owner)" ON "devices" ("owner");

CREATE TABLE IF NOT EXISTS "everything" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "u" INTEGER CHECK ("u" >= 0),
  "t" TEXT NOT NULL,
  "tl" TEXT CHECK (length("tl") <= 5000),
  "b" INTEGER NOT NULL CHECK ("b" IN (0, 1)),
  "bo" INTEGER CHECK ("bo" IN (0, 1)),
  "r" REAL NOT NULL,
  "ro" REAL,
  "d" TEXT NOT NULL,
  "ti" INTEGER NOT NULL UNIQUE,
  "tio" INTEGER,
  "da" TEXT NOT NULL UNIQUE,
  "bl" BLOB NOT NULL CHECK (length("bl") <= 100),
  "blo" BLOB,
  "j" TEXT,
  "parent" INTEGER,
  "dev" TEXT CHECK (length("dev") <= 40),
  FOREIGN KEY ("parent") REFERENCES "everything" ("id"),
  FOREIGN KEY ("dev") REFERENCES "devices" ("serial")
) STRICT;
CREATE INDEX IF NOT EXISTS "everything(parent)" ON "everything" ("parent");
CREATE INDEX IF NOT EXISTS "everything(dev)" ON "everything" ("dev");
