-- For MariaDB. On MySQL 8 the collation is utf8mb4_0900_bin.

CREATE TABLE IF NOT EXISTS `users` (
  `id` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `name` VARCHAR(100) NOT NULL,
  `email` VARCHAR(255) COLLATE utf8mb4_general_ci NOT NULL UNIQUE,
  `password` VARCHAR(255) NOT NULL,
  `token_epoch` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  `disabled` TINYINT(1) NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS `teachers` (
  `teacher_id` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `name` VARCHAR(100) NOT NULL,
  `email` VARCHAR(255) COLLATE utf8mb4_general_ci NOT NULL UNIQUE,
  `password` VARCHAR(255) NOT NULL,
  `token_epoch` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  `role` VARCHAR(7) NOT NULL DEFAULT 'teacher' CHECK (`role` IN ('teacher', 'head')),
  `disabled` TINYINT(1) NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS `lessons` (
  `id` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `title` VARCHAR(200) NOT NULL,
  `level` VARCHAR(8) NOT NULL DEFAULT 'beginner' CHECK (`level` IN ('beginner', 'advanced')),
  `author_id` BIGINT NOT NULL,
  `changed` DATETIME(6),
  UNIQUE (`author_id`, `title`),
  FOREIGN KEY (`author_id`) REFERENCES `teachers` (`teacher_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
