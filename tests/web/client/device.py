"""A device that follows a script: the device's side of the peer protocol,
with a real video stream, a small file system and an echoing shell."""

import contextlib
import hashlib
import os
import struct
import threading
import time

from wire import Fields, m, zigzag

import keys
from link import Closed, Timeout
from transfer import Transfers
from tunnel import Tunnel
from voice import Voice

PASSWORD = "Secret-1"
CODE = "123456"
SALT, CHALLENGE = "a3f9k2", "x7tq4m"
FPS = 15
YES = 2                 # of an option; 0 leaves it as it is
WIDTH, HEIGHT = 640, 480
CODEC_FIELD = {"vp9": 6, "h264": 10, "vp8": 12, "av1": 13}
SCOPES = {7: "files", 8: "tunnel", 15: "camera", 16: "terminal"}


def read_ivf(path):
    """The frames of an IVF file."""
    data = path.read_bytes()
    at = struct.unpack("<H", data[6:8])[0]
    frames = []
    while at < len(data):
        size = struct.unpack("<I", data[at:at + 4])[0]
        frames.append(data[at + 12:at + 12 + size])
        at += 12 + size
    return frames


def read_h264(path):
    """The access units of an H.264 stream."""
    delimiter = b"\x00\x00\x00\x01\x09"
    return [delimiter + unit
            for unit in path.read_bytes().split(delimiter)[1:]]


def stored(data):
    """DATA as a Zstandard frame with one raw block."""
    block = struct.pack("<I", 1 | len(data) << 3)[:3]
    return (b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data)) + block
            + data)


class Script:
    """What the device does; a test changes it between connections."""

    def __init__(self):
        self.codec = "vp9"
        self.two_factor = False
        self.open = False           # lets everybody in who has no password
        self.fps = FPS
        self.error = ""             # the answer to every login
        self.displays = [(0, 0, WIDTH, HEIGHT)]
        self.garbage = False        # after login, a record that is none
        self.version = "1.4.9"
        self.kx = 0                 # the newest key exchange it speaks
        self.forged = False         # signs with another key
        self.direct = ""            # the answer to an offer: of DIRECT
        self.relay = True           # speaks over the relay
        self.call = "accept"        # or declines, when it is rung
        self.stall = 0              # bytes of a file after which it waits
        self.mux = True             # tunnels in messages

    # No answer; one, and both go on; … and the device is silent in the
    # channel; … and signs another certificate; one that is none.
    DIRECT = ("", "yes", "mute", "forged", "garbage")

    def change(self, values):
        for name, value in values.items():
            assert hasattr(self, name), name
            assert name != "direct" or value in self.DIRECT, value
            setattr(self, name, value)


class Channel:
    """One key for each direction."""

    def __init__(self, send, receive):
        self.out, self.into = keys.Channel(send), keys.Channel(receive)

    def seal(self, data):
        return self.out.seal(data)

    def unseal(self, data):
        return self.into.unseal(data)


class Plain:
    """DTLS protects the way already."""

    @staticmethod
    def seal(data):
        return data

    unseal = seal


def subkeys(key, advertised, picked, theirs, ours):
    def one(direction):
        text = (b"rdkx-spl" + bytes([direction])
                + struct.pack("<II", advertised, picked) + theirs + ours)
        return hashlib.blake2b(text, key=key, digest_size=32).digest()
    return Channel(one(2), one(1))


class Connection:
    """One session of the device; EMIT tells the test what arrived."""

    def __init__(self, link, device_id, signer, script, frames, files, emit,
                 fingerprint=""):
        self.fingerprint = fingerprint      # ours, in a direct channel
        self.link, self.id, self.signer = link, device_id, signer
        self.script, self.frames, self.emit = script, frames, emit
        self.home = files.home
        self.files = Transfers(self, files, script, emit)
        self.voice = Voice(self, script, emit)
        self.tunnel = Tunnel(self, emit)
        self.channel = None
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.gone = False       # cut: what it has still to read counts no more
        self.refresh = threading.Event()
        self.scope = "desktop"
        self.passed = False
        self.deaf = False       # told to send no sound, it takes none

    # ---- records -----------------------------------------------------------

    def send(self, *fields):
        data = m(*fields)
        with self.lock, contextlib.suppress(Closed, OSError):
            self.link.send(self.channel.seal(data) if self.channel else data)

    def misc(self, *fields):
        self.send((19, m(*fields)))

    def receive(self, wait=30):
        return Fields(self.channel.unseal(self.link.recv(wait)))

    # ---- the way in --------------------------------------------------------

    def run(self):
        try:
            self.handshake()
            self.send((19, m((6, m((2, True))))))
            self.send((9, m((1, SALT), (2, CHALLENGE))))
            threading.Thread(target=self.clock, daemon=True).start()
            while not self.over.is_set():
                self.message(self.receive())
        except (Closed, OSError, Timeout) as e:
            self.emit("closed", why=str(e), direct=bool(self.fingerprint))
        finally:
            self.over.set()
            self.tunnel.close()
            self.link.close()

    def handshake(self):
        ours, secret = keys.box_pair()
        advertised = self.script.kx
        id_pk = m((1, self.id), (2, ours)) + (
            m((4, advertised)) if advertised else b"") + (
            m((3, self.fingerprint)) if self.fingerprint else b"")
        signer = keys.Signer() if self.script.forged else self.signer
        self.send((3, m((1, signer.sign(id_pk)))))
        answer = Fields(self.link.recv(30)).sub(4)
        theirs = bytes(answer.raw(1))
        key = keys.box_open(bytes(answer.raw(2)), theirs, secret)
        picked = answer.int(3)
        self.emit("secured", kx=picked, direct=bool(self.fingerprint))
        self.channel = Plain() if self.fingerprint else (keys.Channel(key) if picked == 0 else subkeys(
            key, advertised, picked, theirs, ours))

    def clock(self):
        while not self.over.wait(1):
            self.send((5, m((3, 12), (4, 1500))))

    def options(self, option):
        if option.int(7):
            self.deaf = option.int(7) == YES

    def login(self, login):
        for field, scope in SCOPES.items():
            if field in login:
                self.scope = scope
        if self.scope == "tunnel":
            self.tunnel.login(login.sub(8))
        self.emit("login", scope=self.scope, username=login.text(1),
                  my_id=login.text(4), name=login.text(5),
                  platform=login.text(13), version=login.text(11),
                  option=bytes(login.raw(6)).hex())
        self.options(login.sub(6))
        inner = hashlib.sha256((PASSWORD + SALT).encode()).digest()
        right = hashlib.sha256(inner + CHALLENGE.encode()).digest()
        password = bytes(login.raw(2))
        if login.text(1) != self.id:
            self.refuse("Offline")
        elif self.script.error:
            self.refuse(self.script.error)
        elif not password and not self.script.open:
            pass                    # somebody there is asked: not a word
        elif password and password != right:
            self.refuse("Wrong Password")
        elif self.script.two_factor and not self.passed:
            self.send((8, m((1, "2FA Required"), (3, True))))
        else:
            self.welcome()

    def refuse(self, text):
        self.send((8, m((1, text))))

    def welcome(self):
        displays = [
            (4, m((1, zigzag(x)), (2, zigzag(y)), (3, w), (4, h),
                  (5, f"DP-{i}"), (6, True)))
            for i, (x, y, w, h) in enumerate(self.script.displays)]
        self.send((8, m((2, m(
            (1, "ada"), (2, "workshop"), (3, "Linux"), *displays,
            (7, self.script.version),
            (9, m((2, True), (3, self.script.mux))),
            (10, m((1, True), (3, True), (4, True))),
            (11, m((1, m((1, 640), (2, 480))), (1, m((1, 800), (2, 600))))),
            (12, '{"support_view_camera":true}'))))))
        if self.scope == "files":
            self.files.listing(self.home)
        elif self.scope in ("desktop", "camera"):
            threading.Thread(target=self.video, daemon=True).start()
            self.cursor()
        if self.script.garbage:
            with self.lock:
                self.link.send(os.urandom(64))

    # ---- picture -----------------------------------------------------------

    def cursor(self):
        white = bytes([255, 255, 255, 255]) * 16 * 16
        self.send((12, m((1, 2 ** 63 + 1), (2, zigzag(3)), (3, zigzag(2)),
                         (4, 16), (5, 16), (6, stored(white)))))

    def video(self):
        """From a key frame on, again from the start when one is wanted."""
        frames = self.frames(self.script.codec)
        field = CODEC_FIELD[self.script.codec.split("-")[0]]
        at, due = 0, time.monotonic()
        while not self.over.wait(max(0, due - time.monotonic())):
            due += 1 / self.script.fps
            if self.refresh.is_set():
                self.refresh.clear()
                at = 0
            for display in range(len(self.script.displays)):
                self.send((6, m((field, m((1, m(
                    (1, frames[at]), (2, at == 0), (3, at * 66))))),
                    (14, display))))
            at = (at + 1) % len(frames)

    # ---- what the controller sends -----------------------------------------

    def message(self, f):
        kind = f.first
        if kind == 7:
            self.login(f.sub(7))
        elif kind == 27:
            self.second_factor(f.sub(27))
        elif kind == 5:
            if f.sub(5).int(2):
                self.send((5, bytes(f.raw(5))))
        elif kind == 17:
            self.files.action(f.sub(17))
        elif kind == 18:
            self.files.response(f.sub(18))
        elif kind in (11, 23, 24):
            self.voice.message(kind, f.sub(kind))
        elif kind == 33:
            self.tunnel.message(f.sub(33))
        elif kind == 31:
            self.terminal(f.sub(31))
        else:
            self.plain(kind, f)

    def plain(self, kind, f):
        data = bytes(f.raw(kind))
        self.emit("message", kind=kind, data=data.hex())
        if kind == 19:
            misc = Fields(data)
            if 7 in misc:
                self.options(misc.sub(7))
            if 8 in misc and not self.deaf:
                self.voice.format()
            if 10 in misc or 31 in misc:
                self.refresh.set()
            if 4 in misc:
                self.misc((4, m((1, "echo: " + misc.sub(4).text(1)))))
            if 9 in misc:
                self.over.set()

    def second_factor(self, code):
        self.emit("code", code=code.text(1), hwid=len(code.raw(2)))
        if code.text(1) == CODE:
            self.passed = True
            self.welcome()
        else:
            self.send((8, m((1, "Wrong 2FA Code"), (3, True))))

    # ---- terminal ----------------------------------------------------------

    def terminal(self, f):
        kind, a = f.first, f.sub(f.first)
        number = a.int(1)
        self.emit("terminal", kind=kind, data=bytes(f.raw(kind)).hex())
        if kind == 1:
            self.send((32, m((1, m((1, number), (2, True), (4, 77),
                                   (5, "service-1"))))))
            self.print(number, b"\x1b[32mada@workshop\x1b[0m:~$ ")
        elif kind == 2:
            typed = bytes(a.raw(2))
            self.print(number, typed.replace(
                b"\r", b"\r\nhello from the device\r\n$ "))
        elif kind == 4:
            self.send((32, m((3, m((1, number), (2, 0))))))

    def print(self, number, data):
        self.send((32, m((2, m((1, number), (2, stored(data)), (3, True))))))
