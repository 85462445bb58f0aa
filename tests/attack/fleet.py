"""The honest: devices that stay registered, users who are signed in, and what
both do all day. Each call is kept with its time, so that one can say afterwards
how many were lost and how long they took.

A call is lost when it fails although the caller did what a real client does:
a datagram is sent again after 3 s, a request for a connection after 3, 6 and
9 s; all else is tried once, for as long as clients wait.
"""

import contextlib
import http.client
import itertools
import json
import threading
import time

import keys
import link
import load
import mangle
import net
import peer
from link import Timeout

PATIENCE = 18           # seconds, as a client has
AGAIN = (3, 6, 9)
EVERY = 0.1
BROKEN = (*load.BROKEN, Timeout, http.client.HTTPException)
USERS, DEVICES = 12, 6


class Lost(Exception):
    """An answer came, and it was none of use."""


class Site(load.lab.Site):
    """For load.Roamer: one server, and the fleet closes what it opens."""

    def __init__(self, case, stack):
        super().__init__(case, stack)
        self.town = self

    def node(self):
        return self

    def keep(self, thing):
        return thing


class Resident(load.Roamer):
    """A device whose connection is not to be lost."""

    lost = None         # Calls
    answered = None     # uuid of the last request for a relay

    def _react(self, name, push):
        """The second copy of a push is no second request, however late a busy
        machine reads it."""
        uuid = push.uuid if name == "request_relay" else None
        if uuid is None or uuid != self.answered:
            self.answered = uuid or self.answered
            super()._react(name, push)

    def _again(self):
        self.lost.made.append((time.monotonic(), 0, f"{self.mode}: closed"))
        super()._again()

    def _echo(self, end):
        with contextlib.closing(end):
            while not self._closing.is_set():
                end.send(end.recv(PATIENCE))


class Calls:
    """What became of the calls of one kind."""

    def __init__(self, name):
        self.name, self.made = name, []     # (began, seconds, why lost)

    def since(self, began):
        return [c for c in list(self.made) if c[0] + c[1] >= began]


def percentile(calls, share=0.99):
    """Of the seconds of CALLS; lost ones took longest of all."""
    took = sorted(PATIENCE if why else seconds for _, seconds, why in calls)
    return took[min(len(took) - 1, int(len(took) * share))] if took else 0


class User:
    def __init__(self, number, address):
        self.name, self.password = f"user{number}", "correct horse battery"
        self.address, self.token = address, None


class Fleet:
    def __init__(self, stack, case):
        self.stack, self.case = stack, case
        self.site = Site(case, stack)
        self.users = [User(n, case.ip()) for n in range(USERS)]
        self.calls = {n: Calls(n) for n in (
            "heartbeat", "registration", "punch", "relay", "stream", "online",
            "log-in", "device heartbeat", "device list")}
        self.numbers = itertools.count()
        self.under_way = {}     # thread -> when its call began
        self.ending, self.threads = threading.Event(), []

    # ---- the api -----------------------------------------------------------

    def http(self, method, path, body=None, token=None, source="",
             wait=PATIENCE):
        """(status, parsed body)."""
        client = http.client.HTTPConnection(
            net.SERVER4, self.stack.port + 6, wait, (source, 0))
        head = {"Content-Type": "application/json"}
        if token:
            head["Authorization"] = f"Bearer {token}"
        with contextlib.closing(client):
            client.request(method, path, json.dumps(body), head)
            answer = client.getresponse()
            text = answer.read()
            kind = answer.headers.get("Content-Type", "")
            if text and kind.startswith("application/json"):
                text = json.loads(text)
            return answer.status, text

    def want(self, *arguments, **more):
        status, body = self.http(*arguments, **more)
        if status != 200 or (isinstance(body, dict) and "error" in body):
            raise Lost(f"{arguments[:2]}: {status} {str(body)[:200]}")
        return body

    def sign_in(self, user):
        user.token = self.want("POST", "/api/login", {
            "username": user.name, "password": user.password, "id": "1",
            "uuid": "dQ==", "type": "account"},
            source=user.address)["access_token"]

    def admin(self, password):
        """The token of the administrator, and everybody's account."""
        boss = User(0, self.case.ip())
        boss.name, boss.password = "admin", password
        self.sign_in(boss)
        for user in self.users:
            self.want("POST", "/api/users", {
                "name": user.name, "password": user.password},
                token=boss.token, source=boss.address)
            self.sign_in(user)
        return boss

    # ---- life --------------------------------------------------------------

    def start(self):
        self.devices = {mode: [self._device(mode) for _ in range(DEVICES // 3)]
                        for mode in ("udp", "tcp", "ws")}
        self.beaters = [self._beater() for _ in range(2)]
        for name, act in (
                ("registration", self._register), ("punch", self._punch),
                ("relay", self._relay), ("online", self._online),
                ("device heartbeat", self._api_heartbeat),
                ("device list", self._list)):
            self._go_on(name, act)
        self._go_on("log-in", self._log_in, 0.7)
        for beater in self.beaters:
            self._go_on("heartbeat", lambda b=beater: self._heartbeat(b))
        for mode in ("tcp", "ws"):
            self._thread(lambda m=mode: self._stream(m))
        return self

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        for device in self.all():
            device.close()

    def all(self):
        return [d for some in self.devices.values() for d in some]

    def _device(self, mode):
        device = Resident(self.site, self.case.new_id(), self.case.ip(),
                          mode=mode, auto=True)
        device.lost = self.calls["heartbeat"]
        device.register()
        status, _ = self.http("POST", "/api/sysinfo", {
            "id": device.id, "uuid": keys.base64.b64encode(
                device.uuid).decode(), "hostname": "h", "version": "1.4.9"},
            source=device.source)
        assert status == 200
        return device

    def _thread(self, run):
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.threads.append(thread)

    def _go_on(self, name, act, every=EVERY):
        def run():
            while not self.ending.is_set():
                self.note(name, act)
                self.ending.wait(every)
        self._thread(run)

    def note(self, name, act):
        began, why = time.monotonic(), ""
        self.under_way[threading.get_ident()] = began
        try:
            act()
        except Exception as e:      # whatever it is, this call is lost
            why = f"{type(e).__name__}: {e}"
        self.calls[name].made.append((began, time.monotonic() - began, why))
        del self.under_way[threading.get_ident()]

    def settle(self):
        """Until what is under way now has ended."""
        now = time.monotonic()
        link.wait_until(lambda: all(
            began > now for began in list(self.under_way.values())),
            3 * PATIENCE)

    # ---- what they do ------------------------------------------------------

    def one(self, mode):
        some = self.devices[mode]
        return some[next(self.numbers) % len(some)]

    @staticmethod
    def patiently(udp, send, name):
        """Sends a datagram again as clients do, until NAME comes."""
        for wait in (*AGAIN[:1] * 5, 3):
            send()
            with contextlib.suppress(Timeout):
                return udp.expect(name, wait)
        raise Timeout(name)

    def _beater(self):
        device = peer.Device(self.site, self.case.new_id(), self.case.ip())
        device.register_pk()
        assert device.link.expect("register_pk_response").result == 0
        return device

    def _heartbeat(self, device):
        answer = self.patiently(device.link, device.register_peer,
                                "register_peer_response")
        if answer.request_pk:
            raise Lost("the server forgot the device")

    def _register(self):
        device = peer.Device(self.site, self.case.new_id(), self.case.ip())
        with contextlib.closing(device.link):
            answer = self.patiently(device.link, device.register_pk,
                                    "register_pk_response")
        if answer.result != 0:
            raise Lost(f"RegisterPk: {answer.result}")

    def _punch(self):
        b = self.one(("udp", "tcp", "ws")[next(self.numbers) % 3])
        a = self.site.tcp(self.case.ip())
        with contextlib.closing(a):
            for wait in AGAIN:
                a.send_msg(**self.site.request(b.id))
                with contextlib.suppress(Timeout):
                    answer = a.expect("punch_hole_response", wait)
                    break
            else:
                raise Timeout("punch_hole_response")
            if not answer.socket_addr:
                raise Lost(f"punch: {answer}")
            mangle.decode(answer.socket_addr)

    def relay_to(self, b):
        uuid, a = peer.random_uuid(), self.site.tcp(self.case.ip())
        with contextlib.closing(a):
            a.send_msg(request_relay={
                "id": b.id, "uuid": uuid, "secure": True,
                "relay_server": self.site.relay_server})
            answer = a.expect("relay_response", PATIENCE)
            if answer.refuse_reason:
                raise Lost(answer.refuse_reason)
            return peer.join_relay(self.site, self.site.relay_server,
                                   a.address[0], False, uuid=uuid)

    def _relay(self):
        end = self.relay_to(self.one("udp"))
        with contextlib.closing(end):
            end.send(b"probe")
            end.recv(PATIENCE)

    def _stream(self, mode):
        """A session that lasts; a turn of it is a call."""
        end = None
        while not self.ending.is_set():
            try:
                end = end or self.relay_to(self.devices[mode][0])
            except (*BROKEN, Lost) as e:
                self.calls["stream"].made.append((time.monotonic(), 0, str(e)))
                self.ending.wait(1)
                continue

            def turn(end=end):
                end.send(bytes(4000))
                end.recv(5)
            self.note("stream", turn)
            if self.calls["stream"].made[-1][2]:
                end = end.close()
            self.ending.wait(EVERY)
        if end:
            end.close()

    def _online(self):
        ids = [d.id for d in self.all()]
        nat = self.site.nat(self.case.ip())
        with contextlib.closing(nat):
            if not all(self.site.online(*ids, over=nat)):
                raise Lost("a device is not online")

    def _log_in(self):
        self.sign_in(self.users[next(self.numbers) % USERS])

    def _api_heartbeat(self):
        device = self.one("udp")
        self.want("POST", "/api/heartbeat", {
            "id": device.id, "uuid": keys.base64.b64encode(
                device.uuid).decode(), "ver": 1004090, "modified_at": 0},
            source=device.source)

    def _list(self):
        user = self.users[0]
        self.want("GET", "/api/peers?current=1&pageSize=100",
                  token=user.token, source=user.address)
