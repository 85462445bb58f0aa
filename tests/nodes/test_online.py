"""Who is online: hbbs and the api say the same, whatever becomes of a node."""

import base64
import http.client
import json

import pytest

import servers
from link import wait_until

LEASE, GRACE = 6, 30


class Api:
    """An api process beside a cluster, and its administrator."""

    def __init__(self, cluster):
        self.network = cluster.network
        self.port = cluster.first_port + 150
        folder = cluster.folder / "api"
        folder.mkdir()
        self.process = servers.Process(
            cluster.network, "api", [str(cluster.binaries / "api")], {
                "REDIS_URL": cluster.redis.url, "DATA_DIR": str(folder),
                "BIND": "127.0.0.1", "API_PORT": str(self.port),
                "OPS_PORT": str(self.port + 1), "THREADS": "2"}, folder)
        self.process.ops_port = self.port + 1
        self.process.start()
        try:
            wait_until(lambda: servers.Stack.ops(
                self, self.process, "/readyz")[0] == 200, servers.START_WAIT)
            password = (folder / "admin_password").read_text().strip()
            self.token = None
            self.token = self.call("POST", "/api/login", {
                "username": "admin", "password": password,
                "type": "account"})["access_token"]
        except BaseException:
            self.process.stop()
            raise

    def call(self, method, path, body=None):
        with self.network.inside(self.network.servers):
            line = http.client.HTTPConnection("127.0.0.1", self.port,
                                              timeout=60)
            line.connect()
        try:
            headers = {"Content-Type": "application/json"}
            if self.token:
                headers["Authorization"] = f"Bearer {self.token}"
            line.request(method, path, json.dumps(body) if body else None,
                         headers)
            text = line.getresponse().read().decode()
        finally:
            line.close()
        return json.loads(text) if text[:1] in ("{", "[") else text

    def inventory(self, device):
        assert self.call("POST", "/api/sysinfo", {
            "id": device.id, "uuid": base64.b64encode(device.uuid).decode(),
            "version": "1.4.9", "os": "linux", "hostname": "h"}) == \
            "SYSINFO_UPDATED"

    def listed(self, ids):
        """From the devices in memory; None before they are read."""
        page = self.call("GET", "/api/web/devices?pageSize=100")
        rows = {r["id"]: r["is_online"] for r in page.get("data", [])}
        return [rows.get(i) for i in ids]

    def viewed(self, ids):
        """From Redis, a device at a time."""
        rows = {r["id"]: r["is_online"] for r in
                self.call("GET", "/api/devices?pageSize=100")["data"]}
        return [rows.get(i) for i in ids]


@pytest.fixture
def pair(make_cluster):
    c = make_cluster(nodes=2, relays=0, named_relays=False)
    yield c
    c.stop()


@pytest.fixture
def api(pair):
    a = Api(pair)
    yield a
    a.process.stop()


def test_hbbs_and_the_api_agree_second_by_second_on_a_killed_nodes_devices(
        case, pair, api):
    at = [case.site(n) for n in pair.nodes]
    devices = [at[0].device(mode=mode).register()
               for mode in ("udp", "tcp", "ws")]
    for device in devices:
        api.inventory(device)
    ids = [device.id for device in devices]
    epoch = pair.nodes[0].epoch

    def said():
        return [at[1].online(*ids), api.listed(ids), api.viewed(ids)]

    wait_until(lambda: said() == [[True] * 3] * 3, 30)
    pair.nodes[0].kill()
    for age in range(LEASE + GRACE + 4):
        udp_alone = [age < LEASE + GRACE, False, False]

        def agreed(age=age, want=[udp_alone] * 3):
            now = int(pair.redis.command("TIME")[0])
            pair.redis.command("ZADD", "nodes:hbbs", now - age, epoch)
            return said() == want
        wait_until(agreed, 30)
