"""The alert rules, the board, the fail2ban filter and the reason table.

The names they use are compared with what running servers say; promtool and
fail2ban-regex judge the files as their users' programs would.
"""
import ipaddress
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs/monitoring"
BIN = pathlib.Path(os.environ.get("STACK_BIN", ROOT / "build/release/bin"))
# PunchHoleRequest with a wrong key; RegisterPk of an id of three bytes, and of
# an id that tries to pass for another address.
WRONG_KEY = bytes.fromhex("9501420d") + b"\n\x09123456789\x1a\x00"
SHORT_ID = b"\x7a\x0b\n\x03abc\x12\x01x\x1a\x01y"


def register(text):
    body = b"\n" + bytes([len(text)]) + text + b"\x12\x01x\x1a\x01y"
    return b"\x7a" + bytes([len(body)]) + body


def free_ports():
    """The first of a run of five free ports, below the ephemeral ones."""
    while True:
        base = random.randrange(20000, 31000, 5)
        try:
            for port in range(base, base + 5):
                with socket.socket() as s:
                    s.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue


class Server:
    def __init__(self, tmp, name, fmt, redis):
        self.port, self.ops = free_ports() + 1, free_ports()
        self.log = tmp / f"{name}-{fmt}.log"
        env = dict(os.environ, DATA_DIR=str(tmp), LOG_FORMAT=fmt,
                   REDIS_URL=redis, OPS_PORT=str(self.ops))
        self.child = subprocess.Popen(
            [BIN / name, "-p", str(self.port)], env=env, cwd=tmp,
            stdout=subprocess.DEVNULL, stderr=open(self.log, "wb"))
        self.wait(lambda: self.get("/readyz"))

    def get(self, path):
        try:
            with urllib.request.urlopen(
                    f"http://127.0.0.1:{self.ops}{path}", timeout=2) as r:
                return r.read().decode()
        except OSError:
            return None

    @staticmethod
    def wait(ready):
        deadline = time.monotonic() + 20
        while not ready():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def wait_for(self, *words):
        self.wait(lambda: all(w in self.log.read_text() for w in words))

    def stop(self):
        self.child.terminate()
        assert self.child.wait(20) == 0


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    tmp = tmp_path_factory.mktemp("redis")
    child = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", str(tmp / "r.sock"),
         "--save", "", "--dir", str(tmp)], stdout=subprocess.DEVNULL)
    yield f"unix://{tmp / 'r.sock'}"
    child.terminate()
    child.wait(20)


@pytest.fixture(scope="module", params=["text", "json"])
def servers(request, tmp_path_factory, redis):
    tmp = tmp_path_factory.mktemp(request.param)
    made = {}
    try:
        for name in ("hbbs", "hbbr"):
            made[name] = Server(tmp, name, request.param, redis)
        yield made
    finally:
        for s in made.values():
            s.stop()


@pytest.fixture(scope="module")
def offended(servers):
    """Both servers after a few offences, their lines written."""
    hbbs, hbbr = servers["hbbs"], servers["hbbr"]
    with socket.create_connection(("127.0.0.1", hbbr.port)) as s:
        s.sendall(b"\x0c\xff\xff\xff")
        assert s.recv(1) == b""
    with socket.create_connection(("127.0.0.1", hbbs.port)) as s:
        body = b"\n\x09123456789\x1a\x05wrong"
        s.sendall(bytes([(len(body) + 2) << 2, 0x42, len(body)]) + body)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
            for m in (SHORT_ID,
                      register(b'abcdef from=6.6.6.6:1 "from":"6.6.6.6:1"')):
                u.sendto(m, ("127.0.0.1", hbbs.port))
        hbbs.wait_for("key_mismatch", "short_id", "bad_id_or_key")
    hbbr.wait_for("bad_message")
    return servers


def test_promtool_accepts_the_rules():
    subprocess.run(["promtool", "check", "rules", DOCS / "alerts.yml"],
                   check=True, capture_output=True)


def test_promtool_accepts_the_scrape_configuration():
    subprocess.run(["promtool", "check", "config", DOCS / "prometheus.yml"],
                   check=True, capture_output=True)


def test_the_alerts_fire_when_they_should(tmp_path):
    shutil.copy(DOCS / "alerts.yml", tmp_path)
    shutil.copy(pathlib.Path(__file__).with_name("alerts_test.yml"), tmp_path)
    done = subprocess.run(["promtool", "test", "rules", "alerts_test.yml"],
                          cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def metric_names(text):
    return set(re.findall(r"\b((?:hbbs|hbbr|api)_[a-z_]+)\b", text))


def exported():
    """Every metric name in the servers' tables."""
    names = set()
    for path in [*ROOT.glob("services/*/state/metrics*.[ch]"),
                 *ROOT.glob("services/api/core/metrics.def")]:
        names |= set(re.findall(r'"((?:hbbs|hbbr|api)_[a-z_]+)"',
                                path.read_text()))
    return names


@pytest.mark.parametrize("name", ["alerts.yml", "grafana.json"])
def test_only_existing_metrics_are_used(name):
    used = metric_names((DOCS / name).read_text())
    assert used and used <= exported(), used - exported()


def test_the_board_is_what_grafana_imports():
    board = json.loads((DOCS / "grafana.json").read_text())
    ids = [p["id"] for p in board["panels"]]
    assert len(ids) == len(set(ids)) and board["uid"]
    for panel in board["panels"]:
        if panel["type"] != "row":
            assert all(t["expr"] for t in panel["targets"])


def test_metrics_are_the_exposition_format(servers):
    for name, server in servers.items():
        page = server.get("/metrics")
        done = subprocess.run(["promtool", "check", "metrics"], input=page,
                              capture_output=True, text=True)
        assert done.returncode in (0, 3), done.stderr  # 3: style hints only
        assert f"{name}_" in page


def reasons_in_code():
    words = set()
    for source in (ROOT / "services").glob("hbb?/state/metrics*.h"):
        words |= set(re.findall(r'(?:reason|outcome)=\\"(\w+)\\"',
                                source.read_text()))
        words |= set(re.findall(r'HBBS_LIMITED\(X, \w+, "(\w+)"\)',
                                source.read_text()))
    words |= set(re.findall(r'X\(REASON_\w+, "(\w+)"\)', (
        ROOT / "services/hbbr/state/reason.h").read_text()))
    # Of hbbs' log lines, and labels of the api, should it get any.
    for source in sorted((ROOT / "services/hbbs").rglob("*.c")):
        words |= set(re.findall(r'\b(?:core_close|refuse)\([^;]*?"(\w+)"\)',
                                source.read_text()))
    for source in sorted((ROOT / "services/api").rglob("*.[ch]")):
        words |= set(re.findall(r'(?:reason|outcome)=\\"(\w+)\\"',
                                source.read_text()))
    return words


def test_every_reason_code_is_explained():
    text = (ROOT / "docs/monitoring.md").read_text()
    table = text.split("<!-- reasons -->")[1].split("<!-- end")[0]
    explained = set(re.findall(r"^\|[^|]*\| `(\w+)`", table, re.M))
    assert explained == reasons_in_code()


def test_the_fail2ban_filter_finds_each_offence_and_only_true_addresses(
        offended, tmp_path):
    log = tmp_path / "log"
    log.write_text("".join(s.log.read_text() for s in offended.values()))
    done = subprocess.run(
        ["fail2ban-regex", "--print-all-matched", "-o", "ip", str(log),
         str(DOCS / "fail2ban/filter.conf")],
        capture_output=True, text=True)
    found = [ipaddress.ip_address(line.strip())
             for line in done.stdout.splitlines()
             if re.fullmatch(r"[0-9a-f.:]+", line.strip())]
    assert len(found) == 4, done.stdout + done.stderr
    assert set(found) == {ipaddress.ip_address("127.0.0.1")}


@pytest.mark.parametrize("name", ["hbbs", "hbbr", "api"])
def test_the_documented_ops_ports_are_the_defaults(name):
    table = subprocess.run([BIN / name, "--help-markdown"], check=True,
                           capture_output=True, text=True).stdout
    port = re.search(r"`OPS_PORT`.*?`(\d+)`", table)[1]
    assert f"| {name} | {port} |" in (ROOT / "docs/monitoring.md").read_text()
    assert f"port: {port}" in (DOCS / "prometheus.yml").read_text()
