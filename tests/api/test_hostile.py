"""Every route with every kind of wrong body, as nobody, a user, the holder of
a role and an administrator: an answer each time, and never the end of the api.
HOSTILE_SECONDS goes on with random bodies (make fuzz)."""
import http.client
import os
import time

import pytest

import hostile
from harness import World

SECONDS = float(os.environ.get("HOSTILE_SECONDS", "0"))
# These end the caller's own session.
ENDS = {"/api/logout", "/api/web/logout"}


@pytest.fixture(scope="module")
def site():
    w = World()
    w.callers = callers(w)
    w.guids = things(w)
    w.values = dict(id=w.guids["id"], uuid=w.guids["uuid"], guid=w.guids["/api/ab/"],
                    type="note", action="new")
    w.openapi = w.client().get("/api/openapi.json")
    yield w
    w.stop()


def callers(w):
    """Tokens; the administrator is not the one that other tests rely on."""
    user, clerk, chief = w.user(), w.user(), w.user()
    perms = ["user.view", "device.view", "audit.view"]
    role = w.admin.call("POST", "/api/admin-roles", dict(
        name="clerks", type="global", perms=[p for p in known_perms(w) if p in perms] or
        known_perms(w)[:3]), status=200).json()
    w.admin.done("PUT", f"/api/users/{clerk.guid}", dict(admin_roles=[role["guid"]]))
    w.admin.done("PUT", f"/api/users/{chief.guid}", dict(is_admin=True))
    w.role = role
    return {"nobody": None, "user": user.token, "role": clerk.token, "administrator": chief.token}


def known_perms(w):
    doc = w.client().get("/api/openapi.json")
    return sorted({op["x-requires"] for item in doc["paths"].values() for op in item.values()}
                  - {"none", "user", "token", "admin"})


def things(w):
    """Something real for each kind of path."""
    d = w.device()
    d.audit("conn", ip="203.0.113.5", action="new", conn_id=1)
    book = w.admin.post("/api/ab/shared/add", dict(name="hostile book")).json()["guid"]
    admin = w.admin
    return {
        "id": d.id, "uuid": d.uuid, "/api/users/": w.user().guid, "/api/devices/": d.guid, "/api/ab/": book,
        "/api/user-groups/": w.group("user")[1], "/api/device-groups/": w.group("device")[1],
        "/api/strategies/": admin.post("/api/strategies", dict(name="hostile")).json()["guid"],
        "/api/control-roles/": admin.get("/api/control-roles")["data"][0]["guid"],
        "/api/admin-roles/": w.role["guid"],
        "/api/audits/conn/": admin.get("/api/audits/conn", remote=d.id)["data"][0]["guid"],
        "/api/webhooks/": admin.post("/api/webhooks", dict(
            url="http://127.0.0.1:9/", enabled=False)).json()["guid"],
        "/api/tokens/": admin.post("/api/tokens", dict(
            name="hostile", scopes=dict(device=1))).json()["guid"],
    }


class Line:
    """One connection that is kept; a lost one is the fault that is looked for."""

    def __init__(self, w):
        self.w = w
        self.http = None

    def send(self, method, path, text, token):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = text.encode("utf-8", "surrogatepass")
        for again in (False, True):
            if self.http is None:
                self.http = http.client.HTTPConnection("127.0.0.1", self.w.api.port, timeout=60)
            try:
                self.http.request(method, path, body, headers)
                r = self.http.getresponse()
                # Events never end: their head is the answer.
                endless = r.getheader("Content-Type", "").startswith("text/event-stream")
                data = b"" if endless else r.read()
                if endless or r.will_close:
                    self.http.close()
                    self.http = None
                return r.status, data
            except (OSError, http.client.HTTPException):
                self.http.close()
                self.http = None
                assert self.w.api.proc.poll() is None, self.w.api.text()[-3000:]
                if again and len(body) > 200_000:
                    return 413, b""     # refused before all of it was sent
                if again:
                    raise


def paths(w, path, names):
    """The path with something real in it, and with something that is not."""
    bare, _, condition = path.partition("?")
    query = "&".join([condition] if condition else []) or None
    real = bare.replace("{section}", "general")
    for prefix, guid in w.guids.items():
        if prefix.startswith("/") and real.startswith(prefix):
            real = real.replace("{guid}", guid)
    out = [real, bare.replace("{guid}", "x").replace("{section}", "ldap")]
    if names:
        out.append(out[0] + "?" + "&".join(f"{n}=%25%ff-9{{" for n in names))
    return [p + ("&" if "?" in p else "?") + query if query else p for p in dict.fromkeys(out)]


def may(who, need):
    return who == "administrator" or need in ("none", "user")


def check(w, line, method, path, text, token, what):
    status, data = line.send(method, path, text, token)
    assert status < 500 or status == 503 and b"long calls" in data, \
        (method, path, what, status, data[:300])
    return status, data


@pytest.mark.parametrize("who", ["nobody", "user", "role", "administrator"])
def test_every_route_answers_every_kind_of_body(site, who):
    line = Line(site)
    for method, path, shape, names, op in hostile.operations(site.openapi):
        if path in ENDS and who != "nobody":
            continue
        need = op["x-requires"]
        # Bodies come before rights, so one caller tries them all.
        thorough = who == ("nobody" if need == "none" else "administrator")
        for i, url in enumerate(paths(site, path, names)):
            for what, text in hostile.bodies(shape, site.values,
                                             thorough and i == 0):
                if method == "DELETE" and i == 0 and what == "example":
                    continue
                check(site, line, method, url, text, site.callers[who], what)
    assert site.api.proc.poll() is None
    assert site.client().get("/api/version")
    if who != "nobody":
        status, data = line.send("GET", "/api/currentUser", "", site.callers[who])
        assert status == 200, ("a route ended the session: does it belong into ENDS?", data)


def test_every_member_is_refused_one_step_beyond_its_length(site):
    line = Line(site)
    seen = 0
    for method, path, shape, names, op in hostile.operations(site.openapi):
        if path in ENDS:
            continue
        url = paths(site, path, [])[0]
        props = shape.get("properties", {})
        base = hostile.base_of(shape, site.values)
        for name, inner in props.items():
            text = hostile.too_long(inner)
            if text is None:
                continue
            status, data = check(site, line, method, url, hostile.obj({**base, name: text}),
                                 site.callers["administrator"], name)
            assert status in (400, 413) and (name.encode() in data or status == 413), \
                (method, path, name, status, data[:200])
            seen += 1
    assert seen > 150


def test_unknown_members_are_refused_by_name_but_not_those_of_clients(site):
    line = Line(site)
    strict = 0
    for method, path, shape, names, op in hostile.operations(site.openapi):
        if path in ENDS or shape.get("type") != "object" or "requestBody" not in op:
            continue
        base = hostile.base_of(shape, site.values)
        status, data = line.send(method, paths(site, path, [])[-1], hostile.obj(
            {**base, "surprise": "1"}), site.callers["administrator"])
        if shape.get("additionalProperties") is False:
            assert status == 400 and b"Unknown member: surprise" in data, (method, path, data)
            strict += 1
        else:
            assert b"Unknown member" not in data or "settings" in path, (method, path, data)
    assert strict > 30


SCRIPTS = [
    ("POST", "/api/devices/{guid}/assign", "type value"),
    ("POST", "/api/users", "name password group_name email note"),
    ("POST", "/api/users/invite", "email name group_name note"),
    ("POST", "/api/users/force-logout", "user_guids"),
    ("PUT", "/api/users/tfa/totp/enforce", "user_guids enforce url"),
    ("PUT", "/api/users/disable_login_verification", "user_guids type"),
    ("POST", "/api/user-groups", "name note allowed_incomings allowed_outgoings"),
    ("PATCH", "/api/user-groups/{guid}", "name note allowed_incomings allowed_outgoings"),
    ("POST", "/api/device-groups", "name note allowed_incomings"),
    ("PATCH", "/api/device-groups/{guid}", "name note allowed_incomings"),
    ("POST", "/api/strategies/assign", "strategy peers users groups"),
    ("POST", "/api/ab/shared/add", "name note info"),
    ("PUT", "/api/ab/shared/update/profile", "guid name note owner info"),
    ("POST", "/api/ab/rule", "guid rule user group"),
    ("PATCH", "/api/ab/rule", "guid rule"),
    ("POST", "/api/ab/peer/add/{guid}", "id alias tags note password username hostname platform "
     "device_group_name"),
    ("PUT", "/api/ab/peer/update/{guid}", "id alias tags note password username hostname platform"),
    ("POST", "/api/ab/tag/add/{guid}", "name color"),
    ("PUT", "/api/ab/tag/rename/{guid}", "old new"),
    ("PUT", "/api/ab/tag/update/{guid}", "name color"),
]


@pytest.mark.parametrize("method, path, members", SCRIPTS)
def test_every_member_that_the_admin_scripts_send_is_known(site, method, path, members):
    op = site.openapi["paths"][path][method.lower()]
    shape = op["requestBody"]["content"]["application/json"]["schema"]
    assert set(members.split()) <= set(shape["properties"])


def test_the_smallest_audit_post_does_not_end_the_api(site):
    d = site.device()
    for body in ({}, dict(peer=None), dict(peer=[]), dict(peer=[None]), dict(peer={}),
                 dict(conn_id=1), dict(action=None)):
        site.client().call("POST", "/api/audit/conn", d.who(**body))
    assert site.api.proc.poll() is None


@pytest.mark.skipif(not SECONDS, reason="HOSTILE_SECONDS is not set: bounded run")
def test_random_bodies_for_a_while(site):
    rng = hostile.rng_of(int(time.time()))
    end = time.monotonic() + SECONDS
    line = Line(site)
    ops = [o for o in hostile.operations(site.openapi) if o[1] not in ENDS]
    while time.monotonic() < end:
        method, path, shape, names, op = rng.choice(ops)
        url = rng.choice(paths(site, path, names))
        token = rng.choice(list(site.callers.values()))
        text = hostile.random_body(rng, shape, site.values)
        check(site, line, method, url, text, token, text[:500])
