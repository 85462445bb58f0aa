"""The programs as they were built: what keeps a fault from being exploited."""

import pathlib
import platform
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"
PROGRAMS = ["hbbs", "hbbr", "api", "rustdesk-utils"]


def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True,
                          text=True).stdout


@pytest.fixture(params=PROGRAMS)
def program(request):
    path = BIN / request.param
    assert path.exists(), "build first: make all"
    return path


def test_it_is_relocatable_and_its_tables_are_read_only(program):
    assert re.search(r"Type:\s+DYN", run("readelf", "-h", program))
    assert "GNU_RELRO" in run("readelf", "-lW", program)
    assert re.search(r"FLAGS.*NOW", run("readelf", "-dW", program))
    stack = re.search(r"GNU_STACK.*", run("readelf", "-lW", program))[0]
    assert " RW " in stack and "RWE" not in stack


def test_it_watches_its_stack_and_its_copies(program):
    symbols = run("readelf", "-W", "--dyn-syms", program)
    assert "__stack_chk_fail" in symbols
    assert re.search(r"__\w+_chk@", symbols)


@pytest.mark.skipif(platform.machine() != "x86_64",
                    reason="the instructions are x86's")
def test_it_probes_large_frames_and_marks_its_entries(program):
    code = run("objdump", "-d", "--no-show-raw-insn", program)
    ours = re.search(r"<main>:\n(?:.*\n)", code)[0]
    assert "endbr64" in ours
    # -fstack-clash-protection touches each page of a large frame.
    assert re.search(r"orq?\s+\$0x0,(0x\w+)?\(%rsp\)", code)
