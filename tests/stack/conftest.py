"""The stack in containers, once per run, and a Case per test."""

import contextlib
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/stack"), str(ROOT / "tests/conformance")]

from clients import Case, Clients       # noqa: E402  (need the path above)
from compose import Compose             # noqa: E402
from engine import Engine, NoEngine     # noqa: E402


@contextlib.contextmanager
def running(folder, **how):
    """Engine, namespace, images and containers; taken down in turn."""
    with contextlib.ExitStack() as stack:
        # One at a time on a machine: addresses and ports are fixed.
        lock = stack.enter_context(open("/run/lock/stack-test", "w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = stack.enter_context(Engine(ROOT / "build/engine"))
        compose = Compose(engine, folder, **how)
        # From the machine: the namespace has no way to Debian's mirror.
        compose.base_images()
        clients = Clients()
        stack.callback(clients.close)
        compose.build()
        stack.callback(compose.down)
        compose.up()
        yield compose


@contextlib.contextmanager
def running_or_skip(folder, **how):
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    with contextlib.ExitStack() as opened:
        try:
            compose = opened.enter_context(running(folder, **how))
        except NoEngine as e:
            pytest.skip(str(e))
        except subprocess.CalledProcessError as e:
            pytest.skip(f"no network namespace: {e}")
        yield compose


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    with running_or_skip(tmp_path_factory.mktemp("stack")) as compose:
        yield compose


@pytest.fixture(scope="session")
def key(stack):
    """The public key, as an operator reads it."""
    return stack.exec("hbbs", "cat", "/data/id_ed25519.pub").strip()


@pytest.fixture(scope="session")
def certificate(stack):
    return stack.copy_out("nginx", "/certs/tls.crt",
                          stack.folder / "tls.crt")


@pytest.fixture
def case(key, certificate):
    case = Case(key, certificate)
    yield case
    case.closers.close()
