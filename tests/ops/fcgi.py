"""A FastCGI client (FastCGI 1.0): one request on a connection of its own."""
import socket
import struct

RESPONDER, AUTHORIZER = 1, 2


def record(kind, content):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def pair(name, value):
    name, value = name.encode(), value.encode()
    return struct.pack(">II", len(name) | 1 << 31, len(value) | 1 << 31) + name + value


def request(path, target="/", method="GET", token=None, role=RESPONDER, meta=(), timeout=10):
    """(status, head, body). `path` of the unix socket. An answer that is cut off: ConnectionError."""
    pairs = {"REQUEST_METHOD": method, "REQUEST_URI": target, "REMOTE_ADDR": "127.0.0.1",
             "QUERY_STRING": target.partition("?")[2], **dict(meta)}
    if token:
        pairs["HTTP_AUTHORIZATION"] = "Bearer " + token
    text = b"".join(pair(k, v) for k, v in pairs.items())
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(timeout)
        peer.connect(path)
        peer.sendall(record(1, struct.pack(">HB5x", role, 0)) + record(4, text) + record(4, b"")
                     + record(5, b""))
        stream, out = peer.makefile("rb"), b""
        while True:
            header = stream.read(8)
            if len(header) < 8:
                raise ConnectionError("the answer is cut off")
            _, kind, _, length, padding = struct.unpack(">BBHHBx", header)
            content = stream.read(length)
            stream.read(padding)
            if kind == 6:
                out += content
            if kind == 3:
                break
    head, _, body = out.partition(b"\r\n\r\n")
    head = head.decode("latin-1")
    return int(head.split()[1]), head, body
