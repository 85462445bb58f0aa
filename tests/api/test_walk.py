"""A new company, in the order it would do things."""
import pytest

from harness import Device, World
from test_login import enable_totp, first_step, second_step, totp


@pytest.fixture()
def company():
    w = World()
    yield w
    w.stop()


def test_from_first_start_to_a_disconnected_session(company):
    w = company
    # first start: the administrator signs in with the random password
    admin = w.admin
    assert admin.post("/api/currentUser").json()["is_admin"] is True

    # groups and users
    sales = admin.post("/api/user-groups", dict(name="Sales")).json()
    support = admin.post("/api/user-groups", dict(
        name="Support", allowed_outgoings=[dict(type=0, name="Sales")])).json()
    for name, group in (("sam", "Sales"), ("sue", "Support")):
        admin.post("/api/users", dict(name=name, password="first password", group_name=group))

    # devices: one is enrolled by sign-in, one by --assign, one by a preset
    # that an administrator approves
    desk, box, kiosk = Device(w), Device(w), Device(w)
    assert desk.sysinfo() == "SYSINFO_UPDATED"
    first_step(w, "sam", "first password", **desk.who())
    scripts = w.token(device=2, strategy=2, address_book=2)
    admin.post("/api/device-groups", dict(name="Kiosks", allowed_incomings=[
        dict(type=0, name="Support")]))
    scripts.done("POST", "/api/devices/cli", box.who(user_name="sam", note="rack 1"))
    assert box.sysinfo() == "SYSINFO_UPDATED"
    assert kiosk.sysinfo(**{"preset-device-group-name": "Kiosks"}) == "SYSINFO_UPDATED"
    waiting = admin.get("/api/devices/presets")["data"]
    assert [(r["id"], r["presets"]) for r in waiting] == [
        (kiosk.id, {"device_group_name": "Kiosks"})]
    admin.done("POST", f"/api/devices/{kiosk.guid}/approve")

    # a shared address book
    book = admin.post("/api/ab/shared/add", dict(name="All desks", note=None)).json()["guid"]
    admin.post("/api/ab/rule", dict(guid=book, rule=1, group="Support"))
    admin.done("POST", f"/api/ab/peer/add/{book}", dict(id=desk.id, alias="Sam's desk"))

    # a strategy for everything that Sam owns
    sam = admin.get("/api/users", name="sam")["data"][0]["guid"]
    strategy = admin.post("/api/strategies", dict(
        name="Locked", config_options={"enable-audio": "N"})).json()
    admin.done("POST", "/api/strategies/assign", dict(strategy=strategy["guid"], users=[sam]))
    for d in (desk, box):
        assert d.heartbeat()["strategy"]["config_options"] == {"enable-audio": "N"}
    assert "strategy" not in kiosk.heartbeat()

    # Sue sets up one-time codes and signs in as her client does
    sue = w.login("sue", "first password")
    secret, _ = enable_totp(sue)
    laptop = Device(w)
    first = first_step(w, "sue", "first password", **laptop.who())
    assert first["tfa_type"] == "tfa_check"
    reply = second_step(w, "sue", first, totp(secret), **laptop.who())
    sue = w.client(reply["access_token"])
    assert reply["user"]["name"] == "sue"

    # what she sees: Sam's devices by the cross-group rule, the kiosk by its group
    r = sue.call("GET", "/api/peers?current=1&pageSize=100&accessible&status=1", status=200)
    assert {p["id"] for p in r.json()["data"]} >= {desk.id, box.id, kiosk.id}
    profile = sue.post("/api/ab/shared/profiles").json()["data"][0]
    assert profile["name"] == "All desks" and profile["rule"] == 1
    peers = sue.post("/api/ab/peers", ab=book).json()["data"]
    assert peers[0]["alias"] == "Sam's desk"

    # she connects: hbbs leaves its reference, the controlled device reports
    sue_guid = admin.get("/api/users", name="sue")["data"][0]["guid"]
    w.redis.do("HSET", "conn:ref:walk", "user", sue_guid, "name", "sue", "peer", laptop.id,
               "ip", "203.0.113.5", "target", desk.id)
    desk.audit("conn", ip="203.0.113.5", action="new", conn_id=7, session_id=0,
               conn_audit_ref="walk")
    desk.audit("conn", peer=[laptop.id, "Sue"], type=0, conn_id=7, session_id=2**63 + 5,
               primary_auth=3)
    row = admin.get("/api/audits/conn", remote=desk.id)["data"][0]
    assert row["verified"] and row["user_name"] == "sue" and row["session_id"] == 2**63 + 5

    # the administrator ends it, and the audit shows all of it
    admin.done("POST", f"/api/audits/conn/{row['guid']}/disconnect")
    assert desk.heartbeat(conns=[7])["disconnect"] == [7]
    desk.audit("conn", action="close", conn_id=7, session_id=2**63 + 5)
    assert admin.get("/api/audits/conn", remote=desk.id)["data"][0]["end_time"]
    done = {(r["typ"], r["iop"]) for r in admin.get("/api/audits/console", pageSize=100)["data"]}
    assert {(1, 0), (0, 1), (1, 2), (3, 15), (3, 20), (2, 5)} <= done
    assert sales["guid"] != support["guid"]
