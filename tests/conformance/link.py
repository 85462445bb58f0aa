"""Connections to a server that carry whole messages: UDP, TCP, WebSocket.

All have the same methods; a wait that ends without a message raises Timeout,
a connection that ended raises Closed.
"""

import errno
import socket
import struct
import time

import frame
import keys
import net
import pb
import ws

WAIT = 8        # seconds; generous, for sanitizer builds on a busy machine
Timeout = TimeoutError


def wait_until(condition, wait=5):
    """Polls CONDITION until it holds; returns what it gave."""
    end = time.monotonic() + wait
    while not (held := condition()):
        assert time.monotonic() < end, f"not so within {wait} s"
        time.sleep(0.05)
    return held


class Closed(Exception):
    """The other side closed or reset the connection."""


class Link:
    """What the transports share. Subclasses provide send() and recv()."""

    hello = None        # the server's KeyExchange, once seen

    def send_msg(self, **member):
        self.send(pb.rendezvous(**member))

    def recv_msg(self, wait=WAIT):
        """The next message that is not the server's KeyExchange."""
        end = time.monotonic() + wait
        while True:
            message = pb.parse(self.recv(max(0, end - time.monotonic())))
            if message.which() != "key_exchange" or self.hello is not None:
                return message
            self.hello = message

    def expect(self, name, wait=WAIT):
        """The member NAME of the next message, which must have it."""
        message = self.recv_msg(wait)
        assert message.which() == name, f"expected {name}, got {message}"
        return getattr(message, name)

    def ask(self, name, wait=WAIT, **member):
        self.send_msg(**member)
        return self.expect(name, wait)

    def expect_quiet(self, seconds):
        """Nothing but a KeyExchange arrives for SECONDS; stays open."""
        try:
            message = self.recv_msg(seconds)
        except Timeout:
            return
        raise AssertionError(f"unexpected {message}")

    def expect_closed(self, wait=WAIT):
        """The server closes without another message."""
        try:
            message = self.recv_msg(wait)
        except Closed:
            return
        except Timeout:
            raise AssertionError(f"still open after {wait} s") from None
        raise AssertionError(f"instead of closing: {message}")

    @property
    def address(self):
        """Our (ip, port)."""
        return self.sock.getsockname()[:2]

    def close(self):
        self.sock.close()


class Udp(Link):
    def __init__(self, server, source="", port=0):
        self.server = server
        self.sock = net.bound(socket.SOCK_DGRAM, source, port)

    def send(self, data):
        self.sock.sendto(data, self.server)

    def recv_from(self, wait=WAIT):
        self.sock.settimeout(max(wait, 1e-3))
        data, address = self.sock.recvfrom(65535)
        return data, address[:2]

    def recv(self, wait=WAIT):
        end = time.monotonic() + wait
        while True:
            data, address = self.recv_from(end - time.monotonic())
            if address == self.server:
                return data


class _Stream(Link):
    """A TCP connection with a receive buffer."""

    def __init__(self, server, source="", port=0):
        self.sock = net.bound(socket.SOCK_STREAM, source, port)
        self.sock.settimeout(WAIT)
        self.sock.connect(server)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()

    def send_raw(self, data):
        self.sock.settimeout(60)
        try:
            self.sock.sendall(data)
        except ConnectionError as e:
            raise Closed(str(e)) from e

    def fill(self, wait):
        """Reads more bytes into the buffer."""
        self.sock.settimeout(max(wait, 1e-3))
        try:
            data = self.sock.recv(1 << 18)
        except ConnectionError as e:
            raise Closed(str(e)) from e
        except OSError as e:
            if e.errno == errno.EBADF:
                raise Closed("closed here") from e
            raise
        if not data:
            raise Closed("end of stream")
        self.buffer += data

    def _frames(self, split, wait):
        end = time.monotonic() + wait
        while (piece := split(self.buffer)) is None:
            self.fill(end - time.monotonic())
        return piece

    def read_exactly(self, n, wait=WAIT):
        """N raw bytes, for a relay in raw mode."""
        end = time.monotonic() + wait
        while len(self.buffer) < n:
            self.fill(end - time.monotonic())
        data = bytes(self.buffer[:n])
        del self.buffer[:n]
        return data

    def reset(self):
        """Closes with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()


class Tcp(_Stream):
    channel = None      # the secretbox layer, once secured
    head = b""          # the header of the last frame received

    def send(self, data, size=0):
        if self.channel is not None and data:
            data = self.channel.seal(data)
        self.send_raw(frame.encode(data, size))

    def recv(self, wait=WAIT):
        self.head, payload = self._frames(frame.split, wait)
        return payload if self.channel is None else (
            self.channel.unseal(payload))

    def secure(self, server_pk, wait=WAIT, version=0, **fixed):
        """Runs the client's half of KeyExchange; clients before 1.5 speak
        version 0."""
        if self.hello is None:
            self.hello = pb.parse(self.recv(wait))
        box_pk = keys.check_hello(self.hello, server_pk)
        if version > 0:
            assert keys.check_params(self.hello, server_pk) >= version
        reply, channel = keys.answer_hello(box_pk, version=version, **fixed)
        self.send(reply)
        self.channel = channel
        return self


class Ws(_Stream):
    def __init__(self, server, source="", port=0, path="/", headers=(),
                 wrap=None):
        super().__init__(server, source, port)
        if wrap is not None:        # TLS
            self.sock = wrap(self.sock)
        request, accept = ws.upgrade_request(
            f"{server[0]}:{server[1]}", path, headers)
        self.send_raw(request)
        self.parts = []         # fragments of the message being received
        self.controls = []      # (opcode, payload) of control frames
        self.opcode = None      # of the last whole message
        try:
            while b"\r\n\r\n" not in self.buffer:
                self.fill(WAIT)
        except Closed as e:
            raise ws.HandshakeError(0, bytes(self.buffer)) from e
        head, _, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        ws.check_answer(head, accept)
        self.buffer = bytearray(rest)

    def send(self, data):
        self.send_raw(ws.encode(ws.BINARY, data))

    def recv(self, wait=WAIT):
        """The next whole message; pings are answered, Close ends."""
        end = time.monotonic() + wait
        while True:
            fin, opcode, payload = self._frames(
                ws.split, end - time.monotonic())
            if opcode >= ws.CLOSE:
                self._control(opcode, payload)
                continue
            if opcode != ws.CONTINUATION:
                self.opcode = opcode
            self.parts.append(payload)
            if fin:
                whole, self.parts = b"".join(self.parts), []
                return whole

    def _control(self, opcode, payload):
        self.controls.append((opcode, payload))
        if opcode == ws.PING:
            self.send_raw(ws.encode(ws.PONG, payload))
        elif opcode == ws.CLOSE:
            raise Closed(f"close frame {payload[:2].hex()}")
