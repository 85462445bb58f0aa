"""A task that is described by a call says first how it is done in the console."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Of the calls themselves, and what was measured on them.
OF_CALLS = {"api.md", "conformance.md", "conformance-reference.md"}
PAGES = sorted(p for p in ROOT.glob("docs/*.md") if p.name not in OF_CALLS)
CALL = re.compile(r"\bcurl\b|\bcall (?:GET|POST|PUT|PATCH|DELETE) |"
                  r"`(?:GET|POST|PUT|PATCH|DELETE) /api/")
# Words of the console in italics, where a sentence says how it is done there.
WORDS = re.compile(r"(?<!\*)\*([A-Z][^*\n]+)\*(?!\*)")


def sections(page):
    """From one heading to the next; the first is what stands above them all."""
    return re.split(r"^(?=## )", page.read_text(), flags=re.M)


def texts():
    """All that the console says, in English."""
    found = set()
    for file in [*ROOT.glob("services/web/console/texts/en/*.ts"),
                 ROOT / "services/web/ui/texts/en.ts"]:
        for value in re.findall(r"^  '[\w.-]+':\s*((?:'[^']*'(?:\s*\+\s*)?)+)", file.read_text(),
                                re.M):
            text = "".join(re.findall(r"'([^']*)'", value))
            found.add(re.sub(r"\{\w+(?:\|[^}]*)?\}", "…", text))
    assert len(found) > 500
    return found


def ids(pages):
    return [p.name for p in pages]


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_what_is_done_by_a_call_is_said_of_the_console_first(page):
    said = False    # above the first heading it is said for all that follows
    for n, text in enumerate(sections(page)):
        call = CALL.search(text)
        before = text[:call.start()] if call else text
        here = re.search(r"\bconsole\b|^\*Console\*", before, re.I | re.M)
        said = said or (n == 0 and bool(here))
        assert said or here or not call, (
            f"{page.name}: {text.splitlines()[0]!r} has {call.group()!r}, and does not say "
            "first how it is done in the console")


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_the_words_of_the_console_are_those_it_has(page):
    known = texts()
    for paragraph in re.split(r"\n\s*\n|^\* ", page.read_text(), flags=re.M):
        if not re.match(r"\s*\*Console\*:", paragraph):
            continue
        for word in WORDS.findall(paragraph):
            assert word == "Console" or word in known, (page.name, word)
