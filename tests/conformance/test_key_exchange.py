"""Key exchange between clients of before and after 1.5 and hbbs: what clients
of version 1 look at and get, and what whoever is on the way can do."""

import os

import pytest

import frame
import keys
import pb
from link import Closed
from test_1_framing import assert_alive
from test_8_secure import hello_of

VERSIONS = pytest.mark.parametrize("version", [0, 1])


@pytest.fixture(autouse=True)
def ours(case):
    case.not_for("it has no key exchange", reference=True)


def test_every_connection_is_offered_a_signed_key_of_its_own(case):
    site = case.site()
    seen = set()
    for _ in range(5):
        server = site.tcp()
        box_pk = hello_of(server)
        assert keys.marked(box_pk)
        assert keys.check_params(server.hello, site.server_pk) == 1
        seen.add(box_pk)
    assert len(seen) == 5


@VERSIONS
def test_a_device_registers_and_is_reached_over_either_version(case, version):
    """Pushes and answers go over the encrypted connections of both."""
    site = case.site()
    device = site.device()
    b = site.tcp(device.source).secure(site.server_pk, version=version)
    assert b.ask("register_pk_response", register_pk={
        "id": device.id, "uuid": device.uuid,
        "pk": device.signer.pk}).result == 0
    a = site.tcp().secure(site.server_pk, version=version)
    site.punch(device.id, over=a, token="no-such-token")
    push = b.expect("punch_hole")
    answer = site.tcp(device.source).secure(site.server_pk, version=version)
    answer.send_msg(punch_hole_sent={
        "socket_addr": push.socket_addr, "id": device.id,
        "nat_type": "ASYMMETRIC", "version": "1.5.3"})
    answer.close()
    assert a.expect("punch_hole_response").pk
    assert a.channel.received == 1
    assert a.channel.sent == 1


@VERSIONS
def test_the_answer_and_a_request_may_come_together(case, version):
    site, server = case.site(), case.site().tcp()
    reply, channel = keys.answer_hello(hello_of(server), version=version)
    request = channel.seal(pb.rendezvous(**site.request(case.new_id())))
    server.send_raw(frame.encode(reply) + frame.encode(request))
    server.channel = channel
    assert server.recv_msg().encode().hex() == "5a00"


def answer_of(server, version=1):
    """(fields of a good answer, channel) for what SERVER was offered."""
    reply, channel = keys.answer_hello(hello_of(server), version=version)
    x = pb.parse(reply).key_exchange
    return {"keys": list(x.keys), "version": x.version}, channel


def test_a_version_that_is_taken_away_on_the_way_ends_the_connection(case):
    """The client speaks 1, the server is told 0: no record opens."""
    site = case.site()
    server = site.tcp()
    answer, channel = answer_of(server)
    server.send_msg(key_exchange={**answer, "version": 0})
    server.channel = channel
    server.send_msg(**site.request(case.new_id()))
    server.expect_closed()
    assert_alive(site)


def test_a_version_that_is_put_in_on_the_way_ends_the_connection(case):
    site = case.site()
    server = site.tcp()
    answer, channel = answer_of(server, version=0)
    server.send_msg(key_exchange={**answer, "version": 1})
    server.channel = channel
    server.send_msg(**site.request(case.new_id()))
    server.expect_closed()


def test_a_changed_public_key_ends_the_connection(case):
    """The bit that X25519 ignores: the box opens, no record does."""
    site = case.site()
    server = site.tcp()
    answer, channel = answer_of(server)
    pk = bytearray(answer["keys"][0])
    pk[31] ^= 0x80
    server.send_msg(key_exchange={**answer, "keys": [bytes(pk),
                                                     answer["keys"][1]]})
    server.channel = channel
    server.send_msg(**site.request(case.new_id()))
    server.expect_closed()


@pytest.mark.parametrize("version", [2, 255, 0xffffffff])
def test_a_version_above_the_servers_is_refused(case, version):
    server = case.site().tcp()
    answer, _ = answer_of(server)
    server.send_msg(key_exchange={**answer, "version": version})
    server.expect_closed()
    assert_alive(case.site())


@VERSIONS
def test_garbage_and_wrong_lengths_are_refused(case, version):
    site = case.site()
    good, _ = answer_of(site.tcp(), version)
    pk, boxed = good["keys"]
    for wrong in ([], [pk], [boxed], [pk, boxed, pk], [boxed, pk],
                  [b"", b""], [pk, b""], [pk[:31], boxed], [pk + b"x", boxed],
                  [pk, boxed[:47]], [pk, boxed + b"x"],
                  [pk, os.urandom(48)], [os.urandom(32), boxed],
                  [bytes(32), boxed], [pk] * 64):
        server = site.tcp()
        hello_of(server)
        server.send_msg(key_exchange={"keys": wrong, "version": version})
        server.expect_closed()
    assert_alive(site)


def test_an_oversized_answer_is_refused(case):
    site = case.site()
    good, _ = answer_of(site.tcp())
    for more in ({"keys": [*good["keys"], bytes(60_000)]},
                 {"keys": [bytes(9_000), good["keys"][1]]},
                 {**good, "signed_params": bytes(9_000)},
                 {"keys": good["keys"] * 40}):
        server = site.tcp()
        hello_of(server)
        server.send_msg(key_exchange={"version": 1, **more})
        server.expect_closed()
    assert_alive(site)


@VERSIONS
def test_an_answer_for_another_key_is_refused(case, version):
    """As by a client that was told a key by somebody else."""
    server = case.site().tcp()
    hello_of(server)
    other, _ = keys.box_pair()
    reply, _ = keys.answer_hello(other, version=version)
    server.send(reply)
    server.expect_closed()


@VERSIONS
def test_what_was_recorded_cannot_be_said_again(case, version):
    """The bytes of one connection, answer and request, on another one."""
    site = case.site()
    device = site.device().register()
    first, again = site.tcp(), site.tcp()
    hello_of(again)
    reply, channel = keys.answer_hello(hello_of(first), version=version)
    request = channel.seal(pb.rendezvous(**site.request(device.id)))
    recorded = frame.encode(reply) + frame.encode(request)
    first.send_raw(recorded)
    device.push("punch_hole")
    try:
        again.send_raw(recorded)
        again.expect_closed()
    except Closed:
        pass
    device.no_push(0.5)


def test_an_answer_that_comes_twice_is_refused(case):
    site = case.site()
    server = site.tcp()
    answer, channel = answer_of(server)
    server.send_msg(key_exchange=answer)
    server.channel = channel
    server.send_msg(key_exchange=answer)
    server.expect_closed()


def test_an_answer_in_pieces_is_taken(case):
    site, server = case.site(), case.site().tcp()
    reply, channel = keys.answer_hello(hello_of(server), version=1)
    for byte in frame.encode(reply):
        server.send_raw(bytes([byte]))
    server.channel = channel
    server.send_msg(**site.request(case.new_id()))
    assert server.recv_msg().encode().hex() == "5a00"


@VERSIONS
def test_empty_frames_count_in_neither_version(case, version):
    site = case.site()
    server = site.tcp().secure(site.server_pk, version=version)
    for n in range(1, 4):
        server.send(b"")
        server.send_msg(**site.request(case.new_id()))
        assert server.recv_msg().encode().hex() == "5a00"
        assert server.channel.received == n


@pytest.mark.slow
def test_whoever_never_answers_the_offer_is_closed(case):
    """Silence, and half of an answer."""
    site = case.site()
    silent, half = site.tcp(), site.tcp()
    hello_of(silent)
    reply, _ = keys.answer_hello(hello_of(half), version=1)
    half.send_raw(frame.encode(reply)[:-1])
    for server in (silent, half):
        server.expect_closed(60)
