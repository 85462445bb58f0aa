"""rustdesk-utils backup and restore: what is kept, and what is refused."""

import hashlib
import os
import pathlib
import resource
import signal
import struct
import subprocess
import time

import pytest

import refdb
from fake import PUBLIC, SECRET
from program import PROGRAM, Redis, utils
from refdb import row

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEALING = "c2VhbGluZyBzZWNyZXQgb2YgdGhlIGFwaS4uLi4uLi4="


@pytest.fixture(name="redis")
def filled_redis(tmp_path):
    redis = Redis(tmp_path / "redis")
    path = refdb.create(tmp_path / "db", [row(f"device-{i}")
                                          for i in range(300)])
    assert utils("import", path, REDIS_URL=redis.url).returncode == 0
    for words in DURABLE + VOLATILE:
        redis.do(*words)
    yield redis
    redis.stop()


@pytest.fixture(name="other")
def empty_redis(tmp_path):
    redis = Redis(tmp_path / "other")
    yield redis
    redis.stop()


DURABLE = [
    ("HSET", "api:user", "guid", '{"name":"a"}', "bytes", b"\0\xff\r\n"),
    ("ZADD", "api:user:order", "1.5", "guid"),
    ("SADD", "api:user:sessions:guid", "x", "y"),
    ("SET", "api:bootstrapped", "1"),
    ("SET", "api:invite:abc", "guid", "EX", "1000"),
    ("XADD", "api:events", "*", "kind", "user"),
    ("HSET", "policy:user", "guid", "1 0 - - a"),
    ("SET", "policy:rev", "7"),
    ("HSET", "token:abc", "user", "guid"),
    ("EXPIRE", "token:abc", "1000"),
]
VOLATILE = [
    ("HSET", "seen:0001", "device-1", "x"), ("SET", "node:hbbs:00000001", "x"),
    ("ZADD", "nodes:hbbs", "1", "00000001"), ("SET", "wait:1.2.3.4:5", "x"),
    ("SET", "ticket:abc", "x"), ("SET", "half:abc", "x"),
    ("SET", "mesh:secret", "x"), ("SET", "switch:1:2", "x"),
    ("HSET", "conn:ref:1", "user", "x"), ("SET", "api:challenge:1", "x"),
    ("SET", "api:nonce:1", "x"), ("SADD", "api:kick:1", "2"),
]
FOREIGN = ("SET", "another:program", "x")


def backup(redis, *options, code=0, **env):
    done = utils("backup", *options, REDIS_URL=redis.url, **env)
    assert done.returncode == code, done.stderr
    return done


def restore(redis, *options, code=0, **env):
    done = utils("restore", *options, REDIS_URL=redis.url, **env)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def durable(redis):
    names = ("peer", "api:", "policy:", "token:")
    gone = ("api:challenge", "api:nonce", "api:kick")
    return {k: v for k, v in redis.everything().items()
            if k.startswith(names) and not k.startswith(gone)}


def test_what_is_durable_comes_back_and_nothing_else(redis, other, tmp_path):
    redis.do(*FOREIGN)
    done = backup(redis, tmp_path / "file")
    assert "left out   1 keys of other programs" in done.stderr
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    for _ in range(2):
        restore(other, "--replace", tmp_path / "file")
        assert other.everything() == durable(redis)
    left = other.do("PTTL", "token:abc")
    assert 0 < left <= redis.do("PTTL", "token:abc") + 1000
    assert other.do("GET", "peers:count") == b"300"


def test_it_goes_through_pipes(redis, other):
    done = utils("backup", "-", REDIS_URL=redis.url, text=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"RDSBACK1")
    again = utils("restore", "-", REDIS_URL=other.url, text=False,
                  input=done.stdout)
    assert again.returncode == 0, again.stderr
    assert other.everything() == durable(redis)


def test_a_redis_in_use_is_not_overwritten(redis, other, tmp_path):
    backup(redis, tmp_path / "file")
    other.do("HSET", "peer:0001", "somebody", "x")
    other.do("SET", "ticket:abc", "x")
    before = other.everything()
    done = restore(other, tmp_path / "file", code=1)
    assert "--replace" in done.stderr
    assert other.everything() == before
    restore(other, "--replace", tmp_path / "file")
    found = other.everything()
    assert found.pop("ticket:abc")          # not the restore's business
    assert found == durable(redis)


def test_a_restore_that_was_interrupted_can_be_repeated(redis, other,
                                                       tmp_path):
    """Killed, or its Redis gone: Redis knows that it holds half of it."""
    backup(redis, tmp_path / "file")
    other.do("SET", "restore:unfinished", "1")
    other.do("HSET", "peer:0001", "half", "x")
    restore(other, tmp_path / "file")
    assert other.everything() == durable(redis)


def test_expired_keys_stay_away(redis, other, tmp_path):
    redis.do("PEXPIRE", "token:abc", "300")
    backup(redis, tmp_path / "file")
    time.sleep(1.5)     # the restore counts whole seconds
    restore(other, tmp_path / "file")
    assert "token:abc" not in other.everything()


def test_large_keys_come_back_in_parts(redis, other, tmp_path):
    """Beyond 16 MiB a key is not dumped as a whole."""
    for i in range(90):
        words = [w for j in range(200)
                 for w in (f"row-{i}-{j}", f"{i}-{j}-" * 200)]
        redis.do("HSET", "api:audit-conn", *words)
        redis.do("ZADD", "api:audit-conn:order",
                 *[w for j in range(2000)
                   for w in (i * 2000 + j, f"row-{i}-{j}")])
    assert redis.do("MEMORY", "USAGE", "api:audit-conn") > 16 << 20
    redis.do("EXPIRE", "api:audit-conn", "1000")
    backup(redis, tmp_path / "file")
    # a part ends with the element that fills it: 2 KB here
    parts = [n for n in frames(tmp_path / "file") if n > 100_000]
    assert len(parts) > 16 and max(parts) < (1 << 20) + 4096
    assert sum(n >= 1 << 20 for n in parts) >= len(parts) - 2
    restore(other, tmp_path / "file")
    assert other.everything() == durable(redis)


def frames(path):
    """The sizes of a backup's records."""
    data, at, sizes = path.read_bytes(), 32, []
    while data[at:at + 1] == b"R":
        sizes.append(struct.unpack_from("<I", data, at + 1)[0])
        at += 5 + sizes[-1]
    assert data[at:at + 1] == b"E"
    return sizes


def test_a_key_is_dumped_as_a_whole_up_to_a_size_and_not_a_byte_beyond(redis):
    script = (ROOT / "services/utils/backup/dump.lua").read_text()
    redis.do("HSET", "api:user", *[f"{i}" for i in range(2000)])
    size = redis.do("MEMORY", "USAGE", "api:user")
    for most, whole in ((size, True), (size - 1, False)):
        kind, at, *dump = redis.do("EVAL", script, 1, "api:user", most)
        assert (kind, at, bool(dump)) == (b"hash", b"0", whole)


# ---- damage --------------------------------------------------------------------

def refuse(redis, path, *options, **env):
    done = restore(redis, *options, path, code=1, **env)
    assert redis.do("DBSIZE") == 0
    return done


@pytest.mark.parametrize("passphrase", ["", "geheim"])
def test_a_cut_or_changed_file_writes_nothing(redis, other, tmp_path,
                                              passphrase):
    path = tmp_path / "file"
    backup(redis, path, PASSPHRASE=passphrase)
    whole = path.read_bytes()
    size = len(whole)
    for cut in (0, 7, 31, 32, 60, size // 2, size - 33, size - 32, size - 1):
        path.write_bytes(whole[:cut])
        refuse(other, path, PASSPHRASE=passphrase)
    for at in (3, 8, 12, 30, 33, 60, 100, size // 2, size - 40, size - 1):
        changed = bytearray(whole)
        changed[at] ^= 1
        path.write_bytes(changed)
        refuse(other, path, PASSPHRASE=passphrase)
    path.write_bytes(whole + b"x")
    done = refuse(other, path, PASSPHRASE=passphrase)
    assert "damaged" in done.stderr
    path.write_bytes(whole)
    restore(other, path, PASSPHRASE=passphrase)


def test_a_file_that_would_write_other_keys_is_refused(redis, other,
                                                       tmp_path):
    """A sound file, but not one of backup."""
    name, dump = b"another:program", b"x"
    record = b"K" + struct.pack("<qI", 0, len(name)) + name + dump
    data = b"RDSBACK1\0" + b"0.1.0".ljust(15, b"\0") + struct.pack("<q", 1)
    data += b"R" + struct.pack("<I", len(record)) + record
    data += b"E" + struct.pack("<IQ", 8, 1)
    data += hashlib.blake2b(data, digest_size=32).digest()
    (tmp_path / "file").write_bytes(data)
    assert "damaged" in refuse(other, tmp_path / "file").stderr


def test_something_else_is_no_backup(other, tmp_path):
    for data in (b"", b"{}\n", os.urandom(4096)):
        (tmp_path / "file").write_bytes(data)
        assert "no backup" in refuse(other, tmp_path / "file").stderr
    refuse(other, tmp_path)
    refuse(other, tmp_path / "nowhere")


def test_a_full_disk_leaves_no_file(redis, tmp_path):
    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

    folder = tmp_path / "full"
    folder.mkdir()
    for command in ("backup", "export"):
        done = utils(command, folder / "file", REDIS_URL=redis.url,
                     preexec_fn=little_room)
        assert done.returncode == 1
        assert "File too large" in done.stderr
        assert list(folder.iterdir()) == []


def test_a_full_disk_behind_a_pipe_is_told(redis):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "backup", "-"], stdout=full,
                              stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "REDIS_URL": redis.url})
    assert done.returncode == 1 and "No space left" in done.stderr


def test_a_backup_that_fails_leaves_the_one_before(redis, tmp_path):
    path = tmp_path / "file"
    backup(redis, path)
    before = path.read_bytes()
    done = utils("backup", path, REDIS_URL=f"unix://{tmp_path}/nothing")
    assert done.returncode == 1 and "REDIS_URL" in done.stderr
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("file.*"))


# ---- passphrase and keys -------------------------------------------------------

@pytest.fixture(name="folder")
def key_folder(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "id_ed25519").write_text(SECRET)
    (folder / "id_ed25519.pub").write_text(PUBLIC)
    (folder / "api_secret").write_text(SEALING)
    return folder


@pytest.fixture(name="passphrase")
def passphrase_file(tmp_path):
    (tmp_path / "passphrase").write_text("correct horse battery\n")
    return "--passphrase-file", tmp_path / "passphrase"


def test_an_encrypted_backup_needs_its_passphrase(redis, other, tmp_path,
                                                  passphrase):
    path = tmp_path / "file"
    backup(redis, *passphrase, path)
    data = path.read_bytes()
    for text in (b"device-", b"api:", b"peer:"):
        assert text not in data[32:]
    assert "encrypted" in refuse(other, path).stderr
    done = refuse(other, path, PASSPHRASE="wrong")
    assert "passphrase is wrong" in done.stderr
    restore(other, *passphrase, path)
    assert other.everything() == durable(redis)


def test_keys_go_only_into_an_encrypted_backup(redis, tmp_path, folder):
    done = backup(redis, "--keys", folder, tmp_path / "file", code=2)
    assert "--passphrase-file" in done.stderr
    assert not (tmp_path / "file").exists()


def test_keys_are_kept_and_come_back(redis, other, tmp_path, folder,
                                     passphrase):
    path, target = tmp_path / "file", tmp_path / "target"
    target.mkdir()
    done = backup(redis, *passphrase, "--keys", folder, path)
    assert "3 key files" in done.stderr
    assert SECRET.encode() not in path.read_bytes()
    restore(other, *passphrase, "--keys", target, path)
    for file in folder.iterdir():
        copy = target / file.name
        assert copy.read_text() == file.read_text()
        assert copy.stat().st_mode & 0o777 == (
            0o644 if file.suffix == ".pub" else 0o600)
    assert other.everything() == durable(redis)


def test_other_keys_are_not_overwritten(redis, other, tmp_path, folder,
                                        passphrase):
    path, target = tmp_path / "file", tmp_path / "target"
    target.mkdir()
    (target / "api_secret").write_text("another")
    backup(redis, *passphrase, "--keys", folder, path)
    done = refuse(other, path, *passphrase, "--keys", target)
    assert "--force" in done.stderr
    assert (target / "api_secret").read_text() == "another"
    restore(other, *passphrase, "--keys", target, "--force", path)
    assert (target / "api_secret").read_text() == SEALING


def test_keys_alone_need_no_redis(tmp_path, folder, passphrase):
    path, target = tmp_path / "file", tmp_path / "target"
    target.mkdir()
    only = (*passphrase, "--only-keys", "--keys")
    assert utils("backup", *only, folder, path).returncode == 0
    assert utils("restore", *only, target, path).returncode == 0
    assert (target / "id_ed25519").read_text() == SECRET


def test_a_folder_without_keys_is_an_error(redis, tmp_path, passphrase):
    (tmp_path / "empty").mkdir()
    backup(redis, *passphrase, "--keys", tmp_path / "empty",
           tmp_path / "file", code=1)
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize("at, most", [(48, 16), (56, 1 << 30)],
                         ids=["passes", "memory"])
def test_a_file_demands_no_more_of_argon2id_than_the_cap(
        redis, other, tmp_path, passphrase, at, most):
    path = tmp_path / "file"
    backup(redis, *passphrase, path)
    whole = bytearray(path.read_bytes())
    whole[at:at + 8] = struct.pack("<Q", most + 1)
    path.write_bytes(whole)
    assert "damaged" in refuse(other, path, *passphrase).stderr
    if at == 48:    # at the cap it is tried, and yields another key
        whole[at:at + 8] = struct.pack("<Q", most)
        whole[56:64] = struct.pack("<Q", 8192)
        path.write_bytes(whole)
        assert "passphrase is wrong" in refuse(
            other, path, *passphrase).stderr
