"""docs/scale/docker-compose.yml: the second of each is like the first."""

import pathlib
import shutil
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ["docker-compose.yml", "docs/scale/docker-compose.yml"]
OWN = {"NODE_ID", "RELAY_ADDRESS", "RELAY_LAN_ADDRESS"}


@pytest.fixture(scope="module")
def both():
    return [yaml.safe_load((ROOT / f).read_text())["services"] for f in FILES]


def test_compose_accepts_the_two_files_together():
    if not shutil.which("docker-compose"):
        pytest.skip("needs docker-compose")
    files = [word for f in FILES for word in ("-f", f)]
    done = subprocess.run(["docker-compose", *files, "config"], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    assert {"hbbs2", "hbbr2", "api2"} <= set(services)


@pytest.mark.parametrize("name", ["hbbs", "hbbr", "api"])
def test_the_second_takes_the_same_settings(both, name):
    first, second = both[0][name], both[1][name + "2"]

    def settings(service):
        return {line for line in service["environment"]
                if line.split("=")[0] not in OWN}
    assert settings(first) == settings(second)
    assert first["volumes"] == second["volumes"]
    assert first["image"] == second["image"]
    assert first.get("stop_grace_period") == second.get("stop_grace_period")


@pytest.mark.parametrize("name", ["hbbs", "hbbr", "api"])
def test_nginx_finds_the_second_under_the_name_of_the_first(both, name):
    assert name in both[1][name + "2"]["networks"]["proxy"]["aliases"]


def test_no_port_is_published_twice(both):
    published = [p.split("}")[1] if "{PUBLISH" in p else p
                 for services in both for service in services.values()
                 for p in service.get("ports", ())]
    assert len(set(published)) == len(published)
