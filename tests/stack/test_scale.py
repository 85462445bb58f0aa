"""Two of each on one Redis (docs/scale.md), in containers.

Every test leaves all of them healthy.
"""

import http.client
import itertools
import json
import threading

import pytest

from clients import SERVER
from compose import SERVICES
from conftest import running_or_skip
from test_stack import https, serve_and_control, until

TWINS = ("hbbs", "hbbr", "api")
PORTS = {"hbbs": 21116, "hbbs2": 22116}
API = {"api": 21114, "api2": 22114}
PASSWORD = "first-Of-the-two-5"
DRAIN_S = 12


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    with running_or_skip(
            tmp_path_factory.mktemp("scale"),
            services=(*SERVICES, *(f"{s}2" for s in TWINS)),
            COMPOSE_FILE="docker-compose.yml:docs/scale/docker-compose.yml",
            SECOND=f"{SERVER}:22", RELAY_ADDRESS=f"{SERVER}:21117",
            RELAY2_ADDRESS=f"{SERVER}:22117", ADMIN_PASSWORD=PASSWORD,
            DRAIN_TIMEOUT=str(DRAIN_S)) as compose:
        yield compose


def metric(stack, service, port, name):
    """The value of NAME as the container says it, 0 before the first."""
    page = stack.exec(service, "bash", "-c", (
        f"exec 3<>/dev/tcp/127.0.0.1/{port}; "
        "printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"))
    return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
               if line.startswith(name))


class Admin:
    """Calls to the api: through nginx, or to one node's published port."""

    def __init__(self, case):
        self.case, self.token = case, ""

    def call(self, method, path, body=None, port=None):
        headers = {"Content-Type": "application/json",
                   "Authorization": f"Bearer {self.token}"}
        body = None if body is None else json.dumps(body)
        if port is None:
            answer, text = https(self.case, method, path, body=body,
                                 headers=headers)
            return answer.status, text
        c = http.client.HTTPConnection(SERVER, port, timeout=10)
        c.request(method, path, body, headers)
        answer = c.getresponse()
        return answer.status, answer.read()

    def sign_in(self, port=None):
        status, text = self.call("POST", "/api/login", {
            "username": "admin", "password": PASSWORD, "id": "1",
            "uuid": "dQ=="}, port)
        assert status == 200, text
        self.token = json.loads(text)["access_token"]
        return self


def relayed(site):
    """Both ends of a session through a relay."""
    device = site.device(auto=True).register()
    session, _ = site.controller(force_relay=True).connect(device.id)
    return session, device.next_session()


# ---- sessions ---------------------------------------------------------------

@pytest.mark.parametrize("mode", ["udp", "tcp"])
@pytest.mark.parametrize("held, asked, answered", itertools.product(
    PORTS, PORTS, PORTS))
def test_a_session_whatever_node_each_step_reaches(
        case, stack, mode, held, asked, answered):
    at = {name: case.site(port) for name, port in PORTS.items()}
    device = at[held].device(mode=mode, auto=True,
                             answers=at[answered]).register()
    serve_and_control(at[asked], "relay", device, force_relay=True)
    if mode == "udp":
        serve_and_control(at[asked], "direct", device)


def test_nginx_spreads_clients_and_relays_join_their_halves(case, stack):
    """Sixteen sessions through port 443 alone: each node gets its share."""
    site = case.wss_site()
    for _ in range(16):
        device = site.device(mode="ws", auto=True).register()
        serve_and_control(site, "relay", device, mode="ws")
    for node in PORTS:
        assert metric(stack, node, 21120,
                      'hbbs_registrations_total{transport="ws"}') > 0, node
    for node in ("hbbr", "hbbr2"):
        assert metric(stack, node, 21121, "hbbr_links_total") > 0, node


# ---- the api ----------------------------------------------------------------

def test_both_apis_serve_each_others_tokens(case, stack):
    for made, used in itertools.permutations(API.values()):
        admin = Admin(case).sign_in(made)
        assert admin.call("GET", "/api/users", port=used)[0] == 200
    for node in API:
        assert metric(stack, node, 21124, "api_requests_total") > 0, node


def test_an_api_killed_under_load_loses_nothing_acknowledged(case, stack):
    admin = Admin(case).sign_in()
    made, answers, stop = [], [], threading.Event()

    def write():
        for n in itertools.count():
            if stop.is_set():
                return
            name = f"killed-{n}"
            try:
                status, _ = admin.call("POST", "/api/user-groups",
                                       {"name": name})
            except (OSError, http.client.HTTPException) as e:
                status = repr(e)
            answers.append(status)
            if status == 200:
                made.append(name)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        until(lambda: len(made) > 20)
        stack.run("docker", "kill", stack.container("api2"))
        before = len(made)
        until(lambda: len(made) > before + 40)
    finally:
        stop.set()
        writer.join()
        stack.compose("up", "-d", "--no-build")
        stack.await_healthy()
    lost = [a for a in answers if a != 200]
    # Those under way at the kill, and none that nginx sent there later.
    assert len(lost) <= 2, lost
    for port in API.values():
        there = set()
        for page in range(1, 100):
            status, text = admin.call(
                "GET", f"/api/user-groups?current={page}&pageSize=100",
                port=port)
            assert status == 200, text
            rows = json.loads(text)["data"]
            there |= {g["name"] for g in rows}
            if not rows:
                break
        assert not set(made) - there


# ---- a node dies, a node is restarted ---------------------------------------

@pytest.mark.parametrize("service", ["hbbs2", "hbbr2"])
def test_a_dead_node_behind_nginx_is_passed_over(case, stack, service):
    site = case.wss_site()
    stack.run("docker", "kill", stack.container(service))
    try:
        for _ in range(6):
            device = site.device(mode="ws", auto=True).register()
            serve_and_control(site, "relay", device, mode="ws")
    finally:
        stack.compose("up", "-d", "--no-build")
        stack.await_healthy()


@pytest.mark.parametrize("service", [
    "hbbs", "hbbs2", "hbbr", "hbbr2", "api", "api2", "nginx"])
def test_a_rolling_restart_under_load(case, stack, service):
    """Relayed sessions outlive the request to stop until they end by
    themselves; the other hbbs knows every device and nginx an api all the
    while."""
    sites = [case.site(port) for port in PORTS.values()]
    devices = [site.device().register() for site in sites]
    sessions = []

    def both_relays_carry_some():
        # Who is thought to be least loaded comes first, a lease ago.
        sessions.append(relayed(sites[len(sessions) % 2]))
        return all(metric(stack, relay, 21121, "hbbr_sessions ") > 0
                   for relay in ("hbbr", "hbbr2"))
    until(both_relays_carry_some)
    others = [case.site(p) for name, p in PORTS.items() if name != service]
    restart = threading.Thread(target=stack.compose, args=(
        "restart", "-t", str(DRAIN_S + 10), service))
    restart.start()
    try:
        for n in range(DRAIN_S // 2):
            for here, there in sessions:
                here.send(test_delay={"time": n, "from_client": True})
                assert there.recv("test_delay").time == n
            for site in others:
                assert site.online(*(d.id for d in devices)) == [True, True]
            if service != "nginx":
                answer, _ = https(case, "GET", "/api/login-options")
                assert answer.status == 200, answer.status
            restart.join(1)
    finally:
        for here, _ in sessions:
            here.close()
        restart.join()
    stack.await_healthy()
    for device in devices:
        until(lambda d=device: [s.online(d.id) == [True] for s in sites]
              == [True, True])
    assert https(case, "GET", "/api/login-options")[0].status == 200
