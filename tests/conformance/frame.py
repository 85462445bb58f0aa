"""The TCP frame header: length of the header and of the payload in one."""

LIMITS = (0x3F, 0x3FFF, 0x3FFFFF, 0x3FFFFFFF)


def header(length, size=0):
    """The header of a frame; SIZE forces a longer form than needed."""
    shortest = next(n for n, limit in enumerate(LIMITS, 1) if length <= limit)
    size = size or shortest
    assert size >= shortest
    return (length << 2 | size - 1).to_bytes(size, "little")


def encode(payload, size=0):
    return header(len(payload), size) + payload


def split(buffer):
    """Takes one frame off the bytearray BUFFER: (header, payload) or None."""
    if not buffer:
        return None
    size = (buffer[0] & 3) + 1
    if len(buffer) < size:
        return None
    length = int.from_bytes(buffer[:size], "little") >> 2
    if len(buffer) < size + length:
        return None
    head, payload = bytes(buffer[:size]), bytes(buffer[size:size + length])
    del buffer[:size + length]
    return head, payload
