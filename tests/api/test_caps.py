"""Caps of ARCHITECTURE.md, section 7, at the cap and one step beyond."""
import json
import os
import socket

import pytest
import requests

from harness import Api, World, wait_for
from test_directory import mail_to, sink  # noqa: F401: a fixture

SCAN, PAGE = 200_000, 1000
SEED = """for i = 1, tonumber(ARGV[3]) do
    local g = string.format('0197f3a2-0000-7000-8000-%012d', ARGV[1] + i)
    redis.call('HSET', 'api:audit-alarm', g, ARGV[2])
    redis.call('ZADD', 'api:audit-alarm:order', 1, g)
end"""


@pytest.fixture(scope="module")
def long_world():
    """With one alarm more than a filtered listing looks at."""
    w = World()
    for device, first, n in (("beyond", 0, 1), ("within", 1, 1), ("x", 2, SCAN - 1)):
        row = json.dumps(dict(device=device, typ=1, info="", created_at=1))
        for at in range(first, first + n, 1000):
            w.redis.do("EVAL", SEED, 0, at, row, min(1000, first + n - at))
    yield w
    w.stop()


def test_a_filtered_listing_looks_at_so_many_rows(long_world):
    assert long_world.redis.do("HLEN", "api:audit-alarm") == SCAN + 1
    assert long_world.admin.get("/api/audits/alarm", device="within")["total"] == 1
    assert long_world.admin.get("/api/audits/alarm", device="beyond")["total"] == 0


def test_a_page_has_a_thousand_rows_at_most(long_world):
    for asked in (PAGE, PAGE + 1):
        page = long_world.admin.get("/api/audits/alarm", pageSize=asked)
        assert len(page["data"]) == PAGE


@pytest.mark.parametrize("more", [0, 1])
def test_a_body_has_its_cap_and_not_a_byte_more(world, more):
    body = json.dumps(dict(username="nobody", password="x", type="account")).encode()
    body += b" " * ((256 << 10) + more - len(body))
    r = world.client().call("POST", "/api/login", raw=body)
    assert (r.status_code == 413) == bool(more)


@pytest.mark.parametrize("text, body, status", [
    (4 << 20, 0, 200), ((4 << 20) + 1, 0, 400), (10, 8 << 20, 200), (10, (8 << 20) + 1, 413)])
def test_a_book_in_the_old_form_has_the_cap_of_its_text_and_of_its_body(world, text, body, status):
    data = json.dumps(dict(tags=[], peers=[]))
    raw = json.dumps(dict(data=data + " " * (text - len(data)))).encode()
    r = world.user().call("POST", "/api/ab", raw=raw + b" " * (body - len(raw)))
    assert r.status_code == status


def answered(world, line, size, headers=b""):
    """Is a request taken whose head has SIZE bytes?"""
    head = line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers
    rest = size - len(head) - len(b"X: \r\n\r\n")
    with socket.create_connection(("127.0.0.1", world.api.port), 20) as s:
        try:
            s.sendall(head + b"X: " + b"x" * rest + b"\r\n\r\n")
            said = s.recv(64)
        except (ConnectionResetError, BrokenPipeError):
            said = b""
    assert said[9:12] in (b"200", b"414", b"431", b""), said
    return said[9:12] == b"200"


def test_a_head_has_its_cap(world):
    line = b"GET /api/version"
    assert answered(world, line, 31 << 10) and not answered(world, line, 32 << 10)
    # each header takes 64 bytes more
    many = b"".join(b"A%d: b\r\n" % i for i in range(64))
    assert answered(world, line, 27 << 10, many) and not answered(world, line, 28 << 10, many)


def test_an_address_has_its_cap_and_so_many_parameters(world):
    path = b"GET /api/version?a="
    most = (16 << 10) - len(path[4:])
    for more in (0, 1):
        line = path + b"b" * (most + more)
        assert answered(world, line, len(line) + 100) == (more == 0)
    for n in (32, 33):
        line = b"GET /api/version?" + b"&".join(b"a%d=b" % i for i in range(n))
        assert answered(world, line, len(line) + 100) == (n == 32)


@pytest.mark.parametrize("kind, known, others", [("address", False, False),
                                                 ("hour", False, True)])
def test_the_thirtieth_failure_is_answered_and_the_next_one_is_too_many(
        world, kind, known, others):
    """Of an address, whatever the account; and of an account, from addresses that
    have never got in."""
    u = world.user()
    n = {"address": 70, "hour": 80}[kind]

    def guess(i, right=False, name=None):
        c = world.client(ip=f"203.0.113.{n + (i if others else 0)}")
        return c.post("/api/login", dict(username=name or u.name, type="account",
                                         password=u.password if right else "wrong")).json()
    if others:      # one who has got in from there
        assert "access_token" in guess(9, right=True)
    before = set(world.redis.do("KEYS", f"api:fail:{kind}:*"))
    assert guess(1)["error"] == "Wrong credentials"
    key = (set(world.redis.do("KEYS", f"api:fail:{kind}:*")) - before).pop()
    assert world.redis.do("SET", key, 29, "EX", 3600)   # 28 more
    assert guess(2, name=None if others else "nobody")["error"] == "Wrong credentials"
    assert guess(3, name=None if others else "somebody")["error"] == "Too frequent"
    world.redis.do("SET", key, 30, "EX", 3600)
    assert guess(4, right=True)["error"] == "Too frequent"
    if others:
        assert "access_token" in guess(9, right=True)
    world.redis.do("DEL", key)
    assert "access_token" in guess(5, right=True)


def test_mail_for_signing_in_has_a_cap_of_its_own(world, sink):  # noqa: F811
    key, most = "api:jobs:sign-in", 100_000
    fill = ("for i = 1, 2000 do "
            "redis.call('ZADD', KEYS[1], '9999999999999', 'x' .. ARGV[1] + i) end")
    u = world.user(email=world.name("capped") + "@example.org")
    mail = world.admin.get(f"/api/users/{u.guid}")["email"]
    wait_for("no mail", lambda: world.redis.do("ZCARD", key) == 0)
    try:
        for n in range(0, most, 2000):  # nobody waits long meanwhile
            world.redis.do("EVAL", fill, 1, key, n)
        assert world.redis.do("ZCARD", key) == most
        world.client(ip="203.0.113.60").post("/api/password/forgot", dict(username=u.name))
        wait_for("the word", lambda: f"sign-in has {most} waiting" in world.api.text())
        world.redis.do("ZREM", key, "x1")
        assert not any(f"To: {mail}" in m for m in sink.mails)
        world.client(ip="203.0.113.61").post("/api/password/forgot", dict(username=u.name))
        assert mail_to(sink, mail)
    finally:
        world.redis.do("DEL", key)


def test_the_queue_of_a_target_has_an_end(world):
    hook = world.admin.post("/api/webhooks", dict(url="http://127.0.0.1:9/",
                                                  events=["alarm"])).json()
    key = f"api:jobs:hook:{hook['guid']}"
    fill = ("for i = 1, 1999 do "
            "redis.call('ZADD', KEYS[1], '9999999999999', 'x' .. i) end")
    d = world.device()
    d.audit("alarm", typ=1, info="the first event sets the cursor")
    wait_for("the cursor", lambda: world.redis.do("EXISTS", "api:webhook:cursor"))
    try:
        wait_for("the queue", lambda: still(world, key))
        world.redis.do("DEL", key)
        world.redis.do("EVAL", fill, 1, key)
        d.audit("alarm", typ=1, info="it fits")
        wait_for("the last one", lambda: world.redis.do("ZCARD", key) == 2000)
        d.audit("alarm", typ=1, info="it does not")
        wait_for("the word", lambda: f"hook:{hook['guid']} has 2000 waiting" in world.api.text())
        assert world.redis.do("ZCARD", key) <= 2000
    finally:
        world.admin.done("DELETE", f"/api/webhooks/{hook['guid']}")


def still(world, key):
    """Whether events of before have become jobs, or never will."""
    last = world.redis.do("XREVRANGE", "api:events", "+", "-", "COUNT", 1)[0][0]
    return world.redis.do("GET", "api:webhook:cursor") == last


@pytest.fixture(scope="module")
def pages(world, tmp_path_factory):
    root = str(tmp_path_factory.mktemp("dist"))
    api = Api(world.redis, data=world.api.dir, WEB_DIR=root)
    api.root = root
    yield api
    api.stop()


def served(pages, name, size=4):
    path = os.path.join(pages.root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.truncate(size)
    r = requests.head(f"{pages.base}/{name}", timeout=20)
    return r.status_code == 200


def test_files_of_the_pages_have_a_size_a_depth_and_a_length_of_their_names(pages):
    assert served(pages, "a.js", 64 << 20) and not served(pages, "b.js", (64 << 20) + 1)
    assert served(pages, "f/" * 8 + "a.js") and not served(pages, "f/" * 9 + "a.js")
    assert served(pages, "n" * 125 + ".js") and not served(pages, "n" * 126 + ".js")
