"""What the tools for building and releasing say when something is missing."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture()
def tree(tmp_path):
    """A repository of its own with what a release looks at."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/release", tmp_path / "tools")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3, 2026-01-31\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        git(tmp_path, *words)
    return tmp_path


def git(tree, *words):
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words],
                   cwd=tree, check=True)


def release(tree, version="1.2.3"):
    return subprocess.run([tree / "tools/release", version], text=True, capture_output=True)


def test_a_release_is_explained_and_nothing_is_tagged(tree):
    done = release(tree)
    assert done.returncode == 0 and 'git tag -a v1.2.3 -m "Version 1.2.3"' in done.stdout
    assert subprocess.run(["git", "tag"], cwd=tree, capture_output=True).stdout == b""


@pytest.mark.parametrize("heading, says", [
    ("## 1.2.3, unreleased", "write the date"), ("## 1.2.2, 2026-01-31", "## 1.2.2"),
    ("## 1.2.3, soon", "soon"), ("", "nothing")])
def test_a_changelog_that_does_not_fit_is_named(tree, heading, says):
    (tree / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n")
    git(tree, "commit", "-qam", "more")
    done = release(tree)
    assert done.returncode == 1 and says in done.stderr and not done.stdout


def test_a_version_that_is_tagged_or_none_and_a_tree_that_changed_are_named(tree):
    git(tree, "tag", "-a", "v1.2.3", "-m", "x")
    assert "raise VERSION" in release(tree).stderr
    assert "not MAJOR.MINOR.PATCH" in release(tree, "1.2").stderr
    (tree / "new").write_text("")
    assert "not committed" in release(tree).stderr


def test_packages_that_are_missing_to_build_are_named(tmp_path):
    def packages(*words, **env):
        return subprocess.run([ROOT / "tools/packages", *words], text=True, capture_output=True,
                              env={**os.environ, **env})

    assert packages("sh").returncode == 0
    done = packages("no-such-cc -m32", "no-such-module", "libuv")
    assert done.returncode == 1 and "make deps" in done.stderr
    assert "no-such-cc" in done.stderr and "no-such-module" in done.stderr
    assert "libuv" not in done.stderr
    for name in ("bash", "env"):
        (tmp_path / name).symlink_to(shutil.which(name))
    done = packages("sh", "libuv", PATH=str(tmp_path))
    assert "missing to build: sh pkg-config protoc-c" in done.stderr


def test_a_stage_without_its_package_says_which(monkeypatch):
    spec = importlib.util.spec_from_file_location("run_tests", ROOT / "tests/run_tests.py")
    runner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runner)
    there = set(runner.PACKAGES)
    monkeypatch.setattr(runner, "is_there", lambda p: p in there)
    assert all(runner.lacking(s.name) == [] for s in runner.stages())
    there -= {"slapd", "chromium", "clang"}
    lacking = {s.name: runner.lacking(s.name) for s in runner.stages()}
    assert lacking["api"] == lacking["api-asan"] == ["slapd"]
    assert lacking["web-console"] == ["chromium"] and lacking["web-unit"] == []
    assert lacking["analyze"] == lacking["build-clang"] == ["clang"]
    assert lacking["unit-asan"] == lacking["build"] == []
