"""docs/company.md: its commands, in the order of the page, against a real api and Redis; mail
server, directory and provider are those of the api's tests."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/company.md").read_text()
sys.path.append(str(ROOT / "tests/api"))

from harness import Api, Client, Device, Redis, wait_for        # noqa: E402
from ldapserver import Directory                                # noqa: E402
from test_directory import (Provider, Sink, begin, browse, poll, serve,  # noqa: E402
                            socketserver, threading)
from test_login import totp                                     # noqa: E402

TASKS = {title: re.findall(r"```sh\n(.*?)```", text, re.S) for title, text in re.findall(
    r"^## (.*)\n((?:(?!## ).*\n)*)", PAGE, re.M)}
GROUP_DN = "cn=support,ou=groups,dc=example,dc=com"
END = "-- end of block"

pytestmark = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")),
                                reason="needs curl and jq")


class Day:
    """One shell that goes down the page, and the world around it."""

    def __init__(self, folder):
        self.redis = Redis()
        self.api = Api(self.redis)
        self.outside()
        self.device = self.registered("123456789")
        self.adas = self.registered("987654321")
        self.err = folder / "stderr"
        self.shell = subprocess.Popen(["sh", "-e"], stdin=subprocess.PIPE, text=True,
                                      stdout=subprocess.PIPE, stderr=self.err.open("w"))
        self.left, self.said = list(TASKS), {}

    def outside(self):
        self.mail = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink)
        self.mail.daemon_threads, self.mail.mails = True, []
        threading.Thread(target=self.mail.serve_forever, daemon=True).start()
        self.directory = Directory()
        self.directory.passwords["cn=reader,dc=example,dc=com"] = "secret"
        self.directory.person("uid=carla,dc=example,dc=com", "carla", memberOf=[GROUP_DN],
                              entryUUID=["id-carla"])
        self.provider = serve(Provider, grants={}, forms=[], override=dict(aud="rustdesk"),
                              claims=dict(sub="1", preferred_username="dora"))

    def registered(self, number):
        d = Device(self, register=False)
        d.id = number
        d.register()
        assert d.sysinfo() == "SYSINFO_UPDATED"
        return d

    def here(self, block):
        """BLOCK with the places of this machine instead of the page's."""
        for page, place in (
                ("https://rd.example.com", self.api.base),
                ("docker compose exec -T api cat /data", f"cat {self.api.dir}"),
                ('"host": "mail.example.com", "port": 587, "security": "starttls",\n'
                 '  "username": "rustdesk", "password": "secret"',
                 f'"host": "127.0.0.1", "port": {self.mail.server_address[1]}, '
                 '"security": "none"'),
                ("ldaps://ldap.example.com",
                 f"ldap://127.0.0.1:{self.directory.server_address[1]}"),
                ("https://id.example.com", f"http://127.0.0.1:{self.provider.server_port}"),
                ('"client_secret": "secret"', '"client_secret": "shh"')):
            block = block.replace(page, place)
        assert "example.com\"," not in block.replace('@example.com",', ""), block
        return block

    def run(self, block):
        self.shell.stdin.write(f"{block}\necho\necho '{END}'\n")
        self.shell.stdin.flush()
        out = ""
        while not out.endswith(f"\n{END}\n"):
            line = self.shell.stdout.readline()
            assert line, f"{block}\n{out}\n{self.err.read_text()}"
            out += line
        return out.removesuffix(f"\n{END}\n")

    def until(self, title):
        """Runs the tasks before TITLE and TITLE, unless they were run; what it said."""
        while title not in self.said:
            task = self.left.pop(0)
            self.said[task] = [self.run(self.here(b)) for b in TASKS[task]]
        return self.said[title]

    def client(self, token=None):
        return Client(self.api.base, token)

    @property
    def admin(self):
        return self.client(self.run("echo $TOKEN").strip())

    def user(self, name):
        return [u for u in self.admin.get("/api/users", name=name)["data"] if u["name"] == name]

    def login(self, name, password):
        return self.client().post("/api/login", dict(username=name, password=password)).json()

    def mails(self, to):
        return wait_for("mail", lambda: [m for m in self.mail.mails if f"To: {to}" in m])

    def stop(self):
        self.shell.stdin.close()
        self.shell.wait(60)
        self.shell.stdout.close()
        self.api.stop()
        self.redis.stop()
        self.directory.close()
        for server in (self.mail, self.provider):
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    d = Day(tmp_path_factory.mktemp("day"))
    yield d
    d.stop()


def test_every_task_has_commands_and_a_test():
    known = re.findall(r'day\.until\("(.*?)"\)', Path(__file__).read_text())
    assert set(known) - {"(.*?)"} == set(TASKS) and all(TASKS.values())


def test_the_first_password_is_replaced(day):
    day.until("First sign-in")
    wait_for("no file", lambda: not (Path(day.api.dir) / "admin_password").exists())
    assert day.admin.get("/api/currentUser")["name"] == "admin"
    assert day.login("admin", "a long one of your own")["type"] == "access_token"


def test_a_failed_sign_in_ends_the_commands_with_its_reason(day):
    day.until("First sign-in")
    said = day.run("sign_in admin wrong 2>&1 || echo failed $?")
    assert "Wrong credentials" in said and "failed" in said


def test_mail_leaves(day):
    day.until("Mail")
    assert "Mail works" in day.mails("you@example.com")[0]


def test_groups_and_accounts_are_there_and_the_invited_gets_in(day):
    day.until("Groups of people")
    assert {g["name"] for g in day.admin.get("/api/user-groups")["data"]} >= {"Support", "Sales"}
    day.until("Accounts and invitations")
    assert [day.user(n)[0]["group_name"] for n in ("ada", "ben", "eve")] == [
        "Sales", "Support", "Sales"]
    token = day.mails("ada@example.com")[0].split("/invite#")[1].split()[0]
    day.client().done("POST", "/api/invite/accept", dict(token=token, password="ada's own one"))
    assert day.login("ada", "ada's own one")["type"] == "access_token"


def test_a_new_device_is_grouped_and_gets_its_strategy(day):
    day.until("A new device")
    row = day.admin.get(f"/api/devices/{day.device.guid}")
    assert row["device_group_name"] == "Servers" and row["strategy_name"] == "Office"
    options = day.device.heartbeat()["strategy"]["config_options"]
    assert options["enable-audio"] == "N" and options["approve-mode"] == "click"


def test_the_rule_lets_one_in_and_keeps_the_other_out(day):
    _, ben, eve = re.split(r"^\{", day.until("Who may reach what")[0], flags=re.M)
    assert '"allowed": true' in ben and "device_group_lets_in" in ben
    assert '"allowed": false' in eve and "no_rule" in eve
    assert day.admin.get("/api/settings/general")["access_control"] == "strict"


def test_the_shared_book_is_seen_by_its_people(day):
    day.until("A shared address book")
    for name, password, level in (("ben", "changes it himself", 2), ("eve", "changes it herself", 1)):
        # Once a second factor is demanded they get in no more.
        token = day.login(name, password)["access_token"]
        books = day.client(token).get("/api/ab/shared/profiles")["data"]
        assert [(b["name"], b["rule"]) for b in books] == [("Customers", level)]
        rows = day.client(token).get("/api/ab/peers", ab=books[0]["guid"])["data"]
        assert [(r["id"], r["alias"], r["tags"]) for r in rows] == [
            ("123456789", "Front desk", ["shop"])]


def test_a_person_of_the_directory_signs_in_and_is_in_the_mapped_group(day):
    day.until("Directory")
    assert day.login("carla", "ldap secret")["type"] == "access_token"
    assert (day.user("carla")[0]["group_name"], day.user("carla")[0]["source"]) == ("Support", "ldap")


def test_a_person_of_the_provider_signs_in_and_is_in_the_mapped_group(day):
    assert "oidc/corp" in day.until("Single sign-on")[0]
    code, query = begin(day, day.device)
    day.provider.claims["groups"] = ["staff"]
    assert "signed in" in browse(day.provider, query).text
    assert poll(day, day.device, code)["user"]["name"] == "dora"
    assert day.user("dora")[0]["group_name"] == "Support"


def test_a_local_account_is_taken_over_once_it_is_told_to(day):
    """docs/single-sign-on.md, with accounts made here alone."""
    day.until("Single sign-on")
    providers = day.admin.get("/api/settings/oidc")["providers"]
    providers[0]["auto_create"] = False
    day.admin.done("PUT", "/api/settings/oidc", dict(providers=providers))
    day.provider.claims.update(sub="2", preferred_username="frida")
    guid = day.admin.post("/api/users", dict(name="frida", password="not any more")).json()["guid"]
    for told in (False, True):
        if told:
            day.admin.done("POST", f"/api/users/{guid}/relink", dict(source="oidc", directory="corp"))
        code, query = begin(day, day.device)
        said = browse(day.provider, query).text
        assert ("signed in" in said) == told and ("no account for you" in said) != told, said
    assert poll(day, day.device, code)["user"]["name"] == "frida"
    assert day.admin.get(f"/api/users/{guid}")["source"] == "oidc"


def test_a_second_factor_is_demanded_of_all_local_people(day):
    listed = day.until("A second factor for everybody")[0]
    assert re.search(r"^admin\ttrue$", listed, re.M) and re.search(r"^ben\ttrue$", listed, re.M)
    assert "must be set up" in day.login("ben", "changes it himself")["error"]
    who = dict(username="ben", password="changes it himself")
    setup = day.client().post("/api/tfa/totp/setup", who).json()
    codes = day.client().post("/api/tfa/totp/confirm", dict(
        code=totp(setup["secret"]), **who)).json()["recovery_codes"]
    token = day.run(f"sign_in_with_code ben 'changes it himself' {codes[0]}").strip()
    assert day.client(token).get("/api/currentUser")["name"] == "ben"
    assert "failed" in day.run("sign_in ben 'changes it himself' || echo failed")
    assert not [u for u in day.user("carla") + day.user("dora") if u["totp_enforced"]]


def test_a_token_for_scripts_reads_devices_and_no_settings(day):
    assert day.until("A token for scripts")[0].strip() == "2"
    script = day.client(day.run("echo $SCRIPT").strip())
    script.refused("GET", "/api/settings/general", status=403)


def test_who_leaves_hands_over_devices_and_books_and_is_gone(day):
    day.until("Accounts and invitations")
    day.admin.done("POST", f"/api/devices/{day.adas.guid}/assign",
                   dict(type="user_name", value="ada"))
    book = day.admin.post("/api/ab/shared/add", dict(name="Of Ada")).json()["guid"]
    day.admin.done("PUT", "/api/ab/shared/update/profile", dict(guid=book, owner="ada"))
    day.until("Somebody leaves")
    assert day.admin.get(f"/api/devices/{day.adas.guid}")["user_name"] == "ben"
    script = day.client(day.run("echo $SCRIPT").strip())
    owners = {b["name"]: b["owner"] for b in script.get("/api/ab/shared/profiles")["data"]}
    assert owners == {"Customers": "admin", "Of Ada": "ben"}
    assert day.user("ada") == [] and "error" in day.login("ada", "ada's own one")
