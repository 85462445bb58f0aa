"""Options and fixtures: one town with its load for the whole run."""

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
def the_town(request):
    link.WAIT = 3       # of connects: nobody here waits longer
    network = net.Network()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hbb-chaos-"))
    room = cable.Room()
    made = town.Town(network, room, folder,
                     pathlib.Path(request.config.option.bin))
    made.start()
    yield made
    made.stop()
    room.close()
    if town.keep_logs():
        print(f"\nlogs: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def the_load(request, the_town):
    made = load.Load(the_town, request.config.option.seed).start()
    yield made
    made.stop()
