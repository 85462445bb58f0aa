"""Starts redis-server and the api, and speaks to both. No code is shared with
the server: requests are made with python3-requests, Redis is spoken by hand."""
import base64
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import tempfile
import time
import urllib.parse
import uuid

import requests

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("API_BINARY", os.path.join(ROOT, "build/release/bin/api"))
BAD_TEXT = re.compile(r"Sanitizer|runtime error|LeakSanitizer")


def wait_for(what, check, seconds=20):
    """Polls CHECK until it gives something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = check()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"timed out: {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Redis:
    """A redis-server of its own, and a connection to it."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="api-redis-")
        self.port = free_port()
        self.start()

    def start(self):
        self.proc = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
             "--dir", self.dir, "--appendonly", "yes", "--save", ""],
            stdout=subprocess.DEVNULL)
        self.sock = None
        wait_for("redis-server", self.ping)

    def ping(self):
        try:
            return self.do("PING") == b"PONG"
        except (OSError, RuntimeError):  # RuntimeError: it loads its data
            return False

    def stop(self):
        if self.sock:
            self.sock.close()
            self.sock = None
        self.proc.terminate()
        self.proc.wait(20)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def do(self, *args):
        if not self.sock:
            self.sock = socket.create_connection(("127.0.0.1", self.port), 5)
            self.file = self.sock.makefile("rb")
        out = b"*%d\r\n" % len(args)
        for a in args:
            a = a if isinstance(a, bytes) else str(a).encode()
            out += b"$%d\r\n%s\r\n" % (len(a), a)
        self.sock.sendall(out)
        return self._reply()

    def _reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind in b"+":
            return rest
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            n = int(rest)
            return None if n < 0 else self.file.read(n + 2)[:n]
        return [self._reply() for _ in range(int(rest))]


class Api:
    """One api process."""

    def __init__(self, redis, data=None, nofile=None, **env):
        self.dir = data or tempfile.mkdtemp(prefix="api-data-")
        self.log_path = tempfile.mktemp(prefix="api-log-")
        self.log = open(self.log_path, "wb")
        full = dict(PATH=os.environ["PATH"], API_PORT="0", OPS_PORT="0",
                    BIND="127.0.0.1", REDIS_URL=redis.url,
                    DATA_DIR=self.dir, LOGIN_RATE="0", DEVICE_RATE="0",
                    LOG_LEVEL="debug", THREADS="4",
                    TRUSTED_PROXIES="127.0.0.0/8")
        full.update(env)
        self.proc = subprocess.Popen([BINARY], env=full, stderr=self.log,
                                     stdout=self.log, cwd=self.dir,
                                     preexec_fn=nofile and (lambda: resource.setrlimit(
                                         resource.RLIMIT_NOFILE, (nofile, nofile))))
        m = wait_for("listening", lambda: re.search(
            r"event=listening.*?port=(\d+) ops_port=(\d+)", self.text()))
        self.port, self.ops = int(m[1]), int(m[2])
        self.base = f"http://127.0.0.1:{self.port}"
        if env.get("REDIS_URL") is None:
            wait_for("ready", lambda: self.ops_get("/readyz").status_code == 200)

    def text(self):
        with open(self.log_path, errors="replace") as f:
            text = f.read()
        assert self.proc.poll() is None or "event=" in text, text
        return text

    def ops_get(self, path):
        return requests.get(f"http://127.0.0.1:{self.ops}{path}", timeout=10)

    def admin_password(self):
        """The first one; its file goes at the first sign-in."""
        if not hasattr(self, "first_password"):
            with open(os.path.join(self.dir, "admin_password")) as f:
                self.first_password = f.read().strip()
        return self.first_password

    def kill(self):
        self.proc.kill()
        self.proc.wait(10)

    def stop(self):
        self.proc.send_signal(signal.SIGTERM)
        code = self.proc.wait(30)
        self.log.close()
        with open(self.log_path, errors="replace") as f:
            text = f.read()
        bad = BAD_TEXT.search(text)
        assert not bad, text[max(0, bad.start() - 200):][:4000]
        assert code == 0, f"exit code {code}\n{text[-4000:]}"


# What the suite has called: (method, path, query names, succeeded).
CALLS = set()


class Client:
    """Calls with or without a token; every reply is checked for the rules of
    the contract that hold everywhere."""

    def __init__(self, base, token=None, ip=None):
        self.base = base
        self.token = token
        self.ip = ip
        self.http = requests.Session()

    def call(self, method, path, body=None, raw=None, status=None, headers=None, **query):
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.ip:
            headers["X-Real-IP"] = self.ip
        kw = {"data": raw} if raw is not None else {}
        if body is not None:
            kw = {"json": body}
        r = self.http.request(method, self.base + path, params=query or None,
                              headers=headers, timeout=60, **kw)
        check_reply(r)
        self.note(method, r)
        if status is not None:
            assert r.status_code == status, (method, path, r.status_code, r.text)
        return r

    @staticmethod
    def note(method, r):
        url = urllib.parse.urlparse(r.url)
        names = frozenset(urllib.parse.parse_qs(url.query, keep_blank_values=True))
        good = r.status_code < 400 and not r.content.startswith(b'{"error"')
        CALLS.add((method, url.path, "accessible" in names, good))

    def get(self, path, status=200, **query):
        return self.call("GET", path, status=status, **query).json()

    def post(self, path, body=None, status=200, **query):
        return self.call("POST", path, body, status=status, **query)

    def put(self, path, body=None, status=200):
        return self.call("PUT", path, body, status=status)

    def patch(self, path, body=None, status=200):
        return self.call("PATCH", path, body, status=status)

    def delete(self, path, body=None, status=200):
        return self.call("DELETE", path, body, status=status)

    def done(self, method, path, body=None, **query):
        """An action: 200 and a zero-length body."""
        r = self.call(method, path, body, status=200, **query)
        assert r.content == b"", r.text
        return r

    def refused(self, method, path, body=None, status=400, says=None, **query):
        r = self.call(method, path, body, status=status, **query)
        error = r.json()["error"]
        assert isinstance(error, str) and error
        if says:
            assert says in error, error
        return error


def check_reply(r):
    if r.request.method == "HEAD" or not r.content:
        return
    kind = r.headers["Content-Type"]
    if kind.startswith("video/") or kind == "application/octet-stream":
        return
    assert kind.endswith("; charset=utf-8"), kind
    if not kind.startswith("application/json"):
        return
    body = r.json()
    if isinstance(body, dict) and r.status_code == 200 and "error" in body:
        assert isinstance(body["error"], str)
    if r.status_code != 200:
        assert isinstance(body["error"], str), body
    assert "Admin required!" not in r.text


def crc16(data):
    crc = 0
    for b in data:
        crc ^= b << 8
        for _ in range(8):
            crc = (crc << 1) ^ (0x1021 if crc & 0x8000 else 0)
            crc &= 0xFFFF
    return crc


def b64(data):
    return base64.b64encode(data).decode()


class Device:
    """A client machine, known to hbbs: its record is put into Redis."""

    count = 100000000

    def __init__(self, world, pk=b"\1" * 32, register=True):
        Device.count += 1
        self.world = world
        self.id = str(Device.count)
        self.machine = uuid.uuid4().hex.encode()
        self.uuid = b64(self.machine)
        self.guid_raw = uuid.uuid4().bytes
        self.guid = str(uuid.UUID(bytes=self.guid_raw))
        self.pk = pk
        if register:
            self.register()

    def register(self):
        def field(n, data):
            return bytes([n << 3 | 2, len(data)]) + data

        record = field(1, self.guid_raw) + field(2, self.machine) + field(3, self.pk)
        bucket = f"peer:{crc16(self.id.encode()):04x}"
        self.world.redis.do("HSET", bucket, self.id, struct.pack("<I", 1) + record)

    def seen(self, epoch, ago=0):
        now = int(time.time()) - 1577836800 - ago
        value = struct.pack("<BBHII", 1, 1, 5000, epoch, now) + b"\0" * 16
        self.world.redis.do("HSET", f"seen:{crc16(self.id.encode()):04x}", self.id, value)

    def who(self, **more):
        return dict(id=self.id, uuid=self.uuid, **more)

    def client(self):
        return Client(self.world.api.base)

    def sysinfo(self, **more):
        body = self.who(version="1.4.9", cpu="x, 1GHz, 2/2 cores", memory="4GB",
                        os="linux / Debian 12", hostname="host-" + self.id,
                        username="root")
        body.update(more)
        return self.client().post("/api/sysinfo", body).text

    def heartbeat(self, conns=None, modified_at=0):
        body = self.who(ver=1004090, modified_at=modified_at)
        if conns:
            body["conns"] = conns
        return self.client().post("/api/heartbeat", body).json()

    def audit(self, kind, **fields):
        r = self.client().post("/api/audit/" + kind, self.who(**fields))
        assert r.content == b"", r.text


class World:
    """Redis, one api, and its administrator."""

    def __init__(self, **env):
        self.redis = Redis()
        self.api = Api(self.redis, **env)
        self.admin = self.login("admin", self.api.admin_password())
        self.n = 0

    def client(self, token=None, ip=None):
        return Client(self.api.base, token, ip)

    def login(self, name, password, **more):
        body = dict(username=name, password=password, type="account", **more)
        reply = self.client().post("/api/login", body).json()
        assert reply.get("type") == "access_token", reply
        return self.client(reply["access_token"])

    def name(self, kind):
        self.n += 1
        return f"{kind}-{self.n}"

    def user(self, **fields):
        """A new user, signed in. The client has .name, .guid, .password."""
        name = self.name("user")
        body = dict(name=name, password="correct horse", **fields)
        guid = self.admin.post("/api/users", body).json()["guid"]
        c = self.login(name, "correct horse")
        c.name, c.guid, c.password = name, guid, "correct horse"
        return c

    def group(self, kind="user", **fields):
        name = self.name(kind + "-group")
        g = self.admin.post(f"/api/{kind}-groups", dict(name=name, **fields)).json()
        return name, g["guid"]

    def token(self, **scopes):
        body = dict(name=self.name("token"), scopes=scopes)
        return self.client(self.admin.post("/api/tokens", body).json()["token"])

    def device(self, **assign):
        d = Device(self)
        assert d.sysinfo() == "SYSINFO_UPDATED"
        for kind, value in assign.items():
            self.admin.done("POST", f"/api/devices/{d.guid}/assign",
                            dict(type=kind, value=value))
        return d

    def settings(self, section="general", **values):
        self.admin.done("PUT", f"/api/settings/{section}", values)

    def stop(self):
        self.api.stop()
        self.redis.stop()
