"""Bytes nobody should send: the servers go on serving everybody else."""

import os
import random
import struct

import pytest

import frame
import ws
from link import Closed
from servers import Profile
from test_1_framing import assert_alive
from test_7_hbbr import assert_pairs
from test_vectors import MESSAGES

ROUNDS = 300


def mutated(rng):
    """A message of the vectors with some bytes changed, cut or added."""
    data = bytearray.fromhex(rng.choice(MESSAGES)[0])
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind == 1:
            data[at:at] = rng.randbytes(rng.randrange(1, 8))
        elif kind == 2:
            del data[at:at + rng.randrange(1, 5)]
        elif at < len(data):
            data[at] ^= 1 << rng.randrange(8)
    return bytes(data)


@pytest.fixture
def site(case):
    return case.private_site(Profile())


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_messages(case, site, seed):
    rng = random.Random(seed)
    source = case.ip()
    udp = site.udp(source)
    for _ in range(ROUNDS):
        udp.send(mutated(rng))
        opened = rng.choice((site.tcp, site.nat, site.ws, site.relay,
                             site.relay_ws))(source)
        try:
            for _ in range(rng.randrange(1, 4)):
                opened.send(mutated(rng))
        except Closed:
            continue
        finally:
            opened.close()
    assert_alive(site)
    assert_pairs(site)


def test_mutated_frames_after_the_handshakes(case, site):
    """Wrong lengths, opcodes and records on connections already trusted."""
    rng, source = random.Random(3), case.ip()
    for _ in range(40):
        streams = [site.tcp(source).secure(site.server_pk), site.ws(source),
                   *site.pair("relay", "relay_ws"), site.relay(source)]
        for stream in streams:
            try:
                stream.send_raw(rng.randbytes(rng.randrange(1, 200)))
            except Closed:
                continue
        for stream in streams:
            stream.reset()
    assert_alive(site)
    assert_pairs(site)


@pytest.mark.parametrize("head", [
    struct.pack(">BBQ", 0x82, 0xFF, 1 << 63),       # a length with its sign
    bytes([0x82, 0x05]) + b"hello",                 # not masked
    bytes([0xF2, 0x80]) + bytes(4),                 # reserved bits
    bytes([0x83, 0x80]) + bytes(4),                 # an opcode there is not
    bytes([0x80, 0x80]) + bytes(4),                 # continues nothing
    bytes([0x09, 0x80]) + bytes(4),                 # a fragmented ping
    bytes([0x89, 0xFE, 0, 126]) + bytes(130),       # a ping too long
], ids=["sign", "unmasked", "reserved", "opcode", "continuation",
        "fragmented-ping", "long-ping"])
def test_malformed_websocket_frame_ends_the_connection(case, head):
    site = case.site()
    for opened in (site.ws(), site.relay_ws()):
        opened.send_raw(head)
        with pytest.raises(Closed):
            opened.recv(5)


def test_endless_fragments_are_bounded(case, site):
    """A message that never ends, in fragments, on both servers."""
    for opened, process in ((site.ws(), site.stack.hbbs),
                            (site.relay_ws(), site.stack.hbbr)):
        before = process.memory()
        piece = os.urandom(1 << 16)
        with pytest.raises(Closed):
            opened.send_raw(ws.encode(ws.BINARY, piece, fin=False))
            for _ in range(1600):       # 100 MiB
                opened.send_raw(ws.encode(ws.CONTINUATION, piece, fin=False))
            opened.recv()
        assert process.memory() - before < 16 << 20
    assert_alive(site)
    assert_pairs(site)


def test_oversized_frame_in_a_mixed_relay(case, site):
    """A TCP end announces more than a relayed message may have."""
    tcp, web = site.paired("relay", "relay_ws")
    before = site.stack.hbbr.memory()
    piece = bytes(1 << 20)
    with pytest.raises(Closed):
        tcp.send_raw(frame.header(1 << 29))
        for _ in range(200):
            tcp.send_raw(piece)
    assert site.stack.hbbr.memory() - before < 96 << 20
    assert_pairs(site)
