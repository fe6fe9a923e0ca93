"""checker.py SOCKET ADDRESS PORT: tells a balancer over HTTP whether a node of Galera can serve: 200 or 503.

What mysql-check of HAProxy does not see: a node without a quorum, or one that has not all rows, greets as any."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

WANTED = {"wsrep_ready": "ON", "wsrep_local_state": "4", "wsrep_cluster_status": "Primary"}


def can_serve(path):
    try:
        with pymysql.connect(unix_socket=path, user="root", connect_timeout=1, read_timeout=1) as peer:
            with peer.cursor() as cursor:
                cursor.execute("SHOW STATUS WHERE Variable_name IN %s", (tuple(WANTED),))
                return dict(cursor.fetchall()) == WANTED
    except (pymysql.Error, OSError):
        return False


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if can_serve(sys.argv[1]) else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_OPTIONS = do_HEAD = do_GET

    def log_message(self, *_):
        pass


ThreadingHTTPServer((sys.argv[2], int(sys.argv[3])), Handler).serve_forever()
