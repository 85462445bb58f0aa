"""Messages of the peer protocol as field numbers, for the scripted device:
written apart from the client's codec, so that neither hides a fault of the
other."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "conformance"))

import pb  # noqa: E402


def m(*fields):
    """A message of (number, value): int, bool, str, bytes, or float-free."""
    out = b""
    for number, value in fields:
        if isinstance(value, (bytes, str)):
            data = value.encode() if isinstance(value, str) else value
            out += pb.delimited(number, data)
        else:
            out += pb.tag(number, 0) + pb.varint(int(value))
    return out


def zigzag(n):
    return n << 1 if n >= 0 else (-n << 1) - 1


class Fields:
    """What a message holds, by number; the last value of a field counts."""

    def __init__(self, data):
        self.all = list(pb.fields(data))

    def __contains__(self, number):
        return any(n == number for n, _ in self.all)

    def raw(self, number, default=b""):
        found = [v for n, v in self.all if n == number]
        return found[-1] if found else default

    def int(self, number):
        return self.raw(number, 0)

    def text(self, number):
        return bytes(self.raw(number)).decode()

    def sub(self, number):
        return Fields(bytes(self.raw(number)))

    def subs(self, number):
        return [Fields(bytes(v)) for n, v in self.all if n == number]

    @property
    def first(self):
        return self.all[0][0] if self.all else 0
