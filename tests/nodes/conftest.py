"""Fixtures: clusters in the namespaces of the conformance suite."""

import os
import pathlib
import shutil
import sys
import tempfile
import types

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "conformance")]

import cable        # noqa: E402  (needs the path above)
import cluster      # noqa: E402
import lab          # noqa: E402
import net          # noqa: E402


class Case(lab.Case):
    """A test's connections, and sites of any cluster's nodes."""

    def site(self, node):
        return cluster.Site(self, node)


@pytest.fixture(scope="session")
def network():
    return net.Network()


@pytest.fixture(scope="session")
def make_cluster(network):
    """Makes and starts a cluster; the caller stops it."""
    base = pathlib.Path(tempfile.mkdtemp(prefix="hbb-nodes-"))
    room = cable.Room()
    made = []

    def make(**how):
        folder = base / str(len(made))
        folder.mkdir()
        made.append(folder)
        return cluster.Cluster(
            network, room, folder, os.environ.get(
                "NODES_BIN", ROOT / "build/release/bin"), **how).start()

    yield make
    room.close()
    if "NODES_KEEP" in os.environ:
        print(f"\nlogs: {base}")
    else:
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="session")
def three(make_cluster):
    """Three nodes, one relay, for tests that harm nothing."""
    c = make_cluster(nodes=3)
    yield c
    c.stop()


@pytest.fixture
def case():
    case = Case(types.SimpleNamespace(remote=False, reference=False))
    yield case
    case.close()
