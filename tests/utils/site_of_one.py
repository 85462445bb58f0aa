"""hbbs, hbbr, api and a Redis on loopback, without nginx."""

import contextlib
import http.client
import json
import os
import subprocess
import time

from fake import consecutive_ports
from program import BIN, Redis

PASSWORD = "first-Of-all-7"
WAIT_S = 60


class Site:
    """As they are by default: with a key and with tickets. Ports from FIRST
    on: the api, the NAT test, hbbs, hbbr, their WebSockets."""

    def __init__(self, folder):
        self.folder = folder
        self.redis = Redis(folder / "redis")
        self.children = contextlib.ExitStack()

    def start(self):
        with contextlib.ExitStack() as held:
            ports = [held.enter_context(s) for s in consecutive_ports(10)]
            self.first = ports[0].getsockname()[1]
        first = self.first
        self.run("hbbs", first + 2, first + 6,
                 TRUSTED_PROXIES="127.0.0.1", LOG_LEVEL="debug",
                 PUBLISH_KEY=self.folder / "id_ed25519.pub")
        until(lambda: (self.folder / "id_ed25519.pub").read_text())
        self.run("hbbr", first + 3, first + 7,
                 TRUSTED_PROXIES="127.0.0.1",
                 KEY_FILE=self.folder / "id_ed25519.pub",
                 MESH_PORT=str(first + 8), MESH_BIND="127.0.0.1")
        self.run("api", first, first + 9, ADMIN_PASSWORD=PASSWORD,
                 TRUSTED_PROXIES="127.0.0.1")
        for port in (first + 6, first + 7, first + 9):
            until(lambda: self.get(port, "/readyz").status == 200)
        return self

    def run(self, name, port, ops, **more):
        folder = self.folder / name
        folder.mkdir()
        env = {"PATH": os.environ["PATH"], "BIND": "127.0.0.1",
               "REDIS_URL": self.redis.url, "DATA_DIR": str(folder),
               "OPS_PORT": str(ops), **{k: str(v) for k, v in more.items()}}
        with open(folder / "log", "wb") as log:
            child = subprocess.Popen(
                [BIN / name, "--port", str(port)], cwd=folder, env=env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.children.callback(child.wait)
        self.children.callback(child.terminate)

    def get(self, port, path, method="GET", body=None, token=""):
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        c.request(method, path, body=body and json.dumps(body), headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}"})
        answer = c.getresponse()
        answer.text = answer.read().decode()
        c.close()
        return answer

    def api(self, method, path, body=None, token=""):
        answer = self.get(self.first, path, method, body, token)
        assert answer.status == 200, (path, answer.status, answer.text)
        return json.loads(answer.text or "{}")

    def stop(self):
        self.children.close()
        self.redis.stop()


def until(what):
    end = time.monotonic() + WAIT_S
    while True:
        try:
            if what():
                return
        except (OSError, http.client.HTTPException):
            pass
        assert time.monotonic() < end, f"not within {WAIT_S} s"
        time.sleep(0.05)
