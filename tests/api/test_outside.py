"""What waits for the world: directories, providers, mail and webhooks that accept and never
answer, refuse, or answer slowly hold up nobody else."""
import base64
import http.server
import json
import os
import re
import signal
import socket
import socketserver
import struct
import subprocess
import threading
import time

import pytest
import requests

from harness import Client, Device, World, free_port, wait_for
from ldapserver import Directory
from test_directory import Hook, Quiet, Sink, ldap_login, mail_to, serve, sink  # noqa: F401


class Black:
    """A server that accepts and never says a word."""

    def __init__(self):
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(256)
        self.port = self.sock.getsockname()[1]
        self.held = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        try:
            while True:
                self.held.append(self.sock.accept()[0])
        except OSError:
            pass

    def close(self):
        self.sock.close()
        [s.close() for s in self.held]


@pytest.fixture()
def black():
    b = Black()
    yield b
    b.close()


@pytest.fixture()
def directory(world):
    d = Directory()
    yield d
    world.settings("ldap", servers=[])
    d.close()


@pytest.fixture(scope="module")
def world():
    w = World(THREADS="2")
    yield w
    w.stop()


def in_threads(n, act):
    """ACT(i) in N threads; the results, when all have ended."""
    out = [None] * n

    def one(i):
        out[i] = act(i)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    [t.start() for t in threads]
    return threads, out


def others_go_on(world, while_running):
    """Heartbeats and log-ins of others, as long as any of the threads runs."""
    d, u = world.device(), world.user()
    beats = 0
    while any(t.is_alive() for t in while_running) or beats < 20:
        began = time.monotonic()
        assert d.heartbeat() is not None
        if beats % 5 == 0:
            world.login(u.name, u.password)
        assert time.monotonic() - began < 4  # what hangs, hangs for 5 s and more
        beats += 1
        time.sleep(0.02)
    return beats


def metric(world, name):
    m = re.search(rf"^{re.escape(name)} (\d+)$", world.api.ops_get("/metrics").text, re.M)
    return int(m[1])


@pytest.mark.parametrize("how", ["silent", "partial", "slow", "refuses"])
def test_a_directory_that_does_not_answer_holds_up_nobody(world, directory, how):
    directory.silent, directory.partial = how == "silent", how == "partial"
    directory.delay = 2.0 if how == "slow" else 0
    name = "fake-" + how
    settings = directory.settings(name=name)
    if how == "refuses":
        settings["url"] = f"ldap://127.0.0.1:{free_port()}"
    world.settings("ldap", servers=[settings])

    def attempt(i):
        c = world.client(ip=f"198.51.100.{i % 40 + 1}")
        return c.call("POST", "/api/login", dict(username=f"nobody-{how}-{i}", password="x" * 9))

    threads, replies = in_threads(40, attempt)
    others_go_on(world, threads)
    if how == "slow":
        assert {"Wrong credentials"} <= {r.json()["error"] for r in replies}
        return
    said = {r.json()["error"] for r in replies}
    assert "The directory does not answer" in said
    assert said <= {"The directory does not answer", "The server is busy, try again"}
    # it is remembered: nobody waits for it any more, and it is shown
    before = directory.connections
    assert ldap_login(world, "another") == {"error": "The directory does not answer"}
    assert directory.connections - before <= 1  # a probe at most
    assert metric(world, 'api_outside_down{kind="ldap"}') >= 1
    row = [r for r in world.admin.get("/api/outside")["data"] if r["name"] == name][0]
    assert row["kind"] == "ldap" and row["state"] == "down" and row["why"]


def test_guesses_at_a_slow_directory_hold_up_nobody_who_mistyped(world, directory):
    """They share no thread: he would wait for all of them, and then be told of a busy server."""
    mistaken, victim = world.user(), world.user()

    def wrong(ip, name):
        return world.client(ip=ip).call("POST", "/api/login", dict(
            username=name, password="not his at all")).json()["error"]
    guessers = [f"198.51.100.{i}" for i in range(101, 109)]
    assert {wrong(ip, victim.name) for ip in guessers} == {"Wrong credentials"}
    assert wrong("198.51.100.120", mistaken.name) == "Wrong credentials"
    directory.delay = 3.0
    world.settings("ldap", servers=[directory.settings(name="slowly")])
    before = directory.connections
    threads, _ = in_threads(len(guessers), lambda i: wrong(guessers[i], f"nobody-slow-{i}"))
    wait_for("the directory is asked", lambda: directory.connections > before)
    assert wrong("198.51.100.120", mistaken.name) == "Wrong credentials"
    [t.join() for t in threads]


def test_a_silent_directory_is_no_wrong_password_and_comes_back(world, directory):
    directory.person("uid=ada,dc=x", "ada-back", entryUUID=["id-ada"])
    world.settings("ldap", servers=[directory.settings(
        name="comes-back", url=f"ldap://127.0.0.1:{free_port()}")])
    c = world.client(ip="198.51.100.77")
    body = dict(username="ada-back", password="ldap secret", type="account")
    for _ in range(10):  # six wrong ones would close the account for a minute
        assert c.post("/api/login", body).json() == {"error": "The directory does not answer"}
    world.settings("ldap", servers=[directory.settings(name="comes-back")])
    reply = wait_for("the probe", lambda: [r for r in [c.post("/api/login", body).json()]
                                           if r.get("type") == "access_token"])
    assert reply[0]["user"]["name"] == "ada-back"


def test_a_wrong_password_counts_although_another_directory_is_silent(world, directory, black):
    directory.person("uid=eve,dc=x", "eve-guess", entryUUID=["id-eve"])
    dead = dict(name="dead-2", url=f"ldap://127.0.0.1:{free_port()}", base_dn="dc=y")
    world.settings("ldap", servers=[dead, directory.settings(name="alive-2")])
    c = world.client(ip="198.51.100.78")
    said = [c.post("/api/login", dict(username="eve-guess", password="guess")).json()["error"]
            for _ in range(8)]
    assert said[0] == "Wrong credentials" and said[-1] == "Too frequent"


class Endless:
    """A directory whose first message claims 2 GiB, and comes as fast as it is read."""

    def __init__(self):
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.sent = 0
        self.ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        s, _ = self.sock.accept()
        s.recv(4096)
        try:
            s.sendall(b"\x30\x84\x7f\xff\xff\xf0")
            while self.sent < 256 << 20:
                s.sendall(b"\0" * (1 << 20))
                self.sent += 1 << 20
        except OSError:
            pass
        self.ended.set()
        s.close()


def test_a_message_without_end_of_a_directory_is_not_read(world):
    endless = Endless()
    world.settings("ldap", servers=[dict(name="endless", base_dn="dc=x",
                                         url=f"ldap://127.0.0.1:{endless.port}")])
    assert ldap_login(world, "somebody")["error"]
    assert endless.ended.wait(20)
    assert endless.sent <= 16 << 20  # what sockets hold
    world.settings("ldap", servers=[])


class Wordy:
    """A directory that lets everybody in, with a message of SIZE bytes."""

    def __init__(self, size):
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.size, self.asked = size, b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        s, _ = self.sock.accept()
        try:
            for ask in iter(lambda: s.recv(4096), b""):
                head = 3 if ask[1] & 0x80 else 2   # a length of two bytes or one
                self.asked += ask[head + 3:head + 4]
                if len(self.asked) == 2:
                    break
                response, text = self.size - 9, self.size - 9 - 11
                s.sendall(struct.pack(">BBI3sBBI", 0x30, 0x84, self.size, ask[head:head + 3], 0x61, 0x84,
                                      response)
                          + b"\x0a\x01\x00\x04\x00\x04\x84" + struct.pack(">I", text)
                          + b"t" * text)
        except OSError:
            pass
        s.close()


@pytest.mark.parametrize("size, asked", [(4 << 20, b"`c"), ((4 << 20) + 1, b"`")],
                         ids=["at the cap", "beyond"])
def test_a_message_of_a_directory_has_its_cap_and_not_a_byte_more(world, size, asked):
    """After its answer to the log-in (`) a search (c) follows, or nothing."""
    wordy = Wordy(size)
    world.settings("ldap", servers=[dict(
        name=f"wordy-{size}", base_dn="dc=x", bind_dn="cn=a,dc=x", bind_password="pw",
        url=f"ldap://127.0.0.1:{wordy.port}")])
    assert ldap_login(world, "somebody")["error"]
    assert wordy.asked[:2] == asked
    world.settings("ldap", servers=[])


def test_one_address_cannot_fill_the_lane_of_all(world, directory):
    directory.silent = True
    world.settings("ldap", servers=[directory.settings(name="fake-flood")])

    def attempt(i):
        return world.client(ip="203.0.113.5").call(
            "POST", "/api/login", dict(username=f"flood-{i}", password="x" * 9))

    threads, replies = in_threads(60, attempt)
    others_go_on(world, threads)
    busy = [r for r in replies if r.status_code == 429]
    assert all(r.headers["Retry-After"] for r in busy)


def test_an_identity_provider_that_does_not_answer_holds_up_nobody(world, black):
    world.settings("oidc", providers=[dict(name="black", issuer=f"http://127.0.0.1:{black.port}",
                                           client_id="c")])
    d = Device(world)

    def begin(i):
        return world.client(ip=f"198.51.100.{i + 1}").call(
            "POST", "/api/oidc/auth", d.who(op="black"))

    threads, replies = in_threads(30, begin)
    others_go_on(world, threads)
    said = {r.json()["error"] for r in replies}
    assert "The identity provider does not answer" in said
    assert metric(world, 'api_outside_down{kind="oidc"}') == 1
    world.settings("oidc", providers=[])


def test_tests_of_settings_wait_in_a_lane(world, black):
    world.settings("smtp", enabled=True, host="127.0.0.1", port=black.port, security="none",
                   **{"from": "server@example.org"})
    hook = world.admin.post("/api/webhooks", dict(url=f"http://127.0.0.1:{black.port}/",
                                                  events=["nothing"])).json()
    world.settings("ldap", servers=[dict(name="b", url=f"ldap://127.0.0.1:{black.port}",
                                         base_dn="dc=x")])
    world.settings("oidc", providers=[dict(name="b", issuer=f"http://127.0.0.1:{black.port}",
                                           client_id="c")])
    paths = [("/api/settings/smtp/test", dict(to="a@example.org")),
             (f"/api/webhooks/{hook['guid']}/test", None),
             ("/api/settings/ldap/test", dict(name="b")),
             ("/api/settings/oidc/test", dict(name="b"))]

    def press(i):
        path, body = paths[i % len(paths)]
        return Client(world.api.base, world.admin.token).call("POST", path, body)

    threads, replies = in_threads(8, press)
    others_go_on(world, threads)
    assert all(r.status_code in (400, 503) for r in replies)
    world.settings("smtp", enabled=False)
    world.settings("ldap", servers=[])
    world.settings("oidc", providers=[])
    world.admin.done("DELETE", f"/api/webhooks/{hook['guid']}")


def test_a_mailed_code_leaves_while_webhooks_do_not_answer(world, sink, black):  # noqa: F811
    hooks = [world.admin.post("/api/webhooks", dict(
        url=f"http://127.0.0.1:{black.port}/{i}", events=["alarm"])).json() for i in range(8)]
    d = world.device()
    d.audit("alarm", typ=9, info="the first event")
    wait_for("the cursor", lambda: world.redis.do("EXISTS", "api:webhook:cursor"))
    for i in range(60):
        d.audit("alarm", typ=i % 3, info=str(i))
    wait_for("the first call", lambda: black.held)
    mail = world.name("code") + "@example.org"
    u = world.user(email=mail)
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(email_verification=True))
    first = world.client().post("/api/login", Device(world).who(
        username=u.name, password=u.password, type="account")).json()
    assert first["type"] == "email_check"
    assert "code is" in mail_to(sink, mail)
    rows = wait_for("paused", lambda: [r for r in world.admin.get("/api/queues")["data"]
                                       if r["failing_since"]], 30)
    assert rows[0]["why"] and rows[0]["paused_until"] > 0 and rows[0]["waiting"] > 0
    for h in hooks:
        world.admin.done("DELETE", f"/api/webhooks/{h['guid']}")
        assert world.redis.do("EXISTS", f"api:jobs:hook:{h['guid']}") == 0
        assert world.redis.do("HEXISTS", "api:jobs:paused", f"hook:{h['guid']}") == 0


def test_mail_of_a_login_is_kept_while_the_mail_server_is_away(world, black):
    world.settings("smtp", enabled=True, host="127.0.0.1", port=free_port(), security="none",
                   **{"from": "server@example.org"})
    name = world.name("invited")
    world.admin.post("/api/users/invite", dict(name=name, email=name + "@example.org"))
    row = wait_for("paused", lambda: [r for r in world.admin.get("/api/queues")["data"]
                                      if r["target"] == "sign-in" and r["failing_since"]])
    assert row[0]["waiting"] == 1
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink)
    server.daemon_threads, server.mails = True, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.settings("smtp", port=server.server_address[1])
    wait_for("the mail", lambda: [m for m in server.mails if name in m], 60)
    wait_for("not paused", lambda: not [
        r for r in world.admin.get("/api/queues")["data"] if r["failing_since"]])
    world.settings("smtp", enabled=False)
    server.shutdown()


def test_what_an_earlier_mail_server_did_is_not_held_against_the_new_one(world, black, request):
    world.settings("smtp", enabled=True, host="127.0.0.1", port=black.port, security="none",
                   **{"from": "server@example.org"})
    admin = Client(world.api.base, world.admin.token)
    threads, replies = in_threads(1, lambda i: admin.call(
        "POST", "/api/settings/smtp/test", dict(to="a@example.org")))
    wait_for("a mail on its way", lambda: black.held)
    request.getfixturevalue("sink")
    black.close()
    [t.join() for t in threads]
    assert replies[0].status_code == 400
    assert not world.admin.get("/api/settings/smtp/status")["failing"]


def test_jobs_of_an_earlier_version_are_taken_over(world, sink):  # noqa: F811
    job = dict(type="mail", to="old@example.org", subject="old", body="still here\r\n")
    world.redis.do("HSET", "api:job", "id-1", json.dumps(job))
    world.redis.do("ZADD", "api:jobs", "1", "id-1")
    assert "still here" in mail_to(sink, "old@example.org")
    assert world.redis.do("EXISTS", "api:job", "api:jobs") == 0


# --- Redis -----------------------------------------------------------------

@pytest.fixture()
def lone():
    w = World(THREADS="4")
    yield w
    w.stop()


def why_not_ready(w):
    r = w.api.ops_get("/readyz")
    return r.status_code == 503 and r.text.strip()


def test_a_stopped_redis_is_waited_for_by_few(lone):
    d = lone.device()
    lone.redis.proc.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        threads, replies = in_threads(80, lambda i: d.client().post("/api/heartbeat", d.who()))
        [t.join() for t in threads]
        assert all(r.json() == {} for r in replies)
        # one by one, each would have waited for its own time-out
        assert time.monotonic() - began < 20
        assert "redis" in wait_for("not ready", lambda: why_not_ready(lone))
        before = lone.api.text().count("redis_lost")
        for _ in range(200):
            assert d.heartbeat() == {}
        assert lone.api.text().count("redis_lost") - before < 20  # the probes alone
    finally:
        lone.redis.proc.send_signal(signal.SIGCONT)
    wait_for("ready", lambda: lone.api.ops_get("/readyz").status_code == 200)
    assert "id" in lone.admin.get(f"/api/devices/{d.guid}")


def test_a_read_only_redis_and_one_without_memory_are_told(lone):
    master = free_port()
    lone.redis.do("REPLICAOF", "127.0.0.1", master)
    assert why_not_ready(lone) or wait_for("not ready", lambda: why_not_ready(lone))
    wait_for("reason", lambda: "read-only" in str(why_not_ready(lone)))
    lone.redis.do("REPLICAOF", "NO", "ONE")
    wait_for("ready", lambda: lone.api.ops_get("/readyz").status_code == 200)
    lone.redis.do("CONFIG", "SET", "maxmemory", "1")
    wait_for("reason", lambda: "memory" in str(why_not_ready(lone)))
    assert metric(lone, "api_redis_writable") == 0 or wait_for(
        "metric", lambda: metric(lone, "api_redis_writable") == 0)
    lone.admin.get("/api/devices")  # what only reads still works
    lone.redis.do("CONFIG", "SET", "maxmemory", "0")
    wait_for("ready", lambda: lone.api.ops_get("/readyz").status_code == 200)


# --- bytes from outside ----------------------------------------------------

def guid_of(world, name):
    rows = [r for r in world.admin.get("/api/users", name=name)["data"] if r["name"] == name]
    return rows[0]["guid"] if rows else None


def test_two_binary_ids_with_the_same_bytes_before_a_nul_are_two_people(world, directory):
    for name, guid in (("bin-a", b"\x41\x00\xb2" + b"\1" * 13), ("bin-b", b"\x41\x00\xff" + b"\1" * 13)):
        directory.person(f"cn={name},dc=x", name, objectGUID=[guid])
    world.settings("ldap", servers=[directory.settings(id_attribute="objectGUID")])
    a, b = ldap_login(world, "bin-a"), ldap_login(world, "bin-b")
    assert a["user"]["name"] == "bin-a" and b["user"]["name"] == "bin-b"
    assert guid_of(world, "bin-a") != guid_of(world, "bin-b")
    assert ldap_login(world, "bin-a")["user"]["name"] == "bin-a"


def test_values_with_a_nul_are_no_text(world, directory):
    directory.person("cn=nul,dc=x", "nul-1", entryUUID=["n-1"], mail=[b"boss@example.org\0x"],
                     displayName=[b"A\0B"])
    world.settings("ldap", servers=[directory.settings()])
    user = ldap_login(world, "nul-1")["user"]
    assert user["email"] == "" and user["display_name"] == ""


@pytest.mark.parametrize("raw", ['{"username\\u0000x":"a","password":"b"}',
                                 '{"username":"admin\\u0000x","password":"b"}'])
def test_names_and_strings_with_a_nul_are_refused(world, raw):
    world.client().call("POST", "/api/login", raw=raw, status=400)
    ok = '{"username":"admin\\\\u0000x","password":"b"}'
    assert world.client().call("POST", "/api/login", raw=ok, status=200)


@pytest.mark.parametrize("path", ["/api/devices/x%00y", "/api/users?name=a%00b", "/api/%00"])
def test_addresses_with_a_nul_are_refused(world, path):
    assert requests.get(world.api.base + path, timeout=10).status_code == 400


# --- whose account it is ---------------------------------------------------

def test_a_person_who_moved_keeps_the_account(world, directory):
    """Without a stable id the DN is the identity; then the entry gets one and moves."""
    directory.person("uid=mo,ou=a,dc=x", "mo-1")
    world.settings("ldap", servers=[directory.settings()])
    ldap_login(world, "mo-1")
    guid = guid_of(world, "mo-1")
    del directory.entries["uid=mo,ou=a,dc=x"]
    directory.person("UID=mo, ou=b,dc=x", "mo-1", entryUUID=["mo-uuid"])
    assert ldap_login(world, "mo-1")["user"]["name"] == "mo-1"
    del directory.entries["UID=mo, ou=b,dc=x"]
    directory.person("uid=other,ou=c,dc=x", "mo-1", entryUUID=["mo-uuid"])
    assert ldap_login(world, "mo-1")["user"]["name"] == "mo-1"
    assert guid_of(world, "mo-1") == guid


def test_a_renamed_entry_of_the_settings_keeps_its_accounts(world, directory):
    directory.person("uid=re,dc=x", "re-1", entryUUID=["re-uuid"])
    world.settings("ldap", servers=[directory.settings(name="before")])
    ldap_login(world, "re-1")
    guid = guid_of(world, "re-1")
    world.settings("ldap", servers=[directory.settings(name="after")])
    assert ldap_login(world, "re-1").get("type") == "access_token"
    assert guid_of(world, "re-1") == guid


def test_another_person_of_the_same_name_gets_no_account_until_it_is_relinked(world, directory):
    directory.person("uid=tw,dc=x", "tw-1", entryUUID=["tw-old"])
    world.settings("ldap", servers=[directory.settings(name="relink")])
    ldap_login(world, "tw-1")
    guid = guid_of(world, "tw-1")
    directory.entries["uid=tw,dc=x"]["entryUUID"] = ["tw-new"]
    assert "Another account" in ldap_login(world, "tw-1")["error"]
    world.admin.refused("POST", f"/api/users/{guid}/relink", dict(source="x", directory="relink"))
    world.admin.done("POST", f"/api/users/{guid}/relink", dict(source="ldap", directory="relink"))
    assert ldap_login(world, "tw-1").get("type") == "access_token"
    assert guid_of(world, "tw-1") == guid
    directory.entries["uid=tw,dc=x"]["entryUUID"] = ["tw-third"]  # it counts once
    assert "Another account" in ldap_login(world, "tw-1")["error"]


def test_a_local_account_is_given_to_a_directory_by_an_administrator(world, directory):
    u = world.user()
    directory.person("uid=loc,dc=x", u.name, entryUUID=["loc-uuid"])
    world.settings("ldap", servers=[directory.settings(name="local")])
    assert "error" in ldap_login(world, u.name)
    world.admin.done("POST", f"/api/users/{u.guid}/relink", dict(source="ldap", directory="local"))
    assert ldap_login(world, u.name).get("type") == "access_token"
    assert "error" in ldap_login(world, u.name, u.password)


def test_group_names_are_compared_as_names_and_nested_ones_followed(world, directory):
    g, _ = world.group()
    directory.person("uid=gr,dc=x", "gr-1", entryUUID=["gr"], memberOf=["CN=Dev, OU=Groups,dc=X"])
    directory.entries["cn=outer,dc=x"] = dict(cn=["outer"], chain=[b"uid=ne,dc=x"])
    directory.person("uid=ne,dc=x", "ne-1", entryUUID=["ne"])
    groups = {"cn=dev,ou=groups,dc=x": g, "CN=Outer,DC=x": g}
    world.settings("ldap", servers=[directory.settings(
        groups=groups, admin_group="cn=dev , ou=groups, dc=x")])
    assert ldap_login(world, "gr-1")["user"]["is_admin"] is True
    assert world.admin.get("/api/users", name="gr-1")["data"][0]["group_name"] == g
    ldap_login(world, "ne-1")
    assert world.admin.get("/api/users", name="ne-1")["data"][0]["group_name"] != g
    world.settings("ldap", servers=[directory.settings(groups=groups, nested_groups=True)])
    ldap_login(world, "ne-1")
    assert world.admin.get("/api/users", name="ne-1")["data"][0]["group_name"] == g


# --- mail in detail --------------------------------------------------------

def headers(mail):
    return mail.split("\r\n\r\n", 1)[0]


def test_a_sender_with_a_name_and_a_hostile_subject(world, sink):  # noqa: F811
    for bad in ("nobody", "Name <x>", "a@b c@d", "x <a@b", "evil\r\nBcc: x@y <a@b.c>"):
        world.admin.refused("PUT", "/api/settings/smtp", {"from": bad}, says="from")
    world.settings("smtp", **{"from": '"Ünïcode, Inc." <server@example.org>'},
                   templates=dict(invite=dict(subject="Hi\r\nBcc: evil@example.org " + "ä" * 60,
                                              body="one\ntwo\rthree\r\n{value}\n.\nend")))
    name = world.name("invited")
    world.admin.post("/api/users/invite", dict(name=name, email=name + "@example.org"))
    mail = mail_to(sink, name + "@example.org")
    head = headers(mail)
    assert "Bcc" not in head and "<server@example.org>" in head
    assert max(map(len, head.split("\r\n"))) <= 78 + 20
    sender = re.search(r"From: =\?UTF-8\?B\?(.*?)\?=", head)[1]
    assert base64.b64decode(sender).decode() == "Ünïcode, Inc."
    assert "one\r\ntwo\r\nthree\r\n" in mail and not re.search(r"[^\r]\n", mail)
    world.settings("smtp", templates={}, **{"from": "server@example.org"})


class Rude(socketserver.StreamRequestHandler):
    """Refuses at the place the test wants; takes XOAUTH2."""

    def handle(self):
        def say(line):
            self.wfile.write(line.encode() + b"\r\n")

        say("220 rude")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            self.server.lines.append(line)
            if verb in self.server.refuse:
                say(self.server.refuse[verb])
            elif verb == "EHLO":
                say("250-rude\r\n250 AUTH XOAUTH2 PLAIN")
            elif verb == "AUTH":
                if len(line.split()) == 2:
                    say("334 ")
                    self.server.lines.append(line + " " + self.rfile.readline().decode().strip())
                say("235 fine")
            elif verb == "DATA":
                say("354 go")
                while self.rfile.readline() != b".\r\n":
                    pass
                say("250 ok")
            elif verb == "QUIT":
                return say("221 bye")
            else:
                say("250 ok")


@pytest.fixture()
def rude(world):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Rude)
    server.daemon_threads, server.refuse, server.lines = True, {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.settings("smtp", enabled=True, host="127.0.0.1", port=server.server_address[1],
                   security="none", username="me@example.org", password="pw",
                   **{"from": "server@example.org"})
    yield server
    world.settings("smtp", enabled=False, username="", auth="password")
    server.shutdown()


@pytest.mark.parametrize("verb,words", [("AUTH", "535 5.7.8 Basic authentication is off"),
                                        ("RCPT", "550 5.1.1 No such user here"),
                                        ("MAIL", "553 5.7.1 Sender not owned by user")])
def test_the_mail_servers_own_words_reach_the_administrator(world, rude, verb, words):
    rude.refuse = {verb: words}
    assert words in world.admin.refused("POST", "/api/settings/smtp/test",
                                        dict(to="a@example.org"))


class Tokens(Quiet):
    def do_POST(self):
        self.server.forms.append(self.body().decode())
        if self.server.fail:
            return self.answer(dict(error="invalid_grant", error_description="It was revoked"), 400)
        self.answer(dict(access_token="at-1", expires_in=3600))


def test_mail_with_an_access_token(world, rude):
    tokens = serve(Tokens, forms=[], fail=True)
    world.settings("smtp", auth="xoauth2", oauth_token_url=f"http://127.0.0.1:{tokens.server_port}/",
                   oauth_client_id="cid", oauth_client_secret="cs", oauth_refresh_token="rt")
    shown = world.admin.get("/api/settings/smtp")
    assert shown["oauth_refresh_token"] == "" and shown["oauth_refresh_token_set"] is True
    assert "It was revoked" in world.admin.refused("POST", "/api/settings/smtp/test",
                                                   dict(to="a@example.org"))
    tokens.fail = False
    for _ in range(2):
        world.admin.done("POST", "/api/settings/smtp/test", dict(to="a@example.org"))
    assert len(tokens.forms) == 2 and "refresh_token=rt" in tokens.forms[-1]
    auth = [x for x in rude.lines if x.startswith("AUTH XOAUTH2 ")][0].split()[2]
    assert base64.b64decode(auth) == b"user=me@example.org\1auth=Bearer at-1\1\1"
    tokens.shutdown()
