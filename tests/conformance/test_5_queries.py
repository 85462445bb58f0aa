"""Section 8.5: NAT test and online query, cases 63 to 72."""

import statistics
import time

import frame
import link
import pb
from test_1_framing import assert_alive


def test_case_063_nat_type(case):
    """R | TestNatRequest on 21116 and 21115 from one local port |
    both give that port; server closes"""
    site = case.site()
    source = case.ip()
    first = site.tcp(source)
    port = first.address[1]
    answer = first.ask("test_nat_response", test_nat_request={"serial": 3})
    assert answer.port == port
    first.expect_closed()
    first.close()
    second = site.nat(source, port=port)
    answer = second.ask("test_nat_response", test_nat_request={"serial": 3})
    assert answer.port == port
    second.expect_closed()


def test_case_064_serial_in_nat_test(case):
    """R | serial configured 10: TestNatRequest serial 3 on 21116 |
    cu present; on 21115 absent"""
    site = case.site("serial")
    request = {"test_nat_request": {"serial": 3}}
    answer = site.tcp().ask("test_nat_response", **request)
    assert answer.cu.serial == 10
    assert answer.cu.rendezvous_servers == ["198.51.100.1", "198.51.100.2"]
    assert "cu" not in site.nat().ask("test_nat_response", **request)


def test_case_065_udp_nat_test(case):
    """E | UDP TestNatRequest a20100 to 21116 | aa0104 08 ... with UDP source
    port, < 5 ms, to the source only"""
    udp = case.site().udp()
    took = []
    for _ in range(21):
        start = time.monotonic()
        udp.send(bytes.fromhex("a20100"))
        answer = udp.recv()
        took.append(time.monotonic() - start)
        port = pb.varint(udp.address[1])
        inner = b"\x08" + port
        assert answer == b"\xaa\x01" + bytes([len(inner)]) + inner
    assert statistics.median(took) < 0.005, took
    udp.expect_quiet(0.1)


def test_case_066_online_bits(case):
    """R | OnlineRequest 9 peers (1st, 8th and 9th online) on 21115 |
    states = 81 80"""
    site = case.site()
    ids = [case.new_id() for _ in range(9)]
    for i in (0, 7, 8):
        site.device(ids[i]).register()
    states = site.nat().ask("online_response", online_request={
        "id": "111111111", "peers": ids}).states
    assert states.hex() == "8180"


def test_case_067_no_peers(case):
    """R | OnlineRequest 0 peers |
    OnlineResponse with empty states (c20100 or an explicit empty field)"""
    server = case.site().nat()
    server.send_msg(online_request={"id": "111111111"})
    message = server.recv_msg()
    assert message.which() == "online_response"
    assert message.online_response.states == b""


def test_case_068_unknown_ids(case):
    """R | unknown ids | bits 0"""
    assert case.site().online(*(case.new_id() for _ in range(10))) == (
        [False] * 10)


def test_case_069_online_query_elsewhere(case):
    """E | OnlineRequest on WS 21118 and on TCP 21116 | same answer"""
    site = case.site()
    device = site.device().register()
    for server in (site.ws(), site.tcp(), site.nat()):
        assert site.online(device.id, case.new_id(), over=server) == [
            True, False]


def test_case_070_other_messages_on_the_nat_port(case):
    """R | 21115: other message types | closed without answer"""
    site = case.site()
    others = (site.request(case.new_id()),
              {"register_pk": {"id": case.new_id(), "uuid": b"u",
                               "pk": bytes(32)}},
              {"request_relay": {"id": "x", "uuid": "y"}})
    for message in others:
        server = site.nat()
        server.send_msg(**message)
        server.expect_closed()


def test_case_071_a_million_peers(case):
    """S | OnlineRequest with 1 000 000 peers |
    bounded; refused or truncated consistently, no crash"""
    site = case.site()
    before = site.stack.hbbs.memory() if site.stack else 0
    message = pb.delimited(23, pb.delimited(1, b"111111111") + (
        pb.delimited(2, b"987654321") * 1_000_000))
    server = site.nat()
    try:
        server.send_raw(frame.encode(message))
        answer = server.expect("online_response")
        assert not any(answer.states)
    except link.Closed:
        pass
    assert_alive(site)
    if site.stack:
        assert site.stack.hbbs.memory() - before < 64 << 20


def test_case_072_nat_test_from_loopback(case):
    """R/S | 21115 from loopback: TestNatRequest frame |
    answered (the reference runs its console there)"""
    site = case.site()
    case.need_own_server()
    network = case.lab.network
    with network.inside(network.servers):
        server = site.keep(link.Tcp(("127.0.0.1", site.port - 1)))
    server.send_msg(test_nat_request={"serial": 3})
    answer = server.expect("test_nat_response")
    assert answer.port == server.address[1]
