"""Scripted peers that behave like real clients: Device (B), Controller (A).

A Device registers by UDP, TCP (with KeyExchange) or WebSocket, keeps itself
registered, and collects the server's pushes; with auto=True it also reacts to
them as a client does and serves the sessions that result. A Controller asks
for a device and ends in an encrypted session, directly or over a relay.
Section numbers are those of the protocol specification.
"""

import contextlib
import os
import queue
import socket
import threading
import time
import uuid as uuids

import frame
import keys
import link as links
import mangle
import pb
import session
from link import WAIT, Closed, Timeout

REG_INTERVAL = 12       # seconds between heartbeats; a client waits 15
DUPLICATE = 0.1         # a push for the same address within this is dropped
PUNCH_WAITS = (3, 6, 9)
SYMMETRIC = 2


class Refused(Exception):
    """The server or the device said no; the text is what a user sees."""


class Datagrams(links.Link):
    """A punched UDP path. Clients run KCP here; between two namespaces of
    one machine nothing is lost, so a frame per datagram does."""

    def __init__(self, sock, address):
        self.sock, self.address_of_peer = sock, address

    def punch(self, wait=5):
        """Empty datagrams both ways until one has arrived."""
        end = time.monotonic() + wait
        while time.monotonic() < end:
            self.sock.sendto(b"", self.address_of_peer)
            self.sock.settimeout(0.02)
            with contextlib.suppress(Timeout):
                if self.sock.recvfrom(65535)[1][:2] == self.address_of_peer:
                    self.sock.sendto(b"", self.address_of_peer)
                    return self
        raise Timeout("no datagram through the hole")

    def send(self, data):
        self.sock.sendto(frame.encode(data), self.address_of_peer)

    def recv(self, wait=WAIT):
        end = time.monotonic() + wait
        while True:
            self.sock.settimeout(max(end - time.monotonic(), 1e-3))
            data = self.sock.recvfrom(65535)[0]
            if data:
                return frame.split(bytearray(data))[1]


def split_host(text, default_port):
    """(host, port) of "host", "host:port", "[v6]:port" or a bare v6."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, int(rest[1:] or default_port)
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, int(port)
    return text, default_port


def join_relay(site, relay_server, source, over_ws, **request):
    """A connection to RELAY_SERVER that has sent its RequestRelay."""
    relay = site.join(*split_host(relay_server, 21117), source, over_ws)
    relay.send_msg(request_relay={"licence_key": site.key, **request})
    return relay


class Device:
    """B. Use through Site.device(), which closes it with its case."""

    def __init__(self, site, peer_id, source, *, mode="udp", uuid=None,
                 signer=None, nat="ASYMMETRIC", version="1.4.9",
                 headers=(), relay_server="", password="Passw0rd",
                 auto=False, echo=True, answers=None):
        self.answers = answers or site      # the node that gets its answers
        self.site, self.id, self.source, self.mode = site, peer_id, source, mode
        self.uuid = uuid or f"uuid-{peer_id}".encode()
        self.signer = signer or keys.Signer()
        self.nat = pb.SCHEMA.enums["NatType"][nat]
        self.version, self.headers = version, headers
        self.relay_server, self.password = relay_server, password
        self.auto, self.echo = auto, echo
        self.pushes = queue.Queue()
        self.sessions = queue.Queue()   # Session, or the exception it met
        self.results = queue.Queue()    # results of RegisterPk after start
        self.heartbeats = []            # times of empty frames
        self.copies = []                # (time, name) of every push
        self.ended = None               # how the connection ended
        self.keep_alive = 0
        self._seen = {}
        self._closing = threading.Event()
        self.link = self._open()
        self._thread = threading.Thread(target=self._run, daemon=True)

    # ---- registration (4.1, 4.3) ------------------------------------------

    def _open(self):
        if self.mode == "udp":
            return self.site.udp(self.source)
        if self.mode == "tcp":
            return self.site.tcp(self.source).secure(self.site.server_pk)
        return self.site.ws(self.source, headers=self.headers)

    def register_pk(self, **other):
        """Sends RegisterPk."""
        self.link.send_msg(register_pk={
            "id": self.id, "uuid": self.uuid, "pk": self.signer.pk, **other})

    def register_peer(self, serial=3):
        self.link.send_msg(register_peer={"id": self.id, "serial": serial})

    def register(self, **other):
        """Registers, expects success, and starts reacting."""
        self.register_pk(**other)
        answer = self.link.expect("register_pk_response")
        assert answer.result == 0, answer
        self.keep_alive = answer.keep_alive
        if self.mode == "udp":
            self.register_peer()
            response = self.link.expect("register_peer_response")
            assert not response.request_pk, response
        return self.start()

    def start(self):
        self._thread.start()
        return self

    def close(self):
        self._closing.set()
        self.link.close()
        if self._thread.ident is not None:
            self._thread.join()

    # ---- receiving ---------------------------------------------------------

    def _run(self):
        due = time.monotonic() + REG_INTERVAL
        while not self._closing.is_set():
            if self.mode == "udp" and time.monotonic() > due:
                self.register_peer()
                due = time.monotonic() + REG_INTERVAL
            try:
                data = self.link.recv(0.2)
            except Timeout:
                continue
            except (Closed, OSError, ValueError) as e:
                self.ended = e
                return
            self._received(data)

    def _received(self, data):
        if not data:
            self.heartbeats.append(time.monotonic())
            if self.echo:
                with contextlib.suppress(Closed, OSError):
                    self.link.send(b"")
            return
        message = pb.parse(data)
        name = message.which()
        if name == "register_pk_response":
            self.results.put(message.register_pk_response)
        elif name == "register_peer_response":
            if message.register_peer_response.request_pk:
                self.register_pk()
        elif name in ("punch_hole", "fetch_local_addr", "request_relay"):
            self._pushed(name, getattr(message, name))
        else:
            self.pushes.put((name, message))

    def _pushed(self, name, push):
        now = time.monotonic()
        self.copies.append((now, name))
        slot = name == "request_relay", mangle.decode(push.socket_addr)
        fresh = now - self._seen.get(slot, -1) > DUPLICATE
        self._seen[slot] = now
        if not fresh:
            return
        if self.auto:
            threading.Thread(target=self._react, args=(name, push),
                             daemon=True).start()
        else:
            self.pushes.put((name, push))

    def push(self, name, wait=WAIT):
        """The next push, which must be NAME; duplicates are left out."""
        try:
            got, message = self.pushes.get(timeout=wait)
        except queue.Empty:
            raise AssertionError(f"no {name} within {wait} s") from None
        assert got == name, f"expected {name}, got {got}: {message}"
        return message

    def no_push(self, seconds):
        with contextlib.suppress(queue.Empty):
            raise AssertionError(f"unexpected {self.pushes.get(timeout=seconds)}")

    def next_session(self, wait=30):
        """The next session this device served, or what went wrong."""
        served = self.sessions.get(timeout=wait)
        if isinstance(served, Exception):
            raise served
        return served

    # ---- answers, each on a new plaintext connection (4.9) -----------------

    def open_answer(self, port=0):
        if self.mode == "ws":
            return self.answers.ws(self.source, headers=self.headers)
        return self.answers.tcp(self.source, port=port)

    def answer(self, **member):
        """Sends one answer; returns the connection, still open."""
        connection = self.open_answer()
        connection.send_msg(**member)
        return connection

    def answer_punch(self, push, **other):
        """PunchHoleSent; returns the address S saw."""
        connection = self.answer(punch_hole_sent={
            **self._punch_hole_sent(push), **other})
        address = connection.address
        connection.close()
        return address

    def _punch_hole_sent(self, push):
        return {"socket_addr": push.socket_addr, "id": self.id,
                "relay_server": self._relay(push), "nat_type": self.nat,
                "version": self.version}

    def answer_local(self, push, local=("192.168.77.5", 40123), **other):
        """LocalAddr with the re-encoded address of A; returns local_addr."""
        local_addr = mangle.encode(*local)
        self.answer(local_addr={
            "socket_addr": mangle.encode(*mangle.decode(push.socket_addr)),
            "local_addr": local_addr, "relay_server": self._relay(push),
            "id": self.id, "version": self.version, **other}).close()
        return local_addr

    def _relay(self, push):
        return self.relay_server or push.relay_server or (
            self.site.default_relay(self.source))

    # ---- reactions of a real client ----------------------------------------

    def _react(self, name, push):
        try:
            reaction = {"punch_hole": self._on_punch_hole,
                        "fetch_local_addr": self._on_fetch_local_addr,
                        "request_relay": self._on_request_relay}[name]
            served = session.serve(
                reaction(push), self.id, self.signer, self.password, 18)
            self.sessions.put(self.site.keep(served))
        except Exception as e:      # handed to the test
            self.sessions.put(e)

    def _on_punch_hole(self, push):
        relay = self.mode != "udp" or push.force_relay
        if relay or SYMMETRIC in (push.nat_type, self.nat):
            return self._start_relay(push)
        if push.udp_port > 0:
            return self._punch_udp(push)
        return self._punch_tcp(push)

    def _start_relay(self, push, **other):
        uuid, relay_server = str(uuids.uuid4()), self._relay(push)
        self.answer(relay_response={
            "socket_addr": push.socket_addr, "uuid": uuid,
            "relay_server": relay_server, "id": self.id,
            "version": self.version, **other})
        return join_relay(self.site, relay_server, self.source,
                          self.mode == "ws", uuid=uuid)

    def _on_request_relay(self, push):
        self.answer(relay_response={
            "socket_addr": push.socket_addr, "version": self.version})
        return join_relay(self.site, push.relay_server, self.source,
                          self.mode == "ws", uuid=push.uuid)

    def _punch_udp(self, push):
        hole = self.answers.udp(self.source)
        for pause in (0, 0.02, 0.02):
            time.sleep(pause)       # the client's own spacing (4.12)
            hole.send_msg(punch_hole_sent=self._punch_hole_sent(push))
        ip, _ = mangle.decode(push.socket_addr)
        return Datagrams(hole.sock, (ip, push.udp_port)).punch(18)

    def _punch_tcp(self, push):
        connection = self.open_answer()
        knock = links.net.bound(socket.SOCK_STREAM, *connection.address)
        knock.settimeout(0.03)
        with knock, contextlib.suppress(OSError):
            knock.connect(mangle.decode(push.socket_addr))
        return self._listen(connection, punch_hole_sent=(
            self._punch_hole_sent(push)))

    def _on_fetch_local_addr(self, push):
        connection = self.open_answer()
        return self._listen(connection, local_addr={
            "socket_addr": mangle.encode(*mangle.decode(push.socket_addr)),
            "local_addr": mangle.encode(*connection.address),
            "relay_server": self._relay(push), "id": self.id,
            "version": self.version})

    def _listen(self, connection, **member):
        """Sends the answer and waits for A on the same local port."""
        address = connection.address
        connection.send_msg(**member)
        connection.close()
        with links.net.bound(socket.SOCK_STREAM, *address) as listener:
            listener.listen(1)
            listener.settimeout(18)
            return Accepted(listener.accept()[0])


class Accepted(links.Tcp):
    """A framed connection over a socket that is already connected."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, bytearray()


class Controller:
    """A (4.7, 4.11, 4.14)."""

    def __init__(self, site, source, *, mode="tcp", nat="ASYMMETRIC",
                 token="", force_relay=False, udp_punch=False, headers=(),
                 password="Passw0rd"):
        self.site, self.source, self.mode = site, source, mode
        self.force_relay = force_relay or mode == "ws"
        self.nat = "SYMMETRIC" if self.force_relay else nat
        self.token, self.headers, self.password = token, headers, password
        self.udp_punch = udp_punch
        self.id = "111111111"
        self.how = None         # "direct", "local", "udp" or "relay"
        self._hole = None

    def connect(self, peer_id):
        """(Session, LoginResponse) with the device PEER_ID, or Refused."""
        server = self._open()
        name, answer = self._punch(server, peer_id)
        if name == "relay_response":
            self.how = "relay"
            relay = join_relay(self.site, answer.relay_server, self.source,
                               self.mode == "ws", id=peer_id,
                               uuid=answer.uuid)
            return self._session(relay, peer_id, answer.pk)
        if not answer.socket_addr:
            raise Refused(answer.other_failure or f"failure {answer.failure}")
        try:
            direct = self._direct(server.address, answer)
        except OSError:
            return self._request_relay(peer_id, answer)
        if self.force_relay:
            return self._request_relay(peer_id, answer)
        return self._session(direct, peer_id, answer.pk)

    def _open(self):
        if self.mode == "ws":
            return self.site.ws(self.source, headers=self.headers)
        server = self.site.tcp(self.source)
        if self.site.key and self.token:
            server.secure(self.site.server_pk)
        return server

    def _punch(self, server, peer_id):
        request = {"id": peer_id, "nat_type": self.nat,
                   "licence_key": self.site.key, "token": self.token,
                   "version": "1.4.9", "force_relay": self.force_relay}
        if self.udp_punch:
            request["udp_port"] = self._own_udp_port()
        for wait in PUNCH_WAITS:
            server.send_msg(punch_hole_request=request)
            try:
                message = server.recv_msg(wait)
            except Timeout:
                continue
            name = message.which()
            if name in ("punch_hole_response", "relay_response"):
                return name, getattr(message, name)
        raise Refused("Failed to connect via rendezvous server")

    def _own_udp_port(self):
        self._hole = self.site.udp(self.source)
        for _ in range(20):
            self._hole.send_msg(test_nat_request={})
            with contextlib.suppress(Timeout):
                return self._hole.expect("test_nat_response", 0.2).port
        raise Timeout("no answer to the UDP NAT test")

    def _direct(self, own_address, answer):
        address = mangle.decode(answer.socket_addr)
        if answer.is_udp:
            self.how = "udp"
            return Datagrams(self._hole.sock, address).punch(5)
        self.how = "local" if answer.is_local else "direct"
        return self.site.keep(_connect_from(own_address, address))

    def _request_relay(self, peer_id, answer):
        self.how = "relay"
        for _ in range(3):
            uuid = str(uuids.uuid4())
            server = self._open()
            server.send_msg(request_relay={
                "id": peer_id, "token": self.token, "uuid": uuid,
                "relay_server": answer.relay_server,
                "secure": bool(answer.pk)})
            try:
                response = server.expect("relay_response", 18)
            except Timeout:
                continue
            if response.refuse_reason:
                raise Refused(response.refuse_reason)
            relay = join_relay(self.site, answer.relay_server, self.source,
                               self.mode == "ws", id=peer_id, uuid=uuid)
            return self._session(relay, peer_id, answer.pk)
        raise Refused("Failed to connect via relay server: Timeout")

    def _session(self, connection, peer_id, signed_pk):
        inner_id, pk = keys.signed_id_pk(signed_pk, self.site.server_pk)
        assert inner_id == peer_id, f"signed for {inner_id}"
        return session.control(connection, peer_id, pk, self.password,
                               self.id, 18)


def _connect_from(own_address, address, wait=5):
    """Connects from the port used towards S, until the peer listens."""
    end = time.monotonic() + wait
    while True:
        sock = links.net.bound(socket.SOCK_STREAM, *own_address)
        sock.settimeout(max(end - time.monotonic(), 0.1))
        try:
            sock.connect(address)
            return Accepted(sock)
        except OSError:
            sock.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.02)        # the peer is about to listen


def random_uuid():
    return str(uuids.UUID(bytes=os.urandom(16), version=4))
