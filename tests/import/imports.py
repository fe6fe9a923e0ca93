#!/usr/bin/python3
"""`gatewright import`, on MariaDB and SQLite.

    imports.py GATEWRIGHT CC RUNTIME LIBRARY LIBRARIES SOURCE"""
from program import run_tests

import bad
import references
import schemas
import words
from world import server

if __name__ == "__main__":
    try:
        run_tests({**vars(schemas), **vars(bad), **vars(references), **vars(words)})
    finally:
        server.stop()
