"""A second look at the few tests of a run that failed.

Tests that talk to real processes have deadlines, and a machine that stands
still for some seconds breaks them. A test that failed is therefore run STEADY
times more, alone, when all else has ended. If any of these fails, it has
failed. If none does it passes, and is named among the last lines as unsteady:
that is a fault to look for, in the test or in the product. No second look for
more failures than AGAIN_MAX, a report of a sanitizer, a stage that does not
name its tests.
"""

import re

STEADY = 3
AGAIN_MAX = 6       # of some seven thousand: more is no accident

PYTEST_ID = re.compile(r"^(?:FAILED|ERROR) "
                       r"(tests/\S+?\.py::[\w:]+(?:\[.*?\](?= - |$))?)", re.M)
NODE_TITLE = re.compile(r"^not ok \d+ - (.*)$", re.M)


def by_pytest(stage, text):
    """{test: command} of a stage that runs pytest, itself or by make."""
    runs = {}
    for test in PYTEST_ID.findall(text):
        if set(test) & set("'$\\"):
            return {}
        runs[test] = ([*stage.argv, f"ONLY={test}"] if stage.argv[0] == "make"
                      else [*stage.argv[:-1], test])
    return runs


def by_node(stage, text, root):
    """{file: command}: Node's runner names a test, its file is looked for."""
    runs = {}
    sources = [p for p in (root / "tests/web").rglob("*.ts")
               if p.name.endswith((".spec.ts", ".browser.ts"))]
    for title in NODE_TITLE.findall(text):
        files = [p.name for p in sources if title in p.read_text()]
        if len(files) != 1:
            return {}
        runs[files[0]] = [*stage.argv, files[0]]
    return runs


def commands(stage, failed, text, root):
    """{name: command} for what failed in TEXT; {} if it cannot be told."""
    names = len(PYTEST_ID.findall(text)) or len(NODE_TITLE.findall(text))
    if not stage.counted or names != failed:
        return {}
    return by_pytest(stage, text) or by_node(stage, text, root)
