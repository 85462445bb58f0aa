"""Writes a small MaxMind database: networks and their places."""

import ipaddress
import struct


def _head(kind, size):
    assert size < 29
    return bytes([kind << 5 | size])


def _encode(value):
    if isinstance(value, str):
        data = value.encode()
        return _head(2, len(data)) + data
    if isinstance(value, float):
        return _head(3, 8) + struct.pack(">d", value)
    if isinstance(value, dict):
        return _head(7, len(value)) + b"".join(
            _encode(k) + _encode(v) for k, v in value.items())
    if isinstance(value, list):         # extended type 11
        return bytes([len(value), 11 - 7]) + b"".join(map(_encode, value))
    kind, data = value                  # an unsigned number
    head = (_head(kind, len(data)) if kind < 8
            else bytes([len(data), kind - 7]))
    return head + data


def _uint(kind, n):
    return kind, n.to_bytes((n.bit_length() + 7) // 8, "big")


def write(path, places):
    """PLACES: network -> (longitude, latitude). IPv4 only."""
    nodes, data = [[None, None]], b""
    for network, (lon, lat) in places.items():
        at = len(data)
        data += _encode({"location": {"latitude": float(lat),
                                      "longitude": float(lon)}})
        net = ipaddress.ip_network(network)
        bits = int(net.network_address)
        node = 0
        for depth in range(net.prefixlen):
            bit = bits >> 31 - depth & 1
            if depth == net.prefixlen - 1:
                nodes[node][bit] = ("data", at)
            else:
                if nodes[node][bit] is None:
                    nodes.append([None, None])
                    nodes[node][bit] = len(nodes) - 1
                node = nodes[node][bit]
    count, tree = len(nodes), b""
    for node in nodes:
        for record in node:
            if record is None:
                value = count
            elif isinstance(record, tuple):
                value = count + 16 + record[1]
            else:
                value = record
            tree += value.to_bytes(4, "big")
    metadata = _encode({
        "binary_format_major_version": _uint(5, 2),
        "binary_format_minor_version": _uint(5, 0),
        "build_epoch": _uint(9, 1_700_000_000),
        "database_type": "Test-City", "description": {"en": "test"},
        "ip_version": _uint(5, 4), "languages": ["en"],
        "node_count": _uint(6, count), "record_size": _uint(5, 32)})
    path.write_bytes(tree + bytes(16) + data +
                     b"\xab\xcd\xefMaxMind.com" + metadata)
