-- For MariaDB. On MySQL 8 the collation is utf8mb4_0900_bin.

CREATE TABLE IF NOT EXISTS `users` (
  `id` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `role` VARCHAR(10) NOT NULL DEFAULT '24' CHECK (`role` IN ('admin', 'it''s \\ "x"', 'ümlaut-ü', '24')),
  `Mood` VARCHAR(9) CHECK (`Mood` IN ('good', 'bad'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS `states` (
  `org` VARCHAR(20) NOT NULL,
  `phase` VARCHAR(1) NOT NULL CHECK (`phase` IN ('a', 'b')),
  `kind` VARCHAR(12) UNIQUE CHECK (`kind` IN ('A', 'b c')),
  PRIMARY KEY (`org`, `phase`),
  INDEX (`kind`, `org`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
