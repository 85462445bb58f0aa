"""Every cap that the documents promise is enforced: each row of their tables
names a test that goes to the cap and beyond, and says the numbers that the
code has."""

import functools
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = re.compile(r"^\| (?:what \| cap|limit \| setting).*\n\|[-|]+\n"
                   r"((?:\|.*\n)+)", re.M)
SECONDS = {1: "a second", 60: "a minute", 3600: "one hour"}
WORDS = {1: "one", 2: "two", 3: "three", 16: "16th"}


def cells(line):
    return [c.strip() for c in line.strip().strip("|").split("|")]


def promised():
    """{(section, row): what it promises}."""
    found = {}
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        for table in TABLE.finditer(part):
            for row in map(cells, table[1].splitlines()):
                found[part.split(".")[0], row[0]] = " ".join(row[:3])
    limits = (ROOT / "docs/security.md").read_text().split("## Limits")[1]
    for row in map(cells, TABLE.search(limits)[1].splitlines()):
        found["security", row[0]] = " ".join(row[:2])
    return found


def proofs():
    """{(section, row): (tests, constants)}, in the order of the file."""
    found = {}
    for line in (ROOT / "tests/lint/caps").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        section, row, tests, constants = (
            c.strip() for c in line.split("|"))
        assert (section, row) not in found, f"twice: {section} {row}"
        found[section, row] = tests.split(), constants.split()
    return found


@functools.cache
def existing():
    """The names of all tests."""
    found = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"^def (test_\w+)\(", file.read_text(), re.M))
    for file in (ROOT / "tests/unit").rglob("test_*.c"):
        text = file.read_text()
        found |= {name for name in re.findall(r"^START_TEST\((\w+)\)", text,
                                              re.M)
                  if len(re.findall(rf"\b{name}\b", text)) > 1}
    return found


def value(constant):
    """What PATH:NAME is in the code."""
    path, name = constant.split(":")
    files = [f for top in ("services", "common") for f in
             (ROOT / top).rglob(pathlib.Path(path).name)
             if str(f).endswith(path)]
    assert len(files) == 1, f"{path}: {files}"
    found = re.search(rf"\b{name}\s*=\s*([^,;}}/]+)", files[0].read_text())
    assert found, f"no {name} in {path}"
    assert re.fullmatch(r"[\d\s*<()+x-]+", found[1]), found[1]
    return eval(found[1])


def spellings(n, name):
    """How a document may write N."""
    plain = f"{n:,}".replace(",", " ")
    said = {plain, str(n), WORDS.get(n, plain)}
    for unit, names in ((1 << 10, ("KiB", "kB")), (1 << 20, ("MiB", "MB")),
                        (1 << 30, ("GiB",))):
        if n % unit == 0:
            said |= {f"{n // unit} {u}" for u in names}
    if name.endswith("_S"):
        said |= {f"{n} s", SECONDS.get(n, plain)}
    if name.endswith("_MS"):
        said |= {f"{n} ms", f"{n / 1000:g} s", f"{n // 60000} min",
                 SECONDS.get(n / 1000, plain)}
    return said


PROMISED, PROOFS = promised(), proofs()


def test_every_row_has_its_proof_and_every_proof_its_row():
    assert list(PROMISED) == list(PROOFS)


@pytest.mark.parametrize("row", PROOFS, ids=lambda r: f"{r[0]}: {r[1]}")
def test_a_row_is_proven_by_tests_and_says_what_the_code_says(row):
    tests, constants = PROOFS[row]
    assert tests, "no test goes to this cap and beyond"
    assert set(tests) <= existing(), set(tests) - existing()
    for constant in constants:
        n, name = value(constant), constant.split(":")[1]
        assert any(re.search(rf"(?<!\d){s}(?!\d)", PROMISED[row])
                   for s in spellings(n, name)), (
            f"{constant} is {n}, the row says: {PROMISED[row]}")
