"""The device's side of a tunnel: streams to one service, in messages."""

import contextlib
import socket
import threading

from wire import m

FRAME = 64 << 10
INITIAL = 64 << 10      # window before a stream is opened
WINDOW = 256 << 10
LEAST = 64              # what a message costs at least


def cost(data):
    return max(len(data), LEAST)


class Stream:
    """One, with what either side may still send."""

    def __init__(self, credit):
        self.credit, self.room, self.read = max(credit, INITIAL), INITIAL, 0
        self.changed = threading.Condition()
        self.socket = None
        self.early = []
        self.closed = False


class Tunnel:
    def __init__(self, connection, emit):
        self.connection, self.emit = connection, emit
        self.target = None
        self.streams = {}

    def login(self, forward):
        self.target = forward.text(1), forward.int(2)
        self.emit("tunnel", host=forward.text(1), port=forward.int(2),
                  multiplex=bool(forward.int(3)))

    def say(self, kind, *fields):
        self.connection.send((33, m((kind, m(*fields)))))

    def message(self, f):
        kind, a = f.first, f.sub(f.first)
        number = a.int(1)
        stream = self.streams.get(number)
        if kind == 1:
            self.open(number, a)
        elif stream is None:
            return
        elif kind == 3:
            self.data(number, stream, bytes(a.raw(2)))
        elif kind == 4:
            self.drop(number)
        elif kind == 5:
            with stream.changed:
                stream.credit = min(WINDOW, stream.credit + a.int(2))
                stream.changed.notify_all()

    def open(self, number, a):
        if (a.text(2), a.int(3)) != self.target:
            self.say(2, (1, number), (2, False),
                     (3, "Port forward target not authorized"))
            return
        stream = self.streams[number] = Stream(a.int(4))
        threading.Thread(target=self.relay, args=(number, stream),
                         daemon=True).start()

    def data(self, number, stream, data):
        """Also before the service was reached: it waits."""
        with stream.changed:
            stream.room -= cost(data)
            assert stream.room >= 0 and len(data) <= FRAME, "overrun"
            if stream.socket is None:
                stream.early.append(data)
                return
        self.write(number, stream, data)

    def write(self, number, stream, data):
        with contextlib.suppress(OSError):
            stream.socket.sendall(data)
        stream.room += cost(data)
        self.say(5, (1, number), (2, cost(data)))

    def relay(self, number, stream):
        host, port = self.target
        try:
            service = socket.create_connection((host, port), 3)
        except OSError:
            self.streams.pop(number, None)
            self.say(2, (1, number), (2, False), (
                3, f"Failed to access remote {host}:{port}. Please make sure "
                "it is reachable/open."))
            return
        service.settimeout(None)
        stream.room += WINDOW - INITIAL
        self.say(2, (1, number), (2, True), (4, WINDOW))
        with stream.changed:
            stream.socket = service
            early, stream.early = stream.early, []
        for data in early:
            self.write(number, stream, data)
        with contextlib.suppress(OSError):
            self.pump(number, stream, service)
        if not stream.closed:
            self.streams.pop(number, None)
            self.say(4, (1, number))

    def pump(self, number, stream, service):
        while not stream.closed:
            with stream.changed:
                stream.changed.wait_for(
                    lambda: stream.credit >= LEAST or stream.closed, 30)
                most = min(FRAME, stream.credit)
            data = service.recv(most) if not stream.closed else b""
            if not data:
                return
            with stream.changed:
                stream.credit -= cost(data)
            self.say(3, (1, number), (2, data))

    def drop(self, number):
        stream = self.streams.pop(number, None)
        if stream is None:
            return
        with stream.changed:
            stream.closed = True
            stream.changed.notify_all()
        if stream.socket:
            with contextlib.suppress(OSError):
                stream.socket.shutdown(socket.SHUT_RDWR)
            stream.socket.close()

    def close(self):
        for number in list(self.streams):
            self.drop(number)
