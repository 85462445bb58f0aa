"""The commands of rustdesk-utils in the documentation are right.

Those on the pages about migration and backup that need no container are run,
in a folder of their own and on a Redis of their own.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("DOCS_BIN", ROOT / "build/release/bin"))
UTILS = BIN / "rustdesk-utils"
PAGES = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]

sys.path.append(str(ROOT / "tests/utils"))

import refdb                                            # noqa: E402
from fake import PUBLIC, SECRET                         # noqa: E402
from program import Redis                               # noqa: E402


def said(*argv):
    return subprocess.run([UTILS, *argv], capture_output=True, text=True,
                          check=True, timeout=60).stdout


def blocks(page):
    return re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.S)


COMMANDS = sorted({
    (page.name, line[line.index("rustdesk-utils"):])
    for page in PAGES for line in "\n".join(
        re.findall(r"```[a-z]*\n(.*?)```", page.read_text(), re.S)
    ).splitlines() if re.search(r"rustdesk-utils [a-z]+", line)
    and "rustdesk-utils:" not in line})


@pytest.mark.parametrize("page, command", COMMANDS)
def test_a_documented_command_and_its_options_exist(page, command):
    words = shlex.split(re.split(r"[|<>;&'\]]", command)[0], posix=False)[1:]
    assert f"  {words[0]} " in said("--help")
    flags = [w.split("=")[0] for w in words if w.startswith("--")]
    if flags:
        text = said(words[0], "--help")
        for flag in flags:
            assert flag.removesuffix("-file") in text, flag


@pytest.fixture(name="place")
def place_and_redis(tmp_path):
    """A machine with both servers' folders, as the pages name them."""
    (tmp_path / "var/lib/rustdesk-server").mkdir(parents=True)
    (tmp_path / "srv/rustdesk").mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    old = tmp_path / "var/lib/rustdesk-server"
    refdb.create(old / "db_v2.sqlite3", [refdb.row("device-1")])
    (old / "id_ed25519").write_text(SECRET)
    (tmp_path / "passphrase").write_text("geheim")
    redis = Redis(tmp_path / "redis")
    yield tmp_path, redis
    redis.stop()


def run(place, redis, block, port="7999"):
    block = re.sub(r"(?<!\S)/(?=(?:var/lib|srv|tmp)/)", f"{place}/", block)
    return subprocess.run(
        ["sh", "-ec", block.replace("7999", port)], cwd=place, text=True,
        capture_output=True, timeout=120, check=True,
        env={"PATH": f"{BIN}:{os.environ['PATH']}", "REDIS_URL": redis.url})


@pytest.mark.skipif(not shutil.which("redis-cli"), reason="no redis-cli")
def test_migration_backup_drill_and_export_work_as_described(place):
    folder, redis = place
    move = next(b for b in blocks("docs/migrate.md") if "docker" not in b)
    run(folder, redis, move)
    assert redis.do("GET", "peers:count") == b"1"
    pair = folder / "srv/rustdesk"
    assert (pair / "id_ed25519.pub").read_text() == PUBLIC
    make, restore, drill, export = (
        b for b in blocks("docs/backup.md") if "docker" not in b)
    run(folder, redis, make)
    redis.do("FLUSHALL")
    (pair / "id_ed25519").unlink()
    run(folder, redis, restore)
    assert redis.peer("device-1")
    assert (pair / "id_ed25519").read_text() == SECRET
    port = str(20000 + os.getpid() % 10000)
    assert "\n1\n" in run(folder, redis, drill, port).stdout
    run(folder, redis, export)
    assert "device-1" in (folder / "everything.jsonl").read_text()
