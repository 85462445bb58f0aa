"""compose.host.yaml: the servers on the host's own network, and command lines
as other compose files have them."""

import pytest

import mangle
from compose import SERVICES
from conftest import running_or_skip
from test_stack import serve_and_control


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    with running_or_skip(tmp_path_factory.mktemp("host"),
                         COMPOSE_FILE="compose.host.yaml") as compose:
        yield compose


def test_every_container_is_healthy_and_has_no_privileges(stack):
    for service in SERVICES:
        about = stack.inspect(service)
        assert stack.health(service) == "healthy"
        assert about["HostConfig"]["CapDrop"] == ["ALL"]
        assert about["HostConfig"]["ReadonlyRootfs"]
    for service in ("hbbs", "hbbr", "api"):
        assert stack.inspect(service)["HostConfig"]["NetworkMode"] == "host"


def test_a_direct_and_a_relayed_session(case):
    serve_and_control(case.site(), "direct")
    serve_and_control(case.site(), "relay", force_relay=True)


def test_a_session_with_only_443_open_and_the_clients_own_address(case):
    site = case.wss_site()
    device = site.device(mode="ws", auto=True).register()
    serve_and_control(site, "relay", device, mode="ws")
    device, source = case.site().device().register(), case.ip()
    site.ws(source).send_msg(**site.request(device.id))
    assert mangle.decode(device.push("punch_hole").socket_addr)[0] == source


def test_redis_is_on_no_network(stack):
    assert stack.inspect("redis")["HostConfig"]["NetworkMode"] == "none"


@pytest.mark.parametrize("command", [
    "hbbs -r rd.example.com:21117 -k _", "hbbr -k _"])
def test_an_image_takes_a_command_of_published_compose_files(stack, command):
    words = command.split()
    image = f"rustdesk-stack/{words[0]}:stacktest"
    said = stack.run("docker", "run", "--rm", "--network", "none", image,
                     *words, "--version")
    assert said.startswith(words[0])
