"""Single sign-on, directory, mail, webhooks: against real servers."""
import base64
import hashlib
import hmac
import html
import http.server
import json
import os
import re
import shutil
import socketserver
import subprocess
import tempfile
import threading
import time
import urllib.parse

import pytest
import requests

from harness import Client, Device, World, free_port, wait_for
from test_login import totp


def serve(handler, **attributes):
    """Runs an HTTP server in a thread."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    for k, v in attributes.items():
        setattr(server, k, v)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Quiet(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, body, status=200):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider(Quiet):
    """An OpenID provider: discovery, token endpoint with PKCE, userinfo."""

    def do_GET(self):
        me = f"http://127.0.0.1:{self.server.server_port}"
        if self.path == "/.well-known/openid-configuration":
            self.answer(dict(issuer=me, authorization_endpoint=me + "/authorize",
                             token_endpoint=me + "/token", userinfo_endpoint=me + "/userinfo"))
        elif self.path == "/userinfo":
            self.answer(dict(sub=self.server.claims["sub"], email="sso@example.org",
                             groups=["staff"]))
        else:
            self.answer({}, 404)

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.body().decode()))
        self.server.forms.append(form)
        want = self.server.grants.pop(form["code"], None)
        digest = b64url(hashlib.sha256(form["code_verifier"].encode()).digest())
        if not want or digest != want["code_challenge"] or form["client_secret"] != "shh":
            return self.answer({"error": "invalid_grant"}, 400)
        claims = dict(iss=f"http://127.0.0.1:{self.server.server_port}", aud="client-1",
                      exp=int(time.time()) + 60, nonce=want["nonce"], **self.server.claims)
        claims.update(self.server.override)
        token = ".".join([b64url(b"{}"), b64url(json.dumps(claims).encode()), "sig"])
        self.answer(dict(access_token="at", id_token=token))


@pytest.fixture()
def provider(world):
    world.count = getattr(world, "count", 0) + 1
    p = serve(Provider, grants={}, forms=[], override={},
              claims=dict(sub=f"subject-{world.count}", preferred_username=f"sso-{world.count}"))
    g, _ = world.group()
    p.group = g
    world.settings("oidc", providers=[dict(
        name="corp", issuer=f"http://127.0.0.1:{p.server_port}", client_id="client-1",
        client_secret="shh", icon="<svg/>", groups={"staff": g}, admin_group="bosses")])
    yield p
    world.settings("oidc", providers=[])
    p.shutdown()


def begin(world, d):
    c = world.client()
    reply = c.post("/api/oidc/auth", d.who(op="corp", deviceInfo=dict(os="linux"),
                                           apiDomain=world.api.base)).json()
    url = urllib.parse.urlparse(reply["url"])
    return reply["code"], dict(urllib.parse.parse_qsl(url.query))


def arrive(provider, query):
    """The browser leg: the provider accepts and sends back to the server."""
    provider.grants["grant-1"] = query
    return requests.get(query["redirect_uri"], timeout=10,
                        params=dict(code="grant-1", state=query["state"]))


def click(query, page, answer="yes"):
    """Presses a button of the page, if it has one."""
    found = re.search(f'action="(confirm[^"]*answer={answer})"', page.text)
    if not found:
        return page
    where = urllib.parse.urljoin(query["redirect_uri"], html.unescape(found[1]))
    r = requests.post(where, timeout=10)
    Client.note("POST", r)
    return r


def browse(provider, query):
    return click(query, arrive(provider, query))


def poll(world, d, code):
    return world.client().get("/api/oidc/auth-query", code=code, id=d.id, uuid=d.uuid)


def test_oidc_login_from_options_to_token(world, provider):
    d = Device(world)
    options = world.client().get("/api/login-options")
    assert json.loads(options[0].removeprefix("common-oidc/")) == [dict(name="corp", icon="<svg/>")]
    assert options[1] == "oidc/corp"
    code, query = begin(world, d)
    assert query["redirect_uri"] == world.api.base + "/api/oidc/callback"
    assert query["code_challenge_method"] == "S256" and code not in json.dumps(query)
    assert "No authed oidc is found" in poll(world, d, code)["error"]
    page = browse(provider, query)
    assert page.status_code == 200 and "signed in" in page.text
    reply = poll(world, d, code)
    name = provider.claims["preferred_username"]
    assert reply["type"] == "access_token" and reply["user"]["name"] == name
    assert reply["user"]["info"] is not None and reply["user"]["status"] == 1
    assert world.client(reply["access_token"]).post("/api/currentUser").json()["name"] == name
    row = world.admin.get("/api/users", name=name)["data"][0]
    assert row["group_name"] == provider.group and row["email"] == "sso@example.org"
    assert row["is_admin"] is False and row["source"] == "oidc"
    assert "error" in poll(world, d, code)  # the code is used up
    assert provider.forms[0]["redirect_uri"] == query["redirect_uri"]
    world.admin.done("PUT", f"/api/users/{row['guid']}", dict(email=""))


def test_a_second_oidc_login_finds_the_account_by_subject(world, provider):
    d = Device(world)
    code, query = begin(world, d)
    browse(provider, query)
    guid = world.admin.get("/api/users", name=poll(world, d, code)["user"]["name"])["data"][0]["guid"]
    provider.claims["preferred_username"] = "renamed-at-the-provider"
    provider.claims["groups"] = ["bosses"]
    code, query = begin(world, d)
    browse(provider, query)
    assert poll(world, d, code)["user"]["is_admin"] is True
    assert world.admin.get(f"/api/users/{guid}")["is_admin"] is True
    world.admin.done("PUT", f"/api/users/{guid}", dict(email="", is_admin=False))


@pytest.mark.parametrize("change", [
    dict(nonce="other"), dict(aud="client-2"), dict(iss="http://evil.example"),
    dict(exp=1), dict(aud=["client-1", "client-2"]), dict(sub="")])
def test_an_id_token_that_is_not_for_us_is_refused(world, provider, change):
    d = Device(world)
    code, query = begin(world, d)
    provider.override.update(change)
    page = browse(provider, query)
    assert "failed" in page.text
    assert "No authed" not in poll(world, d, code)["error"]


def test_oidc_cannot_take_over_a_local_account(world, provider):
    u = world.user()
    provider.claims["preferred_username"] = u.name
    d = Device(world)
    code, query = begin(world, d)
    browse(provider, query)
    assert "Another account" in poll(world, d, code)["error"]


def test_the_code_works_for_its_device_only_and_the_callback_once(world, provider):
    d, other = Device(world), Device(world)
    code, query = begin(world, d)
    browse(provider, query)
    assert "expired" in poll(world, other, code)["error"]
    assert "expired" in browse(provider, query).text
    assert "expired" in poll(world, d, query["state"])["error"]
    assert poll(world, d, code)["type"] == "access_token"


def test_unknown_providers_and_links_are_refused(world, provider):
    d = Device(world)
    assert "error" in world.client().post("/api/oidc/auth", d.who(op="nope")).json()
    r = world.client().call("GET", "/api/oidc/callback", status=200, state="x" * 64, code="y")
    assert "expired" in r.text


# --- LDAP ------------------------------------------------------------------

LDIF = """dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=lena,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: lena
cn: Lena L
sn: L
displayName: Lena L.
mail: lena@example.org
userPassword: ldap secret

dn: uid=twin,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: twin
cn: double
sn: T
userPassword: ldap secret

dn: uid=twin2,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: twin2
cn: double
sn: T
userPassword: ldap secret

dn: cn=dev,dc=example,dc=org
objectClass: groupOfNames
cn: dev
member: uid=lena,ou=people,dc=example,dc=org
"""


@pytest.fixture(scope="module")
def slapd():
    if not shutil.which("slapd", path="/usr/sbin:/usr/bin"):
        pytest.skip("slapd is not installed")
    home = tempfile.mkdtemp(prefix="api-slapd-")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", f"{home}/key.pem", "-out", f"{home}/cert.pem"],
                   check=True, capture_output=True)
    port, tls = free_port(), free_port()
    with open(f"{home}/slapd.conf", "w") as f:
        f.write("include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
                "include /etc/ldap/schema/inetorgperson.schema\nmodulepath /usr/lib/ldap\n"
                f"moduleload back_mdb\npidfile {home}/pid\nTLSCertificateFile {home}/cert.pem\n"
                f"TLSCertificateKeyFile {home}/key.pem\ndatabase mdb\nmaxsize 10485760\n"
                f"suffix dc=example,dc=org\nrootdn cn=root,dc=example,dc=org\nrootpw rootpw\n"
                f"directory {home}\naccess to attrs=userPassword by anonymous auth by * none\n"
                "access to * by dn=cn=root,dc=example,dc=org write by users read by * none\n")
    with open(f"{home}/data.ldif", "w") as f:
        f.write(LDIF)
    env = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin")
    subprocess.run(["slapadd", "-f", f"{home}/slapd.conf", "-l", f"{home}/data.ldif"],
                   check=True, env=env, capture_output=True)
    proc = subprocess.Popen(["slapd", "-d", "0", "-f", f"{home}/slapd.conf", "-h",
                             f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls}"], env=env,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    import socket

    def up():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    wait_for("slapd", up)
    yield dict(port=port, tls=tls, ca=f"{home}/cert.pem")
    proc.terminate()
    proc.wait(10)


def ldap_settings(world, slapd, **change):
    server = dict(name="main", url=f"ldap://127.0.0.1:{slapd['port']}",
                  bind_dn="cn=root,dc=example,dc=org", bind_password="rootpw",
                  base_dn="dc=example,dc=org", group_attribute="member",
                  filter="(objectClass=inetOrgPerson)")
    server.update(change)
    world.settings("ldap", servers=[server])


def ldap_login(world, name, password="ldap secret"):
    c = world.client(ip=f"198.51.100.{world.n % 250 + 1}")
    return c.post("/api/login", dict(username=name, password=password, type="account")).json()


@pytest.mark.parametrize("how", ["plain", "starttls", "ldaps"])
def test_ldap_login_makes_the_account(world, slapd, how):
    g, _ = world.group()
    more = dict(plain={}, starttls=dict(starttls=True, ca=slapd["ca"],
                                        url=f"ldap://127.0.0.1:{slapd['port']}"),
                ldaps=dict(url=f"ldaps://127.0.0.1:{slapd['tls']}", ca=slapd["ca"]))[how]
    ldap_settings(world, slapd, filter="", groups={"cn=dev,dc=example,dc=org": g}, **more)
    reply = ldap_login(world, "lena")
    assert reply.get("type") == "access_token", reply
    assert reply["user"]["display_name"] == "Lena L." and reply["user"]["email"] == "lena@example.org"
    row = world.admin.get("/api/users", name="lena")["data"][0]
    assert row["source"] == "ldap" and row["group_name"] == g
    assert ldap_login(world, "lena", "wrong") == {"error": "Wrong credentials"}
    assert ldap_login(world, "lena", "") == {"error": "Wrong credentials"}
    world.settings("ldap", servers=[])
    assert "error" in ldap_login(world, "lena")


@pytest.mark.parametrize("name", ["*", "lena)(uid=*", "l*", "nobody", "double", "lena\\00"])
def test_ldap_names_cannot_change_the_filter_and_must_be_unique(world, slapd, name):
    ldap_settings(world, slapd)
    try:
        assert ldap_login(world, name) == {"error": "Wrong credentials"}
    finally:
        world.settings("ldap", servers=[])


def test_an_untrusted_certificate_ends_the_ldap_login(world, slapd):
    ldap_settings(world, slapd, url=f"ldaps://127.0.0.1:{slapd['tls']}")
    try:
        assert "error" in ldap_login(world, "lena")
    finally:
        world.settings("ldap", servers=[])


def test_the_second_of_two_directories_is_asked_too(world, slapd):
    dead = dict(name="dead", url=f"ldap://127.0.0.1:{free_port()}", base_dn="dc=x")
    good = dict(name="main", url=f"ldap://127.0.0.1:{slapd['port']}",
                bind_dn="cn=root,dc=example,dc=org", bind_password="rootpw",
                base_dn="dc=example,dc=org")
    world.settings("ldap", servers=[dead, good])
    try:
        assert ldap_login(world, "lena")["type"] == "access_token"
        world.admin.done("POST", "/api/settings/ldap/test", dict(name="main", username="lena"))
        world.admin.refused("POST", "/api/settings/ldap/test", dict(name="dead"))
        world.admin.refused("POST", "/api/settings/ldap/test", dict(name="main", username="nobody"))
    finally:
        world.settings("ldap", servers=[])


# --- mail ------------------------------------------------------------------

class Sink(socketserver.StreamRequestHandler):
    """Takes every mail."""

    def handle(self):
        def say(line):
            self.wfile.write(line + b"\r\n")

        say(b"220 sink")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                say(b"354 go")
                text = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    text += part
                self.server.mails.append(text.decode())
            elif verb == b"QUIT":
                return say(b"221 bye")
            say(b"250 ok")


@pytest.fixture()
def sink(world):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink)
    server.daemon_threads = True
    server.mails = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.settings("smtp", enabled=True, host="127.0.0.1", port=server.server_address[1],
                   security="none", **{"from": "server@example.org"})
    yield server
    world.settings("smtp", enabled=False)
    server.shutdown()


def mail_to(sink, to):
    found = wait_for("mail", lambda: [m for m in sink.mails if f"To: {to}" in m])
    return found[-1]


def test_a_login_with_a_mailed_code(world, sink):
    mail = world.name("code") + "@example.org"
    u = world.user(email=mail)
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(email_verification=True))
    d = Device(world)
    c = world.client()
    first = c.post("/api/login", d.who(username=u.name, password=u.password, type="account")).json()
    assert first["type"] == "email_check" and first["tfa_type"] == "email_check"
    assert first["user"]["email"] == mail[0] + "***@example.org"
    text = mail_to(sink, mail)
    code = text.split("code is ")[1][:6]
    assert code.isdigit()
    body = d.who(type="email_code", verificationCode=code, secret=first["secret"], username=u.name)
    wrong = dict(body, verificationCode="000000" if code != "000000" else "111111")
    assert "incorrect" in c.post("/api/login", wrong).json()["error"]
    assert c.post("/api/login", body).json()["type"] == "access_token"
    assert "error" in c.post("/api/login", body).json()


def test_an_invitation_is_accepted_once(world, sink):
    name = world.name("invited")
    world.admin.post("/api/users/invite", dict(name=name, email=name + "@example.org"))
    c = world.client()
    assert "error" in c.post("/api/login", dict(username=name, password="x")).json()
    token = mail_to(sink, name + "@example.org").split("/invite#")[1].split()[0]
    c.refused("POST", "/api/invite/accept", dict(token=token, password="short"))
    c.done("POST", "/api/invite/accept", dict(token=token, password="my own password"))
    c.refused("POST", "/api/invite/accept", dict(token=token, password="my own password"))
    world.login(name, "my own password")


def test_the_test_button_and_templates(world, sink):
    world.admin.done("POST", "/api/settings/smtp/test", dict(to="me@example.org"))
    assert "Mail works" in mail_to(sink, "me@example.org")
    world.settings("smtp", templates=dict(invite=dict(subject="Hallo", body="Hier: {value}")))
    name = world.name("invited")
    world.admin.post("/api/users/invite", dict(name=name, email=name + "@example.org"))
    text = mail_to(sink, name + "@example.org")
    assert "Hier: Name: " + name in text and base64.b64encode(b"Hallo").decode() in text
    world.settings("smtp", templates={})


def test_alarms_are_mailed_to_administrators_who_ask(world, sink):
    me = world.admin.get("/api/users", name="admin")["data"][0]["guid"]
    world.admin.done("PUT", f"/api/users/{me}", dict(email="boss@example.org", email_alarm=True))
    d = world.device()
    for _ in range(3):
        d.audit("alarm", typ=0, info='{"ip":"192.0.2.9"}')
    text = mail_to(sink, "boss@example.org")
    assert d.id in text and "192.0.2.9" in text
    assert len([m for m in sink.mails if d.id in m]) == 1  # repeated ones are not mailed
    world.admin.done("PUT", f"/api/users/{me}", dict(email="", email_alarm=False))


def test_without_smtp_an_invitation_is_refused(world):
    world.admin.refused("POST", "/api/users/invite", dict(name="x", email="x@example.org"),
                        says="SMTP")
    world.admin.refused("POST", "/api/settings/smtp/test", dict(to="x@example.org"))


# --- webhooks --------------------------------------------------------------

class Hook(Quiet):
    def do_POST(self):
        body = self.body()
        self.server.calls.append((self.headers["X-Signature"], body))
        self.answer(b"", 500 if self.server.fail > 0 else 200)
        self.server.fail -= 1


def test_webhooks_are_signed_filtered_and_retried(world):
    hook = serve(Hook, calls=[], fail=1)
    url = f"http://127.0.0.1:{hook.server_port}/x"
    h = world.admin.post("/api/webhooks", dict(url=url, secret="hook secret",
                                               events=["alarm"])).json()
    assert h["secret_set"] is True and "hook secret" not in json.dumps(h)
    d = world.device()
    d.audit("conn", ip="1.2.3.4", action="new", conn_id=1, session_id=0)
    d.audit("alarm", typ=1, info="{}")
    first = wait_for("delivery", lambda: list(hook.calls))[0]
    event = json.loads(first[1])
    assert event["kind"] == "alarm" and event["data"]["device"] == d.id
    want = hmac.new(b"hook secret", first[1], hashlib.sha256).hexdigest()
    assert first[0] == "sha256=" + want
    # the first try failed: it comes again, unchanged
    again = wait_for("retry", lambda: len(hook.calls) > 1 and hook.calls[1], 30)
    assert again == first
    world.admin.done("POST", f"/api/webhooks/{h['guid']}/test")
    assert json.loads(hook.calls[-1][1])["kind"] == "test"
    world.admin.done("DELETE", f"/api/webhooks/{h['guid']}")
    world.admin.refused("POST", "/api/webhooks", dict(url="file:///etc/passwd"))
    hook.shutdown()


# --- single sign-on in detail ----------------------------------------------

def test_the_page_names_device_address_and_account_and_waits_for_a_click(world, provider):
    d = Device(world)
    reply = world.client(ip="203.0.113.9").post("/api/oidc/auth", d.who(
        op="corp", deviceInfo=dict(os="linux", name='<b>"Ann\'s PC'), apiDomain="x")).json()
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(reply["url"]).query))
    page = arrive(provider, query)
    assert d.id in page.text and "203.0.113.9" in page.text
    assert "&lt;b&gt;&quot;Ann&#39;s PC" in page.text and "<b>" not in page.text
    assert provider.claims["preferred_username"] in page.text
    assert "No authed oidc is found" in poll(world, d, reply["code"])["error"]
    # neither without the page's secret nor twice
    bad = requests.post(world.api.base + "/api/oidc/confirm", timeout=10, params=dict(
        state=query["state"], secret="x" * 43, answer="yes"))
    assert "expired" in bad.text
    assert "No authed oidc is found" in poll(world, d, reply["code"])["error"]
    assert "signed in" in click(query, page).text
    assert "expired" in click(query, page).text
    assert poll(world, d, reply["code"])["type"] == "access_token"


def test_a_no_on_the_page_ends_the_login(world, provider):
    d = Device(world)
    code, query = begin(world, d)
    click(query, arrive(provider, query), "no")
    assert "refused in the browser" in poll(world, d, code)["error"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example",
                                  "127.0.0.1@evil.example", "localhost:80/x", "[::1].evil", ""])
def test_the_host_header_does_not_choose_where_codes_go(world, provider, host):
    d = Device(world)
    r = requests.post(world.api.base + "/api/oidc/auth", json=d.who(op="corp"), timeout=10,
                      headers={"Host": host})
    assert "PUBLIC_URL" in r.json()["error"] and "url" not in r.json()
    r = requests.post(world.api.base + "/api/oidc/auth", json=d.who(op="corp"), timeout=10,
                      headers={"Host": "localhost:21114"})
    assert "localhost%3A21114" in r.json()["url"]


def test_a_configured_name_may_be_the_host():
    own = World(PUBLIC_NAMES="rd.example.org, other.example:8443")
    p = serve(Provider, grants={}, forms=[], override={}, claims=dict(sub="s"))
    own.settings("oidc", providers=[dict(name="corp", issuer=f"http://127.0.0.1:{p.server_port}",
                                         client_id="client-1", client_secret="shh")])
    for host, good in (("rd.example.org", True), ("RD.example.org:444", True),
                       ("other.example:8443", True), ("other.example", False),
                       ("x.rd.example.org", False)):
        r = requests.post(own.api.base + "/api/oidc/auth", json=Device(own).who(op="corp"),
                          headers={"Host": host}, timeout=10).json()
        assert ("url" in r) is good, (host, r)
    own.stop()
    p.shutdown()


def test_what_the_provider_says_instead_of_a_code_is_shown(world, provider):
    d = Device(world)
    code, query = begin(world, d)
    page = requests.get(query["redirect_uri"], timeout=10, params=dict(
        state=query["state"], error="access_denied", error_description="<Not> in the group"))
    assert "access_denied: &lt;Not&gt; in the group" in page.text
    assert "access_denied: <Not> in the group" in poll(world, d, code)["error"]
    assert "access_denied" in world.api.text()


def test_what_the_token_endpoint_says_is_shown(world, provider):
    d = Device(world)
    code, query = begin(world, d)
    page = requests.get(query["redirect_uri"], timeout=10,
                        params=dict(code="unknown", state=query["state"]))
    assert "invalid_grant" in page.text and "invalid_grant" in poll(world, d, code)["error"]


def sign_in(world, provider):
    d = Device(world)
    code, query = begin(world, d)
    browse(provider, query)
    reply = poll(world, d, code)
    name = reply["user"]["name"] if "user" in reply else ""
    rows = [r for r in world.admin.get("/api/users", name=name)["data"] if r["name"] == name]
    if rows:
        world.admin.done("PUT", f"/api/users/{rows[0]['guid']}", dict(email=""))
    return reply, rows[0] if rows else None


def test_one_group_comes_as_a_string_and_times_as_any_number(world, provider):
    provider.claims["groups"] = "staff"
    provider.override.update(exp=time.time() + 60.5, nbf=time.time() + 30)
    reply, row = sign_in(world, provider)
    assert row["group_name"] == provider.group


def test_a_token_from_the_future_is_refused(world, provider):
    provider.override.update(nbf=time.time() + 900)
    reply, _ = sign_in(world, provider)
    assert "clocks" in reply["error"]


def test_long_names_are_cut_to_what_is_unique(world, provider):
    long = "ü" * 20 + "a" * 60 + "@example.org"
    names = set()
    for i in range(2):
        provider.claims.update(sub=f"long-{i}-{world.n}", preferred_username=long)
        names.add(sign_in(world, provider)[0]["user"]["name"])
        world.n += 1
    assert len(names) == 2 and all(len(n.encode()) <= 64 for n in names)


@pytest.mark.parametrize("methods,basic", [(["client_secret_basic"], True),
                                           (["client_secret_post"], False),
                                           (["private_key_jwt"], None)])
def test_the_token_endpoint_is_asked_the_way_it_offers(world, methods, basic):
    class Choosy(Provider):
        def do_GET(self):
            me = f"http://127.0.0.1:{self.server.server_port}"
            self.answer(dict(issuer=me + "/", authorization_endpoint=me + "/authorize",
                             token_endpoint=me + "/token",
                             token_endpoint_auth_methods_supported=methods))

        def do_POST(self):
            self.server.auth.append(self.headers["Authorization"])
            self.server.forms.append(self.body().decode())
            self.answer(dict(error="invalid_client"), 401)

    p = serve(Choosy, auth=[], forms=[], grants={})
    # a last slash more or less is the same issuer
    world.settings("oidc", providers=[dict(name="corp", issuer=f"http://127.0.0.1:{p.server_port}",
                                           client_id="c:1", client_secret="s h/h")])
    d = Device(world)
    code, query = begin(world, d)
    browse(p, query)
    error = poll(world, d, code)["error"]
    if basic is None:
        assert "client secret" in error and not p.forms
    else:
        assert error == "invalid_client"
        want = "Basic " + base64.b64encode(b"c%3A1:s%20h%2Fh").decode() if basic else None
        assert p.auth == [want]
        assert ("client_secret=" in p.forms[0]) is not basic
    world.settings("oidc", providers=[])
    p.shutdown()


def test_a_provider_is_tried_as_it_is_now_and_switched_off_too(world):
    class Moody(Quiet):
        said = 200

        def do_GET(self):
            me = f"http://127.0.0.1:{self.server.server_port}"
            self.answer(dict(issuer=me, authorization_endpoint=me + "/a", token_endpoint=me + "/t"),
                        Moody.said)

    p = serve(Moody)
    issuer = f"http://127.0.0.1:{p.server_port}"
    world.settings("oidc", providers=[dict(name="corp", issuer=issuer, client_id="c",
                                           enabled=False)])
    path = "/api/settings/oidc/test"
    world.admin.done("POST", path, dict(name="corp"))
    Moody.said = 404  # what it said before does not count
    world.admin.refused("POST", path, dict(name="corp"), says="404")
    Moody.said = 200
    world.settings("oidc", providers=[dict(name="corp", issuer=issuer + "/x", client_id="c")])
    world.admin.refused("POST", path, dict(name="corp"), says="calls itself")
    world.admin.refused("POST", path, dict(name="nobody"), status=404)
    world.settings("oidc", providers=[])
    p.shutdown()


def test_a_provider_of_another_name_is_told_by_both_names(world):
    class Liar(Quiet):
        def do_GET(self):
            self.answer(dict(issuer="https://other.example", authorization_endpoint="https://x/a",
                             token_endpoint="https://x/t"))

    p = serve(Liar)
    issuer = f"http://127.0.0.1:{p.server_port}"
    world.settings("oidc", providers=[dict(name="corp", issuer=issuer, client_id="c")])
    error = world.client().post("/api/oidc/auth", Device(world).who(op="corp")).json()["error"]
    assert "https://other.example" in error and issuer in error
    world.settings("oidc", providers=[])
    p.shutdown()


def test_a_new_issuer_keeps_the_accounts_of_the_same_people(world, provider):
    world.n += 1
    provider.claims.update(sub=f"keeps-{world.n}", preferred_username=f"keeps-{world.n}")
    guid = sign_in(world, provider)[1]["guid"]
    twin = serve(Provider, grants={}, forms=[], override={}, claims=dict(provider.claims))
    world.settings("oidc", providers=[dict(
        name="corp", issuer=f"http://127.0.0.1:{twin.server_port}", client_id="client-1",
        client_secret="shh")])
    assert sign_in(world, twin)[1]["guid"] == guid
    # the same subject with another name is somebody else
    provider.claims.update(sub=f"other-{world.n}", preferred_username=f"first-{world.n}")
    twin.claims.update(sub=f"keeps-{world.n}", preferred_username=f"second-{world.n}")
    assert sign_in(world, twin)[1]["guid"] == guid  # linked by now
    twin.claims.update(sub=f"new-{world.n}", preferred_username=f"keeps-{world.n}")
    assert "Another account" in sign_in(world, twin)[0]["error"]
    twin.shutdown()
