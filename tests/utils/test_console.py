"""rustdesk-utils console, with the servers' default settings."""

import os
import socket
import stat
import subprocess
import time

import pytest

from program import BIN, Redis, utils


def free_ports(count):
    """The first of COUNT free ports in a row."""
    for first in range(30000 + os.getpid() % 2000 * 10, 60000, 10):
        try:
            for port in range(first, first + count):
                with socket.socket() as s:
                    s.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise OSError("no free ports")


class Server:
    def __init__(self, name, folder, redis, **env):
        self.name, self.folder = name, folder
        folder.mkdir(exist_ok=True)
        port = free_ports(5)
        self.port = port + 1
        self.log = folder / f"{name}.{time.monotonic_ns()}.log"
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(
                [BIN / name, "--port", str(self.port), "--bind", "127.0.0.1"],
                cwd="/", stdout=log, stderr=log,
                env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder),
                     "REDIS_URL": redis.url, "KEY": "", "MESH_PORT": "0",
                     "OPS_PORT": str(port + 4), **env})
        self.await_port()

    def await_port(self):
        end = time.monotonic() + 30
        while True:
            try:
                return socket.create_connection(
                    ("127.0.0.1", self.port), 5).close()
            except OSError:
                assert self.child.poll() is None, self.log.read_text()
                assert time.monotonic() < end, self.log.read_text()
                time.sleep(0.02)

    def await_log(self, text):
        """The port is open before the console is."""
        end = time.monotonic() + 30
        while text not in self.log.read_text():
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.02)

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
        assert self.child.wait(30) == 0
        assert "Sanitizer" not in self.log.read_text()

    def kill(self):
        self.child.kill()
        self.child.wait()

    def ask(self, *words, **more):
        return utils("console", "--data-dir", self.folder, *words, **more)


@pytest.fixture(name="start")
def server_starter(tmp_path):
    redis = Redis(tmp_path / "redis")
    servers = []

    def start(name, folder="data", **env):
        servers.append(Server(name, tmp_path / folder, redis, **env))
        return servers[-1]
    yield start
    for server in servers:
        if server.child.poll() is None:
            server.stop()
    redis.stop()


@pytest.mark.parametrize("name, command, answer", [
    ("hbbs", "aur", "ALWAYS_USE_RELAY: false"), ("hbbr", "sb", "128Mb/s")])
def test_a_command_is_answered(start, name, command, answer):
    server = start(name)
    path = server.folder / f"{name}.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for words in ((command,), (name, command),
                  (name, "--socket", path, command),
                  (name, f"--socket={path}", command)):
        done = server.ask(*words)
        assert (done.returncode, done.stdout.strip()) == (0, answer), words
    done = utils("console", "--socket", path, command)
    assert done.stdout.strip() == answer
    assert server.ask("h").stdout.count("\n") >= 7


def test_without_a_command_lines_are_taken(start):
    server = start("hbbs")
    done = server.ask(input="aur Y\n\naur\nrs a.example,b.example\nrs\n")
    assert done.returncode == 0
    assert done.stdout.split() == ["ALWAYS_USE_RELAY:", "true", "a.example",
                                   "b.example"]


def test_the_tcp_console_stays_off(start):
    server = start("hbbs")
    with socket.create_connection(("127.0.0.1", server.port - 1), 5) as s:
        s.sendall(b"aur Y")
        s.shutdown(socket.SHUT_WR)
        s.settimeout(30)
        assert s.recv(100) == b""
    assert "false" in server.ask("aur").stdout


def test_a_socket_left_by_a_kill_is_replaced(start):
    first = start("hbbs")
    first.kill()
    path = first.folder / "hbbs.sock"
    assert path.exists()
    assert first.ask("aur").returncode == 1
    second = start("hbbs")
    assert "false" in second.ask("aur").stdout
    second.stop()
    assert not path.exists()


def test_a_second_server_leaves_the_first_its_console(start):
    first, second = start("hbbs"), start("hbbs")
    second.await_log("console_failed")
    first.ask("aur", "Y")
    second.stop()
    assert "true" in first.ask("aur").stdout


def test_a_folder_that_cannot_be_written_to_is_no_reason_to_stop(start):
    server = start("hbbr", CONSOLE_SOCKET="/proc/hbbr.sock")
    server.await_log("console_failed")


def test_no_console_is_an_error_with_advice(tmp_path):
    for words in ((), ("hbbs",), ("hbbr", "u"), ("--socket", "/nowhere", "u")):
        done = utils("console", "--data-dir", tmp_path, *words, input="u\n")
        assert done.returncode == 1
        assert "Is the server running" in done.stderr
    assert utils("console", "--data-dir", tmp_path,
                 "x" * 2000).returncode == 2
