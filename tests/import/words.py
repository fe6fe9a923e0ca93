"""ENUM and CHECK (x IN (...)) as `one of`: where the list is all that a text may be, and `one of` can say it."""

from declared import check, count_rows
from world import COMPILER, make_database, make_file, top

SERVER = r"""
CREATE TABLE words (id INT PRIMARY KEY, a ENUM('a','b''s','c\\d','é','x"y') NOT NULL DEFAULT 'a', cases ENUM('a','A')
    COLLATE utf8mb4_bin, empty ENUM('','b'), listed VARCHAR(9) COLLATE utf8mb4_nopad_bin CHECK (listed IN ('a','b''s','c\\d')),
    loose VARCHAR(9) COLLATE utf8mb4_general_ci CHECK (loose IN ('x','y')), padded VARCHAR(9) COLLATE utf8mb4_bin
    CHECK (padded IN ('x')), behind VARCHAR(9) COLLATE utf8mb4_nopad_bin, other VARCHAR(3) COLLATE utf8mb4_nopad_bin,
    token ENUM('yes','no') UNIQUE, control ENUM('a\nb','c'), CONSTRAINT behind_it CHECK (behind IN ('x','y')),
    CONSTRAINT either CHECK (other = 'x' OR other = 'y'));
CREATE TABLE keys_of_words (k ENUM('de','en') PRIMARY KEY);
CREATE TABLE uses (id INT PRIMARY KEY, k ENUM('de','en'), FOREIGN KEY (k) REFERENCES keys_of_words (k));
CREATE TABLE pairs (a ENUM('x','y') NOT NULL, b ENUM('p','q') NOT NULL, PRIMARY KEY (a, b));
INSERT INTO words VALUES (1, 'c\\d', 'A', '', 'c\\d', 'X', 'x ', 'y', 'x', 'no', 'a\nb'),
    (2, 'é', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO keys_of_words VALUES ('de'); INSERT INTO uses VALUES (1, 'de'); INSERT INTO pairs VALUES ('y', 'p');
"""

FILE = ["""CREATE TABLE words (id INTEGER PRIMARY KEY, role VARCHAR(6) NOT NULL DEFAULT 'reader'
               CONSTRAINT roles CHECK (role IN ('reader', 'it''s')), state TEXT, loose TEXT COLLATE NOCASE CHECK (loose IN ('x')),
               padded TEXT COLLATE RTRIM CHECK (padded IN ('x')), quoted TEXT UNIQUE CHECK ("quoted" IN ('c\\d')),
               nulls TEXT CHECK (nulls IN ('a', NULL)), more TEXT CHECK (more IN ('a') OR id > 0), number INT CHECK (number IN (1, 2)),
               short VARCHAR(2) CHECK (short IN ('abc')), CONSTRAINT states CHECK ([state] IN ('on' , 'off')))""",
        "INSERT INTO words VALUES (1, 'it''s', 'off', 'X', 'x ', 'c\\d', 'any', 'b', 2, 'abc')",
        "INSERT INTO words (id) VALUES (2)"]


def read_by_program(name, url, found):
    folder = COMPILER.build_all(top.name, {name: found.text})[name]
    check(folder, url)
    return count_rows(folder, url)


def test_lists_of_words_on_a_server_are_one_of_where_they_are_all_that_a_text_may_be():
    url = make_database("words", SERVER)
    found = COMPILER.imported(url)
    words = found.tables["words"]
    assert words["a"] == r'text one of "a" "b\'s" "c\\d" "é" "x\"y" default "a"'.replace("\\'", "'"), words["a"]
    assert words["listed"] == r'''text max 9 one of "a" "b's" "c\\d" optional''', words["listed"]
    assert words["behind"] == 'text max 9 one of "x" "y" optional'
    assert words["token"] == 'text one of "yes" "no" unique optional'  # no secret is one of two words
    for column, most in {"cases": 1, "empty": 1, "loose": 9, "padded": 9, "other": 3, "control": 3}.items():
        assert words[column] == f"text max {most} optional", (column, words[column])
    for note in ("check loose: `loose` in ('x','y')", "check either: ", "enum('','b'): `one of` cannot",
                 "enum('a','A'): two of them are the same"):
        assert note in found.text, note
    assert found.tables["keys_of_words"] == {"k": "text max 2 key"}
    assert found.tables["uses"]["k"] == "text max 2 optional references keys_of_words"
    assert found.tables["pairs"] == {"a": 'text one of "x" "y"', "b": 'text one of "p" "q"'}
    assert read_by_program("words", url, found) == {"words": 2, "keys_of_words": 1, "uses": 1, "pairs": 1}


def test_lists_of_words_in_a_file_are_one_of_where_they_are_all_that_a_text_may_be():
    url = make_file("words", FILE)
    found = COMPILER.imported(url)
    words = found.tables["words"]
    assert words["role"] == '''text one of "reader" "it's" default "reader"'''
    assert words["state"] == 'text one of "on" "off" optional'
    assert words["quoted"] == r'text one of "c\\d" unique optional', words["quoted"]
    for column in ("loose", "padded", "nulls", "more"):
        assert words[column] == "text optional", (column, words[column])
    assert words["number"] == "int optional" and words["short"] == "text max 2 optional"
    assert "check (loose IN ('x'))" in found.text and "in (abc): `one of` cannot" in found.text
    assert read_by_program("words-file", url, found) == {"words": 2}
