#!/usr/bin/python3
"""Runs the whole stack without containers until Ctrl-C (`make run`).

usage: run_stack.py BIN_FOLDER

Starts a private Redis, hbbs, hbbr, api and nginx, prints what a client needs,
and one line for every connection attempt. A service that dies is started
again, and said so; the others go on. Settings are variables of the
environment, or of make: `make run DATA=/srv/rustdesk HTTPS_PORT=8443`.
"""

import contextlib
import dataclasses
import http.client
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_S = 30        # for all services to become ready
STOP_S = 15         # for one service to end after SIGTERM
# A service that dies is started again after a second, twice as long each time
# it dies within a minute, at most half a minute.
AGAIN_S, AGAIN_MAX_S, STEADY_S = 1, 30, 60
SOCKET_PATH_MAX = 100
SHOWN = {("hbbs", "connect"): "connect", ("hbbr", "session_end"): "relayed",
         ("hbbr", "refused"): "no relay"}


class Failed(Exception):
    """The stack cannot run; the text says why and what to do."""


def privileged_ports():
    floor = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    return os.geteuid() == 0 or int(floor.read_text()) <= 80


def own_address():
    """The address this machine uses towards others; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return s.getsockname()[0]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@dataclasses.dataclass
class Settings:
    bin: Path
    data: Path = ROOT / "data"
    host: str = ""          # what clients are told; default: own address
    port: int = 21116       # hbbs: this, the one below, and two above
    relay_port: int = 21117  # hbbr: this and two above
    api_port: int = 21114
    http_port: int = 0      # 0: 80 and 443 where allowed, else 8080 and 8443
    https_port: int = 0
    mesh_port: int = 0      # hbbr, from other relays; 0: a free one

    def __post_init__(self):
        low = privileged_ports()
        self.http_port = self.http_port or (80 if low else 8080)
        self.https_port = self.https_port or (443 if low else 8443)
        self.host = self.host or own_address()

    @classmethod
    def from_env(cls, bin_folder):
        chosen = {"bin": Path(bin_folder).resolve()}
        for field in dataclasses.fields(cls):
            text = os.environ.get(field.name.upper(), "")
            if field.name == "bin" or not text:
                continue
            chosen[field.name] = cls._parse(field, text)
        return cls(**chosen)

    @staticmethod
    def _parse(field, text):
        if field.type is Path:
            return Path(text).resolve()
        if field.type is str:
            return text
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise Failed(f"{field.name.upper()}={text} is not a port")
        return int(text)

    def ports(self):
        """(variable that sets it, kind, port) of everything listened on."""
        tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
        return [("PORT", tcp, self.port - 1), ("PORT", tcp, self.port),
                ("PORT", udp, self.port), ("PORT", tcp, self.port + 2),
                ("RELAY_PORT", tcp, self.relay_port),
                ("RELAY_PORT", tcp, self.relay_port + 2),
                ("API_PORT", tcp, self.api_port),
                ("HTTP_PORT", tcp, self.http_port),
                ("HTTPS_PORT", tcp, self.https_port),
                *([("MESH_PORT", tcp, self.mesh_port)] if self.mesh_port
                  else [])]

    def check(self):
        seen = set()
        for name, kind, port in self.ports():
            if (kind, port) in seen:
                raise Failed(f"port {port} is wanted twice; change {name}")
            seen.add((kind, port))
            with socket.socket(socket.AF_INET, kind) as s:
                if kind == socket.SOCK_STREAM:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    s.bind(("", port))
                except OSError as e:
                    raise Failed(f"port {port} cannot be used "
                                 f"({e.strerror}): set {name}=...") from e


class Service:
    """A process whose output goes to a log file, line by line."""

    def __init__(self, name, argv, env, log, on_line):
        self.name, self.log, self.on_line = name, log, on_line
        self.argv = [str(a) for a in argv]
        base = {k: os.environ[k] for k in ("PATH", "HOME", "LANG", "TZ",
                                           "ASAN_OPTIONS", "TSAN_OPTIONS")
                if k in os.environ}
        self.env = {**base, **env}
        self.again_s = AGAIN_S
        self.again_at = None    # when it is started again, once it has died
        self.start()

    def start(self):
        self.again_at = None
        self.began = time.monotonic()
        self.child = subprocess.Popen(
            self.argv, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def mourn(self):
        """It died: decides when to start it again. Returns in how long."""
        now = time.monotonic()
        if now - self.began >= STEADY_S:
            self.again_s = AGAIN_S
        wait, self.again_s = self.again_s, min(2 * self.again_s, AGAIN_MAX_S)
        self.again_at = now + wait
        self._end_group()
        return wait

    def _read(self):
        with open(self.log, "ab") as log:
            for line in self.child.stdout:
                log.write(line)
                log.flush()
                self.on_line(self.name, line.decode(errors="replace").rstrip())

    def ended(self):
        return self.child.poll() is not None

    def last_words(self):
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join("    " + line for line in lines[-10:])

    def stop(self):
        """Ends the process; returns whether it went by itself."""
        if not self.ended():
            self.child.terminate()
        try:
            self.child.wait(STOP_S)
            return True
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            return False
        finally:
            self._end_group()

    def _end_group(self):
        """Ends what it left behind (nginx/start watches the certificate)."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.reader.join(STOP_S)


class Pages:
    """Builds console and web client beside the running stack: who waits for
    a server does not wait for its pages."""

    def __init__(self, log):
        self.log, self.child = log, None
        sources = [p for p in (ROOT / "services/web").rglob("*")
                   if not {"dist", "node_modules"} & set(p.parts)]
        made = ROOT / "services/web/dist/index.html"
        if made.exists() and all(p.stat().st_mtime <= made.stat().st_mtime
                                 for p in sources if p.is_file()):
            return
        with open(log, "wb") as out:
            self.child = subprocess.Popen(
                ["make", "--no-print-directory", "web-deps", "web"], cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True)

    def tend(self):
        """Yields a sentence when the build has ended."""
        if self.child is None or self.child.poll() is None:
            return
        code, self.child = self.child.returncode, None
        if code == 0:
            yield "the pages are built."
        else:
            tail = self.log.read_text(errors="replace").splitlines()[-5:]
            yield ("the pages could not be built; everything else works:\n"
                   + "\n".join("    " + line for line in tail))

    def stop(self):
        if self.child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGTERM)
            self.child.wait()


class Stack:
    """start(), then tend() now and then; stop() ends what was started."""

    def __init__(self, settings, on_line=lambda name, line: None):
        self.s, self.on_line = settings, on_line
        self.services = []
        self.ops = {}
        self.scratch = None

    # ---- life --------------------------------------------------------------

    def start(self):
        self.s.check()
        self.logs = self.s.data / "log"
        self._folders()
        self._redis()
        self._hbbs()
        self.key = self._await_key()
        self._hbbr()
        self._api()
        self._nginx()
        for name in ("hbbs", "hbbr", "api"):
            self._await(name, self._ready)
        self._await("nginx", self._https)
        return self

    def _folders(self):
        try:
            for folder in ("log", "redis", "hbbs", "hbbr", "api", "nginx",
                           "certs", "acme"):
                (self.s.data / folder).mkdir(parents=True, exist_ok=True)
            for private in ("redis", "hbbs", "api"):
                (self.s.data / private).chmod(0o700)
        except OSError as e:
            raise Failed(f"DATA={self.s.data} cannot hold the stack's data: "
                         f"{e.filename}: {e.strerror}; name a folder that "
                         "this user may write: DATA=...") from e

    def stop(self):
        """Returns the names of services that had to be killed."""
        stuck = [s.name for s in reversed(self.services) if not s.stop()]
        self.services.clear()
        if self.scratch:
            self.scratch.cleanup()
        return stuck

    def tend(self):
        """Starts again what died; yields a sentence for each event."""
        for s in self.services:
            if not s.ended():
                continue
            if s.again_at is None:
                code, words = s.child.returncode, s.last_words()
                yield (f"{s.name} ended with {code} and is started again in "
                       f"{s.mourn()} s; the others go on. Its last words:\n"
                       f"{words}")
            elif time.monotonic() >= s.again_at:
                s.start()
                yield f"{s.name} is started again."

    def _run(self, name, argv, env):
        self.services.append(Service(
            name, argv, env, self.logs / f"{name}.log", self.on_line))

    # ---- services ----------------------------------------------------------

    def _redis(self):
        path = self.s.data / "redis" / "redis.sock"
        if len(str(path)) > SOCKET_PATH_MAX:
            self.scratch = tempfile.TemporaryDirectory(prefix="redis.")
            path = Path(self.scratch.name) / "redis.sock"
        self.redis_url = f"unix://{path}"
        self._run("redis", [
            "redis-server", ROOT / "services/redis/redis.conf", "--port", "0",
            "--unixsocket", path, "--unixsocketperm", "700",
            "--dir", self.s.data / "redis"], {})
        self._await("redis", lambda _: self._redis_answers(path))

    @staticmethod
    def _redis_answers(path):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(path))
            s.sendall(b"PING\r\n")
            return s.recv(100).startswith(b"+PONG")

    def _service(self, name, port, **env):
        self.ops[name] = free_port()
        level = os.environ.get("LOG_LEVEL", "info")
        self._run(name, [self.s.bin / name, "--port", port], {
            "REDIS_URL": self.redis_url,
            "DATA_DIR": str(self.s.data / name), "NODE_ID": name,
            "OPS_PORT": str(self.ops[name]), "LOG_FORMAT": "json",
            "LOG_LEVEL": level, "TRUSTED_PROXIES": "127.0.0.1", **env})

    def _hbbs(self):
        relay = {}
        if self.s.relay_port != self.s.port + 1:    # what clients assume
            relay["RELAY_SERVERS"] = f"{self.s.host}:{self.s.relay_port}"
        self._service("hbbs", self.s.port, **relay,
                      API_URL=f"http://127.0.0.1:{self.s.api_port}")

    def _await_key(self):
        path = self.s.data / "hbbs" / "id_ed25519.pub"
        self._await("hbbs", lambda _: path.exists())
        return path.read_text().strip()

    def _hbbr(self):
        # Nobody else links to this relay: its own port stays on this machine.
        self._service("hbbr", self.s.relay_port, KEY=self.key,
                      MESH_PORT=str(self.s.mesh_port), MESH_BIND="127.0.0.1")

    def _api(self):
        self._service("api", self.s.api_port,
                      PUBLIC_NAMES=self.s.host,
                      WEB_DIR=str(ROOT / "services/web/dist"),
                      WEB_CLIENT=os.environ.get("WEB_CLIENT", ""))

    def _nginx(self):
        data = self.s.data
        self._run("nginx", [ROOT / "nginx/start"], {
            "RUN_DIR": str(data / "nginx"), "SERVER_NAME": self.s.host,
            "HTTP_PORT": str(self.s.http_port),
            "HTTPS_PORT": str(self.s.https_port),
            "PUBLIC_HTTPS_PORT": str(self.s.https_port),
            "CERT_FILE": str(data / "certs/tls.crt"),
            "CERT_KEY": str(data / "certs/tls.key"),
            "ACME_ROOT": str(data / "acme"),
            "HBBS_WS": f"127.0.0.1:{self.s.port + 2}",
            "HBBR_WS": f"127.0.0.1:{self.s.relay_port + 2}",
            "API": f"127.0.0.1:{self.s.api_port}"})

    # ---- readiness ---------------------------------------------------------

    def _await(self, name, ready):
        service = next(s for s in self.services if s.name == name)
        end = time.monotonic() + START_S
        while True:
            if service.ended():
                raise Failed(f"{name} ended with {service.child.returncode}:\n"
                             + service.last_words())
            try:
                if ready(name):
                    return
            except (OSError, http.client.HTTPException):
                pass
            if time.monotonic() > end:
                raise Failed(f"{name} is not ready after {START_S} s:\n"
                             + service.last_words())
            time.sleep(0.05)

    def _ready(self, name):
        c = http.client.HTTPConnection("127.0.0.1", self.ops[name], timeout=5)
        try:
            c.request("GET", "/readyz")
            return c.getresponse().status == 200
        finally:
            c.close()

    def _https(self, _):
        socket.create_connection(("127.0.0.1", self.s.https_port), 1).close()
        return True

    # ---- for people --------------------------------------------------------

    def address(self):
        """The ID server as a client wants it."""
        host = f"[{self.s.host}]" if ":" in self.s.host else self.s.host
        return host if self.s.port == 21116 else f"{host}:{self.s.port}"

    def client_config(self):
        done = subprocess.run(
            [self.s.bin / "rustdesk-utils", "config", "--host",
             self.address(), "--key", self.key, "--api", self.api_server()],
            check=True,
            stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def api_server(self):
        """As a client wants it: over https by name, so that it chooses wss.
        By address no certificate is trusted and no wss is used."""
        try:
            ip = ipaddress.ip_address(self.s.host)
        except ValueError:
            return self.web()
        host = f"[{ip}]" if ip.version == 6 else str(ip)
        return f"http://{host}:{self.s.api_port}"

    def first_password(self):
        """The line that tells it, until the first sign-in; "" later."""
        try:
            text = (self.s.data / "api/admin_password").read_text().strip()
        except FileNotFoundError:
            return ""
        name = os.environ.get("ADMIN_NAME") or "admin"
        return f"""  First sign-in   {name}, password {text}
"""

    def web(self):
        """Where browsers go."""
        host = f"[{self.s.host}]" if ":" in self.s.host else self.s.host
        port = "" if self.s.https_port == 443 else f":{self.s.https_port}"
        return f"https://{host}{port}"

    def welcome(self):
        return f"""
The stack runs. Ctrl-C stops it.

  ID server       {self.address()}
  Key             {self.key}
  Client config   {self.client_config()}
  API server      {self.api_server()}
  Web             {self.web()}  (certificate: {self.s.data}/certs)
{self.first_password()}  Data, logs      {self.s.data}

Who connects:
"""


def show(name, line):
    """One line per connection attempt, from the services' JSON logs."""
    try:
        event = json.loads(line)
        stamp, what = event.pop("ts")[11:19], event.pop("event")
    except (ValueError, KeyError):
        return
    if (name, what) not in SHOWN:
        return
    rest = "  ".join(f"{k}={v}" for k, v in event.items()
                     if k not in ("level", "svc") and v != "")
    print(f"  {stamp}  {SHOWN[name, what]:9} {rest}", flush=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    pages = None
    stack = Stack(Settings.from_env(sys.argv[1]), show)
    try:
        stack.start()
        pages = Pages(stack.logs / "web.log")
        print(stack.welcome(), flush=True)
        while not stopping.wait(0.5):
            for event in (*stack.tend(), *pages.tend()):
                print(f"run: {event}", flush=True)
        print("\nStopping.", flush=True)
    finally:
        if pages:
            pages.stop()
        stuck = stack.stop()
    if stuck:
        raise Failed("had to be killed: " + ", ".join(stuck))


if __name__ == "__main__":
    try:
        main()
    except Failed as e:
        sys.exit(f"run: {e}")
