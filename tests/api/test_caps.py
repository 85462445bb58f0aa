"""Caps of ARCHITECTURE.md, section 7, at the cap and one step beyond."""
import json
import os
import socket

import pytest
import requests

from harness import Api, World, wait_for

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


@pytest.mark.parametrize("size, taken", [(16 << 10, True), (33 << 10, False)])
def test_a_head_has_its_cap(world, size, taken):
    with socket.create_connection(("127.0.0.1", world.api.port), 20) as s:
        s.sendall(b"GET /api/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  b"X-Long: " + b"x" * size + b"\r\n\r\n")
        try:
            said = s.recv(64)
        except ConnectionResetError:
            said = b""
    assert said.startswith(b"HTTP/1.1 200") == taken


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
