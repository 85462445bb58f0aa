#!/usr/bin/python3
"""A stage for the web client's tests: Redis, hbbs, hbbr, nginx and the pages
on loopback, and a scripted device behind them.

usage: scene.py BIN_FOLDER DIST_FOLDER

With TLS in its environment, the pages and the sockets are behind TLS.

Prints one JSON object a line: what happened. Reads one a line: what to do.
Ends with its input.
"""

import contextlib
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from wire import Fields  # noqa: F401  (sets the path of the next imports)

import direct
import keys
import link as links
import peer
import service
from device import Connection, Script, read_h264, read_ivf
from files import Files

ID = "123456789"
WAIT = 20
REALTIME = ["-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M",
            "-auto-alt-ref", "0"]
ENCODERS = {
    "vp9": ["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", *REALTIME],
    "vp9-444": ["-c:v", "libvpx-vp9", "-pix_fmt", "yuv444p", *REALTIME],
    "vp9-1080": ["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", *REALTIME,
                 "-b:v", "5M"],
    "vp8": ["-c:v", "libvpx", "-pix_fmt", "yuv420p", *REALTIME],
    "av1": ["-c:v", "libaom-av1", "-pix_fmt", "yuv420p", "-cpu-used", "8",
            "-usage", "realtime"],
    # Access units begin with a delimiter, so that they can be told apart.
    "h264": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset",
             "ultrafast", "-tune", "zerolatency", "-x264-params", "aud=1"],
}
# Red, green, blue and white quarters, and a yellow box that moves.
PICTURE = ("color=red:640x480:r=15,drawbox=320:0:320:240:lime:fill,"
           "drawbox=0:240:320:240:blue:fill,"
           "drawbox=320:240:320:240:white:fill[a];"
           "color=yellow:40x40:r=15[b];[a][b]overlay=x='300+n':y=220:shortest=1")
LARGE = "testsrc2=1920x1080:r=30"
CSP = ("default-src 'self'; connect-src 'self' {3}://{0}; img-src 'self' blob: "
       "data:; worker-src 'self'; style-src 'self'{1}; script-src 'self' "
       "'wasm-unsafe-eval'; media-src 'self' blob:; frame-src 'self'; "
       "frame-ancestors '{2}'; base-uri 'none'; form-action 'none'; "
       "object-src 'none'")
TUNNEL_CSP = (
    "sandbox allow-scripts allow-forms; default-src 'none'; script-src "
    "'unsafe-inline' 'unsafe-eval' blob: data:; style-src 'unsafe-inline' "
    "blob: data:; img-src blob: data:; media-src blob: data:; font-src blob: "
    "data:; form-action 'none'; frame-ancestors 'self'")
NGINX = """
daemon off;
pid {run}/nginx.pid;
error_log {run}/error.log warn;
events {{ worker_connections 256; }}
http {{
	access_log off;
	client_body_temp_path {run}/body;
	proxy_temp_path {run}/proxy;
	fastcgi_temp_path {run}/fastcgi;
	uwsgi_temp_path {run}/uwsgi;
	scgi_temp_path {run}/scgi;
	map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
	server {{
		listen 127.0.0.1:{port}{tls};
		proxy_http_version 1.1;
		proxy_set_header Host $http_host;
		proxy_set_header Upgrade $http_upgrade;
		proxy_set_header Connection $connection_upgrade;
		proxy_set_header X-Real-IP $remote_addr;
		location = /ws/id {{ proxy_pass http://127.0.0.1:{id}; }}
		location = /ws/relay {{
			proxy_pass http://127.0.0.1:{relay};
			proxy_buffering off;
			proxy_read_timeout 1h;
		}}
		location / {{ proxy_pass http://127.0.0.1:{pages}; }}
	}}
}}
"""

TLS = bool(os.environ.get("TLS"))

say_lock = threading.Lock()


def say(event, **more):
    with say_lock:
        print(json.dumps({"event": event, **more}), flush=True)


class Pages(http.server.SimpleHTTPRequestHandler):
    """Serves dist/ with the headers that the api gives it."""

    key = ""
    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript", ".webmanifest": "application/manifest+json"}

    def do_GET(self):
        if self.path == "/api/web/config":
            return self.answer(200, {"name": "Workshop", "version": "test",
                                     "server_key": self.key, "secure": True})
        if self.path.startswith("/api/"):
            return self.answer(401, {"error": "Unauthorized"})
        return super().do_GET()

    def answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        super().end_headers()
        self.wfile.write(data)

    def end_headers(self):
        frame = self.path.startswith("/web/terminal.html")
        policy = CSP.format(
            self.headers.get("Host", ""), " 'unsafe-inline'" if frame else "",
            "self" if frame else "none", "wss" if TLS else "ws")
        if self.path.startswith("/web/tunnel.html"):
            policy = TUNNEL_CSP
        self.send_header("Content-Security-Policy", policy)
        self.send_header("Permissions-Policy",
                         "microphone=()" if frame else "microphone=(self)")
        super().end_headers()

    def log_message(self, *_):
        pass


class Site:
    """What peer.Device needs of a site."""

    def __init__(self, port, relay_port):
        self.port, self.relay_port = port, relay_port
        self.key, self.server_pk = keys.SERVER.text, keys.SERVER.pk

    def udp(self, source):
        return links.Udp(("127.0.0.1", self.port), source)

    def tcp(self, source, port=0):
        return links.Tcp(("127.0.0.1", self.port), source, port)

    def join(self, _host, _port, source, _over_ws):
        return links.Tcp(("127.0.0.1", self.relay_port), source)

    def default_relay(self, _source):
        return f"127.0.0.1:{self.relay_port}"


class Stage:
    def __init__(self, binaries, dist, run):
        self.binaries, self.dist = Path(binaries).resolve(), dist
        self.run = run
        self.children = []
        # A row of ports below those that the system hands out by itself;
        # a machine runs several stages at once.
        base = 12000 + os.getpid() % 1500 * 12
        self.port, self.relay_port = base + 1, base + 5
        self.pages_port, self.http_port = base + 10, base + 11
        self.script, self.files = Script(), Files()
        self.connections, self.ways, self.askers = [], {}, set()

    def start(self, argv, **env):
        child = subprocess.Popen(
            [str(a) for a in argv], cwd=self.run,
            env={"PATH": os.environ["PATH"], **env},
            stdin=subprocess.DEVNULL,
            stdout=open(self.run / f"{Path(argv[0]).name}.log", "wb"),
            stderr=subprocess.STDOUT)
        self.children.append(child)

    def servers(self):
        redis = self.run / "redis.sock"
        self.start(["redis-server", "--port", "0", "--unixsocket", redis,
                    "--save", ""])
        self.wait(redis.exists)
        common = {"REDIS_URL": f"unix://{redis}", "TRUSTED_PROXIES":
                  "127.0.0.1", "BIND": "127.0.0.1", "LOG_LEVEL": "debug"}
        for name in ("hbbs", "hbbr"):
            (self.run / name).mkdir()
        (self.run / "hbbs/id_ed25519").write_text(keys.SERVER.secret_text)
        (self.run / "hbbs/id_ed25519.pub").write_text(keys.SERVER.text)
        os.chmod(self.run / "hbbs/id_ed25519", 0o600)
        self.start([self.binaries / "hbbs"], **common, PORT=str(self.port),
                   DATA_DIR=str(self.run / "hbbs"), KEY="-",
                   RELAY_SERVERS=f"127.0.0.1:{self.relay_port}",
                   OPS_PORT=str(self.port + 3))
        self.start([self.binaries / "hbbr", "--port", self.relay_port],
                   **common, KEY=keys.SERVER.text,
                   DATA_DIR=str(self.run / "hbbr"), MESH_PORT="0",
                   OPS_PORT=str(self.relay_port + 4))
        conf = self.run / "nginx.conf"
        conf.write_text(NGINX.format(
            run=self.run, port=self.http_port, id=self.port + 2,
            relay=self.relay_port + 2, pages=self.pages_port,
            tls=self.certificate() if TLS else ""))
        self.start([shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-p",
                    self.run, "-c", conf])

    def certificate(self):
        """What follows the address in nginx' listen."""
        cert, key = self.run / "cert", self.run / "key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=127.0.0.1", "-keyout", key, "-out", cert],
            check=True, stderr=subprocess.DEVNULL)
        return f" ssl; ssl_certificate {cert}; ssl_certificate_key {key}"

    def pages(self):
        Pages.key = keys.SERVER.text
        handler = functools.partial(Pages, directory=str(self.dist))
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", self.pages_port), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    @staticmethod
    def wait(condition):
        end = time.monotonic() + WAIT
        while not condition():
            if time.monotonic() > end:
                raise SystemExit("not within 20 s: " + condition.__qualname__)
            time.sleep(0.05)

    @functools.lru_cache
    def frames(self, codec):
        h264 = codec == "h264"
        path = self.run / f"{codec}.{'h264' if h264 else 'ivf'}"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
             LARGE if codec.endswith("-1080") else PICTURE, "-t", "4",
             *ENCODERS[codec], "-g", "9999", str(path)], check=True)
        return read_h264(path) if h264 else read_ivf(path)

    def register(self):
        site = Site(self.port, self.relay_port)
        end = time.monotonic() + WAIT
        while True:
            try:
                self.device = peer.Device(
                    site, ID, "127.0.0.1", signer=keys.DEVICE).register()
                return
            except (OSError, AssertionError, TimeoutError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def serve(self):
        """Answers every request for the device."""
        while True:
            name, push = self.device.pushes.get()
            if name == "punch_hole":
                self.asked(push)
            elif name == "ice_candidate":
                say("candidate")
                self.candidate(push.ice_candidate)

    def asked(self, push):
        """A page that waits long asks again on the same socket: a session
        that is under way is its answer."""
        asker = bytes(push.socket_addr)
        if asker in self.askers:
            return
        self.askers.add(asker)
        say("asked", force_relay=bool(push.force_relay),
            offered=bool(push.webrtc_sdp_offer))

        def serve():
            try:
                self.answer(push)
            finally:
                self.askers.discard(asker)

        threading.Thread(target=serve, daemon=True).start()

    def relayed(self):
        """How many sessions the relay has had."""
        url = f"http://127.0.0.1:{self.relay_port + 4}/metrics"
        with urllib.request.urlopen(url, timeout=WAIT) as answer:
            return sum(int(n) for n in re.findall(
                r"^hbbr_sessions_total{.*} (\d+)$", answer.read().decode(),
                re.M))

    def answer(self, push):
        """Goes to the relay, and beside it answers the offer."""
        way = (self.direct_way(push)
               if push.webrtc_sdp_offer and self.script.direct else None)
        text = ("webrtc://bm90IGFuIGFuc3dlcg=="
                if self.script.direct == "garbage"
                else way.answer if way else "")
        link = self.device._start_relay(push, webrtc_sdp_answer=text)
        if way:
            way.trickle()
        if self.script.relay:
            self.connection(link).run()
        else:
            with contextlib.suppress(links.Closed, links.Timeout, OSError):
                link.recv(60)
            say("relay closed")

    def connection(self, link, fingerprint=""):
        made = Connection(link, ID, keys.DEVICE, self.script, self.frames,
                          self.files, say, fingerprint)
        self.connections.append(made)
        return made

    def direct_way(self, push):
        how, before = self.script.direct, self.relayed()

        def tell(text):
            trickle.send_msg(ice_candidate={
                "socket_addr": push.socket_addr, "session_key": way.key,
                "candidate": text})

        def opened(way):
            say("channel")
            # The page has joined the relay, so that it has one to leave.
            self.wait(lambda: self.relayed() > before)
            if how != "mute":
                self.connection(way, way.fingerprint if how == "yes" else
                                "sha-256 " + ":".join(["AB"] * 32)).run()

        trickle = self.device.open_answer()
        way = direct.Direct(push.webrtc_sdp_offer, tell, opened)
        self.ways[way.key] = way
        return way

    def candidate(self, m):
        way = self.ways.get(m.session_key)
        if way and m.candidate not in way.heard:
            way.heard.add(m.candidate)
            way.candidate(m.candidate)

    def command(self, c):
        if c["do"] == "script":
            self.script.change(c["set"])
            say("done")
        elif c["do"] == "encode":
            self.frames(c["codec"])
            say("done")
        elif c["do"] == "file":
            self.files.remove(c["name"])
            if c["size"]:
                self.files.write(c["name"], bytes(c["size"]))
            say("done")
        elif c["do"] == "cut":          # the way breaks without a word
            for connection in self.connections:
                connection.gone = True
                with contextlib.suppress(OSError):
                    connection.link.reset()
            say("done")
        elif c["do"] == "send":         # a message to every controller
            for connection in self.connections:
                connection.send((c["kind"], bytes.fromhex(c["data"])))
            say("done")

    def stop(self):
        for child in self.children:
            if child.poll() is not None:
                name = Path(child.args[0]).name
                print(f"{name} had ended:", (self.run / f"{name}.log")
                      .read_text()[-2000:], file=sys.stderr)
            child.terminate()
        for child in self.children:
            child.wait(10)


def main(binaries, dist):
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(binaries, dist, Path(folder))
        with contextlib.ExitStack() as closers:
            closers.callback(stage.stop)
            direct.start()
            stage.servers()
            stage.pages()
            stage.frames("vp9")
            stage.register()
            threading.Thread(target=stage.serve, daemon=True).start()
            url = f"http{'s' if TLS else ''}://127.0.0.1:{stage.http_port}/web/"
            say("ready", id=ID, url=url, service=service.start(url))
            for line in sys.stdin:
                stage.command(json.loads(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
