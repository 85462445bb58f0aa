"""Backup, restore, export and import of what the api keeps, by a real one."""

import json
import os
import shutil
import sys
import threading
import time

import pytest

from program import BIN, ROOT, Redis, utils

sys.path.insert(0, str(ROOT / "tests/api"))
os.environ.setdefault("API_BINARY", str(BIN / "api"))

import harness                                          # noqa: E402
from test_login import (enable_totp, first_step,        # noqa: E402
                        second_step, totp)

SEALED = ("device secret", "smtp secret")


class Site(harness.World):
    """The first installation, with something of everything."""

    def __init__(self):
        super().__init__()
        self.admin.done("PUT", "/api/settings/smtp", dict(
            host="mail.example", password=SEALED[1]))
        self.someone = self.user(note="first floor")
        self.careful = self.user()
        self.secret, self.codes = enable_totp(self.careful)
        self.box = self.device(user_name=self.someone.name)
        self.book = self.someone.post(
            "/api/ab/shared/add", dict(name="shared")).json()["guid"]
        self.someone.done("POST", f"/api/ab/peer/add/{self.book}", dict(
            id=self.box.id, alias="Box", password=SEALED[0]))
        self.scripted = self.token(user=2)
        self.link = self.someone.post("/api/guest-links", dict(
            devices=[self.box.id], uses=0, pin="2468",
            expires_at=int(time.time()) + 86400)).json()
        self.box.audit("conn", ip="203.0.113.7", action="new", conn_id=1,
                       session_id=2**63 + 5)


@pytest.fixture(name="site", scope="module")
def first_site():
    site = Site()
    yield site
    site.stop()


class Second:
    """An empty installation beside it."""

    def __init__(self, folder):
        self.redis = Redis(folder / "second")
        self.api = None

    def start(self, data, **env):
        self.api = harness.Api(self.redis, data=str(data), **env)
        return harness.Client(self.api.base)

    def login(self, name, password):
        return first_step(self, name, password)

    def client(self):
        return harness.Client(self.api.base)

    def stop(self):
        if self.api:
            self.api.stop()
        self.redis.stop()


@pytest.fixture(name="second")
def second_site(tmp_path):
    second = Second(tmp_path)
    yield second
    second.stop()


def entry(client, book):
    return client.post("/api/ab/peers", ab=book, current=1,
                       pageSize=100).json()["data"][0]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_accounts_log_in_after_a_restore_into_an_empty_redis(
        site, second, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "pass").write_text("geheim")
    passphrase = ("--passphrase-file", tmp_path / "pass")
    done = utils("backup", *passphrase, "--keys", site.api.dir,
                 tmp_path / "file", REDIS_URL=site.redis.url)
    assert done.returncode == 0, done.stderr
    done = utils("restore", *passphrase, "--keys", data, tmp_path / "file",
                 REDIS_URL=second.redis.url)
    assert done.returncode == 0, done.stderr
    second.start(data)
    # Who was signed in stays so.
    kept = harness.Client(second.api.base, site.someone.token)
    assert kept.post("/api/currentUser", {}).json()["name"] == \
        site.someone.name
    # A password, and what is sealed under the secret key.
    reply = second.login(site.someone.name, site.someone.password)
    client = harness.Client(second.api.base, reply["access_token"])
    row = entry(client, site.book)
    assert (row["alias"], row["password"]) == ("Box", SEALED[0])
    # Two factors, by code and by a recovery code.
    for code in (totp(site.secret), site.codes[0]):
        first = second.login(site.careful.name, site.careful.password)
        assert first["tfa_type"] == "tfa_check"
        assert "access_token" in second_step(
            second, site.careful.name, first, code)
    admin = harness.Client(second.api.base, site.admin.token)
    page = dict(pageSize=100, current=1)
    rows = admin.get("/api/audits/conn", **page)["data"]
    assert rows and rows == site.admin.get("/api/audits/conn", **page)["data"]


def test_a_backup_of_a_site_in_use_can_be_restored(site, second, tmp_path):
    """Users are made while it is read: each is there whole, or not there."""
    stop, made = threading.Event(), []

    def busy():
        while not stop.is_set():
            made.append(site.user().name)
    thread = threading.Thread(target=busy)
    thread.start()
    try:
        harness.wait_for("users", lambda: made)
        done = utils("backup", tmp_path / "file", REDIS_URL=site.redis.url)
        enough = len(made)
        harness.wait_for("more users", lambda: len(made) > enough)
    finally:
        stop.set()
        thread.join()
    assert done.returncode == 0, done.stderr
    done = utils("restore", tmp_path / "file", REDIS_URL=second.redis.url)
    assert done.returncode == 0, done.stderr
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(os.path.join(site.api.dir, "api_secret"), data)
    second.start(data)
    assert "access_token" in second.login(site.someone.name,
                                          site.someone.password)
    admin = harness.Client(second.api.base, site.admin.token)
    users = admin.get("/api/users", pageSize=100, current=1)
    assert site.someone.name in {u["name"] for u in users["data"]}


def test_an_export_has_no_secrets_unless_asked(site, tmp_path):
    plain, full = tmp_path / "plain", tmp_path / "full"
    for path, options in ((plain, ()), (full, ("--secrets",))):
        done = utils("export", *options, path, REDIS_URL=site.redis.url)
        assert done.returncode == 0, done.stderr
        assert path.stat().st_mode & 0o777 == 0o600
    assert "$argon2id$" in full.read_text()
    # What a secret is found by lets in as well as the secret.
    found_by = {"api:guestlink:name", "api:apitoken:name"}
    assert found_by <= {line.get("key") for line in lines(full)}
    assert not found_by & {line.get("key") for line in lines(plain)}
    for text in ("$argon2id$", '"totp"', '"pw"', '"token:', '"pin"'):
        assert text not in plain.read_text(), text
    peers = [line["peer"] for line in lines(plain) if "peer" in line]
    box = next(p for p in peers if p["id"] == site.box.id)
    assert box["uuid"] == site.box.uuid
    names = {line["json"]["name"] for line in lines(plain)
             if line.get("key") == "api:user"}
    assert {"admin", site.someone.name} <= names


def test_an_export_comes_back(site, second, tmp_path):
    """With its secrets it is as good as a backup."""
    done = utils("export", "--secrets", tmp_path / "file",
                 REDIS_URL=site.redis.url)
    assert done.returncode == 0, done.stderr
    for options in ((), ("--replace",)):
        done = utils("import", "--json", *options, tmp_path / "file",
                     REDIS_URL=second.redis.url)
        assert done.returncode == 0, done.stderr
        again = tmp_path / "again"
        assert utils("export", "--secrets", again,
                     REDIS_URL=second.redis.url).returncode == 0
        # The order is Redis' own, and time goes on.
        drop = ("created", "expires_ms")
        a, b = ([{k: v for k, v in line.items() if k not in drop}
                 for line in lines(p)] for p in (tmp_path / "file", again))
        assert sorted(map(str, a)) == sorted(map(str, b))
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(os.path.join(site.api.dir, "api_secret"), data)
    second.start(data)
    reply = second.login(site.someone.name, site.someone.password)
    client = harness.Client(second.api.base, reply["access_token"])
    assert entry(client, site.book)["password"] == SEALED[0]
    assert second.redis.do("GET", "peers:count") == b"1"


def test_an_export_without_secrets_needs_new_passwords(site, second,
                                                       tmp_path):
    assert utils("export", tmp_path / "file",
                 REDIS_URL=site.redis.url).returncode == 0
    assert utils("import", "--json", tmp_path / "file",
                 REDIS_URL=second.redis.url).returncode == 0
    data = tmp_path / "data"
    data.mkdir()
    second.start(data, ADMIN_NAME="rescue")
    harness.wait_for("the password", lambda: (data / "admin_password").exists()
                     and second.api.admin_password())
    reply = second.login("rescue", second.api.admin_password())
    admin = harness.Client(second.api.base, reply["access_token"])
    users = admin.get("/api/users", pageSize=100, current=1)["data"]
    assert {"admin", "rescue", site.someone.name} <= {
        u["name"] for u in users}
    for name, password in ((site.someone.name, site.someone.password),
                           (site.someone.name, ""), ("admin", "")):
        assert "access_token" not in second.login(name, password)
    # Nor does a link open without its PIN, or an API token; they can go.
    shown = second.client().post("/api/web/guest", dict(
        secret=site.link["secret"]), status=403).json()
    assert shown["reason"] == "unknown"
    second.client().call("GET", "/api/users", status=401, headers={
        "Authorization": f"Bearer {site.scripted.token}"})
    path = f"/api/guest-links/{site.link['guid']}"
    for _ in range(2):
        admin.done("DELETE", path)
    admin.refused("GET", path, status=404)
    for token in admin.get("/api/tokens")["data"]:
        admin.done("DELETE", f"/api/tokens/{token['guid']}")
    assert admin.get("/api/tokens")["total"] == 0


def test_accounts_are_not_mixed_with_others(site, second, tmp_path):
    assert utils("export", tmp_path / "file",
                 REDIS_URL=site.redis.url).returncode == 0
    second.redis.do("HSET", "api:user", "other", "{}")
    second.redis.do("HSET", "peer:0001", "other", "x")
    done = utils("import", "--json", tmp_path / "file",
                 REDIS_URL=second.redis.url)
    assert done.returncode == 1 and "--replace" in done.stderr
    assert second.redis.do("DBSIZE") == 2
    done = utils("import", "--json", "--replace", tmp_path / "file",
                 REDIS_URL=second.redis.url)
    assert done.returncode == 0
    assert second.redis.do("HEXISTS", "api:user", "other") == 0
    assert second.redis.do("HEXISTS", "peer:0001", "other") == 1


@pytest.mark.parametrize("line", [
    "{", "[]", '{"key":"api:user"}', '{"key":"ticket:1","text":"x"}',
    '{"key":"peers:count","text":"7"}', '{"key":"other","member":"x"}',
    '{"peer":{"id":"123456"}}', '{"rustdesk-stack":"export","version":2}',
    '{"key":"api:user","field":"x","base64":"?"}',
    '{"key":"api:user","expires_ms":0}', "\0"])
def test_a_bad_line_imports_nothing(second, tmp_path, line):
    head = '{"rustdesk-stack":"export","version":1}\n'
    good = '{"key":"api:user","field":"x","text":"y"}\n'
    for text in (head + good + line + "\n" + good, line, good, ""):
        (tmp_path / "file").write_text(text)
        done = utils("import", "--json", tmp_path / "file",
                     REDIS_URL=second.redis.url)
        assert done.returncode == 1 and done.stderr
        assert second.redis.do("DBSIZE") == 0
