"""Names and passwords for TURN servers, tried on Debian's coturn."""
import base64
import hashlib
import hmac
import os
import socket
import subprocess
import time

import pytest

from harness import ROOT, World, wait_for

SECRET = "a-secret-that-is-shared"
START = os.path.join(ROOT, "services/turn/start")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def turn(tmp_path_factory):
    """(port, folder) of a running coturn."""
    folder, port = tmp_path_factory.mktemp("turn"), free_port()
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([START], stdout=log, stderr=log, env={
            **os.environ, "RUN_DIR": str(folder), "TURN_SECRET": SECRET,
            "TURN_ADDRESS": "127.0.0.1", "TURN_PORT": str(port)})

    def answers():
        assert process.poll() is None, (folder / "log").read_text()
        try:                    # it waits for ever for an answer that was lost
            return subprocess.run(["turnutils_stunclient", "-p", str(port), "127.0.0.1"],
                                  capture_output=True, timeout=2).returncode == 0
        except subprocess.TimeoutExpired:
            return False
    try:
        wait_for("coturn", answers, 30)
        yield port, folder
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def world(turn):
    w = World(TURN_SECRET=SECRET, TURN_URLS=(
        f"turn:127.0.0.1:{turn[0]}?transport=udp,turn:127.0.0.1:{turn[0]}?transport=tcp, turns:rd.example.com:5349,stun:192.0.2.1"))
    yield w
    w.stop()


def test_everybody_may_know_where_they_are_and_nobody_gets_a_password(world, turn):
    servers = world.client().get("/api/web/config")["ice_servers"]
    assert servers == [{"urls": [f"stun:127.0.0.1:{turn[0]}"]}, {"urls": ["stun:192.0.2.1"]}]


def relayed(port, name, password):
    """What a client of TURN hears when it asks for a relay to 127.0.0.1."""
    return subprocess.run(
        ["turnutils_uclient", "-u", name, "-w", password, "-p", str(port), "-e", "127.0.0.1",
         "-n", "1", "-y", "127.0.0.1"], capture_output=True, text=True, timeout=60).stdout


def test_who_begins_a_session_may_relay_for_ten_minutes_but_not_to_what_is_near(world, turn):
    servers = world.user().post("/api/web/ticket", {"id": "123456789"}).json()["ice_servers"]
    relays = [s for s in servers if "credential" in s]
    assert [s["urls"] for s in relays] == [
        [f"turn:127.0.0.1:{turn[0]}?transport=udp"],
        [f"turn:127.0.0.1:{turn[0]}?transport=tcp"], ["turns:rd.example.com:5349"]]
    name, password = relays[0]["username"], relays[0]["credential"]
    assert 0 < int(name.split(":")[0]) - time.time() <= 600
    mac = hmac.new(SECRET.encode(), name.encode(), hashlib.sha1).digest()
    assert password == base64.b64encode(mac).decode()
    # let in, and refused at the peer
    assert "Forbidden IP" in relayed(turn[0], name, password)
    said = relayed(turn[0], name, "x" + password)
    assert "Forbidden IP" not in said and "Cannot complete Allocation" in said
    again = world.user().post("/api/web/ticket", {"id": "123456789"}).json()["ice_servers"]
    assert again[-1]["username"] != name        # a quota for each session


def test_its_secret_is_in_no_log(world, turn):
    assert SECRET not in world.api.text()
    assert SECRET not in (turn[1] / "log").read_text()
    assert (turn[1] / "turnserver.conf").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("env,says", [
    ({"TURN_SECRET": "short"}, "TURN_SECRET has less than 16 characters"),
    ({"TURN_SECRET": "0123456789abcde\nx"}, "letters, digits"),
    ({"TURN_ADDRESS": ""}, "TURN_ADDRESS is not set"),
    ({"TURN_ADDRESS": "rd.example.com"}, "is not an IP"),
    ({"TURN_PORT": "80"}, "not in 1024-65535"),
    ({"TURN_MIN_PORT": "5000", "TURN_MAX_PORT": "4000"}, "TURN_MIN_PORT is above"),
    ({"TURN_MAX_PORT": "many"}, "is not a port"),
])
def test_a_wrong_setting_of_the_turn_server_is_named(tmp_path, env, says):
    r = subprocess.run([START], capture_output=True, text=True, timeout=30, env={
        **os.environ, "RUN_DIR": str(tmp_path), "TURN_SECRET": SECRET,
        "TURN_ADDRESS": "192.0.2.1", **env})
    assert r.returncode == 2 and says in r.stderr, r.stderr
