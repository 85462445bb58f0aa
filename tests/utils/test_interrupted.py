"""What was killed or lost its Redis half-way is finished by a second run."""

import os
import subprocess
import time

import pytest

import refdb
from program import PROGRAM, Redis, utils
from refdb import row

PEERS = 40000


@pytest.fixture(name="database", scope="module")
def large_database(tmp_path_factory):
    return refdb.create(tmp_path_factory.mktemp("db") / "db", [
        row(f"device-{i}") for i in range(PEERS)])


@pytest.fixture(name="redis")
def own_redis(tmp_path):
    redis = Redis(tmp_path / "redis")
    yield redis
    redis.stop()


def start(redis, *words):
    return subprocess.Popen(
        [PROGRAM, *map(str, words)], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
        env={**os.environ, "REDIS_URL": redis.url})


def until(child, check):
    """True when CHECK holds while CHILD still runs."""
    end = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < end:
        if check():
            return child.poll() is None
    return False


def count(redis):
    return int(redis.do("GET", "peers:count") or 0)


def stored(redis):
    return sum(redis.do("HLEN", k) for k in redis.do("KEYS", "peer:*"))


def finish(redis, database):
    done = utils("import", database, REDIS_URL=redis.url)
    assert done.returncode == 0, done.stderr
    assert count(redis) == stored(redis) == PEERS


def test_an_import_that_was_killed_is_finished(redis, database):
    child = start(redis, "import", database)
    assert until(child, lambda: count(redis) > 0)
    child.kill()
    child.communicate()
    assert 0 < count(redis) == stored(redis)
    finish(redis, database)


def test_an_import_that_lost_its_redis_is_finished(redis, database):
    child = start(redis, "import", database)
    assert until(child, lambda: count(redis) > 0)
    redis.child.kill()
    redis.child.wait()
    _, said = child.communicate(timeout=120)
    assert child.returncode == 1
    assert "Redis went away" in said and "run it again" in said
    redis.start()
    assert count(redis) == stored(redis)
    finish(redis, database)


def test_a_backup_that_lost_its_redis_leaves_nothing(redis, database,
                                                     tmp_path):
    finish(redis, database)
    folder = tmp_path / "out"
    folder.mkdir()
    child = start(redis, "backup", folder / "file")
    assert until(child, lambda: any(f.stat().st_size > 4000
                                    for f in folder.iterdir()))
    redis.child.kill()
    redis.child.wait()
    _, said = child.communicate(timeout=120)
    redis.start()
    if child.returncode == 0:       # it was faster
        pytest.skip("the backup was done before its Redis was gone")
    assert "Redis went away" in said and list(folder.iterdir()) == []


def test_a_restore_that_was_killed_is_finished(redis, database, tmp_path):
    finish(redis, database)
    file = tmp_path / "file"
    assert utils("backup", file, REDIS_URL=redis.url).returncode == 0
    before = redis.everything()
    for _ in range(10):
        child = start(redis, "restore", "--replace", file)
        if until(child, lambda: redis.do("EXISTS", "restore:unfinished")):
            child.kill()
        child.communicate()
        if redis.do("EXISTS", "restore:unfinished"):
            break
    assert child.returncode == -9 and redis.everything() != before
    done = utils("restore", file, REDIS_URL=redis.url)      # no --replace
    assert done.returncode == 0, done.stderr
    assert redis.everything() == before
