"""WebRTC: hbbs passes an offer with the push, an answer with the answer, and
candidates between the two ends of an open request, and to nobody else."""

import base64
import json
import os
import queue
import ssl
import time

import pytest

import mangle
import pb
from link import wait_until
from policy import Policy
from test_1_framing import assert_alive
from test_nodes import nodes

CANDIDATES, LONGEST = 64, 1024
MODES = pytest.mark.parametrize("mode", ["udp", "tcp", "ws"])
# As browsers name the page's own addresses.
LOCAL = json.dumps({
    "candidate": "candidate:842163049 1 udp 1677729535 "
                 "4b9b1f5e-8a3c-4a51-9a1e-0e2f1c1d2b3a.local 54321 typ host "
                 "generation 0 ufrag 7Yq0 network-cost 999",
    "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "7Yq0"})
ANSWER = "webrtc://" + base64.b64encode(
    b'{"type":"answer","sdp":"v=0"}').decode()


@pytest.fixture(autouse=True)
def ours(case):
    case.not_for("it knows no WebRTC", reference=True)


class Offer:
    """What a browser offers, and the key of its session."""

    def __init__(self, extra=0):
        self.key = "sha-256 " + os.urandom(32).hex(":").upper()
        self.text = "webrtc://" + base64.b64encode(json.dumps({
            "type": "offer", "sdp": "v=0\r\no=- 46117 2 IN IP4 127.0.0.1\r\n"
            "s=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
            "c=IN IP4 0.0.0.0\r\na=ice-ufrag:7Yq0\r\n"
            f"a=fingerprint:{self.key}\r\na=setup:actpass\r\na=mid:0\r\n"
            f"a=sctp-port:5000\r\na=x-extra:{'x' * extra}\r\n",
            "ice_policy": "all"}).encode()).decode()


class Browser:
    """A: asks for DEVICE with an offer over LINK."""

    def __init__(self, site, device, link=None, extra=0, **more):
        self.offer, self.device = Offer(extra), device
        self.link = link or site.ws()
        site.punch(device.id, over=self.link, force_relay=True,
                   nat_type="SYMMETRIC", webrtc_sdp_offer=self.offer.text,
                   **more)

    def send(self, text=LOCAL, **other):
        """A candidate for B."""
        self.link.send_msg(ice_candidate={
            "id": self.device.id, "session_key": self.offer.key,
            "candidate": text, **other})

    def expect(self, text=LOCAL):
        """A candidate of B."""
        got = self.link.expect("ice_candidate")
        assert (got.candidate, got.session_key) == (text, self.offer.key)
        return got


class Trickle:
    """B's connection for its candidates."""

    def __init__(self, site, push, key, source=None, link=None):
        self.link = link or site.tcp(source)
        self.to, self.key = push.socket_addr, key

    def send(self, text=LOCAL, **other):
        self.link.send_msg(ice_candidate={
            "socket_addr": self.to, "session_key": self.key,
            "candidate": text, **other})

    def settled(self, site):
        """What was sent before has been looked at."""
        self.link.ask("online_response", online_request={
            "id": "1", "peers": ["2"]})
        self.link.close()


def heard(device, last, wait=20):
    """The candidates that reach DEVICE until LAST does, each once."""
    got, end = [], time.monotonic() + wait
    while last not in got:
        try:
            name, message = device.pushes.get(
                timeout=max(0.01, end - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"{last} did not come: {got}") from None
        assert name == "ice_candidate", name
        text = message.ice_candidate.candidate
        if text not in got:
            got.append(text)
    return got


def relay_answer(device, push, over=None):
    """As a device of 1.5 answers a browser."""
    link = over or device.open_answer()
    link.send_msg(relay_response={
        "socket_addr": push.socket_addr, "uuid": os.urandom(8).hex(),
        "relay_server": push.relay_server, "id": device.id,
        "version": "1.5.0", "webrtc_sdp_answer": ANSWER})
    return link


def whole_exchange(a_site, b_site, device, browser):
    """Offer, answer, and candidates of both sides."""
    push = device.push("punch_hole")
    assert push.webrtc_sdp_offer == browser.offer.text
    assert push.force_relay
    relay_answer(device, push)
    answer = browser.link.expect("relay_response")
    assert answer.webrtc_sdp_answer == ANSWER
    assert answer.pk and answer.uuid
    for i in range(5):
        browser.send(f"{LOCAL}{i}")
    assert heard(device, f"{LOCAL}4") == [f"{LOCAL}{i}" for i in range(5)]
    b = Trickle(b_site, push, browser.offer.key, device.source)
    for i in range(5):      # one connection, as devices do
        b.send(f"{LOCAL}{i}")
        got = browser.expect(f"{LOCAL}{i}")
        assert mangle.decode(got.socket_addr) == mangle.decode(
            push.socket_addr)
    return push


# ---- what passes -----------------------------------------------------------

@MODES
def test_both_ends_at_one_node(case, mode):
    site = case.site()
    device = site.device(mode=mode).register()
    whole_exchange(site, site, device, Browser(site, device))
    assert_alive(site)


@MODES
def test_both_ends_at_two_nodes(case, mode):
    """B at node 1, A at node 2; B's answer and candidates at node 1, 2, 3."""
    sites = nodes(case, 3)
    for where in sites:
        device = sites[0].device(mode=mode, answers=where).register()
        wait_until(lambda: sites[1].online(device.id) == [True])
        whole_exchange(sites[1], where, device, Browser(sites[1], device))


@pytest.mark.parametrize("version", [0, 1])
def test_both_ends_encrypted(case, version):
    """A controller of 1.5 over TCP, and a device that answers it so."""
    site = case.site()
    device = site.device().register()
    browser = Browser(site, device, site.tcp().secure(
        site.server_pk, version=version))
    push = device.push("punch_hole")
    assert push.webrtc_sdp_offer == browser.offer.text
    relay_answer(device, push, site.tcp(device.source).secure(
        site.server_pk, version=version))
    assert browser.link.expect("relay_response").webrtc_sdp_answer == ANSWER
    browser.send()
    heard(device, LOCAL)
    b = Trickle(site, push, browser.offer.key, link=site.tcp(
        device.source).secure(site.server_pk, version=version))
    b.send()
    browser.expect()


def test_both_ends_behind_tls(case):
    site = case.site("tls")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    device = site.device().register()
    browser = Browser(site, device, site.ws(wrap=context.wrap_socket))
    push = device.push("punch_hole")
    relay_answer(device, push, site.ws(device.source,
                                       wrap=context.wrap_socket))
    assert browser.link.expect("relay_response").webrtc_sdp_answer == ANSWER
    browser.send()
    heard(device, LOCAL)
    Trickle(site, push, browser.offer.key, link=site.ws(
        device.source, wrap=context.wrap_socket)).send()
    browser.expect()


def test_an_answer_of_who_punches_passes_too(case):
    site = case.site()
    device = site.device().register()
    browser = Browser(site, device)
    device.answer_punch(device.push("punch_hole"), version="1.5.0",
                        webrtc_sdp_answer=ANSWER)
    assert browser.link.expect(
        "punch_hole_response").webrtc_sdp_answer == ANSWER


def test_a_request_asked_again_keeps_its_session(case):
    """As clients do after 3 s."""
    site = case.site()
    device = site.device(mode="tcp").register()
    browser = Browser(site, device)
    device.push("punch_hole")
    browser.send("one")
    assert heard(device, "one") == ["one"]
    time.sleep(1.2)     # sooner it would be the same question
    site.punch(device.id, over=browser.link, force_relay=True,
               webrtc_sdp_offer=browser.offer.text)
    assert device.push("punch_hole").webrtc_sdp_offer == browser.offer.text
    browser.send("two")
    assert heard(device, "two") == ["two"]


# ---- what does not ---------------------------------------------------------

def test_a_strangers_candidate_is_not_passed(case):
    """To B: of who did not ask for it. To A: of who was not asked."""
    site = case.site()
    device = site.device(mode="tcp").register()
    browser = Browser(site, device)
    push = device.push("punch_hole")
    stranger = site.ws()
    stranger.send_msg(ice_candidate={
        "id": device.id, "session_key": browser.offer.key,
        "candidate": "of a stranger"})
    # Who asked for the same device, but with another offer or none.
    other = site.punch(device.id, force_relay=True)
    device.push("punch_hole")
    other.send_msg(ice_candidate={
        "id": device.id, "session_key": browser.offer.key,
        "candidate": "of somebody without an offer"})
    for link in (stranger, other):
        link.ask("online_response", online_request={"id": "1", "peers": ["2"]})
    browser.send("good")
    assert heard(device, "good") == ["good"]

    # A's address can be guessed, the session cannot.
    for key in ("", "sha-256 00", Offer().key, browser.offer.key.lower()):
        b = Trickle(site, push, key)
        b.send("of a stranger")
        b.settled(site)
    Trickle(site, push, browser.offer.key, device.source).send("good")
    browser.expect("good")


def test_with_strict_answers_candidates_come_from_the_devices_address(case):
    site = case.site("strict")
    device = site.device().register()
    browser = Browser(site, device)
    push = device.push("punch_hole")
    b = Trickle(site, push, browser.offer.key)
    b.send("from elsewhere")
    b.settled(site)
    Trickle(site, push, browser.offer.key, device.source).send("good")
    browser.expect("good")


def test_candidates_for_somebody_else_than_asked_are_not_passed(case):
    site = case.site()
    device = site.device(mode="tcp").register()
    other = site.device(mode="tcp").register()
    browser = Browser(site, device)
    device.push("punch_hole")
    browser.send("for another", id=other.id)
    browser.send("for nobody", id=case.new_id())
    browser.send("for both", socket_addr=mangle.encode("192.0.2.1", 5000))
    browser.send("for none", id="")
    browser.send("good")
    assert heard(device, "good") == ["good"]
    asker = site.punch(other.id)
    other.push("punch_hole")    # and nothing before it
    asker.close()


def test_candidates_pass_only_where_access_was_allowed(case):
    """A device that is disabled, before and between two requests."""
    site = case.site("api")
    policy = Policy(site.stack.redis)
    device = site.device(mode="tcp").register()
    policy.device(device.id, flags=1)
    browser = Browser(site, device)
    browser.send("at once")
    assert browser.link.expect("punch_hole_response").other_failure
    browser.send("later")
    policy.device(device.id)
    browser = Browser(site, device)
    push = device.push("punch_hole")    # and nothing before it
    browser.send("good")
    assert heard(device, "good") == ["good"]
    policy.device(device.id, flags=1)
    site.punch(device.id, over=browser.link, force_relay=True,
               webrtc_sdp_offer=browser.offer.text)
    assert browser.link.expect("punch_hole_response").other_failure
    browser.send("too late")
    b = Trickle(site, push, browser.offer.key, device.source)
    b.send("too late")
    b.settled(site)
    browser.link.expect_quiet(0.3)
    device.no_push(0.1)


def test_after_the_end_of_a_request_nothing_is_passed(case):
    """A's connection is gone: neither way, on one node and on two."""
    for sites in ([case.site()] * 2, nodes(case, 2)):
        device = sites[0].device(mode="tcp").register()
        wait_until(lambda: sites[1].online(device.id) == [True])
        browser = Browser(sites[1], device)
        push = device.push("punch_hole")
        browser.send("good")
        heard(device, "good")
        browser.link.close()
        # A's next connection has not asked, though it has the same key.
        again = sites[1].ws()
        again.send_msg(ice_candidate={
            "id": device.id, "session_key": browser.offer.key,
            "candidate": "too late"})
        b = Trickle(sites[0], push, browser.offer.key, device.source)
        b.send("too late")
        b.settled(sites[0])
        again.expect_quiet(0.5)
        device.no_push(0.1)
        assert_alive(sites[0])


def test_who_always_relays_passes_nothing(case):
    site = case.site("always-relay")
    device = site.device(mode="tcp").register()
    browser = Browser(site, device)
    push = device.push("punch_hole")
    assert push.webrtc_sdp_offer == ""
    browser.send("good")
    relay_answer(device, push)
    assert browser.link.expect("relay_response").webrtc_sdp_answer == ""
    b = Trickle(site, push, browser.offer.key, device.source)
    b.send("good")
    b.settled(site)
    browser.link.expect_quiet(0.3)
    device.no_push(0.1)


# ---- caps ------------------------------------------------------------------

def test_a_flood_of_candidates_is_bounded_both_ways(case):
    """64 of each side pass; both connections go on."""
    site = case.site()
    device = site.device(mode="tcp").register()
    browser = Browser(site, device)
    push = device.push("punch_hole")
    for i in range(1000):
        browser.send(f"{LOCAL}{i}")
    got = heard(device, f"{LOCAL}{CANDIDATES - 1}")
    assert got == [f"{LOCAL}{i}" for i in range(CANDIDATES)]
    b = Trickle(site, push, browser.offer.key, device.source)
    for i in range(1000):
        b.send(f"{LOCAL}{i}")
    for i in range(CANDIDATES):
        browser.expect(f"{LOCAL}{i}")
    b.settled(site)
    browser.link.ask("online_response", online_request={
        "id": "1", "peers": [device.id]})
    device.no_push(0.1)


def test_a_long_candidate_is_not_passed_and_closes_nothing(case):
    site = case.site()
    device = site.device(mode="tcp").register()
    browser = Browser(site, device)
    device.push("punch_hole")
    for text in ("x" * (LONGEST + 1), "y" * 8000, ""):
        browser.send(text)
    browser.send("z" * LONGEST)
    assert heard(device, "z" * LONGEST) == ["z" * LONGEST]


def test_an_offer_too_long_for_a_datagram_costs_the_offer_alone(case):
    site = case.site()
    device = site.device().register()
    browser = Browser(site, device, extra=1000)
    push = device.push("punch_hole")
    assert push.webrtc_sdp_offer == ""
    relay_answer(device, push)
    answer = browser.link.expect("relay_response")
    assert answer.uuid and answer.webrtc_sdp_answer == ""
    device = site.device(mode="tcp").register()
    browser = Browser(site, device, extra=1000)
    assert device.push("punch_hole").webrtc_sdp_offer == browser.offer.text


def test_candidates_for_other_nodes_have_a_limit(case):
    """Each costs a look into Redis; answers have a limit of their own."""
    site = case.site("probe")
    source = case.ip()
    link = site.tcp(source)
    for i in range(2000):
        link.send_msg(ice_candidate={
            "socket_addr": mangle.encode("192.0.2.1", 2000 + i),
            "session_key": "sha-256 00", "candidate": LOCAL})
    link.ask("online_response", online_request={"id": "1", "peers": ["2"]})
    metrics = site.stack.ops(site.stack.hbbs, "/metrics")[1]
    limited = 'hbbs_limited_total{reason="stray_candidate"} '
    assert int(metrics.split(limited)[1].split()[0]) > 0
    assert_alive(site)


# ---- messages of newer clients ---------------------------------------------

@pytest.mark.parametrize("kind", ["tcp", "ws", "nat", "secured"])
def test_what_the_server_does_not_know_closes_no_connection(case, kind):
    site = case.site()
    link = (site.tcp().secure(site.server_pk, version=1) if kind == "secured"
            else getattr(site, kind)())
    for number in (30, 99, 4000):
        link.send(pb.delimited(number, b"\x0a\x03new"))
    # And fields of tomorrow in a message of today.
    question = pb.rendezvous(online_request={"id": "1", "peers": ["2"]})
    link.send(question + pb.delimited(77, b"more"))
    assert link.expect("online_response").states
