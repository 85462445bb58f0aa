"""The stack under test: a Cluster, an api on the same Redis, and what can be
done to them: kills, cut cables, closed ports, a full disk, a jumping clock."""

import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import subprocess
import threading
import time

import cluster
import net
import servers
from cable import Cable
from clock import Clocks

ADMIN = "correct horse battery staple"
FILES = 4096        # of a small disk


class Disk:
    """A small file system that can be filled."""

    def __init__(self, path, megabytes):
        self.path = path
        path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o",
                        f"size={megabytes}m,nr_inodes={FILES}", "chaos",
                        path], check=True)

    def fill(self):
        """Neither a byte nor a file more."""
        with open(self.path / "ballast", "wb", buffering=0) as f:
            with contextlib.suppress(OSError):
                while True:
                    f.write(bytes(4096))
        with contextlib.suppress(OSError):
            for n in range(FILES):
                (self.path / f"ballast{n}").touch(exist_ok=False)

    def free(self):
        for file in self.path.glob("ballast*"):
            file.unlink()

    def close(self):
        subprocess.run(["umount", "-l", self.path], check=True)


class Api:
    """The api, and one administrator who is signed in to it."""

    def __init__(self, town):
        self.town, self.name = town, "api0"
        self.port, self.ops_port = town.first_port + 150, town.first_port + 151
        self.cable = Cable(town.room, town.folder / "api0.sock",
                           town.redis.path)
        self.process = servers.Process(
            town.network, self.name, [str(town.binaries / "api")],
            {"REDIS_URL": self.cable.url, "DATA_DIR": str(town.api_disk.path),
             "API_PORT": str(self.port), "OPS_PORT": str(self.ops_port),
             "NODE_ID": self.name, "LOG_LEVEL": "debug", "LOGIN_RATE": "0",
             "ADMIN_PASSWORD": ADMIN, "THREADS": "4"},
            town.folder)
        self.process.ops_port = self.ops_port
        self.token = None

    start, await_ready = cluster.Node.start, cluster.Node.await_ready
    ready, ops = cluster.Node.ready, cluster.Node.ops
    kill, stop = cluster.Node.kill, cluster.Node.stop
    pause, resume = cluster.Node.pause, cluster.Node.resume
    running = cluster.Node.running

    @property
    def cluster(self):
        return self.town

    def call(self, method, path, body=None, wait=3):
        """(status, what came back), or (0, None)."""
        client = http.client.HTTPConnection(net.SERVER4, self.port, wait)
        head = {"Content-Type": "application/json"}
        if self.token:
            head["Authorization"] = f"Bearer {self.token}"
        try:
            client.request(method, path, json.dumps(body), head)
            answer = client.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            client.close()

    def sign_in(self):
        status, body = self.call("POST", "/api/login", {
            "username": "admin", "password": ADMIN, "id": "900000001",
            "uuid": "dXVpZA==", "type": "account"}, 20)
        assert status == 200 and body["access_token"], (status, body)
        self.token = body["access_token"]

    def groups(self):
        found, page = set(), 1
        while True:
            status, body = self.call(
                "GET", f"/api/device-groups?pageSize=1000&current={page}",
                wait=10)
            assert status == 200, (status, body)
            found |= {row["name"] for row in body["data"]}
            if page * 1000 >= body["total"]:
                return found
            page += 1


class Town(cluster.Cluster):
    def __init__(self, network, room, folder, binaries):
        self.redis_disk = Disk(folder / "redis-disk", 64)
        self.api_disk = Disk(folder / "api-disk", 8)
        super().__init__(network, room, folder, binaries, nodes=2, relays=2,
                         durable=self.redis_disk.path)
        self.redis.process.argv += ["--enable-debug-command", "local",
                                    "--auto-aof-rewrite-percentage", "0"]
        self.api = Api(self)
        self.server_disks = [self._data_disk(p.process)
                             for p in self.nodes + self.relays]
        self.clocks = Clocks(folder)
        for process in [self.redis.process,
                        *(p.process for p in self.programs)]:
            self.clocks.own(process)
        self.mesh_ports = [r.port + 6 for r in self.relays]
        for relay, port in zip(self.relays, self.mesh_ports):
            relay.process.env["MESH_PORT"] = str(port)
        self.away = set()       # what no balancer would send anybody to
        self.ready_nodes = list(self.nodes)
        self.random = random.Random(1)
        self.ending = threading.Event()

    @staticmethod
    def _data_disk(process):
        """A disk of its own for the folder of PROCESS' key and socket; its
        log stays where it is."""
        disk = Disk(process.folder / "data", 8)
        for file in process.folder.glob("id_ed25519*"):
            shutil.copy(file, disk.path)
        process.env["DATA_DIR"] = str(disk.path)
        return disk

    def start(self):
        super().start()
        self.api.start()
        self.api.sign_in()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()
        return self

    def stop(self):
        self.ending.set()
        problems = []
        for part in (self.api, super()):
            try:
                part.stop()
            except AssertionError as e:
                problems.append(str(e))
        self.api.cable.close()
        for disk in (self.redis_disk, self.api_disk, *self.server_disks):
            disk.close()
        assert not problems, "\n".join(problems)

    @property
    def programs(self):
        return [*self.nodes, *self.relays, self.api]

    # ---- the balancer in front: it asks for readiness twice a second -------

    def _watch(self):
        while not self.ending.wait(0.5):
            self.ready_nodes = [n for n in self.nodes if self._serves(n)]

    def _serves(self, node):
        if not node.running or node in self.away:
            return False
        with self.network.inside(self.network.servers):
            probe = http.client.HTTPConnection(
                "127.0.0.1", node.process.ops_port, timeout=1)
            try:
                probe.request("GET", "/readyz")
                return probe.getresponse().status == 200
            except OSError:
                return False
            finally:
                probe.close()

    def node(self):
        """A hbbs for a new connection; one that is alive if any is. Any: who
        asks and who answers meet at one node as often as not."""
        return self.random.choice(self.ready_nodes or self.nodes)

    # ---- harm --------------------------------------------------------------

    def firewall(self, action, *rule):
        for tool in ("iptables", "ip6tables"):
            subprocess.run(self.network.command(
                [tool, "-w", action, "INPUT", *rule, "-j", "DROP"]),
                check=True, capture_output=True)

    @contextlib.contextmanager
    def unreachable(self, node):
        """No client reaches NODE, nor does it reach one."""
        rules = [("-i", "veth1", "-p", kind, "--dport", str(port))
                 for port in node.ports for kind in ("tcp", "udp")]
        for rule in rules:
            self.firewall("-I", *rule)
        try:
            yield
        finally:
            for rule in rules:
                self.firewall("-D", *rule)

    @contextlib.contextmanager
    def estranged(self):
        """The relays do not reach each other, nor go on what they shared."""
        rules = [("-i", "lo", "-p", "tcp", way, str(port))
                 for port in self.mesh_ports for way in ("--dport", "--sport")]
        for rule in rules:
            self.firewall("-I", *rule)
        try:
            yield
        finally:
            for rule in rules:
                self.firewall("-D", *rule)

    def restart_redis(self, empty=False):
        """Starts the Redis that was killed."""
        if empty:
            subprocess.run(["rm", "-rf", *self.redis_disk.path.iterdir()],
                           check=True)
        self.redis.start()

    # ---- what it uses ------------------------------------------------------

    def usage(self):
        """{name: (descriptors, resident bytes)} of every program."""
        return {p.name: (p.process.descriptors(), p.process.memory())
                for p in self.programs}

    def total(self, programs, name):
        return sum(p.metrics().get(name, 0) for p in programs)


def keep_logs():
    return "CHAOS_KEEP" in os.environ
