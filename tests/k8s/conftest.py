"""Helm, for the tests of the chart."""

import os
import shutil
import subprocess

import pytest
from manifests import ROOT

MODULE = "helm.sh/helm/v3/cmd/helm@v3.18.6"
BUILD_S = 1200       # three minutes on two cores of its own
BUILT = ROOT / "build/tools/helm"


@pytest.fixture(scope="session")
def helm():
    """The one that is installed, or else one that Go builds and that stays."""
    if found := shutil.which("helm"):
        return found
    if not BUILT.exists():
        if not shutil.which("go"):
            pytest.skip("neither helm nor go is there")
        if problem := build():
            pytest.skip(f"helm cannot be built: {problem}")
    return str(BUILT)


def build():
    """What keeps Go from building it."""
    # Not with another Go, if this one is too old.
    env = dict(os.environ, GOBIN=str(BUILT.parent), GOTOOLCHAIN="local",
               GOFLAGS="-ldflags=-s")
    try:
        done = subprocess.run(
            ["go", "install", MODULE], text=True, check=False, timeout=BUILD_S,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env)
    except subprocess.TimeoutExpired:
        return f"not within {BUILD_S} s"
    return done.returncode and (done.stdout.splitlines() or ["no word"])[-1]
