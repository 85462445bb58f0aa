"""A container engine for the stack tests.

The one that answers is used. Where none does and we are root, a private one is
started (own socket, own data folder) and stopped at the end; the packet filter
is put back as it was. Only processes started here are ended.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

START_S = 60
STOP_S = 60


class NoEngine(Exception):
    """Why containers cannot be run here."""


def answers(host=None):
    env = dict(os.environ, **({"DOCKER_HOST": host} if host else {}))
    try:
        done = subprocess.run(["docker", "version"], env=env, timeout=20,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


class Engine:
    """Context manager; .env is the environment for docker and compose."""

    def __init__(self, data):
        self.data = Path(data)
        self.daemon = None
        self.env = dict(os.environ, COMPOSE_DOCKER_CLI_BUILD="0")

    def __enter__(self):
        if not answers():
            self._start()
        return self

    def __exit__(self, *_):
        if self.daemon:
            self._stop()

    def _start(self):
        if os.geteuid() != 0:
            raise NoEngine("no container engine answers and this is not root")
        if not shutil.which("dockerd"):
            raise NoEngine("no container engine answers and docker.io is not "
                           "installed")
        self.run = Path(tempfile.mkdtemp(prefix="engine."))  # short: sockets
        self.data.mkdir(parents=True, exist_ok=True)
        self.host = f"unix://{self.run}/docker.sock"
        self.env.update(DOCKER_HOST=self.host, DOCKER_BUILDKIT="0")
        self.before = save_network()
        self.log = open(self.data.parent / "engine.log", "w")
        self.daemon = subprocess.Popen(
            ["dockerd", "--host", self.host, "--data-root", self.data,
             "--exec-root", self.run / "exec",
             "--pidfile", self.run / "docker.pid"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            start_new_session=True)
        deadline = time.monotonic() + START_S
        while not answers(self.host):
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                self._stop()
                raise NoEngine("dockerd does not start here: " + self._last())
            time.sleep(0.2)

    def _last(self):
        lines = Path(self.log.name).read_text().splitlines()
        return lines[-1][-300:] if lines else "it said nothing"

    def _stop(self):
        # On SIGTERM dockerd ends its containers and its containerd.
        if self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(self.daemon.pid, signal.SIGKILL)
                self.daemon.wait()
        self.log.close()
        restore_network(self.before)
        shutil.rmtree(self.run, ignore_errors=True)
        self.daemon = None


def quiet(*argv, **kw):
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL, check=False, **kw).stdout


def links():
    return {line.split(":")[1].strip().split("@")[0]
            for line in quiet("ip", "-o", "link").splitlines()}


def save_network():
    forward = Path("/proc/sys/net/ipv4/ip_forward")
    tables = {t: quiet("iptables-save", "-t", t) for t in ("filter", "nat")}
    return {"links": links(), "tables": tables, "forward": forward.read_text()}


def restore_network(before):
    for text in before["tables"].values():
        if text:
            quiet("iptables-restore", input=text)
    for link in links() - before["links"]:
        if link == "docker0" or link.startswith("br-"):
            quiet("ip", "link", "del", link)
    Path("/proc/sys/net/ipv4/ip_forward").write_text(before["forward"])
