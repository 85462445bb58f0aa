"""`make run`: the stack without containers, as a person starts and stops it."""

import contextlib
import http.client
import itertools
import json
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


def free_port():
    with socket.socket() as s:
        s.bind(("", 0))
        return s.getsockname()[1]


def free_ports(other_than=None):
    """Ports for one stack; hbbs and hbbr take neighbours of theirs."""
    taken = set((other_than or {}).values())

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
                 if all(is_free(p + i) and p + i not in taken
                        for i in range(10)))
    return {"PORT": first + 1, "RELAY_PORT": first + 2,
            "API_PORT": first + 7, "HTTP_PORT": first + 8,
            "HTTPS_PORT": first + 9}


class Run:
    """One run of the command, and what it printed so far."""

    def __init__(self, data, ports, number, **settings):
        settings = {"DATA": str(data), "HOST": HOST, **settings}
        self.data = Path(settings["DATA"])
        self.ports = {k: int(settings.get(k, v)) for k, v in ports.items()}
        self.output = data.parent / f"output{number}"
        env = {**os.environ, **{k: str(v) for k, v in ports.items()},
               **settings}
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

    def pid(self, service):
        pattern = {
            "hbbs": f"{BIN}/hbbs --port {self.ports['PORT']}",
            "hbbr": f"{BIN}/hbbr --port {self.ports['RELAY_PORT']}",
            "api": f"{BIN}/api --port {self.ports['API_PORT']}",
            "redis-server": f"redis-server .*{self.data}/"}[service]
        found = subprocess.run(["pgrep", "-f", pattern], check=True,
                               stdout=subprocess.PIPE, text=True).stdout
        return int(found.split()[0])

    def api(self, method, path, body=None):
        c = http.client.HTTPConnection(HOST, self.ports["API_PORT"],
                                       timeout=10)
        with contextlib.closing(c):
            c.request(method, path, body and json.dumps(body))
            answer = c.getresponse()
            return answer.status, answer.read()

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
        runs.append(Run(Path(folder.name) / "data", ports, len(runs),
                        **settings))
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


def test_the_first_password_is_printed_until_the_first_sign_in(start):
    run = start().started()
    password = run.await_text(r"First sign-in +admin, password (\S+)")[1]
    path = run.data / "api/admin_password"
    assert path.read_text().strip() == password
    status, body = run.api("POST", "/api/login", {
        "username": "admin", "password": password})
    assert status == 200 and "access_token" in str(body)
    end = time.monotonic() + START_S
    while path.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert run.stop() == 0
    logs = "".join(p.read_text(errors="replace")
                   for p in (run.data / "log").iterdir())
    assert password not in logs
    again = start().started()
    assert "First sign-in" not in again.text()


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


@pytest.mark.parametrize("service, argument", [
    ("hbbs", "PORT"), ("hbbr", "RELAY_PORT"), ("api", "API_PORT")])
def test_a_service_that_dies_is_started_again_and_the_others_go_on(
        start, case, service, argument):
    run = start().started()
    others = {name: run.pid(name) for name in ("hbbs", "hbbr", "api")
              if name != service}
    os.kill(run.pid(service), signal.SIGKILL)
    run.await_text(rf"{service} ended with -9 and is started again in 1 s")
    run.await_text(rf"{service} is started again\.")
    for name, pid in others.items():
        assert run.pid(name) == pid, f"{name} was taken along"
    session(run, case, force_relay=True)     # as soon as it is ready again
    status, _ = run.api("GET", "/api/login-options")
    assert status == 200


def test_redis_that_dies_comes_back_with_what_it_held(start, case):
    run = start().started()
    device = session(run, case)
    os.kill(run.pid("redis-server"), signal.SIGKILL)
    run.await_text(r"redis is started again\.")
    session(run, case, device)


def test_two_stacks_run_side_by_side(start, case):
    first = start().started()
    moved = free_ports(other_than=start.ports)
    second = start(DATA=f"{first.data}2", MESH_PORT=str(free_port()),
                   **{k: str(v) for k, v in moved.items()}).started()
    for run in (first, second):
        session(run, case, force_relay=True)


def test_a_folder_that_cannot_hold_the_data_is_named(start, tmp_path):
    (tmp_path / "file").write_text("")
    run = start(DATA=str(tmp_path / "file" / "data"))
    assert run.child.wait(START_S) != 0
    assert f"DATA={tmp_path}/file/data cannot hold" in run.text()
    assert "Traceback" not in run.text()


def test_a_browser_controls_a_device(start, case, tmp_path):
    if not Path(browser.DRIVER).exists():
        pytest.skip("Chromium is not installed")
    web = tmp_path / "web"
    web.mkdir()
    browser.publish(web)
    run = start(WEB_CLIENT=str(web)).started()
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
