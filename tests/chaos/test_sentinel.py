"""Redis three times, as services/redis starts it: the primary is killed or
cut off, another takes over, and the old one comes back as a replica."""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "services/redis"
PATIENCE = 90


def free_ports(count):
    """Below those that connections leave from, which could be taken again."""
    found = []
    for port in random.sample(range(20000, 30000), 200):
        with contextlib.suppress(OSError), socket.create_server(
                ("127.0.0.1", port)):
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


def ask(port, *words):
    done = subprocess.run(
        ["timeout", "5", "redis-cli", "-p", str(port), *map(str, words)],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.strip()


def until(what, check):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.2)
    raise AssertionError(f"in vain: {what}")


class Three:
    def __init__(self, folder):
        ports = free_ports(6)
        self.nodes, self.sentinels = ports[:3], ports[3:]
        self.folder, self.running = folder, {}
        for port in ports:
            (folder / str(port)).mkdir()
            self.start(port)

    def start(self, port):
        # As in the image: what a sentinel has a node write there is forgotten.
        conf = self.folder / str(port) / "redis.conf"
        shutil.copy(SCRIPTS / "redis.conf", conf)
        env = {**os.environ, "SENTINEL_DIR": str(self.folder / str(port)),
               "REDIS_NODE": f"127.0.0.1:{port}",
               "SENTINEL_NODE": f"127.0.0.1:{port}",
               "FIRST_PRIMARY": f"127.0.0.1:{self.nodes[0]}",
               "SENTINELS": " ".join(f"127.0.0.1:{p}" for p in self.sentinels),
               "REDIS_CONF": str(conf)}
        name = "node" if port in self.nodes else "sentinel"
        self.running[port] = subprocess.Popen(
            [SCRIPTS / name, "--bind", "127.0.0.1"], env=env, cwd=self.folder / str(port),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def signal(self, port, number):
        self.running[port].send_signal(number)

    def told(self):
        said = {ask(p, "sentinel", "get-master-addr-by-name", "site")
                .split("\n")[-1] for p in self.sentinels}
        return int(said.pop()) if len(said) == 1 and said != {""} else 0

    def whole(self):
        """The primary, once both others copy it and all sentinels know."""
        primary = self.told()
        if not primary or ask(primary, "info", "replication").count(
                "state=online") != 2:
            return 0
        known = [ask(p, "sentinel", "master", "site").split("\n")
                 for p in self.sentinels]
        facts = [dict(zip(k[::2], k[1::2])) for k in known]
        return primary if all(
            f.get("num-slaves") == f.get("num-other-sentinels") == "2"
            and f.get("flags") == "master" for f in facts) else 0

    def write(self, port, key):
        """Until a replica has it, too."""
        return (ask(port, "set", key, "1") == "OK"
                and ask(port, "wait", 2, 5000) in ("1", "2"))

    def stop(self):
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


@pytest.fixture
def three(tmp_path):
    made = Three(tmp_path)
    yield made
    made.stop()


@pytest.mark.parametrize("harm", ["killed", "cut-off"])
def test_what_a_replica_has_outlives_the_primary(three, harm):
    old = until("three nodes", three.whole)
    assert all(until("a write", lambda: three.write(old, f"k{n}"))
               for n in range(20))
    three.signal(old, signal.SIGKILL if harm == "killed" else signal.SIGSTOP)
    new = until("another primary", lambda: (p := three.told()) != old and p)
    until("the new primary's role", lambda: ask(new, "role")[:6] == "master")
    assert ask(new, "exists", *(f"k{n}" for n in range(20))) == "20"
    until("writes", lambda: ask(new, "set", "after", "1") == "OK")
    if harm == "killed":
        three.running[old].wait()
        three.start(old)
    else:
        three.signal(old, signal.SIGCONT)
    until("all three again", three.whole)
    assert "READONLY" in ask(old, "set", "late", "1")
    assert ask(new, "exists", "late") == "0"


def test_a_primary_without_replicas_refuses_writes(three):
    primary = until("three nodes", three.whole)
    for port in three.nodes:
        if port != primary:
            three.signal(port, signal.SIGSTOP)
    until("a refusal", lambda: "NOREPLICAS" in ask(primary, "set", "x", "1"))
