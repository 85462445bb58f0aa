"""The device's side of a voice call: answers, and hears what is said."""

import contextlib

import av

from wire import m

REPORT = 20     # packets
LOUD = 0.02     # of full scale


class Voice:
    def __init__(self, connection, script, emit):
        self.connection, self.script, self.emit = connection, script, emit
        self.decoder = av.CodecContext.create("opus", "r")
        self.packets = self.samples = self.broken = 0
        self.peak = 0.0
        self.ready = False

    def format(self):
        """Sound follows: without this word none is taken."""
        self.ready = True

    def message(self, kind, f):
        if kind == 11:
            if self.ready and not self.connection.deaf:
                self.hear(bytes(f.raw(1)))
        elif kind == 23:
            self.rung(f)
        else:
            self.emit("call answered", accepted=bool(f.int(1)),
                      asked=f.int(2))

    def rung(self, f):
        connect = bool(f.int(2))
        self.emit("call", connect=connect)
        if connect:
            self.connection.send((24, m(
                (1, self.script.call == "accept"), (2, f.int(1)),
                (3, f.int(1) + 1))))

    def hear(self, packet):
        self.packets += 1
        try:
            for frame in self.decoder.decode(av.Packet(packet)):
                self.samples += frame.samples
                with contextlib.suppress(ValueError):
                    self.peak = max(self.peak,
                                    float(abs(frame.to_ndarray()).max()))
        except av.error.FFmpegError:
            self.broken += 1
        if self.packets % REPORT == 0:
            self.emit("voice", packets=self.packets, samples=self.samples,
                      broken=self.broken, loud=self.peak > LOUD)
