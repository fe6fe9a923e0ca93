-- For MariaDB. On MySQL 8 the collation is utf8mb4_0900_bin.

CREATE TABLE IF NOT EXISTS `accounts` (
  `name` VARCHAR(50) COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY,
  `email` VARCHAR(255) COLLATE utf8mb4_general_ci NOT NULL UNIQUE,
  `nick` LONGTEXT COLLATE utf8mb4_general_ci
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS `notes` (
  `id` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `owner` VARCHAR(50) COLLATE utf8mb4_general_ci NOT NULL,
  FOREIGN KEY (`owner`) REFERENCES `accounts` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
