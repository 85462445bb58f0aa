"""What strangers can store has an end, and what is stored already never makes
a list fail."""
import json
import uuid

import pytest

from harness import Device, World, wait_for

DAY = 4 << 20


@pytest.fixture(scope="module")
def site():
    w = World()
    yield w
    w.stop()


def metric(world, name):
    for line in world.api.ops_get("/metrics").text.splitlines():
        if line.startswith(name + " "):
            return int(line.split()[-1])
    raise AssertionError(f"no metric {name}")


def put_row(w, kind, n=1, **fields):
    """A row as an older version left it."""
    guid = str(uuid.uuid4())
    row = json.dumps(dict(guid=guid, created_at=n, **fields))
    w.redis.do("HSET", f"api:{kind}", guid, row)
    w.redis.do("ZADD", f"api:{kind}:order", n, guid)
    return guid


def test_a_device_has_so_many_bytes_of_audit_a_day(site):
    d, other = site.device(), site.device()
    info = "x" * 8000
    for i in range(DAY // len(info) + 20):
        d.audit("file", peer_id="1", type=0, path="/", is_file=True, info=info)
    assert metric(site, "api_audit_rows_dropped_total") >= 10
    assert int(site.redis.do("GET", "api:audit-file:bytes")) <= DAY
    assert int(site.redis.do("GET", f"api:audit:day:{d.guid}")) <= DAY
    assert 0 < site.redis.do("TTL", f"api:audit:day:{d.guid}") <= 86400
    total = site.admin.get("/api/audits/file")["total"]
    other.audit("file", peer_id="1", type=0, path="/", is_file=True, info=info)
    assert site.admin.get("/api/audits/file")["total"] == total + 1


def test_an_event_holds_the_beginning_of_a_long_text(site):
    d = site.device()
    d.audit("file", peer_id="1", type=0, path="p" * 4000, is_file=True, info="é" * 4000)
    event = site.admin.get("/api/events")["data"][-1]["data"]
    assert event["path"] == "p" * 1024 and event["info"] == "é" * 512


POSTS = dict(conn=dict(action="new", conn_id=9), alarm=dict(typ=1, info="{}"),
             file=dict(peer_id="1", type=0, path="/", is_file=True, info=""))
KINDS, KIND, ALL = tuple(POSTS), 512 << 20, 1 << 30


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", ["day", "kind", "all"])
def test_the_bytes_of_audit_are_taken_to_the_last_one_and_not_one_more(site, kind, what):
    d = site.device()
    others = [k for k in KINDS if k != kind]
    day = f"api:audit:day:{d.guid}"
    d.audit(kind, **POSTS[kind])
    row = int(site.redis.do("GET", day))    # each one is as long
    before = site.admin.get(f"/api/audits/{kind}")["total"]
    try:
        for more, fits in ((0, True), (1, False)):
            site.redis.do("SET", day, DAY - row + more if what == "day" else 1)
            bytes_of = {k: 0 for k in KINDS}
            if what == "kind":
                bytes_of[kind] = KIND - row + more
            elif what == "all":
                bytes_of.update({k: ALL * 2 // 5 for k in others})
                bytes_of[kind] = ALL - 2 * (ALL * 2 // 5) - row + more
            for k, n in bytes_of.items():
                site.redis.do("SET", f"api:audit-{k}:bytes", n)
            d.audit(kind, **POSTS[kind])
            assert site.admin.get(f"/api/audits/{kind}")["total"] == before + 1
    finally:
        for k in KINDS:
            rows = site.redis.do("HVALS", f"api:audit-{k}")
            site.redis.do("SET", f"api:audit-{k}:bytes", sum(map(len, rows)))


def test_the_bytes_of_a_kind_are_those_of_its_rows(site):
    d = site.device()
    for i in range(5):
        d.audit("alarm", typ=1, info="i" * i)
    rows = site.redis.do("HVALS", "api:audit-alarm")
    assert int(site.redis.do("GET", "api:audit-alarm:bytes")) == sum(map(len, rows))


def test_rows_of_any_size_do_not_make_a_list_fail(site):
    for i in range(70):
        put_row(site, "audit-file", i + 1, device="1", info="\x01" * 200_000)
    row = len(json.dumps(dict(guid=str(uuid.uuid4()), created_at=90, device="1", info="")))
    fits, over = (put_row(site, "audit-file", 90, device="1", info="x" * ((8 << 20) + more - row))
                  for more in (0, 1))
    whole, cut = (put_row(site, "audit-file", 91, device="1", info="y" * n)
                  for n in (8192, 8193))
    page = site.admin.get("/api/audits/file", pageSize=1000)
    shown = {r["guid"]: r["info"] for r in page["data"]}
    assert len(shown) >= 70 and max(map(len, shown.values())) == 8192
    assert shown[fits] == "x" * 8192 and over not in shown
    assert shown[whole] == shown[cut] == "y" * 8192
    assert site.admin.get("/api/audits/file", remote="1")["total"] >= 70
    assert site.admin.call("GET", "/api/audits/file?format=csv&remote=1", status=200)


def test_devices_of_any_size_do_not_make_a_list_fail(site):
    d = site.device()
    for i in range(60):
        doc = dict(guid="", id=f"big{i}", uuid="", status=1, info=dict(hostname="\x01" * 200_000))
        guid = doc["guid"] = str(uuid.uuid4())
        site.redis.do("HSET", "api:device", guid, json.dumps(doc))
        site.redis.do("ZADD", "api:device:order", 1, guid)
        site.redis.do("HSET", "api:device:name", f"big{i}", guid)
    assert site.admin.get("/api/devices", id=d.id)["total"] == 1


def test_a_device_cannot_report_more_than_its_members_hold(site):
    d = Device(site)
    for name in ("hostname", "username", "os", "cpu", "memory", "preset-note"):
        site.client().refused("POST", "/api/sysinfo", d.who(**{name: "\x01" * 4096}),
                              says=f"Too long: {name}")


def test_rows_from_before_the_index_are_found_through_it(site):
    user, d = site.user(), site.device()
    site.admin.done("POST", f"/api/devices/{d.guid}/assign",
                    dict(type="user_name", value=user.name))
    put_row(site, "audit-alarm", 5, device=d.id, device_guid=d.guid, typ=1, info="old")
    put_row(site, "audit-conn", 5, device="x", user=user.guid, conn_id=1)
    site.redis.do("DEL", "api:audit:indexed")
    assert [r["info"] for r in user.get("/api/audits/alarm")["data"]] == ["old"]
    wait_for("the index", lambda: site.redis.do("GET", "api:audit:indexed"))
    d.audit("alarm", typ=2, info="new")
    for more in ({}, {"device": d.id}):
        page = user.get("/api/audits/alarm", **more)
        assert [r["info"] for r in page["data"]] == ["new", "old"] and page["total"] == 2
    assert user.get("/api/audits/conn")["total"] == 1
    page = user.get("/api/audits/alarm", current=2, pageSize=1)
    assert [r["info"] for r in page["data"]] == ["old"] and page["total"] == 2


def test_a_plain_users_listing_reads_only_what_is_his(site):
    """Counted in documents that Redis hands out, not in seconds."""
    user, d = site.user(), site.device()
    site.admin.done("POST", f"/api/devices/{d.guid}/assign",
                    dict(type="user_name", value=user.name))
    for i in range(2000):
        put_row(site, "audit-alarm", i + 10, device="x", device_guid=str(uuid.uuid4()), typ=1)
    d.audit("alarm", typ=1, info="mine")
    wait_for("the index", lambda: site.redis.do("GET", "api:audit:indexed"))
    site.redis.do("CONFIG", "RESETSTAT")
    assert user.get("/api/audits/alarm")["total"] == 1
    stats = site.redis.do("INFO", "commandstats").decode()
    reads = [int(line.split("calls=")[1].split(",")[0]) for line in stats.splitlines()
             if line.startswith(("cmdstat_hget:", "cmdstat_hmget:"))]
    assert sum(reads) < 200
