"""The stack under attack, with its defaults, and what an attacker may find:
accounts, a webhook and a sign-on provider, a long audit."""

import contextlib
import http.server
import json
import pathlib
import re
import socket
import subprocess
import sys
import threading

import keys
from servers import Profile

HERE = pathlib.Path(__file__).parent
ADMIN = "correct horse battery staple"
INFO = {"LOG_LEVEL": "info"}
PROFILE = Profile(api=True, hbbs=INFO, hbbr={"TICKETS": "Y", **INFO},
                  api_settings={"ADMIN_PASSWORD": ADMIN,
                                "TRUSTED_PROXIES": "", **INFO})
ROWS, STEP = 40_000, 500
SEED = """for i = 1, tonumber(ARGV[3]) do
    local g = string.format('0197f3a2-0000-7000-8000-%012d', ARGV[1] + i)
    redis.call('HSET', 'api:audit-alarm', g, ARGV[2])
    redis.call('ZADD', 'api:audit-alarm:order', 1, g)
end"""
ALARM = {"device": "x", "typ": 1, "info": "y" * 500, "created_at": 1}


class Provider(http.server.BaseHTTPRequestHandler):
    """An identity provider, as far as the beginning of a sign-on asks."""

    def do_GET(self):
        base = f"http://{self.headers['Host']}"
        body = json.dumps({
            "issuer": base, "authorization_endpoint": base + "/auth",
            "token_endpoint": base + "/token", "jwks_uri": base + "/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class World:
    """What the api waits for, in the servers' namespace."""

    def __init__(self, network):
        with network.inside(network.servers):
            self.silent = socket.create_server(("127.0.0.1", 0), backlog=256)
            self.provider = http.server.ThreadingHTTPServer(
                ("127.0.0.1", 0), Provider)
        threading.Thread(target=self.provider.serve_forever,
                         daemon=True).start()

    def close(self):
        self.silent.close()
        self.provider.shutdown()
        self.provider.server_close()


class Town:
    def __init__(self, stack, fleet):
        self.stack, self.fleet = stack, fleet
        self.world = World(stack.network)
        self.boss = fleet.admin(ADMIN)
        self._give_the_attacker_a_chance()
        fleet.start()

    def _give_the_attacker_a_chance(self):
        want = {"token": self.boss.token, "source": self.boss.address}
        url = "http://127.0.0.1:{}".format
        self.fleet.want("POST", "/api/webhooks", {
            "url": url(self.world.silent.getsockname()[1]) + "/",
            "events": ["alarm"]}, **want)
        self.fleet.want("PUT", "/api/settings/oidc", {"providers": [{
            "name": "provider", "client_id": "c",
            "issuer": url(self.world.provider.server_port)}]}, **want)
        for at in range(0, ROWS, STEP):
            self.stack.redis.command("EVAL", SEED, 0, at, json.dumps(ALARM),
                                     STEP)

    def close(self):
        self.fleet.stop()
        self.world.close()

    @property
    def services(self):
        s = self.stack
        return {"hbbs": s.hbbs, "hbbr": s.hbbr, "api": s.api,
                "redis": s.redis.process}

    def words(self):
        """What the services said last that concerns the honest."""
        return "".join(
            "\n".join([name, *[
                line for line in p.text().splitlines()[-3000:]
                if "198.18." in line and "event=registered" not in line][-20:]])
            for name, p in self.services.items())

    def memory(self):
        """{service: resident bytes}."""
        return {n: p.memory() for n, p in self.services.items()}

    def forget_peaks(self):
        for process in self.services.values():
            pathlib.Path(f"/proc/{process.child.pid}/clear_refs").write_text(
                "5")

    def peaks(self):
        """{service: most resident bytes since forget_peaks()}."""
        return {n: peak(p.child.pid) for n, p in self.services.items()}

    @contextlib.contextmanager
    def attacked(self, name, seconds):
        """Meanwhile NAME of attackers.py runs, for SECONDS; what it says
        afterwards is in the list that is given: how often it did what it
        wanted, how often it could not."""
        where = {
            "port": self.stack.port, "api": self.stack.port + 6,
            "key": keys.SERVER.text, "provider": "oidc/provider",
            "users": [u.name for u in self.fleet.users],
            "token": self.fleet.users[1].token,
            "devices": [d.id for d in self.fleet.all()]}
        child = subprocess.Popen(
            [sys.executable, HERE / "attackers.py", name, str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        times = []
        try:
            child.stdin.write(json.dumps(where) + "\n")
            child.stdin.flush()
            yield times
            said, complaints = child.communicate()
            assert child.returncode == 0, complaints
            times += json.loads(said)
        finally:
            child.kill()
            child.wait()


def peak(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024
