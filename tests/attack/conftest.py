"""Options and fixtures: one town for the whole run."""

import pathlib
import shutil
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
DESCRIPTORS = 60
sys.path[:0] = [str(HERE), str(HERE.parent / "chaos"),
                str(HERE.parent / "nodes"), str(HERE.parent / "conformance")]

import fleet as fleets      # noqa: E402  (needs the path above)
import net                  # noqa: E402
import report               # noqa: E402
import servers              # noqa: E402
import town as towns        # noqa: E402
from lab import Case        # noqa: E402


def pytest_addoption(parser):
    group = parser.getgroup("attack")
    group.addoption("--bin", default=str(ROOT / "build/release/bin"))
    group.addoption("--long", action="store_true",
                    help="each attack 10 s; delays count as well")
    group.addoption("--table", help="write the outcomes into this file")


class Lab:
    """What a Case asks of its lab."""

    remote = False


@pytest.fixture(scope="session")
def network():
    return net.Network()


@pytest.fixture(scope="session")
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="hbb-attack-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def make_stack(request, network, folder):
    """make_stack(profile, port, **of the Stack): a stack that runs."""
    binaries = pathlib.Path(request.config.option.bin).resolve()
    made = []

    def make(profile, port, name):
        (folder / name).mkdir()
        stack = servers.Stack(
            network, servers.Binaries(binaries / "hbbs", binaries / "hbbr"),
            folder / name, profile, port)
        made.append(stack)
        return stack
    yield make
    problems = []
    for stack in made:
        try:
            stack.stop()
        except AssertionError as e:
            problems.append(str(e))
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="session")
def town(make_stack):
    stack = make_stack(towns.PROFILE, 21116, "stack").start()
    made = towns.Town(stack, fleets.Fleet(stack, Case(Lab())))
    yield made
    made.close()


@pytest.fixture(scope="session")
def small_town(make_stack):
    """Each program may have few descriptors."""
    stack = make_stack(towns.PROFILE, 21216, "small")
    for process in (stack.hbbs, stack.hbbr, stack.api):
        process.argv = ["prlimit", f"--nofile={DESCRIPTORS}", *process.argv]
    stack.api.env["THREADS"] = "4"
    made = towns.Town(stack.start(), fleets.Fleet(stack, Case(Lab())))
    yield made
    made.close()


@pytest.fixture(scope="session")
def outcomes(request):
    found = []
    yield found
    for o in found:
        print("\n" + report.row(o).strip(), end="")
    if request.config.option.table:
        report.write(request.config.option.table, found)
