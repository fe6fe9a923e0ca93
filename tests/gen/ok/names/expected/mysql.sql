-- For MariaDB. On MySQL 8 the collation is utf8mb4_0900_bin.

CREATE TABLE IF NOT EXISTS `Order Details` (
  `id` CHAR(36) NOT NULL PRIMARY KEY,
  `AS $x` VARCHAR(9),
  `größe` BIGINT NOT NULL,
  `default` TINYINT(1) NOT NULL,
  `a__b` BIGINT,
  `c_` BIGINT,
  `uuid` CHAR(36) UNIQUE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS `as` (
  `id` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `user_id` CHAR(36) NOT NULL,
  `long` VARCHAR(5) NOT NULL,
  FOREIGN KEY (`user_id`) REFERENCES `Order Details` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
