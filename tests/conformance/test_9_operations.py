"""Section 8.9: WebSocket front, proxies, consoles, operations, 139 to 155."""

import base64
import collections
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import time

import pytest

import keys
import mangle
import net
import profiles
import servers
import session
import ws
from link import Closed, wait_until
from peer import random_uuid
from servers import Profile
from test_1_framing import NAT_TEST, assert_alive
from test_2_udp import MISMATCH as UUID_MISMATCH
from test_2_udp import OK, REQUEST_PK, register_peer, register_pk
from test_7_hbbr import assert_pairs, console, request

sys.path.append(str(pathlib.Path(__file__).parents[1] / "utils"))

import refdb    # noqa: E402  (needs the path above)

UNKNOWN_ID, MISMATCH = "5a00", "5a021803"


# ---- WebSocket front --------------------------------------------------------

def test_case_139_any_path(case):
    """R | upgrade on /, /ws/id, /anything at 21118; likewise 21119 | 101"""
    site = case.site()
    for path in ("/", "/ws/id", "/ws/relay", "/anything?x=1"):
        site.ws(path=path).close()
        site.relay_ws(path=path).close()


def seen_address(case, source, *headers):
    """The address of A that a device is told."""
    site = case.site("proxied")
    device = site.device().register()
    a = site.ws(source, headers=headers)
    site.punch(device.id, over=a)
    push = device.push("punch_hole")
    device.answer_punch(push)
    assert a.expect("punch_hole_response").socket_addr
    return mangle.decode(push.socket_addr)[0]


def test_case_140_trusted_proxy(case):
    """R | X-Real-IP 198.51.100.7 from trusted proxy |
    that IP used for same-intranet, limits, socket_addr"""
    assert seen_address(case, profiles.PROXY, (
        "X-Real-IP", "198.51.100.7")) == "198.51.100.7"


def test_case_141_untrusted_proxy(case):
    """S | X-Real-IP from untrusted source | ignored"""
    for name in ("X-Real-IP", "X-Forwarded-For"):
        source = case.ip()
        assert seen_address(case, source, (name, "198.51.100.7")) == source


@pytest.mark.parametrize("value, expected", [
    ("198.51.100.7, 10.0.0.1", "198.51.100.7"),
    ("2001:db8::5", "2001:db8::5"),
    ("::ffff:198.51.100.7", "198.51.100.7"),
    ("198.51.100.7:1234", "198.51.100.7"),
    ("[2001:db8::5]:1234", "2001:db8::5"),
    ("198.51.100.1, 198.51.100.7", "198.51.100.7"),
    ("garbage", profiles.PROXY),
    ("", profiles.PROXY),
])
def test_case_142_forwarded_for(case, value, expected):
    """S | X-Forwarded-For "198.51.100.7, 10.0.0.1"; "2001:db8::5";
    "::ffff:198.51.100.7"; "198.51.100.7:1234"; garbage | first usable
    untrusted hop; IPv6 works; garbage falls back to TCP peer"""
    assert seen_address(case, profiles.PROXY, (
        "X-Forwarded-For", value)) == expected


def test_case_143_text_message(case):
    """R | WS text message | ignored on hbbs, connection stays"""
    server = case.site().ws()
    server.send_raw(ws.encode(ws.TEXT, b"hello"))
    server.expect_quiet(0.3)
    server.send(NAT_TEST)
    assert server.expect("test_nat_response").port == server.address[1]


def test_case_144_plain_http(case):
    """R | plain HTTP GET without upgrade | HTTP error or close, no crash"""
    site = case.site()
    for port in (site.port + 2, site.relay_port + 2):
        plain = site.stream(port)
        plain.send_raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            while b"\r\n" not in plain.buffer:
                plain.fill(5)
        except Closed:
            continue
        assert re.match(rb"HTTP/1\.[01] [45]\d\d ", bytes(plain.buffer))
    assert_alive(site)
    assert_pairs(site)


@pytest.mark.slow
def test_case_145_half_sent_headers(case):
    """S | half-sent HTTP headers | closed in 10 s"""
    site = case.site()
    for port in (site.port + 2, site.relay_port + 2):
        half = site.stream(port)
        half.send_raw(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: web")
        start = time.monotonic()
        with pytest.raises(Closed):
            while True:     # an error page first is fine
                half.fill(13)
        assert time.monotonic() - start < 12


def test_case_146_tls(case):
    """E | TLS ClientHello on 21118 (TLS enabled) |
    wss works on the same port"""
    site = case.site("tls")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for wrap in (context.wrap_socket, None):
        server = site.ws(wrap=wrap)
        server.send(NAT_TEST)
        assert server.expect("test_nat_response").port == server.address[1]
    uuid = random_uuid()
    one, two = site.relay_ws(wrap=context.wrap_socket), site.relay_ws()
    for end in (one, two):
        end.send(request(site, uuid))
    one.send(b"through TLS")
    assert two.recv() == b"through TLS"


def test_a_renewed_certificate_is_taken_and_half_a_renewal_is_not(case):
    """Issue 3, TLS on 21118 and 21119 itself: after SIGHUP (or half a minute)
    who connects gets the new certificate; open connections go on."""
    case.not_for("it has no TLS", reference=True)
    site = case.site("tls")
    stack = case.lab.stack("tls")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    def certificate(end):
        return end.sock.getpeercert(binary_form=True)

    def served():
        return [certificate(open_(wrap=context.wrap_socket))
                for open_ in (site.ws, site.relay_ws)]

    def reload():
        for process in (stack.hbbs, stack.hbbr):
            process.child.send_signal(signal.SIGHUP)

    def said(text):
        return all(text in p.text() for p in (stack.hbbs, stack.hbbr))
    files = [stack.folder / "tls.pem", stack.folder / "tls.key"]
    old, before = served(), site.ws(wrap=context.wrap_socket)
    chain, key = [f.read_bytes() for f in files]
    try:
        files[0].write_text("-----BEGIN CERTIFICATE-----\nnothing\n")
        reload()
        wait_until(lambda: said("certificate_kept"))
        assert served() == old
        servers.make_certificate(stack.folder)
        new_chain = files[0].read_bytes()
        files[1].write_bytes(key)           # half a renewal: no pair
        reload()
        time.sleep(0.5)
        assert served() == old and not said("certificate_loaded")
        servers.make_certificate(stack.folder)
        assert files[0].read_bytes() != new_chain
        reload()
        wait_until(lambda: said("certificate_loaded"))
        new = served()
        assert new[0] == new[1] == ssl.PEM_cert_to_DER_cert(
            files[0].read_text()) and new != old
        before.send(NAT_TEST)
        assert before.expect("test_nat_response")
        plain = site.ws()
        plain.send(NAT_TEST)
        assert plain.expect("test_nat_response")
    finally:
        files[0].write_bytes(chain)
        files[1].write_bytes(key)
        reload()


def test_case_147_old_web_client(case):
    """R | old web client script of section 4.24 end to end against TCP B |
    session established through mixed relay"""
    site = case.site()
    device = site.device(auto=True).register()
    server = site.ws()
    server.send_msg(punch_hole_request={
        "id": device.id, "licence_key": site.key, "conn_type": "DEFAULT_CONN",
        "nat_type": "SYMMETRIC"})
    answer = server.expect("relay_response", 12)
    assert answer.version and answer.uuid
    host, port = answer.relay_server.rsplit(":", 1)
    relay = site.join(host, int(port), case.ip(), True)
    relay.send_msg(request_relay={"licence_key": site.key,
                                  "uuid": answer.uuid})
    peer_id, pk = keys.signed_id_pk(answer.pk, site.server_pk)
    assert peer_id == device.id
    _, login = session.control(relay, peer_id, pk, "Passw0rd", "web")
    assert login.which() == "peer_info"
    device.next_session()


# ---- console, relays, keys --------------------------------------------------

def test_case_148_console(case):
    """R | hbbs console rs, rs a,b, aur, aur Y, ib, ic, pr |
    section 6.6; (S) aur Y keeps the relay list"""
    site = case.site("console")
    port = site.port - 1
    a, b = f"{net.SERVER4}:{site.relay_port}", f"{net.SERVER4}:{site.port}"
    assert console(case, port, "rs").split() == [a]
    console(case, port, f"rs {a},{b}")
    assert console(case, port, "rs").split() == [a, b]
    assert console(case, port, "aur").strip() == "ALWAYS_USE_RELAY: false"
    console(case, port, "aur Y")
    assert console(case, port, "aur").strip() == "ALWAYS_USE_RELAY: true"
    assert console(case, port, "rs").split() == [a, b]
    console(case, port, "aur N")
    device = site.device().register()
    site.punch(device.id)
    device.push("punch_hole")
    assert console(case, port, "ib").split()[0].isdigit()
    assert console(case, port, "ic").split()[0].isdigit()
    assert f"{device.id}@{device.source}" in console(case, port, "pr")


def offered(site, device, count):
    """The relays that COUNT requests are told."""
    relays = []
    for _ in range(count):
        a = site.punch(device.id)
        relays.append(device.push("punch_hole").relay_server)
        a.close()
    return relays


@pytest.mark.slow
def test_case_149_dead_relay(case):
    """R | two relays configured, one down | only live one handed out within
    6 s; both down: list unchanged"""
    live = "{ip}:{q}"
    site = case.private_site(Profile(
        hbbs={"RELAY_SERVERS": live + ",{ip}:1"}))
    device = site.device().register()
    expected = {f"{net.SERVER4}:{site.relay_port}"}
    end = time.monotonic() + 6.6
    while set(offered(site, device, 4)) != expected:
        assert time.monotonic() < end, "the dead relay is still handed out"
        time.sleep(0.2)
    site.stack.hbbr.stop()
    time.sleep(7)       # two rounds of checks that reach none
    assert set(offered(site, device, 4)) == expected


@pytest.mark.slow
def test_case_150_rotation(case):
    """R | three relays | round-robin"""
    site = case.private_site(Profile(
        hbbs={"RELAY_SERVERS": "{ip}:{q},{ip}:{p},{ip}:{w}"}))
    device = site.device().register()
    time.sleep(4)       # past the first round of checks
    relays = offered(site, device, 9)
    assert collections.Counter(relays) == {
        f"{net.SERVER4}:{port}": 3
        for port in (site.relay_port, site.port, site.port + 2)}
    assert relays[:3] == relays[3:6] == relays[6:]


def accepts(site, licence_key):
    """Does hbbs accept this licence_key?"""
    a = site.punch("000000000", licence_key=licence_key)
    answer = a.recv_msg().encode().hex()
    assert answer in (UNKNOWN_ID, MISMATCH)
    return answer == UNKNOWN_ID


def test_case_151_key_file_missing(case):
    """R | id_ed25519 missing / malformed / -k variants of section 5.2 |
    files created (44/88 chars) / exit 1 / table"""
    site = case.private_site(Profile(key_file=None, relay=False))
    folder = site.stack.hbbs.folder
    secret = (folder / "id_ed25519").read_text()
    public = (folder / "id_ed25519.pub").read_text()
    assert len(secret) == 88 and len(public) == 44
    assert "/" not in public and ":" not in public
    assert base64.b64decode(secret)[32:] == base64.b64decode(public)
    assert accepts(site, public) and not accepts(site, "")
    site.stack.restart_hbbs()
    assert (folder / "id_ed25519").read_text() == secret
    assert accepts(site, public)


def test_case_151_key_file_malformed(case):
    """R | id_ed25519 missing / malformed / -k variants of section 5.2 |
    files created (44/88 chars) / exit 1 / table"""
    site = case.private_site(Profile(key_file="AAAA", relay=False), False)
    if site.stack.redis:
        site.stack.redis.start()
    site.stack.hbbs.start()
    assert site.stack.hbbs.child.wait(15) == 1
    site.stack.hbbs.child = None


@pytest.mark.parametrize("key, required, signs", [
    ("-", keys.SERVER.text, True), ("_", keys.SERVER.text, True),
    ("", "", True), (keys.DEVICE.secret_text, keys.DEVICE.text, True),
    ("any other text", "any other text", False)])
def test_case_151_key_option_of_hbbs(case, key, required, signs):
    """R | id_ed25519 missing / malformed / -k variants of section 5.2 |
    files created (44/88 chars) / exit 1 / table"""
    site = case.private_site(Profile(hbbs={"KEY": key}, relay=False))
    site.key = required
    assert accepts(site, required)
    assert accepts(site, "something else") == (required == "")
    device = site.device().register()
    a = site.punch(device.id)
    device.answer_punch(device.push("punch_hole"))
    signed = a.expect("punch_hole_response").pk
    if not signs:
        assert signed == b""
        return
    signer = keys.DEVICE if key == keys.DEVICE.secret_text else keys.SERVER
    assert keys.signed_id_pk(signed, signer.pk) == (
        device.id, device.signer.pk)


@pytest.mark.parametrize("key, required", [
    ("-", keys.SERVER.text), ("_", keys.SERVER.text), ("", ""),
    (keys.DEVICE.secret_text, keys.DEVICE.text), ("any text", "any text")])
def test_case_151_key_option_of_hbbr(case, key, required):
    """R | id_ed25519 missing / malformed / -k variants of section 5.2 |
    files created (44/88 chars) / exit 1 / table"""
    site = case.private_site(Profile(hbbr={"KEY": key}))
    site.key = required
    assert_pairs(site)
    wrong = site.relay()
    wrong.send(request(site, random_uuid(), licence_key="something else"))
    if required:
        wrong.expect_closed()
    else:
        wrong.expect_quiet(0.5)


def test_case_152_import(case):
    """R | import the reference's db_v2.sqlite3 incl. WAL | same ids, pks;
    RegisterPk with stored uuid: OK; other uuid: mismatch"""
    case.not_for("it is its own database", reference=True)
    site = case.private_site(Profile(key_file=None), start=False)
    old = site.stack.folder / "old"
    old.mkdir()
    known = case.new_id()
    rows = [refdb.row(known, uuid=b"its machine", pk=keys.DEVICE.pk)]
    refdb.create(old / "db_v2.sqlite3", rows)
    (old / "id_ed25519").write_text(keys.SERVER.secret_text)
    site.stack.redis.start()
    import_database(site, old, "--keys", str(old))
    refdb.leave_by_a_killed_writer(site.stack.folder / "db_v2.sqlite3")
    import_database(site, site.stack.folder)
    site.stack.redis.stop()     # and is started with the rest
    site.stack.start()
    for peer_id, uuid in ((known, b"its machine"),
                          ("in-wal-7", b"uuid-in-wal-7")):
        stored = site.stack.records()[peer_id]
        assert register_peer(site.udp(), peer_id) == REQUEST_PK
        assert register_pk(site.udp(), peer_id, b"a thief's") == \
            UUID_MISMATCH
        assert site.stack.records()[peer_id] == stored
    # With the key it had, and under the server's old key pair.
    device = site.device(known, uuid=b"its machine", signer=keys.DEVICE,
                         auto=True).register()
    assert site.stack.record(known)["guid"] == rows[0][0]
    a = site.controller()
    _, login = a.connect(known)
    assert login.which() == "peer_info"
    device.next_session()
    assert register_pk(site.udp(), "in-wal-7", b"uuid-in-wal-7",
                       bytes([len("in-wal-7")]) * 32) == OK


def import_database(site, path, *options):
    stack = site.stack
    done = subprocess.run(
        [stack.binaries.hbbs.with_name("rustdesk-utils"), "import",
         "--data-dir", stack.hbbs.folder, *options, path], text=True,
        capture_output=True, timeout=60, cwd=stack.folder,
        env={**os.environ, "REDIS_URL": stack.redis.url})
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT,
                                    signal.SIGQUIT])
def test_case_153_signals(case, number):
    """R | SIGTERM, SIGINT, SIGQUIT | clean exit"""
    site = case.private_site(Profile())
    site.device().register()
    site.device(mode="ws")
    site.pair()
    site.pair("relay", "relay_ws")
    for process in (site.stack.hbbs, site.stack.hbbr):
        process.stop(number)


BENCH = pathlib.Path(__file__).parents[1] / "bench" / "bench.py"


def test_case_154_load(case):
    """S | 50 000 UDP peers at 15 s interval, 2 000 online queries/s, slow
    disk | p99 answer < 50 ms; registration not blocked by disk"""
    case.need_own_server()
    case.not_for("a row of our own benchmark", reference=True)
    folder = case.lab.binaries.hbbs.parent
    done = subprocess.run(
        ["/usr/bin/python3", BENCH, folder, folder.with_name("bench"),
         "smoke"], capture_output=True, text=True, env={
             **os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin",
             "ROWS": "slow_disk", "SLOW_DISK_PEERS": "50000",
             "SLOW_DISK_SECONDS": "20", "INTERVAL": "15"})
    assert done.returncode == 0, done.stdout + done.stderr
    for figure in ("lost registrations", "queries unanswered"):
        assert f" {figure} 0 " in done.stdout, done.stdout
    write = re.search(r"a write of Redis, ms (\S+)", done.stdout)
    assert write and float(write[1]) > 10, done.stdout   # it was slow
    # The 50 ms are a target of `make bench`: docs/performance.md.


@pytest.mark.parametrize("a_mode, b_mode", [
    ("tcp", "udp"), ("tcp", "ws"), ("ws", "udp"), ("ws", "ws")])
def test_case_155_session_over_the_relay(case, a_mode, b_mode):
    """R | full E2E script of section 4.25 over TCP-TCP, TCP-WS, WS-WS relays
    | encrypted Hash/Login exchange succeeds"""
    site = case.site()
    device = site.device(mode=b_mode, auto=True).register()
    a = site.controller(mode=a_mode, force_relay=True)
    control, login = a.connect(device.id)
    assert a.how == "relay" and login.peer_info.hostname == "host-b"
    served = device.next_session()
    control.send(test_delay={"time": 42})
    assert served.recv("test_delay").time == 42
    served.send(test_delay={"time": 43})
    assert control.recv("test_delay").time == 43


