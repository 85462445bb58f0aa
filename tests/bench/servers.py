"""Starts what is measured: our programs and their peers."""

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from host import HOST, cpu_of

ROOT = Path(__file__).resolve().parent.parent.parent
START_S = 60


class Absent(Exception):
    """The peer is not there; the text says what would bring it."""


def given(variable):
    path = os.environ.get(variable, "")
    if not path:
        raise Absent(f"{variable} is not given")
    if not os.access(path, os.X_OK):
        raise Absent(f"{variable}={path} is no program")
    return path


class Server:
    def __init__(self, bench, name, argv, env=None, cwd=None, ports=()):
        self.name = name
        self.folder = cwd or bench.folder(name)
        self.log = self.folder / "log"
        base = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                [str(a) for a in argv], cwd=self.folder,
                env={**base, **(env or {})}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT)
        self.pid = self.child.pid
        bench.servers.append(self)
        for port in ports:
            self.await_port(port)

    def await_port(self, port):
        end = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection((HOST, port), 1).close()
                return
            except OSError:
                if self.child.poll() is not None or time.monotonic() > end:
                    self.stop()
                    tail = self.log.read_text(errors="replace")[-1500:]
                    raise RuntimeError(f"{self.name} does not start:\n{tail}")
                time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def cpu(self):
        return cpu_of(self.pid)

    def pids(self):
        return [self.pid]

    def stop(self, kill=False):
        if self.child.poll() is None:
            self.child.kill() if kill else self.child.terminate()
        try:
            self.child.wait(40)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Redis(Server):
    def __init__(self, bench, port=6379, fsync_ms=None):
        """With FSYNC_MS it keeps its file, on a disk as slow as that."""
        folder = bench.folder("redis")
        env = fsync_ms and {"LD_PRELOAD": str(bench.slow_disk),
                            "SLOW_DISK_MS": str(fsync_ms)}
        self.path = folder / "redis.sock"
        self.url = f"unix://{self.path}"
        super().__init__(bench, "redis", [
            "redis-server", ROOT / "services/redis/redis.conf",
            "--bind", HOST, "--protected-mode", "no", "--port", port,
            "--unixsocket", self.path, "--dir", folder,
            "--save", "", "--appendonly", "yes" if fsync_ms else "no"],
            env, cwd=folder, ports=[port])
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))
        self.file = self.sock.makefile("rb")

    @staticmethod
    def pack(*words):
        out = b"*%d\r\n" % len(words)
        for w in words:
            w = w if isinstance(w, bytes) else str(w).encode()
            out += b"$%d\r\n%s\r\n" % (len(w), w)
        return out

    def info(self, field):
        self.sock.sendall(self.pack("INFO", "everything"))
        text = self.file.read(int(self.file.readline()[1:]) + 2).decode()
        for line in text.splitlines():
            if line.startswith(field + ":"):
                return int(line.split(":")[1])
        raise KeyError(field)

    def pipe(self, commands):
        """Commands that answer one line each."""
        commands = list(commands)
        for at in range(0, len(commands), 1000):
            part = commands[at:at + 1000]
            self.sock.sendall(b"".join(self.pack(*c) for c in part))
            for _ in part:
                line = self.file.readline()
                if line[:1] == b"-":
                    raise RuntimeError(line.decode())


def hbbs(bench, redis, port=21116, **env):
    folder = bench.folder("hbbs")
    return Server(bench, "hbbs", [bench.bin / "hbbs", "--port", port], {
        "REDIS_URL": redis.url, "DATA_DIR": str(folder), "KEY": "",
        "OPS_PORT": "0", "NEW_PEER_RATE": "1000000", "LOG_LEVEL": "warn",
        **env}, cwd=folder, ports=[port, port - 1])


def reference_hbbs(bench, port):
    argv = [given("REF_HBBS"), "--port", port, "--rmem", str(4 << 20)]
    return Server(bench, "reference-hbbs", argv, {"RUST_LOG": "error"},
                  ports=[port])


def bare_relay(bench, port):
    return Server(bench, "bare-relay", [bench.bare_relay, f"port={port}"],
                  ports=[port])


FAST = 10_000_000   # Mbit/s: no limit


def hbbr(bench, port=21117, box=None, program=None, **env):
    folder = bench.folder("hbbr")
    argv = [program or bench.bin / "hbbr", "--port", port]
    return Server(bench, "hbbr", box.enter(argv) if box else argv, {
        "DATA_DIR": str(folder), "KEY": "", "OPS_PORT": "0",
        "SINGLE_BANDWIDTH": "0", "TOTAL_BANDWIDTH": "0",
        "MAX_PARKED_PER_IP": "0", "MAX_PARKED": "100000",
        "MESH_PORT": "0", "DRAIN_TIMEOUT": "0", "LOG_LEVEL": "warn", **env},
        cwd=folder, ports=[port, port + 2])


def reference_hbbr(bench, port):
    argv = [given("REF_HBBR"), "--port", port, "--key", ""]
    return Server(bench, "reference-hbbr", argv, {
        "TOTAL_BANDWIDTH": str(FAST), "SINGLE_BANDWIDTH": str(FAST),
        "LIMIT_SPEED": str(FAST), "DOWNGRADE_START_CHECK": "100000",
        "RUST_LOG": "error"}, ports=[port, port + 2])


def haproxy(bench, port, to):
    program = shutil.which("haproxy", path=os.environ.get("PATH", "")
                           + ":/usr/sbin")
    if not program:
        raise Absent("the package haproxy is not installed")
    folder = bench.folder("haproxy")
    (folder / "cfg").write_text(f"""global
    maxconn 4000
    maxpipes 4000
    nbthread 1
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
    option splice-request
    option splice-response
listen relay
    bind {HOST}:{port}
    server sink {HOST}:{to}
""")
    # Not awaited by connecting: the connection would be passed on.
    server = Server(bench, "haproxy", [program, "-db", "-f", folder / "cfg"],
                    cwd=folder)
    end = time.monotonic() + START_S
    listening = f":{port:04X} 00000000:0000 0A"
    while listening not in Path("/proc/net/tcp").read_text():
        if server.child.poll() is not None or time.monotonic() > end:
            raise RuntimeError("haproxy does not start:\n"
                               + server.log.read_text()[-1500:])
        time.sleep(0.02)
    return server


def certificate(folder):
    """Files of a certificate and its key."""
    cert, key = folder / "cert", folder / "key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=bench", "-keyout", key, "-out", cert],
        check=True, stderr=subprocess.DEVNULL)
    return cert, key


# Of nginx/nginx.conf, what a connection of a browser meets.
SHIPPED = re.compile(r"^\t((?:ssl_|tcp_|sendfile|proxy_http|reset_)[^;$]*;)",
                     re.M)


def nginx_settings(changes):
    """What is shipped, {directive: value} CHANGES in it: (of the server, of
    the paths of WebSockets)."""
    server = "\n".join(SHIPPED.findall((ROOT / "nginx/nginx.conf")
                                       .read_text()))
    paths = (ROOT / "nginx/ws.conf").read_text()
    for name, value in changes.items():
        line, known = f"{name} {value};", rf"\b{name} [^;]*;"
        if not re.search(known, server + paths):
            server += f"\n{line}"
        server, paths = (re.sub(known, line, text) for text in (server, paths))
    return server, paths


def nginx(bench, port, to, changes=None):
    """Ours as far as a relayed session sees it, in one process."""
    program = shutil.which("nginx", path=os.environ.get("PATH", "")
                           + ":/usr/sbin")
    if not program:
        raise RuntimeError("the package nginx is not installed")
    folder = bench.folder("nginx")
    cert, key = certificate(folder)
    server, paths = nginx_settings(changes or {})
    temp = "".join(f"    {kind}_temp_path {folder}/temp;\n" for kind in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "conf").write_text(f"""daemon off;
master_process off;
pid {folder}/pid;
error_log stderr;
events {{
    worker_connections 4000;
    multi_accept on;
}}
http {{
{temp}
    access_log off;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;
    {server}
    server {{
        listen {HOST}:{port} ssl;
        ssl_certificate {cert};
        ssl_certificate_key {key};
        set $hbbs {HOST}:9;
        set $hbbr {HOST}:{to};
        location = / {{
            return 204;
        }}
        {paths}
    }}
}}
""")
    return Server(bench, "nginx", [program, "-p", folder, "-c",
                                   folder / "conf"], cwd=folder, ports=[port])


PASSWORD = "correct horse battery 7"


def api(bench, redis, port=21114):
    folder = bench.folder("api")
    return Server(bench, "api", [bench.bin / "api"], {
        "API_PORT": str(port), "OPS_PORT": "0", "REDIS_URL": redis.url,
        "DATA_DIR": str(folder), "LOGIN_RATE": "0", "DEVICE_RATE": "0",
        "ADMIN_PASSWORD": PASSWORD, "LOG_LEVEL": "warn"},
        cwd=folder, ports=[port])


def reference_api(bench, port):
    program = Path(given("REF_API"))
    folder = bench.folder("reference-api")
    for part in ("conf", "resources", "docs"):
        if not (folder / part).exists():
            (folder / part).symlink_to(program.parent / part)
    for part in ("data", "runtime"):
        (folder / part).mkdir(exist_ok=True)
    env = {"RUSTDESK_API_GIN_API_ADDR": f"{HOST}:{port}",
           "RUSTDESK_API_LOGGER_LEVEL": "error",
           "RUSTDESK_API_APP_CAPTCHA_THRESHOLD": "-1"}
    server = Server(bench, "reference-api", [program], env, cwd=folder,
                    ports=[port])
    subprocess.run([program, "reset-admin-pwd", PASSWORD], cwd=folder,
                   env={**os.environ, **env}, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return server
