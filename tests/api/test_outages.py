"""Redis away, several nodes, restarts, first start (contract 1.6)."""
import concurrent.futures
import hashlib
import os
import re
import threading

import pytest

from harness import Api, Client, Device, Redis, World, wait_for


@pytest.fixture()
def lone(tmp_path):
    """A world whose Redis the test may stop."""
    w = World()
    yield w
    w.stop()


def test_without_redis_each_caller_gets_what_is_harmless(lone):
    u, d = lone.user(), lone.device()
    admin, token = lone.admin, lone.token(device=2)
    lone.redis.stop()
    c = lone.client()
    assert c.post("/api/heartbeat", d.who()).json() == {}
    assert d.sysinfo() == "TRY_LATER"
    assert c.post("/api/sysinfo_ver").text == "TRY_LATER"
    assert c.call("GET", "/api/oidc/auth-query?code=x&id=1&uuid=x", status=200).json() == {
        "error": "No authed oidc is found"}
    # nothing that a client calls is a 5xx or a 401, which would log it out
    for who, method, path, body in (
            (c, "POST", "/api/login", dict(username="a", password="b")),
            (c, "POST", "/api/audit/conn", d.who(action="new", conn_id=1, ip="1.2.3.4")),
            (u, "POST", "/api/currentUser", {}), (u, "POST", "/api/ab/personal", None),
            (u, "GET", "/api/peers?accessible&status=1", None),
            (u, "GET", "/api/users?accessible&status=1", None),
            (token, "POST", "/api/devices/cli", d.who(note="x"))):
        r = who.call(method, path, body, status=429)
        assert r.headers["Retry-After"] and "unavailable" in r.json()["error"]
    for method, path, body in (("GET", "/api/devices", None), ("GET", "/api/users", None),
                               ("POST", "/api/users", dict(name="x", password="long enough"))):
        r = admin.call(method, path, body, status=503)
        assert r.headers["Retry-After"]
    wait_for("not ready", lambda: lone.api.ops_get("/readyz").status_code == 503)
    assert lone.api.ops_get("/livez").status_code == 200
    lone.redis.start()
    wait_for("ready", lambda: lone.api.ops_get("/readyz").status_code == 200)
    u.post("/api/currentUser", {})
    assert lone.admin.get(f"/api/devices/{d.guid}")["id"] == d.id


def test_two_nodes_are_one_server_and_none_loses_what_it_acknowledged(lone):
    second = Api(lone.redis, data=lone.api.dir)
    acknowledged, stop = [], threading.Event()

    def write(base, prefix):
        c, n = Client(base, lone.admin.token), 0
        while not stop.is_set():
            n += 1
            name = f"{prefix}{n}"
            try:
                r = c.call("POST", "/api/device-groups", dict(name=name))
            except Exception:
                return  # this node is gone
            assert r.status_code == 200
            acknowledged.append(name)

    threads = [threading.Thread(target=write, args=(a.base, p))
               for a, p in ((lone.api, "a"), (second, "b"), (second, "c"))]
    [t.start() for t in threads]
    wait_for("writes", lambda: len(acknowledged) > 60)
    second.kill()
    stop.set()
    [t.join() for t in threads]
    have = {g["name"] for g in lone.admin.get("/api/device-groups", pageSize=1000)["data"]}
    assert set(acknowledged) <= have
    assert any(n.startswith("b") for n in acknowledged)


def test_a_session_of_one_node_counts_on_the_other(lone):
    second = Api(lone.redis, data=lone.api.dir)
    u = lone.user()
    there = Client(second.base, u.token)
    assert there.post("/api/currentUser", {}).json()["name"] == u.name
    u.done("POST", "/api/logout", {})
    there.refused("POST", "/api/currentUser", {}, status=401)
    second.stop()


def test_two_first_starts_make_one_administrator():
    redis = Redis()
    nodes = [Api(redis) for _ in range(2)]
    assert redis.do("ZCARD", "api:user:order") == 1
    assert sum(os.path.exists(os.path.join(n.dir, "admin_password")) for n in nodes) == 1
    [n.stop() for n in nodes]
    redis.stop()


def test_the_first_password_is_random_private_and_in_no_log():
    redis = Redis()
    api = Api(redis)
    path = os.path.join(api.dir, "admin_password")
    assert os.stat(path).st_mode & 0o077 == 0
    password = api.admin_password()
    assert len(password) >= 20 and password not in api.text() and path in api.text()
    again = Api(redis, data=api.dir)
    for guess in ("admin", "test1234", "password", ""):
        r = Client(api.base).post("/api/login", dict(username="admin", password=guess)).json()
        assert "error" in r
    assert api.admin_password() == password
    assert password not in again.text() + api.text()
    again.stop()
    api.stop()
    redis.stop()


def test_the_file_with_the_first_password_goes_at_the_first_sign_in():
    redis = Redis()
    api = Api(redis)
    other = Api(redis)  # he signs in at another node than the one that made it
    path = os.path.join(api.dir, "admin_password")
    r = Client(other.base).post("/api/login", dict(username="admin", password=api.admin_password()))
    assert r.json()["type"] == "access_token"
    wait_for("the file's end", lambda: not os.path.exists(path))
    api.stop()
    other.stop()
    redis.stop()


def test_the_file_of_an_older_release_is_left_alone():
    redis = Redis()
    api = Api(redis)
    redis.do("SET", "api:bootstrapped", "1")
    r = Client(api.base).post("/api/login", dict(username="admin", password=api.admin_password()))
    assert r.json()["type"] == "access_token"
    api.stop()  # the worker had its rounds
    again = Api(redis, data=api.dir)
    again.stop()
    assert os.path.exists(os.path.join(api.dir, "admin_password"))
    redis.stop()


def test_a_given_first_password_is_never_written():
    redis = Redis()
    api = Api(redis, ADMIN_NAME="root", ADMIN_PASSWORD="from a secret file")
    r = Client(api.base).post("/api/login", dict(username="root", password="from a secret file"))
    assert r.json()["type"] == "access_token"
    assert not os.path.exists(os.path.join(api.dir, "admin_password"))
    assert "from a secret file" not in api.text()
    api.stop()
    redis.stop()


def test_the_process_says_what_is_wrong_with_an_option(tmp_path):
    import subprocess
    from harness import BINARY
    for env, says in (({"API_PORT": "x"}, "API_PORT"), ({"TRUSTED_PROXIES": "x"}, "TRUSTED_PROXIES"),
                      ({"REDIS_URL": "ftp://x"}, "REDIS_URL"), ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
                      ({"TURN_URLS": "turn:a,http://b"}, "TURN_URLS: 'http://b'"),
                      ({"TURN_URLS": "turn:a"}, "TURN_URLS needs TURN_SECRET"),
                      ({"TURN_URLS": ",".join(["stun:a"] * 9)}, "TURN_URLS: at most 8"),
                      ({"TURN_URLS": "turn:" + "a" * 256}, "at most 255")):
        r = subprocess.run([BINARY], env=dict(env, DATA_DIR=str(tmp_path)), capture_output=True,
                           timeout=20, text=True)
        assert r.returncode != 0 and says in r.stderr, (env, r.stderr)


def test_health_and_metrics(world):
    import subprocess
    from harness import BINARY
    r = subprocess.run([BINARY, "healthcheck"], env={"OPS_PORT": str(world.api.ops)}, timeout=20)
    assert r.returncode == 0
    r = subprocess.run([BINARY, "healthcheck"], env={"OPS_PORT": "1"}, timeout=20)
    assert r.returncode == 1
    text = world.api.ops_get("/metrics").text
    assert re.search(r'^api_requests_total\{class="2xx"\} [1-9]', text, re.M)


def test_rates_are_limited_per_address(tmp_path):
    redis = Redis()
    api = Api(redis, DEVICE_RATE="5", LOGIN_RATE="1")
    a, b = Client(api.base, ip="203.0.113.1"), Client(api.base, ip="203.0.113.2")
    codes = [a.call("POST", "/api/heartbeat", {}).status_code for _ in range(60)]
    assert codes[0] == 200 and 429 in codes
    assert b.call("POST", "/api/heartbeat", {}).status_code == 200
    api.stop()
    redis.stop()


@pytest.mark.parametrize("path", ["/api/login", "/api/oidc/auth"])
def test_log_ins_and_beginnings_of_single_sign_on_have_a_rate_of_each_address(path):
    """Four seconds' worth at once. No account has failed too often by then."""
    world = World(LOGIN_RATE="1")
    n = 4
    try:
        def begin(i):
            ip = "203.0.113.2" if i == "other" else "203.0.113.1"
            d = Device(world, register=False)
            return world.client(ip=ip).call("POST", path, d.who(
                username=f"nobody-{i}", password="x", op="none")).json()["error"]
        with concurrent.futures.ThreadPoolExecutor(29) as pool:
            said = list(pool.map(begin, range(29)))     # 30 have a limit of their own
        refused = begin("other")
        assert refused != "Too frequent"
        assert said.count(refused) >= n and "Too frequent" in said
        assert set(said) == {refused, "Too frequent"}
    finally:
        world.stop()


def test_inventories_have_a_lower_rate_than_heartbeats(tmp_path):
    redis = Redis()
    api = Api(redis, DEVICE_RATE="20")
    a, b = Client(api.base, ip="203.0.113.1"), Client(api.base, ip="203.0.113.2")
    body = {"id": "123456789", "uuid": "dQ=="}
    # A twentieth of the rate, eight seconds' worth of it at once.
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        codes = list(pool.map(lambda _: Client(api.base, ip="203.0.113.1").call(
            "POST", "/api/sysinfo", body).status_code, range(60)))
    assert codes.count(200) >= 8 and codes.count(429) > 0, codes
    assert codes.count(200) + codes.count(429) == 60, codes
    assert a.call("POST", "/api/heartbeat", {}).status_code == 200
    assert b.call("POST", "/api/sysinfo", body).status_code == 200
    api.stop()
    redis.stop()


def test_a_forged_forwarding_header_is_not_believed(tmp_path):
    redis = Redis()
    api = Api(redis, DEVICE_RATE="5", TRUSTED_PROXIES="")
    codes = [Client(api.base, ip=f"203.0.113.{i}").call("POST", "/api/heartbeat", {}).status_code
             for i in range(60)]
    assert 429 in codes
    api.stop()
    redis.stop()


def test_cross_origin_requests_only_from_listed_origins(tmp_path):
    import requests
    redis = Redis()
    api = Api(redis, CORS_ORIGINS="https://web.example.org")
    r = requests.options(api.base + "/api/login", headers={"Origin": "https://web.example.org"})
    assert r.status_code == 204
    assert r.headers["Access-Control-Allow-Origin"] == "https://web.example.org"
    r = requests.options(api.base + "/api/login", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in r.headers
    api.stop()
    redis.stop()


def gauge(api, which):
    """Bytes that Redis has (""), or may have ("max_")."""
    return int(re.search(r'api_redis_memory_%sbytes\{redis="durable"\} (\d+)' % which,
                         api.ops_get("/metrics").text)[1])


def test_a_nearly_full_redis_has_room_for_the_known_alone(lone):
    """95 % of maxmemory: strangers wait, before everybody would."""
    known, vouched = lone.device(), lone.device()
    lone.admin.done("POST", f"/api/devices/{vouched.guid}/approve")
    # large, so that what the test itself stores is little
    for i in range(512):
        lone.redis.do("SET", f"pad:{i}", b"x" * (64 << 10))
    used = int(re.search(rb"used_memory:(\d+)", lone.redis.do("INFO", "memory"))[1])
    lone.redis.do("CONFIG", "SET", "maxmemory", used * 1000 // 970)
    wait_for("strangers wait", lambda: Device(lone).sysinfo() == "TRY_LATER")
    # known devices are served; what nobody vouched for stores nothing more
    assert known.sysinfo() == "SYSINFO_UPDATED" and known.heartbeat() == {}
    assert known.sysinfo(hostname="another") == "TRY_LATER"
    for kind, more in (("conn", dict(action="new", conn_id=1, ip="1.2.3.4")),
                       ("file", dict(path="/x", type=1)), ("alarm", dict(typ=0))):
        r = known.client().post("/api/audit/" + kind, known.who(**more), status=429)
        assert r.headers["Retry-After"] and "room" in r.json()["error"]
        vouched.audit(kind, **more)
    # log-ins and administrators go on
    lone.user()
    wait_for("metrics", lambda: re.search(
        r"api_strangers_refused_total [1-9]", lone.api.ops_get("/metrics").text))
    # The gauges are of the worker's last round.
    wait_for("gauges", lambda: gauge(lone.api, "max_") == used * 1000 // 970)
    assert gauge(lone.api, "") * 100 >= gauge(lone.api, "max_") * 95
    lone.redis.do("CONFIG", "SET", "maxmemory", "0")
    wait_for("room again", lambda: Device(lone).sysinfo() == "SYSINFO_UPDATED")
    known.audit("conn", action="new", conn_id=1, ip="1.2.3.4")
