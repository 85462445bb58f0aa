"""Pages: sign-in by cookie, where a change may come from, proofs, tickets."""
import hashlib
import os
import time
import urllib.parse

import pytest
import requests

from harness import CALLS, ROOT, wait_for
from test_directory import browse, provider  # noqa: F401
from test_login import totp


class Page:
    """A browser's page: cookies, and the Origin that browsers send."""

    def __init__(self, world, host=None, https=False, origin=None):
        self.base = world.api.base
        self.host = host or f"127.0.0.1:{world.api.port}"
        self.https = https
        self.origin = origin or f"{'https' if https else 'http'}://{self.host}"
        self.cookies = {}

    def call(self, method, path, body=None, status=None, origin=True, **headers):
        headers["Host"] = self.host
        if self.https:
            headers.update({"X-Forwarded-Proto": "https", "X-Real-IP": "192.0.2.9"})
        if origin and method not in ("GET", "HEAD"):
            headers["Origin"] = self.origin
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        r = requests.request(method, self.base + path, json=body, headers=headers, timeout=60)
        CALLS.add((method, path.partition("?")[0], False, r.status_code < 400 and
                   not r.content.startswith(b'{"error"')))
        self.set_cookie = r.headers.get("Set-Cookie", "")
        if self.set_cookie:
            name, _, value = self.set_cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        if status is not None:
            assert r.status_code == status, (method, path, r.status_code, r.text)
        return r

    def get(self, path, status=200):
        return self.call("GET", path, status=status).json()

    def login(self, name, password, **more):
        r = self.call("POST", "/api/web/login", dict(username=name, password=password, **more))
        return r.json()


@pytest.fixture()
def page(world):
    p = Page(world)
    u = world.user()
    p.user = u
    assert p.login(u.name, u.password)["type"] == "access_token"
    return p


def test_a_page_is_signed_in_by_a_cookie_that_no_script_sees(world):
    u = world.user()
    p = Page(world, host="rd.example.org", https=True)
    reply = p.login(u.name, u.password)
    assert "access_token" not in reply and reply["user"]["name"] == u.name
    name, *flags = [f.strip() for f in p.set_cookie.split(";")]
    assert name.startswith("__Host-session=")
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(flags)
    assert not any(f.startswith("Domain") for f in flags)
    assert p.get("/api/currentUser")["name"] == u.name


def test_on_loopback_without_tls_the_cookie_has_another_name(page):
    assert page.set_cookie.startswith("session=") and "Secure" not in page.set_cookie
    assert "HttpOnly" in page.set_cookie
    assert page.get("/api/currentUser")["session"]["cookie"] is True


@pytest.mark.parametrize("host", ["rd.example.org", "192.0.2.7:21114", "127.evil.example",
                                  "localhost.evil.example", "1270.0.0.1"])
def test_over_plain_http_from_elsewhere_nobody_signs_in(world, host):
    u = world.user()
    p = Page(world, host=host)
    assert "https" in p.call("POST", "/api/web/login", dict(username=u.name, password=u.password),
                             status=403).json()["error"]
    assert not p.set_cookie
    q = Page(world)
    q.login(u.name, u.password)
    p.cookies = q.cookies
    p.get("/api/currentUser", status=401)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:21114", "127.0.0.1", "127.1.2.3:8",
                                  "[::1]", "[::1]:21114"])
def test_every_name_of_the_own_machine_is_loopback(world, host):
    u = world.user()
    assert Page(world, host=host).login(u.name, u.password)["type"] == "access_token"


def test_wrong_credentials_set_no_cookie(world):
    p = Page(world)
    assert p.login("admin", "wrong")["error"] == "Wrong credentials"
    assert p.set_cookie == ""


def test_a_change_by_cookie_needs_the_origin_of_our_own_page(world, page):
    body = dict(old_password=page.user.password, password="another horse")
    for foreign in ("https://evil.example", "null", page.origin + ".evil.example",
                    page.origin.replace("http:", "https:"), "http://127.0.0.1:1"):
        page.origin, own = foreign, page.origin
        error = page.call("PUT", "/api/user/password", body, status=403).json()["error"]
        assert error == "Origin does not match"
        page.origin = own
    page.call("PUT", "/api/user/password", body, origin=False, status=403)
    page.get("/api/currentUser")  # reading is no change
    page.call("PUT", "/api/user/password", body, status=200)


def test_another_sites_page_cannot_sign_a_visitor_in(world):
    u = world.user()
    p = Page(world, origin="https://evil.example")
    p.call("POST", "/api/web/login", dict(username=u.name, password=u.password), status=403)
    p.call("POST", "/api/web/oidc/auth", dict(op="oidc/x", id="a", uuid="b"), status=403)
    assert not p.cookies


def test_bearer_tokens_need_no_origin_and_win_over_a_cookie(world, page):
    r = page.call("POST", "/api/currentUser", origin=False, status=200,
                  Authorization=f"Bearer {world.admin.token}")
    assert r.json()["name"] == "admin" and r.json()["session"]["cookie"] is False
    page.call("POST", "/api/currentUser", origin=False, status=401, Authorization="Bearer no")


def test_an_api_token_is_no_cookie(world):
    token = world.token(device=2)
    p = Page(world)
    p.cookies = {"session": token.token}
    p.get("/api/devices", status=401)


def test_the_second_factor_ends_in_a_cookie_as_well(world):
    u = world.user()
    secret = u.post("/api/tfa/totp/setup").json()["secret"]
    u.post("/api/tfa/totp/confirm", dict(code=totp(secret)))
    p = Page(world)
    first = p.login(u.name, u.password)
    assert first["tfa_type"] == "tfa_check" and not p.cookies
    again = p.call("POST", "/api/web/login",
                   dict(username=u.name, type="email_code", secret=first["secret"],
                        tfaCode=totp(secret, time.time() + 30))).json()
    assert again["type"] == "access_token" and "access_token" not in again
    assert p.get("/api/currentUser")["tfa"] is True


def test_signing_out_ends_the_session_and_takes_the_cookie_away(world, page):
    old = dict(page.cookies)
    page.call("POST", "/api/web/logout", status=200)
    assert page.cookies == {} and "Max-Age=0" in page.set_cookie
    page.cookies = old
    page.get("/api/currentUser", status=401)
    page.user.get("/api/currentUser")  # the client's session goes on


def test_signing_out_everywhere_ends_clients_too(world, page):
    page.call("POST", "/api/web/logout", dict(everywhere=True), status=200)
    page.user.refused("GET", "/api/currentUser", status=401)


def test_a_page_knows_what_its_user_may_do(world, page):
    me = page.get("/api/currentUser")
    assert me["guid"] == page.user.guid and me["permissions"] == [] and me["grants"] == []
    names = [p["name"] for p in page.get("/api/web/permissions")["data"]]
    admin = Page(world)
    admin.login("admin", world.api.admin_password())
    assert admin.get("/api/currentUser")["permissions"] == names
    group, guid = world.group()
    role = world.admin.post("/api/admin-roles", dict(
        name=world.name("role"), type="group", perms=["users.note", "users.group"],
        user_groups=[guid])).json()
    world.admin.done("PUT", f"/api/users/{page.user.guid}", dict(admin_roles=[role["guid"]]))
    me = page.get("/api/currentUser")
    # what the scope cannot have is taken away, what an edit implies is added
    assert me["permissions"] == ["users.view", "users.note"]
    assert me["grants"] == [dict(scope="group", permissions=["users.view", "users.note"],
                                 unassigned=False, user_groups=[guid], device_groups=[])]


def test_the_catalogue_says_which_scopes_can_have_a_right(page):
    rows = {r["name"]: r for r in page.get("/api/web/permissions")["data"]}
    assert rows["users.group"] == dict(name="users.group", area="user", writes=True,
                                       scopes=["global"])
    assert rows["devices.view"]["scopes"] == ["global", "individual", "group"]
    assert rows["devices.view"]["writes"] is False


def old_proof(world, page):
    token = next(iter(page.cookies.values()))
    key = "token:" + hashlib.sha256(token.encode()).hexdigest()
    past = int(time.time()) - 3600
    world.redis.do("HSET", key, "created", past, "proved", past)


def test_dangerous_acts_ask_a_page_for_a_fresh_proof(world):
    doc = world.client().get("/api/openapi.json")
    assert doc["paths"]["/api/tokens"]["post"]["x-fresh"] is True
    p = Page(world)
    p.login("admin", world.api.admin_password())
    body = dict(name=world.name("token"), scopes={})
    p.call("POST", "/api/tokens", body, status=200)
    old_proof(world, p)
    refused = p.call("POST", "/api/tokens", body, status=403).json()
    assert refused == dict(error="Confirm that it is you", reauth=True)
    p.call("POST", "/api/web/reauth", dict(password="wrong"), status=400)
    p.call("POST", "/api/tokens", body, status=403)
    p.call("POST", "/api/web/reauth", dict(password=world.api.admin_password()), status=200)
    p.call("POST", "/api/tokens", dict(body, name=world.name("token")), status=200)
    # scripts are not asked
    world.admin.post("/api/tokens", dict(body, name=world.name("token")))


def test_what_makes_more_of_somebody_asks_a_page_for_a_fresh_proof(world):
    u = world.user()
    role = world.admin.post("/api/admin-roles", dict(name=world.name("role"), type="global",
                                                     perms=["users.view"])).json()
    p = Page(world)
    p.login("admin", world.api.admin_password())
    old_proof(world, p)
    a, r = f"/api/users/{u.guid}", f"/api/admin-roles/{role['guid']}"
    asked = [("PUT", a, dict(is_admin=True)), ("PATCH", a, dict(admin_roles=[role["guid"]])),
             ("PATCH", a, dict(password="another one")),
             ("POST", "/api/users", dict(name=world.name("u"), password="long enough",
                                         is_admin=True)),
             ("POST", a + "/relink", dict(source="ldap", directory="main")),
             ("POST", "/api/admin-roles", dict(name=world.name("r"), type="global",
                                               perms=["users.view"])),
             ("PATCH", r, dict(perms=["users.delete"])), ("DELETE", r, None)]
    for method, path, body in asked:
        assert p.call(method, path, body, status=403).json()["reauth"] is True, (method, path)
    p.call("PATCH", a, dict(note="asks for nothing"), status=200)
    p.call("POST", "/api/web/reauth", dict(password=world.api.admin_password()), status=200)
    for method, path, body in asked:
        p.call(method, path, body, status=200)


def test_key_material_asks_a_page_for_a_fresh_proof(world):
    p = Page(world)
    p.login("admin", world.api.admin_password())
    hook = world.admin.post("/api/webhooks", dict(url="http://127.0.0.1:1/",
                                                  enabled=False)).json()["guid"]
    old_proof(world, p)
    server = dict(name=world.name("ldap"), url="ldaps://ldap.example.com", enabled=False,
                  base_dn="dc=example,dc=com")
    provider = dict(name=world.name("oidc"), issuer="https://login.example.com", enabled=False,
                    client_id="console")
    signed = dict(url="http://127.0.0.1:1/", enabled=False, secret="signs")
    # Whoever moves the address gets the secret that is kept: the whole section asks.
    asked = [("PUT", "/api/settings/smtp", dict(host="mail.example.com", enabled=False)),
             ("PUT", "/api/settings/ldap", dict(servers=[server])),
             ("PUT", "/api/settings/oidc", dict(providers=[provider])),
             ("POST", "/api/webhooks", signed), ("PATCH", f"/api/webhooks/{hook}", signed)]
    for method, path, body in asked:
        assert p.call(method, path, body, status=403).json()["reauth"] is True, (method, path)
    p.call("PUT", "/api/settings/smtp", dict(colour="red"), status=400)  # not for nothing
    p.call("PUT", "/api/settings/general", dict(session_days=30), status=200)
    p.call("PATCH", f"/api/webhooks/{hook}", dict(events=["alarm"]), status=200)
    # scripts are not asked
    world.admin.patch(f"/api/webhooks/{hook}", dict(secret="signs"))
    p.call("POST", "/api/web/reauth", dict(password=world.api.admin_password()), status=200)
    for method, path, body in asked:
        p.call(method, path, body, status=200)
    world.admin.done("PUT", "/api/settings/ldap", dict(servers=[]))
    world.admin.done("PUT", "/api/settings/oidc", dict(providers=[]))


def test_a_code_is_a_proof_once(world):
    u = world.user()
    secret = u.post("/api/tfa/totp/setup").json()["secret"]
    p = Page(world)
    p.login(u.name, u.password)
    u.post("/api/tfa/totp/confirm", dict(code=totp(secret)))
    code = dict(tfaCode=totp(secret, time.time() + 30))
    p.call("POST", "/api/web/reauth", code, status=200)
    p.call("POST", "/api/web/reauth", code, status=400)
    p.call("POST", "/api/web/reauth", {}, status=400)


def test_guessing_a_proof_is_slowed_like_a_log_in(page):
    for _ in range(6):
        page.call("POST", "/api/web/reauth", dict(password="wrong"), status=400)
    page.call("POST", "/api/web/reauth", dict(password=page.user.password), status=429)


def test_a_user_sees_and_ends_his_own_sessions(world, page):
    page.login(page.user.name, page.user.password,
               deviceInfo=dict(os="Linux", type="browser", name="Chromium"))
    rows = page.get("/api/web/sessions/own")["data"]
    assert len(rows) == 3 and sum(r["current"] for r in rows) == 1
    here = next(r for r in rows if r["current"])
    assert (here["os"], here["name"], here["type"]) == ("Linux", "Chromium", "browser")
    other = hashlib.sha256(page.user.token.encode()).hexdigest()
    page.call("DELETE", f"/api/web/sessions/own/{other}", status=200)
    page.user.refused("GET", "/api/currentUser", status=401)
    admins = hashlib.sha256(world.admin.token.encode()).hexdigest()
    page.call("DELETE", f"/api/web/sessions/own/{admins}", status=404)
    world.admin.get("/api/currentUser")


def test_a_ticket_is_for_one_minute_and_not_for_the_api(world, page):
    reply = page.call("POST", "/api/web/ticket", dict(id="123456789"), status=200).json()
    assert reply["expires_in"] == 60
    key = "token:" + hashlib.sha256(reply["token"].encode()).hexdigest()
    assert 0 < world.redis.do("TTL", key) <= 60
    assert world.redis.do("HGET", key, "device") == b"123456789"
    world.client(reply["token"]).refused("GET", "/api/currentUser", status=401)
    page.call("POST", "/api/web/ticket", dict(id="a b"), status=400)


def policy_lookup(world, token, device):
    """What hbbs asks Redis: the guid behind the token, for this device."""
    with open(os.path.join(ROOT, "common/site/policy_lookup.lua")) as f:
        script = f.read()
    return world.redis.do("EVAL", script, 0, hashlib.sha256(token.encode()).hexdigest(), device,
                          "peer:0000")[8]


def test_hbbs_takes_a_ticket_for_its_device_only(world, page):
    ticket = page.call("POST", "/api/web/ticket", dict(id="123456789"), status=200).json()["token"]
    assert policy_lookup(world, ticket, "123456789") == page.user.guid.encode()
    assert policy_lookup(world, ticket, "123456780") is None
    assert policy_lookup(world, page.user.token, "123456780") == page.user.guid.encode()


def test_pages_calls_refuse_api_tokens(world):
    t = world.token(device=2, user=2)
    for method, path, body in (("POST", "/api/web/logout", {}), ("POST", "/api/web/reauth", {}),
                               ("POST", "/api/web/ticket", dict(id="1")),
                               ("GET", "/api/web/sessions/own", None),
                               ("DELETE", "/api/web/sessions/own/" + "0" * 64, None)):
        t.refused(method, path, body, status=403)


def test_the_page_learns_what_it_needs_before_anybody_is_signed_in(world):
    c = Page(world).get("/api/web/config")
    assert c["signed_in"] is False
    assert c["secure"] is True and c["https_url"] == "" and c["login_options"] == []
    assert c["rendezvous"] == dict(ws_id="/ws/id", ws_relay="/ws/relay")
    assert c["server_key"] == "" and c["first_start"] is False
    plain = Page(world, host="rd.example.org:21114").get("/api/web/config")
    assert plain["secure"] is False and plain["https_url"] == "https://rd.example.org/"


def test_a_page_learns_that_it_is_signed_in_without_an_error(page):
    assert page.get("/api/web/config")["signed_in"] is True
    page.call("POST", "/api/web/logout", status=200)
    assert page.get("/api/web/config")["signed_in"] is False


def test_single_sign_on_of_a_page_ends_in_a_cookie(world, provider):
    p = Page(world)
    who = dict(id="page-1", uuid="cGFnZQ==")
    start = p.call("POST", "/api/web/oidc/auth", dict(op="corp", **who), status=200).json()
    query = f"/api/web/oidc/query?code={start['code']}&id=page-1&uuid=cGFnZQ=="
    assert "No authed oidc is found" in p.get(query)["error"]
    assert not p.cookies
    url = urllib.parse.urlparse(start["url"])
    browse(provider, dict(urllib.parse.parse_qsl(url.query)))
    reply = p.get(query)
    assert reply["type"] == "access_token" and "access_token" not in reply
    assert p.get("/api/currentUser")["source"] == "oidc"


def test_the_servers_key_comes_from_the_lease_of_hbbs(world):
    key = bytes(range(32))
    info = b"\n\1h\x15\1\0\0\0" + b"\x62\x20" + key
    world.redis.do("SET", "node:hbbs:00000001", info, "EX", 6)
    world.redis.do("ZADD", "nodes:hbbs", int(time.time()), "00000001")
    page = Page(world)
    assert page.get("/api/web/config")["server_key"] == \
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    world.redis.do("DEL", "node:hbbs:00000001", "nodes:hbbs")
    wait_for("no key", lambda: page.get("/api/web/config")["server_key"] == "")
