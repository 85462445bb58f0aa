"""docs/redis/docker-compose.yml: three Redis nodes, and the primary dies."""

import pytest

from compose import SERVICES
from conftest import running_or_skip
from test_stack import https, serve_and_control, until

FILES = "docker-compose.yml:docs/redis/docker-compose.yml"
NODES = ("redis", "redis2", "redis3")
OURS = ("hbbs", "hbbr", "api")
SWITCH_S = 120              # 5 s of silence, an election, and a slow machine


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    sentinels = tuple(f"sentinel{i}" for i in (1, 2, 3))
    with running_or_skip(tmp_path_factory.mktemp("sentinel"),
                         services=SERVICES + NODES[1:] + sentinels,
                         COMPOSE_FILE=FILES) as compose:
        yield compose


def primary(stack):
    """The service that is it, as a sentinel has it, if one answers."""
    said = stack.exec("sentinel1", "redis-cli", "-p", "26379", "sentinel",
                      "get-master-addr-by-name", "site", check=False)
    address = said.split("\n")[0].strip()
    return {f"10.231.117.1{i + 1}": n for i, n in enumerate(NODES)}.get(address)


def about(stack, node):
    return stack.exec(node, "redis-cli", "info", "replication", check=False)


def starts(stack):
    return {s: stack.inspect(s)["State"]["StartedAt"] for s in OURS}


def test_the_site_goes_on_when_the_primary_dies(case, stack):
    until(lambda: primary(stack) == "redis")
    until(lambda: "connected_slaves:2" in about(stack, "redis"))
    before = starts(stack)
    known = case.site().device(auto=True).register()
    serve_and_control(case.site(), "direct", known)

    stack.compose("kill", "redis")
    until(lambda: primary(stack) in NODES[1:], SWITCH_S)
    now = primary(stack)
    # Who was there stays reachable; somebody new is let in; the api writes.
    until(lambda: serve_and_control(case.site(), "direct", known), SWITCH_S)
    until(lambda: serve_and_control(case.site(), "relay", force_relay=True),
          SWITCH_S)
    until(lambda: https(case, "GET", "/api/web/config")[0].status == 200,
          SWITCH_S)
    assert starts(stack) == before

    stack.compose("up", "-d", "--no-build", "redis")
    until(lambda: "role:slave" in about(stack, "redis")
          and "master_link_status:up" in about(stack, "redis"), SWITCH_S)
    assert primary(stack) == now
    assert stack.exec("redis", "redis-cli", "set", "late", "write",
                      check=False).startswith("READONLY")
    stack.await_healthy()
