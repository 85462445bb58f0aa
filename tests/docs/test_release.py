"""What the tools for building and releasing say when something is missing."""

import importlib.util
import os
import re
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


@pytest.fixture
def runner(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tests"))
    spec = importlib.util.spec_from_file_location("run_tests", ROOT / "tests/run_tests.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_stage_without_its_package_says_which(monkeypatch, runner):
    there = set(runner.PACKAGES)
    monkeypatch.setattr(runner, "is_there", lambda p: p in there)
    assert all(runner.lacking(s.name) == [] for s in runner.stages())
    there -= {"slapd", "chromium", "clang"}
    lacking = {s.name: runner.lacking(s.name) for s in runner.stages()}
    assert lacking["api"] == lacking["api-asan"] == ["slapd"]
    assert lacking["web-console"] == ["chromium"] and lacking["web-unit"] == []
    assert lacking["analyze"] == lacking["build-clang"] == ["clang"]
    assert lacking["unit-asan"] == lacking["build"] == []


# ---- the second look --------------------------------------------------------

UNSTEADY = """
import pathlib, pytest
def test_right(): pass
@pytest.mark.parametrize("way", ["udp - ws"])
def test_sometimes(way):
    seen = pathlib.Path(__file__).with_name("seen")
    count = int(seen.read_text()) + 1 if seen.exists() else 1
    seen.write_text(str(count))
    assert count not in WRONG
"""


@pytest.mark.parametrize("wrong,code", [({1}, 0), ({1, 3}, 1), ({1, 2, 3, 4}, 1)])
def test_what_failed_once_is_run_alone_and_named(tmp_path, monkeypatch, capsys, runner,
                                                 wrong, code):
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text(UNSTEADY.replace("WRONG", str(wrong)))
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(runner, "LOGS", tmp_path / "build/test")
    monkeypatch.setattr(runner, "stages", lambda: [
        runner.Stage("it", [*runner.PYTEST, "tests"], 1, True)])
    assert runner.main([]) == code
    said = capsys.readouterr().out
    assert ("unsteady, failed once" in said) == (code == 0)
    assert said.splitlines()[-1] == ("2 passed, 0 failed, 0 skipped" if code == 0
                                     else "1 passed, 1 failed, 0 skipped")


def stage_of(runner, name):
    return next(s for s in runner.stages() if s.name == name)


def test_a_second_look_knows_how_to_run_what_failed(runner):
    look = runner.second_look
    test = "tests/conformance/test_2_udp.py::test_x[udp]"
    said = f"FAILED {test} - AssertionError: no - at all"
    run = look.commands(stage_of(runner, "conformance"), 1, said, ROOT)[test]
    assert run[0] == "make" and run[-1] == f"ONLY={test}"
    assert look.commands(stage_of(runner, "nodes"), 1, said, ROOT)[test][-1] == test
    assert look.commands(stage_of(runner, "nodes"), 2, said, ROOT) == {}
    title = re.search(r"^test\('(.+?)'", (ROOT / "tests/web/console/work.spec.ts").read_text(),
                      re.M)[1]
    run = look.commands(stage_of(runner, "web-console"), 1, f"not ok 3 - {title}", ROOT)
    assert run["work.spec.ts"] == ["tests/web/console/run", "work.spec.ts"]
    for name in ("build", "lint", "analyze"):
        assert look.commands(stage_of(runner, name), 1, said, ROOT) == {}


def test_what_a_sanitizer_reports_or_fails_in_crowds_gets_no_second_look(runner):
    stage = stage_of(runner, "api")
    for failed, said in ((1, "ERROR: AddressSanitizer: heap-use-after-free\n"),
                         (runner.second_look.AGAIN_MAX + 1, "")):
        result = runner.Result(failed=failed, text=said + "FAILED tests/api/x.py::test_y\n" * failed)
        result.broken = [(stage, result)]
        assert runner.look_again(result) == [] and result.failed == failed
