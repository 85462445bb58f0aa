"""Accounts: contract 2.1 to 2.5, and the limits around them."""
import base64
import hashlib
import hmac
import itertools
import re
import struct
import threading
import time

import pytest
import requests

from harness import Device, wait_for


def totp(secret, at=None):
    key = base64.b32decode(secret)
    counter = int((at or time.time()) // 30)
    mac = hmac.new(key, struct.pack(">Q", counter), hashlib.sha1).digest()
    pos = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[pos:pos + 4])[0] & 0x7fffffff) % 10**6:06d}"


def first_step(world, name, password="correct horse", **more):
    body = dict(username=name, password=password, type="account", **more)
    return world.client().post("/api/login", body).json()


def test_login_options_is_an_empty_array_without_providers(world):
    assert world.client().get("/api/login-options") == []


def test_head_of_login_options_is_answered(world):
    r = requests.head(world.api.base + "/api/login-options", timeout=10)
    assert r.status_code == 200 and r.content == b""


def test_a_password_login_answers_token_and_user(world):
    u = world.user(display_name="Ann Other", note="hi")
    d = Device(world)
    reply = first_step(world, u.name, id=d.id, uuid=d.uuid, autoLogin=True,
                       deviceInfo=dict(os="linux", type="client", name="desk"))
    assert reply["type"] == "access_token" and len(reply["access_token"]) > 30
    user = reply["user"]
    assert user["name"] == u.name and user["display_name"] == "Ann Other"
    assert user["status"] == 1 and user["is_admin"] is False
    assert isinstance(user["info"], dict)
    assert "error" not in reply


@pytest.mark.parametrize("body", [
    dict(username="admin", password="nonsense", type="account"),
    dict(username="nobody", password="nonsense", type="account"),
    dict(username="", password="", type="account"), {}])
def test_wrong_credentials_are_refused_with_the_clients_key(world, body):
    c = world.client(ip="198.51.100.1")
    assert c.post("/api/login", body).json() == {"error": "Wrong credentials"}


def test_a_name_is_found_regardless_of_case_and_by_email(world):
    u = world.user(email="Mixed.Case@Example.org")
    assert first_step(world, u.name.upper())["type"] == "access_token"
    assert first_step(world, "mixed.case@example.org")["type"] == "access_token"


def test_current_user_is_the_payload_at_top_level(world):
    u = world.user()
    me = u.post("/api/currentUser", dict(id="1", uuid="x")).json()
    assert me["name"] == u.name and me["info"] is not None and "error" not in me


def test_a_token_that_is_not_one_is_401_invalid_token(world):
    for token in ("", "nonsense", "x" * 5000):
        c = world.client(token or "e")
        c.refused("POST", "/api/currentUser", {}, status=401, says="Invalid token")


def test_logout_ends_this_session_and_no_other(world):
    u = world.user()
    other = world.login(u.name, u.password)
    u.done("POST", "/api/logout", dict(id="1", uuid="x"))
    u.refused("POST", "/api/currentUser", {}, status=401)
    other.post("/api/currentUser", {})


def test_disabling_a_user_ends_his_sessions_and_refuses_new_ones(world):
    u = world.user()
    world.admin.done("POST", f"/api/users/{u.guid}/disable")
    u.refused("POST", "/api/currentUser", {}, status=401)
    assert "disabled" in first_step(world, u.name)["error"]
    world.admin.done("POST", f"/api/users/{u.guid}/enable")
    assert first_step(world, u.name)["type"] == "access_token"


def test_a_login_on_an_unowned_device_makes_the_user_its_owner(world):
    u, d = world.user(), world.device()
    first_step(world, u.name, id=d.id, uuid=d.uuid)
    assert world.admin.get(f"/api/devices/{d.guid}")["user_name"] == u.name
    v = world.user()
    first_step(world, v.name, id=d.id, uuid=d.uuid)
    assert world.admin.get(f"/api/devices/{d.guid}")["user_name"] == u.name


def test_a_login_with_a_foreign_uuid_takes_no_device(world):
    u, d = world.user(), world.device()
    first_step(world, u.name, id=d.id, uuid=Device(world, register=False).uuid)
    assert world.admin.get(f"/api/devices/{d.guid}")["user_name"] == ""


def test_tokens_are_stored_hashed(world):
    u = world.user()
    for key in world.redis.do("KEYS", "*"):
        assert u.token.encode() not in key
    digest = hashlib.sha256(u.token.encode()).hexdigest()
    assert world.redis.do("HGET", f"token:{digest}", "user").decode() == u.guid
    assert 0 < world.redis.do("TTL", f"token:{digest}") <= 30 * 86400


def test_a_used_session_slides_its_expiry(world):
    u = world.user()
    key = "token:" + hashlib.sha256(u.token.encode()).hexdigest()
    world.redis.do("HSET", key, "seen", int(time.time()) - 7200)
    world.redis.do("EXPIRE", key, 100)
    u.post("/api/currentUser", {})
    assert world.redis.do("TTL", key) > 86400


def test_passwords_are_argon2id(world):
    u = world.user()
    doc = world.redis.do("HGET", "api:user", u.guid)
    assert b"$argon2id$" in doc and b"correct horse" not in doc


def enable_totp(u):
    setup = u.post("/api/tfa/totp/setup", {}).json()
    # the step before, so that the current code is still good afterwards
    code = totp(setup["secret"], time.time() - 30)
    reply = u.post("/api/tfa/totp/confirm", dict(code=code)).json()
    return setup["secret"], reply["recovery_codes"]


def second_step(world, name, first, code, **device):
    body = dict(type="email_code", verificationCode=code, tfaCode=code,
                secret=first["secret"], username=name, **device)
    return world.client().post("/api/login", body).json()


def test_totp_login_in_the_clients_two_steps(world):
    u = world.user()
    secret, codes = enable_totp(u)
    assert len(codes) == 10 and all(len(c) == 6 and c.isdigit() for c in codes)
    d = Device(world)
    first = first_step(world, u.name, id=d.id, uuid=d.uuid)
    assert first["type"] == "email_check" and first["tfa_type"] == "tfa_check"
    assert first["user"]["name"] == u.name and "access_token" not in first
    reply = second_step(world, u.name, first, totp(secret), id=d.id, uuid=d.uuid)
    assert reply["type"] == "access_token", reply


def test_a_totp_code_works_once(world):
    u = world.user()
    secret, _ = enable_totp(u)
    code = totp(secret)
    first = first_step(world, u.name)
    assert second_step(world, u.name, first, code)["type"] == "access_token"
    first = first_step(world, u.name)
    assert second_step(world, u.name, first, code)["error"] == "wrong-2fa-code"


def test_a_recovery_code_works_once(world):
    u = world.user()
    _, codes = enable_totp(u)
    first = first_step(world, u.name)
    assert second_step(world, u.name, first, codes[0])["type"] == "access_token"
    first = first_step(world, u.name)
    assert "error" in second_step(world, u.name, first, codes[0])


def test_a_challenge_belongs_to_its_device_and_ends_after_five_tries(world):
    u = world.user()
    secret, _ = enable_totp(u)
    d = Device(world)
    first = first_step(world, u.name, id=d.id, uuid=d.uuid)
    assert "error" in second_step(world, u.name, first, totp(secret), id="1", uuid="x")
    for _ in range(5):
        second_step(world, u.name, first, "000000", id=d.id, uuid=d.uuid)
    reply = second_step(world, u.name, first, totp(secret), id=d.id, uuid=d.uuid)
    assert "error" in reply


def test_enforced_totp_refuses_the_login_until_it_is_set_up(world):
    u = world.user()
    world.admin.done("PUT", "/api/users/tfa/totp/enforce",
                     dict(user_guids=[u.guid], enforce=True, url="https://x"))
    assert "must be set up" in first_step(world, u.name)["error"]
    who = dict(username=u.name, password=u.password)
    setup = world.client().post("/api/tfa/totp/setup", who).json()
    code = totp(setup["secret"])
    world.client().post("/api/tfa/totp/confirm", dict(code=code, **who))
    assert first_step(world, u.name)["tfa_type"] == "tfa_check"


def test_an_administrator_resets_totp(world):
    u = world.user()
    enable_totp(u)
    world.admin.done("PUT", "/api/users/disable_login_verification",
                     dict(user_guids=[u.guid], type="2fa"))
    assert first_step(world, u.name)["type"] == "access_token"


def test_totp_secrets_are_sealed_in_redis(world):
    u = world.user()
    secret, codes = enable_totp(u)
    doc = world.redis.do("HGET", "api:user", u.guid)
    assert secret.encode() not in doc
    assert not any(c.encode() in doc for c in codes)


def test_six_failures_a_minute_close_the_door_for_that_address_only(world):
    u = world.user()
    bad = world.client(ip="203.0.113.66")
    body = dict(username=u.name, password="wrong", type="account")
    for _ in range(6):
        assert bad.post("/api/login", body).json()["error"] == "Wrong credentials"
    body["password"] = u.password
    assert bad.post("/api/login", body).json()["error"] == "Too frequent"
    good = world.client(ip="203.0.113.67")
    assert good.post("/api/login", body).json()["type"] == "access_token"


def test_guesses_have_a_lane_of_their_own_and_hold_up_no_log_in(world):
    u, ending = world.user(), threading.Event()

    def guess(ip):
        c, names = world.client(ip=ip), itertools.count()
        while not ending.is_set():
            c.call("POST", "/api/login", dict(
                username=f"nobody-{next(names)}", password="wrong",
                type="account"))

    def lanes():
        return dict(re.findall(r'api_lane_tasks\{lane="(.*?)"\} (\d+)',
                               world.api.ops_get("/metrics").text))
    threads = [threading.Thread(target=guess, args=(f"203.0.113.{n}",))
               for n in range(100, 116)]
    for t in threads:
        t.start()
    try:
        # Nobody else is there: who guesses again waits for his like alone.
        wait_for("guesses in their lane", lambda: int(lanes()["guess"]) > 1)
        world.login(u.name, u.password)
    finally:
        ending.set()
        for t in threads:
            t.join()


def test_repeated_failures_raise_an_alarm(world):
    u = world.user()
    c = world.client(ip="203.0.113.77")
    for _ in range(6):
        c.post("/api/login", dict(username=u.name, password="no", type="account"))
    rows = world.admin.get("/api/audits/alarm")["data"]
    assert any(r["typ"] == 4 and u.name in r["info"] for r in rows)


def test_a_password_change_ends_all_sessions(world):
    u = world.user()
    u.done("PUT", "/api/user/password",
           dict(old_password=u.password, password="another horse"))
    u.refused("POST", "/api/currentUser", {}, status=401)
    assert first_step(world, u.name, "another horse")["type"] == "access_token"
    assert "error" in first_step(world, u.name)


def test_a_user_has_at_most_fifty_sessions(world):
    u = world.user()
    for i in range(52):
        c = world.login(u.name, u.password)
    c.post("/api/currentUser", {})
    n = world.redis.do("SCARD", f"api:user:sessions:{u.guid}")
    assert n == 50


def test_a_login_is_in_the_console_audit(world):
    u = world.user()
    rows = world.admin.get("/api/audits/console", operator=u.name)["data"]
    assert rows[0]["typ"] == 1 and rows[0]["iop"] == 0


def test_malformed_requests_are_400_and_say_where(world):
    c = world.client()
    for raw in (b"{", b"[]", b'"x"', b"\xff\xfe", b'{"username": 5}',
                b'{"username":"a\\u0000b"}', b"[" * 100):
        r = c.call("POST", "/api/login", raw=raw, status=400)
        assert "Invalid format" in r.json()["error"]


def test_a_body_beyond_the_cap_is_413(world):
    r = world.client().call("POST", "/api/login", raw=b"x" * 300000)
    assert r.status_code == 413


def test_unknown_paths_and_methods(world):
    world.client().refused("GET", "/api/nonsense", status=404)
    world.client().refused("DELETE", "/api/login", status=405)


def test_a_user_switches_totp_off_with_a_code_unless_it_is_enforced(world):
    u = world.user()
    secret, codes = enable_totp(u)
    u.refused("POST", "/api/tfa/totp/disable", dict(code="000000"), says="wrong-2fa-code")
    enforce = dict(user_guids=[u.guid], enforce=True, url="")
    world.admin.done("PUT", "/api/users/tfa/totp/enforce", enforce)
    u.refused("POST", "/api/tfa/totp/disable", dict(code=codes[0]), says="requires")
    world.admin.done("PUT", "/api/users/tfa/totp/enforce", dict(enforce, enforce=False))
    u.done("POST", "/api/tfa/totp/disable", dict(code=codes[0]))
    assert first_step(world, u.name)["type"] == "access_token"
    assert u.get("/api/currentUser")["name"] == u.name


def test_parallel_guesses_of_a_code_are_counted(world):
    import threading
    u = world.user()
    enable_totp(u)
    first = first_step(world, u.name)
    replies = []

    def guess(n):
        replies.append(second_step(world, u.name, first, f"{n:06d}")["error"])

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(12)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert replies.count("wrong-2fa-code") <= 6 and "Too frequent" in replies
