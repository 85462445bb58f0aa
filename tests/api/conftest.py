import pytest

from harness import World


@pytest.fixture(scope="session")
def world():
    w = World()
    yield w
    w.stop()
