"""rustdesk-utils import: the reference server's database and keys."""

import hashlib
import os
import shutil
import sqlite3

import pytest

import refdb
from fake import PUBLIC, SECRET
from program import Redis, utils
from refdb import row


@pytest.fixture(name="redis")
def own_redis(tmp_path):
    redis = Redis(tmp_path / "redis")
    yield redis
    redis.stop()


def fingerprint(folder):
    return {f.name: (hashlib.sha256(f.read_bytes()).hexdigest(),
                     f.stat().st_mtime_ns) for f in folder.iterdir()}


def take(redis, path, *options, code=0, **env):
    done = utils("import", *options, path, REDIS_URL=redis.url, **env)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_every_column_that_matters_is_taken_over(redis, tmp_path):
    guid = os.urandom(16)
    path = refdb.create(tmp_path / "db_v2.sqlite3", [
        row("123456789", guid=guid, uuid=b"\0machine\xff", pk=b"k" * 32),
        row("v6-device", info='{"ip":"2001:db8::1"}'),
        row("plain-v4-ip", info='{"ip":"198.51.100.4"}')])
    done = take(redis, path)
    assert "imported   3 new peers" in done.stdout
    revision, record = redis.peer("123456789")
    assert revision == 1
    assert record == {1: guid, 2: b"\0machine\xff", 3: b"k" * 32,
                      4: bytes([192, 0, 2, 7]), 5: refdb.CREATED_S}
    assert redis.peer("v6-device")[1][4][:4] == bytes.fromhex("20010db8")
    assert redis.peer("plain-v4-ip")[1][4] == bytes([198, 51, 100, 4])
    assert redis.do("GET", "peers:count") == b"3"


def test_odd_rows_are_reported_and_do_no_harm(redis, tmp_path):
    path = refdb.create(tmp_path / "db_v2.sqlite3", [
        row("12345"), row("x" * 254), row("a\nb\nc\nd"),
        row("long-uuid", uuid=b"u" * 257), row("empty-pk", pk=b""),
        row("short-pk", pk=b"p" * 31), row("no-uuid", uuid=b""),
        row("bad-info", info='{"ip":'), row("odd-info", info='["ip"]'),
        row("no-ip-in-it", info='{"ip":"somewhere"}'),
        row("bad-time", created="yesterday"), row("switched-off", status=0),
        row("status-one", status=1)])
    done = take(redis, path)
    said = done.stdout
    for text in ("1 with ids under 6 bytes", "1 with ids over 253 bytes",
                 "1 with ids that are no text",
                 "1 with machine ids over 256 bytes",
                 "3 without a readable address",
                 "1 without a usable public key",
                 "1 without a time of creation", "1 without a machine id",
                 "switched-off had status 0", "imported   9 new peers"):
        assert text in said, said
    assert redis.peer("12345") is None and redis.peer("long-uuid") is None
    assert 3 not in redis.peer("empty-pk")[1]
    assert 3 not in redis.peer("short-pk")[1]
    assert 4 not in redis.peer("bad-info")[1]
    assert redis.peer("switched-off")[1][7] == 1
    assert 7 not in redis.peer("status-one")[1]
    assert redis.do("GET", "peers:count") == b"9"


def test_a_stored_peer_is_kept_unless_it_shall_be_replaced(redis, tmp_path):
    first = refdb.create(tmp_path / "first.sqlite3", [
        row("same-id", uuid=b"first"), row("only-first")])
    second = refdb.create(tmp_path / "second.sqlite3", [
        row("same-id", uuid=b"second"), row("only-second")])
    take(redis, first)
    assert "kept       1" in take(redis, second).stdout
    assert redis.peer("same-id")[1][2] == b"first"
    done = take(redis, second, "--replace")
    assert "replaced   2" in done.stdout and "0 new peers" in done.stdout
    revision, record = redis.peer("same-id")
    assert (revision, record[2]) == (2, b"second")
    assert redis.do("GET", "peers:count") == b"3"


def test_max_peers_holds(redis, tmp_path):
    path = refdb.create(tmp_path / "db", [row(f"device-{i}")
                                          for i in range(200)])
    done = take(redis, path, "--max-peers", "150", code=1)
    assert "imported   150" in done.stdout
    assert "refused    50 beyond MAX_PEERS" in done.stdout
    assert redis.do("GET", "peers:count") == b"150"


def test_a_dry_run_writes_nothing(redis, tmp_path):
    path = refdb.create(tmp_path / "db", [row("device-1"), row("12345")])
    done = take(redis, path, "--dry-run")
    assert "1 peers would be imported" in done.stdout
    assert "1 with ids under 6" in done.stdout
    assert redis.do("DBSIZE") == 0


# ---- the files -----------------------------------------------------------------

@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_closed_database_is_read(redis, tmp_path, journal):
    folder = tmp_path / "data"
    folder.mkdir()
    refdb.create(folder / "db_v2.sqlite3", [row("device-1")], journal)
    before = fingerprint(folder)
    take(redis, folder)
    assert redis.peer("device-1")
    assert fingerprint(folder) == before


def test_peers_that_are_only_in_the_log_are_found(redis, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    refdb.leave_by_a_killed_writer(folder / "db_v2.sqlite3")
    before = fingerprint(folder)
    done = take(redis, folder)
    assert "imported   50 new peers" in done.stdout
    assert redis.peer("in-wal-49") and redis.peer("not-committed") is None
    assert fingerprint(folder) == before


def test_an_open_database_with_its_log_is_read(redis, tmp_path):
    """The server still has it open, but does not write."""
    path = tmp_path / "db_v2.sqlite3"
    refdb.create(path, [row("device-1")], "wal")
    db = sqlite3.connect(path)
    db.execute(refdb.INSERT, row("device-2"))
    db.commit()
    done = take(redis, path)
    assert "imported   2" in done.stdout
    db.execute(refdb.INSERT, row("device-3"))      # and is not locked out
    db.commit()
    db.close()


def test_a_half_done_transaction_is_rolled_back(redis, tmp_path):
    """A killed server with a rollback journal: what it wrote into the file
    before its commit is undone, in the copy."""
    path = tmp_path / "db_v2.sqlite3"
    refdb.create(path, [row(f"device-{i}") for i in range(500)])
    db = sqlite3.connect(path)
    db.execute("pragma cache_size=2")       # spills into the file
    db.execute("begin")
    db.execute("update peer set uuid = x'00'")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in (path.name, path.name + "-journal"):
        shutil.copy(tmp_path / name, copy)
    db.rollback()
    db.close()
    assert "imported   500" in take(redis, copy).stdout
    assert redis.peer("device-7")[1][2] == b"uuid-device-7"


def test_no_copy_stays_behind(redis, tmp_path):
    temp = tmp_path / "tmp"
    temp.mkdir()
    path = refdb.create(tmp_path / "db", [row("device-1")], "wal")
    take(redis, path, TMPDIR=temp)
    assert list(temp.iterdir()) == []


def damage(path):
    data = bytearray(path.read_bytes())
    for i in range(4096, len(data), 4096):
        data[i:i + 64] = os.urandom(64)
    path.write_bytes(data)


@pytest.mark.parametrize("spoil", [
    damage,
    lambda path: os.truncate(path, path.stat().st_size // 2),
    lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(5000)),
    lambda path: path.write_bytes(b"not a database at all" * 100),
    lambda path: path.write_bytes(b""),
], ids=["damaged", "cut", "nonsense", "text", "empty"])
def test_a_damaged_database_imports_nothing(redis, tmp_path, spoil):
    path = refdb.create(tmp_path / "db", [row(f"device-{i}")
                                          for i in range(2000)])
    spoil(path)
    done = take(redis, path, code=1)
    assert "rustdesk-utils import: " in done.stderr
    assert redis.do("DBSIZE") == 0


ENDLESS = ("with recursive n(i) as (select 1 union all select i + 1 from n) "
           "select cast(i as text) || '-device' as id, zeroblob(16) as guid, "
           "x'01' as uuid, x'02' as pk, null as created_at, 1 as status, "
           "'{}' as info from n")


@pytest.mark.parametrize("view", [
    ENDLESS, ENDLESS + " where i < 0", ENDLESS.replace("union all", "union")])
def test_a_view_without_end_stops_at_a_limit(redis, tmp_path, view):
    path = tmp_path / "db_v2.sqlite3"
    db = sqlite3.connect(path)
    db.execute(f"create view peer as {view}")
    db.commit()
    db.close()
    assert "has no end" in take(redis, path, code=1).stderr
    assert redis.do("GET", "peers:count") is None


@pytest.mark.parametrize("size", [16 << 20, (16 << 20) + 1, 900_000_000])
def test_a_value_that_is_made_of_nothing_stops_at_a_limit(redis, tmp_path, size):
    path = tmp_path / "db_v2.sqlite3"
    db = sqlite3.connect(path)
    db.execute("create view peer as select '123456789' as id, zeroblob(16) as guid, "
               f"x'01' as uuid, zeroblob({size}) as pk, null as created_at, "
               "1 as status, '{}' as info")
    db.commit()
    db.close()
    fits = size == 16 << 20     # taken, if of no use as a key
    done = take(redis, path, code=0 if fits else 1)
    assert ("cannot be read" in done.stderr) != fits
    assert (redis.peer("123456789") is not None) == fits


def test_a_large_database_is_within_the_limit(redis, tmp_path):
    path = refdb.create(tmp_path / "db_v2.sqlite3",
                        (row(f"1{i:08}") for i in range(60000)))
    assert "imported   60000 new peers" in take(redis, path).stdout


def test_an_absent_database_is_an_error(redis, tmp_path):
    done = take(redis, tmp_path, code=1)
    assert "db_v2.sqlite3: No such file" in done.stderr
    take(redis, tmp_path / "nowhere", code=1)


def test_an_absent_redis_is_an_error(tmp_path):
    path = refdb.create(tmp_path / "db", [row("device-1")])
    url = f"unix://{tmp_path}/nothing?password=geheim"
    done = utils("import", path, REDIS_URL=url)
    assert done.returncode == 1
    assert "REDIS_URL" in done.stderr and "geheim" not in done.stderr


# ---- keys ----------------------------------------------------------------------

@pytest.fixture(name="old")
def reference_folder(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    refdb.create(folder / "db_v2.sqlite3", [row("device-1")])
    (folder / "id_ed25519").write_text(SECRET + "\n")
    (folder / "id_ed25519.pub").write_text(PUBLIC)
    return folder


def test_the_key_pair_is_taken_over(redis, tmp_path, old):
    data = tmp_path / "data"
    data.mkdir()
    for _ in range(2):      # the same pair again is no conflict
        done = take(redis, old, "--keys", old, "--data-dir", data)
        assert PUBLIC in done.stdout and SECRET not in done.stdout
    secret, public = data / "id_ed25519", data / "id_ed25519.pub"
    assert (secret.read_text(), public.read_text()) == (SECRET, PUBLIC)
    assert secret.stat().st_mode & 0o777 == 0o600
    assert public.stat().st_mode & 0o777 == 0o644
    assert sorted(f.name for f in data.iterdir()) == [secret.name, public.name]


def test_another_key_pair_is_not_overwritten(redis, tmp_path, old):
    data = tmp_path / "data"
    data.mkdir()
    made = utils("genkeypair").stdout.split()[-1]
    (data / "id_ed25519").write_text(made)
    options = ("--keys", old, "--data-dir", data)
    done = take(redis, old, *options, code=1)
    assert "--force" in done.stderr
    assert redis.do("DBSIZE") == 0          # nothing half
    assert (data / "id_ed25519").read_text() == made
    take(redis, old, *options, "--dry-run", "--force")
    assert (data / "id_ed25519").read_text() == made
    take(redis, old, *options, "--force")
    assert (data / "id_ed25519").read_text() == SECRET


@pytest.mark.parametrize("name, text", [
    ("id_ed25519", "AAAA"), ("id_ed25519", ""),
    ("id_ed25519.pub", "5Qbwsde3unUcJBtrx9ZkvUmwFNoExHzpryHuPUdqlWM=")])
def test_a_bad_key_pair_stops_the_import(redis, tmp_path, old, name, text):
    (old / name).write_text(text)
    data = tmp_path / "data"
    data.mkdir()
    take(redis, old, "--keys", old, "--data-dir", data, code=1)
    assert redis.do("DBSIZE") == 0 and not list(data.iterdir())


def test_all_of_many_scripts_arrive_and_a_hundred_disabled_are_named(
        redis, tmp_path):
    """More peers than one round of scripts takes (8 of 64)."""
    path = refdb.create(tmp_path / "db", [
        row(f"device-{i}", status=0 if i < 101 else None)
        for i in range(8 * 64 + 1)])
    done = take(redis, path)
    assert "imported   513" in done.stdout
    assert redis.do("GET", "peers:count") == b"513"
    assert done.stdout.count("had status 0: review it") == 100
    assert "disabled   101" in done.stdout
