"""Section 8.8: secure TCP, hc, HTTP proxy, cases 125 to 138."""

import json
import os
import re
import select
import time

import pytest

import frame
import keys
import pb
from link import Closed, wait_until
from policy import Policy
from test_1_framing import assert_alive
from test_6_punch import check_signed

CLIENT_SECRET, SYMMETRIC = bytes([0x22]) * 32, bytes([0x33]) * 32


def hello_of(server, wait=3):
    """The server's KeyExchange, without answering it."""
    server.hello = pb.parse(server.recv(wait))
    return keys.check_hello(server.hello, keys.SERVER.pk)


def test_case_125_hello(case):
    """E | connect TCP 21116 with key, send nothing | KeyExchange with one
    96-byte key within 500 ms; verifies; inner part 32 bytes"""
    server = case.site().tcp()
    start = time.monotonic()
    assert len(hello_of(server)) == 32
    assert time.monotonic() - start < 0.5


def test_case_126_vector_answer(case):
    """E | answer with vector step 2 (fixed keys in test build) | following
    vector records decrypt; replies match section 4.17 bytes"""
    site, peer_id = case.site(), case.new_id()
    server = site.tcp().secure(site.server_pk, secret=CLIENT_SECRET,
                               key=SYMMETRIC)
    server.send_msg(**site.request(peer_id))
    assert server.recv_msg().encode().hex() == "5a00"
    assert server.channel.received == 1
    server.send_msg(**site.request(peer_id, licence_key="wrong"))
    assert server.recv_msg().encode().hex() == "5a021803"
    assert server.channel.received == 2


def test_case_126_vector_bytes_in_the_unit_test(case):
    """E | answer with vector step 2 (fixed keys in test build) | following
    vector records decrypt; replies match section 4.17 bytes"""
    case.unit_test("common/test_keys")


def test_case_127_ignored_hello(case):
    """E | ignore KeyExchange, send plaintext PunchHoleRequest |
    plaintext answer"""
    site, server = case.site(), case.site().tcp()
    hello_of(server)
    server.send_msg(**site.request(case.new_id()))
    assert server.recv_msg().encode().hex() == "5a00"


def test_case_128_bad_answers(case):
    """E | KeyExchange with 1 key, 3 keys, 31-byte key, 47-byte box, garbage
    box | closed, process alive"""
    site = case.site()
    for broken in range(5):
        server = site.tcp()
        box_pk = hello_of(server)
        pk, sk = keys.box_pair()
        boxed = keys.box(os.urandom(32), box_pk, sk)
        answer = ([pk], [pk, boxed, pk], [pk[:31], boxed], [pk, boxed[:47]],
                  [pk, os.urandom(48)])[broken]
        server.send_msg(key_exchange={"keys": answer})
        server.expect_closed()
    assert_alive(site)


def test_case_129_tampered_record(case):
    """E | encrypted record with wrong nonce/tampered | closed"""
    site = case.site()
    request = pb.rendezvous(**site.request(case.new_id()))
    for tampered in (True, False):
        server = site.tcp().secure(site.server_pk)
        if tampered:
            record = bytearray(server.channel.seal(request))
            record[20] ^= 1
        else:
            server.channel.sent += 1
            record = server.channel.seal(request)
        server.send_raw(frame.encode(bytes(record)))
        server.expect_closed()


def test_case_130_empty_frames(case):
    """E | client sends empty frame between encrypted records |
    ignored/echo semantics, counters unaffected"""
    device = case.site().device(mode="tcp")
    device.link.send(b"")
    device.register_pk()
    device.link.send(b"")
    assert device.link.expect("register_pk_response").result == 0
    device.link.send(b"")
    device.register_pk()
    device.link.send(b"")
    assert device.link.expect("register_pk_response").result == 0
    assert device.link.channel.received == 2


def test_case_131_pipelined(case):
    """E | pipeline: KeyExchange + encrypted request in one segment | works"""
    site, server = case.site(), case.site().tcp()
    reply, channel = keys.answer_hello(hello_of(server))
    request = channel.seal(pb.rendezvous(**site.request(case.new_id())))
    server.send_raw(frame.encode(reply) + frame.encode(request))
    server.channel = channel
    assert server.recv_msg().encode().hex() == "5a00"


def test_case_132_secured_request(case):
    """E | secured PunchHoleRequest with token, then answer from B |
    PHR encrypted, nonce 1 on server side"""
    site = case.site()
    device = site.device().register()
    a = site.tcp().secure(site.server_pk)
    site.punch(device.id, over=a, token="no-such-token")
    device.answer_punch(device.push("punch_hole"))
    answer = a.expect("punch_hole_response")
    check_signed(site, device, answer.pk)
    assert a.channel.received == 1


def test_case_133_no_hello_elsewhere(case):
    """E | 21115 and WS | no KeyExchange"""
    site = case.site()
    for server in (site.nat(), site.ws()):
        with pytest.raises(TimeoutError):
            server.recv(1)


def test_case_134_reset_with_unread_hello(case):
    """E | B model: send PunchHoleSent and close immediately while KeyExchange
    is unread (RST) | PunchHoleSent still processed (Linux)"""
    site = case.site()
    device = site.device().register()
    a = site.punch(device.id)
    push = device.push("punch_hole")
    answer = site.tcp(device.source)
    assert select.select([answer.sock], [], [], 3)[0], "no KeyExchange"
    answer.send_msg(punch_hole_sent=device._punch_hole_sent(push))
    answer.sock.close()     # unread data: the kernel sends RST
    assert a.expect("punch_hole_response").socket_addr


def test_case_135_health_check(case):
    """E | hc{token} on secured connection |
    kept open; heartbeats; session counted until close"""
    case.not_for("it has no accounts", reference=True)
    site = case.site("api")
    policy = Policy(site.stack.redis)
    policy.user()
    policy.token("a-token")

    def counted():
        text = site.stack.ops(site.stack.hbbs, "/metrics")[1]
        return int(re.search(r"^hbbs_user_sessions (\d+)", text, re.M)[1])
    before = counted()
    server = site.tcp().secure(site.server_pk)
    server.send_msg(hc={"token": "a-token"})
    answer = server.expect("register_pk_response")
    assert answer.result == 0 and answer.keep_alive > 0
    assert counted() == before + 1
    assert server.recv(answer.keep_alive) == b""
    server.send(b"")
    server.close()
    wait_until(lambda: counted() == before)


def test_case_136_health_check_without_account(case):
    """E | hc with invalid token | closed, not counted"""
    site = case.site()
    server = site.tcp().secure(site.server_pk)
    server.send_msg(hc={"token": "no-such-token"})
    with pytest.raises(Closed):
        server.recv(5)


def test_case_137_http_proxy(case):
    """E | HttpProxyRequest GET /api/... | one HttpProxyResponse with status,
    headers, body; nothing before it"""
    case.not_for("it has no API", reference=True)
    site = case.site("api")
    source = case.ip()
    server = site.tcp(source).secure(site.server_pk)
    answer = server.ask("http_proxy_response", 20, http_proxy_request={
        "method": "GET", "path": "/api/login-options"})
    assert answer.status == 200 and answer.error == ""
    assert json.loads(answer.body) == []
    types = [h.value for h in answer.headers
             if h.name.lower() == "content-type"]
    assert types == ["application/json; charset=utf-8"]
    server.expect_closed()
    # A failed login is told as the API tells it, and from the client's
    # own address: the first administrator's password is not "no".
    server = site.tcp(source).secure(site.server_pk)
    answer = server.ask("http_proxy_response", 20, http_proxy_request={
        "method": "POST", "path": "/api/login",
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "body": json.dumps({"username": "admin", "password": "no"}).encode()})
    assert "Wrong credentials" in answer.body.decode()
    assert source in site.stack.api.text(), "the API saw hbbs' address"


def test_case_138_http_proxy_refusals(case):
    """E | HttpProxyRequest unsecured, absolute URL, oversize body |
    refused (error set or closed)"""
    site = case.site("default" if case.lab.reference else "api")
    request = {"method": "GET", "path": "/api/currentUser"}
    refusals = [(site.tcp(), request)]
    for other in ({"path": "http://203.0.113.9/"}, {"path": "/metrics"},
                  {"path": "/api/../metrics"}, {"method": "TRACE"},
                  {"body": bytes((4 << 20) + 1)}):
        refusals.append((site.tcp().secure(site.server_pk),
                         {**request, **other}))
    for server, message in refusals:
        try:
            server.send_msg(http_proxy_request=message)
            assert server.expect("http_proxy_response").error
        except Closed:
            continue
