"""Unfinished messages cost an attacker's own share, nobody else's."""

import contextlib

import frame
import link
from link import wait_until
from servers import Profile

LARGEST = 64 << 10      # before KeyExchange
PER_ADDRESS = 8 << 20


def metric(site, name):
    text = site.stack.ops(site.stack.hbbs, "/metrics")[1]
    return sum(float(line.split()[-1]) for line in text.splitlines()
               if line.startswith(name))


def flood(site, kind, source, count, data):
    """COUNT connections that have each sent DATA; those still open."""
    links = []
    for _ in range(count):
        with contextlib.suppress(link.Closed, OSError):
            one = getattr(site, kind)(source)
            one.send_raw(data)
            links.append(one)
    return links


def test_most_of_a_message_on_many_connections_is_capped_by_address(case):
    site = case.private_site(Profile(relay=False))
    before = site.stack.hbbs.memory()
    unfinished = frame.encode(bytes(LARGEST))[:-1]
    attacker = case.ip()
    flood(site, "tcp", attacker, 400, unfinished)
    wait_until(lambda: metric(
        site, 'hbbs_messages_dropped_total{reason="memory"}') > 0)
    assert PER_ADDRESS / 2 < metric(site, "hbbs_unfinished_bytes ") <= (
        PER_ADDRESS)
    assert site.stack.hbbs.memory() - before < 4 * PER_ADDRESS
    # He himself may still send whole small messages, others large ones.
    for source in (attacker, case.ip()):
        device = site.device(source=source).register()
        a = site.punch(device.id)
        device.push("punch_hole")
        a.close()
    ids = [case.new_id() for _ in range(1000)]
    assert not any(site.online(*ids, over=site.tcp()))


def test_what_is_given_up_is_given_back(case):
    site = case.private_site(Profile(relay=False))
    unfinished = frame.encode(bytes(LARGEST))[:-1]
    for one in flood(site, "tcp", case.ip(), 50, unfinished):
        one.close()
    wait_until(lambda: metric(site, "hbbs_unfinished_bytes ") == 0)


def test_a_message_before_the_key_exchange_is_small(case):
    site = case.site()
    server = site.tcp()
    with contextlib.suppress(link.Closed):
        server.send_raw(frame.encode(bytes(LARGEST + 1))[:100])
    server.expect_closed()


def test_fragments_of_websocket_messages_are_counted_too(case):
    site = case.private_site(Profile(relay=False))
    begin = bytes([0x02, 0xfe, 0xfd, 0xe8]) + bytes(4) + bytes(65000)
    flood(site, "ws", case.ip(), 200, begin)
    wait_until(lambda: metric(
        site, 'hbbs_messages_dropped_total{reason="memory"}') > 0, 10)
    assert metric(site, "hbbs_unfinished_bytes ") <= PER_ADDRESS
