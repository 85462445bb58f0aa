"""What an attacker does, from four addresses, as a process of its own:

    attackers.py NAME SECONDS < a line of JSON: where, and what it has

It has half a core: `Budget` sleeps away what it used beyond. Whatever the
servers answer or refuse, it goes on until its time is over. Then it says how
often it did what it wanted, and how often it could not.
"""

import contextlib
import http.client
import itertools
import json
import os
import pathlib
import random
import resource
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "conformance"))

import frame    # noqa: E402  (needs the path above)
import link     # noqa: E402
import net      # noqa: E402
import pb       # noqa: E402
import peer     # noqa: E402
import ws       # noqa: E402

ADDRESSES = [f"198.19.250.{n}" for n in range(1, 5)]
SHARE = 0.5             # of a core
BIG = "x" * 250_000
BROKEN = (OSError, ValueError, AssertionError, link.Closed, ws.HandshakeError,
          http.client.HTTPException)


class Budget:
    def __init__(self, seconds):
        self.began, self.end = time.monotonic(), time.monotonic() + seconds

    def left(self):
        """Whether there is time left; waits until there is processor time."""
        over = time.process_time() / SHARE - (time.monotonic() - self.began)
        if over > 0:
            time.sleep(min(over, max(0, self.end - time.monotonic())))
        return time.monotonic() < self.end


class Attack:
    def __init__(self, seconds, where):
        self.budget = Budget(seconds)
        self.where, self.server = where, net.SERVER4
        self.port, self.api = where["port"], where["api"]
        self.key = where["key"]
        self.done = self.refused = 0
        self.broken = []        # what is a mistake of ours
        self.numbers = itertools.count(random.randrange(10**9, 19 * 10**8))

    def port_of(self, name):
        return {"main": self.port, "nat": self.port - 1, "id": self.port + 2,
                "relay": self.port + 1, "relay-ws": self.port + 3,
                "api": self.api}[name]

    def everywhere(self, work, threads=4):
        """WORK(address) from THREADS threads an address, again and again."""
        def run(address):
            while self.budget.left() and not self.broken:
                try:
                    work(address)
                    self.done += 1
                except BROKEN:
                    self.refused += 1
                except Exception as e:
                    self.broken.append(e)
        each = [threading.Thread(target=run, args=(a,), daemon=True)
                for a in ADDRESSES for _ in range(threads)]
        for thread in each:
            thread.start()
        for thread in each:
            thread.join()
        if self.broken:
            raise self.broken[0]

    # ---- hbbs --------------------------------------------------------------

    def register(self, address):
        """A device of ours, as anybody may have; (id, uuid)."""
        device, uuid = str(next(self.numbers)), os.urandom(16)
        udp = link.Udp((self.server, self.port), address)
        with contextlib.closing(udp):
            udp.send_msg(register_pk={"id": device, "uuid": uuid,
                                      "pk": os.urandom(32)})
            udp.expect("register_pk_response", 2)
        return device, link.keys.base64.b64encode(uuid).decode()

    def keep_trying(self, connect, each):
        """EACH connections an address, CONNECT(address, old) at a time: it
        makes one (OLD is None) or feeds it a little, and raises if it is
        closed. What is closed is opened again."""
        slots = {(a, n): None for n in range(each) for a in ADDRESSES}
        while self.budget.left():
            for (address, n), old in slots.items():
                if not self.budget.left():
                    break
                try:
                    slots[address, n] = connect(address, old)
                    self.done += 1
                except BROKEN:
                    self.refused += 1
                    with contextlib.suppress(Exception):
                        old.close()
                    slots[address, n] = None
            time.sleep(0.05)

    # ---- the api -----------------------------------------------------------

    def http(self, address):
        return http.client.HTTPConnection(
            self.server, self.api, timeout=20, source_address=(address, 0))

    def post(self, path, body, headers=None, threads=4):
        """Posts BODY(address) to PATH on connections that are kept."""
        mine = threading.local()

        def work(address):
            if not hasattr(mine, "client"):
                mine.client = self.http(address)
            try:
                mine.client.request("POST", path, json.dumps(body(address)), {
                    "Content-Type": "application/json",
                    **(headers() if headers else {})})
                mine.client.getresponse().read()
            except BROKEN:
                mine.client.close()
                raise
        self.everywhere(work, threads)


def connected(attack, port, address, first=b""):
    """A connection that does not wait for whoever is slow to accept."""
    s = net.bound(socket.SOCK_STREAM, address)
    s.settimeout(0.2)
    try:
        s.connect((attack.server, attack.port_of(port)))
        s.settimeout(0)
        if first:
            with contextlib.suppress(BlockingIOError):
                s.send(first)
    except OSError:
        s.close()
        raise
    return s


def alive(s):
    """Raises if the server has closed S."""
    with contextlib.suppress(BlockingIOError):
        if s.recv(65536) == b"":
            raise link.Closed("closed")
    return s


def held(attack, port, first, more=b""):
    """A function for keep_trying(): FIRST at once, MORE now and then."""
    def connect(address, old):
        if old is None:
            return connected(attack, port, address, first)
        if more:
            with contextlib.suppress(BlockingIOError):
                old.send(more)
        return alive(old)
    return connect


# ---- one function an attack; its name is the attack's ------------------------

def audit_files(a):
    devices = {x: a.register(x) for x in ADDRESSES}
    sizes = itertools.cycle((32_000, len(BIG)))     # kept; refused
    a.post("/api/audit/file", lambda x: {
        "id": devices[x][0], "uuid": devices[x][1], "peer_id": "1",
        "type": 1, "path": "/tmp", "is_file": True,
        "info": BIG[:next(sizes)]})


def inventories(a):
    # What a member may hold is six times as long when it is written again.
    text, short = "\u0001" * 250, "\u0001" * 60
    devices = {x: [a.register(x) for _ in range(40)] for x in ADDRESSES}
    a.post("/api/sysinfo", lambda x: dict(
        zip(("id", "uuid"), random.choice(devices[x])), version="1.4.9",
        cpu=text, memory=short, os=text, hostname=text, username=text))


def sign_ons(a):
    sizes = itertools.cycle((1500, len(BIG)))       # kept; refused
    a.post("/api/oidc/auth", lambda x: {
        "op": a.where["provider"], "id": str(next(a.numbers)), "uuid": "dQ==",
        "deviceInfo": {"os": "x", "type": "client",
                       "name": BIG[:next(sizes)]}})


def made_up_tokens(a):
    a.post("/api/heartbeat", lambda x: {
        "id": str(next(a.numbers)), "uuid": "dQ==", "ver": 1004090},
        lambda: {"Authorization": f"Bearer {random.random()}"})


def guesses(a):
    """At accounts of the honest, whose addresses must not pay for it."""
    a.post("/api/login", lambda x: {
        "username": random.choice(a.where["users"]), "password": "wrong",
        "id": "1", "uuid": "dQ==", "type": "account"})


def listings(a):
    """A user without rights lists a long audit, filtered."""
    def work(address):
        client = a.http(address)
        with contextlib.closing(client):
            client.request("GET", "/api/audits/alarm?device=nobody", headers={
                "Authorization": "Bearer " + a.where["token"]})
            client.getresponse().read()
    a.everywhere(work, 6)


def alarms(a):
    """While a webhook is called that does not answer."""
    devices = {x: a.register(x) for x in ADDRESSES}
    a.post("/api/audit/alarm", lambda x: {
        "id": devices[x][0], "uuid": devices[x][1], "typ": 1, "info": "x"}, threads=1)


def bodies(a):
    head = "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n"
    pieces = [head.format(p).encode() + bytes(1 << 16) for p in (
        "/api/record?type=new&file=x.mp4", "/api/ab",
        "/api/audit/file", "/api/login")]
    chance = random.Random(1)

    def connect(address, old):
        if old is None:
            return connected(a, "api", address, chance.choice(pieces))
        with contextlib.suppress(BlockingIOError):
            old.send(bytes(1 << 16))
        return alive(old)
    a.keep_trying(connect, 50)


def slow_heads(a):
    a.keep_trying(held(a, "api", b"GET / HTTP/1.1\r\nX: ", b"y"), 2075)


def half_open_websockets(a):
    head = b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nCookie: " + (
        b"c" * 12000)
    sides = {port: held(a, port, head, b"c") for port in ("id", "relay-ws")}
    kinds = itertools.cycle(sides.values())
    by_connection = {}

    def connect(address, old):
        side = by_connection.pop(old, None) or next(kinds)
        new = side(address, old)
        by_connection[new] = side
        return new
    a.keep_trying(connect, 1500)


def most_of_messages(a):
    """Nearly a whole message, before and after the key exchange."""
    def connect(address, old):
        if old is not None:
            alive(old.sock)
            return old
        tcp = link.Tcp((a.server, a.port), address)
        size = 64 << 10
        if random.random() < 0.5:
            tcp.secure(link.keys.SERVER.pk)
            size = 256 << 10
        tcp.sock.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            tcp.sock.send(frame.encode(bytes(size))[:-1])
        return tcp
    a.keep_trying(connect, 475)


def silent_connections(a):
    """As many as one address may have, at every port."""
    ports = itertools.cycle(("main", "nat", "relay", "main"))

    def connect(address, old):
        if old is None:
            return connected(a, next(ports), address)
        return alive(old)
    a.keep_trying(connect, 1500)


def descriptors(a):
    """More connections than there are descriptors, at every port."""
    ports = itertools.cycle(("main", "relay", "api", "nat", "relay", "api"))

    def connect(address, old):
        if old is None:
            return connected(a, next(ports), address)
        return alive(old)
    a.keep_trying(connect, 60)


def comings_and_goings(a):
    ports = itertools.cycle(("main", "nat", "relay", "api", "id"))

    def work(address):
        connected(a, next(ports), address, os.urandom(40)).close()
    a.everywhere(work)


def fragments(a):
    """Sessions that hbbs allowed, in messages that never end."""
    device = a.register(ADDRESSES[0])[0]
    begin = ws.encode(ws.BINARY, bytes(1 << 16), fin=False)
    more = ws.encode(ws.CONTINUATION, bytes(1 << 16), fin=False)

    def session(address):
        uuid, server = peer.random_uuid(), link.Tcp((a.server, a.port), address)
        server.send_msg(request_relay={
            "id": device, "uuid": uuid, "secure": True,
            "relay_server": f"{a.server}:{a.port + 1}"})
        ends = []
        for _ in range(2):
            end = link.Ws((a.server, a.port + 3), address)
            end.send_msg(request_relay={"uuid": uuid, "licence_key": a.key})
            ends.append(end)
        server.close()
        ends[0].sock.settimeout(0)
        return ends

    def connect(address, old):
        ends = old or session(address)
        try:
            with contextlib.suppress(BlockingIOError):
                ends[0].sock.sendall(more if old else begin)
            alive(ends[0].sock)
        except BROKEN:
            for end in ends:
                end.close()
            raise
        return ends
    a.keep_trying(connect, 15)


def datagrams(a, message):
    """MESSAGE(address) as fast as it goes."""
    links = [(x, link.Udp((a.server, a.port), x)) for x in ADDRESSES]
    while a.budget.left():
        for address, udp in links:
            data = message(address)
            for _ in range(20):
                with contextlib.suppress(OSError):
                    udp.send(data)
                    a.done += 1


def invented_devices(a):
    datagrams(a, lambda x: pb.rendezvous(register_pk={
        "id": str(next(a.numbers)), "uuid": os.urandom(16),
        "pk": os.urandom(32)}))


def unknown_heartbeats(a):
    datagrams(a, lambda x: pb.rendezvous(register_peer={
        "id": str(next(a.numbers)), "serial": 3}))


def noise(a):
    datagrams(a, lambda x: os.urandom(random.randrange(1, 1200)))


def presence_of_all(a):
    """Online queries through the whole space of ids."""
    def work(address):
        nat = link.Tcp((a.server, a.port - 1), address)
        with contextlib.closing(nat):
            nat.send_msg(online_request={"id": "1", "peers": [
                str(next(a.numbers)) for _ in range(1000)]})
            nat.recv(2)
    a.everywhere(work)


def calls(a):
    """Requests for connections, to a device of the honest and to nobody."""
    def work(address):
        tcp = link.Tcp((a.server, a.port), address)
        with contextlib.closing(tcp):
            for _ in range(50):
                tcp.send_msg(punch_hole_request={
                    "id": random.choice([*a.where["devices"],
                                         str(next(a.numbers))]),
                    "licence_key": a.key, "nat_type": "ASYMMETRIC"})
            tcp.recv(1)
    a.everywhere(work)


def halves(a):
    """First halves of sessions that hbbs knows nothing of."""
    def connect(address, old):
        if old is None:
            return connected(a, "relay", address, frame.encode(pb.rendezvous(
                request_relay={"uuid": peer.random_uuid(),
                               "licence_key": a.key})))
        return alive(old)
    a.keep_trying(connect, 1000)


def main():
    name, seconds = sys.argv[1], float(sys.argv[2])
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    attack = Attack(seconds, json.loads(sys.stdin.readline()))
    globals()[name](attack)
    print(json.dumps([attack.done, attack.refused]), flush=True)
    os._exit(0)     # thousands of connections at once, as by a reset


if __name__ == "__main__":
    main()
