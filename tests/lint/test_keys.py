"""The linter of key names finds one that stands elsewhere, or nowhere."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint(root):
    return subprocess.run([sys.executable, ROOT / "tools/lint/keys", root],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def house(tmp_path):
    (tmp_path / "services").mkdir()
    (tmp_path / "common/site").mkdir(parents=True)
    shutil.copy(ROOT / "common/site/keynames.h", tmp_path / "common/site")
    return tmp_path


def test_the_names_as_they_are_pass():
    done = lint(ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file, text, complaint", [
    ("x.c", 'char *k = "api:kick:%s";\n', "api:kick:%s belongs into"),
    ("x.c", 'char *k = "token:%s";\n', "token:%s belongs into"),
    ("x.lua", "redis.call('GET', 'api:kikc:' .. id)\n", "api:kikc: is not in"),
    ("x.lua", "redis.call('HGET', 'api:devise', id)\n", "api:devise is not in"),
])
def test_a_name_of_ones_own_is_found(house, file, text, complaint):
    (house / "services" / file).write_text(text)
    done = lint(house)
    assert done.returncode == 1
    assert complaint in done.stderr


@pytest.mark.parametrize("text", [
    "redis.call('HGET', 'api:device:name', ARGV[1])\n",
    "redis.call('HLEN', 'api:open:' .. guid)\n",
    "-- 'api:devise'\n",
])
def test_names_of_the_header_pass(house, text):
    (house / "services/x.lua").write_text(text)
    done = lint(house)
    assert done.returncode == 0, done.stderr
