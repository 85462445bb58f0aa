"""Section 8.1: framing and parsing, cases 1 to 17."""

import time

import pytest

import frame
import pb

NAT_TEST = bytes.fromhex("a201020803")      # TestNatRequest{serial 3}


def assert_alive(site):
    """The server still answers a NAT test."""
    server = site.tcp()
    server.send(NAT_TEST)
    assert server.expect("test_nat_response").port == server.address[1]


def assert_nat_answer(server):
    message = server.recv_msg()
    assert message.test_nat_response.port == server.address[1]
    assert server.head == frame.header(len(message.encode()))


def test_case_001_nat_test_on_tcp(case):
    """R | TCP 21116: TestNatRequest{serial 3}, frame 14a201020803 |
    TestNatResponse, port = own source port; shortest header"""
    server = case.site().tcp()
    server.send_raw(bytes.fromhex("14a201020803"))
    assert_nat_answer(server)


def test_case_002_longer_headers(case):
    """R | same message with 2-, 3- and 4-byte headers | identical answer"""
    for size in (2, 3, 4):
        server = case.site().tcp()
        server.send(NAT_TEST, size)
        assert_nat_answer(server)


def test_case_003_byte_by_byte(case):
    """R | the frame one byte at a time, 100 ms apart | identical answer"""
    server = case.site().tcp()
    for byte in bytes.fromhex("14a201020803"):
        server.send_raw(bytes([byte]))
        time.sleep(0.1)
    assert_nat_answer(server)


def test_case_004_two_frames_in_one_segment(case):
    """R | two PunchHoleRequest frames for an unknown id in one segment |
    both answered 5a00 (the reference answers only the first)"""
    site = case.site()
    server = site.tcp()
    request = pb.rendezvous(**site.request(case.new_id()))
    server.send_raw(frame.encode(request) * 2)
    for _ in range(2):
        assert server.recv_msg().encode().hex() == "5a00"


def test_case_005_unparsable_payload(case):
    """R | frame with payload ff ff ff | closed, no reply"""
    server = case.site().tcp()
    server.send(b"\xff\xff\xff")
    server.expect_closed()


def test_case_006_unknown_field(case):
    """R | unknown field 99 plus TestNatRequest | answered"""
    server = case.site().tcp()
    server.send(pb.delimited(99, b"new") + NAT_TEST)
    assert_nat_answer(server)


def test_case_007_last_member_wins(case):
    """R | RegisterPeer then TestNatRequest in one message |
    treated as TestNatRequest"""
    server = case.site().tcp()
    server.send(pb.rendezvous(register_peer={"id": "x"}) + NAT_TEST)
    assert_nat_answer(server)


def test_case_008_invalid_utf8(case):
    """R | string field with invalid UTF-8 | message rejected"""
    server = case.site().tcp()
    inner = pb.delimited(1, b"12345\xff\xfe")
    server.send(pb.delimited(8, inner))
    server.expect_closed()


@pytest.mark.slow
def test_case_009_announced_gigabyte(case):
    """S | 4-byte header announcing 1 GiB, then silence |
    memory bounded, closed by limit or timeout"""
    site = case.site("nokey")
    before = site.stack.hbbs.memory() if site.stack else 0
    servers = [site.tcp() for _ in range(20)]
    for server in servers:
        server.send_raw(b"\xff\xff\xff\xff" + bytes(1 << 16))
    for server in servers:
        server.expect_closed(35)
    if site.stack:
        assert site.stack.hbbs.memory() - before < 64 << 20


def test_case_010_nested_groups(case):
    """R | 300 000 x 0b + 300 000 x 0c as one TCP frame |
    rejected, process alive"""
    site = case.site()
    server = site.tcp()
    try:
        server.send(b"\x0b" * 300_000 + b"\x0c" * 300_000)
    except Exception as e:      # closed while we were still sending
        assert type(e).__name__ == "Closed", e
    server.expect_closed()
    assert_alive(site)


def test_case_010_nested_groups_within_the_size_limit(case):
    """R | 300 000 x 0b + 300 000 x 0c as one TCP frame |
    rejected, process alive"""
    site = case.site()
    server = site.tcp()
    server.send(b"\x0b" * 20_000 + b"\x0c" * 20_000)
    server.expect_closed()
    assert_alive(site)


def test_case_011_bare_connections(case):
    """R | connect to 21116 and close at once, 1 000 times |
    no leak, no error-level log"""
    site = case.site("probe")
    assert_alive(site)
    before = site.stack.hbbs.descriptors() if site.stack else 0
    source = case.ip()
    for _ in range(1000):
        site.tcp(source).close()
    assert_alive(site)
    if site.stack is None:
        return
    end = time.monotonic() + 5
    while site.stack.hbbs.descriptors() > before:
        assert time.monotonic() < end, "descriptors leaked"
        time.sleep(0.05)
    assert "level=error" not in site.stack.hbbs.text()
    assert "ERROR" not in site.stack.hbbs.text()


@pytest.mark.slow
def test_case_012_silent_connection(case):
    """R | connect to 21116 without key and stay silent | closed after 30 s"""
    server = case.site("nokey").tcp()
    start = time.monotonic()
    server.expect_closed(36)
    assert 27 <= time.monotonic() - start <= 33


def test_case_013_udp_garbage(case):
    """R | UDP garbage, empty datagram, 65 507-byte datagram |
    no answer, server alive"""
    site = case.site()
    udp = site.udp()
    for junk in (b"\xff\xff\xff", b"", b"\xff" * 65507, b"GET / HTTP/1.1"):
        udp.send(junk)
    udp.expect_quiet(0.5)
    udp.send_msg(register_peer={"id": case.new_id()})
    udp.expect("register_peer_response")


def test_case_014_message_without_union(case):
    """R | UDP RendezvousMessage without union | no answer"""
    udp = case.site().udp()
    udp.send(pb.delimited(111, b"later version"))
    udp.expect_quiet(0.5)


def test_case_015_header_table(case):
    """S | unit test: header table and limits | exact bytes"""
    case.unit_test("common/test_frame")


def test_case_016_address_table(case):
    """S | unit test: AddrMangle table, decode-only rows, random round
    trips | exact"""
    case.unit_test("common/test_addr")


def test_case_017_malformed_address(case):
    """S | 17-byte and 19-byte socket_addr in PunchHoleSent |
    ignored, no crash"""
    site = case.site()
    device = site.device().register()
    a = site.punch(device.id)
    push = device.push("punch_hole")
    for size in (17, 19):
        device.answer_punch(push, socket_addr=b"\xff" * size)
    a.expect_quiet(0.5)
    device.answer_punch(push)
    a.expect("punch_hole_response")
