"""Unfinished messages cost an attacker's own share, nobody else's."""

import contextlib
import signal

import frame
import link
import pb
from link import wait_until
from policy import Policy
from servers import Profile

LARGEST = 64 << 10      # before KeyExchange
PER_ADDRESS = 8 << 20
API = Profile(relay=False, api=True)


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


# ---- encrypted connections: caps of one message, and of requests together ----

SECURED, PROVEN = 256 << 10, 4 << 20
REQUEST_BODY = PROVEN - (64 << 10)
REQUESTS_BYTES = 64 << 20
TOKEN = "a-token"
BEARER = [{"name": "Authorization", "value": f"Bearer {TOKEN}"}]
NO_ROUTE = {"method": "POST", "path": "/api/no-such-route"}


def proven(site, source):
    """A valid token comes from SOURCE."""
    policy = Policy(site.stack.redis)
    policy.user()
    policy.token(TOKEN)
    assert ask_api(site, source, headers=BEARER).error == ""


def ask_api(site, source, **request):
    server = site.tcp(source).secure(site.server_pk)
    return server.ask("http_proxy_response", 20,
                      http_proxy_request={**NO_ROUTE, **request})


def request_of(size):
    """An API request that is SIZE bytes when it is sealed."""
    seal, body = 16, size - 100
    while True:
        message = {"http_proxy_request": {**NO_ROUTE, "body": bytes(body)}}
        wrong = len(pb.rendezvous(**message)) + seal - size
        if wrong == 0:
            return message
        body -= wrong


def answered(site, source, size):
    server = site.tcp(source).secure(site.server_pk)
    with contextlib.suppress(link.Closed):
        server.send_msg(**request_of(size))
        return bool(server.expect("http_proxy_response", 20))
    return False


def test_a_secured_message_has_a_cap_until_a_token_has_come(case):
    site, source, other = case.private_site(API), case.ip(), case.ip()
    assert answered(site, source, SECURED)
    assert not answered(site, source, SECURED + 1)
    proven(site, source)
    assert answered(site, source, SECURED + 1)
    assert not answered(site, other, SECURED + 1), "it proved for others too"


def test_a_message_after_a_token_has_a_cap_too(case):
    site, source = case.private_site(API), case.ip()
    proven(site, source)
    assert answered(site, source, PROVEN)
    assert not answered(site, source, PROVEN + 1)


def test_the_body_of_an_api_request_has_a_cap(case):
    site, source = case.private_site(API), case.ip()
    proven(site, source)
    # The api may close on a body that no route wants before it has read it.
    assert "too large" not in ask_api(site, source,
                                      body=bytes(REQUEST_BODY)).error
    refused = ask_api(site, source, body=bytes(REQUEST_BODY + 1))
    assert refused.status == 0 and "too large" in refused.error


def test_api_requests_together_have_a_cap(case):
    """The API does not answer; one request more than fits is told so, and
    hbbs holds no more than it says."""
    site, source = case.private_site(API), case.ip()
    proven(site, source)
    before = site.stack.hbbs.memory()
    site.stack.api.child.send_signal(signal.SIGSTOP)
    try:
        fits = REQUESTS_BYTES // (REQUEST_BODY + 200)
        waiting = []
        for _ in range(fits):
            server = site.tcp(source).secure(site.server_pk)
            server.send_msg(http_proxy_request={
                **NO_ROUTE, "body": bytes(REQUEST_BODY)})
            wait_until(lambda: metric(site, "hbbs_unfinished_bytes ") == 0)
            waiting.append(server)
        # What is left is less than one of these.
        refused = ask_api(site, source, body=bytes(REQUEST_BODY))
        assert refused.status == 0 and "busy" in refused.error
        assert site.stack.hbbs.memory() - before < 2 * REQUESTS_BYTES
    finally:
        site.stack.api.child.send_signal(signal.SIGCONT)
    assert all(w.expect("http_proxy_response", 20) for w in waiting)
