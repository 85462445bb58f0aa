"""The linter of Lua scripts catches what Redis would find at run time only."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint(root):
    return subprocess.run([sys.executable, ROOT / "tools/lint/lua", root],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_scripts_as_they_are_pass():
    done = lint(ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text, complaint", [
    ("local a = 1\nif a then\nreturn a\n", "'end' expected"),
    ("local found = 1\nreturn fuond\n", "x.lua:2: fuond is global"),
    ("n = redis.call('GET', KEYS[1])\nreturn 1\n", "x.lua:1: n is global"),
    ("return os.time()\n", "x.lua:1: os is global"),
])
def test_a_wrong_script_is_named(tmp_path, text, complaint):
    for name in ("common/site", "services"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "common/site/x.lua").write_text(text)
    done = lint(tmp_path)
    assert done.returncode == 1
    assert complaint in done.stderr
