"""The clients' side of the network: a namespace of this process.

The test process moves into a namespace in which every address of 198.18.0.0/15
is local, joined by a veth pair to the machine, where the containers publish
their ports on SERVER. The pair goes away with close().
"""

import contextlib
import ctypes
import itertools
import os
import ssl
import subprocess
import threading

import link
from lab import Site

SERVER, GATEWAY, NET = "198.51.100.1", "198.51.100.2", "198.18.0.0/15"
CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f"{what}: {os.strerror(errno)}")


def _ip(arguments):
    subprocess.run(["ip", *arguments.split()], check=True,
                   capture_output=True)


class Clients:
    def __init__(self):
        self.name = f"stack{os.getpid() % 100000}"
        self.machine = self._current()
        _check(_libc.unshare(CLONE_NEWNET), "unshare")
        own = f"/proc/{os.getpid()}/fd/{self._current()}"
        _ip("link set lo up")
        with self.on_machine():
            _ip(f"link add {self.name} type veth peer name eth0 netns {own}")
            _ip(f"addr add {SERVER}/30 dev {self.name}")
            _ip(f"link set {self.name} up")
            _ip(f"route add {NET} via {GATEWAY}")
        _ip(f"addr add {GATEWAY}/30 dev eth0")
        _ip("link set eth0 up")
        _ip(f"route add default via {SERVER}")
        _ip(f"route add local {NET} dev lo")

    @staticmethod
    def _current():
        return os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net",
                       os.O_RDONLY | os.O_CLOEXEC)

    @contextlib.contextmanager
    def on_machine(self):
        """This thread's new sockets and processes are the machine's."""
        before = self._current()
        _check(_libc.setns(self.machine, CLONE_NEWNET), "setns")
        try:
            yield
        finally:
            _check(_libc.setns(before, CLONE_NEWNET), "setns")
            os.close(before)

    def close(self):
        """Takes the pair away and brings this thread back for good."""
        _check(_libc.setns(self.machine, CLONE_NEWNET), "setns")
        _ip(f"link del {self.name}")


class _Tls(link._Stream):
    """A stream inside TLS; the certificate is checked against CA."""

    context = None

    def __init__(self, server, source="", port=0):
        super().__init__(server, source, port)
        self.sock = self.context.wrap_socket(self.sock,
                                             server_hostname=server[0])


class Wss(link.Ws, _Tls):
    """A WebSocket over TLS."""


class Case:
    """What a Site needs of a test: addresses, ids, and an end."""

    _addresses = itertools.count(0x0101)
    _ids = itertools.count(300_000_001)

    def __init__(self, key, certificate):
        self.key, self.certificate = key, certificate
        self.closers = contextlib.ExitStack()

    def ip(self):
        n = next(self._addresses)
        return f"198.18.{n >> 8 & 255}.{n & 255}"

    def new_id(self):
        return str(next(self._ids))

    def site(self, first=21116):
        """The published ports, of which FIRST is hbbs'."""
        return Site(self, remote=((SERVER, SERVER), first, first + 1,
                                  self.key))

    def wss_site(self):
        """Port 443 and nothing else."""
        return WssSite(self, remote=((SERVER, SERVER), 21116, 21117,
                                     self.key))

    def plain_site(self):
        """Port 80 and nothing else."""
        return PlainSite(self, remote=((SERVER, SERVER), 21116, 21117,
                                       self.key))


class WssSite(Site):
    """Every WebSocket goes through nginx; other transports are an error."""

    def _wss(self, path, source, **more):
        context = ssl.create_default_context(cafile=self.case.certificate)
        context.set_alpn_protocols(["http/1.1"])
        kind = type("TrustingWss", (Wss,), {"context": context})
        source = self.case.ip() if source is None else source
        return self.keep(kind((SERVER, 443), source, path=path, **more))

    def ws(self, source=None, **more):
        return self._wss("/ws/id", source, **more)

    def relay_ws(self, source=None, **more):
        return self._wss("/ws/relay", source, **more)

    def join(self, host, port, source, over_ws):
        assert over_ws, "only 443 is open"
        return self.relay_ws(source)

    def _open(self, kind, port, source, relay=False, **more):
        raise AssertionError(f"only 443 is open, not {port}")


class PlainSite(WssSite):
    """The same without TLS, on port 80."""

    def _wss(self, path, source, **more):
        source = self.case.ip() if source is None else source
        return self.keep(link.Ws((SERVER, 80), source, path=path, **more))
