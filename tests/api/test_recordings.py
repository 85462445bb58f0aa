"""Uploaded recordings: on disk, and in S3-compatible storage."""
import os
import socket
import threading

import pytest

from harness import Api, Client, Device, Redis, World, wait_for
from s3server import KEY, REGION, SECRET, call, file_of, known, part, storage, tail, upload


@pytest.fixture()
def keeper(tmp_path):
    """A folder of recordings of 4 MB, 1 MB a device, and who made them."""
    folder = tmp_path / "rec"
    folder.mkdir()
    w = World(RECORD_DIR=str(folder), RECORD_QUOTA="4m", RECORD_QUOTA_DEVICE="1m")
    w.folder, w.dev = folder, known(w.redis, w.api)
    yield w
    w.stop()


def test_recordings_in_the_documented_call_sequence(keeper):
    c, f, folder = keeper.client(), file_of(keeper.dev), keeper.folder
    assert call(c, type="new", file=f) == ""
    assert part(c, f, 0, b"head" + b"a" * 996) == ""
    assert part(c, f, 1000, b"b" * 500) == ""
    assert tail(c, f, b"HEAD") == ""
    assert (folder / f).read_bytes() == b"HEAD" + b"a" * 996 + b"b" * 500
    for bad in ("../x", "/etc/x", ".hidden", "a/b", "", "x" * 200, "a%00b"):
        assert call(c, type="new", file=bad)
    g = file_of(keeper.dev, 1)
    assert "No such" in part(c, g, 0, b"x")
    assert call(c, type="new", file=g) == ""
    for offset, length in ((999999, 1), (-1, 1), (0, 2)):
        assert call(c, b"x", type="part", file=g, offset=offset, length=length)
    assert "quota" in part(c, g, 0, b"x" * (1 << 20))
    assert tail(c, g, b"longer than it is")
    os.symlink("/etc/passwd", folder / file_of(keeper.dev, 2))
    assert call(c, type="new", file=file_of(keeper.dev, 2)) == ""  # beside it
    keeper.redis.do("SET", f"api:recording:{g}", file_of(keeper.dev, 2))
    assert "No such" in part(c, g, 0, b"x")


def test_an_upload_shortens_replaces_and_removes_nothing(keeper):
    c, f, folder = keeper.client(), file_of(keeper.dev), keeper.folder
    assert call(c, type="new", file=f) == "" and part(c, f, 0, b"first") == ""
    # while it grows: not begun anew, not written over, its end is its end
    assert "already" in call(c, type="new", file=f)
    assert "offset" in part(c, f, 0, b"x") and "offset" in part(c, f, 4, b"x")
    assert tail(c, f, b"FIRST") == ""
    # what has ended is not touched any more, whatever is sent
    assert "No such" in part(c, f, 5, b"x") and "No such" in tail(c, f, b"x")
    assert call(c, type="remove", file=f) == ""
    assert (folder / f).read_bytes() == b"FIRST"
    # another one of that name gets its own
    assert call(c, type="new", file=f) == "" and part(c, f, 0, b"second") == ""
    assert call(c, type="remove", file=f) == ""
    assert "No such" in part(c, f, 6, b"x")
    assert (folder / f).read_bytes() == b"FIRST"
    assert (folder / f.replace(".webm", "~2.webm")).read_bytes() == b"second"


def test_parts_that_come_at_once_lose_nothing(keeper):
    c, f = keeper.client(), file_of(keeper.dev)
    assert call(c, type="new", file=f) == ""
    done = []

    def send(letter):
        if part(keeper.client(), f, 0, letter * 50_000) == "":
            done.append(letter)
    threads = [threading.Thread(target=send, args=(x.encode(),)) for x in "abcdef"]
    [t.start() for t in threads]
    [t.join() for t in threads]
    data = (keeper.folder / f).read_bytes()
    assert done and all(data.count(x) == 50_000 for x in done)


def test_a_stranger_uploads_nothing(keeper):
    f = file_of(keeper.dev)
    refused = "No device of this recording"
    stranger = keeper.client(ip="203.0.113.9")
    for c, name in ((stranger, f), (stranger, "s" + f[9:]),
                    (keeper.client(), file_of(Device(keeper, register=False))),
                    (keeper.client(), file_of(Device(keeper))),
                    (keeper.client(), "one.webm")):
        assert refused in call(c, type="new", file=name)
    # an upload of the device is none of the stranger's business
    assert call(keeper.client(), type="new", file=f) == ""
    assert part(keeper.client(), f, 0, b"mine") == ""
    for query in (dict(type="part", offset=4, length=1), dict(type="remove"),
                  dict(type="tail", offset=0, length=1), dict(type="new")):
        assert refused in call(stranger, b"x", file=f, **query)
    assert (keeper.folder / f).read_bytes() == b"mine"
    # nor is a heartbeat without the machine id one of the device
    wrong = dict(id=keeper.dev.id, uuid="d3Jvbmc=", ver=1, modified_at=0)
    assert "strategy" not in stranger.post("/api/heartbeat", wrong).json()
    assert refused in call(stranger, type="new", file=file_of(keeper.dev, 1))
    # the device itself has moved: its next heartbeat says so
    stranger.post("/api/heartbeat", keeper.dev.who(ver=1, modified_at=0))
    assert part(stranger, f, 4, b"!") == ""


def test_a_body_of_a_stranger_is_not_even_taken(keeper):
    with socket.create_connection(("127.0.0.1", keeper.api.port), 20) as s:
        s.sendall(b"POST /api/record?type=part&offset=0&length=8000000&file="
                  + file_of(keeper.dev).encode() + b" HTTP/1.1\r\nHost: x\r\n"
                  b"X-Real-IP: 203.0.113.9\r\nContent-Length: 8000000\r\n\r\n")
        assert b"No device of this recording" in s.recv(4096)


def test_a_device_fills_its_own_quota_and_nobody_elses(keeper):
    def fill(device):
        """Uploads of 256 KiB until one is refused; how many were not."""
        c, n = keeper.client(), 0
        while n < 40:
            f = file_of(device, n)
            if call(c, type="new", file=f) or part(c, f, 0, bytes(256 << 10)):
                return n
            n += 1
        return n
    assert fill(keeper.dev) == 4  # 1 MB
    *others, last = [known(keeper.redis, keeper.api) for _ in range(4)]
    # those that nobody has vouched for leave half of all
    assert sum(map(fill, others)) == 4
    keeper.admin.done("POST", f"/api/devices/{last.guid}/approve")
    assert fill(last) == 4


def test_the_body_of_a_part_has_its_cap(keeper):
    c, f, most = keeper.client(), file_of(keeper.dev), 8 << 20
    assert call(c, type="new", file=f) == ""
    for more in (0, 1):     # taken, and then beyond the quota
        r = c.call("POST", "/api/record", raw=bytes(most + more), type="part", file=f, offset=0,
                   length=most + more)
        assert r.status_code == (413 if more else 200)


@pytest.mark.parametrize("whose, most", [("own", 1000), ("all", 5000), ("vouched", 10_000)])
def test_there_are_so_many_files_and_not_one_more(keeper, whose, most):
    """Of one device, of all for those nobody vouched for, and of all."""
    c, of = keeper.client(), keeper.dev.id if whose == "own" else "999999999"
    if whose == "vouched":
        keeper.admin.done("POST", f"/api/devices/{keeper.dev.guid}/approve")
    for i in range(most - 1):
        (keeper.folder / f"incoming_{of}_{i:017}_x.webm").touch()
    assert call(c, type="new", file=file_of(keeper.dev)) == ""
    assert "quota" in call(c, type="new", file=file_of(keeper.dev, 1))


def test_of_one_name_there_are_so_many_recordings(keeper):
    c, f, most = keeper.client(), file_of(keeper.dev), 99
    (keeper.folder / f).touch()
    for i in range(2, most):
        (keeper.folder / f.replace(".webm", f"~{i}.webm")).touch()
    for why in ("", "Too many recordings of this name"):
        assert call(c, type="new", file=f) == why
        call(c, type="remove", file=f)
    assert len(list(keeper.folder.iterdir())) == most


def test_recordings_are_refused_without_a_folder(world):
    r = world.client().call("POST", "/api/record", raw=b"", status=200, type="new", file="x")
    assert "error" in r.json()


# --- S3 --------------------------------------------------------------------

@pytest.fixture()
def recorder(tmp_path, storage):
    redis = Redis()
    apis, devices = [], []

    def start(**more):
        apis.append(Api(redis, RECORD_DIR=str(tmp_path), RECORD_QUOTA="2m",
                        RECORD_QUOTA_DEVICE="1m",
                        RECORD_S3_URL=f"http://127.0.0.1:{storage.server_port}/bucket",
                        RECORD_S3_REGION=REGION, RECORD_S3_KEY=KEY,
                        RECORD_S3_SECRET=SECRET, **more))
        devices.append(known(redis, apis[-1]))
        return Client(apis[-1].base), devices[-1]
    yield start, redis, tmp_path
    for api in apis:
        api.stop()
    redis.stop()


def test_a_finished_recording_moves_to_s3_and_stays_there(recorder, storage):
    start, redis, folder = recorder
    c, d = start()
    data, name = os.urandom(300_000), file_of(d)
    upload(c, name, data)
    wait_for("the object", lambda: f"/bucket/{name}" in storage.objects, 20)
    wait_for("the note", lambda: int(redis.do("GET", "api:recordings:bytes") or 0) == 300000)
    assert redis.do("HGET", "api:recordings:of", d.id) == b"300000"
    wait_for("the folder", lambda: not os.listdir(folder))
    # neither removed nor replaced
    assert call(c, type="remove", file=name) == ""
    upload(c, name, b"another")
    second = f"/bucket/{name}".replace(".webm", "~2.webm")
    wait_for("the second", lambda: second in storage.objects, 20)
    assert storage.objects[f"/bucket/{name}"] == b"HEAD" + data[4:]
    assert storage.objects[second] == b"HEADher"


def test_what_is_in_s3_counts_against_the_quota(recorder, storage):
    start, _, _ = recorder
    c, d = start()
    upload(c, file_of(d), bytes(900_000))
    wait_for("the object", lambda: storage.objects, 20)
    assert call(c, type="new", file=file_of(d, 1)) == ""
    wait_for("the quota", lambda: "quota" in part(c, file_of(d, 1), 0, bytes(200_000)), 20)


def test_what_an_older_version_sent_counts_for_its_device_too(recorder, storage):
    start, redis, _ = recorder
    c, d = start()
    name = file_of(d, 9)
    redis.do("DEL", "api:recordings:of")
    redis.do("HSET", "api:recordings", name, "900000")
    redis.do("INCRBY", "api:recordings:bytes", "900000")
    start()     # an upgrade
    wait_for("the count", lambda: redis.do("HGET", "api:recordings:of", d.id), 20)
    assert int(redis.do("HGET", "api:recordings:of", d.id)) == 900000


def test_a_recording_waits_while_the_storage_is_away(recorder, storage):
    start, _, folder = recorder
    storage.broken = 1
    c, d = start()
    name = file_of(d)
    upload(c, name, b"x" * 1000)
    wait_for("the failed try", lambda: storage.broken == 0, 20)
    wait_for("its return", lambda: f".ready.{name}" in os.listdir(folder))
    # a restart tries at once, and a claim of a dead sender is taken over
    os.rename(folder / f".ready.{name}", folder / f".sending.{name}")
    os.utime(folder / f".sending.{name}", (1, 1))
    start()
    wait_for("the object", lambda: f"/bucket/{name}" in storage.objects, 20)


def test_old_recordings_leave_s3(recorder, storage):
    start, redis, _ = recorder
    c, d = start()
    upload(c, file_of(d), b"y" * 100)
    wait_for("the object", lambda: storage.objects, 20)
    wait_for("the note", lambda: redis.do("ZCARD", "api:recordings:order") == 1)
    redis.do("ZADD", "api:recordings:order", "1", file_of(d))
    redis.do("DEL", "api:purge:hour")
    wait_for("the purge", lambda: not storage.objects, 20)
    wait_for("the note", lambda: redis.do("HLEN", "api:recordings") == 0)
    assert redis.do("HLEN", "api:recordings:of") == 0
    assert redis.do("GET", "api:recordings:bytes") == b"0"


def test_so_many_recordings_are_marked_for_removal_and_not_one_more(tmp_path):
    """The storage is away, so nothing is removed meanwhile."""
    redis, most = Redis(), 5000
    redis.do("EVAL", "for i = 1, tonumber(ARGV[1]) do redis.call('ZADD', "
             "'api:recordings:order', i, 'r' .. i) end", 0, most + 1)
    api = Api(redis, RECORD_DIR=str(tmp_path), RECORD_S3_REGION=REGION,
              RECORD_S3_URL="http://127.0.0.1:9/bucket", RECORD_S3_KEY=KEY,
              RECORD_S3_SECRET=SECRET)

    def marked():
        return redis.do("SCARD", "api:recordings:remove")
    try:
        for _ in range(2):      # nor in the next hour
            redis.do("DEL", "api:purge:hour")
            wait_for("the purge", lambda: redis.do("EXISTS", "api:purge:hour"), 30)
            wait_for("the marks", lambda: marked() >= most, 30)
            assert marked() == most
            assert not redis.do("SISMEMBER", "api:recordings:remove", f"r{most + 1}")
    finally:
        api.stop()
        redis.stop()


def test_a_wrong_secret_is_told_in_the_log_and_loses_nothing(tmp_path, storage):
    redis = Redis()
    api = Api(redis, RECORD_DIR=str(tmp_path), RECORD_S3_REGION=REGION,
              RECORD_S3_URL=f"http://127.0.0.1:{storage.server_port}/bucket",
              RECORD_S3_KEY=KEY, RECORD_S3_SECRET="not the secret")
    name = file_of(known(redis, api))
    upload(Client(api.base), name, b"z" * 10)
    wait_for("the warning", lambda: "recording_not_sent" in api.text(), 20)
    assert "not the secret" not in api.text()
    wait_for("its return", lambda: os.listdir(tmp_path) == [f".ready.{name}"])
    assert storage.objects == {}
    api.stop()
    redis.stop()
