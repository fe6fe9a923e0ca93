-- For MariaDB. On MySQL 8 the collation is utf8mb4_0900_bin.

CREATE TABLE IF NOT EXISTS `users` (
  `id` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `org` VARCHAR(20) NOT NULL,
  `name` VARCHAR(50) NOT NULL,
  UNIQUE (`org`, `name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS `orgs` (
  `id` CHAR(36) NOT NULL PRIMARY KEY,
  `key` BIGINT NOT NULL,
  `unique` BIGINT,
  `index` VARCHAR(9) NOT NULL,
  `on` BIGINT NOT NULL,
  `delete` BIGINT NOT NULL,
  INDEX (`key`, `index`),
  INDEX (`on`),
  UNIQUE (`unique`, `delete`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS `members` (
  `org_id` CHAR(36) NOT NULL,
  `user_id` BIGINT NOT NULL,
  `role` VARCHAR(20) NOT NULL,
  `by_id` BIGINT,
  `day` DATE NOT NULL,
  PRIMARY KEY (`org_id`, `user_id`, `day`),
  UNIQUE (`role`, `user_id`),
  INDEX (`day`),
  FOREIGN KEY (`org_id`) REFERENCES `orgs` (`id`) ON DELETE CASCADE,
  FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE,
  FOREIGN KEY (`by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS `notes` (
  `id` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `user_id` BIGINT NOT NULL,
  FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
