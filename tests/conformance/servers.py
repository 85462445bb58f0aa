"""Starts redis-server, hbbs and hbbr in the servers' namespace.

A Stack is one set of them with a Profile's settings, in its own folder and on
its own ports. The binaries are ours or the reference's; both take the option
names of the specification, section 6.3.
"""

import dataclasses
import http.client
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import time

import keys
import net
import pb

BAD_TEXT = re.compile(r"Sanitizer|runtime error|assertion|panicked", re.I)
START_WAIT, STOP_WAIT = 30, 15
FLAGS = ("BIND", "PORT", "SERIAL", "RENDEZVOUS_SERVERS", "SOFTWARE_URL",
         "RELAY_SERVERS", "RMEM", "MASK", "KEY")


@dataclasses.dataclass(frozen=True)
class Profile:
    """Settings by their names in section 6.3; {p} and {q} are the ports."""

    hbbs: dict = dataclasses.field(default_factory=dict)
    hbbr: dict = dataclasses.field(default_factory=dict)
    hbbr_files: dict = dataclasses.field(default_factory=dict)
    key: bool = True            # the vector key, else `-k ""`
    key_file: str | None = keys.SERVER.secret_text      # id_ed25519
    relay: bool = True          # start an hbbr, and name it in RELAY_SERVERS
    api: bool = False           # start an api, and name it in API_URL
    api_settings: dict = dataclasses.field(default_factory=dict)


class Process:
    """One server process with its output in files."""

    def __init__(self, network, name, argv, env, folder):
        self.network, self.name, self.argv = network, name, argv
        self.env, self.folder = env, folder
        self.starts = 0
        self.child = None

    def start(self):
        self.starts += 1
        self.log = self.folder / f"{self.name}.{self.starts}.log"
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(
                self.network.command(self.argv), cwd=self.folder,
                env={**os.environ, **self.env}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT)

    def text(self):
        return self.log.read_text(errors="replace")

    def check_alive(self):
        code = self.child.poll()
        assert code is None, (
            f"{self.name} ended with {code}:\n{self.text()[-3000:]}")

    def sanitized(self):
        maps = pathlib.Path(f"/proc/{self.child.pid}/maps").read_text()
        return re.search(r"lib[at]san\.so|__asan|__tsan", maps) is not None

    def memory(self):
        """Resident bytes; 0 under a sanitizer, which keeps what was freed: the
        plain build's run is the one that measures."""
        if self.sanitized():
            return 0
        status = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.child.pid}/fd"))

    def stop(self, number=signal.SIGTERM):
        """Ends the process; fails unless it ends well and said nothing bad."""
        if self.child is None:
            return
        if self.child.poll() is None:
            self.child.send_signal(number)
        try:
            code = self.child.wait(STOP_WAIT)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            code = f"nothing for {STOP_WAIT} s after signal {number}"
        self.child = None
        text = self.text()
        bad = BAD_TEXT.search(text)
        if code != 0 or bad:
            raise AssertionError(
                f"{self.name} ended with {code}, {bad and bad[0]}:\n"
                f"{text[-3000:]}")


class Redis:
    """A private redis-server on a unix socket, and a client for it."""

    def __init__(self, network, folder):
        self.path = folder / "redis.sock"
        self.process = Process(network, "redis", [
            "redis-server", "--port", "0", "--unixsocket", str(self.path),
            "--save", "", "--appendonly", "yes"], {}, folder)

    @property
    def url(self):
        return f"unix://{self.path}"

    def start(self):
        self.process.start()
        end = time.monotonic() + START_WAIT
        while True:
            try:
                return self.command("GET", "x")     # it has loaded its file
            except (OSError, RuntimeError):
                self.process.check_alive()
                assert time.monotonic() < end, "redis does not answer"
                time.sleep(0.02)

    def stop(self):
        self.process.stop()

    def command(self, *words):
        """One command, and its decoded reply."""
        parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        out = b"*%d\r\n" % len(parts) + b"".join(
            b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(str(self.path))
            s.sendall(out)
            with s.makefile("rb") as replies:
                return _reply(replies)


def _reply(stream):
    line = stream.readline().rstrip(b"\r\n")
    kind, rest = line[:1], line[1:]
    if kind == b"+":
        return rest.decode()
    if kind == b":":
        return int(rest)
    if kind == b"$":
        return None if rest == b"-1" else stream.read(int(rest) + 2)[:-2]
    if kind == b"*":
        return [_reply(stream) for _ in range(int(rest))]
    raise RuntimeError(line.decode(errors="replace"))


# Most cases speak to hbbr alone, so hbbs has allowed nothing there, and a
# server that stops is not to wait for their sessions.
RELAY_DEFAULTS = {"TICKETS": "N", "MESH_PORT": "0", "DRAIN_TIMEOUT": "0"}


class Stack:
    """redis (ours only), hbbs, hbbr under one profile."""

    def __init__(self, network, binaries, folder, profile, port):
        self.network, self.binaries = network, binaries
        self.profile, self.folder, self.port = profile, folder, port
        self.relay_port = port + 1
        self.reference = binaries.reference
        self.key = keys.SERVER.text if profile.key else ""
        self.redis = None if self.reference else Redis(network, folder)
        names = {"p": port, "q": port + 1, "w": port + 2,
                 "ip": net.SERVER4, "folder": folder}
        if "TLS_CERT" in profile.hbbs:
            make_certificate(folder)
        self.hbbs = self._process("hbbs", {
            "PORT": str(port), "KEY": "-" if profile.key else "",
            **({"RELAY_SERVERS": f"{net.SERVER4}:{self.relay_port}"}
               if profile.relay else {}),
            **({"API_URL": f"http://127.0.0.1:{port + 6}"}
               if profile.api else {}),
            **_filled(profile.hbbs, names)}, port + 4)
        self.hbbr = self._process("hbbr", {
            "PORT": str(self.relay_port), "KEY": self.key,
            **({} if self.reference else RELAY_DEFAULTS),
            **_filled(profile.hbbr, names)}, port + 5)
        self.api = profile.api and self._process("api", {
            "API_PORT": str(port + 6), "TRUSTED_PROXIES": "127.0.0.1",
            "ADMIN_PASSWORD": "not the one tried",
            **profile.api_settings}, port + 7)

    def _process(self, name, settings, ops_port):
        folder = self.folder / name
        folder.mkdir(parents=True)
        if self.profile.key_file is not None:
            (folder / "id_ed25519").write_text(self.profile.key_file)
            (folder / "id_ed25519.pub").write_text(keys.SERVER.text)
        for file, text in self.profile.hbbr_files.items():
            (folder / file).write_text(text)
        argv = [str(self.binaries.path(name))]
        env = {}
        for option, value in settings.items():
            if option in FLAGS:
                argv += ["--" + option.lower().replace("_", "-"), value]
            else:
                env[option] = value
        if not self.reference:
            env = {"REDIS_URL": self.redis.url, "DATA_DIR": str(folder),
                   "NODE_ID": f"{name}-{self.port}",
                   "OPS_PORT": str(ops_port), "LOG_LEVEL": "debug", **env}
        process = Process(self.network, name, argv, env, folder)
        process.ops_port = ops_port
        return process

    # ---- life --------------------------------------------------------------

    def start(self):
        if self.redis:
            self.redis.start()
        self.hbbs.start()
        if self.profile.relay:
            self.hbbr.start()
        if self.api:
            self.api.start()
            self._await(self.api, (self.port + 6,))
        self.await_hbbs()
        if self.profile.relay:
            self._await(self.hbbr, (self.relay_port, self.relay_port + 2))
        return self

    def await_hbbs(self):
        self._await(self.hbbs, (self.port - 1, self.port, self.port + 2))

    def _await(self, process, ports):
        """Returns when PROCESS accepts on PORTS and says it is ready."""
        end = time.monotonic() + START_WAIT
        waiting = list(ports)
        while waiting or not self._ready(process):
            process.check_alive()
            assert time.monotonic() < end, (
                f"{process.name} is not ready, ports {waiting}:\n"
                f"{process.text()[-3000:]}")
            waiting = [p for p in waiting if not _accepts(p)]
            time.sleep(0.02)

    def _ready(self, process):
        return self.reference or self.ops(process, "/readyz")[0] == 200

    def ops(self, process, path):
        """(status, body) of the internal HTTP port, or (0, "")."""
        with self.network.inside(self.network.servers):
            http_ = http.client.HTTPConnection(
                "127.0.0.1", process.ops_port, timeout=5)
            try:
                http_.request("GET", path)
                answer = http_.getresponse()
                return answer.status, answer.read().decode()
            except OSError:
                return 0, ""
            finally:
                http_.close()

    # ---- what is stored ----------------------------------------------------

    def records(self):
        """The stored peers: id -> bytes."""
        if self.reference:
            with sqlite3.connect(self.hbbs.folder / "db_v2.sqlite3") as db:
                return dict(db.execute("select id, guid from peer"))
        found = {}
        for key in self.redis.command("KEYS", "peer:*"):
            pairs = iter(self.redis.command("HGETALL", key))
            found.update((i.decode(), value) for i, value in zip(pairs, pairs))
        return found

    def record(self, peer_id):
        """What is stored of one peer, as far as the cases ask."""
        value = self.records()[peer_id]
        if self.reference:
            return {"guid": value}
        # behind a revision of 4 bytes: proto/state.proto, PeerRecord
        fields = dict(pb.fields(value[4:]))
        return {"guid": fields[1], "no_register_device": fields.get(6, 0)}

    def disable(self, peer_id):
        """Marks a stored peer as disabled, with hbbs down meanwhile."""
        self.hbbs.stop()
        for key in self.redis.command("KEYS", "peer:*"):
            value = self.redis.command("HGET", key, peer_id)
            if value is not None:
                self.redis.command("HSET", key, peer_id, value + b"\x38\x01")
        self.hbbs.start()
        self.await_hbbs()

    # ---- restarts ----------------------------------------------------------

    def restart_hbbs(self):
        self.hbbs.stop()
        self.hbbs.start()
        self.await_hbbs()

    def stop(self):
        """Stops everything; raises once, with all that went wrong."""
        problems = []
        for part in (self.api, self.hbbs, self.hbbr, self.redis):
            try:
                if part:
                    part.stop()
            except AssertionError as e:
                problems.append(str(e))
        if problems:
            raise AssertionError("\n".join(problems))


def make_certificate(folder):
    subprocess.run([
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=conformance", "-out", folder / "tls.pem",
        "-keyout", folder / "tls.key"], check=True, capture_output=True)


def _filled(settings, names):
    return {k: v.format(**names) for k, v in settings.items()}


def _accepts(port):
    try:
        socket.create_connection((net.SERVER4, port), 1).close()
        return True
    except OSError:
        return False


@dataclasses.dataclass(frozen=True)
class Binaries:
    """Where the programs are, and whose they are."""

    hbbs: pathlib.Path
    hbbr: pathlib.Path
    reference: bool = False

    def path(self, name):
        return {"hbbs": self.hbbs, "hbbr": self.hbbr}.get(
            name, self.hbbs.parent / name)
