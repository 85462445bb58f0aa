"""Many at once: one call changes many devices or users, in steps that can be
gone on with, taken back, and asked about."""
import csv
import io
import socket
import uuid
from urllib.parse import urlencode

import pytest

from harness import Api, Client, World, wait_for

CHUNK = 50  # devices of one transaction


@pytest.fixture(scope="module")
def site():
    w = World()
    wait_for("the index", lambda: w.admin.call("GET", "/api/web/devices").ok)
    yield w
    w.stop()


def job_id():
    return uuid.uuid4().hex


def finish(c, job):
    """Goes on until the job is over."""
    while job["state"] == "running":
        job = c.post(f"/api/bulk/{job['id']}").json()
    return job


def bulk(c, op, what, value="", kind="devices", **query):
    body = dict(id=job_id(), op=op, value=value)
    body.update(matching=True) if what is None else body.update(guids=[x.guid for x in what])
    path = f"/api/{kind}/bulk" + (f"?{urlencode(query)}" if query else "")
    return finish(c, c.post(path, body).json())


def report(c, **query):
    return c.get("/api/bulk", **query)["data"]


def device(c, d):
    return c.get(f"/api/devices/{d.guid}")


def known(site, n, **assign):
    """So many devices, which the index has too."""
    note = site.name("many")
    made = [site.device(note=note, **assign) for _ in range(n)]
    wait_for("the index", lambda: site.admin.get(
        "/api/web/devices", note=note)["total"] == n)
    return note, made


def test_many_devices_change_at_once_and_each_row_is_told(site):
    devices = [site.device() for _ in range(3)]
    stranger = type("Gone", (), dict(guid=str(uuid.uuid4())))
    job = bulk(site.admin, "disable", devices + [stranger])
    assert (job["total"], job["done"], job["changed"], job["refused"]) == (4, 4, 3, 1)
    assert all(device(site.admin, d)["status"] == 0 for d in devices)
    rows = report(site.admin)
    assert [r["result"] for r in rows] == ["changed"] * 3 + ["refused"]
    assert [r["name"] for r in rows[:3]] == [d.id for d in devices]
    assert rows[3]["why"] == "Not found"
    assert len(report(site.admin, result="refused")) == 1
    again = bulk(site.admin, "disable", devices)
    assert (again["changed"], again["refused"]) == (0, 0)
    assert {r["result"] for r in report(site.admin)} == {"unchanged"}


def test_each_assignment_does_what_the_call_for_one_device_does(site):
    u = site.user()
    group, _ = site.group("device")
    strategy = site.name("strategy")
    site.admin.post("/api/strategies", dict(name=strategy))
    devices = [site.device() for _ in range(2)]
    for op, value in (("user_name", u.name), ("device_group_name", group),
                      ("strategy_name", strategy), ("note", "moved, by many"),
                      ("device_name", "Desk")):
        assert bulk(site.admin, op, devices, value)["changed"] == 2
        assert all(device(site.admin, d)[op] == value for d in devices)
    assert bulk(site.admin, "user_name", devices, "-")["changed"] == 2
    assert all(device(site.admin, d)["user_name"] == "" for d in devices)
    audit = site.admin.get("/api/audits/console", pageSize=30)["data"]
    assert sum(r["info"] == devices[0].id for r in audit) >= 6
    site.admin.refused("POST", "/api/devices/bulk", dict(
        id=job_id(), op="user_name", value="nobody at all", guids=[devices[0].guid]),
        says="Does not exist: value")
    site.admin.refused("POST", "/api/devices/bulk", dict(
        id=job_id(), op="note", value="x" * 299 + "\n", guids=[devices[0].guid]),
        says="Invalid format: value")


def test_all_that_match_change_and_nothing_else(site):
    note, devices = known(site, 3)
    _, others = known(site, 1)
    job = bulk(site.admin, "disable", None, note=note)
    assert (job["total"], job["changed"]) == (3, 3)
    assert all(device(site.admin, d)["status"] == 0 for d in devices)
    assert device(site.admin, others[0])["status"] == 1
    site.admin.refused("POST", "/api/devices/bulk", dict(id=job_id(), op="enable"),
                       says="Either guids or matching")
    site.admin.refused("POST", "/api/devices/bulk?online=2",
                       dict(id=job_id(), op="enable", matching=True), says="online")


def test_rights_are_looked_at_for_each_row(site):
    group, guid = site.group("device")
    inside, outside = site.device(device_group_name=group), site.device()
    role = site.admin.post("/api/admin-roles", dict(
        name=site.name("role"), type="group", perms=["devices.view", "devices.enable"],
        device_groups=[guid])).json()["guid"]
    helper = site.user()
    site.admin.put(f"/api/users/{helper.guid}", dict(admin_roles=[role]))
    job = bulk(helper, "disable", [inside, outside])
    assert (job["changed"], job["refused"]) == (1, 1)
    assert report(helper)[1]["why"] == "Permission denied"
    assert device(site.admin, outside)["status"] == 1
    # What the role lacks is refused row by row, too.
    assert bulk(helper, "note", [inside], "mine")["refused"] == 1
    # Nobody sees, goes on with or stops what another does.
    mine = bulk(site.admin, "enable", [inside])
    helper.call("POST", f"/api/bulk/{mine['id']}", status=404)
    helper.call("DELETE", f"/api/bulk/{mine['id']}", status=404)
    site.client().call("GET", "/api/bulk", status=401)
    assert site.user().get("/api/bulk") == dict(job=None, total=0, data=[])
    site.user().refused("POST", "/api/devices/bulk", dict(
        id=job_id(), op="enable", guids=[]), status=403)


def test_a_change_of_many_is_taken_back_where_nobody_changed_it_since(site):
    group, _ = site.group("device")
    devices = [site.device(note="before") for _ in range(3)]
    job = bulk(site.admin, "note", devices, "after")
    site.admin.done("POST", f"/api/devices/{devices[1].guid}/assign",
                    dict(type="note", value="somebody else"))
    undo = dict(id=job_id())
    back = finish(site.admin, site.admin.post(f"/api/bulk/{job['id']}/undo", undo).json())
    assert back["undo"] and (back["changed"], back["refused"]) == (2, 1)
    assert [device(site.admin, d)["note"] for d in devices] == [
        "before", "somebody else", "before"]
    assert report(site.admin)[1]["why"] == "Somebody has changed it since"
    # Asked for once more it is not done once more.
    again = site.admin.post(f"/api/bulk/{job['id']}/undo", undo).json()
    assert again == back
    site.admin.refused("POST", f"/api/bulk/{back['id']}/undo", dict(id=job_id()),
                       says="cannot be undone")
    # A group that is gone does not come back.
    moved = bulk(site.admin, "device_group_name", devices, group)
    assert moved["changed"] == 3
    left = bulk(site.admin, "device_group_name", devices, "-")
    gone = site.admin.get("/api/device-groups", name=group)["data"][0]["guid"]
    site.admin.done("DELETE", f"/api/device-groups/{gone}")
    back = site.admin.post(f"/api/bulk/{left['id']}/undo", dict(id=job_id())).json()
    assert finish(site.admin, back)["refused"] == 3


def test_retired_devices_are_taken_back_and_deleted_ones_stay_away(site):
    devices = [site.device(note="kept") for _ in range(2)]
    job = bulk(site.admin, "retire", devices)
    assert job["changed"] == 2
    site.admin.call("GET", f"/api/devices/{devices[0].guid}", status=404)
    back = site.admin.post(f"/api/bulk/{job['id']}/undo", dict(id=job_id())).json()
    assert finish(site.admin, back)["changed"] == 2
    assert device(site.admin, devices[1])["note"] == "kept"
    # An enabled one is disabled on its way out.
    job = bulk(site.admin, "delete", devices)
    assert job["changed"] == 2
    site.admin.call("GET", f"/api/devices/{devices[0].guid}", status=404)
    deleted = site.admin.get("/api/devices/deleted", pageSize=1000)["data"]
    assert {d.id for d in devices} <= {r["id"] for r in deleted}
    back = site.admin.post(f"/api/bulk/{job['id']}/undo", dict(id=job_id())).json()
    assert finish(site.admin, back)["total"] == 0


def test_a_long_change_of_many_is_answered_in_steps_and_gone_on_with_by_any_api(site):
    """A password costs an api some milliseconds, so so many cost it more than a step."""
    names = [site.name("step") for _ in range(1000)]
    text = "name,password\n" + "".join(f"{name},long enough\n" for name in names)
    first = dict(id=job_id(), csv=text)
    job = site.admin.post("/api/users/import", first).json()
    assert job["state"] == "running" and 0 < job["done"] < 1000
    assert b"long enough" not in b"".join(
        site.redis.do("LRANGE", site.redis.do("KEYS", "api:bulk:rows:*")[0], 0, -1))
    # A second api stands for the one that comes after: the job is in Redis alone.
    other = Api(site.redis, data=site.api.dir)
    try:
        c = Client(other.base, site.admin.token)
        more = c.post(f"/api/bulk/{job['id']}").json()
        assert more["done"] > job["done"]
        # The same call again goes on, too: it starts nothing anew.
        again = site.admin.post("/api/users/import", first).json()
        assert again["done"] > more["done"] and again["refused"] == 0
    finally:
        other.stop()
    rows = report(site.admin, pageSize=1000)
    assert [r["name"] for r in rows] == names[:again["done"]]
    assert {r["result"] for r in rows} == {"created"}
    assert site.admin.delete(f"/api/bulk/{job['id']}").json()["state"] == "stopped"
    # What waited had passwords: it is gone with the job.
    assert not site.redis.do("KEYS", "api:bulk:rows:*")
    made = site.admin.get("/api/users", name="step-%", pageSize=1000)["total"]
    assert made == again["done"]


def unfinished(site, c, n=CHUNK + 1):
    """A job of C that is under way: as one whose caller has gone."""
    devices = [site.device() for _ in range(n)]
    job = bulk(c, "note", devices, site.name("unfinished"))
    owner = c.get("/api/currentUser")["name"]
    guid = site.admin.get("/api/users", name=owner)["data"][0]["guid"]
    # The last chunk is taken away from it.
    key = f"api:bulk:{guid}"
    row = site.redis.do("LRANGE", f"api:bulk:report:{guid}", 0, CHUNK - 1)
    assert len(row) == CHUNK
    site.redis.do("HSET", key, "state", "running", "done", CHUNK)
    site.redis.do("LTRIM", f"api:bulk:report:{guid}", 0, CHUNK - 1)
    return job, guid, devices


def test_a_user_has_one_change_of_many_at_a_time(site):
    job, guid, devices = unfinished(site, site.admin)
    other = dict(id=job_id(), op="enable", guids=[devices[0].guid])
    site.admin.refused("POST", "/api/devices/bulk", other, status=409, says="under way")
    assert site.admin.get("/api/bulk")["job"]["state"] == "running"
    stopped = site.admin.delete(f"/api/bulk/{job['id']}").json()
    assert stopped["state"] == "stopped"
    assert site.admin.post(f"/api/bulk/{job['id']}").json()["state"] == "stopped"
    assert site.admin.post("/api/devices/bulk", other).json()["state"] == "done"


def test_there_are_so_many_rows_and_not_one_more(site):
    guids = [str(uuid.UUID(int=i)) for i in range(10000)]
    job = site.admin.post("/api/devices/bulk", dict(id=job_id(), op="enable", guids=guids)).json()
    job = finish(site.admin, job)
    assert (job["total"], job["refused"]) == (10000, 10000)
    guids.append(str(uuid.uuid4()))
    site.admin.refused("POST", "/api/devices/bulk", dict(id=job_id(), op="enable", guids=guids),
                       says="guids")
    text = "id\n" + "".join(f"{i}\n" for i in range(10001))
    site.admin.refused("POST", "/api/devices/import", dict(csv=text, preview=True),
                       says="More than 10000 rows")
    big = "id,note\n" + "1," + "x" * (4 << 20)
    site.admin.refused("POST", "/api/devices/import", dict(csv=big, preview=True), says="csv")


def test_many_users_change_at_once_but_nobody_changes_himself(site):
    group, _ = site.group()
    users = [site.user() for _ in range(3)]
    job = bulk(site.admin, "group_name", users, group, kind="users")
    assert job["changed"] == 3
    me = site.admin.get("/api/users", name="admin")["data"][0]
    self = type("Me", (), dict(guid=me["guid"]))
    job = bulk(site.admin, "disable", users + [self], kind="users")
    assert (job["changed"], job["refused"]) == (3, 1)
    assert report(site.admin)[3]["why"] == "You cannot disable yourself"
    users[0].call("GET", "/api/currentUser", status=401)
    back = site.admin.post(f"/api/bulk/{job['id']}/undo", dict(id=job_id())).json()
    assert finish(site.admin, back)["changed"] == 3
    assert site.admin.get(f"/api/users/{users[0].guid}")["status"] == 1
    assert bulk(site.admin, "delete", users[:2], kind="users")["changed"] == 2
    site.admin.call("GET", f"/api/users/{users[0].guid}", status=404)
    site.user().refused("POST", "/api/users/bulk", dict(
        id=job_id(), op="delete", guids=[me["guid"]]), status=403)
    site.admin.refused("POST", "/api/users/bulk", dict(id=job_id(), op="dance", guids=[]),
                       says="op")


def run_import(c, path, text):
    seen = c.post(path, dict(csv=text, preview=True)).json()
    job = finish(c, c.post(path, dict(id=job_id(), csv=text)).json())
    assert (job["changed"], job["refused"]) == (seen["created"] + seen["changed"],
                                                seen["refused"])
    return seen["data"], report(c, pageSize=1000)


def test_an_import_of_devices_says_what_will_change_and_does_it(site):
    u = site.user()
    old = site.device(note="old note", user_name=u.name)
    same = site.device(note="same")
    text = ("id,device_name,user_name,note,status,os\r\n"
            f'{old.id},"Desk, ""left""",-,new note,0,ignored\r\n'
            f"{same.id},,,same,1,\r\n"
            f"{same.id}9,,,x,,\r\n"
            f"{site.device().id},,no such user,,,\r\n")
    before = device(site.admin, old)
    preview = site.admin.post("/api/devices/import", dict(csv=text, preview=True)).json()
    assert device(site.admin, old) == before
    assert [preview[k] for k in ("total", "created", "changed", "unchanged", "refused")] == [
        4, 0, 1, 1, 2]
    rows = preview["data"]
    changes = {x["member"]: (x["before"], x["after"]) for x in rows[0]["changes"]}
    assert changes == {"device_name": ("", 'Desk, "left"'), "user_name": (u.name, ""),
                       "note": ("old note", "new note"), "status": ("1", "0")}
    assert [r["result"] for r in rows] == ["changed", "unchanged", "refused", "refused"]
    assert rows[2]["why"] == "Device is not registered yet"
    assert rows[3]["why"] == "Does not exist: no such user"
    _, done = run_import(site.admin, "/api/devices/import", text)
    assert [r["result"] for r in done] == [r["result"] for r in rows]
    now = device(site.admin, old)
    assert (now["device_name"], now["user_name"], now["note"], now["status"]) == (
        'Desk, "left"', "", "new note", 0)


def test_an_import_brings_nothing_back_that_was_taken_out(site):
    gone, retired = site.device(), site.device()
    bulk(site.admin, "delete", [gone])
    bulk(site.admin, "retire", [retired])
    text = f"id,note\n{gone.id},back\n{retired.id},back\n"
    rows, _ = run_import(site.admin, "/api/devices/import", text)
    assert [r["why"] for r in rows] == ["Device is not registered yet"] * 2
    deleted = site.admin.get("/api/devices/deleted", pageSize=1000)["data"]
    assert gone.id in {r["id"] for r in deleted}


def test_an_import_tells_nothing_of_devices_outside_the_rights(site):
    _, group = site.group("device")
    u, role = site.user(), site.admin.post("/api/admin-roles", dict(
        name=site.name("role"), type="group", device_groups=[group], unassigned=False,
        perms=["devices.view", "devices.info"])).json()
    site.admin.done("PUT", f"/api/users/{u.guid}", dict(admin_roles=[role["guid"]]))
    owner = site.user()
    outside = site.device(user_name=owner.name, note="secret")
    for text in (f"id\n{outside.id}\n", f"id,user_name\n{outside.id},{owner.name}\n",
                 f"id,note\n{outside.id},secret\n"):
        row, = u.post("/api/devices/import", dict(csv=text, preview=True)).json()["data"]
        assert (row["result"], row["why"], row["guid"]) == ("refused", "Permission denied", "")


def test_a_file_of_separators_costs_no_memory(site):
    u = site.user()
    book = u.get("/api/ab/personal")["guid"]
    text = "id\n" + ("," * 63 + "\n") * 60000

    def most():
        with open(f"/proc/{site.api.proc.pid}/status") as f:
            return int(next(x.split()[1] for x in f if x.startswith("VmHWM")))
    u.post(f"/api/ab/import/{book}", dict(csv="id\n", preview=True))
    before = most()
    u.post(f"/api/ab/import/{book}", dict(csv=text, preview=True))
    assert most() - before < 100 << 10      # KiB; each cell on its own took 180 MiB


def test_an_import_of_users_creates_and_changes_them(site):
    group, _ = site.group()
    u = site.user(email="was@example.org")
    text = ("name;email;group_name;note;password\n"
            f"{u.name};now@example.org;{group};;ignored for him\n"
            f"newcomer;fresh@example.org;{group};from a file;long enough\n"
            "short;;;;short\n")
    rows, done = run_import(site.admin, "/api/users/import", text)
    assert [r["result"] for r in rows] == ["changed", "created", "refused"]
    assert [r["result"] for r in done] == [r["result"] for r in rows]
    assert {x["member"]: x["before"] for x in rows[0]["changes"]} == {
        "email": "was@example.org", "group_name": ""}
    assert "8 characters" in rows[2]["why"]
    site.login("newcomer", "long enough")
    site.login(u.name, u.password)
    assert site.admin.get(f"/api/users/{u.guid}")["email"] == "now@example.org"
    site.user().refused("POST", "/api/users/import", dict(csv=text), status=403)


def test_an_import_of_a_book_makes_its_tags_and_keeps_its_caps(site):
    u = site.user()
    book = u.get("/api/ab/personal")["guid"]
    path = f"/api/ab/import/{book}"
    text = 'id,alias,tags,note\n11,Front door,"a, b",x\n12,Back door,b,\n'
    rows, _ = run_import(u, path, text)
    assert [r["result"] for r in rows] == ["created", "created"]
    entries = {e["id"]: e for e in u.get("/api/ab/peers", ab=book)["data"]}
    assert entries["11"]["tags"] == ["a", "b"] and entries["12"]["alias"] == "Back door"
    assert {t["name"] for t in u.get(f"/api/ab/tags/{book}")} == {"a", "b"}
    rows, _ = run_import(u, path, "id,alias\n11,Gate\n12,Back door\n")
    assert [r["result"] for r in rows] == ["changed", "unchanged"]
    assert rows[0]["changes"] == [dict(member="alias", before="Front door", after="Gate")]
    site.user().refused("POST", path, dict(csv=text), status=404)
    site.settings(max_peer_one_ab=3)
    try:
        rows, _ = run_import(u, path, "id\n13\n14\n")
    finally:
        site.settings(max_peer_one_ab=0)
    assert [r.get("why") for r in rows] == [None, "exceed_max_devices"]


@pytest.mark.parametrize("text, says", [
    ("", "empty"), ("name\nx\n", "Unknown column: name"), ("note\nx\n", "Missing column: id"),
    ("id,note\n1,a\n1,b\n", "Lines 2 and 3 have the same id: 1"),
    ('id,note\n1,"a\n', "Line 2: A quote is not closed"),
    ('id,note\n1,"a"b\n', "Line 2: There is text after a closing quote"),
    (",".join(["id"] * 65), "too many cells"),
])
def test_a_file_that_cannot_be_read_is_refused_with_its_line(site, text, says):
    site.admin.refused("POST", "/api/devices/import", dict(csv=text, preview=True), says=says)


def rows_of(c, path, **query):
    r = c.call("GET", path, status=200, **query)
    assert r.headers["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(r.content.decode())))


def test_an_export_has_all_that_matches_and_is_an_import_that_changes_nothing(site):
    u = site.user()
    note, devices = known(site, 120, user_name=u.name)  # more than are made at a time
    rows = rows_of(site.admin, "/api/devices/export", note=note, sort="-id")
    assert [r["id"] for r in rows] == sorted((d.id for d in devices), reverse=True)
    assert rows[0]["user_name"] == u.name and rows[0]["os"] == "linux / Debian 12"
    text = site.admin.call("GET", "/api/devices/export", note=note).content.decode()
    # The names that devices report themselves become those of the administrator.
    seen = site.admin.post("/api/devices/import", dict(csv=text, preview=True)).json()
    assert seen["unchanged"] == 120, seen["data"][:3]
    site.user().call("GET", "/api/devices/export", status=403)
    site.admin.refused("GET", "/api/devices/export", online="maybe")


def test_users_are_searched_by_all_that_people_know_of_them(site):
    u = site.user(display_name="Wilhelmina Searched", email="w.s@example.org",
                  note="third floor, west")
    for text in (u.name.upper(), "mina sea", "W.S@", "floor, w"):
        assert u.name in [r["name"] for r in site.admin.get("/api/users", q=text)["data"]]
    assert site.admin.get("/api/users", q="no such person anywhere")["total"] == 0


def test_cells_that_begin_as_formulas_are_made_harmless_and_come_back(site):
    u = site.user(display_name="=cmd()", note='+1 "quoted", and more')
    assert [r["name"] for r in rows_of(site.admin, "/api/users/export", q="QUOTED")] == [u.name]
    row = rows_of(site.admin, "/api/users/export", name=u.name)[0]
    for name in ("'=mine", "''+two", "it's"):      # what people wrote stays what they wrote
        site.admin.done("PUT", f"/api/users/{site.user(display_name=name).guid}", {})
    text = site.admin.call("GET", "/api/users/export").content.decode()
    seen = site.admin.post("/api/users/import", dict(csv=text, preview=True)).json()
    assert seen["changed"] == 0, seen["data"]
    assert row["display_name"] == "'=cmd()" and row["note"] == "'+1 \"quoted\", and more"
    text = site.admin.call("GET", "/api/users/export", name=u.name).content.decode()
    seen = site.admin.post("/api/users/import", dict(csv=text, preview=True)).json()
    assert seen["unchanged"] == 1, seen
    site.user().call("GET", "/api/users/export", status=403)


def test_an_exported_book_is_the_same_book_again_but_for_its_passwords(site):
    u = site.user()
    book = u.post("/api/ab/shared/add", dict(name=site.name("book"))).json()["guid"]
    u.done("POST", f"/api/ab/tag/add/{book}", dict(name="one"))
    u.done("POST", f"/api/ab/peer/add/{book}", dict(
        id="77", alias="Lab", tags=["one"], password="very secret", hostname="lab-1"))
    text = u.call("GET", f"/api/ab/export/{book}", status=200).content.decode()
    assert "very secret" not in text and '"lab-1"' in text
    seen = u.post(f"/api/ab/import/{book}", dict(csv=text, preview=True)).json()
    assert seen["unchanged"] == 1, seen
    site.user().call("GET", f"/api/ab/export/{book}", status=404)


def slow_reader(site, path, token):
    """Asks for PATH and reads the beginning alone."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", site.api.port))
    s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return s, s.recv(12)


def test_so_many_exports_are_sent_at_a_time_and_a_slow_reader_holds_up_nobody(site):
    u = site.user()
    book = u.get("/api/ab/personal")["guid"]
    for first in (10000, 20000, 30000):
        text = "id,alias\n" + "".join(f"{first + i},{'x' * 1000}\n" for i in range(3300))
        job = u.post(f"/api/ab/import/{book}", dict(id=job_id(), csv=text)).json()
        assert finish(u, job)["changed"] == 3300
    path = f"/api/ab/export/{book}"
    readers = [slow_reader(site, path, u.token) for _ in range(4)]
    assert [head for _, head in readers] == [b"HTTP/1.1 200"] * 4
    u.refused("GET", path, status=503, says="Too many exports")
    assert site.device().heartbeat() is not None
    for s, _ in readers:
        s.close()
    wait_for("room", lambda: u.call("GET", path).status_code == 200)
    assert len(rows_of(u, path)) == 9900
