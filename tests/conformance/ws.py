"""A small RFC 6455 client that can also misbehave on purpose."""

import base64
import hashlib
import os
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class HandshakeError(Exception):
    """The server did not answer 101; `status` is 0 if it just closed."""

    def __init__(self, status, head):
        super().__init__(f"status {status}: {head[:200]!r}")
        self.status = status


def upgrade_request(host, path="/", headers=()):
    """(request bytes, the Sec-WebSocket-Accept to expect)."""
    nonce = base64.b64encode(os.urandom(16))
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket",
             "Connection: Upgrade", f"Sec-WebSocket-Key: {nonce.decode()}",
             "Sec-WebSocket-Version: 13"]
    lines += [f"{name}: {value}" for name, value in headers]
    accept = base64.b64encode(hashlib.sha1(nonce + GUID).digest()).decode()
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), accept


def check_answer(head, accept):
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    if status != 101:
        raise HandshakeError(status, head)
    fields = {k.strip().lower(): v.strip() for k, _, v in
              (line.partition(":") for line in lines[1:])}
    if fields.get("sec-websocket-accept") != accept:
        raise HandshakeError(status, head)
    assert "sec-websocket-extensions" not in fields, "extension not asked for"
    assert "sec-websocket-protocol" not in fields, "protocol not asked for"


def encode(opcode, data=b"", fin=True):
    """One client frame (masked)."""
    n = len(data)
    head = bytes([opcode | (0x80 if fin else 0)])
    if n < 126:
        head += bytes([0x80 | n])
    elif n < 1 << 16:
        head += bytes([0x80 | 126]) + struct.pack(">H", n)
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", n)
    mask = os.urandom(4)
    return head + mask + _xor(data, mask)


def _xor(data, mask):
    if not data:
        return b""
    pad = (mask * (len(data) // 4 + 1))[:len(data)]
    return (int.from_bytes(data, "big")
            ^ int.from_bytes(pad, "big")).to_bytes(len(data), "big")


def fragments(opcode, data, sizes):
    """DATA as several frames of the given sizes; the rest goes in the last."""
    out = []
    at = 0
    for i, size in enumerate([*sizes, len(data)]):
        last = i == len(sizes)
        part = data[at:] if last else data[at:at + size]
        out.append(encode(opcode if i == 0 else CONTINUATION, part, fin=last))
        at += size
    return out


def split(buffer):
    """Takes one server frame off BUFFER: (fin, opcode, payload) or None."""
    if len(buffer) < 2:
        return None
    assert not buffer[0] & 0x70, "reserved bits set: an extension in use"
    assert not buffer[1] & 0x80, "the server masked a frame"
    n, at = buffer[1] & 0x7F, 2
    if n >= 126:
        size = 2 if n == 126 else 8
        if len(buffer) < at + size:
            return None
        n = int.from_bytes(buffer[2:2 + size], "big")
        at += size
    if len(buffer) < at + n:
        return None
    fin, opcode = bool(buffer[0] & 0x80), buffer[0] & 0x0F
    payload = bytes(buffer[at:at + n])
    del buffer[:at + n]
    return fin, opcode, payload
