"""What goes on while things break: peers that stay registered as real clients
do, controllers that ask for them, relayed streams, new peers, api writes.

Everything that was acknowledged is remembered and held against the stack
afterwards. A probe that fails is not an error; how long they fail is what is
measured.
"""

import contextlib
import hashlib
import itertools
import random
import threading
import time

import cluster
import keys
import lab
import link
import mangle
import peer
import session
from servers import BAD_TEXT
from link import Closed, Timeout

HEARTBEAT, ANSWER_WAIT = 12, 3      # as a client's (spec 4.1)
PROBE_EVERY, PROBE_WAIT = 0.2, 1.5
BROKEN = (Closed, OSError, ValueError, AssertionError)


class Weather:
    """What the network does to the peers' datagrams."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.loss = self.twice = self.late = 0.0

    def fate(self):
        """How often and how late a datagram arrives: a list of delays."""
        with self.lock:
            r = self.random
            if r.random() < self.loss:
                return []
            copies = 2 if r.random() < self.twice else 1
            return [r.uniform(0.02, 0.2) if r.random() < self.late else 0
                    for _ in range(copies)]


class Air(cluster.Vip):
    """A datagram socket in the weather, in both directions."""

    weather = None

    def send(self, data):
        for delay in self.weather.fate():
            if delay:
                threading.Timer(delay, self._send, (data,)).start()
            else:
                self._send(data)

    def _send(self, data):
        with contextlib.suppress(OSError):
            self.sock.sendto(data, self.server)

    def recv(self, wait=link.WAIT):
        end = time.monotonic() + wait
        while True:
            data = super().recv(end - time.monotonic())
            if self.weather.fate():
                return data


class Site(cluster.Site):
    """The servers behind a balancer: each connection goes to a live one."""

    numbers = itertools.count()

    def __init__(self, case, town):
        super().__init__(case, town.nodes[0])
        self.town = town

    def _open(self, kind, where, source, relay=False, **more):
        if not relay:
            where += self.town.node().port - self.port
        if kind is cluster.Vip:
            kind = type("Air", (Air,), {"weather": self.town.weather})
        return kind((self.host(source or "", relay), where),
                    source if source is not None else self.case.ip(), **more)

    def keep(self, thing):
        return thing        # the load closes what it opens


class Roamer(peer.Device):
    """B as a client is: it comes back, whatever happens to it."""

    def _run(self):
        heard = sent = time.monotonic()
        while not self._closing.is_set():
            now = time.monotonic()
            if self.mode == "udp" and (
                    now - sent > HEARTBEAT or
                    (sent > heard and now - sent > ANSWER_WAIT)):
                cluster.move(self, self.site.town.node())
                self.register_peer()
                sent = now
            try:
                data = self.link.recv(0.2)
                heard = time.monotonic()
                self._received(data)
            except Timeout:
                continue
            except BROKEN:
                self._again()

    def _again(self):
        """Reconnects a second after the connection was lost (4.3)."""
        self.link.close()
        while not self._closing.wait(1):
            try:
                self.link = self._open()
                self.register_pk()
                return
            except (*BROKEN, Timeout):
                continue

    def close(self):
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()
        self.link.close()

    def _react(self, name, push):
        with contextlib.suppress(*BROKEN, Timeout):
            if name == "punch_hole":
                self.answer_punch(push)
            elif name == "request_relay":
                self.answer(relay_response={
                    "socket_addr": push.socket_addr,
                    "version": self.version}).close()
                self._echo(peer.join_relay(
                    self.site, push.relay_server, self.source,
                    self.mode == "ws", uuid=push.uuid))

    def _echo(self, end):
        try:
            while not self._closing.is_set():
                end.send(end.recv(6))
        finally:
            end.close()


class Series:
    """The outcomes of one kind of probe, and the longest gap in them."""

    def __init__(self, name):
        self.name, self.good = name, []

    def gap(self, since):
        times = [since] + [t for t in self.good if t > since]
        times.append(time.monotonic())
        gap = max(b - a for a, b in zip(times, times[1:]))
        return 0 if gap < PROBE_EVERY + PROBE_WAIT / 3 else gap


class Load:
    def __init__(self, town, seed):
        self.town, self.case = town, lab.Case(_Nowhere)
        town.weather = self.weather = Weather(seed)
        self.site = Site(self.case, town)
        self.ending, self.pausing = threading.Event(), threading.Event()
        self.acknowledged = {}      # id -> key
        self.groups = set()
        self.bytes = self.corrupt = 0
        self.series = {n: Series(n) for n in (
            "udp", "tcp", "ws", "relay", "stream", "across", "online",
            "register", "api")}
        self.busy = threading.Semaphore(0)
        self.threads = []

    def start(self, each=3):
        self.peers = {mode: [self._peer(mode) for _ in range(each)]
                      for mode in ("udp", "tcp", "ws")}
        for mode in self.peers:
            self._thread(mode, self._probe_mode, mode)
        self._thread("relay", self._probe_relay)
        self._thread("online", self._probe_online)
        self._thread("register", self._register)
        self._thread("api", self._write)
        for mode in ("udp", "ws"):
            self._stream_thread(mode, "stream")
        self._stream_thread("tcp", "across")
        return self

    def also(self, name, probe):
        """PROBE goes on beside the others from now on."""
        self.series[name] = Series(name)
        self._thread(name, probe)

    def _peer(self, mode):
        roamer = Roamer(self.site, self.case.new_id(), self.case.ip(),
                        mode=mode, auto=True)
        self.register_patiently(roamer)
        self.acknowledged[roamer.id] = roamer.signer.pk
        return roamer

    @staticmethod
    def register_patiently(device):
        """As a client does: a node that has just got its Redis back may
        refuse a new id until its next look at it."""
        end = time.monotonic() + HEARTBEAT
        while True:
            try:
                return device.register()
            except (Timeout, *BROKEN):
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        for peers in self.peers.values():
            for p in peers:
                p.close()

    # ---- pausing: nothing but heartbeats, so that tables can be read -------

    def pause(self):
        self.pausing.set()
        time.sleep(PROBE_WAIT)

    def resume(self):
        self.pausing.clear()

    def _thread(self, name, probe, *arguments):
        def run():
            while not self.ending.is_set():
                began = time.monotonic()
                if not self.pausing.is_set():
                    with contextlib.suppress(*BROKEN, Timeout):
                        if probe(*arguments):
                            self.series[name].good.append(time.monotonic())
                self.ending.wait(max(0, began + PROBE_EVERY -
                                     time.monotonic()))
        self._keep_running(run)

    def _keep_running(self, run):
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.threads.append(thread)

    # ---- probes ------------------------------------------------------------

    def _one_of(self, mode):
        peers = self.peers[mode]
        return peers[next(Site.numbers) // 2 % len(peers)]

    def _probe_mode(self, mode):
        return self.reach(self._one_of(mode))

    def reach(self, b):
        """A asks for B, B answers, and the key in the answer is B's."""
        a = self.site.punch(b.id)
        with contextlib.closing(a):
            answer = a.expect("punch_hole_response", PROBE_WAIT)
            if not answer.socket_addr:
                return False
            mangle.decode(answer.socket_addr)
            pair = keys.signed_id_pk(answer.pk, self.site.server_pk)
            if pair != (b.id, b.signer.pk):
                self.corrupt += 1
            return pair == (b.id, b.signer.pk)

    def relay_to(self, b, across=False):
        """A connection over the relay that B echoes on; ACROSS: over both,
        because A went to the other one."""
        relay = self.town.relays[next(Site.numbers) // 2 % 2]
        if not relay.running or relay in self.town.away:
            relay = self.town.relays[1 - relay.index]
        mine = self.town.relays[1 - relay.index] if across else relay
        uuid, a = peer.random_uuid(), self.site.tcp()
        server, my_server = (f"{link.net.SERVER4}:{r.relay_port}"
                             for r in (relay, mine))
        with contextlib.closing(a):
            a.send_msg(request_relay={"id": b.id, "uuid": uuid,
                                      "relay_server": server, "secure": True})
            answer = a.expect("relay_response", PROBE_WAIT)
            if answer.refuse_reason:
                raise Closed(answer.refuse_reason)
            return peer.join_relay(self.site, my_server, a.address[0], False,
                                   uuid=uuid)

    def _probe_relay(self):
        end = self.relay_to(self._one_of("tcp"))
        with contextlib.closing(end):
            end.send(b"probe")
            return end.recv(PROBE_WAIT) == b"probe"

    def _probe_online(self):
        peers = [p.id for mode in self.peers.values() for p in mode]
        return all(self.site.online(*peers))

    def _register(self):
        """A new device; what it was told is remembered."""
        device = peer.Device(self.site, self.case.new_id(), self.case.ip())
        try:
            device.register_pk()
            ok = device.link.expect("register_pk_response",
                                    PROBE_WAIT).result == 0
            if ok:
                self.acknowledged[device.id] = device.signer.pk
            return ok
        finally:
            device.link.close()

    def _write(self):
        name = f"g{time.monotonic_ns()}"
        status, _ = self.town.api.call("POST", "/api/device-groups",
                                       {"name": name})
        if status == 200:
            self.groups.add(name)
        time.sleep(0.3)
        return status == 200

    # ---- streams -----------------------------------------------------------

    def _stream_thread(self, mode, series):
        chance = random.Random(mode)

        def run():
            end = None
            while not self.ending.is_set():
                if self.pausing.is_set():
                    end = end and end.close()
                    self.ending.wait(0.1)
                    continue
                try:
                    end = end or self.relay_to(self._one_of(mode),
                                               series == "across")
                    self._turn(end, chance.randbytes(
                        chance.randrange(1, 16384)))
                    self.series[series].good.append(time.monotonic())
                except (*BROKEN, Timeout):
                    end = end and end.close()
                    self.ending.wait(PROBE_EVERY)
                self.ending.wait(0.02)
            if end:
                end.close()
        self._keep_running(run)

    def _turn(self, end, data):
        end.send(data)
        back = end.recv(5)
        if hashlib.sha256(back).digest() != hashlib.sha256(data).digest():
            self.corrupt += 1
        self.bytes += 2 * len(data)

    # ---- a session, as users have it ---------------------------------------

    def whole_sessions(self):
        """One direct, one over a relay, end to end encrypted."""
        for relayed in (False, True):
            b = peer.Device(self.site, self.case.new_id(), self.case.ip(),
                            auto=True)
            self.register_patiently(b)
            self.acknowledged[b.id] = b.signer.pk
            a = peer.Controller(self.site, self.case.ip(),
                                force_relay=relayed)
            s, login = a.connect(b.id)
            assert login.which() == "peer_info", login
            b.next_session().close()
            s.close()
            b.close()


class _Nowhere:
    remote = reference = False


def records(redis):
    """{id: key} of every stored peer."""
    found = {}
    for key in redis.command("KEYS", "peer:*"):
        pairs = iter(redis.command("HGETALL", key))
        for i, value in zip(pairs, pairs):
            found[i.decode()] = dict(session.pb.fields(value[4:])).get(3)
    return found
