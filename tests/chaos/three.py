"""Three Redis nodes and three sentinels as services/redis starts them."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

import servers

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "services/redis"
PATIENCE = 90


def until(what, check):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.2)
    raise AssertionError(f"in vain: {what}")


class Three:
    """Nodes and sentinels on six PORTS of the loopback device, where COMMAND
    starts processes. With a PASSWORD they know each other by name, as on
    Kubernetes; without by address, as in Compose."""

    command = servers.Redis.command     # for binary values

    def __init__(self, folder, ports, password="", command=list):
        self.nodes, self.sentinels = ports[:3], ports[3:]
        self.names = {p: f"redis-{i}" if i < 3 else f"sentinel-{i - 3}"
                      for i, p in enumerate(ports)} if password else {}
        self.folder, self.running = folder, {}
        self.primary = self.nodes[0]
        self.inside = command
        self.password = password
        self.hosts = folder / "hosts"
        self.hosts.write_text("".join(
            f"127.0.0.1 {n}\n" for n in ("localhost", *self.names.values())))
        for port in ports:
            (folder / str(port)).mkdir()

    @property
    def url(self):
        return ("redis+sentinel://" + ",".join(
            self.address(p) for p in self.sentinels) + "/site")

    @property
    def path(self):
        """The socket of the primary."""
        return self.folder / str(self.primary) / "redis.sock"

    def address(self, port):
        return f"{self.names.get(port, '127.0.0.1')}:{port}"

    def environment(self):
        mine = {"REDISCLI_AUTH": self.password} if self.password else {}
        return {**os.environ, **mine}

    def start(self):
        for port in self.nodes + self.sentinels:
            self.launch(port)
        until("three nodes", self.whole)

    def launch(self, port):
        folder = self.folder / str(port)
        # As in the image: what a sentinel has a node write there is forgotten.
        shutil.copy(SCRIPTS / "redis.conf", folder)
        env = {**self.environment(), "SENTINEL_DIR": str(folder),
               "REDIS_NODE": self.address(port),
               "SENTINEL_NODE": self.address(port),
               "FIRST_PRIMARY": self.address(self.nodes[0]),
               "SENTINELS": " ".join(map(self.address, self.sentinels)),
               "REDIS_CONF": str(folder / "redis.conf")}
        argv = [SCRIPTS / "node", "--unixsocket", folder / "redis.sock"]
        if port in self.sentinels:
            argv = [SCRIPTS / "sentinel"]
        if self.names:
            argv = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts '
                    '&& exec "$@"', self.hosts, *argv]
        with open(folder / "log", "ab") as log:
            self.running[port] = subprocess.Popen(
                self.inside([*map(str, argv), "--bind", "127.0.0.1"]), env=env,
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def signal(self, port, number):
        self.running[port].send_signal(number)

    def kill(self, port):
        self.signal(port, signal.SIGKILL)
        self.running[port].wait()

    def ask(self, port, *words, lines=""):
        """What it says to one command, or to each of LINES."""
        done = subprocess.run(
            self.inside(["timeout", "10", "redis-cli", "-p", str(port),
                         *map(str, words)]), input=lines, text=True,
            env=self.environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        return done.stdout.strip()

    def told(self):
        """The port of the primary, if the sentinels agree."""
        said = {self.ask(p, "sentinel", "get-master-addr-by-name", "site")
                .split("\n")[-1] for p in self.sentinels}
        return int(said.pop()) if len(said) == 1 and said != {""} else 0

    def whole(self):
        """The primary, once both others copy it and all sentinels know."""
        primary = self.told()
        if not primary or self.ask(primary, "info", "replication").count(
                "state=online") != 2:
            return 0
        known = [self.ask(p, "sentinel", "master", "site").split("\n")
                 for p in self.sentinels]
        facts = [dict(zip(k[::2], k[1::2])) for k in known]
        return primary if all(
            f.get("num-slaves") == f.get("num-other-sentinels") == "2"
            and f.get("flags") == "master" for f in facts) else 0

    def copied(self, port, key):
        """Writes KEY; whether both replicas have it and all before it. In one
        connection: WAIT waits for what that one has written."""
        said = self.ask(port, lines=f"set {key} 1\nwait 2 5000\n").split()
        return said == ["OK", "2"]

    def successor(self, old):
        """The primary that took the place of OLD, once it says so itself."""
        new = until("another primary",
                    lambda: (p := self.told()) not in (old, 0) and p)
        until("its role", lambda: self.ask(new, "role")[:6] == "master")
        self.primary = new
        return new

    def stop(self):
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
