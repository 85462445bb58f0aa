"""docs/security.md: every weakness is there and every test it names exists."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOT_OURS = {"W5"}       # only a client can do something about it


def existing():
    """The names of all tests."""
    found = set()
    for file in (ROOT / "tests").rglob("*.py"):
        found |= set(re.findall(r"^def (test_\w+)\(", file.read_text(), re.M))
    for file in (ROOT / "tests/unit").rglob("*.c"):
        found |= set(re.findall(r"^START_TEST\((\w+)\)", file.read_text(),
                                re.M))
    return found


def rows():
    text = (ROOT / "docs/security.md").read_text()
    table = text.split("<!-- weaknesses -->")[1].split("<!-- end")[0]
    return {m[1]: re.findall(r"`(\w+)`", m[2]) for m in re.finditer(
        r"^\| (W\d+|–) \|.*\| ([^|]*) \|$", table, re.M)}


def test_every_weakness_has_a_row():
    # The last one has no number in the specification.
    assert list(rows()) == [f"W{n}" for n in range(1, 34)] + ["–"]


def test_every_test_that_is_named_exists():
    known = existing()
    for weakness, names in rows().items():
        assert names or weakness in NOT_OURS, weakness
        assert set(names) <= known, (weakness, set(names) - known)


def test_the_settings_it_names_exist():
    text = (ROOT / "docs/security.md").read_text()
    readme = (ROOT / "README.md").read_text()
    for name in set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=\w)?`", text)):
        assert f"`{name}`" in readme, name
