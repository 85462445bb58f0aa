"""Several hbbs and hbbr on one Redis, each hbbs behind a Cable.

Processes, peers and connections are those of the conformance suite.
"""

import contextlib
import itertools
import pathlib
import re
import signal
import time

import keys
import lab
import link
import net
import servers
from cable import Cable

FIRST_PORT, STEP, CLUSTER_STEP = 21116, 20, 200
_numbers = itertools.count()
SAMPLE = re.compile(r"^([a-z_]+(?:\{[^}]*\})?) ([-+.\de]+)$", re.M)


class Redis(servers.Redis):
    """With an append-only file in FOLDER, and a client that may wait long."""

    def __init__(self, network, folder, durable):
        super().__init__(network, folder)
        if durable:
            self.process.argv += ["--appendonly", "yes", "--dir", str(durable),
                                  "--appendfsync", "everysec"]

    def kill(self):
        self.process.child.kill()
        self.process.child.wait()
        self.process.child = None


class Node:
    """One process with its ports; `Site` takes it for a stack."""

    def __init__(self, cluster, kind, index, extra=()):
        self.cluster, self.index = cluster, index
        self.name = f"{kind}{index}"
        self.key = keys.SERVER.text
        self.port = cluster.first_port + STEP * index
        self.relay_port = self.port + 1
        own = self.port if kind == "hbbs" else self.relay_port
        self.ports = ((own - 1, own, own + 2) if kind == "hbbs"
                      else (own, own + 2))
        self.cable = Cable(cluster.room, cluster.folder / f"{self.name}.sock",
                           cluster.redis.path)
        folder = cluster.folder / self.name
        folder.mkdir()
        (folder / "id_ed25519").write_text(keys.SERVER.secret_text)
        (folder / "id_ed25519.pub").write_text(keys.SERVER.text)
        argv = [str(cluster.binaries / kind), "--port", str(own),
                "--key", "-" if kind == "hbbs" else self.key]
        if kind == "hbbs" and cluster.named_relays:
            argv += ["--relay-servers", ",".join(
                f"{net.SERVER4}:{cluster.first_port + 1 + STEP * i}"
                for i in range(cluster.relay_count))]
        env = {"REDIS_URL": self.cable.url, "DATA_DIR": str(folder),
               "NODE_ID": self.name, "LOG_LEVEL": "debug",
               "OPS_PORT": str(self.port + (4 if kind == "hbbs" else 5)),
               **({"MESH_PORT": "0", "DRAIN_TIMEOUT": "0"}
                  if kind == "hbbr" else {}),
               **dict(extra)}
        self.process = servers.Process(cluster.network, self.name, argv, env,
                                       folder)
        self.process.ops_port = int(env["OPS_PORT"])

    # ---- life --------------------------------------------------------------

    @property
    def running(self):
        return self.process.child is not None

    def start(self, wait=True):
        self.process.start()
        if wait:
            self.await_ready()
        return self

    def await_ready(self, wait=servers.START_WAIT):
        end = time.monotonic() + wait
        while not self.ready():
            self.process.check_alive()
            assert time.monotonic() < end, (
                f"{self.name} is not ready:\n{self.process.text()[-3000:]}")
            time.sleep(0.02)

    def ready(self):
        return self.ops("/readyz")[0] == 200

    def ops(self, path):
        return servers.Stack.ops(self.cluster, self.process, path)

    def kill(self):
        """SIGKILL: no goodbye."""
        self.process.child.kill()
        self.process.child.wait()
        self.process.child = None

    def pause(self):
        self.process.child.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.child.send_signal(signal.SIGCONT)

    def stop(self):
        if self.running:
            self.resume()
            self.process.stop()

    # ---- what it says ------------------------------------------------------

    def metrics(self):
        """{name{labels}: value}; {} if it does not answer."""
        status, text = self.ops("/metrics")
        return ({m[1]: float(m[2]) for m in SAMPLE.finditer(text)}
                if status == 200 else {})

    @property
    def epoch(self):
        """Of the running process, as in its log."""
        match = None

        def said():
            nonlocal match
            match = re.search(r"epoch ([0-9a-f]{8})", self.process.text())
            return match
        link.wait_until(said)
        return match[1]


class Cluster:
    def __init__(self, network, room, folder, binaries, nodes=2, relays=1,
                 durable=None, relay_settings=None, named_relays=True,
                 **settings):
        self.network, self.room, self.folder = network, room, folder
        self.binaries = pathlib.Path(binaries).resolve()
        self.relay_count = relays
        self.named_relays = named_relays
        self.first_port = FIRST_PORT + CLUSTER_STEP * next(_numbers)
        self.redis = Redis(network, folder, durable)
        self.nodes = [Node(self, "hbbs", i, settings.items())
                      for i in range(nodes)]
        self.relays = [Node(self, "hbbr", i, (relay_settings or {}).items())
                       for i in range(relays)]

    def start(self):
        self.redis.start()
        for node in self.nodes + self.relays:
            node.start(wait=False)
        for node in self.nodes + self.relays:
            node.await_ready()
        self.await_nodes(len(self.nodes))
        return self

    def stop(self):
        problems = []
        for part in [*self.nodes, *self.relays, self.redis]:
            try:
                part.stop()
            except AssertionError as e:
                problems.append(str(e))
        for node in self.nodes + self.relays:
            with contextlib.suppress(Exception):
                node.cable.close()
        assert not problems, "\n".join(problems)

    def await_nodes(self, n, wait=20):
        """Every running node sees N nodes alive and every relay."""
        live = [node for node in self.nodes if node.running]
        link.wait_until(lambda: all(
            m.get("hbbs_nodes_alive") == n for m in
            [node.metrics() for node in live]), wait)
        if self.named_relays:
            self.await_relays(self.relay_count, wait)

    def await_relays(self, n, wait=20):
        """Every running node hands out N relays."""
        link.wait_until(lambda: all(
            node.metrics().get("hbbs_relays_live") == n
            for node in self.nodes if node.running), wait)

    # ---- what Redis says ---------------------------------------------------

    def presence(self, peer_id):
        """(epoch of the holder, port) or None."""
        for key in self.redis.command("KEYS", "seen:????"):
            value = self.redis.command("HGET", key, peer_id)
            if value:
                return (f"{int.from_bytes(value[4:8], 'little'):08x}",
                        int.from_bytes(value[2:4], "little"))
        return None

    def holder(self, peer_id):
        """The epoch of the node that holds the peer, or None."""
        presence = self.presence(peer_id)
        return presence and presence[0]

    def records(self):
        """The ids of all stored peers."""
        return {field.decode() for key in self.redis.command("KEYS", "peer:*")
                for field in self.redis.command("HKEYS", key)}


class Vip(link.Udp):
    """A datagram socket of a peer behind a virtual address: whatever node
    answers, it looks like the same server."""

    def recv(self, wait=link.WAIT):
        end = time.monotonic() + wait
        while True:
            data, address = self.recv_from(end - time.monotonic())
            if address[0] == self.server[0]:
                return data


class Site(lab.Site):
    def udp(self, source=None, **more):
        return self._open(Vip, self.port, source, **more)


def move(device, site):
    """DEVICE's datagrams go to another node from now on."""
    device.link.server = (device.link.server[0], site.port)


def heard_at(cluster, device, node):
    """DEVICE's heartbeats, which a network may lose, until NODE holds it."""
    def beat():
        device.register_peer()
        return cluster.holder(device.id) == cluster.nodes[node].epoch

    link.wait_until(beat, 20)
