"""Passkeys, with an authenticator of the test's own (Ed25519)."""
import base64
import hashlib
import json
import secrets
import subprocess

import nacl.signing
import pytest

from harness import BINARY
from test_login import totp
from test_web_signin import Page, old_proof

UP_UV = 0x05


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Key:
    """One passkey of an authenticator."""

    def __init__(self, rp="localhost"):
        self.rp = rp
        self.id = secrets.token_bytes(16)
        self.key = nacl.signing.SigningKey.generate()
        self.count = 0
        self.user = ""

    def head(self, flags):
        self.count += 1
        return (hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) +
                self.count.to_bytes(4, "big"))

    @staticmethod
    def client(page, what, challenge, **more):
        return json.dumps(dict(dict(type=f"webauthn.{what}", challenge=challenge,
                                    origin=page.origin, crossOrigin=False), **more)).encode()

    def made(self, page, options, flags=UP_UV, **more):
        cose = (b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20" + bytes(self.key.verify_key))
        data = (self.head(flags | 0x40) + bytes(16) + len(self.id).to_bytes(2, "big") +
                self.id + cose)
        self.user = options["user"]["id"]
        return dict(name="key", clientDataJSON=b64(self.client(page, "create",
                                                               options["challenge"], **more)),
                    attestationObject=b64(b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" +
                                          bytes([len(data)]) + data))

    def proof(self, page, options, flags=UP_UV, **more):
        client = self.client(page, "get", options["challenge"], **more)
        data = self.head(flags)
        sig = self.key.sign(data + hashlib.sha256(client).digest()).signature
        return dict(id=b64(self.id), clientDataJSON=b64(client), authenticatorData=b64(data),
                    signature=b64(sig), userHandle=self.user)


class Local(Page):
    """A page of http://localhost, and of an address of its own."""

    def __init__(self, world):
        super().__init__(world, host=f"localhost:{world.api.port}")
        self.ip = f"198.18.{secrets.randbelow(256)}.{secrets.randbelow(256)}"

    def call(self, method, path, body=None, status=None, origin=True, **headers):
        headers["X-Real-IP"] = self.ip
        return super().call(method, path, body, status, origin, **headers)


def here(world):
    return Local(world)


def signed_in(world, u):
    p = here(world)
    assert p.login(u.name, u.password)["type"] == "access_token"
    return p


def begin(page):
    return page.call("POST", "/api/web/passkeys/begin", {}, status=200).json()


def challenge(page, **body):
    return page.call("POST", "/api/web/passkey/challenge", body, status=200).json()


def enrol(page):
    k = Key()
    page.call("POST", "/api/web/passkeys", k.made(page, begin(page)), status=200)
    return k


def enter(page, proof, status=200, **more):
    return page.call("POST", "/api/web/passkey/login", dict(passkey=proof, **more),
                     status=status).json()


@pytest.fixture()
def owner(world):
    u = world.user()
    u.page = signed_in(world, u)
    u.key = enrol(u.page)
    return u


def test_a_passkey_signs_in_without_a_name_and_is_seen_in_the_list(world, owner):
    p = here(world)
    reply = enter(p, owner.key.proof(p, challenge(p)))
    assert reply["user"]["name"] == owner.name and "access_token" not in reply
    assert p.get("/api/currentUser")["passkeys"] == 1
    row, = p.get("/api/web/passkeys")["data"]
    assert row["name"] == "key" and row["used"] >= row["created"] > 0
    p.call("PATCH", f"/api/web/passkeys/{row['id']}", dict(name="phone"), status=200)
    assert p.get("/api/web/passkeys")["data"][0]["name"] == "phone"
    p.call("PATCH", f"/api/web/passkeys/{row['id']}", dict(name=" "), status=400)
    p.call("DELETE", f"/api/web/passkeys/{row['id']}", status=200)
    p.call("DELETE", f"/api/web/passkeys/{row['id']}", status=404)
    enter(p, owner.key.proof(p, challenge(p)), status=400)


def test_a_challenge_is_good_once_and_for_what_it_was_given(world, owner):
    p = here(world)
    options = challenge(p)
    enter(p, owner.key.proof(p, options))
    enter(here(world), owner.key.proof(p, options), status=400)
    # of a registration, of nobody, changed
    for text in (begin(owner.page)["challenge"], b64(b"x"), b64(b"get.99999999999.a.b"), "",
                 challenge(p)["challenge"][:-4] + "AAAA"):
        q = here(world)
        enter(q, owner.key.proof(q, dict(challenge=text)), status=400)
    other = world.user()
    q = signed_in(world, other)
    q.call("POST", "/api/web/passkeys", Key().made(q, begin(owner.page)), status=400)


def test_a_wrong_signature_uses_its_challenge_up(world, owner):
    p = here(world)
    options = challenge(p)
    enter(p, dict(owner.key.proof(p, options), signature=b64(bytes(64))), status=400)
    enter(p, owner.key.proof(p, options), status=400)
    enter(p, owner.key.proof(p, challenge(p)))


@pytest.mark.parametrize("more", [dict(origin="https://evil.example"), dict(type="webauthn.create"),
                                  dict(crossOrigin=True), dict(flags=0x01), dict(flags=0x04)])
def test_another_page_kind_or_person_is_refused(world, owner, more):
    p = here(world)
    enter(p, owner.key.proof(p, challenge(p), **more), status=400)
    enter(p, owner.key.proof(p, challenge(p)))


def test_a_key_for_another_name_is_refused(world, owner):
    owner.key.rp = "evil.example"
    p = here(world)
    enter(p, owner.key.proof(p, challenge(p)), status=400)
    k = Key("evil.example")
    owner.page.call("POST", "/api/web/passkeys", k.made(owner.page, begin(owner.page)), status=400)


def test_a_passkey_of_somebody_else_is_refused(world, owner):
    p = here(world)
    proof = owner.key.proof(p, challenge(p))
    enter(p, dict(proof, userHandle=b64(b"0197f3a2-0000-7000-8000-000000000001")), status=400)


def test_credential_ids_are_unique_over_accounts(world, owner):
    q = signed_in(world, world.user())
    k = Key()
    k.id = owner.key.id
    error = q.call("POST", "/api/web/passkeys", k.made(q, begin(q)), status=400).json()["error"]
    assert error == "This passkey is known already"


def test_a_user_has_ten_passkeys_and_not_one_more(world, owner):
    for _ in range(9):
        enrol(owner.page)
    error = owner.page.call("POST", "/api/web/passkeys/begin", {}, status=400).json()["error"]
    assert error == "Remove one of the passkeys first"
    assert len(owner.page.get("/api/web/passkeys")["data"]) == 10


def test_a_counter_that_goes_back_is_refused_with_an_alarm(world, owner):
    p = here(world)
    enter(p, owner.key.proof(p, challenge(p)))
    owner.key.count = 0
    enter(p, owner.key.proof(p, challenge(p)), status=400)
    rows = world.admin.get("/api/audits/alarm", pageSize=100)["data"]
    assert any(r["typ"] == 100 and json.loads(r["info"])["name"] == owner.name for r in rows)


def test_wrong_passkeys_are_slowed_like_passwords(world, owner):
    p = here(world)
    for _ in range(6):
        enter(p, dict(owner.key.proof(p, challenge(p)), signature=b64(bytes(64))), status=400)
    enter(p, owner.key.proof(p, challenge(p)), status=429)
    assert p.login(owner.name, owner.password)["error"] == "Too frequent"


def test_a_passkey_is_a_second_step_and_only_of_its_account(world, owner):
    secret = owner.post("/api/tfa/totp/setup").json()["secret"]
    owner.post("/api/tfa/totp/confirm", dict(code=totp(secret)))
    p = here(world)
    step = p.login(owner.name, owner.password)["secret"]
    options = challenge(p, secret=step)
    assert [d["id"] for d in options["allowCredentials"]] == [b64(owner.key.id)]
    stranger = world.user()
    foreign = enrol(signed_in(world, stranger))
    enter(p, foreign.proof(p, challenge(p)), status=400, secret=step)
    assert enter(p, owner.key.proof(p, challenge(p)), secret=step)["user"]["name"] == owner.name
    enter(p, owner.key.proof(p, challenge(p)), status=400, secret=step)
    p.call("POST", "/api/web/passkey/challenge", dict(secret=step), status=400)


def test_a_passkey_is_a_fresh_proof(world, owner):
    p = owner.page
    old_proof(world, p)
    p.call("POST", "/api/web/passkeys/begin", {}, status=403)
    p.call("POST", "/api/web/reauth", dict(passkey=Key().proof(p, challenge(p))), status=400)
    p.call("POST", "/api/web/reauth", dict(passkey=owner.key.proof(p, challenge(p))), status=200)
    begin(p)


def test_who_is_disabled_or_lives_elsewhere_has_no_way_in(world, owner):
    guid = owner.page.get("/api/currentUser")["guid"]
    p = here(world)
    world.admin.post(f"/api/users/{guid}/disable")
    assert "disabled" in enter(p, owner.key.proof(p, challenge(p)), status=400)["error"]
    world.admin.post(f"/api/users/{guid}/enable")
    doc = json.loads(world.redis.do("HGET", "api:user", guid))
    world.redis.do("HSET", "api:user", guid, json.dumps(dict(doc, source="ldap")))
    enter(p, owner.key.proof(p, challenge(p)), status=400)
    q = signed_in(world, world.user())
    guid = q.get("/api/currentUser")["guid"]
    doc = json.loads(world.redis.do("HGET", "api:user", guid))
    world.redis.do("HSET", "api:user", guid, json.dumps(dict(doc, source="oidc")))
    q.call("POST", "/api/web/passkeys/begin", {}, status=400)


def test_an_administrator_and_the_operator_remove_them(world, owner):
    guid = owner.page.get("/api/currentUser")["guid"]
    assert world.admin.get(f"/api/users/{guid}")["passkeys"] == 1
    world.admin.put("/api/users/disable_login_verification",
                    dict(user_guids=[guid], type="passkeys"))
    p = here(world)
    enter(p, owner.key.proof(p, challenge(p)), status=400)
    # its id is free again
    owner.page.call("POST", "/api/web/passkeys", owner.key.made(owner.page, begin(owner.page)),
                    status=200)
    subprocess.run([BINARY, "admin", "reset-second-factor", owner.name],
                   env={"REDIS_URL": world.redis.url}, check=True, capture_output=True)
    assert world.admin.get(f"/api/users/{guid}")["passkeys"] == 0


def test_a_deleted_user_leaves_no_credential(world, owner):
    guid = owner.page.get("/api/currentUser")["guid"]
    world.admin.post(f"/api/users/{guid}/disable")
    world.admin.delete(f"/api/users/{guid}")
    handle = hashlib.sha256(b64(owner.key.id).encode()).hexdigest()
    assert world.redis.do("HGET", "api:user:passkey", handle) is None


@pytest.mark.parametrize("host,https", [("127.0.0.1", False), ("rd.example.org", True)])
def test_where_the_public_name_is_not_passkeys_are_not_offered(world, host, https):
    p = Page(world, host=host, https=https)
    assert p.get("/api/web/config")["features"]["passkeys"] is False
    p.call("POST", "/api/web/passkey/challenge", {}, status=400)
    assert here(world).get("/api/web/config")["features"]["passkeys"] is True


def test_a_clients_token_adds_and_removes_no_passkey(world, owner):
    """It asks for no fresh proof, and a key would outlive it."""
    c = world.login(owner.name, owner.password)
    c.call("POST", "/api/web/passkeys/begin", {}, status=403)
    c.call("POST", "/api/web/passkeys", dict(name="x", clientDataJSON="x", attestationObject="x"), status=403)
    kept = c.get("/api/web/passkeys")["data"]
    c.call("DELETE", f"/api/web/passkeys/{kept[0]['id']}", status=403)
