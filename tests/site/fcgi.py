"""A FastCGI client (FastCGI 1.0)."""
import re
import socket
import struct

RESPONDER, AUTHORIZER, FILTER = 1, 2, 3


def record(kind, content):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def pair(name, value):
    name, value = name.encode("latin-1"), value.encode("latin-1")
    return struct.pack(">II", len(name) | 1 << 31, len(value) | 1 << 31) + name + value


def connect(address, timeout=10):
    """`address`: the path of a unix socket, or tcp:HOST:PORT."""
    if address.startswith("tcp:"):
        host, port = address[4:].rsplit(":", 1)
        return socket.create_connection((host, int(port)), timeout)
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(timeout)
    peer.connect(address[5:] if address.startswith("unix:") else address)
    return peer


def text_of(target="/", method="GET", token=None, role=RESPONDER, meta=(), body=None, keep=0):
    """The bytes of a request. An authorizer is sent no STDIN (specification, 6.3)."""
    pairs = {"REQUEST_METHOD": method, "REQUEST_URI": target, "REMOTE_ADDR": "127.0.0.1",
             "QUERY_STRING": target.partition("?")[2]}
    if token:
        pairs["HTTP_AUTHORIZATION"] = "Bearer " + token
    if body is not None:
        pairs.update(CONTENT_LENGTH=str(len(body)), CONTENT_TYPE="application/json")
    pairs.update(dict(meta))
    text = record(1, struct.pack(">HB5x", role, keep))
    text += record(4, b"".join(pair(k, v) for k, v in pairs.items())) + record(4, b"")
    for at in range(0, len(body or b""), 32768):
        text += record(5, body[at:at + 32768])
    return text + (record(5, b"") if role == RESPONDER else b"")


def read_answer(stream):
    """(status, head, body). An answer that is cut off: ConnectionError."""
    out, ended = b"", None
    while ended is None:
        header = stream.read(8)
        if len(header) < 8:
            raise ConnectionError("the answer is cut off")
        _, kind, _, length, padding = struct.unpack(">BBHHBx", header)
        content = stream.read(length)
        stream.read(padding)
        if kind == 6:
            out += content
        if kind == 3:
            ended = content[4]
    if ended:
        raise ConnectionError("the role is refused: %d" % ended)
    head, _, body = out.partition(b"\r\n\r\n")
    head = head.decode("latin-1")
    status, = re.findall("(?im)^Status: ([0-9]{3})", head)
    return int(status), head, body


def request(address, *arguments, timeout=10, **keywords):
    """One request, as text_of has it, on a connection of its own."""
    with connect(address, timeout) as peer:
        peer.sendall(text_of(*arguments, **keywords))
        return read_answer(peer.makefile("rb"))
