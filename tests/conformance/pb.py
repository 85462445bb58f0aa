"""Protobuf for the suite: encodes and decodes what hbb.proto declares.

Messages are plain objects: a field that was not set reads as its default,
`which()` names the member of a oneof that was set, `in` tells whether a field
was on the wire. Unknown fields are kept in `unknown`.
"""

import pathlib

from schema import SCALARS, Schema

SCHEMA = Schema(
    (pathlib.Path(__file__).parent / "hbb.proto").read_text(encoding="utf-8"))
DEPTH_MAX = 100


class DecodeError(ValueError):
    pass


# ---- wire primitives ------------------------------------------------------

def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def tag(number, wire):
    return varint(number << 3 | wire)


def delimited(number, data):
    return tag(number, 2) + varint(len(data)) + data


def read_varint(data, at):
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise DecodeError("varint cut short")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
    raise DecodeError("varint too long")


def _take(data, at, n):
    if at + n > len(data):
        raise DecodeError("field cut short")
    return data[at:at + n], at + n


def _skip_group(data, at, number, depth):
    if depth > DEPTH_MAX:
        raise DecodeError("groups nested too deep")
    while True:
        key, at = read_varint(data, at)
        if key & 7 == 4:
            if key >> 3 != number:
                raise DecodeError("group ends with another number")
            return at
        _, at = _raw(data, at, key, depth + 1)


def _raw(data, at, key, depth=0):
    """The undecoded value behind KEY, and the offset after it."""
    wire = key & 7
    if wire == 0:
        return read_varint(data, at)
    if wire == 1:
        return _take(data, at, 8)
    if wire == 2:
        n, at = read_varint(data, at)
        return _take(data, at, n)
    if wire == 3:
        end = _skip_group(data, at, key >> 3, depth)
        return data[at:end], end
    if wire == 5:
        return _take(data, at, 4)
    raise DecodeError(f"wire type {wire}")


# ---- messages -------------------------------------------------------------

class Message:
    """One message of type KIND; keyword arguments set fields."""

    def __init__(self, kind, **fields):
        self.__dict__["kind"] = SCHEMA.messages[kind]
        self.__dict__["values"] = {}
        self.__dict__["unknown"] = []
        for name, value in fields.items():
            setattr(self, name, value)

    def __setattr__(self, name, value):
        field = self.kind.by_name[name]
        if field.oneof:
            for other in self.kind.by_name.values():
                if other.oneof == field.oneof:
                    self.values.pop(other.name, None)
        self.values[name] = _coerce(field, value)

    def __getattr__(self, name):
        field = self.kind.by_name.get(name)
        if field is None:
            raise AttributeError(f"{self.kind.name} has no field {name}")
        return self.values[name] if name in self.values else _default(field)

    def __contains__(self, name):
        assert name in self.kind.by_name, name
        return name in self.values

    def __eq__(self, other):
        return (isinstance(other, Message) and self.kind is other.kind
                and self.values == other.values)

    def __repr__(self):
        inner = ", ".join(f"{k}={v.hex() if isinstance(v, bytes) else repr(v)}"
                          for k, v in self.values.items())
        return f"{self.kind.name}({inner})"

    def which(self, oneof="union"):
        """The name of the member of ONEOF that is set, or None."""
        return next((n for n in self.values
                     if self.kind.by_name[n].oneof == oneof), None)

    def encode(self):
        out = bytearray()
        for field in sorted(self.kind.by_number.values(),
                            key=lambda f: f.number):
            if field.name in self.values:
                out += _encode_field(field, self.values[field.name])
        return bytes(out) + b"".join(raw for raw in self.unknown)


def _coerce(field, value):
    if field.type in SCHEMA.messages:
        def build(v):
            return v if isinstance(v, Message) else Message(field.type, **v)
        return [build(v) for v in value] if field.repeated else build(value)
    if field.type in SCHEMA.enums and isinstance(value, str):
        return SCHEMA.enums[field.type][value]
    return list(value) if field.repeated else value


def _default(field):
    if field.repeated:
        return []
    if field.type in SCHEMA.messages:
        return Message(field.type)
    return {"string": "", "bytes": b"", "bool": False}.get(field.type, 0)


def _encode_field(field, value):
    if field.repeated:
        return b"".join(_encode_one(field, v) for v in value)
    # proto3 leaves defaults out, except for members of a oneof
    if not field.oneof and not isinstance(value, Message) and not value:
        return b""
    return _encode_one(field, value)


def _encode_one(field, value):
    if field.type == "string":
        return delimited(field.number, value.encode())
    if field.type == "bytes":
        return delimited(field.number, bytes(value))
    if field.type in SCHEMA.messages:
        return delimited(field.number, value.encode())
    return tag(field.number, 0) + varint(int(value))


def _signed(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _decode_value(field, wire, raw, depth):
    if field.type in SCHEMA.messages or field.type in ("string", "bytes"):
        if wire != 2:
            raise DecodeError(f"{field.name}: wire type {wire}")
        if field.type == "bytes":
            return bytes(raw)
        if field.type == "string":
            try:
                return bytes(raw).decode("utf-8")
            except UnicodeDecodeError as e:
                raise DecodeError(f"{field.name}: not UTF-8") from e
        return decode(field.type, raw, depth + 1)
    if wire != 0:
        raise DecodeError(f"{field.name}: wire type {wire}")
    if field.type == "bool":
        return bool(raw)
    if field.type in ("uint64", "uint32"):
        return raw & ((1 << 64) - 1 if field.type == "uint64" else 0xFFFFFFFF)
    return _signed(raw, 64 if field.type == "int64" else 32)


def decode(kind, data, depth=0):
    """The message of type KIND in DATA; DecodeError if there is none."""
    if depth > DEPTH_MAX:
        raise DecodeError("messages nested too deep")
    message = Message(kind)
    at = 0
    while at < len(data):
        start = at
        key, at = read_varint(data, at)
        if key >> 3 == 0:
            raise DecodeError("field number 0")
        raw, at = _raw(data, at, key)
        field = message.kind.by_number.get(key >> 3)
        if field is None:
            message.unknown.append(bytes(data[start:at]))
            continue
        value = _decode_value(field, key & 7, raw, depth)
        if field.repeated:
            message.values.setdefault(field.name, []).append(value)
        else:
            setattr(message, field.name, value)
    return message


def fields(data):
    """(number, undecoded value) of every field in DATA."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        raw, at = _raw(data, at, key)
        yield key >> 3, raw


def rendezvous(**member):
    """The bytes of a RendezvousMessage with the given member."""
    return Message("RendezvousMessage", **member).encode()


def parse(data):
    return decode("RendezvousMessage", data)


assert SCALARS.isdisjoint(SCHEMA.messages)
