"""`make run`: the stack without containers, as a person starts and stops it."""

import contextlib
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import browser
import pytest
from lab import Site

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("STACK_BIN", ROOT / "build/release/bin"))
START_S, STOP_S = 60, 30
HOST = "127.0.0.1"


class Case:
    """What a Site needs of a test; clients are loopback addresses."""

    _numbers = itertools.count(2)

    def __init__(self):
        self.closers = contextlib.ExitStack()

    def ip(self):
        return f"127.0.0.{next(self._numbers)}"

    def new_id(self):
        return str(400_000_000 + next(self._numbers))


def free_ports():
    """Ports for one stack; hbbs and hbbr take neighbours of theirs."""
    def is_free(port):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as s:
                try:
                    s.bind(("", port))
                except OSError:
                    return False
        return True

    start = 22000 + os.getpid() % 8000
    first = next(p for p in itertools.count(start, 10)
                 if all(is_free(p + i) for i in range(10)))
    return {"PORT": first + 1, "RELAY_PORT": first + 2,
            "API_PORT": first + 7, "HTTP_PORT": first + 8,
            "HTTPS_PORT": first + 9}


class Run:
    """One run of the command, and what it printed so far."""

    def __init__(self, data, ports, **settings):
        self.data, self.ports = data, ports
        self.output = data.parent / "output"
        env = {**os.environ, **{k: str(v) for k, v in ports.items()},
               "DATA": str(data), "HOST": HOST, **settings}
        with open(self.output, "wb") as out:
            self.child = subprocess.Popen(
                [sys.executable, ROOT / "tools/run_stack.py", BIN], env=env,
                stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT)

    def text(self):
        return self.output.read_text()

    def await_text(self, pattern, seconds=START_S):
        end = time.monotonic() + seconds
        while (found := re.search(pattern, self.text())) is None:
            assert self.child.poll() is None, self.text()
            assert time.monotonic() < end, (
                f"no {pattern!r} in {seconds} s:\n{self.text()}")
            time.sleep(0.05)
        return found

    def started(self):
        self.await_text("Who connects:")
        self.key = self.await_text(r"Key +(\S+)")[1]
        return self

    def site(self, case):
        return Site(case, remote=((HOST, HOST), self.ports["PORT"],
                                  self.ports["RELAY_PORT"], self.key))

    def stop(self, number=signal.SIGINT):
        if self.child.poll() is None:
            self.child.send_signal(number)
        return self.child.wait(STOP_S)


@pytest.fixture
def case():
    case = Case()
    yield case
    case.closers.close()


@pytest.fixture
def start():
    """Starts a run in the test's folder; ends it with the test."""
    ports, runs = free_ports(), []
    folder = tempfile.TemporaryDirectory(prefix="run.")
    Path(folder.name).chmod(0o755)      # nginx' workers are nobody

    def go(**settings):
        runs.append(Run(Path(folder.name) / "data", ports, **settings))
        return runs[-1]

    go.ports = ports
    yield go
    for run in runs:
        run.stop()
    folder.cleanup()


def session(run, case, device=None, **controller):
    site = run.site(case)
    device = device or site.device(auto=True).register()
    _, login = site.controller(**controller).connect(device.id)
    assert login.peer_info.hostname == "host-b", login
    return device


def test_it_says_what_a_client_needs(start):
    run = start().started()
    config = run.await_text(r"Client config +(\S+)")[1]
    assert re.fullmatch(r"[A-Za-z0-9_-]+", config)
    assert f"{HOST}:{run.ports['PORT']}" in run.text()
    assert len(run.key) == 44


def test_it_shows_who_connects(start, case):
    run = start().started()
    device = session(run, case, force_relay=True)
    run.await_text(rf"connect .*to={device.id} .*reason=relay")


def test_ctrl_c_stops_everything_cleanly(start, case):
    run = start().started()
    session(run, case)
    began = time.monotonic()
    assert run.stop() == 0, run.text()
    assert time.monotonic() - began < STOP_S
    left = subprocess.run(["pgrep", "-f", str(run.data)], check=False,
                          stdout=subprocess.PIPE, text=True).stdout
    assert left == ""


def test_the_second_start_keeps_the_key_and_the_devices(start, case):
    run = start().started()
    device = session(run, case)
    assert run.stop() == 0
    again = start().started()
    assert again.key == run.key
    session(again, case, device)
    assert device.results.empty(), "the device had to register again"


def test_a_port_in_use_is_named_with_its_variable(start):
    taken = start.ports["API_PORT"]
    with socket.socket() as s:
        s.bind(("", taken))
        s.listen()
        run = start()
        assert run.child.wait(START_S) != 0
    assert f"port {taken} " in run.text()
    assert "set API_PORT=" in run.text()


def test_a_bad_port_is_named(start):
    run = start(PORT="70000")
    assert run.child.wait(START_S) != 0
    assert "PORT=70000 is not a port" in run.text()


def test_a_service_that_dies_is_reported_with_its_last_words(start):
    run = start().started()
    found = subprocess.run(
        ["pgrep", "-f", f"{BIN}/hbbr --port {run.ports['RELAY_PORT']}"],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    os.kill(int(found), signal.SIGKILL)
    assert run.child.wait(STOP_S) != 0
    assert "hbbr ended with -9" in run.text()


def test_a_browser_controls_a_device(start, case, tmp_path):
    if not Path(browser.DRIVER).exists():
        pytest.skip("Chromium is not installed")
    run = start().started()
    browser.publish(run.data / "web")
    device = run.site(case).device(auto=True).register()
    with browser.Browser(run.data / "certs/tls.crt",
                         tmp_path / "driver.log") as b:
        b.start(f"https://{HOST}:{run.ports['HTTPS_PORT']}/web/", device.id,
                device.password, run.key)
        served = device.next_session()
        served.send(test_delay={"time": 99})
        assert served.recv("test_delay").time == 99
        host, steps = b.result()
    assert host == "host-b", steps
