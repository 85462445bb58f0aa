"""The package for arm64, built here by `make deb ARCH=arm64`: its programs run
by an emulator, with the libraries of the Debian that they were linked in."""

import os
import re
import subprocess
import sys

import pytest
from installed import OURS, ROOT
from machine import run

CROSS = ROOT / "build/base/cross-arm64"
PROGRAMS = (*OURS, "rustdesk-utils")
CASES = ("test_case_029 or test_case_045 or test_case_049 or test_case_102 or "
         "test_case_112 or test_case_132")
API = ("tests/api/test_outages.py::"
       "test_without_redis_each_caller_gets_what_is_harmless")


@pytest.fixture(scope="module", name="package")
def built():
    """PACKAGE_ARM64 names one made before."""
    if os.geteuid() != 0:
        pytest.skip("needs root and debootstrap")
    if "PACKAGE_ARM64" in os.environ:
        return os.environ["PACKAGE_ARM64"]
    run("make", "--no-print-directory", "deb", "ARCH=arm64", cwd=ROOT,
        timeout=1800)
    return next((ROOT / "build/deb").glob("rustdesk-server_*_arm64.deb"))


@pytest.fixture(scope="module", name="unpacked")
def content(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("arm64")
    run("dpkg-deb", "-x", package, folder)
    return folder


@pytest.fixture(scope="module", name="programs")
def emulated(unpacked, tmp_path_factory):
    """A folder of programs that are those of the package."""
    folder = tmp_path_factory.mktemp("bin")
    for program in PROGRAMS:
        path = folder / program
        path.write_text(
            f"#!/bin/sh\nexec {CROSS}/usr/bin/qemu-aarch64-static -L {CROSS} "
            f'{unpacked}/usr/lib/rustdesk-server/{program} "$@"\n')
        path.chmod(0o755)
    return folder


def test_every_program_is_for_arm64_and_says_its_version(unpacked, programs):
    version = run("make", "-s", "print-VERSION", cwd=ROOT).strip()
    for program in PROGRAMS:
        header = run("readelf", "-h",
                     unpacked / "usr/lib/rustdesk-server" / program)
        assert re.search(r"Machine: +AArch64$", header, re.M), header
        assert version in run(programs / program, "--version")


def test_its_dependencies_settings_and_manual_are_those_of_every_package(
        package, unpacked, programs):
    assert run("dpkg-deb", "-f", package, "Architecture").strip() == "arm64"
    depends = run("dpkg-deb", "-f", package, "Depends")
    for library in ("libc6", "libuv1", "libwebsockets17", "libsodium23"):
        assert re.search(rf"\b{library}\b", depends), depends
    for name in OURS:
        text = (unpacked / f"etc/rustdesk-server/{name}.conf").read_text()
        table = run(programs / name, "--help-markdown")
        for setting in re.findall(r"^\| `(\w+)`", table, re.M):
            assert re.search(f"^#?{setting} = ?", text, re.M), setting
    assert list(unpacked.glob("usr/share/man/man8/hbbs.8.gz"))


def passes(*arguments, **env):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         *map(str, arguments)], cwd=ROOT, env={**os.environ, **env}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
        check=False)
    assert done.returncode == 0, done.stdout[-5000:]


def test_devices_register_and_a_session_is_relayed(programs):
    passes("tests/conformance", "--bin", programs, "-k", CASES)


def test_the_api_answers(programs):
    passes(API, API_BINARY=str(programs / "api"))
