"""The package, and one machine for all tests: each goes on where the one
before has left it.
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), *(str(ROOT / "tests" / part) for part in (
    "stack", "conformance", "utils"))]

from clients import Case                                # noqa: E402
from installed import key                               # noqa: E402
from machine import Machine, Unusable, run, template    # noqa: E402


@pytest.fixture(scope="session", name="deb")
def build():
    """The package as `make deb` makes it; PACKAGE names one made before."""
    if "PACKAGE" in os.environ:
        return Path(os.environ["PACKAGE"])
    run("make", "--no-print-directory", "deb", cwd=ROOT, timeout=1200)
    own = run("dpkg", "--print-architecture").strip()
    return next((ROOT / "build/deb").glob(f"rustdesk-server_*_{own}.deb"))


@pytest.fixture(scope="session", name="machine")
def started(deb):
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        pytest.skip("needs root and debootstrap")
    folder = Path(tempfile.mkdtemp(prefix="package-"))
    archive = ROOT / "build/base/debian-12-systemd.tar"
    depends = run("dpkg-deb", "-f", deb, "Depends").strip()
    template(archive, f"{depends}, nginx-light, openssl, curl, "
             "dehydrated")
    root = folder / "root"
    root.mkdir()
    run("tar", "-C", root, "-xpf", archive)
    shutil.copy(deb, root / "srv/first.deb")
    newer(deb, root / "srv/second.deb")
    machine = Machine(root)
    try:
        yield machine.start()
    except Unusable as e:
        pytest.skip(str(e))
    else:
        machine.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def newer(deb, to):
    """The same with a higher version and another default in a conffile."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        run("dpkg-deb", "-R", deb, tree)
        control = tree / "DEBIAN/control"
        control.write_text(re.sub(r"^Version: (.*)$", r"Version: \1+next",
                                  control.read_text(), flags=re.M))
        run("dpkg-deb", "--root-owner-group", "-b", tree, to)


@pytest.fixture(name="case")
def clients(machine):
    with machine.network():
        case = Case(key(machine), None)
        yield case
        case.closers.close()
