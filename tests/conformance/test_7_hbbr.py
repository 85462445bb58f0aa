"""Section 8.7, hbbr half: cases 105 to 124."""

import contextlib
import hashlib
import os
import random
import resource
import socket
import threading
import time

import pytest

import frame
import link
import pb
import ws
from bulk import digest_of, pump
from link import Closed
from peer import random_uuid
from servers import Profile


def request(site, uuid, **more):
    """The bytes of the RequestRelay that joins UUID."""
    return pb.rendezvous(request_relay={
        "uuid": uuid, "licence_key": site.key, **more})


def rate(end, seconds):
    """Bits a second that arrive in SECONDS."""
    start, got = time.monotonic(), 0
    while (left := start + seconds - time.monotonic()) > 0:
        try:
            end.fill(left)
        except TimeoutError:
            break
        got += len(end.buffer)
        end.buffer.clear()
    return got * 8 / seconds


def flood(end):
    """Sends as fast as the relay takes it, until the connection ends."""
    def run():
        try:
            while True:
                end.send_raw(bytes(1 << 16))
        except (Closed, OSError):
            return
    threading.Thread(target=run, daemon=True).start()


def assert_pairs(site):
    one, two = site.pair()
    one.send_raw(b"ping")
    assert two.read_exactly(4) == b"ping"


def test_pairs_whose_halves_arrive_together(case):
    """The reference loses one in ten of these."""
    site = case.site()
    first = [site.relay() for _ in range(200)]
    second = [site.relay() for _ in first]
    uuids = [random_uuid() for _ in first]

    def join(ends):
        for end, uuid in zip(ends, uuids):
            end.send(request(site, uuid))

    threads = [threading.Thread(target=join, args=(e,))
               for e in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, two in zip(first, second):
        one.send_raw(b"ping")
        two.send_raw(b"pong")
        assert two.read_exactly(4) == b"ping"
        assert one.read_exactly(4) == b"pong"


def test_case_105_wrong_key(case):
    """R | hbbr with key: wrong licence_key | closed, no bytes"""
    site = case.site()
    for key in ("", "wrong", site.key + "="):
        relay = site.relay()
        relay.send(request(site, random_uuid(), licence_key=key))
        relay.expect_closed()


def test_case_106_wrong_first_message(case):
    """R | hbbr: first message not RequestRelay, or empty uuid | closed"""
    site = case.site()
    for message in (pb.rendezvous(test_nat_request={}), request(site, ""),
                    b"\xff\xff\xff"):
        for relay in (site.relay(), site.relay_ws()):
            relay.send(message)
            relay.expect_closed()


@pytest.mark.slow
def test_case_107_silent_relay_client(case):
    """R | hbbr silent client | closed at 30 s"""
    relay = case.site().relay()
    start = time.monotonic()
    relay.expect_closed(36)
    assert 27 <= time.monotonic() - start <= 33


def test_case_108_hundred_megabytes(case):
    """R | two TCP clients, same uuid | paired; 100 MB random data both ways
    intact, no framing added or removed"""
    one, two = case.site().paired()
    size = 100_000_000
    data = {one: random.Random(1).randbytes(size),
            two: random.Random(2).randbytes(size)}
    threads = [pump(end, bytes_) for end, bytes_ in data.items()]
    got = {}
    reader = threading.Thread(
        target=lambda: got.update({two: digest_of(two, size)}))
    reader.start()
    got[one] = digest_of(one, size)
    for thread in (reader, *threads):
        thread.join()
    assert got[one] == hashlib.sha256(data[two]).digest()
    assert got[two] == hashlib.sha256(data[one]).digest()


@pytest.mark.slow
def test_case_109_early_data_of_the_first(case):
    """R | first client sends RequestRelay + 5 KiB in one segment, second
    joins 10 s later | second receives exactly the 5 KiB first"""
    site, uuid, early = case.site(), random_uuid(), os.urandom(5 << 10)
    one = site.relay()
    one.send_raw(frame.encode(request(site, uuid)) + early)
    time.sleep(10)
    two = site.relay()
    two.send(request(site, uuid))
    assert two.read_exactly(len(early)) == early
    one.send_raw(b"then this")
    assert two.read_exactly(9) == b"then this"


def test_case_110_early_data_of_the_second(case):
    """R | second client sends RequestRelay + data in one segment |
    first receives the data"""
    site, uuid, early = case.site(), random_uuid(), os.urandom(5 << 10)
    one, two = site.relay(), site.relay()
    one.send(request(site, uuid))
    two.send_raw(frame.encode(request(site, uuid)) + early)
    assert one.read_exactly(len(early)) == early


@pytest.mark.slow
def test_case_111_alone(case):
    """R | only one client | closed at 30 s; (S) if it disconnects earlier the
    slot is freed at once and a newcomer is parked, not paired with the dead
    end"""
    site, uuid = case.site(), random_uuid()
    alone = site.relay()
    alone.send(request(site, uuid))
    start = time.monotonic()
    alone.expect_closed(36)
    assert 27 <= time.monotonic() - start <= 33


def test_case_111_newcomer_after_a_dead_end(case):
    """R | only one client | closed at 30 s; (S) if it disconnects earlier the
    slot is freed at once and a newcomer is parked, not paired with the dead
    end"""
    site, uuid = case.site(), random_uuid()
    dead = site.relay()
    dead.send(request(site, uuid))
    time.sleep(0.1)
    dead.close()
    time.sleep(0.2)     # the close has to arrive before the newcomer
    newcomer, third = site.relay(), site.relay()
    newcomer.send(request(site, uuid))
    newcomer.expect_quiet(0.5)
    third.send(request(site, uuid))
    newcomer.send_raw(b"hello")
    assert third.read_exactly(5) == b"hello"


def test_case_112_tcp_and_websocket(case):
    """R | TCP + WS: TCP sends frames of 0x3f, 0x40, 0x3fff, 0x4000, 1 MiB |
    WS receives binary messages of these sizes; reverse gives shortest headers
    """
    tcp, web = case.site().pair("relay", "relay_ws")
    for size in (1, 0x3F, 0x40, 0x3FFF, 0x4000, 1 << 20):
        data = os.urandom(size)
        tcp.send(data)
        assert web.recv() == data
        assert web.opcode == ws.BINARY
        web.send(data)
        assert tcp.recv() == data
        assert tcp.head == frame.header(size)
    tcp.send(b"longer header", 4)
    assert web.recv() == b"longer header"


def test_a_websocket_gets_every_byte_of_a_fast_stream_of_frames(case):
    """Sizes at random, read later than sent, pings in between."""
    tcp, web = case.site().pair("relay", "relay_ws")
    dice = random.Random(112)
    sizes = [dice.choice((dice.randrange(1, 200), dice.randrange(1, 1 << 14),
                          dice.randrange(1 << 14, 1 << 17),
                          dice.randrange(1 << 17, 1 << 20)))
             for _ in range(150)]
    sizes += [1 << 14] * 200 + [1] * 2000 + [1 << 16] * 50
    messages = [dice.randbytes(n) for n in sizes]
    pump(tcp, b"".join(frame.header(len(m)) + m for m in messages),
         chunk=77_777)
    for i, data in enumerate(messages):
        if i % 50 == 0:
            web.send_raw(ws.encode(ws.PING, b"%d" % i))
        assert web.recv() == data, f"message {i} of {len(data)} bytes"
    web.send(b"back")
    assert tcp.recv() == b"back"
    tcp.send(b"last")
    assert web.recv() == b"last"
    assert web.controls[-1][0] == ws.PONG
    tcp.close()
    with pytest.raises(Closed):
        web.recv()


def test_case_113_two_websockets(case):
    """R | WS + WS: message boundaries, fragmented input, interleaved ping |
    boundaries kept, pong returned, ping not forwarded"""
    one, two = case.site().paired("relay_ws", "relay_ws")
    messages = [os.urandom(n) for n in (1, 125, 126, 65535, 65536, 300_000)]
    for data in messages:
        one.send(data)
    assert [two.recv() for _ in messages] == messages
    data = os.urandom(5000)
    first, *rest = ws.fragments(ws.BINARY, data, [1000, 0, 1])
    one.send_raw(first + ws.encode(ws.PING, b"are you there"))
    for piece in rest:
        one.send_raw(piece)
    assert two.recv() == data
    two.send(b"back")
    assert one.recv() == b"back"
    assert (ws.PONG, b"are you there") in one.controls
    assert not [c for c in two.controls if c[1] == b"are you there"]


def test_case_114_close(case):
    """R | either side closes |
    other closed within 1 s, all sent bytes delivered first"""
    site = case.site()
    for kinds in (("relay", "relay"), ("relay", "relay_ws"),
                  ("relay_ws", "relay"), ("relay_ws", "relay_ws")):
        for swap in (False, True):
            one, two = site.paired(*kinds)  # a parked end may be given up
            closer, other = (two, one) if swap else (one, two)
            data = os.urandom(60_000)
            closer.send(data)
            closer.close()
            assert other.recv() == data
            start = time.monotonic()
            with pytest.raises(Closed):
                other.recv(3)
            assert time.monotonic() - start < 1


@pytest.mark.slow
def test_case_115_quiet_tunnel(case):
    """E | idle 35 s on a paired relay |
    configurable; default must survive (reference closes at 30-33 s)"""
    site = case.site()
    pairs = [site.pair(), site.pair("relay", "relay_ws"),
             site.pair("relay_ws", "relay_ws")]
    time.sleep(36)
    for one, two in pairs:
        one.send(b"still here")
        assert two.recv() == b"still here"


@pytest.mark.slow
def test_case_116_receiver_stops_reading(case):
    """S | receiver stops reading for 60 s |
    other direction keeps flowing; memory bounded; later resumes"""
    site = case.site("stalled")
    pairs = [site.paired(), site.paired("relay", "relay_ws"),
             site.paired("relay_ws", "relay_ws")]
    before = site.stack.hbbr.memory() if site.stack else 0
    sizes = [_fill(one) for one, _ in pairs]
    end = time.monotonic() + 55
    while time.monotonic() < end:
        for one, two in pairs:
            two.send(b"other way")
            assert one.recv() == b"other way"
        time.sleep(5)
    if site.stack:
        assert site.stack.hbbr.memory() - before < 64 << 20
    for (_, two), size in zip(pairs, sizes):
        got = 0
        while got < size:
            got += len(two.recv(10))
        assert got == size


def _fill(end, piece=1 << 16, cap=64 << 20):
    """Sends messages until nobody takes them; returns their payload bytes.
    The last one is completed later by a thread."""
    encode = (frame.encode if isinstance(end, link.Tcp)
              else lambda data: ws.encode(ws.BINARY, data))
    sent = 0
    while sent < cap:
        data = encode(bytes(piece))
        sent += piece
        end.sock.settimeout(1)
        view = memoryview(data)
        try:
            while view:
                view = view[end.sock.send(view):]
        except TimeoutError:
            rest = bytes(view)
            duplicate = end.sock.dup()
            duplicate.settimeout(120)
            threading.Thread(target=_send_rest, args=(duplicate, rest),
                             daemon=True).start()
            return sent
    raise AssertionError(f"the relay took {sent} bytes nobody reads")


def _send_rest(sock, rest):
    with sock, contextlib.suppress(OSError):
        sock.sendall(rest)


def test_case_117_blocked_address(case):
    """R | blocklisted IPv4 on dual-stack socket | refused at connect; (S)
    existing relay cut within 1 s"""
    site = case.site("lists")
    with pytest.raises((Closed, OSError)):
        relay = site.relay("198.19.8.3")
        relay.send(request(site, random_uuid()))
        while True:
            relay.recv(3)
    assert_pairs(site)


def test_case_117_cut_of_a_session(case):
    """R | blocklisted IPv4 on dual-stack socket | refused at connect; (S)
    existing relay cut within 1 s"""
    site = case.site("console")
    one, two = site.paired()
    other = site.pair()
    console(case, site.relay_port, f"Ba {two.address[0]}")
    start = time.monotonic()
    one.expect_closed(3)
    assert time.monotonic() - start < 1.5   # checked once a second
    other[0].send(b"not concerned")
    assert other[1].recv() == b"not concerned"


def test_case_118_throttled_address(case):
    """R | blacklisted IPv4 |
    throttled to LIMIT_SPEED (S: also works for v4-mapped)"""
    site, uuid = case.site("lists"), random_uuid()
    sender, receiver = site.relay("198.19.8.2"), site.relay("198.19.8.1")
    for end in (sender, receiver):
        end.send(request(site, uuid))
    flood(sender)
    rate(receiver, 1.5)     # what was allowed at once, or is in buffers
    assert 1e6 < rate(receiver, 3) < 6e6


@pytest.mark.slow
def test_case_119_single_bandwidth(case):
    """R | SINGLE_BANDWIDTH=8 |
    sustained about 8 Mb/s for both directions together"""
    one, two = case.site("bandwidth").paired()
    flood(one)
    flood(two)
    rates = {}

    def measure(end):
        rate(end, 2)
        rates[end] = rate(end, 6)

    threads = [threading.Thread(target=measure, args=(e,)) for e in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2e6 < sum(rates.values()) < 11e6, rates


@pytest.mark.slow
def test_case_120_downgrade(case):
    """R | DOWNGRADE_START_CHECK=5, threshold 0.1 |
    relay drops to LIMIT_SPEED after about 5 s"""
    one, two = case.site("downgrade").paired()
    flood(one)
    assert rate(two, 3) > 8e6
    rate(two, 5)
    assert 1e6 < rate(two, 4) < 8e6


def test_case_121_relay_console(case):
    """R | hbbr from loopback: h, ls, b 1.2.3.4, u | texts of section 6.6"""
    site = case.site("console")
    assert len(console(case, site.relay_port, "h").splitlines()) >= 10
    assert console(case, site.relay_port, "ls").strip() == "32Mb/s"
    assert console(case, site.relay_port, "b 1.2.3.4").strip() == "false"
    one, two = site.paired()
    one.send_raw(bytes(1 << 20))
    two.read_exactly(1 << 20)
    end = time.monotonic() + 10
    while "MB" not in (usage := console(case, site.relay_port, "u")):
        assert time.monotonic() < end, usage
        time.sleep(0.2)


def console(case, port, command):
    """The reply of the loopback console on PORT."""
    network = case.lab.network
    with network.inside(network.servers):
        talk = socket.create_connection(("127.0.0.1", port), 5)
    with talk:
        talk.sendall(command.encode())
        reply = b""
        while data := talk.recv(65536):
            reply += data
    return reply.decode()


def test_case_122_relay_client_from_loopback(case):
    """S | hbbr from loopback: RequestRelay frame | treated as relay client"""
    site, uuid = case.site(), random_uuid()
    case.need_own_server()
    network = case.lab.network
    with network.inside(network.servers):
        inside = site.keep(link.Tcp(("127.0.0.1", site.relay_port)))
    outside = site.relay()
    for end in (inside, outside):
        end.send(request(site, uuid))
    inside.send_raw(b"from loopback")
    assert outside.read_exactly(13) == b"from loopback"


def test_case_123_unannounced_uuid(case):
    """S | uuid never announced through hbbs (integrated mode) |
    closed after grace"""
    site = case.site("tickets")
    for end in (site.relay(), site.relay_ws()):
        end.send(request(site, random_uuid()))
        began = time.monotonic()
        end.expect_closed(6)
        assert time.monotonic() - began > 1.5, "hbbs may be late"
    # What hbbs has allowed is relayed.
    device = site.device(auto=True).register()
    _, login = site.controller(force_relay=True).connect(device.id)
    assert login.which() == "peer_info", login


def test_case_124_parked_connections(case):
    """S | 10 000 parked connections from one IP | capped"""
    site, source = case.private_site(Profile()), case.ip()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count = min(10_000, most - 1000)
    open_ = []
    for _ in range(count):
        try:
            relay = site.relay(source)
            relay.send(request(site, random_uuid()))
        except (Closed, OSError):
            break
        open_.append(relay)
        if len(open_) % 100 == 0 and _ended(open_[-100]):
            break
    assert any(_ended(relay) for relay in open_) or len(open_) < count
    for relay in open_:
        relay.close()
    assert_pairs(site)


def _ended(relay):
    try:
        relay.fill(0.01)
    except TimeoutError:
        return False
    except Closed:
        return True
    return False


def test_a_second_message_does_not_wait_for_a_late_acknowledgement(case):
    """A client's kernel (Nagle) keeps SignedId until RequestRelay, which
    nobody answers, is acknowledged: with a delayed one, every time."""
    site = case.site()
    late = min(_held_back_by_a_late_acknowledgement() for _ in range(5))
    assert any(_second_message(site) < late / 2 for _ in range(50))


def _second_message(site):
    """How long it takes from one end of a relay to the other."""
    uuid = random_uuid()
    one, two = site.relay(), site.relay_ws()
    two.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
    one.send(request(site, uuid))
    began = time.monotonic()
    two.send(request(site, uuid))
    two.send(b"signed id")
    assert one.recv() == b"signed id"
    one.close()
    two.close()
    return time.monotonic() - began


def _held_back_by_a_late_acknowledgement():
    """The same on this machine where the far kernel is told to wait."""
    with (socket.create_server(("127.0.0.1", 0)) as server,
          socket.create_connection(server.getsockname()) as one,
          server.accept()[0] as two):
        two.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
        began = time.monotonic()
        one.send(b"1")
        one.send(b"2")
        got = b""
        while len(got) < 2:
            got += two.recv(2)
        return time.monotonic() - began


def test_early_data_of_a_waiting_websocket_has_a_cap(case):
    """64 KiB in one message wait; a byte more ends the half."""
    site = case.site()
    uuid, most = random_uuid(), bytes(64 << 10)
    one = site.relay_ws()
    one.send(request(site, uuid))
    one.send(most)
    two = site.relay()
    two.send(request(site, uuid))
    assert two.recv() == most
    over = site.relay_ws()
    over.send(request(site, random_uuid()))
    over.send(most + b"x")
    over.expect_closed()
