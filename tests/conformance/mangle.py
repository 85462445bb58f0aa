"""AddrMangle: how the protocol writes an address into a bytes field."""

import ipaddress
import time

MASK32 = 0xFFFFFFFF
INVALID = ("::", 0)     # what a malformed field decodes to


def _normal(ip):
    """IPv4 for v4-mapped and v4-compatible addresses, except ::1."""
    address = ipaddress.ip_address(ip.split("%")[0])
    if address.version == 4:
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if int(address) >> 32 == 0 and int(address) != 1:
        return ipaddress.IPv4Address(int(address) & MASK32)
    return address


def encode(ip, port, tm=None):
    """(ip, port) as bytes; TM is the salt, by default the clock."""
    address = _normal(ip)
    if address.version == 6:
        return address.packed + port.to_bytes(2, "little")
    if tm is None:
        tm = time.time_ns() // 1000 & MASK32
    number = int.from_bytes(address.packed, "little")
    value = ((number + tm) << 49) | (tm << 17) | (port + (tm & 0xFFFF))
    return value.to_bytes(16, "little").rstrip(b"\0")


def decode(data):
    """The (ip, port) in DATA; never fails, INVALID if malformed."""
    if len(data) == 18:
        return (str(ipaddress.IPv6Address(data[:16])),
                int.from_bytes(data[16:], "little"))
    if len(data) > 16:
        return INVALID
    n = int.from_bytes(data, "little")
    tm = n >> 17 & MASK32
    ip = ((n >> 49) - tm) & MASK32
    return (str(ipaddress.IPv4Address(ip.to_bytes(4, "little"))),
            (n - tm) & 0xFFFF)
