"""Hosts that are unusual: without IPv4."""

import os
import subprocess

import pytest

# In a network namespace whose loopback has ::1 alone.
WITHOUT_IPV4 = """
ip link set lo up && ip -4 addr flush dev lo || exit 2
"$0" & child=$!
n=0
until "$0" healthcheck; do
    n=$((n + 1))
    [ $n -lt 100 ] && kill -0 $child || exit 1
    sleep 0.1
done
kill $child && wait $child && echo healthy
"""


@pytest.mark.parametrize("bind", [None, "::1"])
def test_hbbr_starts_and_is_healthy_without_ipv4(request, tmp_path, bind):
    """Its internal port is on ::1 then, whatever OPS_BIND's default says."""
    program = os.path.abspath(
        os.path.join(request.config.getoption("--bin"), "hbbr"))
    env = {"KEY": "", "DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    if bind:
        env["OPS_BIND"] = bind
    done = subprocess.run(
        ["unshare", "-n", "/bin/sh", "-c", WITHOUT_IPV4, program], env=env,
        cwd=tmp_path, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0 and "healthy" in done.stdout, done.stderr
