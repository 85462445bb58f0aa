"""rustdesk-utils as a program, and a Redis for it.

UTILS_BIN is the folder of the programs (default: the release build).
"""

import os
import socket
import struct
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("UTILS_BIN", ROOT / "build/release/bin"))
PROGRAM = BIN / "rustdesk-utils"
OURS = ("KEY", "HOST", "PORT", "API", "RELAY", "KEYS", "REDIS_URL", "DATA_DIR",
        "PASSPHRASE", "SOCKET")


def utils(*arguments, cwd="/", text=True, **more):
    """Runs it; keywords in capitals are its environment."""
    env = {k: v for k, v in os.environ.items() if k not in OURS}
    env.update({k: str(v) for k, v in more.items() if k.isupper()})
    more = {k: v for k, v in more.items() if not k.isupper()}
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, text=text,
                          env=env, capture_output=True, timeout=300, **more)
    said = done.stderr if text else done.stderr.decode(errors="replace")
    assert "Sanitizer" not in said, said
    assert "runtime error" not in said, said
    return done


def crc16(data):
    crc = 0
    for b in data:
        crc ^= b << 8
        for _ in range(8):
            crc = ((crc << 1) ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


def bucket(peer_id):
    return f"peer:{crc16(peer_id.encode()):04x}"


def fields(data):
    """Protobuf fields by number; nested bytes and integers alone."""
    found, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        head = varint()
        value = varint()
        if head & 7 == 2:
            value, at = data[at:at + value], at + value
        found[head >> 3] = value
    return found


class Redis:
    """A redis-server of its own, on a unix socket."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.path = folder, folder / "redis.sock"
        self.url = f"unix://{self.path}"
        self.start()

    def start(self):
        self.child = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.path),
             "--save", "", "--appendonly", "yes", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while True:
            try:
                return self.do("PING")
            except (OSError, RuntimeError):     # RuntimeError: still loading
                assert time.monotonic() < end and self.child.poll() is None
                time.sleep(0.02)

    def stop(self):
        self.child.terminate()
        self.child.wait(30)

    def do(self, *words):
        parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        out = b"*%d\r\n" % len(parts) + b"".join(
            b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(str(self.path))
            s.sendall(out)
            with s.makefile("rb") as replies:
                return self._reply(replies)

    def _reply(self, stream):
        line = stream.readline()
        if not line:
            raise ConnectionResetError
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else stream.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._reply(stream) for _ in range(int(rest))]
        return rest

    def peer(self, peer_id):
        """(revision, PeerRecord's fields), or None."""
        value = self.do("HGET", bucket(peer_id), peer_id)
        return value and (struct.unpack("<I", value[:4])[0], fields(value[4:]))

    def everything(self):
        """key -> (value, has an expiry), for comparing two."""
        read = {b"string": ["GET"], b"hash": ["HGETALL"],
                b"set": ["SMEMBERS"], b"stream": ["XRANGE", "-", "+"],
                b"zset": ["ZRANGE", "0", "-1", "WITHSCORES"]}
        found = {}
        for key in self.do("KEYS", "*"):
            kind = self.do("TYPE", key)
            name, *rest = read[kind]
            value = self.do(name, key, *rest)
            if kind == b"hash":
                value = dict(zip(value[::2], value[1::2]))
            elif kind == b"set":
                value = set(value)
            found[key.decode()] = value, self.do("PTTL", key) > 0
        return found
