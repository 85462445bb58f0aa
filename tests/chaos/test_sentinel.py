"""Redis three times, as services/redis starts it: the primary is killed or
cut off, another takes over, and the old one comes back as a replica."""

import contextlib
import random
import signal
import socket
import subprocess

import pytest
from three import SCRIPTS, Three, until


def free_ports(count):
    """Below those that connections leave from, which could be taken again."""
    found = []
    for port in random.sample(range(20000, 30000), 200):
        with contextlib.suppress(OSError), socket.create_server(
                ("127.0.0.1", port)):
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


@pytest.fixture(name="three")
def started(request, tmp_path):
    made = Three(tmp_path, free_ports(6), getattr(request, "param", ""))
    try:
        made.start()
        yield made
    finally:
        made.stop()


# By name and with a password as on Kubernetes, by address as in Compose.
@pytest.mark.parametrize("three, harm", [
    ("s3cret-of_both", "killed"), ("", "cut-off")],
    ids=["killed-named-password", "cut-off"], indirect=["three"])
def test_what_a_replica_has_outlives_the_primary(three, harm):
    old = until("a primary", three.told)
    for key in (f"k{n}" for n in range(20)):
        until(key, lambda key=key: three.copied(old, key))
    three.signal(old, signal.SIGKILL if harm == "killed" else signal.SIGSTOP)
    new = three.successor(old)
    assert three.ask(new, "exists", *(f"k{n}" for n in range(20))) == "20"
    until("writes", lambda: three.ask(new, "set", "after", "1") == "OK")
    if harm == "killed":
        three.running[old].wait()
        three.launch(old)
    else:
        three.signal(old, signal.SIGCONT)
    until("all three again", three.whole)
    assert "READONLY" in three.ask(old, "set", "late", "1")
    assert three.ask(new, "exists", "late") == "0"
    if three.password:
        three.password = ""
        assert all("NOAUTH" in three.ask(port, "info")
                   for port in three.running)


def test_a_primary_without_replicas_refuses_writes(three):
    primary = until("a primary", three.told)
    for port in three.nodes:
        if port != primary:
            three.signal(port, signal.SIGSTOP)
    until("a refusal", lambda: "NOREPLICAS" in three.ask(
        primary, "set", "x", "1"))


@pytest.mark.parametrize("script", ["node", "sentinel"])
def test_a_password_that_would_be_read_otherwise_is_refused(script, tmp_path):
    done = subprocess.run(
        [SCRIPTS / script], text=True, stderr=subprocess.PIPE, check=False,
        env={"PATH": "/usr/bin:/bin", "REDISCLI_AUTH": "a b",
             "REDIS_NODE": "n:1", "SENTINELS": "s:1", "SENTINEL_NODE": "s:1",
             "FIRST_PRIMARY": "n:1", "SENTINEL_DIR": str(tmp_path)})
    assert done.returncode == 1 and "REDISCLI_AUTH" in done.stderr
