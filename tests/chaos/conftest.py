"""Options and fixtures: one town with its load for each module."""

import contextlib
import pathlib
import random
import shutil
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "nodes"),
                str(HERE.parent / "conformance")]

import cable        # noqa: E402  (needs the path above)
import link         # noqa: E402
import load         # noqa: E402
import net          # noqa: E402
import report       # noqa: E402
import scenarios    # noqa: E402
import switch       # noqa: E402
import town         # noqa: E402

LONG_ROUNDS = 4     # about ten minutes


def pytest_addoption(parser):
    group = parser.getgroup("chaos")
    group.addoption("--seed", type=int, default=1)
    group.addoption("--long", action="store_true", help="ten minutes of it")
    group.addoption("--table", help="write docs/chaos.md to this file")
    group.addoption("--bin", default=str(ROOT / "build/release/bin"))


def pytest_generate_tests(metafunc):
    if "scenario" not in metafunc.fixturenames:
        return
    option = metafunc.config.option
    chance, order = random.Random(option.seed), []
    for _ in range(LONG_ROUNDS if option.long else 1):
        order += chance.sample(list(scenarios.SCENARIOS.values()),
                               len(scenarios.SCENARIOS))
    metafunc.parametrize("scenario", order, ids=[
        f"{n}-{s.name}" for n, s in enumerate(order)])


@pytest.fixture(scope="session")
def chance(request):
    return random.Random(request.config.option.seed)


@pytest.fixture(scope="session")
def outcomes(request):
    found = []
    yield found
    option = request.config.option
    if option.table and not request.session.testsfailed:
        order = list(scenarios.SCENARIOS)
        found.sort(key=lambda o: order.index(o[0]))
        pathlib.Path(option.table).write_text(
            report.table([o for _, o in found], option.seed))


@pytest.fixture(scope="session")
def network():
    return net.Network()


@pytest.fixture(scope="session")
def room():
    made = cable.Room()
    yield made
    made.close()


@contextlib.contextmanager
def running(kind, network, room, binaries):
    """A town of that KIND, with its logs if it went wrong."""
    link.WAIT = 3       # of connects: nobody here waits longer
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hbb-chaos-"))
    made = kind(network, room, folder, pathlib.Path(binaries))
    try:
        made.start()
        yield made
    finally:
        made.stop()
    if town.keep_logs():
        print(f"\nlogs: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


# For one module: two towns at once would be in each other's way.
@pytest.fixture(scope="module")
def the_town(request, network, room):
    with running(town.Town, network, room, request.config.option.bin) as made:
        yield made


@pytest.fixture(scope="module")
def the_load(request, the_town):
    made = load.Load(the_town, request.config.option.seed).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def town_of_three(request, network, room):
    with running(switch.Town, network, room, request.config.option.bin) as made:
        yield made
