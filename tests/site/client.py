"""An HTTP/1.1 client that sends what it is given, right or wrong."""
import socket


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        values = [v for n, v in self.headers if n == name.lower()]
        return values[0] if values else None


class Client:
    """HTTP/1.1 over a kept connection; requests are bytes, sent as they stand."""

    def __init__(self, port, timeout=20):
        self.port, self.timeout, self.peer, self.stream = port, timeout, None, None

    def close(self):
        if self.peer:
            self.stream.close()
            self.peer.close()
        self.peer = None

    def _connect(self):
        self.peer = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.peer.makefile("rb")

    def _line(self):
        line = self.stream.readline(65536)
        if not line.endswith(b"\n"):
            raise ConnectionError("the answer is cut off")
        return line.rstrip(b"\r\n")

    def _headers(self):
        headers = []
        while line := self._line():
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.lower(), value.strip()))
        return headers

    def _exactly(self, n):
        data = self.stream.read(n)
        if len(data) != n:
            raise ConnectionError("the body is cut off")
        return data

    def _chunks(self):
        body = b""
        while n := int(self._line().split(b";")[0], 16):
            body += self._exactly(n)
            self._line()
        self._headers()
        return body

    def _answer(self, head):
        status_line = self._line().decode("latin-1")
        if not status_line.startswith("HTTP/1."):
            raise ConnectionError("no HTTP: %r" % status_line[:80])
        status = int(status_line.split()[1])
        answer = Answer(status, self._headers(), b"")
        length = answer.header("content-length")
        ends = (answer.header("connection") or "").lower() == "close"
        if head or status in (204, 304) or status < 200:
            pass
        elif (answer.header("transfer-encoding") or "").lower() == "chunked":
            answer.body = self._chunks()
        elif length is not None:
            answer.body = self._exactly(int(length))
        else:
            answer.body, ends = self.stream.read(), True
        if ends or status_line.startswith("HTTP/1.0"):
            self.close()
        return answer

    def raw(self, request, head=False):
        """Sends bytes; what a server closed meanwhile is opened again, once."""
        fresh = not self.peer
        if fresh:
            self._connect()
        try:
            self.peer.sendall(request)
            return self._answer(head)
        except (ConnectionError, OSError):
            self.close()
            if fresh:
                raise
        return self.raw(request, head)

    def request(self, method, target, headers=(), body=None, token=None):
        lines = ["%s %s HTTP/1.1" % (method, target), "Host: 127.0.0.1"]
        lines += ["%s: %s" % h for h in headers]
        if token:
            lines.append("Authorization: Bearer " + token)
        if body is not None:
            lines.append("Content-Length: %d" % len(body))
        elif method in ("POST", "PUT", "PATCH"):
            lines.append("Content-Length: 0")
        text = "\r\n".join(lines + ["", ""]).encode("utf-8", "surrogateescape")
        return self.raw(text + (body or b""), method == "HEAD")
