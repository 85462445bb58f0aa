"""Recordings as administrators list, watch and delete them: in the folder and
in S3-compatible storage."""
import http.client
import os
import re
import socket
import threading
import time
import types
import urllib.parse

import pytest

from harness import World, wait_for
from s3server import KEY, REGION, SECRET, call, file_of, known, part, storage, upload  # noqa: F401
from test_admin_rights import holder, role
from test_web_signin import Page, old_proof

LIST = "/api/recordings"


def address(name):
    return f"{LIST}/{urllib.parse.quote(name)}"


@pytest.fixture()
def place(tmp_path):
    w = World(RECORD_DIR=str(tmp_path), RECORD_QUOTA="1g", RECORD_QUOTA_DEVICE="1g")
    w.folder, w.dev = tmp_path, known(w.redis, w.api)
    yield w
    w.stop()


@pytest.fixture()
def store(tmp_path, storage):
    w = World(RECORD_DIR=str(tmp_path), RECORD_S3_REGION=REGION, RECORD_S3_KEY=KEY,
              RECORD_S3_URL=f"http://127.0.0.1:{storage.server_port}/bucket",
              RECORD_S3_SECRET=SECRET, RECORD_QUOTA="1g", RECORD_QUOTA_DEVICE="1g")
    w.folder, w.dev, w.storage = tmp_path, known(w.redis, w.api), storage
    yield w
    storage.gate.set()
    storage.flow.set()
    w.stop()


def kept(w, n, data, device=None):
    """A finished recording in the folder, as an upload leaves it."""
    name = file_of(device or w.dev, n)
    (w.folder / name).write_bytes(data)
    return name


def sent(w, n, data, device=None):
    """One that is in the storage."""
    name = file_of(device or w.dev, n)
    w.storage.objects[f"/bucket/{name}"] = data
    w.redis.do("HSET", "api:recordings", name, len(data))
    w.redis.do("ZADD", "api:recordings:order", 1_700_000_000 + n, name)
    return name


def names(c, **query):
    return [r["file"] for r in c.get(LIST, **query)["data"]]


def console(w, name):
    """What the audit of changes has about it, the oldest first."""
    rows = w.admin.get("/api/audits/console")["data"]
    return [(r["iop"], r["operator"]) for r in reversed(rows) if r["info"] == name]


WATCHED, DELETED = 28, 29


# --- the list ----------------------------------------------------------------

def test_recordings_of_both_places_are_listed_filtered_sorted_and_paged(store):
    other = known(store.redis, store.api)
    old = sent(store, 1, b"x" * 30)
    small = sent(store, 2, b"x" * 10, other)
    new = kept(store, 3, b"x" * 20)
    hour_ago = store.folder / new
    os.utime(hour_ago, (1_700_000_100, 1_700_000_100))
    assert names(store.admin) == [new, small, old]
    assert names(store.admin, sort="created_at") == [old, small, new]
    assert names(store.admin, sort="size") == [small, new, old]
    assert names(store.admin, sort="-size") == [old, new, small]
    assert names(store.admin, sort="-file") == sorted([old, small, new], reverse=True)
    assert names(store.admin, device=other.id) == [small]
    assert names(store.admin, q="30001123") == [] and names(store.admin, q="123003") == [new]
    assert names(store.admin, file=old) == [old]
    page = store.admin.get(LIST, current=2, pageSize=2)
    assert page["total"] == 3 and [r["file"] for r in page["data"]] == [old]
    assert store.admin.get(LIST, current=9)["data"] == []
    row = store.admin.get(LIST, file=new)["data"][0]
    assert row == dict(file=new, size=20, created_at=1_700_000_100, device=store.dev.id,
                       device_name="host-" + store.dev.id, device_guid=store.dev.guid,
                       began="2026-01-01 12:30:03", stored="folder", growing=False)
    assert store.admin.get(LIST, file=old)["data"][0]["stored"] == "s3"
    store.admin.refused("GET", LIST, sort="name", says="sort")


def test_a_list_has_the_newest_of_the_storage(store):
    script = """for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
      local name = string.format('incoming_1_20260101%06d_x.webm', i)
      redis.call('HSET', 'api:recordings', name, i)
      redis.call('ZADD', 'api:recordings:order', i, name)
    end"""
    for first in range(1, 100_001, 1000):
        store.redis.do("EVAL", script, 0, first, first + 999)
    store.redis.do("EVAL", script, 0, 100_001, 100_001)

    def listed(**query):
        """On a slow machine Redis may be away in between."""
        r = store.admin.call("GET", LIST, **query)
        return r.status_code == 200 and r.json()
    page = wait_for("the list", lambda: listed(sort="created_at", pageSize=1), 120)
    assert page["total"] == 100_000 and page["data"][0]["size"] == 2
    page = wait_for("the newest", lambda: listed(q="100001"), 120)
    assert page["data"][0]["size"] == 100_001


def test_what_is_not_a_recording_is_not_listed(place):
    name = kept(place, 1, b"x")
    for other in (".hidden", "a b.webm", ".part.x"):
        (place.folder / other).write_bytes(b"x")
    (place.folder / "folder.webm").mkdir()
    os.symlink("/etc/passwd", place.folder / file_of(place.dev, 2))
    assert names(place.admin) == [name]
    place.admin.refused("GET", address(file_of(place.dev, 2)), status=404)
    place.admin.refused("GET", address("folder.webm"), status=404)


def test_one_on_its_way_into_the_storage_is_listed_once_and_read(store):
    name = sent(store, 1, b"in the storage")
    (store.folder / f".sending.{name}").write_bytes(b"in the folder.")
    assert names(store.admin) == [name]
    assert store.admin.call("GET", address(name), status=200).content == b"in the folder."


def test_without_a_folder_there_are_no_recordings(world):
    assert world.admin.get(LIST) == dict(total=0, data=[])
    world.admin.refused("GET", address("incoming_1_20260101123000_x.webm"), status=404)


def test_a_folder_that_cannot_be_read_is_said(place):
    os.rename(place.folder, str(place.folder) + "-gone")
    try:
        place.admin.refused("GET", LIST, status=500, says="RECORD_DIR")
    finally:
        os.rename(str(place.folder) + "-gone", place.folder)


# --- who may -----------------------------------------------------------------

def test_seeing_audits_is_not_seeing_recordings(place):
    name = kept(place, 1, b"film")
    nobody = place.user()
    auditor = holder(place, role(place, "global", ["audits.view", "devices.view"]))
    viewer = holder(place, role(place, "global", ["recordings.view"]))
    for c in (nobody, auditor, place.token(audit=2, device=2)):
        c.refused("GET", LIST, status=403)
        c.refused("GET", address(name), status=403)
        c.refused("DELETE", address(name), status=403)
    assert names(viewer) == [name]
    assert viewer.call("GET", address(name), status=200).content == b"film"
    viewer.refused("DELETE", address(name), status=403)
    assert (place.folder / name).exists()


@pytest.mark.parametrize("kind", ["individual", "group"])
def test_a_right_ends_where_its_devices_end(place, kind):
    other = known(place.redis, place.api)
    mine, his = kept(place, 1, b"mine"), kept(place, 2, b"his", other)
    if kind == "individual":
        c = holder(place, role(place, kind, ["recordings.delete"]))
        place.admin.done("POST", f"/api/devices/{place.dev.guid}/assign",
                         dict(type="user_name", value=c.name))
    else:
        group, guid = place.group("device")
        place.admin.done("POST", f"/api/devices/{place.dev.guid}/assign",
                         dict(type="device_group_name", value=group))
        c = holder(place, role(place, kind, ["recordings.delete"], device_groups=[guid]))
    assert names(c) == [mine] and c.get(LIST)["total"] == 1
    assert c.call("GET", address(mine), status=200).content == b"mine"
    # that there is another one is not even said
    c.refused("GET", address(his), status=404)
    c.refused("DELETE", address(his), status=404)
    c.done("DELETE", address(mine))
    assert os.listdir(place.folder) == [his]
    # what was recorded before the device was in the inventory may be another's
    before = kept(place, 3, b"before")
    os.utime(place.folder / before, (1_600_000_000, 1_600_000_000))
    assert names(c) == []
    c.refused("GET", address(before), status=404)
    assert before in names(place.admin)


def test_a_look_is_in_the_audit_once_an_hour_and_by_each(place):
    name = kept(place, 1, b"x" * 100)
    for r in ("bytes=0-9", "bytes=50-", None):
        place.admin.call("GET", address(name), headers={"Range": r} if r else {})
    place.admin.call("HEAD", address(name), status=200)
    other = holder(place, role(place, "global", ["recordings.view"]))
    other.call("GET", address(name), status=200)
    assert console(place, name) == [(WATCHED, "admin"), (WATCHED, other.name)]


# --- bytes -------------------------------------------------------------------

DATA = bytes(range(256)) * 40
SIZE = len(DATA)
RANGES = [
    (None, 200, 0, SIZE), ("bytes=0-0", 206, 0, 1), ("bytes=0-", 206, 0, SIZE),
    (f"bytes={SIZE - 1}-", 206, SIZE - 1, SIZE), (f"bytes=5-{SIZE + 99}", 206, 5, SIZE),
    ("bytes=-1", 206, SIZE - 1, SIZE), (f"bytes=-{SIZE}", 206, 0, SIZE),
    (f"bytes=-{SIZE + 5}", 206, 0, SIZE), ("bytes=100-199", 206, 100, 200),
    (f"bytes={SIZE}-", 416, 0, 0), ("bytes=-0", 416, 0, 0), ("bytes=9-8", 200, 0, SIZE),
    ("bytes=0-1,4-5", 200, 0, SIZE), ("lines=0-1", 200, 0, SIZE), ("bytes=x-", 200, 0, SIZE),
    ("bytes=99999999999999999999-", 200, 0, SIZE)]


def check_ranges(c, name):
    for header, status, first, end in RANGES:
        headers = {"Range": header} if header else {}
        r = c.call("GET", address(name), status=status, headers=headers)
        if status == 416:
            assert r.headers["Content-Range"] == f"bytes */{SIZE}", header
            continue
        assert r.content == DATA[first:end], header
        assert r.headers["Accept-Ranges"] == "bytes"
        assert r.headers["Content-Type"] == "video/webm"
        part_of = f"bytes {first}-{end - 1}/{SIZE}" if status == 206 else None
        assert r.headers.get("Content-Range") == part_of, header
        head = c.call("HEAD", address(name), status=status, headers=headers)
        assert head.headers["Content-Length"] == str(end - first) and head.content == b""
        assert head.headers.get("Content-Range") == part_of
    etag = c.call("HEAD", address(name)).headers["ETag"]
    for same, status in ((etag, 206), ('"other"', 200), ("Thu, 01 Jan 1970 00:00:00 GMT", 200)):
        r = c.call("GET", address(name), status=status,
                   headers={"Range": "bytes=1-3", "If-Range": same})
        assert r.content == (DATA[1:4] if status == 206 else DATA)
    assert c.call("GET", address(name), status=304,
                  headers={"If-None-Match": etag}).content == b""


def test_parts_of_a_file_at_every_border(place):
    check_ranges(place.admin, kept(place, 1, DATA))
    empty = kept(place, 2, b"")
    assert place.admin.call("GET", address(empty), status=200).content == b""
    place.admin.call("GET", address(empty), status=416, headers={"Range": "bytes=0-"})


def test_parts_of_an_object_at_every_border(store):
    check_ranges(store.admin, sent(store, 1, DATA))
    empty = sent(store, 2, b"")
    assert store.admin.call("GET", address(empty), status=200).content == b""


def test_only_films_are_shown_as_what_they_are(place):
    film = kept(place, 1, b"film")
    r = place.admin.call("GET", address(film), status=200)
    assert r.headers["Content-Disposition"] == f'inline; filename="{film}"'
    assert r.headers["Cache-Control"] == "private, no-cache"
    r = place.admin.call("GET", address(film), status=200, download="1")
    assert r.headers["Content-Disposition"].startswith("attachment;")
    for end in (".html", ".svg", ".js", ""):
        other = film.replace(".webm", end)
        (place.folder / other).write_bytes(b"<script>alert(1)</script>")
        r = place.admin.call("GET", address(other), status=200)
        assert r.headers["Content-Type"] == "application/octet-stream"
        assert r.headers["Content-Disposition"].startswith("attachment;")
        assert "default-src 'none'" in r.headers["Content-Security-Policy"]


def test_no_name_leads_out_of_the_folder(place):
    (place.folder.parent / "secret.webm").write_bytes(b"secret")
    ready = f".ready.{file_of(place.dev, 1)}"
    (place.folder / ready).write_bytes(b"x")
    for path in ("/..%2fsecret.webm", "/../recordings/..%2f..%2fetc%2fpasswd", "/%2e%2e",
                 f"/{ready}", "/" + "x" * 200, "/a%00.webm", "/%2fetc%2fpasswd"):
        for method in ("GET", "DELETE"):
            with socket.create_connection(("127.0.0.1", place.api.port), 20) as s:
                s.sendall(f"{method} {LIST}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                          f"Authorization: Bearer {place.admin.token}\r\n\r\n".encode())
                reply = s.makefile("rb").read()
            assert reply.split(b" ", 2)[1] in (b"404", b"400", b"405"), (path, reply[:300])
            assert b"secret" not in reply and b"root:" not in reply
    assert (place.folder / ready).exists()


# --- the end -----------------------------------------------------------------

def test_deleting_is_in_the_audit_and_asks_a_page_for_a_proof(place):
    name = kept(place, 1, b"x")
    p = Page(place)
    p.login("admin", place.api.admin_password())
    old_proof(place, p)
    assert p.call("DELETE", address(name), status=403).json()["reauth"] is True
    assert (place.folder / name).exists()
    p.call("POST", "/api/web/reauth", dict(password=place.api.admin_password()), status=200)
    p.call("DELETE", address(name), status=200)
    assert not (place.folder / name).exists() and names(place.admin) == []
    p.call("DELETE", address(name), status=404)
    assert console(place, name) == [(DELETED, "admin")]


def test_what_is_being_uploaded_is_not_deleted(place):
    c, name = place.client(), file_of(place.dev)
    assert call(c, type="new", file=name) == "" and part(c, name, 0, b"x" * 10) == ""
    assert place.admin.get(LIST)["data"][0]["growing"] is True
    place.admin.refused("DELETE", address(name), status=409)
    assert call(c, type="remove", file=name) == ""
    assert place.admin.get(LIST)["data"][0]["growing"] is False
    place.admin.done("DELETE", address(name))
    assert os.listdir(place.folder) == [] and console(place, name) == [(DELETED, "admin")]


def test_what_is_deleted_from_the_storage_is_gone_at_once_and_leaves_it(store):
    name = sent(store, 1, b"x" * 10)
    store.redis.do("INCRBY", "api:recordings:bytes", 10)
    store.admin.done("DELETE", address(name))
    assert names(store.admin) == []
    store.admin.refused("GET", address(name), status=404)
    store.admin.refused("DELETE", address(name), status=404)
    wait_for("the storage", lambda: not store.storage.objects, 30)
    wait_for("the note", lambda: store.redis.do("GET", "api:recordings:bytes") == b"0", 30)
    assert console(store, name) == [(DELETED, "admin")]


def test_a_recording_counts_from_when_it_was_written_not_from_when_it_was_sent(store):
    """Else a right that begins with a device reached films of an earlier owner of its id."""
    name, written = file_of(store.dev), int(time.time()) - 40000
    waits = store.folder / f".waits.{name}"
    waits.write_bytes(DATA)
    os.utime(waits, (written, written))
    waits.rename(store.folder / f".ready.{name}")
    wait_for("it is in the storage", lambda: [
        r["created_at"] for r in store.admin.get(LIST)["data"]
        if r["file"] == name and r["stored"] == "s3"] == [written], 30)


# --- a storage that is slow or away ------------------------------------------

def test_a_silent_storage_holds_up_nobody_and_is_told(store):
    name = sent(store, 1, DATA)
    store.storage.gate.clear()
    answers = []

    def ask():
        answers.append(store.client(store.admin.token).call("GET", address(name)).status_code)
    threads = [threading.Thread(target=ask) for _ in range(6)]
    [t.start() for t in threads]
    wait_for("the questions", lambda: len(store.storage.asked) >= 4, 30)
    store.dev.heartbeat()
    store.admin.post("/api/settings/ldap/test", dict(name="none"), status=404)
    [t.join(60) for t in threads]
    assert answers == [503] * 6

    def spared():
        """It is known not to answer: it is not asked."""
        asked = len(store.storage.asked)
        r = store.admin.call("GET", address(name), status=503)
        assert "storage" in r.json()["error"] and r.headers["Retry-After"]
        return len(store.storage.asked) == asked
    wait_for("an answer without a question", spared, 60)
    assert [(o["kind"], o["state"]) for o in store.admin.get("/api/outside")["data"]] \
        == [("s3", "down")]
    store.admin.call("HEAD", address(name), status=200)
    assert names(store.admin) == [name]


def test_a_storage_that_refuses_has_lost_it_or_knows_no_parts_is_told(store):
    name = sent(store, 1, DATA)
    store.storage.rangeless = True
    assert store.admin.call("GET", address(name), status=200).content == DATA
    r = store.admin.call("GET", address(name), headers={"Range": "bytes=1-2"})
    assert r.status_code == 503 and "storage" in r.json()["error"]
    store.storage.rangeless, store.storage.broken = False, 1
    store.admin.call("GET", address(name), status=503)
    del store.storage.objects[f"/bucket/{name}"]
    store.admin.refused("GET", address(name), status=404, says="storage")


def test_an_object_that_breaks_off_breaks_the_answer(store):
    name = sent(store, 1, b"x" * 1_000_000)
    store.storage.cut = 131072
    c = http.client.HTTPConnection("127.0.0.1", store.api.port, timeout=60)
    c.request("GET", address(name), headers={"Authorization": f"Bearer {store.admin.token}"})
    with pytest.raises(http.client.IncompleteRead):
        c.getresponse().read()
    store.storage.cut = None
    r = store.admin.call("GET", address(name), status=200)
    assert r.content == b"x" * 1_000_000


def memory_kb(w):
    with open(f"/proc/{w.api.proc.pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])


def open_reader(w, name):
    """A browser that asks and reads no further than the head."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    s.settimeout(30)
    s.connect(("127.0.0.1", w.api.port))
    s.sendall(f"GET {address(name)} HTTP/1.1\r\nHost: x\r\n"
              f"Authorization: Bearer {w.admin.token}\r\n\r\n".encode())
    assert s.recv(15) in (b"HTTP/1.1 200 OK", b"HTTP/1.1 429 To")
    return s


def test_a_browser_that_does_not_read_costs_a_buffer_and_not_the_file(store):
    name = sent(store, 1, bytes(128 << 20))
    before = memory_kb(store)
    readers = [open_reader(store, name) for _ in range(8)]
    store.dev.heartbeat()
    # one too many of this user; somebody else has room
    assert store.admin.call("GET", address(name)).status_code == 429
    viewer = holder(store, role(store, "global", ["recordings.view"]))
    assert len(viewer.call("GET", address(name), status=200).content) == 128 << 20
    assert memory_kb(store) - before < 64 << 10
    [s.close() for s in readers]
    # who has gone makes room
    wait_for("room", lambda: store.admin.call(
        "GET", address(name), headers={"Range": "bytes=0-9"}).status_code == 206, 60)


def test_a_huge_file_is_sent_from_disk_in_bounded_memory(place):
    name = kept(place, 1, b"")
    os.truncate(place.folder / name, 6 << 30)
    before = memory_kb(place)
    r = place.admin.call("GET", address(name), status=206,
                         headers={"Range": f"bytes={5 << 30}-{(5 << 30) + (64 << 20) - 1}"})
    assert len(r.content) == 64 << 20
    assert r.headers["Content-Range"] == f"bytes {5 << 30}-{(5 << 30) + (64 << 20) - 1}/{6 << 30}"
    assert memory_kb(place) - before < 32 << 10


def test_the_api_ends_while_the_storage_and_a_browser_rest(store):
    name = sent(store, 1, bytes(8 << 20))
    store.storage.flow.clear()
    resting = open_reader(store, name)  # its beginning is there, the rest is not
    store.storage.gate.clear()
    t = threading.Thread(target=lambda: open_reader_quietly(store, name), daemon=True)
    t.start()
    wait_for("the second", lambda: len(store.storage.asked) == 2, 30)
    store.api.stop()
    t.join(30)
    assert not t.is_alive()
    resting.close()
    store.api.stop = types.MethodType(lambda self: None, store.api)


def open_reader_quietly(w, name):
    try:
        open_reader(w, name).close()
    except (AssertionError, OSError):
        pass
