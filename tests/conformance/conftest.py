"""Options, the `case` fixture, background cases, and the outcome table."""

import concurrent.futures
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import outcome      # noqa: E402  (needs the path above)
from lab import Case, Lab   # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    group = parser.getgroup("conformance")
    group.addoption("--bin", default=os.environ.get(
        "CONFORMANCE_BIN", str(ROOT / "build/release/bin")),
        help="folder with hbbs and hbbr")
    group.addoption("--profile", default="default",
                    help="'reference' to start REF_HBBS and REF_HBBR; with "
                    "--hbbs, the profile that server was started with")
    group.addoption("--ref-hbbs", default=os.environ.get("REF_HBBS"))
    group.addoption("--ref-hbbr", default=os.environ.get("REF_HBBR"))
    group.addoption("--hbbs", help="HOST:PORT of a running server")
    group.addoption("--hbbr", help="HOST:PORT of a running relay")
    group.addoption("--key", default="", help="its public key in base64")
    group.addoption("--source", default="",
                    help="client addresses to bind to with --hbbs, by comma")
    group.addoption("--table", help="write the outcome table to this file")
    group.addoption("--long", action="store_true",
                    help="wait as long as the cases say, not a short form")
    group.addoption("--logs", action="store_true",
                    help="keep the servers' folders")


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "slow: mostly waits; runs in the background from the start")
    config.outcomes = outcome.Outcomes(
        config.option.profile == "reference")


@pytest.fixture(scope="session")
def lab(request):
    lab = request.config.lab
    if isinstance(lab, OSError):
        pytest.skip(f"no network namespaces here: {lab}")
    yield lab
    lab.stop()


@pytest.fixture
def case(lab):
    case = Case(lab)
    yield case
    case.close()


# ---- cases that wait --------------------------------------------------------

def pytest_collection_modifyitems(items):
    """Slow cases last: by then their waiting is over."""
    items.sort(key=lambda i: i.get_closest_marker("slow") is not None)


def _in_background(item, lab):
    case = Case(lab)
    try:
        item.obj(case)
    finally:
        case.close()


def pytest_runtestloop(session):
    """Makes the lab and starts the slow cases, before the first test."""
    if session.config.option.collectonly:
        return
    try:
        lab = session.config.lab = Lab(session.config.option)
    except OSError as e:    # neither root nor allowed to be it in private
        session.config.lab = e
        return
    slow = [i for i in session.items if i.get_closest_marker("slow")]
    pool = concurrent.futures.ThreadPoolExecutor(max(len(slow), 1))
    for item in slow:
        item.running = pool.submit(_in_background, item, lab)


def pytest_pyfunc_call(pyfuncitem):
    """A slow case is only waited for here."""
    running = getattr(pyfuncitem, "running", None)
    if running is None:
        return None
    running.result()
    return True


# ---- the table --------------------------------------------------------------

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" or report.skipped or report.failed:
        item.config.outcomes.add(item, report)


def pytest_sessionfinish(session):
    config = session.config
    if config.option.table:
        config.outcomes.write(pathlib.Path(config.option.table),
                              session.items)
    lab = getattr(config, "lab", None)
    if not isinstance(lab, Lab):
        return
    if config.option.logs:
        print(f"\nlogs: {lab.folder}")
    else:
        lab.discard()
