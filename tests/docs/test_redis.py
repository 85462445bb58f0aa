"""docs/redis/docker-compose.yml: three nodes, three sentinels, one truth."""

import os
import pathlib
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
NODES = ("redis", "redis2", "redis3")
SENTINELS = ("sentinel1", "sentinel2", "sentinel3")


@pytest.fixture(scope="module")
def services():
    out = subprocess.run(
        ["docker-compose", "-f", "docker-compose.yml",
         "-f", "docs/redis/docker-compose.yml", "config"], cwd=ROOT,
        env={"PATH": os.environ["PATH"]}, check=True,
        stdout=subprocess.PIPE).stdout
    return yaml.safe_load(out)["services"]


def test_every_node_and_sentinel_has_its_own_address_and_volume(services):
    """The name of a dead container is nobody's: they know addresses."""
    for name, variable, port in (
            *((n, "REDIS_NODE", 6379) for n in NODES),
            *((s, "SENTINEL_NODE", 26379) for s in SENTINELS)):
        address = services[name]["networks"]["state"]["ipv4_address"]
        assert services[name]["environment"][variable] == f"{address}:{port}"
        assert len(services[name]["volumes"]) == 1
    assert len({str(services[n]["volumes"]) for n in NODES + SENTINELS}) == 6


@pytest.mark.parametrize("name", NODES)
def test_a_node_asks_every_sentinel_and_has_a_cap(services, name):
    assert services[name]["environment"]["SENTINELS"].split() == [
        f"{s}:26379" for s in SENTINELS]
    assert services[name]["command"][0] == "--maxmemory"
    assert services[name]["mem_limit"]


@pytest.mark.parametrize("name", ["hbbs", "hbbr", "api"])
def test_the_servers_ask_every_sentinel(services, name):
    assert services[name]["environment"]["REDIS_URL"] == (
        "redis+sentinel://" + ",".join(f"{s}:26379" for s in SENTINELS)
        + "/site")
