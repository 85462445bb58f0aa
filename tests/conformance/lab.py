"""What a test sees: Case (one per test) and Site (a server under a profile).

Everything a test opens is closed with its Case; Sites live for the whole run
and are started by the first test that asks for them.
"""

import contextlib
import itertools
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import threading

import pytest

import keys
import link
import mangle
import net
import peer
from profiles import PROFILES
from servers import Binaries, Stack

ROOT = pathlib.Path(__file__).resolve().parents[2]
_ids = itertools.count(random.randrange(200_000_000, 900_000_000))


class Lab:
    """One per run: the network and the stacks, or a server given by address."""

    def __init__(self, options):
        self.options = options
        self.remote = options.hbbs is not None
        self.reference = options.profile == "reference"
        self.network = None if self.remote else net.Network()
        self.binaries = None if self.remote else _binaries(options)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hbb-lab-"))
        self.stacks = {}
        self.locks = {name: threading.Lock() for name in PROFILES}
        self.private = itertools.count(len(PROFILES))

    def stack(self, name):
        with self.locks[name]:
            if name not in self.stacks:
                index = list(PROFILES).index(name)
                self.stacks[name] = self._start(name, PROFILES[name], index)
            return self.stacks[name]

    def private_stack(self, profile):
        """A stack for one test, not started; its port is unique."""
        index = next(self.private)
        return self._make(f"private{index}", profile, index)

    def _make(self, name, profile, index):
        folder = self.folder / name
        folder.mkdir()
        return Stack(self.network, self.binaries, folder, profile,
                     21116 + 10 * index)

    def _start(self, name, profile, index):
        stack = self._make(name, profile, index)
        try:
            return stack.start()
        except BaseException:
            with contextlib.suppress(AssertionError):
                stack.stop()
            raise

    def stop(self):
        problems = []
        for name, stack in self.stacks.items():
            try:
                stack.stop()
            except AssertionError as e:
                problems.append(f"{name}: {e}")
        if problems:
            raise AssertionError("\n".join(problems))

    def discard(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def _binaries(options):
    if options.profile == "reference":
        return Binaries(pathlib.Path(options.ref_hbbs),
                        pathlib.Path(options.ref_hbbr), reference=True)
    folder = pathlib.Path(options.bin).resolve()
    return Binaries(folder / "hbbs", folder / "hbbr")


class Site:
    """The ports of one server, seen from one test."""

    def __init__(self, case, stack=None, remote=None):
        self.case, self.stack = case, stack
        self.server_pk = keys.SERVER.pk
        if remote is None:
            self.key, self.port = stack.key, stack.port
            self.relay_port = stack.relay_port
        else:
            self.hosts, self.port, self.relay_port, self.key = remote
            self.server_pk = keys.public_bytes(self.key)

    # ---- addresses ---------------------------------------------------------

    def host(self, source, relay=False):
        if self.stack is None:
            return self.hosts[1 if relay else 0]
        return net.SERVER6 if ":" in source else net.SERVER4

    @property
    def relay_server(self):
        """What the default profile names as its relay."""
        return f"{self.host('', relay=True)}:{self.relay_port}"

    def default_relay(self, source):
        """What a client derives when nobody names a relay (4.9)."""
        host = self.host(source)
        host = f"[{host}]" if ":" in host else host
        return f"{host}:{self.port + 1}"

    def observed(self, address):
        """ADDRESS as the server writes it."""
        return mangle.decode(mangle.encode(*address))

    # ---- connections -------------------------------------------------------

    def keep(self, thing):
        """Closes THING with the test."""
        self.case.closers.callback(thing.close)
        return thing

    def _open(self, kind, where, source, relay=False, **more):
        source = self.case.ip() if source is None else source
        return self.keep(kind((self.host(source, relay), where), source,
                              **more))

    def udp(self, source=None, **more):
        return self._open(link.Udp, self.port, source, **more)

    def tcp(self, source=None, **more):
        return self._open(link.Tcp, self.port, source, **more)

    def nat(self, source=None, **more):
        return self._open(link.Tcp, self.port - 1, source, **more)

    def ws(self, source=None, **more):
        return self._open(link.Ws, self.port + 2, source, **more)

    def relay(self, source=None, **more):
        return self._open(link.Tcp, self.relay_port, source, True, **more)

    def relay_ws(self, source=None, **more):
        return self._open(link.Ws, self.relay_port + 2, source, True, **more)

    def join(self, host, port, source, over_ws):
        """A connection to the relay that the server named."""
        if over_ws:
            return self.keep(link.Ws((host, port + 2), source))
        return self.keep(link.Tcp((host, port), source))

    def stream(self, port, source=None):
        """A TCP connection for raw bytes."""
        return self._open(link.Tcp, port, source)

    # ---- peers and short cuts ----------------------------------------------

    def device(self, peer_id=None, source=None, **more):
        """A Device that has not registered yet."""
        return self.keep(peer.Device(
            self, peer_id or self.case.new_id(),
            self.case.ip() if source is None else source, **more))

    def controller(self, source=None, **more):
        return peer.Controller(
            self, self.case.ip() if source is None else source, **more)

    def request(self, peer_id, **more):
        """The fields of a PunchHoleRequest for PEER_ID."""
        return {"punch_hole_request": {
            "id": peer_id, "nat_type": "ASYMMETRIC",
            "licence_key": self.key, "version": "1.4.9", **more}}

    def punch(self, peer_id, source=None, over=None, **more):
        """A connection that has sent a PunchHoleRequest."""
        server = over or self.tcp(source)
        server.send_msg(**self.request(peer_id, **more))
        return server

    def failure(self, peer_id):
        """The bytes that answer a PunchHoleRequest that fails, in hex."""
        server = self.punch(peer_id)
        message = server.recv_msg()
        server.close()
        return message.encode().hex()

    def online(self, *peer_ids, over=None):
        """The states of an online query, one bool for each id."""
        server = over or self.nat()
        states = server.ask("online_response", online_request={
            "id": "111111111", "peers": peer_ids}).states
        if over is None:
            server.close()
        assert len(states) >= (len(peer_ids) + 7) // 8, states.hex()
        return [bool(states[i // 8] & 0x80 >> i % 8)
                for i in range(len(peer_ids))]

    def pair(self, first="relay", second="relay", uuid=None, **more):
        """Two connections of one uuid; hbbr may still be pairing them."""
        uuid = uuid or peer.random_uuid()
        ends = []
        for kind in (first, second):
            end = getattr(self, kind)()
            end.send_msg(request_relay={
                "uuid": uuid, "licence_key": self.key, **more})
            ends.append(end)
        return ends

    def paired(self, first="relay", second="relay", uuid=None, **more):
        """pair(), and hbbr joined them: it takes more than early data."""
        one, two = self.pair(first, second, uuid, **more)
        two.send(b"here")
        assert one.recv() == b"here"
        return one, two


class Case:
    """The fixture of every test; also usable from a thread."""

    def __init__(self, lab):
        self.lab = lab
        self.closers = contextlib.ExitStack()
        self.remote_sources = None

    def close(self):
        self.closers.close()

    def site(self, profile="default"):
        if not self.lab.remote:
            return Site(self, self.lab.stack(profile))
        if profile != self.lab.options.profile:
            pytest.skip(f"needs a server started with profile {profile}")
        options = self.lab.options
        if options.hbbr is None:
            pytest.exit("--hbbs needs --hbbr", 4)
        (h1, p1), (h2, p2) = (peer.split_host(options.hbbs, 21116),
                              peer.split_host(options.hbbr, 21117))
        hosts = socket.gethostbyname(h1), socket.gethostbyname(h2)
        return Site(self, remote=(hosts, p1, p2, options.key))

    def private_site(self, profile, start=True):
        """A Site with a server for this test alone."""
        self.need_own_server()
        stack = self.lab.private_stack(profile)
        self.closers.callback(stack.stop)
        if start:
            stack.start()
        return Site(self, stack)

    def need_own_server(self):
        if self.lab.remote:
            pytest.skip("needs a server that the suite started")

    def unit_test(self, name):
        """Builds and runs one of the C unit tests."""
        self.need_own_server()
        self.not_for("a test of our own code", reference=True)
        folder = self.lab.binaries.hbbs.parents[1]
        program = folder / "unit" / name
        subprocess.run(
            ["make", "-s", "-C", ROOT, f"PROFILE={folder.name}",
             f"B={folder}", program], check=True)
        done = subprocess.run([program], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def not_for(self, reason, reference=False):
        """Says that a case does not apply to the server under test."""
        if self.lab.reference == reference:
            pytest.skip(f"not applicable: {reason}")

    def ip(self):
        """A client address no other test uses."""
        if not self.lab.remote:
            return net.fresh4()
        if self.remote_sources is None:
            self.remote_sources = iter(self.lab.options.source.split(","))
        source = next(self.remote_sources, None)
        if source is None:
            pytest.skip("needs more client addresses (--source)")
        return source

    def ip6(self):
        self.need_own_server()
        return net.fresh6()

    @staticmethod
    def new_id():
        """A device id no other test uses."""
        return str(next(_ids))
